#!/bin/sh
# Whether the component's reports say what they have to: reports.sh VALIDATE DIFF, the folders of both jobs.
set -eu
validate=$1
diff=$2

# has FILE TEXT: the file has the text.
has() {
    grep --quiet --fixed-strings -e "$2" "$1" || { echo "$1 does not have: $2" >&2; exit 1; }
}
has_not() {
    if grep --quiet --fixed-strings -e "$2" "$1"; then echo "$1 has: $2" >&2; exit 1; fi
}

has "$validate/index.html" cvc-datatype-valid.1.2.1
if [ -e "$validate/junit.xml" ]; then
    has "$validate/junit.xml" "<failure"
    has "$validate/junit.xml" 'wrong &amp; price.xml'
    has "$validate/quality.json" '"fingerprint"'
    has "$validate/quality.json" '"location"'
fi

page=$diff/index.html
has "$page" '<tr><td>tests/feeds/dearer.xml<td>changed<td><a href='
has "$page" '<tr><td>tests/feeds/new &lt;one&gt;.xml<td>new<td>'
has "$page" '<tr><td>tests/feeds/gone.xml<td>removed<td>'
has "$page" '<tr><td>tests/feeds/moved.xml → tests/feeds/archive/moved.xml<td>no record differs<td>'
has "$page" '<tr><td>tests/feeds/cut.xml<td>could not be compared<td>'
has_not "$page" 'wrong & price'
linked=$(sed -n 's/.*dearer.xml<td>changed<td><a href="\([^"]*\)".*/\1/p' "$page")
has "$diff/$linked" 53.00
has "$diff/$linked" 51.00
echo "the reports say what they have to"

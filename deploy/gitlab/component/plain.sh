#!/bin/sh
# Writes the template for servers without inputs (before GitLab 17.0) to standard output: plain.sh > plain/feeds.yml
#
# Inputs become their defaults; jobs are called feedgate-validate and feedgate-diff, and what one wants otherwise is said
# by variables of the jobs (README.md). A check holds plain/feeds.yml against this.
set -eu
cd "$(dirname "$0")"

echo '# Made by plain.sh from templates/feeds.yml; change that one. For servers that have no components: README.md.'
awk '
    # Head: remembers the default of each input.
    !body && /^    [a-z-]+:$/ { name = $1; sub(":", "", name) }
    !body && /^      default: / { value = $0; sub("^      default: ", "", value); if (value == "\"\"") value = ""; values[name] = value }
    /^---$/ { body = 1; next }
    body {
        line = $0
        for (name in values) {
            while ((at = index(line, "$[[ inputs." name " ]]")) > 0)
                line = substr(line, 1, at - 1) values[name] substr(line, at + length("$[[ inputs." name " ]]"))
        }
        print line
    }
' templates/feeds.yml

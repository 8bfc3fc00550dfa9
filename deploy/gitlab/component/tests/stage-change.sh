#!/bin/sh
# What a merge request may do to feeds, as a commit on top: one dearer, one new, one gone, one moved, one cut off. The
# commit before is called before-change.
set -eu
cd "$(dirname "$0")/feeds"

git tag --force before-change
sed -i 's,<amount>51.00<,<amount>53.00<,' dearer.xml
sed 's,messageNumber>17<,messageNumber>18<,' dearer.xml >"new <one>.xml"
git rm --quiet gone.xml
mkdir -p archive
git mv moved.xml archive/moved.xml
head -c 600 cut.xml >cut.tmp
mv cut.tmp cut.xml
git add --all .
git -c user.name=test -c user.email=test@shop.example commit --quiet --message "feeds change"

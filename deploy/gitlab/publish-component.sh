#!/bin/sh
# Publishes deploy/gitlab/component as a project of its own: publish-component.sh URL VERSION
#
# Its history there is the history of that folder here. The version must be new: what somebody has pinned never changes.
set -eu

url=$1
version=$2
cd "$(git rev-parse --show-toplevel)"

case $version in
*[!0-9.]* | *..* | .* | *.) ;;
*.*.*.*) ;;
*.*.*) valid=yes ;;
esac
[ "${valid:-}" ] || { echo "publish-component.sh: \`$version\` is no version such as 1.2.3" >&2; exit 2; }
grep -q "^## $version\$" deploy/gitlab/component/CHANGELOG.md ||
    { echo "publish-component.sh: CHANGELOG.md of the component does not tell of $version" >&2; exit 2; }
if [ -n "$(git ls-remote --tags "$url" "refs/tags/$version")" ]; then
    echo "publish-component.sh: $version is published already; take the next number" >&2
    exit 2
fi

commit=$(git subtree split -q --prefix=deploy/gitlab/component HEAD)
git push "$url" "$commit:refs/heads/main" "$commit:refs/tags/$version"

#!/bin/sh
# Checks deploy/terraform: formatted, valid against the providers' schemas, tests pass, documented, and no secret in it.
#
# Without the registry of Terraform, the providers are a stand-in that has their schemas (deploy/checks/support/provider), so
# `terraform validate` and the tests of every module run all the same. TERRAFORM=tofu takes OpenTofu.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=deploy/checks/support/tools.sh
. "$here/support/tools.sh"
source=$root/deploy/terraform
terraform=${TERRAFORM:-terraform}

folder=$(mktemp -d "${TMPDIR:-/tmp}/feedgate-terraform.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' INT TERM HUP

check "what every module and environment has to have" python3 "$here/support/terraform.py" "$source"
if debian_tool shellcheck; then
    check "shellcheck: deploy/checks/terraform.sh" shellcheck -x -P "$root" "$here/terraform.sh"
else
    skipped "shellcheck cannot be had"
fi
if ! command -v "$terraform" >/dev/null; then
    skipped "$terraform cannot be had: nothing of deploy/terraform is validated or tested"
    finish
    exit
fi

# On a copy: nothing is left behind in the tree. The machine's own configuration does not matter here.
cp -R "$source" "$folder/terraform"
TF_CLI_CONFIG_FILE=$folder/cli.tfrc
TF_IN_AUTOMATION=1
CHECKPOINT_DISABLE=1
export TF_CLI_CONFIG_FILE TF_IN_AUTOMATION CHECKPOINT_DISABLE
: >"$TF_CLI_CONFIG_FILE"
check "formatted" "$terraform" fmt -check -diff -recursive "$folder/terraform"

scanned "deploy/terraform" "$folder/terraform"

# The stand-in, under the name of each provider, where Terraform looks for installed providers.
stand_in() {
    # shellcheck disable=SC2034 # for fetch_stand_in
    PROVIDER=$here/support/provider
    fetch_stand_in || return 1
    FEEDGATE_PROVIDER_SCHEMAS=$PROVIDER/schemas.json
    export FEEDGATE_PROVIDER_SCHEMAS
    # shellcheck disable=SC2154 # of fetch_stand_in
    python3 "$here/support/terraform.py" --mirror "$FEEDGATE_PROVIDER_SCHEMAS" "$stand_in" "$folder/mirror" \
        >"$TF_CLI_CONFIG_FILE"
}
if stand_in; then
    where=$(cd "$folder/terraform" && find . -name '*.tf' -exec dirname {} + | sort -u)
else
    skipped "no Go, or the stand-in for providers cannot be built: modules with providers are not validated"
    where=$(cd "$folder/terraform" && find . -name versions.tf -exec grep -L required_providers {} + | sed 's,/[^/]*$,,')
fi
# What mutate.py has changed comes first: there is a finding in it.
changed=$(dirname "${FEEDGATE_CHANGED:-nothing}")
where=$(for path in $where; do
    [ "terraform/${path#./}" != "$changed" ] || echo "0 $path"
    [ "terraform/${path#./}" = "$changed" ] || echo "1 $path"
done | sort -s -k 1,1 | cut -d ' ' -f 2)

# `terraform validate`, and the tests that stand beside a module.
module() {
    cd "$folder/terraform/$1" && "$terraform" init -backend=false -input=false -no-color >init.log || return 1
    "$terraform" validate -no-color
}
tested() {
    cd "$folder/terraform/$1" && "$terraform" test -no-color
}
for path in $where; do
    path=${path#./}
    check "$path: valid" module "$path"
    if [ -d "$folder/terraform/$path/tests" ]; then
        check "$path: tests" tested "$path"
        printf '%s\n' "$output" | grep -q '^Success! [1-9][0-9]* passed, 0 failed' || failed "$path: no test has run"
    fi
done

finish

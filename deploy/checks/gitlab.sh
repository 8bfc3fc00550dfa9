#!/bin/sh
# Checks .gitlab-ci.yml and deploy/gitlab: well written, pinned, without secrets; which jobs each kind of pipeline has; and
# runs what can be run: the component's own pipeline by gitlab-ci-local with feedgate in the PATH, its variant for older
# servers, and the scripts that publish it and that compare manifests.
#
# FEEDGATE_BIN names the program; without it target/release/feedgate or target/debug/feedgate is taken.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=deploy/checks/support/tools.sh
. "$here/support/tools.sh"

folder=$(mktemp -d "${TMPDIR:-/tmp}/feedgate-gitlab.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 143' INT TERM HUP
# Nothing of the machine's own settings, and nobody's name.
GIT_CONFIG_GLOBAL=$folder/gitconfig
GIT_CONFIG_NOSYSTEM=1
export GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM
printf '[user]\nname = test\nemail = test@shop.example\n[init]\ndefaultBranch = main\n[advice]\ndetachedHead = false\n' \
    >"$GIT_CONFIG_GLOBAL"

if ! python_tools; then
    skipped "Python packages cannot be had (see $FEEDGATE_TOOLS/py-infra.log): nothing of deploy/gitlab is checked"
    finish
    exit
fi
cat >"$folder/yamllint" <<'Y'
extends: default
rules:
  document-start: disable
  line-length: {max: 140}
  braces: {max-spaces-inside: 1}
  truthy: {check-keys: false}
  comments: {min-spaces-from-content: 1}
Y
check "yamllint" yamllint --strict --config-file "$folder/yamllint" "$root/.gitlab-ci.yml" "$root/deploy/gitlab"
check "pinned, tested as .ci/run, deployed by digest, no secret, component told" \
    python3 "$here/support/gitlab.py" check "$root"

if debian_tool shellcheck; then
    check "shellcheck: deploy/gitlab, deploy/checks/gitlab.sh" shellcheck -x -P "$root" "$root"/deploy/gitlab/*.sh \
        "$root"/deploy/gitlab/component/*.sh "$root"/deploy/gitlab/component/tests/*.sh "$here/gitlab.sh"
    python3 "$here/support/gitlab.py" scripts "$root" "$folder/scripts"
    # Variables come from GitLab, `cd` fails the job by itself, and git's helper expands its own words.
    check "shellcheck: scripts of all jobs" shellcheck -e SC2164,SC2154,SC2016 "$folder"/scripts/*.sh
else
    skipped "shellcheck cannot be had"
fi

# repository FOLDER: makes a repository with one commit of it, as a clone of GitLab's would be.
repository() {
    git -C "$1" init --quiet && git -C "$1" add --all && git -C "$1" commit --quiet --message "as it is" &&
        git -C "$1" remote add origin "git@gitlab.example:shop/$(basename "$1").git" &&
        git -C "$1" update-ref refs/remotes/origin/main HEAD &&
        git -C "$1" symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/main
}
# ci FOLDER ARGUMENT...: gitlab-ci-local, which wants to be started where the project is.
ci() {
    cd "$1" && shift && gitlab-ci-local "$@" </dev/null
}

binary=${FEEDGATE_BIN:-}
for candidate in "$root/target/release/feedgate" "$root/target/debug/feedgate"; do
    [ -n "$binary" ] || [ ! -x "$candidate" ] || binary=$candidate
done

# --- pipelines of this project
pipelines() {
    kind=$1
    shift
    ci "$folder/feedgate" --list-csv --no-evaluate-rule-changes \
        --ignore-predefined-vars CI_COMMIT_BRANCH,CI_PIPELINE_SOURCE,CI_COMMIT_TAG "$@" \
        >"$folder/$kind.csv" 2>"$folder/$kind.log" || { cat "$folder/$kind.log"; return 1; }
    python3 "$here/support/gitlab.py" list "$root" "$kind" "$folder/$kind.csv"
}
# --- the component, as its own pipeline runs it
component() {
    cp -R "$root/deploy/gitlab/component" "$folder/component" && repository "$folder/component" &&
        ci "$folder/component" --force-shell-executor --shell-isolation || return 1
    reports=$folder/component/.gitlab-ci-local/builds/feedgate-validate/feedgate-validate
    python3 - "$reports" <<'P'
import json, pathlib, sys, xml.etree.ElementTree as tree
folder = pathlib.Path(sys.argv[1])
suites = tree.parse(folder / "junit.xml").getroot().findall("testsuite")
assert len(suites) == 5, suites
assert sum(int(s.get("failures")) for s in suites) == 1
(entry,) = json.loads((folder / "quality.json").read_text())
assert entry["location"]["path"] == "tests/feeds/wrong & price.xml" and entry["location"]["lines"]["begin"] == 47, entry
assert entry["fingerprint"] and entry["severity"] == "major" or entry["severity"] in ("critical", "blocker"), entry
P
}
# --- another project that includes it, with inputs of its own: two folders, two pairs of jobs
inputs() {
    mkdir -p "$folder/two/old" "$folder/two/new" && cp "$root/deploy/gitlab/component/templates/feeds.yml" "$folder/two/" &&
        cp "$root/deploy/gitlab/component/tests/feeds/dearer.xml" "$folder/two/new/" &&
        cp "$root/deploy/gitlab/component/tests/feeds/wrong & price.xml" "$folder/two/old/" || return 1
    for name in old new; do
        printf '  - local: feeds.yml\n    inputs: {feeds: %s, job-prefix: %s-feeds, format: catalogue}\n' "$name" "$name"
    done | { echo 'include:' && cat; } >"$folder/two/.gitlab-ci.yml"
    repository "$folder/two" || return 1
    ci "$folder/two" --force-shell-executor --shell-isolation new-feeds-validate || return 1
    [ -s "$folder/two/.gitlab-ci-local/builds/new-feeds-validate/new-feeds-validate/index.html" ] || return 1
    ! ci "$folder/two" --force-shell-executor --shell-isolation old-feeds-validate
}
# --- the variant for older servers; a wrong record fails the job
plain() {
    mkdir -p "$folder/house" && cp "$root/deploy/gitlab/component/plain/feeds.yml" "$folder/house/feeds.yml" &&
        cp -R "$root/deploy/gitlab/component/tests/feeds" "$folder/house/catalogue" || return 1
    printf 'include:\n  - local: feeds.yml\nfeedgate-validate:\n  variables:\n    FEEDS: catalogue\n' >"$folder/house/.gitlab-ci.yml"
    repository "$folder/house" || return 1
    status=0
    ci "$folder/house" --force-shell-executor --shell-isolation feedgate-validate || status=$?
    [ "$status" -ne 0 ] || { echo "a wrong record does not fail the job"; return 1; }
    grep -q '<failure' "$folder"/house/.gitlab-ci-local/builds/feedgate-validate/feedgate-validate/junit.xml || return 1
    rm "$folder/house/catalogue/wrong & price.xml"
    git -C "$folder/house" commit --quiet --all --message "without it"
    ci "$folder/house" --force-shell-executor --shell-isolation feedgate-validate
}
missing() {
    cp -R "$folder/house" "$folder/empty" && rm -rf "$folder/empty/catalogue" &&
        git -C "$folder/empty" commit --quiet --all --message "no feeds" || return 1
    status=0
    ci "$folder/empty" --force-shell-executor --shell-isolation --variable FAIL_ON=failures feedgate-validate \
        >"$folder/empty.log" 2>&1 || status=$?
    cat "$folder/empty.log"
    [ "$status" -ne 0 ] && grep -q 'feedgate-validate.*catalogue' "$folder/empty.log"
}
if ! command -v node >/dev/null || ! node_tools || ! debian_tool rsync; then
    skipped "gitlab-ci-local or rsync cannot be had (see $FEEDGATE_TOOLS/node-infra.log): no pipeline is listed or run"
else
    mkdir "$folder/feedgate"
    cp -R "$root/.gitlab-ci.yml" "$root/deploy" "$folder/feedgate/"
    repository "$folder/feedgate"
    check "jobs of main" pipelines main --variable CI_COMMIT_BRANCH=main --variable CI_PIPELINE_SOURCE=push
    check "jobs of the nightly schedule" pipelines schedule --variable CI_COMMIT_BRANCH=main \
        --variable CI_PIPELINE_SOURCE=schedule
    git -C "$folder/feedgate" checkout --quiet -b change
    check "jobs of a merge request" pipelines merge_request --unset-variable CI_COMMIT_BRANCH \
        --variable CI_PIPELINE_SOURCE=merge_request_event
    check "jobs of a release" pipelines tag --unset-variable CI_COMMIT_BRANCH --variable CI_COMMIT_TAG=v1.2.3 \
        --variable CI_PIPELINE_SOURCE=push
    if [ -n "$binary" ]; then
        mkdir "$folder/bin" && cp "$binary" "$folder/bin/feedgate"
        PATH=$folder/bin:$PATH
        check "the component's pipeline runs, its reports are right" component
        check "included twice, with inputs" inputs
        check "plain include: a wrong record fails the job, right ones do not" plain
        check "feeds that are not there fail the job, whatever fail-on says" missing
    else
        skipped "no program for the component's pipeline: set FEEDGATE_BIN or build it"
    fi
fi

made() { sh "$root/deploy/gitlab/component/plain.sh" | diff - "$root/deploy/gitlab/component/plain/feeds.yml"; }
check "plain/feeds.yml is what plain.sh makes of templates/feeds.yml" made

# --- publishing the component
published() {
    mkdir "$folder/source" && cp -R "$root/deploy" "$folder/source/deploy" && repository "$folder/source" &&
        git init --quiet --bare "$folder/published.git" && cd "$folder/source" || return 1
    publish=deploy/gitlab/publish-component.sh
    $publish "$folder/published.git" 0.1.0 || return 1
    git -C "$folder/published.git" ls-tree -r --name-only 0.1.0 >"$folder/names"
    for name in templates/feeds.yml plain/feeds.yml README.md .gitlab-ci.yml LICENSE-MIT; do
        grep -qx "$name" "$folder/names" || { echo "$name is not published"; return 1; }
    done
    for version in 0.1.0 0.2.0 1.2 1.2.3.4 latest; do
        ! $publish "$folder/published.git" "$version" 2>/dev/null || { echo "$version is published"; return 1; }
    done
}
check "a version of the component is published once" published

# --- what a change does to the manifests
compared() {
    mkdir -p "$folder/manifests/deploy/kubernetes/overlays/dev" && cd "$folder/manifests" || return 1
    printf 'resources: [a.yaml]\n' >deploy/kubernetes/overlays/dev/kustomization.yaml
    printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  word: "<one>"\n' >deploy/kubernetes/overlays/dev/a.yaml
    repository "$folder/manifests" || return 1
    "$root/deploy/gitlab/manifests-diff.sh" HEAD "$folder/same" || return 1
    grep -q 'Nothing that is deployed changes' "$folder/same/index.html" || return 1
    sed -i 's/<one>/<two>/' deploy/kubernetes/overlays/dev/a.yaml
    cp -R deploy/kubernetes/overlays/dev deploy/kubernetes/overlays/stage
    "$root/deploy/gitlab/manifests-diff.sh" HEAD "$folder/other" || return 1
    cat "$folder/other/index.html"
    grep -q '<del>-  word: &lt;one&gt;</del>' "$folder/other/index.html" &&
        grep -q '<ins>+  word: &lt;two&gt;</ins>' "$folder/other/index.html" &&
        grep -q '<b>stage.yaml</b>' "$folder/other/index.html" || return 1
    rm deploy/kubernetes/overlays/dev/a.yaml
    status=0
    "$root/deploy/gitlab/manifests-diff.sh" HEAD "$folder/broken" || status=$?
    [ "$status" -eq 2 ] || { echo "an overlay that cannot be rendered: exit status $status"; return 1; }
}
if command -v "${KUBECTL:-kubectl}" >/dev/null; then
    check "the change of manifests is shown, and no change, and what cannot be rendered" compared
else
    skipped "kubectl cannot be had: manifests-diff.sh is not tried"
fi

finish

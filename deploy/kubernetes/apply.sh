#!/bin/sh
# Brings an environment to what its overlay says, in the right order: settings, migration, then what runs. Applying again
# changes nothing.
#
#   apply.sh ENVIRONMENT           dev, stage, prod, prod-openshift: a folder of overlays/
#   apply.sh --diff ENVIRONMENT    only shows what would change; exit status 0 nothing, 1 something
#
# KUBECTL      kubectl, with --context and the like if wanted
# MIGRATION    seconds that the migration may take (1800)
# NO_BACKUP    set: makes no backup before the migration where the component `backup` is
set -eu

kubectl=${KUBECTL:-kubectl}
overlays=$(cd "$(dirname "$0")/overlays" && pwd)

say() { echo "apply: $*" >&2; }
give_up() { say "$*"; exit 2; }

is_diff=
if [ "${1:-}" = --diff ]; then
    is_diff=yes
    shift
fi
if [ $# != 1 ] || [ ! -d "$overlays/$1" ]; then give_up "name one of: $(cd "$overlays" && echo *)"; fi

rendered=$(mktemp)
trap 'rm -f "$rendered"' EXIT
$kubectl kustomize "$overlays/$1" > "$rendered"
namespace=$(sed -n 's/^  namespace: //p' "$rendered" | head -n 1)
[ -n "$namespace" ] || give_up "the overlay names no namespace"

# The fields are the server's: what somebody else sets (an autoscaler its replicas) is left alone, and a conflict is told.
apply() { $kubectl apply --server-side --field-manager=feedgate-apply -f "$rendered" "$@"; }

if [ "$is_diff" ]; then
    # A Job cannot be changed, only made anew: its own difference is none that `kubectl diff` could show.
    $kubectl diff --server-side --field-manager=feedgate-apply -f "$rendered" -l app.kubernetes.io/component!=migrate
    exit
fi

# finished JOB SECONDS: waits for a Job; status 1 when it failed, 2 when its time is over.
finished() {
    left=$2
    while [ "$left" -gt 0 ]; do
        conditions=$($kubectl get job "$1" -n "$namespace" \
            -o 'jsonpath={range .status.conditions[?(@.status=="True")]}{.type} {end}')
        case " $conditions" in
            *" Complete "*) return 0 ;;
            *" Failed "*) return 1 ;;
        esac
        sleep 2
        left=$((left - 2))
    done
    return 2
}

if [ -z "${NO_BACKUP:-}" ] && $kubectl get cronjob feedgate-backup -n "$namespace" > /dev/null 2>&1; then
    # Of the release that is there, by its own list of tables.
    backup=feedgate-backup-$(date -u +%Y%m%d%H%M%S)
    $kubectl create job "$backup" -n "$namespace" --from=cronjob/feedgate-backup
    finished "$backup" 3600 || give_up "there is no backup: see \`kubectl logs -n $namespace job/$backup\`"
fi

# The old one first: a Job cannot be changed.
$kubectl delete job feedgate-migrate -n "$namespace" --ignore-not-found --cascade=foreground
# Everything but what runs the new release, and its migration.
apply -l 'app.kubernetes.io/component notin (import,serve,backup,restore,schemas,expiry)'
finished feedgate-migrate "${MIGRATION:-1800}" \
    || give_up "the migration did not come to its end: see \`kubectl logs -n $namespace job/feedgate-migrate\`;" \
        "what ran before still runs"
apply
$kubectl rollout status deployment/feedgate-serve -n "$namespace" --timeout=600s \
    || give_up "everything is applied, and the service is not ready: the first time, it waits for the first token" \
        "(\`kubectl exec -n $namespace deployment/feedgate-serve -- feedgate token create NAME --scope submit\`)"
say "$1 is what overlays/$1 says"

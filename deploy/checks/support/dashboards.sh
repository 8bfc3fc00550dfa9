#!/bin/sh
# Type-checks dashboards against the types that Grafana publishes.
#
#   dashboards.sh NODE_MODULES FILE...
set -eu
modules=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$modules" "$work/node_modules"
cat > "$work/plain.ts" << 'END'
import type { Dashboard } from "@grafana/schema";
// JSON knows no enumerations: their values will do.
type Plain<T> = T extends string
  ? string extends T ? T : `${T}`
  : T extends number | boolean | null | undefined ? T
  : T extends (infer I)[] ? Plain<I>[]
  : T extends object ? { [K in keyof T]: Plain<T[K]> }
  : T;
export type Board = Plain<Dashboard>;
END
for file in "$@"; do
    name=$(basename "$file" .json)
    {
        echo 'import type { Board } from "./plain";'
        printf 'export const board: Board = '
        cat "$file"
    } > "$work/$name.ts"
done
cd "$work"
./node_modules/.bin/tsc --noEmit --strict --skipLibCheck --target es2022 --module esnext \
    --moduleResolution bundler ./*.ts

#!/bin/sh
# Backup and restore of deploy/kubernetes/components/backup, against a real PostgreSQL that this starts and stops, with a
# real feedgate. Skipped loudly where either is missing.
#
# FEEDGATE_BIN   a feedgate (else that of target/release, of target/debug, on PATH)
set -eu

deploy=$(cd "$(dirname "$0")/.." && pwd)
root=$(dirname "$deploy")
# shellcheck source-path=SCRIPTDIR source=support/lib.sh
. "$deploy/checks/support/lib.sh"
backup=$deploy/kubernetes/components/backup

# The list of tables is checked whatever is installed.
if [ -d "$root/migrations/postgres" ]; then
    { echo _sqlx_migrations; sed -n 's/^create table \([a-z_]*\).*/\1/p' "$root"/migrations/postgres/*.sql; } | sort > "${TMPDIR:-/tmp}/tables.$$"
    if sort "$backup/tables.txt" | cmp -s - "${TMPDIR:-/tmp}/tables.$$"; then
        ok "tables.txt names the tables that the migrations make"
    else
        fail "tables.txt does not name the tables that the migrations make:
$(sort "$backup/tables.txt" | diff - "${TMPDIR:-/tmp}/tables.$$" || true)"
    fi
    rm -f "${TMPDIR:-/tmp}/tables.$$"
else
    skip "the list of tables: the migrations are not here"
fi

feedgate=$(feedgate_binary) || { skip "backup and restore for real: no feedgate (set FEEDGATE_BIN)"; finish; }
postgres=$(postgres_folder) || { skip "backup and restore for real: no PostgreSQL server"; finish; }

work=$(mktemp -d)
chmod 755 "$work"
as_server() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
[ "$(id -u)" != 0 ] || chown postgres "$work"
# By the trap.
# shellcheck disable=SC2317
stop() {
    as_server "$postgres/pg_ctl" -D "$work/data" -m immediate stop > /dev/null 2>&1 || true
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 143' INT TERM HUP
echo geheim > "$work/password"
chmod 644 "$work/password"
as_server "$postgres/initdb" -D "$work/data" -U owner -A scram-sha-256 --pwfile="$work/password" --no-sync > /dev/null
port=$(free_port)
as_server "$postgres/pg_ctl" -D "$work/data" -l "$work/log" -w \
    -o "-c listen_addresses=127.0.0.1 -c unix_socket_directories=$work -c port=$port -c fsync=off" start > /dev/null

export PGPASSWORD=geheim
owner() { PATH="$postgres:$PATH" psql -X -h 127.0.0.1 -p "$port" -U owner -qAt -v ON_ERROR_STOP=1 "$@"; }
owner -d postgres -c "create role feedgate login password 'geheim'" -c "create role shop login" \
    -c "create database shop owner feedgate"
owner -d shop -c "create table public.of_the_shop (id int)" -c "insert into of_the_shop values (1)"
export FEEDGATE_DATABASE="postgres://feedgate@127.0.0.1:$port/shop"
export BACKUPS="$work/backups" PATH="$postgres:$PATH"
mkdir "$BACKUPS"
cd "$work"
state() {
    while read -r table; do
        echo "$table"
        owner -d shop -c "select * from $table t order by t::text" < /dev/null
    done < "$backup/tables.txt"
}

"$feedgate" import "$root/samples/catalogue/good.xml" > /dev/null 2>&1
"$feedgate" import "$root/samples/catalogue/faults/comma-in-price.xml" > /dev/null 2>&1 || true
owner -d shop -c "grant select on product to shop"
state > "$work/before"

expect "a backup is written" 0 sh "$backup/backup.sh"
name=$(cd "$BACKUPS" && ls feedgate-*.dump)
expect "a list that names a table that is not there makes no backup" 1 \
    env TABLES=/dev/stdin sh "$backup/backup.sh" < "$work/password"
same "what failed leaves nothing behind" "$(find "$BACKUPS" -name '*.dump' -o -name '.*.part' | wc -l)" 1

# A night that went wrong, and a table that a later release has made.
"$feedgate" rollback 1 > /dev/null 2>&1 || true
owner -d shop -c "set role feedgate" -c "delete from quarantine" -c "delete from product" \
    -c "alter table feed_copy rename to feed_copies"
state > "$work/after" 2> /dev/null || true
cmp -s "$work/before" "$work/after" && fail "the night changed nothing: this test shows nothing"
owner -d shop -c "alter table feed_copies rename to feed_copy"

state > "$work/wrong"

expect "restore without a name lists what there is" 1 sh "$backup/restore.sh"
expect "restore without the confirmation changes nothing" 1 env BACKUP="$name" sh "$backup/restore.sh"
cp -p "$BACKUPS/$name" "$work/kept"
printf x >> "$BACKUPS/$name"
expect "a backup that was changed is refused" 1 env BACKUP="$name" CONFIRM="$name" sh "$backup/restore.sh"
for bytes in 20000 -200; do
    head -c "$bytes" "$work/kept" > "$BACKUPS/cut.dump"
    (cd "$BACKUPS" && sha256sum cut.dump > cut.dump.sha256)
    expect "a backup that is cut off, with the right digest, is refused ($bytes)" 1 \
        env BACKUP=cut.dump CONFIRM=cut.dump sh "$backup/restore.sh"
done
cp -p "$work/kept" "$BACKUPS/$name"

PGPASSWORD=geheim psql -X -q "$FEEDGATE_DATABASE" -c "select pg_sleep(60)" > /dev/null 2>&1 &
sleeper=$!
sleep 1
expect "restore is refused while feedgate is at work" 1 env BACKUP="$name" CONFIRM="$name" sh "$backup/restore.sh"
kill "$sleeper"
owner -d shop -c "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'feedgate'" > /dev/null
sleep 1
owner -d shop -c "create view of_theirs as select title from product"
expect "a view of the shop stands in the way, and nothing is changed" 1 \
    env BACKUP="$name" CONFIRM="$name" sh "$backup/restore.sh"
state > "$work/after" 2>&1 || true
same "after all that was refused, the tables are as they were" "$(cmp "$work/wrong" "$work/after" 2>&1 || true)" ""
owner -d shop -c "drop view of_theirs"

expect "a backup is restored" 0 env BACKUP="$name" CONFIRM="$name" sh "$backup/restore.sh"
state > "$work/after"
if cmp -s "$work/before" "$work/after"; then ok "every row of every table is as it was"; else
    fail "rows differ after the restore: $(diff "$work/before" "$work/after" | head -5)"
fi
readable=$(owner -d shop -c "select has_table_privilege('shop', 'product', 'select')")
same "rights of other accounts are as they were" "$readable" t
same "tables of others are left alone" "$(owner -d shop -c "select count(*) from of_the_shop")" 1
expect "feedgate goes on: the same feed is known" 0 "$feedgate" import "$root/samples/catalogue/good.xml"

owner -d postgres -c "create database elsewhere owner feedgate"
FEEDGATE_DATABASE="postgres://feedgate@127.0.0.1:$port/elsewhere"
expect "a backup is restored into an empty database" 0 \
    env BACKUP="$name" CONFIRM="$name" GRANTS=leave sh "$backup/restore.sh"

# What is old goes, but not the last ones.
for day in 01 02 03; do
    cp -p "$BACKUPS/$name" "$BACKUPS/feedgate-202001${day}T000000Z.dump"
    touch -d "2020-01-$day" "$BACKUPS/feedgate-202001${day}T000000Z.dump"
done
sleep 1
expect "old backups are deleted" 0 env KEEP_MIN=3 sh "$backup/backup.sh"
left=$(cd "$BACKUPS" && find . -name 'feedgate-*.dump' | sort | head -1)
same "but not the newest three" "$left" ./feedgate-20200103T000000Z.dump
finish

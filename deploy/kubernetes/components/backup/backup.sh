#!/bin/sh
# Writes feedgate's tables, as one transaction sees them, into $BACKUPS/feedgate-TIME.dump with its digest beside it.
# A name without `.part` is a backup that was read back. Exit status 0, or 1 when there is no new backup.
#
# FEEDGATE_DATABASE, PGPASSWORD   the database
# BACKUPS                         folder (/backups)
# TABLES                          list of tables (tables.txt beside this)
# SCHEMA                          where in the database they are (public)
# KEEP_DAYS, KEEP_MIN             older ones go (30), but never the last so many (7)
set -eu
umask 077

here=$(dirname "$0")
backups=${BACKUPS:-/backups}
tables=${TABLES:-$here/tables.txt}
schema=${SCHEMA:-public}
name=feedgate-$(date -u +%Y%m%dT%H%M%SZ).dump
part=$backups/.$name.part

say() { echo "backup: $*" >&2; }
give_up() { say "$*"; exit 1; }
trap 'rm -f "$part"' EXIT

# A backup that was killed leaves its part behind.
find "$backups" -maxdepth 1 -name '.feedgate-*.dump.part' -mmin +1440 -delete

set --
while read -r table; do set -- "$@" "--table=$schema.$table"; done < "$tables"
# A table that is missing is an error: the list belongs to another release.
pg_dump --dbname="$FEEDGATE_DATABASE" --format=custom --no-owner --strict-names --lock-wait-timeout=60000 \
    "$@" "--table=$schema.rollback_place" --file="$part" || give_up "pg_dump could not write it"

contents=$(pg_restore --list "$part") || give_up "what pg_dump wrote cannot be read back"
while read -r table; do
    case $contents in
        *" TABLE DATA $schema $table "*) ;;
        *) give_up "the rows of \`$table\` are not in it" ;;
    esac
done < "$tables"

sync
(cd "$backups" && sha256sum < "$part" | sed "s/-\$/$name/" > "$name.sha256")
mv "$part" "$backups/$name"
sync
say "wrote $name, $(wc -c < "$backups/$name") bytes"

# The newest stay whatever their age: a backup that has failed for a month must not take the last good one with it.
# Names sort by time.
find "$backups" -maxdepth 1 -name 'feedgate-*.dump' | sort | head -n "-${KEEP_MIN:-7}" | while read -r old; do
    if [ -n "$(find "$old" -mtime "+${KEEP_DAYS:-30}")" ]; then
        rm -f "$old" "$old.sha256"
        say "deleted $(basename "$old")"
    fi
done

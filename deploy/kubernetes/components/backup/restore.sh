#!/bin/sh
# Puts feedgate's tables back to what a backup has, in one transaction: all of it or nothing. Feedgate must stand still
# meanwhile; it is refused while another session of its account is open. Exit status 0, or 1 with nothing changed.
#
# FEEDGATE_DATABASE, PGPASSWORD   the database
# BACKUP                          name of the backup, such as feedgate-20261127T020000Z.dump; without it, they are listed
# CONFIRM                         the same name once more: what is in the tables now will be gone
# GRANTS                          keep (default): rights of other accounts come back, too; leave: they do not (another
#                                 server without those accounts)
# BACKUPS, TABLES, SCHEMA         as for backup.sh
set -eu

here=$(dirname "$0")
backups=${BACKUPS:-/backups}
tables=${TABLES:-$here/tables.txt}
schema=${SCHEMA:-public}

say() { echo "restore: $*" >&2; }
give_up() { say "$*"; say "nothing was changed"; exit 1; }

if [ -z "${BACKUP:-}" ]; then
    say "set BACKUP to one of these:"
    (cd "$backups" && ls -l -- feedgate-*.dump) >&2 || say "there are none"
    give_up "no backup was named"
fi
[ "${CONFIRM:-}" = "$BACKUP" ] || give_up "set CONFIRM to $BACKUP: what is in feedgate's tables now will be gone"
dump=$backups/$BACKUP
[ -f "$dump" ] || give_up "there is no backup $BACKUP"
(cd "$backups" && sha256sum --check --status "$BACKUP.sha256") || give_up "$BACKUP is not what was written: its digest differs"
contents=$(pg_restore --list "$dump") || give_up "$BACKUP cannot be read"

ask() { psql --no-psqlrc --dbname="$FEEDGATE_DATABASE" --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 "$@"; }

others=$(ask --command="select count(*) from pg_stat_activity
    where datname = current_database() and usename = current_user and pid <> pg_backend_pid()") \
    || give_up "the database cannot be asked"
[ "$others" = 0 ] || give_up "$others other sessions of this account are open: stop the service and suspend the import"

# What this release knows and what the backup has: a table made since then goes as well, or its migration would find it
# when it comes again.
known=$( { cat "$tables"; echo "$contents" | sed -n "s/^[0-9]*; [0-9]* [0-9]* TABLE $schema \\([^ ]*\\) .*/\\1/p"; } | sort -u )
drop=
for table in $known; do drop="$drop${drop:+, }\"$schema\".\"$table\""; done

set -- --no-owner
[ "${GRANTS:-keep}" = keep ] || set -- "$@" --no-privileges

# No `cascade`: what others built upon these tables (views of the shop) is named by the error and stays.
# `commit` is sent only behind the last byte of the backup; whatever ends before, ends in a rollback.
done=$( { echo "begin;"
    echo "drop table if exists $drop;"
    echo "drop sequence if exists \"$schema\".rollback_place;"
    pg_restore --file=- "$@" "$dump" && printf 'commit;\n\\echo restored\n'
    } | ask --output=/dev/null ) || give_up "the database refused it"
[ "$done" = restored ] || give_up "$BACKUP could not be read to its end"

ask --command="analyze" 2> /dev/null || say "no statistics yet: run \`analyze\`"
say "restored $BACKUP: $(ask --command="select count(*) from \"$schema\".product") products," \
    "$(ask --command="select count(*) from \"$schema\".run") runs"

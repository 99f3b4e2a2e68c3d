# A PostgreSQL with a streaming replica as long as the watched process lives; then stops both and removes their folder.
#   pair.sh FOLDER BINARIES PRIMARY_PORT REPLICA_PORT WATCHED
set -u
folder=$1 binaries=$2 primary=$3 replica=$4 watched=$5
cd "$folder" || exit 1

alive() { [ -d "/proc/$1" ] || kill -0 "$1" 2>/dev/null; }
answers() { "$binaries/pg_isready" -q -h 127.0.0.1 -p "$1"; }
serve() {
    "$binaries/postgres" -D "$1" -p "$2" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
        -c fsync=off -c max_connections=100 -c shared_buffers=64MB </dev/null >>"$1.log" 2>&1 &
}
sql() { "$binaries/psql" -q -h 127.0.0.1 -p "$primary" -U postgres -v ON_ERROR_STOP=1 -c "$1" postgres; }

first= second=
end() {
    for server in $first $second; do
        kill -CONT "$server" 2>/dev/null
        kill -QUIT "$server" 2>/dev/null
        wait "$server"
    done
    cd / && rm -rf "$folder"
    exit "$1"
}
until_answers() {
    until answers "$1"; do
        kill -0 "$2" && alive "$watched" || end 1
        sleep 0.05
    done
}

"$binaries/initdb" -D primary -U postgres -A trust -E UTF8 --locale=C --no-sync --no-instructions >/dev/null || end 1
serve primary "$primary"
first=$!
until_answers "$primary" "$first"
# As in production the server's role is no superuser.
sql "CREATE ROLE yihu LOGIN" && sql "CREATE DATABASE yihu OWNER yihu" || end 1
"$binaries/pg_basebackup" -h 127.0.0.1 -p "$primary" -U postgres -D replica -R -X stream -c fast --no-sync || end 1
serve replica "$replica"
second=$!
until_answers "$replica" "$second"
touch ready
while alive "$watched"; do
    kill -0 "$first" 2>/dev/null || break
    sleep 0.2
done
end 0

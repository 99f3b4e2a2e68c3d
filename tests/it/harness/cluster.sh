# Keeps one PostgreSQL server as long as the watched process lives; then stops it and removes its folder.
# A server of its own parent's death knows nothing: this shell watches for it, whatever way the tests end.
#   cluster.sh FOLDER BINARIES PORT WATCHED
set -u
folder=$1 binaries=$2 port=$3 watched=$4
cd "$folder" || exit 1

# Nothing here outlives the run, so nothing waits for the disk.
"$binaries/postgres" -D data -p "$port" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off \
    -c max_connections=200 -c shared_buffers=64MB </dev/null >>log 2>&1 &
server=$!

# A process of another user can't be signalled but can be seen; where there is no /proc, users are the same.
alive() { [ -d "/proc/$1" ] || kill -0 "$1" 2>/dev/null; }

while alive "$watched"; do
    kill -0 "$server" 2>/dev/null || exit 1
    sleep 1
done
kill -QUIT "$server"
wait "$server"
cd /
rm -rf "$folder"

# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# Real programs to be recorded, in bench's guest. serve_NAME starts one that waits for
# work, and sets $service, its process; work_NAME COUNT gives it COUNT pieces of work,
# or as many as it does in a time, and sets $took, how many nanoseconds COUNT took;
# quit_NAME ends it. Who gives the work has the same processor, and counts too.

took=0

# The time, without another program. Others come from the host's tree, and while they
# are waited for the clock goes on.
stop_watch() { took=$((${EPOCHREALTIME/./} * 1000 - took)); }

# The programs, and what they are linked with, into the guest's memory: likewise.
bring_programs() {
	local name

	mkdir -p /run/bin /run/lib
	for name in redis-benchmark sqlite3 wrk seq sed awk cat sleep; do
		cp -L "$(command -v "$name")" /run/bin/
	done
	cp -L "$(command -v redis-server || command -v redis-check-rdb)" \
		/run/bin/redis-server
	cp -L "$NGINX" /run/bin/nginx
	ldd /run/bin/* 2>/dev/null | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' |
		sort -u | xargs cp -L -t /run/lib
	export PATH=/run/bin:$PATH LD_LIBRARY_PATH=/run/lib
	hash -r
}

await_socket() { # PATH
	local i

	for ((i = 0; i < 1000; i++)); do
		[[ ! -S $1 ]] || return 0
		sleep 0.05
	done
	return 1
}

serve_redis() {
	redis-server --port 0 --unixsocket /run/redis.sock --save '' --dir /run \
		>/dev/null 2>&1 &
	service=$!
	await_socket /run/redis.sock
}
work_redis() { # WHAT COUNT
	took=0
	stop_watch
	redis-benchmark -s /run/redis.sock -t "$1" -n "$2" -c 8 -q >/dev/null
	stop_watch
}
quit_redis() {
	kill "$service"
	wait "$service" || true
	rm -f /run/redis.sock
}

serve_redis_ping() { serve_redis; }
work_redis_ping() { work_redis ping_mbulk "$1"; }
quit_redis_ping() { quit_redis; }

serve_redis_set() { serve_redis; }
work_redis_set() { work_redis set "$1"; }
quit_redis_set() { quit_redis; }

# One process that is fed with statements, each a transaction of its own.
serve_sqlite() {
	mkfifo /run/sql.in /run/sql.out
	sqlite3 /run/bench.db </run/sql.in >/run/sql.out &
	service=$!
	exec 4>/run/sql.in 5</run/sql.out
	echo 'CREATE TABLE t (i INTEGER, s TEXT); SELECT 1;' >&4
	read -r _ <&5
}
work_sqlite() {
	took=0
	stop_watch
	seq 1 "$1" | sed 's/.*/INSERT INTO t VALUES (&, "some text of row &");/' \
		>&4
	echo 'SELECT 1;' >&4
	read -r _ <&5
	stop_watch
}
quit_sqlite() {
	exec 4>&- 5<&-
	wait "$service"
	rm -f /run/bench.db /run/sql.*
}

serve_nginx() {
	mkdir -p /run/nginx/html
	echo hello >/run/nginx/html/index.html
	cat >/run/nginx/nginx.conf <<-'TEXT'
	daemon off;
	master_process off;
	pid /run/nginx/pid;
	error_log /dev/null;
	events { }
	http {
		access_log off;
		client_body_temp_path /run/nginx/body;
		proxy_temp_path /run/nginx/proxy;
		fastcgi_temp_path /run/nginx/fastcgi;
		uwsgi_temp_path /run/nginx/uwsgi;
		scgi_temp_path /run/nginx/scgi;
		server { listen 127.0.0.1:8080; root /run/nginx/html; }
	}
	TEXT
	nginx -p /run/nginx -c /run/nginx/nginx.conf >/dev/null 2>&1 &
	service=$!
	sleep 1
}
work_nginx() {
	local done_in_a_second

	done_in_a_second=$(wrk -t 1 -c 8 -d 1s http://127.0.0.1:8080/ |
		awk '/requests in/ { print $1 }')
	took=$((1000000000 * $1 / done_in_a_second))
}
quit_nginx() {
	kill "$service"
	wait "$service" || true
}

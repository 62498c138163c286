# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# Real programs to be recorded, in bench's guest. serve_NAME starts one that waits for
# work, and sets $service, its process; work_NAME COUNT gives it COUNT pieces of work,
# or as many as it does in a time, and sets $took, how many nanoseconds of the processor
# COUNT took, the program and who gives it the work together; quit_NAME ends it.
#
# What the scheduler says they had counts, interrupts in between included, not the time
# that went by: there others run, and programs that come from the host's tree are
# waited for.

took=0

# Of a process that sleeps.
processor_time() { # PID
	awk '{ sum += $1 } END { printf "%.0f", sum }' /proc/"$1"/task/*/schedstat
}

# Runs who gives the work, whose output goes to /run/given.
give_work() { # COMMAND...
	local before seconds

	before=$(processor_time "$service")
	read -r seconds _ < <("$build/bench/cost" -o /run/given "$@")
	took=$(($(processor_time "$service") - before + 10#${seconds/./} * 1000))
}

# The programs, into the directory of those that are in the guest's memory.
bring_services() {
	local name

	for name in redis-benchmark sqlite3 wrk seq sed; do
		cp -L "$(command -v "$name")" /run/bin/
	done
	cp -L "$(command -v redis-server || command -v redis-check-rdb)" \
		/run/bin/redis-server
	cp -L "$NGINX" /run/bin/nginx
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
	give_work redis-benchmark -s /run/redis.sock -t "$1" -n "$2" -c 8 -q
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

# One process that is told which file of statements, each a transaction of its own, to
# read. Nobody gives work meanwhile.
serve_sqlite() {
	mkfifo /run/sql.in /run/sql.out
	sqlite3 /run/bench.db </run/sql.in >/run/sql.out &
	service=$!
	exec 4>/run/sql.in 5</run/sql.out
	echo 'CREATE TABLE t (i INTEGER, s TEXT); SELECT 1;' >&4
	read -r _ <&5
}
work_sqlite() {
	local before

	seq 1 "$1" | sed 's/.*/INSERT INTO t VALUES (&, "some text of row &");/' \
		>/run/sql.text
	before=$(processor_time "$service")
	printf '.read /run/sql.text\nSELECT 1;\n' >&4
	read -r _ <&5
	took=$(($(processor_time "$service") - before))
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
	local requests

	give_work wrk -t 1 -c 8 -d 1s http://127.0.0.1:8080/
	requests=$(awk '/requests in/ { print $1 }' /run/given)
	took=$((took * $1 / requests))
}
quit_nginx() {
	kill "$service"
	wait "$service" || true
}

#!/usr/bin/env bash
# tests/interop/upstream.sh - the gateway in front of web servers that others wrote: nginx, and Python's http.server
#
# Place: run by tests/run after the samples are built. What is not installed is skipped; .ci/packages names it.
#
# SPDX-License-Identifier: MPL-2.0

. "$(dirname "$0")/gateway.sh"
NGINX=$(PATH=$PATH:/usr/sbin command -v nginx)
HOME_OF_NGINX=$SCRATCH/nginx

#  nginx in a folder of its own; what it is asked it tells, so that what reached it can be seen.
configure_nginx ()
{
    mkdir -p "$HOME_OF_NGINX/html/directory"
    chmod 755 "$SCRATCH" "$HOME_OF_NGINX" "$HOME_OF_NGINX/html" "$HOME_OF_NGINX/html/directory"
    OLD=127.0.0.1:$(lasting_port)
    cat >"$HOME_OF_NGINX/nginx.conf" <<END
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr notice;
events { worker_connections 256; }
http {
    access_log off;
    default_type text/plain;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    keepalive_requests 50;
    server {
        listen $OLD;
        root html;
        set \$for \$http_x_forwarded_for;
        location / { }
        location /told { return 200 "\$request_method \$request_uri \$http_host \$http_connection"; }
        location /hops { return 200
            "\$http_x_mine|\$http_te|\$for|\$http_x_forwarded_host|\$http_x_forwarded_proto|\$http_via"; }
        location /length { return 200 "\$http_content_length"; }
        location /count { return 200 "\$connection_requests"; }
        location /once { keepalive_timeout 0; return 200 "once"; }
        location /none { return 204; }
        location /moved { return 302 http://elsewhere.example/; }
        location /here { return 301 /numbers?a; }
        location /directory { }
        location /small { client_max_body_size 1k; proxy_pass http://$OLD/; }
        location /teapot { return 418 "short and stout"; }
        location /dropped { return 444; }
        location /packed { gzip on; gzip_min_length 1; gzip_types text/plain; alias html/; }
        location /trickle { limit_rate 1000; alias html/; }
    }
}
END
    seq 1 20000 >"$HOME_OF_NGINX/html/numbers"
    head -c 2000000 /dev/urandom >"$HOME_OF_NGINX/html/big"
    truncate -s 300M "$HOME_OF_NGINX/html/zeros"
    head -c 3000 /dev/urandom >"$HOME_OF_NGINX/html/few"
}

start_nginx ()
{
    start sh -c "exec '$NGINX' -p '$HOME_OF_NGINX' -c nginx.conf 2>&1"
    SERVER=$CHILD SERVER_OUTPUT=$OUTPUT
    await_line 10 'start worker process'
}

stop_nginx ()
{
    local CHILD=$SERVER OUTPUT=$SERVER_OUTPUT
    kill -QUIT "$CHILD" && await_end 10
}

#  One request whose body is kept in a file: same_file PATH FILE [CURL OPTIONS...]
same_file ()
{
    local file=$2
    ask "$1" "${@:3}" && same 200 "$CODE" && cmp "$file" "$SCRATCH/body"
}

tells () { answers 200 "GET /told/a%20b?c=d $OLD " '/legacy/told/a%20b?c=d'; }
tells_post () { answers 200 "POST /told $OLD " /legacy/told -d text; }
hops ()
{
    answers 200 "||127.0.0.1|${URL#http://}|http|1.1 troupe" /legacy/hops \
        -H 'Connection: X-Mine, TE' -H 'X-Mine: 1' -H 'TE: trailers'
}
hops_before ()
{
    answers 200 "||10.0.0.1, 127.0.0.1|first.example, ${URL#http://}|https|1.0 fred, 1.1 troupe" /legacy/hops \
        -H 'X-Forwarded-For: 10.0.0.1' -H 'X-Forwarded-Host: first.example' -H 'X-Forwarded-Proto: https' \
        -H 'Via: 1.0 fred'
}
same_zeros ()
{
    same "$(sha256sum <"$HOME_OF_NGINX/html/zeros")" "$(curl -sS --max-time 60 "$URL/legacy/zeros" | sha256sum)"
}
counts_bodies () { answers 200 300000 /legacy/length --data-binary "@$SCRATCH/sent"; }
too_large () { ask /legacy/small -T "$HOME_OF_NGINX/html/big" && same 413 "$CODE"; }
heads ()
{
    ask /legacy/numbers --head && same 200 "$CODE" && contains W/ "W/$(field etag)"
    same "$(stat -c %s "$HOME_OF_NGINX/html/numbers")" "$(field content-length)"
}
ranges () { answers 206 1 /legacy/numbers -H 'Range: bytes=0-0' && contains 'bytes 0-0/' "$(field content-range)"; }

#  A status without a body, for which curl makes no file: nothing STATUS PATH [CURL OPTIONS...]
nothing ()
{
    rm -f "$SCRATCH/body"
    answers "$1" "" "${@:2}"
}

not_modified ()
{
    ask /legacy/numbers && nothing 304 /legacy/numbers -H "If-None-Match: $(field etag)"
}
moves () { ask /legacy/moved && same 302 "$CODE" && same http://elsewhere.example/ "$(field location)"; }
leads_to () { ask "$2" && same 301 "$CODE" && same "$1" "$(field location)"; }

#  One connection serves request after request.
reuses ()
{
    local first second
    ask /legacy/count && first=$BODY && ask /legacy/count && second=$BODY && same $((first + 1)) "$second"
}

#  More than nginx takes on one connection: it closes it, and nobody notices.
many ()
{
    same "200 200" "$(curl -s --max-time 20 -o /dev/null -w '%{http_code}\n' "$URL/legacy/told?[1-200]" |
        sort | uniq -c | tr -s ' ' | sed 's/^ //')"
}

at_once ()
{
    same "200 200" "$(curl -s --max-time 20 -Z --parallel-max 50 -o /dev/null -w '%{http_code}\n' \
        "$URL/legacy/numbers?[1-200]" | sort | uniq -c | tr -s ' ' | sed 's/^ //')"
}

gateway_in_front ()
{
    start_gateway --set "routes/legacy=http://$1" --set children/legacy/response_timeout_ms=2000
}

stopped_is_503 () { stop_nginx && is_a_problem 503 /legacy/told && same 1 "$(field retry-after)"; }
comes_back () { start_nginx && tells; }

python_serves ()
{
    start python3 -u -m http.server 0 --bind 127.0.0.1 --directory "$HOME_OF_NGINX/html"
    await_line 10 '^Serving HTTP on 127\.0\.0\.1 port ([0-9]+)' && OLD=127.0.0.1:${BASH_REMATCH[1]}
}

without_a_server ()
{
    start_gateway && is_a_problem 404 /legacy/ && is_a_problem 404 /legacy/a && stop_gateway
}

wrong_url ()
{
    start "$GATEWAY" --http 127.0.0.1:0 "${FREE_RPC[@]}" --legacy ftp://a
    await_end 10 && [ "$STATUS" -ne 0 ] && contains "http://HOST" "$(cat "$ERRORS")"
}

fact "without --legacy there is nothing below /legacy" without_a_server
fact "a URL that is none is told at the start" wrong_url
if [ -z "$NGINX" ] || ! command -v python3 >/dev/null; then
    skip "the gateway in front of nginx" "nginx or python3 is not installed"
    exit
fi
head -c 300000 /dev/urandom >"$SCRATCH/sent"
configure_nginx
fact "nginx starts" start_nginx
fact "the gateway starts in front of it" gateway_in_front "$OLD"
FRONT=$CHILD FRONT_OUTPUT=$OUTPUT
fact "the prefix is taken off, the rest is as it was" tells
fact "POST gets there" tells_post
fact "fields of one hop stay here, the way is told" hops
fact "what others have told of the way is added to" hops_before
fact "a body gets there whole" counts_bodies
fact "a large answer comes back whole" same_file /legacy/big "$HOME_OF_NGINX/html/big"
fact "300 MB come back whole" same_zeros
fact "a chunked and packed answer comes back whole" \
    same_file /legacy/packed/numbers "$HOME_OF_NGINX/html/numbers" --compressed
fact "HEAD has no body" heads
fact "a part of a file is 206" ranges
fact "what has not changed is 304" not_modified
fact "204 comes through" nothing 204 /legacy/none
fact "a redirection to others comes through" moves
fact "one to the server itself stays below the prefix" leads_to /legacy/numbers?a /legacy/here
fact "so does one to a folder" leads_to /legacy/directory/ /legacy/directory
fact "any status comes through" answers 418 "short and stout" /legacy/teapot
fact "a connection is used again" reuses
fact "a server that closes each connection is no trouble" answers 200 once /legacy/once
fact "200 requests one by one, over the server's own limit" many
fact "200 requests, 50 at once" at_once
fact "a body larger than the server takes is 413" too_large
fact "a server that drops the connection is 502" is_a_problem 502 /legacy/dropped
fact "an answer that trickles takes its time" same_file /legacy/trickle/few "$HOME_OF_NGINX/html/few"
fact "after all that it answers" tells
fact "a server that is gone is 503" stopped_is_503
fact "when it is back it answers" comes_back
CHILD=$FRONT OUTPUT=$FRONT_OUTPUT
fact "it ends at SIGTERM with 0" stop_gateway
fact "Python's http.server starts" python_serves
fact "the gateway starts in front of it" gateway_in_front "$OLD"
fact "it answers over HTTP/1.0" same_file /legacy/numbers "$HOME_OF_NGINX/html/numbers"
fact "its refusals come through" eval 'ask /legacy/nothing && same 404 "$CODE"'
fact "a method that it has not is 501, as it says" eval 'ask /legacy/numbers -X DELETE && same 501 "$CODE"'
fact "it ends at SIGTERM with 0" stop_gateway

"""Named formats: the default formats of servers, proxies and load balancers.

An entry is an nginx or Apache format string, or `w3c:` and a list of fields. EXTRA_VARIABLES has variables that nginx
lacks; unknown variables are skipped. The comment above an entry is an example line from the server's documentation.
"""

from __future__ import annotations

from typing import Final

from footfall.transforms.formats.fields import Field, Meaning

_NGINX_COMBINED: Final = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
)

_RENDER: Final = (
    '[$request_method]\n$status_digits\n$host$request_uri clientIP="$remote_addr" requestID="$request_id" '
    'responseTimeMS=$request_time_ms responseBytes=$body_bytes_sent userAgent="$http_user_agent"'
)
"""What Render writes behind the time; blanks around the status come and go with the way that the lines take."""

_GOROUTER: Final = (
    '[$time_iso8601] "$request" $status $bytes_received $body_bytes_sent "$http_referer" '
    '"$http_user_agent" "$remote_addr" "$upstream" x_forwarded_for:"$http_x_forwarded_for" '
    'x_forwarded_proto:"$scheme" vcap_request_id:"$request_id" response_time:$request_time'
)

# In addition to nginx's variables, for fields that only other servers write.
EXTRA_VARIABLES: Final[dict[str, Field]] = {
    # AWS: request, target and response time, each -1 if unknown; their sum is the time that the client waited.
    "processing_times": Field(Meaning.REQUEST_TIME_S, words=3),
    # Odoo: what queries took, and what the rest took.
    "odoo_times": Field(Meaning.REQUEST_TIME_S, words=2),
    "request_time_ms": Field(Meaning.REQUEST_TIME_MS),
    "request_time_us": Field(Meaning.REQUEST_TIME_US),
    "date_year": Field(Meaning.YEAR, width=4),
    "date_month": Field(Meaning.MONTH, width=2),
    "date_day": Field(Meaning.DAY, width=2),
    "date_hour": Field(Meaning.HOUR, width=2),
    "date_minute": Field(Meaning.MINUTE, width=2),
    "date_zone": Field(Meaning.ZONE),
    "date_second": Field(Meaning.SECOND, width=2),
    # Day and time of day with a blank between them, outside brackets: `2026-06-01 10:00:00,123`; with a zone of its
    # own behind a blank it is three words, and Apache's time two.
    "time_two_words": Field(Meaning.TIME_ISO, words=2),
    "time_three_words": Field(Meaning.TIME_ISO, words=3),
    "time_local_words": Field(Meaning.TIME_CLF, words=2),
    # The same of a log collector, beside the server's own time.
    "collected_two_words": Field(Meaning.SKIP, words=2),
    "status_digits": Field(Meaning.STATUS, width=3),
    "time_ms": Field(Meaning.TIME_MS),
    "time_us": Field(Meaning.TIME_US),
    # With scheme and host, which is the site if the format has no better field.
    "absolute_request": Field(Meaning.REQUEST, absolute=True),
    "absolute_uri": Field(Meaning.URL, absolute=True),
    "cookie_header": Field(Meaning.COOKIE_HEADER),
}

NAMED_FORMATS: Final[dict[str, str]] = {
    # Apache httpd, mod_log_config; nginx and LiteSpeed write `combined` too.
    #   192.0.2.7 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326
    "common": '%h %l %u %t "%r" %>s %b',
    #   … "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"
    "combined": '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
    #   www.example.com:443 192.0.2.7 - - […
    "vhost_combined": '%v:%p %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
    #   www.example.com 192.0.2.7 - - […
    "host_combined": '%v %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
    # Combined, then "session cookie" and seconds: what `footfall sample` writes.
    "footfall": f'{_NGINX_COMBINED} "$cookie_session" $request_time',
    # Traefik, accesslog.format = common: then the number of requests, router, server's URL and milliseconds.
    #   … "-" "curl/7.68.0" 300 "web@docker" "http://10.0.0.4:80" 25ms
    "traefik": f'{_NGINX_COMBINED} $request_count "$router" "$server_url" ${{request_time_ms}}ms',
    # ingress-nginx, upstreaminfo.
    #   … "curl/7.68.0" 330 0.003 [default-web-80] [] 10.0.0.4:8080 612 0.002 200 3c1b9a5e
    "ingress_nginx": f"{_NGINX_COMBINED} $request_length $request_time [$proxy_upstream_name] "
    "[$proxy_alternative_upstream_name] $upstream_addr $upstream_response_length $upstream_response_time "
    "$upstream_status $req_id",
    # BunkerWeb: the host in front, the request's id beside the user.
    #   www.example.com 192.0.2.7 - 3c1b9a5e - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 2326 "-" "curl/7.68.0"
    "bunkerweb": f"$host {_NGINX_COMBINED}".replace("- $remote_user", "- $request_id $remote_user"),
    # nginx-proxy-manager, `proxy` and `standard`.
    #   [10/Oct/2000:13:55:36 -0700] - 200 200 - GET https www.example.com "/a?b" [Client 192.0.2.7] [Length 2326]
    #   [Gzip 1.2] [Sent-to 10.0.0.4] "curl/7.68.0" "-"
    "proxy_manager": "[$time_local] $upstream_cache_status $upstream_status $status - $request_method $scheme $host "
    '"$request_uri" [Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] [Sent-to $server] '
    '"$http_user_agent" "$http_referer"',
    "proxy_manager_standard": '[$time_local] $status - $request_method $scheme $host "$request_uri" '
    '[Client $remote_addr] [Length $body_bytes_sent] [Gzip $gzip_ratio] "$http_user_agent" "$http_referer"',
    # Zoraxy; its times have no zone.
    #   2025/05/01 07:57:03 [2025-05-01 07:57:03.150624] [router:host-http] [origin:www.example.com] [client: 192.0.2.7]
    #   [useragent: curl/7.68.0] GET /a 404
    "zoraxy": "$date $clock [$time_iso8601] [router:$router] [origin:$host] [client: $remote_addr] "
    "[useragent: $http_user_agent] $request_method $request_uri $status",
    # HAProxy, option httplog: its times have milliseconds and no zone; {captured headers} may stand before the request.
    #   192.0.2.7:33317 [06/Feb/2009:12:14:14.655] www~ static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0
    #   {1wt.eu} {} "GET /index.html HTTP/1.1"
    "haproxy": "$remote_addr:$client_port [$time_local] $frontend $backend/$server $tr/$tw/$tc/$tresponse/"
    "$request_time_ms $status $body_bytes_sent $cookie_header $captured_response_cookie $termination_state $connections"
    ' $queues "$request"',
    # HAProxy, option httplog clf.
    #   192.0.2.7 - - [06/Feb/2009:12:14:14 +0000] "GET / HTTP/1.1" 200 2750 "" "" 33317 655 "www" "static" "srv1"
    #   10 0 30 69 109 ---- 1 1 1 1 0 0 0 "-" "-"
    "haproxy_clf": '$remote_addr - - [$time_local] "$request" $status $body_bytes_sent "" "" $client_port $fraction_ms '
    '"$frontend" "$backend" "$server" $tr $tw $tc $tresponse $request_time_ms $termination_state $actconn $feconn '
    '$beconn $srv_conn $retries $srv_queue $backend_queue "$cookie_header" "$captured_response_cookie"',
    # Squid, logformat squid; milliseconds are padded with spaces.
    #   1066036250.603    310 192.0.2.7 TCP_MISS/200 2326 GET http://www.example.com/a - HIER_DIRECT/192.0.2.9 text/html
    "squid": "$msec \n$request_time_ms $remote_addr $cache_result/$status $body_bytes_sent $request_method "
    "$absolute_uri $remote_user $hierarchy $content_type",
    # Squid, logformat common and combined.
    #   192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "GET http://www.example.com/a HTTP/1.1" 200 2326 TCP_MISS:HIER_DIRECT
    "squid_common": '$remote_addr $ident $remote_user [$time_local] "$absolute_request" $status $body_bytes_sent '
    "$cache_result:$hierarchy",
    #   … 200 2326 "-" "curl/7.68.0" TCP_MISS:HIER_DIRECT
    "squid_combined": '$remote_addr $ident $remote_user [$time_local] "$absolute_request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent" $cache_result:$hierarchy',
    # Varnish, varnishncsa: combined with the host in the request.
    #   192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "GET http://www.example.com/a HTTP/1.1" 200 2326 "-" "curl/7.68.0"
    "varnish": '$remote_addr $logname $remote_user [$time_local] "$absolute_request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent"',
    # Envoy's default (envoyproxy.io, observability/access_log/usage, "Default format string").
    #   [2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "192.0.2.28" "nsq2http"
    #   "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "www.example.com" "tcp://10.0.2.1:80"
    "envoy": '[$time_iso8601] "$request" $status $response_flags $bytes_received $body_bytes_sent $request_time_ms '
    '$upstream_ms "$http_x_forwarded_for" "$http_user_agent" "$request_id" "$host" "$upstream"',
    # AWS Application Load Balancer; AWS adds fields at the end.
    #   https 2018-07-02T22:23:00.186641Z app/lb/50dc6c495c0c9188 192.0.2.7:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0
    #   57 "GET https://www.example.com:443/a HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:…
    #   "Root=1-58337281-1d84f3d7" "www.example.com" "arn:aws:acm:…" 1 2018-07-02T22:22:48.364000Z "forward" "-" "-" …
    "alb": "$type $time_iso8601 $balancer $remote_addr:$client_port $target $processing_times $status $target_status "
    '$received_bytes $body_bytes_sent "$absolute_request" "$http_user_agent" $ssl_cipher $ssl_protocol '
    '$target_group "$trace_id" "$host"',
    # AWS Classic Load Balancer; the first ones ended with the request.
    #   2015-05-13T23:39:43.945958Z lb 192.0.2.7:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29
    #   "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -
    "elb": "$time_iso8601 $balancer $remote_addr:$client_port $target $processing_times $status $target_status "
    '$received_bytes $body_bytes_sent "$absolute_request" "$http_user_agent" $ssl_cipher $ssl_protocol',
    "elb_2014": "$time_iso8601 $balancer $remote_addr:$client_port $target $processing_times $status $target_status "
    '$received_bytes $body_bytes_sent "$absolute_request"',
    # Amazon S3 server access logs; the later ones have more fields at the end.
    #   79a5 bucket [06/Feb/2019:00:00:38 +0000] 192.0.2.7 79a5 3E57427F3EXAMPLE REST.GET.OBJECT a.html
    #   "GET /bucket/a.html HTTP/1.1" 200 - 113 1718 7 5 "-" "S3Console/0.4" - s9lzHYrFp76= SigV4
    #   ECDHE-RSA-AES128-GCM-SHA256 AuthHeader bucket.s3.us-west-1.amazonaws.com TLSV1.2
    "s3": "$bucket_owner $bucket [$time_local] $remote_addr $requester $request_id $operation $key "
    '"$request" $status $error_code $body_bytes_sent $object_size $request_time_ms $turnaround_ms '
    '"$http_referer" "$http_user_agent" $version_id $host_id $signature $cipher $authentication $host $tls '
    "$access_point $acl_required",
    # Google Cloud Storage's usage logs: CSV, with the names of the columns in the first line.
    #   "1433188800123456","192.0.2.7","1","","GET","/storage/v1/b/a","200","0","512","9000","storage.googleapis.com",
    #   "","curl/7.68.0","AEnB2Uo","GET_Object","bucket","a.html"
    "gcs": '"$time_us","$remote_addr","$ip_type","$region","$request_method","$request_uri","$status",'
    '"$received_bytes","$body_bytes_sent","$request_time_us","$host","$http_referer","$http_user_agent","$req_id","$operation","$bucket",'
    '"$object"',
    # Bunny's pull zones: cache, status, milliseconds since 1970, size, zone, client, referrer, url, edge, agent.
    #   HIT|200|1507167062421|412|390|192.0.2.7|-|https://cdn.example.com/a.jpg|WA|Mozilla/5.0 (X11)|322b688bd63f|DE
    "bunny": "$cache|$status|$time_ms|$body_bytes_sent|$zone|$remote_addr|$http_referer|$absolute_uri|$edge|"
    "$http_user_agent|$request_id|$country",
    # uWSGI's default; local time.
    #   [pid: 7|app: 0|req: 1/1] 192.0.2.7 () {34 vars in 400 bytes} [Mon Jun  1 10:00:00 2026] GET /a?b=c => generated
    #   512 bytes in 12 msecs (HTTP/1.1 200) 2 headers in 79 bytes (1 switches on core 0)
    "uwsgi": "[pid: %{pid}n|app: %{app}n|req: %{req}n] %a (%u) {%{vars}n} [%{%a %b %e %T %Y}t] %m %U%q => generated %B "
    "bytes in %{ms}T msecs (%H %s) %{headers}n",
    # Odoo, behind the words of Python's logging: status, size, number of queries, seconds in them, other seconds.
    #   192.0.2.7 - - [01/Jun/2026 10:00:00] "GET /a?b=c HTTP/1.1" 200 - 12 0.012 0.345
    "odoo": '$remote_addr - - [$time_local] "$request" $status $body_bytes_sent $query_count $odoo_times',
    # Gin, the Go framework.
    #   [GIN] 2026/06/01 - 10:00:00 | 200 |     1.2345ms |       192.0.2.7 | GET      "/a?b=c"
    "gin": '[GIN] %{%Y/%m/%d - %H:%M:%S}t | %s | \n%T | \n%h | %m \n"%U%q"',
    # chi, the Go router, middleware.Logger.
    #   2026/06/01 10:00:00 "GET http://www.example.org/a?b=c HTTP/1.1" from 192.0.2.7:4711 - 200 512B in 1.2345ms
    "chi": '$date_year/$date_month/$date_day $date_hour:$date_minute:$date_second "$absolute_request" from '
    "$remote_addr - $status ${body_bytes_sent}B in $request_time",
    # Granian; milliseconds.
    #   [2026-06-01 10:00:00 +0000] 192.0.2.7 - "GET /a?b=c HTTP/1.1" 200 1.234
    "granian": '[$time_iso8601] $remote_addr - "$request" $status $request_time_ms',
    # Sanic.
    #   [2026-06-01 10:00:00 +0000] - (sanic.access)[INFO][192.0.2.7:4711]: GET http://www.example.org/a  200 512
    "sanic": "[$time_iso8601] - (sanic.access)[INFO][$remote_addr]: $request_method $absolute_uri \n$status "
    "$body_bytes_sent",
    # Tornado, and Jupyter's servers, which log a user before the client; milliseconds.
    #   [I 260601 10:00:00 web:2348] 200 GET /a?b=c (192.0.2.7) 1.23ms
    "tornado": "[%{level}n %{%y%m%d %H:%M:%S}t %{module}n] %s %m %U%q (%h) %{ms}Tms",
    #   [I 2026-06-01 10:00:00.123 ServerApp] 200 GET /a?b=c (frank@192.0.2.7) 1.23ms
    "jupyter": "[%{level}n %{%Y-%m-%d %H:%M:%S}t.%{msec_frac}t %{module}n] %s %m %U%q (%u@%h) %{ms}Tms",
    # Vert.x, LoggerHandler.
    #   192.0.2.7 - - [Mon, 1 Jun 2026 10:00:00 GMT] "GET /a?b=c HTTP/1.1" 200 512 "-" "curl/7.68.0"
    "vertx": '%h %l %u [%{%a, %-d %b %Y %H:%M:%S %Z}t] "%r" %s %b "%{Referer}i" "%{User-Agent}i"',
    # GlassFish and Payara.
    #   "192.0.2.7" "NULL-AUTH-USER" "01/Jun/2026:10:00:00 +0000" "GET /a?b=c HTTP/1.1" 200 512
    "glassfish": '"%h" "%u" "%{%d/%b/%Y:%H:%M:%S %z}t" "%r" %s %b',
    # Istio's default text: Envoy's with more fields, the peer among them.
    #   [2026-06-01T10:00:00.123Z] "GET /a HTTP/1.1" 200 - via_upstream - "-" 0 512 12 11 "192.0.2.7" "curl/7.68.0"
    #   "84961386-6d84" "www.example.com" "10.0.2.1:80" inbound|80|| 127.0.0.6:41854 10.0.1.27:80 10.0.1.23:37652 -
    #   default
    "istio": '[$time_iso8601] "$request" $status $response_flags $details $termination "$failure" $bytes_received '
    '$body_bytes_sent $request_time_ms $upstream_ms "$http_x_forwarded_for" "$http_user_agent" "$request_id" "$host" '
    '"$upstream" $cluster $upstream_local $downstream_local $remote_addr $server_indication $route',
    # Alibaba Cloud CDN (alibabacloud.com/help/cdn, "Download logs"): the proxy's address, milliseconds, and the
    # sizes of request and answer.
    #   [01/Jun/2026:18:00:00 +0800] 192.0.2.7 - 1542 "-" "GET https://www.example.com/a" 200 191 2830 MISS
    #   "curl/7.68.0" "text/html"
    "alibaba_cdn": '[$time_local] $remote_addr $proxy $request_time_ms "$http_referer" "$absolute_request" $status '
    '$bytes_received $body_bytes_sent $hit "$http_user_agent" "$sent_http_content_type"',
    # Synapse, Matrix' server (element-hq.github.io/synapse, "Request log format"); local time; seconds. Behind the
    # status of an answer that did not get through is an exclamation mark.
    #   2026-06-01 10:00:00,123 - synapse.access.http.8008 - 448 - INFO - GET-12 - 192.0.2.7 - 8008 - {None} Processed
    #   request: 0.012sec/0.000sec (0.002sec, 0.000sec) (0.001sec/0.002sec/3) 512B 200 "GET /a HTTP/1.1" "curl/7.68.0"
    #   [0 dbevts]
    "synapse": "$time_two_words - $logger - $source_line - $level - $request_id - $remote_addr - $site_tag - "
    "{$requester} Processed request: ${request_time}sec/${sending_time}sec ($cpu) ($database) ${body_bytes_sent}B "
    '${status_digits}$mark "$request" "$http_user_agent" [$events]',
    # Fastly's first format (fastly.com/documentation, "Useful log formats").
    #   192.0.2.7 "Mon, 01 Jun 2026 10:00:00 GMT" "GET /a" 200
    "fastly": '%h "%{%a, %d %b %Y %H:%M:%S %Z}t" "%r" %>s',
    # oauth2-proxy's default; seconds.
    #   192.0.2.7:4711 - 6e2c - frank [2026/06/01 10:00:00] www.example.com GET / "/a?b=c" HTTP/1.1 "curl/7.68.0" 200
    #   512 0.012
    "oauth2_proxy": "$remote_addr - $request_id - $remote_user [$date_year/$date_month/$date_day "
    '$date_hour:$date_minute:$date_second] $host $request_method $upstream "$request_uri" $server_protocol '
    '"$http_user_agent" $status $body_bytes_sent $request_time',
    # IIS's own format, and NCSA's neighbour: local time, month first; milliseconds; a comma at the end.
    #   192.0.2.7, -, 06/01/26, 9:00:00, W3SVC2, SERVER, 172.21.13.45, 12, 163, 512, 200, 0, GET, /a, b=c,
    "iis": "%h, %u, %{%-m/%-d/%-y, %-H:%M:%S}t, %{service}n, %{server}n, %{ip}n, %{ms}T, %{received}n, %b, %s, "
    "%{win}n, %m, %U, %q,",
    # Cloud Foundry's router (docs.cloudfoundry.org, "App logging"): further fields may follow.
    #   www.example.com - [2026-06-01T10:00:00.123456Z] "GET /a HTTP/1.1" 200 0 512 "-" "curl/7.68.0" "10.0.4.1:41342"
    #   "10.0.16.5:61002" x_forwarded_for:"192.0.2.7" x_forwarded_proto:"https" vcap_request_id:"b1f6"
    #   response_time:0.012 gorouter_time:0.000104 app_id:"5a1b" app_index:"0"
    "gorouter": f"$host - {_GOROUTER}",
    # The same as the program cf shows it.
    #      2026-06-01T12:00:00.12+0200 [RTR/0] OUT www.example.com - [2026-06-01T10:00:00.123456Z] "GET /a HTTP/1.1" …
    "gorouter_cli": "\n$collected [$source]\nOUT\n$host - " + _GOROUTER,
    # Artifactory's request log (jfrog.com/help, "Request Log"); milliseconds.
    #   2026-06-01T10:00:00.123Z|d5d75b3c|192.0.2.7|anonymous|GET|/a|200|-1|512|12|curl/7.68.0
    "artifactory": "$time_iso8601|$trace_id|$remote_addr|$remote_user|$request_method|$request_uri|$status|"
    "$bytes_received|$body_bytes_sent|$request_time_ms|$http_user_agent",
    # Bitbucket's server, which logs each request when it comes (`i@`) and when it is answered (`o@`): only these count.
    #   192.0.2.7 | https | o@1Q2W3E | frank | 2026-06-01 10:00:00,123 | "GET /a HTTP/1.1" | "https://www.example.com/"
    #   "curl/7.68.0" | 200 | 0 | 512 | - | 12 | 1abc |
    "bitbucket": "$remote_addr | $scheme | o$request_id | $remote_user | $date_year-$date_month-$date_day "
    '$date_hour:$date_minute:$date_second,$fraction_ms | "$request" | "$http_referer" "$http_user_agent" | $status | '
    "$bytes_received | $body_bytes_sent | $labels | $request_time_ms | $cookie_session |",
    # Confluence's valve; nothing stands in quotes.
    #   [01/Jun/2026:10:00:00 +0000] frank http-nio-8090-exec-1 192.0.2.7 GET /a HTTP/1.1 200 12ms 512 - curl/7.68.0
    "confluence": "[$time_local] $remote_user $thread $remote_addr $request_method $request_uri $server_protocol "
    "$status ${request_time_ms}ms $body_bytes_sent $http_referer $http_user_agent",
    # Rails' logger, behind `paired`; milliseconds.
    #   Started GET "/a?b=c" for 192.0.2.7 at 2026-06-01 10:00:00 +0200 Completed 200 OK in 12ms (Views: 3.2ms | …)
    "rails_log": 'Started $request_method "$request_uri" for $remote_addr at $date_year-$date_month-$date_day '
    "$date_hour:$date_minute:$date_second $date_zone Completed $status $reason in $request_time $more",
    # PHP's built-in server; local time. Behind a dash it says why there is nothing.
    #   [Mon Jun  1 10:00:00 2026] 192.0.2.7:4711 [200]: GET /a?b=c
    "php": "[%{%a %b %e %T %Y}t] %h [%s]: %m %U%q %{outcome}n",
    # Gitea's and Forgejo's router.
    #   2026/06/01 10:00:00 HTTPRequest [I] router: completed GET /a?b=c for 192.0.2.7:4711, 200 OK in 12.3ms @ web/a.go
    "gitea": "$date_year/$date_month/$date_day $date_hour:$date_minute:$date_second $logger [$level] router: completed "
    "$request_method $request_uri for $remote_addr, $status $reason in $request_time @ $place",
    # CouchDB; milliseconds.
    #   [notice] 2026-06-01T10:00:00.123456Z nonode@nohost <0.1234.0> 5a4f6a1b www.example.com:5984 192.0.2.7 undefined
    #   GET /a?b=c 200 ok 12
    "couchdb": "[$level] $time_iso8601 $node $process $request_id $host $remote_addr $remote_user $request_method "
    "$request_uri $status $result $request_time_ms",
    # Render's request logs, and the same through its log streams (RFC 5424); milliseconds.
    #   2026-06-01T10:00:00.123Z [GET]200www.example.com/a?b=c clientIP="192.0.2.7" requestID="8601b555"
    #   responseTimeMS=12 responseBytes=512 userAgent="curl/7.68.0"
    "render": f"$time_iso8601 \n{_RENDER}",
    "render_syslog": f"<$priority>1 $time_iso8601 $machine $app $process $message_id $data \n{_RENDER}",
    # IIS with its default fields; `#Fields` lines in a log override them.
    #   2026-06-01 00:00:07 10.0.0.4 GET /a b=c 443 - 192.0.2.7 Mozilla/5.0+(X11) https://example.org/ 200 0 0 93
    "w3c": "w3c:date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) "
    "sc-status sc-substatus sc-win32-status time-taken",
    # Amazon CloudFront; earlier sets are shorter. Tabs between the values.
    #   2019-12-04 21:02:31 LAX1 392 192.0.2.7 GET d111111abcdef8.cloudfront.net /index.html 200 - Mozilla/5.0%20(X11)
    #   a=b - Hit SOX4xwn4XV6Q4rgb www.example.com https 23 0.001 - TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 Hit HTTP/2.0 - -
    #   11040 0.001 Hit text/html 78 - -
    "cloudfront": "w3c:date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) "
    "cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes "
    "time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status "
    "fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len "
    "sc-range-start sc-range-end",
    # Amazon CloudFront's real-time logs with all fields, in the order of their documentation; no `#Fields` line.
    "cloudfront_realtime": "w3c:timestamp c-ip time-to-first-byte sc-status sc-bytes cs-method cs-protocol cs-host "
    "cs-uri-stem cs-bytes x-edge-location x-edge-request-id x-host-header time-taken cs-protocol-version c-ip-version "
    "cs-user-agent cs-referer cs-cookie cs-uri-query x-edge-response-result-type x-forwarded-for ssl-protocol "
    "ssl-cipher x-edge-result-type fle-encrypted-fields fle-status sc-content-type sc-content-len sc-range-start "
    "sc-range-end c-port x-edge-detailed-result-type c-country cs-accept-encoding cs-accept "
    "cache-behavior-path-pattern cs-headers cs-header-names cs-headers-count primary-distribution-id "
    "primary-distribution-dns-name origin-fbl origin-lbl asn",
}
NO_REQUESTS: Final = frozenset({"s3"})
"""Formats of servers that log more than requests: without request and status a line is none (S3: lifecycle rules)."""
HEADER_LINES: Final[dict[str, bytes]] = {"gcs": b'"time_micros",'}
"""How the line with the names of the columns begins."""
OPEN_ENDED: Final = frozenset(
    {"combined", "vhost_combined", "host_combined", "haproxy", "haproxy_clf", "alb", "varnish"}
    | {"gorouter", "gorouter_cli"}
)
"""Formats after which lines may have further fields, as operators' formats often do."""
OPTIONAL_COUNTS: Final[dict[str, int]] = {"s3": 8, "php": 1, "rails_log": 1}
"""Formats of which so many of the last fields may be missing."""

CANDIDATES: Final[tuple[str, ...]] = (
    "cloudfront",
    "cloudfront_realtime",
    "w3c",
    "alb",
    "elb",
    "elb_2014",
    "s3",
    "gcs",
    "bunny",
    "uwsgi",
    "haproxy",
    "haproxy_clf",
    "traefik",
    "ingress_nginx",
    "bunkerweb",
    "proxy_manager",
    "proxy_manager_standard",
    "zoraxy",
    "odoo",
    "gin",
    "chi",
    "granian",
    "sanic",
    "tornado",
    "jupyter",
    "vertx",
    "glassfish",
    "envoy",
    "istio",
    "oauth2_proxy",
    "iis",
    "artifactory",
    "gorouter_cli",
    "gorouter",
    "alibaba_cdn",
    "synapse",
    "fastly",
    "bitbucket",
    "confluence",
    "rails_log",
    "php",
    "gitea",
    "couchdb",
    "render",
    "render_syslog",
    "squid",
    "squid_combined",
    "squid_common",
)
"""Servers' formats that can be recognised, in the order in which they are tried: if a line matches several, the first
has the most information."""
PLAIN_CANDIDATES: Final[tuple[str, ...]] = ("vhost_combined", "host_combined", "combined", "common")
"""The same for the formats of many servers, tried after layouts that values identify. `footfall` is not among
them, since its cookie could be any quoted field after a combined line, nor `varnish`, since only absolute urls
distinguish its lines from combined ones."""

"""JSON log formats as tables: servers with fixed keys, and the usual names of fields elsewhere.

A path is the keys that lead to a value, joined by dots. Comments name the source of each format.
"""

from __future__ import annotations

from typing import Final

from footfall.transforms.formats.application_json_formats import APPLICATION_FORMATS, FieldPaths

JSON_FORMATS: Final[dict[str, FieldPaths]] = {
    # Caddy 2 (caddyserver.com/docs/caddyfile/directives/log). `remote_addr` up to 2.4, `client_ip` from 2.7 on; cookies
    # are REDACTED but for `log_credentials`.
    #   {"level":"info","ts":1780272000.123,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":
    #   "192.0.2.7","remote_port":"4711","client_ip":"192.0.2.7","proto":"HTTP/2.0","method":"GET","host":
    #   "www.example.org","uri":"/a?b=c","headers":{"User-Agent":["curl/8.5.0"]}},"user_id":"","duration":0.000929675,
    #   "size":10900,"status":200,"resp_headers":{…}}
    "caddy": {
        "client": ("request.client_ip", "request.remote_ip", "request.remote_addr"),
        "edge-client": ("request.headers.Cf-Connecting-Ip", "request.headers.True-Client-Ip"),
        "proxy-client": "request.headers.X-Real-Ip",
        "forwarded": ("request.headers.X-Forwarded-For", "request.headers.Forwarded"),
        "user": "user_id",
        "time": ("ts", "line_time"),
        "method": "request.method",
        "url": "request.uri",
        "protocol": "request.proto",
        "site": "request.host",
        "status": "status",
        "bytes": "size",
        "referrer": "request.headers.Referer",
        "user-agent": "request.headers.User-Agent",
        "cookies": "request.headers.Cookie",
        "sec-gpc": "request.headers.Sec-Gpc",
        "dnt": "request.headers.Dnt",
        "sec-fetch-dest": "request.headers.Sec-Fetch-Dest",
        "x-requested-with": "request.headers.X-Requested-With",
        "sec-purpose": "request.headers.Sec-Purpose",
        "content-type": "resp_headers.Content-Type",
        "duration-s": "duration",
    },
    # Traefik (doc.traefik.io/traefik/observability/access-logs). Headers are logged only if the operator keeps
    # them; ClientHost is the whole X-Forwarded-For if there is one. Without a backend, `OriginStatus` is 0.
    #   {"ClientAddr":"192.0.2.7:4711","ClientHost":"192.0.2.7","ClientUsername":"-","DownstreamContentSize":357,
    #   "DownstreamStatus":200,"Duration":2001375,"RequestHost":"www.example.org","RequestMethod":"GET","RequestPath":
    #   "/a?b=c","RequestProtocol":"HTTP/2.0","StartUTC":"2026-06-01T00:00:00.587782192Z",
    #   "request_User-Agent":"curl/8.5.0","level":"info","msg":"","time":"2026-06-01T00:00:00Z"}
    "traefik_json": {
        "client": ("ClientHost", "ClientAddr"),
        "edge-client": ("request_Cf-Connecting-Ip", "request_True-Client-Ip"),
        "proxy-client": "request_X-Real-Ip",
        "forwarded": ("request_X-Forwarded-For", "request_Forwarded"),
        "user": "ClientUsername",
        "time": ("StartUTC", "StartLocal", "time"),
        "method": "RequestMethod",
        "url": "RequestPath",
        "protocol": "RequestProtocol",
        "site": ("RequestHost", "RequestAddr"),
        "status": ("DownstreamStatus", "OriginStatus"),
        "bytes": ("DownstreamContentSize", "OriginContentSize"),
        "referrer": "request_Referer",
        "user-agent": "request_User-Agent",
        "cookies": "request_Cookie",
        "sec-gpc": "request_Sec-Gpc",
        "dnt": "request_Dnt",
        "sec-fetch-dest": "request_Sec-Fetch-Dest",
        "x-requested-with": "request_X-Requested-With",
        "sec-purpose": "request_Sec-Purpose",
        "content-type": "downstream_Content-Type",
        "duration-ns": "Duration",
    },
    # Envoy's default in JSON, Istio's and Envoy Gateway's (envoyproxy.io, observability/access_log/usage):
    # milliseconds.
    #   {"start_time":"2026-06-01T00:00:00.310Z","method":"GET","path":"/a?b=c","protocol":"HTTP/2","response_code":200,
    #   "response_flags":"-","bytes_received":0,"bytes_sent":154,"duration":226,"x_forwarded_for":"192.0.2.7",
    #   "user_agent":"curl/8.5.0","authority":"www.example.org","downstream_remote_address":"192.0.2.7:4711"}
    "envoy_json": {
        "client": ("downstream_remote_address", "downstream_direct_remote_address"),
        "forwarded": ("x_forwarded_for", "x-forwarded-for"),
        "time": ("start_time", "timestamp", "time"),
        "method": ("method", ":method"),
        "url": ("x-envoy-origin-path", "x-envoy-original-path", "path", ":path", "original_path"),
        "protocol": "protocol",
        "site": ("authority", ":authority", "host"),
        "status": "response_code",
        "bytes": "bytes_sent",
        "referrer": ("referer", "referrer"),
        "user-agent": ("user_agent", "user-agent"),
        "cookies": "cookie",
        "duration-ms": "duration",
    },
    # Google Cloud's load balancers (cloud.google.com/load-balancing/docs/https/https-logging-monitoring), as a sink of
    # Cloud Logging writes them; HttpRequest of google.logging.type. Numbers are texts, `latency` ends in `s`.
    #   {"httpRequest":{"latency":"0.023s","protocol":"HTTP/1.1","remoteIp":"192.0.2.7","requestMethod":"GET",
    #   "requestUrl":"https://www.example.org/a?b=c","responseSize":"364","status":200,"userAgent":"curl/8.5.0"},
    #   "timestamp":"2026-06-01T00:00:00.123456Z",…}
    "gclb": {
        "client": "httpRequest.remoteIp",
        "time": ("timestamp", "receiveTimestamp"),
        "method": "httpRequest.requestMethod",
        "absolute-url": "httpRequest.requestUrl",
        "protocol": "httpRequest.protocol",
        "status": "httpRequest.status",
        "bytes": "httpRequest.responseSize",
        "referrer": "httpRequest.referer",
        "user-agent": "httpRequest.userAgent",
        "duration-s": "httpRequest.latency",
    },
    # Cloudflare Logpush, data set http_requests (developers.cloudflare.com/logs). Times are RFC 3339, seconds or
    # nanoseconds, as the job says. Cookies need a custom field.
    #   {"ClientIP":"192.0.2.7","ClientRequestHost":"www.example.org","ClientRequestMethod":"GET",
    #   "ClientRequestURI":"/a?b=c","EdgeResponseBytes":4322,"EdgeResponseStatus":200,
    #   "EdgeStartTimestamp":1780272000123000000}
    "cloudflare": {
        "client": "ClientIP",
        "forwarded": "RequestHeaders.x-forwarded-for",
        "time": ("EdgeStartTimestamp", "EdgeEndTimestamp"),
        "method": "ClientRequestMethod",
        "url": ("ClientRequestURI", "ClientRequestPath"),
        "protocol": "ClientRequestProtocol",
        "site": "ClientRequestHost",
        "status": "EdgeResponseStatus",
        "bytes": ("EdgeResponseBytes", "EdgeResponseBodyBytes"),
        "referrer": "ClientRequestReferer",
        "user-agent": "ClientRequestUserAgent",
        "cookies": "RequestHeaders.cookie",
        "sec-gpc": "RequestHeaders.sec-gpc",
        "dnt": "RequestHeaders.dnt",
        "duration-ms": "EdgeTimeToFirstByteMs",
    },
    # Kubernetes' ingress-nginx, the JSON of its documentation (user-guide/nginx-configuration/log-format).
    #   {"time":"2026-06-01T00:00:00+00:00","remote_addr":"192.0.2.7","x_forwarded_for":"192.0.2.7","remote_user":"",
    #   "bytes_sent":154,"request_time":0.012,"status":200,"vhost":"www.example.org","request_proto":"HTTP/1.1",
    #   "path":"/a","request_query":"b=c","duration":0.012,"method":"GET","http_referrer":"",
    #   "http_user_agent":"curl/8.5.0"}
    "ingress_json": {
        "client": "remote_addr",
        "forwarded": "x_forwarded_for",
        "user": "remote_user",
        "time": "time",
        "method": "method",
        "path": "path",
        "query": "request_query",
        "protocol": "request_proto",
        "site": "vhost",
        "status": "status",
        "bytes": "bytes_sent",
        "referrer": "http_referrer",
        "user-agent": "http_user_agent",
        "duration-s": ("request_time", "duration"),
    },
    # nginx with `escape=json` where the keys are the variables' names (ngx_http_log_module, ngx_http_core_module).
    #   {"time_iso8601":"2026-06-01T00:00:00+00:00","remote_addr":"192.0.2.7","request":"GET /a?b=c
    #   HTTP/1.1","status":"200",
    #   "body_bytes_sent":"154","http_referer":"","http_user_agent":"curl/8.5.0","request_time":"0.012"}
    "nginx_json": {
        "client": "remote_addr",
        "peer": "realip_remote_addr",
        "edge-client": ("proxy_protocol_addr", "http_cf_connecting_ip", "http_true_client_ip"),
        "proxy-client": "http_x_real_ip",
        "forwarded": ("http_x_forwarded_for", "proxy_add_x_forwarded_for"),
        "user": "remote_user",
        "time": ("msec", "time_iso8601", "time_local"),
        "request": "request",
        "method": "request_method",
        "url": "request_uri",
        "protocol": "server_protocol",
        "site": ("host", "http_host", "server_name"),
        "status": "status",
        "bytes": ("body_bytes_sent", "bytes_sent"),
        "referrer": ("http_referer", "http_referrer"),
        "user-agent": "http_user_agent",
        "cookies": "http_cookie",
        "sec-gpc": "http_sec_gpc",
        "dnt": "http_dnt",
        "duration-s": ("request_time", "upstream_response_time"),
    },
    # Amazon CloudFront's standard logs (v2) as JSON (docs.aws.amazon.com, "Standard logging reference"): the names of
    # the W3C fields, date and time apart, values as in the text files.
    #   {"date":"2026-06-01","time":"00:00:00","x-edge-location":"LAX1","sc-bytes":"392","c-ip":"192.0.2.7",
    #   "cs-method":"GET","cs(Host)":"d111111abcdef8.cloudfront.net","cs-uri-stem":"/a","sc-status":"200",
    #   "cs(User-Agent)":"curl/8.5.0","cs-uri-query":"b=c","time-taken":"0.001","x-host-header":"www.example.org"}
    "cloudfront_json": {
        "client": "c-ip",
        "forwarded": "x-forwarded-for",
        "date": "date",
        "clock": "time",
        "method": "cs-method",
        "path": "cs-uri-stem",
        "query": "cs-uri-query",
        "protocol": "cs-protocol-version",
        "site": ("x-host-header", "cs(Host)"),
        "status": "sc-status",
        "bytes": "sc-bytes",
        "referrer": "cs(Referer)",
        "user-agent": "cs(User-Agent)",
        "cookies": "cs(Cookie)",
        "duration-s": "time-taken",
    },
    # Akamai DataStream 2 (techdocs.akamai.com/datastream2, "Data set parameters"): texts are percent-encoded.
    #   {"cliIP":"192.0.2.7","reqTimeSec":"1780272000.123","reqMethod":"GET","reqHost":"www.example.org","reqPath":"/a",
    #   "queryStr":"b=c","statusCode":"200","totalBytes":"512","UA":"curl%2F8.5.0","referer":"-","cookie":"-",
    #   "turnAroundTimeMSec":"11","reqId":"1239f220"}
    "akamai": {
        "client": "cliIP",
        "forwarded": "xForwardedFor",
        "time": "reqTimeSec",
        "method": "reqMethod",
        "path": "reqPath",
        "query": "queryStr",
        "site": "reqHost",
        "status": "statusCode",
        "bytes": ("totalBytes", "bytes"),
        "referrer": "referer",
        "user-agent": "UA",
        "cookies": "cookie",
        "duration-ms": ("turnAroundTimeMSec", "transferTimeMSec"),
    },
    # Vercel's log drains (vercel.com/docs/log-drains/log-drains-reference); lines of functions have no `proxy`.
    #   {"id":"1","timestamp":1780272000123,"source":"edge","proxy":{"timestamp":1780272000100,"method":"GET","host":
    #   "www.example.org","path":"/a?b=c","userAgent":["curl/8.5.0"],"referer":"","statusCode":200,
    #   "clientIp":"192.0.2.7"}}
    "vercel": {
        "client": "proxy.clientIp",
        "time": ("proxy.timestamp", "timestamp"),
        "method": "proxy.method",
        "url": "proxy.path",
        "site": ("proxy.host", "host"),
        "status": "proxy.statusCode",
        "bytes": "proxy.responseByteSize",
        "referrer": "proxy.referer",
        "user-agent": "proxy.userAgent",
    },
    # Amazon API Gateway, the JSON of its documentation ("Set up API logging"); REST and HTTP APIs.
    #   {"requestId":"1","ip":"192.0.2.7","caller":"-","user":"-","requestTime":"01/Jun/2026:00:00:00 +0000",
    #   "httpMethod":"GET","resourcePath":"/a","status":"200","protocol":"HTTP/1.1","responseLength":"512"}
    "api_gateway": {
        "client": ("ip", "sourceIp"),
        "user": "user",
        "time": ("requestTimeEpoch", "requestTime"),
        "method": "httpMethod",
        "url": ("path", "resourcePath", "routeKey"),
        "protocol": "protocol",
        "site": ("domainName", "host"),
        "status": "status",
        "bytes": "responseLength",
        "user-agent": "userAgent",
        "duration-ms": ("responseLatency", "integrationLatency"),
    },
    # Azure Front Door (learn.microsoft.com/azure/frontdoor, "Monitor metrics and logs"): seconds.
    #   {"time":"2026-06-01T00:00:00.123Z","category":"FrontDoorAccessLog","properties":{"httpMethod":"GET",
    #   "requestUri":"https://www.example.org/a?b=c","responseBytes":"512","userAgent":"curl/8.5.0","clientIp":
    #   "192.0.2.7","socketIp":"192.0.2.7","timeTaken":"0.012","httpStatusCode":"200","referer":""}}
    "azure_front_door": {
        "client": ("properties.clientIp", "properties.socketIp"),
        "time": "time",
        "method": "properties.httpMethod",
        "absolute-url": "properties.requestUri",
        "status": "properties.httpStatusCode",
        "bytes": "properties.responseBytes",
        "referrer": ("properties.referer", "properties.referrer"),
        "user-agent": "properties.userAgent",
        "duration-s": "properties.timeTaken",
    },
    # Azure Application Gateway (learn.microsoft.com/azure/application-gateway, "Diagnostic logs"): v2 writes seconds
    # with a fraction, v1 milliseconds.
    #   {"timeStamp":"2026-06-01T00:00:00Z","category":"ApplicationGatewayAccessLog","properties":{"clientIP":
    #   "192.0.2.7","httpMethod":"GET","requestUri":"/a","requestQuery":"b=c","userAgent":"curl/8.5.0","httpStatus":200,
    #   "httpVersion":"HTTP/1.1","sentBytes":512,"timeTaken":0.012,"host":"www.example.org"}}
    "azure_gateway": {
        "client": ("properties.clientIP", "properties.clientIp"),
        "time": ("timeStamp", "time"),
        "method": "properties.httpMethod",
        "path": "properties.requestUri",
        "query": "properties.requestQuery",
        "protocol": "properties.httpVersion",
        "site": ("properties.originalHost", "properties.host"),
        "status": "properties.httpStatus",
        "bytes": "properties.sentBytes",
        "user-agent": "properties.userAgent",
        "duration": "properties.timeTaken",
    },
    # Azure App Service (learn.microsoft.com/azure/azure-monitor/reference/tables, AppServiceHTTPLogs): milliseconds.
    # Behind `nested`, since `properties` is an object within a text.
    #   {"time":"2026-06-01T00:00:00.123Z","category":"AppServiceHTTPLogs","properties":"{\"CsMethod\":\"GET\",
    #   \"CsUriStem\":\"/a\",\"CIp\":\"192.0.2.7\",\"ScStatus\":200,\"ScBytes\":512,\"TimeTaken\":12,…}"}
    "azure_app_service": {
        "client": "properties.CIp",
        "user": "properties.CsUsername",
        "time": ("time", "EventTime", "TimeGenerated"),
        "method": "properties.CsMethod",
        "path": "properties.CsUriStem",
        "query": "properties.CsUriQuery",
        "site": "properties.CsHost",
        "status": "properties.ScStatus",
        "bytes": "properties.ScBytes",
        "referrer": "properties.Referer",
        "user-agent": "properties.UserAgent",
        "cookies": "properties.Cookie",
        "duration-ms": "properties.TimeTaken",
    },
    # Pomerium (pomerium.com/docs, "Access log fields"): milliseconds.
    #   {"service":"envoy","upstream-cluster":"x","method":"GET","authority":"www.example.org","path":"/a","user-agent":
    #   "curl/8.5.0","forwarded-for":"192.0.2.7","duration":12.3,"size":512,"response-code":200,"time":"2026-06-01T…"}
    "pomerium": {
        "client": "ip",
        "forwarded": "forwarded-for",
        "time": "time",
        "method": "method",
        "url": "path",
        "site": "authority",
        "status": "response-code",
        "bytes": "size",
        "referrer": "referer",
        "user-agent": "user-agent",
        "duration-ms": "duration",
    },
    # Heroku's router, whose lines are pairs behind a time (devcenter.heroku.com/articles/http-routing): its own
    # address is nowhere, and `fwd` is X-Forwarded-For. Durations have a unit.
    #   2026-06-01T00:00:00.123456+00:00 heroku[router]: at=info method=GET path="/a?b=c" host=www.example.org
    #   request_id=1 fwd="192.0.2.7" dyno=web.1 connect=0ms service=18ms status=200 bytes=512 protocol=https
    "heroku": {
        "forwarded": "fwd",
        "time": "line_time",
        "method": "method",
        "url": "path",
        "site": "host",
        "status": "status",
        "bytes": "bytes",
        "duration-ms": "service",
    },
    **APPLICATION_FORMATS,
}
"""Format name → paths by field name, a key of `FIELD_NAMES`."""

DISTINCTIVE_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "kong": ("request.uri", "response.status", "client_ip"),
    "caddy": ("request.uri", "request.method"),
    "traefik_json": ("RequestPath", "DownstreamStatus"),
    "envoy_json": ("response_code", "response_flags", "start_time"),
    "gclb": ("httpRequest.requestUrl", "timestamp"),
    "cloudflare": ("ClientIP", "EdgeStartTimestamp"),
    "ingress_json": ("vhost", "request_proto", "request_query"),
    "cloudfront_json": ("c-ip", "cs-uri-stem", "date", "time"),
    "akamai": ("cliIP", "reqTimeSec"),
    "vercel": ("proxy.clientIp", "proxy.path"),
    "api_gateway": ("requestTime", "httpMethod", "responseLength"),
    "azure_front_door": ("properties.httpStatusCode", "properties.requestUri"),
    "azure_gateway": ("properties.httpStatus", "properties.requestUri"),
    "azure_app_service": ("properties.CsUriStem", "properties.ScStatus", "properties.CIp"),
    "pomerium": ("upstream-cluster", "response-code", "authority"),
    "heroku": ("fwd", "dyno", "service", "line_time"),
    "rails": ("controller", "action", "duration"),
    "tomcat_json": ("logicalUserName", "statusCode", "time"),
    "pino": ("req.method", "req.url", "res.statusCode", "hostname"),
    "serilog": ("RequestMethod", "RequestPath", "StatusCode", "Elapsed"),
    "serilog_json": ("Timestamp", "Properties.RequestMethod", "Properties.StatusCode", "Properties.Elapsed"),
    "winston": ("meta.req.method", "meta.res.statusCode", "meta.responseTime"),
    "bunyan": ("remote-address", "status-code", "response-time", "v"),
    "roadrunner": ("remote_address", "write_bytes", "elapsed", "URI"),
    "echo": ("remote_ip", "latency", "latency_human", "bytes_out"),
    "netlify": ("client_ip", "status_code", "deploy_id", "site_id"),
    "railway": ("srcIp", "httpStatus", "totalDuration"),
    "app_engine": ("protoPayload.ip", "protoPayload.resource"),
    "lattice": ("sourceIpPort", "requestPath", "responseCode"),
    "ecs": ("@timestamp", "http.request.method", "http.response.status_code", "url"),
    "opentelemetry": ("attributes.client.address", "attributes.http.request.method", "attributes.url.path"),
}
"""The keys that identify a format; `nginx_json` is guessed field by field, like unknown formats."""

ALIASES: Final[dict[str, str]] = {
    "client": "remoteaddr remoteip clientip clientaddr clientaddress client remotehost remoteaddress remote ip "
    "ipaddress sourceip srcip cip peer clienthost realip host",
    "edge-client": "proxyprotocoladdr httpcfconnectingip cfconnectingip httptrueclientip trueclientip",
    "proxy-client": "httpxrealip xrealip",
    "peer": "realipremoteaddr",
    "forwarded": "httpxforwardedfor xforwardedfor forwardedfor proxyaddxforwardedfor xff",
    "user": "remoteuser user username authuser clientusername",
    "site": "vhost virtualhost httphost requesthost authority host servername site domain hostname",
    "request": "request requestline firstline requestfirstline httprequest req",
    "method": "requestmethod method httpmethod verb reqmethod httprequestmethod m",
    "url": "requesturi requesturl uri url requestpath originaluri rawuri httpurl urloriginal httpuri path request u",
    "query": "querystring query args requestquery urlquery",
    "protocol": "serverprotocol protocol requestprotocol proto httpversion requestproto httpprotocol",
    "status": "status statuscode responsestatus responsecode httpstatus httpstatuscode code response st",
    "bytes": "bodybytessent bytessent bytes responsesize size responsebytes bytesout bodybytes sentbytes contentlength "
    "responselength length responsebodysize responsebytesize writtenbytes byteswritten bytesread responsecontentlength "
    "contentsize respsize outbytes writebytes httpresponsewritten apitx",
    "referrer": "httpreferer httpreferrer referer referrer requestreferer refererurl referrerurl ref",
    "user-agent": "httpuseragent useragent agent requestuseragent ua httpuseragentoriginal useragentoriginal",
    "cookies": "httpcookie cookie cookies",
    "sec-gpc": "httpsecgpc secgpc requestheaderssecgpc requestheadersecgpc gpc",
    "dnt": "httpdnt dnt requestheadersdnt requestheaderdnt donottrack",
    "sec-fetch-dest": "httpsecfetchdest secfetchdest requestheaderssecfetchdest",
    "x-requested-with": "httpxrequestedwith xrequestedwith requestheadersxrequestedwith",
    "sec-purpose": "httpsecpurpose secpurpose requestheaderssecpurpose",
    "content-type": "senthttpcontenttype responsecontenttype respheaderscontenttype",
    "session": "sessionid session sid cookiesession cookiesid sessioncookie",
    "time": "msec timestamp timeiso8601 timelocal time ts datetime date atimestamp timereceived eventtime localtime "
    "starttime startedat requesttimestamp when requesttime timeepoch linetime t",
    "duration": "requesttime duration latency responsetime timetaken elapsed elapsedtime processingtime taken "
    "requestduration reqtime servetime totaltime timeactive latencytotal totalduration upstreamresponsetime "
    "runtime apptime totalns totalms timetoresponse took rt time",
}
"""Field name → keys that servers and operators use for it, the likeliest first; in lower case, without punctuation.

`duration` is any of the fields with a unit; the end of the key (`_ms`, `_us`, `_ns`, `_s` …) or the values give it.
"""

-- What an analyst would write by hand to get figures like Footfall's out of one log, in DuckDB 2.0 on two threads.
-- Its best effort: of four ways to parse the lines, the fastest was kept (2M lines: this one 1.9 s; string_split at the
-- quotes 5.1 s; one regular expression 17.6 s), and hits are parsed once into a table of only what the roll-ups need.
-- It leaves out: locations, browsers and bots, first requests without a cookie, folding of small rows, every check.
-- Lines that are not UTF-8 or don't fit are skipped, whatever they were.
-- The runner has set the variable `log` to the log's path, and is connected to the file to be made.

SET threads = 2;
SET preserve_insertion_order = false;

CREATE TEMP TABLE hits AS
SELECT
    time,
    time::DATE AS day,
    status,
    bytes,
    referrer,
    agent,
    cookie,
    seconds,
    split_part(split_part(request, ' ', 2), '?', 1) AS page,
    request LIKE 'GET %'
        AND status IN (200, 304)
        AND NOT regexp_matches(page, '\.(css|js|woff2?|ico|svg|jpe?g|webp|png|gif|xml|json|rss|atom)$')
        AND NOT starts_with(page, '/api/') AS page_view
FROM read_csv(
    getvariable('log'),
    auto_detect = false,
    header = false,
    delim = ' ',
    quote = '"',
    escape = '',
    nullstr = '-',
    strict_mode = false,
    ignore_errors = true,
    max_line_size = 200000,
    timestampformat = '[%d/%b/%Y:%H:%M:%S',
    columns = {
        'client': 'VARCHAR',
        'ident': 'VARCHAR',
        'user': 'VARCHAR',
        'time': 'TIMESTAMP',
        'zone': 'VARCHAR',
        'request': 'VARCHAR',
        'status': 'SMALLINT',
        'bytes': 'BIGINT',
        'referrer': 'VARCHAR',
        'agent': 'VARCHAR',
        'cookie': 'VARCHAR',
        'seconds': 'DOUBLE'
    }
);

CREATE TABLE traffic AS
SELECT
    day,
    hour(time) AS hour,
    status,
    count(*) AS hits,
    count(*) FILTER (page_view) AS page_views,
    sum(bytes) AS bytes_sent
FROM hits
GROUP BY ALL;

CREATE TABLE pages AS
SELECT day, page, count(*) AS page_views, count(DISTINCT cookie) AS visits
FROM hits
WHERE page_view
GROUP BY ALL;

-- The host is cut out once for each distinct referrer, not once a hit.
CREATE TABLE referrers AS
SELECT day, regexp_extract(referrer, '^[a-z]+://(?:www\.)?([^/:]+)', 1) AS host, sum(page_views) AS page_views
FROM (SELECT day, referrer, count(*) AS page_views FROM hits WHERE page_view GROUP BY ALL)
GROUP BY ALL;

CREATE TABLE agents AS
SELECT day, agent, count(*) AS hits, sum(bytes) AS bytes_sent
FROM hits
GROUP BY ALL;

CREATE TABLE errors AS
SELECT day, status, page, count(*) AS hits
FROM hits
WHERE status >= 400
GROUP BY ALL;

CREATE TABLE latency AS
SELECT day, hour(time) AS hour, quantile_cont(seconds, [0.5, 0.95, 0.99]) AS p50_p95_p99_s
FROM hits
GROUP BY ALL;

CREATE TABLE visits AS
WITH silences AS (
    SELECT
        cookie,
        time,
        page,
        page_view,
        time - lag(time) OVER (PARTITION BY cookie ORDER BY time) > INTERVAL 30 MINUTES AS begins
    FROM hits
    WHERE cookie IS NOT NULL
),

numbered AS (
    SELECT *, count(*) FILTER (begins) OVER (PARTITION BY cookie ORDER BY time) AS number
    FROM silences
),

by_cookie AS (
    SELECT
        min(time)::DATE AS day,
        count(*) FILTER (page_view) AS page_views,
        epoch(max(time) - min(time)) AS duration_s,
        arg_min(page, time) FILTER (page_view) AS entry_page,
        arg_max(page, time) FILTER (page_view) AS exit_page
    FROM numbered
    GROUP BY cookie, number
    HAVING page_views > 0
)

SELECT
    day,
    entry_page,
    exit_page,
    count(*) AS visits,
    sum(page_views) AS page_views,
    count(*) FILTER (page_views = 1) AS bounces,
    sum(duration_s) AS duration_s
FROM by_cookie
GROUP BY ALL;

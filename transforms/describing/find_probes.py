"""Finds probes: requests that look for vulnerabilities, recognized by their url."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.describing.scrub_texts import decode_percent
from footfall.transforms.kernels.first_match import compile_first_match

NO_PROBE, PROBE_WHEN_REFUSED, PROBE_ALWAYS = range(3)
"""Codes of the column `probe`: a request may be a probe never, if the server refuses it, or always."""

MAX_REQUEST_CHARS: Final = 4_000
"""Only the first characters of a request are searched."""


class ProbeRule(NamedTuple):
    """A kind of probe: the pattern (syntax of both RE2 and Rust) matches the request decoded twice, in any case."""

    reason: str
    probe: int
    pattern: str


_PATH: Final = "^[^?]*"  # matches only in the path, since queries of ordinary requests may contain such a path too
_SPACE: Final = r"(?:[\s+]|/\*[^*]*\*/)"
_END: Final = r"(?:$|[/?#])"

PROBE_RULES: Final = (
    # Other protocols. Servers log the bytes that they could not parse, including control characters.
    ProbeRule("tls on a plain port", PROBE_ALWAYS, r"^(?:\x16\x03|\\x16\\x03)"),
    ProbeRule("ssh", PROBE_ALWAYS, r"^SSH-[12]\."),
    ProbeRule("rdp", PROBE_ALWAYS, r"^(?:\x03\x00\x00|\\x03\\x00\\x00)|mstshash="),
    ProbeRule("smb", PROBE_ALWAYS, r"^(?:\x00|\\x00).{0,20}SMB"),
    ProbeRule(
        "other protocol",
        PROBE_ALWAYS,
        r"^(?:[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{fffd}]|\\x[01][0-9a-f]|MGLNDD_|GIOP|JRMI|sip:|t3 [0-9]|EHLO |HELO "
        r"|\*[0-9]+\r)",
    ),
    ProbeRule(
        "proxy attempt",
        PROBE_ALWAYS,
        r"^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\]):[0-9]{1,5}$"
        r"|^https?://(?:[a-z0-9-]+\.)*(?:google\.com|baidu\.com|bing\.com|yahoo\.com|example\.com|httpbin\.org|ipify\.org"
        r"|ipinfo\.io|ip-api\.com|ifconfig\.me|icanhazip\.com|checkip\.amazonaws\.com|azenv\.net)(?::[0-9]+)?(?:/|$)"
        r"|azenv\.php|proxyjudge",
    ),
    # Attacks, in any part of the url.
    ProbeRule(
        "path traversal",
        PROBE_ALWAYS,
        r"(?:\.\.[/\\]+){2}|\.\.;/|\.\.\x{fffd}{2}|\.\.[/\\]+(?:etc|proc|windows|winnt|bin)[/\\]"
        r"|(?:^|=(?:file:)?)/+(?:etc/(?:passwd|shadow|group)|proc/self/|proc/version)|[/\\](?:win|boot)\.ini$",
    ),
    ProbeRule(
        "sql injection",
        PROBE_ALWAYS,
        rf"\bunion{_SPACE}+(?:(?:all|distinct){_SPACE}+)?select{_SPACE}*(?:null\b|[0-9@'\"(*]|concat|char\(|unhex|0x)"
        rf"|\bunion{_SPACE}+(?:(?:all|distinct){_SPACE}+)?select{_SPACE}+[a-z0-9_.,*]{{1,80}}{_SPACE}+from\b"
        rf"|['\")]{_SPACE}*(?:and|or|\|\|){_SPACE}*\(?['\"]?[0-9a-z]+['\"]?{_SPACE}*[=<>]"
        rf"|\b(?:and|or){_SPACE}+[0-9][0-9*+-]*{_SPACE}*[=<>]{_SPACE}*[0-9]"
        r"|\b(?:sleep|benchmark|pg_sleep|dbms_pipe\.receive_message|extractvalue|updatexml|load_file)\("
        rf"|\bwaitfor{_SPACE}+delay{_SPACE}*'|information_schema\.|\bxp_cmdshell|;{_SPACE}*(?:drop|alter){_SPACE}+table\b"
        rf"|\(select{_SPACE}+[^)]{{0,60}}(?:\bfrom\b|[0-9]{{2,}}\*[0-9]|\()|'\|\|'|\bsysdate\(\)"
        rf"|\border{_SPACE}+by{_SPACE}+[0-9]+{_SPACE}*(?:--|#|/\*)",
    ),
    ProbeRule(
        "script injection",
        PROBE_ALWAYS,
        r"<(?:script|svg|img|iframe|body)\b[^>]{0,80}[>/\s](?:[^>]{0,80}\bon[a-z]{3,12}=)?.{0,40}"
        r"\b(?:alert|prompt|confirm|eval|document\.cookie)\b|javascript:[^&]{0,20}(?:alert|prompt|confirm|eval)\("
        r"|\bon(?:error|load|mouseover|focus|click)\s*=\s*['\"]?(?:alert|prompt|confirm|eval)\b",
    ),
    ProbeRule(
        "code injection",
        PROBE_ALWAYS,
        r"\$\{(?:jndi|env|sys|lower|upper|::-|\$\{)|\{\{[0-9]+\*[0-9]+\}\}|\$\{[0-9]+\*[0-9]+\}|%\{\(?#|\(\)\s*\{\s*:;"
        r"|<\?(?:php|=)|php://(?:input|filter)|(?:data|expect|phar)://|auto_prepend_file|allow_url_include"
        r"|(?:[;|&`]|\$\()\s*(?:wget|curl|busybox|chmod|uname|whoami|ping|nslookup)\b[\s+$/-]|\bcd[\s+]+/tmp\b|rm[\s+]+-rf"
        r"|\b(?:base64_decode|shell_exec|passthru|call_user_func_array|phpinfo|var_dump|print_r|assert|md5)\("
        r"|invokefunction|think\\app|/bin/(?:ba|z)?sh\b|/phpunit/.*eval-stdin\.php|xdebug_session_start=|\bclass\.module\."
        r"|_ignition/execute-solution|/wls-wsat/|/functionrouter$",
    ),
    ProbeRule(
        "scanner",
        PROBE_ALWAYS,
        r"/nmaplowercheck|/nice%20ports|/nice ports,|trinity\.txt\.bak|acunetix|netsparker|\bbxss\.me|burpcollaborator"
        r"|\boast\.(?:fun|me|pro|site|live|online)|interact\.sh|dnslog\.cn|/muieblackcat|/w00tw00t|/systembc/|/zgrab\b",
    ),
    # Paths that no legitimate client requests.
    ProbeRule(
        "secrets file",
        PROBE_ALWAYS,
        rf"/\.(?:flask)?env(?:$|[./?~_-])|/\.(?:aws|ssh|azure|kube|docker)/|/\.(?:htpasswd|npmrc|pypirc|netrc|pgpass|dockercfg|my\.cnf"
        rf"|bash_history|mysql_history|git-credentials|s3cfg|boto){_END}|/id_(?:rsa|dsa|ecdsa|ed25519)\b|/sftp(?:-config)?\.json"
        r"|/wp-config(?:\.php|\.bak|\.old|\.txt|-)|/(?:aws|gcp)[_-]?(?:credentials|secrets?)\b"
        r"|/(?:credentials|secrets?|service-?account)\.(?:json|ya?ml|txt|ini)$",
    ),
    ProbeRule(
        "version control", PROBE_ALWAYS, rf"/\.(?:git|svn|hg|bzr){_END}|/\.git(?:lab-ci\.yml|hub/workflows|modules)"
    ),
    ProbeRule(
        "device exploit",
        PROBE_ALWAYS,
        rf"{_PATH}/(?:boaform/|HNAP1|GponForm/|goform/|tmUnblock\.cgi|ctrlt/DeviceUpgrade|setup\.cgi|cgi-bin/luci|dana-na/"
        r"|dana-cached/|\+CSCO[EUTL]+\+|remote/fgt_lang|global-protect/|ssl-vpn/|evox/about|picsdesc\.xml|language/Swedish"
        r"|developmentserver/metadatauploader|stssys\.htm|currentsetting\.htm|webfig/|sdk/vimServiceVersions)"
        r"|^/(?:shell|cgi-bin/[^?]*)\?.*\b(?:cd|wget|curl)\b|^/mgmt/tm/util/bash",
    ),
    ProbeRule(
        "web shell",
        PROBE_ALWAYS,
        rf"{_PATH}/(?:alfa[a-z0-9_-]*|wso[0-9.]*|c99|r57|b374k|p0wny[a-z0-9_-]*|[a-z0-9_-]*webshell|mini-?shell"
        r"|wp_filemanager|fm-?shell)\.(?:php[0-9]?|phtml|asp|aspx|jsp)$",
    ),
    # Paths that exist on some sites.
    ProbeRule(
        "wordpress",
        PROBE_WHEN_REFUSED,
        rf"{_PATH}(?:/wp-[a-z0-9_-]+\.php|/wp-admin{_END}|/wp-includes/|/wp-content/[^?]*\.(?:php[0-9]?|sql|log|bak|zip)"
        rf"|/xmlrpc\.php|/wlwmanifest\.xml|/wp-json/wp/v2/users|/wp-content/?$|^/+(?:wp|wordpress)[0-9]?/?$)",
    ),
    ProbeRule(
        "php admin",
        PROBE_WHEN_REFUSED,
        rf"{_PATH}/(?:php-?my-?admin[a-z0-9._-]*|php-?pg-?admin|(?:p|my|db|sql|mysql|web)-?(?:my)?admin|pma[0-9]*|adminer[a-z0-9._-]*)"
        rf"(?:\.php)?{_END}",
    ),
    ProbeRule(
        "php info",
        PROBE_WHEN_REFUSED,
        rf"{_PATH}/(?:php-?_?info[0-9]*|infophp|info[0-9]*|pinfo|_profiler/phpinfo|i|p|php|pi|test[0-9]*|debug)\.php[0-9]?$"
        rf"|{_PATH}/_profiler/(?:phpinfo|open|latest)",
    ),
    ProbeRule(
        "shell upload",
        PROBE_WHEN_REFUSED,
        rf"{_PATH}/(?:shell[a-z0-9_-]*|up(?:l|load|loader)?[0-9]*|cmd|x+|[0-9]{{1,3}}|wp|ini|goat[0-9]*|lock360|radio|0x|ebs|aks"
        r"|moon|doc|fox[a-z0-9_-]*|bypass|marijuana|mar|gel4y|leaf(?:mailer|php)?|mailer|simple|chosen|autoload_classmap"
        r"|filemanager|file|gif|403|404|adminfuns|content|themes|cong|dropdown|classwithtostring)\.(?:php[0-9]?|phtml)$"
        r"|/(?:kcfinder|ckfinder|fckeditor|elfinder|jquery-file-upload|filemanager)/|/\.well-known/[^?]*\.php"
        r"|/(?:uploads?|images?|img|css|js|fonts)/[^?]*\.(?:php[0-9]?|phtml)$",
    ),
    ProbeRule(
        "backup file",
        PROBE_WHEN_REFUSED,
        rf"{_PATH}\.(?:sql|dump|bak|old|orig|save|swp)(?:\.(?:gz|zip|bz2|7z))?$|{_PATH}/(?:backups?|dump|db|database|data|site"
        r"|www|web|html|public_html|website|httpdocs|htdocs|wordpress[0-9-]*|wp|old|new|test|prod|app|src|source|archive|files"
        r"|installer|version[0-9]*|ios|android|general)\.(?:zip|rar|7z|tar|tgz|tar\.gz|gz|bz2)$",
    ),
    ProbeRule(
        "configuration file",
        PROBE_WHEN_REFUSED,
        rf"{_PATH}/(?:config|configuration|settings|parameters|database|application|appsettings|local|production|secrets?)"
        r"(?:\.[a-z]+)?\.(?:ya?ml|ini|toml|properties|json|inc|php)$"
        rf"|{_PATH}/(?:\.ds_store|\.htaccess|\.vscode/|\.idea/|docker-compose\.ya?ml|dockerfile|web\.config|composer\.(?:json|lock)"
        rf"|package(?:-lock)?\.json|php\.ini|deploy\.sh|@vite/env{_END}|yarn\.lock|\.travis\.yml|\.circleci/|\.config/|\.json$)",
    ),
    ProbeRule(
        "server status",
        PROBE_WHEN_REFUSED,
        rf"{_PATH}/(?:server-(?:status|info)|nginx_status|fpm-status|stub_status|actuator|heapdump|jolokia|metrics|debug/pprof"
        rf"|telescope/requests|debug/default/view|_cat/indices|_all_dbs|console){_END}",
    ),
    ProbeRule(
        "admin console",
        PROBE_WHEN_REFUSED,
        rf"{_PATH}(?:/manager/(?:html|text)|/solr/|/jenkins/|/hudson/|/jmx-console|/invoker/|/nacos/|/druid/|/geoserver/"
        rf"|/administrator/?(?:index\.php)?$|/admin\.php$|/admin/config\.php|/owa/auth|/ecp/|/remote/login|/login\.action"
        rf"|/portal/redlion|/zabbix/|/webmin/|/cpanel{_END}|/vendor/phpunit|/install(?:er)?\.php$|/admin/controller/)",
    ),
    ProbeRule(
        "service discovery",
        PROBE_WHEN_REFUSED,
        rf"^/+(?:dns-query|json_rpc|jsonrpc|pool_info|query\?|resolve\?|v2/_catalog|containers/json|api/v1/pods|geoip{_END}|ab2[gh]"
        rf"|t4{_END}|aaa[0-9]|sitecore/|teorema505|owa/?$|versions?$|solr{_END})",
    ),
)
"""The first rule that matches decides, so the certain ones come first."""

PROBE_REASONS: Final = ("", *dict.fromkeys(rule.reason for rule in PROBE_RULES))
"""All values of the column `reason`."""

_ANY_RULE: Final = "|".join(f"(?:{rule.pattern})" for rule in PROBE_RULES)
_MANY: Final = 4_000
"""From this number of texts on, compiling one RE2 pattern of all rules (6 ms) saves time: it excludes most texts."""


def find_probes(requests: pa.StringArray) -> pa.Table:
    """Find out which requests are probes.

    `requests` are urls as logged (path and query, percent-encoded), or the raw text if the line contains no HTTP
    request. Only the first `MAX_REQUEST_CHARS` are searched.

    Returns two columns with a row per request: `probe` (int8: `NO_PROBE`, `PROBE_WHEN_REFUSED` for urls that exist on
    some sites, or `PROBE_ALWAYS`) and `reason` (string, one of `PROBE_REASONS`, empty if it is not a probe).

    >>> find_probes(pa.array(["/about", "/wp-login.php", "/a/%252e%252e/%252e%252e/etc/passwd"])).to_pydict()
    {'probe': [0, 1, 2], 'reason': ['', 'wordpress', 'path traversal']}
    """
    texts = pc.utf8_slice_codeunits(pc.fill_null(requests, ""), 0, MAX_REQUEST_CHARS)
    # Attackers encode twice to evade filters that decode once.
    texts = decode_percent(decode_percent(texts))
    candidates = np.arange(len(texts))
    if len(texts) >= _MANY:
        matched = pc.match_substring_regex(texts, _ANY_RULE, ignore_case=True)
        candidates = np.flatnonzero(matched.to_numpy(zero_copy_only=False))
    find = _compile_rules()
    rules = np.full(len(texts), len(PROBE_RULES))  # index of the matching rule; their number if none matches
    for row, text in zip(candidates, texts.take(pa.array(candidates)).to_pylist(), strict=True):
        if (rule := find(text)) is not None:
            rules[row] = rule
    probes = np.array([*(rule.probe for rule in PROBE_RULES), NO_PROBE], np.int8)
    reasons = pa.array([*(rule.reason for rule in PROBE_RULES), ""], pa.string())
    return pa.table({"probe": pa.array(probes[rules]), "reason": reasons.take(pa.array(rules))})


@functools.cache
def _compile_rules() -> Callable[[str], int | None]:
    """The function that returns the index of the first rule that matches a text."""
    return compile_first_match(f"(?i){rule.pattern}" for rule in PROBE_RULES)

"""Tokens of sessions and programs: known forms, what follows a key, and runs that look drawn."""

from __future__ import annotations

import re
from typing import Final

from footfall.transforms.describing.personal.drawn import is_drawn, is_drawn_piece, stands_beside_words
from footfall.transforms.describing.personal.judged_texts import MARK, MARKS
from footfall.transforms.describing.personal.message_codes import MESSAGE_CODES
from footfall.transforms.describing.personal.rule import BEGIN, DIGITS, END, Rule, Where, one_of
from footfall.transforms.describing.personal.sought import ADVERTISERS_DIGEST
from footfall.transforms.describing.personal.words import is_ordinary, is_word, rarity, surprise, words

_HEX: Final = "[0-9a-f]"

TOKEN_KEYS: Final = words("""
    token tokens access-token reset reset-password password-reset session sessions session-id sid verify verification
    verify-email confirm confirmation confirm-email activate activation invite invites invitation invitations
    unsubscribe opt-out magic magic-link login-link auth oauth sso share shared key keys api-key api-keys password
    passwords passwort passwort-vergessen recover recovery secret nonce otp pin code ref referral gift coupon-code
    licence license licence-key license-key abmelden bestaetigen einladung aktivieren desabonnement confirmer
    invitacion confirmar cancelar s r t activate-account confirm-account verify-account activate-user paste pastes
    set-password new-password change-password forgot-password forgot kontoaktivierung bestaetigung
    passwort-zuruecksetzen reinitialiser reinitialisation mot-de-passe-oublie restablecer recuperar activar verificar
    invitar ripristina attiva conferma invito redefinir ativar wachtwoord-vergeten bevestigen uitnodiging aktywuj
    potwierdz zaproszenie kuendigen abbestellen se-desabonner afmelden unsub email-preferences onetime one-time redeem
    einloesen gutschein voucher vouchers album shared join
    """)
"""Path segments and words before a token."""

SECRET_KEYS: Final = (
    "php_?sess_?id|j?_?session_?id|asp\\.?net_?session_?id|s_?id|sess|session|tokens?|access_?token|refresh_?token|"
    "id_?token|auth|auth_?token|api_?key|key|secret|client_?secret|pass|pass_?word|passwort|kennwort"
    "|passwd|pwd|pw|otp|pin|"
    "einmalcode|nonce|sig|signature|hash|csrf|csrf_?token|xsrf|code|state|jwt|bearer|gclid|fbclid|msclkid|dclid"
    "|wbraid|gbraid|mc_?eid|"
    "_ga|cid|client_?id|device_?id|uid|guid|uuid|adid|idfa|gaid|contrase(?:n|ñ)a|mot[ _-]?de[ _-]?passe"
    "|wachtwoord|senha|haslo|hasło"
)
"""Names of parameters whose value is a secret."""

PASSWORD_KEYS: Final = (
    "pass_?word|passwort|kennwort|passwd|pwd|pw|contrase(?:n|ñ)a|mot[ _-]?de[ _-]?passe"
    "|wachtwoord|senha|hasło|haslo|parola|heslo|jelsz(?:ó|o)|salasana|l(?:ö|o)senord|passord|adgangskode|kodeord"
    "|пароль|парола"
    "|lozinka|geslo|(?:ş|s)ifre|parool|slapta(?:ž|z)odis|κωδικ(?:ό"
    "|ο)ς|密码|密碼|パスワード|비밀번호|סיסמה|كلمة السر|mật khẩu"
    "|kata sandi|รหัสผ่าน"
)


_ACTIONS: Final = (
    "accept|annehmen|accepter|aceptar|accetta|aceitar|view|open|file|files|album|link|email|user|account|confirm|verify"
    "|new|set|change|use|redeem|claim|download|d|f|u|v"
)
"""What is done with a token, in a path between its key and it."""

MEETING_KEYS: Final = words("meet meeting meetings join conference")
"""Path segments before the code of a meeting."""
_LITTLE_WORDS: Final = words("""
    all and any are ask but buy can day for get her him his how its may new not now old one our out per see the top two
    via was who why you your
    """)
"""Words that a phrase of three words often has, and a drawn code hardly."""


_PRODUCTS: Final = re.compile(
    "(?:windows|office|outlook|iphone|ipad|galaxy|excel|fritzbox|firefox|android|ios|macos|sha|md|base|aes|wpa"
    "|bcrypt)[0-9]+",
    re.IGNORECASE,
)
"""Products and methods that people name beside the word for a password."""


def _is_password(match: re.Match[str]) -> bool:
    """Whether what follows the word alone is a password: it has a sign, or three digits behind small and capitals;
    after the word's abbreviation, letters and digits are enough."""
    text = match["secret"]
    if match["short"] and re.fullmatch("[A-Za-z]{4,}[0-9]+[A-Za-z]*", text):
        return not _PRODUCTS.fullmatch(text)
    return bool(re.search(r"[A-Za-z].*[!?$#*§&+]|^(?=.*[a-z])(?=.*[A-Z]).*[0-9]{3}", text))


def is_code(text: str) -> bool:
    """Whether the text after a key is a code and not a word: a piece of it is no word, number of a step or year.

    >>> is_code("w8d7r2"), is_code("hzkqtvbx"), is_code("facebook"), is_code("step-2"), is_code("oauth2")
    (True, True, False, False, False)
    """
    if is_ordinary(text) or not text.isascii():
        return False
    if re.fullmatch("[0-9A-Z]{3,6}(?:-[0-9A-Z]{3,6}){2,}", text) and len(re.findall("(?:^|-)[A-Z]*[0-9]", text)) > 1:
        return len(re.findall("[A-Z]", text)) > 1
    pieces = [piece for piece in re.split("[-_.~:+ ]", text) if piece]
    strange = [piece for piece in pieces if not _is_plain(piece)]
    if any(is_word(piece) and len(piece) >= 4 for piece in pieces):
        return sum(len(piece) for piece in strange if not piece.isdigit()) >= 8
    return sum(map(len, strange)) >= 5


def _is_plain(piece: str) -> bool:
    """A word, also in camel case or with a small number, a short abbreviation, or a small number with a unit."""
    if re.fullmatch("[0-9]{0,4}(?:[A-Z]?[a-z]{0,3}|[A-Z]{2})|[A-Za-z]{1,2}[0-9]{1,4}", piece):
        return True
    match = re.fullmatch("([A-Z]?[a-z]+|[A-Z]+|(?:[A-Z][a-z]{2,})+)([0-9]{0,4})", piece)
    return bool(match) and all(rarity(part) <= 3 for part in re.findall("[A-Z]?[a-z]+|[A-Z]+", piece))


_OF_PEOPLE: Final = re.compile(
    r"(?<![^\W_])(?:users?|uid|id|clients?|customers?|members?|subscribers?|kunde|visitors?|leads?|contacts?|sess"
    r"|session|sid"
    r"|tokens?|e?mail|recipients?)(?![^\W_])",
    re.IGNORECASE,
)


def _is_digest(match: re.Match[str], where: Where) -> bool:
    """Campaigns' numbers are left to `numbers`; 64 bits beside words, none of them for people, are the advertiser's."""
    if where != "campaign":
        return True
    is_advertisers = len(match[0]) == ADVERTISERS_DIGEST and stands_beside_words(match, where)
    return not match[0].isdigit() and not (is_advertisers and not _OF_PEOPLE.search(match.string))


_OF_LISTS: Final = re.compile(
    r"(?<![^\W_])(?:atc|icd|hs|cpt|swift|bic|iata|icao|error|fault|fehler|dtc|stop|colou?r|farb|hex|morse|qr|cheat"
    r"|source|country|area)"
    r"[ -]?code\W+$",
    re.IGNORECASE,
)
"""Codes that a list has for everybody."""
_OF_ARTICLES: Final = re.compile(r"(?<![^\W_])(?:ean|gtin|upc|jan|bar) ?-?code\W+$", re.IGNORECASE)

KNOWN_TOKENS: Final = (
    *MESSAGE_CODES,
    Rule(
        "UUID",
        "{uuid}",
        rf"\{{?{_HEX}{{8}}(?P<s>[-_: ]?){_HEX}{{4}}(?P=s){_HEX}{{4}}(?P=s){_HEX}{{4}}(?P=s){_HEX}{{12}}(?:(?<=\w)\}})?",
        "RFC 9562",
        finds=("/user/550e8400-e29b-41d4-a716-446655440000/edit", "/user/550e8400_e29b_41d4_a716_446655440000"),
        accept=lambda match, where: bool(match["s"]),
    ),
    Rule(
        "JSON Web Token",
        "{token}",
        r"(?-i:eyJ)[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]+){0,4}",
        "RFC 7519: its first part is JSON in base64",
        finds=("/in/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmN",),
    ),
    Rule(
        "signed cookie",
        "{token}",
        rf"{BEGIN}s:[A-Za-z0-9_-]{{6,}}\.[A-Za-z0-9+/_-]{{6,}}=*",
        "express-session and cookie-signature",
        finds=("/session/s:kJ2hG5fD8sA1qW4e.Z9xC7vB3nM6lK0jH", "/session/s%253AkJ2hG5fD.Z9xC7vB3nM"),
        needs=":",
    ),
    Rule(
        "key with its maker's mark",
        "{token}",
        (
            r"(?<![0-9A-Za-z])(?:(?-i:sk|pk|rk|whsec)_(?:test_|live_)?[A-Za-z0-9]{8,}"
            r"|gh[pousr]_[A-Za-z0-9]{10,}|github_pat_\w{10,}"
            r"|glpat-[\w-]{10,}|(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{8,}|(?-i:A3T[A-Z0-9]|AKIA|ASIA|AROA"
            r"|AIDA)[A-Z0-9]{12,}"
            r"|(?:bot)?[0-9]{8,10}:(?-i:AA)[\w-]{20,}|(?-i:T[0-9A-Z]{8,10}/B[0-9A-Z]{8,10})/[0-9A-Za-z]{20,}"
            r"|[0-9a-z]{6}-[0-9a-f]{32}(?![0-9a-f])|(?-i:AIza)[\w-]{20,}|ya29\.[\w-]{10,}|"
            r"(?-i:SG)\.[\w-]{16,}\.[\w-]{16,}|sk-(?:proj-"
            r"|ant-)?[\w-]{16,}|hf_[A-Za-z0-9]{16,}"
            r"|npm_[A-Za-z0-9]{16,}|(?:pypi-AgE|tskey-[a-z]+-|secret_|ntn_|nfp_|figd_|PMAK-|vercel_|lin_api_"
            r"|dckr_pat_|sq0[a-z]{3}-|rzp_(?:live|test)_"
            r"|ATATT3x|ory_(?:at|rt|st)_|sbp_|pscale_tkn_|hvs\.|r8_|gsk_|xai-|tvly-|pplx-|AQVN|key-|rubygems_|glsa_"
            r"|glc_|NRAK-|dp\.pt\.)[\w-]{14,}"
            r"|[\w-]{12,}\.apps\.googleusercontent\.com|4/0[A-Z][\w-]{8,}|dop_v1_[0-9a-f]{16,}"
            r"|amzn1\.[\w.]*\.?[A-Z0-9]{8,}|shp(?:at|ss|ca)_[0-9a-f]{8,}"
            r"|(?-i:GA|GS)[0-9]\.[0-9]\.[0-9a-z.]+|fb\.[0-9]\.[0-9]{10,13}\.[\w-]+|(?-i:1P|EAA)[A-Za-z0-9]{24,}"
            r"|0x[0-9a-f]{16,}|(?:bc1|tb1)[0-9a-z]{20,}|cus_[A-Za-z0-9]{8,}|(?:ch|pi|seti|cs|sub|in"
            r"|evt|req|acct)_(?:test_|live_)?[A-Za-z0-9]{12,}|(?-i:ST|TGT|PT|PGT)-[0-9]+-[A-Za-z0-9]{10,}(?:-[\w.]+)?)"
        ),
        "the makers' pages; GitHub's patterns of secret scanning",
        finds=(
            "/key/ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "/key/AKIAIOSFODNN7EXAMPLE",
            "GA1.2.1234567890.1600000000",
            "/cas/ST-28943-kJ2hG5fD8sA1qW4e-cas01",
            "/bot7184920563:AAGh8xQ2vLkT0wZrN5yPbJmUcE1s/getUpdates",
            "/services/T04K8QZ1M/B05RW7XN2/xP3vK9mLqZtYw2NcRb6H",
        ),
        leaves=("/in_stock/sub_categories",),
        accept=lambda match, where: bool(re.search("[0-9]", match[0])),
        needs=DIGITS,
    ),
    Rule(
        "base64 with its padding",
        "{token}",
        (
            r"(?<![A-Za-z0-9+=])(?:"
            r"(?:(?=[A-Za-z_-]*[0-9+]|(?-i:[a-z]+[A-Z]))[A-Za-z0-9+_-]{3,}[/ ]{1,2}){1,4}[A-Za-z0-9+_-]{2,}"
            r"|[A-Za-z0-9+_-]{6,})={1,2}(?![A-Za-z0-9=])"
        ),
        "RFC 4648, section 4",
        finds=("/auth/q8Rz+T3vXk1/Lm0w1c==", "/auth/q8Rz%252BT3vXk1%252FLm0w1c%253D%253D", "/sso/q8Rz+T3vXk1//Lm0w=="),
        leaves=("/search/colour=",),
        accept=lambda match, where: surprise(re.sub("[^A-Za-z0-9]", "", match[0])) >= 30,
        needs="=",
    ),
    Rule(
        "secret with its name",
        "{token}",
        rf"(?<![A-Za-z0-9])(?:{SECRET_KEYS})\s?=\s?(?P<secret>[^\s&;,{MARK[1:-1]}]{{2,}})",
        "names of parameters that frameworks and advertisers use",
        finds=("/x/PHPSESSID=rk2q8dvn0sl4m5h7t9", "pw=Sommer2024!"),
        leaves=("/code/a=b",),
        needs="=",
    ),
    Rule(
        "password with its name",
        "{token}",
        rf"(?<![A-Za-z0-9])(?:{PASSWORD_KEYS})\s?:\s?(?P<secret>[^\s&;,/{MARK[1:-1]}]{{2,}})",
        "what people paste into a search",
        finds=("password:hunter2",),
        leaves=("password: reset",),
        accept=lambda match, where: not is_ordinary(match["secret"]),
        needs=":",
    ),
    Rule(
        "password in a sentence",
        "{token}",
        (
            rf"(?<![A-Za-z0-9])(?:(?P<short>pw|pwd|passwd)|{PASSWORD_KEYS})\s(?:(?:is|ist|lautet|est|es|è|é|to)\s"
            rf"(?P<said>)|(?:vergessen|falsch|forgotten|wrong)\s)?"
            rf"(?P<secret>[^\s/{MARK[1:-1]}]{{4,}})"
        ),
        "what people paste into a search",
        finds=("password is Tr0ub4dor", "pwd Winter2023!", "pw sommer99"),
        leaves=("password is incorrect", "password sha256", "passwort 2024", "pw windows11", "yamaha pw 50cc"),
        accept=lambda match, where: (
            bool(re.search("[0-9]", match["secret"])) and (match["said"] is not None or _is_password(match))
        ),
        wheres=("phrase",),
        needs=DIGITS,
    ),
    Rule(
        "code of a meeting",
        "{token}",
        rf"(?:^|/)(?:{one_of(MEETING_KEYS)})/(?P<secret>[a-z]{{3}}-[a-z]{{4}}-[a-z]{{3}})(?![^/])",
        "Google Meet",
        finds=("/meet/abc-defg-hij",),
        leaves=("/meeting/the-road-map", "/meet/our-team"),
        accept=lambda match, where: not _LITTLE_WORDS & set(match["secret"].split("-")),
        wheres=("path",),
    ),
    Rule(
        "token after a key in a path",
        "{token}",
        rf"(?:^|/)(?:{one_of(TOKEN_KEYS)})(?:/(?:{_ACTIONS}))?(?=/(?P<secret>[^/{MARK[1:-1]}]+))",
        "links in mails: resetting, confirming, inviting, unsubscribing",
        finds=("/unsubscribe/w8d7r2", "/activate/Pq7ZmT", "/password/reset/mzkqvtbxhw"),
        leaves=("/share/facebook", "/verify/email", "/reset/step-2", "/invite/friends"),
        accept=lambda match, where: is_code(match["secret"]),
        wheres=("path",),
    ),
    Rule(
        "token behind its name",
        "{token}",
        (
            r"(?<![A-Za-z0-9])(?:tok|token|sess|session|session[-_]?id|sid|api[-_]?key|secret|nonce|csrf|jwt|auth)"
            r"[-_:]{1,2}(?P<secret>[0-9A-Za-z_-]{8,})"
        ),
        "names of cookies and parameters",
        finds=("/x/tok_8fk2mq9x", "/x/session_9f8e7d6c", "sid-8fk2mq9x3"),
        leaves=("/news/session-2024", "/x/token-based-auth", "session-20240612", "auth-v2beta1"),
        accept=lambda match, where: (
            len(re.findall("[0-9]+|[A-Za-z]+", match["secret"])) > 2 and is_code(match["secret"])
        ),
        needs=DIGITS,
    ),
    Rule(
        "token after the name of a parameter in a phrase",
        "{token}",
        (
            r"(?<![A-Za-z0-9])(?:(?:csrf|xsrf|access|refresh|id|auth)[-_ ]?token|(?:php|j|asp)?_?sess(?:ion)?_?id"
            r"|api[-_]key)"
            rf"[\s:=]{{1,2}}(?P<secret>[^{MARK[1:-1]}]*?(?=[^\s{MARK[1:-1]}]*[0-9])(?=[^\s{MARK[1:-1]}]*[A-Za-z])"
            rf"[^{MARK[1:-1]}]{{6,}})"
        ),
        "what people paste into a search: base64, whose signs are blanks by then",
        finds=("csrf_token 8xmer htq/ qrit", "access_token 9fq2 k3dl0s"),
        leaves=("csrf_token missing", "phpsessid in url"),
        accept=lambda match, where: any(is_code(piece) for piece in match["secret"].split()),
        wheres=("phrase",),
        needs=DIGITS,
    ),
    Rule(
        "token after a key in a phrase",
        "{token}",
        (
            r"(?<![A-Za-z0-9])(?:token|bearer|authorization(?: bearer)?|session(?: ?id)?|sid|api ?key|key|otp|pin|code"
            r"|secret|hash|auth|licen[cs]e(?: key)?|voucher)"
            rf"[\s:=#-]{{1,3}}(?:(?:is|ist|lautet|est|expired|invalid|abgelaufen|ungültig|expirée?|invalide"
            rf"|caducad[ao]|scadut[ao])\s)?"
            rf"(?P<secret>[^\s/{MARK[1:-1]}]+)"
        ),
        "what people paste into a search",
        finds=("sid:hf83kd02ls", "session expired xwwf1nqtra", "api key x9K2m4Qz7Lp1"),
        leaves=("token of love", "session recordings", "code geass", "key west", "stop code 0x0000009f"),
        accept=lambda match, where: (
            len(match["secret"]) >= 6
            and is_code(match["secret"])
            and not re.fullmatch("0x[08c][0-9a-f]{7}(?:-0x[0-9a-f]+)?", match["secret"], re.IGNORECASE)
            and not _OF_LISTS.search(match.string[: match.start("secret")])
            and not (match["secret"].isdigit() and _OF_ARTICLES.search(match.string[: match.start("secret")]))
        ),
        wheres=("phrase",),
    ),
)

DRAWN_TOKENS: Final = (
    Rule(
        "rest of a token in base64",
        "{token}",
        (
            rf"{MARKS['{token}']}(?:[+=][+/=A-Za-z0-9]{{0,8}}(?=$|[/?])"
            r"|[-_](?![0-9]+[a-z]{1,3}(?![0-9A-Za-z]))(?=[0-9]*[A-Za-z])(?=[A-Za-z]*[0-9])[0-9A-Za-z]{6,}"
            r"(?![0-9A-Za-z]))"
        ),
        "RFC 4648, sections 4 and 5",
        finds=("/activate/{token}++/m", "/activate/{token}-AAAAAA0"),
        leaves=("/activate/{token}/more", "/video/{token}-1080p", "/video/{token}-trailer"),
        needs="+=-_",
    ),
    Rule(
        "webhook",
        "{token}",
        rf"(?<![0-9A-Za-z])(?P<secret>T[0-9A-Z]{{8,10}}/B[0-9A-Z]{{8,10}})/{MARKS['{token}']}",
        "Slack's incoming webhooks: team, channel, secret",
        finds=("/services/T02AB3CD4/B05EF6GH7/{token}",),
        leaves=("/services/T02AB3CD4",),
        needs=MARKS["{token}"],
    ),
    Rule(
        "number of a user before a token",
        "{token}",
        rf"(?:^|/)(?:{one_of(TOKEN_KEYS)})/(?P<secret>(?=[0-9A-Za-z_-]*(?:[0-9]|"
        rf"(?-i:[A-Z])))[0-9A-Za-z_-]{{2,16}})/{MARKS['{token}']}",
        "Django's links for resetting a password: the key of the user in base64, then the token",
        finds=("/reset/MjM3/{token}", "/activate/MTI/{token}"),
        leaves=("/reset/password/{token}", "/share/album/{token}"),
        wheres=("path",),
        needs=MARKS["{token}"],
    ),
    Rule(
        "begin of a token",
        "{token}",
        rf"(?<![0-9A-Za-z])(?=[0-9a-z]*[0-9])[0-9a-z]{{4,}}[-.:~_]{MARKS['{token}']}",
        "what stands before a digest is its key or its other half",
        finds=("bearer 5d64f1:{token}", "00001029-{token}"),
        leaves=("sha:{token}", "/reset-{token}"),
        needs=MARKS["{token}"],
    ),
    Rule(
        "long hexadecimal run",
        "{token}",
        rf"{_HEX}{{16,}}",
        "digests and session cookies, of 64 bits or more",
        finds=("/reset/d41d8cd98f00b204e9800998ecf8427e", "/x/d3b07384d113edec"),
        leaves=("/decade/facade",),
        accept=_is_digest,
    ),
    Rule(
        "run that looks drawn",
        "{token}",
        r"(?<![0-9A-Za-z])(?=[0-9A-Za-z_+~=-]{6})[0-9A-Za-z]+(?:[-_+~=]{1,2}[0-9A-Za-z]+)*",
        "the bits of chance in letters, digits and changes between them (`words.surprise`)",
        finds=("/share/dQw4w9WgXcQ", "/x/a1b2-c3d4-e5f6-g7h8", "/t/kqzvxwpjhtrdbnmc", "/x/f47ac10b58cc"),
        leaves=("/tv/UE55AU7100", "/docs/XMLHttpRequest", "/products/sony-wh-1000xm5-black", "/Best-Places-In-2024"),
        accept=is_drawn,
    ),
    Rule(
        "piece that looks drawn",
        "{token}",
        rf"{BEGIN}[0-9A-Za-z]{{8,}}{END}",
        "the same, between dashes and beside words",
        finds=("/x/for-dQw4w9WgXcQabc12DEFxyz",),
        leaves=("/docs/encodeURIComponent-example",),
        accept=is_drawn_piece,
    ),
)

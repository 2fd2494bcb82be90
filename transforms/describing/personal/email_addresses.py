"""E-mail addresses, also where the `@` is spelt out."""

from __future__ import annotations

import re
from typing import Final

from footfall.transforms.describing.personal.judged_texts import MARK, MARKS
from footfall.transforms.describing.personal.rule import Rule, Where, one_of
from footfall.transforms.describing.personal.words import is_ordinary, words

_LOCAL: Final = rf"[^\s/@?&;,:<>()\[\]{{}}|\\\"{MARK[1:-1]}]{{1,64}}"
_QUOTED: Final = r"\"[^\"/@]{1,64}\""

AT: Final = (
    "(?:at|ät|arroba|arobase|chiocciola|ma(?:ł|l)pa|snabel-?a|собака|zavin(?:á|a)(?:č|c)|kukac|apenstaartje"
    "|klammeraffe|miukumauku|snabela|et|arond|eta|παπάκι|papaki|afna|majmun|alfa)"
)
DOT: Final = (
    "(?:dot|punkt|punto|ponto|point|punt|kropka|точка|nokta|ponto|tačka|te(?:č|c)ka|piste|pont"
    "|punktum|punct|to(?:č|c)ka|pika|τελεία|teleia|ta(?:š|s)kas|titik)"
)
"""How the signs of an address are spelt out."""

_PROVIDERS: Final = words("""
    gmail googlemail gmx web mail yahoo ymail hotmail outlook live msn icloud me aol t-online freenet posteo proton
    protonmail orange wanadoo free laposte libero virgilio wp onet interia o2 seznam yandex rambler qq 163 126 sina
    naver uol terra bol zoho fastmail tutanota
    """)
"""Providers of mail, whose domain people leave unfinished."""
MAILERS: Final = (
    "(?:gmail|googlemail|gmx|yahoo|hotmail|outlook|icloud|aol|t-online|freenet|posteo|protonmail|proton|laposte|libero"
    "|wanadoo|yandex|fastmail|web|mail)"
)
_TOPS: Final = (
    "(?:com|net|org|info|de|at|ch|fr|it|es|nl|be|pl|ru|eu|se|no|dk|fi|pt|cz|ie|io|me|co[_-]uk|com[_-]au|com[_-]br)"
)
MAIL_DOMAINS: Final = (
    f"{MAILERS}|docomo|ezweb|softbank|qq|163|126|naver|daum|hanmail|rediffmail|uol|bol|terra|seznam|onet|wp|interia"
    f"|o2|ziggo"
    "|telenet|skynet|otenet|free|sfr|orange|virgilio|tiscali|alice|sapo|rambler|bk|list|inbox|ukr|centrum|abv"
    "|hotmail|live|msn"
)
"""Domains of providers of mail, without their ends."""
_TOPS_OF_MAIL: Final = rf"(?:ne\.jp|com\.br|co\.jp|co\.kr|co\.in|jp|kr|in|gr|bg|ua|br|{_TOPS})"
MAIL_KEYS: Final = words("""
    mail mails email emails e-mail user users account accounts profile profiles member members subscriber subscribers
    subscribe unsubscribe abmelden contact contacts customer customers client clients verify confirm invite mailbox
    mailboxes inbox optout opt-out
    """)
"""Path segments before an e-mail address."""
_FILE_ENDINGS: Final = (".html", ".htm", ".php", ".aspx", ".asp", ".jsp", ".pdf", ".md", ".txt", ".xml", ".json")


def _has_letter(match: re.Match[str], where: Where) -> bool:
    """`vue@3.2.1` and `vue@next` are a package and its version, `logo@2x.png` is a picture, `me@work` a phrase."""
    domain = match["domain"].lower()
    if re.fullmatch(
        (
            r"latest|next|beta|alpha|canary|rc|stable|nightly|main|master|dev|lts|[1-4]x(?:\.[a-z0-9]+)?"
            r"|[0-9]+\.[0-9]+\.[0-9]+-.*|[0-9.]*"
        ),
        domain,
    ):
        return False
    if "." not in domain and domain not in _PROVIDERS and not re.search(r"[._+0-9-]", match["local"]):
        return False
    return domain.startswith("[") or bool(re.search(r"[^\W\d_]", domain))


def _is_spelt_address(match: re.Match[str], where: Where) -> bool:
    """`sale at zalando.de` is a sentence; an address has a sign in its local part, or its signs are spelt out."""
    if match["at"].strip().lower() in ("et", "eta", "afna", "alfa"):
        # The sign in Turkish, Croatian, Lithuanian and Italian; words in other languages.
        return bool(match["dot"] and not re.search("point|punto", match["dot"], re.IGNORECASE))
    if re.search(r"[._+0-9]", match["local"]) or match["dot"] or not match["at"].startswith((" ", "+")):
        return True
    return match["at"].strip(" _+*.()[]{}<>-").lower() != "at"


EMAIL_ADDRESSES: Final = (
    Rule(
        "e-mail address with blanks around its signs",
        "{email}",
        (
            r"(?<![\w.+-])[\w+-]{1,64}(?:\s?[._]\s?[\w+-]{1,64}){0,3}\s?@\s?[\w-]{1,63}(?:\s\.\s?|\.\s)[\w-]{2,24}"
            r"(?:\s?\.\s?[\w-]{2,24}){0,2}(?![\w-])"
        ),
        "how people write addresses for other people",
        finds=("jane . doe @ example . org", "jane@example. org"),
        leaves=("me @ work. now what is it", "vue @ 3 . 2"),
        accept=lambda match, where: bool(re.search(rf"{_TOPS}$", match[0], re.IGNORECASE)),
        needs="@",
    ),
    Rule(
        "e-mail address with a blank after each letter",
        "{email}",
        r"(?<![^\s])(?:[\w.+-]\s){2,64}@(?:\s[\w-]){2,63}(?:\s\.(?:\s\w){2,24}){1,3}(?![^\s])",
        "how people hide an address from programs",
        finds=("j d o e @ h o s t . o r g",),
        leaves=("a b c d", "a @ b c d"),
        needs="@",
    ),
    Rule(
        "e-mail address with a comma before its end",
        "{email}",
        rf"(?<![\w.+-])[\w.+-]{{1,64}}@[\w-]{{1,63}},\s?{_TOPS}(?![\w-])",
        "people miss the dot",
        finds=("jdoe_99@host,com",),
        leaves=("jdoe@work, come here",),
        needs="@",
    ),
    Rule(
        "e-mail address with its dot spelt out",
        "{email}",
        rf"(?<![\w.+-])[\w.+-]{{1,64}}\s?@\s?[\w-]{{1,63}}[ _-]{DOT}[ _-]"
        rf"(?:[\w-]{{2,24}}[ _-]{DOT}[ _-])?[a-z]{{2,24}}(?![\w-])",
        "how people write addresses for other people",
        finds=("jdoe@host τελεία com", "jane (at) gmail nokta com"),
        leaves=("jane@host. point it out",),
        needs="@",
    ),
    Rule(
        "name of an account at a provider of mail",
        "{email}",
        (
            r"(?<![^\W_])(?:gmail|googlemail|gmx|hotmail|outlook|icloud|yahoo|protonmail|t-online|apple id"
            r"|microsoft account|google account)"
            r"(?: account| konto| login| user| compte| cuenta)?[\s:]{1,2}"
            r"(?P<secret>[a-z][\w-]*[._][a-z][\w-]*[0-9]{0,4}|[a-z]{4,}[0-9]{2,4})(?![\w.])"
        ),
        "people leave the domain to the browser",
        finds=("gmail jane.doe79", "icloud account jane_doe"),
        leaves=("gmail login page", "outlook 2019", "outlook.com", "gmail ios17 app", "hotmail sign_in"),
        accept=lambda match, where: (
            not is_ordinary(match["secret"])
            and not re.match("(?:windows|office|iphone|android|galaxy|ios|macos)", match["secret"], re.I)
        ),
        wheres=("phrase",),
    ),
    Rule(
        "e-mail address",
        "{email}",
        (
            rf"(?:mailto:\s?)?(?:\"?[^\W\d_][\w .,+'-]{{0,60}}\"?[\s+]?(?=<))?<?"
            rf"(?P<local>{_QUOTED}|{_LOCAL})\s?(?:@\s?(?P<domain>\[[0-9A-Fa-f:.]+\]"
            r"|[\w.-]{0,80}[^\W_](?:[\w.-]{0,80}[^\W_])?))+"
        ),
        "RFC 5322, section 3.4.1",
        finds=(
            "/for/jane.doe@example.org",
            "jane+tag@example",
            "Jane Doe <jane@example.org>",
            '/x/"Doe,+Jane"+<jane@example.org>',
            "jane@gmail",
            "/for/jane%2540example.org",
            "jane(at)example[dot]org",
        ),
        leaves=("me@work", "/npm/vue@3.2.1/dist", "/package/@babel/core", "at&t"),
        accept=_has_letter,
        needs="@",
    ),
    Rule(
        "e-mail address with its signs spelt out",
        "{email}",
        (
            rf"(?<![\w.+-])(?P<local>(?:[\w+-]{{1,32}}?[ _+-]{{1,2}}{DOT}[ _+-]{{1,2}}){{0,2}}[\w.+-]{{1,64}}?)"
            rf"(?P<at>[ _+*.(\[{{<-]{{1,3}}{AT}[ _+*.)\]}}>-]{{1,3}})(?P<domain>[\w-]{{1,63}}?"
            rf"(?:\.|(?P<dot>[ _+-]{{1,2}}{DOT}[ _+-]{{1,2}}))(?:[\w-]{{1,63}}(?:\."
            rf"|[ _+-]{{1,2}}{DOT}[ _+-]{{1,2}})){{0,3}}(?-i:[A-Za-z]{{2,24}}))(?![\w.-]*\w)"
        ),
        "how people write addresses for other people",
        finds=(
            "/for/jane.doe_at_example.org",
            "jane dot doe at example dot org",
            "jane at example dot org",
            "/for/jane-at-example.com",
            "jane.doe(klammeraffe)example.org",
            "jdoe chiocciola example.org",
        ),
        leaves=("sale at zalando.de", "concert at oslo", "/dance-at-night", "/how-to-look-at-art.html"),
        accept=lambda match, where: _is_spelt_address(match, where) and not match["domain"].endswith(_FILE_ENDINGS),
    ),
    Rule(
        "e-mail address with AT in capitals",
        "{email}",
        rf"(?<![^\W_])(?-i:[a-z0-9][\w.+-]*[a-z0-9]AT[a-z0-9][a-z0-9.-]*)\.{_TOPS_OF_MAIL}(?![\w-])",
        "how people write addresses for other people",
        finds=("/x/jane-doeATexample.org",),
        leaves=("/x/formATting.de-facto", "SATA.com"),
    ),
    Rule(
        "e-mail address with `at` between underscores or before a provider's domain",
        "{email}",
        (
            r"(?<![^\W_])[^\W_][\w.+-]{0,63}?(?:_at_(?:[a-z0-9-]{2,63}_)+(?:com|net|org|info|de|ch|fr|pl|ru|eu|se|dk"
            r"|fi|pt|cz|hu|bg|ro"
            rf"|gr|ua|jp|kr|br|co_uk)|[.-]at[.-](?:{MAIL_DOMAINS})\.{_TOPS_OF_MAIL})(?![^\W_])"
        ),
        "names of files and keys made from addresses",
        finds=("/x/jdoe_at_example_org", "/contact/jdoe.at.wp.pl.html", "/x/jdoe-at-gmail.com"),
        leaves=("/x/look_at_me", "/help/login-at-gmail.com", "/x/best_at_what_they_do"),
        accept=lambda match, where: not is_ordinary(re.split("[-_.]at[-_.]", match[0], flags=re.IGNORECASE)[0]),
    ),
    Rule(
        "e-mail address with another sign before a provider's domain",
        "{email}",
        (
            r"(?<![\w.+-])(?:(?=\w[\w-]*[._][\w-])\w[\w-]*(?:\.[\w-]+)*|\w*[0-9]\w*(?=[+☆★◎●■◆♪#|]))"
            r"(?:\sa\s|[\s+☆★◎●■◆♪#|]{1,2})"
            rf"(?:{MAIL_DOMAINS})\.{_TOPS_OF_MAIL}(?![\w-])"
        ),
        "how people hide an address from programs, and `+` for a blank",
        finds=("jane.doe☆docomo.ne.jp", "jane.doe+laposte.net", "jane_doe gmail.com", "jane.doe a web.de"),
        leaves=("login gmail.com", "windows11 outlook.com", "www.web.de mail.de"),
        accept=lambda match, where: not match[0].lower().startswith("www."),
    ),
    Rule(
        "begin of an e-mail address whose plus became a blank",
        "{email}",
        rf"(?<![^\s/_])[^\W\d_]+[._][^\W_]+\s{MARKS['{email}']}",
        "what follows the plus is a tag of the reader's own: RFC 5233",
        finds=("jane.doe {email}",),
        leaves=("write to jane {email}",),
        wheres=("phrase", "campaign"),
        needs=MARKS["{email}"],
    ),
    Rule(
        "e-mail address without its domain",
        "{email}",
        r"(?<![^\s/:=,;])[\w+-]+[.+][\w.+-]+@(?=$|[\s/?&,;])",
        "people leave the domain to the browser",
        finds=("/for/jane.doe@", "jane.doe@ login"),
        leaves=("jane@", "vue@"),
        needs="@",
    ),
    Rule(
        "e-mail address inside a bounce address",
        "{email}",
        r"\b(?:bounces?|return|verp|prvs|srs0?)[+=-](?P<secret>[\w.+-]{1,64}=[\w-]{1,63}(?:\.[\w-]{1,63}){1,4})",
        "VERP: the recipient's address with `=` for `@` in the sender's",
        finds=("/verp/bounce+jane=example.org",),
        leaves=("/x/return=page.html/y/return",),
        accept=lambda match, where: not match["secret"].endswith(_FILE_ENDINGS),
        needs="=",
    ),
    Rule(
        "e-mail address in quoted-printable",
        "{email}",
        r"(?<![\w.+-])[\w.+-]{1,64}=40[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}",
        "RFC 2045, section 6.7: `=40` for `@`",
        finds=("/open/jane.doe=40example.org", "jane=40example.co.uk"),
        leaves=("/x/size=40", "/x/width=40.5"),
        accept=lambda match, where: bool(re.search(r"\.[a-z]{2,}$", match[0], re.IGNORECASE)),
        needs="=",
    ),
    Rule(
        "e-mail address with its signs as underscores",
        "{email}",
        rf"(?<![^\W_])[a-z0-9][\w.+-]{{0,63}}?[_-]{MAILERS}[_.-]{_TOPS}(?![^\W_])",
        "names of files and keys made from addresses",
        finds=("/mail/jane_gmail_com", "/x/jane.doe-gmx-de"),
        leaves=("/gmail_com", "/help/login-gmail", "/web_de"),
    ),
    Rule(
        "e-mail address with its signs as underscores after a key",
        "{email}",
        (
            rf"(?:^|/)(?:{one_of(MAIL_KEYS)})/(?P<secret>[a-z0-9][a-z0-9.+-]{{0,63}}_(?:[a-z0-9-]{{1,63}}_)+?{_TOPS})"
            r"(?=$|/|\.[a-z]{2,4}$)"
        ),
        "names of files and keys made from addresses",
        finds=("/unsubscribe/jane_host_org", "/users/jane.doe_example_co_uk"),
        leaves=("/email/list_of_all", "/mail/terms_com"),
        wheres=("path",),
    ),
)

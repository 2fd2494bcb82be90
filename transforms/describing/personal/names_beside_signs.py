"""Names of people in phrases and campaigns beside signs of a person: titles, trades, what is sought about somebody.

A first and a last name count if the first is one that many people have: titles stand before brands and characters, too.
"""

from __future__ import annotations

import re
from typing import Final

from footfall.transforms.describing.personal.first_names import FIRST_NAMES, NAMES_AND_WORDS, plain_parts
from footfall.transforms.describing.personal.judged_texts import MARK, MARKS
from footfall.transforms.describing.personal.names import FIRST_NAME_KEYS, LAST_NAME_KEYS, OF_STAFF
from footfall.transforms.describing.personal.rule import Rule, Where, one_of
from footfall.transforms.describing.personal.words import ORDINARY, is_ordinary

_TITLES: Final = (
    r"mr|mrs|ms|miss|mister|[mp](?=\.)|han(?:ı|i)m|bey|dr|prof|herrn?|hr|frau|fr(?:ä|ae)ulein|mme|mlle|monsieur"
    r"|madame|ma(?:î|i)tre|sra?|srta"
    r"|se(?:ñ|n)ora?|do(?:ñ|n)a|sig(?:\.ra)?|signora?|dott(?:\.ssa)?|avv|ing|mgr|pan[ií]?|panna|meneer|mevrouw|mevr"
    r"|dhr|mw"
    r"|fru|bay(?:an)?|say(?:ı|i)n|господин|госпожа|г-жа|г-н|пан[iі]?|κ|κα|κύριος|κυρία"
)
"""Titles before the name of somebody."""
_INTRODUCTIONS: Final = (
    r"i am|i['’]m|ich bin|je suis|(?:eu )?sou|(?:yo )?soy|(?:io )?sono|(?:ja )?jestem|jag (?:ä|a)r|jeg er|ik ben|min"
    r"(?:un|ä) (?:nimeni )?olen|minun nimeni on|я|numele meu"
    r"|(?:full|complete) name|vollst(?:ä|a)ndiger name|nombre y apellidos?|nome (?:e cognome|completo)|nom et pr(?:é"
    r"|e)nom|imi(?:ę|e) i nazwisko"
    r"|(?:my|his|her|our (?:child|son|daughter)['’]?s?) name is|i am called|benim ad(?:ı|i)m|ad(?:ı|i)m|menim adim"
    r"|ben(?=\s\S+\s\S+$)"
    r"|mit navn er|mitt namn (?:ä|a)r|mitt navn er|nimeni on|a nevem|jmenuji se|vol(?:á|a)m sa|numele meu este|m(?:ă"
    r"|a) numesc"
    r"|zovem se|ime mi je|με λένε|το όνομά μου είναι|казвам се|moje jm(?:é|e)no je|mam na imi(?:ę|e)"
    r"|mi nombre completo es"
    r"|nama saya|jina langu ni|t(?:ô|o)i t(?:ê|e)n l(?:à|a)"
)
"""Words by which somebody says a name."""
_TRADES: Final = (
    "lawyer|attorney|solicitor|dentist|doctor|physician|surgeon|therapist|psychologist|psychiatrist|nurse|midwife"
    "|notary|teacher"
    "|professor|tutor|nanny|landlord|realtor|accountant|advogad[oa]|abogad[oa]|avocate?|avvocat[oa]|anw(?:a|ä)lt(?:in)?"
    "|rechtsanw(?:a|ä)lt(?:in)?|notarin?|zahn(?:arzt|(?:ä|ae)rztin)|haus(?:arzt|(?:ä|ae)rztin)|arzt|(?:ä|ae)rztin"
    "|hebamme"
    "|psychotherapeut(?:in)?|therapeut(?:in)?|heilpraktiker(?:in)?|steuerberater(?:in)?|lehrer(?:in)?|vermieter(?:in)?"
    "|m(?:é|e)decin|docteur|dentiste|infirmi(?:è|e)re?|notaire|m(?:é|e)dico|m(?:é|e)dica|dentista|maestr[oa]|profesora?"
    "|insegnante|dottore(?:ssa)?|notaio|tandarts|huisarts|advocaat|notaris|lekarz|dentysta|adwokat|notariusz"
    "|nauczyciel(?:ka)?"
    "|l(?:ä|a)kare|tandl(?:ä|a)kare|advokat|tandl(?:æ|ae)ge|l(?:æ|ae)ge|врач|адвокат|юрист|нотариус|учитель|doktor"
    "|avukat"
)
"""Trades of those who are sought by name."""
_OF_SOMEBODY: Final = (
    "(?:phone|telephone|mobile|cell|contact)(?: number)?|home address|address|e-?mail(?: address)?|birthday"
    "|date of birth|salary"
    "|daughter|son|wife|husband|mother|father|family|grave|funeral|marriage|divorce|house"
    "|(?:telefon|handy|mobil)(?:nummer)?|adresse|anschrift|wohnort|geburtstag|tochter|sohn|ehefrau|ehemann|grab"
    "|beerdigung"
    "|num(?:é|e)ro(?: de t(?:é|e)l(?:é|e)phone)?|t(?:é|e)l(?:é|e)phone|anniversaire|indirizzo|"
    "(?:numero di )?telefono|compleanno"
    "|(?:n(?:ú|u)mero de )?tel(?:é|e)fono|direcci(?:ó|o)n|cumplea(?:ñ|n)os|telefone|endere(?:ç|c)o|anivers(?:á|a)rio"
    "|telefoonnummer|adres|verjaardag|numer telefonu|telefonnummer|adress|adresse|телефон|адрес|номер телефона"
)
"""What is sought about somebody, before `of`."""
_OF: Final = "(?:of|for|from|von|vom|für|de|d['’]|du|des|del|di|da|do|van|voor|dla|till|til|av|för)"
_RECORDS: Final = (
    "mug ?shots?|arrest records?|criminal records?|court records?|court case|background check|divorce|divorce records?"
    "|lawsuit|affair|scheidung|hochzeit|verhaftung|prozess gegen|strafregister|casier judiciaire|divorcio|divorzio"
    "|patientin|sch(?:ü|u)lerin"
    "|studentin|bewerberin|teilnehmerin|kollegin|praktikant(?:in)?|azubi|au[ -]?pair|intern|trainee|cc|attn"
    "|c/o|name|contact|cv|facture|rechnung|mahnung|k(?:ü|ue)ndigung|lebenslauf|invoice|vertrag|contrat|befund|zeugnis"
)
"""Records of courts and what else is sought about somebody."""
_DEATHS: Final = (
    "obituar(?:y|ies)|death notice|funeral|memorial|traueranzeigen?|todesanzeigen?|nachruf|trauerfeier|beerdigung"
    "|avis de d(?:é|e)c(?:è|e)s|obs(?:è|e)ques|esquelas?|obituario|necrol(?:o|ó)gi[oa]|nekrologi?|klepsydra"
    "|overlijdensbericht"
    "|rouwadvertentie|d(?:ö|o)dsannons|d(?:ø|o)dsannonse|d(?:ø|o)dsannonce|parte|convite de missa|некролог"
)
"""Notices of a death."""
_NETWORKS: Final = (
    "linkedin|facebook|fb|xing|instagram|insta|twitter|snapchat|tiktok|vkontakte|viadeo|whatsapp|telegram|onlyfans"
)
"""Networks in which people are sought."""
_ASKING: Final = (
    r"where (?:does|did|do)|who is|who was|wo wohnt|wo arbeitet|wer ist|o(?:ù|u) habite|qui est|d(?:ó"
    r"|o)nde vive|qui(?:é|e)n es"
    r"|dove abita|dove vive|chi (?:è|e)|onde mora|quem (?:é|e)|gdzie mieszka|kim jest|waar woont|wie is|var bor"
    r"|hvor bor|где живет"
    r"|где живёт|nerede oturuyor"
)
"""Questions about where somebody lives."""
_TRAVELLERS: Final = (
    "fahrgast|reisender?|contractor|buyer|seller|sender|payee|beneficiary|debtor|creditor|plaintiff|defendant|victim"
    "|witness"
    "|insured|policy ?holder|account ?holder|card ?holder|owner|driver|fahrer(?:in)?|halter(?:in)?|versicherte[rn]?"
    "|kontoinhaber(?:in)?|karteninhaber(?:in)?|absender(?:in)?|begünstigter|zeuge|zeugin|kl(?:ä|ae)ger(?:in)?"
    "|beklagte[rn]?"
    "|titulaire|exp(?:é|e)diteur|assur(?:é|e)e?|titular|remitente|destinatari[oa]|asegurad[oa]|intestatario|mittente"
    "|assicurat[oa]"
    "|adresat|nadawca|odbiorca|kupuj(?:ą|a)cy|verzekerde|pupil|pupils|(?:é|e)l(?:è|e)ve|alumna|uczen|uczeń|uczennica"
    "|elev|öğrenci"
    "|ogrenci|musteri|müşteri|hasta|zákazník|zakaznik|pacient(?:ka)?|asiakas|potilas|ügyfél|ugyfel|contributions by"
    "|edits by|posts by|tagged|signed by|unterzeichner|worker|colleague|coworker|kollege|kollegin|chef(?:in)?"
    "|neighbou?r|nachbar(?:in)?|ex ?(?:wife|husband|girlfriend|boyfriend)"
)
"""Further words for a person's part in something."""

_WORD: Final = r"[^\W\d_]+(?:['’][^\W\d_]+)?(?:-[^\W\d_]+)?"
_PARTICLES: Final = r"(?:(?:van|von|de|der|den|del|della|di|da|dos|du|la|le|el|al|bin|ter|af|zu)[ _]){0,2}"
_FIRST_AND_LAST: Final = rf"{_WORD}(?:[ .]{_PARTICLES}{_WORD}|, ?{_WORD})"
_NAME: Final = rf"(?P<secret>{_FIRST_AND_LAST})"
_NAME_TO_END: Final = rf"(?P<secret>{_FIRST_AND_LAST}(?!\w)(?:(?:\s{_PARTICLES}{_WORD}){{0,2}}(?=$|[,;)]))?)"
"""A name with what is left of a phrase that it ends."""
_TITLE_BEFORE: Final = rf"(?:(?:{_TITLES})\.?\s)"


def _is_name(match: re.Match[str], where: Where) -> bool:
    """Whether the first word is a first name that many people have, and the next none of a site's own words."""
    first, *rest = plain_parts(re.sub("[,'’]", " ", match["secret"]))
    if not rest or rest[0] in OF_STAFF or rest[0] in ORDINARY:
        return False
    return first in FIRST_NAMES


def _is_name_of_somebody(match: re.Match[str], where: Where) -> bool:
    """The same, also for first names that are words; `Carter` is one behind `my name is`."""
    first, *rest = plain_parts(re.sub("[,'’]", " ", match["secret"]))
    return _is_name(match, where) or (first in NAMES_AND_WORDS and bool(rest) and rest[0] not in ORDINARY | OF_STAFF)


def _is_handle(match: re.Match[str], where: Where) -> bool:
    """Whether a word is the name of a user: it has a number behind `#`, or a sign between its parts."""
    text = match["secret"]
    if re.search(
        r"\.(?:js|ts|py|exe|com|net|org|io|de|app|apk|dmg|deb|me|gg|tv|ai|zip|json|css|html?|php)$", text, re.IGNORECASE
    ):
        return False
    return "#" in text or ":" in text or not ORDINARY.intersection(re.split("[._]", text.lower()))


NAMES_BESIDE_SIGNS: Final = (
    Rule(
        "first name behind its word and last name behind its own in a phrase",
        "{name}",
        (
            rf"(?<![^\W_])(?:first ?name|given ?name|forename|vorname|pr(?:é|e)nom|imi(?:ę|e)|nombre|nome|voornaam"
            rf"|förnamn|fornavn|jm(?:é|e)no)"
            rf"[\s:=]{{1,3}}(?P<secret>(?P<first>{_WORD})[\s,;]{{1,2}}(?:last ?name|family ?name|surname|nachname"
            rf"|familienname"
            rf"|nom|nazwisko|apellidos?|cognome|sobrenome|apelido|achternaam|efternamn|etternavn|p(?:ř|r)(?:í|i)jmen"
            rf"(?:í|i))[\s:=]{{1,3}}{_WORD})"
        ),
        "names of fields in forms",
        finds=("first name jane surname doe", "vorname: erika, nachname: mustermann"),
        leaves=("first name last name excel", "vorname nachname tabelle"),
        accept=lambda match, where: plain_parts(match["first"])[0] in FIRST_NAMES | NAMES_AND_WORDS,
        wheres=("phrase",),
    ),
    Rule(
        "last name behind its word and first name behind its own in a phrase",
        "{name}",
        (
            r"(?<![^\W_])(?:last ?name|family ?name|surname|nachname|familienname|nom|nazwisko|apellidos?|cognome"
            r"|sobrenome"
            r"|apelido|achternaam|efternamn|etternavn|p(?:ř|r)(?:í|i)jmen(?:í|i))"
            rf"[\s:=]{{1,3}}(?P<secret>{_WORD}[\s,;]{{1,2}}(?:first ?name|given ?name|forename|vorname|pr(?:é|e)nom"
            rf"|imi(?:ę|e)|nombre"
            rf"|nome|voornaam|förnamn|fornavn|jm(?:é|e)no)[\s:=]{{1,3}}(?P<first>{_WORD}))"
        ),
        "names of fields in forms",
        finds=("nachname doe vorname erika",),
        leaves=("nachname oder vorname zuerst",),
        accept=lambda match, where: plain_parts(match["first"])[0] in FIRST_NAMES | NAMES_AND_WORDS,
        wheres=("phrase",),
    ),
    Rule(
        "first and last name behind a title or an introduction in a phrase",
        "{name}",
        rf"(?<![^\W_])(?:(?:{_TITLES})\.?|{_INTRODUCTIONS})\s{_TITLE_BEFORE}{{0,2}}{_NAME_TO_END}",
        "the forms of address of each language",
        finds=(
            "dr jane doe dentist",
            "mme claire dupont",
            "benim adım emre kaya",
            "mr. kevin o'brien address",
            "ms grace doe",
        ),
        leaves=(
            "dr oetker pizza",
            "mrs doubtfire",
            "mr bean holiday",
            "frau holle märchen",
            "pan tadeusz",
            "miss universe",
        ),
        accept=_is_name_of_somebody,
        wheres=("phrase",),
    ),
    Rule(
        "first and last name behind what is sought about somebody in a phrase",
        "{name}",
        (
            rf"(?<![^\W_])(?:(?:{_OF_SOMEBODY})\s{_OF}\s?|(?:{_DEATHS}|{_RECORDS}|{_ASKING}|{_TRADES}|{_TRAVELLERS}"
            rf"|{_NETWORKS})[:,]?\s(?:{_OF}\s)?)"
            rf"{_TITLE_BEFORE}{{0,2}}{_NAME}(?!\w)"
        ),
        "what people search for about others",
        finds=(
            *("phone number of jane doe", "where does jane doe live", "obituary jane doe", "lawyer jane doe fees"),
            *("adresse von erika mustermann", "facebook jane doe", "policy holder jane doe"),
        ),
        leaves=("address of the white house", "facebook marketplace", "who is the president", "obituary template"),
        accept=_is_name,
        wheres=("phrase",),
    ),
    Rule(
        "first and last name before what is sought about somebody in a phrase",
        "{name}",
        (
            rf"^{_NAME}(?:\s{_WORD})?\s(?:(?:home|private)\s)?(?:{_DEATHS}|{_TRADES}|linkedin|xing|facebook|san|sama"
            rf"|さん|様|han(?:ı|i)m|bey|born|geboren|geb|n(?:é|e)e?|nacid[oa]|urodzon[ya]|mug ?shot|arrest|phone"
            rf"(?: number)?|telephone"
            rf"(?: number)?"
            r"|cell(?: number)?|address|date of birth|dob|(?:telefon|handy|mobil)nummer|telefon|handy|adresse"
            r"|anschrift|wohnort"
            r"|t(?:é|e)l(?:é|e)phone|tel(?:é|e)fono|direcci(?:ó|o)n|indirizzo|telefone|endere(?:ç|c)o|telefoonnummer"
            r"|adres|adress"
            r"|телефон|адрес|passport|payslip|medical records|criminal record|diagnosis|befund|rechnung|kündigung)"
            r"(?![^\W_])"
        ),
        "what people search for about others",
        finds=("jane doe obituary", "jane doe phone number", "erika mustermann adresse berlin"),
        leaves=("forgot phone number", "email address", "jane austen books", "web hosting address"),
        accept=_is_name,
        wheres=("phrase",),
    ),
    Rule(
        "first and last name beside another person's in a phrase",
        "{name}",
        rf"{MARKS['{name}']}\s(?:(?:gegen|versus|vs?\.?|contra|contre|contro|przeciwko|and|und|et|y|e|i|en|och|og|&"
        rf"|with|mit)\s)?{_NAME}(?!\w)",
        "what names stand together",
        finds=("{name} gegen erika mustermann", "divorce {name} john doe"),
        leaves=("{name} and company", "jane and john doe"),
        accept=_is_name,
        wheres=("phrase",),
        needs=MARKS["{name}"],
    ),
    Rule(
        "passenger in a booking",
        "{name}",
        r"(?<![^\W_])[^\W\d_]{2,24}/[^\W\d_]{2,24}(?:\s[^\W\d_]{2,24})?\s?(?:mr|mrs|ms|miss|mstr|chd|inf|dr)(?![^\W_])",
        "IATA, passenger name records: last name, stroke, first name, title",
        finds=("doe/jane mrs", "DOE/JANE MR"),
        leaves=("mr/mrs", "and/or mr bean"),
        accept=lambda match, where: match[0].split("/")[0].lower() not in ("and", "he", "mr", "mrs", "ms", "miss"),
        wheres=("phrase",),
        needs="/",
    ),
    Rule(
        "name of a user behind the name of a network in a phrase",
        "{name}",
        (
            r"(?<![^\W_])(?:snapchat|snap|discord|skype|telegram|insta(?:gram)?|twitter|tiktok|kik|twitch|steam|psn"
            r"|xbox|gamertag|threads"
            r"|mastodon|bluesky|onlyfans|venmo|paypal|cashapp|wechat|signal|viber|icq|reddit|github|facebook|vk"
            r"|bereal|spotify)"
            r"(?:[ -]?(?:id|name|user(?:name)?|handle|account|konto|profil))?[\s:=/]{1,2}"
            rf"(?P<secret>live:[\w.]{{3,}}|[^\W\d_][\w.]*#[0-9]{{4}}|[^\W\d_]\w*(?:[._]\w+)+)(?![^\s,;{MARK[1:-1]}])"
        ),
        "names of users at networks",
        finds=("snapchat jane.doe", "discord jdoe#4821", "skype live:jane.doe", "insta jane_doe99"),
        leaves=("discord.js guide", "github next.js", "skype for business", "twitter api_key"),
        accept=_is_handle,
        wheres=("phrase",),
        needs="._:#",
    ),
    Rule(
        "first and last name behind a word for people in a campaign",
        "{name}",
        (
            r"(?<![^\W_])(?:hello|hi|hey|hallo|dear|liebe[rs]?|bonjour|ciao|hola|witaj|cze(?:ś|s)(?:ć|c)|ol(?:á|a)"
            r"|hej|ahoj|merhaba|user|customer"
            r"|client|member|kunde|kundin|mitglied|cliente?|klient|utente|usuario|patient|guest|lead|contact"
            r"|subscriber|recipient|birthday"
            r"|welcome|mr|mrs|ms|herr|frau|for|to|von|from|by|ref(?:erral)?|referred[_-]?by"
            r"|invited[_-]?by)[\s_.:-]{1,2}"
            r"(?P<secret>[^\W\d_]+[\s_.-][^\W\d_]{2,})(?=$|[0-9_.-])"
        ),
        "names in the names of campaigns, made from the fields of a recipient",
        finds=("hello_jane_doe", "customer-jane-doe-2024"),
        leaves=("hello_spring_sale", "jane-austen-week", "welcome_series_3", "customer-winback-30d"),
        accept=_is_name,
        wheres=("campaign",),
    ),
    Rule(
        "two first and last names against each other",
        "{name}",
        rf"(?<!\w){_NAME}\s(?:vs?\.?|versus|gegen|contre|contra|contro)\s(?P<other>{_WORD}\s{_WORD})(?!\w)",
        "names of cases in court",
        finds=("case john doe v jane doe",),
        leaves=("roe v wade", "jane eyre vs villette novel"),
        accept=lambda match, where: _is_name(match, where) and plain_parts(match["other"])[0] in FIRST_NAMES,
        wheres=("phrase",),
    ),
    Rule(
        "first and last name before something else of the same person",
        "{name}",
        rf"(?<!\w){_NAME}[\s,:;]{{1,2}}[{MARKS['{email}']}{MARKS['{place}']}{MARKS['{phone}']}{MARKS['{date}']}]",
        "what addresses, cards and records consist of",
        finds=("an jane doe, {place}", "jane doe {phone}"),
        leaves=("hotel in {place}", "doctor who {date}"),
        accept=_is_name,
        wheres=("phrase",),
        needs="".join(MARKS[one] for one in ("{email}", "{place}", "{phone}", "{date}")),
    ),
    Rule(
        "page of a person at a service for payments and links",
        "{name}",
        r"(?<!\w)(?:paypal\.me|linktr\.ee|venmo\.com(?:/u)?|cash\.app|ko-fi\.com|linkedin\.com/in|onlyfans\.com"
        r"|twint\.me|revolut\.me|buymeacoffee\.com)/"
        r"[$@]?(?P<secret>[\w.-]{3,})",
        "services that give each person a page",
        finds=("paypal.me/janedoe", "linkedin.com/in/jane-doe-79a1b2"),
        leaves=("paypal.com/login",),
        wheres=("phrase",),
        needs="/",
    ),
    Rule(
        "name of a user with a number behind the word for players or payments in a phrase",
        "{name}",
        (
            r"(?<!\w)(?:gamer ?tag|psn(?: id)?|xbox (?:gamer ?tag|id)|epic id|riot id|snapchat|kik|venmo|cash ?app"
            r"|skype(?: id| name)?|battletag)[\s:=]{1,2}"
            rf"[@$]?(?P<secret>[^\W\d_]{{3,}}[0-9]{{2,}}|[^\W\d_]{{2,}}(?:[_-]\w{{2,}})+)(?![^\s,;{MARK[1:-1]}])"
        ),
        "names of users at networks",
        finds=("xbox gamertag JaneDoe79", "venmo @jane-doe-79"),
        leaves=("skype windows11", "gamertag generator", "snapchat ios17"),
        accept=lambda match, where: (
            not re.match("windows|ios|android|iphone|galaxy|ipad|macos", match["secret"], re.IGNORECASE)
            and not is_ordinary(match["secret"])
        ),
        wheres=("phrase",),
    ),
    Rule(
        "name before its suffix in Japan",
        "{name}",
        rf"(?<!\w)(?P<secret>{_WORD} {_WORD}) ?(?:(?:san|sama)$|さん|様|氏)",
        "the form of address in Japan, where the last name stands first",
        finds=("tanaka hiroshi san",),
        leaves=("hotels in san francisco", "el nino san diego"),
        accept=lambda match, where: plain_parts(match["secret"])[-1] in FIRST_NAMES,
        wheres=("phrase",),
    ),
    Rule(
        "last name before an e-mail address",
        "{name}",
        rf"(?:^|[/\s])(?P<secret>[^\W\d_]{{2,}}),{MARKS['{email}']}",
        "directories write the last name first",
        finds=("/mail/doe,{email}",),
        leaves=("a, {email}",),
        needs=MARKS["{email}"],
    ),
    Rule(
        "first and last name in a path of two keys",
        "{name}",
        rf"(?:^|/)(?:{one_of(FIRST_NAME_KEYS)})/(?P<secret>[^/{MARK[1:-1]}]+)/"
        rf"(?={one_of(LAST_NAME_KEYS)})",
        "names of fields in forms, as segments",
        finds=("/vorname/Jane/nachname/Doe", "/first-name/jane/last-name/{name}"),
        leaves=("/vorname/beliebteste", "/first-name/jane"),
        wheres=("path",),
    ),
    Rule(
        "first name before an e-mail address",
        "{name}",
        rf"(?<![^\W_])(?P<secret>[^\W\d_]+)\s{MARKS['{email}']}",
        "people write their addresses with blanks and behind their names",
        finds=("write to jane {email}",),
        leaves=("login {email}", "mein {email}"),
        accept=lambda match, where: plain_parts(match["secret"])[0] in FIRST_NAMES and not is_ordinary(match["secret"]),
        wheres=("phrase",),
        needs=MARKS["{email}"],
    ),
)

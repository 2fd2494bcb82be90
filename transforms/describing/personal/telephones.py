"""Telephone numbers: international ones, those after a key, and groups of digits as countries write them."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache
from typing import Final

from footfall.transforms.describing.personal.rule import DIGITS, Rule, Where, one_of
from footfall.transforms.describing.personal.words import words

PHONE_KEYS: Final = words("""
    call tel telephone telefono teléfono telefon telefonnummer telefone phone phone-number phone-no mobile mobil mob
    cell kontakt contacto contatti handy handynummer fax whatsapp wa sms viber signal msisdn anruf anrufen ring appel
    appeler tél numero número numer contact dial callback rueckruf rückruf gsm celular movil móvil portable puhelin
    тел телефон 电话 手机 電話
    """)
"""Words after which a number of six digits or more is a telephone's."""

AMERICAN: Final = ((3, 3, 4), (1, 3, 3, 4))
"""Sizes of the groups of a number in North America, which nothing else has."""

GROUPS: Final[dict[tuple[int, ...], tuple[str, ...]]] = {
    (3, 3, 3): ("ES", "PL", "PT", "CZ", "GR", "CH", "AU", "NZ", "PE", "CL"),
    (3, 2, 2, 2): ("ES", "FI", "TR", "BE", "SE"),
    (3, 3, 2, 2): ("RU", "TR", "KZ", "SE"),
    (1, 3, 3, 2, 2): ("RU", "KZ"),
    (3, 4, 4): ("CN", "JP", "KR", "BR"),
    (2, 4, 4): ("JP", "BR", "MX", "TW", "KR"),
    (2, 5, 4): ("BR",),
    (4, 4): ("HK", "SG", "NO", "DK", "CR", "GT", "SV", "PA", "LV", "MT", "EE", "QA", "OM", "KW", "BH", "HN", "NI"),
    (2, 2, 2, 2): ("DK", "NO", "FR", "LU", "IS", "LV", "PF"),
    (3, 2, 3): ("NO", "HU", "SK"),
    (2, 3, 2, 2): ("CH", "UA", "PL", "HU"),
    (5, 5): ("IN", "GB"),
    (2, 5, 5): ("IN",),
    (5, 6): ("GB",),
    (4, 3, 3): ("AU", "GB", "IN", "TH", "ZA"),
    (1, 2, 2, 2, 2): ("FR",),
    (2, 3, 4): ("IL", "TH", "MY", "PH", "PT", "GR", "ZA"),
    (4, 3, 4): ("PH", "GB"),
    (3, 3, 3, 1): ("PL",),
    (3, 7): ("IT", "AE", "RU", "CO"),
}
"""Sizes of the groups of a national number without a leading zero → countries where numbers are written so.

The number has to be valid in one of them, by the metadata of libphonenumber.
"""

_NUMBER: Final = r"(?:\+[ ]?)?\(?(?<![0-9])[0-9](?:[ ()./_-]{0,3}[0-9]){5,15}(?![0-9])"


def _groups(text: str) -> list[str]:
    return re.findall("[0-9]+", text)


def _is_telephone(match: re.Match[str], where: Where) -> bool:
    groups = _groups(match[0])
    digits = "".join(groups)
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    if before.isalnum() or after.isalnum() or not 7 <= len(digits) <= 15 or len(groups) < 2:
        return False
    sizes = tuple(map(len, groups))
    if sizes in AMERICAN:
        return True
    if all(int(group) % 10 == 0 for group in groups) or _counts_up(groups) or len(set(digits)) == 1:
        return False
    if groups[0] == "0":
        groups = [groups[0] + groups[1], *groups[2:]]
    if digits[0] == "0":
        # National numbers with a trunk prefix: 030/2012345, 06 12 34 56 78, (0171) 1234567.
        if len(groups) == 2 and len(groups[0]) == 2 and len(groups[1]) in (7, 8, 9) and len(set(groups[1])) > 2:
            return True
        least = 8 if "/" in match[0] else 9
        return least <= len(digits) <= 12 and 2 <= len(groups[0]) <= 6 and (len(groups[0]) > 2 or len(groups) >= 3)
    if len(groups) > 2 and _is_international(digits, groups[0], len(groups)):
        return True
    return sizes in GROUPS and not _are_years(groups) and _is_valid(digits, GROUPS[sizes])


@lru_cache(maxsize=1024)
def _is_foreign(digits: str) -> bool:
    """Whether digits that begin with the code of a country may be somebody's number."""
    import phonenumbers

    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(f"+{digits}")))
    except phonenumbers.NumberParseException:
        return False


@lru_cache(maxsize=1024)
def _is_international(digits: str, country: str, groups: int) -> bool:
    """Whether a number whose plus is lost, as in a query, begins with the code of its country, a group of its own.

    In four groups or more it need not be given out to anybody.
    """
    import phonenumbers

    if not (9 if groups > 3 else 10) <= len(digits) <= 13:
        return False
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return False
    if str(number.country_code) != country:
        return False
    is_number = phonenumbers.is_possible_number if groups >= 4 else phonenumbers.is_valid_number
    return bool(is_number(number))


def _are_years(groups: list[str]) -> bool:
    return all(len(group) == 4 and 1000 <= int(group) <= 2100 for group in groups)


def _counts_up(groups: list[str]) -> bool:
    """Whether the groups are numbers in equal steps, as sizes and times are."""
    numbers = list(map(int, groups))
    steps = {later - earlier for earlier, later in itertools.pairwise(numbers)}
    return len(groups) > 2 and len(steps) == 1 and steps < {1, 2, 5, 10}


@lru_cache(maxsize=1024)
def _is_valid(digits: str, regions: tuple[str, ...]) -> bool:
    # Imported where it is needed: most logs have no such text.
    import phonenumbers

    for region in regions:
        try:
            number = phonenumbers.parse(digits, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number_for_region(number, region) or phonenumbers.is_valid_number(number):
            return True
    return False


SERVICE_TELEPHONES: Final = (
    Rule(
        "telephone number of a service",
        None,
        (
            r"(?<![0-9A-Za-z])(?<![0-9][-. /])(?:"
            r"(?:(?:\+|00)[1-9][0-9]{0,2}[ .-]?800|0800|0808|080[135]|0180|0900|1[38]00)(?:[ /.-]{1,2}[0-9]{1,8}){1,5}"
            r"|116[ -][0-9]{3})"
            r"(?![0-9A-Za-z]|[-. /][0-9])"
        ),
        "ITU-T E.169; national plans: free and shared-cost numbers belong to companies",
        finds=(
            "0800 111 0 111 telefonseelsorge",
            "0180 5 123456",
            "116 117",
            "/hotline/0800-1234567",
        ),
        leaves=("06 12 34 56 78", "1-800-555-0175", "10800 1234567"),
        accept=lambda match, where: len(re.findall("[0-9]", match[0])) <= 12,
        needs=DIGITS,
    ),
)

ANNOUNCED_TELEPHONES: Final = (
    Rule(
        "telephone number with its country",
        "{phone}",
        (
            r"(?:tel:\s?)?(?:\+[ ]?\(?[1-9](?:[ ()./_,:-]{0,3}[0-9]){6,14}"
            r"|(?<![0-9])(?<![0-9][ .,/_-])(?<![0-9] [-/.] )(?<!tt)(?<!nm)"
            r"00[ ]?\(?[1-9](?:[ ()./_-]{0,3}[0-9]){6,14})(?![0-9])"
        ),
        "ITU-T E.164 and E.123",
        finds=("/call/+49-30-2012-4567", "0049 30 20124567", "+33(0)612345678"),
        leaves=("/jobs/c++11", "java 17+8", "/p/0010023654"),
        accept=lambda match, where: match[0][0] in "+t" or not match[0].isdigit() or _is_foreign(match[0][2:]),
        needs=DIGITS,
    ),
    Rule(
        "telephone number after a key",
        "{phone}",
        (
            rf"(?<![^\W_])(?:{one_of(PHONE_KEYS)})[\s:=#/_.-]{{0,3}}(?P<secret>[+(]*[0-9]"
            r"(?:[ ()./_-]{0,3}[0-9]){5,15})(?![0-9A-Za-z])"
        ),
        "the words by which numbers are announced",
        finds=("/call/9123_4567", "whatsapp 0151.12345678", "sms_0171-1234567"),
        leaves=("phone 15 pro",),
        needs=DIGITS,
    ),
    Rule(
        "telephone number after a key and a word",
        "{phone}",
        (
            r"(?<![^\W_])(?:sms|mms|whatsapp|viber|tel|telefon|telephone|phone|call|callback|anruf|rueckruf|rückruf)"
            r"[-_ ][^\W\d_]{3,20}[-_ ]{1,2}(?P<secret>\+?[0-9]{10,13})(?![0-9A-Za-z])"
        ),
        "names of campaigns by text message",
        finds=("sms-reminder-491711234567",),
        leaves=("sms-reminder-20240612",),
        needs=DIGITS,
    ),
    Rule(
        "telephone number without its plus behind a word for messages",
        "{phone}",
        (
            r"(?<![^\W_])(?:send|text|txt|msg|message|chat|share|invite|envoyer|enviar|senden|nachricht|nach|an)"
            r"[\s:=/_-]{1,2}(?P<secret>[1-9][0-9]{10,13})(?![0-9A-Za-z])"
        ),
        "links that begin a message, such as those of WhatsApp; libphonenumber's metadata",
        finds=("/send/447728163945", "text-447728163945"),
        leaves=("/send/20240612101500", "text-123456"),
        accept=lambda match, where: _is_foreign(match["secret"]),
        needs=DIGITS,
    ),
)

GROUPED_TELEPHONES: Final = (
    Rule(
        "telephone number in groups",
        "{phone}",
        _NUMBER,
        "libphonenumber's metadata",
        finds=("(202) 555-0143", "06 12 34 56 78", "/call/030/2012345", "9123 4567", "600 12 34 56", "98765 43210"),
        leaves=("1914-1918", "100 200 300", "6-4 3-6 7-5", "1.000.000", "1920-1080", "/log/2025-06-09"),
        accept=_is_telephone,
        needs=DIGITS,
    ),
    Rule(
        "telephone number with its area in brackets",
        "{phone}",
        (
            r"(?<![0-9A-Za-z])(?:[0-9]{1,3}[ ._-]{0,2})?\((?!(?:19|20)[0-9]{2}\))[0-9]{1,5}\)[ ._/-]{0,2}[0-9]{2,4}"
            r"(?:[ ._/-]{0,2}[0-9]{2,4}){1,3}(?![0-9A-Za-z])"
        ),
        "ITU-T E.123, section 2",
        finds=("(2) 2123 7819", "8.(912).345.67.65", "/x/(0212).345.69.22", "(601) 2345625"),
        leaves=("f(2) 12", "(2024) 12345", "(12) 34"),
        accept=lambda match, where: 7 <= len(re.findall("[0-9]", match[0])) <= 12,
        wheres=("phrase", "path"),
        needs="(",
    ),
    Rule(
        "local telephone number",
        "{phone}",
        r"(?<![0-9A-Za-z.,-])(?:555[-.][0-9]{4}|[2-9][0-9]{2}[-.]01[0-9]{2})(?![0-9A-Za-z.,-])",
        "numbers for fiction in North America, 555-0100 to 555-0199",
        finds=("555-0143",),
        leaves=("/gdpr/2016-679",),
        needs=DIGITS,
    ),
)

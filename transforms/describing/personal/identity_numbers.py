"""Numbers of cards, accounts, persons and documents: national forms with their check digits, or behind their names."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Final

from footfall.transforms.describing.personal.rule import BEGIN, DIGITS, END, Rule, Where

_SEPARATOR: Final = "(?:, | [-/.] |[ ._/:+-])"
"""What people write between the groups of a number with check digits, however odd."""
_CUSTOMARY: Final = " ._/:-"
"""Those between groups that need no check digit."""

_ISSUERS: Final = re.compile(
    "4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})$|(?:5[0-8]|2[2-7]|35|6[0-9]|8[18]|9[27])[0-9]{14}$|3[47][0-9]{13}$"
    "|3(?:0|6|8|9)[0-9]{12}$|(?:5[0678]|6[0-9])[0-9]{10,17}$"
)
"""Beginnings and lengths of the numbers of cards: Visa, Mastercard and Mir, JCB, UnionPay and Discover, American
Express, Diners, Maestro."""


def _passes(module: str) -> Callable[[re.Match[str], Where], bool]:
    """Whether a match passes a check of python-stdnum, which is imported where it is needed: few logs do."""

    def check(match: re.Match[str], where: Where) -> bool:
        if where == "campaign" and match[0].isdigit():
            # One of ten numbers of advertisers passes.
            return False
        is_valid = importlib.import_module(f"stdnum.{module}").is_valid
        return bool(is_valid(match[0]) or is_valid(re.sub(_SEPARATOR, "", match[0])))

    return check


def _is_card(match: re.Match[str], where: Where) -> bool:
    digits = re.sub("[^0-9]", "", match[0])
    if not _ISSUERS.match(digits):
        return False
    return bool(importlib.import_module("stdnum.luhn").is_valid(digits))


def _is_iban(match: re.Match[str], where: Where) -> bool:
    return bool(
        importlib.import_module("stdnum.iban").is_valid(re.sub("[^0-9A-Za-z]", "", match[0]), check_country=False)
    )


def _is_beneath_year(match: re.Match[str], where: Where) -> bool:
    """Whether groups of four are no years and no round numbers; between odd separators, their check digit decides."""
    groups = re.findall("[0-9]+", match[0])
    if match["s"] not in _CUSTOMARY:
        digits = "".join(groups)
        return bool(importlib.import_module("stdnum.luhn" if len(digits) > 12 else "stdnum.verhoeff").is_valid(digits))
    return not all(1000 <= int(group) <= 2100 or int(group) % 100 == 0 for group in groups)


def _is_cpf(match: re.Match[str], where: Where) -> bool:
    digits = re.sub("[^0-9]", "", match[0])
    return match["s"] in ". " or bool(importlib.import_module("stdnum.br.cpf").is_valid(digits))


def _is_birthday(match: re.Match[str], where: Where) -> bool:
    """Whether the first six digits may be a day, in the order of year, month, day or of day, month, year."""
    digits = re.sub("[^0-9]", "", match[0])[:6]
    first, second, third = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    month = second - 50 if second > 50 else second
    return 1 <= month <= 12 and (1 <= third <= 31 or 1 <= third - 40 <= 31 or 1 <= first <= 31 or 1 <= first - 40 <= 31)


def _number(kind: str, pattern: str, module: str, source: str, *finds: str, leaves: tuple[str, ...] = ()) -> Rule:
    """A national number whose check digits python-stdnum knows; its separators may be any."""
    return Rule(kind, "{id}", BEGIN + pattern + END, source, finds, leaves, _passes(module), needs=DIGITS)


_OMOCODE: Final = "[0-9LMNPQRSTUV]"
_S: Final = f"{_SEPARATOR}?"

IDENTITY_NUMBERS: Final = (
    Rule(
        "bank account (IBAN)",
        "{id}",
        rf"{BEGIN}[A-Z]{{2}}[0-9]{{2}}(?:{_SEPARATOR}?[0-9A-Z]{{1,4}}){{2,7}}{_SEPARATOR}?[0-9A-Z]{{0,3}}[0-9][A-Z]{{0,3}}{END}",
        "ISO 13616; check digits modulo 97",
        finds=(
            "DE89 3704 0044 0532 0130 00",
            "/x/GB29NWBK60161331926819",
            "gb29-nwbk-6016-1331-9268-19",
            "iban DE89 3704 0044 0532 0130 00 wrong",
        ),
        leaves=("/products/DE89-abcd-efgh-ijkl",),
        accept=_is_iban,
        needs=DIGITS,
    ),
    Rule(
        "card",
        "{id}",
        rf"(?<![0-9])[0-9]{{4}}(?P<s>{_SEPARATOR})[0-9]{{4}}(?P=s)[0-9]{{4}}(?P=s)[0-9]{{1,7}}(?:(?P=s)[0-9]{{1,3}})?(?![0-9])",
        "ISO/IEC 7812-1, as cards are embossed",
        finds=("/pay/4111-1111-1111-1111", "4111_1111_1111_1111"),
        leaves=("2021-2022-2023-2024",),
        accept=_is_beneath_year,
        needs=DIGITS,
    ),
    Rule(
        "card with its check digit",
        "{id}",
        rf"(?<![0-9])[2-9](?:{_SEPARATOR}?[0-9]){{12,18}}(?![0-9])",
        "ISO/IEC 7812-1, annex B (Luhn)",
        finds=("3782 822463 10005", "card 5555555555554444"),
        leaves=("9783161484100",),
        accept=lambda match, where: (
            _is_card(match, where)
            and not (where == "campaign" and match[0].isdigit() and len(match[0]) not in (15, 16))
            and not re.match("97[89]", match[0])
        ),
        needs=DIGITS,
    ),
    Rule(
        "number of a device (IMEI)",
        "{id}",
        rf"(?<![0-9])[0-9]{{2}}{_SEPARATOR}[0-9]{{6}}{_SEPARATOR}[0-9]{{6}}{_SEPARATOR}[0-9](?![0-9])",
        "3GPP TS 23.003, section 6.2",
        finds=("49-015420-323751-8",),
        needs=DIGITS,
    ),
    Rule(
        "Italy's codice fiscale",
        "{id}",
        (
            rf"{BEGIN}[A-Z]{{3}}{_S}[A-Z]{{3}}{_S}{_OMOCODE}{{2}}{_S}[A-EHLMPRST]{_OMOCODE}{{2}}{_S}[A-M]"
            rf"{_OMOCODE}{{3}}{_S}[A-Z]{END}"
        ),
        "D.M. 12/03/1974; digits may be letters where two people would have one code",
        finds=("RSSMRA85T10A562S", "rss mra 85t10 a562 s"),
        leaves=("ABCDEF12G34H567I",),
        needs=DIGITS,
    ),
    _number(
        "France's NIR",
        rf"[12]{_S}[0-9]{{2}}{_S}[0-9]{{2}}{_S}[0-9][0-9AB]{_S}[0-9]{{3}}{_S}[0-9]{{3}}{_S}[0-9]{{2}}",
        "fr.nir",
        "INSEE",
        "1 84 12 76 451 089 46",
    ),
    _number(
        "Spain's DNI",
        rf"[0-9]{{2}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}{_S}[A-Z]",
        "es.dni",
        "Real Decreto 1553/2005",
        "54362315K",
    ),
    _number("Spain's NIE", rf"[XYZ]{_S}[0-9]{{7}}{_S}[A-Z]", "es.nie", "Real Decreto 557/2011", "X2482300W"),
    _number(
        "Mexico's CURP",
        rf"[A-Z]{{4}}{_S}[0-9]{{6}}{_S}[HMX][A-Z]{{5}}{_S}[0-9A-Z][0-9]",
        "mx.curp",
        "RENAPO",
        "BOXW310820HNERXN09",
    ),
    _number(
        "China's resident identity number",
        rf"[0-9]{{6}}{_S}[0-9]{{8}}{_S}[0-9]{{3}}{_S}[0-9X]",
        "cn.ric",
        "GB 11643-1999",
        "11010519491231002X",
    ),
    _number("Argentina's CUIT", rf"(?:2[0347]|3[034]){_S}[0-9]{{8}}{_S}[0-9]", "ar.cuit", "ARCA", "20-05536168-2"),
    _number(
        "Chile's RUT",
        rf"[0-9]{{1,2}}{_S}[0-9]{{3}}{_S}[0-9]{{3}}{_SEPARATOR}[0-9K]",
        "cl.rut",
        "Servicio de Registro Civil",
        "12.531.909-2",
    ),
    _number(
        "Sweden's personnummer",
        rf"(?:19|20)?[0-9]{{6}}{_SEPARATOR}[0-9]{{4}}",
        "se.personnummer",
        "Skatteverket, SKV 704",
        "880320-0016",
    ),
    _number("Ireland's PPS number", r"[0-9]{7}[A-W][ABHWTX]?", "ie.pps", "Department of Social Protection", "6433435F"),
    _number(
        "number of a person in Slovenia and its neighbours",
        r"[0-3][0-9][01][0-9]{10}",
        "si.emso",
        "Zakon o centralnem registru prebivalstva; the form of an article's number, too",
        "0101006500006",
    ),
    _number(
        "the Dominican cédula",
        rf"[0-9]{{3}}{_S}[0-9]{{7}}{_S}[0-9]",
        "do.cedula",
        "Junta Central Electoral",
        "224-0002211-1",
    ),
    _number("Romania's CNP", r"[1-8][0-9]{12}", "ro.cnp", "Direcția pentru Evidența Persoanelor", "1800101221144"),
    _number(
        "Malaysia's MyKad",
        rf"[0-9]{{6}}{_SEPARATOR}[0-9]{{2}}{_SEPARATOR}[0-9]{{4}}",
        "my.nric",
        "JPN",
        "770305.02.1234",
    ),
    _number("the Netherlands' BSN", r"[0-9]{3}[-_][0-9]{3}[-_][0-9]{3}", "nl.bsn", "Rijksdienst", "111-222-345"),
    _number("Poland's PESEL", r"[0-9]{11}", "pl.pesel", "Ustawa o ewidencji ludności", "44051401359"),
    Rule(
        "France's NIR in its groups",
        "{id}",
        (
            r"(?<![0-9])(?<![0-9][-. /])[1278](?P<s>[ ._-])[0-9]{2}(?P=s)(?:0[1-9]|1[0-2]|[2-4][0-9])(?P=s)"
            r"[0-9][0-9AB](?P=s)[0-9]{3}(?P=s)[0-9]{3}(?:(?P=s)[0-9]{2})?(?![0-9]|(?P=s)[0-9])"
        ),
        "INSEE; nothing else has these groups, so that its key may be mistyped or left out",
        finds=("1 84 12 76 451 089", "2-85-05-78-006-084-36"),
        leaves=("1 84 13 76 451 089",),
        needs=DIGITS,
    ),
    Rule(
        "the United Kingdom's National Insurance number",
        "{id}",
        (
            rf"{BEGIN}(?:QQ|(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z])"
            rf"{_S}[0-9]{{2}}{_S}[0-9]{{2}}{_S}[0-9]{{2}}{_S}[A-D]{END}"
        ),
        "HMRC, National Insurance Manual NIM39110",
        finds=("/x/AB123456C", "AB 12 34 56 C"),
        needs=DIGITS,
    ),
    Rule(
        "India's PAN",
        "{id}",
        rf"{BEGIN}[A-Z]{{3}}[ABCFGHJLPTK][A-Z]{_S}(?!0000)[0-9]{{4}}{_S}[A-Z]{END}",
        "Income Tax Department",
        finds=("/x/ACUPA7085R",),
        needs=DIGITS,
    ),
    Rule(
        "number in threes or fours with four more",
        "{id}",
        rf"(?<![0-9])(?:[0-9]{{4}}(?P<s>{_SEPARATOR})[0-9]{{4}}(?P=s)[0-9]{{4}})(?![0-9]|(?P=s)[0-9])",
        "UIDAI (Aadhaar), Japan's My Number: twelve digits in fours",
        finds=("2341-2341-2346", "2341 2341 2346"),
        leaves=("2021-2022-2023", "1000-2000-3000"),
        accept=_is_beneath_year,
        needs=DIGITS,
    ),
    Rule(
        "the United States' social security number",
        "{id}",
        r"(?<![0-9.-])(?!000|666)[0-9]{3}(?P<s> - |[-_. :])[0-9]{2}(?P=s)[0-9]{4}(?![0-9]|[.-][0-9])",
        "Social Security Administration, POMS RM 10201; numbers from 900 on are the tax office's (ITIN)",
        finds=("/x/123-45-6789", "123_45_6789", "/x/941-78-8503"),
        leaves=("205-55-1999",),
        accept=lambda match, where: not re.search("(?:19|20)[0-9]{2}$", match[0]),
        needs=DIGITS,
    ),
    Rule(
        "Brazil's CPF",
        "{id}",
        rf"(?<![0-9])[0-9]{{3}}(?P<s>{_SEPARATOR})[0-9]{{3}}(?P=s)[0-9]{{3}}{_SEPARATOR}[0-9]{{2}}(?![0-9])",
        "Receita Federal",
        finds=("/x/390.533.447-05", "/x/390-533-447-05"),
        leaves=("110-220-330-44",),
        accept=_is_cpf,
        needs=DIGITS,
    ),
    Rule(
        "Switzerland's AHV number",
        "{id}",
        rf"(?<![0-9])756{_S}[0-9]{{4}}{_S}[0-9]{{4}}{_S}[0-9]{{2}}(?![0-9])",
        "Zentrale Ausgleichsstelle; 756 is the country",
        finds=("/x/756.9217.0769.85",),
        needs=DIGITS,
    ),
    Rule(
        "national number that begins with the birthday",
        "{id}",
        (
            rf"{BEGIN}[0-9]{{6}}(?:{_SEPARATOR}(?:[0-9]{{4}}{_SEPARATOR}[0-9]{{2,3}}|[0-9]{{3}}{_SEPARATOR}[0-9]{{2}})"
            rf"|(?: [-/] |[-+/._ ])(?:[0-9]{{3,5}}|[0-9]{{7}})|[-+A][0-9]{{3}}[0-9A-FHJ-NPR-Y]){END}"
        ),
        ("Denmark's CPR, Finland's HETU, Korea's RRN, Czechia's rodné číslo, Latvia's personas kods"),
        finds=("211062-5629", "131052-308T", "900101-1234567", "811218-9876", "736028/5163"),
        leaves=("123456-78", "/log/202506-1000"),
        accept=_is_birthday,
        needs=DIGITS,
    ),
    Rule(
        "Germany's social insurance number",
        "{id}",
        (
            rf"{BEGIN}[0-9]{{2}}{_S}(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]"
            rf"|1[0-2])[0-9]{{2}}{_S}[A-Z]{_S}[0-9]{{3}}{END}"
        ),
        "VKVV, section 2",
        finds=("65 070649 J 009",),
        needs=DIGITS,
    ),
    Rule(
        "the United Kingdom's NHS number",
        "{id}",
        rf"(?<![0-9])(?<![0-9][ .-])[0-9]{{3}}(?P<s>{_SEPARATOR})[0-9]{{3}}(?P=s)[0-9]{{4}}(?![0-9])",
        "NHS Data Dictionary; its form is that of American telephone numbers too",
        finds=("943-476-5919",),
        accept=lambda match, where: bool(
            importlib.import_module("stdnum.gb.nhs").is_valid(re.sub("[^0-9]", "", match[0]))
        ),
        needs=DIGITS,
    ),
    Rule(
        "Belgium's national number",
        "{id}",
        rf"(?<![0-9])[0-9]{{2}}(?P<s>{_SEPARATOR})[0-9]{{2}}(?P=s)[0-9]{{2}}{_SEPARATOR}[0-9]{{3}}{_SEPARATOR}[0-9]{{2}}(?![0-9])",
        "Rijksregister",
        finds=("85.07.30-033.28",),
        needs=DIGITS,
    ),
    Rule(
        "Canada's social insurance number",
        "{id}",
        r"(?<![0-9])(?<![0-9][ .-])[1-9][0-9]{2}(?P<s>[-_ .:])[0-9]{3}(?P=s)[0-9]{3}(?![0-9])",
        "Employment and Social Development Canada; the check digit is Luhn's",
        finds=("123-456-782",),
        accept=lambda match, where: (
            bool(importlib.import_module("stdnum.luhn").is_valid(re.sub("[^0-9]", "", match[0])))
            and not all(int(group) % 10 == 0 for group in re.findall("[0-9]+", match[0]))
        ),
        needs=DIGITS,
    ),
    Rule(
        "Singapore's NRIC, Hong Kong's and other cards",
        "{id}",
        rf"{BEGIN}(?:[STFGM][0-9]{{7}}[A-Z]|[A-Z]{{1,2}}[0-9]{{6}}\([0-9A]\)|784-?[0-9]{{4}}-?[0-9]{{7}}-?[0-9]){END}",
        "ICA, Hong Kong's Immigration Department, the Emirates' ICP",
        finds=("/x/S1234567D", "A123456(3)", "784-1988-1234567-1"),
        needs=DIGITS,
    ),
    _number(
        "Thailand's national number",
        rf"[1-8]{_SEPARATOR}[0-9]{{4}}{_SEPARATOR}[0-9]{{5}}{_SEPARATOR}[0-9]{{2}}{_SEPARATOR}[0-9]",
        "th.pin",
        "Department of Provincial Administration",
        "7-6520-61717-35-9",
    ),
    _number(
        "Germany's tax number of a person",
        rf"[1-9][0-9]{_SEPARATOR}[0-9]{{3}}{_SEPARATOR}[0-9]{{3}}{_SEPARATOR}[0-9]{{3}}",
        "de.idnr",
        "Abgabenordnung, section 139b",
        "36 574 261 809",
    ),
    _number(
        "Mexico's RFC",
        rf"[A-ZÑ&]{{4}}{_S}[0-9]{{6}}{_S}[0-9A-Z]{{3}}",
        "mx.rfc",
        "Servicio de Administración Tributaria",
        "GODE561231GR8",
    ),
    Rule(
        "national number with dashes",
        "{id}",
        rf"{BEGIN}(?:[0-9]{{6}}-[0-9]{{2}}-[0-9]{{4}}|[0-9]{{5}}-[0-9]{{7}}-[0-9]){END}",
        "Malaysia's MyKad, Pakistan's CNIC",
        finds=("950807-14-3299", "35202-1234567-1"),
        needs=DIGITS,
    ),
)

"""Numbers of cards, accounts, persons and documents: national forms with their check digits, or behind their names."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Final

from footfall.transforms.describing.personal.rule import BEGIN, CODE_WORDS, DIGITS, END, Rule, Where, one_of
from footfall.transforms.describing.personal.words import words

_SEPARATOR: Final = "[ ._/-]"

NUMBER_NAMES: Final = words("""
    bsn burgerservicenummer cnp nif nie dni pesel rut cuit cuil tckn kimlik tc-kimlik medicare ssn sin nino nhs cpf cnpj
    curp pps steuer-id steueridnr idnr svnr sozialversicherung ahv oib emso jmbg egn isikukood asmens-kodas
    personnummer personnumer fodselsnummer fødselsnummer cpr hetu henkilötunnus kennitala rodne-cislo codice-fiscale
    aadhaar pan nric nik tfn ird emirates-id cedula cédula amka taj снилс инн паспорт рнокпп єдрпоу рнн иин
    αφμ αμκα δελτίο-ταυτότητας fnr cnic nadra voter-id voter-card epic phn hin ramq health-card medicare-card itin bvn
    nin kra-pin ghana-card sa-id id-number ic-number mykad citizen-id iqama egn lnch emso oib cccd cmnd cmt ktp npwp
    身份证 身份证号 身分證 居民身份证 マイナンバー 保険証番号 주민등록번호 주민번호
    운전면허 आधार पैन الرقم-القومي رقم-الهوية
    رقم-الاقامة رقم-جلوس บัตรประชาชน תעודת-זהות ת.ז
    """)
"""What countries call the number of a person."""
_ISSUERS: Final = re.compile(
    "4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})$|(?:5[0-8]|2[2-7]|35|6[0-9]|8[18]|9[27])[0-9]{14}$|3[47][0-9]{13}$"
    "|3(?:0|6|8|9)[0-9]{12}$|(?:5[0678]|6[0-9])[0-9]{10,17}$"
)
"""Beginnings and lengths of the numbers of cards: Visa, Mastercard and Mir, JCB, UnionPay and Discover, American
Express, Diners, Maestro."""


def _passes(module: str) -> Callable[[re.Match[str], Where], bool]:
    """Whether a match passes a check of python-stdnum, which is imported where it is needed: few logs do."""

    def check(match: re.Match[str], where: Where) -> bool:
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
    groups = re.findall("[0-9]+", match[0])
    return not all(1000 <= int(group) <= 2100 or int(group) % 100 == 0 for group in groups)


def _is_birthday(match: re.Match[str], where: Where) -> bool:
    """Whether the first six digits may be a day, in the order of year, month, day or of day, month, year."""
    digits = re.sub("[^0-9]", "", match[0])[:6]
    first, second, third = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    month = second - 50 if second > 50 else second
    return 1 <= month <= 12 and (1 <= third <= 31 or 1 <= third - 40 <= 31 or 1 <= first <= 31 or 1 <= first - 40 <= 31)


def _number(kind: str, pattern: str, module: str, source: str, *finds: str, leaves: tuple[str, ...] = ()) -> Rule:
    """A national number whose check digits python-stdnum knows; its separators may be any."""
    return Rule(kind, "{id}", BEGIN + pattern + END, source, finds, leaves, _passes(module), needs=DIGITS)


_M: Final = "[AC-HJKMNP-RT-Y]"
"""The letters of the United States' Medicare numbers."""
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
        r"(?<![0-9])[0-9]{4}(?P<s>[ ._/:-])[0-9]{4}(?P=s)[0-9]{4}(?P=s)[0-9]{1,7}(?:(?P=s)[0-9]{1,3})?(?![0-9])",
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
            rf"{BEGIN}[A-Z]{{3}}[ -]?[A-Z]{{3}}[ -]?{_OMOCODE}{{2}}[ -]?[A-EHLMPRST]{_OMOCODE}{{2}}[ -]?[A-M]"
            rf"{_OMOCODE}{{3}}[ -]?[A-Z]{END}"
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
        rf"[0-9]{{2}}\.?[0-9]{{3}}\.?[0-9]{{3}}{_S}[A-Z]",
        "es.dni",
        "Real Decreto 1553/2005",
        "54362315K",
    ),
    _number("Spain's NIE", rf"[XYZ]{_S}[0-9]{{7}}{_S}[A-Z]", "es.nie", "Real Decreto 557/2011", "X2482300W"),
    _number("Mexico's CURP", r"[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[0-9A-Z][0-9]", "mx.curp", "RENAPO", "BOXW310820HNERXN09"),
    _number("China's resident identity number", r"[0-9]{17}[0-9X]", "cn.ric", "GB 11643-1999", "11010519491231002X"),
    _number("Argentina's CUIT", r"(?:2[0347]|3[034])[- ]?[0-9]{8}[- ]?[0-9]", "ar.cuit", "ARCA", "20-05536168-2"),
    _number(
        "Chile's RUT",
        r"[0-9]{1,2}\.?[0-9]{3}\.?[0-9]{3}-[0-9K]",
        "cl.rut",
        "Servicio de Registro Civil",
        "12.531.909-2",
    ),
    _number(
        "Sweden's personnummer",
        r"(?:19|20)?[0-9]{6}[-+ ][0-9]{4}",
        "se.personnummer",
        "Skatteverket, SKV 704",
        "880320-0016",
    ),
    _number("Ireland's PPS number", r"[0-9]{7}[A-W][ABHWTX]?", "ie.pps", "Department of Social Protection", "6433435F"),
    _number("Poland's PESEL", r"[0-9]{11}", "pl.pesel", "Ustawa o ewidencji ludności", "44051401359"),
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
        rf"{BEGIN}[A-Z]{{3}}[ABCFGHJLPTK][A-Z][ -]?(?!0000)[0-9]{{4}}[ -]?[A-Z]{END}",
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
        r"(?<![0-9.-])(?!000|666)[0-9]{3}(?P<s>[-_. ])[0-9]{2}(?P=s)[0-9]{4}(?![0-9]|[.-][0-9])",
        "Social Security Administration, POMS RM 10201; numbers from 900 on are the tax office's (ITIN)",
        finds=("/x/123-45-6789", "123_45_6789", "/x/941-78-8503"),
        leaves=("205-55-1999",),
        accept=lambda match, where: not re.search("(?:19|20)[0-9]{2}$", match[0]),
        needs=DIGITS,
    ),
    Rule(
        "Brazil's CPF",
        "{id}",
        r"(?<![0-9])[0-9]{3}[. ][0-9]{3}[. ][0-9]{3}[-. /][0-9]{2}(?![0-9])",
        "Receita Federal",
        finds=("/x/390.533.447-05",),
        needs=DIGITS,
    ),
    Rule(
        "Switzerland's AHV number",
        "{id}",
        r"(?<![0-9])756[. _-]?[0-9]{4}[. _-]?[0-9]{4}[. _-]?[0-9]{2}(?![0-9])",
        "Zentrale Ausgleichsstelle; 756 is the country",
        finds=("/x/756.9217.0769.85",),
        needs=DIGITS,
    ),
    Rule(
        "national number that begins with the birthday",
        "{id}",
        rf"{BEGIN}[0-9]{{6}}(?:[-+/. ](?:[0-9]{{3,5}}|[0-9]{{7}})|[-+A][0-9]{{3}}[0-9A-FHJ-NPR-Y]){END}",
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
        r"(?<![0-9])(?<![0-9][ .-])[0-9]{3}(?P<s>[- ])[0-9]{3}(?P=s)[0-9]{4}(?![0-9])",
        "NHS Data Dictionary; its form is that of American telephone numbers too",
        finds=("943-476-5919",),
        accept=lambda match, where: bool(importlib.import_module("stdnum.gb.nhs").is_valid(match[0])),
        needs=DIGITS,
    ),
    Rule(
        "Belgium's national number",
        "{id}",
        r"(?<![0-9])[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}[.-][0-9]{2}(?![0-9])",
        "Rijksregister",
        finds=("85.07.30-033.28",),
        needs=DIGITS,
    ),
    Rule(
        "Canada's social insurance number",
        "{id}",
        r"(?<![0-9])(?<![0-9][ .-])[1-9][0-9]{2}(?P<s>[-_ .])[0-9]{3}(?P=s)[0-9]{3}(?![0-9])",
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
    Rule(
        "vehicle (VIN)",
        "{id}",
        rf"{BEGIN}[A-HJ-NPR-Z0-9]{{13}}[0-9]{{4}}{END}",
        "ISO 3779; manufacturers number their vehicles at the end",
        finds=("/vin/1HGCM82633A004352", "WVWZZZ1JZXW000001"),
        leaves=("12345678901234567",),
        accept=lambda match, where: len(re.findall("[A-Z]", match[0], re.IGNORECASE)) >= 3,
        needs=DIGITS,
    ),
    Rule(
        "parcel",
        "{id}",
        (
            rf"{BEGIN}(?:1Z(?:[ -]?[0-9A-Z]){{16}}"
            r"|[A-Z]{2}[ -]?[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}[ -]?[A-Z]{2}|TBA[0-9]{10,12}"
            rf"|JD[0-9]{{16,18}}|JJD[0-9]{{16,20}}){END}"
        ),
        "UPS; UPU S10",
        finds=("1Z999AA10123456784", "/track/RB123456785GB"),
        needs=DIGITS,
    ),
    Rule(
        "order at Amazon",
        "{id}",
        r"(?<![0-9])[0-9]{3}-[0-9]{7}-[0-9]{7}(?![0-9])",
        "Amazon's order numbers",
        finds=("/x/302-5543211-8872345",),
        needs=DIGITS,
    ),
    Rule(
        "German identity card or passport",
        "{id}",
        (
            rf"{BEGIN}(?-i:[CFGHJKLMNPRTVWXYZ])(?=[0-9A-Z]{{8}}{END})(?=[0-9A-Z]*[A-Z])(?-i:[CFGHJKLMNPRTVWXYZ0-9]{{8}}){END}"
        ),
        "Bundesdruckerei: serial numbers without vowels and without B, D, Q, S",
        finds=("/x/C01X00T47",),
        leaves=("/watch/SNXS79K1",),
        accept=lambda match, where: len(re.findall("[0-9]", match[0])) >= 5,
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
    Rule(
        "number of a person after its name",
        "{id}",
        (
            rf"(?<![^\W_])(?:{one_of(NUMBER_NAMES)})(?:[\s_-]?{CODE_WORDS})?[\s:=#/._-]{{1,3}}"
            r"(?P<secret>[0-9A-Z]{0,4}[0-9](?:[ ._/-]{0,2}[0-9]){4,15}[0-9A-Z]?)(?![0-9A-Za-z])"
        ),
        "what forms call it, and what people paste into a search",
        finds=("bsn 081307688", "medicare 2428 77813 1", "/pesel/44051401359"),
        leaves=("medicare 2024", "nif 5"),
        accept=lambda match, where: len(re.findall("[0-9]", match["secret"])) >= 6,
        needs=DIGITS,
    ),
    Rule(
        "the United States' Medicare number",
        "{id}",
        rf"{BEGIN}[1-9]{_M}[0-9{_M[1:]}[0-9]-{_M}[0-9{_M[1:]}[0-9]-{_M}{{2}}[0-9]{{2}}{END}",
        "Centers for Medicare & Medicaid Services, the format of the Medicare beneficiary identifier",
        finds=("/x/1EG4-TE5-MK73",),
        leaves=("1a24-b35-cd7",),
        needs=DIGITS,
    ),
)

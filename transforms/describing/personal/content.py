"""Content that looks personal: dates, scores, standards, books, articles' numbers. Later rules do not look into it."""

from __future__ import annotations

import importlib
import re
from typing import Final

from footfall.transforms.describing.personal.rule import BEGIN, DIGITS, END, Rule, Where

_YEAR: Final = "(?:1[0-9]{3}|20[0-9]{2})"
_MONTH: Final = "(?:0?[1-9]|1[0-2])"
_DAY: Final = "(?:0?[1-9]|[12][0-9]|3[01])"
_TIME: Final = (
    r"(?:[T _-]{1,3}[0-2]?[0-9][-:._h][0-5][0-9](?:[-:._][0-5][0-9](?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_NO_NUMBER_BEFORE: Final = r"(?<![0-9A-Za-z])(?<![0-9][-./_])"
_NO_NUMBER_AFTER: Final = r"(?![0-9A-Za-z]|[-./][0-9])"


def _digits(match: re.Match[str]) -> str:
    return re.sub("[^0-9Xx]", "", match["number"])


def _is_version(match: re.Match[str], where: Where) -> bool:
    """`202.555.0143` is no version: at most one part of a version has three digits or more, or one of them is short."""
    parts = re.findall("[0-9]+", match[0])
    if [len(part) for part in parts[-3:]] == [3, 3, 4]:
        return False
    return not (len(parts) > 2 and all(len(part) >= 3 for part in parts)) and not re.match("0[0-9]", match[0])


def _is_book(match: re.Match[str], where: Where) -> bool:
    return bool(importlib.import_module("stdnum.isbn").is_valid(_digits(match)))


def _is_article(match: re.Match[str], where: Where) -> bool:
    """A GTIN with its check digit, from a range that GS1 has given out, so no time stamp."""
    digits = _digits(match)
    # 1970–2033 in milliseconds begin with 1; 13 digits that begin with 14–19 are given to nobody.
    if len(digits) == 13 and "140" <= digits[:3] <= "199":
        return False
    return bool(importlib.import_module("stdnum.ean").is_valid(digits))


def _is_serial(match: re.Match[str], where: Where) -> bool:
    return bool(importlib.import_module("stdnum.issn").is_valid(_digits(match)))


_OF_ERRORS: Final = re.compile(
    r"(?<![^\W_])(?:errors?|fehler|fehlercode|erreur|errore|erro|windows|update|bsod|stop|hresult)(?![^\W_])",
    re.IGNORECASE,
)


def is_error(match: re.Match[str], where: Where) -> bool:
    """Whether `0x` and eight hexadecimal digits are an error: `0x00…` anywhere, `0x8…` and `0xc…` beside its words."""
    if match[0].lower().startswith("0x00"):
        return True
    return bool(re.match("0x[8c]", match[0], re.IGNORECASE) and _OF_ERRORS.search(match.string))


CONTENT: Final = (
    Rule(
        "date of eight digits",
        None,
        (
            rf"{BEGIN}(?:19|20)[0-9]{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
            rf"(?:[T_-][0-2][0-9][0-5][0-9](?:[0-5][0-9])?Z?)?{END}"
        ),
        "ISO 8601, basic format",
        finds=("/log/20250609", "/photo/IMG_20250609_101112.jpg"),
        leaves=("/log/20251399",),
        needs=DIGITS,
    ),
    Rule(
        "date",
        None,
        (
            rf"{_NO_NUMBER_BEFORE}(?:{_YEAR}(?P<s>[-./_ ]){_MONTH}(?P=s){_DAY}{_TIME}"
            rf"|{_DAY}(?P<t>[-./_ ]){_MONTH}(?P=t){_YEAR}{_TIME}|{_MONTH}(?P<u>[-./_ ]){_DAY}"
            rf"(?P=u){_YEAR}{_TIME}){_NO_NUMBER_AFTER}"
        ),
        "ISO 8601, and days as countries write them",
        finds=("/blog/2025/06/09/ten-tips", "/log/09.06.2025", "12/31/2024 party", "/log/2025-06-09-10-11-12"),
        leaves=("/call/02-12-34-2025",),
        needs=DIGITS,
    ),
    Rule(
        "range of years",
        None,
        rf"{BEGIN}{_YEAR}(?:\s?[-/]\s?|\s){_YEAR}(?:(?:\s?[-/]\s?|\s){_YEAR})?{_NO_NUMBER_AFTER}",
        "titles with years",
        finds=("1914-1918", "/half-life-2-1999-2004"),
        leaves=("9123-4567",),
        needs=DIGITS,
    ),
    Rule(
        "prices from and to",
        None,
        (
            rf"{_NO_NUMBER_BEFORE}[0-9]{{1,4}}[.,][0-9]{{2}}\s?[-_/]\s?[0-9]{{1,4}}[.,][0-9]{{2}}"
            r"(?![0-9A-Za-z]|[-.,/ ][0-9])"
        ),
        "filters of shops",
        finds=("/sale/price-49.99-99.99", "12,50 - 14,50"),
        leaves=("49.99-99.99-12",),
        needs=".,",
    ),
    Rule(
        "colour",
        None,
        (
            rf"{BEGIN}(?:rgba?|hsla?|cmyk|ral)[-_( ]{{1,2}}[0-9]{{1,4}}(?:[-_, ]{{1,2}}[0-9]{{1,3}}){{0,3}}"
            r"(?![0-9A-Za-z]|[-., ][0-9])"
        ),
        "models of colours, of which each part is at most 255 (RAL: four digits)",
        finds=("/color/rgb-255-183-197", "rgb(12, 34, 56)", "ral 7016"),
        leaves=("/rgb/user",),
        needs=DIGITS,
    ),
    Rule(
        "law",
        None,
        rf"{BEGIN}(?:(?:LEGI|JORF)(?:ARTI|TEXT|SCTA)[0-9]{{12}}|(?:JURI|CETA|CONS)TEXT[0-9]{{12}}|BWBR[0-9]{{7}}"
        rf"|3(?:19|20)[0-9]{{2}}[RLD][0-9]{{4}}){END}",
        "Légifrance, wetten.overheid.nl, EUR-Lex (CELEX)",
        finds=("/codes/article_lc/LEGIARTI000006417964", "/wet/BWBR0001854", "/celex/32016R0679"),
        leaves=("/x/BWBR00018",),
        needs=DIGITS,
    ),
    Rule(
        "times",
        None,
        rf"{_NO_NUMBER_BEFORE}[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?(?:\s?-\s?[0-2]?[0-9]:[0-5][0-9])?(?![0-9A-Za-z:])",
        "opening hours",
        finds=("/at/12:34:56", "10:00-18:30"),
        needs=DIGITS,
    ),
    Rule(
        "scores",
        None,
        (
            rf"{_NO_NUMBER_BEFORE}[0-9]{{1,2}}[-:][0-9]{{1,2}}"
            rf"(?:[ ,]{{1,2}}[0-9]{{1,2}}[-:][0-9]{{1,2}}){{1,6}}{_NO_NUMBER_AFTER}"
        ),
        "results by set and half",
        finds=("6-4 3-6 7-5", "25:23 25:20 18:25"),
        leaves=("22 18 55 90",),
        needs=DIGITS,
    ),
    Rule(
        "numbers of one digit",
        None,
        rf"{_NO_NUMBER_BEFORE}[0-9](?:[-: ][0-9]){{2,}}{_NO_NUMBER_AFTER}",
        "formations, results, counting",
        finds=("4-4-2", "/tennis/6-4-3-6-7-5", "1 2 3 4 5"),
        needs=DIGITS,
    ),
    Rule(
        "amount",
        None,
        (
            r"(?<![0-9A-Za-z.,+(])(?:[1-9][0-9]{0,2}(?:[.,'][0-9]{3}){1,3}(?:[.,][0-9]{2})?"
            r"|[1-9][0-9]{0,2}(?: 000){1,3})(?![0-9A-Za-z]|[-.,/ ][0-9])"
        ),
        "thousands with their separators",
        finds=("1,000,000", "1.000.000 euro", "10 000 steps"),
        leaves=("612.345.678.9",),
        accept=lambda match, where: "." not in match[0] or match[0].endswith("00") or match[0].count(".") == 1,
        needs=DIGITS,
    ),
    Rule(
        "weakness, bulletin, advisory, update or request for comments",
        None,
        (
            rf"{BEGIN}(?:CVE[- ][0-9]{{4}}[- ][0-9]{{4,7}}|CWE-[0-9]{{1,4}}|KB ?[0-9]{{6,7}}"
            r"|MS[0-9]{2}-[0-9]{3}|GHSA(?:-[0-9a-z]{4}){3}|RFC[- ]?[0-9]{1,5}"
            r"|(?:WID-SEC|JVNDB|CNVD|CNNVD|CERTFR|ICSA|VDE|BDU|NCSC|SSA|TALOS|ZDI|DLA|USN)-[0-9]{2,4}-"
            r"(?:[A-Z]{3}-)?[0-9]{2,6}"
            r"|RHSA-[0-9]{4}[-:][0-9]{4,5}|[DU]SA-[0-9]{3,5}(?:-[0-9])?|PEP-?[0-9]{1,4}"
            rf"|JEP-?[0-9]{{1,4}}){END}"
        ),
        "MITRE, Microsoft, GitHub, IETF, and the offices of countries",
        finds=(
            "/security/CVE-2024-12345",
            "/kb/KB5012345",
            "rfc 7231",
            "/advisories/GHSA-jfh8-c2jp-5v3q",
            "/x/wid-sec-2024-0418",
            "/jvn/JVNDB-2024-003051",
        ),
        needs=DIGITS,
    ),
    Rule(
        "error of Windows",
        None,
        rf"{BEGIN}0x[0-9a-f]{{8}}(?:-0x[0-9a-f]{{5,8}})?{END}",
        "Microsoft, MS-ERREF: HRESULT, NTSTATUS and stop codes",
        finds=("windows update error 0x80070643", "/error-codes/0x0000007e", "error 0xc1900101-0x20017"),
        leaves=("/from/0x80070643", "/from/0xC0000211"),
        accept=is_error,
        needs=DIGITS,
    ),
    Rule(
        "standard",
        None,
        (
            rf"{BEGIN}(?:(?:ISO|IEC|DIN|EN|IEEE|ANSI|ASTM|BS|JIS|GOST|ГОСТ|NF|ÖNORM|SIA|VDE|VDI|UL"
            r"|MIL-STD|SAE|API|NFPA|ITU|ETSI|GB|GB/T|UNE|UNI|NBR|CSA|AS|NZS|PAS|TS|TR|SN|SS|NEN|DNV"
            r"|FIPS)"
            rf"[-_ /]{{1,2}}){{1,4}}[A-Z]{{0,2}}[- ]?[0-9]{{2,6}}(?:[-.:/ ][0-9]{{1,4}}){{0,3}}{END}"
        ),
        "the bodies that publish standards",
        finds=("iso 27001", "/norm/din-18560-2", "din en iso 14001", "/standards/iso/27001"),
        leaves=("as 4820173",),
        needs=DIGITS,
    ),
    Rule(
        "code of a medicine",
        None,
        r"(?<![^\W_])(?:atc[- ]?(?:code)?[- :/]{1,2})(?P<secret>[A-DGHJLMNPRSV][0-9]{2}(?:[A-Z]{1,2}(?:[0-9]{2})?)?)"
        r"(?![^\W_])",
        "WHO, Anatomical Therapeutic Chemical classification",
        finds=("atc code n02be01", "/atc/n02be01"),
        leaves=("code n02be01",),
        needs=DIGITS,
    ),
    Rule(
        "chemical formula",
        None,
        (
            r"(?<![\w.:=-])(?=[A-Za-z0-9]{3,12}(?![\w:=-]))(?=[A-Za-z]*[0-9])(?:(?:al|ag|ba|br|ca|cl|co|cr|cu|fe|hg|li"
            r"|mg|mn|na|ni|pb|si|sn"
            r"|ti|zn|[bcfhiknops])(?:[2-9]|1[0-9]|2[0-9])?){2,6}(?![^\W_])"
        ),
        "IUPAC, Nomenclature of Inorganic Chemistry, with the frequent elements",
        finds=("na2co3", "h2so4", "/wiki/C6H12O6"),
        leaves=("/x/a1b2c3", "k7qx2p", "E8GB-C8KN-J7EG"),
        accept=lambda match, where: where != "path" or not match[0].islower(),
        needs=DIGITS,
    ),
    Rule(
        "object identifier",
        None,
        r"(?<![0-9.])(?:1\.2\.840|1\.3\.6\.1|2\.5\.(?:4|29)|2\.16\.840|0\.9\.2342)(?:\.[0-9]{1,9}){1,12}"
        r"(?![0-9A-Za-z]|\.[0-9])",
        "ITU-T X.660: what is under ISO's members, the internet and joint arcs",
        finds=("/oid/1.2.840.113549.1.1.11", "snmp 1.3.6.1.2.1.1.5"),
        leaves=("1.2.3.4.5",),
        needs=".",
    ),
    Rule(
        "gene or protein",
        None,
        (
            rf"{BEGIN}(?:ENS[A-Z]{{0,3}}[GTPER][0-9]{{11}}(?:\.[0-9]{{1,2}})?"
            rf"|(?:uniprot(?:kb)?|proteins?)[/ :](?P<number>[OPQ][0-9][A-Z0-9]{{3}}[0-9]"
            rf"|[A-NR-Z][0-9](?:[A-Z][A-Z0-9]{{2}}[0-9]){{1,2}})|[NX][MRP]_[0-9]{{6,9}}(?:\.[0-9]{{1,2}})?){END}"
        ),
        "Ensembl, UniProt, NCBI's RefSeq",
        finds=("/gene/ENSG00000141510", "/uniprotkb/P04637/entry", "nm_000546.6"),
        leaves=("/gene/ENSX141510",),
        needs=DIGITS,
    ),
    Rule(
        "lottery",
        None,
        (
            r"(?<![^\W_])(?:lotto|loto|lotter(?:y|ie|ia)|loter[ií]a|euromillions?|euromillionen|eurojackpot"
            r"|powerball|keno|bingo"
            r"|mega[- ]millions|totolotto|6 ?aus ?49)(?:[\s-][^\W\d_]+){0,3}"
            r"(?:[\s-]6[\s-]aus[\s-]49)?[\s:-]{1,2}(?P<secret>[0-9]{1,2}(?:[ ,-]{1,2}[0-9]{1,2}){3,9})"
            r"(?![0-9A-Za-z])"
        ),
        "numbers that are drawn",
        finds=("lotto 6 aus 49 3 11 17 28 34 45", "euromillions 07 12 23 38 44"),
        leaves=("06 12 34 56 78",),
        needs=DIGITS,
    ),
    Rule(
        "postcode with its name",
        None,
        rf"{BEGIN}(?:plz|psc|zip|zip-?code|code-postal|codigo-postal|cap)[-_ ]{{1,2}}(?P<secret>[0-9]{{5}}){END}",
        "postcodes of whole towns and districts, as portals name pages",
        finds=("/immobilien/plz-80331", "zip 90210"),
        leaves=("/x/plz-8033112",),
        needs=DIGITS,
    ),
    Rule(
        "number of an article in a help centre, and a snapshot of a page",
        None,
        (
            r"/(?:articles|sections|categories)/[0-9]{9,15}(?=-[A-Za-z]{2,}|-[^\x00-\x7f])"
            r"|/web/(?:19|20)[0-9]{12}(?:[a-z]{2}_)?(?=/)"
        ),
        "Zendesk's addresses; the Internet Archive's",
        finds=("/hc/en-us/articles/360041735392-Change-your-theme", "/web/20150412101500/http:/example.com/"),
        leaves=("/articles/360041735392", "/log/20150412101500"),
        wheres=("path",),
        needs=DIGITS,
    ),
    Rule(
        "part of a maker of parts",
        None,
        (
            r"(?<![^\W_])(?:bosch|beru|ngk|hella|valeo|febi|skf|luk|sachs|mann|mahle|ate|trw|brembo)"
            rf"[- ](?P<secret>[0-9](?:[ .-]?[0-9]{{3}}){{3}}){END}"
        ),
        "Bosch's and others' part numbers, one digit and three groups of three",
        finds=("bosch 0 986 494 596 brake pads", "/parts/bosch-0986494596-brake-pads"),
        leaves=("call 0 986 494 596",),
        wheres=("phrase", "path"),
        needs=DIGITS,
    ),
    Rule(
        "book (ISBN)",
        None,
        (
            rf"{BEGIN}(?:isbn[-_ :/]{{0,2}}(?:1[03][-_ :=]{{1,2}})?|(?=97[89])"
            r"|(?=[0-9]+-[0-9]+-[0-9]+-[0-9X](?![0-9A-Za-z-])))(?P<number>"
            rf"(?:97[89][- ]?)?[0-9](?:[- ]?[0-9]){{8}}[- ]?[0-9X]){END}"
        ),
        "ISO 2108; its check digit",
        finds=("/books/9783161484100", "978-3-16-148410-0", "isbn 0306406152"),
        leaves=("/books/9783161484101", "0306406152"),
        accept=_is_book,
        needs=DIGITS,
    ),
    Rule(
        "article (GTIN, EAN, UPC)",
        None,
        (
            rf"{BEGIN}(?:(?:ean|gtin|upc|barcode|jan)(?:-?(?:8|12|13|14))?"
            r"(?:[-_ ]?(?:code|number|nummer|nr|no))?[-_ :/]{1,2}"
            rf"|(?=[0-9]{{13}}{END}))(?P<number>[0-9]{{8}}|[0-9]{{12,14}}){END}"
        ),
        "GS1 General Specifications; its check digit",
        finds=("/products/4006381333931", "ean code 4006381333931", "/upc/036000291452"),
        leaves=("/x/1600000000000", "/x/4006381333932"),
        accept=_is_article,
        needs=DIGITS,
    ),
    Rule(
        "title or person of films",
        None,
        rf"{BEGIN}(?:tt|nm)[0-9]{{7,8}}{END}",
        "IMDb's titles and names",
        finds=("/movies/tt0062622-2001-a-space-odyssey",),
        leaves=("/x/tt006262212",),
        needs=DIGITS,
    ),
    Rule(
        "article at Amazon (ASIN)",
        None,
        rf"{BEGIN}B0(?-i:[0-9A-Z]){{8}}{END}",
        "Amazon's articles, which begin with B0 if they are no books",
        finds=("/dp/B08N5WRWNW",),
        leaves=("/x/B08N5WRWNWQ",),
        needs=DIGITS,
    ),
    Rule(
        "journal (ISSN)",
        None,
        rf"{_NO_NUMBER_BEFORE}(?P<number>[0-9]{{4}}-[0-9]{{3}}[0-9X])(?![0-9A-Za-z])",
        "ISO 3297; its check digit",
        finds=("/issn/0378-5955",),
        leaves=("9123-4567",),
        accept=_is_serial,
        needs=DIGITS,
    ),
    Rule(
        "paper, substance or act",
        None,
        (
            rf"(?:{BEGIN}(?:abs|arxiv|pdf)[-:/ ]?[0-9]{{4}}\.[0-9]{{4,5}}(?:v[0-9]+)?"
            rf"|{BEGIN}10\.[0-9]{{4,5}}/[^\s]+|{BEGIN}(?:cas[-/ ])[0-9]{{2,7}}-[0-9]{{2}}-[0-9]|{BEGIN}"
            rf"(?:US|EP|WO|DE|CN|JP)[- ]?[0-9]{{6,8}}(?:[AB][0-9])?|{BEGIN}(?:pmid|pmc"
            rf"|pubmed)[-:/ ]?[0-9]{{5,8}}){END}"
        ),
        "arXiv, DOI, CAS, patent offices, PubMed",
        finds=("/arxiv/2401.12345", "/doi/10.1000/182", "/cas/7732-18-5", "/patent/US9876543"),
        needs=DIGITS,
    ),
    Rule(
        "version",
        None,
        (
            rf"{_NO_NUMBER_BEFORE}(?:v(?:ersion)?[-_ ]?)?[0-9]{{1,4}}(?:\.[0-9]{{1,5}}){{1,3}}(?:[-+_.]?"
            r"(?:rc|beta|alpha|b|a|p|dev|post)[-.]?[0-9]+)?(?:[-+][0-9]{1,3})?(?![0-9A-Za-z]"
            r"|[-./_ ()][0-9])"
        ),
        "Semantic Versioning, and what programs really have",
        finds=("/download/v1.2.3.4", "chrome 126.0.6478.127", "/jdk-17.0.11+9", "/kernel/6.8.0-35-generic"),
        leaves=("06.12.34.56.78", "202.555.0143"),
        accept=_is_version,
        needs=DIGITS,
    ),
)

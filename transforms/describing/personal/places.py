"""Places finer than a region: coordinates and codes for them, postcodes of a few houses, plates of cars."""

from __future__ import annotations

import re
from typing import Final

from footfall.transforms.describing.personal.drawn import segment_around
from footfall.transforms.describing.personal.judged_texts import MARK
from footfall.transforms.describing.personal.rule import BEGIN, DIGITS, END, Rule, Where, one_of
from footfall.transforms.describing.personal.words import has_word, words

_DEGREES: Final = r"[-+]?[0-9]{1,3}\.[0-9]{3,}"
_AREAS: Final = words("""
    AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G
    GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW
    OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD
    WF WN WR WS WV YO ZE
    """)
"""Postcode areas of the United Kingdom."""
_PLUS: Final = "[23456789CFGHJMPQRVWX]"
_ROUTING_KEYS: Final = words("""
    A41 A42 A45 A63 A67 A75 A81 A82 A83 A84 A85 A86 A91 A92 A94 A96 A98 C15 D0[1-9] D1[0-8] D2[024] D6W E21 E25 E32 E34
    E41 E45 E53 E91 F12 F23 F26 F28 F31 F35 F42 F45 F52 F56 F91 F92 F93 F94 H12 H14 H16 H18 H23 H53 H54 H62 H65 H71 H91
    K32 K34 K36 K45 K56 K67 K78 N37 N39 N41 N91 P12 P14 P17 P24 P25 P31 P32 P36 P43 P47 P51 P56 P61 P67 P72 P75 P81 P85
    R14 R21 R32 R35 R42 R45 R51 R56 R93 R95 T12 T23 T34 T45 T56 V14 V15 V23 V31 V35 V42 V92 V93 V94 V95 W12 W23 W34 W91
    X35 X42 X91 Y14 Y21 Y25 Y34 Y35
    """)
"""Routing keys of Ireland's Eircode, as patterns."""
GERMAN_DISTRICTS: Final = words("""
    A AA AB ABG AC AIC AK AM AN AP AS AUR AW AZ B BA BAD BAR BB BBG BC BGL BI BIR BIT BL BLK BM BN BO BOR BOT BRA BRB BS
    BT BZ C CB CE CHA CLP CO COC COE CUX CW D DA DAH DAN DAU DB DD DE DEG DEL DGF DH DL DLG DM DN DO DON DU DÜW E EA EBE
    ED EE EF EI EL EM EMD EMS EN ER ERB ERH ES ESW EU F FB FD FDS FF FFB FG FL FN FO FR FRG FRI FS FT FÜ G GAP GE GER GF
    GG GI GL GM GÖ GP GR GRZ GS GT GTH GÜ GZ H HA HAL HAM HAS HB HBN HD HDH HE HEF HEI HER HF HG HGW HH HI HL HM HN HO
    HOL HOM HR HRO HS HSK HST HU HVL HX HZ IGB IK IN IZ J JL K KA KB KC KE KEH KF KG KH KI KIB KL KLE KN KO KR KS KT KU
    KÜN KUS KYF L LA LAU LB LD LDK LDS LER LEV LG LI LIF LIP LL LM LÖ LOS LP LRO LU LÜN LWL M MA MB MD ME MEI MG MI MIL
    MK MKK MM MN MOL MOS MR MS MSH MSP MST MTK MÜ MYK MZ MZG N NB ND NDH NE NEA NES NEW NF NI NK NM NMS NOH NOL NOM NR
    NU NW NWM OA OAL OB OD OE OF OG OH OHV OL OPR OS OSL P PA PAF PAN PB PE PF PI PIR PLÖ PM PN PR PS R RA RD RE REG RO
    ROW RP RPL RS RT RÜD RÜG RV RW RZ S SAD SAW SB SC SE SFA SG SH SHA SHG SHK SI SIG SIM SK SL SLF SLK SLS SM SN SO SOK
    SÖM SON SP SPN SR ST STA STD SU SÜW SW SZ TBB TF TG TIR TO TR TS TÜ TUT UE UH UL UM UN V VB VEC VER VG VIE VK VR VS
    W WAF WAK WB WE WEN WES WF WHV WI WIL WL WM WN WND WO WOB WST WT WTM WÜ WUG WUN WW Z ZW
    """)
"""Districts on the plates of German cars, which the Kraftfahrt-Bundesamt lists."""
_UNITS: Final = (
    "GB|TB|HZ|FT|LB|AH|WH|PT|GT|TI|HD|ML|MA|KM|KG|MM|CM|PS|HP|KW|MB|AD|BC|CC|XL|EU|PC|TL|AM|PM|GR|RS"
    "|XT|KB|WP|LM|ST|ER|UK|US|DE"
)
_INDIAN: Final = (
    "AN|AP|AR|AS|BR|CG|CH|DD|DL|GA|GJ|HP|HR|JH|JK|KA|KL|LA|LD|MH|ML|MN|MP|MZ|NL|OD|OR|PB|PY|RJ|SK|TN|TR|TS|UK|UP|WB"
)
PLACE_CODE_KEYS: Final = words("""
    geohash w3w what3words w3w.co what3words.com nummernschild placa plaka registration-number eircode rejestracja
    tablica-rejestracyjna rejestracyjny registration matricule plus-code olc postcode post-code plate number-plate
    licence-plate license-plate kennzeichen matricula matrícula immatriculation targa kenteken nummerplade vrm reg kfz
    kennz regnr mot-history mot-check pojazd pojazdu historia-pojazdu plaque shtrafy штраф штрафы госномер гос-номер
    challan e-challan vehicle-check reg-check regnummer spz
    vozidlo rendszam rendszám registracija 车牌 车牌号 ナンバープレート
    차량번호 biển-số kennzeichenabfrage kontrollschild rego rejestracyjne tablice tablic targa-auto plates
    nummernschilder rendszámtábla registrering regplate cedula-vehicular patente-auto chapa 号牌 車牌 רישוי
    """)
"""Words before a code for a place or a car."""


def _is_on_earth(match: re.Match[str], where: Where) -> bool:
    latitude, longitude = (abs(float(match[one].replace(",", "."))) for one in ("latitude", "longitude"))
    return latitude <= 180 and longitude <= 180 and not (latitude.is_integer() and longitude.is_integer())


def _is_code(match: re.Match[str], where: Where) -> bool:
    """A code has a digit and no word, or is three words between dots."""
    if re.fullmatch("(?:(?:19|20)[0-9]{2} ?)+|[0-9]{4,5}[-_ ][^\\W\\d_]{4,}", match["secret"]):
        # A year, or a town with its postcode.
        return False
    return bool(
        (
            re.search("[0-9]", match["secret"])
            and (not has_word(match["secret"], 4) or re.search("[0-9][A-Za-z]+[0-9]", match["secret"]))
        )
        or re.fullmatch(r"[^\W\d_]+\.[^\W\d_]+\.[^\W\d_]+", match["secret"])
    )


def _is_postcode(match: re.Match[str], where: Where) -> bool:
    """One letter, digits and two letters in one word, beside other words, are the number of a model, too: M404DN."""
    if not re.fullmatch("[A-Za-z][0-9]{2,3}[A-Za-z]{2}", match[0]):
        return True
    begin, end = segment_around(match.string, match.start(), match.end(), where)
    return not has_word(f"{match.string[begin : match.start()]} {match.string[match.end() : end]}")


PLUS_CODES: Final = (
    Rule(
        "plus code",
        "{place}",
        rf"{BEGIN}(?:{_PLUS}{{4,8}}\+|[2-9C][2-9CFGHJMPQRV]{_PLUS}{{6}} ){_PLUS}{{2,3}}{END}",
        "the specification of Open Location Code",
        finds=("/x/8FWH4HX8+QR", "9f4mgc8x 5x"),
        leaves=("/jdk-17.0.11+9", "2024+25"),
        accept=lambda match, where: bool(re.search("[A-Za-z]", match[0])),
        needs=DIGITS,
    ),
)

PLACES: Final = (
    Rule(
        "coordinates in metres",
        "{place}",
        r"(?<![^\W_])(?:[1-9]|[1-5][0-9]|60)[C-HJ-NP-X][ _]?[1-9][0-9]{5}(?:\.[0-9]+)?m?E?[ _,][0-9]{6,7}"
        r"(?:\.[0-9]+)?m?N?(?![^\W_])",
        "UTM: zone, easting, northing (NGA, The Universal Grids, 8.3.1)",
        finds=("utm 32U 356000 5645000",),
        leaves=("32 gb 356000",),
        needs=DIGITS,
    ),
    Rule(
        "coordinates",
        "{place}",
        (
            rf"(?:geo:|@)?(?<![0-9.])(?P<latitude>{_DEGREES})(?:\s?[NS](?![A-Za-z]))?(?:\s?[,;/_|-]\s?|\s)"
            rf"(?P<longitude>{_DEGREES})(?:\s?[EWO](?![A-Za-z]))?(?:,[0-9.]+[zm]?)*(?![0-9])"
        ),
        "RFC 5870; three decimals of a degree are 110 metres",
        finds=("/map/48.137154,11.576124", "48.1371 11.5761", "/map/@48.137154,11.576124,15z"),
        leaves=("1.000 2.000", "/docs/1.2.3"),
        accept=_is_on_earth,
        needs=DIGITS,
    ),
    Rule(
        "coordinates as a point",
        "{place}",
        r"(?<![^\W_])(?:point|latlng|geopoint)\s?z?\(\s?"
        r"(?P<secret>[-+]?[0-9]{1,3}\.[0-9]+[\s,]{1,2}[-+]?[0-9]{1,3}\.[0-9]+)\s?\)",
        "OGC Simple Features, well-known text",
        finds=("POINT(-68.78 19.21)",),
        leaves=("point (1 2)",),
        needs="(",
    ),
    Rule(
        "coordinates with decimal commas",
        "{place}",
        (
            r"(?<![0-9,.])(?P<latitude>[-+]?[0-9]{1,3},[0-9]{4,})\s?[/;|_ -]\s?"
            r"(?P<longitude>[-+]?[0-9]{1,3},[0-9]{4,})(?![0-9])"
        ),
        "coordinates as in countries with decimal commas",
        finds=("48,8566/2,3522",),
        leaves=("12,50 - 14,50", "1,000 2,000"),
        accept=_is_on_earth,
        needs=",",
    ),
    Rule(
        "coordinates behind their directions",
        "{place}",
        r"(?<![A-Za-z0-9])[NS]\s?[0-9]{1,2}\.[0-9]{3,}[\s,/;_-]{0,2}[EWO]\s?[0-9]{1,3}\.[0-9]{3,}(?![0-9])",
        "ISO 6709",
        finds=("/x/N48.8566E2.3522", "n48.137 e11.576", "/x/N48.137_E11.576"),
        needs=".",
    ),
    Rule(
        "coordinate with its name",
        "{place}",
        (
            r"(?<![A-Za-z])(?:lat|latitude|lon|lng|long|longitude|breite|laenge|länge|geo)"
            r"(?P<secret>(?:[\s:=/_-]{1,2}[-+]?[0-9]{1,3}\.[0-9]{2,}|[-+]?[0-9]{1,3}\.[0-9]{3,}))"
        ),
        "names of parameters of maps",
        finds=("/geo/lat48.13715lng11.57612", "/map/lat=48.137&lon=11.576", "/map/lat/48.137/lon/11.576"),
        leaves=("/platform/long/2",),
        needs=DIGITS,
    ),
    Rule(
        "coordinate",
        "{place}",
        r"(?<![0-9.,])(?:(?<![0-9A-Za-z])[-+])?(?<![A-Za-z]-)(?!3\.1415|2\.7182|1\.4142|1\.6180"
        r"|1\.7320)[1-9][0-9]{0,2}\.(?!0+(?![0-9]))[0-9]{5,8}(?![0-9.])",
        "five decimals of a degree are a metre; hardly anything else has so many",
        finds=("/near/enlem_39.971842/boylam_32.794142", "52.51704 hotel"),
        leaves=(
            "pi 3.14159265",
            "/jdk/1.8.012345.1",
            "1.00000",
            "0.00012345 btc",
            "400.12345",
            "/news/solar-1.6442172",
        ),
        accept=lambda match, where: abs(float(match[0])) <= 180,
        wheres=("path", "phrase"),
        needs=".",
    ),
    Rule(
        "coordinates in degrees and minutes",
        "{place}",
        (
            r"(?:(?<![A-Za-z])[NSEWO]\s?)?[0-9]{1,3}\s?[°º]\s?[0-9]{1,2}(?:[.,][0-9]+)?\s?['′’](?:\s?[0-9]{1,2}"
            r"(?:[.,][0-9]+)?\s?(?:\"|″|”|''|′′|’’))?\s?(?:[NSEWO](?![A-Za-z]))?"
            r"|(?<![0-9])[0-9]{1,2}[- ][0-9]{1,2}[- ][0-9]{1,2}(?:\.[0-9]+)?[- ]?[NS][\s,/-]{1,2}"
            r"[0-9]{1,3}[- ][0-9]{1,2}[- ][0-9]{1,2}(?:\.[0-9]+)?[- ]?[EWO](?![A-Za-z])"
            r"|[NS]\s?[0-9]{1,2}[\s°]+[0-9]{1,2}\.[0-9]{2,}'?[\s,/]+[EWO]\s?[0-9]{1,3}[\s°]+[0-9]{1,2}\.[0-9]{2,}'?"
            r"|[0-9]{1,2}\.[0-9]{3,}\s?°\s?[NS][\s,]+[0-9]{1,3}\.[0-9]{3,}\s?°\s?[EWO]"
        ),
        "ISO 6709, annex D; geocaching",
        finds=(
            *("48°08'13.8\"N 11°34'34.0\"E", "N48 08.230 E011 34.567", "gps 48°03′51″S"),
            *("45 27 08.6 S 112 16 04.3 E", "/x/25-36-09-N-111-12-09-E"),
        ),
        leaves=("90° adapter", "wash at 30°"),
        needs=DIGITS,
    ),
    Rule(
        "code for a place after a key",
        "{place}",
        (
            rf"(?<![A-Za-z])(?:{one_of(PLACE_CODE_KEYS)})[\s:=/#]{{1,2}}"
            rf"(?P<secret>[^\s/{MARK[1:-1]}]+(?: [0-9][A-Z]{{2}}| [0-9]{{3,5}} [A-Z]{{1,2}}(?![^\W_])| [0-9]{{1,4}}"
            r"| [0-9]{5,6}| [0-9]{2,4}[A-Z]{1,2}(?![0-9A-Za-z])"
            r"| [A-Z]{1,3} [0-9]{1,4}| (?=[A-Z]{0,3}[0-9])[0-9A-Z]{4}(?![0-9A-Za-z])"
            r"| [23456789CFGHJMPQRVWX]{2,3}(?![0-9A-Za-z])"
            r"| [A-Z]{3}(?![0-9A-Za-z])| [0-9]{2}[0-9A-Z](?![0-9A-Za-z]))?)(?![^\s/])"
        ),
        "geohash, what3words, plus codes, plates and postcodes, with their names",
        finds=(
            *("/geohash/u281z7j", "geohash 9xuzw2b2"),
            "/plate/AB12CDE",
            "/kennzeichen/B-XY-42",
            "kennzeichen b xy 42",
            "/w3w/filled.count.soap",
        ),
        leaves=("/postcode/finder", "plate holder", "postcode lottery", "targa florio 1970"),
        accept=lambda match, where: (
            _is_code(match, where) and len(match["secret"]) >= 4 and not match["secret"].isdigit()
        ),
    ),
    Rule(
        "what3words",
        "{place}",
        r"(?<![^\s])/{3}[^\W\d_]{3,}\.[^\W\d_]{3,}\.[^\W\d_]{3,}(?!\w)",
        "what3words' notation with three slashes",
        finds=("///filled.count.soap",),
        wheres=("phrase", "path"),
        needs=".",
    ),
    Rule(
        "postcode of the United Kingdom",
        "{place}",
        (
            rf"{BEGIN}(?:{one_of(_AREAS)})[0-9][0-9A-Z]?(?:[ +_-]|(?<=[A-Z0-9]{{3}})|"
            rf"(?<=[A-Z][0-9]))[0-9](?!(?:{_UNITS}))[ABD-HJLNP-UW-Z]{{2}}{END}"
        ),
        "Royal Mail, Programmers' Guide; a unit is some fifteen addresses, a district (`SE10`) thousands",
        finds=("SW1A 1AA", "/delivery/sw1a-1aa"),
        leaves=("/flats/london/se10", "galaxy s24 8gb", "/estate-agents/sw1a", "hp laserjet pro m404dn toner"),
        accept=_is_postcode,
        needs=DIGITS,
    ),
    Rule(
        "postcode of Canada",
        "{place}",
        rf"{BEGIN}[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z][ _-]?[0-9][ABCEGHJ-NPRSTV-Z][0-9]{END}",
        "Canada Post, Addressing Guidelines",
        finds=("K1A 0B1",),
        leaves=("/aircraft/a320neo",),
        needs=DIGITS,
    ),
    Rule(
        "postcode of the Netherlands",
        "{place}",
        (
            rf"(?:^|/|(?<=\s))[1-9][0-9]{{3}} ?(?-i:(?!{_UNITS})[A-Z]{{2}})(?:/[0-9]{{1,4}}(?:-?[a-z]{{1,3}})?)?"
            r"(?=$|/|\s[^\W\d_]{3,}$|\s[0-9]{1,4}$)"
        ),
        "PostNL; a code is some twenty addresses",
        finds=("1012 AB amsterdam", "1012AB", "/check/1012AB/47-bis"),
        leaves=("rtx 4090 TI", "golf 2000 GT"),
        needs=DIGITS,
    ),
    Rule(
        "postcode of Ireland",
        "{place}",
        rf"{BEGIN}(?:{'|'.join(sorted(_ROUTING_KEYS))})[ _-](?=[A-Z0-9]{{0,3}}[0-9])[AC-FHKNPRTV-Y0-9]{{4}}{END}",
        "Eircode; a code is one address",
        finds=("D02 X285",),
        leaves=("a10 2024", "bmw f30 320d"),
        accept=lambda match, where: bool(re.search("[A-Za-z]", match[0][3:])),
        needs=DIGITS,
    ),
    Rule(
        "number plate",
        "{id}",
        (
            rf"{BEGIN}(?:(?-i:[A-ZÄÖÜ]{{1,3}})-(?-i:[A-Z]{{1,2}}) [1-9][0-9]{{0,3}}[EH]?"
            r"|(?-i:[A-Z]{1,3}-[A-Z]{1,2}-(?!19|20)[1-9][0-9]{2,3}[EH]?)(?=$|/)|(?-i:[A-Z]{2}[0-9]{2}[ -][A-Z]{3})"
            rf"|(?-i:[A-Z]{{2}}-[0-9]{{3}}-[A-Z]{{2}})|[0-9]{{4}} (?-i:[B-DF-HJ-NPR-TV-Z]{{3}})){END}"
        ),
        "plates of Germany, the United Kingdom, France and Italy, Spain",
        finds=("M-AB 1234", "AB12 CDE", "AB-123-CD", "1234 BCD"),
        leaves=("KX-TG6811", "m-x 12"),
        wheres=("path", "phrase"),
        needs=DIGITS,
    ),
    Rule(
        "number plate of Russia or India",
        "{id}",
        (
            rf"(?<![^\W_])(?:[авекмнорстух][0-9]{{3}}[авекмнорстух]{{2}}\s?[0-9]{{2,3}}"
            rf"|(?:{_INDIAN})[- ]?[0-9]{{2}}[- ]?[A-Z]{{1,3}}[- ]?[0-9]{{4}})(?![^\W_])"
        ),
        "GOST R 50577; the Central Motor Vehicles Rules of India, with the codes of its states",
        finds=("/x/к418тр77", "MH12KR9179", "dl 01 ab 1234"),
        leaves=("/x/AB12KR9179",),
        wheres=("path", "phrase"),
        needs=DIGITS,
    ),
    Rule(
        "number plate before its word",
        "{id}",
        r"(?<![^\W_])(?P<secret>[0-8][0-9]\s?[A-Z]{1,3}\s?[0-9]{2,4})(?=\s(?:plaka|plakalı|numaralı araç))",
        "plates of Turkey",
        finds=("34 abc 418 plaka",),
        leaves=("plaka 34",),
        wheres=("phrase",),
        needs=DIGITS,
    ),
    Rule(
        "number plate with spaces",
        "{id}",
        (
            rf"^(?-i:(?:{one_of(GERMAN_DISTRICTS)}) [A-Z]{{1,2}} [1-9][0-9]{{0,3}}[EH]?"
            r"|[A-HJ-NP-TV-Z]{2} [0-9]{3} [A-HJ-NP-TV-Z]{2}"
            r")$"
        ),
        "plates of Germany, by their districts, and of France and Italy; a phrase of nothing else",
        finds=("B XY 1234", "AB 123 CD", "HH AB 12"),
        leaves=("SKF NU 2210", "DIN EN 1090", "BMW K 1200"),
        wheres=("phrase",),
        needs=DIGITS,
    ),
)

"""Postal addresses: a street with the number of a house and the postcode or town behind it."""

from __future__ import annotations

from typing import Final

from footfall.transforms.describing.personal.judged_texts import MARKS
from footfall.transforms.describing.personal.rule import DIGITS, Rule

_NUMBER: Final = (
    r"[0-9]{1,4}[a-z]?(?:\s[a-z]\s[0-9]{1,3}(?=[\s,])|,?\s[0-9]{1,2}\.?\s(?:tv|th|mf"
    r"|sal|og|krs)\.?|[/-][0-9]{1,3}|-[IVX]{1,4}|-?(?:hs|bis))?"
)
_WORD: Final = r"[^\W\d_][^\W\d_.'-]*"
_GAP: Final = r"[\s_-]"
_PLAIN: Final = r"[^\W\d_][^\W\d_.']*"
"""A word of a street's name that ends at a dash."""
_SIGN: Final = r"(?:\s?,\s?|[\s_/-])"
STREET_ENDS: Final = (
    "straße|strasse|str\\.?|gasse|weg|allee|platz|ufer|damm|ring|straat|laan|plein|kade|gracht|singel|dijk|steeg"
    "|gade|vej"
    "|gata|gatan|vägen|veien|gaten|katu|tie"
    "|utca|út|tér|körút|gate|kuja|ova|ská|cká"
)
"""Ends of names of streets in German, Dutch and Scandinavian, which are written in one word or two."""
_ROADS: Final = (
    "street|st|road|rd|avenue|ave|grove|lane|ln|drive|dr|close|court|ct|crescent|way|terrace|gardens|place|pl|square|sq"
    "|pkwy|parkway|hwy|highway|broadway|trail|trl|hill|park|boulevard|blvd|mews|walk|row|view|rise"
)
_ROADS_BEFORE: Final = (
    "rue|avenue|av\\.?|boulevard|bd|chemin|impasse|allée|quai|calle|avenida|paseo|plaza|rua|travessa|via|viale"
    "|piazza|corso|vicolo|ul\\.?|ulica|aleja"
)
_FLAT: Final = rf"(?:(?:flat|apt\.?|apartment|unit|suite)\s[0-9]{{1,4}}[a-z]?{_SIGN})?"
_UNIT: Final = (
    rf"(?:{_SIGN}(?:int|apto?|ap|lok|m|kv|bis|ter|b(?:â|a)t|porta|piso|interno|scala|top"
    rf"|stiege)\.?{_GAP}?[0-9A-Za-z]{{1,4}}"
    rf"|{_SIGN}(?:[0-9]{{1,2}}(?:º|ª|°|o|a)?{_GAP}(?:izquierda|derecha|izq|dcha|esq|dir)|[0-9]{{1,2}}(?:º|ª|°|o|a)\s?[a-f](?![^\W_])))"
)
"""The number of a flat in a house."""
_POSTCODE: Final = (
    r"(?:[A-Z]{1,2}-)?(?!(?:19|20)[0-9]{2}(?![0-9]))"
    r"(?:[0-9]{5}-[0-9]{3}|[0-9]{4}-[0-9]{3}|[0-9]{4,5}(?:\s[A-Z]{2})?|[0-9]{2}-[0-9]{3}|[0-9]{3}\s[0-9]{2})"
    r"(?![0-9A-Za-z])"
)
_BRITISH: Final = r"[A-Z]{1,2}[0-9][0-9A-Z]?[\s_-]?[0-9][A-Z]{2}(?![0-9A-Za-z])"
_AMERICAN: Final = (
    rf"(?:[A-Z]{{2}}{_GAP}[0-9]{{5}}(?:-[0-9]{{4}})?|(?:nsw|vic|qld|wa|sa|tas|act|nt){_GAP}[0-9]{{4}})(?![0-9A-Za-z])"
)
"""A state with its postcode, also of Australia."""

POSTAL_ADDRESSES: Final = (
    Rule(
        "postal address with its commas and capitals",
        "{place}",
        (
            rf"(?<![^\W_])(?:(?-i:[A-ZÄÖÜ])[^\W\d_.'-]*[.'-]?\s){{1,3}}{_NUMBER}(?:\s[A-Z](?![^\W_]))?"
            rf"(?:\s[0-9]{{1,3}})?\s?,"
            rf"\s?{_POSTCODE}\s(?-i:[A-ZÄÖÜ])[^\W\d_]{{2,}}"
        ),
        "Universal Postal Union, S42: thoroughfare, number, postcode, town",
        finds=("Am Sonnenhang 14, 8043 Graz", "Korkeavuorenkatu 27 B 14, 00130 Helsinki"),
        leaves=("windows 11, 10000 files", "Windows 11, 2024 Update"),
        wheres=("phrase",),
        needs=",",
    ),
    Rule(
        "postal address with its postcode",
        "{place}",
        (
            rf"(?<![^\W_])(?:(?:{_WORD}[\s-]){{0,2}}[^\W\d_]{{2,}}|(?:{_WORD}[\s-]){{1,2}})"
            rf"(?:{STREET_ENDS}){_GAP}?{_NUMBER}"
            rf"{_SIGN}(?:{_POSTCODE}{_GAP}[^\W\d_]{{3,}}|[1-9][0-9]{{3}}\s?(?-i:[A-Z]{{2}})(?![0-9A-Za-z]))"
        ),
        "Universal Postal Union, S42: thoroughfare, number, postcode, town",
        finds=(
            "Hauptstr. 112, 69117 Heidelberg",
            "/x/Lindenweg-17a-82319-Starnberg",
            "Prinsessegracht 41-II 2514 AP",
            "lange gasse 4 1080 wien",
            "Lindenstraße 27, 10969 Berlin",
        ),
        leaves=("ring 5 10000 mah", "spring 5 2024 update", "weg 10"),
        wheres=("phrase", "path"),
        needs=DIGITS,
    ),
    Rule(
        "postal address that begins with its postcode",
        "{place}",
        (
            rf"(?<![^\W_])(?:[0-9]{{4,5}}/(?:[^\W\d_]{{3,12}}/)?(?:{_PLAIN}-){{0,3}}[^\W\d_]*"
            rf"|[1-9][0-9]{{3}}\s?(?-i:[A-Z]{{2}})[\s,]{{1,2}}(?:{_PLAIN}\s){{0,3}}[^\W\d_]*)"
            rf"(?:{STREET_ENDS}){_GAP}(?!(?:19|20)[0-9]{{2}}){_NUMBER}(?![^\W_])"
        ),
        "folders of portals; PostNL",
        finds=("/x/69117/hauptstrasse-112", "1017 AB lange Lindenstraat 27"),
        leaves=("/x/69117/spring-2024", "1017 AB"),
        wheres=("phrase", "path"),
        needs=DIGITS,
    ),
    Rule(
        "postal address that begins with its number",
        "{place}",
        (
            rf"(?<![^\W_]){_FLAT}{_NUMBER}{_SIGN}(?:(?:{_PLAIN}|[0-9]{{1,3}}(?:st|nd|rd|th)){_GAP}){{1,3}}"
            rf"(?:{_ROADS})(?![^\W_])"
            rf"(?:{_SIGN}{_PLAIN}(?:{_GAP}{_PLAIN})?)?{_SIGN}(?:{_BRITISH}|{_AMERICAN})"
        ),
        "Royal Mail, Programmers' Guide; United States Postal Service, Publication 28",
        finds=(
            "/homes/1847-Oak-Ridge-Dr-Salem-OR-97301",
            "flat 3, 48 Elm Grove, BN2 3ET",
            "14 acacia avenue, london, se15 4qh",
            "12 Oak St, Salem, OR 97301",
        ),
        leaves=("10 best hill walks", "flat 3 street"),
        wheres=("phrase", "path"),
        needs=DIGITS,
    ),
    Rule(
        "postal address behind the kind of its street",
        "{place}",
        (
            rf"(?<![^\W_])(?:{_NUMBER}(?:{_GAP}(?:bis|ter))?{_SIGN})?(?:(?:{_ROADS_BEFORE}){_GAP}|c/\s?){_PLAIN}"
            rf"(?:[\s'_-]{_PLAIN}){{0,4}}"
            rf"(?:{_SIGN}?n?[º°.]?\s?{_NUMBER})?(?:{_UNIT}{{0,2}}{_SIGN}{_POSTCODE}(?:{_GAP}[^\W\d_]+)?|"
            rf"(?<=[0-9]){_UNIT}{{1,2}})"
        ),
        "Universal Postal Union, S42",
        finds=(
            *("27 bis rue des lilas, 75011 Paris", "calle mayor 12, 28013 Madrid", "via garibaldi 8 20121 milano"),
            *(
                "/fibre/23-rue-des-lilas-69005-lyon",
                "/x/ul-lipowa-18-m-7-31-702-krakow",
                "/x/rua-das-acacias,418,ap-203",
            ),
            "calle olivar 27 3º izquierda 28012 madrid",
        ),
        leaves=("via ferrata 2024", "rue de la paix"),
        wheres=("phrase", "path"),
        needs=DIGITS,
    ),
    Rule(
        "postal address in Turkey",
        "{place}",
        (
            rf"(?<![^\W_])(?:{_PLAIN}\s){{0,3}}{_PLAIN}\s(?:cad(?:desi)?|sok(?:ak|a(?:ğ|g)(?:ı|i))?|bulvar(?:ı|i)"
            rf"|blv|mah(?:allesi)?)\.?,?\s"
            rf"(?:{_PLAIN}\s(?:sok(?:ak|a(?:ğ|g)(?:ı|i))?)\.?,?\s)?no[.:\s]{{0,2}}[0-9]{{1,4}}"
            rf"(?:[/ -](?!kat|d )[a-z0-9]{{1,3}}(?![^\W_]))?(?:,?\s?(?:daire|d|kat"
            rf"|k)[.:\s]{{0,2}}[0-9]{{1,3}}){{0,2}}(?![0-9])"
        ),
        "the order of Turkish addresses: street, house, flat",
        finds=("atatürk caddesi no 14 daire 5", "bağdat cad. no:112"),
        leaves=("bağdat caddesi mağazalar",),
        wheres=("phrase",),
        needs=DIGITS,
    ),
    Rule(
        "street and house behind a word for living",
        "{place}",
        (
            rf"(?<![^\W_])(?:ich wohne|wir wohnen|wohnhaft|wohnt|i live|he lives|she lives|my (?:home )?address"
            rf"(?: is)?|meine adresse(?: ist|:)?|j['’]habite"
            r"|mon adresse(?: est|:)?|vivo|mi direcci(?:ó|o)n(?: es|:)?|abito|il mio indirizzo(?: è|:)?|moro"
            r"|meu endere(?:ç|c)o(?: é|:)?|mieszkam|ik woon|jag bor"
            r"|jeg bor|address:|adresse:|anschrift:|direcci(?:ó|o)n:|indirizzo:|adres:|lieferadresse"
            r"|rechnungsadresse|shipping address|billing address)\s"
            rf"(?:(?:in|im|at|on|am|an|der|dem|auf|au|à|en|em|na|ul\.?|på|i)\s){{0,2}}(?P<secret>"
            rf"(?:{_PLAIN}[\s-]){{0,3}}{_PLAIN}\s{_NUMBER}(?![0-9A-Za-z])|{_NUMBER}\s(?:{_PLAIN}\s){{0,2}}{_PLAIN})"
        ),
        "what people write about themselves",
        finds=("ich wohne lindenweg 7b", "my address is 14 acacia avenue", "j'habite 12 rue des lilas"),
        leaves=("i live in berlin", "wohnhaft bedeutung"),
        wheres=("phrase",),
        needs=DIGITS,
    ),
    Rule(
        "house behind its postcode",
        "{place}",
        rf"{MARKS['{place}']}[\s,]{{1,2}}(?P<secret>(?:house|flat|haus|hausnummer|huis(?:nummer)?|huisnr|number"
        rf"|no\.?|nr\.?)[\s:]{{1,2}}[0-9]{{1,4}}[a-z]?)(?![0-9A-Za-z])",
        "a postcode of few houses and the number tell a home",
        finds=("postcode {place} house 10", "{place} huisnummer 12b"),
        leaves=("{place} house prices",),
        wheres=("phrase",),
        needs=MARKS["{place}"],
    ),
    Rule(
        "postal address of a flat in Russia or Ukraine",
        "{place}",
        (
            r"(?<!\w)(?:ул|улица|пр-?т|проспект|пер|переулок|шоссе|бульвар|вул|вулиця)[.\s]{1,2}"
            r"(?:[а-яёіїє-]+[\s,]{1,2}){1,4}"
            r"(?:(?:д|дом|буд)[.\s]{0,2})?[0-9]{1,4}[а-я]?[\s,]{1,2}(?:(?:к|корп|корпус"
            r"|стр)[.\s]{0,2}[0-9]{1,3}[\s,]{1,2})?"
            r"(?:кв|квартира)[.\s]{0,2}[0-9]{1,4}"
        ),
        "the order of Russian addresses: street, house, flat",
        finds=("ул. лесная д. 41 кв. 82 долги", "проспект мира 12 кв 5"),
        leaves=("ул. лесная д. 41", "кв 82"),
        wheres=("phrase", "path"),
        needs=DIGITS,
    ),
    Rule(
        "postal address of a flat in Romania",
        "{place}",
        (
            rf"(?<![^\W_])(?:str|strada|bd|bulevardul|calea|aleea|(?:ş|ș|s)os)\.?\s"
            rf"(?:{_PLAIN}\s){{0,3}}{_PLAIN},?\snr\.?\s?[0-9]{{1,4}}[a-z]?"
            r"(?:,?\s(?:bl|sc|et|ap)\.?\s?[a-z]{0,2}[0-9]{0,4}[a-z]?){1,4}(?![^\W_])"
        ),
        "the order of Romanian addresses: street, house, block, stair, floor, flat",
        finds=("str. lungă nr. 12, bl. a3, ap. 14",),
        leaves=("str. lungă nr. 12",),
        wheres=("phrase",),
        needs=DIGITS,
    ),
    Rule(
        "postal address in Japan by its numbers",
        "{place}",
        r"[^\W\d_a-z]{1,12}[都道府県市区町村郡][^\W\d_a-z]{1,12}[0-9]{1,3}-[0-9]{1,3}(?:-[0-9]{1,4}){0,2}(?:号室|号)?",
        "the order of Japanese addresses: district, block, house",
        finds=("東京都渋谷区神南1-2-3",),
        leaves=("東京都渋谷区 天気",),
        needs="都道府県市区町村郡",
    ),
    Rule(
        "postal address in Japan",
        "{place}",
        r"(?:[^\W\d_]{2,12})?[0-9]{1,2}丁目[0-9]{1,3}(?:(?:番地?|-)[0-9]{1,4}(?:号|-)?){1,3}(?:[0-9]{1,4})?",
        "the order of Japanese addresses: district, block, house, flat",
        finds=("杉並区高円寺南3丁目82-3-803 光回線",),
        leaves=("銀座4丁目 交差点",),
        needs="丁",
    ),
    Rule(
        "postal address in Korea",
        "{place}",
        r"(?:[가-힣]+\s)*[가-힣]+[0-9]*(?:로|길)(?:[0-9]+(?:번)?길)?\s?[0-9]{1,4}(?:-[0-9]{1,4})?"
        r"(?:,?\s[0-9]{1,4}동)?,?\s[0-9]{1,5}호",
        "the order of Korean addresses: province, town, road, house, flat",
        finds=("서울 마포구 월드컵로23길 14 302호 배송",),
        leaves=("길 14 302", "서울 마포구 월드컵로"),
        needs="호",
    ),
    Rule(
        "postal address in China",
        "{place}",
        (
            r"[^\W\d_a-z]{2,20}(?:路|街|大道|道|巷|弄|里)\s?[0-9]{1,5}(?![0-9])[号號弄]?(?:\s?[0-9]{1,4}(?:栋|幢|棟|楼|樓|单元|號|号|座"
            r"|层)){1,3}"
            r"(?:\s?[0-9]{1,5}(?:室|房|户)?)?"
        ),
        "the order of Chinese addresses: town, road, house, building, flat",
        finds=("上海市长宁区仙霞路388弄12号602室", "中山路18号3栋201室"),
        leaves=("南京路 步行街", "中山路18号"),
        needs=DIGITS,
    ),
    Rule(
        "postcode of Brazil",
        "{place}",
        r"(?<![A-Za-z])cep[\s:/-]{1,2}(?P<secret>[0-9]{5}-?[0-9]{3})(?![0-9])",
        "Correios; a code is a side of a street",
        finds=("/entrega/cep-13087-510",),
        leaves=("cep 13087",),
        needs=DIGITS,
    ),
    Rule(
        "postal address with its parameter",
        "{place}",
        (
            r"(?<![A-Za-z0-9])(?:address|adresse|adres|adress|anschrift|direccion|dirección|domicilio|indirizzo"
            r"|endereco"
            r"|endereço|street|strasse|straße|rue|calle)\s?=\s?(?P<secret>(?=[^&;]*[0-9])[^&;]{4,})"
        ),
        "names of fields in forms",
        finds=("address=14 acacia avenue", "/x/strasse=Lindenweg 27"),
        leaves=("address=home", "email_address"),
        needs="=",
    ),
)

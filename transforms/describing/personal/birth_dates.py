"""Dates of birth: a date beside a word that says so. Other dates are content."""

from __future__ import annotations

import re
from typing import Final

from footfall.transforms.describing.personal.judged_texts import MARKS
from footfall.transforms.describing.personal.rule import BEGIN, DIGITS, END, Rule, Where, one_of
from footfall.transforms.describing.personal.words import words

_MONTHS: Final = (
    "jan|feb|mar|mär|mae|apr|may|mai|maj|jun|jul|aug|sep|sept|oct|okt|nov|dec|dez|dic|déc|fev|fév|abr"
    "|avr|ago|ene|gen|mag|giu|lug|set|ott|out|juin|juil|août|мая?|янв|фев|мар|апр|июн|июл|авг|сен|окт"
    "|ноя|дек|jän|mei|mrt|wrz|paź|sty|lut|kwi|cze|lip|sie|gru|úno|bře|kvě|zář|říj|tammi|helmi|maalis"
    "|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu|máj|ápr|már|szept|oca|şub|haz|tem|ağu|eyl|eki|kas"
    "|maa|jún|júl|lis|paz|led|dub|čer|srp|pro|ian|iun|iul|noi|mart|nis|ara|sij|velj|ožu|tra|svi|kol|ruj|stu"
    "|des"
    "|jaa|vee|mär|juu|det|sau|vas|kov|bal|geg|bir|lie|rugp|rugs|spa|lap|gru|ιαν|φεβ|μαρ|απρ|μα[ιΐ]|ιο[υύ]ν|ιο[υύ]λ"
    "|α[υύ]γ"
    "|σεπ|οκτ|νο[εέ]|δεκ"
    "|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру|яну|юни|юли|янв|يناير|فبراير|مارس|أبريل|مايو|يونيو"
    "|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر"
    "|जनवरी|फरवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|अक्टूबर|नवंबर|दिसंबर|feb|agu|ogos"
)
_NUMERIC: Final = (
    r"[0-9]{1,4}[-./_ ]{1,2}[0-9]{1,2}[-./_ ]{1,2}[0-9]{2,4}|(?:19|20)[0-9]{6}"
    r"|(?:[0-3][0-9][01][0-9]|[01][0-9][0-3][0-9])"
    r"(?:19|20)[0-9]{2}|[0-9]{4}[年년]\s?[0-9]{1,2}[月월]\s?[0-9]{1,2}[日일]?|(?:昭和|平成|令和"
    r"|大正)[0-9]{1,2}年[0-9]{1,2}月[0-9]{1,2}日|[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    r"|[SHTR][0-9]{1,2}[-./][0-9]{1,2}[-./][0-9]{1,2}"
)
_SPELT: Final = (
    rf"[0-9]{{1,2}}(?:st|nd|rd|th)?[.\s_-]{{0,2}}(?:(?:of|de|di|do)[ _-]|d')?(?:{_MONTHS})[^\W\d_]*\.?,?[\s_-]?"
    rf"(?:de[ _-])?[0-9]{{2,4}}"
    rf"|(?:19|20)[0-9]{{2}}[.,]?[\s_-]{{0,2}}(?:{_MONTHS})[^\W\d_]*\.?[\s_-]?[0-9]{{1,2}}\.?"
    rf"|(?:{_MONTHS})[^\W\d_]*\.?[\s_-]?[0-9]{{1,2}}(?:st|nd|rd"
    r"|th)?,?[\s_-]?[0-9]{4}"
)
DATE: Final = rf"(?:{_SPELT}|{_NUMERIC})"

BIRTH_KEYS: Final = words("""
    d.o.b ddn geb.dat geb-dat nasc nac f-nac f.-nac fecha-nac nar dat-nar cumpleaños cumpleanos aniversário
    aniversario anniversaire compleanno verjaardag urodziny fødselsdag födelsedag fodselsdag doğum-günü dogum-gunu
    urodzona-dnia urodzony-dnia г.р д.р др года-рождения день-рождения день-народження narozeniny születésnap birth
    birthday b-day bdate birthdays né(e) né(e)-le birth-day birthdate birth-date date-of-birth dob bday born born-on
    geb geb-datum geburtstag geburtsdatum geboren geboren-am geboren-op né née né-le née-le ne-le nee-le naissance
    date-de-naissance nacido nacida nacido-el nacida-el nacimiento fecha-de-nacimiento nato nata nato-il nata-il
    nascita data-di-nascita nascido nascida nascido-em nascimento data-de-nascimento geboortedatum urodzony urodzona
    ur data-urodzenia född født fødd fødselsdato narozen narozená narozený дата-рождения родился родилась syntynyt
    syntymäaika syntymaaika született szuletett születési-dátum szuletesi-datum narozeni datum-narození datum-narozeni
    născut nascut data-nasterii data-nașterii datum-rojstva rojen rojena rođen rodjen datum-rodjenja datum-rođenja
    foedselsdato fodselsdato födelsedatum fodelsedatum foedt gebdat geburtsdatum-kind ημερομηνία-γέννησης
    imerominia-gennisis تاريخ-الميلاد 出生日期 dogum-tarihi sünniaeg sunniaeg dzimšanas-datums gimimo-data 出生 生年月日
    doğum-tarihi sinh-ngày sinh-ngay ngày-sinh ngay-sinh जन्म जन्म-तिथि जन्मतिथि γεννηθείς γέννηση дата-народження
    народився народилась роден родена 생년월일 출생
    seinengappi tarikh-lahir tanggal-lahir lahir מועד-לידה תאריך-לידה تولد
    วันเกิด doğumlu doğum dogum născut-la nascut-la роден-на родена-на rojstvo geburt fdato födelsenummer syntynyt-s
    """)
"""Words beside a date of birth."""

_MIDNIGHT: Final = r"(?:T[0-9:.+Z-]{2,}|[/_ -][0-2]?[0-9][h:][0-5][0-9](?![0-9]))?"
"""A time behind a date, as programs write them."""
_IS: Final = r"(?:\s(?:is|was|la|na|ist|war|lautet|est|es|è|é|jest|er|on|am|the|le|el|il|den|op|em|w)(?=\s)){0,2}"
"""Small words between the word and the date."""
_IN: Final = r"\s(?:in|a|à|en|em|te|w|i|v|в)\s[^\W\d_]{2,20},?"
"""The place of birth between them."""
_OF_DATES: Final = re.compile(
    r"(?<![^\W_])(?:dates?|datum|data|fecha|datas?|dato)[-_. ](?:of|de|di|do|da)$|^(?:my|mein|mon|mi)[-_. ]",
    re.IGNORECASE,
)
"""Words before the word for birth that are no name: `date of birth`."""
_EARLIER: Final = re.compile(r"(?<![0-9])1[0-8][0-9]{2}(?![0-9])")
"""A year in which nobody was born who can visit a site."""


def _may_live(match: re.Match[str], where: Where) -> bool:
    return not _EARLIER.search(match["date"])


BIRTH_DATES: Final = (
    Rule(
        "name before a date of birth",
        "{name}",
        (
            r"(?<![^\W_])(?P<secret>[^\W\d_]{2,}(?:[\s._-][^\W\d_]{2,}){1,3})[\s,_-]{1,3}"
            rf"(?:(?:{one_of(BIRTH_KEYS)})[\s.:=/_*-]{{0,3}}|\*\s?)(?P<date>{DATE}){END}"
        ),
        "records of people: a name, then the date",
        finds=("jane doe geb. 12.4.85", "jane doe *12.04.1985", "/files/jane-doe-born-1985-04-12"),
        leaves=("clara schumann born 13 September 1819", "doe *2*3"),
        accept=lambda match, where: _may_live(match, where) and not _OF_DATES.search(match["secret"]),
        needs=DIGITS,
    ),
    Rule(
        "date of birth",
        "{date}",
        (
            rf"(?<![^\W_])(?:{one_of(BIRTH_KEYS)})\.?(?:{_IN})?(?:{_IS})[\s.:=/_*-]{{0,3}}"
            rf"(?P<secret>{DATE}{_MIDNIGHT}){END}"
        ),
        "the words of forms and records",
        finds=(
            "/birthday/1985-04-12",
            "geb. 12.4.85",
            "born 12 April 1985",
            "/dob/19850412",
            "/patients/dob/1985-04-12T00:00:00",
            "geboren op 31 mei 1962",
            "dob is 4/15/88",
            "geboortedatum 21 maart 1968",
            "született 1947. június 2.",
            *("/b-day/05_30_1999", "geb. am 12.4.85", "nata a roma il 14-ago-1972", "г.р. 1985-04-12"),
        ),
        leaves=("goethe geboren 28.8.1749", "born 1985", "birthday cake", "/birthday/2024"),
        accept=lambda match, where: not _EARLIER.search(match["secret"]),
        needs=DIGITS,
    ),
    Rule(
        "date of birth in its parts",
        "{date}",
        (
            r"(?<![^\W_])birth[-_ ]?year[-_=:/ ]{1,2}(?P<secret>(?:19|20)[0-9]{2}"
            r"(?:[-_/&=: ]{1,2}(?:month|day|m|d)[-_=:/ ]{1,2}[0-9]{1,2}){1,2})"
        ),
        "names of fields in forms",
        finds=("/signup/birth_year-1996-month-7-day-19",),
        leaves=("/birth_year-1996",),
        needs=DIGITS,
    ),
    Rule(
        "date of birth before its word",
        "{date}",
        rf"{BEGIN}(?P<secret>{DATE})(?:[\s,_-]{{1,2}})(?:{one_of(BIRTH_KEYS)})(?!\w)",
        "the words of forms and records",
        finds=("12.04.1985 geboren", "1992년 3월 8일 출생"),
        leaves=("2024 birthday",),
        needs=DIGITS,
    ),
    Rule(
        "year of birth behind a name",
        "{date}",
        rf"{MARKS['{name}']}\s\(?(?:geboren|born|geb\.?|n(?:é|e)e?|nacid[oa]|nat[oa]|urodzon[ya]|f(?:ö|ø)dd?|dob)\s"
        rf"(?:in |en |im jahr )?(?P<secret>(?:19|20)[0-9]{{2}})(?![0-9])",
        "records of people",
        finds=("{name} geboren 1979",),
        leaves=("geboren 1979",),
        wheres=("phrase",),
        needs=MARKS["{name}"],
    ),
    Rule(
        "date of birth in Japan",
        "{date}",
        r"(?:(?:[0-9]{4}|(?:昭和|平成|令和|大正)[0-9]{1,2})年[0-9]{1,2}月[0-9]{1,2}日)生(?:まれ)?",
        "the form of Japanese registers",
        finds=("山田花子 昭和59年7月12日生",),
        leaves=("2024年7月12日 東京",),
        needs="生",
    ),
    Rule(
        "name and date of birth in Russia",
        "{name}",
        (
            r"(?<!\w)(?P<secret>(?:[а-яё-]{2,}\s){1,2}[а-яё]+(?:ович|евич|ьич|овна|евна|ична)"
            r"(?:\s[а-яё-]{2,})?\s[0-9]{1,2}[.][0-9]{1,2}[.](?:19|20)[0-9]{2})(?!\w)"
        ),
        "records of people: a name with the father's, then the date",
        finds=("иванов иван иванович 12.07.1985 долги",),
        leaves=("иван иванович", "концерт 12.07.2025"),
        needs=DIGITS,
    ),
    Rule(
        "date of birth with a star",
        "{date}",
        rf"(?<!\w)\*\s?(?P<secret>{DATE}){END}",
        "genealogy's sign",
        finds=("doe *12.04.1985",),
        leaves=("2*3",),
        needs=DIGITS,
    ),
)

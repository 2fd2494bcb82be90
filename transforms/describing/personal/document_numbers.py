"""Numbers of vehicles, parcels, orders and documents, and numbers of persons behind their names."""

from __future__ import annotations

import re
from typing import Final

from footfall.transforms.describing.personal.rule import BEGIN, CODE_WORDS, DIGITS, END, Rule, one_of
from footfall.transforms.describing.personal.words import words

NUMBER_NAMES: Final = words("""
    passport passeport passaporto pasaporte reisepass паспорт idcard identity-card snils inn cartao-cidadao
    cartão-de-cidadão cartao-de-cidadao teudat-zehut social-security social-insurance rijksregister
    rijksregisternummer numero-national registre-national nir numero-de-securite-sociale securite-sociale
    numéro-de-sécurité-sociale seguridad-social uidai pancard rrn personas-kods personnumer carte-vitale codice-fisc
    secu егн лнч imsi iccid steuernummer steuer-nr rentenversicherungsnummer numero-seguro-social nuss nss
    numero-utente npi bsn burgerservicenummer cnp nif nie dni pesel rut cuit cuil tckn kimlik tc-kimlik medicare ssn
    sin nino nhs cpf cnpj curp pps steuer-id steueridnr idnr svnr sozialversicherung ahv oib emso jmbg egn isikukood
    asmens-kodas personnummer fodselsnummer fødselsnummer cpr hetu henkilötunnus kennitala rodne-cislo
    codice-fiscale aadhaar pan nric nik tfn ird emirates-id cedula cédula amka taj снилс инн рнокпп єдрпоу рнн иин
    αφμ αμκα δελτίο-ταυτότητας fnr cnic nadra voter-id voter-card epic phn hin ramq health-card medicare-card itin
    bvn nin kra-pin ghana-card sa-id id-number ic-number mykad citizen-id iqama lnch cccd cmnd cmt ktp npwp
    תעודת-זהות ת.ז
    身份证 身份证号 身份证号码 rg pis pasep dni-argentina carteira-de-identidade кнр 身分證 居民身份证 マイナンバー
    保険証番号 주민등록번호 주민번호 운전면허 आधार पैन
    الرقم-القومي رقم-الهوية رقم-الاقامة رقم-جلوس บัตรประชาชน
    """)
"""What countries call the number of a person."""
_M: Final = "[AC-HJKMNP-RT-Y]"
"""The letters of the United States' Medicare numbers."""

ID_GROUP: Final = (
    r"(?:[0-9A-Z]{0,4}[0-9](?:[0-9A-Z]{0,17}[0-9])?[A-Z]{0,3}(?![A-Za-z])|[A-Z]{1,4}(?=[ ._/-]{1,3}[0-9]))"
)
"""Digits with few letters beside them, or few letters before digits."""

NAMED_NUMBERS: Final = (
    Rule(
        "number of a person after its name",
        "{id}",
        (
            rf"(?<![^\W_])(?:{one_of(NUMBER_NAMES)})(?:[\s_-]?{CODE_WORDS})?(?:\s(?:is|ist|es|est|è|é|to"
            rf"|:))?[\s:=#/._-]{{1,3}}"
            rf"(?P<secret>{ID_GROUP}(?:[ ._/-]{{1,3}}{ID_GROUP}){{0,7}}(?:[ ._/-]{{1,3}}[A-Z]{{1,2}})?)(?![0-9A-Za-z])"
        ),
        "what forms call it, and what people paste into a search",
        finds=(
            "bsn 081307688",
            "medicare 2428 77813 1",
            "/pesel/44051401359",
            "/kennitala/010185/4400",
            "/nie/X-1234567-L",
        ),
        leaves=("medicare 2024", "nif 5"),
        accept=lambda match, where: len(re.findall("[0-9]", match["secret"])) >= 6,
        needs=DIGITS,
    ),
)
"""Tried before the forms of numbers, which would take a part."""

DOCUMENT_NUMBERS: Final = (
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
            rf"{BEGIN}(?-i:[CFGHJKLMNPRTVWXYZ])(?=[0-9A-Z]{{8}}{END})(?=[0-9A-Z]*[A-Z])"
            rf"(?-i:[CFGHJKLMNPRTVWXYZ0-9]{{8}}){END}"
        ),
        "Bundesdruckerei: serial numbers without vowels and without B, D, Q, S",
        finds=("/x/C01X00T47",),
        leaves=("/watch/SNXS79K1",),
        accept=lambda match, where: len(re.findall("[0-9]", match[0])) >= 5,
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

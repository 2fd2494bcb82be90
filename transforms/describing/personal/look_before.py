"""A quick filter before judging, by RE2 on whole arrays: which texts may be personal, and which parts surely are."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.describing.personal.birth_dates import BIRTH_KEYS
from footfall.transforms.describing.personal.customer_codes import CODE_KEYS, NUMBERED
from footfall.transforms.describing.personal.document_numbers import NUMBER_NAMES
from footfall.transforms.describing.personal.email_addresses import AT, DOT, MAIL_DOMAINS, MAIL_KEYS, MAILERS
from footfall.transforms.describing.personal.first_names import FIRST_NAMES, NAMES_AND_WORDS
from footfall.transforms.describing.personal.names import (
    FIRST_NAME_KEYS,
    LAST_NAME_KEYS,
    NAME_KEYS,
    STAFF_KEYS,
    TRADE_KEYS,
    WEAK_KEYS,
)
from footfall.transforms.describing.personal.places import PLACE_CODE_KEYS
from footfall.transforms.describing.personal.telephones import PHONE_KEYS
from footfall.transforms.describing.personal.tokens import MEETING_KEYS, TOKEN_KEYS
from footfall.transforms.describing.personal.words import ORDINARY, rare_pairs, words

_HEX: Final = "[0-9A-Fa-f]"

_SEGMENTS: Final = pa.array(
    sorted(
        {
            key.replace("-", joint)
            for joint in ("-", "_", " ", "")
            for key in frozenset[str](
                {"w3w", "what3words", "geohash", "w3w.co", "what3words.com", *FIRST_NAME_KEYS, *MAIL_KEYS}
            ).union(
                TOKEN_KEYS,
                MEETING_KEYS,
                CODE_KEYS,
                STAFF_KEYS,
                TRADE_KEYS,
                WEAK_KEYS,
                LAST_NAME_KEYS,
                *NAME_KEYS.values(),
            )
        }
    )
)
"""Segments after which a segment is judged."""

_ANNOUNCING: Final = pa.array(
    sorted(
        {
            re.split("[-_ .]", key)[0]
            for key in frozenset[str]().union(
                CODE_KEYS, PLACE_CODE_KEYS, BIRTH_KEYS, PHONE_KEYS, NUMBER_NAMES, NUMBERED
            )
            if len(key) > 2 and key[1] != "."
        }
        | words(
            "lat lon lng latitude longitude breite länge laenge birth data дата user username login benutzer usuario "
            "utilisateur member password passwort kennwort passe contraseña contrasena wachtwoord senha hasło haslo "
            "parola pwd pw passwd pin otp cvv cvc passcode kundennummer bestellnummer rechnungsnummer "
            "seriennummer passnummer steuernummer auftragsnummer vertragsnummer ausweisnummer "
            "token csrf xsrf session sessionid phpsessid jsessionid sid kontoname kundenkonto utente gebruiker "
            "gebruikersnaam brugernavn brukernavn användarnamn anvandarnamn käyttäjätunnus felhasználónév nazwa "
            "uživatelské "
            "heslo jelszó jelszo salasana lösenord losenord passord adgangskode kodeord пароль "
            "lozinka geslo şifre sifre parool "
            "κωδικός 密码 密碼 パスワード 비밀번호 puk tan einmalpasswort gmail gmx "
            "hotmail outlook icloud yahoo versicherungsschein "
            "police polizza póliza poliza frequent miles bonuskarte payback kundenkarte bahncard "
            "skywards geboren str strada kd "
            "buchungsnummer reservierungsnummer vorgangsnummer utm psn gamertag gamer tag xbox epic "
            "riot snapchat kik venmo cash "
            "cashapp skype battletag google telegram "
            # Numbers of customers in groups, cards, codes of messages, homes.
            "card karte karten kartennummer kreditkarte visa mastercard amex carte tarjeta carta karta numer "
            "nummer numero número numéro number no nr kod code codice código codigo číslo cislo номер broj "
            "identifiant id klantnummer klantennummer customer client contract policy member membership patient "
            "account insurance invoice claim medical subscriber employee student loyalty kunden kundnummer "
            "versichertennummer versicherungsnummer sozialversicherungsnummer rentenversicherungsnummer "
            "rentennummer policennummer rechnungsnr auftragsnr kundennr vertragsnr mitgliedsnummer "
            "patientennummer matrikelnummer personalnummer kontonummer polisnummer contractnummer relatienummer "
            "lidnummer factuurnummer ordernummer dossiernummer medlemsnummer kundenummer avtalenummer "
            "försäkringsnummer forsikringsnummer fakturanummer ordrenummer asiakasnumero konto user uid kunde "
            "kundin mitglied contact lead recipient rechnung mahnung facture factura fattura faktura order crm "
            "reset verification security confirmation access activation recovery bestätigungscode "
            "bestaetigungscode sicherheitscode freischaltcode zugangscode aktivierungscode sms код bekräftelsekod "
            "onay doğrulama imei wohne wohnen wohnhaft wohnt live lives address adresse habite vivo dirección "
            "direccion abito indirizzo moro endereço endereco mieszkam woon bor anschrift adres lieferadresse "
            "rechnungsadresse shipping billing cad caddesi sok sokak sokağı sokagi bulvarı bulvari device gerät "
            "geraet dev wifi wlan ble bluetooth router sensor mac exp"
        )
    )
)
"""Words in texts with digits for which these are judged."""
_ORDINARY: Final = pa.array(sorted(ORDINARY))
_FIRST_NAMES: Final = pa.array(
    sorted(
        NAMES_AND_WORDS
        | FIRST_NAMES
        | {unicodedata.normalize("NFD", name).replace("\u0306", "") for name in FIRST_NAMES}
    )
)

_SIGNS: Final = (
    # Signs that words lack: of escapes, addresses, parameters, degrees, brackets.
    r"[@%&\\=:~*°+\[(<|\x{22}]|\{[^a-z]|\{(?:at|dot|a)\}|///"
    # Five digits, with few other signs between them; four numbers between dots.
    r"|[0-9](?:[^A-Za-z0-9]{0,3}[0-9]){4}|[0-9]\.[0-9]+\.[0-9]+\.[0-9]"
    # Signs between digits.
    r"|[0-9] ?[~|*;] ?[0-9]"
    # Letters between digits or digits between letters; long hexadecimal runs; capitals as in nobody's words.
    rf"|[A-Za-z][0-9]+[A-Za-z]|[0-9][A-Za-z]+[0-9]|{_HEX}{{12}}|(?:{_HEX}{{2}}[-_. ]){{5}}|ipv6-literal"
    r"|(?:[A-Za-z]{1,4}[0-9]{1,4}[-_.]){2}[A-Za-z]{1,4}[0-9]|[A-Z]{6}|(?:[A-Z][a-z]{0,2}){3}[A-Z]"
    # Postcodes and plates.
    r"|[0-9]{4} ?[A-Z]{2}|[A-Za-z][0-9]{1,2}[ _+-]?[0-9][A-Za-z]{2}"
    r"|[A-Za-z][0-9]{2}[ _-][0-9A-Za-z]{4}|[A-Z]{1,3}-[A-Z]{1,2}[ -][0-9]"
    r"|[A-Z]{2}[0-9]{2}[ -][A-Z]{3}|[A-Z]{2}-[0-9]{3}-[A-Z]{2}"
    r"|^[A-ZÄÖÜ]{1,3} [A-Z]{1,2} [0-9]|^[A-Z]{2} [0-9]{3} [A-Z]|[0-9][a-z],? [0-9]{4}"
    # Eight hexadecimal digits in two groups; folders of people; domains with other signs.
    r"|/(?:[0-9]{2,4}[a-f]{4,6}|[a-f]{4,6}[0-9]{2,4})(?:/|$)|^/home/[^/]+/[^/]"
    rf"|[_-](?i:{MAILERS})[_.-][A-Za-z]"
    rf"|\w[ +☆★◎●■◆♪#|]{{1,2}}(?i:{MAIL_DOMAINS})\."
    # Flats behind the number of a house; plates of Russia and India; what stands behind a code.
    r"|[0-9][, _/-]{1,3}(?i:int|apto?|ap|lok|m|kv|bis|ter|b(?:â|a)t|porta|piso|interno|scala|top|stiege)\.?[ _-]?[0-9]"
    r"|(?i:кв)[а-я]*[. ]{0,2}[0-9]|(?i)[а-я][0-9]{3}[а-я]{2}|[A-Za-z]{2}[ -]?[0-9]{2}[ -]?[A-Za-z]{1,3}[ -]?[0-9]{4}"
    r"|\{id\} [^\W\d_]"
    # Shortened IPv6 addresses with other signs; dots that are spelt out.
    r"|[0-9A-Fa-f](?:--|__)[0-9A-Fa-f]|[0-9][ _-](?i:dot|punkt|point|punto|ponto)[ _-][0-9]"
    r"|[都道府県市区町村郡].{1,12}[0-9]-[0-9]|(?i:paypal\.me|linktr\.ee|ko-fi\.com|cash\.app)/"
    # Documents of people.
    r"|[A-Za-z][-_ /][A-Za-z\x{c0}-\x{10ffff}]+[-_. ]\S*\.(?i:pdf|docx?|odt|rtf)$"
    # Passengers; names of users with a number.
    r"|[A-Za-z]/[A-Za-z]+(?: [A-Za-z]+)? ?(?i:mr|mrs|ms|miss|mstr|chd|inf|dr)(?:$|[^A-Za-z])|[A-Za-z0-9]#[0-9]{4}"
    # A path that is a phrase.
    r"|(?:^|\s)[^/\s]\S*/[A-Za-z\x{80}-\x{10ffff}]+[-_.][A-Za-z\x{80}-\x{10ffff}]"
    # The signs of an e-mail address, spelt out; its begin.
    rf"|-{_HEX}{{8}}\.|(?:{_HEX}{{4}}[.:-]){{2}}{_HEX}{{4}}"
    r"|[a-z0-9]AT[a-z0-9]|[^\W_]_at_[a-z]|[^\W_][.-]at[.-][a-z]|[._]\S+ \{email\}|[0-9a-z][-.:~_]\{token\}"
    rf"|[A-Za-z0-9][ _+*.(\[{{<-]{{1,3}}(?i:{AT})[ _+*.)\]}}>-].*(?:\.|[ _+-](?i:{DOT})[ _+-])"
)
_LONG: Final = "[A-Za-z]{10}"
_RARE: Final = "(?i)" + "|".join(f"{first}[{seconds}]" for first, seconds in rare_pairs().items())
# Characters beyond ASCII that stand for others, or for nothing, and digits of other scripts.
_DISGUISED: Final = (
    r"[^\P{Nd}0-9]"
    r"|[\p{Cf}\x{a0}\x{ad}\x{b2}\x{b3}\x{b7}\x{b9}\x{34f}\x{115f}\x{1160}\x{1d00}-\x{1dbf}\x{2000}-\x{22ff}\x{2460}-\x{24ff}"
    r"\x{3000}-\x{303f}\x{3164}\x{a789}\x{fb00}-\x{fb06}\x{fe00}-\x{fe6f}\x{ff00}-\x{ffef}\x{1d400}-\x{1d7ff}\x{1f100}-\x{1f1ff}]"
    r"|[0-9]年|[0-9]\x{fffd}"
)


def may_be_personal(texts: pa.StringArray) -> pa.BooleanArray:
    """Whether each text may hold something that a rule replaces; null for null. Fast on texts that do not."""
    suspect = pc.match_substring_regex(texts, _SIGNS)
    long = pc.match_substring_regex(texts, _LONG)
    if pc.any(long).as_py():
        suspect = pc.or_(suspect, pc.and_(long, pc.match_substring_regex(texts, _RARE)))
    is_ascii = pc.string_is_ascii(texts)
    if not pc.all(is_ascii).as_py():
        suspect = pc.or_(suspect, pc.and_not(pc.match_substring_regex(texts, _DISGUISED), is_ascii))
    looks = ((_IN_SEGMENTS, _have_key_segments), (_WITH_CODES, _have_key_words), (_THREE_WORDS, _have_first_names))
    for pattern, have_key in looks:
        rest = pc.and_not(pc.match_substring_regex(texts, pattern), suspect)
        if pc.any(rest).as_py():
            suspect = pc.replace_with_mask(suspect, rest, have_key(pc.utf8_lower(texts.filter(rest))))
    return suspect


_IN_SEGMENTS: Final = "^/[^/]+/[^/]"
_WITH_CODES: Final = r"[0-9]|^[^/].* \S*[._]"
_THREE_WORDS: Final = r"^[^/ ._:-]+[ ._:-]+[^/ ._-]+[ ._-]."
"""A word beside a name of two words, in a phrase or a campaign."""


_FILE_AND_VIEW: Final = r"\.(?:php|aspx?|jsp|html?)/|/(?:view|show|display|details?|info|edit|get|id)/"
"""A file's ending behind a key, and what is done with whom it names."""


def _have_key_segments(lower: pa.StringArray) -> pa.BooleanArray:
    """Whether each path in lower case has a segment of _SEGMENTS before one that is not _ORDINARY."""
    lists = pc.split_pattern(pc.replace_substring_regex(lower, _FILE_AND_VIEW, "/"), "/")
    row, segments = pc.list_parent_indices(lists), pc.list_flatten(lists)
    is_key = pc.and_(pc.is_in(segments[:-1], _SEGMENTS), pc.equal(row[:-1], row[1:]))
    row, behind = row[:-1].filter(is_key), segments[1:].filter(is_key)
    judged = pc.invert(pc.or_(pc.is_in(behind, _ORDINARY), pc.match_substring_regex(behind, r"^(?:\{[a-z]+\})?$")))
    found = np.zeros(len(lower), np.bool_)
    found[row.filter(judged).to_numpy()] = True
    return pa.array(found)


def _have_key_words(lower: pa.StringArray) -> pa.BooleanArray:
    """Whether each text in lower case has a word of _ANNOUNCING."""
    lists = pc.split_pattern_regex(lower, r"[^a-z\x{80}-\x{10ffff}]+")
    row, parts = pc.list_parent_indices(lists), pc.list_flatten(lists)
    found = np.zeros(len(lower), np.bool_)
    found[row.filter(pc.is_in(parts, _ANNOUNCING)).to_numpy()] = True
    return pa.array(found)


def _have_first_names(lower: pa.StringArray) -> pa.BooleanArray:
    """Whether each text in lower case has a first name."""
    plain = pc.replace_substring_regex(pc.utf8_normalize(pc.replace_substring(lower, "ø", "o"), "NFD"), r"\p{Mn}", "")
    lists = pc.split_pattern_regex(pc.replace_substring(plain, "ł", "l"), r"[^\p{L}]+")
    row, parts = pc.list_parent_indices(lists), pc.list_flatten(lists)
    found = np.zeros(len(lower), np.bool_)
    found[row.filter(pc.is_in(parts, _FIRST_NAMES)).to_numpy()] = True
    return pa.array(found)


_PLAIN_KINDS: Final = (
    (r"(^|/)[0-9A-Za-z._+-]+(?:@|%40)(?:[A-Za-z][0-9A-Za-z-]*\.)+[A-Za-z]{2,}(/|$)", r"\1{email}\2"),
    (rf"(^|/){_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}(/|$)", r"\1{uuid}\2"),
    (rf"(^|/)(?:{_HEX}{{32}}|{_HEX}{{40}}|{_HEX}{{64}})(/|$)", r"\1{token}\2"),
    # As many digits as no article, book, date or postcode has, not after other digits: /030/2012345.
    (r"(/[^/0-9]+/)(?:[0-9]{6,7}|[0-9]{9})(/(?:[^-/0-9][^-/]*)?(?:-[^-/]*)?(?:/|$)|$)", r"\1{id}\2"),
)
"""(RE2 pattern, replacement) of the most frequent kinds, where no rule for content can want them."""


def replace_plain_kinds(texts: pa.StringArray) -> pa.StringArray:
    """Replace segments of paths that are personal without doubt: e-mail addresses, UUIDs, digests, long numbers."""
    replaced = texts
    for pattern, placeholder in _PLAIN_KINDS:
        replaced = pc.replace_substring_regex(replaced, pattern, placeholder)
    # A match takes the slash or segment in which the next one would begin.
    changed = pc.not_equal(replaced, texts)
    if not pc.any(changed).as_py():
        return replaced
    return pc.replace_with_mask(replaced, changed, replace_plain_kinds(replaced.filter(changed)))

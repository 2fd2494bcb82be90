"""Names of people in phrases: behind the words of forms, and behind words for people."""

from __future__ import annotations

import re
from typing import Final

from footfall.transforms.describing.personal.first_names import FIRST_NAMES, plain_parts
from footfall.transforms.describing.personal.judged_texts import MARK
from footfall.transforms.describing.personal.names import NAME_KEY, OF_STAFF, is_full_name, is_known_name
from footfall.transforms.describing.personal.rule import Rule, Where
from footfall.transforms.describing.personal.words import ORDINARY, is_ordinary

_USER_WORDS: Final = (
    "user|user ?name|login|member|account ?name|benutzer(?:name)?|kontoname|kundenkonto|nombre de usuario|usuario"
    "|nom d['’]utilisateur|utilisateur|nome utente|utente|nome de usu(?:á|a)rio|usu(?:á|a)rio|gebruiker(?:snaam)?"
    "|nazwa u(?:ż|z)ytkownika|u(?:ż|z)ytkownik|brugernavn|brukernavn|anv(?:ä|a)ndarnamn"
    "|k(?:ä|a)ytt(?:ä|a)j(?:ä|a)tunnus"
    "|kullan(?:ı|i)c(?:ı|i) ad(?:ı|i)|u(?:ž|z)ivatelsk(?:é|e) jm(?:é|e)no|felhaszn(?:á|a)l(?:ó|o)n(?:é|e)v"
    "|имя пользователя|логин|логін|όνομα χρήστη"
)
"""Words before the name of a user."""
_NAME_WORDS: Final = (
    "(?:full |my )?name(?: is)?|nom(?: et pr(?:é|e)nom)?|pr(?:é|e)nom|nombre(?: y apellidos?)?|apellidos?"
    "|nome(?: e cognome| completo)?|cognome|sobrenome|naam|(?:voor|achter)naam|(?:vor|nach)name"
    "|(?:first|last|sur) ?name|namn|navn|imi(?:ę|e)(?: i nazwisko)?|nazwisko|jm(?:é|e)no|n(?:é|e)v|nume|isim|ad(?:ı|i)"
    "|nimi|имя|фамилия|фио|ім['’]?я|піб|όνομα"
)
"""Words before a name in a form."""
_PEOPLE_WORDS: Final = (
    rf"{_USER_WORDS}|profile?|account|conta|compte|cuenta|konto|perfil|profilo|profiel|профиль|аккаунт"
    "|customer|client|cliente?|klient|klant|kunde|kundin|kund|patient|patiente?|paciente|paziente|mitglied|membre"
    "|miembro|membro|medlem|lid|socio|(?:ü|u)ye|employee|mitarbeiter(?:in)?|employ(?:é|e)e?|empleado|dipendente"
    "|medewerker|student|sch(?:ü|u)ler|alumno|studente|tenant|mieter(?:in)?|locataire|inquilino|subscriber"
    "|recipient|empf(?:ä|ae)nger|destinataire|attendee|passenger|passagier|passager|pasajero|guest|gast|participant"
    "|teilnehmer|applicant|bewerber|candidate?|candidato|herrn?|frau|monsieur|madame|se(?:ñ|n)ora?"
    "|my name is|ich hei(?:ß|ss)e|mein name ist|je m['’]appelle|mon nom est|me llamo|mi nombre es|mi chiamo"
    "|meu nome (?:é|e)|me chamo|mijn naam is|ik heet|jag heter|jeg hedder|jeg heter|nazywam si(?:ę|e)|меня зовут"
    "|мене звати|пользователь|клиент|пациент"
)
"""Words before a name or something else: a name counts if it begins with a first name that many people have."""
_FULL_NAME: Final = (
    r"[^\W\d_]+(?:(?:[ ._'-]|, )[^\W\d_]+){1,3}(?=$|[,;)])|[^\W\d_]+[ ._'-][^\W\d_]+[0-9]{0,4}(?![^\W_])"
)
_NETWORKS: Final = (
    r"(?:t\.me|(?:facebook|fb|twitter|x|instagram|vk|github|tiktok|xing|linkedin|medium|reddit)\.com(?:/(?:in|u|user"
    r"|profile))?)"
)


def _is_person_behind_word(match: re.Match[str], where: Where) -> bool:
    """Whether the first word is a first name and the next none of a site's own; two capitals are as good in a form."""
    first, second = (plain_parts(match["secret"].replace(",", " ")) * 2)[:2]
    if second in ORDINARY or second in OF_STAFF:
        return False
    if first in FIRST_NAMES:
        return True
    in_form = match["form"] and first not in ORDINARY and first not in OF_STAFF
    return bool(in_form and re.match(r"[^\W\d_a-zа-я][^\W\d_]+ [^\W\d_a-zа-я]", match["secret"]))


NAMES_IN_PHRASES: Final = (
    Rule(
        "first and last name of a user in a phrase",
        "{name}",
        rf"(?<![^\W_])(?:{_USER_WORDS})\s?:\s?(?P<secret>[^\W\d_]+(?:[ '-][^\W\d_]+){{1,3}})(?=$|[,;])",
        "what people paste into a search",
        finds=("user: jane doe", "nome utente: Jane Mary Doe"),
        leaves=("login: page not found", "user: manual"),
        accept=lambda match, where: ORDINARY.isdisjoint(re.split("[ '-]", match["secret"].lower())),
        wheres=("phrase",),
        needs=":",
    ),
    Rule(
        "first and last name behind a word for people in a phrase",
        "{name}",
        (
            rf"(?<![^\W_])(?:(?P<form>(?:{_NAME_WORDS})\s?:)|(?:{_PEOPLE_WORDS})\s?:?)\s?"
            rf"(?:(?:of|von|vom|de|di|da|do|del|van|av|für|for|pour|para|per|is|ist|lautet)\s)?(?<![^\W_])(?P<secret>{_FULL_NAME})"
        ),
        "what people paste into a search",
        finds=("cliente jane doe", "profil de Jane Doe", "my name is jane mary doe", "nom: Erika Mustermann"),
        leaves=(
            "client portal",
            "profile of a leader",
            "guest house anna maria",
            "name jane meaning",
            "name: the game",
        ),
        accept=_is_person_behind_word,
        wheres=("phrase",),
    ),
    Rule(
        "name behind the address of a network in a phrase",
        "{name}",
        rf"(?<![^\W_]){_NETWORKS}/@?(?P<secret>[^\W\d_]+(?:[-_.][^\W\d_]+){{1,3}})(?![^\s/])",
        "the addresses of people's pages",
        finds=("linkedin.com/in/jane-doe", "t.me/jane_doe"),
        leaves=("facebook.com/market-place", "github.com/kubernetes"),
        accept=is_known_name,
        wheres=("phrase",),
        needs="/",
    ),
    Rule(
        "name after a key in a path that is a phrase",
        "{name}",
        rf"(?:^|[\s/])(?:{NAME_KEY})/(?P<secret>[^\W\d_]+(?:[-_.][^\W\d_]+){{1,3}})(?=$|[\s/])",
        "what people paste into a search",
        finds=("profile/jane-doe", "example.org/members/jane.doe"),
        leaves=("client/server", "user/sign-in", "profile/privacy-settings"),
        accept=is_full_name,
        wheres=("phrase",),
        needs="/",
    ),
    Rule(
        "name of a user in a phrase",
        "{name}",
        (
            rf"(?<![^\W_])(?:{_USER_WORDS})"
            rf"(?:\s?:\s?|\s(?=\S*[0-9_.@]))(?P<secret>[^\s&;,/{MARK[1:-1]}]+)"
        ),
        "what people paste into a search",
        finds=("user:janedoe", "username jane_doe42", "gebruikersnaam jane.doe"),
        leaves=("user manual", "username generator"),
        accept=lambda match, where: not is_ordinary(match["secret"]) and not re.fullmatch("[0-9.]+", match["secret"]),
        wheres=("phrase",),
    ),
)

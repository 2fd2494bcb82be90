"""Names of people after the keys by which sites show them. A name alone cannot be distinguished from other words."""

from __future__ import annotations

import re
from typing import Final

from footfall.transforms.describing.personal.first_names import FIRST_NAMES, is_person, plain_parts
from footfall.transforms.describing.personal.judged_texts import MARK
from footfall.transforms.describing.personal.rule import DIGITS, Rule, Where, one_of
from footfall.transforms.describing.personal.words import ORDINARY, is_ordinary, words

NAME_KEYS: Final[dict[str, frozenset[str]]] = {
    "English": words("""
        user users u account accounts profile profiles member members customer customers client clients patient
        patients employee employees student students subscriber subscribers contacts friend friends follower followers
        buyer buyers seller sellers player players username usr acct user-profile my-profile userinfo whois attendee
        attendees participant participants guest guests recipient recipients mailbox mailboxes
        """),
    "German": words("""
    benutzer benutzerin nutzer nutzerin freund freunde kundenkonto benutzerkonto benutzerprofil nutzerprofil
    konto konten profil profile
    mitglied mitglieder kunde kundin kunden patient patientin patienten teilnehmer empfaenger
    """),
    "French": words(
        "utilisateur utilisateurs compte comptes profil profils membre membres clients adherent adhérent adherents "
        "adhérents abonné abonne abonnés abonnes espace-client espace-adherent espace-membre espace-personnel"
    ),
    "Spanish": words("usuario usuarios cuenta cuentas perfil perfiles miembro miembros cliente clientes socio socios"),
    "Italian": words("utente utenti profilo profili membro membri cliente clienti"),
    "Portuguese": words("usuário usuários utilizador utilizadores conta contas perfil perfis membro membros"),
    "Dutch": words("gebruiker gebruikers profiel leden lid klant klanten"),
    "Polish": words(
        "uzytkownik użytkownik uzytkownicy konto profil klient klienci czlonek członek czlonkowie członkowie"
    ),
    "Scandinavian": words("bruger brugere bruker brukere användare anvandare medlem medlemmer medlemmar kunder profil"),
    "Czech": words("uzivatel uživatel uzivatele pouzivatel používateľ ucet účet profil clen člen"),
    "Turkish": words("kullanici kullanıcı hesap profil uye üye"),
    "Finnish and Hungarian": words("kayttaja käyttäjä kayttajat käyttäjät jasen jäsen felhasznalo felhasználó"),
    "Balkan": words("korisnik korisnici uporabnik uporabniki clan član utilizator utilizatori potrebitel perdorues"),
    "Baltic": words("kasutaja lietotajs lietotājs vartotojas"),
    "Greek": words("χρήστης χρηστης xristis μέλος μελος μέλη melos meli προφίλ"),
    "Russian and Ukrainian": words(
        "пользователь пользователи профиль аккаунт участник участники учасник користувач користувачі профіль "
        "polzovatel polzovateli uchastnik uchastniki akkaunt korystuvach koristuvach korystuvachi klijent klijenty"
    ),
    "Arabic, Persian and Hebrew": words("مستخدم المستخدم عضو العضو کاربر کاربران עضو משתמש חבר"),
    "Hindi": words("सदस्य उपयोगकर्ता प्रोफाइल"),
    "Chinese, Japanese and Korean": words(
        "用户 用戶 会员 會員 会員 ユーザー プロフィール マイページ 사용자 회원 프로필"
    ),
    "Vietnamese, Indonesian and Thai": words("nguoi-dung người-dùng thanh-vien thành-viên pengguna anggota ผู้ใช้ สมาชิก"),
}
"""Language → path segments before the name of a person.

Not here: authors, artists, teams and speakers, whose names are what a site publishes.
"""

DOCUMENTATION: Final = (
    "docs?|documentation|help|manual|manuals|reference|wiki|support|faq|hilfe|aide|ayuda|api-docs"
    "|guide|guides|tutorials?"
)
"""Path segments below which a key of names is a word like others."""

NAME_KEY: Final = one_of(frozenset[str]().union(*NAME_KEYS.values()))


LAST_NAME_KEYS: Final = words("""
    nom nom-de-famille nachname familienname surname last-name family-name cognome apellido apellidos sobrenome apelido
    achternaam nazwisko prijmeni příjmení soyad soyadi soyadı efternamn etternavn фамилия επώνυμο
    """)
"""Path segments before a last name, as forms call it."""
FIRST_NAME_KEYS: Final = words(
    "vorname first-name firstname prenom prénom nombre nome voornaam imie fornavn fornamn förnamn"
)
"""Path segments before a first name, as forms call it; they count before LAST_NAME_KEYS only."""
TRADE_KEYS: Final = words("""
    freelancer freelancers tutor tutors babysitter babysitters nanny nannies candidate candidates applicant applicants
    bewerber bewerberin candidat candidats candidato candidatos resume resumes cv lebenslauf volunteer volunteers donor
    donors tenant tenants mieter mieterin host hosts driver drivers calendar calendars bewerbung bewerbungen
    application applications alumni alumnus alumna nurse nurses cleaner cleaners
    """)
"""Path segments before somebody who offers or seeks work or a room, and before other pages."""
WEAK_KEYS: Final = words("""
    in by-name home person name full-name fullname author-profile speaker-profile obituary obituaries traueranzeige
    traueranzeigen todesanzeige todesanzeigen nachruf gedenkseite kondolenz avis-de-deces esquela esquelas necrologio
    necrologi nekrolog nekrologi condolences memorial memorials tribute tributes instagram facebook twitter linkedin
    xing snapchat tiktok telegram vk in-memoriam calendar calendars bewerbung bewerbungen rechnung rechnungen invoice
    invoices facture factures zeugnis attest payslip payslips contract contracts vertrag claims wedding hochzeit
    """)
"""Path segments before a name or many other things."""
STAFF_KEYS: Final = words("""
    people person persons personen persona personas personne personnes persone pessoas osoby staff staff-member
    mitarbeiter mitarbeiterin mitarbeiterinnen mitarbeitende beschaeftigte kollegen personal personnel collaborateurs
    collaborateur empleados empleado dipendenti dipendente funcionarios medewerkers medewerker pracownicy ansatte
    anstallda medarbejdere medarbetare colleagues sotrudniki сотрудники сотрудник співробітники zamestnanci zaměstnanci
    munkatarsak munkatársak pracownik calisanlar çalışanlar personel henkilosto henkilöstö zaposleni angajati angajați
    lehrer lehrerin lehrkraft lehrkraefte dozent dozentin dozenten
    """)
"""Path segments before the first name and the last name of somebody, and before other pages."""
OF_STAFF: Final = words("""
    and of for our the in at und der die das fuer für et des du les de-la culture development values strategy training
    benefits jobs job openings opportunities policy room rooms only area search finder gesucht werden team teams
    management analytics operations picks choice handbook portal resources relations skills science services first
    movement power magazine counter planning directory association entwicklung gewinnung vertretung rabatt
    """)
"""Words of pages behind such a key that are nobody's."""
_FILE: Final = re.compile(r"\.(?:html?|php|aspx?|jsp|pdf|txt|exe|zip)$", re.IGNORECASE)
_SIZE: Final = re.compile(r"(?<![^\W_])[0-9]+(?:(?:x[0-9]+)+|mm|cm|kg|ml)(?![^\W_])", re.IGNORECASE)


def _is_name(match: re.Match[str], where: Where) -> bool:
    if re.search(rf"(?:^|/)(?:{DOCUMENTATION})(?:/|$)", match.string[: match.start() + 1], re.IGNORECASE):
        return False
    return not is_ordinary(match["secret"]) and not _SIZE.search(match.string)


def is_full_name(match: re.Match[str], where: Where) -> bool:
    """Whether a segment is a first and a last name: words of letters, of which none belongs to a site's own pages."""
    parts = frozenset(re.split("[-_. +]", match["secret"].lower()))
    return _is_name(match, where) and parts.isdisjoint(OF_STAFF) and parts.isdisjoint(ORDINARY)


def is_known_name(match: re.Match[str], where: Where) -> bool:
    """Whether words behind a weak key are a first and a last name that people have."""
    letters = match["secret"].rstrip("0123456789-_.")
    first = next(iter(plain_parts(letters)), "")
    return first in FIRST_NAMES and is_person(letters) and is_full_name(match, where)


_VIEW: Final = r"(?:\.(?:php|aspx?|jsp|html?))?(?:/(?:view|show|display|details?|info|edit|get|by-name|name|id))?"
"""A file's ending behind a key, and what is done with whom it names."""
_NAME_BEHIND: Final = rf"{_VIEW}(?=/(?P<secret>[^/{MARK[1:-1]}]*[^\W\d_][^/{MARK[1:-1]}]*))"
_NAME_OF_PARAMETER: Final = rf"\s?=\s?(?P<secret>[^\s&;,/{MARK[1:-1]}]+(?:(?:\s[^\W\d_]+){{1,2}}(?=$|[&;,/]))?)"


def names_after(keys: str) -> tuple[Rule, ...]:
    """The rules for names after a site's own keys, which are a pattern: segments of paths, and parameters."""
    source = "the settings"
    return (
        Rule("name after an own key", "{name}", rf"(?:^|/)(?:{keys}){_NAME_BEHIND}", source, (), accept=_is_name),
        Rule("name with an own key", "{name}", rf"(?<![A-Za-z0-9])(?:{keys}){_NAME_OF_PARAMETER}", source, ()),
    )


NAMES: Final = (
    Rule(
        "name after a key in a path",
        "{name}",
        rf"(?:^|/)(?:{NAME_KEY}){_NAME_BEHIND}",
        "the routes that frameworks and forums use for people",
        finds=("/users/jane-doe/posts", "/profile/jdoe42", "/konto/Jürgen-Groß"),
        leaves=(
            "/users/login",
            "/profile/privacy-settings",
            "/profiles/extrusion-40x40",
            "/profile/steel/tube-30x30x2",
            "/docs/user/installation",
            "/user-guide/installation",
        ),
        accept=_is_name,
        wheres=("path",),
    ),
    Rule(
        "first and last name after a key in a path",
        "{name}",
        (
            rf"(?:^|/)(?:{one_of(STAFF_KEYS)})/"
            r"(?P<secret>(?:(?:(?:dr|prof|mr|mrs|ms|herr|frau)[-_. +]{1,2}){1,3}[^\W\d_]+"
            r"|[^\W\d_]+[-_. +]{1,2}[^\W\d_]+)(?:[-_. +]{1,2}[^\W\d_]+){0,3})(?=/|$|\.html?$)"
        ),
        "the routes of universities and companies",
        finds=("/people/dr-jane-doe", "/staff/jane.doe/publications", "/mitarbeiter/Doe_Jane", "/lehrer/frau-dr-doe"),
        leaves=("/people/culture", "/people/our-culture", "/staff/job-openings", "/people/diversity-and-inclusion"),
        accept=is_full_name,
        wheres=("path",),
    ),
    Rule(
        "name of a user after the word for a trade",
        "{name}",
        (
            rf"(?:^|/)(?:{one_of(TRADE_KEYS)})/(?P<secret>[^\W\d_]{{2,}}(?:[._][^\W\d_]{{2,}}){{1,2}}[0-9]{{0,4}}"
            rf"|[^\W\d_]+(?:[-_.][^\W\d_]{{2,}})+[0-9]{{1,4}})(?=/|$)"
        ),
        "the routes of markets for work and rooms",
        finds=("/freelancer/jane_doe99", "/candidates/jane.doe/cv"),
        leaves=("/freelancer/web-design", "/hosts/file.html", "/drivers/intel_graphics_2024"),
        accept=lambda match, where: is_full_name(match, where) and not _FILE.search(match["secret"]),
        wheres=("path",),
    ),
    Rule(
        "known first name and last name after a weak key in a path",
        "{name}",
        (
            rf"(?:^|/)(?:{one_of(TRADE_KEYS | WEAK_KEYS)})/"
            rf"(?P<secret>[^/{MARK[1:-1]}\d]{{5,}}?[0-9]{{0,4}})(?=/|$|\.html?$)"
        ),
        "the routes of markets, universities and networks",
        finds=("/alumni/jane-doe", "/in/jane-doe", "/by-name/jane.doe"),
        leaves=(
            "/drivers/intel-graphics",
            "/in/berlin-mitte",
            "/in/st-moritz",
            "/alumni/award-winners",
            "/home/garden",
        ),
        accept=is_known_name,
        wheres=("path",),
    ),
    Rule(
        "name with a code in a network of professions",
        "{name}",
        r"(?:^|/)in/(?P<secret>[^\W\d_]+(?:-[^\W\d_]+)+-(?=[a-z]*[0-9])[0-9a-z]{6,10})(?=/|$)",
        "LinkedIn's public profiles",
        finds=("/in/jane-doe-7b2914a3",),
        leaves=("/in/berlin-mitte", "/in/new-york-2024"),
        wheres=("path",),
        needs=DIGITS,
    ),
    Rule(
        "last name after its key in a path",
        "{name}",
        (rf"(?:^|/)(?:{one_of(LAST_NAME_KEYS)})/(?P<secret>[^\W\d_][^/{MARK[1:-1]}]+)"),
        "names of fields in forms, as segments",
        finds=("/booking/{id}/nom/dupont", "/surname/doe"),
        leaves=("/nom", "/lastname/"),
        accept=lambda match, where: not is_ordinary(match["secret"]),
        wheres=("path",),
    ),
    Rule(
        "first and last name in the name of a person's document",
        "{name}",
        (
            r"(?:^|/|[_-])(?:cv|lebenslauf|resume|r(?:é|e)sum(?:é|e)|curriculum(?:[-_]vitae)?|bewerbung|anschreiben|cover[-_]letter|zeugnis|arbeitszeugnis"
            r"|urkunde|certificate|diploma|attest|payslip|lohnabrechnung|gehaltsabrechnung|rechnung|vertrag|contract|invoice|facture|fattura|ticket"
            r"|boarding[-_]?pass|passport|reisepass|ausweis|befund|arztbrief|kuendigung"
            r"|vollmacht)[-_ /](?P<secret>[^\W\d_]+[-_. ][^\W\d_]+(?:[-_. ][^\W\d_]+)?)"
            r"(?=[-_.0-9]*\.(?:pdf|docx?|odt|rtf)$)"
        ),
        "how people name the files that they send",
        finds=("/uploads/lebenslauf-jane-doe.pdf", "/files/CV_Jane_Doe_2024.pdf"),
        leaves=("/docs/cv-template-modern.pdf", "/uploads/ticket-price-list.pdf"),
        accept=is_known_name,
        wheres=("path",),
        needs=".",
    ),
    Rule(
        "name of a home folder of Windows",
        "{name}",
        rf"(?:^|/)c:?/users/(?P<secret>[^/{MARK[1:-1]}]+)",
        "where Windows keeps what belongs to a user",
        finds=("/C:/Users/jdoe/Documents",),
        leaves=("/users-guide/c",),
        wheres=("path",),
    ),
    Rule(
        "name of a home folder",
        "{name}",
        rf"(?:^|/)~(?P<secret>[^/{MARK[1:-1]}]+)",
        "Apache's mod_userdir",
        finds=("/~jdoe/", "/%7Ejdoe/cv.html"),
        wheres=("path",),
        needs="~",
    ),
    Rule(
        "name of a home folder with its path",
        "{name}",
        (
            rf"^/home/(?P<secret>[^/{MARK[1:-1]}]+)(?=/(?:public_html|www|htdocs|documents|desktop|downloads|pictures"
            r"|\.\w+)(?:/|$))"
        ),
        "Filesystem Hierarchy Standard 3.0, section 3.8",
        finds=("/home/jdoe/public_html/", "/home/jdoe/.ssh/id_rsa"),
        leaves=("/home/garden/tools", "/home/downloads"),
        wheres=("path",),
    ),
    Rule(
        "handle",
        "{name}",
        r"(?:^/@(?=[\w.-]+(?:/|$))|(?<=/)@(?=[\w.-]+/?$))(?!(?:vite|id|fs|react-refresh|types|babel"
        r"|angular|vue|fontsource)(?:/|$))"
        r"(?P<secret>[\w.-]+)",
        "the first or last segment at Medium, Mastodon, TikTok and YouTube; npm's scopes stand between others",
        finds=("/@jane", "/@jane.doe/posts/summer"),
        leaves=("/package/@babel/core", "/@vite/client"),
        wheres=("path",),
        needs="@",
    ),
    Rule(
        "handle in a phrase",
        "{name}",
        r"(?:^|(?<=\s))@(?P<secret>[^\W\d_][\w.]{2,})(?=$|(?<=[0-9_])(?=\s))",
        "names of users at Instagram, Mastodon and TikTok",
        finds=("@jdoe99", "@janedoe", "follow @jane_doe_99 now"),
        leaves=("install @angular first", "@2x"),
        wheres=("phrase",),
        needs="@",
    ),
    Rule(
        "contributions of a user in a wiki",
        "{name}",
        rf"(?:^|/)(?:special:contributions|spezial:beitr(?:ä|ae)ge)/(?P<secret>[^/{MARK[1:-1]}]+)",
        "MediaWiki's special pages",
        finds=("/wiki/Special:Contributions/Jane_Doe",),
        leaves=("/wiki/Special:Search/jazz",),
        wheres=("path",),
        needs=":",
    ),
    Rule(
        "page of a user in a wiki's name space",
        "{name}",
        (
            r"(?:^|/)(?:user|user[_ ]talk|benutzer|benutzerin|benutzer[_ ]diskussion|utilisateur"
            r"|utilisatrice|usuario|usuaria|utente"
            rf"|gebruiker|usuário|участник|участница):(?P<secret>[^/{MARK[1:-1]}]+)"
        ),
        "MediaWiki's name spaces",
        finds=("/wiki/User:Jane_Doe", "/wiki/Benutzer:Erika"),
        leaves=("/wiki/User_interface", "/wiki/Talk:Berlin"),
        wheres=("path",),
        needs=":",
    ),
    Rule(
        "name with its parameter",
        "{name}",
        (
            r"(?<![A-Za-z0-9])(?:user|user[-_ ]?(?:name|id)|login|uname|nick(?:name)?|screen[-_ ]?name"
            r"|first[-_ ]?name|last[-_ ]?name|full[-_ ]?name"
            r"|sur[-_ ]?name|name|author(?:[-_ ]?(?:name|email))?|customer|member|account|benutzer(?:name)?|vorname"
            r"|nachname|nom|prenom|prénom|nombre|apellidos?"
            r"|cognome|kunde|usuario|utente|who|recipient|to|from|absender|naam|(?:voor|achter)naam|(?:för|for|efter|etter)?navn"
            r"|(?:för|for|efter)?namn|imi(?:e|ę)|nazwisko|jm(?:e|é)no(?:[-_ ]p(?:r|ř)(?:i|í)jmen(?:i|í))?"
            r"|p(?:r|ř)(?:i|í)jmen(?:i|í)"
            rf"|имя|фамилия){_NAME_OF_PARAMETER}"
        ),
        "names of fields in forms",
        finds=("/x/username=janedoe", "user=jane-doe", "name=jane doe"),
        leaves=("/x/sort=name", "/x/from=53.5511,9.9937", "/x/from=2024-05-01"),
        accept=lambda match, where: (
            not re.fullmatch(r"[-+]?[0-9]+\.[0-9]+|[0-9]{4}-[0-9]{2}-[0-9]{2}", match["secret"])
        ),
        needs="=",
    ),
)

"""Distinguishes words from random letters, and names from the ordinary words of a site, by tables."""

from __future__ import annotations

import itertools
import re
from typing import Final

_RARITY: Final = {
    "a": "32216324132110526000227653",
    "b": "02750756056166079024167966",
    "c": "09290990092398096252299959",
    "d": "05740756067455069226156963",
    "e": "23223424242110436001435473",
    "f": "05840146076166069032166965",
    "g": "05850723086252179013066957",
    "h": "05870657096233079221184936",
    "i": "13120326732120135201539692",
    "j": "06930457192563059835047994",
    "k": "05560655053153069211154965",
    "l": "04420444074044047622147935",
    "m": "02750667086615019734177967",
    "n": "04100314153562156510346874",
    "o": "23222325343110226001235554",
    "p": "06660463066166029032168967",
    "q": "69999999799999999989099999",
    "r": "03320535073433046121245955",
    "s": "04150443062334115500245956",
    "t": "05660653056465169122155452",
    "u": "12221325152110427001544572",
    "v": "09980999088497079369349989",
    "w": "04640662075463059325276968",
    "x": "07170673094668007840177947",
    "y": "03120535275111118202264585",
    "z": "05540748072444148532044962",
}
"""How rare each letter is after another one, in the order of the alphabet: 0 for one in eight, each level a half of it.

Counted without accents in the word lists of pyspellchecker 0.9.1 (MIT), English, German, French, Spanish, Italian,
Portuguese, Dutch, Latvian and Basque with equal weight.
"""

MAX_RARITY_OF_WORDS: Final = 2.4
"""Mean rarity of neighbours up to which letters are a word: exceeded by one word of 12 letters in 4,000, and by 95% of
random ones."""
MAX_RARITY_OF_SHORT_WORDS: Final = 2.8
"""The same for words of up to six letters, where one rare pair weighs more."""

_GROUPS: Final = re.compile("[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_LETTER_BITS: Final = 4.2
_WORD_LETTER_BITS: Final = 1.2
_DIGIT_BITS: Final = 3.3
_CHANGE_BITS: Final = 1.5


def rarity(letters: str) -> float:
    """How unlike a word a run of letters a–z is: the mean rarity of its neighbours; 0 for fewer than two letters."""
    lower = letters.lower()
    pairs = list(itertools.pairwise(lower))
    return sum(int(_RARITY[a][ord(b) - 97]) for a, b in pairs) / len(pairs) if pairs else 0.0


def is_word(letters: str) -> bool:
    """Whether letters a–z may be a word or syllables: at least three, with no more rare neighbours than words have.

    >>> is_word("strengths"), is_word("kqzvxwpj")
    (True, False)
    """
    limit = MAX_RARITY_OF_WORDS if len(letters) > 6 else MAX_RARITY_OF_SHORT_WORDS
    return len(letters) >= 3 and letters.isascii() and letters.isalpha() and rarity(letters) <= limit


def surprise(piece: str) -> float:
    """How many bits of chance a piece of ASCII letters and digits seems to hold.

    Letters of a word count little, single letters and digits nearly as much as drawn ones, and each change between
    letters, capitals and digits counts too: `dQw4w9WgXcQ` has 55 bits, `UE55AU7100` 41, `createPaymentIntent` 26.
    """
    groups = _GROUPS.findall(piece)
    bits = _CHANGE_BITS * max(0, len(groups) - 1)
    for group in groups:
        if group[0].isdigit():
            bits += _DIGIT_BITS * len(group)
        else:
            bits += len(group) * (_WORD_LETTER_BITS if is_word(group) else _LETTER_BITS)
    return bits


def has_word(text: str, letters: int = 3) -> bool:
    """Whether a text has a word of at least so many letters that stands alone, or letters of another script."""
    for run in re.findall(r"[^\W\d_]+(?:[0-9]{1,2}(?![0-9]))?", text):
        bare = run.rstrip("0123456789")
        if len(bare) >= letters and (not bare.isascii() or is_word(bare)):
            return True
    return bool(re.search(r"[^\x00-\x7f\W\d_]{2}", text))


def words(text: str) -> frozenset[str]:
    """Words of a table, which is written as one text."""
    return frozenset(text.split())


ORDINARY: Final = words("""
    404 about area benefits by-country careers case-studies directory hub new-members newest only our portal reviews
    stories studies success-stories testimonials top zone about about-us account accounts activate activation active
    activity add address addresses admin agb agreement alerts all api app apps archive auth authenticate avatar badges
    basket benefits billing blocked bookmarks browse bulk business calendar callback cancel card cards cart change
    check checkout close code complete completed confirm confirmation confirmed contact contacts coupon coupons create
    credit-cards current dashboard data deactivate default delete delivery departments details devices directory
    disable discount documents download downloads edit email emails enable error export expired facebook failed faq
    favorites favourites feed feedback files find finish followers following forgot form forum friends general gift
    gifts google group groups guest guests guide guidelines help history home import inbox index info information
    insert instagram install installation instructions international invitations invite invoice invoices item items
    job jobs join language legal link linkedin list lists list-all loading lock log-in login logoff logout lost mail
    management manage manager me membership menu message messages mine mobile more my my-account new news newsletter
    newsletters notifications oauth oauth2 offers online open options order orders overview own page pages partner
    password passwords payment payments pay pending permissions personal phone photos pinterest plans policy popular
    portal post posts preferences premium press preview previous prices pricing privacy private process product
    products profile profiles prompt public purchase purchases query questions quick read recent recover recovery
    redirect refer referral refresh register registration remove renew reply report reports request requests resend
    reset restore result results return returns review reviews rewards roles save saved search secure security select
    self send service services session sessions set settings setup share shipping shop show sign-in sign-up sign_in
    sign_out sign_up signin signout signup sms software sort staff start statement statistics status step steps stores
    student submit subscribe subscription subscriptions success summary support system tags team template templates
    terms test thanks thank-you ticket tickets timeline token tokens top tour tracking transactions twitter types
    unblock unlock unsubscribe update upgrade upload usage user users validate verification verify video videos view
    voucher vouchers wallet watchlist web welcome whatsapp widget wish-list wishlist with work wizard write x youtube
    zone abmelden abmeldung adresse adressen aktivieren anlegen anmelden anmeldung ansehen bearbeiten
    benachrichtigungen bestaetigen bestellung bestellungen daten datenschutz einstellungen einloggen eroeffnen
    favoriten hilfe kontakt kontoauszug loeschen löschen merkzettel merkliste neu nachrichten passwort
    passwort-vergessen rechnung rechnungen registrieren registrierung suche uebersicht übersicht vergessen vergleich
    verwalten warenkorb zahlung zahlungen accueil adresses aide ajouter commandes compte connexion creer créer
    deconnexion déconnexion factures favoris inscription liste modifier mon-compte mot-de-passe nouveau panier
    parametres paramètres profil rechercher supprimer ajustes ayuda buscar cerrar compras conectar configuracion
    configuración contraseña crear cuenta direcciones editar entrar facturas iniciar iniciar-sesion lista nueva nuevo
    pedidos perfil registrar registro salir accedi accesso aiuto carrello cerca crea esci fatture impostazioni
    indirizzi modifica nuovo ordini preferiti profilo registrati registrazione ajuda cadastro conta criar endereços
    entrar favoritos novo pedidos perfil sair senha account aanmelden bestellingen gegevens inloggen instellingen
    nieuw registreren uitloggen wachtwoord zoeken dane haslo hasło konto koszyk logowanie moje nowe rejestracja
    ustawienia zamowienia zamówienia innstillinger inställningar logga-in login-page mine-sider
    referenzen erfolgsgeschichten stimmen bewertungen information informationen magazin programm programme club werben
    gewinnen discounts rabatt rabatte tarif tarife tariffs angebote vorteile benefits dashboard
    beitritt mitgliedschaft satzung adhesion adhésion cotisation cotisations tarifs avantages inscription espace worden
    lidmaatschap inschrijven voordelen formaner förmåner fordele fordeler medlemskap kontingent prihlaseni přihlášení
    prihlasit registrace prihlasenie giris giriş uyelik üyelik kayit kayıt kirjaudu rekisteröidy belepes belépés
    regisztracio regisztráció prijava registracija autentificare inregistrare σύνδεση εγγραφή вход войти выход
    регистрация настройки правила вхід реєстрація налаштування تسجيل دخول الدخول تسجيل-الدخول التسجيل ورود
    लॉगिन पंजीकरण 登录 登入 注册 註冊 登録 ログイン 会員登録 会員規約 規約 入会 入会案内 会員特典 特典 案内 一覧 帮助
    关于 条款 协议 中心 로그인 회원가입 가입 약관 dang-nhap đăng-nhập dang-ky đăng-ký masuk daftar เข้าสู่ระบบ
    life wifi wi-fi also werden housing visiting-hours parking admission admissions campus tuition fees scholarships
    exchange insurance
    forms rights resources safety research hours locations map partners join-us handbook onboarding charter ombudsman
    fundraising volunteering donate merchandise magazine podcast
    """)
"""Words that follow a key of names or codes on a site's own pages, such as `/users/login`."""


def is_ordinary(text: str) -> bool:
    """Whether a segment after a key is one of the site's own: it, its first or its last word is ORDINARY.

    >>> is_ordinary("privacy-settings"), is_ordinary("login.php"), is_ordinary("jane-doe")
    (True, True, False)
    """
    lower = re.sub(r"\.[a-z]{2,5}$", "", text.lower())
    parts = re.split("[-_. +]", lower)
    return lower in ORDINARY or parts[0] in ORDINARY or parts[-1] in ORDINARY


def rare_pairs(level: int = 5) -> dict[str, str]:
    """Letter → the letters that follow it rarely, for a first look at long runs of letters."""
    return {
        first: "".join(chr(97 + place) for place, rarity_of in enumerate(levels) if int(rarity_of) >= level)
        for first, levels in _RARITY.items()
        if any(int(rarity_of) >= level for rarity_of in levels)
    }

"""Codes that belong to one customer, behind the words that announce them: of bookings, orders, parcels, documents."""

from __future__ import annotations

import re
from typing import Final

from footfall.transforms.describing.personal.document_numbers import ID_GROUP
from footfall.transforms.describing.personal.judged_texts import MARK, MARKS
from footfall.transforms.describing.personal.rule import CODE_WORDS, DIGITS, Rule, Where, one_of
from footfall.transforms.describing.personal.words import has_word, is_ordinary, is_word, words

CODE_KEYS: Final = words("""
    réservation réservations zaak zaaknummer numéro-de-réservation boarding fahrschein fahrkarte biglietto biglietti
    bilhete bilhetes entrada billete billetes booking bookings pnr
    reservation reservations record-locator itinerary check-in boarding-pass order orders invoice invoices receipt
    receipts ticket tickets case cases claim claims policy policies contract contracts customer customers client
    clients patient patients member members account accounts user users passport passports licence licences license
    licenses tracking track parcel parcels shipment shipments delivery deliveries refund refunds return returns
    transaction transactions payment payments quote quotes serial serials serial-number serial-no imei meid ssn nino
    national-id id-card application applications loyalty membership profile profiles konto kunde kunden kundennummer
    buchung buchungen bestellung bestellungen bestellnummer rechnung rechnungen sendung sendungen sendungsverfolgung
    auftrag auftraege vertrag ausweis reisepass personalausweis commande commandes facture factures colis billet
    billets pedido pedidos factura facturas reserva reservas envio envios ordine ordini fattura fatture prenotazione
    prenotazioni spedizione spedizioni encomenda encomendas bestelling bestellingen factuur facturen boeking
    booking-confirmation order-confirmation order-status order-details booking-details my-booking manage-booking rma
    reservierung reservierungen booking-reference booking-ref booking-number booking-code order-number order-id
    confirmation-number reservation-number bestellnr auftragsnummer auftragsnr kundennr rechnungsnummer buchungsnummer
    buchungscode vorgang vorgaenge vorgangsnummer aktenzeichen sendungsnummer paket pakete paketnummer retoure retouren
    mandat police policen schaden schadenfall vertraege vertragsnummer dossier dossiers contrat contrats devis
    expedition expeditions suivi suivi-colis livraison livraisons remboursement numero-de-commande expediente
    expedientes albaran seguimiento rastreo rastreio rastreamento tracciamento pratica pratiche contratto contratti
    biglietteria biljett biljetter kvitto beställning bestallning paczka paczki przesylka sledovani zasilka zakazka
    voucher-code waybill consignment consignments rma-number incident incidents
    zamowienie zamowienia zamówienie zamówienia faktura faktury rezerwacja ordre ordrer bokning заказ заказы 订单 注文
    pasaporte passeport passeports passaporto paspoort pasaport hu-chieu huzhao паспорт 护照 護照 여권 パスポート
    patente permis permis-de-conduire prawo-jazdy rijbewijs korkort körkort forerkort førerkort zakaz номер-заказа бронь
    бронирование bron rezervasyon rezervace rezervacia varaus foglalas foglalás rezervare rezervacija κράτηση kratisi
    yoyaku 予約 예약 主文 预订 訂單 주문 حجز طلب siparis sipariş siparis-takip kargo objednavka objednávka megrendeles
    megrendelés umowa umowy smlouva smlouvy sopimus avtale avtal szerződés договор comanda narudzba narudžba tilaus
    localizador locator pnr-sorgula dat-cho don-hang đơn-hàng pesanan
    
    """)
"""Words before a code that belongs to one customer: of bookings, orders, invoices, parcels, documents."""

_TRIPS: Final = words(
    "boarding boarding-pass check-in booking reservation pnr record-locator buchung "
    "reserva reservierung prenotazione boeking"
)
"""Words before the code of a journey, which goes with a last name."""

NUMBERED: Final = words("""
    pass passport ausweis personalausweis serien serial steuer versicherung sozialversicherung personal mitglied
    matrikel akten führerschein fuehrerschein driving-licence driver-license license licence kunden vertrag rechnung
    auftrag bestell fahrgestell chassis member membership card karten konto account insurance policy student
    """)
"""Words that make, with `number`, the name of a code that one person has."""

_OWN: Final = "(?:my|meine?|meu|minha|mon|ma|mes|mis?|mi[oa]|mijn|mina?|moj[ae]|online|e|view|check|track|find)[-_]"
_ASKED: Final = (
    "[-_](?:status|sorgula(?:ma)?|takip|info|details?|lookup|check|search|verfolgung|tracking|suivi|number|nummer|nr|no"
    "|id|code)"
)
_VIEWS: Final = "status|details?|info|check|show|view|edit|print|pdf|download|lookup|search"
"""Words beside and behind a key before a code."""


def is_customer_code(text: str) -> bool:
    """Whether what follows a key is a code: digits, or capitals or letters that are no word.

    >>> [is_customer_code(text) for text in ("X7K9PQ", "RE-2024-10023", "history", "2024", "qrtzwp", "4-star-hotel")]
    [True, True, False, False, True, False]
    """
    if is_ordinary(text) and not re.search("[0-9]{4}", text):
        return False
    bare = re.sub(r"\.[A-Za-z]{2,5}$", "", text)
    if re.fullmatch("(?:19|20)[0-9]{2}", bare) or re.fullmatch(
        r"v[0-9]+|step[-_]?[0-9]+|page[-_]?[0-9]+", bare, re.IGNORECASE
    ):
        return False
    if re.fullmatch("[A-Za-z]{2,4}[-_]?[0-9]{5,}", bare):
        return True
    pieces = re.split("[-_. :+#]", bare)
    if any(re.fullmatch("[A-Za-z]{3,}", piece) and is_word(piece) and not piece.isupper() for piece in pieces):
        return False
    if re.search("[0-9]", bare):
        return True
    return bool(re.fullmatch("[A-Z]{6,12}", bare)) or (
        bool(re.fullmatch("[a-z]{6}", bare)) and not is_word(bare) and not re.search("[aeiou]{1}.*[aeiou]", bare)
    )


def _is_code_in_phrase(match: re.Match[str], where: Where) -> bool:
    code = match["secret"]
    if not re.search("[0-9]", code):
        return bool(re.fullmatch("[A-Z]{6}", code)) and not is_word(code)
    if re.fullmatch("(?:19|20)[0-9]{2}", code) or has_word(code, 4):
        return False
    return len(code) >= 6 or len(re.findall("[0-9]", code)) >= 4


def _is_numbered(match: re.Match[str], where: Where) -> bool:
    """Whether a code behind the word for a number has five digits, or two beside letters that are no word."""
    code = match["secret"]
    digits = len(re.findall("[0-9]", code))
    return digits >= 5 or (digits >= 2 and len(code) >= 5 and " " not in code and not has_word(code))


CUSTOMER_CODES: Final = (
    Rule(
        "file number of a court",
        "{id}",
        (
            r"(?<![^\W_])(?:aktenzeichen|az|gz|geschäftszeichen|geschaeftszeichen|akte|rg|sygn(?:atura)?(?:[ .]akt)?)"
            r"[\s:./-]{1,2}"
            r"(?P<secret>[0-9]{1,4}[ _-]?[A-Z]{1,4}[ _-]?[0-9]{1,6}[/_-][0-9]{2,4})(?![0-9A-Za-z])"
        ),
        "the file numbers of German and Polish courts, with their word",
        finds=("aktenzeichen 14 c 8329/23", "/az/3-O-112-24"),
        leaves=("urteil 14 c 8329/23",),
        needs=DIGITS,
    ),
    Rule(
        "code after a word for a number",
        "{id}",
        (
            rf"(?<![^\W_])(?:{one_of(NUMBERED)})(?:s|en|er)?[\s_-]?(?:nummer|nr\.?|number|no\.?|id"
            rf"|code)[\s:=#/._-]{{1,3}}"
            r"(?P<secret>[0-9A-Z]+(?:[-_./][0-9A-Z]+)*)(?![^\s/&;,)\]])"
        ),
        "documents, devices and memberships",
        finds=("passnummer C4J9K1M2P", "seriennummer DNPXK1ZTJGH5"),
        leaves=("seriennummer finden", "passport number change"),
        accept=lambda match, where: (
            len(match["secret"]) >= 5
            and len(re.findall("[0-9]", match["secret"])) >= (3 if has_word(match["secret"], 4) else 1)
        ),
        needs=DIGITS,
    ),
    Rule(
        "code after a word for a number and the word for whose it is",
        "{id}",
        (
            r"(?<![^\W_])(?:numer|n(?:u|ú|ù)mero|num(?:é|e)ro|nummer|n[°º]|nr\.?|no\.?|(?:č|c)(?:í|i)slo|број|број"
            r"|broj|številka|номер|αριθμός|kod|code"
            r"|c(?:ó|o)digo|codice|identifiant|id)\s(?:de |di |du |da |do |del |della |dell['’]|d['’]|af |av |van "
            r"|von )?(?:la |le |el |il |l['’])?"
            r"(?:klienta|klient|client|cliente|kund(?:e|en)|klanta?|polizza|p(?:ó|o)liza|police|ap(?:ó|o)lice|polisy"
            r"|pojistky|contrat(?:o|to)?"
            r"|contratto|umowy|smlouvy|договора|клиента|полиса|заказа|zam(?:ó|o)wienia|objedn(?:á|a)vky|zákazníka"
            r"|zakaznika|commande|pedido"
            r"|ordine|facture|factura|fattura|faktury|dossier|expediente|pratica|sprawy|compte|cuenta|conto|conta"
            r"|konta|abonn(?:é|e)|abonado"
            r"|adh(?:é|e)rent|socio|s(?:ó|o)cio|tessera|membre|miembro|membro|patient|paciente|paziente|pacjenta"
            r"|passeport|pasaporte"
            r"|passaporto|paszportu|pasu|s(?:é|e)curit(?:é|e) sociale|seguridad social|s(?:é|e)rie|seriale|seryjny"
            r"|afiliaci(?:ó|o)n|afiliado"
            r"|utente|beneficiario|allocataire|fiscal(?:e)?|immatriculation|réservation|reserva|prenotazione"
            r"|rezerwacji|kolli|colis|paczki"
            r"|kart(?:y|e)|carte|tarjeta|carta|kontrahenta|ucznia|studenta|matricola|étudiant|etudiant)"
            rf"[\s:=#]{{1,3}}(?P<secret>{ID_GROUP}(?:[ ._/-]{{1,2}}{ID_GROUP}){{0,5}})(?![0-9A-Za-z])"
        ),
        "what forms call it in the languages that put the word for a number first",
        finds=(
            "numer klienta 88213377",
            "numero di polizza PZ-88213/19",
            "numéro client 0038821",
            "número de póliza 88-213-771",
        ),
        leaves=("numéro client gratuit", "numer klienta gdzie", "codice fiscale 2024", "numéro client 24h"),
        accept=_is_numbered,
        wheres=("phrase",),
        needs=DIGITS,
    ),
    Rule(
        "code in groups after a customer's word for a number",
        "{id}",
        (
            r"(?<![^\W_])(?:kunden|kund|kd|vertrags?|buchungs|reservierungs|reservation|booking|vorgangs|sendungs"
            r"|miles and more|meilen|versicherungs|sozialversicherungs|renten(?:versicherungs)?|policen"
            r"|rechnungs|auftrags|bestell"
            r"|mitglieds|patienten|matrikel|personal|konto|klant|klanten|polis|contract|relatie|lid|factuur|order"
            r"|dossier|medlems|kunde|avtale"
            r"|f(?:ö|o)rs(?:ä|a)krings|forsikrings|faktura|ordre|asiakas|customer|client|contract|policy|member"
            r"(?:ship)?|patient|account"
            r"|insurance|invoice|claim|medical record|subscriber|employee|student|loyalty)[- ]?(?:nummer|nr\.?"
            r"|number|no\.?|numero|nro|#|id)"
            rf"[\s:=#]{{1,3}}(?P<secret>{ID_GROUP}(?:[ ._/-]{{1,2}}{ID_GROUP}){{0,5}})(?![0-9A-Za-z])"
        ),
        "what forms call it; numbers of contracts and policies are written in groups",
        finds=("vertragsnummer VN 883 291 77", "klantnummer 29938812", "policy no. HX 2291 0038"),
        leaves=("kundennummer vergessen", "policy number 2024", "customer number 24 hours"),
        accept=_is_numbered,
        wheres=("phrase",),
        needs=DIGITS,
    ),
    Rule(
        "code after a person's or a document's word in a campaign",
        "{id}",
        (
            r"(?<![^\W_])(?:customer|client|kunde|kundin|kundennr|kunden?nummer|kd|knr|user|uid|member|mitglied|patient"
            r"|contact|lead|subscriber|recipient"
            r"|invoice|rechnung|mahnung|facture|factura|fattura|faktura|order|bestellung|commande|pedido|booking"
            r"|buchung|contract|vertrag"
            r"|policy|police|ticket|crm|hubspot|salesforce)[-_ .:]?(?:id|nr|no)?[-_ .:=]{1,2}(?P<secret>"
            r"(?:[A-Z]{1,3}[-_]?)?[0-9]{2,}(?:[-_/][0-9]{2,}){0,3})(?![0-9A-Za-z])"
        ),
        "names of mailings made from the fields of a recipient",
        finds=("kunde-88213377", "mahnung_RE-2023-88123", "invoice_20231088"),
        leaves=("order_20240312", "customer-2024", "ticket_sale_2024_05", "lead_2024-05-01"),
        accept=lambda match, where: (
            len(re.findall("[0-9]", match["secret"])) >= 6
            and not re.fullmatch(
                r"(?:19|20)[0-9]{2}[-_]?(?:0[1-9]|1[0-2])[-_]?(?:0[1-9]|[12][0-9]|3[01])?", match["secret"]
            )
        ),
        wheres=("campaign",),
        needs=DIGITS,
    ),
    Rule(
        "number of a policy, a membership or a traveller behind its word",
        "{id}",
        (
            r"(?<![^\W_])(?:versicherungsschein|polic(?:e|y)|polisse|p(?:ó|o)liza|polizza|mitgliedsausweis"
            r"|frequent flyer|miles (?:and|&) more|bonuskarte"
            r"|payback|kundenkarte|loyalty card|ehic|krankenkassenkarte|versichertenkarte|library card|leserausweis"
            r"|skywards|bahncard)"
            rf"(?: (?:number|no\.?|nummer|nr\.?))?[\s:=#]{{1,3}}(?P<secret>{ID_GROUP}"
            rf"(?:[ ._/-]{{1,2}}{ID_GROUP}){{0,6}})(?![0-9A-Za-z])"
        ),
        "numbers on the cards that members carry",
        finds=("versicherungsschein HR 12 345 678 9", "miles and more 222 008 123 456 789"),
        leaves=("policy 2024", "bahncard 25", "payback 10 fach"),
        accept=lambda match, where: len(re.findall("[0-9]", match["secret"])) >= 7,
        wheres=("phrase",),
        needs=DIGITS,
    ),
    Rule(
        "rest of a number in groups",
        "{id}",
        rf"{MARKS['{id}']}[ ._-](?P<secret>[0-9]{{2,4}})(?:(?=[ ._-][0-9]*[^\W\d_]*imei)|$)",
        "a number that a writer grouped in a way of his own",
        finds=("{id} 56 imei", "imei {id} 56"),
        leaves=("{id} 2024 imei", "order {id} 2024"),
        accept=lambda match, where: (
            "imei" in match.string.lower() and not re.fullmatch("(?:19|20)[0-9]{2}", match["secret"])
        ),
        wheres=("phrase",),
        needs=MARKS["{id}"],
    ),
    Rule(
        "date or code of a card",
        "{id}",
        (
            rf"(?:{MARKS['{id}']}|(?<![^\W_])(?:visa|mastercard|card|karte|kreditkarte|carte|tarjeta"
            rf"|carta))[\s,;]{{1,2}}(?:exp(?:\.|iry|ires|iration)?(?: date)?"
            r"|valid (?:thru|until|to)|g(?:ü|ue)ltig bis|ablauf(?:datum)?|expire|validit(?:é|e)|scadenza|vencimiento"
            r"|caducidad|validade|ważna do)?"
            r"[\s:]{0,2}(?P<secret>(?:0[1-9]|1[0-2])\s?[/-]\s?(?:20)?[2-4][0-9](?:[\s,;]{1,2}[0-9]{3}(?![0-9]))?)"
            r"(?![0-9/])"
        ),
        "ISO/IEC 7813: the month and year to which a card is valid",
        finds=("{id} exp 09/27", "visa valid thru 04/2027"),
        leaves=("card 2024", "exp 09/27"),
        wheres=("phrase",),
        needs="/-",
    ),
    Rule(
        "last digits of a card",
        "{id}",
        (
            r"(?<![^\W_])(?:card|karten?(?:nummer)?|visa|mastercard|amex|carte|tarjeta|carta|karta|account|konto)"
            r"(?: number| no\.?)?\s(?:ending|ends|endet|endend"
            r"|endung|finissant|se terminant|terminada|que termina|che termina|que termina|kończąca się)(?: in| with"
            r"| on| auf| mit| par| en| con| em| na)?"
            r"[\s:]{1,2}(?P<secret>[0-9]{4})(?![0-9])"
        ),
        "what shops print on receipts (PCI DSS, requirement 3.4.1)",
        finds=("card ending in 4242", "karte endend auf 4242"),
        leaves=("card ending soon",),
        wheres=("phrase",),
        needs=DIGITS,
    ),
    Rule(
        "code after a key in a path",
        "{id}",
        rf"(?:^|/)(?:{_OWN})?(?:{one_of(CODE_KEYS)})(?:{_ASKED})?(?:/(?:{CODE_WORDS}|{_VIEWS}|(?:19|20)[0-9]{{2}}))?"
        rf"(?=/(?P<secret>[^/{MARK[1:-1]}]+))",
        "bookings, orders, invoices, parcels, customers, documents",
        finds=(
            *("/booking/X7K9PQ", "/invoice/RE-2024-10023", "/ticket/T-48213", "/customer/48213"),
            *(
                "/meine-buchung/X7KQ2M",
                "/reisepass/status/C01XK418H8",
                "/fattura/2023/FPR-970-23",
                "/ord/zakaz/ord_50263",
            ),
        ),
        leaves=("/orders/history", "/ticket/prices", "/booking/4-star-hotels", "/orders/2024"),
        accept=lambda match, where: is_customer_code(match["secret"]),
        wheres=("path",),
    ),
    Rule(
        "code after a key in a phrase or slug",
        "{id}",
        (
            rf"(?<![^\W_])(?:{one_of(CODE_KEYS)})(?:s?[\s_-]?{CODE_WORDS})?(?:\s(?:is|ist|lautet|est"
            rf"|es))?[\s:=#._-]{{1,3}}"
            r"(?=\S*[0-9]|(?-i:[A-Z]{6}))(?P<secret>[0-9A-Z]+(?:[-_.][0-9A-Z]+|/[0-9]+)*)(?![^\s/&;,)\]])"
        ),
        "what people paste into a search",
        finds=(
            *("order 4820173", "pnr K3LM9Z", "booking reference zq8t4n", "booking reference PNR K3LM9Z"),
            *("/order-4820173", "/x/locator-H4T9PL/seat"),
        ),
        leaves=("order status", "ticket prices 2024", "booking hotels", "/track/order"),
        accept=_is_code_in_phrase,
        wheres=("path", "phrase"),
    ),
    Rule(
        "name beside a code",
        "{name}",
        (
            rf"(?<![^\W_])(?:{one_of(_TRIPS)})(?:s?[\s_-]?{CODE_WORDS})?[\s:=#._-]{{1,3}}{MARKS['{id}']}"
            r"\s(?P<secret>[^\W\d_]{4,})$"
        ),
        "what forms of airlines ask for: the code and the last name",
        finds=("manage booking {id} penhaligon",),
        leaves=("order {id} penhaligon", "booking {id} status", "penhaligon {id}"),
        accept=lambda match, where: not is_ordinary(match["secret"]),
        wheres=("phrase",),
        needs=MARKS["{id}"],
    ),
    Rule(
        "name behind a code in a path",
        "{name}",
        rf"(?:^|/)[^/]*(?:{one_of(_TRIPS)})[^/]*/{MARKS['{id}']}/(?P<secret>[^\W\d_]{{2,}}(?:['-][^\W\d_]+)?)(?=/|$)",
        "what forms of airlines ask for: the code and the last name",
        finds=("/manage-booking/{id}/PENHALIGON",),
        leaves=("/booking/{id}/seats", "/booking/{id}/check-in"),
        accept=lambda match, where: (
            not is_ordinary(match["secret"]) and (match["secret"].isupper() or not is_word(match["secret"]))
        ),
        wheres=("path",),
        needs=MARKS["{id}"],
    ),
)

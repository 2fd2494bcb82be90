"""Codes that arrive in messages, to log in, to confirm or to reset something: they stand behind the words for them."""

from __future__ import annotations

import re
from typing import Final

from footfall.transforms.describing.personal.rule import DIGITS, Rule

MESSAGE_CODES: Final = (
    Rule(
        "number of a secret",
        "{token}",
        (
            r"(?<![A-Za-z0-9])(?:tan(?:[- ]?(?:nummer|nr\.?))?(?= ?[0-9]{6})|mtan|sms[- ]?code|einmalcode|pin|puk"
            r"|otp|einmal(?:passwort|kennwort)|cvv2?|cvc2?|2fa|passcode|mfa)"
            r"[\s:=#-]{1,3}(?P<secret>[0-9]{3}[ -]?[0-9]{0,5})(?![0-9A-Za-z])"
        ),
        "what people paste into a search",
        finds=("pin 4711", "otp: 482 913"),
        leaves=("pin code 560001", "bowling pin 10"),
        wheres=("phrase",),
        needs=DIGITS,
    ),
    Rule(
        "code of a message",
        "{token}",
        (
            r"(?<![^\W_])(?:(?:reset|verification|security|confirmation|login|access|activation|auth(?:entication)?"
            r"|one[- ]?time|sms|whatsapp|google|facebook|paypal|telegram|instagram|apple|bank"
            r"|recovery|backup)[- ]?code|(?:best(?:ä|ae)tigungs|sicherheits|freischalt|zugangs|verifizierungs"
            r"|aktivierungs)code"
            r"|code (?:de )?(?:v(?:é|e)rification|confirmation|s(?:é|e)curit(?:é|e)|activation|sms)"
            r"|c(?:ó|o)digo (?:de )?(?:verifica(?:ci(?:ó|o)n|(?:ç|c)(?:ã|a)o)|seguridad|seguran(?:ç|c)a|confirma"
            r"(?:ci(?:ó|o)n|(?:ç|c)(?:ã|a)o)|acceso|sms)"
            r"|codice (?:di )?(?:verifica|sicurezza|conferma|accesso|otp)|kod (?:weryfikacyjny|autoryzacyjny|sms"
            r"|dostępu|aktywacyjny)"
            r"|(?:verificatie|beveiligings)code|(?:bekr(?:ä|e)ftelses|verifierings|s(?:ä|i)kkerhets)kod[e]?"
            r"|onay kodu|doğrulama kodu"
            r"|(?:проверочный|контрольный|одноразовый) код|код (?:подтверждения|доступа|из смс|безопасности))"
            r"(?:\s(?:is|ist|lautet|est|es|è))?[\s:=#]{1,3}(?P<secret>(?:G-)?[0-9]{3}[ -]?[0-9]{3}|[0-9]{4,8}"
            r"|(?=[A-Z-]*[0-9])(?=[0-9-]*[A-Z])[0-9A-Z]{3,}(?:-[0-9A-Z]{3,})*)(?![^\W_])"
        ),
        "what messages call the codes that they bring",
        finds=("reset code 88213", "código de verificación 482913", "контрольный код QZ83-KLM2"),
        leaves=("verification code 2024", "access code missing", "security code 0x80070005"),
        accept=lambda match, where: not re.fullmatch("(?:19|20)[0-9]{2}|0x.*", match["secret"], re.IGNORECASE),
        wheres=("phrase",),
        needs=DIGITS,
    ),
)

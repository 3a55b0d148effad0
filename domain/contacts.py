"""Who a customer is: one address, one number, one key (I1, I3)."""

import re
import unicodedata

from domain.text import clean, line

_MAX_ADDRESS = 254
_MAX_LOCAL = 64

# The ordinary address, already folded: most are, and this is asked once a row.
_PLAIN_ADDRESS = re.compile(r"[a-z0-9_+-]{1,20}(?:\.[a-z0-9_+-]{1,20}){0,2}@(?:[a-z0-9]{1,40}\.){1,3}[a-z]{2,20}")
# RFC 5322 3.2.3 dot-atom, with RFC 6531's letters beyond ASCII: what can stand in a header unquoted.
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~\u0080-\U0010ffff-]+(?:\.[\w!#$%&'*+/=?^`{|}~\u0080-\U0010ffff-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")

# The library knows "ext." but not how Brazil writes it.
_EXTENSION = re.compile(r"\bramal\b", re.IGNORECASE)
_PHONE_NOISE = str.maketrans("", "", " \t\xa0()-.")
_BRAZIL = re.compile(
    r"\+55(?:1[1-9]|2[12478]|3[1-578]|4[1-9]|5[1345]|6[1-9]|7[134579]|8[1-9]|9[1-9])(?:9\d{8}|[2-5]\d{7})"
)


def fold_email(text: str) -> str:
    """The address in the one form by which it is known: cleaned, NFC, lower-cased.

    '' if it is not a plausible address: exactly one @, nothing that needs quotes, a domain of two
    or more labels that IDNA can carry. Folding twice changes nothing.
    """
    if _PLAIN_ADDRESS.fullmatch(text):
        return text
    if len(text) > 4 * _MAX_ADDRESS:
        return ""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", clean(text).strip()).lower())
    # Zero-width characters come along when an address is copied from a page; no address has one.
    folded = "".join(c for c in folded if unicodedata.category(c) != "Cf").strip()
    local, at, domain = folded.partition("@")
    if not at or "@" in domain or not folded.isprintable() or " " in folded:
        return ""
    if len(folded.encode()) > _MAX_ADDRESS or len(local.encode()) > _MAX_LOCAL or not _LOCAL.fullmatch(local):
        return ""
    labels = domain.split(".")
    return folded if len(labels) > 1 and all(map(_is_label, labels)) else ""


def _is_label(label: str) -> bool:
    if label.isascii():
        return bool(_LABEL.fullmatch(label))
    try:
        return bool(_LABEL.fullmatch(label.encode("idna").decode("ascii").lower()))
    except UnicodeError:
        return False


def fold_phone(text: str, region: str = "BR") -> str:
    """The number in E.164, read as dialled in `region` (ISO 3166 two letters); '' if it is not a valid one.

    Numbers whose last eight digits are all the same fill a form's blank and would make strangers one customer: ''.
    """
    bare = text.translate(_PHONE_NOISE)
    if not bare or len(text) > 100:
        return ""
    if not bare.startswith("+") and region == "BR" and len(bare) in (10, 11) and not bare.startswith(("0", "55")):
        bare = "+55" + bare
    found = bare if bare.isascii() and _BRAZIL.fullmatch(bare) else _by_library(text, region)
    return "" if len(set(found[-8:])) == 1 else found


def _by_library(text: str, region: str) -> str:
    import phonenumbers  # 20 ms, and most files never need it

    try:
        number = phonenumbers.parse(_EXTENSION.split(clean(text))[0], region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def customer_key(email: str, phone: str, customer_id: str) -> str | None:
    """The key under which a customer is one (I1): e-mail, else phone, else the id that their shop gave.

    `email` and `phone` as folded above. None: nobody to get back to, so no ticket (I3).
    """
    if email:
        return "e:" + email
    if phone:
        return "p:" + phone
    known = line(customer_id)
    return "c:" + known if known else None


def key_without_one(id: int | str) -> str:
    """The key of a customer of whom neither e-mail nor phone nor shop's id is known: opened by hand, or edited away.

    Nothing that comes in has it, so such a customer is never taken for another (I1).
    """
    return f"h:{id}"

"""Signed names that a customer's reply brings back, so that it finds its ticket (M7, mail handbook).

A Message-ID of ours is `rtn.<base32>@domain`. The base32 part holds key id, ticket, message, six
random bytes and twelve bytes of HMAC-SHA256 over these, the purpose and the domain; it is lower case and
is read in any case, since relays change case. A second carrier is the address `sac+t1042.<base32>@domain`,
a third, unsigned one the subject tag `[#1042]`.

The Message-ID of a notification to somebody who works here names that person too, and is signed for a purpose
of its own: neither can stand in for the other (N2).
"""

import base64
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

_RANDOM, _MAC, _PLUS_MAC = 6, 12, 10
_NOTICE = "notice"
"""The purpose of what is signed for people who work here."""
_LOCAL_LIMIT = 64  # octets of a local part, RFC 5321 4.5.3.1.1
_ADDRESS_LIMIT = 254
_LARGEST = 2**56 - 1  # eight bytes as a number of seven bits each

# Visible ASCII but <, > and @ is what domains and local parts may be made of here.
_MESSAGE_ID = re.compile(r"rtn\.([a-z2-7]+)@([!-;=?A-~]+)")
_PLUS = re.compile(r"([!-;=?A-~]+)\+t([1-9][0-9]{0,17})\.([a-z2-7]+)@([!-;=?A-~]+)")
_UNSUBSCRIBE = re.compile(r"(?<![a-z0-9.])rtu\.([a-z2-7]{20,60})(?![a-z2-7])")
_TAG = re.compile(r"\[#([1-9][0-9]{0,17})\]")


@dataclass(frozen=True)
class TokenKey:
    """A signing key; kept in the database, rotated, never thrown away, so that old tokens verify for ever."""

    id: int
    secret: bytes = field(repr=False)


@dataclass(frozen=True)
class Token:
    """What a genuine token says."""

    ticket: int
    message: int
    """0 where the carrier names no message."""


@dataclass(frozen=True)
class NoticeToken:
    """What the genuine token of a notification says."""

    ticket: int
    message: int
    person: int
    """The user whom it was sent to."""


@dataclass(frozen=True)
class Forged:
    """Looks like a token of ours, but its signature is wrong or its key unknown: log it, trust nothing."""

    value: str


def new_key(id: int) -> TokenKey:
    """A key with 32 random bytes."""
    return TokenKey(id, secrets.token_bytes(32))


def message_id(key: TokenKey, ticket: int, message: int, domain: str, purpose: str = "mail") -> str:
    """A new signed Message-ID, without angle brackets; differs at each call, so store what you send.

    Raises ValueError when a number is negative or over 2**56 - 1 (key: 2**21 - 1), or the domain malformed.
    """
    return _signed_id(key, (ticket, message), domain, purpose)


def read_message_id(value: str, keys: Mapping[int, TokenKey], purpose: str = "mail") -> Token | Forged | None:
    """What a Message-ID (with or without angle brackets, in any case) says; None when it is not one of ours."""
    found = _read_id(value, keys, 2, purpose)
    return Token(*found) if isinstance(found, tuple) else found


def notice_id(key: TokenKey, ticket: int, message: int, person: int, domain: str) -> str:
    """A new Message-ID for a notification, signed for it and for the user whom it goes to; ValueError as `message_id`."""
    return _signed_id(key, (ticket, message, person), domain, _NOTICE)


def read_notice_id(value: str, keys: Mapping[int, TokenKey]) -> NoticeToken | Forged | None:
    """What a notification's Message-ID says; customers' tokens are `Forged` here, and these are to `read_message_id`."""
    found = _read_id(value, keys, 3, _NOTICE)
    return NoticeToken(*found) if isinstance(found, tuple) else found


def _signed_id(key: TokenKey, numbers: tuple[int, ...], domain: str, purpose: str) -> str:
    domain = domain.lower()
    payload = _number(key.id, 2**21 - 1) + b"".join(map(_number, numbers)) + secrets.token_bytes(_RANDOM)
    value = f"rtn.{_encode(payload + _mac(key, payload, purpose, domain, _MAC))}@{domain}"
    if not _MESSAGE_ID.fullmatch(value) or len(value) > _ADDRESS_LIMIT:
        raise ValueError(f"not a domain for a Message-ID: {domain!r}")
    return value


def _read_id(value: str, keys: Mapping[int, TokenKey], count: int, purpose: str) -> tuple[int, ...] | Forged | None:
    """The numbers of a genuine Message-ID of that purpose, the key's aside."""
    text = value.strip().removeprefix("<").removesuffix(">")
    if not text.isascii() or len(text) > _ADDRESS_LIMIT:
        return None
    text = text.lower()
    if not (found := _MESSAGE_ID.fullmatch(text)):
        return None
    data = _decode(found[1])
    if data is None or len(data) <= _RANDOM + _MAC:
        return Forged(value)
    payload, mac = data[:-_MAC], data[-_MAC:]
    numbers = _read_numbers(payload[:-_RANDOM], 1 + count)
    if numbers is None:
        return Forged(value)
    key = keys.get(numbers[0])
    if key is None or not hmac.compare_digest(mac, _mac(key, payload, purpose, found[2], _MAC)):
        return Forged(value)
    return tuple(numbers[1:])


def plus_address(key: TokenKey, address: str, ticket: int) -> str:
    """`address` with ticket and signature after a plus sign; the same at each call.

    Raises ValueError when `address` is malformed or leaves no room: its local part may have some 30 octets.
    """
    local, at, domain = address.lower().rpartition("@")
    payload = _number(key.id, 2**21 - 1)
    mac = _mac(key, payload + _number(ticket), "plus", f"{local}@{domain}", _PLUS_MAC)
    value = f"{address.rpartition('@')[0]}+t{ticket}.{_encode(payload + mac)}@{domain}"
    if not at or not _PLUS.fullmatch(value.lower()) or len(value) > _ADDRESS_LIMIT:
        raise ValueError(f"not an address that can carry a ticket: {address!r}")
    if len(value.rpartition("@")[0]) > _LOCAL_LIMIT:
        raise ValueError(f"too long to carry a ticket: {address!r}")
    return value


def read_plus_address(value: str, keys: Mapping[int, TokenKey]) -> Token | Forged | None:
    """What a plus-address (bare, in any case) says; None when it is not one of ours."""
    text = value.strip().removeprefix("<").removesuffix(">")
    if not text.isascii() or len(text) > _ADDRESS_LIMIT:
        return None
    text = text.lower()
    if not (found := _PLUS.fullmatch(text)):
        return None
    ticket, data = int(found[2]), _decode(found[3])
    if data is None or len(data) <= _PLUS_MAC or ticket > _LARGEST:
        return Forged(value)
    payload, mac = data[:-_PLUS_MAC], data[-_PLUS_MAC:]
    numbers = _read_numbers(payload, 1)
    key = keys.get(numbers[0]) if numbers else None
    if key is None:
        return Forged(value)
    right = _mac(key, payload + _number(ticket), "plus", f"{found[1]}@{found[4]}", _PLUS_MAC)
    return Token(ticket, 0) if hmac.compare_digest(mac, right) else Forged(value)


def read_subject_tag(subject: str) -> int | None:
    """The first ticket number that a subject's tag `[#1042]` names: a hint only, as anybody can write it."""
    found = _TAG.search(subject)
    return int(found[1]) if found else None


def unsubscribe_word(key: TokenKey, contact: int) -> str:
    """What a customer's mail program sends back in a subject to get no more automatic mail (RFC 2369)."""
    payload = _number(key.id, 2**21 - 1) + _number(contact)
    return "rtu." + _encode(payload + _mac(key, payload, "unsubscribe", "", _MAC))


def read_unsubscribe_word(subject: str, keys: Mapping[int, TokenKey]) -> int | None:
    """The customer whom a subject's genuine word names; None without one."""
    found = _UNSUBSCRIBE.search(subject[:1000].lower())
    data = _decode(found[1]) if found else None
    if data is None or len(data) <= _MAC:
        return None
    payload, mac = data[:-_MAC], data[-_MAC:]
    numbers = _read_numbers(payload, 2)
    key = keys.get(numbers[0]) if numbers else None
    if key is None or numbers is None or not hmac.compare_digest(mac, _mac(key, payload, "unsubscribe", "", _MAC)):
        return None
    return numbers[1]


def _mac(key: TokenKey, payload: bytes, purpose: str, bound: str, size: int) -> bytes:
    signed = b"\0".join((purpose.encode(), bound.encode(), payload))
    return hmac.digest(key.secret, signed, "sha256")[:size]


def _encode(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()


def _decode(text: str) -> bytes | None:
    """Base32 in its one right spelling; None for anything else, such as loose bits in the last letter."""
    try:
        data = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError:
        return None
    return data if _encode(data) == text else None


def _number(value: int, largest: int = _LARGEST) -> bytes:
    """Seven bits a byte, low first; the last byte has the high bit clear."""
    if not 0 <= value <= largest:
        raise ValueError(f"number out of range: {value}")
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_numbers(data: bytes, count: int) -> list[int] | None:
    """Exactly `count` numbers written by `_number`, or None."""
    numbers, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            numbers.append(value)
            value = shift = 0
    return numbers if len(numbers) == count and shift == 0 else None

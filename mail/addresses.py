"""Names and addresses of mail headers, read as people write them and cleaned."""

import re
from dataclasses import dataclass

from domain.text import line
from mail.headers import decode_words

MAX_ADDRESSES = 200
MAX_NAME = 200
MAX_ADDRESS = 320


@dataclass(frozen=True, slots=True)
class Address:
    """A person of a mail."""

    name: str
    """As the mail tells it, cleaned; '' when it tells none."""
    address: str
    """Without brackets, cleaned; '' when none could be read."""


# A quoted string, a comment, an angle address, a separator, or anything else.
_TOKEN = re.compile(r'"((?:[^"\\]|\\.){0,1000}+)"|(\([^()]*+\))|<([^<>]*+)>|([,;])|([^",;<>()]++|.)', re.S)
_ESCAPE = re.compile(r"\\(.)")
_BARE = re.compile(r"[^\s<>\"(),;:\\\[\]@]{1,254}@[^\s<>\"(),;:\\]{1,254}")
_IN_TEXT = re.compile(r"[^\s<>\"'(),;:\\\[\]@]{1,254}@[^\s<>\"'(),;:\\@]{1,254}")
_LOCAL = re.compile(r"[A-Za-z0-9][\w.+-]{0,63}")


def addresses(value: str, limit: int = MAX_ADDRESSES) -> tuple[Address, ...]:
    """Every mailbox of a header value, in order; groups are opened, empties left out."""
    found: list[Address] = []
    name: list[str] = []
    comment, angle, quoted_local = "", None, ""
    value = value[:20_000]

    def finish() -> None:
        nonlocal name, comment, angle, quoted_local
        made = _mailbox("".join(name), comment, angle, quoted_local)
        if made.address or made.name:
            found.append(made)
        name, comment, angle, quoted_local = [], "", None, ""

    for match in _TOKEN.finditer(value):
        quoted, remark, inner, separator, other = match.groups()
        if quoted is not None:
            text = _ESCAPE.sub(r"\1", quoted)
            if value[match.end() : match.end() + 1] == "@":
                quoted_local = f'"{quoted}"'
            else:
                name.append(text)
        elif remark is not None:
            comment = comment or remark[1:-1]
        elif inner is not None:
            if angle is None or ("@" in inner and "@" not in angle):
                angle = inner
        elif separator is not None:
            # "Silva, Ana <ana@...>" without quotes: a comma before any address belongs to the name.
            if (
                separator == ","
                and angle is None
                and not quoted_local
                and "@" not in "".join(name)
                and _name_goes_on(value, match.end())
            ):
                name.append(", ")
                continue
            finish()
            if len(found) >= limit:
                return tuple(found)
        else:
            if ":" in other and not name and "@" not in other.split(":")[0] and "=?" not in other:
                other = other.split(":", 1)[1]
            name.append(other)
    finish()
    return tuple(found[:limit])


_GOES_ON = re.compile(r"[^,;<>@\"]{1,100}<[^<>\s]+@[^<>\s]+>")


def _name_goes_on(value: str, pos: int) -> bool:
    return bool(_GOES_ON.match(value, pos))


def _mailbox(name: str, comment: str, angle: str | None, quoted_local: str) -> Address:
    said = name.strip()
    if angle is not None:
        address = angle.strip()
        if address.lower().startswith("mailto:"):
            address = address[7:]
        if ":" in address and address.startswith("@"):
            address = address.rsplit(":", 1)[1]  # a source route, RFC 5321 appendix C
        if "@" not in address and (inside := _IN_TEXT.search(said)):
            address = inside[0]
    elif quoted_local:
        address, said = quoted_local + said[said.find("@") :] if "@" in said else "", "" if "@" in said else said
    else:
        inside = _BARE.search(decode_words(said)) if "@" in said or "=?" in said else None
        if inside:
            address = inside[0]
            said = decode_words(said).replace(address, "", 1).strip()
        else:
            # One bare word is a local user ("moderator"); several are a name without an address.
            address, said = (said, "") if _LOCAL.fullmatch(said) else ("", said)
    shown = line(decode_words(said or comment), MAX_NAME).strip("'\" ")
    return Address(shown, _clean_address(decode_words(address) if "=?" in address else address))


def _clean_address(address: str) -> str:
    text = re.sub(r"\s+", "", line(address)).strip("<>.,;:'")
    if not text or len(text) > MAX_ADDRESS or text.startswith("@") or text.endswith("@"):
        return ""
    return text

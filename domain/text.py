"""Words for people, and the cleaning of words that came from outside.

`_` is the one way a visible string is written (R6); `clean` is the one way text from outside is
made safe for a terminal, a header or a log (R7).
"""

import gettext as _gettext
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

_LOCALES = Path(__file__).parent / "locale"
_catalogue: _gettext.NullTranslations = _gettext.NullTranslations()


def use_language(*languages: str) -> None:
    """Choose the language of visible strings; unknown ones leave English."""
    global _catalogue
    _catalogue = _gettext.translation("retorno", _LOCALES, languages=languages or None, fallback=True)


def _(message: str) -> str:
    """The message in the reader's language."""
    return _catalogue.gettext(message)


def N_(message: str) -> str:
    """Marks a string for the catalogue; it is translated when it is shown."""
    return message


def ngettext(one: str, many: str, n: int) -> str:
    """The singular or plural message for `n` in the reader's language."""
    return _catalogue.ngettext(one, many, n)


_THOUSANDS_AND_DECIMALS = N_("1,234.5")
"""How this number is written in the reader's language; its marks are taken from there."""


def number(value: float, digits: int = 0) -> str:
    """`value` with so many decimals and the marks of the reader's language: 1,234.5 or 1.234,5 (R6)."""
    written = _(_THOUSANDS_AND_DECIMALS)
    return f"{value:,.{digits}f}".translate({ord(","): written[1], ord("."): written[5]})


def words_in(language: str) -> Callable[[str], str]:
    """As `_`, for somebody who reads another language than who acts; '' for the language of visible strings."""
    if not language:
        return _
    return _gettext.translation("retorno", _LOCALES, languages=[language], fallback=True).gettext


# C0 but newline and tab, DEL, C1, the bidi controls, the line and paragraph separators, and the
# unpaired surrogates that no terminal or database takes.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
# The combining marks of the letters that most of our customers write; U+034F is none.
_ACCENTS = re.compile("[\u0300-\u034e\u0350-\u036f]+")


def clean(text: str) -> str:
    """`text` without anything that could move the cursor, colour the screen or reorder it (R7).

    Keeps newlines and tabs; CRLF and lone CR become a newline.
    """
    return _UNSAFE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def line(text: str, limit: int = 0) -> str:
    """`clean` text on one line, runs of white space made one blank; cut to `limit` characters if given."""
    # Nothing that `clean` takes out is printable, and no white space is but the blank.
    plain = text.isprintable() and "  " not in text
    flat = text.strip() if plain else _SPACE.sub(" ", clean(text)).strip()
    return flat if not limit or len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def fold(text: str) -> str:
    """`text` for comparing: no accents, no case, compatibility forms made plain."""
    text = text.casefold()
    if text.isascii():
        return text
    decomposed = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    # Most texts of Latin letters are plain by now; looking at each character takes five times as long.
    if decomposed.isascii():
        return decomposed
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def natural(text: str) -> list[tuple[int, int, str]]:
    """A key that sorts as people count: u2 before u10; no accents, no case."""
    parts = re.findall(r"[0-9]+|[^0-9]+", fold(text))
    return [(0, int(part[:_DIGITS]), part) if part[0] in "0123456789" else (1, 0, part) for part in parts]


_DIGITS = 18
"""Digits that count as a number: more than that nobody counts to."""

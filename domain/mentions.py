"""Finding `@login` in what people write (N1)."""

import re
from collections.abc import Iterable
from unicodedata import normalize

# Not after a word (an e-mail address, `ana@loja`), nor after what often ends an address's first part (`ana+@`).
_AT = re.compile(r"(?<!\w)(?<!\w[+\-%])@(?=[^\s@])")
# What follows a login and makes it another word: `@anabela`, `@ana.silva`, `@ana@loja.example`.
_GOES_ON = re.compile(r"\w|[.+\-]+\w|@\w")
_BEGUN = re.compile(r"(?<!\w)(?<!\w[+\-%])@([^\s@]{0,64})\Z")
_SPACE = re.compile(r"\s")


def mentioned(text: str, logins: Iterable[str]) -> tuple[str, ...]:
    """Those of `logins` that `text` mentions, each once, in the order of the text.

    Upper and lower case are the same, unless two logins differ by nothing else; punctuation after a login is none of
    it. Addresses of mail and of web pages mention nobody.
    """
    known = _known(logins)
    longest = max((len(login) for login in known), default=0)
    text = normalize("NFC", text)
    found: dict[str, None] = {}
    for at in _AT.finditer(text):
        if (login := _at(text, at.end(), known, longest)) and not _in_a_link(text, at.start()):
            found[login] = None
    return tuple(found)


def begun(before: str) -> str | None:
    """What stands after the `@` of a mention that is being written at the end of `before`; None when none is."""
    found = _BEGUN.search(before[-80:])
    return found[1] if found else None


def _known(logins: Iterable[str]) -> dict[str, list[str]]:
    known: dict[str, list[str]] = {}
    for login in logins:
        known.setdefault(normalize("NFC", login).casefold(), []).append(login)
    return known


def _at(text: str, start: int, known: dict[str, list[str]], longest: int) -> str:
    """The longest login that stands at `start`; '' for none."""
    end = start + longest
    if space := _SPACE.search(text, start, end):
        end = space.start()
    word = text[start:end]
    for length in range(len(word), 0, -1):
        written = word[:length]
        if (same := known.get(written.casefold())) and not _GOES_ON.match(text, start + length):
            return written if written in same else same[0]
    return ""


def _in_a_link(text: str, at: int) -> bool:
    """Whether the word around is the address of a web page."""
    before = text[max(0, at - 200) : at]
    return bool(before) and "://" in re.split(r"\s", before)[-1]

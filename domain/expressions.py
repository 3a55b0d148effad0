"""The language of Text Match: what a word or an expression asks for (A2).

An expression is one line of text:

    atraso                  the whole word; case and accents never matter
    nao chegou              a phrase: whole words in that order, whatever marks stand between them
    atras*                  words that begin so
    "produto errado"        exactly these words, even where other endings count
    pedido near errado      both, in either order, at most 5 words apart; `near/3` at most 3; `perto` says the same
    troca -"sem custo"      what follows a minus must not be there, anywhere
    nota!                   a mark that is written must be there; hyphens and apostrophes never matter

Where endings count, a bare word is also found with other endings, by the Snowball stemmers for Portuguese and English:
“atrasado” for “atraso”. A sign that is no punctuation, such as an emoji, is a word.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from domain.folding import TOKEN, folded, marks
from domain.text import N_, _

LONGEST = 200
"""Characters of an expression."""
MOST_TERMS = 20
"""Words of an expression."""
NEAR, FARTHEST = 5, 50
"""How far apart `near` lets words be if it does not say, and at most."""
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_PIECE = re.compile(r'(?P<minus>(?<!\S)[-–−](?=[\w"]))?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))|(?P<stray>")')
_NEAR = re.compile(r"(?:near|perto)(?:/(\d+))?")


class Term(NamedTuple):
    """One word of an expression."""

    kind: str
    """word, prefix, or stem: the word with any ending."""
    text: str


@dataclass(frozen=True)
class Phrase:
    """Words that follow each other."""

    terms: tuple[Term, ...]
    gaps: tuple[str, ...]
    """The marks that must stand before, between and behind them; '' where none is asked for."""


@dataclass(frozen=True)
class Expression:
    """An expression as it was read."""

    first: Phrase
    second: Phrase | None
    apart: int
    without: tuple[Phrase, ...]


class Wrong(NamedTuple):
    """Why a text is no expression: a sentence for the catalogue and its number."""

    sentence: str
    n: int = 0


def trouble(text: str) -> str | None:
    """A sentence that says why `text` is no expression; None when it is one."""
    found = read(text, False)
    return _(found.sentence).format(n=found.n) if isinstance(found, Wrong) else None


@lru_cache(maxsize=16_384)
def read(text: str, endings: bool) -> Expression | Wrong:
    """An expression, or why it is none."""
    if len(text) > LONGEST:
        return Wrong(N_("An expression has at most {n} characters."), LONGEST)
    bare = "stem" if endings else "word"
    phrases = [_Draft()]
    without: list[Phrase] = []
    apart = 0
    pieces = list(_PIECE.finditer(folded(text.translate(_QUOTES))))
    for index, piece in enumerate(pieces):
        if piece["stray"]:
            return Wrong(N_("A quotation mark is not closed."))
        draft = _Draft() if piece["minus"] else phrases[-1]
        if piece["quoted"] is not None:
            draft.take(piece["quoted"], "word")
        elif (
            piece["minus"] is None
            and draft.terms
            and _goes_on(pieces[index + 1 :])
            and (m := _NEAR.fullmatch(piece["bare"]))
        ):
            if len(phrases) > 1:
                return Wrong(N_("“near” can stand in an expression once."))
            apart = int(m[1] or NEAR)
            if not 1 <= apart <= FARTHEST:
                return Wrong(N_("“near/N” takes from 1 to {n} words."), FARTHEST)
            phrases.append(_Draft())
            continue
        else:
            word = piece["bare"].rstrip("*")
            begins = word != piece["bare"]
            if "*" in word or (begins and not TOKEN.fullmatch(word[-1:])):
                return Wrong(N_("A * stands at the end of a word."))
            draft.take(word, bare, begins)
        if piece["minus"] and draft.terms:
            without.append(draft.phrase)
    if not all(draft.terms for draft in phrases):
        return Wrong(N_("It only says what must not be there.") if without else _("There is no word in it."))
    if sum(len(p.terms) for p in (*phrases, *without)) > MOST_TERMS:
        return Wrong(N_("An expression has at most {n} words."), MOST_TERMS)
    return Expression(phrases[0].phrase, phrases[1].phrase if len(phrases) > 1 else None, apart, tuple(without))


def _goes_on(pieces: Iterable[re.Match[str]]) -> bool:
    """Whether a word comes yet that is not excluded; without one “near” is a word like others."""
    return any(not p["minus"] and TOKEN.search(p["quoted"] or p["bare"] or "") for p in pieces)


class _Draft:
    """A phrase while it is read."""

    def __init__(self) -> None:
        self.terms: list[Term] = []
        self._gaps = [""]

    def take(self, text: str, kind: str, begins: bool = False) -> None:
        """Words and the marks around them; with `begins` the last one stands for all that begin so."""
        end = 0
        for m in TOKEN.finditer(text):
            self._gaps[-1] += marks(text[end : m.start()])
            self._gaps.append("")
            self.terms.append(Term(kind, m[0]))
            end = m.end()
        self._gaps[-1] += marks(text[end:])
        if begins:
            self.terms[-1] = Term("prefix", self.terms[-1].text)

    @property
    def phrase(self) -> Phrase:
        return Phrase(tuple(self.terms), tuple(self._gaps))

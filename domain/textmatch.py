"""Text Match: words and expressions that are looked for in what customers write (A2, A3).

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
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from domain.text import N_, _, fold

LONGEST = 200
"""Characters of an expression."""
MOST_TERMS = 20
"""Words of an expression."""
MOST_READ = 20_000
"""Characters of a comment that are looked at."""
NEAR, FARTHEST = 5, 50
"""How far apart `near` lets words be if it does not say, and at most."""
_MOST_KEPT = 50_000
"""Words of comments of which a matcher remembers what they satisfy."""
_SHORTEST_STEM = 3

# What is left after these is letters, numbers and signs such as emoji: control characters, punctuation, halves of pairs.
_NO_SIGN = (
    r"\w\s\x00-\x1f!-/:-@\[-`{-\xbf\u02b0-\u036f\u2000-\u206f\u3000-\u303f\ud800-\udfff\ufe00-\ufe6f\uff00-\uff0f"
)
_TOKEN = re.compile(rf"[^\W_]+|[^{_NO_SIGN}]")
_ACCENTS = re.compile("[\u0300-\u036f]+")
# Soft hyphens, joiners and variants stand inside words and emoji and are not seen.
_UNSEEN = re.compile("[\xad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]+")
# In a gap between words these do not count: “e-mail” is “e mail”.
_LIGHT = re.compile(r"[\s'’‘`´\-_\u2010-\u2015\u2212\u02b0-\u02ff]+")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_PIECE = re.compile(r'(?P<minus>(?<!\S)[-–−](?=[\w"]))?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))|(?P<stray>")')
_NEAR = re.compile(r"(?:near|perto)(?:/(\d{1,4}))?")


class _Term(NamedTuple):
    """One word of an expression."""

    kind: str
    """word, prefix, or stem: the word with any ending."""
    text: str


@dataclass(frozen=True)
class _Phrase:
    """Words that follow each other."""

    terms: tuple[_Term, ...]
    gaps: tuple[str, ...]
    """The marks that must stand before, between and behind them; '' where none is asked for."""


@dataclass(frozen=True)
class _Expression:
    """An expression as it was read."""

    first: _Phrase
    second: _Phrase | None
    apart: int
    without: tuple[_Phrase, ...]


class _Wrong(NamedTuple):
    """Why a text is no expression: a sentence for the catalogue and its number."""

    sentence: str
    n: int = 0


def trouble(text: str) -> str | None:
    """A sentence that says why `text` is no expression; None when it is one."""
    read = _read(text, False)
    return _(read.sentence).format(n=read.n) if isinstance(read, _Wrong) else None


class Matcher:
    """Many expressions, looked for at once; what is no expression is found nowhere.

    A trie of their phrases is walked from each word of a comment, so that the time goes with the comment's length and
    hardly with the number of expressions. It keeps what it learned of words, within bounds; make it once and ask often.
    """

    def __init__(self, expressions: Sequence[tuple[str, bool]]) -> None:
        self._words = _Words()
        self._root: dict[int, _Node] = {}
        self._gaps: dict[int, tuple[str, ...]] = {}
        self._ids: dict[_Phrase, int] = {}
        self._alone: dict[int, tuple[int, ...]] = {}
        """By phrase, the expressions that are nothing but it."""
        self._others: dict[int, tuple[int, ...]] = {}
        """By phrase, the expressions of which it is the first part."""
        self._read: dict[int, tuple[int, int | None, int, frozenset[int]]] = {}
        for index, (text, endings) in enumerate(expressions):
            read = _read(text, endings)
            if isinstance(read, _Expression):
                self._add(index, read)

    def find(self, comment: str) -> frozenset[int]:
        """The indices of the expressions that the comment has."""
        hits = self._hits(_folded(comment))
        if not hits:
            return frozenset()
        found: set[int] = set()
        for phrase in hits:
            if phrase in self._alone:
                found.update(self._alone[phrase])
            for index in self._others.get(phrase, ()):
                if next(self._places(index, hits), None):
                    found.add(index)
        return frozenset(found)

    def any(self, comment: str) -> bool:
        """Whether the comment has one of the expressions."""
        return bool(self.find(comment))

    def spans(self, comment: str) -> tuple[tuple[int, int], ...]:
        """What of the comment was found: from and to, in order, none touching another."""
        folded = _folded(comment)
        hits = self._hits(folded)
        marked: set[tuple[int, int]] = set()
        for phrase, places in hits.items():
            if phrase in self._alone:
                marked.update(places)
            for index in self._others.get(phrase, ()):
                marked.update(self._places(index, hits))
        if not marked:
            return ()
        tokens = [m.span() for m in _TOKEN.finditer(folded)]
        back = _Back(comment)
        return _merged((back.start(tokens[i][0]), back.end(tokens[j][1])) for i, j in marked)

    def _add(self, index: int, read: _Expression) -> None:
        first = self._phrase(read.first)
        second = None if read.second is None else self._phrase(read.second)
        without = frozenset(map(self._phrase, read.without))
        if second is not None and _length(read.first) < _length(read.second):
            # It is asked about when its first part is there: let that be the one of the longer, rarer words.
            first, second = second, first
        kept = self._alone if second is None and not without else self._others
        kept[first] = (*kept.get(first, ()), index)
        if kept is self._others:
            self._read[index] = (first, second, read.apart, without)

    def _phrase(self, phrase: _Phrase) -> int:
        """The phrase's number in the trie."""
        if phrase in self._ids:
            return self._ids[phrase]
        id = self._ids[phrase] = len(self._ids)
        nodes = self._root
        node = None
        for term in phrase.terms:
            node = nodes.setdefault(self._words.number(term), _Node())
            nodes = node.further
        assert node is not None
        node.ends = (*node.ends, id)
        if any(phrase.gaps):
            self._gaps[id] = phrase.gaps
        return id

    def _hits(self, folded: str) -> dict[int, list[tuple[int, int]]]:
        """By phrase, its first and last word each time it is there; none for a phrase that is not."""
        hits: dict[int, list[tuple[int, int]]] = {}
        words, root = self._words, self._root
        known = [words[token] for token in _TOKEN.findall(folded)]
        for i, terms in enumerate(known):
            # Most words are in no expression, and most expressions are one word.
            for term in terms:
                if node := root.get(term):
                    for phrase in node.ends:
                        if phrase in hits:
                            hits[phrase].append((i, i))
                        else:
                            hits[phrase] = [(i, i)]
                    if node.further:
                        _walk(node, known, i, hits)
        return self._marks_hold(folded, hits) if self._gaps and hits else hits

    def _marks_hold(self, folded: str, hits: dict[int, list[tuple[int, int]]]) -> dict[int, list[tuple[int, int]]]:
        """Without the places where a mark that an expression asks for is missing."""
        asked = self._gaps.keys() & hits.keys()
        if not asked:
            return hits
        gaps = _gaps_of(folded, [m.span() for m in _TOKEN.finditer(folded)])
        for phrase in asked:
            places = [(i, j) for i, j in hits[phrase] if _gaps_hold(self._gaps[phrase], gaps[i : j + 2])]
            if places:
                hits[phrase] = places
            else:
                del hits[phrase]
        return hits

    def _places(self, index: int, hits: dict[int, list[tuple[int, int]]]) -> Iterator[tuple[int, int]]:
        """Where an expression is whose first part is there; nowhere when it does not hold."""
        first, second, apart, without = self._read[index]
        if (second is None or second in hits) and without.isdisjoint(hits):
            yield from hits[first] if second is None else _near(hits[first], hits[second], apart)


def spans(comment: str, expressions: Sequence[tuple[str, bool]]) -> tuple[tuple[int, int], ...]:
    """What of the comment the expressions match: from and to in `comment`, in order, none touching another."""
    return _kept(tuple(expressions)).spans(comment) if expressions and comment else ()


@lru_cache(maxsize=16)
def _kept(expressions: tuple[tuple[str, bool], ...]) -> Matcher:
    return Matcher(expressions)


def _near(first: Sequence[tuple[int, int]], second: Sequence[tuple[int, int]], apart: int) -> Iterator[tuple[int, int]]:
    """The places of two phrases where they stand near each other, without overlapping; some more than once."""
    starts = [i for i, _j in second]
    ends = [j for _i, j in second]
    for i, j in first:
        # Behind it: begins within (j, j + apart]. Before it: ends within [i - apart, i). Places come in order.
        low, high = bisect_right(starts, j), bisect_right(starts, j + apart)
        before, after = bisect_right(ends, i - apart - 1), bisect_right(ends, i - 1)
        if low < high or before < after:
            yield (i, j)
            yield from second[low:high]
            yield from second[before:after]


def _length(phrase: _Phrase | None) -> int:
    return sum(len(term.text) for term in phrase.terms) if phrase else 0


class _Node:
    """A place in the trie of phrases."""

    __slots__ = ("ends", "further")

    def __init__(self) -> None:
        self.ends: tuple[int, ...] = ()
        self.further: dict[int, _Node] = {}


def _walk(node: _Node, known: list[tuple[int, ...]], start: int, hits: dict[int, list[tuple[int, int]]]) -> None:
    """Note the phrases of more than one word that begin at a word."""
    here = [node]
    for i in range(start + 1, len(known)):
        terms = known[i]
        here = [node.further[term] for term in terms for node in here if term in node.further]
        if not here:
            return
        for node in here:
            for phrase in node.ends:
                hits.setdefault(phrase, []).append((start, i))


class _Words(dict[str, tuple[int, ...]]):
    """By a word of a comment, the numbers of the terms that it satisfies; learned as words come, within bounds."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers: dict[_Term, int] = {}
        self._plain: dict[str, int] = {}
        self._stems: dict[str, list[int]] = {}
        self._prefixes: dict[int, dict[str, int]] = {}

    def number(self, term: _Term) -> int:
        """The term's number."""
        if term in self._numbers:
            return self._numbers[term]
        number = self._numbers[term] = len(self._numbers)
        if term.kind == "prefix":
            self._prefixes.setdefault(len(term.text), {})[term.text] = number
        elif term.kind == "word":
            self._plain[term.text] = number
        else:
            for stem in _stems(term.text):
                self._stems.setdefault(stem, []).append(number)
        return number

    def __missing__(self, word: str) -> tuple[int, ...]:
        found = {self._plain[word]} if word in self._plain else set()
        for length, prefixes in self._prefixes.items():
            if word[:length] in prefixes:
                found.add(prefixes[word[:length]])
        if self._stems:
            found.update(number for stem in _stems(word) for number in self._stems.get(stem, ()))
        if len(self) >= _MOST_KEPT:
            self.clear()
        self[word] = terms = tuple(sorted(found))
        return terms


@lru_cache(maxsize=65_536)
def _stems(word: str) -> tuple[str, ...]:
    """What two forms of a word have in common, by language; the word itself where nothing can be cut off."""
    if len(word) <= _SHORTEST_STEM or len(word) > 40 or not word.isalpha():
        return ("=" + word,)
    # Only who wishes for endings pays for the import; a stemmer keeps state, and two threads may ask at once.
    from snowballstemmer.english_stemmer import EnglishStemmer
    from snowballstemmer.portuguese_stemmer import PortugueseStemmer

    # The word came without its accents, and the stemmer knows -ção and -ções by theirs.
    accented = re.sub("oes$", "ao", word)
    accented = re.sub("cao$", "ção", accented)
    stems = ("pt:" + PortugueseStemmer().stemWord(accented), "en:" + EnglishStemmer().stemWord(word))
    return tuple(stem for stem in stems if len(stem) >= _SHORTEST_STEM + 3) or ("=" + word,)


# Reading expressions


@lru_cache(maxsize=16_384)
def _read(text: str, endings: bool) -> _Expression | _Wrong:
    """An expression, or why it is none."""
    if len(text) > LONGEST:
        return _Wrong(N_("An expression has at most {n} characters."), LONGEST)
    bare = "stem" if endings else "word"
    phrases = [_Draft()]
    without: list[_Phrase] = []
    apart = 0
    pieces = list(_PIECE.finditer(_folded(text.translate(_QUOTES))))
    for index, piece in enumerate(pieces):
        if piece["stray"]:
            return _Wrong(N_("A quotation mark is not closed."))
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
                return _Wrong(N_("“near” can stand in an expression once."))
            apart = int(m[1] or NEAR)
            if not 1 <= apart <= FARTHEST:
                return _Wrong(N_("“near/N” takes from 1 to {n} words."), FARTHEST)
            phrases.append(_Draft())
            continue
        else:
            word = piece["bare"].rstrip("*")
            begins = word != piece["bare"]
            if "*" in word or (begins and not _TOKEN.fullmatch(word[-1:])):
                return _Wrong(N_("A * stands at the end of a word."))
            draft.take(word, bare, begins)
        if piece["minus"] and draft.terms:
            without.append(draft.phrase)
    if not all(draft.terms for draft in phrases):
        return _Wrong(N_("It only says what must not be there.") if without else _("There is no word in it."))
    if sum(len(p.terms) for p in (*phrases, *without)) > MOST_TERMS:
        return _Wrong(N_("An expression has at most {n} words."), MOST_TERMS)
    return _Expression(phrases[0].phrase, phrases[1].phrase if len(phrases) > 1 else None, apart, tuple(without))


def _goes_on(pieces: Iterable[re.Match[str]]) -> bool:
    """Whether a word comes yet that is not excluded; without one “near” is a word like others."""
    return any(not p["minus"] and _TOKEN.search(p["quoted"] or p["bare"] or "") for p in pieces)


class _Draft:
    """A phrase while it is read."""

    def __init__(self) -> None:
        self.terms: list[_Term] = []
        self._gaps = [""]

    def take(self, text: str, kind: str, begins: bool = False) -> None:
        """Words and the marks around them; with `begins` the last one stands for all that begin so."""
        end = 0
        for m in _TOKEN.finditer(text):
            self._gaps[-1] += _LIGHT.sub("", text[end : m.start()])
            self._gaps.append("")
            self.terms.append(_Term(kind, m[0]))
            end = m.end()
        self._gaps[-1] += _LIGHT.sub("", text[end:])
        if begins:
            self.terms[-1] = _Term("prefix", self.terms[-1].text)

    @property
    def phrase(self) -> _Phrase:
        return _Phrase(tuple(self.terms), tuple(self._gaps))


def _gaps_of(folded: str, tokens: Sequence[tuple[int, int]]) -> list[str]:
    """The marks before the first word, between words, and behind the last one."""
    ends = [0, *(end for _start, end in tokens)]
    starts = [*(start for start, _end in tokens), len(folded)]
    return [_LIGHT.sub("", folded[a:b]) for a, b in zip(ends, starts, strict=True)]


def _gaps_hold(asked: Sequence[str], there: Sequence[str]) -> bool:
    """Whether the marks that a phrase asks for stand around and between its words."""
    return (
        there[0].endswith(asked[0])
        and there[-1].startswith(asked[-1])
        and all(not a or a == t for a, t in zip(asked[1:-1], there[1:-1], strict=True))
    )


# Comments as they are compared, and the way back


def _folded(text: str) -> str:
    """`text` as `domain.text.fold` leaves it, without what is not seen; quick for western words."""
    text = text[:MOST_READ]
    if text.isascii():
        return text.lower()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    if bare.isascii():
        return bare.lower()
    return _UNSEEN.sub("", fold(bare)).casefold()


@lru_cache(maxsize=4_096)
def _width(char: str) -> int:
    """Characters that one character becomes when it is folded."""
    return len(_folded(char))


class _Back:
    """From places in a folded comment to places in the comment."""

    def __init__(self, comment: str) -> None:
        self._ends: list[int] = []
        """Where each character of the comment ends, folded."""
        end = 0
        for char in comment[:MOST_READ]:
            end += _width(char)
            self._ends.append(end)

    def start(self, place: int) -> int:
        """The character that became the one there."""
        return bisect_right(self._ends, place)

    def end(self, place: int) -> int:
        """Behind the character that became the one before there, and the accents and joiners that follow it."""
        here = bisect_right(self._ends, place - 1) + 1
        while here < len(self._ends) and self._ends[here] == self._ends[here - 1]:
            here += 1
        return here


def _merged(found: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    return tuple(_merging(sorted(found)))


def _merging(found: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans in order, those that overlap or touch made one."""
    start = end = -1
    for a, b in found:
        if a > end:
            if end > start:
                yield start, end
            start, end = a, b
        end = max(end, b)
    if end > start:
        yield start, end

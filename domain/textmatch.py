"""Text Match: words and expressions that are looked for in what customers write (A2, A3).

`domain.expressions` is their language.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache

from domain.expressions import Expression, Phrase, Term, read, trouble
from domain.folding import TOKEN, Back, folded, gaps_of, merged

__all__ = ["Matcher", "spans", "trouble"]

_MOST_KEPT = 50_000
"""Words of comments of which a matcher remembers what they satisfy."""
_SHORTEST_STEM = 3


_Longer = tuple[int, int | None, int, frozenset[int]]
"""An expression that is more than a phrase: its index, its other phrase, how far they stand apart, which must be missing."""


class Matcher:
    """Many expressions, looked for at once; what is no expression is found nowhere.

    A trie of their phrases is walked from each word of a comment, so that the time goes with the comment's length and
    hardly with the number of expressions. It keeps what it learned of words, within bounds; make it once and ask often.
    """

    def __init__(self, expressions: Sequence[tuple[str, bool]]) -> None:
        self._words = _Words()
        self._root: dict[int, _Node] = {}
        self._known = _Knowing(self._words, self._root)
        self._gaps: dict[int, tuple[str, ...]] = {}
        self._ids: dict[Phrase, int] = {}
        self._alone: dict[int, tuple[int, ...]] = {}
        """By phrase, the expressions that are nothing but it."""
        self._others: dict[int, tuple[_Longer, ...]] = {}
        """By phrase, the expressions of which it is the first part."""
        for index, (text, endings) in enumerate(expressions):
            one = read(text, endings)
            if isinstance(one, Expression):
                self._add(index, one)

    def find(self, comment: str) -> frozenset[int]:
        """The indices of the expressions that the comment has."""
        hits = self._hits(folded(comment))
        if not hits:
            return frozenset()
        found: set[int] = set()
        for phrase in hits:
            if phrase in self._alone:
                found.update(self._alone[phrase])
            for index, second, apart, without in self._others.get(phrase, ()):
                # Most are not there, and no generator is made to tell so.
                if second is not None and second not in hits:
                    continue
                near = second is None or next(_near(hits[phrase], hits[second], apart), None)
                if near and without.isdisjoint(hits):
                    found.add(index)
        return frozenset(found)

    def any(self, comment: str) -> bool:
        """Whether the comment has one of the expressions."""
        return bool(self.find(comment))

    def spans(self, comment: str) -> tuple[tuple[int, int], ...]:
        """What of the comment was found: from and to, in order, none touching another."""
        plain = folded(comment)
        hits = self._hits(plain)
        marked: set[tuple[int, int]] = set()
        for phrase, places in hits.items():
            if phrase in self._alone:
                marked.update(places)
            for __, second, apart, without in self._others.get(phrase, ()):
                if (second is None or second in hits) and without.isdisjoint(hits):
                    marked.update(places if second is None else _near(places, hits[second], apart))
        if not marked:
            return ()
        tokens = [m.span() for m in TOKEN.finditer(plain)]
        back = Back(comment)
        return merged((back.start(tokens[i][0]), back.end(tokens[j][1])) for i, j in marked)

    def _add(self, index: int, one: Expression) -> None:
        first = self._phrase(one.first)
        second = None if one.second is None else self._phrase(one.second)
        without = frozenset(map(self._phrase, one.without))
        if second is not None and _length(one.first) < _length(one.second):
            # It is asked about when its first part is there: let that be the one of the longer, rarer words.
            first, second = second, first
        if second is None and not without:
            self._alone[first] = (*self._alone.get(first, ()), index)
        else:
            self._others[first] = (*self._others.get(first, ()), (index, second, one.apart, without))

    def _phrase(self, phrase: Phrase) -> int:
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

    def _hits(self, plain: str) -> dict[int, list[tuple[int, int]]]:
        """By phrase, its first and last word each time it is there; none for a phrase that is not."""
        hits: dict[int, list[tuple[int, int]]] = {}
        known = list(map(self._known.__getitem__, TOKEN.findall(plain)))
        last = len(known) - 1
        for i, word in enumerate(known):
            # Most words are in no expression, most expressions are one word, and most words do not go on as one does.
            __, ends, further = word
            for phrase in ends:
                if phrase in hits:
                    hits[phrase].append((i, i))
                else:
                    hits[phrase] = [(i, i)]
            if further and i < last:
                for term in known[i + 1][0]:
                    if term in further:
                        for phrase in further[term].ends:
                            if phrase in hits:
                                hits[phrase].append((i, i + 1))
                            else:
                                hits[phrase] = [(i, i + 1)]
                        if further[term].further:
                            _walk(further[term], known, i, hits)
        return self._marks_hold(plain, hits) if self._gaps and hits else hits

    def _marks_hold(self, plain: str, hits: dict[int, list[tuple[int, int]]]) -> dict[int, list[tuple[int, int]]]:
        """Without the places where a mark that an expression asks for is missing."""
        asked = self._gaps.keys() & hits.keys()
        if not asked:
            return hits
        gaps = gaps_of(plain, [m.span() for m in TOKEN.finditer(plain)])
        for phrase in asked:
            places = [(i, j) for i, j in hits[phrase] if _gaps_hold(self._gaps[phrase], gaps[i : j + 2])]
            if places:
                hits[phrase] = places
            else:
                del hits[phrase]
        return hits


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


def _length(phrase: Phrase | None) -> int:
    return sum(len(term.text) for term in phrase.terms) if phrase else 0


def _gaps_hold(asked: Sequence[str], there: Sequence[str]) -> bool:
    """Whether the marks that a phrase asks for stand around and between its words."""
    return (
        there[0].endswith(asked[0])
        and there[-1].startswith(asked[-1])
        and all(not a or a == t for a, t in zip(asked[1:-1], there[1:-1], strict=True))
    )


class _Node:
    """A place in the trie of phrases."""

    __slots__ = ("ends", "further")

    def __init__(self) -> None:
        self.ends: tuple[int, ...] = ()
        self.further: dict[int, _Node] = {}


_Known = tuple[tuple[int, ...], tuple[int, ...], dict[int, _Node]]
"""Of a word: the terms that it satisfies, the phrases that are nothing but it, and where those go on that begin with it."""


class _Knowing(dict[str, _Known]):
    """What words of comments mean in a trie; learned as they come, within bounds."""

    def __init__(self, words: "_Words", root: dict[int, _Node]) -> None:
        super().__init__()
        self._words, self._root = words, root
        self._alike: dict[tuple[int, ...], _Known] = {}
        """By their terms: most words have none, and most others those of many words."""

    def __missing__(self, word: str) -> _Known:
        terms = self._words.terms(word)
        found = self._alike.get(terms)
        if found is None:
            node = _one([self._root[term] for term in terms if term in self._root])
            found = self._alike[terms] = terms, node.ends, node.further
        if len(self) >= _MOST_KEPT:
            self.clear()
            self._alike.clear()
        self[word] = found
        return found


def _one(nodes: Sequence[_Node]) -> _Node:
    """Some places of the trie as one."""
    if len(nodes) == 1:
        return nodes[0]
    made = _Node()
    made.ends = tuple([phrase for node in nodes for phrase in node.ends])
    for term in dict.fromkeys([term for node in nodes for term in node.further]):
        made.further[term] = _one([node.further[term] for node in nodes if term in node.further])
    return made


def _walk(node: _Node, known: list[_Known], start: int, hits: dict[int, list[tuple[int, int]]]) -> None:
    """Note the phrases of three words and more that begin at a word; `node` is where the next one leads."""
    here = [node]
    for i in range(start + 2, len(known)):
        here = [node.further[term] for term in known[i][0] for node in here if term in node.further]
        if not here:
            return
        for node in here:
            for phrase in node.ends:
                hits.setdefault(phrase, []).append((start, i))


class _Words:
    """By a word of a comment, the numbers of the terms that it satisfies."""

    def __init__(self) -> None:
        self._numbers: dict[Term, int] = {}
        self._plain: dict[str, int] = {}
        self._stems: dict[str, list[int]] = {}
        self._prefixes: dict[int, dict[str, int]] = {}

    def number(self, term: Term) -> int:
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

    def terms(self, word: str) -> tuple[int, ...]:
        """The numbers of the terms that a word satisfies."""
        found = {self._plain[word]} if word in self._plain else set()
        for length, prefixes in self._prefixes.items():
            if word[:length] in prefixes:
                found.add(prefixes[word[:length]])
        if self._stems:
            found.update(number for stem in _stems(word) for number in self._stems.get(stem, ()))
        return tuple(sorted(found))


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

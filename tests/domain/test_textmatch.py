"""Text Match: words and expressions in comments (A2, A3)."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.expressions import LONGEST, MOST_TERMS
from domain.folding import MOST_READ
from domain.folding import folded as _folded
from domain.text import fold
from domain.textmatch import Matcher, spans, trouble

SAID = "O pedido NÃO chegou — e o atraso já passa de 9 dias! A loja diz que o produto foi entregue (mentira)."


def matches(expression: str, comment: str = SAID, *, endings: bool = False) -> bool:
    assert trouble(expression) is None, trouble(expression)
    return Matcher([(expression, endings)]).find(comment) == {0}


@pytest.mark.parametrize(
    ("holds", "fails"),
    [
        ("atraso", "atras"),
        ("ATRÁSO", "traso"),
        ("nao chegou", "chegou nao"),
        ("chegou e o atraso", "chegou o atraso"),
        ("atras*", "tras*"),
        ("nao cheg*", "cheg* nao"),
        ('"não chegou"', '"não  cheg"'),
        ("loja near/7 entregue", "loja near entregue"),
        ("entregue perto/6 loja", "entregue perto/5 loja"),
        ("produto foi near loja diz", "produto foi near/2 loja diz"),
        ('"já passa" near atras*', '"já passa" near/1 pedido'),
        ("atraso -reembolso", "atraso -mentira"),
        ('atraso -"a dias"', 'atraso -"dias a loja"'),
        ("atraso -rec* -nunca", "atraso -mentir*"),
        ("dias!", "dias?"),
        ("(mentira)", "mentira!"),
        ("9", "90"),
    ],
)
def test_a2_expressions_hold_or_do_not(holds: str, fails: str) -> None:
    assert matches(holds)
    assert not matches(fails)


@pytest.mark.parametrize(
    ("word", "others"),
    [
        ("atraso", ("atrasado", "atrasou", "ATRASADAS", "atrasos")),
        ("entrega", ("entregue", "entregaram", "entregas")),
        ("produto", ("produtos",)),
        ("chegou", ("chegar", "chegaram", "chega")),
        ("reclamação", ("reclamar", "reclamacoes", "reclamei")),
        ("delivery", ("deliveries",)),
        ("delayed", ("delays", "delay")),
    ],
)
def test_a2_other_endings_count_if_wished(word: str, others: tuple[str, ...]) -> None:
    for other in others:
        assert matches(word, f"foi {other}.", endings=True), other
        assert not matches(word, f"foi {other}.")
        assert not matches(f'"{word}"', f"foi {other}.", endings=True), "an exact phrase has no other endings"
        assert matches(f"foi {word}", f"foi {other}", endings=True)


def test_a2_endings_do_not_join_other_words() -> None:
    assert not matches("loja", "lojista", endings=True)
    assert not matches("má", "mau", endings=True)
    assert not matches("bom", "bomba", endings=True)
    assert not matches("9", "99", endings=True)


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("", "no word"),
        ("   ", "no word"),
        ("!?", "no word"),
        ('""', "no word"),
        ("-atraso", "must not be there"),
        ('-"não chegou" -x', "must not be there"),
        ('"não chegou', "quotation mark"),
        ("*", "end of a word"),
        ("atr*so", "end of a word"),
        ("*atraso", "end of a word"),
        ("a near b near c", "once"),
        ("a near/0 b", "from 1 to 50"),
        ("a near/51 b", "from 1 to 50"),
        ("a near/999999 b", "from 1 to 50"),
        ("a" * (LONGEST + 1), f"at most {LONGEST} characters"),
        ("a " * (MOST_TERMS + 1), f"at most {MOST_TERMS} words"),
    ],
)
def test_a2_what_is_no_expression_is_told_in_a_sentence_and_found_nowhere(expression: str, says: str) -> None:
    assert says in (trouble(expression) or "")
    assert not Matcher([(expression, False)]).any(expression + " atraso a b c")


def test_a2_near_at_the_edge_is_a_word_like_others() -> None:
    assert matches("perto", "fica perto")
    assert matches("perto de casa", "perto de casa")
    assert matches("chegou perto -longe", "chegou perto")
    assert not matches("chegou perto", "chegou e fica perto")


@pytest.mark.parametrize("expression", ["e-mail", "e mail", "e‑mail", "d’agua", "d'água", "D AGUA"])
def test_a2_hyphens_and_apostrophes_never_matter(expression: str) -> None:
    assert matches(expression, "o E-mail da caixa d'água")


def test_a2_signs_are_words_and_typographic_quotes_are_quotes() -> None:
    assert matches("👎", "péssimo👎🏽!!")
    assert matches("😡 nunca", "😡\ufe0f… nunca mais")
    assert matches("“produto errado”", "veio o PRODUTO ERRADO", endings=True)
    assert matches("r$ 50", "paguei R$50,00")
    assert not matches("r$ 50", "paguei r 50")


def test_a2_many_are_looked_for_at_once_and_each_is_told_apart() -> None:
    expressions = [
        ("atraso", False),
        ("atraso", True),
        ("atras*", False),
        ("chegou -nao", False),
        ("atraso", False),
        ("(", False),
    ]
    matcher = Matcher(expressions)
    assert matcher.find("Atraso!") == {0, 1, 2, 4}
    assert matcher.find("atrasado") == {1, 2}
    assert matcher.find("chegou") == {3}
    assert matcher.find("não chegou") == frozenset()
    assert matcher.find("") == frozenset()
    assert not Matcher([]).any(SAID)


def test_a2_what_matched_is_told_by_places_in_the_comment_as_it_was_written() -> None:
    comment = "Ａtraso na entre\u00adga da ﬁta, pe\u0301ssimo👎🏽: veio Atrasado. Não… chegou"

    def found(*expressions: str, endings: bool = False) -> list[str]:
        return [comment[a:b] for a, b in spans(comment, [(e, endings) for e in expressions])]

    assert found("atraso") == ["Ａtraso"]
    assert found("atraso", endings=True) == ["Ａtraso", "Atrasado"]
    assert found("entrega", "fita") == ["entre\u00adga", "ﬁta"]
    assert found("pessimo") == ["pe\u0301ssimo"]
    assert found("pessimo 👎") == ["pe\u0301ssimo👎"]
    assert found("nao chegou") == ["Não… chegou"]
    assert found("atras*", "atrasado", "veio atrasado") == ["Ａtraso", "veio Atrasado"]
    assert found("entrega near fita") == ["entre\u00adga", "ﬁta"]
    assert found("entrega near/1 fita", "chegou -nao", "(", "x") == []
    assert spans("", [("x", False)]) == spans(comment, []) == ()


def test_a2_near_marks_only_what_is_near() -> None:
    comment = "loja ruim e cara e longe e suja, entrega ruim"
    assert [comment[a:b] for a, b in spans(comment, [("entrega near/2 ruim", False)])] == ["entrega", "ruim"]
    assert spans(comment, [("entrega near/2 ruim", False)])[1][1] == len(comment)


@pytest.mark.parametrize("apart", [1, 2, 5])
@pytest.mark.parametrize("comment", ["loja {}entregue", "entregue {}loja"])
@pytest.mark.parametrize("expression", ["loja near/{} entregue", "entregue near/{} loja"])
def test_a2_near_reaches_as_far_behind_as_before_and_no_farther(expression: str, comment: str, apart: int) -> None:
    """A2: whichever of the two stands first, in the expression and in the comment."""
    asked, fits, far = expression.format(apart), comment.format("x " * (apart - 1)), comment.format("x " * apart)
    assert matches(asked, fits) and len(spans(fits, [(asked, False)])) == 2
    assert not matches(asked, far) and spans(far, [(asked, False)]) == ()


def test_a2_near_wants_two_places_that_do_not_share_a_word() -> None:
    assert not matches("nao chegou near chegou", "não chegou")
    assert not matches("chegou near nao chegou", "não chegou")
    assert not matches("atraso near atraso", "um atraso só")
    assert matches("nao chegou near chegou", "não chegou, chegou")
    assert matches("atraso near atraso", "atraso e mais atraso")


def test_r7_long_and_hostile_comments_take_a_bounded_time() -> None:
    expressions = [("a near/50 a", True), ("a* a* a* a* a*", False), ('"a a" -b', False), ("-x a*", False)]
    matcher = Matcher(expressions)
    before = time.process_time()
    for comment in ("a " * MOST_READ, "a" * 1_000_000, "á\u0301" * 100_000, '"' * 100_000, "\ud800\x00\u202e" * 50_000):
        matcher.find(comment)
        matcher.spans(comment)
        for expression in (comment[:LONGEST], comment):
            trouble(expression)
    assert time.process_time() - before < 10


# Against an implementation that is slow and obvious

WORDS = ("não", "nao", "atraso", "atrás", "atr", "loja", "X", "near", "9", "Ｌoja")
EXACT = st.tuples(st.sampled_from((*WORDS, "😡")), st.just(False))
TERM = EXACT | st.tuples(st.sampled_from(WORDS), st.just(True))
"""A word, and whether it stands for all that begin so."""
PHRASE = st.lists(TERM, min_size=1, max_size=3)
EXCLUDED = st.lists(EXACT, min_size=1, max_size=3) | st.lists(TERM, min_size=1, max_size=1)
EXPRESSION = st.tuples(PHRASE, st.none() | st.tuples(PHRASE, st.integers(1, 6)), st.lists(EXCLUDED, max_size=2))
GAPS = (" ", ", ", "\n", " — ", "!? ")
COMMENT = st.lists(st.tuples(st.sampled_from((*WORDS, "😡")), st.sampled_from(GAPS)), max_size=14)
Terms = list[tuple[str, bool]]
Asked = tuple[Terms, tuple[Terms, int] | None, list[Terms]]


def written(asked: Asked) -> str:
    """The expression as one types it."""

    def phrase(terms: Terms) -> str:
        return " ".join(f"{word}*" if begins else f'"{word}"' for word, begins in terms)

    first, near, without = asked
    parts = [phrase(first), f"near/{near[1]} {phrase(near[0])}" if near else ""]
    parts += [f"-{terms[0][0]}*" if terms[0][1] else f'-"{" ".join(word for word, _b in terms)}"' for terms in without]
    return " ".join(parts)


def obviously(asked: Asked, words: list[str]) -> bool:
    """Try every place."""

    def places(terms: Terms) -> list[tuple[int, int]]:
        n = len(terms)
        return [
            (i, i + n - 1)
            for i in range(len(words) - n + 1)
            if all(
                words[i + k].startswith(bare(word)) if begins else words[i + k] == bare(word)
                for k, (word, begins) in enumerate(terms)
            )
        ]

    first, near, without = asked
    if any(map(places, without)):
        return False
    if near is None:
        return bool(places(first))
    second, apart = near
    return any(1 <= c - b <= apart or 1 <= a - d <= apart for a, b in places(first) for c, d in places(second))


def bare(word: str) -> str:
    return fold(word).lower()


@given(st.lists(EXPRESSION, max_size=6), COMMENT)
def test_a2_the_same_is_found_as_by_trying_every_place(
    expressions: list[Asked], comment: list[tuple[str, str]]
) -> None:
    said = "".join(word + gap for word, gap in comment)
    words = [bare(word) for word, _gap in comment]
    texts = [written(e) for e in expressions]
    assert [trouble(t) for t in texts] == [None] * len(texts)
    expected = {i for i, e in enumerate(expressions) if obviously(e, words)}
    assert Matcher([(t, False) for t in texts]).find(said) == expected
    assert bool(spans(said, [(t, False) for t in texts])) is bool(expected)


@given(st.text(max_size=60), st.lists(st.tuples(st.text(max_size=20), st.booleans()), max_size=4))
def test_r7_any_text_can_be_asked_for_in_any_text(comment: str, expressions: list[tuple[str, bool]]) -> None:
    matcher = Matcher(expressions)
    found = matcher.find(comment)
    assert found <= {i for i, (text, _e) in enumerate(expressions) if trouble(text) is None}
    marked = matcher.spans(comment)
    assert bool(marked) is bool(found)
    assert all(0 <= a < b <= len(comment) for a, b in marked)
    assert all(b < c for (_a, b), (c, _d) in pairwise(marked)), "in order, none touching"


@given(st.text(max_size=30), st.text(max_size=30))
def test_a2_what_is_marked_is_the_word_that_was_asked_for(before: str, behind: str) -> None:
    comment = f"{before} atráso\u0301 {behind}"
    assert (len(before) + 1, len(before) + 8) in spans(comment, [("atraso", False)])


@given(st.text())
def test_a2_comments_are_folded_one_character_after_the_other(text: str) -> None:
    """On this the way back to places in the comment stands."""
    assert "".join(map(_folded, text)) == _folded(text)


@given(st.text(st.characters(categories=("Ll", "Nd", "Zs", "Po"))))
def test_a2_comments_are_folded_as_everything_else_is(text: str) -> None:
    assert _folded(text) == fold(text).casefold()

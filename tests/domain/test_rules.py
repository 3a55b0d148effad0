"""Levels and roles, the queue's order, ages, the query language, and the cleaner."""

import unicodedata
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import refusals
from domain.ages import age, span, two_units, until
from domain.people import Actor, ActorKind, Level, Role, effective
from domain.query import parse
from domain.rights import may_work, scope
from domain.text import clean, fold, line
from domain.tickets import queue_rank, visible_note


@given(st.sampled_from(Level), st.dictionaries(st.integers(1, 5), st.sampled_from(Role)), st.integers(1, 5))
def test_p1_to_p4_who_sees_and_works(level: Level, given_roles: dict[int, Role], flow: int) -> None:
    roles = {f: r for f, r in ((f, effective(level, r)) for f, r in given_roles.items()) if r}
    actor = Actor(1, "x", "X", level, MappingProxyType(roles))
    sees = level is Level.OWNER or (level is not Level.NONE and flow in given_roles)
    assert scope(actor).admits(flow) == sees
    works = level is Level.OWNER or (
        flow in given_roles and level in (Level.AGENT, Level.ADMINISTRATOR) and given_roles[flow] is not Role.ANALYST
    )
    assert (may_work(actor, flow) is None) == works
    if roles.get(flow) is Role.ADMINISTRATOR:
        assert level in (Level.ADMINISTRATOR, Level.OWNER), "a role never exceeds the level"


def test_a5_the_autopilot_and_the_program_are_bound_by_no_membership() -> None:
    for kind in (ActorKind.AUTOPILOT, ActorKind.PROGRAM):
        assert scope(Actor(None, "x", "X", kind=kind)).admits(7)


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3), st.none() | st.integers(0, 2**43))))
def test_q3_the_rank_orders_by_priority_then_class_then_due(tickets: list[tuple[int, int, int | None]]) -> None:
    by_rule = sorted(tickets, key=lambda t: (t[0], t[1], t[2] is None, t[2] or 0))
    assert sorted(tickets, key=lambda t: queue_rank(*t)) == by_rule


@pytest.mark.parametrize("who", ["author", "assignee", "follower", "later follower", "nobody"])
@pytest.mark.parametrize("for_all", [True, False])
def test_n1_who_sees_a_note(who: str, for_all: bool) -> None:
    actor = Actor(5, "x", "X", Level.AGENT)
    sees = visible_note(
        actor,
        author=5 if who == "author" else 1,
        assignee=5 if who == "assignee" else None,
        at=100,
        followers={"follower": {5: 100}, "later follower": {5: 101}}.get(who, {2: 0}),
        all_members=for_all,
    )
    assert sees == (for_all or who in ("author", "assignee", "follower"))


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (0, "now"),
        (59_999, "now"),
        (60_000, "1m"),
        (3_599_999, "59m"),
        (3_600_000, "1h"),
        (86_400_000 * 2, "2d"),
        (86_400_000 * 62, "62d"),
        (86_400_000 * 63, "9w"),
    ],
)
def test_numbers_speak_like_people(ms: int, said: str) -> None:
    assert span(ms) == said
    assert age(1000, 1000 + ms) == said
    if said != "now":
        assert until(1000, 1000 + ms) == f"−{said}"
    assert (age(None, ms), until(None, ms)) == ("—", "—")


def test_what_is_left_is_said_to_the_nearest_unit() -> None:
    day = 86_400_000
    assert [until(ms, 0) for ms in (3 * day - 60_000, 2 * day + day // 4, day, 90 * 60_000 - 1, 30_000)] == [
        "3d",
        "2d",
        "1d",
        "1h",
        "now",
    ]


def test_d2_durations_have_two_units() -> None:
    assert [two_units(x) for x in (None, 0, 45 * 60_000, 192 * 60_000, 52 * 3_600_000, 48 * 3_600_000)] == [
        "–",
        "0m",
        "45m",
        "3h12",
        "2d4h",
        "2d",
    ]


def test_q5_what_a_query_says() -> None:
    query = parse('is:open assignee:me due:<2d -tag:"loja SP" #1042 não chegou')
    assert [(t.field, t.value, t.op, t.negated) for t in query.terms] == [
        ("is", "open", "=", False),
        ("assignee", "me", "=", False),
        ("due", str(2 * 86_400_000), "<", False),
        ("tag", "loja SP", "=", True),
        ("number", "1042", "=", False),
        ("text", "não", "=", False),
        ("text", "chegou", "=", False),
    ]
    assert "is:soon" in parse("is:soon").trouble


@given(st.text())
def test_q5_any_text_is_a_query(text: str) -> None:
    parse(text)


@given(st.text())
def test_r7_nothing_that_steers_a_terminal_survives(text: str) -> None:
    for made in (clean(text), line(text), line(text, 20)):
        for c in made:
            assert unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") or c in "\n\t"
            assert c not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
    assert "\n" not in line(text) and len(line(text, 20)) <= 20


def test_folding_ignores_accents_and_case() -> None:
    assert fold("SATISFAÇÃO Não É") == fold("satisfacao nao e")


def test_every_refusal_has_a_sentence_that_can_be_said() -> None:
    class Any(dict):
        def __missing__(self, key: str) -> str:
            return "x"

    for code, sentence in refusals.SENTENCES.items():
        said = sentence()
        # Some are only sentences that somebody else made: what is wrong with a plan, with a scale.
        assert said in ("{troubles}", "{why}") or said.format_map(Any()).endswith((".", "?", ";")), code
    with pytest.raises(KeyError):
        refusals.refuse("no such code")

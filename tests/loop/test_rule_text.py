"""A rule set as text: what is written is read again, what is wrong is said where, nothing breaks on rubbish (A1–A3, R7)."""

import tomllib
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rule_shape import oversized, tidy
from domain.rules import MOMENTS, OPS, TICKET, Condition, Moment, RuleSet, Says, Then, When
from domain.text import line
from loop.rule_text import LONGEST, from_text, name_in, to_text
from tests.loop.test_rules import WHOLE

words = st.text(max_size=12).map(line)
names = st.lists(words, max_size=4).map(tuple)
conditions = st.builds(Condition, words, st.sampled_from(OPS), names)
whens = st.builds(
    When,
    surveys=names,
    classes=st.lists(st.sampled_from(("detractor", "neutral", "promoter")), max_size=3).map(tuple),
    scores=st.lists(st.integers(0, 10), max_size=4).map(tuple),
    says=st.builds(Says, names, names, st.booleans()),
    groups=st.lists(st.lists(conditions, max_size=3).map(tuple), max_size=3).map(tuple),
    ticket=st.sampled_from(TICKET),
    flows=names,
    categories=names,
    tags=names,
    priorities=st.lists(st.sampled_from((1, 2, 3)), max_size=3).map(tuple),
    earlier_from=st.none() | st.integers(0, 50),
    moment=st.none() | st.builds(Moment, st.sampled_from(MOMENTS), st.integers(0, 500)),
)
thens = st.builds(
    Then,
    open_in=words,
    categories=names,
    categorise=st.booleans(),
    tags=names,
    priority=st.none() | st.sampled_from((1, 2, 3)),
    assignee=words,
    by_table=words,
    due_days=st.none() | st.integers(0, 300),
    phase=words,
    resolution=st.text(max_size=30),
    followers=names,
    send=words,
)


@given(st.builds(RuleSet, st.none(), words, whens, thens))
def test_what_is_written_is_read_again(plan: RuleSet) -> None:
    plan = tidy(plan)
    assert from_text(to_text(plan), base=None) == plan


def test_it_reads_as_people_write_it() -> None:
    text = """
name = "Atrasos"

[when]
classes = ["detractor"]
flows = ["Detratores"]

[when.says]
any_of = ["atras*", '"fora do prazo"', "entrega near/4 demora"]
endings = true

[[when.groups]]
all = [
    { attribute = "UF", values = ["SP", "RJ"] },
    { attribute = "Valor", op = ">", values = ["100"] },
]

[[when.groups]]
all = [{ attribute = "Loja", op = "empty" }]

[then]
priority = "high"
tags = ["atraso"]
due_days = 0
"""
    plan = from_text(text, base=None)
    assert isinstance(plan, RuleSet)
    assert plan.when.groups[0] == (Condition("UF", "in", ("SP", "RJ")), Condition("Valor", ">", ("100",)))
    assert plan.then == Then(priority=1, tags=("atraso",), due_days=0)
    assert from_text(to_text(plan), base=None) == plan
    assert name_in(text) == "Atrasos"


def test_what_says_nothing_is_not_written() -> None:
    assert tomllib.loads(to_text(RuleSet(None, "Vazio"))) == {"name": "Vazio", "when": {}, "then": {}}


def test_a_half_that_is_left_out_stays_and_one_that_is_there_is_taken_whole() -> None:
    base = replace(WHOLE, id=7, version=3)
    read = from_text('[then]\ntags = ["um"]\n', base=base)
    assert read == replace(base, then=Then(tags=("um",)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name = ", "This is no TOML"),
        ("nome = 'x'", "nome is unknown here; there are name, when, then"),
        ("[when]\nclass = ['detractor']", "when: class is unknown here"),
        ("[when]\nclasses = ['angry']", "when: classes must be a list of these: detractor, neutral, promoter"),
        ("[when]\nscores = [1.5]", "when: scores must be a list of whole numbers"),
        ("[when.says]\nany = ['x']", "when.says: any is unknown here"),
        ("[when.moment]\nkind = 'due in'", "when.moment: a moment has a kind and hours"),
        ("[[when.groups]]\nall = [{attribute = 'UF', op = '='}]", "when.groups 1.all 1: op must be one of in, not in"),
        ("[[when.groups]]\nany = []", "when.groups 1: any is unknown here"),
        ("[then]\npriority = 1", "then: priority must be one of high, medium, low"),
        ("[then]\ntags = 'x'", "then: tags must be a list of texts in quotes"),
        ("[then]\nrun = 'rm -rf'", "then: run is unknown here"),
        ("then = 5", "then must be a table: [then]"),
        ("[when]\nearlier_from = 99999999", "cannot stand there"),
        ("x" * (LONGEST + 1), "The text is too long"),
        ("[" * 100_000, "This is no TOML"),
    ],
)
def test_each_trouble_says_where(text: str, expected: str) -> None:
    found = from_text(text, base=None)
    assert isinstance(found, tuple) and any(expected in sentence for sentence in found), found


@given(st.text(max_size=200))
def test_rubbish_breaks_nothing(text: str) -> None:
    found = from_text(text, base=None)
    assert isinstance(found, RuleSet) or all(found)
    assert isinstance(name_in(text), str)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("when", "then", "says", "groups", "all", "moment", "scores", "priority", "x")), inner, max_size=4), max_leaves=12))  # fmt: skip
def test_tables_of_any_shape_are_read_or_refused(value: object) -> None:
    import tomli_w

    if not isinstance(value, dict):
        return
    try:
        text = tomli_w.dumps(value)
    except TypeError:
        return
    found = from_text(text, base=None)
    assert isinstance(found, tuple) or oversized(found) is None


def test_every_word_of_a_plan_is_in_the_text() -> None:
    """A field that is added to a plan must not be lost on the way."""
    assert from_text(to_text(WHOLE), base=None) == WHOLE
    assert set(get_args(Condition.__annotations__["op"])) == set(OPS)

"""A flow as text: what is written is read again, and what is wrong is named with its place. Nothing in it is trusted (R7)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.flows import Binding, Status
from domain.people import Role
from domain.planning import tidy, troubles
from domain.plans import FlowPlan, IntakePlan, ItemPlan, MemberPlan, PhasePlan
from domain.text import fold, line
from loop.flow_plans import new_plan
from loop.flow_text import from_text, to_text

WORD = st.text(min_size=1, max_size=12).filter(lambda t: bool(line(t)))
WORDS = st.lists(WORD, max_size=3, unique_by=lambda t: fold(line(t))).map(tuple)


@st.composite
def plans(draw: st.DrawFn) -> FlowPlan:
    """Any plan that can be saved, of nasty words."""
    names = draw(st.lists(WORD, min_size=3, max_size=6, unique_by=lambda t: fold(line(t))))
    statuses = [*Status, *(draw(st.sampled_from(Status)) for __ in names[3:])]
    phases = tuple(
        PhasePlan(
            n,
            name,
            status,
            draw(st.sampled_from(Binding)),
            tuple(ItemPlan(n * 10 + i, t) for i, t in enumerate(draw(WORDS))),
            draw(st.none() | st.just(tuple(k for k in range(1, len(names) + 1) if k != n))),
        )
        for n, (name, status) in enumerate(zip(names, statuses, strict=True), start=1)
    )
    when = st.none() | st.integers(0, 4_000_000_000_000)
    start, end = sorted((draw(when), draw(when)), key=lambda t: (t is not None, t or 0))
    plan = FlowPlan(
        7,
        draw(WORD),
        phases,
        tuple(MemberPlan(n, draw(st.sampled_from(Role)), draw(st.booleans())) for n in draw(WORDS)),
        draw(WORD | st.just("")),
        draw(st.integers(0, 30)),
        draw(st.none() | st.integers(1, 99)),
        draw(st.integers(1, 3)),
        draw(st.booleans()),
        draw(st.sampled_from(("reopen", "days", "new"))),
        draw(st.integers(1, 30)),
        draw(st.booleans()),
        IntakePlan(
            draw(WORDS),
            draw(st.sampled_from(((), ("detractor",), ("neutral", "promoter")))),
            draw(st.none() | st.integers(0, 5)),
            draw(st.none() | st.integers(6, 10)),
            tuple(
                (k, v) for k, v in zip(draw(WORDS), draw(st.lists(WORDS, min_size=3, max_size=3)), strict=False) if v
            ),
            draw(WORDS),
            start,
            end if start is None or end != start else None,
        ),
        draw(st.text(max_size=30)),
        draw(st.booleans()),
        4,
    )
    plan = tidy(plan)
    assert troubles(plan) == ()
    return plan


@given(plans())
def test_a_flow_that_goes_out_comes_back_as_it_was(plan: FlowPlan) -> None:
    assert from_text(to_text(plan), base=plan) == plan


@given(plans(), plans())
def test_text_means_the_same_as_a_new_flow_and_on_top_of_any_other(plan: FlowPlan, other: FlowPlan) -> None:
    text = to_text(plan)
    for base in (None, other):
        read = from_text(text, base=base)
        assert isinstance(read, FlowPlan)
        assert to_text(read) == text
        assert read.id == (base.id if base else None)


@given(
    st.text(max_size=200)
    | st.sampled_from(["a" * 600_000, "x = " + "[" * 5_000, "x = 1e999", "name = 1" + "0" * 5_000])
)
def test_r7_any_text_is_a_plan_or_troubles(text: str) -> None:
    read = from_text(text, base=None)
    assert isinstance(read, FlowPlan) or (read and all(read))


BASE = replace(new_plan("pt", "Detratores"), id=3, version=2)
BASE = replace(BASE, phases=tuple(replace(p, key=n, onward=None) for n, p in enumerate(BASE.phases, start=1)))


def test_what_is_left_out_stays() -> None:
    assert from_text("days_until_due = 5", base=BASE) == replace(BASE, days_until_due=5)


def test_a_phase_is_known_by_its_name_or_by_what_it_was_called() -> None:
    text = to_text(BASE).replace('name = "Contato"', 'name = "Falar"\nwas = "CONTATO"').replace("Novo", "novo")
    read = from_text(text, base=BASE)
    assert isinstance(read, FlowPlan)
    assert [(p.key, p.name) for p in read.phases][:2] == [(1, "novo"), (2, "Falar")]
    read = from_text(to_text(BASE).replace("Contato", "Falar"), base=BASE)
    assert isinstance(read, FlowPlan)
    assert read.phases[1].key < 0, "another name is another phase"


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("name = ", "", "TOML"),
        ("nmae = 'X'", "", "nmae is unknown"),
        ("days_until_due = 'x'", "", "whole number"),
        ("days_until_due = true", "", "whole number"),
        ("notes_for_all = 1", "", "true or false"),
        ("default_priority = 'urgent'", "", "high, medium, low"),
        ("intake = 3", "", "a table"),
        ("[intake]\nclass = []", "intake", "class is unknown"),
        ("[intake]\nsurveys = [1]", "intake", "list of texts"),
        ("[intake]\nanswered_from = 'soon'", "intake", "2026-01-31"),
        ("[intake.attributes]\nUF = 'SP'", "intake · attributes", "list of texts"),
        ("phases = [1]", "", "[[phases]]"),
        ("[[phases]]\nname = 'Meio'\nstatus = 'half'", "phases 1 “Meio”", "pending, progress, closed"),
        ("[[phases]]\nname = 'Meio'", "phases 1 “Meio”", "status is missing"),
        ("[[phases]]\nname = 'Meio'\nstatus = 'closed'\nonward = ['Z']", "phases 1 “Meio”", "Z"),
        ("[[phases]]\nname = 'Meio'\nstatus = 'closed'\nwas = 'Z'", "phases 1 “Meio”", "Z"),
        ("[[members]]\nlogin = 'ana'\nrole = 'boss'", "members 1 “ana”", "analyst, agent, administrator"),
        ("[[members]]\nrole = 'agent'", "members 1", "login or a team"),
        ("[[phases]]\nname = 'Só uma'\nstatus = 'closed'", "", "each status"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, place: str, said: str) -> None:
    read = from_text(text, base=BASE)
    assert isinstance(read, tuple)
    assert any(said in t and t.startswith(place) for t in read), read


def test_r7_control_characters_do_not_come_in() -> None:
    read = from_text('name = "a\\u001b[31m\\u202eb"\nsignature = "x\\u0007\\ny"', base=BASE)
    assert isinstance(read, FlowPlan)
    assert (read.name, read.signature) == ("a[31mb", "x\ny")

"""Shaping a flow (P5–P8): phases move, come and go, and the plan stays one that tickets can walk."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.flows import Binding, Flow, Item, Phase, Status, may_go
from domain.people import Role
from domain.plan_words import with_values
from domain.planning import (
    add_phase,
    changed_values,
    differences,
    in_order,
    move_phase,
    remove_phase,
    sentence,
    tidy,
    told,
    troubles,
    why_not_remove,
)
from domain.plans import FlowPlan, IntakePlan, ItemPlan, MemberPlan, PhasePlan

NEW, CONTACT, SOLVE, DONE, LOST = 1, 2, 3, 4, 5
PLAN = FlowPlan(
    7,
    "Detratores",
    (
        PhasePlan(NEW, "Novo", Status.PENDING),
        PhasePlan(CONTACT, "Contato", Status.PROGRESS, Binding.MANDATORY, (ItemPlan(1, "Ler"), ItemPlan(2, "Ligar"))),
        PhasePlan(SOLVE, "Solução", Status.PROGRESS, onward=(DONE,)),
        PhasePlan(DONE, "Resolvido", Status.CLOSED),
        PhasePlan(LOST, "Sem retorno", Status.CLOSED),
    ),
    members=(MemberPlan("ana", Role.ADMINISTRATOR), MemberPlan("Loja SP", Role.AGENT, team=True)),
    default_assignee="ana",
    intake=IntakePlan(surveys=("Pós-compra",), classes=("detractor",), attributes=(("UF", ("SP", "RJ")),)),
)


def names(plan: FlowPlan) -> list[str]:
    return [p.name for p in plan.phases]


@st.composite
def plans(draw: st.DrawFn) -> FlowPlan:
    """Any plan that can be saved."""
    statuses = [*Status, *draw(st.lists(st.sampled_from(Status), max_size=5))]
    statuses = draw(st.permutations(statuses))
    keys = draw(st.permutations(range(1, len(statuses) + 1)))
    phases = [
        PhasePlan(
            key,
            f"Fase {key}",
            status,
            draw(st.sampled_from(Binding)),
            tuple(ItemPlan(key * 10 + n, f"linha {n}") for n in range(draw(st.integers(0, 3)))),
            draw(st.none() | st.lists(st.sampled_from(sorted(set(keys) - {key})), unique=True).map(tuple)),
        )
        for key, status in zip(keys, statuses, strict=True)
    ]
    plan = FlowPlan(1, "Fluxo", tuple(phases))
    for phase in phases:
        if troubles(plan):
            plan = plan.with_phase(replace(phase, onward=None))
    return plan


STEP = st.one_of(
    st.tuples(st.just("move"), st.integers(0, 20), st.integers(-9, 9)),
    st.tuples(st.just("remove"), st.integers(0, 20), st.just(0)),
    st.tuples(st.just("add"), st.integers(0, 20), st.integers(0, 2)),
)


def shaped(plan: FlowPlan, steps: list[tuple[str, int, int]]) -> FlowPlan:
    for kind, n, more in steps:
        key = plan.phases[n % len(plan.phases)].key
        if kind == "move":
            plan = move_phase(plan, key, more)
        elif kind == "remove":
            plan = remove_phase(plan, key)
        else:
            plan = add_phase(plan, key if n % 2 else None, tuple(Status)[more], f"Nova {plan.new_key()}")
    return plan


@given(plans(), st.lists(STEP, max_size=8))
def test_p6_however_it_is_shaped_a_plan_can_be_saved(plan: FlowPlan, steps: list[tuple[str, int, int]]) -> None:
    assert troubles(shaped(plan, steps)) == ()


def closes(plan: FlowPlan) -> bool:
    """Whether a ticket, all of its lines ticked, gets from each phase that is not closed forward to a closed one."""
    flow = Flow(
        1,
        "x",
        tuple(
            Phase(p.key, p.name, p.status, p.binding, tuple(Item(i.id or 0, i.text) for i in p.items),
                  None if p.onward is None else frozenset(p.onward))
            for p in in_order(plan).phases
        ),
    )  # fmt: skip
    ticked = {i.id for p in flow.phases for i in p.items}

    def ways(phase: Phase) -> list[Phase]:
        started = flow.first(Status.PROGRESS)
        return [
            p
            for p in flow.phases
            if p is not phase
            and flow.is_forward(phase.id, p.id)
            and may_go(flow, phase.id, p.id, ticked) is None
            and (phase.status is not Status.PENDING or p.status is Status.PENDING or p is started)
        ]

    def reaches(phase: Phase) -> bool:
        return phase.status is Status.CLOSED or any(map(reaches, ways(phase)))

    return all(map(reaches, flow.phases))


@given(plans(), st.lists(STEP, max_size=6))
def test_p6_in_a_plan_without_trouble_every_ticket_can_be_closed_going_forward(
    plan: FlowPlan, steps: list[tuple[str, int, int]]
) -> None:
    assert closes(shaped(plan, steps))


@given(plans(), st.integers(0, 20))
def test_p6_a_limit_is_only_ever_widened_by_the_way_on(plan: FlowPlan, n: int) -> None:
    key = plan.phases[n % len(plan.phases)].key
    after = move_phase(plan, key, 1)
    for phase in plan.phases:
        now = after.phase(phase.key).onward
        assert (now is None) == (phase.onward is None)
        if now is not None and phase.onward is not None:
            assert set(phase.onward) <= set(now)
            assert len(now) <= len(phase.onward) + 1


def test_p6_a_phase_moves_within_its_status_and_then_over_the_border() -> None:
    one = move_phase(PLAN, CONTACT, 1)
    assert names(one) == ["Novo", "Solução", "Contato", "Resolvido", "Sem retorno"]
    two = move_phase(one, CONTACT, 1)
    assert (names(two), two.phase(CONTACT).status) == (names(one), Status.CLOSED)
    assert move_phase(PLAN, CONTACT, 2) == two
    assert move_phase(two, CONTACT, -1).phase(CONTACT).status is Status.PROGRESS


def test_p6_the_only_phase_of_a_status_neither_leaves_it_nor_goes_away() -> None:
    assert move_phase(PLAN, NEW, 3) == PLAN
    assert remove_phase(PLAN, NEW) is PLAN
    assert "Novo" in why_not_remove(PLAN, NEW)
    assert why_not_remove(PLAN, LOST) == ""


def test_p6_ways_to_a_phase_go_with_it_and_a_way_on_is_left() -> None:
    after = remove_phase(PLAN, DONE)
    assert after.phase(SOLVE).onward == (LOST,)
    assert not troubles(after)


def test_p6_a_new_phase_stands_behind_the_one_that_is_named() -> None:
    assert names(add_phase(PLAN, CONTACT, Status.PROGRESS, "Espera"))[2] == "Espera"
    assert names(add_phase(PLAN, None, Status.PROGRESS, "Espera"))[3] == "Espera"
    assert names(add_phase(PLAN, LOST, Status.PENDING, "Triagem"))[1] == "Triagem"
    assert add_phase(PLAN, None, Status.CLOSED, "a\x1b[31m\nb").phases[-1].name == "a[31m b", "R7"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": " \x1b "}, "no name"),
        ({"name": "x" * 81}, "80 characters"),
        ({"phases": PLAN.phases[1:]}, "each status"),
        ({"phases": (*PLAN.phases, replace(PLAN.phases[0], key=9, name="NÔVO"))}, "Two phases"),
        ({"phases": (*PLAN.phases, replace(PLAN.phases[0], name="Outra"))}, "one key"),
        ({"phases": (*PLAN.phases, PhasePlan(9, "", Status.CLOSED))}, "no name"),
        ({"phases": (*PLAN.phases, PhasePlan(9, "X", Status.CLOSED, onward=(77,)))}, "not there"),
        ({"phases": (PhasePlan(9, "X", Status.PENDING, onward=(DONE,)), *PLAN.phases)}, "must lead to Contato"),
        ({"phases": (*PLAN.phases, PhasePlan(9, "X", Status.CLOSED, items=(ItemPlan(None, "a"),) * 2))}, "twice"),
        ({"phases": (*PLAN.phases, PhasePlan(9, "X", Status.CLOSED, items=(ItemPlan(None, "a" * 201),)))}, "200"),
        ({"members": (MemberPlan("ana", Role.AGENT), MemberPlan("ana", Role.ANALYST))}, "twice"),
        ({"days_until_due": -1}, "from 0 to 3650"),
        ({"first_contact_hours": 0}, "from 1 to 8760"),
        ({"default_priority": 4}, "from 1 to 3"),
        ({"reopening": "never"}, "reopen, days, new"),
        ({"intake": IntakePlan(classes=("angry",))}, "“angry”"),
        ({"intake": IntakePlan(score_from=7, score_to=6)}, "above"),
        ({"intake": IntakePlan(answered_from=5, answered_until=5)}, "before it begins"),
        ({"intake": IntakePlan(attributes=(("UF", ()),))}, "without a value"),
        ({"intake": IntakePlan(attributes=(("UF", ("a",)), ("uf", ("b",))))}, "twice"),
        ({"intake": IntakePlan(keywords=("a" * 121,))}, "120"),
    ],
)
def test_p5_p6_what_is_wrong_is_said(change: dict[str, object], said: str) -> None:
    (sentence_,) = troubles(replace(PLAN, **change))  # type: ignore[arg-type]
    assert said in sentence_


def test_p5_a_whole_plan_has_no_trouble() -> None:
    assert troubles(PLAN) == ()


def test_p8_differences_name_what_changed_and_nothing_else() -> None:
    after = replace(PLAN, days_until_due=5, members=(MemberPlan("bia", Role.AGENT), PLAN.members[1]))
    after = after.with_phase(
        replace(PLAN.phase(CONTACT), name="Falar", items=(ItemPlan(1, "Ler tudo"), ItemPlan(None, "Anotar")))
    )
    after = add_phase(remove_phase(after, LOST), None, Status.CLOSED, "Perdido")
    assert {(d.field, d.old, d.new) for d in differences(PLAN, after)} == {
        ("days until due", "3", "5"),
        ("member ana", "administrator", ""),
        ("member bia", "", "agent"),
        ("phase Falar · name", "Contato", "Falar"),
        ("phase Falar · checklist", "Ler", "Ler tudo"),
        ("phase Falar · checklist", "Ligar", ""),
        ("phase Falar · checklist", "", "Anotar"),
        ("phase Sem retorno", "closed", ""),
        ("phase Perdido", "", "closed"),
    }
    assert differences(PLAN, PLAN) == ()


def test_p6_an_order_that_changed_is_one_difference() -> None:
    (found,) = differences(PLAN, move_phase(PLAN, CONTACT, 1))
    assert found.field == "order of the phases"


@given(plans(), plans(), st.lists(STEP, max_size=4))
def test_p8_the_audits_plain_values_bring_the_plan_back(
    plan: FlowPlan, other: FlowPlan, steps: list[tuple[str, int, int]]
) -> None:
    import json

    for after in (shaped(plan, steps), other):
        old, new = json.loads(json.dumps(changed_values(plan, after)))
        assert with_values(after, old) == plan
        assert with_values(plan, new) == after
        assert told(old, new) == differences(plan, after)


def test_audit_lines_of_another_version_are_told_somehow() -> None:
    assert told({"phases": [1, 2]}, {"phases": "?"})
    assert told({"colour": "red"}, {"colour": "blue"}) == ()


def test_ux_the_sentence_reads_the_flow_back_and_what_was_chosen_is_strong() -> None:
    said = sentence(PLAN)
    strong = {text for text, is_strong in said if is_strong}
    assert {"Pós-compra", "detractor", "SP", "RJ", "ana", "3 days", "Novo", "Contato", "Resolvido"} <= strong
    whole = "".join(text for text, __ in said)
    assert "with UF SP or RJ" in whole
    assert "  " not in whole
    assert "switched off" in "".join(text for text, __ in sentence(replace(PLAN, active=False)))


@given(plans(), st.text(max_size=30))
def test_ux_any_words_can_be_read_back(plan: FlowPlan, word: str) -> None:
    plan = replace(plan, default_assignee=word, intake=IntakePlan(keywords=(word,), attributes=((word, (word,)),)))
    assert sentence(plan)
    assert sentence(FlowPlan(None, word, ()))


@given(plans(), st.text(max_size=20))
def test_r7_what_is_saved_is_clean_and_cleaning_is_done_once(plan: FlowPlan, word: str) -> None:
    plan = replace(plan, name=word, members=(MemberPlan(word, Role.AGENT),), intake=IntakePlan(keywords=(word, "")))
    clean = tidy(plan)
    assert tidy(clean) == clean
    assert "\x1b" not in clean.name
    assert "" not in clean.intake.keywords

"""The rules of a ticket's care: editing, moving to another flow, merging (P3, P4, P7, T2, T5, T6, I7, Q7)."""

from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contacts import customer_key, fold_email, fold_phone, key_without_one
from domain.flows import Binding, Flow, Item, Phase, Status
from domain.people import PROGRAM, Actor, Level, Role
from domain.tickets import Ticket, may_edit, may_leave_flow, may_merge, may_transfer, may_unmerge

LIST = (Item(1, "Ler"), Item(2, "Falar"))
HERE = Flow(
    1,
    "Detratores",
    (
        Phase(10, "Novo", Status.PENDING),
        Phase(11, "Contato", Status.PROGRESS, Binding.MANDATORY, LIST),
        Phase(12, "Resolvido", Status.CLOSED),
    ),
)
THERE = Flow(
    2,
    "Elogios",
    (Phase(20, "Chegou", Status.PENDING), Phase(21, "Agradecer", Status.PROGRESS), Phase(22, "Fim", Status.CLOSED)),
)


def agent(**roles: Role) -> Actor:
    """Somebody with roles in flows, by `f1=`, `f2=`."""
    return Actor(5, "x", "X", Level.ADMINISTRATOR, MappingProxyType({int(k[1:]): r for k, r in roles.items()}))


BOTH = agent(f1=Role.AGENT, f2=Role.AGENT)
PENDING = Ticket(1, HERE, 10, "Ivo", "ivo@x.example")
STARTED = replace(PENDING, phase_id=11)
READY = replace(STARTED, ticked=frozenset({1, 2}))
CLOSED = replace(READY, phase_id=12)
MERGED = replace(STARTED, merged_into=7)


def code(refusal: object) -> str | None:
    return getattr(refusal, "code", None)


@pytest.mark.parametrize(
    ("ticket", "target", "resolution", "why"),
    [
        (PENDING, 20, "", None),
        (PENDING, 21, "", "starting is an act"),
        (PENDING, 22, "feito", "starting is an act"),
        (STARTED, 21, "", None),
        (STARTED, 20, "", None),
        (STARTED, 22, "feito", "checklist"),
        (READY, 22, " ", "resolution"),
        (READY, 22, "feito", None),
        (CLOSED, 22, "", None),
        (CLOSED, 21, "", None),
        (CLOSED, 20, "", None),
        (MERGED, 21, "", "merged"),
    ],
)
def test_i7_a_transfer_goes_no_further_than_moving_would(
    ticket: Ticket, target: int, resolution: str, why: str | None
) -> None:
    assert code(may_transfer(BOTH, ticket, THERE, target, resolution)) == why


@pytest.mark.parametrize(
    ("actor", "why"),
    [
        (BOTH, None),
        (agent(f1=Role.AGENT), "no flow"),
        (agent(f1=Role.AGENT, f2=Role.ANALYST), "analysts read"),
        (agent(f1=Role.ANALYST, f2=Role.AGENT), "analysts read"),
        (agent(f2=Role.AGENT), "needs level"),
        (Actor(1, "o", "O", Level.OWNER), None),
        (PROGRAM, None),
    ],
)
def test_p3_and_p4_who_works_in_both_flows_transfers(actor: Actor, why: str | None) -> None:
    assert code(may_transfer(actor, STARTED, THERE, 21)) == why


def test_i7_the_same_flow_is_a_move() -> None:
    assert code(may_transfer(BOTH, STARTED, HERE, 10)) == "same flow"


@pytest.mark.parametrize(
    ("actor", "why"),
    [
        (BOTH, None),
        (agent(f1=Role.AGENT), "no other flow"),
        (agent(f1=Role.AGENT, f2=Role.ANALYST), "no other flow"),
        (agent(f1=Role.ANALYST, f2=Role.AGENT), "analysts read"),
        (Actor(1, "o", "O", Level.OWNER), None),
    ],
)
def test_the_key_is_dim_where_there_is_nowhere_to_go(actor: Actor, why: str | None) -> None:
    assert code(may_leave_flow(actor, STARTED)) == why


def test_q7_merging_wants_two_tickets_that_are_not_merged_and_work_on_both() -> None:
    other = replace(PENDING, number=2)
    elsewhere = Ticket(3, THERE, 21, "", "")
    only_here = agent(f1=Role.AGENT)
    assert may_merge(BOTH, PENDING) is may_merge(BOTH, PENDING, other) is may_merge(BOTH, PENDING, elsewhere) is None
    assert code(may_merge(BOTH, PENDING, PENDING)) == "merge itself"
    assert code(may_merge(BOTH, MERGED, other)) == code(may_merge(BOTH, other, replace(MERGED, number=9))) == "merged"
    assert code(may_merge(only_here, PENDING, elsewhere)) == "needs level"
    assert may_unmerge(BOTH, MERGED) is None and code(may_unmerge(BOTH, PENDING)) == "not merged"
    assert code(may_unmerge(agent(f1=Role.ANALYST), MERGED)) == "analysts read"


def test_t5_editing_is_for_who_works_on_it_in_any_status_but_merged() -> None:
    assert [may_edit(BOTH, t) for t in (PENDING, STARTED, CLOSED)] == [None] * 3
    assert code(may_edit(BOTH, MERGED)) == "merged"
    assert code(may_edit(agent(f1=Role.ANALYST), PENDING)) == "analysts read"


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30), st.integers(1, 10**9))
def test_i1_what_comes_in_never_has_the_key_of_somebody_without_one(email: str, phone: str, id: str, own: int) -> None:
    assert customer_key(fold_email(email), fold_phone(phone), id) != key_without_one(own)

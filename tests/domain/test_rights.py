"""Who may what: every level with every role, each right (P1–P4)."""

from types import MappingProxyType

import pytest

from domain import rights
from domain.people import PROGRAM, Actor, Level, Role, effective

HERE, ELSEWHERE = 1, 2

# Level, role in the flow that is meant ('' for no member) → work, note, manage, edit the flow, grant, read the audit.
TABLE = """
none           -             | ......
none           analyst       | ......
none           agent         | ......
none           administrator | ......
analyst        -             | ......
analyst        analyst       | .n....
analyst        agent         | .n....
analyst        administrator | .n....
agent          -             | ......
agent          analyst       | .n....
agent          agent         | wn....
agent          administrator | wn....
administrator  -             | ..m..a
administrator  analyst       | .nm..a
administrator  agent         | wnm..a
administrator  administrator | wnme.a
owner          -             | wnmega
owner          analyst       | wnmega
owner          agent         | wnmega
owner          administrator | wnmega
"""
ROWS = [line.replace("|", " ").split() for line in TABLE.strip().splitlines()]


def somebody(level: str, role: str) -> Actor:
    """With that role in the one flow, as the desk would read it."""
    counts = None if role == "-" else effective(Level(level), Role(role))
    return Actor(1, "x", "X", Level(level), MappingProxyType({HERE: counts} if counts else {}))


def may(actor: Actor, flow: int) -> str:
    asked = {
        "w": rights.may_work(actor, flow),
        "n": rights.may_note(actor, flow),
        "m": rights.may_manage(actor),
        "e": rights.may_edit_flow(actor, flow),
        "g": rights.may_grant(actor),
        "a": rights.may_see_audit(actor),
    }
    return "".join(letter if refusal is None else "." for letter, refusal in asked.items())


@pytest.mark.parametrize(("level", "role", "rights_here"), ROWS)
def test_p4_a_right_needs_the_level_and_the_role(level: str, role: str, rights_here: str) -> None:
    assert may(somebody(level, role), HERE) == rights_here


@pytest.mark.parametrize(("level", "role"), [row[:2] for row in ROWS])
def test_p2_a_role_counts_in_its_flow_only(level: str, role: str) -> None:
    assert may(somebody(level, role), ELSEWHERE) == may(somebody(level, "-"), ELSEWHERE)


def test_the_table_is_whole() -> None:
    assert {tuple(row[:2]) for row in ROWS} == {
        (lvl.value, r) for lvl in Level for r in ("-", *(x.value for x in Role))
    }


def test_the_program_shapes_nothing() -> None:
    """It works on tickets everywhere, but people, flows and labels are people's to change."""
    assert may(PROGRAM, HERE) == "wn...."


def test_each_refusal_says_what_would_help() -> None:
    caio = somebody("administrator", "agent")
    assert "owner" in str(rights.may_grant(caio))
    assert "role administrator" in str(rights.may_edit_flow(caio, HERE))
    assert "level administrator" in str(rights.may_edit_flow(somebody("agent", "agent"), HERE))

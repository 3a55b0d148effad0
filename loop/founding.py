"""Making a database, its first people and its first flow."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from domain.flows import Binding, Status
from domain.people import Actor, Level, Role
from domain.refusals import Refusal, refuse
from domain.text import _, line
from loop.desk import Desk, open_database, open_desk, shown_url, wall_clock
from storage.tables import Audit, ChecklistItem, FlowMember, FlowRow, PhaseRow, Setting, TokenKeyRow, User

if TYPE_CHECKING:
    from loop.config import Config

PhaseSpec = tuple[str, Status, Binding, Sequence[str]]
"""Name, status, whether its checklist is mandatory, the checklist's lines."""


def first_phases(language: str) -> list[PhaseSpec]:
    """The phases of the flow that a new database starts with: few, plain, and meant to be changed."""
    o, m = Binding.OPTIONAL, Binding.MANDATORY
    if language.lower().startswith("pt"):
        return [
            ("Novo", Status.PENDING, o, ()),
            ("Contato", Status.PROGRESS, m, ("Li a resposta e o histórico", "Falei com o cliente")),
            ("Solução", Status.PROGRESS, o, ("Combinei o que será feito",)),
            ("Resolvido", Status.CLOSED, o, ()),
            ("Sem retorno", Status.CLOSED, o, ()),
        ]
    return [
        ("New", Status.PENDING, o, ()),
        ("Contacting", Status.PROGRESS, m, ("Read the answer and the history", "Talked with the customer")),
        ("Solving", Status.PROGRESS, o, ("Agreed on what will be done",)),
        ("Solved", Status.CLOSED, o, ()),
        ("No answer", Status.CLOSED, o, ()),
    ]


def init(
    config: "Config", *, login: str, name: str = "", personal: bool = True, language: str = "", flow: bool = True
) -> list[str]:
    """Make the database that the configuration names, or complete it; what was done, a sentence each.

    The first user becomes owner, and with `flow` there is a flow that takes all answers. Doing it again changes nothing.
    """
    open_database(config.db_url, make=True).close()
    said = []
    desk = open_desk(config)
    try:
        with desk.db.write() as work:
            now = wall_clock()
            if not work.rows("SELECT 1 FROM settings"):
                work.add(Setting(name="personal", value="1" if personal else "0"))
                work.add(TokenKeyRow(purpose="mail", secret=secrets.token_bytes(32), created_at=now))
                said.append(_("A database was made at {where}.").format(where=shown_url(config.db_url)))
            owner = None
            if not work.rows("SELECT 1 FROM users"):
                owner = work.add(
                    User(login=line(login, 64), name=line(name or login, 120), level=Level.OWNER.value, created_at=now)
                )
                said.append(_("{login} is its owner.").format(login=owner.login))
            if flow and owner and not work.rows("SELECT 1 FROM flows"):
                first = write_flow(work, line(_("Customers"), 80), first_phases(language), {}, None, 3)
                said.append(_("The flow “{name}” takes all answers until you shape others.").format(name=first.name))
    finally:
        desk.close()
    return said or [_("There was nothing to do: {where} is complete.").format(where=shown_url(config.db_url))]


def create_flow(
    desk: Desk,
    name: str,
    phases: Sequence[PhaseSpec],
    members: Mapping[str, Role],
    *,
    actor: Actor,
    default_assignee: str | None = None,
    days_until_due: int = 3,
    intake: Mapping[str, Any] | None = None,
) -> Refusal | int:
    """Make a flow (P5, P6); administrators may (P4). Members by login. The new flow's id."""
    if actor.level not in (Level.ADMINISTRATOR, Level.OWNER):
        return refuse("needs level", level=Level.ADMINISTRATOR.value)
    if {s for __, s, __, __ in phases} != set(Status):
        return refuse("phases needed")
    name = line(name, 80)
    with desk.db.write() as work:
        # Only somebody with a level can be added to a flow (P1).
        users = dict(work.rows("SELECT login, id FROM users WHERE active = true AND level <> 'none'"))
        for login in [*members, *([default_assignee] if default_assignee else [])]:
            if login not in users:
                return refuse("no user", login=login)
        if work.rows("SELECT 1 FROM flows WHERE name = :name", {"name": name}):
            return refuse("name taken", name=name)
        assignee = users[default_assignee] if default_assignee else None
        flow = write_flow(
            work, name, phases, {users[k]: r for k, r in members.items()}, assignee, days_until_due, intake
        )
        work.add(Audit(at=desk.now(), actor_id=actor.id, what="flow", new={"name": flow.name}))
        return flow.id


def write_flow(
    work: Any,
    name: str,
    phases: Iterable[PhaseSpec],
    members: Mapping[int, Role],
    assignee: int | None,
    days: int,
    intake: Mapping[str, Any] | None = None,
) -> FlowRow:
    """Write a flow's rows; the rules were asked by the caller."""
    place = work.rows("SELECT COUNT(*) FROM flows")[0][0]
    flow = work.add(
        FlowRow(
            name=name,
            position=place,
            default_assignee_id=assignee,
            days_until_due=days,
            intake=dict(intake or {}),
        )
    )
    for i, (phase_name, status, binding, items) in enumerate(phases):
        phase = work.add(
            PhaseRow(flow_id=flow.id, name=line(phase_name, 60), status=status.value, position=i, binding=binding.value)
        )
        for j, text in enumerate(items):
            work.add(ChecklistItem(phase_id=phase.id, text=line(text, 200), position=j))
    for user, role in members.items():
        work.add(FlowMember(flow_id=flow.id, user_id=user, role=role.value))
    return flow

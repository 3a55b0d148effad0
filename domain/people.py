"""Who acts: levels, roles in flows, and the actor that every verb is given (P1, P2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Level(StrEnum):
    """What the owner grants a user for the whole of Retorno (P1)."""

    NONE = "none"
    AGENT = "agent"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"
    OWNER = "owner"


class Role(StrEnum):
    """What a member may do in one flow (P2)."""

    ANALYST = "analyst"
    AGENT = "agent"
    ADMINISTRATOR = "administrator"


class ActorKind(StrEnum):
    """Who is behind an event on the timeline (T8, A5)."""

    PERSON = "person"
    CUSTOMER = "customer"
    AUTOPILOT = "autopilot"
    PROGRAM = "program"


@dataclass(frozen=True)
class Actor:
    """Somebody, or the program itself, who acts."""

    id: int | None
    """The user's id; None for the autopilot, the program and customers."""
    login: str
    name: str
    level: Level = Level.NONE
    roles: Mapping[int, Role] = field(default_factory=lambda: MappingProxyType({}))
    """Role by flow id, teams included, never more than the level allows (P4)."""
    kind: ActorKind = ActorKind.PERSON
    email: str = ""

    @property
    def is_owner(self) -> bool:
        """Whether this actor sees and may do everything (P3)."""
        return self.level is Level.OWNER


PROGRAM = Actor(None, "retorno", "Retorno", kind=ActorKind.PROGRAM)
"""Retorno itself: the poller, the sender and the keeper of time."""

AUTOPILOT = Actor(None, "autopilot", "Autopilot", kind=ActorKind.AUTOPILOT)
"""The rules that admins wrote (A5)."""

_ORDER = {Level.NONE: 0, Level.ANALYST: 1, Level.AGENT: 2, Level.ADMINISTRATOR: 3, Level.OWNER: 4}
_ROLE_ORDER = {Role.ANALYST: 1, Role.AGENT: 2, Role.ADMINISTRATOR: 3}


def effective(level: Level, role: Role) -> Role | None:
    """The role that counts: a role never exceeds the level (P4). None for somebody without a level."""
    if level is Level.NONE:
        return None
    if _ROLE_ORDER[role] <= _ORDER[level]:
        return role
    return {1: Role.ANALYST, 2: Role.AGENT}[_ORDER[level]]


def stronger(a: Role | None, b: Role | None) -> Role | None:
    """The stronger of two roles: a member by name and by team has both."""
    if a is None or b is None:
        return a or b
    return a if _ROLE_ORDER[a] >= _ROLE_ORDER[b] else b

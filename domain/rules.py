"""Rule sets of the autopilot as admins shape them: which answers, and what is then done (A1–A4, A6).

A `RuleSet` is a value: the editor, the text form, the commands and the evaluation hold the same. Names, not ids: what is
kept refers by id (`loop.rule_plans`), so that things can be renamed.
"""

from dataclasses import dataclass
from typing import Literal

Op = Literal["in", "not in", ">", ">=", "<", "<=", "filled", "empty"]
OPS: tuple[Op, ...] = ("in", "not in", ">", ">=", "<", "<=", "filled", "empty")
TICKET = ("any", "with", "without")
MOMENTS = ("not started", "due in", "no reply")
SEND_CLASS = "class"
"""`Then.send` for the e-mail of the answer's class: the survey's or the account's (A4)."""


@dataclass(frozen=True)
class Condition:
    """One condition on an attribute of the answer: any of a set of values, or a comparison of numbers (A2)."""

    attribute: str
    op: Op = "in"
    values: tuple[str, ...] = ()
    """Any of them; one number for comparisons (a decimal comma or point); none for `filled` and `empty`. Case, accents
    and space at the ends do not matter."""


@dataclass(frozen=True)
class Says:
    """Text Match on the comment (A2)."""

    any_of: tuple[str, ...] = ()
    """Words and expressions, in the language of `domain.textmatch`; empty lets every comment through."""
    none_of: tuple[str, ...] = ()
    """If one of these is there, it does not hold."""
    endings: bool = False
    """Whether other endings of a word count: “atrasado” for “atraso”."""


@dataclass(frozen=True)
class Moment:
    """What makes a rule one of time (A6): it runs on a ticket once, when this comes true while the set is on."""

    kind: Literal["not started", "due in", "no reply"]
    """Not started so many hours after birth; due within so many hours; no reply so many hours after our last message."""
    hours: int


@dataclass(frozen=True)
class When:
    """All that is said must hold; what is empty or None lets everything through (A2)."""

    surveys: tuple[str, ...] = ()
    """Any of them."""
    classes: tuple[str, ...] = ()
    """detractor, neutral, promoter. One of these *or* one of `scores`."""
    scores: tuple[int, ...] = ()
    says: Says = Says()
    groups: tuple[tuple[Condition, ...], ...] = ()
    """Any of the groups; all conditions within a group."""
    ticket: Literal["any", "with", "without"] = "any"
    """Whether the answer has a ticket."""
    flows: tuple[str, ...] = ()
    """The ticket is in any of these; an answer without a ticket is in none."""
    categories: tuple[str, ...] = ()
    """The ticket has any of these, “Parent / Child” for a subcategory; what earlier sets gave counts."""
    tags: tuple[str, ...] = ()
    """The ticket has any of these; what earlier sets gave counts."""
    priorities: tuple[int, ...] = ()
    """1 high, 2 medium, 3 low."""
    earlier_from: int | None = None
    """The customer has at least so many earlier tickets."""
    moment: Moment | None = None
    """None: it runs when the answer comes in."""


@dataclass(frozen=True)
class Then:
    """What is done, all at once (A3). All but `send` and `open_in` need a ticket that is not closed."""

    open_in: str = ""
    """A flow: an answer that has no ticket gets one there, if its customer can be reached and its survey is not internal."""
    categories: tuple[str, ...] = ()
    categorise: bool = False
    """Give every category whose own Text Match words the comment has."""
    tags: tuple[str, ...] = ()
    priority: int | None = None
    assignee: str = ""
    """A login, …"""
    by_table: str = ""
    """… or the name of a table from an attribute's values to logins (store X → its manager)."""
    due_days: int | None = None
    """Due so many days from when the rule runs."""
    phase: str = ""
    """Move to the phase of that name in the ticket's flow; out of pending this starts the ticket (T2)."""
    resolution: str = ""
    """For a phase that closes (T6)."""
    followers: tuple[str, ...] = ()
    """Logins."""
    send: str = ""
    """`SEND_CLASS`, the name of an account's or survey's template, or ''."""


@dataclass(frozen=True)
class RuleSet:
    """A rule set, whole or half-written."""

    id: int | None
    """None for one that is not saved yet."""
    name: str
    when: When = When()
    then: Then = Then()
    active: bool = False
    position: int = 0
    """In which order sets run, from 1."""
    version: int = 0
    """As it was read; a save over a newer one is refused."""

"""A flow's settings as fields of a form, and what was given as a plan (P5, I5, M9)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from domain.answers import ScoreClass
from domain.people import Role
from domain.plan_words import class_word
from domain.planning import NAME, SIGNATURE
from domain.plans import FlowPlan, IntakePlan
from domain.text import _, clean, line
from tui.screens.picker import Option
from tui.theme import glyph
from tui.widgets.form import Field, Kind

IN_INTAKE = ("surveys", "classes", "score", "attributes", "keywords", "period")
"""Settings of the sheet that the form of the intake holds."""
FIRST_FIELD = {"score": "score_from", "period": "answered_from"}
"""Which field of a form a setting of the sheet begins with, where it is not called the same."""


def work_fields(plan: FlowPlan, teams: Mapping[str, Sequence[str]]) -> list[Field]:
    """How the flow works. `teams`: the logins of each team."""
    nobody = Option("", _("nobody"), _("tickets are born unassigned, and every member sees them"))
    assignees = [nobody, *(Option(login, login) for login in candidates(plan, teams))]
    priorities = tuple(Option(n, name) for n, name in ((1, _("high")), (2, _("medium")), (3, _("low"))))
    reopenings = (
        Option("reopen", _("reopens the ticket")),
        Option("days", _("reopens it for some days")),
        Option("new", _("opens a new one")),
    )
    return [
        Field("name", _("Name"), Kind.TEXT, plan.name, needed=True, limit=NAME),
        Field("default_assignee", _("Born with"), Kind.CHOICE, plan.default_assignee, tuple(assignees),
              about=_("Who has a ticket when it is born; members who work in this flow can be chosen.")),
        Field("days_until_due", _("Due after"), Kind.NUMBER, plan.days_until_due, needed=True, low=0, high=3650,
              about=_("Days from the ticket's creation, not from the answer.")),
        Field("first_contact_hours", _("First contact"), Kind.NUMBER, plan.first_contact_hours, low=1, high=8760,
              about=_("The goal, in hours; empty sets none.")),
        Field("default_priority", _("Priority"), Kind.CHOICE, plan.default_priority, priorities,
              about=_("Of tickets when they are born.")),
        Field("notes_for_all", _("Notes for all"), Kind.YESNO, plan.notes_for_all,
              about=_("Yes: every member reads them. No: author, assignee and followers.")),
        Field("reopening", _("A late reply"), Kind.CHOICE, plan.reopening, reopenings,
              about=_("What a customer's reply to a closed ticket does.")),
        Field("reopen_days", _("Days for it"), Kind.NUMBER, plan.reopen_days, needed=True, low=1, high=3650,
              about=_("For “some days”: later a reply opens a new ticket, linked to the old one.")),
        Field("reachable_by_phone", _("By phone"), Kind.YESNO, plan.reachable_by_phone,
              about=_("Yes: customers without an e-mail address can be started all the same.")),
        Field("signature", _("Signature"), Kind.LINES, plan.signature, limit=SIGNATURE,
              about=_("Stands below answers from this flow.")),
    ]  # fmt: skip


def with_work(plan: FlowPlan, given: Mapping[str, Any]) -> FlowPlan:
    """The plan with what the form of `work_fields` was given."""
    same = ("default_assignee", "days_until_due", "first_contact_hours", "default_priority", "notes_for_all")
    same += ("reopening", "reopen_days", "reachable_by_phone")
    changes = {name: given[name] for name in same}
    return replace(plan, **changes, name=line(given["name"]), signature=clean(given["signature"]).strip("\n"))


def candidates(plan: FlowPlan, teams: Mapping[str, Sequence[str]]) -> list[str]:
    """Logins of who works in the flow, by name or by team; and who is the default assignee now."""
    logins: dict[str, None] = {}
    for member in plan.members:
        if member.role is not Role.ANALYST:
            logins.update(dict.fromkeys(teams.get(member.name, ()) if member.team else (member.name,)))
    if plan.default_assignee:
        logins[plan.default_assignee] = None
    return sorted(logins)


def intake_fields(intake: IntakePlan, surveys: Iterable[str]) -> list[Field]:
    """Which answers come in. `surveys`: names of those that are there."""
    names = list(dict.fromkeys([*surveys, *intake.surveys]))
    classes = tuple(Option(c.value, f"{glyph(c)} {class_word(c.value)}") for c in ScoreClass)
    all_of = _("None marked lets all through.")
    return [
        Field("surveys", _("Surveys"), Kind.MANY, intake.surveys, tuple(Option(n, n) for n in names), about=all_of,
              why_not="" if names else _("There is no survey yet: the first answers bring one.")),
        Field("classes", _("Classes"), Kind.MANY, intake.classes, classes, about=all_of),
        Field("score_from", _("Lowest score"), Kind.NUMBER, intake.score_from, low=0, high=100),
        Field("score_to", _("Highest score"), Kind.NUMBER, intake.score_to, low=0, high=100),
        Field("attributes", _("Attributes"), Kind.LINES, attribute_text(intake.attributes), rows=3,
              about=_("A line each, as “UF: SP, RJ”; all of them must hold, with any of their values.")),
        Field("keywords", _("Words"), Kind.LINES, "\n".join(intake.keywords), rows=3,
              about=_("A word or expression a line; the comment must hold one of them.")),
        Field("answered_from", _("Answered from"), Kind.DATE, intake.answered_from,
              about=_("The first day of the period, which is also the list's first date filter.")),
        Field("answered_until", _("Answered before"), Kind.DATE, intake.answered_until,
              about=_("The day after the last one of the period.")),
    ]  # fmt: skip


def with_intake(plan: FlowPlan, given: Mapping[str, Any]) -> FlowPlan:
    """The plan with what the form of `intake_fields` was given."""
    attributes = read_attributes(given["attributes"])
    assert not isinstance(attributes, str)
    intake = replace(
        plan.intake,
        surveys=tuple(given["surveys"] or ()),
        classes=tuple(given["classes"] or ()),
        score_from=given["score_from"],
        score_to=given["score_to"],
        attributes=attributes,
        keywords=tuple(dict.fromkeys(w for w in map(line, clean(given["keywords"]).split("\n")) if w)),
        answered_from=given["answered_from"],
        answered_until=given["answered_until"],
    )
    return replace(plan, intake=intake)


def check_intake(given: Mapping[str, Any]) -> str:
    """What is wrong with what was given; '' for nothing."""
    attributes = read_attributes(given["attributes"])
    if isinstance(attributes, str):
        return attributes
    low, high = given["score_from"], given["score_to"]
    if low is not None and high is not None and low > high:
        return _("The lowest score lies above the highest.")
    start, end = given["answered_from"], given["answered_until"]
    if start is not None and end is not None and start >= end:
        return _("The period ends before it begins.")
    return ""


def attribute_text(attributes: Iterable[tuple[str, tuple[str, ...]]]) -> str:
    """The attributes as they are typed; values that hold a comma are parted by semicolons."""
    lines = []
    for name, values in attributes:
        commas = any("," in v for v in values)
        lines.append(f"{line(name)}: " + ("; ".join([*values, ""]).rstrip(" ") if commas else ", ".join(values)))
    return "\n".join(lines)


def read_attributes(text: str) -> tuple[tuple[str, tuple[str, ...]], ...] | str:
    """The attributes that were typed, those of one name together, or a sentence about the line that is none."""
    found: dict[str, dict[str, None]] = {}
    for typed in clean(text).split("\n"):
        if not (words := line(typed)):
            continue
        name, colon, rest = words.partition(":")
        values = [v for v in map(line, rest.split(";" if ";" in rest else ",")) if v]
        if not colon or not line(name) or not values:
            return _("“{line}” is no attribute; write its name, a colon and values: UF: SP, RJ").format(line=words)
        found.setdefault(line(name), {}).update(dict.fromkeys(values))
    return tuple((name, tuple(values)) for name, values in found.items())

"""A flow as text (TOML) that can be read, kept with other files, changed by hand and brought back.

What a file leaves out stays as the flow has it; a new flow gets the default. Text is untrusted: each trouble says where.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar

from domain.flows import Binding, Status
from domain.people import Role
from domain.planning import tidy, troubles
from domain.plans import FlowPlan, IntakePlan, ItemPlan, MemberPlan, PhasePlan
from domain.text import _, fold, line
from domain.tickets import Priority

LONGEST = 500_000
"""Characters of a file that is read; a flow of a hundred full phases has fewer."""
_MOST = 1_000
"""Entries of one list that are looked at."""
_TROUBLES = 20
"""Troubles that are told; a file of nothing but rubbish has more."""
_DAY = 86_400_000
T = TypeVar("T")


def to_text(plan: FlowPlan) -> str:
    """The plan as TOML: all of it but ids and version, so that it means the same in another database."""
    import tomli_w

    names = {p.key: p.name for p in plan.phases}
    intake: dict[str, Any] = {
        "surveys": list(plan.intake.surveys),
        "classes": list(plan.intake.classes),
        "score_from": plan.intake.score_from,
        "score_to": plan.intake.score_to,
        "keywords": list(plan.intake.keywords),
        "answered_from": _moment(plan.intake.answered_from),
        "answered_until": _moment(plan.intake.answered_until),
        "attributes": {name: list(values) for name, values in plan.intake.attributes},
    }
    phases = [
        {
            "name": p.name,
            "status": p.status.value,
            "binding": p.binding.value,
            "checklist": [i.text for i in p.items],
            "onward": None if p.onward is None else [names[k] for k in p.onward if k in names],
        }
        for p in plan.phases
    ]
    whole = {
        "name": plan.name,
        "active": plan.active,
        "default_assignee": plan.default_assignee,
        "days_until_due": plan.days_until_due,
        "first_contact_hours": plan.first_contact_hours or 0,
        "default_priority": Priority(plan.default_priority).word,
        "notes_for_all": plan.notes_for_all,
        "reopening": plan.reopening,
        "reopen_days": plan.reopen_days,
        "reachable_by_phone": plan.reachable_by_phone,
        "signature": plan.signature,
        "intake": _given(intake),
        "phases": [_given(p) for p in phases],
        "members": [{"team" if m.team else "login": m.name, "role": m.role.value} for m in plan.members],
    }
    return tomli_w.dumps(whole)


def _given(table: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in table.items() if v is not None}


def _moment(at: int | None) -> date | datetime | None:
    """A moment as TOML writes it: a day where it is midnight (UTC)."""
    if at is None:
        return None
    when = datetime.fromtimestamp(at // 1000, UTC).replace(microsecond=at % 1000 * 1000)
    return when.date() if at % _DAY == 0 else when


def from_text(text: str, *, base: FlowPlan | None) -> FlowPlan | tuple[str, ...]:
    """The plan that a text says, as a change of `base` or a new flow; or what is wrong with it, a sentence each.

    A phase of the base is the one of the same name, whatever the case; `was = "old name"` renames one. A line of a
    checklist is the same by its text.
    """
    if len(text) > LONGEST:
        return (_("The text is too long: {limit} characters are the most.").format(limit=LONGEST),)
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as why:
        return (_("This is no TOML: {why}.").format(why=line(str(why), 200)),)
    reader = _Reader()
    plan = tidy(reader.plan(table, base or FlowPlan(None, "", ())))
    found = reader.troubles or list(troubles(plan))
    return tuple(dict.fromkeys(found))[:_TROUBLES] or plan


def name_in(text: str) -> str:
    """The name that a text gives its flow; '' when it gives none or cannot be read."""
    try:
        name = tomllib.loads(text[:LONGEST]).get("name")
    except (ValueError, RecursionError):
        return ""
    return line(name) if isinstance(name, str) else ""


@dataclass
class _Reader:
    """Reads tables into a plan, and collects what is wrong with them."""

    troubles: list[str] = field(default_factory=list)

    def plan(self, table: dict[str, Any], base: FlowPlan) -> FlowPlan:
        """The plan of a whole text."""
        top = _Table(self, "", table)
        hours = top.number("first_contact_hours", base.first_contact_hours or 0)
        phases = top.tables("phases")
        members = top.tables("members")
        intake = top.table("intake")
        plan = replace(
            base,
            name=top.text("name", base.name),
            active=top.yes("active", base.active),
            default_assignee=top.text("default_assignee", base.default_assignee),
            days_until_due=top.number("days_until_due", base.days_until_due),
            first_contact_hours=hours or None,
            default_priority=self._priority(top, base.default_priority),
            notes_for_all=top.yes("notes_for_all", base.notes_for_all),
            reopening=top.text("reopening", base.reopening),
            reopen_days=top.number("reopen_days", base.reopen_days),
            reachable_by_phone=top.yes("reachable_by_phone", base.reachable_by_phone),
            signature=top.text("signature", base.signature),
            intake=base.intake if intake is None else self._intake(intake),
            phases=base.phases if phases is None else self._phases(phases, base),
            members=base.members if members is None else tuple(map(self._member, members)),
        )
        top.close()
        return plan

    def _priority(self, top: "_Table", known: int) -> int:
        words = {p.word: p.value for p in Priority}
        return words.get(top.choice("default_priority", Priority(known).word, words), known)

    def _intake(self, table: "_Table") -> IntakePlan:
        attributes = table.table("attributes")
        intake = IntakePlan(
            surveys=table.texts("surveys"),
            classes=table.texts("classes"),
            score_from=table.maybe_number("score_from"),
            score_to=table.maybe_number("score_to"),
            keywords=table.texts("keywords"),
            answered_from=table.moment("answered_from"),
            answered_until=table.moment("answered_until"),
            attributes=tuple((name, attributes.texts(name)) for name in list(attributes.left)) if attributes else (),
        )
        table.close()
        return intake

    def _phases(self, tables: list["_Table"], base: FlowPlan) -> tuple[PhasePlan, ...]:
        there = {fold(line(p.name)): p for p in base.phases}
        new = base.new_key()
        read = []
        for table in tables:
            name = table.text("name", "")
            was = table.text("was", name)
            known = there.pop(fold(line(was)), None)
            if known is None and fold(line(was)) != fold(line(name)):
                table.trouble(_("there is no phase {name} (any more) to be renamed").format(name=line(was, 60)))
            items = {i.text: i.id for i in known.items} if known else {}
            phase = PhasePlan(
                known.key if known else new,
                name,
                Status(
                    table.choice("status", known.status.value if known else "", [s.value for s in Status]) or "pending"
                ),
                Binding(table.choice("binding", Binding.OPTIONAL.value, [b.value for b in Binding]) or "optional"),
                tuple(ItemPlan(items.pop(line(t), None), t) for t in table.texts("checklist")),
            )
            new -= known is None
            limited = "onward" in table.left
            onward = table.texts("onward")
            read.append((phase, table, onward if limited else None))
            table.close()
        keys = {fold(line(phase.name)): phase.key for phase, __, __ in read}
        return tuple(
            replace(phase, onward=None if onward is None else tuple(self._ways(table, onward, keys)))
            for phase, table, onward in read
        )

    def _ways(self, table: "_Table", names: tuple[str, ...], keys: Mapping[str, int]) -> list[int]:
        for name in names:
            if fold(line(name)) not in keys:
                table.trouble(_("onward names {name}, and there is no such phase").format(name=line(name, 60)))
        return [keys[fold(line(name))] for name in names if fold(line(name)) in keys]

    def _member(self, table: "_Table") -> MemberPlan:
        team = "team" in table.left
        name = table.text("team" if team else "login", "")
        role = table.choice("role", Role.AGENT.value, [r.value for r in Role]) or Role.AGENT.value
        if not line(name):
            table.trouble(_("a member has a login or a team"))
        table.close()
        return MemberPlan(name, Role(role), team)


class _Table:
    """One table of the text: its values, each taken once and looked at."""

    def __init__(self, reader: _Reader, where: str, values: Mapping[str, Any]) -> None:
        self._reader, self._where = reader, where
        self.left = dict(values)
        self._known: list[str] = []

    def trouble(self, what: str) -> None:
        """Note what is wrong here."""
        self._reader.troubles.append(f"{self._where}: {what}." if self._where else f"{what}.")

    def close(self) -> None:
        """Name what was not asked for: a word that is mistyped must not be passed over."""
        for name in list(self.left)[:_TROUBLES]:
            self.trouble(_("{name} is unknown here; there are {known}").format(name=line(name, 40), known=", ".join(self._known)))  # fmt: skip

    def _take(self, name: str, fallback: T, kind: Callable[[Any], bool], wanted: str) -> Any | T:
        self._known.append(name)
        if name not in self.left:
            return fallback
        value = self.left.pop(name)
        if kind(value):
            return value
        self.trouble(_("{name} must be {wanted}").format(name=line(name, 40), wanted=wanted))
        return fallback

    def text(self, name: str, fallback: str) -> str:
        """A text."""
        return self._take(name, fallback, lambda v: isinstance(v, str), _("text in quotes"))

    def yes(self, name: str, fallback: bool) -> bool:
        """True or false."""
        return self._take(name, fallback, lambda v: isinstance(v, bool), _("true or false"))

    def number(self, name: str, fallback: int) -> int:
        """A whole number."""
        return self._take(name, fallback, lambda v: type(v) is int and abs(v) < 10**9, _("a whole number"))

    def maybe_number(self, name: str) -> int | None:
        """A whole number, or None where there is none."""
        return self._take(name, None, lambda v: type(v) is int and abs(v) < 10**9, _("a whole number"))

    def choice(self, name: str, fallback: str, words: Iterable[str]) -> str:
        """One of some words; '' for none where there must be one."""
        many = list(words)
        if not fallback and name not in self.left:
            self.trouble(_("{name} is missing").format(name=name))
        wanted = _("one of {words}").format(words=", ".join(many))
        return self._take(name, fallback, lambda v: isinstance(v, str) and v in many, wanted)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty where there is none."""
        return tuple(self._take(name, (), lambda v: isinstance(v, list) and len(v) <= _MOST and all(isinstance(x, str) for x in v), _("a list of texts in quotes")))  # fmt: skip

    def moment(self, name: str) -> int | None:
        """A date or a time, in Unix milliseconds; without a zone it is in UTC."""
        value = self._take(name, None, lambda v: isinstance(v, date), _("a date such as 2026-01-31"))
        if value is None:
            return None
        when = value if isinstance(value, datetime) else datetime.combine(value, time())
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        delta = when - datetime(1970, 1, 1, tzinfo=UTC)
        return delta.days * _DAY + delta.seconds * 1000 + delta.microseconds // 1000

    def table(self, name: str) -> "_Table | None":
        """A table inside this one; None where there is none."""
        value = self._take(name, None, lambda v: isinstance(v, dict), _("a table: [{name}]").format(name=name))
        return None if value is None else _Table(self._reader, self._inside(name), value)

    def tables(self, name: str) -> "list[_Table] | None":
        """A list of tables inside this one; None where there is none."""
        value = self._take(name, None, lambda v: isinstance(v, list) and len(v) <= _MOST and all(isinstance(x, dict) for x in v), _("tables: [[{name}]]").format(name=name))  # fmt: skip
        if value is None:
            return None
        return [_Table(self._reader, self._titled(name, n, table), table) for n, table in enumerate(value, start=1)]

    def _inside(self, name: str) -> str:
        return f"{self._where} · {name}" if self._where else name

    def _titled(self, name: str, n: int, table: Mapping[str, Any]) -> str:
        title = next((t for k in ("name", "login", "team") if isinstance(t := table.get(k), str) and line(t)), "")
        return f"{self._inside(name)} {n}" + (f" “{line(title, 40)}”" if title else "")

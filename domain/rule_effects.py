"""What a rule set that holds does to a ticket (A3): one decision, for tickets that are being born and for those that are here.

Pure: a `State` comes in as the ticket is and goes out as it will be, with the events that tell of it. The rules that bind
people bind here too (P6, P7, T2, T6, I4); what they do not allow is left undone and named, the rest happens all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from domain import tickets as rules
from domain.flows import Flow, Phase, Status
from domain.people import AUTOPILOT, Actor
from domain.refusals import Refusal
from domain.rights import may_work, scope
from domain.rules import RuleSet, Then
from domain.ruling import flat
from domain.text import _, fold, line
from domain.tickets import Priority, Ticket

DAY_MS = 86_400_000
_WORDS = {priority.value: priority.word for priority in Priority}


@dataclass(frozen=True)
class Table:
    """From the values of an attribute to people (A3)."""

    attribute: str
    """Flat (`domain.ruling.flat`), as are the values."""
    people: Mapping[str, int]
    """A user's id by value."""


@dataclass(frozen=True)
class World:
    """What the names in rules mean now."""

    people: Mapping[str, Actor] = field(default_factory=dict)
    """Active users, by login."""
    logins: Mapping[int | None, str] = field(default_factory=dict)
    """Everybody's, by id."""
    categories: Mapping[str, int] = field(default_factory=dict)
    """Those that are still given, by their whole name."""
    tables: Mapping[str, Table] = field(default_factory=dict)
    flows: Mapping[str, int] = field(default_factory=dict)
    """The active ones, by name."""
    tags: dict[str, str] = field(default_factory=dict)
    """How the tags that there are are written, by folded name; what is made meanwhile comes in."""


@dataclass(slots=True)
class State:
    """A ticket as a rule finds it, and as it leaves it."""

    flow: Flow
    phase_id: int
    priority: int
    due_at: int | None
    assignee_id: int | None = None
    customer: str = ""
    email: str = ""
    phone: str = ""
    started_at: int | None = None
    closed_at: int | None = None
    resolution: str = ""
    outcome: str = ""
    merged_into: int | None = None
    ticked: frozenset[int] = frozenset()
    tags: dict[str, str] = field(default_factory=dict)
    """How each is written, by folded name."""
    categories: set[str] = field(default_factory=set)
    """Whole names."""
    followers: dict[int, None] = field(default_factory=dict)
    """Ids, the longest follower first."""
    # What came of it.
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Kind and data, in order."""
    added_tags: list[str] = field(default_factory=list)
    """Folded."""
    added_categories: list[str] = field(default_factory=list)
    added_followers: list[int] = field(default_factory=list)
    handed: bool = False
    """Whether a rule gave it to somebody."""

    @property
    def status(self) -> Status:
        return self.flow.phase(self.phase_id).status

    @property
    def done(self) -> bool:
        """Whether no rule touches it any more: closed (A5), or gone into another."""
        return self.merged_into is not None or self.status is Status.CLOSED

    def ticket(self) -> Ticket:
        """As `domain.tickets` asks."""
        return Ticket(
            0, self.flow, self.phase_id, self.customer, self.email, self.assignee_id, "", self.ticked,
            merged_into=self.merged_into, reachable_by_phone=self.flow.reachable_by_phone and bool(self.phone),
        )  # fmt: skip


def carry_out(
    state: State, rule: RuleSet, given: Sequence[str], attributes: Mapping[str, str], world: World, now: int
) -> dict[str, Any]:
    """Do to a ticket what a set says; what was done, in the form of `domain.rule_sentence.did_words`.

    `given` are the categories that it gives (`Hit.categories`), `attributes` the answer's, `now` Unix milliseconds. Nothing
    for a ticket that no rule touches. Changes `state`.
    """
    did: dict[str, Any] = {}
    if state.done:
        return did
    act = _Act(state, rule, world, now, did)
    then = rule.then
    if given:
        act.categorise(given)
    if then.tags:
        act.tag(then.tags)
    if then.priority is not None:
        act.prioritise(then.priority)
    if then.assignee or then.by_table:
        act.assign(then, attributes)
    if then.due_days is not None:
        act.set_due(then.due_days)
    if then.followers:
        act.follow(then.followers)
    if then.phase:
        act.move(then.phase, then.resolution)
    return did


class _Act:
    """One set at one ticket."""

    __slots__ = ("_did", "_now", "_rule", "_state", "_world")

    def __init__(self, state: State, rule: RuleSet, world: World, now: int, did: dict[str, Any]) -> None:
        self._state, self._rule, self._world, self._now, self._did = state, rule, world, now, did

    def _record(self, kind: str, **data: Any) -> None:
        self._state.events.append((kind, {**data, "rule": self._rule.id, "rule_name": self._rule.name}))

    def _undone(self, action: str, why: str) -> None:
        self._did.setdefault("undone", []).append([action, why])

    def categorise(self, names: Sequence[str]) -> None:
        state, added = self._state, []
        for name in dict.fromkeys(names):
            if name in state.categories:
                continue
            if name not in self._world.categories:
                self._undone("categories", "no category")
            elif len(state.categories) >= rules.MOST_CATEGORIES:
                self._undone("categories", "too many categories")
            else:
                state.categories.add(name)
                added.append(name)
        if added:
            state.added_categories += added
            self._did["categories"] = added
            self._record("categories", added=added, removed=[])

    def tag(self, names: Sequence[str]) -> None:
        state, added = self._state, []
        for name, folded, is_one in map(_tag, names):
            if folded in state.tags:
                continue
            if not is_one:
                self._undone("tags", "no tag")
            elif len(state.tags) >= rules.MOST_TAGS:
                self._undone("tags", "too many tags")
            else:
                state.tags[folded] = self._world.tags.get(folded, name)
                state.added_tags.append(folded)
                added.append(state.tags[folded])
        if added:
            self._did["tags"] = added
            self._record("tags", added=added, removed=[])

    def prioritise(self, priority: int) -> None:
        state = self._state
        if state.priority != priority:
            old, state.priority = state.priority, priority
            self._did["priority"] = priority
            self._record("priority", old=_WORDS[old], new=_WORDS[priority])

    def assign(self, then: Then, attributes: Mapping[str, str]) -> None:
        """To a member who can work in the flow (T3: a rule may assign before the start, and does not start)."""
        state, world = self._state, self._world
        person = world.people.get(then.assignee)
        if then.by_table:
            table = world.tables.get(then.by_table)
            login = world.logins.get(looked_up(table, attributes), "") if table else ""
            if not login:
                self._undone("assignee", "no manager")
                return
            person = world.people.get(login)
        if person is None:
            self._undone("assignee", "no user")
        elif may_work(person, state.flow.id):
            self._undone("assignee", "cannot work")
        elif state.assignee_id != person.id:
            old, state.assignee_id = state.assignee_id, person.id
            state.handed = True
            self._did["assignee"] = person.login
            self._record("assigned", old=world.logins.get(old, ""), new=person.login)

    def set_due(self, days: int) -> None:
        state, due = self._state, self._now + days * DAY_MS
        if state.due_at != due:
            old, state.due_at = state.due_at, due
            self._did["due"] = due
            self._record("due", old=old, new=due)

    def follow(self, logins: Sequence[str]) -> None:
        state, world, added = self._state, self._world, []
        before = list(state.followers)
        for login in dict.fromkeys(logins):
            person = world.people.get(login)
            if person is None or person.id is None:
                self._undone("followers", "no user")
            elif not scope(person).admits(state.flow.id):
                self._undone("followers", "not a member")
            elif person.id not in state.followers:
                state.followers[person.id] = None
                state.added_followers.append(person.id)
                added.append(login)
        if added:
            self._did["followers"] = added
            old, new = (", ".join(world.logins.get(id, "—") for id in ids) for ids in (before, state.followers))
            self._record("followers", old=old, new=new)

    def move(self, name: str, resolution: str) -> None:
        """To a phase; out of pending by way of a start (T2). All of the way, or none of it."""
        state = self._state
        target = next((p for p in state.flow.phases if fold(p.name) == fold(line(name))), None)
        if target is None:
            self._undone("phase", "no phase")
            return
        if target.id == state.phase_id:
            return
        steps: list[tuple[str, Phase]] = []
        if state.status is Status.PENDING and target.status is not Status.PENDING:
            steps.append(("started", state.flow.first(Status.PROGRESS)))
        if not steps or steps[0][1].id != target.id:
            steps.append(("closed" if target.status is Status.CLOSED else "moved", target))
        here = state.phase_id
        for kind, phase in steps:
            if why := _refused(kind, state.ticket(), phase, resolution):
                state.phase_id = here
                self._undone("phase", why.code)
                return
            state.phase_id = phase.id
        for kind, phase in steps:
            old, here = here, phase.id
            self._entered(kind, state.flow.phase(old), phase, resolution)
        self._did["phase"] = target.name

    def _entered(self, kind: str, old: Phase, new: Phase, resolution: str) -> None:
        state, more = self._state, {}
        if kind == "started" and state.started_at is None:
            state.started_at = self._now
        if kind == "closed":
            state.closed_at, state.resolution, state.outcome = self._now, resolution.strip(), ""
            more = {"outcome": ""}
        self._record(kind, old=old.name, new=new.name, **more)


def _refused(kind: str, ticket: Ticket, target: Phase, resolution: str) -> Refusal | None:
    if kind == "started":
        return rules.may_start(AUTOPILOT, ticket)
    if kind == "closed":
        return rules.may_close(AUTOPILOT, ticket, target.id, resolution)
    return rules.may_move(AUTOPILOT, ticket, target.id)


def looked_up(table: Table, attributes: Mapping[str, str]) -> int | None:
    """Whom a table names for an answer."""
    for name, value in attributes.items():
        if flat(name) == table.attribute and (found := table.people.get(flat(str(value)))) is not None:
            return found
    return None


def tag_name(name: str) -> str:
    """As it can be said in a query: one line, without the marks that end a quoted word there."""
    return line(name.replace('"', ""))


@lru_cache(maxsize=10_000)
def _tag(name: str) -> tuple[str, str, bool]:
    """A tag that rules say as it is written, folded, and whether it can be one; the same few are put on thousands."""
    name = tag_name(name)
    folded = fold(name)
    return name, folded, len(name) <= rules.LONGEST_NAME and any(c.isalnum() for c in folded)


def undone_said(code: str) -> str:
    """Why something that a rule says was not done, for people; `code` is what `did["undone"]` and the log keep."""
    sentences = {
        "no category": lambda: _("Not categorised: there is no such category to give any more."),
        "too many categories": lambda: _("Not categorised: the ticket has as many categories as it can have."),
        "no tag": lambda: _("Not tagged: a tag needs a letter or a digit, and not too many."),
        "too many tags": lambda: _("Not tagged: the ticket has as many tags as it can have."),
        "no user": lambda: _("Nobody active is called so here."),
        "no manager": lambda: _("Not assigned: the table names nobody for this answer."),
        "cannot work": lambda: _("Not assigned: who is named cannot work in the ticket's flow."),
        "not a member": lambda: _("Does not follow: who is named does not see the ticket."),
        "no phase": lambda: _("Not moved: the ticket's flow has no such phase."),
        "no e-mail": lambda: _("Not started: no e-mail address of the customer is known (I4)."),
        "checklist": lambda: _("Not moved: a mandatory checklist is not ticked off (P7)."),
        "not that way": lambda: _("Not moved: its phase does not lead there (P6)."),
        "resolution": lambda: _("Not closed: that asks for a resolution (T6)."),
        "no flow": lambda: _("No ticket opened: the flow is not there any more."),
        "unreachable": lambda: _("No ticket opened: the customer cannot be reached (I3)."),
        "employees": lambda: _("No ticket opened: the survey is internal (I3)."),
    }
    sentence = sentences.get(code)
    return sentence() if sentence else _("Not done: {why}.").format(why=line(code, 60))

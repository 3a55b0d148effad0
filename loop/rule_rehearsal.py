"""What a rule set, saved or not, would touch if it were run on the past now (A6). Nothing is written.

The set is asked by the same `domain.ruling` that runs it, and its e-mails by what sends them. Sets that are on and come
before it count where it looks at what they give, on answers that they did not meet yet.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_manage, scope
from domain.rule_effects import undone_said
from domain.rules import RuleSet
from domain.ruling import Case, Hit, Ruling, flat
from domain.text import line
from domain.textmatch import spans
from loop.desk import Desk
from loop.intaking import homes_of
from loop.queue import CLASSES
from loop.rule_mail import said
from loop.rule_plans import Names, plan_of, read_categories, read_names, read_sets, read_survey_sets, stored
from loop.rule_rehearsal_doing import Doing
from loop.rule_rehearsal_mail import Mails
from loop.rule_rehearsal_reading import (
    DAY_MS,
    TICKET,
    Attributes,
    Read,
    Where,
    by_ticket,
    chunks,
    count,
    hits_of,
    newest,
    oldest,
    where,
)
from loop.rule_views import Rehearsal, RehearsalRow
from loop.shaping import standing

PARTS = 60
"""The most parts that the time is divided into."""
SHOWN = 1_000
"""The most rows that are given, and characters of their comments."""
_CLASS_NAMES = tuple(c.value for c in CLASSES)


def rehearse(
    desk: Desk,
    plan: RuleSet,
    *,
    days: int | None = 90,
    actor: Actor,
    rows: int = 200,
    stop: Callable[[], bool] | None = None,
) -> Rehearsal | Refusal:
    """What `plan` would touch among the answers of the last so many days, or of all, and what would become of it.

    For administrators, each over the answers in their sight (P3). Answers that the set met before are left out, as they are
    when it runs. Where no answer is of those days, all are taken, and `Rehearsal.newest` says when the newest came. `stop`
    is asked between chunks: a rehearsal that nobody waits for any more ends with a refusal.
    """
    actor = standing(desk.db, actor)
    if why := may_manage(actor):
        return why
    asked = _Rehearsed(desk, plan, days, actor, min(rows, SHOWN))
    for chunk in asked.chunks():
        if stop is not None and stop():
            return refuse("stopped")
        asked.take(chunk)
    return asked.told()


class _Rehearsed:
    """A rehearsal while it goes on: what it knows of the set-up, and what it counted."""

    def __init__(self, desk: Desk, plan: RuleSet, days: int | None, actor: Actor, most: int) -> None:
        self.desk, self.most, self.now = desk, most, desk.now()
        read = desk.db.rows
        last = newest(read, actor)
        self.old = last if last is not None and days is not None and last < self.now - days * DAY_MS else None
        self.days = days = None if self.old is not None else days
        names = read_names(read)
        kept = stored(read, plan, names)
        # By the names as they are called now, and only what there is.
        self.plan = plan = _as_told(plan_of(plan, *kept, names), names, actor)
        self.surveys = {
            id: (name, bool(internal)) for id, name, internal in read("SELECT id, name, internal FROM surveys")
        }
        self.flows: dict[int | None, str] = dict(read("SELECT id, name FROM flows"))
        self.tags: dict[int, str] = dict(read("SELECT id, name FROM tags"))
        self.categories = names.categories.names
        survey_sets, words = read_survey_sets(read), read_categories(read)
        earlier = [s for s in _before(read_sets(read), plan.id) if s.active and s.when.moment is None]
        self.earlier, given = _that_matter(plan, earlier)
        homes, __ = homes_of(desk.db)
        priorities = {self.flows[id]: home.priority for id, home in homes.items()}
        self.ruling = Ruling(
            (*self.earlier, plan), category_words=words, survey_sets=survey_sets, flow_priorities=priorities
        )
        on = [
            id
            for id, (name, __) in self.surveys.items()
            if (not plan.when.surveys or name in plan.when.surveys)
            and ((named := survey_sets.get(name)) is None or plan.id in named)
        ]
        self.start = None if days is None else self.now - days * DAY_MS
        self.where: Where = where(
            plan, names, on, tags=self.tags, actor=actor, since=self.start, now=self.now, given=given
        )
        self.opens = bool(plan.then.open_in) and names.flows.id(plan.then.open_in) in homes
        self.mails = Mails(desk, kept[1]["send"], self.now) if plan.then.send else None
        self.doing = Doing(desk, plan, homes)
        self.newest: list[Read] = []
        self.counts: Counter[str] = Counter()
        self.touched = 0
        self.first, self.last = self.start or self.now, self.now
        """Between them the answers are counted in parts; of all answers none came after the newest."""
        if self.start is None:
            self.first = oldest(read, actor) or self.now
            self.last = min(self.now, last or self.now)
        whole = -(-max(1, self.last - self.first) // DAY_MS)
        self.per_part = [0] * max(1, min(PARTS, days or whole))

    def wants(self, fact: str) -> bool:
        """Whether one of the sets looks at it."""
        return fact in self.ruling.needs

    def chunks(self) -> Iterator[list[Read]]:
        """The answers that it could touch, with what is looked at of them."""
        attributes = self.wants("attributes") or bool(self.plan.then.by_table)
        return chunks(
            self.desk.db.rows,
            self.where,
            comments=self.wants("comment"),
            attributes=attributes,
            earlier=self.wants("earlier"),
        )

    def take(self, chunk: list[Read]) -> None:
        """Ask about a chunk of answers."""
        read = self.desk.db.rows
        tickets = [r.ticket for r in chunk if r.ticket is not None]
        tags = by_ticket(read, "ticket_tags", "tag_id", tickets) if self.wants("tags") else {}
        categories = by_ticket(read, "ticket_categories", "category_id", tickets) if self.wants("categories") else {}
        met = hits_of(read, [s.id for s in self.earlier if s.id], [r.answer for r in chunk]) if self.earlier else {}
        touched: list[tuple[Read, Case, Hit]] = []
        for one in chunk:
            survey, internal = self.surveys[one.survey]
            case = Case(
                survey,
                None if one.klass is None else _CLASS_NAMES[one.klass],
                one.score,
                one.comment,
                Attributes(one.attributes) if one.attributes else {},
                one.ticket is not None,
                False,
                one.contact is not None and not internal,
                self.flows.get(one.flow, ""),
                [self.categories[id] for id in categories.get(one.ticket or 0, ())],
                [self.tags[id] for id in tags.get(one.ticket or 0, ()) if id in self.tags],
                one.priority,
                one.earlier,
                frozenset(met[one.answer]) if one.answer in met else frozenset(),
            )
            hits = self.ruling.decide(case)
            if hits and hits[-1].rule_set is self.plan:
                if one.status == 2 or one.merged_into is not None:
                    self.counts["closed"] += 1
                else:
                    touched.append((one, case, hits[-1]))
        self._touch(touched)

    def _touch(self, touched: Sequence[tuple[Read, Case, Hit]]) -> None:
        for one, __, __ in touched:
            self.touched += 1
            self.per_part[self._part(one.at)] += 1
            if one.ticket is not None:
                self.counts["with"] += 1
            elif self.opens and one.contact is not None and not self.surveys[one.survey][1]:
                self.counts["opened"] += 1
            else:
                self.counts["without"] += 1
        self.newest += [one for one, __, __ in touched[: max(0, self.most - len(self.newest))]]
        self.doing.take(touched, {id for id, (__, internal) in self.surveys.items() if internal})
        if self.mails is not None:
            self.mails.take((one for one, __, __ in touched), self.opens)

    def told(self) -> Rehearsal:
        """What was counted."""
        mails = self.mails.unsent if self.mails else Counter()
        return Rehearsal(
            days=self.days,
            answers=count(self.desk.db.rows, self.where),
            touched=self.touched,
            with_ticket=self.counts["with"],
            would_open=self.counts["opened"],
            without_ticket=self.counts["without"],
            closed=self.counts["closed"],
            per_day=tuple(self.per_part),
            mails=self.mails.sent if self.mails else 0,
            unsent=_in_words(mails, said),
            undone=_in_words(self.doing.undone, undone_said),
            rows=self._rows(self.newest),
            newest=self.old,
        )

    def _part(self, at: int) -> int:
        """Which of the equal parts of the time a moment lies in."""
        parts = len(self.per_part)
        return min(parts - 1, max(0, (at - self.first) * parts // max(1, self.last - self.first)))

    def _rows(self, newest: list[Read]) -> tuple[RehearsalRow, ...]:
        if not newest:
            return ()
        ids = ", ".join(str(one.answer) for one in newest)
        about = {
            id: (name or "", comment)
            for id, name, comment in self.desk.db.rows(
                f"""SELECT a.id, c.name, a.comment FROM answers a {TICKET}
                    LEFT JOIN contacts c ON c.id = COALESCE(t.contact_id, a.contact_id)
                    WHERE a.id IN ({ids})"""
            )
        }
        says = self.plan.when.says
        expressions = [(e, says.endings) for e in says.any_of]
        found = []
        for one in newest:
            name, comment = about.get(one.answer, ("", ""))
            words = line(comment, SHOWN)
            klass = "" if one.klass is None else _CLASS_NAMES[one.klass]
            found.append(
                RehearsalRow(
                    one.answer, one.ticket, line(name, 200), klass, one.score, words, spans(words, expressions), one.at
                )
            )
        return tuple(found)


def _as_told(plan: RuleSet, names: Names, actor: Actor) -> RuleSet:
    """A flow out of sight is like one that is not there: whether it is, and who works in it, is not told (P3)."""
    flow = names.flows.id(plan.then.open_in)
    if flow is None or scope(actor).admits(flow):
        return plan
    return replace(plan, then=replace(plan.then, open_in=f"#{flow}"))


def _before(sets: Sequence[RuleSet], id: int | None) -> Sequence[RuleSet]:
    """The sets that run before one, whatever place its reader is shown; one that is not saved comes last."""
    at = next((i for i, one in enumerate(sets) if one.id == id), len(sets))
    return sets[:at]


def _that_matter(plan: RuleSet, earlier: Sequence[RuleSet]) -> tuple[tuple[RuleSet, ...], frozenset[str]]:
    """Those sets that give what the plan looks at, or what such a set looks at; and what kinds of things they give."""
    wanted, found, given = _looks_at(plan), list[RuleSet](), set[str]()
    for one in reversed(earlier):
        if gives := _gives(one, wanted):
            found.insert(0, one)
            given |= gives
            for kind, names in _looks_at(one).items():
                wanted[kind] = wanted.get(kind, frozenset()) | names
    return tuple(found), frozenset(given)


def _looks_at(one: RuleSet) -> dict[str, frozenset[str]]:
    found = {
        "categories": frozenset(map(flat, one.when.categories)),
        "tags": frozenset(map(flat, one.when.tags)),
        "priority": frozenset(map(str, one.when.priorities)),
    }
    return {kind: names for kind, names in found.items() if names}


def _gives(one: RuleSet, wanted: dict[str, frozenset[str]]) -> set[str]:
    found = set()
    if "categories" in wanted and (one.then.categorise or wanted["categories"] & set(map(flat, one.then.categories))):
        found.add("categories")
    if "tags" in wanted and wanted["tags"] & set(map(flat, one.then.tags)):
        found.add("tags")
    if "priority" in wanted and one.then.priority is not None:
        found.add("priority")
    return found


def _in_words(counted: Counter[str], words: Callable[[str], str]) -> tuple[tuple[str, int], ...]:
    """Sentences with how often, the most frequent first."""
    told: Counter[str] = Counter()
    for code, n in counted.items():
        told[words(code)] += n
    return tuple(sorted(told.items(), key=lambda x: (-x[1], x[0])))

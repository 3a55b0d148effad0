"""Several acts at once on many tickets, by hand (A7): a selection, or all that a query finds.

Each act is the verb of one ticket, under exactly its rules and with its event; the actor's rights are read anew in every
transaction. What one act refuses does not hold up the others, nor one ticket the others. Between two pieces others come
in, and whoever asked can stop; what was done until then stays.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from domain.people import Actor
from domain.query import parse
from domain.refusals import Refusal, refuse
from domain.rights import scope
from domain.ruling import CATEGORY_ENDINGS
from domain.textmatch import Matcher
from domain.tickets import Priority
from loop import editing, following, tickets, transfers
from loop.desk import Desk
from loop.loading import Loaded
from loop.shaping import PIECE, let_others_in
from loop.views import Done, View
from storage import conditions

if TYPE_CHECKING:
    from loop.mass_assigning import ByTable
    from loop.mass_mail import Writer

Progress = Callable[[int, int], None]
"""Called with how many tickets are behind, and of how many, after each piece."""
Stop = Callable[[], bool]
_READ = 10_000
"""Numbers that one query reads."""
_OF_ONE = frozenset({"number", "customer", "address"})
"""What refusals name of one ticket: by that they are not told apart."""


class Keep(Enum):
    """A value that stays as it is, where None is one."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True)
class Acts:
    """What is done, in the order of the fields; what is empty stays as it is."""

    start: bool = False
    """Out of pending (T2)."""
    assignee: str | Keep | None = KEEP
    """A login; None for nobody."""
    managers: int | None = None
    """A table by which each is given to somebody, in the place of `assignee`."""
    categories: tuple[int, ...] = ()
    no_categories: tuple[int, ...] = ()
    categorise: bool = False
    """Give every category whose own Text Match words the comment has."""
    tags: tuple[str, ...] = ()
    no_tags: tuple[str, ...] = ()
    priority: Priority | None = None
    due: int | Keep | None = KEEP
    """Unix milliseconds; None for no due date."""
    followers: tuple[str, ...] = ()
    """Logins."""
    answered: bool = False
    """They need no answer any more (Q2)."""
    template: int | str | None = None
    """An e-mail to each customer: a template, or `mass_mail.CLASS` for that of their class. A ticket whose customer is not
    written to is not moved or transferred either: who closes it with an e-mail would not close it without."""
    seen: int = 0
    """The newest event when whoever writes looked at the tickets; what came later stops an e-mail. 0 for now."""
    flow: int | None = None
    """Another flow, where `phase` is then one of its phases, or '' for the first of the ticket's status (I7)."""
    phase: str = ""
    """By name."""
    resolution: str = ""
    """For a phase that closes (T6)."""
    outcome: str = ""
    rule: int | None = None
    """A rule set that is run on them, after all else."""

    @property
    def empty(self) -> bool:
        """Whether nothing would be done."""
        said = (f for f in fields(self) if f.name not in ("resolution", "outcome", "seen"))
        return all(getattr(self, f.name) == f.default for f in said)

    @property
    def trouble(self) -> Refusal | None:
        """Why nothing of it can be done."""
        return refuse("assigned twice") if self.managers is not None and self.assignee is not KEEP else None


@dataclass(frozen=True)
class WhyNot:
    """A reason, and the tickets that it held for."""

    why: Refusal
    """Of the first of them, where it names something of the ticket."""
    numbers: tuple[int, ...]

    @property
    def count(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True)
class MassDone:
    """What came of it."""

    found: int
    """Tickets that were meant."""
    done: tuple[int, ...]
    """On which everything was done."""
    refused: tuple[WhyNot, ...]
    """By reason, the most frequent first; a ticket stands under each reason of its own."""
    partly: tuple[int, ...] = ()
    """Of those refused something: on which the rest was done."""
    left: int = 0
    """Not come to, when it was stopped."""
    written: tuple[int, ...] = ()
    """To whose customers an e-mail was written."""


def find(desk: Desk, where: str | View, *, actor: Actor) -> tuple[int, ...]:
    """The numbers of all tickets that a query, or a view of the list, shows to the actor (P3)."""
    found: list[int] = []
    for piece in _pages(desk, where, actor):
        found += piece
    return tuple(found)


def count(desk: Desk, where: str | View, *, actor: Actor) -> int:
    """How many those are."""
    c = _conditions(desk, where, actor)
    return int(desk.db.rows(f"SELECT COUNT(*) FROM tickets t WHERE {c.where()}", c.parameters)[0][0])


def apply(
    desk: Desk,
    which: Iterable[int] | str | View,
    acts: Acts,
    *,
    actor: Actor,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> MassDone:
    """Do all the acts on each ticket; those of a query or view are found before the first is touched."""
    wanted = meant(desk, which, actor)
    if why := acts.trouble:
        return MassDone(len(wanted), (), (WhyNot(why, wanted),))
    writer = writer_of(desk, acts, actor)
    steps, then = _steps(desk, acts, actor)
    sum = Sum(len(wanted))
    if steps or then or writer:
        in_pieces(
            desk, wanted, lambda piece: sum.add(piece, _one_by_one(desk, steps, writer, then, piece)), progress, stop
        )
    if acts.rule is not None and (sum.behind == len(wanted) or not (steps or then or writer)):
        _run_rule(desk, acts.rule, wanted, sum, actor, progress, stop)
    return sum.result(tuple(writer.written) if writer else ())


def meant(desk: Desk, which: Iterable[int] | str | View, actor: Actor) -> tuple[int, ...]:
    """The numbers, each once; those of a query or view are found now."""
    return find(desk, which, actor=actor) if isinstance(which, str | View) else tuple(dict.fromkeys(which))


def writer_of(desk: Desk, acts: Acts, actor: Actor) -> "Writer | None":
    """Who writes the e-mail that is asked for."""
    if acts.template is None:
        return None
    from loop.mass_mail import Move, Writer

    moves = acts.phase and acts.flow is None
    move = Move(acts.phase, acts.resolution, acts.outcome) if moves else None
    return Writer(desk, acts.template, actor, seen=acts.seen, move=move)


def by_table(desk: Desk, acts: Acts, actor: Actor) -> "ByTable | None":
    """Who assigns by the table that is asked for."""
    if acts.managers is None:
        return None
    from loop.mass_assigning import ByTable

    return ByTable(desk, acts.managers, actor)


def _one_by_one(
    desk: Desk, steps: Iterable["Step"], writer: "Step | None", then: Iterable["Step"], piece: tuple[int, ...]
) -> Iterator[Done]:
    """Each act on a piece, `then` on those that were written to; others come in between two of them as well."""
    for i, step in enumerate(steps):
        if i:
            let_others_in(desk, len(piece))
        yield step(piece)
    if writer is not None:
        written = writer(piece)
        yield written
        piece = written.done
    for step in then:
        let_others_in(desk, len(piece))
        yield step(piece)


def in_pieces(
    desk: Desk,
    numbers: tuple[int, ...],
    act: Callable[[tuple[int, ...]], Any],
    progress: Progress | None,
    stop: Stop | None,
) -> int:
    """Call `act` with one piece after the other until all are done or `stop` says so; how many were behind then."""
    for i in range(0, len(numbers), PIECE):
        if stop is not None and stop():
            return i
        piece = numbers[i : i + PIECE]
        act(piece)
        if progress is not None:
            progress(min(i + PIECE, len(numbers)), len(numbers))
        if i + PIECE < len(numbers):
            let_others_in(desk, len(piece))
    return len(numbers)


class Grouped:
    """Refusals by reason, as they come."""

    def __init__(self) -> None:
        self._found: dict[Any, tuple[Refusal, dict[int, None]]] = {}

    def add(self, number: int, why: Refusal) -> None:
        key = why.code, tuple(p for p in why.parameters if p[0] not in _OF_ONE)
        self._found.setdefault(key, (why, {}))[1][number] = None

    @property
    def reasons(self) -> tuple[WhyNot, ...]:
        """The most frequent first."""
        return tuple(sorted((WhyNot(why, tuple(n)) for why, n in self._found.values()), key=lambda r: -r.count))


class Sum:
    """What came of the pieces until now."""

    def __init__(self, found: int) -> None:
        self._found = found
        self._grouped = Grouped()
        self._refused: dict[int, None] = {}
        self._done: dict[int, None] = {}
        self.behind = 0

    def add(self, piece: Iterable[int], made: Iterable[Done]) -> None:
        """What the acts did with a piece."""
        for done in made:
            self._done |= dict.fromkeys(done.done)
            for one in done.refused:
                self._grouped.add(one.number, one.why)
                self._refused[one.number] = None
        self.behind += sum(1 for _number in piece)

    def result(self, written: tuple[int, ...] = ()) -> MassDone:
        """The whole of it."""
        return MassDone(
            self._found,
            tuple(n for n in self._done if n not in self._refused),
            self._grouped.reasons,
            tuple(n for n in self._done if n in self._refused),
            self._found - self.behind,
            written,
        )


Step = Callable[[tuple[int, ...]], Done]


def _steps(desk: Desk, acts: Acts, actor: Actor) -> tuple[list[Step], list[Step]]:
    """The verbs that are asked for, in their order: those before an e-mail, and those behind it."""
    a, by = acts, actor
    steps: list[tuple[Any, Step]] = [
        (a.start, lambda piece: tickets.start(desk, piece, actor=by)),
        (a.assignee is not KEEP, lambda piece: tickets.assign(desk, piece, a.assignee, actor=by)),  # type: ignore[arg-type]
        (a.managers is not None, by_table(desk, a, by) or _nothing),
        (
            a.categories or a.no_categories,
            lambda piece: editing.categorise(desk, piece, a.categories, a.no_categories, actor=by),
        ),
        (a.categorise, _Words(desk, by) if a.categorise else _nothing),
        (a.tags or a.no_tags, lambda piece: editing.tag(desk, piece, a.tags, a.no_tags, actor=by)),
        (a.priority, lambda piece: tickets.prioritise(desk, piece, a.priority, actor=by)),  # type: ignore[arg-type]
        (a.due is not KEEP, lambda piece: editing.set_due(desk, piece, a.due, actor=by)),  # type: ignore[arg-type]
        *((True, lambda piece, w=who: following.follow(desk, piece, w, actor=by)) for who in a.followers),  # type: ignore[misc]
        (a.answered, lambda piece: tickets.needs_no_answer(desk, piece, actor=by)),
    ]
    then: list[tuple[Any, Step]] = [
        (
            a.flow is not None,
            lambda piece: transfers.transfer(
                desk, piece, a.flow or 0, a.phase or None, actor=by, resolution=a.resolution, outcome=a.outcome
            ),
        ),
        (
            a.phase and a.flow is None and a.template is None,  # else it moves in the act of writing
            lambda piece: tickets.move(desk, piece, a.phase, actor=by, resolution=a.resolution, outcome=a.outcome),
        ),
    ]
    before, behind = ([step for wished, step in some if wished] for some in (steps, then))
    return before, behind


def _nothing(piece: tuple[int, ...]) -> Done:
    return Done(piece)


class _Words:
    """Gives each ticket the categories whose own words its comment has, or, without an answer, what it says (A3)."""

    def __init__(self, desk: Desk, actor: Actor) -> None:
        self._desk, self._actor = desk, actor
        self._categories: list[int] = []
        expressions: list[tuple[str, bool]] = []
        for id, words in desk.db.rows(
            "SELECT c.id, c.words FROM categories c LEFT JOIN categories p ON p.id = c.parent_id"
            " WHERE c.retired_at IS NULL AND p.retired_at IS NULL ORDER BY c.id"
        ):
            for word in json.loads(words) if isinstance(words, str) else words or ():
                self._categories.append(id)
                expressions.append((word, CATEGORY_ENDINGS))
        self._matcher = Matcher(expressions)

    def __call__(self, piece: tuple[int, ...]) -> Done:
        wanted = self._found(piece)

        def act(work: Any, one: Loaded, actor: Actor) -> Refusal | None:
            return editing.sort(work, one, wanted.get(one.row.number, ()), (), actor, self._desk.now())

        return tickets.on_each(self._desk, piece, self._actor, act)

    def _found(self, piece: tuple[int, ...]) -> Mapping[int, tuple[int, ...]]:
        inside = ", ".join(str(int(n)) for n in piece)
        comments = self._desk.db.rows(
            "SELECT t.number, CASE WHEN a.id IS NULL THEN t.description ELSE a.comment END FROM tickets t"
            f" LEFT JOIN answers a ON a.id = t.answer_id WHERE t.number IN ({inside})"
        )
        return {
            number: tuple(dict.fromkeys(self._categories[i] for i in sorted(self._matcher.find(comment))))
            for number, comment in comments
        }


def _run_rule(
    desk: Desk,
    rule: int,
    wanted: tuple[int, ...],
    sum: Sum,
    actor: Actor,
    progress: Progress | None,
    stop: Stop | None,
) -> None:
    """Run a rule set on them: with the actor's rights and its own."""
    from loop import autopilot
    from loop.views import Refused

    behind = 0

    def told(n: int) -> None:
        nonlocal behind
        behind = n
        if progress is not None:
            progress(n, len(wanted))

    ran = autopilot.run_on(desk, rule, wanted, actor=actor, progress=told, stop=stop)
    if isinstance(ran, Refusal):
        sum.add((), [Done((), tuple(Refused(n, ran) for n in wanted))])
        sum.behind = len(wanted)
        return
    looked_at = wanted[: behind if ran.stopped else len(wanted)]
    why = dict(ran.refused)
    sum.add((), [Done(tuple(n for n in looked_at if n not in why), tuple(Refused(n, w) for n, w in why.items()))])
    sum.behind = len(looked_at)


def _conditions(desk: Desk, where: str | View, actor: Actor) -> conditions.Conditions:
    view = View(query=where) if isinstance(where, str) else where
    tab = view.tab.value if view.tab else None
    return conditions.conditions(
        scope(actor), parse(view.query), tab=tab, flow=view.flow, me=actor.id, now_ms=desk.now()
    )


def _pages(desk: Desk, where: str | View, actor: Actor) -> Iterator[list[int]]:
    """The numbers in pages beyond the last one read: a number never changes, so none comes twice."""
    c = _conditions(desk, where, actor)
    last = 0
    while True:
        rows = desk.db.rows(
            f"SELECT t.number FROM tickets t WHERE {c.where('t.number > :last')} ORDER BY t.number LIMIT :most",
            dict(c.parameters) | {"last": last, "most": _READ},
        )
        yield [number for (number,) in rows]
        if len(rows) < _READ:
            return
        last = rows[-1][0]

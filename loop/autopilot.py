"""The autopilot at work: on answers that come in, on the past, by hand and by the clock (A1–A7).

Whatever led to it, a set meets an answer once (A5), its effects are those of `domain.rule_effects`, and each run is in the log.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_work, scope
from domain.rule_effects import DAY_MS, undone_said
from domain.ruling import Hit
from loop.desk import Desk
from loop.intaking import Home
from loop.newborn import insert, number, state_of
from loop.rule_cases import Found, by_answers, by_tickets, lock, newborns, states
from loop.rule_effects import Subject, touch, write
from loop.rule_plans import may_change, reaches
from loop.rule_runs import Run, Tally, Way, note
from loop.rule_views import Ran
from loop.rule_world import Setup, setup
from loop.shaping import PIECE, let_others_in, standing

PAGE = 500
"""Answers of the past that are looked at between two questions whether to stop; looking holds nobody up."""


@dataclass
class _Sum:
    """What a run did so far."""

    looked_at: int = 0
    touched: int = 0
    mails: int = 0
    held: int = 0
    undone: Counter[str] = field(default_factory=Counter)
    refused: dict[int, Refusal] = field(default_factory=dict)

    def add(self, made: Iterable[Subject]) -> None:
        for one in made:
            for each in one.made:
                self.touched += 1
                self.mails += bool(each.mail)
                self.held += each.mail == "old"
                self.undone.update(why for __, why in each.did.get("undone", ()))

    def ran(self, run: Run, *, stopped: bool = False) -> Ran:
        undone: Counter[str] = Counter()
        for code, n in self.undone.items():
            undone[undone_said(code)] += n
        return Ran(
            run.id, self.looked_at, self.touched, self.mails, tuple(undone.most_common()), tuple(self.refused.items()),
            stopped, self.held,
        )  # fmt: skip


# When answers come in.


def meet(subject: Subject, home: Home | None, of: Setup, now: int, found: frozenset[int] | None = None) -> bool:
    """Ask the sets about an answer that is coming in, with what the flow that takes it gives; whether one touched it.

    What became of the ticket is then in `subject.state`, before it is written. `found` is what `Ruling.look` told of it.
    """
    hits = of.ruling.decide(subject.case, found)
    if not hits:
        return False
    if home is not None:
        subject.state = state_of(home, now, customer=subject.customer, email=subject.email, phone=subject.phone)
    touch(subject, hits, of, now)
    return True


def settle(desk: Desk, work: Any, run: Run, touched: Sequence[Subject], of: Setup, looked_at: int) -> None:
    """Write what sets did to answers that came in, whose tickets were written as they are now."""
    # One answer by webhook is a run; those that no set is about would fill the log.
    if not touched and (run.way in ("webhook", "time") or not of.sets):
        return
    run_id = note(work, run, desk.now(), looked_at, _tallies(touched))
    write(desk, work, run, run_id, touched, of, here=False)


# What is here already.


def apply(desk: Desk, work: Any, run: Run, pairs: Iterable[tuple[int, int]]) -> int:
    """Run sets on tickets in this transaction: pairs of a rule set's id and a ticket's number; how many were touched.

    What the clock calls. All other conditions than the moment are asked anew, with everything locked; sets that are off,
    tickets that are closed and those that the set met before are left alone. One set's pairs come together, in the order
    of the sets.
    """
    wanted: dict[int, list[int]] = {}
    for rule_set, ticket in pairs:
        wanted.setdefault(rule_set, []).append(ticket)
    count = 0
    for rule_set, numbers in wanted.items():
        of = setup(work, run, rule_set)
        count += len(_act(desk, work, run, of, len(numbers), numbers=numbers))
    return count


def run_past(
    desk: Desk,
    rule_set_id: int,
    *,
    days: int | None = None,
    since: int | None = None,
    actor: Actor,
    progress: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Ran | Refusal:
    """Run a set that is on on answers that are here: of the last `days`, or that came in since then (Unix ms), or all (A5).

    For who may change the set. Answers that it met before are left alone, closed tickets too. `progress` is told how many
    were looked at; `stop` ends it after the piece in hand, and what was done stays.
    """
    if why := _may_run(desk.db, rule_set_id, actor, clock=False):
        return why
    run, sum = Run("past", _about(days), actor.id), _Sum()
    of = setup(desk.db, run, rule_set_id)
    rows, noted = desk.db.rows, 0
    after = _last_before(rows, since) if since is not None else 0
    oldest = desk.now() - days * DAY_MS if days is not None else -(1 << 62)
    last = rows("SELECT COALESCE(MAX(id), 0) FROM answers")[0][0]
    while not (stop and stop()):
        page = [
            id
            for (id,) in rows(
                "SELECT id FROM answers WHERE id > :after AND id <= :last AND answered_at >= :oldest ORDER BY id LIMIT :n",
                {"after": after, "last": last, "oldest": oldest, "n": PAGE},
            )
        ]
        if not page:
            _close(desk, run, sum.looked_at - noted)
            return sum.ran(run)
        after = page[-1]
        sum.looked_at += len(page)
        held = [f.subject.about for f in by_answers(rows, page, of) if of.ruling.decide(f.subject.case)]
        for i in range(0, len(held), PIECE):
            piece = held[i : i + PIECE]

            def act(work: Any, piece: list[int] = piece, new: int = sum.looked_at - noted) -> list[Subject] | Refusal:
                if why := _may_run(work, rule_set_id, actor, clock=False):
                    return why
                now = setup(work, run, rule_set_id)
                return [f.subject for f in _act(desk, work, run, now, new, answers=piece)]

            made = desk.db.transact(act)
            if isinstance(made, Refusal):  # switched off meanwhile, or no right any more
                return sum.ran(run, stopped=True) if sum.touched else made
            sum.add(made)
            if made:
                noted = sum.looked_at
            let_others_in(desk, len(piece))
            if stop and stop():
                return sum.ran(run, stopped=True)
        if progress:
            progress(sum.looked_at)
    _close(desk, run, sum.looked_at - noted)
    return sum.ran(run, stopped=True)


def run_on(
    desk: Desk,
    rule_set_id: int,
    numbers: Iterable[int],
    *,
    actor: Actor,
    progress: Callable[[int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Ran | Refusal:
    """Run a set that is on on tickets by hand (A7): for who may change the set, on tickets that they may work on.

    Its conditions hold here too. Tickets that it does not touch are among the refused, with the reason.
    """
    if why := _may_run(desk.db, rule_set_id, actor):
        return why
    run, sum, wanted = Run("hand", "", actor.id), _Sum(), list(dict.fromkeys(numbers))
    for i in range(0, len(wanted), PIECE):
        if stop and stop():
            return sum.ran(run, stopped=True)
        piece = wanted[i : i + PIECE]

        def act(work: Any, piece: list[int] = piece) -> tuple[list[Subject], dict[int, Refusal]] | Refusal:
            if why := _may_run(work, rule_set_id, actor):
                return why
            return _by_hand(desk, work, run, rule_set_id, piece, standing(work, actor))

        done = desk.db.transact(act)
        if isinstance(done, Refusal):
            return sum.ran(run, stopped=True) if sum.touched else done
        sum.looked_at += len(piece)
        sum.add(done[0])
        sum.refused |= done[1]
        if progress:
            progress(sum.looked_at)
        if i + PIECE < len(wanted):
            let_others_in(desk, len(piece))
    return sum.ran(run)


def waiting(rows: Any, rule_set_id: int) -> int:
    """How many answers came since a set was last switched off; 0 for one that never was (A1)."""
    found = rows("SELECT off_since FROM rule_sets WHERE id = :id", {"id": rule_set_id})
    if not found or found[0][0] is None:
        return 0
    first = _last_before(rows, found[0][0])
    return int(rows("SELECT COUNT(*) FROM answers WHERE id > :first", {"first": first})[0][0])


def _last_before(rows: Any, at: int) -> int:
    """The last answer that came in before a time: answers get their ids as they come in."""
    found = rows("SELECT id FROM answers WHERE imported_at < :at ORDER BY id DESC LIMIT 1", {"at": at})
    return found[0][0] if found else 0


def _may_run(work: Any, rule_set_id: int, actor: Actor, *, clock: bool = True) -> Refusal | None:
    """Who may change a set may run it; one that is on, and for the past none of time."""
    of = reaches(work.rows).get(rule_set_id)
    if of is None:
        return refuse("not here")
    if why := may_change(standing(work, actor), of):
        return why
    name, active, conditions = work.rows(
        "SELECT name, active, conditions FROM rule_sets WHERE id = :id", {"id": rule_set_id}
    )[0]
    if not active:
        return refuse("rule off", name=name)
    from loop.flow_plans import decoded

    return refuse("rule of time", name=name) if not clock and (decoded(conditions) or {}).get("moment") else None


def _by_hand(
    desk: Desk, work: Any, run: Run, rule_set_id: int, piece: list[int], actor: Actor
) -> tuple[list[Subject], dict[int, Refusal]]:
    inside = ", ".join(str(int(n)) for n in piece)
    flows = dict(work.rows(f"SELECT number, flow_id FROM tickets WHERE number IN ({inside})"))
    refused: dict[int, Refusal] = {}
    for one in piece:
        if one not in flows or not scope(actor).admits(flows[one]):
            refused[one] = refuse("no ticket", number=one)
        elif why := may_work(actor, flows[one]):
            refused[one] = why
    of = setup(work, run, rule_set_id)
    name = of.sets[rule_set_id].name if of.sets else ""
    looked: list[Found] = []
    allowed = [n for n in piece if n not in refused]
    made = _act(desk, work, run, of, len(piece), numbers=allowed, actor=actor, looked=looked)
    done = {f.subject.number for f in made}
    for found in looked:
        case, one = found.subject.case, found.subject.number or 0
        if one in done:
            continue
        merged = found.row[26]
        refused[one] = (
            refuse("merged", number=merged)
            if merged is not None
            else refuse("already closed")
            if case.closed
            else refuse("rule met", name=name)
            if rule_set_id in case.hit
            else refuse("rule not about", name=name)
        )
    for one in allowed:  # gone to a flow out of sight meanwhile
        if one not in done and one not in refused:
            refused[one] = refuse("no ticket", number=one)
    return [f.subject for f in made], refused


def _act(
    desk: Desk,
    work: Any,
    run: Run,
    of: Setup,
    looked_at: int,
    *,
    answers: Sequence[int] = (),
    numbers: Sequence[int] = (),
    actor: Actor | None = None,
    looked: list[Found] | None = None,
) -> list[Found]:
    """Run sets on answers, or on tickets, that are here; those that were touched. `looked` gets all that were asked about."""
    if not of.sets or not (answers or numbers):
        return []
    now = desk.now()
    lock(work, answers, numbers, of)
    found = by_answers(work.rows, answers, of) if answers else by_tickets(work.rows, numbers, of)
    if actor is not None:
        found = [f for f in found if f.flow is not None and may_work(actor, f.flow) is None]
    if looked is not None:
        looked += found
    held: list[tuple[Found, list[Hit]]] = [(f, hits) for f in found if (hits := of.ruling.decide(f.subject.case))]
    states(work, [f for f, __ in held])
    for one, hits in held:
        touch(one.subject, hits, of, now)
    made = [f for f, __ in held if f.subject.made]
    if not made and run.way in ("time", "past"):
        return []
    born = newborns(work, made)
    number(work, born)
    numbered = {one.answer: one.number for one in born}
    for one in made:
        one.subject.number = one.subject.number or numbered.get(one.subject.about)
    insert(work, born, now)
    subjects = [f.subject for f in made]
    write(desk, work, run, note(work, run, now, looked_at, _tallies(subjects)), subjects, of, here=True)
    return made


def _tallies(subjects: Iterable[Subject]) -> dict[int, Tally]:
    found: dict[int, Tally] = {}
    for subject in subjects:
        for made in subject.made:
            if (tally := found.get(made.rule.id or 0)) is None:
                tally = found[made.rule.id or 0] = Tally()
            tally.add(made.mail, made.did.get("undone", ()))
    return found


def _close(desk: Desk, run: Run, looked_at: int) -> None:
    """The last answers that were looked at, and a run that touched nothing, come into the log too."""
    if looked_at or run.id is None:
        desk.db.transact(lambda work: note(work, run, desk.now(), looked_at, {}))


def _about(days: int | None) -> str:
    return "" if days is None else f"{days} d"


__all__ = ["Run", "Way", "apply", "meet", "run_on", "run_past", "settle", "waiting"]

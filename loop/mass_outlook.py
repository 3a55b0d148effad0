"""To how many an e-mail would be written before it is (A7, M2): counted under the rules by which it is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from domain import tickets as rules
from domain.flows import Status
from domain.people import Actor
from domain.tickets import Ticket
from loop.desk import Desk
from loop.mass import KEEP, Acts, Progress, Stop, Sum, WhyNot, by_table, in_pieces, meant, writer_of
from loop.views import View


@dataclass(frozen=True)
class Outlook:
    """Whom an e-mail would go to, as far as one can tell before."""

    would: tuple[int, ...]
    refused: tuple[WhyNot, ...]
    """Why not to the others."""
    left: int = 0
    """Not looked at, when it was stopped."""


def outlook(
    desk: Desk,
    which: Iterable[int] | str | View,
    acts: Acts,
    *,
    actor: Actor,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Outlook:
    """To how many `mass.apply` would write an e-mail now, and why not to the others; nothing is done.

    A start and an assignee that go before it are reckoned with, other acts are not.
    """
    wanted = meant(desk, which, actor)
    if why := acts.trouble:
        return Outlook((), (WhyNot(why, wanted),))
    writer = writer_of(desk, acts, actor)
    if writer is None:
        return Outlook((), ())
    sum = Sum(len(wanted))
    table = by_table(desk, acts, actor)

    def look(piece: tuple[int, ...]) -> None:
        named = table.logins(piece) if table else {}
        sum.add(piece, [writer.would(piece, lambda ticket: _before(ticket, acts, named, actor))])

    in_pieces(desk, wanted, look, progress, stop)
    done = sum.result()
    return Outlook(done.done, done.refused, done.left)


def _before(ticket: Ticket, acts: Acts, named: Mapping[int, str], actor: Actor) -> Ticket:
    """What a ticket is by the start and the assignee that go before its e-mail."""
    if acts.start and ticket.status is Status.PENDING and rules.may_start(actor, ticket) is None:
        ticket = replace(ticket, phase_id=ticket.flow.first(Status.PROGRESS).id)
    login = named.get(ticket.number) or KEEP if acts.managers is not None else acts.assignee
    if login is KEEP or rules.may_assign(actor, ticket) is not None:
        return ticket
    # Of others nothing is asked but that they are not the actor.
    id = actor.id if login == actor.login else None if login is None else -1
    return replace(ticket, assignee_id=id, assignee=login or "")

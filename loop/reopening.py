"""What a reply to a closed ticket does, as its flow says (M9)."""

from dataclasses import replace
from typing import Any

from domain.flows import Status
from domain.people import PROGRAM
from loop.births import open_ticket
from loop.handing import hand_on
from loop.loading import Loaded, re_rank
from loop.timeline import record
from storage.conditions import STATUS

_DAY_MS = 86_400_000


def reopen(work: Any, one: Loaded, now: int) -> int:
    """Reopen into the last phase in progress, due anew; or open a linked ticket. The number that goes on."""
    how, within, days = work.rows(
        "SELECT reopening, reopen_days, days_until_due FROM flows WHERE id = :id", {"id": one.row.flow_id}
    )[0]
    late = one.row.closed_at is not None and now - one.row.closed_at > within * _DAY_MS
    if how == "new" or (how == "within" and late):
        if one.contact is None:
            return one.row.number
        return open_ticket(work, one.row.flow_id, one.contact, one.row.subject, "", now, like=one.row)
    target = one.ticket.flow.last(Status.PROGRESS)
    old = one.ticket.flow.phase(one.row.phase_id)
    one.row.phase_id, one.row.status, one.row.closed_at = target.id, STATUS[target.status.value], None
    one.row.due_at = now + days * _DAY_MS
    re_rank(one.row)
    one.ticket = replace(one.ticket, phase_id=target.id)
    record(work, one.row.number, "reopened", actor=PROGRAM, at=now, old=old.name, new=target.name)
    hand_on(work, one, actor=PROGRAM, at=now)  # whoever had it may have left since it was closed (P4)
    return one.row.number

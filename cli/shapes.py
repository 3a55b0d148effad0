"""What the commands' JSON looks like. Scripts rely on these shapes: fields are added, never renamed or taken away."""

from datetime import UTC, datetime
from typing import Any

from domain.flows import Binding, Phase
from loop.rule_views import Because, HitLine, Ran, Rehearsal, RuleSetLine, RunLine
from loop.views import Activity, AnswerView, Customer, CustomerView, Done, Earlier, Entry, ImportReport, Row, TicketView


def moment(ms: int | None) -> str | None:
    """Unix milliseconds as ISO 8601 in UTC, to the second; None stays None."""
    if ms is None:
        return None
    return datetime.fromtimestamp(ms // 1000, UTC).isoformat().replace("+00:00", "Z")


def ticket_row(row: Row) -> dict[str, Any]:
    """A ticket as `tickets --json` lists it."""
    return {
        "number": row.number,
        "subject": row.subject,
        "status": row.status.value,
        "phase": row.phase,
        "flow": row.flow,
        "health": row.health.value if row.health else None,
        "score": row.score,
        "priority": row.priority.word,
        "customer": row.customer or None,
        "email": row.email or None,
        "assignee": row.assignee or None,
        "due": moment(row.due),
        "created": moment(row.created),
        "unanswered": row.unanswered,
    }


def ticket_whole(view: TicketView, entries: tuple[Entry, ...]) -> dict[str, Any]:
    """A ticket as `ticket --json` shows it."""
    return ticket_row(view.row) | {
        "survey": view.row.survey or None,
        "description": view.description,
        "assignee_name": view.assignee_name or None,
        "followers": list(view.followers),
        "tags": list(view.tags),
        "categories": list(view.categories),
        "started": moment(view.started),
        "closed": moment(view.closed),
        "resolution": view.resolution or None,
        "outcome": view.outcome or None,
        "contact": customer(view.customer),
        "answer": None if view.answer is None else _answer(view.answer),
        "earlier": [earlier(e) for e in view.earlier],
        "phases": [_phase(phase, view) for phase in view.flow.phases],
        "can": {verb: None if no is None else str(no) for verb, no in view.can.items()},
        "timeline": [_entry(entry) for entry in entries],
        "timeline_total": view.entries_total,
        "category_ids": list(view.category_ids),
        "activities": [activity(one) for one in view.activities],
        "others": [row.number for row in view.others],
        "merged_into": view.merged_into,
        "version": view.version,
    }


def customer(one: Customer) -> dict[str, Any]:
    """A customer, in a ticket and by themselves."""
    return {
        "id": one.id,
        "name": one.name or None,
        "email": one.email or None,
        "phone": one.phone or None,
        "customer_id": one.customer_id or None,
        "bounced": one.bounced,
        "attributes": dict(one.attributes),
    }


def customer_whole(view: CustomerView) -> dict[str, Any]:
    """A customer as `customer show --json` shows them (T9)."""
    return customer(view.customer) | {
        "tickets": [row.number for row in view.tickets],
        "answers": [earlier(e) for e in view.answers],
        "merged": [customer(one) for one in view.merged],
        "merged_into": view.merged_into,
    }


def earlier(e: Earlier) -> dict[str, Any]:
    """An earlier answer of a customer."""
    return {
        "at": moment(e.at),
        "survey": e.survey,
        "score": e.score,
        "health": e.health.value if e.health else None,
        "comment": e.comment,
        "ticket": e.ticket,
    }


def activity(one: Activity) -> dict[str, Any]:
    """One of a ticket's activities (T7)."""
    return {
        "id": one.id,
        "name": one.name,
        "type": one.type or None,
        "category": one.category or None,
        "category_id": one.category_id,
        "responsible": one.responsible or None,
        "done": moment(one.done),
    }


def _answer(answer: AnswerView) -> dict[str, Any]:
    return {
        "survey": answer.survey,
        "score": answer.score,
        "health": answer.health.value if answer.health else None,
        "comment": answer.comment,
        "at": moment(answer.at),
        "questions": [{"question": q, "answer": a} for q, a in answer.questions],
        "attributes": dict(answer.attributes),
    }


def _phase(phase: Phase, view: TicketView) -> dict[str, Any]:
    ticks = {tick.item: tick for tick in view.ticks}
    items = []
    for item in phase.items:
        tick = ticks.get(item.id)
        items.append(
            {
                "id": item.id,
                "text": item.text,
                "ticked": tick is not None,
                "by": tick.by if tick else None,
                "at": moment(tick.at) if tick else None,
            }
        )
    return {
        "name": phase.name,
        "status": phase.status.value,
        "current": phase.id == view.phase_id,
        "mandatory": phase.binding is Binding.MANDATORY,
        "items": items,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": moment(entry.at),
        "kind": entry.kind,
        "who": entry.who,
        "subject": entry.subject or None,
        "text": entry.text or None,
        "folded": list(entry.folded),
        "state": entry.state or None,
        "answer": entry.answer or None,
        "outbox": entry.outbox,
        "data": dict(entry.data),
        "attachments": [
            {"id": a.id, "name": a.name, "type": a.type, "size": a.size, "label": a.label or None}
            for a in entry.attachments
        ],
    }


def done(result: Done) -> dict[str, Any]:
    """What a verb did with a set of tickets (Q4)."""
    return {
        "done": list(result.done),
        "refused": [{"number": r.number, "reason": str(r.why), "code": r.why.code} for r in result.refused],
    }


def import_report(report: ImportReport) -> dict[str, Any]:
    """What came of an import (I8)."""
    return {
        "id": report.id,
        "read": report.read,
        "imported": report.imported,
        "duplicates": report.duplicates,
        "refused": [{"line": at, "reason": why} for at, why in report.refused],
        "tickets": report.tickets,
    }


def rule_set_line(row: RuleSetLine) -> dict[str, Any]:
    """A rule set as `rule list --json` lists it."""
    return {
        "id": row.id,
        "name": row.name,
        "position": row.position,
        "active": row.active,
        "text": row.sentence,
        "last_run": moment(row.last_run),
        "touched": row.touched,
        "waiting": row.waiting,
        "held": row.held,
        "blanks": list(row.blanks),
        "may_edit": row.may_edit is None,
        "off_since": moment(row.off_since),
    }


def counted(many: tuple[tuple[str, int], ...]) -> list[dict[str, Any]]:
    """Reasons with how often."""
    return [{"reason": why, "count": n} for why, n in many]


def rehearsal(found: Rehearsal) -> dict[str, Any]:
    """What a rule set would have done, as `rule rehearse --json` says it."""
    return {
        "days": found.days,
        "answers": found.answers,
        "touched": found.touched,
        "with_ticket": found.with_ticket,
        "would_open": found.would_open,
        "without_ticket": found.without_ticket,
        "closed": found.closed,
        "per_day": list(found.per_day),
        "mails": found.mails,
        "unsent": counted(found.unsent),
        "undone": counted(found.undone),
        "newest": moment(found.newest),
        "rows": [
            {
                "answer": r.answer,
                "ticket": r.ticket,
                "customer": r.customer or None,
                "class": r.klass or None,
                "score": r.score,
                "comment": r.comment,
                "answered": moment(r.answered_at),
            }
            for r in found.rows
        ],
    }


def ran(done: Ran) -> dict[str, Any]:
    """What came of running a rule set, as `rule run --json` says it."""
    return {
        "run": done.run,
        "looked_at": done.looked_at,
        "touched": done.touched,
        "mails": done.mails,
        "held": done.held,
        "undone": counted(done.undone),
        "refused": [{"number": n, "reason": str(why), "code": why.code} for n, why in done.refused],
        "stopped": done.stopped,
    }


def run_line(row: RunLine) -> dict[str, Any]:
    """A line of the autopilot's log, as `rule log --json` lists it."""
    return {
        "run": row.run,
        "at": moment(row.at),
        "way": row.way,
        "about": row.about,
        "who": row.who or None,
        "rule_set": row.rule_set or None,
        "looked_at": row.looked_at,
        "touched": row.touched,
        "mails": row.mails,
        "undone": counted(row.undone),
    }


def hit(row: HitLine) -> dict[str, Any]:
    """An answer that a rule set touched, as `rule hits --json` lists it."""
    return {
        "answer": row.answer,
        "ticket": row.ticket,
        "customer": row.customer or None,
        "class": row.klass or None,
        "score": row.score,
        "comment": row.comment,
        "at": moment(row.at),
        "did": list(row.did),
        "because": list(row.because),
        "mail": row.mail or None,
    }


def because(one: Because) -> dict[str, Any]:
    """Why a ticket has something, as `why --json` says it."""
    return {
        "field": one.field,
        "value": one.value,
        "by": one.by,
        "who": one.who or None,
        "because": list(one.because),
        "at": moment(one.at),
    }

"""An e-mail of a rule that stands on no ticket comes back: a reply opens one for its answer, a bounce marks the address (A2).

Inside the transaction of the mail that came.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.answers import subject_for
from domain.intake import Facts, Intake, choose
from domain.intake import read as read_intake
from domain.people import AUTOPILOT
from domain.text import _
from loop.births import open_ticket
from loop.knowing import same_customer
from loop.queue import CLASSES
from loop.timeline import record
from storage.conditions import AT_ADDRESS
from storage.tables import Answer, Contact

if TYPE_CHECKING:
    from mail.parsed import ParsedMail


@dataclass(frozen=True)
class Loose:
    """Our e-mail that a mail goes back to."""

    message: int
    evidence: str
    """The header and the value that named it."""


@dataclass(frozen=True)
class Opened:
    """The ticket that a reply goes onto."""

    ticket: int
    fresh: bool
    """Whether the reply opened it."""


def find(work: Any, header: str, value: str) -> Loose | None:
    """The e-mail of a rule, on no ticket, of that Message-ID, ours or the server's."""
    ours = "ticket IS NULL AND outgoing = true AND kind = 'automatic'"
    found = work.rows(
        f"SELECT id FROM messages WHERE message_id = :id AND {ours} UNION ALL"
        f" SELECT id FROM messages WHERE server_message_id = :id AND server_message_id <> '' AND {ours} LIMIT 1",
        {"id": value},
    )
    return Loose(found[0][0], f"{header}: {value}") if found else None


def belongs(work: Any, loose: Loose, address: str) -> bool:
    """Whether an address is the customer's whom we wrote to (M7)."""
    known = {address.lower() for __, address in _read(_recipients(work, loose))}
    answer = _answer_of(work, loose)
    if answer is not None:
        for email, others in work.rows(
            "SELECT c.email, c.other_emails FROM answers a JOIN contacts c ON c.id = a.contact_id OR c.id = a.own_contact_id WHERE a.id = :a",
            {"a": answer},
        ):
            known |= {one.lower() for one in (email, *_read(others)) if one}
    return address.strip().lower() in known


def ticket_for(work: Any, loose: Loose, now: int) -> Opened | str:
    """The ticket of the answer that was written to, opened if it has none; else why it gets none.

    It is opened in the flow that takes the answer, else in the first (I5), and our e-mail stands on it from then on.
    """
    id = _answer_of(work, loose)
    # Locked: of two replies that come at once the second finds the first one's ticket.
    answer = None if id is None else work.get(Answer, id)
    if answer is None:
        return _("an answer to an e-mail of a rule whose survey answer is gone")
    there = work.rows("SELECT MIN(number) FROM tickets WHERE answer_id = :a", {"a": answer.id})[0][0]
    if there is not None:
        _put_on(work, loose, there)
        return Opened(there, False)
    survey, internal = work.rows("SELECT name, internal FROM surveys WHERE id = :id", {"id": answer.survey_id})[0]
    if internal:
        return _("an answer to an e-mail of a rule; answers of employees never become tickets")
    contact = work.get(Contact, answer.contact_id) if answer.contact_id else None
    flow = flow_for(work, answer, survey)
    if contact is None or flow is None:
        return _("an answer to an e-mail of a rule, and there is no flow for it")
    subject = subject_for(answer.comment, survey, answer.score or 0)
    number = open_ticket(
        work, flow, same_customer(work, contact), subject, answer.comment, now,
        answer=answer, by="reply", survey=survey, score=answer.score,
    )  # fmt: skip
    _put_on(work, loose, number)
    return Opened(number, True)


def flow_for(work: Any, answer: Answer, survey: str) -> int | None:
    """The active flow that takes an answer, else the first; None where there is none (I5)."""
    flows = work.rows(
        "SELECT id, intake, intake_from, intake_until FROM flows WHERE active = true ORDER BY position, id"
    )
    if not flows:
        return None
    first = int(flows[0][0])
    if answer.klass is None or answer.score is None:
        return first
    surveys = dict(work.rows("SELECT id, name FROM surveys"))
    intakes = [Intake.of(id, read_intake(_read(kept), surveys, start, end)) for id, kept, start, end in flows]
    attributes = tuple((name, str(value)) for name, value in answer.attributes.items())
    facts = Facts(survey, CLASSES[answer.klass], answer.score, answer.answered_at, answer.comment, attributes)
    return choose(intakes, facts) or first


def returned(work: Any, loose: Loose, mail: "ParsedMail", now: int) -> None:
    """It could not be delivered: the message is marked, and for good the address of the customer (M11)."""
    work.run("UPDATE messages SET bounced_at = :now WHERE id = :id", {"now": now, "id": loose.message})
    for bounced in mail.bounces:
        if bounced.permanent and belongs(work, loose, bounced.address):
            work.run(
                f"UPDATE contacts SET bounced_at = :now WHERE id IN {AT_ADDRESS} AND bounced_at IS NULL",
                {"now": now, "address": bounced.address.strip().lower()},
            )


def _put_on(work: Any, loose: Loose, number: int) -> None:
    """Our e-mail stands on the ticket: who reads the reply reads what it answers."""
    if not work.run(
        "UPDATE messages SET ticket = :n WHERE id = :id AND ticket IS NULL", {"n": number, "id": loose.message}
    ):
        return
    at, state = work.rows(
        "SELECT m.at, o.state FROM messages m LEFT JOIN outbox o ON o.message_id = m.id WHERE m.id = :id",
        {"id": loose.message},
    )[0]
    rule = work.rows(
        "SELECT h.rule_set_id, s.name FROM rule_hits h JOIN rule_sets s ON s.id = h.rule_set_id WHERE h.about = :a AND h.message_id = :m",
        {"a": _answer_of(work, loose), "m": loose.message},
    )
    data = {"rule": rule[0][0], "rule_name": rule[0][1]} if rule else {}
    record(work, number, "mail out", actor=AUTOPILOT, at=at, message=loose.message, **data)
    if state == "sent":
        work.run(
            "UPDATE tickets SET last_out_at = :at WHERE number = :n AND (last_out_at IS NULL OR last_out_at < :at)",
            {"at": at, "n": number},
        )


def _answer_of(work: Any, loose: Loose) -> int | None:
    """The answer that a rule's e-mail was about."""
    kept = work.memo.setdefault("answers of mails", {})
    if loose.message not in kept:
        # By the customer first, whose answers are few; by the message alone where they have another address now.
        address = next((a for __, a in _read(_recipients(work, loose))), "")
        found = work.rows(
            f"""SELECT h.about FROM answers a JOIN rule_hits h ON h.about = a.id
                WHERE a.contact_id IN {AT_ADDRESS} AND h.message_id = :m""",
            {"address": address.lower(), "m": loose.message},
        ) or work.rows(
            "SELECT about FROM rule_hits WHERE mail <> '' AND mail = 'sent' AND message_id = :m AND about > 0",
            {"m": loose.message},
        )
        kept[loose.message] = found[0][0] if found else None
    return kept[loose.message]


def _recipients(work: Any, loose: Loose) -> Any:
    return work.rows("SELECT recipients FROM messages WHERE id = :id", {"id": loose.message})[0][0]


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value or {}

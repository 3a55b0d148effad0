"""The e-mails that rule sets ask for: written into the outbox, each once, or kept with the reason why not (A4, A5, M11).

A hit with `mail` “due” waits here, as long as its rule set is on. Its claim, the message and its place in the outbox are one transaction: a worker that
dies has written it or has not, and of two workers one finds it taken.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.people import AUTOPILOT, Actor
from domain.refusals import Refusal, refuse
from domain.text import _, line
from loop import audit
from loop.automatic import Queued, queue
from loop.class_mail import Unwritten, letter, part_name
from loop.desk import Desk
from loop.knowing import goes_on_as
from loop.mailboxes import ensure
from loop.matching import survivor
from loop.rule_effects import OLD_MS
from loop.rule_plans import may_change, reaches
from loop.shaping import standing
from storage.light import is_outage

if TYPE_CHECKING:
    from loop.config import MailboxConfig

PIECE = 20
"""E-mails written in one transaction: some milliseconds."""
DUE, OLD, CONFIRMED, SENT = "due", "old", "confirmed", "sent"
"""To be written; waiting for a yes; to be written though old, as somebody said yes; in the outbox."""


@dataclass(frozen=True)
class _Due:
    """A hit that asks for an e-mail."""

    rule_set: int
    rule_name: str
    about: int
    ticket: int | None
    send: str | int
    word: str
    """`DUE` or `CONFIRMED`."""
    at: int
    """When it was answered; of a ticket without an answer, when it was born."""

    @property
    def answer(self) -> int | None:
        return self.about if self.about > 0 else None


def write_due(desk: Desk, config: "MailboxConfig", *, limit: int = 100) -> int:
    """Write up to `limit` e-mails that are due into the outbox, or why they stay; how many were looked at."""
    done = 0
    while done < limit and (piece := _due(desk, min(PIECE, limit - done))):
        ensure(desk, config)  # a transaction of its own, which cannot be within another
        _write(desk, config, piece)
        done += len(piece)
    return done


def _due(desk: Desk, limit: int) -> list[_Due]:
    # The first condition lets SQLite take the index of the few that have something to do with mail.
    found = desk.db.rows(
        """SELECT h.rule_set_id, s.name, h.about, h.ticket, s.actions, h.mail, COALESCE(a.answered_at, t.born_at, h.at)
           FROM rule_hits h JOIN rule_sets s ON s.id = h.rule_set_id
           LEFT JOIN answers a ON a.id = h.about LEFT JOIN tickets t ON t.number = -h.about
           WHERE h.mail <> '' AND h.mail IN ('due', 'confirmed') AND s.active = true
           ORDER BY h.at, h.rule_set_id, h.about LIMIT :n""",
        {"n": limit},
    )
    return [
        _Due(id, name, about, ticket, _read(actions).get("send", ""), word, at)
        for id, name, about, ticket, actions, word, at in found
    ]


def _write(desk: Desk, config: "MailboxConfig", piece: Sequence[_Due]) -> None:
    """Write a piece; where one of it breaks, each alone, so that only that one stays unwritten."""

    def act(work: Any) -> None:
        _lock(work, piece)
        for due in piece:
            _one(desk, work, config, due)

    try:
        desk.db.transact(act)
    except Exception as trouble:
        if is_outage(trouble):
            raise
        if len(piece) > 1:
            for due in piece:
                _write(desk, config, [due])
            return
        words = line(f"trouble: {type(trouble).__name__}", 100)
        desk.db.transact(lambda work: _claim(work, piece[0], words))


def _lock(work: Any, piece: Sequence[_Due]) -> None:
    """Take the customers in the order in which imports take them, so that the two do not embrace."""
    if not work.lock:
        return
    answers = ", ".join(str(due.about) for due in piece if due.about > 0) or "-1"
    tickets = ", ".join(str(-due.about) for due in piece if due.about < 0) or "-1"
    found = work.rows(
        f"""SELECT contact_id FROM answers WHERE id IN ({answers}) AND contact_id IS NOT NULL UNION
            SELECT contact_id FROM tickets WHERE (answer_id IN ({answers}) OR number IN ({tickets})) AND contact_id IS NOT NULL"""
    )
    ids = [id for (id,) in found]
    inside = ", ".join(map(str, {*ids, *goes_on_as(work, ids).values()})) or "-1"
    work.rows(f"SELECT id FROM contacts WHERE id IN ({inside}) ORDER BY id{work.lock}")


def _claim(work: Any, due: _Due, word: str, message: int | None = None) -> bool:
    """Write what became of an e-mail that is due; False when another worker did, or nobody wants it any more."""
    return bool(
        work.run(
            "UPDATE rule_hits SET mail = :word, message_id = :m WHERE rule_set_id = :set AND about = :about AND mail = :was",
            {"word": word, "m": message, "set": due.rule_set, "about": due.about, "was": due.word},
        )
    )


def _one(desk: Desk, work: Any, config: "MailboxConfig", due: _Due) -> None:
    if due.word == DUE and desk.now() - due.at > OLD_MS:
        _claim(work, due, OLD)  # nobody wrote it for days: it became old on the way
        return
    # Claimed first: whoever else is at it waits here for our end, and finds it taken then.
    if not _claim(work, due, SENT):
        return
    word, message = _put(desk, work, config, due)
    work.run(
        "UPDATE rule_hits SET mail = :word, message_id = :m WHERE rule_set_id = :set AND about = :about",
        {"word": word, "m": message, "set": due.rule_set, "about": due.about},
    )


def _put(desk: Desk, work: Any, config: "MailboxConfig", due: _Due) -> tuple[str, int | None]:
    """Put the e-mail into the outbox: `SENT` and the message, or why it stays."""
    ticket = _ticket(work, due)
    if not due.send:
        return "no template", None
    written = letter(work.rows, desk, due.answer, due.send, ticket=ticket)
    if isinstance(written, Unwritten):
        return (f"{written.why}: {', '.join(written.names)}" if written.names else written.why)[:400], None
    contact = _contact(work, due.answer, ticket)
    if contact is None:
        return "no address", None
    done = queue(
        desk, work, config, contact, written, actor=AUTOPILOT, rule=due.rule_set, rule_name=line(due.rule_name, 120)
    )
    return (SENT, done.message) if isinstance(done, Queued) else (done.why, None)


def _ticket(work: Any, due: _Due) -> int | None:
    """The ticket that the e-mail stands on: the answer's, which may be younger than the hit, or the one it went into."""
    number = due.ticket if due.about > 0 else -due.about
    if number is None:
        found = work.rows("SELECT MIN(number) FROM tickets WHERE answer_id = :a", {"a": due.about})
        number = found[0][0]
    return None if number is None else survivor(work, number)


def _contact(work: Any, answer: int | None, ticket: int | None) -> int | None:
    where, id = ("tickets WHERE number", ticket) if ticket is not None else ("answers WHERE id", answer)
    found = work.rows(f"SELECT contact_id FROM {where} = :id", {"id": id})
    contact = found[0][0] if found else None
    return None if contact is None else goes_on_as(work, [contact]).get(contact, contact)


def held(rows: Any, rule_set_id: int) -> int:
    """How many e-mails of a rule set wait for a yes, since their answers are old (A5)."""
    return int(
        rows(
            "SELECT COUNT(*) FROM rule_hits WHERE mail <> '' AND mail = 'old' AND rule_set_id = :id",
            {"id": rule_set_id},
        )[0][0]
    )


def confirm(desk: Desk, rule_set_id: int, *, actor: Actor) -> int | Refusal:
    """A5's yes: the e-mails of a rule set to old answers are due now; how many. For who may change the set."""
    with desk.db.write() as work:
        of = reaches(work.rows).get(rule_set_id)
        if why := refuse("not here") if of is None else may_change(standing(work, actor), of):
            return why
        waiting = work.run(
            "UPDATE rule_hits SET mail = 'confirmed' WHERE mail <> '' AND mail = 'old' AND rule_set_id = :id",
            {"id": rule_set_id},
        )
        if waiting:
            name = work.rows("SELECT name FROM rule_sets WHERE id = :id", {"id": rule_set_id})[0][0]
            audit.note(
                work, actor=actor, at=desk.now(), what="changed", target="rule set", target_id=rule_set_id, name=name,
                old={}, new={"mails": waiting, "flows": sorted(of.named) if of else []},
            )  # fmt: skip
        return int(waiting)


def said(word: str, *, on: bool = True) -> str:
    """What became of a hit's e-mail, as a sentence; '' where none was asked for. `word` is `rule_hits.mail`.

    `on`: whether its rule set is on; one that is off writes nothing.
    """
    why, __, names = word.partition(": ")
    if not on and why in (DUE, CONFIRMED):
        return _("Waits until the rule set is on again.")
    if why == "incomplete":
        parts = ", ".join(part_name(p) for p in names.split(", ") if p)
        return _("Not sent: its text has no {parts} yet.").format(parts=parts)
    sentences = {
        "": lambda: "",
        DUE: lambda: _("Is written in a moment."),
        CONFIRMED: lambda: _("Is written in a moment."),
        SENT: lambda: _("Sent."),
        OLD: lambda: _("Waits for a yes: the answer is older than seven days."),
        "survey sends none": lambda: _("Not sent: its survey sends no e-mail."),
        "no class": lambda: _("Not sent: it has no class."),
        "no template": lambda: _("Not sent: there is no text for it."),
        "missing": lambda: _("Not sent: missing or empty here: {names}."),
        "bad template": lambda: _("Not sent: its text cannot be read: {names}"),
        "trouble": lambda: _("Not sent: writing it failed ({names})."),
        "no address": lambda: _("Not sent: the customer has no e-mail address."),
        "unsubscribed": lambda: _("Not sent: the customer wants no automatic mail."),
        "blocked": lambda: _("Not sent: the address is blocked."),
        "bounced": lambda: _("Not sent: the address does not take mail any more."),
        "our own": lambda: _("Not sent: the address is our own."),
        "too many": lambda: _("Not sent: the customer got too many automatic mails just now."),
        "same subject": lambda: _("Not sent: the customer got one with that subject just now."),
        "bad address": lambda: _("Not sent: the address is none that can be written to."),
    }
    sentence = sentences.get(why)
    return sentence().format(names=names) if sentence else _("Not sent: {why}.").format(why=word)


def _read(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else dict(value or {})

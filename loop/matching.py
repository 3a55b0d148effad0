"""Onto which ticket a mail belongs, in the mail handbook's order (M7)."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from loop import loose_mail
from storage.conditions import AT_ADDRESS

if TYPE_CHECKING:
    from mail.parsed import ParsedMail
    from mail.tokens import TokenKey


@dataclass(frozen=True)
class Match:
    """A ticket, and what led to it."""

    ticket: int
    how: str
    """token, message-id, plus-address or subject-tag."""
    evidence: str
    """The header and the value that decided."""
    message: int | None = None
    """The message of ours that is answered, where it is known."""


@dataclass(frozen=True)
class Matched:
    """The outcome of looking: a match or none, and forged tokens that were seen on the way."""

    match: Match | None
    forged: tuple[str, ...] = ()
    loose: loose_mail.Loose | None = None
    """Without a match: the e-mail of a rule, on no ticket, that is answered or comes back (A2)."""
    possibly: int | None = None
    """Without a match: the ticket of a subject tag, which anybody can write, from somebody who is not on it (M7)."""


def is_own(parsed: "ParsedMail", keys: Mapping[int, "TokenKey"]) -> bool:
    """Whether we sent this mail ourselves: its own Message-ID carries our signature. A loop, so stop."""
    from mail.tokens import Token, read_message_id

    return isinstance(read_message_id(parsed.message_id, keys), Token)


def find(work: Any, parsed: "ParsedMail", keys: Mapping[int, "TokenKey"]) -> Matched:
    """Signed Message-ID, then any stored Message-ID, then signed plus-address, then the subject tag of a known sender."""
    from mail.tokens import Forged, Token, read_message_id, read_plus_address, read_subject_tag

    forged: list[str] = []
    named = carriers(parsed)
    for header, value in named:
        token = read_message_id(value, keys)
        if isinstance(token, Forged):
            forged.append(value)
        elif isinstance(token, Token) and (ticket := survivor(work, token.ticket)):
            return Matched(Match(ticket, "token", f"{header}: {value}", token.message or None), tuple(forged))
    for header, value in named:
        if value in forged:
            continue
        if found := _stored(work, value):
            ticket, message = found
            if ticket := survivor(work, ticket):
                return Matched(Match(ticket, "message-id", f"{header}: {value}", message), tuple(forged))
    for address in _own_addresses(parsed):
        token = read_plus_address(address, keys)
        if isinstance(token, Forged):
            forged.append(address)
        elif isinstance(token, Token) and (ticket := survivor(work, token.ticket)):
            return Matched(Match(ticket, "plus-address", f"To: {address}"), tuple(forged))
    tag = read_subject_tag(parsed.subject)
    tagged = survivor(work, tag) if tag else None
    if tagged and parsed.sender.address.lower() in known_addresses(work, tagged):
        return Matched(Match(tagged, "subject-tag", f"Subject: {parsed.subject[:120]}"), tuple(forged))
    loose = (loose_mail.find(work, header, value) for header, value in named if value not in forged)
    return Matched(None, tuple(forged), next(filter(None, loose), None), tagged)


def carriers(parsed: "ParsedMail") -> list[tuple[str, str]]:
    """The Message-IDs that a mail names, with the header that names each, the surest first."""
    found = [("In-Reply-To", v) for v in parsed.in_reply_to] + [("References", v) for v in reversed(parsed.references)]
    if parsed.original_message_id:
        found.insert(0, ("original Message-ID", parsed.original_message_id))
    return found


def _own_addresses(parsed: "ParsedMail") -> Iterable[str]:
    yield from parsed.recipients_seen
    for person in (*parsed.to, *parsed.cc):
        yield person.address


def _stored(work: Any, message_id: str) -> tuple[int, int] | None:
    found = work.rows(
        "SELECT ticket, id FROM messages WHERE ticket IS NOT NULL AND message_id = :id"
        " UNION ALL SELECT ticket, id FROM messages WHERE ticket IS NOT NULL AND server_message_id = :id AND server_message_id <> '' LIMIT 1",
        {"id": message_id},
    )
    return (found[0][0], found[0][1]) if found else None


def survivor(work: Any, number: int) -> int | None:
    """The ticket of that number, or the one that it was merged into; None when there is none."""
    for _step in range(10):
        found = work.rows("SELECT merged_into FROM tickets WHERE number = :n", {"n": number})
        if not found:
            return None
        if found[0][0] is None:
            return number
        number = found[0][0]
    return None


def is_blocked(work: Any, address: str) -> bool:
    """Whether a sender is blocked (M11)."""
    return bool(
        work.rows(
            f"SELECT 1 FROM contacts WHERE id IN {AT_ADDRESS} AND blocked_at IS NOT NULL LIMIT 1",
            {"address": address.strip().lower()},
        )
    )


_PREFIX = re.compile(
    r"^\s*((?:re|res|r|aw|sv|vs|antw|f|fw|fwd|enc|wg|tr|rv)(?:\[\d+\])?\s*:\s*|\[#\d+\]\s*)+", re.IGNORECASE
)


def is_other_subject(work: Any, match: Match, subject: str) -> bool:
    """Whether a mail in the right thread speaks under a subject that its ticket and its messages never had (M7): told, not judged."""
    bare = _bare(subject)
    if not bare:
        return False
    known = {_bare(r[0]) for r in work.rows("SELECT subject FROM tickets WHERE number = :n", {"n": match.ticket})}
    known |= {
        _bare(r[0])
        for r in work.rows(
            "SELECT subject FROM messages WHERE ticket = :n AND trusted = true ORDER BY id DESC LIMIT 50",
            {"n": match.ticket},
        )
    }
    return bare not in known


def _bare(subject: str) -> str:
    return _PREFIX.sub("", " ".join(subject.split())).strip().casefold()


def known_addresses(work: Any, ticket: int) -> set[str]:
    """Who belongs to a ticket's correspondence: its customer, also as they were before a merge and under other addresses
    that a person accepted as theirs, who opened it, and whoever we wrote to on it; the same of tickets that were merged into it.
    """
    found: set[str] = set()
    numbers = [ticket, *(r[0] for r in work.rows("SELECT number FROM tickets WHERE merged_into = :n", {"n": ticket}))]
    inside = ", ".join(str(int(number)) for number in numbers)
    for email, others in work.rows(
        f"SELECT c.email, c.other_emails FROM tickets t JOIN contacts c ON c.id = t.contact_id WHERE t.number IN ({inside})"
        f" UNION ALL SELECT c.email, c.other_emails FROM tickets t JOIN contacts c ON c.id = t.own_contact_id WHERE t.number IN ({inside})",
        {},
    ):
        found.update(address.lower() for address in (email, *_json(others)) if address)
    # Who opened it by a mail that asked for answers elsewhere; the outcome is no condition, as SQLite would look for all new ones.
    lines = work.rows(f"SELECT sender, outcome FROM inbound WHERE ticket IN ({inside})", {})
    found.update(sender.lower() for sender, outcome in lines if sender and outcome == "new")
    for recipients, copies in work.rows(
        f"SELECT m.recipients, m.copies FROM messages m LEFT JOIN outbox o ON o.message_id = m.id WHERE m.ticket IN ({inside})"
        " AND m.outgoing = true AND COALESCE(o.state, '') <> 'taken back' ORDER BY m.id DESC LIMIT 20",
        {},
    ):
        for people in (recipients, copies):
            found.update(address.lower() for __, address in _json(people))
    return found


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value

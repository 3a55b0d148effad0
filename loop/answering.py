"""Answers to notifications by e-mail: a note for colleagues, never a mail to the customer (N1, N2, handbook).

A mail carries somebody's power only by token *and* address: the signed Message-ID of a notification that we sent to that
person, and their own address as its one sender. Who it is must still work here, see the ticket and be allowed to note.
Else the mail is suspect: it stands in the ledger, and nothing follows from it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.contacts import fold_email
from domain.ledger import Outcome
from domain.people import Actor
from domain.refusals import Refusal
from domain.rights import may_note
from domain.text import _, clean, line, ngettext
from loop import notes
from loop.desk import actors
from loop.loading import Loaded, load
from loop.matching import carriers, survivor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mail.parsed import Attachment, ParsedMail
    from mail.tokens import NoticeToken, TokenKey


@dataclass(frozen=True)
class Answered:
    """What came of a mail that has to do with a notification."""

    outcome: Outcome
    reason: str
    evidence: str
    ticket: int | None
    """The ledger shows the line's words to those only who read that ticket's notes, which such a mail quotes."""


@dataclass(frozen=True)
class Came:
    """A mail on its line of the ledger."""

    line: int
    mailbox: int
    raw: str
    mail: "ParsedMail"


def receive(work: Any, came: Came, keys: "Mapping[int, TokenKey]", now: int) -> Answered | None:
    """The outcome of a mail that answers, returns or echoes a notification; None for all others."""
    mail = came.mail
    if own := _token(mail.message_id, keys):
        evidence = f"Message-ID: {mail.message_id}"
        return Answered(Outcome.AUTOMATIC, _("a mail of our own came back"), evidence, _known(work, own.ticket))
    found = _answered(mail, keys)
    if found is None:
        return None
    token, header, value = found
    evidence, ticket = f"{header}: {value}", _known(work, token.ticket)
    if mail.kind == "bounce":
        _undelivered(work, token, now)
        return Answered(Outcome.BOUNCE, mail.reason, evidence, ticket)
    if mail.kind == "automatic":
        return Answered(Outcome.AUTOMATIC, mail.reason, evidence, ticket)
    if ticket is None or work.rows("SELECT 1 FROM inbound WHERE id = :id AND partial = true", {"id": came.line}):
        # Of an oversized one only the headers are here; once the rest is fetched it is looked at again (M8).
        return Answered(Outcome.TRIAGE, _("an answer to a notification of ours"), evidence, None)
    evidence += f" · From: {line(mail.sender.address, 254) or '—'}"
    person = _person(work, came, token, value)
    noted = person if isinstance(person, str) else _note(work, mail, token.ticket, person, now)
    if isinstance(noted, str):
        return Answered(Outcome.SUSPECT, noted, evidence, ticket)
    number, left = noted
    reason = _("an answer to a notification: a note")
    if left:
        reason += ngettext("; {n} file is too much for one", "; {n} files are too much for one", left).format(n=left)
    return Answered(Outcome.THREADED, reason, evidence, number)


def _note(work: Any, mail: "ParsedMail", ticket: int, actor: Actor, now: int) -> tuple[int, int] | str:
    """Write the note as the person might in the program: its ticket, and how many files were too much; else why not."""
    # A merged ticket hands on what is written to it (M7).
    number = survivor(work, ticket) or ticket
    one = load(work, [number], actor).get(number)
    if one is None:
        return _("@{login} does not see #{ticket}").format(login=actor.login, ticket=number)
    words, taken = clean(mail.new_text).strip(), _within_limits(mail.attachments)
    if why := may_note(actor, one.row.flow_id) or notes.trouble(words, taken):
        return str(why)
    files, left = notes.named(taken), len(mail.attachments) - len(taken)
    hashes = work.keep([content for __, __, content in files])
    more = {"left": left} if left else {}
    notes.write(work, one, words, files, hashes, actor=actor, at=now, via="mail", **more)
    # Not on the row that was loaded: a customer's mail of the same batch may have written past it.
    work.run("UPDATE tickets SET version = version + 1 WHERE number = :n", {"n": number})
    return number, left


def vouch(work: Any, one: Loaded, mail: "ParsedMail", actor: Actor, now: int, **data: Any) -> Refusal | None:
    """Write a suspect answer down as a note of who accepts it, who says by that whose words they are (N1, M7)."""
    words = clean(mail.new_text).strip()
    if why := may_note(actor, one.row.flow_id) or notes.trouble(words, []):
        return why
    whose = _("{address} by e-mail:").format(address=line(mail.sender.address, 100) or "—")
    taken = _within_limits(mail.attachments)
    files = notes.named(taken)
    text = f"{whose}\n\n{words}"[: notes.LONGEST]
    notes.write(work, one, text, files, work.keep([c for __, __, c in files]), actor=actor, at=now, via="mail", **data)
    return None


def _within_limits(files: "tuple[Attachment, ...]") -> list[tuple[str, bytes]]:
    """The files of a mail that a note may have; the others stay in the mail, and the ledger says how many."""
    small = [(file.name, file.content) for file in files if len(file.content) <= notes.LARGEST]
    return small[: notes.MOST_FILES]


def _person(work: Any, came: Came, token: "NoticeToken", value: str) -> Actor | str:
    """The person whom the token names, when the mail is theirs; else why it is not."""
    sent = work.rows(
        "SELECT 1 FROM messages WHERE id = :id AND kind = 'notification' AND message_id = :value",
        {"id": token.message, "value": value.strip().strip("<>").lower()},
    )
    if not sent:
        return _("that notification is not known here")
    found = actors(work.rows, "id = :id", {"id": token.person})
    if not found:
        return _("whom that notification was sent to does not work here any more")
    if why := _not_theirs(work, came, found[0]):
        return why
    if "fail" in _server_says(work, came):
        return _("the mail server says that {address} is forged (DMARC)").format(address=came.mail.sender.address)
    return found[0]


def _not_theirs(work: Any, came: Came, person: Actor) -> str:
    """Why the sender is not that person, by the address; '' when it is."""
    from mail.addresses import addresses
    from mail.headers import split_block

    mail = came.mail
    own = fold_email(person.email)
    if not own or fold_email(mail.sender.address) != own:
        return _("{address} is not the address of @{login}").format(
            address=line(mail.sender.address, 100) or "—", login=person.login
        )
    raw = bytes(work.rows("SELECT data FROM blobs WHERE hash = :h", {"h": came.raw})[0][0])
    senders = [a for value in split_block(raw)[0].all_raw("from") for a in addresses(value)]
    if len(senders) != 1:  # a server that looks at senders may have looked at another one
        return _("more than one sender")
    return ""


def _server_says(work: Any, came: Came) -> tuple[str, ...]:
    """The DMARC results of the host that the account trusts to tell."""
    from mail.verdicts import verdicts

    host = work.rows("SELECT authserv FROM mailboxes WHERE id = :id", {"id": came.mailbox})[0][0]
    return verdicts(came.mail.authentication, host)


def _answered(mail: "ParsedMail", keys: "Mapping[int, TokenKey]") -> "tuple[NoticeToken, str, str] | None":
    """The notification that a mail answers or returns, with header and value; the first signed token of ours decides."""
    from mail.tokens import Token, read_message_id

    for header, value in carriers(mail):
        if token := _token(value, keys):
            return token, header, value
        if isinstance(read_message_id(value, keys), Token):
            return None  # it goes on with a customer
    return None


def _token(value: str, keys: "Mapping[int, TokenKey]") -> "NoticeToken | None":
    from mail.tokens import NoticeToken, read_notice_id

    token = read_notice_id(value, keys)
    return token if isinstance(token, NoticeToken) else None


def _known(work: Any, number: int) -> int | None:
    return number if work.rows("SELECT 1 FROM tickets WHERE number = :n", {"n": number}) else None


def _undelivered(work: Any, token: "NoticeToken", now: int) -> None:
    """A notification to somebody here came back: it is marked, and nothing happens to its ticket (N2)."""
    work.run(
        "UPDATE messages SET bounced_at = :now WHERE id = :id AND kind = 'notification'",
        {"now": now, "id": token.message},
    )

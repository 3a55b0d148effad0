"""Notifications by e-mail, for who wishes them (N2): on no timeline, on no ticket, never counted as contact.

Such a mail is a message of kind 'notification' without a ticket, so that neither its recipient becomes known on the
ticket nor a bounce or an absence note of it finds one. Its Message-ID is signed for a purpose of its own and names the
ticket and the reader; what comes back by it is the matter of `loop.answering`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from domain.people import Actor
from domain.text import clean, line, words_in

UNASKED = frozenset({"mention"})
"""What comes by e-mail until somebody says that it should not (N1)."""
PAUSE_MS = 5 * 60_000
"""A person gets at most one mail of a kind about a ticket in so long."""
MOST = 20
"""A person gets at most so many mails in that time; the rest is in the program (M11)."""
LONGEST = 2000
"""Characters of a note or mail that are sent along."""
_DAY_MS = 86_400_000


@dataclass(frozen=True)
class About:
    """What there is to tell."""

    kind: str
    ticket: int
    actor: Actor
    at: int
    """Now, ms."""
    event_id: int | None


def wishes(prefs: Mapping[str, Any], kind: str) -> bool:
    """Whether a person wants to be told of that by e-mail too."""
    chosen = prefs.get("notify")
    wish = chosen.get(kind) if isinstance(chosen, Mapping) else None
    return kind in UNASKED if wish is None else wish is True


def decoded(value: Any) -> Mapping[str, Any]:
    """What a JSON column holds, as a mapping."""
    found = json.loads(value) if isinstance(value, str) else value
    return found if isinstance(found, Mapping) else {}


def queue(work: Any, person: Actor, prefs: Mapping[str, Any], language: str, about: About) -> bool:
    """Put the mail into the outbox, in the transaction of the act; False where none is to leave.

    Called before the notice itself is written, since earlier ones tell how long ago the last mail was.
    """
    if not person.email or not wishes(prefs, about.kind):
        return False
    # What follows is not needed for reading notices, which the screen does as it opens.
    from domain.contacts import fold_email
    from loop.mailboxes import keys
    from mail.compose import Outgoing, compose
    from mail.tokens import notice_id
    from storage.tables import Message, Outbox

    address, mailbox = fold_email(person.email), _mailbox(work)
    if not address or not mailbox or not _may_leave(work, person, about):
        return False

    mailbox_id, from_address = mailbox
    say = words_in(language)
    subject, quoted, customer = _facts(work, about)
    sender = customer if about.kind == "reply" and customer else about.actor.login
    title = line(f"[Retorno #{about.ticket}] {headline(say, about.kind, sender)}: {subject}", 200)
    body = text(say, about, sender, subject, quoted)
    message = work.add(
        Message(
            ticket=None,
            outgoing=True,
            kind="notification",
            at=about.at,
            sender_name="Retorno",
            sender_address=from_address,
            recipients=[[person.name, address]],
            subject=title,
            text=body,
        )
    )
    signing = list(keys(work.rows).values())[-1]
    message.message_id = notice_id(
        signing, about.ticket, message.id, int(person.id or 0), from_address.rpartition("@")[2]
    )
    try:
        raw = compose(
            Outgoing(
                message_id=message.message_id,
                sender_name=message.sender_name,
                sender_address=from_address,
                to=((person.name, address),),
                cc=(),
                subject=title,
                body=body,
                # Relays that write a Message-ID of their own leave this one alone, and answers bring it back.
                references=(message.message_id,),
                date=datetime.fromtimestamp(about.at / 1000, UTC),
                automatic=True,
                html=False,
            )
        )
    except ValueError:  # an address that looks like one and cannot be written to
        work.remove(message)
        return False
    message.raw = work.keep([raw])[0]
    work.add(Outbox(message_id=message.id, mailbox_id=mailbox_id, not_before=about.at))
    return True


def _mailbox(work: Any) -> tuple[int, str] | None:
    """The mailbox that it leaves from: of those that are served these days, the first.

    Asked of the database and not of the configuration: who acts may sit at a machine that has no mailbox.
    """
    if "mailbox" not in work.memo:
        found = work.rows(
            f"SELECT id, address FROM mailboxes ORDER BY COALESCE(polled_at, 0) / {_DAY_MS} DESC, id LIMIT 1"
        )
        work.memo["mailbox"] = tuple(found[0]) if found else None
    return work.memo["mailbox"]


def _may_leave(work: Any, person: Actor, about: About) -> bool:
    """Whether the person's last mails are long enough ago; if so this one is counted."""
    last, recent = _earlier(work, person, about.at)
    key = (about.ticket, about.kind)
    if about.at - last.get(key, -PAUSE_MS) < PAUSE_MS or len(recent) >= MOST:
        return False
    last[key] = about.at
    recent.append(about.at)
    return True


def _earlier(work: Any, person: Actor, now: int) -> tuple[dict[tuple[int, str], int], list[int]]:
    """When the person was last sent a mail, by ticket and kind, and when they were told of anything in the last minutes.

    A notice was mailed when no mailed one of its kind and ticket stood in the minutes before it. Read once a work, which
    then goes on counting by itself.
    """
    known = work.memo.setdefault("mails to people", {})
    if person.id not in known:
        last: dict[tuple[int, str], int] = {}
        recent = []
        for at, ticket, kind in work.rows(
            "SELECT at, ticket, kind FROM notifications WHERE user_id = :u AND at > :since AND at <= :now ORDER BY id",
            {"u": person.id, "since": now - _DAY_MS, "now": now},
        ):
            if at - last.get((ticket, kind), -PAUSE_MS) >= PAUSE_MS:
                last[ticket, kind] = at
            if at > now - PAUSE_MS:
                recent.append(at)
        known[person.id] = last, recent
    return known[person.id]


def _facts(work: Any, about: About) -> tuple[str, str, str]:
    """The ticket's subject, the words of the note or the customer's mail, and the customer's name.

    Whoever is told may see the note: `notify` asked.
    """
    subject, name = work.rows(
        "SELECT t.subject, c.name FROM tickets t LEFT JOIN contacts c ON c.id = t.contact_id WHERE t.number = :n",
        {"n": about.ticket},
    )[0]
    words = ""
    if about.event_id is not None:
        found = work.rows(
            "SELECT o.body, m.text FROM events e LEFT JOIN notes o ON o.id = e.note_id"
            " LEFT JOIN messages m ON m.id = e.message_id AND m.outgoing = false WHERE e.id = :id",
            {"id": about.event_id},
        )
        words = (found[0][0] or found[0][1] or "") if found else ""
    words = clean(words).strip()
    if len(words) > LONGEST:
        words = words[:LONGEST].rstrip() + "…"
    return line(subject, 120), words, line(name or "", 80)


def headline(_: Callable[[str], str], kind: str, who: str) -> str:
    """What happened, in the words of a reader's language."""
    sentences = {
        "mention": _("@{who} mentioned you"),
        "assigned": _("@{who} assigned this to you"),
        "reply": _("{who} answered"),
        "due soon": _("due within a day"),
        "overdue": _("overdue"),
        "mail failed": _("your message could not be sent"),
        "bounce": _("a message came back undelivered"),
        "follower": _("@{who} made you a follower"),
    }
    return sentences.get(kind, kind).format(who=line(who, 80))


def text(_: Callable[[str], str], about: About, who: str, subject: str, quoted: str) -> str:
    """The mail's plain text."""
    parts = [
        f"{headline(_, about.kind, who)}.",
        f"#{about.ticket} {subject}",
        "\n".join(f"> {row}" for row in quoted.split("\n")) if quoted else "",
        _("To see it, or to write to the customer: retorno ticket {number}, or the screen.").format(
            number=about.ticket
        ),
        _("Answering this mail writes a note on the ticket: colleagues read it, the customer does not."),
        _("Which notifications come by e-mail each person chooses in the settings of Retorno."),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"

"""What a draft becomes when it leaves: who it is from, its words with everything put in, and why it may not (M1–M3)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain import tickets as rules
from domain.contacts import fold_email
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.text import _, clean, fold, line
from loop import drafts
from loop.desk import Desk
from loop.filling import filled, trouble_with, values
from loop.loading import Loaded, load
from loop.mailboxes import speaking
from loop.views import Draft

if TYPE_CHECKING:
    from loop.config import MailboxConfig

MOST_COPIES = 20
LATEST_MS = 366 * 86_400_000
"""How far ahead a message may be sent later."""
_ATTACHED = ("anexo", "anexei", "anexad", "em anexo", "attached", "attachment", "adjunto")


@dataclass(frozen=True)
class Words:
    """Subject and text as they leave, the signature included."""

    subject: str
    body: str
    refusal: Refusal | None
    """Why they cannot leave: variables that are missing are named, all of them (M2)."""


def words(rows: Any, desk: Desk, draft: Draft, signature: str, actor: Actor) -> Words:
    """What was written, with the ticket's values put in (M2, M3)."""
    given = values(rows, desk, draft.ticket, actor=actor) if "{" in draft.subject + draft.body else {}
    subject, body = filled(line(draft.subject), given), filled(clean(draft.body), given)
    text = clean(body.text).rstrip()
    return Words(
        line(subject.text, 500),
        f"{text}\n\n-- \n{signature}\n" if signature else f"{text}\n",
        trouble_with((_("subject"), subject), (_("text"), body)),
    )


def voice(desk: Desk, rows: Any, actor: Actor, number: int) -> tuple["MailboxConfig | None", str, str]:
    """The mailbox that a ticket is written from, the sender's name as it will be read, and the signature (M3).

    The person's own signature, else the flow's. None and '' where no mailbox is set up.
    """
    found = rows("SELECT sender_name, signature, name FROM users WHERE id = :id", {"id": actor.id})
    own, signature, name = found[0] if found else ("", "", "")
    if not signature.strip():
        of_flow = rows(
            "SELECT f.signature FROM tickets t JOIN flows f ON f.id = t.flow_id WHERE t.number = :n", {"n": number}
        )
        signature = of_flow[0][0] if of_flow else ""
    mailbox = speaking(rows, desk, number)
    return mailbox, (own or mailbox.sender_name or name) if mailbox else "", signature.strip()


def copies(cc: str) -> tuple[str, ...] | Refusal:
    """The addresses that a copy goes to, folded, each once."""
    wanted = [a for a in (part.strip() for part in cc.replace(";", ",").split(",")) if a]
    if len(wanted) > MOST_COPIES:
        return refuse("too many", limit=MOST_COPIES)
    found = []
    for text in wanted:
        address = fold_email(text.rpartition("<")[2].rstrip(">") if text.endswith(">") else text)
        if not address:
            return refuse("bad address", address=line(text, 80))
        found.append(address)
    return tuple(dict.fromkeys(found))


def speaks_of_files(text: str) -> bool:
    """Whether the words say that something is attached (M4)."""
    folded = fold(text)
    return any(word in folded for word in _ATTACHED)


def refusal_of(
    desk: Desk, work: Any, draft: Draft, actor: Actor, one: Loaded | None = None, *, later: int | None = None
) -> Refusal | None:
    """Why a draft cannot leave, its variables aside."""
    one = one or load(work, [draft.ticket], actor).get(draft.ticket)
    if one is None:
        return refuse("no ticket", number=draft.ticket)
    if why := rules.may_write(actor, one.ticket):
        return why
    if not desk.config.mailboxes:
        return refuse("no mailbox", where=str(desk.config.path or "config.toml"))
    if not draft.body.strip():
        return refuse("empty")
    if len(draft.body) > drafts.LONGEST:
        return refuse("too long", limit=drafts.LONGEST)
    if not line(draft.subject):
        return refuse("no subject")
    if isinstance(to := copies(draft.cc), Refusal):
        return to
    if later is not None and not desk.now() < later < desk.now() + LATEST_MS:
        return refuse("not later")
    return refuse("something new") if draft.seen_event and arrived(work, draft.ticket, draft.seen_event) else None


def arrived(work: Any, number: int, seen_event: int) -> bool:
    """Whether the customer, or somebody who may be, wrote after that event."""
    return bool(
        work.rows(
            "SELECT 1 FROM events WHERE ticket = :n AND id > :seen AND kind IN ('mail in', 'suspect mail') LIMIT 1",
            {"n": number, "seen": seen_event},
        )
    )

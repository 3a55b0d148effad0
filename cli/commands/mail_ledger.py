"""`retorno mail ledger|show|attach|open|accept|retry-mail|split|fetch|block`: the ledger and its triage (M7, M8, M11)."""

import argparse
import sys
from typing import Any

from cli import output, shapes
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.refusals import Refusal
from domain.text import _, fold, line
from domain.words import named
from loop import blocking, oversized, queue, triage
from loop import ledger as books
from loop.views import Acted, LedgerMail, LedgerRow, MailboxBalance

FULL = 100
"""Lines where a filter was given and no number."""


def ledger(asked: argparse.Namespace) -> int:
    """The balance of the ledger, and lines of it if asked for."""
    with desk_for(asked) as (desk, actor):
        balance = _sure(books.balance(desk, actor=actor))
        balances = _sure(books.balances(desk, actor=actor))
        mailbox = _mailbox(balances, asked.mailbox) if asked.mailbox else None
        filtered = bool(mailbox or asked.outcome or asked.find or asked.before is not None)
        limit = asked.lines or (FULL if filtered else 0)
        rows: tuple[LedgerRow, ...] = ()
        if limit:
            rows = _sure(
                books.lines(
                    desk,
                    actor=actor,
                    mailbox=mailbox.id if mailbox else None,
                    outcome=asked.outcome,
                    words=asked.find,
                    before=asked.before,
                    limit=limit,
                )
            )
    if asked.json:
        sums = {"mailboxes": [_sums(b) for b in balances], "lines": [_line(r) for r in rows]} if limit else {}
        output.say_json(balance | sums)
        return Exit.DONE
    for word, n in balance.items():
        output.say(f"{n:>9}  {word}")
    if len(balances) > 1:
        output.say()
        for b in balances:
            some = " · ".join(f"{n} {word}" for word, n in b.counts.items() if n)
            output.say(f"{b.seen:>9}  {b.address}" + (f"  {some}" if some else ""))
    if limit:
        _table(rows)
    return Exit.DONE


def _table(rows: tuple[LedgerRow, ...]) -> None:
    table = output.Table(
        [
            output.Column(_("Id"), right=True),
            output.Column(_("Time")),
            output.Column(_("Outcome")),
            output.Column("#", right=True),
            output.Column(_("From"), most=30, gives=True),
            output.Column(_("Subject"), most=50, gives=True),
            output.Column(_("Reason"), most=60, gives=True),
        ],
        output.width(),
    )
    cells = [
        (str(r.id), shapes.moment(r.at) or "", named(r.outcome), str(r.ticket or ""), r.sender, r.subject, r.reason)
        for r in rows
    ]
    output.say()
    for shown in table.lines(cells):
        output.write(shown + "\n")


def show(asked: argparse.Namespace) -> int:
    """One mail of the ledger; `--raw` as it travelled."""
    with desk_for(asked) as (desk, actor):
        if asked.raw:
            raw = _sure(books.raw(desk, asked.id, actor=actor))
        else:
            mail = _sure(books.mail(desk, asked.id, actor=actor))
    if asked.raw:
        _bytes(raw)
    elif asked.json:
        output.say_json(_shape(mail))
    else:
        _for_people(mail)
    return Exit.DONE


def _bytes(raw: bytes) -> None:
    """The mail itself: untouched into a file or a pipe, harmless on a terminal."""
    stream = getattr(sys.stdout, "buffer", None)
    if output.is_terminal() or stream is None:
        output.say(raw.decode("utf-8", "backslashreplace").replace("\r\n", "\n"))
        return
    try:
        sys.stdout.flush()
        stream.write(raw)
    except BrokenPipeError:
        raise output.OutputClosed from None


def _for_people(mail: LedgerMail) -> None:
    row = mail.row
    facts = [
        (_("From"), _person(mail.sender_name, row.sender)),
        (_("To"), ", ".join(_person(*p) for p in mail.to)),
        (_("Cc"), ", ".join(_person(*p) for p in mail.cc)),
        (_("Subject"), row.subject),
        (_("Date"), shapes.moment(mail.date)),
        (_("Came"), f"{shapes.moment(row.at)} · {row.mailbox} · {row.size} B"),
        (_("Outcome"), named(row.outcome) + (f" · #{row.ticket}" if row.ticket else "")),
        (_("Reason"), row.reason),
        (_("Evidence"), mail.evidence),
        (_("Blocked"), _("the sender is blocked") if mail.blocked else ""),
        (_("Trouble"), "; ".join(mail.trouble)),
        (_("Partial"), _("only the headers are here; mail fetch gets the rest") if mail.partial else ""),
    ]
    facts += [(_("Attached"), f"{a.name} ({a.type}, {a.size} B)") for a in mail.attachments]
    facts += [(_("Act"), f"{shapes.moment(a.at)} {a.who}: {a.act}, {a.old} → {a.new}") for a in mail.acts]
    for title, value in facts:
        if value:
            output.write(f"{title:<9} {line(str(value))}\n")
    output.say()
    for part in output.clean(mail.text).splitlines():
        output.write(f"  {part}\n")
    if mail.folded:
        n = sum(len(block.splitlines()) for block in mail.folded)
        output.say(_("  ▸ {n} quoted lines").format(n=n))


def attach(asked: argparse.Namespace) -> int:
    """Put a mail onto a ticket."""
    with desk_for(asked) as (desk, actor):
        return _acted(asked, triage.attach(desk, asked.id, asked.number, actor=actor))


def open_ticket(asked: argparse.Namespace) -> int:
    """Open a ticket with a mail."""
    with desk_for(asked) as (desk, actor):
        found = _sure(triage.open_ticket(desk, asked.id, _flow(desk, asked.flow, actor), actor=actor))
    if asked.json:
        output.say_json({"number": found})
    else:
        output.say(_("Opened #{number}.").format(number=found))
    return Exit.DONE


def accept(asked: argparse.Namespace) -> int:
    """Take a mail as the customer's word."""
    with desk_for(asked) as (desk, actor):
        return _acted(asked, triage.accept(desk, asked.id, actor=actor, remember=asked.remember))


def retry(asked: argparse.Namespace) -> int:
    """Read a quarantined mail again."""
    with desk_for(asked) as (desk, actor):
        return _acted(asked, triage.retry(desk, asked.id, actor=actor))


def split(asked: argparse.Namespace) -> int:
    """Take a mail off its ticket."""
    with desk_for(asked) as (desk, actor):
        mail = _sure(books.mail(desk, asked.id, actor=actor))
        if mail.message is None:
            raise CommandTrouble(str(mail.can["split"]))
        flow = _flow(desk, asked.flow, actor) if asked.flow else None
        return _acted(asked, triage.split(desk, mail.message, flow, actor=actor))


def fetch(asked: argparse.Namespace) -> int:
    """Fetch the whole of an oversized mail; how much came is said on a terminal."""

    def told(done: int, size: int) -> bool:
        if output.is_terminal(sys.stderr):
            sys.stderr.write(f"\r{done // 1024:,} / {size // 1024:,} KB ")
            sys.stderr.flush()
        return True

    with desk_for(asked) as (desk, actor):
        done = oversized.fetch_whole(desk, asked.id, actor=actor, told=told)
    if output.is_terminal(sys.stderr):
        sys.stderr.write("\r\x1b[K")
    if isinstance(done, Refusal) and done.code == "server trouble":
        raise CommandTrouble(str(done), Exit.SERVER)
    return _acted(asked, done)


def block(asked: argparse.Namespace) -> int:
    """Block a sender, or no more; or say who is blocked."""
    with desk_for(asked) as (desk, actor):
        if asked.listing:
            found = _sure(blocking.blocked(desk, actor=actor))
            if asked.json:
                output.say_json(list(found))
            for address in () if asked.json else found:
                output.say(address)
            return Exit.DONE
        why = (blocking.unblock if asked.off else blocking.block)(desk, asked.address, actor=actor)
    if why:
        raise CommandTrouble(str(why))
    if asked.json:
        output.say_json({"address": asked.address, "blocked": not asked.off})
    else:
        said = _("{address} is let in again.") if asked.off else _("{address} is blocked.")
        output.say(said.format(address=line(asked.address, 80)))
    return Exit.DONE


def _acted(asked: argparse.Namespace, done: Acted | Refusal) -> int:
    acted = _sure(done)
    if asked.json:
        output.say_json({"id": acted.id, "outcome": acted.outcome, "ticket": acted.ticket, "changed": acted.changed})
        return Exit.DONE
    where = f" · #{acted.ticket}" if acted.ticket else ""
    said = _("Mail {id} is {outcome}{where}.") if acted.changed else _("Mail {id} was so already: {outcome}{where}.")
    output.say(said.format(id=acted.id, outcome=named(acted.outcome), where=where))
    return Exit.DONE


def _sure(found: Any) -> Any:
    """What was asked for; a refusal ends the command with its sentence."""
    if isinstance(found, Refusal):
        raise CommandTrouble(str(found))
    return found


def _mailbox(balances: tuple[MailboxBalance, ...], wanted: str) -> MailboxBalance:
    for one in balances:
        if one.address == wanted.lower():
            return one
    names = ", ".join(b.address for b in balances) or "—"
    raise CommandTrouble(
        _("No mailbox here is called {name}; there are: {names}.").format(name=line(wanted, 80), names=names)
    )


def _flow(desk: Any, wanted: str, actor: Any) -> int:
    flows = queue.flows(desk, actor=actor)
    for flow in flows:
        if fold(flow.name) == fold(wanted):
            return int(flow.id)
    names = ", ".join(line(f.name, 60) for f in flows) or "—"
    raise CommandTrouble(
        _("No flow that you see is called {name}; there are: {names}.").format(name=line(wanted, 60), names=names)
    )


def _person(name: str, address: str) -> str:
    return f"{name} <{address}>" if name and address else name or address


def _sums(one: MailboxBalance) -> dict[str, Any]:
    return {"address": one.address, "seen": one.seen, **one.counts, "waiting": one.waiting}


def _line(row: LedgerRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": shapes.moment(row.at),
        "mailbox": row.mailbox,
        "outcome": row.outcome,
        "reason": row.reason,
        "from": row.sender,
        "subject": row.subject,
        "ticket": row.ticket,
        "size": row.size,
    }


def _shape(mail: LedgerMail) -> dict[str, Any]:
    return _line(mail.row) | {
        "evidence": mail.evidence,
        "partial": mail.partial,
        "from": {"name": mail.sender_name, "address": mail.row.sender},
        "to": [{"name": n, "address": a} for n, a in mail.to],
        "cc": [{"name": n, "address": a} for n, a in mail.cc],
        "date": shapes.moment(mail.date),
        "message_id": mail.message_id,
        "kind": mail.kind,
        "new_text": mail.text,
        "folded": list(mail.folded),
        "attachments": [{"name": a.name, "type": a.type, "size": a.size} for a in mail.attachments],
        "trouble": list(mail.trouble),
        "blocked": mail.blocked,
        "acts": [
            {"at": shapes.moment(a.at), "who": a.who, "act": a.act, "old": a.old, "new": a.new, "ticket": a.ticket}
            for a in mail.acts
        ],
        "can": {verb: None if why is None else str(why) for verb, why in mail.can.items()},
    }

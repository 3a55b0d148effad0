"""`retorno mailbox`: how mailboxes are doing, and whether they work (R3)."""

import argparse
from typing import TYPE_CHECKING, Any

from cli import output, shapes
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.mailbox_steps import Step
from domain.refusals import Refusal
from domain.text import _, ngettext

if TYPE_CHECKING:
    from loop.mailbox_states import MailboxState

_SIGNS = {"ok": ("✓", "green"), "note": ("·", "amber"), "failed": ("✗", "red"), "skipped": ("–", "past")}


def list_(asked: argparse.Namespace) -> int:
    """All mailboxes with their troubles."""
    from loop.mailbox_states import mailboxes

    with desk_for(asked) as (desk, actor):
        found = mailboxes(desk, actor=actor)
        where = str(desk.config.path or "")
    if isinstance(found, Refusal):
        raise CommandTrouble(str(found))
    if asked.json:
        output.say_json([_shape(one) for one in found])
    elif not found:
        where = where or _("a configuration file (--config)")
        output.say(_("No mailbox is set up; {where} wants a [[mailbox]].").format(where=where))
    for one in found if not asked.json else ():
        _for_people(one)
    return Exit.DONE


def _shape(one: "MailboxState") -> dict[str, Any]:
    return {
        "name": one.name,
        "address": one.address,
        "configured": one.configured,
        "imap": one.imap or None,
        "smtp": one.smtp or None,
        "password": one.password or None,
        "served": one.served,
        "polled": shapes.moment(one.polled_at),
        "waiting": one.waiting,
        "copies": one.copies,
        "moves": one.moves,
        "troubles": [
            {"part": t.part, "said": t.said, "since": shapes.moment(t.since), "next": shapes.moment(t.next_at)}
            for t in one.troubles
        ],
    }


def _for_people(one: "MailboxState") -> None:
    sign, colour = _SIGNS["failed" if one.troubles else "ok" if one.served else "skipped"]
    name = one.name if one.name == one.address else f"{one.name} <{one.address}>"
    output.write(output.paint(sign, colour) + " " + output.clean(name) + "\n")
    if one.configured:
        output.say(f"    IMAP {one.imap} · SMTP {one.smtp} · " + _("password: {whence}").format(whence=one.password))
        served = _("served by a worker") if one.served else _("served by no worker now")
        last = _("last look {when}").format(when=shapes.moment(one.polled_at) or "—")
        output.say(f"    {served} · {last}")
    counts = (
        (one.waiting, ngettext("{n} message waits", "{n} messages wait", one.waiting)),
        (one.copies, ngettext("{n} copy is owed to the Sent folder", "{n} copies are owed to the Sent folder", one.copies)),
        (one.moves, ngettext("{n} mail is to be moved", "{n} mails are to be moved", one.moves)),
    )  # fmt: skip
    for n, words in counts:
        if n:
            output.say("    " + words.format(n=n))
    for trouble in one.troubles:
        said = f"    ✗ {trouble.title}: {trouble.said}"
        if trouble.since:
            said += " · " + _("since {when}").format(when=shapes.moment(trouble.since))
        if trouble.next_at:
            said += " · " + _("tried again {when}").format(when=shapes.moment(trouble.next_at))
        output.say(said)


def test(asked: argparse.Namespace) -> int:
    """Try a mailbox; each step is said as it is known."""
    from loop.mailbox_checks import check

    def told(step: Step) -> None:
        if not asked.json:
            sign, colour = _SIGNS[step.state]
            wide = output.cells(step.title)
            output.write(
                f"{output.paint(sign, colour)} {step.title}{' ' * max(1, 26 - wide)}{output.clean(step.said)}\n"
            )
            output.flush()

    with desk_for(asked) as (desk, actor):
        found = check(desk, asked.name, actor=actor, told=told, message=not asked.no_message, within=float(asked.wait))
    if isinstance(found, Refusal):
        raise CommandTrouble(str(found), Exit.SETUP if found.code.startswith("no ") else Exit.REFUSED)
    if asked.json:
        steps = [{"step": s.name, "state": s.state, "said": s.said, "ms": s.ms} for s in found.steps]
        output.say_json({"mailbox": found.name, "address": found.address, "ok": found.ok, "steps": steps})
    if found.ok:
        return Exit.DONE
    return Exit.SETUP if found.answered else Exit.SERVER


def rotate_key(asked: argparse.Namespace) -> int:
    """Sign with a new key from now on (M7)."""
    from loop.signing import rotate

    with desk_for(asked) as (desk, actor):
        done = rotate(desk, actor=actor)
    if isinstance(done, Refusal):
        raise CommandTrouble(str(done))
    if asked.json:
        output.say_json({"key": done.key, "keys": done.keys})
    else:
        output.say(
            _("Key {key} signs from now on; replies to what was sent before still find their tickets.").format(
                key=done.key
            )
        )
    return Exit.DONE


def unsubscribe(asked: argparse.Namespace) -> int:
    """No automatic mail to an address any more, or again; or who gets none (M11)."""
    from loop import unsubscribing

    with desk_for(asked) as (desk, actor):
        if asked.listing:
            found = unsubscribing.unsubscribed(desk, actor=actor)
            if isinstance(found, Refusal):
                raise CommandTrouble(str(found))
            if asked.json:
                output.say_json(list(found))
            for address in found if not asked.json else ():
                output.say(address)
            return Exit.DONE
        why = unsubscribing.unsubscribe(desk, asked.address, actor=actor, off=asked.off)
    if why:
        raise CommandTrouble(str(why))
    if asked.json:
        output.say_json({"address": asked.address, "unsubscribed": not asked.off})
    elif asked.off:
        output.say(_("{address} gets automatic mail again.").format(address=asked.address))
    else:
        output.say(_("{address} gets no automatic mail any more.").format(address=asked.address))
    return Exit.DONE

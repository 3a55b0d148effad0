"""`retorno mail take-back|retry|explain`: the outbox, and how a mail is read (M5, M10); the ledger is beside it."""

import argparse
import os
from typing import Any

from cli import output
from cli.exits import CommandTrouble, Exit
from domain.refusals import Refusal
from domain.text import _, line

UNREAD: dict[str, Any] = {
    "file": "",
    "subject": "",
    "from": {"name": "", "address": ""},
    "to": [],
    "cc": [],
    "date": None,
    "message_id": "",
    "in_reply_to": [],
    "references": [],
    "original_message_id": "",
    "kind": "message",
    "reason": "",
    "bounce": None,
    "text": "",
    "new_text": "",
    "folded": [],
    "attachments": [],
    "error": "",
}
"""What is said of a file that could not be read, so that every line has the same fields."""


def take_back(asked: argparse.Namespace) -> int:
    """Undo a sending, while the database's clock allows it (M4, M5)."""
    from cli.opening import desk_for
    from loop import correspondence

    with desk_for(asked) as (desk, actor):
        draft = correspondence.take_back(desk, asked.outbox, actor=actor)
    if isinstance(draft, Refusal):
        raise CommandTrouble(str(draft))
    if asked.json:
        output.say_json({"ticket": draft.ticket, "subject": draft.subject, "body": draft.body})
    else:
        output.say(_("Taken back: it is a draft on #{number} again.").format(number=draft.ticket))
    return Exit.DONE


def retry(asked: argparse.Namespace) -> int:
    """Put a message that failed, is held or in doubt back into the outbox (M5)."""
    from cli.commands.verbs import report
    from cli.opening import desk_for
    from loop import correspondence

    with desk_for(asked) as (desk, actor):
        done = correspondence.retry(desk, asked.outbox, actor=actor)
    if isinstance(done, Refusal):
        raise CommandTrouble(str(done))
    return report(asked, done, _("has its message in the outbox again"))


def explain(asked: argparse.Namespace) -> int:
    """How each mail is read: said as soon as it is known, and the rest goes on after a file that cannot be read."""
    from loop.explaining import explain as explained

    bad = 0
    for path in asked.files:
        found = _explained(explained, path)
        bad += bool(found["error"])
        if asked.json:
            output.say_json(found)
        else:
            _for_people(found)
            output.flush()
    if bad:
        output.complain(
            _("{bad} of {all} files could not be read as mail; each says why.").format(bad=bad, all=len(asked.files))
        )
    return Exit.INPUT if bad else Exit.DONE


def _explained(explained: Any, path: str) -> dict[str, Any]:
    name = os.fsencode(path).decode("utf-8", "replace")
    try:
        return explained(path)
    except OSError as e:
        return UNREAD | {"file": name, "error": _("This file cannot be read: {why}.").format(why=e.strerror or e)}
    except Exception as e:  # one mail that our parser cannot take must not stop those after it
        return UNREAD | {"file": name, "error": f"{type(e).__name__}: {line(str(e), 200)}"}


def _for_people(found: dict[str, Any]) -> None:
    sender = found["from"] or {"name": "", "address": ""}
    facts = [
        (_("File"), found["file"]),
        (_("Trouble"), found["error"]),
        (_("From"), f"{sender['name']} <{sender['address']}>" if sender["address"] else ""),
        (_("Subject"), found["subject"]),
        (_("Date"), found["date"]),
        (_("Kind"), " · ".join(filter(None, (found["kind"], found["reason"])))),
    ]
    facts += [(_("Bounced"), f"{b['address']} {b['status']}") for b in found["bounce"] or ()]
    facts += [(_("Attached"), f"{a['name']} ({a['type']}, {a['size']} B)") for a in found["attachments"]]
    for title, value in facts:
        if value:
            output.write(f"{title:<9} {line(str(value))}\n")
    output.say()
    for part in output.clean(found["new_text"] or "").splitlines():
        output.write(f"  {part}\n")
    if found["folded"]:
        n = sum(len(block.splitlines()) for block in found["folded"])
        output.say(_("  ▸ {n} quoted lines").format(n=n))
    output.say()

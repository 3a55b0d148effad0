"""`retorno reply N`: a message to the ticket's customer, under the same review as on the screen (M1, M2, M5)."""

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli import output, shapes
from cli.commands.verbs import words
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.dues import NotUnderstood, due
from domain.refusals import Refusal
from domain.text import _, line
from loop import correspondence, drafts, enclosures, reading
from loop.views import Attachment, Draft, Sent

if TYPE_CHECKING:
    from domain.people import Actor
    from loop.desk import Desk

PATIENCE_S = 30.0
UNDER_WAY = ("queued", "claimed", "data")


def run(asked: argparse.Namespace) -> int:
    """Hand the message to the outbox; with `--send-now`, wait for what the server says."""
    body = None if asked.body is None else words(asked.body)
    with desk_for(asked) as (desk, actor):
        later = _when(asked.later, desk)
        draft = _draft(asked, desk, actor, body)
        attached = _attach(asked, desk, actor)
        review = correspondence.review(desk, draft, actor=actor)
        why: Refusal | None = review.refusal
        if why is None:
            for warning in review.warnings:
                output.complain(warning)
            sent = correspondence.send(desk, draft, actor=actor, later=later)
            why = sent if isinstance(sent, Refusal) else None
        if why is not None or isinstance(sent, Refusal):
            for file in attached:
                enclosures.detach(desk, asked.number, file.id, actor=actor)
            no_mailbox = why is not None and why.code == "no mailbox"
            raise CommandTrouble(str(why), Exit.SETUP if no_mailbox else Exit.REFUSED)
        return _after(asked, desk, actor, sent, review.to)


def _when(said: str | None, desk: "Desk") -> int | None:
    """The time that `--later` means."""
    if said is None:
        return None
    try:
        at = due(said, desk.now())
    except NotUnderstood:
        at = None
    if at is None:
        raise CommandTrouble(
            _("“{said}” is no time; say 2h, monday 8:30 or 31/12 14:00. Nothing was sent.").format(said=line(said, 60)),
            Exit.USAGE,
        )
    return at


def _attach(asked: argparse.Namespace, desk: "Desk", actor: "Actor") -> tuple[Attachment, ...]:
    """Put the files of `--attach` to the draft; those that came with this command."""
    given = []
    for path in map(Path, asked.attach):
        try:
            if not path.is_file() or path.stat().st_size > enclosures.LARGEST:
                raise OSError(_("no file, or too large"))
            given.append((path.name, path.read_bytes()))
        except OSError as error:
            why = line(getattr(error, "strerror", None) or str(error), 120)
            raise CommandTrouble(
                _("{path} cannot be attached: {why}. Nothing was sent.").format(path=line(str(path), 200), why=why),
                Exit.INPUT,
            ) from error
    if not given:
        return ()
    before = {file.id for file in enclosures.files(desk, asked.number, actor=actor)}
    done = enclosures.attach(desk, asked.number, given, actor=actor)
    if isinstance(done, Refusal):
        raise CommandTrouble(str(done))
    return tuple(file for file in done if file.id not in before)


def _draft(asked: argparse.Namespace, desk: "Desk", actor: "Actor", body: str | None) -> Draft:
    saved = drafts.load(desk, asked.number, actor=actor)
    begun: Any = saved or drafts.begin(desk, asked.number, actor=actor)
    if isinstance(begun, Refusal):
        raise CommandTrouble(str(begun))
    if body is None and not begun.body.strip():
        raise CommandTrouble(
            _("There is nothing to send: give --body TEXT, or --body - to read standard input."), Exit.USAGE
        )
    if body is not None and saved and saved.body.strip() not in ("", body.strip()) and not asked.replace_draft:
        raise CommandTrouble(
            _(
                "A draft of yours is saved on #{number}, and sending this would lose it; nothing was sent. Without --body "
                "the draft is sent, with --replace-draft this text in its place."
            ).format(number=asked.number)
        )
    draft = begun if body is None else replace(begun, body=body)
    draft = draft if asked.cc is None else replace(draft, cc=asked.cc)
    return draft if asked.subject is None else replace(draft, subject=asked.subject)


def _after(asked: argparse.Namespace, desk: "Desk", actor: "Actor", sent: Sent, to: str) -> int:
    state, answer = _delivered(desk, actor, sent) if asked.send_now else ("queued", "")
    if asked.json:
        output.say_json(
            {
                "ticket": sent.ticket,
                "outbox": sent.outbox,
                "leaves_at": shapes.moment(sent.leaves_at),
                "state": state,
                "answer": answer or None,
            }
        )
    elif state == "sent":
        output.say(_("To {to}: accepted by the server ({answer}).").format(to=to, answer=answer))
    elif asked.later is not None and state == "queued":
        at = shapes.moment(sent.leaves_at)
        output.say(
            _(
                "To {to}: it leaves at {at}, sent by a running screen or worker. Until then: retorno mail take-back {id}"
            ).format(to=to, at=at, id=sent.outbox)
        )
    elif state == "queued":
        left = max(0, sent.leaves_at - desk.now()) // 1000
        output.say(
            _(
                "To {to}: it leaves in {seconds} s, sent by a running screen or worker. Until then it can be taken back: "
                "retorno mail take-back {id}"
            ).format(to=to, seconds=left, id=sent.outbox)
        )
    if state == "sent" or (state == "queued" and not asked.send_now):
        return Exit.DONE
    output.complain(
        _(
            "The server did not take it yet ({state}: {answer}). The message is kept in the outbox and shown on the "
            "ticket; a running screen or worker goes on with it."
        ).format(state=state, answer=line(answer, 200) or "—")
    )
    return Exit.SERVER


def _delivered(desk: "Desk", actor: "Actor", sent: Sent) -> tuple[str, str]:
    """Send from here, and what came of it: the state and the server's words. Waits out the undo window."""
    from loop.worker import Worker

    worker = Worker(desk, None)
    worker.start()
    try:
        until = time.monotonic() + max(0, sent.leaves_at - desk.now()) / 1000 + PATIENCE_S
        state, answer = "queued", ""
        while time.monotonic() < until:
            view = reading.ticket(desk, sent.ticket, actor=actor, entries=50)
            if isinstance(view, Refusal):
                break
            state, answer = next(
                ((e.state, e.answer) for e in view.entries if e.outbox == sent.outbox), (state, answer)
            )
            if state not in UNDER_WAY or (state == "queued" and answer):
                break
            time.sleep(0.1)
        return state, answer
    finally:
        worker.stop(PATIENCE_S)

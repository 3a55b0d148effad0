"""`retorno worker`: fetches and sends mail, and does what the autopilot does unasked, until told to stop (M5, M6, A6)."""

import argparse
import signal
import threading
from types import FrameType
from typing import Any

from cli import output, shapes
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.text import _
from loop.views import MailHealth

PATIENCE_S = 30.0
"""How long the mail in hand may take once we are told to stop; the outbox knows what became of it afterwards."""


def run(asked: argparse.Namespace) -> int:
    """Work until SIGTERM or SIGINT, then finish the mail in hand."""
    from loop.worker import Worker

    stop = threading.Event()

    def told(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    with desk_for(asked) as (desk, _actor):
        before = {sign: signal.signal(sign, told) for sign in (signal.SIGTERM, signal.SIGINT)}
        try:
            webhook = _webhook(desk) if asked.webhook else None
            worker = Worker(desk, _Teller(desk.now))
            worker.start()
            facts = desk.facts()
            if facts.mailbox:
                output.complain(_("Working on {mailbox}; Ctrl+C stops.").format(mailbox=facts.mailbox))
            else:
                where = facts.config_path or _("a configuration file (--config)")
                said = _("No mailbox is set up, so mail is neither fetched nor sent; {where} wants a [[mailbox]].")
                output.complain(said.format(where=where))
            stop.wait()
            if webhook:
                webhook.stop()
            worker.stop(PATIENCE_S)
        finally:
            for sign, handler in before.items():
                signal.signal(sign, handler)
    return Exit.DONE


def _webhook(desk: Any) -> Any:
    """Take answers by HTTP, as the configuration says; only this needs the web server."""
    from loop.desk import DeskTrouble
    from loop.webhook import Webhook

    def report(ok: bool, words: str) -> None:
        output.complain(f"{shapes.moment(desk.now())} {'' if ok else '! '}webhook: {words}")

    try:
        webhook = Webhook(desk, report=report)
        webhook.start()
    except DeskTrouble as trouble:
        raise CommandTrouble(str(trouble), Exit(trouble.exit_code)) from None
    if warning := webhook.warning():
        output.complain(f"! {warning}")
    output.complain(
        _("Taking answers at {host}:{port} from {names}; Ctrl+C stops.").format(
            host=webhook.config.host, port=webhook.port, names=", ".join(s.name for s in webhook.config.sources)
        )
    )
    return webhook


class _Teller:
    """Says on stderr how the mail is doing, when that changes: for a journal, not for a screen."""

    def __init__(self, now: object) -> None:
        self._now = now
        self._last = ("", False)

    def __call__(self, health: MailHealth) -> None:
        state = (health.said, health.ok)
        if state != self._last:
            self._last = state
            output.complain(
                f"{shapes.moment(self._now())} {'' if health.ok else '! '}{health.said if health.ok else health.whole}"
            )

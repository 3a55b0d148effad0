"""What one does with a mail of the ledger, from the list and from the opened mail (M7, M8)."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding
from textual.message import Message
from textual.screen import ModalScreen

from domain.refusals import Refusal
from domain.text import _, line
from loop.views import Acted, LedgerMail
from tui.screens.picker import Option, Picker
from tui.widgets.promptline import PromptLine
from tui.widgets.ticket.entries import size

if TYPE_CHECKING:
    from tui.app import Retorno

OUTCOMES: dict[str, tuple[str, str, Callable[[], str]]] = {
    "threaded": ("←", "text", lambda: _("threaded")),
    "new": ("★", "accent", lambda: _("new ticket")),
    "triage": ("?", "late", lambda: _("triage")),
    "suspect": ("!", "late", lambda: _("suspect")),
    "automatic": ("○", "past", lambda: _("automatic")),
    "bounce": ("✗", "detractor", lambda: _("bounce")),
    "duplicate": ("=", "past", lambda: _("duplicate")),
    "quarantined": ("#", "detractor", lambda: _("quarantined")),
    "": ("…", "past", lambda: _("being read")),
}
"""By outcome: glyph, its role, and the word; in the order in which they are shown."""


def outcome_word(outcome: str) -> str:
    """An outcome in the reader's language."""
    return OUTCOMES[outcome][2]() if outcome in OUTCOMES else line(outcome, 20)


class LedgerActs(ModalScreen[int | None]):
    """The keys; who inherits says on which mail (`mail_here`), what is told (`tell`) and reads anew (`acted`)."""

    app: Retorno
    BINDINGS: ClassVar = [
        Binding("a", "attach", show=False),
        Binding("n", "new", show=False),
        Binding("t", "accept", show=False),
        Binding("r", "retry", show=False),
        Binding("s", "split", show=False),
        Binding("d", "fetch", show=False),
        Binding("B", "block", show=False),
        Binding("O", "raw", show=False),
    ]

    class Coming(Message, bubble=False):
        """How much of an oversized mail came so far."""

        def __init__(self, done: int, size: int) -> None:
            super().__init__()
            self.done, self.size = done, size

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, LedgerActs.Coming)

    class Came(Message, bubble=False):
        """An oversized mail was fetched, or not."""

        def __init__(self, done: Acted | Refusal | Exception) -> None:
            super().__init__()
            self.done = done

    def __init__(self) -> None:
        super().__init__()
        self._stop: threading.Event | None = None
        """Set to stop the fetching that is under way."""
        self._attaching = 0

    def mail_here(self) -> int | None:
        """The id of the mail that is meant."""
        raise NotImplementedError

    def tell(self, words: str, mark: str = "") -> None:
        """Say something; ✓ and ✗ mark what was done and what was refused."""
        raise NotImplementedError

    def acted(self) -> None:
        """Something changed."""
        raise NotImplementedError

    # Asking

    def _with_mail(self, verb: str, then: Callable[[LedgerMail], None]) -> None:
        """Read the mail that is meant; go on unless it refuses the verb."""
        id = self.mail_here()
        if id is None or self._stop is not None:
            return
        desk, actor, writes, after = self.app.desk, self.app.actor, self.app.writes, self.app.writes.asked

        def call() -> LedgerMail | Refusal:
            from loop import ledger

            writes.reach(after)  # it is judged by the mail as the keys before this one left it
            return ledger.mail(desk, id, actor=actor)

        def show(found: LedgerMail | Refusal) -> None:
            if self is not self.app.screen:
                return
            why = found if isinstance(found, Refusal) else found.can.get(verb)
            if why is not None:
                self.app.opened()
                self.tell(str(why), "✗")
            elif isinstance(found, LedgerMail):
                then(found)

        self.app.opening()  # the next key is for what is asked, or for the mail as it is then
        self.app.reads.submit(call, show)

    def _do(self, call: Callable[[Any, Any, Any], Acted | int | Refusal | None], done: str) -> None:
        """Run a verb in the lane of writes, with `loop.triage`, the desk and who acts."""
        desk, actor = self.app.desk, self.app.actor

        def run() -> Acted | int | Refusal | None:
            from loop import triage

            return call(triage, desk, actor)

        def then(result: Acted | int | Refusal | None) -> None:
            self.app.opened()
            if self not in self.app.screen_stack:
                return
            if isinstance(result, Refusal):
                self.tell(str(result), "✗")
                return
            number = result.ticket if isinstance(result, Acted) else result
            words = done.format(number=f"#{number}" if number else "—")
            if isinstance(result, Acted):
                words += " · " + outcome_word(result.outcome)
            self.acted()
            self.tell(words, "✓")

        self.app.writes.submit(run, then)

    def _flows(self, title: str, before: tuple[Option, ...], then: Callable[[int], None]) -> None:
        """Choose a flow, after some other options."""
        desk, actor = self.app.desk, self.app.actor

        def call() -> Any:
            from loop import queue

            return queue.flows(desk, actor=actor)

        def show(flows: Any) -> None:
            if self is not self.app.screen:
                return
            options = [*before, *(Option(f.id, f.name, _("a new ticket there")) for f in flows)]
            if not options:
                self.app.opened()
                self.tell(_("There is no flow that you see."), "✗")
                return
            self.app.push_screen(Picker(title, options), lambda id: then(id) if id is not None else None)

        self.app.opening()
        self.app.reads.submit(call, show)

    # Acting

    def action_attach(self) -> None:
        """Ask for the ticket's number."""

        def ask(mail: LedgerMail) -> None:
            self._attaching = mail.row.id
            self.query_one(PromptLine).open("attach", _("Attach to ticket #"))

        self._with_mail("attach", ask)

    def attach_to(self, text: str) -> bool:
        """Attach to the number that was typed; whether it was one."""
        number = text.removeprefix("#")
        if not (number.isascii() and number.isdigit() and len(number) < 12):
            self.tell(_("Type the ticket's number."), "✗")
            return False
        id = self._attaching
        self._do(
            lambda triage, desk, actor: triage.attach(desk, id, int(number), actor=actor), _("Attached to {number}")
        )
        return True

    def action_new(self) -> None:
        """Open a ticket with it."""

        def ask(mail: LedgerMail) -> None:
            id = mail.row.id
            self._flows(
                _("Open a ticket in"),
                (),
                lambda flow: self._do(
                    lambda triage, desk, actor: triage.open_ticket(desk, id, flow, actor=actor), _("Opened {number}")
                ),
            )

        self._with_mail("open", ask)

    def action_accept(self) -> None:
        """Take a suspect for the customer's word."""

        def ask(mail: LedgerMail) -> None:
            id, address = mail.row.id, line(mail.row.sender, 60) or "—"
            options = (
                Option("once", _("This mail only")),
                Option("always", _("And know the address from now on"), address),
            )

            def chosen(how: str | None) -> None:
                if how is not None:
                    self._do(
                        lambda triage, desk, actor: triage.accept(desk, id, actor=actor, remember=how == "always"),
                        _("Accepted on {number}"),
                    )

            self.app.push_screen(Picker(_("Accept as the customer's word"), options), chosen)

        self._with_mail("accept", ask)

    def action_retry(self) -> None:
        """Read a quarantined mail again."""
        self._with_mail(
            "retry",
            lambda mail: self._do(
                lambda triage, desk, actor: triage.retry(desk, mail.row.id, actor=actor), _("Read again")
            ),
        )

    def action_split(self) -> None:
        """Take it off its ticket."""

        def ask(mail: LedgerMail) -> None:
            message = mail.message
            self._flows(
                _("Take the mail off #{number}").format(number=mail.row.ticket),
                (Option(0, _("Back to triage"), _("on no ticket")),),
                lambda flow: self._do(
                    lambda triage, desk, actor: triage.split(desk, message, flow or None, actor=actor),
                    _("Taken off; now on {number}"),
                ),
            )

        self._with_mail("split", ask)

    def action_block(self) -> None:
        """Block its sender, or no more."""

        def ask(mail: LedgerMail) -> None:
            address, was = mail.row.sender, mail.blocked
            if not address:
                self.app.opened()
                self.tell(_("This mail names no sender."), "✗")
                return

            def run(yes: bool | None) -> None:
                if yes:
                    self._block(address, was)

            if was:
                run(True)
                return
            from tui.screens.asking import AskScreen

            self.app.push_screen(
                AskScreen(
                    _("Block {address}?").format(address=line(address, 60)),
                    _("block"),
                    about=_("Their mail is kept here and goes onto no ticket by itself. B again lets it in."),
                ),
                run,
            )

        self._with_mail("block", ask)

    def _block(self, address: str, was: bool) -> None:
        desk, actor = self.app.desk, self.app.actor

        def call() -> Refusal | None:
            from loop import blocking

            return (blocking.unblock if was else blocking.block)(desk, address, actor=actor)

        def then(why: Refusal | None) -> None:
            self.app.opened()
            if self in self.app.screen_stack:
                self.acted()
                said = _("{address} is let in again.") if was else _("{address} is blocked.")
                self.tell(str(why) if why else said.format(address=line(address, 60)), "✗" if why else "✓")

        self.app.writes.submit(call, then)

    def action_raw(self) -> None:
        """The mail as it travelled."""
        id = self.mail_here()
        if id is None:
            return
        desk, actor = self.app.desk, self.app.actor

        def call() -> bytes | Refusal:
            from loop import ledger

            return ledger.raw(desk, id, actor=actor)

        def show(raw: bytes | Refusal) -> None:
            if self is not self.app.screen:
                return
            if isinstance(raw, Refusal):
                self.app.opened()
                self.tell(str(raw), "✗")
                return
            from tui.screens.rawmail import RawMailScreen

            self.app.push_screen(RawMailScreen(_("The mail as it travelled"), raw))

        self.app.opening()
        self.app.reads.submit(call, show)

    # Fetching what was too large

    def action_fetch(self) -> None:
        """Fetch the whole of an oversized mail, in a thread of its own; Esc stops it."""

        def go(mail: LedgerMail) -> None:
            desk, actor, id, stop = self.app.desk, self.app.actor, mail.row.id, threading.Event()
            self._stop = stop
            self.app.opened()  # Esc stops it

            def told(done: int, size: int) -> bool:
                self._post(self.Coming(done, size))
                return not stop.is_set()

            def run() -> None:
                from loop import oversized

                done: Acted | Refusal | Exception
                try:
                    done = oversized.fetch_whole(desk, id, actor=actor, told=told)
                except Exception as error:  # said where one looks
                    done = error
                self._post(self.Came(done))

            self.tell(_("Fetching {size}… Esc stops.").format(size=size(mail.row.size)))
            threading.Thread(target=run, name="retorno-fetch", daemon=True).start()

        self._with_mail("fetch", go)

    def _post(self, message: Message) -> None:
        """From the thread that fetches, which may outlive the program's last screen."""
        with contextlib.suppress(RuntimeError):
            self.post_message(message)

    def on_unmount(self) -> None:
        if self._stop is not None:
            self._stop.set()

    def on_ledger_acts_coming(self, event: Coming) -> None:
        if self._stop is not None:
            self.tell(_("{done} of {size}… Esc stops.").format(done=size(event.done), size=size(event.size)))

    def on_ledger_acts_came(self, event: Came) -> None:
        self._stop = None
        if isinstance(event.done, Acted):
            self.acted()
            self.tell(_("The whole mail is here."), "✓")
        else:
            self.tell(str(event.done) or type(event.done).__name__, "✗")

    def stopped(self) -> bool:
        """Stop the fetching that is under way; whether there was one."""
        if self._stop is None:
            return False
        self._stop.set()
        self.tell(_("Stopping…"))
        return True

    # The line that asks

    def on_prompt_line_left(self, event: PromptLine.Left) -> None:
        event.stop()
        self.close_prompt()

    def on_prompt_line_entered(self, event: PromptLine.Entered) -> None:
        event.stop()
        if event.what == "attach" and self.attach_to(event.text):
            self.close_prompt()

    def close_prompt(self) -> None:
        """Hide the line; the keys are the list's again."""
        raise NotImplementedError

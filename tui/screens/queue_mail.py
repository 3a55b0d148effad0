"""Writing to a customer from the main screen: drafts, the review, sending, and taking back (M1, M4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.flows import Status
from domain.refusals import Refusal
from domain.text import _, line
from loop.views import Attachment, Draft, Review, Sent, TicketView
from tui.screens.queue_enclosing import Enclosing
from tui.widgets.flash import Tone
from tui.widgets.ticket.spans import full_date

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen
    from tui.widgets.ticket.compose import Compose


@dataclass(frozen=True)
class _Begun:
    """What one begins to write with."""

    view: TicketView | Refusal
    writes: int
    draft: Draft
    variables: dict[str, str]
    files: tuple[Attachment, ...]


class Writing(Enclosing):
    """Reply, review, send, undo."""

    sent: Sent | None = None
    """The last message that can still be taken back."""

    @property
    def is_writing(self: QueueScreen) -> bool:
        """Whether a draft is open."""
        return self.has_class("-writing")

    def do_reply(self: QueueScreen, argument: str = "") -> None:
        def ask(view: TicketView) -> None:
            refusal = view.can.get("reply")
            if refusal is None:
                self.begin_reply(view.row.number)
            else:
                self.refuse(view, refusal, "reply")

        self.with_view(ask)

    def begin_reply(self: QueueScreen, number: int) -> None:
        """Open the draft of a ticket, the saved one if there is one."""
        desk, actor, writes = self.app.desk, self.app.actor, self.app.writes

        def read() -> _Begun:
            from loop import drafts, enclosures, filling, reading

            given = filling.values(desk.db.rows, desk, number, actor=actor)
            seen = writes.done
            return _Begun(
                reading.ticket(desk, number, actor=actor),
                seen,
                drafts.begin(desk, number, actor=actor),
                {v.name: v.value for v in filling.offered(given)},
                enclosures.files(desk, number, actor=actor),
            )

        writes.submit(read, lambda begun: self.run_worker(self._open_draft(begun)))

    async def _open_draft(self: QueueScreen, begun: _Begun) -> None:
        view, draft = begun.view, begun.draft
        if isinstance(view, Refusal):
            self.say(str(view), Tone.REFUSED)
            return
        pane = await self.need_pane()
        composing = await self.need_compose()
        if self.is_writing and composing.ticket != draft.ticket:
            self.keeper.flush()
        self.view, self.view_seen = view, begun.writes
        pane.show(view, self.app.desk.now())
        self.add_class("-reading", "-writing")
        composing.open(draft, view)
        composing.know(begun.variables, begun.files)
        self.footer.show_place("draft")  # it has the focus in a moment

    # Saving

    def save_draft(self: QueueScreen, draft: Draft) -> int:
        """Save a draft; called in the writers' lane."""
        from loop import drafts

        return drafts.save(self.app.desk, draft, actor=self.app.actor)

    def draft_saved(self: QueueScreen, at: int) -> None:
        """Say when."""
        if self.composing is not None:
            self.composing.saved(at)

    def draft_not_saved(self: QueueScreen, why: str) -> None:
        """Say that it is not saved, and why; it is tried again."""
        if self.composing is not None:
            self.composing.not_saved(why)

    def on_compose_changed(self: QueueScreen, event: Compose.Changed) -> None:
        if self.is_writing:
            self.keeper.changed(event.draft)

    def on_compose_left(self: QueueScreen, event: Compose.Left) -> None:
        self.keeper.flush()
        self.close_draft()
        self.say(_("The draft is kept: r goes on with it."))

    def close_draft(self: QueueScreen) -> None:
        """Put the draft away and go back to the ticket."""
        self.remove_class("-writing")
        # At once, since focus() comes later: the next key is a key of the ticket, not a letter of a hidden draft.
        self.set_focus(None)
        if self.pane is not None:
            self.pane.focus()
        self._place()

    def ticket_changed(self: QueueScreen, view: TicketView, before: int) -> None:
        """The ticket that is open has news; a draft is told of what the customer sent, and is not touched."""
        came = any(e.id > before and e.kind == "mail in" for e in view.entries)
        if came and self.is_writing and self.composing is not None:
            self.composing.notice(_("The customer wrote again meanwhile; read it before you send."))
        elif came:
            self.say(_("{customer} wrote.").format(customer=view.row.customer or view.row.email))

    # Sending

    def do_review(self: QueueScreen, argument: str = "") -> None:
        if self.is_writing and self.composing is not None:
            self.composing.action_review()
        else:
            self.say(_("No draft is open: r opens one."), Tone.REFUSED)

    def do_editor(self: QueueScreen, argument: str = "") -> None:
        if self.is_writing and self.composing is not None:
            self.composing.action_editor()
        else:
            self.say(_("No draft is open: r opens one."), Tone.REFUSED)

    def on_compose_review_asked(self: QueueScreen, event: Compose.ReviewAsked) -> None:
        draft, desk, actor = event.draft, self.app.desk, self.app.actor
        self.app.opening()  # no key behind this one is a letter of the draft
        self.keeper.changed(draft)
        self.keeper.flush()

        def read() -> Review:
            from loop import correspondence

            return correspondence.review(desk, draft, actor=actor)

        self.app.writes.submit(read, lambda review: self._review(draft, review))

    def _review(self: QueueScreen, draft: Draft, review: Review) -> None:
        from tui.screens.review import ReviewScreen

        def decided(answer: str | None) -> None:
            if answer == "send":
                self._send(draft)
            elif answer == "later":
                self._ask_when(draft)
            elif answer == "move":
                self.with_view(
                    lambda view: self.pick_phase(view, lambda phase: self._send_and_move(view, draft, phase))
                )
            elif answer == "keep":
                self.close_draft()
                self.say(_("The draft is kept: r goes on with it."))
            elif self.composing is not None:
                self.composing.focus()

        self.app.push_screen(ReviewScreen(review, self.app.undo_seconds), decided)

    def _ask_when(self: QueueScreen, draft: Draft) -> None:
        from tui.screens.later import Due, LaterScreen

        def said(when: Due | None) -> None:
            if when is not None and when.at is not None:
                self._send(draft, later=when.at)
            elif self.composing is not None:
                self.composing.focus()

        self.app.push_screen(LaterScreen(self.app.desk.now()), said)

    def _send_and_move(self: QueueScreen, view: TicketView, draft: Draft, phase: int) -> None:
        if view.flow.phase(phase).status is not Status.CLOSED:
            self._send(draft, then_move=phase)
            return
        from tui.screens.closing import Closing, ClosingScreen

        def close(answer: Closing | None) -> None:
            if answer is not None:
                self._send(
                    draft,
                    then_move=answer.phase,
                    resolution=answer.resolution,
                    outcome=answer.outcome,
                    category=answer.category,
                )
            elif self.composing is not None:
                self.composing.focus()

        self.read_labels(
            lambda found: self.app.push_screen(ClosingScreen(view, phase=phase, categories=found[1]), close)
        )

    def _send(self: QueueScreen, draft: Draft, **more: Any) -> None:
        """`more` as `correspondence.send` takes it: later, then_move, resolution."""
        desk, actor = self.app.desk, self.app.actor
        self.keeper.forget()

        def call() -> Sent | Refusal:
            from loop import correspondence

            return correspondence.send(desk, draft, actor=actor, **more)

        self.app.writes.submit(call, lambda sent: self._was_sent(sent, more.get("later")))

    def _was_sent(self: QueueScreen, sent: Sent | Refusal, later: int | None = None) -> None:
        if isinstance(sent, Refusal):
            self.say(str(sent), Tone.REFUSED)
            if self.composing is not None:
                if sent.code == "something new" and self.view is not None:
                    self.composing.seen(self.view.last_event)
                self.composing.focus()
            return
        self.sent = sent
        self.close_draft()
        if later is None:
            self.say_sending(sent)
        else:
            self.say(_("It leaves {date} · u takes it back until then").format(date=full_date(later)), Tone.DONE)
        self.refresh_tickets((sent.ticket,))

    def say_sending(self: QueueScreen, sent: Sent) -> None:
        """Count down to when a message leaves."""
        if sent.leaves_at > self.app.desk.now():
            self.say(_("sending in {seconds}s · u takes it back"), Tone.DONE, until=sent.leaves_at)

    def countdown_over(self: QueueScreen) -> None:
        """The message leaves now."""
        self.sent = None

    def do_undo(self: QueueScreen, argument: str = "") -> None:
        desk, actor, sent, number = self.app.desk, self.app.actor, self.sent, self.at_hand()
        if sent is None and number is None:
            self.say(_("There is nothing to take back."), Tone.REFUSED)
            return
        self.sent = None

        def call() -> Draft | Refusal | None:
            from loop import correspondence

            # What leaves later is taken back on its ticket.
            outbox = sent.outbox if sent else correspondence.waiting(desk, number or 0, actor=actor)
            return None if outbox is None else correspondence.take_back(desk, outbox, actor=actor)

        def back(draft: Draft | Refusal | None) -> None:
            self.unsay(now_or_never=True)
            if draft is None:
                self.say(_("There is nothing to take back."), Tone.REFUSED)
                return
            if isinstance(draft, Refusal):
                self.say(str(draft), Tone.REFUSED)
                return
            self.say(_("Taken back; nothing left. The draft is open again."), Tone.DONE)
            self.refresh_tickets((draft.ticket,))
            self.begin_reply(draft.ticket)

        self.app.writes.submit(call, back)

    def do_send_again(self: QueueScreen, argument: str = "") -> None:
        """Send again what failed, is held back or in doubt on the ticket at hand; a message in doubt may come twice."""
        desk, actor = self.app.desk, self.app.actor

        def ask(view: TicketView) -> None:
            number = view.row.number
            stuck = [e for e in view.entries if e.kind == "mail out" and e.state in ("failed", "held", "in doubt")]
            if not stuck or stuck[-1].outbox is None:
                self.say(_("No message here failed, is held back or in doubt."), Tone.REFUSED)
                return
            entry, outbox = stuck[-1], stuck[-1].outbox

            def call() -> Any:
                from loop import correspondence

                return correspondence.retry(desk, outbox, actor=actor)

            def asked(yes: bool | None) -> None:
                if yes:
                    self.app.writes.submit(call, lambda done: self._sent_again(number, done))

            from tui.screens.asking import AskScreen

            about = {
                "in doubt": _(
                    "The server may have taken it already; it would then come twice, as one message by its id."
                ),
                "held": line(entry.answer, 200),
                "failed": line(entry.answer, 200),
            }[entry.state]
            self.app.push_screen(AskScreen(_("Send that message again?"), _("send again"), about=about), asked)

        self.with_view(ask)

    def _sent_again(self: QueueScreen, number: int, done: Any) -> None:
        if isinstance(done, Refusal) or done.refused:
            self.say(str(done if isinstance(done, Refusal) else done.why), Tone.REFUSED)
            return
        self.say(_("It is on its way again."), Tone.DONE)
        self.refresh_tickets((number,))

    # What the pane asks for

    def on_ticket_pane_tick_asked(self: QueueScreen, event: Any) -> None:
        self.tick(event.number, event.item, event.on)

    def on_ticket_pane_tick_refused(self: QueueScreen, event: Any) -> None:
        """Say so, if it is still so after what was done here since the ticket was read."""

        def ask(view: TicketView) -> None:
            refusal = view.can.get("tick")
            if refusal is None:
                self.tick(event.number, event.item, event.on)
            else:
                self.say(str(refusal), Tone.REFUSED)

        self.say(event.why, Tone.REFUSED) if self.view_is_new else self.read_ticket(event.number, ask)

    def on_ticket_pane_older_asked(self: QueueScreen, event: Any) -> None:
        desk, actor, number, before = self.app.desk, self.app.actor, event.number, event.before

        def read() -> Any:
            from loop import reading

            return reading.timeline(desk, number, actor=actor, before=before)

        def show(entries: Any) -> None:
            if self.pane is not None and self.pane.view is not None and self.pane.view.row.number == number:
                self.pane.prepend(entries)

        self.app.reads.submit(read, show)

    def on_ticket_pane_raw_asked(self: QueueScreen, event: Any) -> None:
        desk, actor, message = self.app.desk, self.app.actor, event.message

        def read() -> bytes | Refusal:
            from loop import reading

            return reading.raw(desk, message, actor=actor)

        def show(raw: bytes | Refusal) -> None:
            if isinstance(raw, Refusal):
                self.say(str(raw), Tone.REFUSED)
                return
            from tui.screens.rawmail import RawMailScreen

            self.app.push_screen(RawMailScreen(_("The mail as it travelled"), raw))

        self.app.reads.submit(read, show)

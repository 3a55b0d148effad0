"""Writing to a customer from the main screen: drafts, the review, sending, and taking back (M1, M4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.refusals import Refusal
from domain.text import _
from loop.views import Draft, Review, Sent, TicketView
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen
    from tui.widgets.ticket.compose import Compose


class Writing:
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
        desk, actor = self.app.desk, self.app.actor

        def read() -> tuple[TicketView | Refusal, Draft]:
            from loop import drafts, reading

            return reading.ticket(desk, number, actor=actor), drafts.begin(desk, number, actor=actor)

        self.app.writes.submit(read, lambda found: self.run_worker(self._open_draft(*found)))

    async def _open_draft(self: QueueScreen, view: TicketView | Refusal, draft: Draft) -> None:
        if isinstance(view, Refusal):
            self.say(str(view), Tone.REFUSED)
            return
        pane = await self.need_pane()
        composing = await self.need_compose()
        if self.is_writing and composing.ticket != draft.ticket:
            self.keeper.flush()
        self.view = view
        pane.show(view, self.app.desk.now())
        self.add_class("-reading", "-writing")
        composing.open(draft, view)
        self._place()

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

    def _send_and_move(self: QueueScreen, view: TicketView, draft: Draft, phase: int) -> None:
        self._send(draft, phase)

    def _send(self: QueueScreen, draft: Draft, then_move: int | None = None) -> None:
        desk, actor = self.app.desk, self.app.actor
        self.keeper.forget()

        def call() -> Sent | Refusal:
            from loop import correspondence

            return correspondence.send(desk, draft, actor=actor, then_move=then_move)

        self.app.writes.submit(call, self._was_sent)

    def _was_sent(self: QueueScreen, sent: Sent | Refusal) -> None:
        if isinstance(sent, Refusal):
            self.say(str(sent), Tone.REFUSED)
            if self.composing is not None:
                if sent.code == "something new" and self.view is not None:
                    self.composing.seen(self.view.last_event)
                self.composing.focus()
            return
        self.sent = sent
        self.close_draft()
        self.say_sending(sent)
        self.refresh_tickets((sent.ticket,))

    def say_sending(self: QueueScreen, sent: Sent) -> None:
        """Count down to when a message leaves."""
        if sent.leaves_at > self.app.desk.now():
            self.say(_("sending in {seconds}s · u takes it back"), Tone.DONE, until=sent.leaves_at)

    def countdown_over(self: QueueScreen) -> None:
        """The message leaves now."""
        self.sent = None

    def do_undo(self: QueueScreen, argument: str = "") -> None:
        if self.sent is None:
            self.say(_("There is nothing to take back."), Tone.REFUSED)
            return
        sent, desk, actor = self.sent, self.app.desk, self.app.actor
        self.sent = None

        def call() -> Draft | Refusal:
            from loop import correspondence

            return correspondence.take_back(desk, sent.outbox, actor=actor)

        def back(draft: Draft | Refusal) -> None:
            self.unsay(now_or_never=True)
            if isinstance(draft, Refusal):
                self.say(str(draft), Tone.REFUSED)
                return
            self.say(_("Taken back; nothing left. The draft is open again."), Tone.DONE)
            self.refresh_tickets((sent.ticket,))
            self.begin_reply(sent.ticket)

        self.app.writes.submit(call, back)

    # What the pane asks for

    def on_ticket_pane_tick_asked(self: QueueScreen, event: Any) -> None:
        self.tick(event.number, event.item, event.on)

    def on_ticket_pane_tick_refused(self: QueueScreen, event: Any) -> None:
        self.say(event.why, Tone.REFUSED)

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

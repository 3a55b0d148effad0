"""What can be done with tickets from the main screen: each action asks the loop and says what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from domain.flows import Status
from domain.refusals import Refusal
from domain.text import _, ngettext, number
from domain.tickets import Priority
from loop.views import Done, TicketView
from tui.actions import BY_ID
from tui.screens.queue_mass import MANY
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen


class Verbs:
    """Start, assign, move, close, note, tick and the like."""

    # Which tickets

    def targets(self: QueueScreen) -> tuple[int, ...]:
        """The tickets that a verb acts on: the selection, else the one under the cursor."""
        if self.list.selected:
            return tuple(self.list.selected)
        number = self.at_hand()
        return () if number is None else (number,)

    def at_hand(self: QueueScreen) -> int | None:
        """The ticket that is open or under the cursor."""
        if self.pinned is not None:
            return self.pinned
        if self.is_writing and self.composing is not None and self.focused is not self.list:
            return self.composing.ticket
        return self.list.number

    def with_view(self: QueueScreen, then: Callable[[TicketView], Any]) -> None:
        """Call `then` with the ticket at hand, which is read first if need be."""
        number = self.at_hand()
        if number is None:
            self.say(_("There is no ticket here."), Tone.REFUSED)
        elif self.view is not None and self.view.row.number == number and self.view_is_new:
            then(self.view)
        else:
            self.read_ticket(number, then)

    def if_may(self: QueueScreen, action: str, then: Callable[[TicketView], Any], argument: str = "") -> None:
        """Call `then` with the ticket at hand if it allows the action, else say why it does not.

        With a selection the ticket at hand speaks for itself only: each one is asked when the verb is done (Q4).
        """
        verb = BY_ID[action].verb

        def ask(view: TicketView) -> None:
            refusal = None if self.list.selected else view.can.get(verb)
            if refusal is None:
                then(view)
            else:
                self.refuse(view, refusal, action, argument)

        self.with_view(ask)

    # Doing it

    def act(
        self: QueueScreen,
        call: Callable[[tuple[int, ...]], Done | Refusal],
        said: Callable[[int], str],
        then: Callable[[Done], Any] | None = None,
    ) -> None:
        """Have the loop do something to the tickets meant, in order with other writing, and say what came of it."""
        numbers = self.targets()
        if not numbers:
            self.say(_("There is no ticket here."), Tone.REFUSED)
            return
        if len(numbers) > MANY:
            self.act_on_many(call, numbers, said, then)
            return
        self.app.writes.submit(lambda: call(numbers), lambda done: self._acted(done, said, then))

    def _acted(
        self: QueueScreen, done: Done | Refusal, said: Callable[[int], str], then: Callable[[Done], Any] | None
    ) -> None:
        if isinstance(done, Refusal):
            self.say(str(done), Tone.REFUSED)
            return
        count, refused = len(done.done), len(done.refused)
        if not count and refused:
            more = _(" (and {n} more)").format(n=refused - 1) if refused > 1 else ""
            self.say(str(done.why) + more, Tone.REFUSED)
        else:
            words = said(count)
            if refused:
                words += " · " + _("{n} not: {why}").format(n=refused, why=done.why)
            self.say(words, Tone.DONE)
        if count:
            self.refresh_tickets(done.done)
            if then is not None:
                then(done)

    def do_start(self: QueueScreen, argument: str = "") -> None:
        """Start; after something was refused for it, start and take, then go on with that."""
        if self.offered():
            self.do_take()
            return

        def call(numbers: tuple[int, ...]) -> Done:
            from loop import tickets

            return tickets.start(self.app.desk, numbers, actor=self.app.actor)

        self.act(call, lambda n: ngettext("Started.", "{n} started.", n).format(n=n))

    def do_take(self: QueueScreen, argument: str = "") -> None:
        def call(numbers: tuple[int, ...]) -> Done:
            from loop import tickets

            return tickets.start(self.app.desk, numbers, actor=self.app.actor, take=True)

        offer, self.offer = self.offered(), None
        then = None if offer is None else (lambda done: self.go_on_with(offer, done))
        self.act(call, lambda n: ngettext("Started, and yours.", "{n} started, and yours.", n).format(n=n), then)

    def do_assign(self: QueueScreen, argument: str = "") -> None:
        def give(login: str) -> None:
            def call(numbers: tuple[int, ...]) -> Done:
                from loop import tickets

                me = self.app.actor.login if login == "me" else login
                return tickets.assign(self.app.desk, numbers, None if me == "none" else me, actor=self.app.actor)

            self.act(call, lambda n: _("Assigned to {login}.").format(login=login))

        def choose(view: TicketView) -> None:
            from loop import reading
            from tui.screens.picker import Option, Picker

            desk, actor = self.app.desk, self.app.actor

            def show(people: Any) -> None:
                options = [Option(p.login, p.login, p.name) for p in people]
                options.append(Option("none", _("nobody")))
                self.app.push_screen(
                    Picker(self.about(_("Assign {tickets} to")), options, view.row.assignee),
                    lambda login: give(login) if login else None,
                )

            self.app.reads.submit(lambda: reading.people(desk, view.flow.id, actor=actor), show)

        if argument and self.list.selected:
            give(argument)
        else:
            self.if_may("assign", lambda view: give(argument) if argument else choose(view), argument)

    def do_move(self: QueueScreen, argument: str = "") -> None:
        def go(view: TicketView, phase: int) -> None:
            if view.flow.phase(phase).status is Status.CLOSED:
                self.ask_resolution(view, phase)
                return

            def call(numbers: tuple[int, ...]) -> Done:
                from loop import tickets

                return tickets.move(self.app.desk, numbers, phase, actor=self.app.actor)

            self.act(call, lambda n: _("Moved to {phase}.").format(phase=view.flow.phase(phase).name))

        def choose(view: TicketView) -> None:
            if argument:
                phase = view.flow.named(argument)
                self.say(str(phase), Tone.REFUSED) if isinstance(phase, Refusal) else go(view, phase.id)
                return
            self.pick_phase(view, lambda phase: go(view, phase))

        self.if_may("move", choose, argument)

    def pick_phase(self: QueueScreen, view: TicketView, then: Callable[[int], Any]) -> None:
        """Have a phase of the ticket's flow chosen; those that the ticket cannot go to say why."""
        from domain.flows import may_go
        from tui.screens.picker import Option, Picker

        ticked = frozenset(tick.item for tick in view.ticks)
        names = {Status.PENDING: _("pending"), Status.PROGRESS: _("in progress"), Status.CLOSED: _("closed")}
        options = []
        for phase in view.flow.phases:
            why = None if self.list.selected else may_go(view.flow, view.phase_id, phase.id, ticked)
            options.append(Option(phase.id, phase.name, names[phase.status], str(why) if why else ""))
        self.app.push_screen(
            Picker(self.about(_("Move {tickets} to")), options, view.phase_id),
            lambda phase: then(phase) if phase is not None else None,
        )

    def do_close(self: QueueScreen, argument: str = "") -> None:
        self.if_may("close", self.ask_resolution)

    def ask_resolution(self: QueueScreen, view: TicketView, phase: int | None = None) -> None:
        """Closing asks what was done (T6)."""
        from tui.screens.closing import Closing, ClosingScreen

        def close(answer: Closing | None) -> None:
            if answer is None:
                return
            desk, actor = self.app.desk, self.app.actor

            def call(numbers: tuple[int, ...]) -> Done:
                from loop import tickets

                return tickets.close(
                    desk,
                    numbers,
                    actor=actor,
                    resolution=answer.resolution,
                    outcome=answer.outcome,
                    phase=answer.phase,
                    category=answer.category,
                )

            self.act(call, lambda n: ngettext("Closed.", "{n} closed.", n).format(n=n))

        def ask(found: Any) -> None:
            self.app.push_screen(ClosingScreen(view, phase=phase, categories=found[1]), close)

        self.read_labels(ask)

    def do_priority(self: QueueScreen, argument: str = "") -> None:
        def give(word: str) -> None:
            def call(numbers: tuple[int, ...]) -> Done:
                from loop import tickets

                return tickets.prioritise(self.app.desk, numbers, Priority[word.upper()], actor=self.app.actor)

            self.act(call, lambda n: _("Priority is {word}.").format(word=word))

        def choose(view: TicketView) -> None:
            from tui.screens.picker import Option, Picker

            names = {"high": _("high"), "medium": _("medium"), "low": _("low")}
            options = [Option(p.word, names[p.word]) for p in Priority]
            self.app.push_screen(
                Picker(self.about(_("Priority of {tickets}")), options, view.row.priority.word),
                lambda word: give(word) if word else None,
            )

        found = [p.word for p in Priority if argument and p.word.startswith(argument.lower())]
        if argument and not found:
            self.say(_("Say high, medium or low."), Tone.REFUSED)
        else:
            self.if_may("priority", lambda view: give(found[0]) if found else choose(view), argument)

    def do_note(self: QueueScreen, argument: str = "") -> None:
        def write(written: str | tuple[str, Any] | None) -> None:
            if written is None:
                return
            body, files = written if isinstance(written, tuple) else (written, ())

            def call(numbers: tuple[int, ...]) -> Done:
                from loop import notes

                given = {"files": files} if files else {}
                return notes.add(self.app.desk, numbers, body, actor=self.app.actor, **given)

            self.act(call, lambda n: ngettext("Noted.", "Noted on {n} tickets.", n).format(n=n))

        def ask(view: TicketView) -> None:
            from tui.screens.noting import NoteScreen

            several = self.about("{tickets}") if len(self.targets()) > 1 else ""
            self.app.push_screen(NoteScreen(view, about=several), write)

        write(argument) if argument else self.if_may("note", ask)

    def do_no_answer(self: QueueScreen, argument: str = "") -> None:
        def call(numbers: tuple[int, ...]) -> Done:
            from loop import tickets

            return tickets.needs_no_answer(self.app.desk, numbers, actor=self.app.actor)

        self.act(call, lambda n: _("Marked as needing no answer."))

    async def do_checklist(self: QueueScreen, argument: str = "") -> None:
        await self.open_part("checklist")

    async def open_part(self: QueueScreen, tab: str) -> None:
        """Go into a part of the ticket at hand, one of `TABS` of its pane, once the ticket is there."""
        number = self.at_hand()
        if number is None:
            self.say(_("There is no ticket here."), Tone.REFUSED)
            return
        self.app.opening(told=True)  # the next key is for that part
        await self.open_ticket(number)

        def show(view: TicketView) -> None:
            if self.pane is not None:
                self.pane.open_tab(tab)
                self.pane.focus()
            self.app.call_later(self.app.opened)  # behind the focus, which comes later

        self.with_view(show)

    def tick(self: QueueScreen, number: int, item: int, on: bool) -> None:
        """Tick an item of a checklist, or take the tick away.

        `on` is what the ticket that is shown makes of it; where it was read before what was asked last, that is turned round.
        """
        desk, actor, key = self.app.desk, self.app.actor, (number, item)
        if key in self._ticked and self.view_seen < self._ticked[key][1]:
            on = not self._ticked[key][0]

        def call() -> Done:
            from loop import tickets

            return tickets.tick(desk, number, item, actor=actor, on=on)

        def ticked(done: Done) -> None:
            if done.why:
                self._ticked.pop(key, None)
                self.say(str(done.why), Tone.REFUSED)
            else:
                self.refresh_tickets((number,))

        self.app.writes.submit(call, ticked)
        self._ticked[key] = on, self.app.writes.asked

    def about(self: QueueScreen, sentence: str) -> str:
        """A sentence that names what a verb will act on."""
        numbers = self.targets()
        tickets = f"#{numbers[0]}" if len(numbers) == 1 else _("{n} selected tickets").format(n=number(len(numbers)))
        return sentence.format(tickets=tickets)

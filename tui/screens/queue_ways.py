"""Tickets that go elsewhere, come together, or are opened by hand (I7, Q7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from domain.flows import Flow, Status
from domain.refusals import Refusal
from domain.text import _, fold, line
from loop.views import Done, TicketView
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen


class Ways:
    """Transfer, merge, open by hand."""

    # To another flow

    def do_transfer(self: QueueScreen, argument: str = "") -> None:
        from loop import queue

        desk, actor = self.app.desk, self.app.actor

        def choose(view: TicketView, flows: tuple[Flow, ...]) -> None:
            others = tuple(f for f in flows if f.id != view.flow.id or self.list.selected)
            named = [f for f in others if argument and fold(f.name).startswith(fold(argument))]
            if not others:
                self.say(_("There is no other flow in your sight."), Tone.REFUSED)
            elif argument and not named:
                self.say(_("No other flow of yours is called {name}.").format(name=argument), Tone.REFUSED)
            elif len(named) == 1:
                self._transfer_phase(view, named[0])
            else:
                from tui.screens.picker import Option, Picker

                by_id = {f.id: f for f in others}
                self.app.push_screen(
                    Picker(
                        self.about(_("Move {tickets} to the flow")), [Option(f.id, f.name) for f in named or others]
                    ),
                    lambda id: self._transfer_phase(view, by_id[id]) if id is not None else None,
                )

        def ask(view: TicketView) -> None:
            self.app.reads.submit(lambda: queue.flows(desk, actor=actor), lambda flows: choose(view, flows))

        self.if_may("transfer", ask, argument)

    def _transfer_phase(self: QueueScreen, view: TicketView, flow: Flow) -> None:
        from tui.screens.picker import Option, Picker

        names = {Status.PENDING: _("pending"), Status.PROGRESS: _("in progress"), Status.CLOSED: _("closed")}
        options = [Option(p.id, p.name, names[p.status]) for p in flow.phases]
        first = next((p.id for p in flow.phases if p.status is view.row.status), None)

        def go(phase: int | None) -> None:
            if phase is None:
                return
            closing = flow.phase(phase).status is Status.CLOSED and view.row.status is not Status.CLOSED
            if closing:
                self._ask_what_was_done(lambda words: self._transfer(flow, phase, words))
            else:
                self._transfer(flow, phase)

        title = self.about(_("Which phase of {flow} for {tickets}?").replace("{flow}", line(flow.name, 30)))
        self.app.push_screen(Picker(title, options, first), go)

    def _ask_what_was_done(self: QueueScreen, then: Callable[[str], Any]) -> None:
        from tui.screens.forming import FormScreen
        from tui.widgets.form import Field, Kind

        fields = (Field("resolution", _("What was done"), Kind.LINES, "", needed=True),)
        self.app.push_screen(
            FormScreen(_("Closing asks for a resolution"), fields),
            lambda given: then(given["resolution"]) if given else None,
        )

    def _transfer(self: QueueScreen, flow: Flow, phase: int, resolution: str = "") -> None:
        desk, actor = self.app.desk, self.app.actor

        def call(numbers: tuple[int, ...]) -> Done:
            from loop import transfers

            return transfers.transfer(desk, numbers, flow.id, phase, actor=actor, resolution=resolution)

        self.act(call, lambda n: _("Moved to {flow}.").format(flow=line(flow.name)))

    # Coming together

    def do_merge(self: QueueScreen, argument: str = "") -> None:
        number = argument.strip().removeprefix("#")
        if argument and not number.isdigit():
            self.say(_("Say the number of the ticket that goes on: :merge 1042."), Tone.REFUSED)
        elif argument:
            self.if_may("merge", lambda view: self._confirm_merge(int(number)), argument)
        else:
            self.if_may("merge", self._choose_survivor)

    def _choose_survivor(self: QueueScreen, view: TicketView) -> None:
        from tui.screens.picker import Option, Picker

        meant = self.targets()
        others = [row for row in view.others if row.number not in meant]
        if not others:
            self.say(_("This customer has no other ticket in sight; :merge NUMBER names one."), Tone.REFUSED)
            return
        options = [Option(row.number, f"#{row.number} {row.subject}", row.phase) for row in others]
        self.app.push_screen(
            Picker(self.about(_("Merge {tickets} into")), options),
            lambda number: self._confirm_merge(number) if number is not None else None,
        )

    def _confirm_merge(self: QueueScreen, into: int) -> None:
        desk, actor = self.app.desk, self.app.actor

        def call(numbers: tuple[int, ...]) -> Done:
            from loop import merging

            return merging.merge(desk, [n for n in numbers if n != into or len(numbers) == 1], into, actor=actor)

        said = _("Merged into #{number}; :unmerge takes it out again.").format(number=into)
        self.confirm(
            self.about(_("Merge {tickets} into #{number}?").replace("{number}", str(into))),
            _("merge them; that one goes on"),
            lambda: self.act(call, lambda n: said),
        )

    def do_unmerge(self: QueueScreen, argument: str = "") -> None:
        desk, actor = self.app.desk, self.app.actor

        def call(numbers: tuple[int, ...]) -> Done:
            from loop import merging

            return merging.unmerge(desk, numbers, actor=actor)

        self.act(call, lambda n: _("It is a ticket of its own again."), lambda done: self.reload(self.list.number))

    def confirm(self: QueueScreen, question: str, yes: str, then: Callable[[], Any]) -> None:
        """Ask before something that cannot simply be taken back; Enter is not a yes."""
        from tui.screens.asking import AskScreen

        self.app.push_screen(AskScreen(question, yes), lambda sure: then() if sure else None)

    # By hand

    def do_new(self: QueueScreen, argument: str = "") -> None:
        from loop import queue

        desk, actor = self.app.desk, self.app.actor

        def ask(flows: tuple[Flow, ...]) -> None:
            from tui.screens.forming import FormScreen
            from tui.screens.picker import Option
            from tui.widgets.form import Field, Kind

            if not flows:
                self.say(_("There is no flow that you could open a ticket in."), Tone.REFUSED)
                return
            here = self.filter.flow or flows[0].id
            fields = (
                Field("flow", _("Flow"), Kind.CHOICE, here, tuple(Option(f.id, f.name) for f in flows), needed=True),
                Field("subject", _("Subject"), Kind.TEXT, "", needed=True),
                Field("description", _("Description"), Kind.LINES, "", rows=4),
                Field("name", _("Customer"), Kind.TEXT, "", about=_("A customer who is known by e-mail or phone stays who they are.")),
                Field("email", _("E-mail"), Kind.TEXT, ""),
                Field("phone", _("Phone"), Kind.TEXT, ""),
            )  # fmt: skip

            def save(given: dict[str, Any]) -> Refusal | int:
                from loop import byhand

                given = dict(given)
                return byhand.open_by_hand(desk, flow_id=given.pop("flow"), actor=actor, **given)

            screen = FormScreen(_("A new ticket"), fields, save=save)

            async def opened(given: dict[str, Any] | None) -> None:
                if given is not None and screen.saved is not None:
                    self.reload(screen.saved)
                    await self.do_open(str(screen.saved))
                    self.say(_("Ticket #{number} is open.").format(number=screen.saved), Tone.DONE)

            self.app.push_screen(screen, opened)

        self.app.reads.submit(lambda: queue.flows(desk, actor=actor), ask)

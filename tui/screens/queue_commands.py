"""Moving about on the main screen, and its two lines to type in; every action's key and command comes through `act`."""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from textual.message import Message

from domain.flows import Status
from domain.refusals import Refusal
from domain.text import _
from loop.views import MailHealth, TicketView
from tui import actions
from tui.typeahead import OPENS
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen
    from tui.widgets.commandline import CommandLine


class Commands:
    """Keys, commands, filter, panes, tabs."""

    pinned: int | None = None
    """A ticket that is open though the list's cursor is elsewhere."""
    command_line: CommandLine | None = None
    filter_line: CommandLine | None = None
    """Both are made at their first use: inputs are dear."""

    class MailSaid(Message):
        """The mail worker says how the mailbox is doing."""

        def __init__(self, health: MailHealth) -> None:
            super().__init__()
            self.health = health

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Commands.MailSaid)

    async def action_act(self: QueueScreen, id: str) -> None:
        """Do an action of the registry; what keys are bound to."""
        await self.act_on(id)

    async def act_on(self: QueueScreen, id: str, argument: str = "") -> None:
        """Do an action of the registry."""
        self.unsay()
        self.touched = time.monotonic()
        if id not in ("start", "take"):
            self.offer = None
        if id in OPENS and not argument:
            self.app.opening()
        result = getattr(self, f"do_{id}")(argument)
        if inspect.isawaitable(result):
            await result

    def on_commands_mail_said(self: QueueScreen, event: MailSaid) -> None:
        self.top.update(mail=event.health)
        if event.health.configured and not event.health.ok and event.health.said != self._mail_said:
            self.say_meanwhile(event.health.whole, Tone.TROUBLE)  # once whole: the head has room for its beginning only
        self._mail_said = "" if event.health.ok else event.health.said

    # The list

    def do_down(self: QueueScreen, argument: str = "") -> None:
        self.pinned = None
        self.list.move(1)

    def do_up(self: QueueScreen, argument: str = "") -> None:
        self.pinned = None
        self.list.move(-1)

    def do_top(self: QueueScreen, argument: str = "") -> None:
        self.list.go(0)

    def do_bottom(self: QueueScreen, argument: str = "") -> None:
        self.list.go(self.list.window.total - 1)

    def do_half_down(self: QueueScreen, argument: str = "") -> None:
        self.list.move(max(1, self.list.size.height // 2))

    def do_half_up(self: QueueScreen, argument: str = "") -> None:
        self.list.move(-max(1, self.list.size.height // 2))

    do_next_ticket, do_prior_ticket = do_down, do_up

    async def do_open(self: QueueScreen, argument: str = "") -> None:
        number = self.list.number
        if argument:
            if not argument.removeprefix("#").isdigit():
                self.say(_("Say the number of a ticket."), Tone.REFUSED)
                return
            self._open_if_there(int(argument.removeprefix("#")))
        elif number is not None:
            await self._go_into(number)

    def _open_if_there(self: QueueScreen, number: int) -> None:
        """Open a ticket by number; one out of sight leaves everything where it is (P3)."""
        desk, actor = self.app.desk, self.app.actor

        def read() -> TicketView | Refusal:
            from loop import reading

            return reading.ticket(desk, number, actor=actor)

        async def go() -> None:
            self.pinned = number
            await self._go_into(number)
            self.app.opened()

        def found(ticket: TicketView | Refusal) -> None:
            if isinstance(ticket, Refusal):
                self.say(str(ticket), Tone.REFUSED)
            else:
                self.run_worker(go())

        self.app.opening()  # the next key is meant for that ticket
        self.app.reads.submit(read, found)

    async def _go_into(self: QueueScreen, number: int) -> None:
        if self.is_writing and self.composing is not None and self.composing.ticket != number:
            self.keeper.flush()
            self.remove_class("-writing")
        await self.open_ticket(number)

    def do_refresh(self: QueueScreen, argument: str = "") -> None:
        self.reload(self.list.number)

    def do_tab_all(self: QueueScreen, argument: str = "") -> None:
        self.show_list(tab=None)

    def do_tab_open(self: QueueScreen, argument: str = "") -> None:
        self.show_list(tab=Status.PENDING)

    def do_tab_progress(self: QueueScreen, argument: str = "") -> None:
        self.show_list(tab=Status.PROGRESS)

    def do_tab_closed(self: QueueScreen, argument: str = "") -> None:
        self.show_list(tab=Status.CLOSED)

    def on_top_bar_pressed(self: QueueScreen, event: Any) -> None:
        self.show_list(tab=event.tab)

    # Panes

    def do_next_pane(self: QueueScreen, argument: str = "", step: int = 1) -> None:
        focus, composing = self.focused, self.composing
        writing = self.is_writing and composing is not None
        stops: list[Any] = [self.list] if self.list.region.width else []
        if self.pane is not None and self.pane.region.width:
            stops.append(self.pane)
        if writing and focus is not None and composing in focus.ancestors:
            # Its fields that are in sight; round again where nothing else is.
            fields = [w for w in self.focus_chain if composing in w.ancestors]
            place = fields.index(focus) + step if focus in fields else 0
            if fields and (0 <= place < len(fields) or not stops):
                fields[place % len(fields)].focus()
                return
        if writing:
            stops.append(composing)
        here = next((i for i, stop in enumerate(stops) if focus and (stop is focus or stop in focus.ancestors)), -1)
        if stops:
            stops[(here + step) % len(stops)].focus()

    def do_prior_pane(self: QueueScreen, argument: str = "") -> None:
        self.do_next_pane(step=-1)

    def do_next_tab(self: QueueScreen, argument: str = "") -> None:
        if self.pane is not None:
            self.pane.next_tab(1)

    def do_prior_tab(self: QueueScreen, argument: str = "") -> None:
        if self.pane is not None:
            self.pane.next_tab(-1)

    def do_back(self: QueueScreen, argument: str = "") -> None:
        """Clear the innermost thing, else go back a step."""
        if self._massing is not None:
            self._massing.set()
        elif self._importing is not None:
            self._importing.set()
        elif self.is_writing:
            self.keeper.flush()
            self.close_draft()
        elif self.has_class("-reading") and self.focused is not self.list:
            self.pinned = None
            self.remove_class("-reading")
            self.list.focus()
            self._preview_now()
        elif self.list.selected:
            self.list.selected.clear()
            self.list.redraw()
            self.reselected()
        elif self.filter.query:
            self.show_list(query="")
        self._place()

    # Typing

    async def do_command(self: QueueScreen, argument: str = "") -> None:
        from tui.widgets.commandline import CommandLine

        if self.command_line is None:
            self.command_line = CommandLine(self.complete, id="command")
        await self._open_line(self.command_line, argument)

    async def do_filter(self: QueueScreen, argument: str = "") -> None:
        if argument:
            self.show_list(query=argument)
            return
        from tui.widgets.filterline import FilterLine

        if self.filter_line is None:
            self.filter_line = FilterLine(id="filter")
        text = self.filter.query
        await self._open_line(self.filter_line, text + " " if text else "")

    async def _open_line(self: QueueScreen, line: CommandLine, text: str) -> None:
        self._before_line = self.focused
        if not line.is_attached:
            await self.mount(line, after=self.footer)
        self.add_class("-prompting")
        line.open(text)

    def _close_line(self: QueueScreen) -> None:
        self.remove_class("-prompting")
        before = self._before_line
        (before if before is not None and before.is_attached and before.region.width else self.list).focus()

    async def on_command_line_entered(self: QueueScreen, event: CommandLine.Entered) -> None:
        self._close_line()
        if event.line is self.filter_line:
            self.show_list(query=event.text.strip())
            return
        command = actions.parse(event.text)
        if isinstance(command, str):
            self.say(command, Tone.REFUSED)
        else:
            await self.act_on(command.action.id, command.argument)

    def on_command_line_left(self: QueueScreen, event: CommandLine.Left) -> None:
        self._close_line()

    def complete(self: QueueScreen, line: str) -> Iterator[str]:
        """The whole `:` lines that may be meant, likeliest first."""
        word, space, rest = line.partition(" ")
        if not space:
            yield from actions.completions(word)
            return
        choices: list[str] = []
        match word:
            case "theme":
                choices = sorted(self.app.available_themes, key=lambda name: (not name.startswith("retorno"), name))
            case "move" if self.view is not None:
                choices = [p.name for p in self.view.flow.phases]
            case "priority":
                choices = ["high", "medium", "low"]
            case "assign":
                choices = ["me", "none"]
            case "filter":
                from tui.widgets.filterline import completions

                choices = list(completions(rest))
            case "due":
                choices = ["2d", "1w", "tomorrow", "friday", "none"]
            case "columns":
                from tui.widgets.queue_columns import choices as columns

                head, blank, rest_word = rest.rpartition(" ")
                choices = [f"{head}{blank}{id}" for id in columns() if id.startswith(rest_word)]
            case "unfollow" | "open-notes" if self.view is not None:
                choices = list(self.view.followers)
            case "merge" if self.view is not None:
                choices = [str(row.number) for row in self.view.others]
            case "import":
                from tui.screens.queue_import import files

                choices = list(files(rest))
        yield from (f"{word} {choice}" for choice in choices if choice.casefold().startswith(rest.casefold()))

    # The rest

    def do_copy(self: QueueScreen, argument: str = "") -> None:
        number = self.at_hand()
        if number is not None:
            self.app.copy_to_clipboard(f"#{number}")
            self.say(_("#{number} was sent to the terminal's clipboard.").format(number=number))

    def do_theme(self: QueueScreen, argument: str = "") -> None:
        names = sorted(self.app.available_themes, key=lambda name: (not name.startswith("retorno"), name))
        if argument in names:
            self.app.theme = argument
            return
        from tui.screens.picker import Option, Picker

        options = [Option(name, name) for name in names]
        self.app.push_screen(
            Picker(_("Colours"), options, self.app.theme),
            lambda name: setattr(self.app, "theme", name) if name else None,
        )

    def do_redraw(self: QueueScreen, argument: str = "") -> None:
        self.app.refresh(layout=True)

    def do_palette(self: QueueScreen, argument: str = "") -> None:
        from tui.screens.palette import PaletteScreen

        self.app.push_screen(PaletteScreen(self.refusals()), self._chosen)

    def do_help(self: QueueScreen, argument: str = "") -> None:
        from tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.refusals(), self.footer.place), self._chosen)

    def refusals(self: QueueScreen) -> dict[str, str]:
        """Why actions cannot be done now, by id; for the help and the palette."""
        found = {id: str(why) for id, why in self.refused_here().items()}
        if not self.is_writing:
            no_draft = _("No draft is open: r opens one.")
            found |= {action.id: no_draft for action in actions.ACTIONS if action.where is actions.Where.DRAFT}
        if self.sent is None:
            found["undo"] = _("There is nothing to take back.")
        return found

    async def _chosen(self: QueueScreen, id: str | None) -> None:
        if id is None:
            return
        action = actions.BY_ID[id]
        if action.takes and not action.takes.startswith("["):
            await self.do_command(action.command + " ")
        else:
            await self.act_on(id)

    def do_quit(self: QueueScreen, argument: str = "") -> None:
        self.app.leave(0)

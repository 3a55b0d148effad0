"""What goes into a draft from elsewhere: templates and files (M2, M4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.refusals import Refusal
from domain.text import _, fold, line
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen
    from tui.widgets.ticket.compose import Compose


class Enclosing:
    """Templates and files of the draft that is open."""

    def do_template(self: QueueScreen, argument: str = "") -> None:
        """Write with a template: the one that is named, else one that is chosen."""
        if self.is_writing and self.composing is not None:
            self._read_templates(self.composing.ticket, argument.strip())
        else:
            self.say(_("No draft is open: r opens one."), Tone.REFUSED)

    def on_compose_template_asked(self: QueueScreen, event: Compose.TemplateAsked) -> None:
        self._read_templates(event.ticket)

    def _read_templates(self: QueueScreen, number: int, name: str = "") -> None:
        desk, actor = self.app.desk, self.app.actor

        def read() -> Any:
            from loop import templates

            return templates.fitting(desk, number, actor=actor)

        self.app.opening()  # the next keys choose one, and are no letters of the draft
        self.app.reads.submit(read, lambda rows: self._choose_template(number, rows, name))

    def _choose_template(self: QueueScreen, number: int, rows: Any, name: str) -> None:
        if name:
            wanted = fold(line(name))
            named = [r for r in rows if fold(r.name) == wanted] or [r for r in rows if fold(r.name).startswith(wanted)]
            if named:
                self._use_template(number, named[0].id)
                return
        if not rows or name:
            known = ", ".join(line(row.name, 40) for row in rows[:8]) or "—"
            said = _("No template is called {name}; there are: {known}.").format(name=line(name, 40), known=known)
            self.say(said if name else _("No template fits this ticket; S makes some, under Templates."), Tone.REFUSED)
            return
        from tui.screens.picker import Option, Picker

        where = {"personal": _("mine"), "account": _("account")}
        options = [
            Option(r.id, r.name, " · ".join(x for x in (where.get(r.level, r.of), r.subject) if x)) for r in rows
        ]

        def chosen(id: int | None) -> None:
            if id is not None:
                self._use_template(number, id)
            elif self.composing is not None:
                self.composing.focus()

        self.app.push_screen(Picker(_("Write with a template"), options, None), chosen)

    def _use_template(self: QueueScreen, number: int, id: int) -> None:
        desk, actor = self.app.desk, self.app.actor

        def read() -> Any:
            from loop import templates

            return templates.use(desk, id, number, actor=actor)

        def put(found: Any) -> None:
            if isinstance(found, Refusal):
                self.say(str(found), Tone.REFUSED)
            elif self.composing is not None and self.composing.ticket == number:
                self.composing.take_template(found[1], found[2])
            self.app.opened()

        self.app.opening(told=True)  # what is typed next comes behind its text
        self.app.reads.submit(read, put)

    def do_attach(self: QueueScreen, argument: str = "") -> None:
        """Put a file to the draft that is open."""
        if not self.is_writing or self.composing is None:
            self.say(_("No draft is open: r opens one."), Tone.REFUSED)
        elif argument.strip():
            self._read_file(self.composing.ticket, argument.strip())
        else:
            self.composing.action_attach()

    def do_detach(self: QueueScreen, argument: str = "") -> None:
        if self.is_writing and self.composing is not None:
            self.composing.action_detach()
        else:
            self.say(_("No draft is open: r opens one."), Tone.REFUSED)

    def on_compose_file_named(self: QueueScreen, event: Compose.FileNamed) -> None:
        self._read_file(event.ticket, event.path)

    def _read_file(self: QueueScreen, number: int, path: str) -> None:
        desk, actor = self.app.desk, self.app.actor

        def call() -> Any:
            from loop import enclosures
            from tui.widgets.paths import read

            found = read(path, enclosures.LARGEST)
            return found if isinstance(found, str) else enclosures.attach(desk, number, [found], actor=actor)

        self.app.writes.submit(call, lambda found: self._show_files(number, found))

    def on_compose_file_dropped(self: QueueScreen, event: Compose.FileDropped) -> None:
        desk, actor = self.app.desk, self.app.actor

        def call() -> Any:
            from loop import enclosures

            return enclosures.detach(desk, event.ticket, event.file, actor=actor)

        self.app.writes.submit(call, lambda found: self._show_files(event.ticket, found))

    def _show_files(self: QueueScreen, number: int, found: Any) -> None:
        if self.composing is None or self.composing.ticket != number:
            return
        if isinstance(found, tuple):
            self.composing.say_files("")
            self.composing.show_files(found)
        else:
            self.composing.say_files(str(found))

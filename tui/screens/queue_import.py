"""Bringing answers in from a file while the screen goes on (I8)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from domain.rights import may_import
from domain.text import _, line, number
from tui.lane import Failed, Lane
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from tui.screens.importing_run import Order, Run
    from tui.screens.queue import QueueScreen


LEAVING_S = 3.0
"""The longest that the program's end waits for the piece of an import that is in hand."""


class Importing:
    """One import at a time; who leaves its screen while it comes in is told when it is done."""

    _import_run: Run | None = None
    """The import that runs; None while none does."""
    _import_lane: Lane | None = None
    """Where files are looked at, which may be long or far away; made at its first use."""
    _importing = None
    """Nothing that Esc would stop here: the import's own screen asks for that."""

    def do_import(self: QueueScreen, argument: str = "") -> None:
        """Show how a file would be read, or the import that runs."""
        if why := may_import(self.app.actor):
            self.say(str(why), Tone.REFUSED)
            return
        self.app.opening()  # the next key is meant for what opens
        from tui.screens.importing import ImportScreen

        name, survey = argument.strip(), ""
        if name and not Path(name).expanduser().exists():
            head, _space, tail = name.rpartition(" ")
            name, survey = (head, tail) if head and Path(head).expanduser().exists() else (name, "")

        self._import_lane = self._import_lane or Lane("preview", self.app.post_message)

        def back(query: str | None) -> None:
            if query:
                self.show_list(query=query)

        self.app.push_screen(ImportScreen(self._begin_import, self._import_lane, name, survey, self._import_run), back)

    def on_unmount(self: QueueScreen) -> None:
        """The program ends while an import runs: it is left between two pieces."""
        if self._import_run is not None:
            self._import_run.leave(LEAVING_S)

    def _begin_import(self: QueueScreen, order: Order) -> Run:
        from tui.screens.importing_run import Run

        self._import_run = run = Run(self.app, order, self._import_told)
        run.start()
        return run

    def _import_told(self: QueueScreen, run: Run) -> None:
        """News of the import: to its screen where that is open, else said here once it is over."""
        from tui.screens.importing import ImportScreen

        if run.ended:
            self._import_run = None
            if run.result and run.result.report.tickets:
                self.reload(self.list.number)
        shown = [s for s in self.app.screen_stack if isinstance(s, ImportScreen) and s.run_now is run]
        for screen in shown:
            screen.ran(run)
        if shown or not run.ended:
            return
        if run.error is not None:
            self.app.post_message(Failed(run.error))
        elif run.result is not None:
            report = run.result.report
            said = _("{file} came in: {new} new, {tickets} tickets.").format(
                file=line(run.order.path.name, 60), new=number(report.imported), tickets=number(report.tickets)
            )
            self.say(said, Tone.DONE)


def files(text: str) -> Iterator[str]:
    """Paths that begin with what was typed; folders end with a slash."""
    typed = Path(text).expanduser()
    folder = typed if text.endswith("/") or not text else typed.parent
    start = "" if text.endswith("/") else typed.name
    try:
        found = sorted(p for p in folder.iterdir() if p.name.startswith(start) and not p.name.startswith("."))
    except OSError:
        return
    head = text[: len(text) - len(start)]
    yield from (f"{head}{p.name}{'/' if p.is_dir() else ''}" for p in found[:200])

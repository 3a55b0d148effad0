"""Bringing answers in from a file while the screen goes on (I8)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from domain.text import _, number
from loop.views import ImportReport
from tui.lane import Failed, Finished
from tui.widgets.flash import Tone

if TYPE_CHECKING:
    from tui.screens.queue import QueueScreen


class Importing:
    """One import at a time, in a thread of its own; Esc stops it."""

    _importing: threading.Event | None = None
    """Set, it stops the import that runs; None while none does."""

    class Imported(Message):
        """An import has read so many rows."""

        def __init__(self, read: int) -> None:
            super().__init__()
            self.read = read

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Importing.Imported)

    def do_import(self: QueueScreen, argument: str = "") -> None:
        if self._importing is not None:
            self.say(_("An import is running; Esc stops it."), Tone.REFUSED)
            return
        head, _space, tail = argument.rpartition(" ")
        name, survey = (head, tail) if head and not Path(argument).expanduser().exists() else (argument, "")
        path = Path(name).expanduser()
        survey = survey or path.stem
        desk, actor, stop = self.app.desk, self.app.actor, threading.Event()
        self._importing = stop
        self.say(_("Importing {file} as the survey {survey}…").format(file=path.name, survey=survey))

        def run() -> None:
            from loop import importing

            try:
                report = importing.import_file(
                    desk,
                    path,
                    survey,
                    actor=actor,
                    progress=lambda told: self.post_message(self.Imported(told.rows)),
                    stop=stop.is_set,
                )
            except Exception as error:
                self.app.post_message(Finished(self._import_failed, error))
            else:
                self.app.post_message(Finished(self._import_done, report))

        threading.Thread(target=run, name="retorno-import", daemon=True).start()

    def on_importing_imported(self: QueueScreen, event: Imported) -> None:
        if self._importing is not None:
            self.say(_("Importing: {n} rows · Esc stops").format(n=number(event.read)))

    def _import_done(self: QueueScreen, report: ImportReport) -> None:
        self._importing = None
        said = _("{read} read: {imported} new, {duplicates} known, {refused} refused; {tickets} tickets.").format(
            read=number(report.read),
            imported=number(report.imported),
            duplicates=number(report.duplicates),
            refused=number(len(report.refused)),
            tickets=number(report.tickets),
        )
        if report.refused:
            line, reason = report.refused[0]
            said += " " + _("Line {line}: {reason}").format(line=line, reason=reason)
        self.say(said, Tone.DONE if not report.refused else Tone.SAID)
        self.reload(self.list.number)

    def _import_failed(self: QueueScreen, error: Exception) -> None:
        self._importing = None
        self.app.post_message(Failed(error))


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

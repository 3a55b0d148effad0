"""Bringing answers in from a file: which file, how it is read, how far it is, what came of it (I8)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding

from domain.refusals import Refusal
from domain.text import _, line, ngettext, number
from tui.screens.files import default_folder
from tui.screens.importing_run import Order, Run
from tui.screens.importing_shown import SHORT, ImportShown
from tui.screens.kept import keep, kept
from tui.widgets.completion import Completion
from tui.widgets.paths import PathLine
from tui.widgets.promptline import PromptLine
from tui.widgets.rows import Rows
from tui.widgets.ticket.lines import OnBar

if TYPE_CHECKING:
    from collections.abc import Callable

    from loop.import_views import Layout, Preview
    from tui.lane import Lane


class ImportScreen(ImportShown):
    """Answers the query that shows the new tickets, or None. The run is told of by `ran`, also when this is left."""

    CSS_PATH = "importing.tcss"
    TOLD = frozenset("i")
    AUTO_FOCUS = ""  # what is typed ahead waits for the line that asks, and is not lost in a list
    VERTICAL_BREAKPOINTS: ClassVar = [(0, "-short"), (SHORT, "-tall")]
    BINDINGS: ClassVar = [
        Binding("escape", "back", show=False),
        Binding("tab,shift+tab", "other", show=False),
        Binding("f", "file", show=False),
        Binding("v", "all", show=False),
        Binding("i", "go", show=False),
        Binding("w", "save", show=False),
        Binding("t", "tickets", show=False),
        Binding("q", "close", show=False),
    ]

    def __init__(
        self, begin: Callable[[Order], Run], reading: Lane, path: str = "", survey: str = "", run: Run | None = None
    ) -> None:
        """`begin` starts an import; files are read in `reading`; `run` is one that runs already, to be looked at again."""
        super().__init__()
        self._begin = begin
        self._typed = path
        self.path = Path(path).expanduser()
        self._survey = survey
        self._kind: str | None = None
        self.run_now = run
        self._stage = "running" if run else "file"
        self._said: tuple[str, str] = ("", "")
        self._turn = 0
        self._reading = reading

    def on_mount(self) -> None:
        if self.run_now is not None:
            self.ran(self.run_now)
        elif self._typed:
            self._read()
        else:
            self.action_file()
        self._arrange()

    def on_resize(self) -> None:
        self._arrange()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What corrects is of use only while the preview is shown."""
        corrects = ("encoding", "delimiter", "dates", "scale", "survey", "guess", "all", "other", "go")
        return self._stage == "preview" if action in corrects else True

    # Which file

    def action_file(self) -> None:
        """Ask for the file."""
        if self._stage == "running":
            return
        self.remove_class("-rows", "-all")
        if self._stage == "done":
            self._stage, self.run_now, self.preview, self._survey, self._kind = "file", None, None, "", None
        typed = self._typed or str(kept(self.app, "import", 0) or "")
        self.query_one(PathLine).open(typed)
        self._arrange()

    def on_path_line_entered(self, event: PathLine.Entered) -> None:
        event.stop()
        if self._stage == "done":
            self._save_to(event.path)
            return
        self.query_one(PathLine).close()
        self._typed, self.path = event.path, Path(event.path).expanduser()
        self.preview, self._survey, self._kind = None, "", None
        self._read()

    def on_path_line_left(self, event: PathLine.Left) -> None:
        event.stop()
        if self._stage == "file":
            keep(self.app, "import", 0, event.path)
            self.dismiss(None)
        else:
            self._focus()
            self._arrange()

    def on_completion_taken(self, event: Completion.Taken) -> None:
        event.stop()
        self.query_one(PathLine).take(event.suggestion)

    # How it is read

    def _read(self, layout: Layout | None = None) -> None:
        """Read the preview, aside: the file may be long or far away."""
        self._turn += 1
        turn, path, survey, kind = self._turn, self.path, self._survey, self._kind
        desk, actor = self.app.desk, self.app.actor
        self._said = ("", "")
        if self.preview is None:
            self._stage = "reading"

        def call() -> tuple[int, Preview | Refusal | Exception]:
            from loop import importing
            from loop.import_views import FileTrouble

            try:
                return turn, importing.preview(desk, path, survey, layout=layout, kind=kind, actor=actor)
            except (FileTrouble, OSError, ValueError, RuntimeError) as error:
                return turn, error

        self._reading.submit(call, self._show, key="preview")
        self._arrange()

    def _show(self, found: tuple[int, Preview | Refusal | Exception]) -> None:
        turn, preview = found
        if turn != self._turn or not self.is_attached or self._stage in ("running", "done"):
            return
        if isinstance(preview, Refusal | Exception):
            self._said = (line(str(preview)), "✗")
            if self.preview is None:
                self._stage = "file"
                self.query_one(PathLine).open(self._typed, offer=False)
            self._arrange()
            return
        first = self.preview is None
        self.preview, self._stage = preview, "preview"
        keep(self.app, "import", 0, self._typed)
        self._columns.show(preview.columns, 0 if first else None)
        self._samples.show(preview.rows, 0 if first else None)
        if first:
            self._focus()
        self._arrange()
        if first and not self._survey and not preview.trouble:
            self.ask_survey()

    def corrected(self, layout: Layout | None) -> None:
        self._read(layout)

    def rescaled(self, kind: str) -> None:
        self._kind = kind
        self._read(self.preview.layout if self.preview else None)

    def entitle(self, survey: str) -> None:
        """What was corrected stays; what was only guessed gives way to what the survey remembers."""
        self._survey = survey
        given = self.preview is not None and self.preview.origin == "given"
        self._read(self.preview.layout if self.preview and given else None)

    def name_survey(self, proposed: str) -> None:
        self.query_one(PromptLine).open("survey", _("The new survey is called"), proposed)
        self._arrange()

    def on_prompt_line_entered(self, event: PromptLine.Entered) -> None:
        event.stop()
        name = line(event.text, 120)
        self._close_prompt()
        if name:
            self.entitle(name)

    def on_prompt_line_left(self, event: PromptLine.Left) -> None:
        event.stop()
        self._close_prompt()

    def _close_prompt(self) -> None:
        self.query_one(PromptLine).close()
        self._focus()
        self._arrange()

    def action_other(self) -> None:
        """From the columns to the first rows, or back."""
        if self._stage == "preview":
            self.toggle_class("-rows")
            self._focus()
            self._arrange()

    def action_all(self) -> None:
        """Show all that was noticed, in place of the lists; and the lists again."""
        if self._stage == "preview":
            self.toggle_class("-all")
            self._arrange()

    def on_rows_taken(self, event: Rows.Taken) -> None:
        event.stop()
        if self._stage == "preview" and not self.has_class("-rows"):
            self.ask_column(event.item)

    def on_rows_moved(self, event: Rows.Moved) -> None:
        event.stop()
        if self._said[0] and self._said[1] != "✓":
            self.say("")
        self.query_one(".panel-foot", OnBar).refresh(layout=True)

    # Bringing it in

    def action_go(self) -> None:
        """Bring it in as it is shown."""
        preview = self.preview
        if self._stage != "preview" or preview is None:
            return
        if preview.trouble:
            self.say(_("It cannot be read like this; above stands why."))
        elif not preview.survey:
            self.ask_survey()
        else:
            layout = replace(preview.layout)
            self.run_now = self._begin(Order(self.path, preview.survey, layout, self._kind))
            self._stage = "running"
            self._focus()
            self._arrange()

    def ran(self, run: Run) -> None:
        """News of the run."""
        if run is not self.run_now or not self.is_attached:
            return
        if not run.ended:
            self._stage = "running"
        elif run.error is not None or (run.result and run.result.report.stopped):
            self.run_now = None
            why = _("Stopped: nothing was kept, all is as before.")
            if run.error is not None:
                why = line(str(run.error)) or type(run.error).__name__
            self._said = (why, "✗" if run.error else "!")
            self._stage = "preview" if self.preview is not None else "file"
            if self.preview is None:
                self.query_one(PathLine).open(self._typed, offer=False)
            self._focus()
        elif run.result is not None:
            self._stage = "done"
            self.query_one("#reasons", Rows).show(run.result.report.refused, 0)
            self._focus()
        self._arrange()

    def action_back(self) -> None:
        """Stop what keeps nothing yet, leave what goes on; else back."""
        run = self.run_now
        if self._stage == "running" and run is not None and run.may_stop:
            run.stopping.set()
            self._arrange()
        elif self._stage == "preview" and self.has_class("-all"):
            self.action_all()
        elif self._stage == "preview" and self.has_class("-rows"):
            self.action_other()
        else:
            self.dismiss(None)

    def action_close(self) -> None:
        if self._stage != "running" or not self.run_now or not self.run_now.may_stop:
            self.dismiss(None)

    # What came of it

    def action_save(self) -> None:
        """Ask where refused rows go."""
        result = self.run_now.result if self.run_now else None
        if self._stage != "done" or result is None or not result.report.refused:
            return
        name = _("{file}-refused").format(file=self.run_now.order.path.stem) + self.run_now.order.path.suffix  # type: ignore[union-attr]
        folder = str(kept(self.app, "folder", 0) or default_folder())
        self.query_one(PathLine).open(f"{folder.rstrip('/')}/{name}", offer=False)
        self._arrange()

    def _save_to(self, typed: str) -> None:
        desk, actor = self.app.desk, self.app.actor
        assert self.run_now and self.run_now.result
        id, path = self.run_now.result.report.id, Path(typed).expanduser()

        def call() -> int | Exception:
            from loop import importing
            from loop.import_views import FileTrouble

            try:
                return importing.save_refused(desk, id, path, actor=actor)
            except (FileTrouble, OSError, ValueError, RuntimeError) as error:
                return error

        self.app.reads.submit(call, lambda done: self._saved(path, done))

    def _saved(self, path: Path, done: int | Exception) -> None:
        if not self.is_attached:
            return
        if isinstance(done, Exception):
            self.say(line(str(done)))
            return
        self.query_one(PathLine).close()
        self._focus()
        said = ngettext("{n} row was saved in {path}", "{n} rows were saved in {path}", done)
        self._said = (said.format(n=number(done), path=path), "✓")
        self._arrange()

    def action_tickets(self) -> None:
        """Show the survey's tickets that nobody has started."""
        run = self.run_now
        if self._stage == "done" and run and run.result and run.result.report.tickets:
            self.dismiss('is:open survey:"{survey}"'.format(survey=run.order.survey.replace('"', " ")))

"""A rule set runs on answers of the past: how many so far, and Esc stops it (A5, ux)."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from domain.text import _, line, ngettext, number
from loop.rule_views import Ran
from tui.lane import Finished
from tui.widgets.ticket.lines import OnBar
from tui.widgets.ticket.spans import Line, hints

if TYPE_CHECKING:
    from tui.app import Retorno


class RunScreen(ModalScreen[Any]):
    """Answers what `loop.autopilot.run_past` answers, or its exception."""

    app: Retorno
    DEFAULT_CSS = """
    RunScreen { align: center middle; background: $r-bg 60%;
        &:ansi { background: transparent; }
        .panel { width: 60; max-width: 100%; height: auto; background: $r-bar; border: round $r-rule; padding: 0 1; }
        Painted { background: $r-bar; padding: 0; }
    }
    """
    BINDINGS: ClassVar = [Binding("escape", "stop", show=False)]

    def __init__(self, rule_set_id: int, name: str, *, days: int | None, since: int | None) -> None:
        super().__init__()
        self._id, self._name, self._days, self._since = rule_set_id, name, days, since
        self._stop = Event()
        self._looked = 0

    def compose(self) -> ComposeResult:
        with Vertical(classes="panel"):
            yield OnBar(self._lines)

    def on_mount(self) -> None:
        app, stop = self.app, self._stop

        def progress(*told: Any) -> None:
            app.post_message(Finished(self._progress, told))

        def call() -> Any:
            from loop import autopilot

            try:
                return autopilot.run_past(
                    app.desk,
                    self._id,
                    days=self._days,
                    since=self._since,
                    actor=app.actor,
                    progress=progress,
                    stop=stop.is_set,
                )
            except Exception as error:
                return error

        app.writes.submit(call, self._over)

    def _progress(self, told: tuple[Any, ...]) -> None:
        if self.is_attached and told and isinstance(told[0], int):
            self._looked = told[0]
            self.query_one(OnBar).refresh()

    def _over(self, result: Any) -> None:
        if self.is_attached:
            self.dismiss(result)

    def action_stop(self) -> None:
        """Stop after the piece that is being done; what was done stays."""
        self._stop.set()
        self.query_one(OnBar).refresh()

    def _lines(self, width: int) -> list[Line]:
        title = _("{name} runs on answers that are here").format(name=line(self._name, 40))
        n = ngettext("{n} answer looked at", "{n} answers looked at", self._looked).format(n=number(self._looked))
        said = _("stopping…") if self._stop.is_set() else n
        return [
            Line(((title, "bright"),)),
            Line(((said, "accent"),)),
            Line(),
            hints(width, ("Esc", _("stop; what is done stays"))),
        ]


def ran_said(ran: Ran) -> str:
    """What a run did, in a sentence."""
    parts = [
        _("{touched} of {n} answers touched").format(touched=number(ran.touched), n=number(ran.looked_at)),
    ]
    if n := ran.mails - ran.held:
        parts.append(ngettext("{n} e-mail", "{n} e-mails", n).format(n=number(n)))
    if ran.held:
        parts.append(
            ngettext("{n} e-mail waits for a yes", "{n} e-mails wait for a yes", ran.held).format(n=number(ran.held))
        )
    if ran.undone:
        n = sum(count for _why, count in ran.undone)
        parts.append(_("{n} could not: {why}").format(n=number(n), why=line(ran.undone[0][0], 80).rstrip(".")))
    if ran.stopped:
        parts.append(_("stopped"))
    return " · ".join(parts) + "."

"""An import that runs in a thread of its own while the screen goes on (I8)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loop.views import ImportReport
from tui.lane import Finished

if TYPE_CHECKING:
    from loop.import_views import Layout, Progress


@dataclass(frozen=True)
class Order:
    """What is to be brought in, and how it is read."""

    path: Path
    survey: str
    layout: Layout
    kind: str | None


@dataclass(frozen=True)
class Result:
    """What came of it."""

    report: ImportReport
    touched: int
    """How often a rule set touched an answer."""


class _Left(Exception):
    """The program ends: what is staged is forgotten, what has begun to come in is finished by a worker."""


class Run:
    """One import: `progress` and `result` change as it goes, and `told` is called in the app when they do."""

    def __init__(self, app: Any, order: Order, told: Callable[[Run], None]) -> None:
        self.order = order
        self.progress: Progress | None = None
        self.result: Result | None = None
        self.error: Exception | None = None
        self.stopping = threading.Event()
        self._app, self._told = app, told
        self._leaving, self._over = threading.Event(), threading.Event()
        self._waiting = threading.Event()
        """Set while the app has news that it has not taken yet: a quick import must not flood it."""

    def start(self) -> None:
        """Begin; a daemon, so that it never holds up the program's end: what is left is finished by a worker."""
        threading.Thread(target=self._work, name="retorno-import", daemon=True).start()

    def leave(self, seconds: float) -> None:
        """The program ends: wait so long for the piece in hand, since the database is closed next."""
        self.stopping.set()
        self._leaving.set()
        self._over.wait(seconds)

    @property
    def ended(self) -> bool:
        """Whether it is over, well or not."""
        return self.result is not None or self.error is not None

    @property
    def may_stop(self) -> bool:
        """Whether nothing is kept yet."""
        return not self.ended and (self.progress is None or self.progress.may_stop)

    def _work(self) -> None:
        from loop import importing, rule_log

        desk, actor, order = self._app.desk, self._app.actor, self.order
        began = desk.now()
        try:
            report = importing.import_file(
                desk,
                order.path,
                order.survey,
                actor=actor,
                layout=order.layout,
                kind=order.kind,
                progress=self._progressed,
                stop=self.stopping.is_set,
            )
            self.result = Result(report, rule_log.answers_touched(desk, began, actor=actor) if report.imported else 0)
        except Exception as error:
            self.error = error
        finally:
            self._over.set()
        if not self._leaving.is_set():
            self._app.post_message(Finished(self._told, self))

    def _progressed(self, progress: Progress) -> None:
        if self._leaving.is_set():
            raise _Left
        self.progress = progress
        if not self._waiting.is_set():
            self._waiting.set()
            self._app.post_message(Finished(self._take, None))

    def _take(self, _nothing: None) -> None:
        self._waiting.clear()
        if not self.ended:
            self._told(self)

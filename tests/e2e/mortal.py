"""A worker that is killed by SIGKILL exactly at a commit: a process that starts lives, one after the other.

`python -m tests.e2e.mortal CONFIG COMMITS` reads a line a life: `NAME before`, `NAME after`, or `- -` for one that
ends when told (SIGTERM). It answers with the process's number, and then with how it ended. CONFIG is a pickled
`gateways.config.Config`; the names of all commits go to the file COMMITS, a line each. A name is the function that
wrote; a life dies between its last statement and COMMIT, or right after COMMIT.
"""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NEEDED = (
    "loop.worker", "mail.compose", "mail.delivery", "mail.parse", "mail.poller", "aiosmtplib", "imapclient", "sqlmodel",
    "sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql", "storage.work", "psycopg", "loop.webhook",
)  # fmt: skip
"""What a life reads; read once, before the first is forked."""


class Mortals:
    """The other end: `with Mortals(folder, config) as lives: lives.begin("loop.outbox.claim", "before"); lives.end()`."""

    def __init__(self, folder: Path, config: object) -> None:
        self._commits = folder / "commits"
        self._commits.touch()
        (folder / "config.pickle").write_bytes(pickle.dumps(config))
        words = [sys.executable, "-m", "tests.e2e.mortal", str(folder / "config.pickle"), str(self._commits)]
        with open(folder / "mortal.log", "ab") as log:
            self._process = subprocess.Popen(
                words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, bufsize=1
            )
        self._ended: threading.Thread | None = None
        self._pid = 0
        self.code: int | None = None
        """How the last life ended: 0, or minus the number of a signal; None while it lives."""

    def __enter__(self) -> "Mortals":
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._ended and self.code is None:
            os.kill(self._pid, signal.SIGKILL)
            self._ended.join(90)
        self._process.stdin.close()
        self._process.wait(90)

    def begin(self, name: str = "-", when: str = "-") -> None:
        self.code = None
        print(name, when, file=self._process.stdin, flush=True)
        self._pid = int(self._process.stdout.readline())

        def listen() -> None:
            self.code = int(self._process.stdout.readline())

        self._ended = threading.Thread(target=listen, daemon=True)
        self._ended.start()

    def tell(self) -> None:
        """SIGTERM: it is to finish the mail in hand; it may die of that, at a commit of its."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGTERM)

    def end(self, seconds: float = 90.0) -> int:
        """Wait for its end."""
        self._ended.join(seconds)
        assert self.code is not None, "it lives on"
        return self.code

    def commits(self) -> set[str]:
        """The names of all commits so far, of all lives."""
        return set(self._commits.read_text().split())


def main(config_file: str, commits_file: str) -> None:
    for module in NEEDED:
        __import__(module)
    for line in sys.stdin:
        if (pid := os.fork()) == 0:
            os.dup2(2, 1)
            _watch(commits_file, *line.split())
            _live(config_file)
            os._exit(0)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
    os._exit(0)  # nothing of all that was read needs to be put away


def _live(config_file: str) -> None:
    """Work until told."""
    from loop import copies, moves, rule_worker
    from loop.desk import Desk, database, wall_clock
    from loop.webhook import Webhook
    from loop.worker import Worker

    copies.LOOK_S = moves.LOOK_S = 0.1
    rule_worker.LOOK_S = rule_worker.SETTLE_S = rule_worker.CLOCK_S = 0.1

    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda _sign, _frame: told.set())
    config = pickle.loads(Path(config_file).read_bytes())
    desk = Desk(config, database(config.db_url), wall_clock)
    webhook = Webhook(desk) if config.webhook else None
    if webhook:
        webhook.start()
    worker = Worker(desk)
    worker.start()
    told.wait()
    if webhook:
        webhook.stop()
    worker.stop(20)


def _watch(commits_file: str, name: str, when: str) -> None:
    """Write every commit's name down, and die at one."""
    from storage.database import Database

    real = Database.write
    book = os.open(commits_file, os.O_WRONLY | os.O_APPEND)

    def strike(here: str, moment: str) -> None:
        if (here, moment) == (name, when):
            os.kill(os.getpid(), signal.SIGKILL)

    @contextlib.contextmanager
    def write(self: Database) -> Iterator[Any]:
        here = _writer()
        with real(self) as work:
            yield work
            os.write(book, f"{here}\n".encode())
            strike(here, "before")
        strike(here, "after")

    Database.write = write  # type: ignore[method-assign]


def _writer() -> str:
    """The function, outside of the database's own, whose transaction this is."""
    frame = sys._getframe(1)
    while frame and frame.f_globals["__name__"] in ("__main__", "contextlib", "storage.database"):
        frame = frame.f_back
    return f"{frame.f_globals['__name__']}.{frame.f_code.co_qualname}".replace(".<locals>", "")


if __name__ == "__main__":
    main(*sys.argv[1:])

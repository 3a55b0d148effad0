"""The mail servers of the demo, as the process that wants them sees them: started, used, gone.

`with Servers(delay=(2, 6)) as servers:` runs `demo.postoffice` beside us. It hangs on a pipe of ours, so that it ends
when this process ends, even by SIGKILL.
"""

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
SHOP = "sac@lojaaroeira.example"
"""The shop's address: where mail comes from, and where answers go."""
USER = SHOP
PASSWORD = "demo"
"""Of the IMAP mailbox; public, as the port is on loopback and the mailbox lives for one run."""
FOLDER_PREFIX = "retorno-demo-"
"""How the folder of a demo is called; the post office removes no other."""
ENDING_S = 3.0
"""The longest that its end is waited for."""


class ServersTrouble(Exception):
    """The post office did not open; the sentence says why."""


class Servers:
    """The SMTP and IMAP servers with their customers, in a process of their own."""

    def __init__(
        self, *, delay: tuple[float, float] = (2.0, 6.0), sweep: Path | None = None, patience: float = 60.0
    ) -> None:
        """Start at once, without waiting. `delay` and `patience` in seconds; `sweep` is a folder that goes with us."""
        self._until = time.monotonic() + patience
        self._ports: dict[str, int] | None = None
        root = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join(p for p in (root, os.environ.get("PYTHONPATH", "")) if p)
        command = [sys.executable, "-m", "demo.postoffice", "--delay", str(delay[0]), str(delay[1])]
        self._process = subprocess.Popen(
            [*command, "--sweep", str(sweep)] if sweep else command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Its own session: Ctrl+C in the terminal is for us, who then close it in order.
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": path},
        )

    @property
    def pid(self) -> int:
        """The post office's process."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the post office is there."""
        return self._process.poll() is None

    @property
    def smtp(self) -> int:
        """The port of the SMTP server; waits until it is known. Raises ServersTrouble."""
        return self._opened()["smtp"]

    @property
    def imap(self) -> int:
        """The port of the IMAP server; waits until it is known. Raises ServersTrouble."""
        return self._opened()["imap"]

    def _opened(self) -> dict[str, int]:
        if self._ports is None:
            out = self._process.stdout
            ready, _, _ = select.select([out], [], [], max(0.0, self._until - time.monotonic()))
            said = out.readline() if ready else b""
            if not said:
                raise ServersTrouble(self._why())
            self._ports = json.loads(said)
        return self._ports

    def _why(self) -> str:
        self.close()
        words = self._process.stderr.read().decode("utf-8", "replace").strip().splitlines()
        return words[-1] if words else "the mail servers of the demo did not open in time"

    def close(self) -> None:
        """End the post office and wait for its end; harmless when it is gone."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        try:
            self._process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

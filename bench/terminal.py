"""A program on a pseudo-terminal: what it writes, and when."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent

_SEQUENCE = re.compile(rb"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[()][0-9A-Za-z]|\x1b[=>78c]")
_ASKS_SYNCHRONISED = b"\x1b[?2026$p"
_KNOWS_SYNCHRONISED = b"\x1b[?2026;2$y"


def plain(written: bytes) -> str:
    """What was written, without the sequences that move and colour."""
    return _SEQUENCE.sub(b"", written).decode("utf-8", "replace")


class Terminal:
    """One program, started at once; `began` is the moment before it was executed, as of `time.perf_counter`.

    It answers as today's terminals do when asked for synchronised output; nothing else is answered.
    """

    def __init__(self, command: Sequence[str], *, columns: int, lines: int, environ: Mapping[str, str]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, cwd=ROOT, env=dict(environ), start_new_session=True
        )
        os.close(slave)
        self.written = b""

    def press(self, key: str) -> float:
        """Type; the moment of it."""
        now = time.perf_counter()
        os.write(self._master, key.encode())
        return now

    def read(self, timeout: float) -> tuple[bytes, float]:
        """What is written next and when it came; b"" when nothing came in so many seconds. EOFError at its end."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, timeout))
        if not ready:
            return b"", time.perf_counter()
        try:
            chunk = os.read(self._master, 1 << 16)
        except OSError:
            chunk = b""
        now = time.perf_counter()
        if not chunk:
            raise EOFError(plain(self.written)[-500:])
        if _ASKS_SYNCHRONISED in chunk:
            os.write(self._master, _KNOWS_SYNCHRONISED)
        self.written += chunk
        return chunk, now

    def until(self, text: str, timeout: float = 60.0) -> float:
        """Read until `text` stands in what was written so far; the moment it did. TimeoutError."""
        end = time.perf_counter() + timeout
        now = self.began
        while text not in plain(self.written):
            chunk, now = self.read(end - time.perf_counter())
            if not chunk:
                raise TimeoutError(f"{text!r} did not come: {plain(self.written)[-500:]!r}")
        return now

    def burst(self, quiet: float, longest: float) -> Iterator[tuple[bytes, float]]:
        """What is written until nothing came for `quiet` seconds, or `longest` have passed."""
        end = time.perf_counter() + longest
        while (left := end - time.perf_counter()) > 0:
            chunk, now = self.read(min(quiet, left))
            if not chunk:
                return
            yield chunk, now

    def busy_ms(self) -> float:
        """Milliseconds that the program's main thread was on a processor so far; 0 where the system does not tell."""
        try:
            return int(Path(f"/proc/{self._process.pid}/schedstat").read_text().split()[0]) / 1e6
        except (OSError, ValueError, IndexError):
            return 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: Any) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._master)


def environment(home: Path, url: str = "") -> dict[str, str]:
    """Nothing of the person's own settings; a terminal of many colours."""
    kept = {k: os.environ[k] for k in ("PATH",) if k in os.environ}
    own = {name: str(home) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    return kept | own | {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "RETORNO_DB": url,
    }  # fmt: skip


RETORNO = (sys.executable, "-m", "cli.main")
BARE = (sys.executable, "-m", "bench.bare")

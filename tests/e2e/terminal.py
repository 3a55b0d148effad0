"""A program in a real terminal: a tmux server of its own, keys in, the screen out."""

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.servers import program

RETORNO = (sys.executable, "-m", "cli.main")
"""The program under test, from this checkout."""
ROOT = Path(__file__).parents[2]

LOOK_EVERY_S = 0.04
PATIENCE_S = 120.0
"""What is to come is waited for so long: a machine that runs four of these at once may take its time over each."""


def retorno(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command beside the screen, as a script would."""
    return subprocess.run(
        [*RETORNO, *map(str, words)], cwd=ROOT, check=check, capture_output=True, text=True, timeout=3 * PATIENCE_S
    )


class Terminal:
    """`with Terminal(folder, *RETORNO) as t: t.shows("Marina"); t.keys("r")`.

    Everything that the program writes is kept in `raw`, before the terminal makes anything of it.
    """

    def __init__(
        self, folder: Path, *command: str, size: tuple[int, int] = (120, 36), env: Mapping[str, str] | None = None
    ) -> None:
        """`env` is added to the environment; a value of '' takes the variable out."""
        self._folder = folder
        self._socket = f"retorno-{uuid.uuid4().hex[:12]}"
        self._tmux_program = program("tmux", "tmux")
        self._raw, self._pid, self._code, self._tty = (
            folder / f"{self._socket}.{what}" for what in ("raw", "pid", "code", "tty")
        )
        go = folder / f"{self._socket}.go"
        added = dict(env or {})
        unset = [word for name, value in added.items() if not value for word in ("-u", name)]
        told = ["env", *unset, *(f"{name}={value}" for name, value in added.items() if value), *command]
        pid = shlex.quote(str(self._pid))
        inner = f"echo $$ > {pid}.part; mv {pid}.part {pid}; exec {shlex.join(told)}"
        # The program begins once the recording does; a shell outlives it to tell how it ended and what it left.
        script = (
            f"trap : INT TERM; while [ ! -e {shlex.quote(str(go))} ]; do sleep 0.02; done; "
            f"sh -c {shlex.quote(inner)}; echo $? > {shlex.quote(str(self._code))}.part; "
            f"stty -a > {shlex.quote(str(self._tty))}; mv {shlex.quote(str(self._code))}.part "
            f"{shlex.quote(str(self._code))}; exec sleep 3600"
        )
        width, height = size
        environment = {k: v for k, v in os.environ.items() if k not in ("TMUX", "TMUX_PANE")}
        self._environment = environment | {"TMUX_TMPDIR": str(folder)}
        options = ["default-terminal xterm-256color", "status off", "set-clipboard on"]
        words = ["-f", "/dev/null", "start-server"]
        for option in options:
            words += [";", "set", "-g", *option.split()]
        words += [";", "new-session", "-d", "-x", str(width), "-y", str(height), "-c", str(ROOT), script]
        self._tmux(*words)
        self._tmux("pipe-pane", f"cat > {shlex.quote(str(self._raw))}")
        go.touch()

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the terminal and whatever runs in it."""
        if self._pid.exists() and not self.ended:
            with contextlib.suppress(ProcessLookupError):
                self.signal(signal.SIGKILL)
        self._tmux("kill-server", check=False)

    # What a person does

    def keys(self, *keys: str) -> None:
        """Press keys, in tmux's names (j, Enter, Escape, F5, C-p)."""
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type words as they are."""
        self._tmux("send-keys", "-l", text)

    def command(self, words: str) -> None:
        """Type a line after a colon."""
        self.keys(":")
        self.until("the line asks", lambda: self.screen.rstrip().splitlines()[-1].startswith(" :"))
        self.type(words)
        self.until("the line holds it", lambda: self.screen.rstrip().splitlines()[-1].startswith(f" : {words}"))
        self.keys("Enter")

    def resize(self, width: int, height: int) -> None:
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close the window under the program."""
        self._tmux("kill-server")

    # What a person sees

    @property
    def screen(self) -> str:
        """The words on the screen, a line each."""
        return self._tmux("capture-pane", "-p")

    @property
    def said(self) -> str:
        """What a program that showed no screen has said, in one line."""
        return " ".join(self._tmux("capture-pane", "-p", "-J", "-S", "-").split())

    @property
    def caret(self) -> tuple[int, int]:
        """Where the terminal's own cursor stands: column and line."""
        column, line = self._ask("cursor_x}:#{cursor_y").split(":")
        return int(column), int(line)

    @property
    def painted(self) -> str:
        """The screen with its colours, as escape sequences."""
        return self._tmux("capture-pane", "-p", "-e")

    @property
    def raw(self) -> str:
        """All that the program has written so far."""
        return self._raw.read_bytes().decode("utf-8", "surrogateescape") if self._raw.exists() else ""

    def line(self, words: str) -> str:
        """The line of the screen that holds these words."""
        return next((line for line in self.screen.splitlines() if words in line), "")

    def until(self, what: str, true: Callable[[], object], seconds: float = PATIENCE_S) -> None:
        """Look until something is true; fail with the screen as it is then."""
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                raise AssertionError(f"never in {seconds:.0f}s: {what}\n{self.screen}")
            time.sleep(LOOK_EVERY_S)

    def shows(self, *words: str, seconds: float = PATIENCE_S) -> str:
        """Wait until all of these words are on the screen at once; the screen."""
        seen = ""

        def there() -> bool:
            nonlocal seen
            seen = self.screen
            return all(word in seen for word in words)

        self.until(f"{words} shown", there, seconds)
        return seen

    def shows_no(self, *words: str, seconds: float = PATIENCE_S) -> None:
        """Wait until none of these words is on the screen."""
        self.until(f"{words} gone", lambda: not any(word in self.screen for word in words), seconds)

    # The program

    @property
    def pid(self) -> int:
        """The program's own process."""
        return int(self._pid.read_text())

    @property
    def ended(self) -> bool:
        return self._code.exists()

    @property
    def exit_code(self) -> int:
        """How it ended, once it does, as a shell sees it: 128 + n after signal n."""
        self.until("the program ends", lambda: self.ended)
        return int(self._code.read_text())

    @property
    def restored(self) -> bool:
        """Whether the ended program left the terminal as it was: the first screen, a cursor, no reports, echo."""
        flags = [self._ask(name) for name in ("alternate_on", "cursor_flag", "mouse_any_flag")]
        return flags == ["0", "1", "0"] and {"icanon", "echo"} <= set(self._tty.read_text().split())

    @property
    def clipboard(self) -> str:
        """What a program put into the terminal's clipboard."""
        return self._tmux("show-buffer", check=False)

    def _ask(self, name: str) -> str:
        return self._tmux("display-message", "-p", f"#{{{name}}}").strip()

    def _tmux(self, *words: str, check: bool = True) -> str:
        done = subprocess.run(
            [self._tmux_program, "-u", "-L", self._socket, *words],
            capture_output=True, env=self._environment, timeout=PATIENCE_S, check=check,
        )  # fmt: skip
        return done.stdout.decode("utf-8", "replace")


COLOUR = re.compile(r"\x1b\[(?:[0-9;:]*[;:])?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:[;:][0-9;:]*)?m")
"""A sequence that sets a colour."""

SPOOF = re.compile("[\x80-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\x1b\\]52")
"""What must never reach the terminal from outside: C1, bidi control, the clipboard."""

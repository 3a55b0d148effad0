"""What a person waits for: the first paint, the list, a key."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from bench.bare import SAYS
from bench.terminal import BARE, RETORNO, Terminal, environment
from domain.people import Actor
from loop import queue
from loop.desk import Desk
from loop.views import View

STARTS = 7
OPENINGS = 3
KEYS = 200
BACK = 60
"""Keys after the jump to the end."""
CURSOR = "▌".encode()
_SETTLED_S = 0.035
_PREVIEW_COMES_S = 0.15
"""Longer than the preview is held back, so that it is read and drawn while the next key comes."""


@dataclass(frozen=True)
class Spread:
    """Some measurements of one kind."""

    mean: float
    median: float
    worst: float
    count: int


def spread(values: Sequence[float]) -> Spread:
    """Mean, median and worst."""
    return Spread(mean(values), median(values), max(values), len(values))


def first_row(desk: Desk, actor: Actor) -> tuple[str, str]:
    """What stands on screen once the list is there, number and start of the customer, and once its ticket is open."""
    row = queue.page(desk, View(), actor=actor, limit=1).rows[0]
    return f"{row.number} {row.customer[:6]}", f"#{row.number} "


def starts(url: str, home: Path, row: str, times: int = STARTS) -> dict[str, dict[str, Spread]]:
    """Milliseconds from exec: bare app painted, ours first painted, our list shown; waited, and on a processor.

    In turns, so that noise hits all.
    """
    found: dict[str, list[tuple[float, float]]] = {"bare": [], "first paint": [], "list shown": []}
    bare, ours = environment(home), environment(home, url)
    for turn in range(times + 1):
        for command, environ, steps in (
            (BARE, bare, [("bare", SAYS)]),
            (RETORNO, ours, [("first paint", " Retorno"), ("list shown", row)]),
        ):
            with Terminal(command, columns=120, lines=36, environ=environ) as terminal:
                for name, text in steps:
                    took = (terminal.until(text) - terminal.began) * 1000, terminal.busy_ms()
                    if turn:  # the first warms what is cached
                        found[name].append(took)
    return {
        kind: {name: spread([took[i] for took in values]) for name, values in found.items()}
        for i, kind in enumerate(("ms", "ms on a processor"))
    }


def openings(url: str, home: Path, row: str, head: str, times: int = OPENINGS) -> dict[str, Spread]:
    """Milliseconds from Enter to the ticket on an 80x24 screen: as soon as the list is shown, and once all is quiet."""
    found: dict[str, list[float]] = {"at once": [], "later": []}
    for _ in range(times):
        for name, waits in found.items():
            with Terminal(RETORNO, columns=80, lines=24, environ=environment(home, url)) as terminal:
                terminal.until(row)
                if name == "later":
                    for _chunk in terminal.burst(1.5, 30):
                        pass
                at = terminal.press("\r")
                waits.append((terminal.until(head) - at) * 1000)
    return {name: spread(values) for name, values in found.items()}


def keys(url: str, home: Path, row: str, *, preview: bool) -> dict[str, Spread]:
    """Milliseconds and bytes from a key to its paint: `j` from the top, then G, then `k` from the end.

    The cursor's new line on the terminal is the paint. With the preview, every second half of the keys comes just
    when the preview of the one before is drawn.
    """
    columns, lines = (120, 36) if preview else (80, 24)
    with Terminal(RETORNO, columns=columns, lines=lines, environ=environment(home, url)) as terminal:
        terminal.until(row)
        for _chunk in terminal.burst(1.5, 30):
            pass
        down = [_press(terminal, "j", preview and i >= KEYS // 2) for i in range(KEYS)]
        end = _press(terminal, "G", slow=True)
        for _chunk in terminal.burst(0.5, 10):
            pass
        back = [_press(terminal, "k", slow=False) for _ in range(BACK)]
    return {
        "j ms": spread([p.ms for p in down]),
        "j ms on a processor": spread([p.busy for p in down]),
        "j bytes": spread([p.size for p in down]),
        "G ms": spread([end.ms]),
        "k ms": spread([p.ms for p in back]),
        "k ms on a processor": spread([p.busy for p in back]),
        "k bytes": spread([p.size for p in back]),
    }


@dataclass(frozen=True)
class _Pressed:
    """What came of a key."""

    ms: float
    """From the key to the cursor's new line on the terminal."""
    busy: float
    """Of these, milliseconds that the screen's own thread was on a processor: what other programs cannot spoil."""
    size: int
    """Bytes, until nothing came for a while."""


def _press(terminal: Terminal, key: str, slow: bool) -> _Pressed:
    busy = terminal.busy_ms()
    at = terminal.press(key)
    written = b""
    while CURSOR not in written:
        chunk, now = terminal.read(10.0)
        if not chunk:
            raise TimeoutError(f"{key} painted nothing")
        written += chunk
    busy = terminal.busy_ms() - busy
    size = len(written)
    for chunk, _now in terminal.burst(_SETTLED_S, 0.1):
        size += len(chunk)
    if slow:
        for _chunk in terminal.burst(_PREVIEW_COMES_S - _SETTLED_S, _PREVIEW_COMES_S - _SETTLED_S):
            pass
    return _Pressed((now - at) * 1000, busy, size)

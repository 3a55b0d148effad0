"""The window of rows over a long list, and the line that shows one (Q1, Q3, R7)."""

import random
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from domain.flows import Status
from domain.tickets import Priority
from loop.views import Row
from tui import thrift
from tui.strips import between, fit, strip, words
from tui.theme import _PLAIN as PLAIN
from tui.widgets.queue_columns import columns, runs
from tui.window import AHEAD, CHUNK, KEPT, After, At, Before, Window

HOSTILE = "[bold]Zoë 👩‍🚒 مرحبا \x1b[31mred\x1b]0;x\x07\x9b2J [@click=app.quit]x[/]"


def row(n: int, **more: object) -> Row:
    """A ticket."""
    given = Row(
        number=n, subject=f"Subject {n}", status=Status.PENDING, phase="New", flow="F", health=None, score=None,
        priority=Priority.MEDIUM, customer=f"Customer {n}", email="", survey="S", assignee="", created=0, due=None,
        last_in=None, last_out=None, unanswered=False, rank=n // 7,
    )  # fmt: skip
    return replace(given, **more)  # type: ignore[arg-type]


def answered(window: Window, every: list[Row], ask: After | Before | At) -> None:
    """Read what was asked for, as storage would."""
    match ask:
        case At(offset):
            page, more = every[offset : offset + CHUNK], offset + CHUNK < len(every)
        case After(_rank, number):
            i = number + 1
            page, more = every[i : i + CHUNK], i + CHUNK < len(every)
        case Before(_rank, number):
            page, more = every[max(0, number - CHUNK) : number], number > CHUNK
    window.supply(ask, page, more)


def test_whatever_one_walks_the_rows_are_there_and_right() -> None:
    """Random walks with jumps: what is in sight is always loaded, in its place, and memory stays bounded."""
    dice = random.Random(7)
    every = [row(n) for n in range(20_000)]
    window = Window()
    window.replace(every[:100], 0, len(every))
    at = 0
    for _step in range(400):
        at = dice.choice([at + 1, at - 1, at + 12, at - 12, 0, len(every) - 20, dice.randrange(len(every))])
        at = max(0, min(at, len(every) - 20))
        for _read in range(3):
            ask = window.wants(at, at + 19)
            if ask is None:
                break
            answered(window, every, ask)
        assert [window.get(p).number for p in range(at, at + 20)] == list(range(at, at + 20))  # type: ignore[union-attr]
        assert len(window.rows) <= KEPT
        assert window.total == len(every)


def test_rows_are_asked_for_before_they_are_needed() -> None:
    """Look-ahead of at least two hundred rows, both ways."""
    every = [row(n) for n in range(5000)]
    window = Window()
    window.replace(every[1000:1600], 1000, 5000)
    assert window.wants(1200, 1220) is None
    assert isinstance(window.wants(1600 - AHEAD, 1600 - AHEAD + 20), After)
    assert isinstance(window.wants(1000 + AHEAD - 1, 1000 + AHEAD + 20), Before)
    assert window.wants(4900, 4920) == At(5000 - CHUNK)


def test_an_answer_that_came_too_late_changes_nothing() -> None:
    """A page that follows another last row than the present one is dropped."""
    window = Window()
    window.replace([row(n) for n in range(50)], 0, 500)
    window.supply(After(99, 99), [row(n) for n in range(100, 150)], True)
    assert window.end == 50


def test_a_row_that_comes_twice_is_shown_once() -> None:
    """A ticket whose rank changed while one scrolls is not listed twice."""
    window = Window()
    window.replace([row(n) for n in range(10)], 0, 20)
    window.supply(After(row(9).rank, 9), [row(n) for n in (3, 10, 11)], False)
    assert [r.number for r in window.rows] == list(range(12))
    assert window.total == 12


@pytest.mark.parametrize("width", range(24, 200, 4))
def test_a_row_fills_exactly_its_line_at_every_width(width: int) -> None:
    """By cells, whatever the name: pad and cut, never one more or less."""
    shown = columns(width, 7)
    for customer in (HOSTILE, "Ana", "王小明" * 9, "", "x" * 300):
        one = row(1234567, customer=customer, subject=HOSTILE * 3, assignee="bia", due=-5)
        line = strip(runs(one, shown, 0, PLAIN, cursor=True, selected=False, gone=False), width, PLAIN.text)
        assert line.cell_length == width == sum(cell_len(s.text) for s in line)


def test_nothing_from_outside_moves_colours_or_joins() -> None:
    """No control, no bidi, no joiner is left; markup stays what it is: text (R7)."""
    said = words(HOSTILE)
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in said)
    assert "\u200d" not in said
    assert "[bold]Zoë" in said and "[@click=app.quit]" in said


def test_what_waits_is_told_without_colour() -> None:
    """Mark, class and cursor have signs of their own (I2, NO_COLOR)."""
    shown = columns(80, 4)
    plain = "".join(t for t, _s in runs(row(1), shown, 0, PLAIN, cursor=False, selected=False, gone=False))
    waits = row(1, unanswered=True)
    loud = "".join(t for t, _s in runs(waits, shown, 0, PLAIN, cursor=True, selected=False, gone=False))
    assert "●" in loud and "▌" in loud and "●" not in plain and "▌" not in plain


@pytest.mark.parametrize("text", ["abc", "João", "王小明", "👩🚒", "a王" * 20])
@pytest.mark.parametrize("cells", range(1, 12))
def test_fit_gives_exactly_so_many_cells(text: str, cells: int) -> None:
    assert cell_len(fit(text, cells)) == cells == cell_len(fit(text, cells, right=True))


def test_a_bar_gives_way_on_its_left() -> None:
    line = between([("left " * 10, PLAIN.text)], [("right", PLAIN.text)], 20, PLAIN.text)
    assert line.cell_length == 20
    assert line.text.endswith("right")


def sgr(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """What a terminal would show: each character with the attributes, ink and ground it has then."""
    shown, state, i = [], {}, 0
    while i < len(text):
        if text[i] != "\x1b":
            shown.append((text[i], tuple(sorted(f"{k}={v}" for k, v in state.items()))))
            i += 1
            continue
        end = text.index("m", i)
        codes = text[i + 2 : end].split(";")
        i = end + 1
        while codes:
            code = codes.pop(0)
            if code == "0":
                state = {}
            elif code in ("38", "48"):
                kind = codes.pop(0)
                value = [codes.pop(0) for _ in range(3 if kind == "2" else 1)]
                state["ink" if code == "38" else "ground"] = ";".join(value)
            elif code in ("39", "49"):
                state.pop("ink" if code == "39" else "ground", None)
            else:
                number = int(code)
                key = "ink" if 30 <= number <= 37 or 90 <= number <= 97 else "ground" if number >= 40 else f"a{code}"
                state[key] = code
    assert not state, "a line ends with a reset"
    return shown


@pytest.mark.parametrize("colours", ["truecolor", "256", "standard"])
def test_thrift_shows_the_same_and_sends_less(colours: str) -> None:
    """The thrifty way of drawing gives every cell the style that Rich gives it."""
    dice = random.Random(3)
    inks = [None, "#c9d1df", "#6b7385", "red", "bright_black", "#5fb3f6"]
    console = Console(color_system=colours, force_terminal=True)  # type: ignore[arg-type]
    sent = rich = 0
    for _line in range(300):
        segments = [
            Segment(
                dice.choice("abc") * dice.randint(1, 5),
                Style(
                    color=dice.choice(inks), bgcolor=dice.choice([None, "#14161b", "#1f3347"]),
                    bold=dice.random() < 0.2, reverse=dice.random() < 0.1, underline=dice.random() < 0.1,
                ),
            )
            for _segment in range(dice.randint(1, 7))
        ]  # fmt: skip
        plain = "".join(s.style.render(s.text, color_system=console._color_system) for s in segments if s.style)
        thrifty = thrift.render(Strip(segments), console)
        assert sgr(thrifty) == sgr(plain)
        sent, rich = sent + len(thrifty), rich + len(plain)
    assert sent < rich * 0.85

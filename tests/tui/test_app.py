"""Starting and ending (ux, issue 2: quick start, bad terminals, signals)."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tui.conftest import Opened, Shop
from tui.app import Retorno
from tui.theme import DARK, derived

ROOT = Path(__file__).parents[2]


def test_the_screen_does_not_pay_for_what_it_does_not_use_yet() -> None:
    """A clean interpreter: importing the app and its first screen brings in no ORM, templates or mail."""
    code = (
        "import sys, tui.app, tui.screens.queue;"
        "print([m for m in ('sqlmodel','sqlalchemy','alembic','jinja2','aiosmtplib','imapclient','psycopg',"
        "'textual.widgets._text_area') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_no_color_means_no_colour(shop: Shop, monkeypatch: pytest.MonkeyPatch, opened: Opened) -> None:
    """NO_COLOR: no ink and no ground anywhere; what is told, is told by signs, bold and reverse."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened((120, 36)) as screen:
        await screen.press("j")
        styles = [s.style for strip in screen.app.screen._compositor.render_strips() for s in strip if s.style]
        assert all(c is None or c.is_default for s in styles for c in (s.color, s.bgcolor))
        assert any(s.reverse for s in styles)


async def test_every_theme_can_be_had(opened: Opened) -> None:
    """Ours and Textual's own: all are whole, and some of each kind draw the list."""
    async with opened((120, 36)) as screen:
        for theme in screen.app.available_themes.values():
            variables = theme.variables | derived(theme)
            assert all(f"r-{name}" in variables for name in DARK)
        for name in ("retorno-light", "retorno-16", "nord", "ansi-light"):
            screen.app.theme = name
            await screen.pilot.pause()
            assert "Customer" in screen.text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(shop: Shop, number: signal.Signals) -> None:
    """The screen is put back and the exit code tells the signal."""
    master, slave = pty.openpty()
    code = (
        "import sys; from gateways.config import Config; from loop.desk import open_desk; from tui.app import run;"
        "d = open_desk(Config(db_url=sys.argv[1])); sys.exit(run(d, d.actor('ana'), background=False))"
    )
    os.set_blocking(master, False)
    with subprocess.Popen(
        [sys.executable, "-c", code, shop.desk.config.db_url],
        cwd=ROOT, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
    ) as program:  # fmt: skip
        os.close(slave)
        wrote = b""
        end = time.monotonic() + 90
        while b"Retorno" not in wrote and time.monotonic() < end:
            wrote += _read(master)
        program.send_signal(number)
        while program.poll() is None and time.monotonic() < end:
            wrote += _read(master)
        wrote += _read(master)
    os.close(master)
    assert program.returncode == 128 + number
    assert b"\x1b[?1049l" in wrote, "the screen is put back"


def _read(master: int) -> bytes:
    import select

    if select.select([master], [], [], 0.05)[0]:
        try:
            return os.read(master, 65536)
        except OSError:
            return b""
    return b""


async def test_trouble_in_a_lane_is_said_and_survived(opened: Opened) -> None:
    """A read that breaks ends in a sentence, not in a crash."""
    async with opened() as screen:

        def broken() -> None:
            raise OSError("the disk is full")

        screen.app.reads.submit(broken)
        await screen.quiet()
        assert "the disk is full" in screen.said
        assert isinstance(screen.app, Retorno) and screen.app.is_running

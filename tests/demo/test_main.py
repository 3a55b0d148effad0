"""`retorno demo` with everything but the screen: what the screen is given, and what is left when it ends."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from demo import main
from demo.servers import Servers
from domain.people import Level
from loop import queue
from loop.views import View


class Crash(Exception):
    pass


def test_the_screen_gets_a_living_shop_and_nothing_is_left_even_when_it_crashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RETORNO_DEMO_PASSWORD", "")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    seen: dict[str, Any] = {}

    def show(desk: Any, actor: Any, *, welcome: str) -> int:
        assert "r answers" in welcome
        seen.update(facts=desk.facts(), actor=actor, counts=queue.counts(desk, View(), actor=actor))
        (seen["folder"],) = tmp_path.iterdir()
        raise Crash

    screen = ModuleType("tui.app")
    screen.run = show
    monkeypatch.setitem(sys.modules, "tui.app", screen)
    opened: list[Servers] = []
    monkeypatch.setattr("demo.servers.Servers.__init__", _noted(Servers.__init__, opened))
    with pytest.raises(Crash):
        main.run()
    assert (seen["actor"].login, seen["actor"].level) == ("ana", Level.OWNER)
    assert seen["facts"].personal
    assert not seen["facts"].empty
    assert seen["facts"].undo_ms == 5000
    assert seen["counts"].unanswered > 0
    assert not opened[0].running
    assert list(tmp_path.iterdir()) == []


def test_servers_that_do_not_open_are_a_sentence_and_an_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RETORNO_DEMO_PASSWORD", "")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    monkeypatch.setattr("demo.world.found", lambda config: None)
    assert main.run() == 5
    assert "did not open" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def _noted(make: Any, into: list[Servers]) -> Any:
    def noted(self: Servers, **named: Any) -> None:
        into.append(self)
        make(self, **named)

    return noted

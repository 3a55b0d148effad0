"""Writing a message (M4): the draft is the person's, and everything that they do is told."""

import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from loop.views import Draft
from tests.tui.ticket.harness import HOSTILE, HOSTILE_NAME, NOW, Harness, safe, ticket
from tui.widgets.ticket.compose import Compose
from tui.widgets.ticket.editor import edit, editor_command

DRAFT = Draft(1042, "Marina Alves <marina@clientes.example>", "", "Re: Entrega atrasada", "Olá Marina,\n", NOW, 3)


async def _opened(app: Harness, compose: Compose, pilot, draft: Draft = DRAFT) -> None:
    compose.open(draft, ticket())
    await pilot.pause()


async def test_opening_a_draft_changes_nothing_and_says_so_to_nobody() -> None:
    compose = Compose()
    app = Harness(compose)
    async with app.run_test(size=(80, 20)) as pilot:
        await _opened(app, compose, pilot)
        await pilot.pause()
        assert compose.draft == replace(DRAFT, seen_event=6)
        assert not app.of(Compose.Changed)
        text = app.screen_text()
        assert "marina@clientes.example" in text and "Re: Entrega atrasada" in text and "Olá Marina," in text


async def test_each_key_is_told_once_with_the_whole_draft() -> None:
    """M4: drafts are saved as one types."""
    compose = Compose()
    app = Harness(compose)
    async with app.run_test(size=(80, 20)) as pilot:
        await _opened(app, compose, pilot)
        await pilot.press("t", "u")
        await pilot.press("shift+tab", "x")
        await pilot.pause()
        told = [m.draft for m in app.of(Compose.Changed)]
        assert [d.body for d in told] == ["Olá Marina,\nt", "Olá Marina,\ntu", "Olá Marina,\ntu"]
        assert told[-1].subject != DRAFT.subject
        assert all(d.ticket == 1042 and d.seen_event == 6 for d in told)


async def test_the_cursor_is_after_the_words_and_enter_goes_from_field_to_field() -> None:
    compose = Compose()
    app = Harness(compose)
    async with app.run_test(size=(80, 20)) as pilot:
        await _opened(app, compose, pilot)
        compose.query_one("#compose-to").focus()
        await pilot.press("enter", "enter", "enter", "!")
        assert compose.draft.body == "Olá Marina,\n!"


async def test_it_says_when_it_was_saved_and_when_saving_failed() -> None:
    compose = Compose()
    app = Harness(compose)
    async with app.run_test(size=(80, 20)) as pilot:
        await _opened(app, compose, pilot)
        await pilot.press("x")
        await pilot.pause()
        assert "writing…" in app.screen_text()
        compose.saved(NOW)
        await pilot.pause()
        assert "draft saved " in app.screen_text()
        assert compose.draft.saved_at == NOW
        compose.not_saved("disk [/] full")
        await pilot.pause()
        assert "✗ not saved: disk [/] full" in app.screen_text()


async def test_a_saved_draft_is_no_change() -> None:
    compose = Compose()
    app = Harness(compose)
    async with app.run_test(size=(80, 20)) as pilot:
        await _opened(app, compose, pilot)
        compose.saved(NOW + 5)
        compose.notice("Marina wrote")
        compose.seen(9)
        await pilot.pause()
        assert not app.of(Compose.Changed)
        assert compose.draft.seen_event == 9


async def test_news_are_said_in_a_line_of_their_own_and_touch_no_word() -> None:
    """T10"""
    compose = Compose()
    app = Harness(compose)
    async with app.run_test(size=(80, 20)) as pilot:
        await _opened(app, compose, pilot)
        before = compose.draft
        compose.notice(f"{HOSTILE_NAME} wrote meanwhile")
        await pilot.pause()
        assert "wrote meanwhile" in app.screen_text()
        assert compose.draft == before, "what was not shown was not seen"
        compose.seen(7)
        await pilot.pause()
        assert "wrote meanwhile" not in app.screen_text()


async def test_f5_asks_for_the_review_and_escape_leaves_with_the_draft() -> None:
    """Nothing that sends happens on one key."""
    compose = Compose()
    app = Harness(compose)
    async with app.run_test(size=(80, 20)) as pilot:
        await _opened(app, compose, pilot)
        await pilot.press("x", "f5", "escape")
        await pilot.pause()
        assert app.of(Compose.ReviewAsked)[0].draft.body == "Olá Marina,\nx"
        assert app.of(Compose.Left)[0].draft.body == "Olá Marina,\nx"


async def test_hostile_drafts_are_cleaned() -> None:
    """R7"""
    compose = Compose()
    app = Harness(compose)
    async with app.run_test(size=(80, 20)) as pilot:
        await _opened(app, compose, pilot, Draft(1, HOSTILE, HOSTILE, HOSTILE, HOSTILE + "\n" + HOSTILE_NAME))
        draft = compose.draft
        assert all(safe(x) for x in (draft.to, draft.cc, draft.subject, draft.body))
        assert "\n" not in draft.subject
        assert safe(app.screen_text())


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 12)])
async def test_the_keys_are_told_at_the_foot(size: tuple[int, int]) -> None:
    compose = Compose()
    app = Harness(compose)
    async with app.run_test(size=size) as pilot:
        await _opened(app, compose, pilot)
        assert "F5 review and send" in app.screen_text().split("\n")[-1]


async def test_where_no_editor_is_to_be_had_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    compose = Compose()
    app = Harness(compose)
    async with app.run_test(size=(80, 20)) as pilot:
        await _opened(app, compose, pilot)
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert "$VISUAL and $EDITOR are not set" in app.screen_text()
        monkeypatch.setenv("EDITOR", "true")
        await pilot.press("f4")
        await pilot.pause()
        assert "cannot be lent" in app.screen_text(), "a terminal that cannot be suspended ends nothing"
        assert compose.draft.body == DRAFT.body and app.is_running


async def test_where_an_editor_would_be_a_way_to_a_shell_none_is_offered() -> None:
    """R2"""
    compose = Compose(editor=False)
    app = Harness(compose)
    async with app.run_test(size=(80, 20)) as pilot:
        await _opened(app, compose, pilot)
        assert "editor" not in app.screen_text()
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert "not offered here" in app.screen_text()


def _editor(tmp_path: Path, program: str) -> tuple[str, ...]:
    script = tmp_path / "editor.py"
    script.write_text("import os, sys\npath = sys.argv[-1]\n" + program)
    return (sys.executable, str(script))


def test_the_editor_gets_the_words_in_a_file_that_is_nobody_elses_and_gone_afterwards(tmp_path: Path) -> None:
    """M4"""
    seen = tmp_path / "seen"
    command = _editor(
        tmp_path,
        f"open({str(seen)!r}, 'w').write(f'{{path}} {{os.stat(path).st_mode}} {{open(path).read()}}')\n"
        "open(path + '~', 'w').write('backup')\n"
        "open(path, 'a').write(' tudo bem?\\n')\n",
    )
    assert edit("Olá,", command) == "Olá, tudo bem?"
    path, mode, words = seen.read_text().split(" ", 2)
    assert words == "Olá," and stat.S_IMODE(int(mode)) == 0o600
    assert not Path(path).exists() and not Path(path).parent.exists()


@pytest.mark.parametrize("program", ["sys.exit(1)", "os.kill(os.getpid(), 9)", "os.remove(path)"])
def test_an_editor_that_ends_badly_changes_nothing(tmp_path: Path, program: str) -> None:
    assert edit("Olá", _editor(tmp_path, f"open(path, 'a').write('x')\n{program}\n")) is None


def test_an_editor_that_is_not_there_ends_nothing() -> None:
    assert edit("Olá", ("/nowhere/editor",)) is None
    assert edit("Olá", ("bad\0name",)) is None


def test_what_an_editor_writes_is_cleaned(tmp_path: Path) -> None:
    """R7"""
    command = _editor(tmp_path, "open(path, 'wb').write(b'a\\x1b[31m\\xff\\r\\nb')\n")
    written = edit("Olá", command)
    assert written is not None and safe(written) and written.startswith("a[31m")


def test_visual_comes_before_editor_and_may_have_options() -> None:
    assert editor_command({"VISUAL": "code --wait", "EDITOR": "vi"}) == ("code", "--wait")
    assert editor_command({"VISUAL": "", "EDITOR": "vi"}) == ("vi",)
    assert editor_command({"VISUAL": "'open", "EDITOR": ""}) == ()

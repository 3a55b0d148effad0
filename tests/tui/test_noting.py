"""Writing a note on a real desk: mentions completed, files attached, and who will read it (N1)."""

from pathlib import Path

import pytest
from textual.widgets import TextArea

from domain.people import Level, Role
from loop import tickets
from tests.tui.conftest import HOSTILE, Opened, Screen, Shop
from tui.screens.noting import NoteScreen
from tui.widgets.completion import Completion, Suggestion, matching
from tui.widgets.mentions import spans, strangers
from tui.widgets.paths import PathInput, offered, read

PEOPLE = [("joao", "João Lima"), ("ze", HOSTILE), ("caio", "Caio Reis")]


@pytest.fixture
def team(shop: Shop) -> Shop:
    """The shop, with more people in its flow."""
    from loop import people

    (flow,) = shop.rows("SELECT id FROM flows WHERE name = 'Detratores'")[0]
    for login, name in PEOPLE:
        added = people.add_user(
            shop.desk, login, name, f"{login}@loja.example", Level.AGENT, actor=shop.actor, flows={flow: Role.AGENT}
        )
        assert isinstance(added, int), added
    return shop


async def begin(screen: Screen) -> NoteScreen:
    """Open the note on the ticket under the cursor."""
    await screen.press("n")
    note = screen.app.screen
    assert isinstance(note, NoteScreen)
    await screen.quiet()
    return note


def people_of(note: NoteScreen) -> Completion:
    return note.query_one("#people", Completion)


async def test_a_mention_is_completed_as_one_types(opened: Opened, team: Shop) -> None:
    """N1: by login or name, accents aside; Tab takes; the one who is mentioned is told and follows."""
    async with opened() as screen:
        note = await begin(screen)
        await screen.press(*"Ver com @")
        assert people_of(note).is_open and "joao" in screen.text() and "Caio Reis" in screen.text()
        await screen.press(*"lima")
        assert people_of(note).current is not None and people_of(note).current.value == "joao"
        await screen.press("tab")
        assert note.query_one(TextArea).text == "Ver com @joao " and not people_of(note).is_open
        assert "@joao is told" in screen.text()
        await screen.press("f5")
        assert screen.app.screen is screen.queue
        told = team.rows("SELECT u.login, n.kind FROM notifications n JOIN users u ON u.id = n.user_id")
        assert ("joao", "mention") in [tuple(row) for row in told]


async def test_keys_of_the_open_list(opened: Opened, team: Shop) -> None:
    """Down and up choose, Enter takes, Esc closes only the list and leaves the text."""
    async with opened() as screen:
        note = await begin(screen)
        await screen.press("at")
        first = people_of(note).current
        await screen.press("down")
        second = people_of(note).current
        assert first is not None and second is not None and first != second
        await screen.press("up", "down", "enter")
        assert note.query_one(TextArea).text == f"@{second.value} "
        await screen.press("at", "escape")
        assert not people_of(note).is_open and screen.app.screen is note
        await screen.press(*"caio")
        assert people_of(note).is_open is False  # whole: nothing is left to complete
        await screen.press("enter", *"ok")
        assert note.query_one(TextArea).text == f"@{second.value} @caio\nok"
        await screen.press("escape")
        assert screen.app.screen is screen.queue


async def test_an_unknown_login_is_told_while_one_writes(opened: Opened, team: Shop) -> None:
    """Nobody is called so: it is said, once the word is over."""
    async with opened() as screen:
        await begin(screen)
        await screen.press(*"@ninguem")
        assert "@ninguem." not in screen.text()
        await screen.press(*" oi a@loja.example")
        assert "is called @ninguem." in screen.text() and "loja.example." not in screen.text()


async def test_who_reads_is_told(opened: Opened, team: Shop) -> None:
    """N1: assignee and followers, or every member."""
    number = team.rows("SELECT MIN(number) FROM tickets")[0][0]
    async with opened() as screen:
        await screen.press("colon", *str(number), "enter")
        note = await begin(screen)
        assert "Nobody else reads it yet" in screen.text()
        await screen.press("escape")
        tickets.start(team.desk, [number], actor=team.actor)
        tickets.assign(team.desk, [number], "bia", actor=team.actor)
        note = await begin(screen)
        assert "bia and you read it, the customer never does." in screen.text(), note
        await screen.press("escape")
        with team.desk.db.write() as work:
            work.run("UPDATE flows SET notes_for_all = true WHERE id > :n", {"n": 0})
        await begin(screen)
        assert "Every member of Detratores reads it" in screen.text()


async def test_a_file_is_attached_shown_removed_and_kept(opened: Opened, team: Shop, tmp_path: Path) -> None:
    """N1: with ^A, completed as one types; ^R takes the last away; Esc keeps files with the text."""
    (tmp_path / "nota fiscal.pdf").write_bytes(b"%PDF" * 1000)
    (tmp_path / "foto.png").write_bytes(b"png")
    async with opened() as screen:
        note = await begin(screen)
        await screen.press(*"veja", "ctrl+a")
        field = note.query_one(PathInput)
        field.value = f"{tmp_path}/no"
        await screen.quiet()
        assert note.query_one("#names", Completion).is_open
        await screen.press("tab")
        assert field.value == f"{tmp_path}/nota fiscal.pdf"
        await screen.press("enter")
        assert [name for name, _data in note.files] == ["nota fiscal.pdf"] and "4 KB" in screen.text()
        await screen.press("ctrl+a")
        field.value = f"{tmp_path}/foto.png"
        await screen.quiet()
        await screen.press("enter", "ctrl+r")
        assert len(note.files) == 1 and "foto.png" not in screen.text()
        await screen.press("escape")
        note = await begin(screen)
        assert "nota fiscal.pdf" in screen.text() and note.text == "veja"
        await screen.press("f5")
        assert [tuple(r) for r in team.rows("SELECT name, type FROM attachments")] == [
            ("nota fiscal.pdf", "application/pdf")
        ]


async def test_what_cannot_be_attached_is_said_at_once(
    opened: Opened, team: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too large, not there, a folder: a sentence, and the path is still there to be mended."""
    from loop import notes

    monkeypatch.setattr(notes, "LARGEST", 10)
    (tmp_path / "large.bin").write_bytes(b"x" * 11)
    async with opened() as screen:
        note = await begin(screen)
        await screen.press("ctrl+a")
        field = note.query_one(PathInput)
        for path, said in (("large.bin", "too large"), ("missing", "cannot be read"), ("", "is a folder: name a file")):
            field.value = f"{tmp_path}/{path}"
            await screen.quiet()
            await screen.press("escape", "enter") if note.query_one("#names", Completion).is_open else None
            await screen.press("enter")
            assert said in screen.text(), path
        assert note.files == []
        await screen.press("escape", "escape")
        assert screen.app.screen is screen.queue


async def test_a_whole_path_behind_the_folder_that_stands_there_is_that_path(opened: Opened, team: Shop) -> None:
    """`/tmp/x` typed behind `~/` is no `~//tmp/x`."""
    async with opened() as screen:
        note = await begin(screen)
        await screen.press("ctrl+a")
        field = note.query_one(PathInput)
        assert field.value == "~/"
        await screen.press(*"/tmp/x~/y")
        assert field.value == "/tmp/x~/y"
        await screen.press("escape", "ctrl+a", *"~/a")
        assert field.value == "~/a"
        await screen.press("escape", "ctrl+a", *"b/")
        assert field.value == "~/b/"


def test_only_plain_files_are_read(tmp_path: Path) -> None:
    """A pipe would hold the program up for ever, a device would never end."""
    import os

    os.mkfifo(tmp_path / "pipe")
    assert "is not a file" in str(read(str(tmp_path / "pipe"), 10))
    assert "is not a file" in str(read("/dev/zero", 10))
    assert "cannot be read" in str(read("/\x00", 10))
    (tmp_path / "ok").write_bytes(b"0123456789")
    assert read(str(tmp_path / "ok"), 10) == ("ok", b"0123456789")


def test_names_that_would_move_the_cursor_are_not_offered(tmp_path: Path) -> None:
    """R7: nor hidden ones, unless asked for."""
    for name in ("bom.txt", "\x1b[31mruim", ".oculto", "Ação.txt"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "pasta").mkdir()
    assert [one.label for one in offered(f"{tmp_path}/")] == ["Ação.txt", "bom.txt", "pasta/"]
    assert [one.label for one in offered(f"{tmp_path}/acao")] == ["Ação.txt"]
    assert [one.label for one in offered(f"{tmp_path}/.o")] == [".oculto"]
    assert [one.label for one in offered(f"{tmp_path}/", folders=True)] == ["pasta/"]
    assert offered(f"{tmp_path}/nowhere/x") == ()


def test_matching_puts_the_login_before_the_name() -> None:
    people = [
        Suggestion("b", "bia", "Ana Souza"),
        Suggestion("a", "ana", "Prado"),
        Suggestion("c", "caio", "José Ángel"),
    ]
    assert [one.value for one in matching(people, "an")] == ["a", "b", "c"]
    assert [one.value for one in matching(people, "ÂNG")] == ["c"]
    assert matching(people, "x") == ()


def test_mentions_are_marked_as_the_rules_find_them() -> None:
    """What the screen marks is whom the note will tell."""
    assert spans("oi @ana, e @Bia. a@bia ana@x", ["ana", "bia"]) == [(3, 7), (11, 15)]
    assert strangers("oi @ana e @zé. a@loja.example @ana@x", ["ana"]) == ("zé",)


async def test_hostile_names_stay_words(opened: Opened, team: Shop) -> None:
    """R7: in the list of people."""
    async with opened() as screen:
        await begin(screen)
        await screen.press(*"@ze")
        await screen.press("backspace")
        shown = screen.text()
        assert "[bold]Zoë" in shown and not any(c in shown for c in "\x1b\x9b\x07\u200d")


@pytest.mark.parametrize("size", [(80, 24), (60, 15)])
async def test_the_list_stays_inside_the_panel(opened: Opened, team: Shop, size: tuple[int, int]) -> None:
    """Under the cursor's line, or above it where there is no room; never off the panel."""
    async with opened(size) as screen:
        note = await begin(screen)
        area = note.query_one(TextArea)
        panel = note.query_one(".panel").region
        for lines in (0, 40):
            area.load_text("\n" * lines + "x " * 30)
            area.move_cursor(area.document.end)
            await screen.press("at")
            people = people_of(note)
            assert people.is_open and panel.contains_region(people.region)
            cursor = area.cursor_screen_offset
            assert people.region.y == cursor.y + 1 or people.region.bottom == cursor.y

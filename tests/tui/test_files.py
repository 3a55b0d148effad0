"""The files of a ticket on a real desk: listed, saved, opened (N1, M10)."""

from pathlib import Path

import pytest

from loop import notes
from loop.views import Attachment, Entry
from tests.tui.conftest import HOSTILE, Opened, Screen, Shop
from tui.screens.files import FilesScreen, Found, file_line, files_of, type_name
from tui.widgets.paths import PathInput, PathLine
from tui.widgets.rows import Rows
from tui.widgets.ticket.spans import spans_len


async def open_files(screen: Screen) -> FilesScreen:
    """Show the files of the ticket under the cursor."""
    screen.queue.do_files()
    await screen.quiet()
    files = screen.app.screen
    assert isinstance(files, FilesScreen)
    await screen.quiet()
    return files


@pytest.fixture
def noted(shop: Shop) -> Shop:
    """The first ticket of the list has two files on a note."""
    number = shop.rows("SELECT number FROM tickets ORDER BY rank, number LIMIT 1")[0][0]
    done = notes.add(
        shop.desk, [number], "veja", actor=shop.actor, files=[("nota.pdf", b"%PDF-1"), ("../foto.png", b"png")]
    )
    assert done.done
    return shop


async def test_a_ticket_without_files_says_so(opened: Opened) -> None:
    async with opened() as screen:
        await open_files(screen)
        assert "No files on this ticket." in screen.text()
        await screen.press("enter", "o", "escape")
        assert screen.app.screen is screen.queue


async def test_files_of_notes_are_listed_and_saved(opened: Opened, noted: Shop, tmp_path: Path) -> None:
    """N1: name, type, size, from whom; Enter asks for the folder, saves, and says where."""
    folder = tmp_path / "baixados"
    folder.mkdir()
    async with opened() as screen:
        files = await open_files(screen)
        shown = screen.text()
        assert "nota.pdf" in shown and "foto.png" in shown and "✎ ana" in shown and "2 files" in shown
        names = [found.file.name for found in files.query_one(Rows).items]
        await screen.press(*(["j"] * names.index("nota.pdf")), "enter")
        field = files.query_one(PathInput)
        field.value = str(folder)
        await screen.quiet()
        await screen.press("enter")
        assert (folder / "nota.pdf").read_bytes() == b"%PDF-1"
        assert "Saved as" in screen.text()
        # The folder is there again, and nothing is written over.
        await screen.press("enter")
        assert field.value == str(folder)
        await screen.press("enter")
        assert len(list(folder.iterdir())) == 2


async def test_what_cannot_be_saved_says_why_and_asks_again(opened: Opened, noted: Shop, tmp_path: Path) -> None:
    async with opened() as screen:
        files = await open_files(screen)
        await screen.press("enter")
        files.query_one(PathInput).value = str(tmp_path / "nowhere" / "at all")
        await screen.quiet()
        await screen.press("enter")
        assert "✗" in screen.text() and files.query_one(PathLine).is_open
        await screen.press("escape")
        assert not files.query_one(PathLine).is_open and screen.app.screen is files


async def test_without_a_command_opening_says_what_to_configure(opened: Opened, noted: Shop) -> None:
    async with opened() as screen:
        await open_files(screen)
        await screen.press("o")
        assert "open_command" in screen.text()


def test_files_newest_first_with_where_they_came_from() -> None:
    one, two = Attachment(1, "a.pdf", "application/pdf", 1), Attachment(2, "b.pdf", "application/pdf", 1)
    entries = (
        Entry(1, 10, "mail in", "Marina", attachments=(one,)),
        Entry(2, 20, "started", "ana"),
        Entry(3, 30, "note", "ana", attachments=(two,)),
    )
    assert files_of(entries) == [Found(two, 30, "ana", "note"), Found(one, 10, "Marina", "mail in")]


def test_a_file_points_the_way_that_its_mail_went() -> None:
    """What we sent is not shown as if it had come."""
    for kind, glyph in (("mail in", "← "), ("suspect mail", "← "), ("mail out", "→ "), ("note", "✎ ")):
        drawn = file_line(Found(Attachment(1, "a.pdf", "", 1), 0, "ana", kind), 0, 80, here=False)
        assert glyph in [text for text, _role in drawn.right], kind


def test_types_in_a_word() -> None:
    assert type_name("application/octet-stream", "Foto.JPG") == "jpg"
    assert type_name("image/svg+xml", "x") == "svg+xml"
    assert type_name("", "") == "—"
    assert type_name("a/b", "x.[/]") == "b"


def test_hostile_names_are_only_names() -> None:
    """R7: and a long name leaves room for the rest."""
    found = Found(Attachment(1, HOSTILE * 4, HOSTILE, 10**9), 0, HOSTILE, "mail in")
    drawn = file_line(found, 10**13, 80, here=True)
    assert spans_len(drawn.right) < 60
    assert not any(c in text for text, _role in (*drawn.spans, *drawn.right) for c in "\x1b\x9b\x07")

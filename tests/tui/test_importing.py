"""A file of answers in the screen: looked at, corrected, brought in, told of (I8)."""

import threading
from pathlib import Path

import pytest

from loop import importing
from loop.import_views import Preview, Progress
from tests.tui.conftest import HOSTILE, Opened, Screen, Shop, until
from tui.screens.importing import ImportScreen
from tui.screens.importing_lines import column_line, facts_lines, sample_line
from tui.screens.picker import Picker
from tui.theme import _sixteen
from tui.widgets.paths import PathInput
from tui.widgets.promptline import PromptInput
from tui.widgets.rows import Rows
from tui.widgets.ticket.spans import paint, spans_len

GOOD = (
    "Código;Nome;E-mail;Nota;Comentário;Data;Loja\n"
    "n1;Marina;marina@novos.example;2;Veio quebrado;02/11/2026 10:00;Natal\n"
    "n2;João;joao@novos.example;10;Ótimo;13/11/2026 11:00;Recife\n"
    "n3;Clara;clara@novos.example;onze;Sei lá;13/11/2026 12:00;Recife\n"
)


def written(folder: Path, text: str = GOOD, name: str = "respostas.csv", encoding: str = "cp1252") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


async def shown(screen: Screen) -> ImportScreen:
    """Wait for the import's screen on top, with nothing left to read."""
    await until(lambda: isinstance(screen.app.screen, ImportScreen))
    found = screen.app.screen
    assert isinstance(found, ImportScreen)
    await settled(screen, found)
    return found


async def settled(screen: Screen, importer: ImportScreen) -> None:
    """Wait until the preview is read and shown, and what it asks is asked."""
    for _ in range(3):
        await until(lambda: importer._reading.settle(0))
        await screen.quiet()


async def looking(screen: Screen, path: Path, survey: str = "Novos") -> ImportScreen:
    """The preview of a file, as answers of a survey; by the command, given both."""
    screen.queue.do_import(f"{path} {survey}")
    importer = await shown(screen)
    if isinstance(screen.app.screen, Picker):
        await screen.press(*"new survey", "enter")
    await until(lambda: importer._stage != "reading")
    if importer._stage == "preview" and importer.preview and not importer.preview.survey:
        importer.query_one(PromptInput).value = survey
        importer.entitle(survey)
        importer._close_prompt()
        await settled(screen, importer)
    return importer


async def test_i8_the_key_asks_for_file_and_survey_and_shows_what_would_be(opened: Opened, tmp_path: Path) -> None:
    """A new user's way: I, the file, a new survey's name, the preview; nothing is kept by looking."""
    path = written(tmp_path)
    async with opened(size=(120, 36)) as screen:
        before = screen.queue.app.desk.db.rows("SELECT COUNT(*) FROM answers")
        await screen.press("I")
        importer = await shown(screen)
        assert "Which file?" in screen.text()
        importer.query_one(PathInput).value = str(path)
        await screen.quiet()
        await screen.press("enter")
        await until(lambda: isinstance(screen.app.screen, Picker))
        await screen.quiet()
        assert "Pós-compra" in screen.text() and "A new survey" in screen.text()
        await screen.press(*"a new", "enter")
        assert importer.query_one(PromptInput).value == "respostas"
        await screen.press("enter")
        await settled(screen, importer)
        text = screen.text()
        assert "3 rows → respostas (new) · NPS 0 to 10" in text
        assert "code page 1252" in text and "semicolons" in text and "day/month/year" in text
        assert "7 columns" in text and "Customer's e-mail" in text and "Natal" in text
        assert "First rows  1 refused" in text and "✗ The score “onze” is not a whole number." in text
        assert "▼2" in text and "▲10" in text
        assert "02 Nov 2026, 10:00" in text and "America/Sao_Paulo" in text, (
            "as the file has it, wherever the reader is"
        )
        assert screen.queue.app.desk.db.rows("SELECT COUNT(*) FROM answers") == before


async def test_i8_a_column_is_corrected_by_hand_and_remembered(opened: Opened, tmp_path: Path, shop: Shop) -> None:
    """Enter on a column says what it is; the file is read anew, and the next file of the survey is read so."""
    path = written(tmp_path, GOOD.replace("Loja\n", "Onde\n"))
    async with opened(size=(120, 36)) as screen:
        importer = await looking(screen, path)
        await screen.press("G", "enter")
        assert isinstance(screen.app.screen, Picker) and "“Onde” is" in screen.text()
        await screen.press(*"left out", "enter")
        await settled(screen, importer)
        assert importer.preview and importer.preview.columns[-1].role == "out"
        assert "set by hand" in screen.text()
        await screen.press("i")
        await until(lambda: importer._stage == "done")
        await screen.press("escape")
        assert screen.app.screen is screen.queue
        again = await looking(screen, path)
        assert again.preview and again.preview.origin == "remembered" and again.preview.columns[-1].role == "out"


async def test_i8_dates_delimiter_encoding_and_scale_are_corrected(opened: Opened, tmp_path: Path) -> None:
    path = written(tmp_path)
    async with opened(size=(120, 36)) as screen:
        importer = await looking(screen, path)
        for key, typed, what, value in (
            ("d", "month", "date_order", "mdy"),
            ("e", "utf-8", "encoding", "utf-8"),
            ("p", "comma", "delimiter", ","),
        ):
            await screen.press(key, *typed, "enter")
            await settled(screen, importer)
            assert importer.preview and getattr(importer.preview.layout, what) == value
        assert importer.preview.trouble and "✗" in screen.text()  # parted by commas there is no score
        await screen.press("i")
        assert importer._stage == "preview"
        await screen.press("R")
        await settled(screen, importer)
        assert importer.preview.layout.delimiter == ";" and not importer.preview.trouble
        await screen.press("n", *"csat", "enter")
        await settled(screen, importer)
        assert importer.preview.scale.high == 5 and "“10” is not on the scale" in screen.text()


async def test_i8_brought_in_with_its_result_its_tickets_and_its_refused_rows(
    opened: Opened, tmp_path: Path, shop: Shop
) -> None:
    """New, known, differs, refused, tickets; refused rows go to a file that is not written over; `t` lists the tickets."""
    path = written(tmp_path)
    async with opened(size=(120, 36)) as screen:
        importer = await looking(screen, path)
        await screen.press("i")
        await until(lambda: importer._stage == "done")
        await screen.quiet()
        text = screen.text()
        assert "came in as Novos" in text and "The score “onze”" in text
        assert importer.run_now and importer.run_now.result
        report = importer.run_now.result.report
        assert (report.read, report.imported, report.tickets) == (3, 2, 2)
        await screen.press("w")
        field = importer.query_one(PathInput)
        assert field.value.endswith("respostas-refused.csv")
        for said in ("1 row was saved", "is there already"):
            field.value = str(tmp_path / "recusadas.csv")
            await screen.press("enter")
            assert said in screen.text()
            await screen.press("w")
        assert "onze" in (tmp_path / "recusadas.csv").read_text("utf-8-sig")
        await screen.press("escape", "t")
        assert screen.app.screen is screen.queue
        assert screen.queue.filter.query == 'is:open survey:"Novos"'
        assert "Marina" in screen.text() and "João" in screen.text() and "Cliente" not in screen.text()


class Gate:
    """The real import, held at its first progress of a stage until let go."""

    def __init__(self, stage: str, patch: pytest.MonkeyPatch) -> None:
        self.reached, self.go = threading.Event(), threading.Event()
        real = importing.import_file

        def held(*given: object, progress: object, **more: object) -> object:
            def told(now: Progress) -> None:
                progress(now)  # type: ignore[operator]
                if now.stage == stage and not self.go.is_set():
                    self.reached.set()
                    self.go.wait(60)

            return real(*given, progress=told, **more)  # type: ignore[arg-type]

        patch.setattr(importing, "import_file", held)


async def test_i8_esc_while_it_is_read_keeps_nothing_and_says_so(
    opened: Opened, tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path)
    gate = Gate("staging", monkeypatch)
    async with opened(size=(120, 36)) as screen:
        before = shop.rows("SELECT COUNT(*) FROM answers")
        importer = await looking(screen, path)
        await screen.press("i")
        await until(gate.reached.is_set)
        await screen.quiet()
        assert "Nothing is kept yet: Esc cancels" in screen.text()
        await screen.press("escape")
        assert "Stopping…" in screen.text()
        gate.go.set()
        await until(lambda: importer._stage == "preview")
        assert "Stopped: nothing was kept" in screen.text()
        assert shop.rows("SELECT COUNT(*) FROM answers") == before
        assert shop.rows("SELECT COUNT(*) FROM imports") == [(0,)] and screen.queue._import_run is None
        await screen.quiet()


async def test_i8_esc_while_it_comes_in_leaves_it_running_and_it_is_told_when_done(
    opened: Opened, tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile `I` shows it again, and another cannot begin."""
    path = written(tmp_path)
    gate = Gate("publishing", monkeypatch)
    async with opened(size=(120, 36)) as screen:
        await looking(screen, path)
        await screen.press("i")
        await until(gate.reached.is_set)
        await screen.quiet()
        assert "Bringing in" in screen.text()
        await screen.press("escape")
        assert screen.app.screen is screen.queue
        await screen.press("I")
        again = await shown(screen)
        run = again.run_now
        assert again._stage == "running" and run is not None
        await screen.press("f")
        assert again._stage == "running"
        await screen.press("escape")
        gate.go.set()
        await until(lambda: run.ended)
        assert run.error is None
        await until(lambda: screen.queue._import_run is None)
        assert run.result is not None and run.result.report.tickets == 2
        await screen.quiet()


async def test_i8_who_leaves_the_program_while_it_comes_in_loses_nothing(
    opened: Opened, tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends between two pieces; the next worker, screen or import brings in the rest."""
    rows = "".join(f"n{i};c{i}@novos.example;{i % 11};Nunca mais;13/11/2026\n" for i in range(3_000))
    path = written(tmp_path, "Código;E-mail;Nota;Comentário;Data\n" + rows)
    gate = Gate("publishing", monkeypatch)
    async with opened(size=(120, 36)) as screen:
        importer = await looking(screen, path)
        await screen.press("i")
        run = importer.run_now
        assert run is not None
        await until(gate.reached.is_set)
        await screen.quiet()
        assert not run.ended
        threading.Thread(target=lambda: run._leaving.wait(60) and gate.go.set(), daemon=True).start()
    assert run._over.wait(60)  # on a busy machine after the program, which waits some seconds only
    there = shop.rows("SELECT COUNT(*) FROM answers WHERE comment = 'Nunca mais'")[0][0]
    assert 0 < there < 3_000
    assert importing.resume(shop.desk) == 1
    assert shop.rows("SELECT COUNT(*) FROM answers WHERE comment = 'Nunca mais'") == [(3_000,)]


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "is empty"), ("Nome;Cidade\nAna;Natal\n", "None of the columns"), (None, "There is no file")],
)
async def test_i8_what_cannot_be_brought_in_says_why(
    opened: Opened, tmp_path: Path, text: str | None, said: str
) -> None:
    """An empty file, one without a score, none at all."""
    path = tmp_path / "x.csv" if text is None else written(tmp_path, text, "x.csv")
    async with opened() as screen:
        screen.queue.do_import(str(path))
        importer = await shown(screen)
        assert said in " ".join(screen.text().split())
        await screen.press("escape")
        assert screen.app.screen is screen.queue and importer.run_now is None


async def test_r7_hostile_headings_and_cells_are_only_words(opened: Opened, tmp_path: Path) -> None:
    """Markup, control characters, 300 columns, a heading of ten thousand letters."""
    headings = ["Nota", HOSTILE, "x" * 10_000, *(f"c{i}" for i in range(297))]
    rows = [";".join(["9", HOSTILE.replace(";", ""), "y" * 3_000, *("v" for _ in range(297))]) for _ in range(30)]
    path = written(tmp_path, "\n".join([";".join(h.replace(";", "") for h in headings), *rows]), encoding="utf-8")
    for size in ((80, 24), (60, 20), (160, 45)):
        async with opened(size=size) as screen:
            importer = await looking(screen, path)
            text = screen.text()
            assert "300 columns" in text and "[bold]Zoë" in text
            assert not {"\x1b", "\x07", "\x9b"} & set(text)
            assert all(len(one) <= size[0] + 2 for one in text.splitlines())
            await screen.press("tab", "G", "tab", "j", "enter")
            assert isinstance(screen.app.screen, Picker) and "[bold]Zoë" in screen.text()
            await screen.press("escape")
            assert importer.query_one("#columns", Rows).place == 1


async def test_who_may_not_import_is_told(opened: Opened, shop: Shop) -> None:
    """P4: an agent's key says why."""
    at = Shop(shop.desk, shop.other, shop.actor)
    async with opened(at=at) as screen:
        await screen.press("I")
        assert screen.app.screen is screen.queue and "administrator" in screen.said


@pytest.mark.parametrize("width", [20, 76, 140])
def test_lines_are_cut_to_their_width(tmp_path: Path, shop: Shop, width: int) -> None:
    """Nothing of a file makes a line longer than the panel."""
    found = importing.preview(shop.desk, written(tmp_path), "Novos", actor=shop.actor)
    assert isinstance(found, Preview)
    colours = _sixteen()
    for column in found.columns:
        assert paint(column_line(column, 18, width, here=True), width, colours).cell_length == width
    for row in found.rows:
        assert paint(sample_line(row, 3, 4, width, here=False), width, colours).cell_length == width
    for one in facts_lines(found, width, 3):
        assert spans_len(one.spans) <= max(width, 60)
    assert len(facts_lines(found, width, 3)) <= 3

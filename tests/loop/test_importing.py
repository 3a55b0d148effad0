"""Files of answers come in whole or not at all, once, and give back what was refused (I1, I8)."""

import gc
import json
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from domain.answers import CSAT, NPS, Answer
from domain.refusals import Refusal
from loop import answers, import_staging, importing, rehearsing, surveys
from loop.import_layouts import survey_named
from loop.import_views import Layout, Preview, Progress
from loop.setup_views import Saved
from tests.loop.conftest import Shop

ROOT = Path(__file__).parents[2]
HEADS = "Código;Data;Nome;E-mail;Nota;Comentário;Loja\n"


def file_of(folder: Path, rows: int, *bad: str, name: str = "respostas.csv") -> Path:
    """A file with so many good rows, then the bad ones."""
    path = folder / name
    good = "".join(
        f"c{n};22/03/2026;Ana {n};ana{n}@loja.example;{n % 11};Chegou tarde {n};Centro\n" for n in range(rows)
    )
    path.write_text(HEADS + good + "".join(f"{row}\n" for row in bad), encoding="utf-8")
    return path


BAD = ("x1;22/03/2026;Bia;bia@loja.example;onze;=cmd();Norte", "c1;22/03/2026;Outra;;9;difere;Sul", "Total;;;;99;;")


def counts(shop: Shop) -> dict[str, int]:
    """Rows of the tables that an import fills."""
    tables = ("answers", "tickets", "imports", "import_pieces", "import_refused", "contacts")
    return {table: shop.desk.db.rows(f"SELECT COUNT(*) FROM {table}")[0][0] for table in tables}


def look(shop: Shop, path: Path, survey: str = "", **more: object) -> Preview:
    """A preview for the owner."""
    seen = importing.preview(shop.desk, path, survey, actor=shop.ana, **more)  # type: ignore[arg-type]
    assert isinstance(seen, Preview)
    return seen


def test_i8_a_file_is_staged_then_published_and_told(shop: Shop, tmp_path: Path) -> None:
    """I8: nothing is seen before all was read; every row is counted; the staging is empty afterwards."""
    told: list[Progress] = []
    seen: list[int] = []

    def progress(now: Progress) -> None:
        told.append(now)
        seen.append(counts(shop)["answers"])

    report = importing.import_file(
        shop.desk, file_of(tmp_path, 1200, *BAD), "Pós-compra", actor=shop.ana, progress=progress
    )
    assert (report.read, report.imported, report.duplicates, report.differs) == (1203, 1200, 0, 1)
    assert [at for at, _why in report.refused] == [1202, 1203, 1204]
    assert report.tickets == 1200
    assert counts(shop) | {"contacts": 0} == {
        "answers": 1200, "tickets": 1200, "imports": 1, "import_pieces": 0, "import_refused": 3, "contacts": 0,
    }  # fmt: skip
    stages = [(one.stage, one.rows) for one in told]
    assert stages[:4] == [("staging", 500), ("staging", 1000), ("staging", 1203), ("publishing", 500)]
    assert stages[-1] == ("publishing", 1201), "the transactions between follow the time that they take"
    assert [one.may_stop for one in told] == [True] * 3 + [False] * (len(told) - 3)
    assert seen[:4] == [0, 0, 0, 500] and seen == sorted(seen) and seen[-1] == 1200
    (line,) = importing.imports(shop.desk, actor=shop.ana)
    assert (line.state, line.by, line.read, line.imported, line.refused, line.tickets) == (
        "done",
        "Ana",
        1203,
        1200,
        3,
        1200,
    )


def test_i8_stopping_while_it_is_read_leaves_nothing(shop: Shop, tmp_path: Path) -> None:
    """I8: and afterwards there is nothing that stops it any more."""
    before = counts(shop)
    told: list[Progress] = []
    path = file_of(tmp_path, 1200, *BAD)
    report = importing.import_file(
        shop.desk, path, "Pós-compra", actor=shop.ana, progress=told.append, stop=lambda: len(told) == 2
    )
    assert report.stopped
    assert counts(shop) == before
    assert importing.imports(shop.desk, actor=shop.ana) == ()
    late = importing.import_file(
        shop.desk, path, "Pós-compra", actor=shop.ana, progress=told.append, stop=lambda: told[-1].stage == "publishing"
    )
    assert not late.stopped
    assert late.imported == 1200


def test_i8_an_error_while_it_is_read_leaves_nothing(shop: Shop, tmp_path: Path) -> None:
    """I8: whatever it is."""
    before = counts(shop)

    def fail(now: Progress) -> None:
        if now.rows >= 1000:
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        importing.import_file(shop.desk, file_of(tmp_path, 1200), "Pós-compra", actor=shop.ana, progress=fail)
    assert counts(shop) == before
    assert shop.desk.db.rows("SELECT 1 FROM leases WHERE name LIKE 'import %'") == []


def killed(shop: Shop, path: Path, stage: str, rows: int) -> None:
    """Another process imports the file and is killed there."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.loop.importing_killed", shop.desk.db.url, str(path), stage, str(rows)],
        cwd=ROOT,
        check=False,
        timeout=180,
    )
    assert ended.returncode == -signal.SIGKILL


def let_go(shop: Shop) -> None:
    """The dead process's lease ends; on SQLite its death is seen without that."""
    if shop.desk.db.dialect != "sqlite":
        with shop.desk.db.write() as work:
            work.run("UPDATE leases SET until = 0", {})


def test_i8_killed_while_it_is_read_nothing_is_left(shop: Shop, tmp_path: Path) -> None:
    """I8: with kill -9."""
    before = counts(shop)
    killed(shop, file_of(tmp_path, 1200, *BAD), "staging", 1000)
    left = counts(shop)
    assert (left["answers"], left["tickets"], left["import_pieces"]) == (0, 0, 20)
    let_go(shop)
    assert importing.resume(shop.desk) == 1
    assert counts(shop) == before


def test_i8_killed_while_it_is_published_it_goes_on_to_the_end(shop: Shop, tmp_path: Path) -> None:
    """I8: with kill -9; pieces are whole, every answer comes once, the counts are those of one go."""
    path = file_of(tmp_path, 1700, *BAD)
    killed(shop, path, "publishing", 500)
    assert counts(shop)["answers"] in (500, 1000), "whole pieces"
    assert importing.imports(shop.desk, actor=shop.ana)[0].state == "publishing"
    if shop.desk.db.dialect != "sqlite":
        assert importing.resume(shop.desk) == 0, "somebody may be at it"
    let_go(shop)
    assert importing.resume(shop.desk) == 1
    (line,) = importing.imports(shop.desk, actor=shop.ana)
    assert (line.state, line.read, line.imported, line.differs, line.refused, line.tickets) == (
        "done",
        1703,
        1700,
        1,
        3,
        1700,
    )
    assert counts(shop)["answers"] == 1700
    assert importing.resume(shop.desk) == 0
    again = importing.import_file(shop.desk, path, "Pós-compra", actor=shop.ana)
    assert (again.imported, again.duplicates, again.differs) == (0, 1700, 1)


def test_i8_the_next_import_ends_what_was_cut_off(shop: Shop, tmp_path: Path) -> None:
    """I8: without a worker."""
    killed(shop, file_of(tmp_path, 700), "publishing", 500)
    let_go(shop)
    importing.import_file(shop.desk, file_of(tmp_path, 1, name="b.csv"), "Outra", actor=shop.ana)
    assert [one.state for one in importing.imports(shop.desk, actor=shop.ana)] == ["done", "done"]
    assert counts(shop)["answers"] == 701


def test_i8_two_that_publish_one_import_do_each_piece_once(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I8: even where the lease fails both."""
    killed(shop, file_of(tmp_path, 2600), "publishing", 500)
    monkeypatch.setattr(import_staging.Keeper, "take", lambda self: True)
    id = importing.imports(shop.desk, actor=shop.ana)[0].id
    errors: list[BaseException] = []

    def publish() -> None:
        try:
            import_staging.publish(shop.desk, id, import_staging.Keeper(shop.desk, id))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=publish) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    (line,) = importing.imports(shop.desk, actor=shop.ana)
    assert (line.state, line.imported, line.duplicates, line.tickets) == ("done", 2600, 0, 2600)
    assert counts(shop)["answers"] == 2600


def test_i8_a_transaction_holds_others_up_for_some_tens_of_milliseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """I8: fewer pieces where the last took long, more again where they were quick; a pause after much writing."""
    now, slept = [100.0], list[float]()
    clock = SimpleNamespace(monotonic=lambda: now[0], sleep=lambda s: (slept.append(s), now.__setitem__(0, now[0] + s)))
    monkeypatch.setattr(import_staging, "time", clock)
    pace, fitting = import_staging._Pace("sqlite"), list[int]()
    for seconds in (0.39, 0.39, 0.04, 0.04, 0.04):
        pieces = pace.pieces
        pace.began()
        now[0] += seconds * pieces / 10
        pace.ended(pieces)
        fitting.append(pace.pieces)
        pace.let_others_in()
    assert fitting == [5, 2, 4, 8, 10]
    assert slept == [import_staging.PAUSE_S, pytest.approx(import_staging.PAUSE_S)]
    assert gc.isenabled()


def test_i8_who_slept_too_long_does_not_go_on_with_what_was_cleaned_away(shop: Shop, tmp_path: Path) -> None:
    """I8: nothing half-done, also after a laptop's lid was closed for an hour."""

    def sleep(now: Progress) -> None:
        if now.rows == 500:
            with shop.desk.db.write() as work:
                work.run("UPDATE leases SET until = 0", {})
            assert importing.resume(shop.desk) == 1

    before = counts(shop)
    with pytest.raises(import_staging.Interrupted):
        importing.import_file(shop.desk, file_of(tmp_path, 1200), "Pós-compra", actor=shop.ana, progress=sleep)
    assert counts(shop) == before


def test_i8_refused_rows_are_mended_and_imported_again(shop: Shop, tmp_path: Path) -> None:
    """I8: with what stood in them exactly, formulas too; the survey's layout is found again."""
    report = importing.import_file(shop.desk, file_of(tmp_path, 3, *BAD), "Pós-compra", actor=shop.ana)
    out = tmp_path / "recusadas.csv"
    assert importing.save_refused(shop.desk, report.id, out, actor=shop.ana) == 3
    text = out.read_bytes().decode("utf-8")
    assert text.startswith("\ufeffCódigo;Data;")
    assert "'=cmd()" in text
    assert out.stat().st_mode & 0o077 == 0
    mended = tmp_path / "mended.csv"
    mended.write_text(text.replace("onze", "1").replace("c1;", "c9;"), encoding="utf-8")
    again = importing.import_file(shop.desk, mended, "pos-compra", actor=shop.ana)
    assert (again.read, again.imported, len(again.refused)) == (3, 2, 1)
    assert shop.desk.db.rows("SELECT comment FROM answers WHERE external_id = 'x1'") == [("=cmd()",)]
    with pytest.raises(importing.FileTrouble, match="is there already"):
        importing.save_refused(shop.desk, report.id, out, actor=shop.ana)
    with pytest.raises(importing.FileTrouble, match="There is no import 99"):
        importing.save_refused(shop.desk, 99, tmp_path / "b.csv", actor=shop.ana)


def test_i8_refused_objects_of_an_array_come_back_as_objects(shop: Shop, tmp_path: Path) -> None:
    """I8."""
    path = tmp_path / "a.json"
    path.write_text(
        json.dumps([{"id": "1", "score": 4, "comment": "=a"}, {"id": "2", "score": "onze", "comment": "=b"}])
    )
    report = importing.import_file(shop.desk, path, "Pós-compra", actor=shop.ana)
    assert [at for at, _why in report.refused] == [2]
    out = tmp_path / "r.jsonl"
    importing.save_refused(shop.desk, report.id, out, actor=shop.ana)
    value = json.loads(out.read_text())
    assert (value["id"], value["comment"]) == ("2", "=b")
    assert "onze" in value["retorno: reason"]
    out.write_text(out.read_text().replace('"onze"', "3"))
    assert importing.import_file(shop.desk, out, "Pós-compra", actor=shop.ana).imported == 1


def test_i8_the_layout_of_a_survey_is_remembered_and_used_where_it_fits(shop: Shop, tmp_path: Path) -> None:
    """I8: corrected by hand once; other columns are guessed anew, and it is said."""
    path = file_of(tmp_path, 3)
    seen = look(shop, path, "Pós-compra")
    assert (seen.origin, seen.known) == ("guessed", False)
    layout = replace(seen.layout.taking("Loja", "out").taking("Nome", "attribute"), date_order="mdy")
    by_hand = look(shop, path, "Pós-compra", layout=layout)
    assert by_hand.origin == "given"
    assert {c.heading: (c.role, c.why) for c in by_hand.columns if c.heading in ("Loja", "Nome")} == {
        "Loja": ("out", "set by hand"),
        "Nome": ("attribute", "set by hand"),
    }
    assert "wrong way round" in " ".join(by_hand.warnings)
    layout = replace(layout, date_order="dmy")
    importing.import_file(shop.desk, path, "Pós-compra", actor=shop.ana, layout=layout)
    assert shop.desk.db.rows("SELECT COUNT(*) FROM contacts WHERE name <> ''") == [(0,)]
    next_one = look(shop, path, "POS-COMPRA")
    assert (next_one.origin, next_one.survey, next_one.known) == ("remembered", "Pós-compra", True)
    assert next_one.layout.out == ("Loja",)
    wider = tmp_path / "wider.csv"
    wider.write_text(path.read_text().replace("Loja\n", "Loja;Telefone\n").replace("Centro\n", "Centro;11987654321\n"))
    assert look(shop, wider, "Pós-compra").layout.columns["phone"] == "Telefone"
    other = tmp_path / "other.csv"
    other.write_text("score,comment\n4,fine\n")
    seen = look(shop, other, "Pós-compra")
    assert seen.origin == "guessed"
    assert any("guessed anew" in sentence for sentence in seen.reasons)
    assert seen.remembered == layout
    assert importing.forget(shop.desk, "Pós-compra", actor=shop.ana)
    assert look(shop, path, "Pós-compra").origin == "guessed"


def test_i8_an_import_may_remember_nothing(shop: Shop, tmp_path: Path) -> None:
    """I8."""
    path = file_of(tmp_path, 3)
    importing.import_file(shop.desk, path, "Pós-compra", actor=shop.ana, remember=False)
    assert look(shop, path, "Pós-compra").origin == "guessed"


def test_i8_a_preview_says_what_it_sees(shop: Shop, tmp_path: Path) -> None:
    """I8: columns with what they are and why, the first rows, the scale, how many rows; it writes nothing."""
    before = counts(shop)
    seen = look(shop, file_of(tmp_path, 30, *BAD), "Pós-compra")
    assert [(c.heading, c.role, c.field) for c in seen.columns][-3:] == [
        ("Nota", "field", "score"), ("Comentário", "field", "comment"), ("Loja", "attribute", ""),
    ]  # fmt: skip
    assert seen.columns[4].why == "by its heading"
    assert seen.columns[4].samples == ("0", "1", "2")
    assert len(seen.rows) == 20
    first = seen.rows[0]
    assert (first.line, first.score, first.klass, first.customer, first.reachable) == (2, 0, "detractor", "Ana 0", True)
    assert first.cells[0] == "c0"
    assert (seen.estimate, seen.exact, seen.scale.kind) == (33, True, "nps")
    assert seen.warnings == ()
    assert counts(shop) == before


def test_i8_a_preview_warns_of_what_is_missing(shop: Shop, tmp_path: Path) -> None:
    """I8: no date, no way to reach anybody, no id, no comment."""
    path = tmp_path / "bare.csv"
    path.write_text("Nota;Loja\n4;Centro\nonze;Norte\n")
    seen = look(shop, path)
    said = " ".join(seen.warnings)
    assert all(word in said for word in ("file's own date", "no tickets will open", "comment", "changed later"))
    assert [row.trouble for row in seen.rows] == ["", "The score “onze” is not a whole number."]


def test_i8_a_file_without_a_score_can_be_corrected(shop: Shop, tmp_path: Path) -> None:
    """I8: what is wrong is said, and the columns are there to choose from."""
    path = tmp_path / "odd.csv"
    path.write_text("Aaa;Bbb\nfoo;4\nbar;5\n")
    seen = look(shop, path, "Pós-compra")
    assert "is the score" in seen.trouble
    assert [c.samples for c in seen.columns] == [("foo", "bar"), ("4", "5")]
    again = look(shop, path, "Pós-compra", layout=seen.layout.taking("Bbb", "field", "score"))
    assert (again.trouble, [row.score for row in again.rows]) == ("", [4, 5])


def test_p4_only_administrators_import(shop: Shop, tmp_path: Path) -> None:
    """P4: nor look at what a file would be, nor at what was refused."""
    path = file_of(tmp_path, 2, *BAD)
    report = importing.import_file(shop.desk, path, "Pós-compra", actor=shop.caio)
    assert isinstance(importing.preview(shop.desk, path, actor=shop.bia), Refusal)
    assert importing.imports(shop.desk, actor=shop.bia) == ()
    for act in (
        lambda: importing.import_file(shop.desk, path, "Pós-compra", actor=shop.bia),
        lambda: importing.save_refused(shop.desk, report.id, tmp_path / "r.csv", actor=shop.bia),
        lambda: importing.forget(shop.desk, "Pós-compra", actor=shop.bia),
        lambda: rehearsing.import_file(shop.desk, path, "Pós-compra", actor=shop.bia),
    ):
        with pytest.raises(importing.NotAllowed):
            act()
    assert not (tmp_path / "r.csv").exists()


def test_p3_an_import_is_its_administrators_and_the_owners(shop: Shop, tmp_path: Path) -> None:
    """Rows that differ are answers whose tickets may lie in flows out of another administrator's sight."""
    anas = importing.import_file(shop.desk, file_of(tmp_path, 2, *BAD), "Pós-compra", actor=shop.ana)
    caios = importing.import_file(shop.desk, file_of(tmp_path, 3, *BAD, name="b.csv"), "Outra", actor=shop.caio)
    assert [one.id for one in importing.imports(shop.desk, actor=shop.caio)] == [caios.id]
    assert [one.id for one in importing.imports(shop.desk, actor=shop.ana)] == [caios.id, anas.id]
    with pytest.raises(importing.FileTrouble, match="no import"):
        importing.save_refused(shop.desk, anas.id, tmp_path / "r.csv", actor=shop.caio)
    assert not (tmp_path / "r.csv").exists()
    for name, actor in (("c.csv", shop.caio), ("a.csv", shop.ana)):
        assert importing.save_refused(shop.desk, caios.id, tmp_path / name, actor=actor) == 3


def test_i8_a_rehearsal_counts_what_the_import_does(shop: Shop, tmp_path: Path) -> None:
    """I8: into an empty survey and into one that has the half of it; it keeps nothing."""
    importing.import_file(shop.desk, file_of(tmp_path, 600, name="half.csv"), "Pós-compra", actor=shop.ana)
    path = file_of(tmp_path, 1100, *BAD, "c900;22/03/2026;Ana 900;ana900@loja.example;9;outra;Centro")
    before = counts(shop)
    said = rehearsing.import_file(shop.desk, path, "pos-compra", actor=shop.ana)
    assert counts(shop) == before
    done = importing.import_file(shop.desk, path, "pos-compra", actor=shop.ana)
    assert (done.imported, done.duplicates, done.differs) == (500, 600, 2)
    assert replace(done, id=0) == said


def test_i8_refused_rows_are_forgotten_after_a_season(shop: Shop, tmp_path: Path) -> None:
    """R4: they hold what customers said."""
    importing.import_file(shop.desk, file_of(tmp_path, 1, *BAD), "Pós-compra", actor=shop.ana)
    shop.clock.now += 91 * 86_400_000
    importing.import_file(shop.desk, file_of(tmp_path, 1, BAD[0], name="b.csv"), "Pós-compra", actor=shop.ana)
    assert counts(shop)["import_refused"] == 1


def test_i8_a_layout_is_checked_before_anything_is_kept(shop: Shop, tmp_path: Path) -> None:
    """I8: and the sentence says what is wrong."""
    before = counts(shop)
    for layout, said in (
        (Layout("csv", columns={"score": "Nope"}), "no column “Nope”"),
        (Layout("csv", delimiter="ab", columns={"score": "Nota"}), "parted by one character"),
    ):
        with pytest.raises(importing.FileTrouble, match=said):
            importing.import_file(shop.desk, file_of(tmp_path, 1), "Pós-compra", actor=shop.ana, layout=layout)
    assert counts(shop) == before


def test_i8_an_import_that_cannot_be_ended_holds_up_no_other(shop: Shop, tmp_path: Path) -> None:
    """I8: its error is told by who goes on with it; the others are ended all the same."""
    killed(shop, file_of(tmp_path, 600, name="a.csv"), "staging", 600)
    with shop.desk.db.write() as work:
        work.run("UPDATE imports SET state = 'publishing'", {})
        work.run("UPDATE import_pieces SET rows = 'broken'", {})
    killed(shop, file_of(tmp_path, 600, name="b.csv"), "staging", 600)
    with shop.desk.db.write() as work:
        work.run("UPDATE imports SET state = 'publishing'", {})
    first, second = sorted(one.id for one in importing.imports(shop.desk, actor=shop.ana))
    let_go(shop)
    with pytest.raises(ValueError, match="Expecting value"):
        importing.resume(shop.desk)
    states = {one.id: one.state for one in importing.imports(shop.desk, actor=shop.ana)}
    assert states == {first: "publishing", second: "done"}
    assert importing.import_file(shop.desk, file_of(tmp_path, 2, name="c.csv"), "Outra", actor=shop.ana).imported == 2


@pytest.mark.parametrize("is_new", [True, False])
def test_i8_a_survey_that_is_renamed_while_its_file_comes_in_gets_all_of_it(
    shop: Shop, tmp_path: Path, is_new: bool
) -> None:
    """I8: the rest makes no second survey of the old name, whose employees' answers would be customers' (I3)."""
    if not is_new:
        importing.import_file(shop.desk, file_of(tmp_path, 1, name="a.csv"), "Pós-compra", actor=shop.ana)
        importing.forget(shop.desk, "Pós-compra", actor=shop.ana)
    renamed: list[object] = []

    def rename(now: Progress) -> None:
        if now.stage == "publishing" and not renamed:
            (id,) = shop.desk.db.rows("SELECT id FROM surveys")[0]
            renamed.append(surveys.change(shop.desk, id, {"name": "Equipe", "internal": True}, actor=shop.ana))

    importing.import_file(shop.desk, file_of(tmp_path, 1100), "Pós-compra", actor=shop.ana, progress=rename)
    assert [type(one) for one in renamed] == [Saved]
    found = shop.desk.db.rows(
        "SELECT s.name, COUNT(*) FROM answers a JOIN surveys s ON s.id = a.survey_id GROUP BY s.name"
    )
    assert [tuple(row) for row in found] == [("Equipe", 1100)]
    assert shop.desk.db.rows("SELECT COUNT(*) FROM tickets")[0][0] == 500, "those that came before"
    assert survey_named(shop.desk, "Equipe").layout is not None, "and remembers the layout"  # type: ignore[union-attr]


def test_i2_a_survey_that_came_to_be_meanwhile_has_its_own_limits(shop: Shop) -> None:
    """I2: of two that make one at once the second counts by the first one's scale."""
    at = datetime.fromtimestamp(shop.clock.now / 1000, UTC)
    for id, scale in (("1", NPS), ("2", CSAT)):
        row = Answer(id, 5, "Oi", at, "Rita", "rita@x.example")
        answers.take(shop.desk, "Nova", [row], actor=shop.ana, scale=scale)
    assert [klass for (klass,) in shop.desk.db.rows("SELECT klass FROM answers")] == [0, 0]


def test_i8_who_slept_does_not_publish_what_another_is_throwing_away(shop: Shop, tmp_path: Path) -> None:
    """I8: nothing half-imported, though the throwing away takes several transactions."""

    def sleep(now: Progress) -> None:
        if now.rows == 1200:
            with shop.desk.db.write() as work:
                work.run("UPDATE leases SET until = 0", {})
            id = importing.imports(shop.desk, actor=shop.ana)[0].id
            assert import_staging.Keeper(shop.desk, id).take()
            with shop.desk.db.write() as work:  # the first of them
                work.run("DELETE FROM import_pieces WHERE place >= 2", {})

    with pytest.raises(import_staging.Interrupted):
        importing.import_file(shop.desk, file_of(tmp_path, 1200), "Pós-compra", actor=shop.ana, progress=sleep)
    assert counts(shop)["answers"] == 0

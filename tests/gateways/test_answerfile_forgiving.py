"""Files as people really have them: dates with months by name, arrays, titles, totals, stray bytes, corrections (I8)."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import thread_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answers import CSAT, NPS, Answer
from domain.text import line
from gateways import refusedfile
from gateways.answerfile import FileTrouble, Layout, Refused, guess, headings, read, rows
from gateways.filefacts import facts
from gateways.formulas import bare, dressed

RECIFE = ZoneInfo("America/Recife")


def write(path: Path, text: str, encoding: str = "utf-8", name: str = "answers.csv") -> Path:
    """A file with exactly these characters."""
    found = path / name
    found.write_bytes(text.encode(encoding))
    return found


def take(path: Path, layout: Layout | None = None, scale=CSAT, **more) -> list[Answer | Refused]:
    """All that is read."""
    return list(read(path, layout or guess(path), scale=scale, zone=RECIFE, **more))


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("22 de nov. de 2026", "2026-11-22 03:00:00"),
        ("22 de novembro de 2026 às 20:04", "2026-11-22 23:04:00"),
        ("domingo, 22 de novembro de 2026", "2026-11-22 03:00:00"),
        ("1º de março de 2026", "2026-03-01 03:00:00"),
        ("22 de noviembre de 2026 a las 20:04", "2026-11-22 23:04:00"),
        ("22-nov-26", "2026-11-22 03:00:00"),
        ("22/dez/2026 8:04", "2026-12-22 11:04:00"),
        ("Nov 22, 2026", "2026-11-22 03:00:00"),
        ("Nov 22, 2026 8:04 PM", "2026-11-22 23:04:00"),
        ("Sunday, November 22nd, 2026", "2026-11-22 03:00:00"),
        ("Sun, 22 Nov 2026 20:04:05 -0300", "2026-11-22 23:04:05"),
        ("Sun Nov 22 2026 20:04:05 GMT-0300 (Brasilia Standard Time)", "2026-11-22 23:04:05"),
        ("Sun Nov 22 20:04:05 2026", "2026-11-22 23:04:05"),
        ("46348", "2026-11-22 03:00:00"),
        ("46348,75", "2026-11-22 21:00:00"),
        ("46348.75", "2026-11-22 21:00:00"),
        ("20261122", "2026-11-22 03:00:00"),
        ("20261122T200405Z", "2026-11-22 20:04:05"),
    ],
)
def test_dates_with_names_of_months_and_a_spreadsheets_numbers(tmp_path: Path, text: str, utc: str) -> None:
    """I8: Portuguese, English, Spanish; days since 1899; ISO without marks."""
    path = write(tmp_path, f"Nota;Data\n4;{text}\n")
    assert guess(path).columns["answered_at"] == "Data"
    (found,) = take(path)
    assert isinstance(found, Answer), found
    assert found.answered_at == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["foo 22 bar 2026", "31 de fevereiro de 2026", "nov 2026", "99999", "12", "de de de 2026", "a" * 5000]
)
def test_what_only_looks_like_a_date_is_refused(tmp_path: Path, text: str) -> None:
    """I8: never taken for another day, and in no time."""
    layout = Layout("csv", columns={"score": "Nota", "answered_at": "Data"})
    assert [type(one) for one in take(write(tmp_path, f"Nota;Data\n4;{text}\n"), layout)] == [Refused]


def test_five_digits_are_no_date_by_themselves(tmp_path: Path) -> None:
    """A column of orders is not the date of the answers."""
    path = write(tmp_path, "Nota;Pedido\n" + "".join(f"4;{46000 + n}\n" for n in range(30)))
    assert "answered_at" not in guess(path).columns


def test_an_hour_in_a_column_of_its_own_beside_a_day_at_midnight(tmp_path: Path) -> None:
    """A spreadsheet's day often carries 00:00:00."""
    (found,) = take(write(tmp_path, "Nota;Data;Hora\n4;22/03/2026 00:00:00;20:04\n"))
    assert isinstance(found, Answer)
    assert found.answered_at == datetime(2026, 3, 22, 23, 4, tzinfo=UTC)


ONE = {
    "id": "a1",
    "score": 4,
    "comment": "bom",
    "answered_at": "2026-03-22",
    "contact": {"email": "ana@loja.example"},
    "attributes": {"Loja": "Centro"},
    "answers": [{"question": "Voltaria?", "answer": "sim"}],
}
TWO = {**ONE, "id": "a2", "contact": {"email": "bia@loja.example"}}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([ONE, TWO]),
        json.dumps([ONE, TWO], indent=2),
        json.dumps({"total": 2, "responses": [ONE, TWO]}),
        json.dumps({"total": 2, "page": {"next": None}, "items": [ONE, TWO]}, indent=1),
        json.dumps(ONE, indent=2) + "\n" + json.dumps(TWO, indent=2),
        json.dumps(ONE) + "\n" + json.dumps(TWO),
        "\ufeff" + json.dumps(ONE) + "\r\n\r\n" + json.dumps(TWO) + "\r\n",
    ],
)
def test_json_in_whatever_shape(tmp_path: Path, text: str) -> None:
    """I8: an array, a list inside an object, objects over several lines, one a line."""
    found = take(write(tmp_path, text, name="a.json"))
    assert [one.external_id for one in found if isinstance(one, Answer)] == ["a1", "a2"]
    assert isinstance(found[0], Answer)
    assert found[0].email == "ana@loja.example"
    assert (found[0].attributes, found[0].questions) == ((("Loja", "Centro"),), (("Voltaria?", "sim"),))


def test_something_broken_in_an_array_takes_itself_only(tmp_path: Path) -> None:
    """I8: and is given back as it stood."""
    text = json.dumps([ONE, TWO, {**ONE, "id": "a3"}]).replace('"bom"', "bom", 2).replace("bom", '"bom"', 1)
    found = take(write(tmp_path, text, name="a.json"))
    assert [one.external_id for one in found if isinstance(one, Answer)] == ["a1", "a3"]
    (bad,) = [one for one in found if isinstance(one, Refused)]
    assert bad.line == 2
    assert '"comment": bom' in bad.source


def test_an_array_longer_than_what_is_read_at_once(tmp_path: Path) -> None:
    """I8: on one line, and inside an object."""
    many = [{**ONE, "id": f"n{n}", "comment": "é" * 300} for n in range(4000)]
    for text in (json.dumps(many), json.dumps({"n": 4000, "data": many}, ensure_ascii=False)):
        found = take(write(tmp_path, text, name="a.json"))
        assert [one.external_id for one in found if isinstance(one, Answer)] == [f"n{n}" for n in range(4000)]


def test_totals_below_the_table_are_no_answers(tmp_path: Path) -> None:
    """I8: said as what they are; a customer of that name is one all the same."""
    text = "Nome;Nota;Comentário;Loja\nTotal Flex;4;Bom;Centro\n;;;\nTotal geral:;4;;\nMédia;4;;\n;Total;;\n"
    found = take(write(tmp_path, text))
    assert [one.name for one in found if isinstance(one, Answer)] == ["Total Flex"]
    assert [(one.line, "totals" in one.reason) for one in found if isinstance(one, Refused)] == [
        (4, True),
        (5, True),
        (6, True),
    ]


def test_a_title_of_several_cells_is_passed_over(tmp_path: Path) -> None:
    """I8: "Relatório de respostas;;de 01/11 a 22/11"."""
    path = write(tmp_path, "Relatório de respostas;;01/11 a 22/11\n\nNota;Comentário;Data\n4;Bom;22/03/2026\n")
    assert headings(path, guess(path)) == ["Nota", "Comentário", "Data"]
    assert [type(one) for one in take(path)] == [Answer]


def test_stray_zero_bytes_are_forgiven(tmp_path: Path) -> None:
    """I8: some programs end texts with them."""
    text = (
        "Nota;Comentário;Data\n" + "4;muito bom mesmo, recomendo a todos;22/03/2026\n" * 20 + "5;bo\x00m;22/03/2026\n"
    )
    last = take(write(tmp_path, text))[-1]
    assert isinstance(last, Answer)
    assert last.comment == "bom"


def test_a_row_that_names_the_survey_in_another_way_names_it(tmp_path: Path) -> None:
    """I8: survey names are compared without case and accents."""
    path = write(tmp_path, "Nota;Pesquisa\n4;POS-COMPRA\n4;Outra\n")
    first, second = take(path, survey="Pós-Compra")
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert (first.attributes, second.attributes) == ((), (("Pesquisa", "Outra"),))


def test_columns_are_corrected_by_hand(tmp_path: Path) -> None:
    """I8: left out, an attribute that looks like a question, a question that does not, another score."""
    path = write(tmp_path, "Nota;Voltaria?;Motivo da compra;Loja;Segunda nota\n4;sim;preço;Centro;5\n")
    layout = guess(path)
    for heading, role, field in (
        ("Voltaria?", "attribute", ""),
        ("Loja", "out", ""),
        ("Motivo da compra", "question", ""),
        ("Segunda nota", "field", "score"),
    ):
        layout = layout.taking(heading, role, field)
    (found,) = take(path, Layout.from_dict(json.loads(json.dumps(layout.to_dict()))))
    assert isinstance(found, Answer)
    assert found.score == 5
    assert found.attributes == (("Nota", "4"), ("Voltaria?", "sim"))
    assert found.questions == (("Motivo da compra", "preço"),)
    assert layout.taking("Loja", "attribute").role("Loja") == ("attribute", "")
    with pytest.raises(FileTrouble, match="A column can be"):
        layout.taking("Loja", "field", "colour")


def test_keys_of_json_are_corrected_by_hand(tmp_path: Path) -> None:
    """I8: what stands in attributes and lists of answers too."""
    path = write(tmp_path, json.dumps(ONE) + "\n", name="a.jsonl")
    layout = guess(path).taking("Voltaria?", "attribute").taking("Loja", "question").taking("comment", "out")
    (found,) = take(path, layout)
    assert isinstance(found, Answer)
    assert (found.comment, found.attributes, found.questions) == ("", (("Voltaria?", "sim"),), (("Loja", "Centro"),))
    (found,) = take(path, guess(path).taking("Loja", "field", "name"))
    assert isinstance(found, Answer)
    assert (found.name, found.attributes) == ("Centro", ())


@pytest.mark.parametrize(
    ("rows_", "dates", "exact"),
    [("4;01/02/2026\n" * 3, "open", True), ("4;22/02/2026\n" * 3, "dmy", True), ("4;2026-02-01\n", "ymd", True)],
)
def test_what_is_said_of_dates_and_rows(tmp_path: Path, rows_: str, dates: str, exact: bool) -> None:
    """I8: whether the order can be told, and how many rows there are."""
    path = write(tmp_path, "Nota;Data\n" + rows_)
    found = facts(path, guess(path))
    assert (found.rows, found.exact, found.dates) == (rows_.count("\n"), exact, dates)


def test_the_rows_of_a_long_file_are_estimated(tmp_path: Path) -> None:
    """I8: within a tenth."""
    path = write(tmp_path, "Nota;Data;Comentário\n" + f"4;22/02/2026;{'x' * 90}\n" * 9000)
    found = facts(path, guess(path))
    assert not found.exact
    assert 8100 < found.rows < 9900


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.from_regex(r"'{0,3}[=+@\t\-].{0,5}", fullmatch=True)
)
def test_a_spreadsheet_runs_nothing_and_the_import_reads_it_as_it_was(cell: str) -> None:
    """I8: a comment can be a formula; a number that begins with + is one to Excel."""
    assert bare(dressed(cell)) == cell
    first = dressed(cell)[:1]
    assert first not in ("=", "+", "@", "\t", "\r") and (first != "-" or cell[1:2].isdigit())


CELLS = st.lists(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=0, max_size=12), min_size=3, max_size=3
)


@given(CELLS, st.sampled_from(";,\t|"))
def test_refused_rows_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str], delimiter: str
) -> None:
    """I8: whatever the cells hold; the reason is no part of the row."""
    layout = Layout("csv", "cp1252", delimiter, columns={"score": "Nota"})
    names = ["Nota", "Nome", "Comentário", "Loja"]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerow(["onze", *cells])
    text = refusedfile.head(layout, names) + refusedfile.row(layout, names, out.getvalue(), "=no; score")
    path = tmp_path_factory.mktemp("r") / "r.csv"
    path.write_bytes(text.encode())
    again = replace(layout, encoding="utf-8")
    ((row, _source, found),) = rows(path, again, scale=NPS, zone=RECIFE)
    assert isinstance(row, Refused)
    assert list(found)[:4] == ["onze", *cells]
    assert headings(path, again)[-1] == "retorno: reason"


@pytest.mark.parametrize("formula", ["=cmd()", "+1+1", "@x", "-2+3", "＝cmd()", "\t=1", "'=1"])
def test_i8_neither_headings_nor_cells_nor_reasons_of_refused_rows_are_run(formula: str) -> None:
    """All three are words from outside: a reason may quote what it is about."""
    layout = Layout("csv", "utf-8", ";", columns={"score": "Nota"})
    names = ["Nota", formula]
    source = io.StringIO()
    csv.writer(source, delimiter=";").writerow(["onze", formula, formula])
    text = refusedfile.head(layout, names) + refusedfile.row(layout, names, source.getvalue(), formula)
    head, row = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";")
    told = line(formula, 500)
    assert (head[1], row[1], row[3]) == (f"'{formula}",) * 3
    assert row[2] == f"'{told}"


@pytest.mark.parametrize("cell", ["-5", "-12,5", "-0.75", "5", "", "não", "a=b", "'tis"])
def test_i8_what_no_spreadsheet_runs_stands_as_it_is(cell: str) -> None:
    assert dressed(cell) == bare(cell) == cell


def test_i8_what_is_refused_again_is_dressed_once_and_has_its_new_reason_only() -> None:
    layout = Layout("csv", "utf-8", ";", columns={"score": "Nota"})
    names = ["Nota", "Nome", "retorno: reason"]
    again = refusedfile.row(layout, names, "onze;'=cmd();old\r\n", "new")
    assert again == "onze;'=cmd();new\r\n"
    assert refusedfile.head(layout, names) == "\ufeffNota;Nome;retorno: reason\r\n"


def test_the_column_of_reasons_is_never_an_answers(tmp_path: Path) -> None:
    """I8: its heading says "motivo", which is a comment's everywhere else."""
    path = write(tmp_path, "Nota;Nome;retorno: motivo\n4;Ana;nota que não existe\n")
    assert guess(path).columns == {"score": "Nota", "name": "Nome"}
    (found,) = take(path)
    assert isinstance(found, Answer)
    assert (found.comment, found.attributes) == ("", ())


def test_refused_objects_come_back_with_their_reason(tmp_path: Path) -> None:
    """I8: JSON stays JSON; what was no object stays as it was."""
    layout = Layout("jsonl", columns={"score": "score"})
    text = refusedfile.head(layout, []) + "".join(
        refusedfile.row(layout, [], source, "why") for source in ('{"score": 99, "a": "=x"}\n', "{broken\n")
    )
    assert text == '{"score": 99, "a": "=x", "retorno: reason": "why"}\n{broken\n'
    path = write(tmp_path, text.replace("99", "4"), name="r.jsonl")
    first, second = take(path)
    assert isinstance(first, Answer)
    assert first.attributes == (("a", "=x"),)
    assert isinstance(second, Refused)


def test_a_refused_row_knows_how_it_stood(tmp_path: Path) -> None:
    """I8: over several lines, too wide, with a quotation mark that never closes."""
    bad = ['x;"um\ndois";22/03/2026\n', "4;b;22/03/2026;zuviel\n", '4;"nunca;22/03/2026\n']
    path = write(tmp_path, "Nota;Comentário;Data\n" + "".join(bad) + "4;bom;22/03/2026\n")
    found = [(row, source) for row, source, _cells in rows(path, guess(path), scale=CSAT, zone=RECIFE)]
    assert [source for row, source in found if isinstance(row, Refused)] == bad
    assert all(line(row.reason) == row.reason for row, _source in found if isinstance(row, Refused))


def test_blanks_without_end_are_walked_over_once(tmp_path: Path) -> None:
    """I8: a file that is broken, or meant to, holds nobody up."""
    blanks, began = " " * 60_000, thread_time()
    layout = Layout("json", columns={"score": "Nota", "answered_at": "Data"})
    text = '[{"Nota": 4, "Data": "2026-03-22"}, {"Nota": x}' + blanks + '; {"Nota": 5, "Data": "2026-03-22"}]'
    assert [type(one) for one in take(write(tmp_path, text), layout)] == [Answer, Refused]
    layout = Layout("csv", columns={"score": "Nota", "answered_at": "Data", "time": "Hora"})
    assert [type(one) for one in take(write(tmp_path, f"Nota;Data;Hora\n4;22/03{blanks}x;20:04\n"), layout)] == [
        Refused
    ]
    assert thread_time() - began < 5

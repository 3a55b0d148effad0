"""Answers from files: guessed, read, refused with line and reason (I1, I8)."""

import csv
import io
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from domain.answers import CSAT, NPS, Answer, content_hash
from domain.text import clean, line
from gateways import textfile
from gateways.answerfile import FileTrouble, Layout, Refused, guess, headings, read
from gateways.columns import date_order

RECIFE = ZoneInfo("America/Recife")
PORTUGUESE = """\
Código;Nome;E-mail;Telefone;Nota;Comentário;Data da resposta;Loja;UF
a1;Ana Gonçalves;ANA@loja.example;(81) 98765-4321;2;Não chegou;22/03/2026 20:04;Boa Viagem;PE
a2;João;;;5;"Ótimo; voltarei
com ""amigos\""";23/03/2026;;PE
"""


def write(path: Path, text: str, encoding: str = "utf-8", name: str = "answers.csv") -> Path:
    """A file with exactly these characters."""
    found = path / name
    found.write_bytes(text.encode(encoding))
    return found


def take(path: Path, layout: Layout | None = None, scale=CSAT, **more) -> list[Answer | Refused]:
    """All that is read."""
    return list(read(path, layout or guess(path), scale=scale, zone=RECIFE, **more))


def reasons(found: Sequence[Answer | Refused]) -> list[tuple[int, str]]:
    """What was refused."""
    return [(one.line, one.reason) for one in found if isinstance(one, Refused)]


def test_a_second_byte_order_mark_is_no_part_of_a_heading(tmp_path: Path) -> None:
    """I8: as files have it that went through two programs."""
    (one,) = take(write(tmp_path, "\ufeffnota,email\n5,a@clientes.example\n", "utf-8-sig"))
    assert isinstance(one, Answer) and (one.score, one.email) == (5, "a@clientes.example")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_brazilian_spreadsheet_is_read_in_any_encoding(tmp_path: Path, encoding: str, ends: str) -> None:
    """I1, I8: headings, delimiter, day first, quoted line breaks; the time is the survey's zone's."""
    first, second = take(write(tmp_path, PORTUGUESE.replace("\n", ends), encoding))
    assert first == Answer(
        external_id="a1",
        score=2,
        comment="Não chegou",
        answered_at=datetime(2026, 3, 22, 23, 4, tzinfo=UTC),
        name="Ana Gonçalves",
        email="ana@loja.example",
        phone="+5581987654321",
        attributes=(("Loja", "Boa Viagem"), ("UF", "PE")),
    )
    assert isinstance(second, Answer)
    assert second.comment == 'Ótimo; voltarei\ncom "amigos"'
    assert (second.email, second.phone, second.attributes) == ("", "", (("UF", "PE"),))
    assert second.answered_at == datetime(2026, 3, 23, 3, tzinfo=UTC)


def test_csv_and_jsonl_of_the_same_answers_agree(tmp_path: Path) -> None:
    """I1: nested contact, attributes and questions come to the same answer."""
    value = {
        "id": "a1",
        "survey": "Pós-compra",
        "answered_at": "2026-03-22T20:04:00-03:00",
        "score": 2,
        "comment": "Não chegou",
        "contact": {"name": "Ana Gonçalves", "email": "ana@loja.example", "phone": "+5581987654321"},
        "attributes": {"Loja": "Boa Viagem", "UF": "PE", "Vazio": None},
    }
    path = write(tmp_path, json.dumps(value) + "\n", name="answers.jsonl")
    by_json = take(path, survey="pós-compra")
    assert by_json == take(write(tmp_path, PORTUGUESE))[:1]
    assert guess(path).columns["email"] == "contact.email"


def test_jsonl_keeps_questions_and_what_else_there_is(tmp_path: Path) -> None:
    """I1: every question with its answer; unknown keys are attributes, another survey's name too."""
    value = {
        "id": 7,
        "score": 4.0,
        "answered_at": 1774220640,
        "survey": "Outra",
        "answers": [{"question": "De 1 a 5?", "answer": 4}, {"pergunta": "Por quê?", "resposta": "frete\ncaro"}],
        "tags": ["vip", "sp"],
        "contact": {"email": "ana@loja.example", "vip": True},
    }
    (found,) = take(write(tmp_path, json.dumps(value), name="a.jsonl"), survey="Pós-compra")
    assert isinstance(found, Answer)
    assert found.external_id == "7"
    assert found.score == 4
    assert found.answered_at == datetime(2026, 3, 22, 23, 4, tzinfo=UTC)
    assert found.questions == (("De 1 a 5?", "4"), ("Por quê?", "frete\ncaro"))
    assert dict(found.attributes) == {"tags": "vip, sp", "contact.vip": "true", "survey": "Outra"}


@pytest.mark.parametrize(
    ("heads", "row", "fields"),
    [
        (
            "Response ID,Score,Comment,Response Date,Customer Name,Email Address,Phone Number,Customer ID,Store",
            "1,9,Fine,2026-03-22 20:04,Ann,ann@shop.example,+14155550132,77,North",
            "external_id score comment answered_at name email phone customer_id",
        ),
        (
            "Código,Puntuación,Comentario,Fecha,Nombre,Correo electrónico,Teléfono,Tienda",
            "1,9,Bien,22/03/2026 20:04,Ana,ana@tienda.example,+34612345678,Norte",
            "external_id score comment answered_at name email phone",
        ),
        (
            "Carimbo de data/hora,De 0 a 10 quanto você recomendaria a loja?,Conte o porquê da sua nota,E-mail do cliente",
            "22/03/2026 20:04:11,9,Bom,ana@loja.example",
            "answered_at score comment email",
        ),
        (
            "Data,Hora,NPS,Motivo,Celular,Código do cliente",
            "22/03/2026,20:04,9,Bom,11987654321,77",
            "answered_at time score comment phone customer_id",
        ),
        (
            "id,answeredAt,npsScore,feedback,customerEmail",
            "1,2026-03-22T20:04:00Z,9,ok,ann@shop.example",
            "external_id answered_at score comment email",
        ),
        (
            "Nota,Avaliação,Quem,Quando foi",
            "9,Muito bom,ana@loja.example,22/03/2026",
            "score comment email answered_at",
        ),
    ],
)
def test_headings_are_understood(tmp_path: Path, heads: str, row: str, fields: str) -> None:
    """I8: Portuguese, English, Spanish, the forms' own; and by what stands below where the heading says nothing."""
    path = write(tmp_path, f"{heads}\n{row}\n")
    assert set(guess(path).columns) == set(fields.split())
    (found,) = take(path, scale=NPS)
    assert isinstance(found, Answer)
    assert found.score == 9
    assert found.answered_at.date() == datetime(2026, 3, 22, tzinfo=UTC).date()


def test_a_heading_that_asks_is_a_question(tmp_path: Path) -> None:
    """I1, T9: what was asked is kept with what was said; the rest are attributes under their heading."""
    (found,) = take(write(tmp_path, "Qual a sua nota?;Nota;Loja\nsim;4;Centro\n"))
    assert isinstance(found, Answer)
    assert found.questions == (("Qual a sua nota?", "sim"),)
    assert found.attributes == (("Loja", "Centro"),)


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_delimiter_is_guessed_though_comments_hold_others(tmp_path: Path, delimiter: str) -> None:
    """I8."""
    out = io.StringIO()
    rows = csv.writer(out, delimiter=delimiter)
    rows.writerow(["Nota", "Comentário", "Data"])
    rows.writerows([4, "um, dois; três | quatro\tcinco, seis; sete", "22/03/2026"] for _again in range(5))
    path = write(tmp_path, out.getvalue())
    assert guess(path).delimiter == delimiter
    assert len([one for one in take(path) if isinstance(one, Answer)]) == 5


def test_excels_own_first_line_is_obeyed_over(tmp_path: Path) -> None:
    """I8: `sep=;` is no heading, and lines still count from the file's first."""
    path = write(tmp_path, "sep=;\n\nNota;Data\n9;22/03/2026\n")
    assert guess(path).columns == {"score": "Nota", "answered_at": "Data"}
    assert [line for line, _reason in reasons(take(path))] == [4]


@pytest.mark.parametrize("above", ["Respostas da semana\n\n", "Respostas;;\n;;\nde março;;\n"])
def test_a_title_above_the_headings_is_passed_over(tmp_path: Path, above: str) -> None:
    """I8: reports begin with what they are; lines still count from the file's first."""
    found = take(write(tmp_path, above + "Nota;Comentário;Data\n4;Bom;22/03/2026\n9;x;22/03/2026\n"))
    assert [one.comment for one in found if isinstance(one, Answer)] == ["Bom"]
    assert [line for line, _reason in reasons(found)] == [above.count("\n") + 3]


def test_a_code_that_rows_share_is_not_the_answers_id(tmp_path: Path) -> None:
    """I1: taking the shop's code for the id would drop all answers but one a shop as duplicates."""
    rows = "".join(f"{n % 3};{1 + n % 5}\n" for n in range(40))
    assert guess(write(tmp_path, "Código;Nota\n" + rows)).columns == {"score": "Nota"}


def test_nested_keys_are_whose_they_are(tmp_path: Path) -> None:
    """I1: a customer's id is not the answer's, a product's name not the customer's."""
    value = {
        "product": {"id": "p1", "name": "Mesa"},
        "customer": {"id": "c1", "name": "Ana"},
        "response": {"id": "r1", "score": 4, "submittedAt": "2026-03-22T20:04:00Z"},
    }
    (found,) = take(write(tmp_path, json.dumps(value), name="a.jsonl"))
    assert isinstance(found, Answer)
    assert (found.external_id, found.customer_id, found.name) == ("r1", "c1", "Ana")
    assert found.attributes == (("product.id", "p1"), ("product.name", "Mesa"))


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (["01/02/2026", "22/03/2026"], "dmy"),
        (["01/02/2026", "03/22/2026"], "mdy"),
        (["2026-03-22"], "ymd"),
        (["01/02/2026"], "dmy"),
        (["01/02/2026 3:00 PM"], "dmy"),
    ],
)
def test_the_order_of_day_and_month_is_read_off_the_values(tmp_path: Path, dates: list[str], order: str) -> None:
    """I8: a day after the 12th decides; if there is none, Brazil does."""
    path = write(tmp_path, "Nota;Data\n" + "".join(f"4;{date}\n" for date in dates))
    assert guess(path).date_order == order


def test_the_order_is_looked_for_beyond_the_head_of_a_long_file(tmp_path: Path) -> None:
    """I8: a first quarter of a megabyte from the first days of the month says nothing."""
    rows = "".join(f"4;0{1 + n % 9}/02/2026;{'x' * 90}\n" for n in range(4000))
    late = "".join(f"4;02/2{n % 9}/2026;{'x' * 90}\n" for n in range(2000))
    assert guess(write(tmp_path, "Nota;Data;Loja\n" + rows + late)).date_order == "mdy"


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("22/03/2026", "2026-03-22 03:00:00"),
        ("22-03-26 8:04", "2026-03-22 11:04:00"),
        ("22.03.2026 às 20h04", "2026-03-22 23:04:00"),
        ("22/03/2026 08:04:05.250 PM", "2026-03-22 23:04:05.250000"),
        ("22/03/2026 12:00 a. m.", "2026-03-22 03:00:00"),
        ("2026-03-22T20:04:05Z", "2026-03-22 20:04:05"),
        ("2026-03-22 20:04:05+05:30", "2026-03-22 14:34:05"),
        ("2026/03/22 20:04 GMT-3", "2026-03-22 23:04:00"),
        ("2026-03-22T20:04:05.123456789-0300", "2026-03-22 23:04:05.123456"),
        ("1774220640", "2026-03-22 23:04:00"),
        ("1774220640500", "2026-03-22 23:04:00.500000"),
    ],
)
def test_times_as_people_and_programs_write_them(tmp_path: Path, text: str, utc: str) -> None:
    """I1: without a zone it is the survey's."""
    layout = Layout("csv", columns={"score": "Nota", "answered_at": "Data"})
    (found,) = take(write(tmp_path, f"Nota;Data\n4;{text}\n"), layout)
    assert isinstance(found, Answer), found
    assert found.answered_at == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ontem",
        "31/02/2026",
        "22/22/2026",
        "00/00/0000",
        "22/03/2026 25:00",
        "22/03-2026",
        "22/03/2026 13:00 PM",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01",
        "9999-12-31",
        "2026-03-22T20:04:05+99:99",
        "9" * 12,
        "1" * 400,
    ],
)
def test_what_is_no_date_is_refused_in_words(tmp_path: Path, text: str) -> None:
    """I8: never taken for another day, never an error."""
    layout = Layout("csv", columns={"score": "Nota", "answered_at": "Data"})
    ((line, reason),) = reasons(take(write(tmp_path, f"Nota;Data\n4;{text}\n"), layout))
    assert line == 2
    assert reason == "There is no date." if not text else f"“{text[:20]}" in reason


@pytest.mark.parametrize(("text", "score"), [("4", 4), (" 4 ", 4), ("4,0", 4), ("4.00", 4), ("+4", 4), ("04", 4)])
def test_scores_with_decimal_commas_are_read(tmp_path: Path, text: str, score: int) -> None:
    """I8."""
    (found,) = take(write(tmp_path, f'Nota;Data\n"{text}";22/03/2026\n'))
    assert isinstance(found, Answer)
    assert found.score == score


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no score"),
        ("ótimo", "“ótimo” is not a whole number"),
        ("4,5", "“4,5” is not a whole number"),
        ("-1", "“-1” is not"),
        ("0", "“0” is not on the scale from 1 to 5"),
        ("10", "“10” is not on the scale from 1 to 5"),
        ("9" * 5000, "… is not a whole number".replace("… ", "…” ")),
        ("\x1b[31m4", "“[31m4” is not"),
    ],
)
def test_scores_that_cannot_be_are_refused_with_what_they_are(tmp_path: Path, text: str, reason: str) -> None:
    """I2, I8, R7: the value is quoted, cleaned and cut."""
    layout = Layout("csv", columns={"score": "Nota", "answered_at": "Data"})
    ((line, said),) = reasons(take(write(tmp_path, f'Nota;Data\n"{text}";22/03/2026\n'), layout))
    assert line == 2
    assert reason in said
    assert len(said) < 120
    assert said.isprintable()


@pytest.mark.parametrize("value", [True, None, 4.5, float("nan"), float("inf"), [4, 5], {"a": 4}, "huge", "x"])
def test_json_scores_that_cannot_be_are_refused(tmp_path: Path, value: object) -> None:
    """I8: whatever JSON can hold."""
    layout = Layout("jsonl", columns={"score": "score", "answered_at": "at"})
    text = '{"score": 5, "at": "2026-03-22"}\n{"score": %s, "at": "2026-03-22"}\n'
    written = "9" * 5000 if value == "huge" else json.dumps(value)
    found = take(write(tmp_path, text % written, name="a.jsonl"), layout)
    assert [line for line, _reason in reasons(found)] == [2]


def test_lines_that_are_no_objects_are_refused_and_the_next_is_read(tmp_path: Path) -> None:
    """I8."""
    good = '{"score": 5, "answered_at": "2026-03-22", "comment": "a\\ud800\\u001b[0m\\u0000b"}'
    bad = ["{", "[]", "nul", '"x"', "[" * 100_000, '{"score": 5,}', "{}"]
    found = take(write(tmp_path, "\n".join([good, *bad, "", good]), name="a.jsonl"))
    assert [line for line, _reason in reasons(found)] == list(range(2, 9))
    assert isinstance(found[-1], Answer)
    assert found[-1].comment == "a[0mb"


def test_an_address_that_cannot_be_one_is_kept_for_a_person_to_mend(tmp_path: Path) -> None:
    """I3, I4: the answer is taken without it; what was written is not lost."""
    (found,) = take(write(tmp_path, "Nota;E-mail;Telefone\n1;ana@loja;12\n1;bia@loja.example;\n"))[:1]
    assert isinstance(found, Answer)
    assert (found.email, found.phone) == ("", "")
    assert dict(found.attributes) == {"E-mail": "ana@loja", "Telefone": "12"}


def test_a_file_without_times_has_its_own_and_the_same_ids_again(tmp_path: Path) -> None:
    """I1: an id made of the row does not depend on when the file was copied."""
    path = write(tmp_path, "Nota;Comentário\n1;Ruim\n")
    ids = []
    for stamp in (1774220640, 1874220640):
        os.utime(path, (stamp, stamp))
        (found,) = take(path)
        assert isinstance(found, Answer)
        assert found.answered_at == datetime.fromtimestamp(stamp, UTC)
        ids.append(content_hash(found))
    assert ids[0] == ids[1]


HEAD = "Código;Nota;Comentário;Data\n"


@pytest.mark.parametrize(
    ("rows", "ids", "refused"),
    [
        # A quotation mark that never closes takes one row, not the rest of the file.
        ('a;1;"nunca fecha;22/03/2026\nb;2;bom;22/03/2026\nc;3;bom;22/03/2026\n', "bc", [2]),
        # ...nor the rows up to the next quoted one.
        ('a;1;"nunca fecha;22/03/2026\nb;2;bom;22/03/2026\nc;3;"muito bom";22/03/2026\nd;4;x;22/03/2026\n', "bcd", [2]),
        # Marks inside a quoted cell that nobody doubled are read as Excel reads them.
        ('a;1;"disse "oi" e foi";22/03/2026\nb;2;bom;22/03/2026\n', "ab", []),
        # Marks inside a bare cell are nothing special.
        ('a;1;tela de 5" boa;22/03/2026\nb;2;bom;22/03/2026\n', "ab", []),
        ("a;1;um; dois;22/03/2026\nb;2;bom;22/03/2026\n", "b", [2]),
        ("a;1;bom;22/03/2026;;;\nb;2;bom;22/03/2026\n", "ab", []),
        ("a;1\nb;2;bom;22/03/2026\n", "b", [2]),
        ('a;1;"um\ndois\n\ntrês";22/03/2026\nb;9;bom;22/03/2026\n', "a", [6]),
        ("\n;;;\na;1;bom;22/03/2026\n\n\nb;9;bom;22/03/2026\n", "a", [7]),
        ('a;1;"' + "longo " * 20_000 + '";22/03/2026\nb;2;bom;22/03/2026\n', "b", [2]),
        ("a;1;" + "x" * 2_500_000 + ";22/03/2026\nb;2;bom;22/03/2026\n", "b", [2]),
        ('a;1;"' + "x\n" * 9_000, "", list(range(2, 9_002))),
        ('a;1;"um\n' + "x" * 2_500_000 + "\nb;2;bom;22/03/2026\n", "b", [2, 3]),
    ],
    ids=map(str, range(13)),
)
def test_a_broken_row_never_takes_its_neighbours(tmp_path: Path, rows: str, ids: str, refused: list[int]) -> None:
    """I8: each refused row with its line, and the rows around it read."""
    layout = Layout(
        "csv", columns={"external_id": "Código", "score": "Nota", "comment": "Comentário", "answered_at": "Data"}
    )
    found = take(write(tmp_path, HEAD + rows), layout)
    assert "".join(one.external_id for one in found if isinstance(one, Answer)) == ids
    assert [line for line, _reason in reasons(found)] == refused


def test_a_pasted_line_in_another_code_page_loses_nothing(tmp_path: Path) -> None:
    """I8: far behind the head, one row of code page 1252 in a file of UTF-8."""
    path = tmp_path / "a.csv"
    rows = b"".join(b"%d;5;bom;22/03/2026\n" % n for n in range(20_000))
    path.write_bytes(HEAD.encode() + rows + "z;1;não é maçã;22/03/2026\n".encode("cp1252"))
    assert guess(path).encoding == "utf-8"
    last = take(path)[-1]
    assert isinstance(last, Answer)
    assert last.comment == "não é maçã"


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (("12/11/2026", "13/12/2026"), "dmy"), (("11/12/2026", "12/13/2026"), "mdy"), (("12/12/2026", "1/2/26"), None),
        (("2026-11-22",), "ymd"), (("2026/13/01",), "ymd"), (("31/12/2026", "30/12/2026", "01/31/2026"), "dmy"),
        (("12/31/2026", "12/30/2026", "31/01/2026"), "mdy"), (("", "ontem", "32/13/2026"), None), (("12.31.2026",), "mdy"),
    ],
)  # fmt: skip
def test_i8_the_order_of_dates_is_what_most_of_those_that_say_so_show(
    dates: tuple[str, ...], order: str | None
) -> None:
    """A number above 12 is a day; up to 12 it may be either."""
    assert date_order(dates) == order


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("p,q,r;s\n1,2,3;4\n", ","), ("p;q;r,s\n1;2;3,4\n", ";"), ("p|q|r;s\n1|2|3;4\n", "|"), ("p\tq\tr,s\n1\t2\t3,4\n", "\t"),
        ("Nota,Um;dois;três;quatro\n4,1;2;3;4\n", ","), ("Nota;p,q\n4;1,5\n5;2\n6;3\n", ";"),
    ],
)  # fmt: skip
def test_i8_the_delimiter_is_what_gives_a_score_then_even_rows_then_most_columns(
    tmp_path: Path, text: str, delimiter: str
) -> None:
    assert guess(write(tmp_path, text)).delimiter == delimiter


@pytest.mark.parametrize("sign", ["ã", "€", "😀"])
def test_i8_a_character_that_the_end_of_the_looked_at_head_cuts_in_two_says_nothing_of_the_encoding(
    tmp_path: Path, sign: str
) -> None:
    for inside in range(1, len(sign.encode())):
        start = HEAD.replace("ó", "o").replace("á", "a").encode() + b"1;5;"
        text = start + b"x" * (textfile.HEAD - len(start) - inside) + sign.encode()
        path = tmp_path / f"{inside}.csv"
        path.write_bytes(text + b";22/03/2026\n")
        assert guess(path).encoding == "utf-8"
        assert textfile.guess_encoding(text[: textfile.HEAD]) == "utf-8"


def test_i8_pieces_from_farther_on_are_in_step_with_two_bytes_a_character(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for more in range(4):
        path.write_bytes(("1;5;22/03/2026\n" * 40_000 + "x" * more).encode("utf-16-le"))
        _head, pieces = textfile.samples(path)
        assert len(pieces) == 3
        assert {c for piece in pieces for c in piece.decode("utf-16-le")} <= set("1;5;22/03/2026\nx")


@pytest.mark.parametrize(
    ("utf8", "cp1252", "encoding"),
    [(3, 1, "utf-8"), (1, 1, "cp1252"), (1, 3, "cp1252"), (0, 1, "cp1252"), (1, 0, "utf-8")],
)
def test_i8_of_two_encodings_in_one_file_the_one_that_most_signs_are_in(utf8: int, cp1252: int, encoding: str) -> None:
    """What was pasted in from elsewhere is still read; what a whole file is in counts."""
    rows = b"1;5;bom\n" * 10 + "2;4;não\n".encode() * utf8 + "3;4;não\n".encode("cp1252") * cp1252
    assert textfile.guess_encoding(rows) == encoding


def test_nothing_that_is_read_can_move_the_cursor(tmp_path: Path) -> None:
    """R7: headings, names, attributes, comments."""
    evil = "\x1b]52;c;eA==\x07\x9b31m\u202e"
    path = write(
        tmp_path, f"Nota|Nome|Comentário|{evil}Loja|Cor{evil}?\n4|{evil}Ana|{evil}oi|{evil}Centro|{evil}azul\n"
    )
    (found,) = take(path)
    assert isinstance(found, Answer)
    texts = [found.name, found.comment, *(t for pair in (*found.attributes, *found.questions) for t in pair)]
    assert all(text.isprintable() for text in texts)
    assert found.attributes[0][1].endswith("Centro")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n ", "empty"),
        (b"PK\x03\x04" + b"x" * 50, "xlsx"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 50, "xls"),
        (b"%PDF-1.7", "pdf"),
        (b"PK\x03\x04[{}]", "xlsx"),
        (b"a;b\x00\n\x01;c\n" * 20, "not a text file"),
    ],
)
def test_a_file_that_is_no_table_is_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    """I8, bad input: what it is and what to do."""
    path = tmp_path / "answers.dat"
    path.write_bytes(content)
    with pytest.raises(FileTrouble, match=said):
        guess(path)


def test_a_file_that_is_not_there_or_no_file_is_one_sentence(tmp_path: Path) -> None:
    """Bad input: and a pipe that nobody writes to does not hang."""
    os.mkfifo(tmp_path / "pipe")
    for name, said in [("none.csv", "There is no file"), (".", "cannot be read|not a file"), ("pipe", "not a file")]:
        with pytest.raises(FileTrouble, match=said):
            guess(tmp_path / name)
        with pytest.raises(FileTrouble, match=said):
            read(tmp_path / name, Layout("csv", columns={"score": "Nota"}), scale=CSAT, zone=RECIFE)


def test_a_wrong_column_is_named_with_those_that_there_are(tmp_path: Path) -> None:
    """Bad input: before anything is read."""
    path = write(tmp_path, "Loja;Cor\nCentro;azul\n")
    for columns, said in [({}, "None of the columns .* Loja, Cor"), ({"score": "Nota"}, "no column “Nota”.*Loja, Cor")]:
        with pytest.raises(FileTrouble, match=said):
            read(path, Layout("csv", columns=columns), scale=CSAT, zone=RECIFE)
    path = write(tmp_path, '{"a": 1}\n', name="a.jsonl")
    with pytest.raises(FileTrouble, match="no column “score”; it has: a"):
        read(path, Layout("jsonl", columns={"score": "score"}), scale=CSAT, zone=RECIFE)
    assert headings(path, Layout("jsonl")) == ["a"]


@pytest.mark.parametrize(
    "change",
    [
        {"encoding": "klingon"},
        {"encoding": "base64"},
        {"delimiter": ""},
        {"delimiter": '"'},
        {"date_order": "ydm"},
        {"format": "xlsx"},
        {"columns": {"colour": "Nota"}},
        {"surprise": 1},
    ],
)
def test_a_remembered_layout_that_cannot_be_is_one_sentence(tmp_path: Path, change: dict[str, object]) -> None:
    """I8: what is remembered per survey may be old or mended by hand."""
    values = {**Layout("csv", columns={"score": "Nota"}).to_dict(), **change}
    with pytest.raises(FileTrouble, match="."):  # noqa: RUF043
        take(write(tmp_path, "Nota\n4\n"), Layout.from_dict(values))


def test_a_layout_is_remembered_whole(tmp_path: Path) -> None:
    """I8: through JSON and back."""
    layout = guess(write(tmp_path, PORTUGUESE, "cp1252"))
    assert Layout.from_dict(json.loads(json.dumps(layout.to_dict()))) == layout


def test_columns_of_one_name_and_of_none_are_told_apart(tmp_path: Path) -> None:
    """I8."""
    path = write(tmp_path, "Nota;Loja;Loja;\n4;Centro;Norte;x\n")
    assert headings(path, guess(path)) == ["Nota", "Loja", "Loja (2)", "(4)"]
    (found,) = take(path)
    assert isinstance(found, Answer)
    assert found.attributes == (("Loja", "Centro"), ("Loja (2)", "Norte"), ("(4)", "x"))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """I8: half a megabyte or two take the same."""
    peaks = []
    for count in (5_000, 20_000):
        path = write(tmp_path, HEAD + f"a;1;{'x' * 80};22/03/2026\n" * count)
        layout = guess(path)
        tracemalloc.start()
        assert sum(1 for _one in read(path, layout, scale=CSAT, zone=RECIFE)) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 200_000
    assert peaks[1] < 3_000_000


ANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ANY
@given(st.binary(max_size=400) | st.text('";,\n\r\t0a{}[]:/é', max_size=300).map(str.encode))
@example(b'Nota;"\n"";"\r"')
@example(b'{"score":1}\n{"score":')
@example(b"\xff\xfe\x00\xd8\x00")
@example(b"a;b\n\xff\xff\n" * 50)
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    """I8: never an error but FileTrouble for the whole, never silence."""
    path = tmp_path / "any"
    path.write_bytes(b"Nota;Data;Obs\n" + content)
    for layout in (
        Layout("csv", columns={"score": "Nota"}),
        Layout("csv", "utf-16", columns={"score": "Nota"}),
        Layout("jsonl", columns={"score": "score"}),
    ):
        try:
            found = take(path, layout)
        except FileTrouble:
            continue
        assert all(one.line >= 1 for one in found if isinstance(one, Refused))
    path.write_bytes(content)
    try:
        layout = guess(path)
        take(path, layout)
    except FileTrouble as trouble:
        assert line(str(trouble)) == str(trouble)


WORDS = st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), max_size=30)


@ANY
@given(
    rows=st.lists(
        st.tuples(st.integers(0, 10), WORDS, WORDS, st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)))
    ),
    delimiter=st.sampled_from(";,\t|"),
    encoding=st.sampled_from(["cp1252", "utf-8", "utf-8-sig", "utf-16"]),
    ends=st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_spreadsheet_writes_is_read_back(
    tmp_path: Path, rows: list[tuple[int, str, str, datetime]], delimiter: str, encoding: str, ends: str
) -> None:
    """I8: whatever the comments hold, in every encoding and with every delimiter."""
    out = io.StringIO()
    table = csv.writer(out, delimiter=delimiter, lineterminator=ends)
    table.writerow(["Nota", "Comentário", "Observação da loja", "Data"])
    for score, said, more, when in rows:
        table.writerow([score, said, f"{more}\n{said}", f"{when:%d/%m/%Y %H:%M:%S}"])
    path = write(tmp_path, out.getvalue(), encoding)
    layout = Layout(
        "csv", encoding, delimiter, columns={"score": "Nota", "comment": "Comentário", "answered_at": "Data"}
    )
    found = take(path, layout, scale=NPS)
    assert reasons(found) == []
    assert [(a.score, a.comment) for a in found if isinstance(a, Answer)] == [
        (s, clean(c).strip()) for s, c, _m, _w in rows
    ]
    assert [a.answered_at for a in found if isinstance(a, Answer)] == [
        w.replace(microsecond=0, tzinfo=RECIFE).astimezone(UTC) for _s, _c, _m, w in rows
    ]
    assert guess(path).delimiter == delimiter


def test_a_file_of_e164_numbers_is_read_without_the_phone_library(tmp_path: Path) -> None:
    """Measured: the library costs 20 ms to load, and most files do not need it."""
    path = write(tmp_path, PORTUGUESE)
    code = (
        "import sys; from zoneinfo import ZoneInfo; from domain.answers import CSAT\n"
        "from gateways.answerfile import guess, read\n"
        "list(read(sys.argv[1], guess(sys.argv[1]), scale=CSAT, zone=ZoneInfo('America/Recife')))\n"
        "sys.exit('phonenumbers' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code, str(path)], cwd=Path(__file__).parents[2], check=False).returncode
        == 0
    )

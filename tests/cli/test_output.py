"""What is printed: nothing from outside moves a cursor, tables fit, pipes may close (R7, issue: commands)."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli import output
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
HOSTILE = "a\x1b[31mb\x9b2Jc\u202ed\u2066e\x7f\nf[bold]\ud800g"


class Terminal(io.StringIO):
    """A stdout that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def _table(rows: list[tuple[str, ...]], room: int | None) -> list[str]:
    columns = [output.Column("#", right=True), output.Column("Name", most=12, gives=True), output.Column("Who")]
    return output.Table(columns, room).lines(rows)


def test_columns_are_aligned_by_cells() -> None:
    """Wide and combining characters do not push the next column."""
    lines = _table([("1", "日本語", "ana"), ("12", "Jose\u0301", "bia"), ("3", "x", "—")], 80)
    starts = {output.cells(text[: text.index(who)]) for text, who in zip(lines[1:], ("ana", "bia", "—"), strict=True)}
    assert len(starts) == 1


def test_a_table_is_never_wider_than_the_terminal() -> None:
    for room in (20, 24, 30, 40, 80):
        for text in _table([("1042", "Maria 日本 " * 9, "anabela"), ("1", "", "")], room):
            assert output.cells(text) <= room


def test_the_widest_column_gives_way_first_and_an_empty_one_takes_no_room() -> None:
    columns = [output.Column(""), output.Column("A", gives=True), output.Column("B", gives=True), output.Column("Who")]
    head, text = output.Table(columns, 40).lines([("", "a" * 12, "b" * 50, "ana")])
    assert head.startswith("A ")
    assert text.startswith("a" * 12) and text.endswith("…  ana")
    assert output.cells(text) == 40


def test_nothing_is_cut_for_a_pipe() -> None:
    assert "x" * 500 in _table([("1", "x" * 500, "ana")], None)[1]


def test_a_table_is_cleaned() -> None:
    """Cells are one line without control or bidi characters, whatever a customer is called (R7)."""
    (_head, text) = _table([("1", HOSTILE, "ana")], None)
    assert text.isprintable()
    assert "[bold]" in text


def test_json_is_exact_and_safe_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a terminal would obey is escaped; who parses it gets exactly what it was (R7)."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stdout", stream)
    text = output.as_json({"name": HOSTILE, "city": "São Paulo"})
    assert json.loads(text) == {"name": HOSTILE, "city": "São Paulo"}
    assert not set(text) & set("\x1b\x9b\u202e\u2066\x7f\n")
    assert "São Paulo" in text


def test_colours_only_on_a_terminal_and_not_against_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    assert output.paint("x", "red") == "x"
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert output.paint("x", "red") == "\x1b[31mx\x1b[0m"
    monkeypatch.setenv("TERM", "dumb")
    assert output.paint("x", "red") == "x"
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert output.paint("x", "red") == "x"


def test_a_reader_who_goes_away_is_no_trouble(shop: Path) -> None:
    """`retorno tickets | head -0`: quiet, and the code of a closed pipe."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "tickets", "--json"],
        cwd=ROOT,
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        timeout=180,
        check=False,
    )
    os.close(write)
    assert done.stderr == ""
    assert done.returncode == 141


def test_an_encoding_without_our_signs_does_not_stop_a_command(shop: Path) -> None:
    """A Latin-1 terminal gets escapes instead of a traceback; JSON stays JSON."""
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    command = [sys.executable, "-m", "cli.main", "tickets"]
    shown = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=180, check=True)
    assert "Menezes" in shown.stdout.decode("latin-1")
    asked = subprocess.run(
        [*command, "--json"], cwd=ROOT, env=environment, capture_output=True, timeout=180, check=True
    )
    assert {t["customer"] for t in json.loads(asked.stdout.decode("latin-1"))} >= {"Ciça Rocha"}


def test_a_fault_of_ours_is_a_sentence_and_not_a_traceback(
    run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code 70; RETORNO_DEBUG shows where."""
    monkeypatch.setattr("cli.shapes.ticket_row", lambda row: 1 / 0)
    said = run("tickets", "--json")
    assert said.code == 70
    assert "ZeroDivisionError" in said.err and "Traceback" not in said.err
    monkeypatch.setenv("RETORNO_DEBUG", "1")
    assert "Traceback" in run("tickets", "--json").err


def test_ctrl_c_is_quiet(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_words: object, **_more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("loop.queue.page", interrupted)
    said = run("tickets")
    assert (said.code, said.out, said.err) == (130, "", "")

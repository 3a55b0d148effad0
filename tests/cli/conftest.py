"""Commands run in this process against real databases; a few tests start a process of their own."""

import io
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.main import main

ANSWERS = (
    "id;data;nome;e-mail;telefone;nota;comentário;loja\n"
    "a1;02/10/2026 10:00;Iara Menezes;iara@cliente.example;;2;O sofá veio rasgado e ninguém atende.;Recife\n"
    "a2;03/10/2026 11:30;Bento Prado;bento@cliente.example;;9;Entrega antes do prazo!;Natal\n"
    "a3;03/10/2026 12:00;Ciça Rocha;cica@cliente.example;;7;Bom, mas caro.;Natal\n"
    "a4;04/10/2026 09:15;Davi Anônimo;;;0;Nunca mais.;Recife\n"
    "a5;05/10/2026 16:40;Enzo Sá;enzo@cliente.example;;onze;nota que não existe;Recife\n"
)
"""Five rows in the way of a Brazilian spreadsheet: one of them has no way to be reached, one no score that exists."""


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output as JSON."""
        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("tickets", "--json")` as the command line would, in this process; `stdin` is text for standard input."""

    def call(*argv: str, stdin: str = "") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        capsys.readouterr()
        code = main([str(word) for word in argv])
        return Result(code, *capsys.readouterr())

    return call


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """The sample as a file in code page 1252."""
    path = tmp_path / "respostas.csv"
    path.write_bytes(ANSWERS.encode("cp1252"))
    return path


@pytest.fixture
def empty_db(sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with tables and nobody in it, named by RETORNO_DB."""
    path = tmp_path / "loja.db"
    shutil.copy(sqlite_template, path)
    monkeypatch.setenv("RETORNO_DB", f"sqlite:///{path}")
    return path


@pytest.fixture
def shop(empty_db: Path, answers: Path, run: Run) -> Path:
    """A personal database with its owner, and the sample's answers in it: three tickets."""
    assert run("init").code == 0
    assert run("import", answers, "--survey", "Pós-venda").code == 1
    return empty_db

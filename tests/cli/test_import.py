"""`retorno import` and `retorno imports` (I8)."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Run


def test_i8_a_dry_run_shows_columns_and_first_rows_and_keeps_nothing(run: Run, empty_db: Path, answers: Path) -> None:
    """I8: what each column is taken for and why, which row would be refused, what would come of it."""
    assert run("init").code == 0
    shown = run("import", answers, "--survey", "Pós-venda", "--dry-run")
    assert shown.code == 1
    for words in ("code page 1252", "semicolons", "Customer's e-mail", "by its heading", "iara@cliente.example"):
        assert words in shown.out
    assert "5 rows read: 4 would be imported" in shown.out
    found = run("import", answers, "--survey", "Pós-venda", "--dry-run", "--json").json
    assert found["imported"] == 4
    assert {c["heading"]: c["field"] for c in found["preview"]["columns"]}["nota"] == "score"
    assert run("imports", "list", "--json").json == []
    assert run("tickets", "--json").json == []


def test_i8_one_row_and_one_ticket_are_not_told_as_several(run: Run, empty_db: Path, tmp_path: Path) -> None:
    assert run("init").code == 0
    file = tmp_path / "uma.csv"
    file.write_text("nota,email,comentario,data\n3,iara@cliente.example,Tarde,2026-11-19\n", "utf-8")
    asked = ("import", file, "--survey", "Uma", "--scale", "nps")
    told = run(*asked, "--dry-run").out
    assert "1 row read: 1 would be imported" in told and "1 ticket would open." in told
    assert run(*asked).out.startswith("1 row read: 1 imported, 0 here already, 0 refused; 1 ticket opened.")


def test_i8_columns_are_corrected_and_remembered(run: Run, empty_db: Path, answers: Path) -> None:
    """I8: left out, taken for another field, forgotten again."""
    assert run("init").code == 0

    def roles(*more: str) -> dict[str, tuple[str, str]]:
        found = run("import", answers, "--survey", "Pós-venda", "--dry-run", "--json", *more).json["preview"]
        return {c["heading"]: (c["role"], c["field"]) for c in found["columns"]}

    fixed = ("--leave-out", "loja", "--question", "telefone", "--column", "customer_id=id")
    wanted = {"loja": ("out", ""), "telefone": ("question", ""), "id": ("field", "customer_id")}
    assert roles(*fixed).items() >= wanted.items()
    assert run("import", answers, "--survey", "Pós-venda", *fixed).code == 1
    assert roles().items() >= wanted.items()
    assert roles("--attribute", "loja")["loja"] == ("attribute", "")
    assert roles("--forget")["loja"] == ("attribute", "")
    assert run("import", answers, "--survey", "pos-venda", "--forget").code == 1
    assert roles()["loja"] == ("attribute", "")


def test_i8_refused_rows_are_saved_mended_and_imported(run: Run, empty_db: Path, answers: Path, tmp_path: Path) -> None:
    """I8: with the import, or later by its number."""
    assert run("init").code == 0
    out = tmp_path / "recusadas.csv"
    done = run("import", answers, "--survey", "Pós-venda", "--refused", out)
    assert (done.code, "1 refused rows are in" in done.out) == (1, True)
    (line,) = run("imports", "list", "--json").json
    assert (line["file"], line["state"], line["imported"], line["refused"]) == ("respostas.csv", "done", 4, 1)
    assert "respostas.csv" in run("imports", "list").out
    later = tmp_path / "again.csv"
    assert run("imports", "refused", line["id"], "--to", later, "--json").json["rows"] == 1
    assert later.read_bytes() == out.read_bytes()
    assert run("imports", "refused", line["id"], "--to", later).code == 4, "nothing is written over"
    assert run("imports", "refused", "99", "--to", tmp_path / "x").code == 4
    assert run("imports", "refused", "x", "--to", tmp_path / "x").code == 2
    out.write_text(out.read_text("utf-8").replace("onze", "10"), "utf-8")
    again = run("import", out, "--survey", "Pós-venda")
    assert (again.code, "1 imported" in again.out) == (0, True)


def test_i8_ctrl_c_while_a_file_is_read_leaves_nothing(run: Run, empty_db: Path, tmp_path: Path) -> None:
    """I8: whenever it comes, the import is not there or whole; and the command says which."""
    assert run("init").code == 0
    pipe = tmp_path / "long.csv"
    pipe.write_text("id;nota;data\n" + "".join(f"c{n};{n % 11};22/03/2026\n" for n in range(60_000)))
    code = (
        "import os, signal, sys\n"
        "from cli.commands import importing\n"
        "told = importing._Ticker.told\n"
        "def stop(self, now):\n"
        "    told(self, now)\n"
        "    if now.rows == 2000: os.kill(os.getpid(), signal.SIGINT)\n"
        "importing._Ticker.told = stop\n"
        "from cli.main import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "import", str(pipe), "--survey", "Longa"],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "RETORNO_DB": f"sqlite:///{empty_db}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 130, (done.stderr, signal.SIGINT)
    assert "Stopped. Nothing was imported." in done.stderr
    assert run("imports", "list", "--json").json == []

"""Which database, who acts, and what is said when the set-up stands in the way (issue: commands, bad input)."""

import contextlib
import fcntl
import os
import pty
import select
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]


def test_the_database_is_found_in_its_order(
    run: Run, sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    """--db, else RETORNO_DB, else the configuration's, else a file in the platform's data folder."""
    for name in ("argument", "environment", "file"):
        shutil.copy(sqlite_template, tmp_path / f"{name}.db")
        assert run("init", "--db", tmp_path / f"{name}.db", "--name", name).code == 0
    config = tmp_path / "config.toml"
    config.write_text(f'database = "{tmp_path / "file.db"}"\n')

    def owner(*options: str) -> str:
        said = run("user", "list", "--json", *options)
        return said.json[0]["name"] if said.code == 0 else said.err

    assert "no database" in owner()
    assert run("init", "--name", "platform").code == 0
    assert owner() == "platform"
    assert [p.suffix for p in own_home.rglob("retorno*") if p.is_file()]
    assert owner("--config", str(config)) == "file"
    monkeypatch.setenv("RETORNO_CONFIG", str(config))
    assert owner() == "file"
    monkeypatch.setenv("RETORNO_DB", f"sqlite:///{tmp_path / 'environment.db'}")
    assert owner() == "environment"
    assert owner("--db", str(tmp_path / "argument.db")) == "argument"


@pytest.mark.parametrize("command", [["tickets"], ["start", "1"], ["import", "x.csv", "--survey", "x"], ["worker"]])
def test_without_a_database_the_way_to_one_is_named(run: Run, tmp_path: Path, command: list[str]) -> None:
    said = run(*command, "--db", tmp_path / "none.db")
    assert said.code == 3
    assert "retorno init" in said.err and said.out == ""
    assert not (tmp_path / "none.db").exists()


def test_a_newer_database_is_left_alone(run: Run, shop: Path) -> None:
    with sqlite3.connect(shop) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    before = shop.read_bytes()
    for command in (["tickets"], ["init"], ["start", "1"]):
        said = run(*command)
        assert said.code == 3, command
        assert "newer" in said.err and "9999" in said.err
    assert shop.read_bytes() == before


@pytest.mark.parametrize("content", [b"this is no database at all, but a letter\n" * 100, b""])
def test_a_file_that_is_no_database_is_left_alone(run: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(content)
    said = run("tickets", "--db", path)
    assert said.code == 3
    assert said.err.startswith("retorno: ") and said.err.count("\n") == 1
    assert path.read_bytes() == content


def test_a_database_server_that_is_not_there_ends_with_5(run: Run) -> None:
    """And its password is not in what is said (R3)."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for command in ("tickets", "init"):
        said = run(command, "--db", f"postgresql://ana:geheim@127.0.0.1:{port}/retorno")
        assert said.code == 5, said.err
        assert "geheim" not in said.err and "Traceback" not in said.err


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "postgresql://[::1/x"])
def test_an_address_that_is_none_ends_with_3(run: Run, url: str) -> None:
    said = run("tickets", "--db", url)
    assert said.code == 3
    assert said.err.count("\n") == 1


def test_a_configuration_that_cannot_be_read_ends_with_3(run: Run, shop: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("database = \n")
    said = run("tickets", "--config", config)
    assert said.code == 3
    assert "config.toml" in said.err
    assert run("tickets", "--config", tmp_path / "none.toml").code == 3


def test_who_acts_is_the_operating_system_s_user(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever USER and LOGNAME say: those anybody can set."""
    import pwd

    me = pwd.getpwuid(os.getuid()).pw_name
    for name in ("USER", "LOGNAME", "USERNAME", "LNAME"):
        monkeypatch.setenv(name, "mallory")
    assert run("start", "1", "--take").code == 0
    assert run("ticket", "1", "--json").json["assignee"] == me


def test_somebody_who_is_not_known_is_told_who_can_help(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loop.desk.system_login", lambda: "mallory")
    said = run("tickets")
    assert said.code == 3
    assert "mallory" in said.err and "user add" in said.err


def test_as_is_taken_on_a_personal_database(run: Run, shop: Path) -> None:
    assert run("user", "add", "bia", "--flow", "Customers").code == 0
    assert run("start", "2", "--take", "--as", "bia").code == 0
    assert run("ticket", "2", "--json").json["assignee"] == "bia"
    assert run("tickets", "--as", "nobody-here").code == 3


def test_as_is_never_taken_on_a_shared_database(run: Run, empty_db: Path) -> None:
    """Not even by the owner, nor for oneself: on a shared one it would be a disguise."""
    assert run("init", "--shared").code == 0
    assert run("user", "add", "bia", "--flow", "Customers").code == 0
    said = run("user", "list", "--as", "bia", "--json")
    assert said.code == 1
    assert "shared" in said.err and said.out == ""
    assert run("init").code == 0, "doing it again changes nothing"
    assert run("user", "list", "--as", "bia").code == 1


def test_init_makes_one_owner_once(run: Run, empty_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is owner; who runs init later gets nothing by it."""
    assert run("init").code == 0
    monkeypatch.setattr("loop.desk.system_login", lambda: "mallory")
    assert run("init").code == 0
    assert run("tickets").code == 3
    monkeypatch.undo()
    assert run("init", "--as", "mallory").code == 2


def test_only_the_owner_lets_people_in(run: Run, shop: Path) -> None:
    """P1."""
    assert run("user", "add", "bia", "--level", "administrator").code == 0
    said = run("user", "add", "caio", "--as", "bia")
    assert said.code == 1
    assert {p["login"]: p["level"] for p in run("user", "list", "--json").json}.keys() >= {"bia"}
    assert "caio" not in run("user", "list").out
    assert run("user", "add", "bia").code == 1, "twice"
    assert run("user", "add", "dora", "--flow", "no such flow").code == 1
    assert "dora" not in run("user", "list").out


def test_without_a_terminal_the_screen_says_so(run: Run, shop: Path) -> None:
    said = run()
    assert said.code == 3
    assert "terminal" in said.err and "retorno --help" in said.err


@pytest.mark.parametrize(("term", "size", "words"), [("dumb", (24, 80), "TERM=dumb"), ("xterm", (10, 40), "40x10")])
def test_a_terminal_that_cannot_show_the_screen_is_told(
    shop: Path, term: str, size: tuple[int, int], words: str
) -> None:
    """Too small or dumb: a sentence, exit code 3, and nothing drawn."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    done = subprocess.run(
        [sys.executable, "-m", "cli.main"],
        cwd=ROOT,
        env={**os.environ, "TERM": term},
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        text=True,
        timeout=180,
        check=False,
    )
    os.close(theirs)
    os.set_blocking(ours, False)
    try:
        drawn = os.read(ours, 1000)
    except OSError:
        drawn = b""
    os.close(ours)
    assert (done.returncode, drawn) == (3, b"")
    assert words in done.stderr


def test_without_a_command_the_screen_opens(shop: Path) -> None:
    """The one door between the two faces: the list is drawn, and SIGTERM ends it in order."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main"], cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as screen:
        os.close(theirs)
        drawn = b""
        try:
            while b"Iara" not in drawn:
                assert select.select([ours], [], [], 90)[0], drawn
                drawn += os.read(ours, 65536)
            screen.terminate()
            with contextlib.suppress(OSError):  # the other end is closed: it has ended
                while os.read(ours, 65536):
                    pass
            assert screen.wait(90) == 128 + signal.SIGTERM
        finally:
            screen.kill()
            os.close(ours)

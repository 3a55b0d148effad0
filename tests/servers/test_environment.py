"""The ground the other tests stand on."""

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import platformdirs
import pytest
from sqlalchemy import create_engine, text

from storage.database import Database
from tests.servers import postgres


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_an_empty_database(db_url: str, turn: int) -> None:
    """R1: the same statements on both databases, and nothing left of the turn before."""
    engine = create_engine(db_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE mine (n INTEGER)"))
        connection.execute(text("INSERT INTO mine VALUES (1)"))
        assert connection.execute(text("SELECT count(*) FROM mine")).scalar() == 1
    engine.dispose()


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_tables_of_its_own(migrated_url: str, turn: int) -> None:
    """A copy is a database of the newest version, and one test's rows are not another's."""
    database = Database(migrated_url)
    database.check_version()
    with database.engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM tags")).scalar() == 0
        connection.execute(text("INSERT INTO tags (id, name) VALUES (1, 'mine')"))
    database.close()


def test_the_persons_own_folders_are_out_of_reach(own_home: Path) -> None:
    """Tests never read or write the data of whoever runs them."""
    for folder in (platformdirs.user_data_path("retorno"), platformdirs.user_config_path("retorno"), Path.home()):
        assert folder.is_relative_to(own_home)


def test_the_environment_is_the_same_everywhere() -> None:
    """Settings, colours and clock of the machine do not reach a test."""
    assert time.tzname == ("UTC", "UTC")
    assert "NO_COLOR" not in os.environ
    assert [name for name in os.environ if name.startswith("RETORNO_")] in ([], ["RETORNO_REQUIRE_SERVERS"])


@pytest.mark.postgres
def test_a_killed_run_leaves_no_server_behind(postgres_cluster: postgres.Cluster) -> None:
    """The server dies with the tests, even when these are killed, and the next run removes its folder."""
    run = "from tests.servers import postgres as p\nwith p.running(p.binaries()) as c: print(c.folder, flush=True); input()"
    child = subprocess.Popen(
        [sys.executable, "-c", run], cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    folder = Path(child.stdout.readline().strip())
    server = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    handle = os.pidfd_open(server)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert select.select([handle], [], [], 20)[0], "the server outlived the tests"
    os.close(handle)
    postgres._sweep()
    assert not folder.exists()
    assert postgres_cluster.folder.exists()

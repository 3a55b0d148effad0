"""What every test gets: a home of its own, a quiet environment, and both databases."""

import importlib.util
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.servers import missing, postgres

REQUIRE_SERVERS = "RETORNO_REQUIRE_SERVERS"

pytest_plugins = [name for name in ("tests.servers.fixtures",) if importlib.util.find_spec(name)]

# Colours, languages, widths and settings of whoever runs the tests must not change what they see.
_UNSET = (
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR",
    "COLORTERM",
    "COLUMNS",
    "LINES",
    "LANGUAGE",
    "EDITOR",
    "VISUAL",
    "BROWSER",
)
_SET = {"TZ": "UTC", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
_FOLDERS = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")

# A busy machine is no reason to fail: neither one slow example nor slow making of examples.
# The same examples each time, so that what was green stays green; `make soak` looks for others.
settings.register_profile(
    "retorno", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, database=None
)
settings.register_profile("soak", settings.get_profile("retorno"), derandomize=False)


def _move_home(environment: pytest.MonkeyPatch, home: Path) -> None:
    """HOME and the XDG folders, which programs make when they need them."""
    environment.setenv("HOME", str(home))
    for name in _FOLDERS:
        environment.setenv(name, str(home / name.lower()))


def pytest_configure(config: pytest.Config) -> None:
    """Before anything of ours is imported, and so also for fixtures that outlive one test."""
    settings.load_profile("soak" if config.getoption("markexpr") == "soak" else "retorno")
    environment = pytest.MonkeyPatch()
    config.add_cleanup(environment.undo)
    for name in os.environ:
        ours = name.startswith(("RETORNO_", "TEXTUAL")) and not name.startswith("TEXTUAL_SNAPSHOT")
        if name in _UNSET or (ours and name != REQUIRE_SERVERS):
            environment.delenv(name)
    for name, value in _SET.items():
        environment.setenv(name, value)
    time.tzset()
    home = tempfile.TemporaryDirectory(prefix="retorno-home-")
    config.add_cleanup(home.cleanup)
    _move_home(environment, Path(home.name))


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder that no other test has written to: what one test keeps there is no other's, nor the person's."""
    home = tmp_path_factory.mktemp("home")
    _move_home(monkeypatch, home)
    return home


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[postgres.Cluster]:
    """One cluster for each process of tests, started by the first test that needs it."""
    binaries = postgres.binaries()
    if binaries is None:
        missing("PostgreSQL is not installed (apt-get install --no-install-recommends postgresql)")
    with postgres.running(binaries) as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres_cluster: postgres.Cluster) -> Iterator[str]:
    """The URL of a fresh, empty PostgreSQL database."""
    name = postgres_cluster.create()
    yield postgres_cluster.url(name)
    postgres_cluster.drop(name)


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def db_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a fresh, empty database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'x.sqlite'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables and no rows, to be copied."""
    path = tmp_path_factory.mktemp("template") / "x.sqlite"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_cluster: postgres.Cluster) -> str:
    """The name of a PostgreSQL database with all tables and no rows, to be copied."""
    name = postgres_cluster.create()
    _migrate(postgres_cluster.url(name))
    return name


@pytest.fixture(params=BOTH)
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database of the newest version, a copy, which is much quicker than migrating for each test."""
    if request.param == "sqlite":
        path = tmp_path / "x.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template, cluster = request.getfixturevalue("postgres_template"), request.getfixturevalue("postgres_cluster")
    name = cluster.create(template)
    yield cluster.url(name)
    cluster.drop(name)


def _migrate(url: str) -> None:
    from storage.database import Database  # only where a test asks for tables: it costs the import of SQLModel

    database = Database(url)
    database.upgrade()
    database.close()

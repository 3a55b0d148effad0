"""A PostgreSQL of our own: a throwaway cluster on a Unix socket, owned by nobody in particular.

Nothing is durable (fsync off) and nobody else can reach it: no port is opened, and its folder is its owner's alone.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

_FOLDER = "retorno-pg-"
_SUPERUSER = "retorno"
_MEMORY = "/dev/shm"
_TRIES = 12
_ROOM = 4 * 1024**3
"""Bytes that must be free there: each process of the tests has a cluster of its own."""
_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


def binaries() -> Path | None:
    """The folder that holds initdb and postgres, newest version first; None where PostgreSQL is not installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    for folder in [*debian, *([Path(on_path).resolve().parent] if on_path else [])]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


class Cluster:
    """A running server. `create` makes databases, `drop` forgets them; names are given out by the cluster."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)

    def url(self, database: str) -> str:
        """What SQLAlchemy connects to."""
        return f"postgresql+psycopg://{_SUPERUSER}@/{database}?host={self.folder}"

    def create(self, template: str = "template0") -> str:
        """The name of a new database, a copy of `template`, to which nobody may be connected."""
        name = f"test_{next(self._numbers)}"
        for left in reversed(range(_TRIES)):
            try:
                self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}"), name, template)
            except psycopg.errors.ObjectInUse:
                # Whoever was connected has left, but on a busy machine the server is not done with them in its five seconds.
                if not left:
                    raise
            else:
                break
        return name

    def drop(self, database: str) -> None:
        """Forget a database, also when a test left connections open."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), database)

    def _run(self, statement: sql.SQL, *names: str) -> None:
        with psycopg.connect(host=str(self.folder), user=_SUPERUSER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.format(*map(sql.Identifier, names)))


@contextmanager
def running(binaries: Path) -> Iterator[Cluster]:
    """Start a cluster and stop it at the end; it also stops when this process dies.

    Raises RuntimeError with the server's own words where it does not start.
    """
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-", dir=_place()))
    who = _unprivileged()
    try:
        if who:
            os.chown(folder, who.pw_uid, who.pw_gid)
        as_owner = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if who else {}
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        made = subprocess.run(
            [binaries / "initdb", "-D", folder / "data", "-U", _SUPERUSER, "-E", "UTF8", "--auth=trust", "--no-sync"],
            cwd=folder, env=environment, capture_output=True, text=True, check=False, **as_owner,
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(f"initdb: {made.stderr.strip()}")
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", folder / "data", "-k", folder, *_settings()],
                cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=_die_with_parent, **as_owner,
            )  # fmt: skip
        try:
            _await_ready(server, folder)
            yield Cluster(folder)
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(timeout=90)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _place() -> str:
    """Where clusters lie: in memory where there is room, as a database is some hundred files and each test makes one."""
    try:
        room = os.statvfs(_MEMORY)
    except OSError:
        return "/tmp"
    roomy = room.f_bavail * room.f_frsize > _ROOM
    return _MEMORY if roomy and os.access(_MEMORY, os.W_OK) else "/tmp"


def _settings() -> list[str]:
    values = {
        "listen_addresses": "",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "autovacuum": "off",
        "max_connections": "50",
        "shared_buffers": "32MB",
        "timezone": "UTC",
    }
    return [word for name, value in values.items() for word in ("-c", f"{name}={value}")]


def _await_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    """Connect until it answers; a server that ended instead says why in its log."""
    while True:
        try:
            psycopg.connect(host=str(folder), user=_SUPERUSER, dbname="postgres", connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            try:
                server.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                continue
            raise RuntimeError(f"postgres: {(folder / 'log').read_text(errors='replace').strip()}") from None


def _unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: who to become instead. None where we are somebody ordinary already."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _die_with_parent() -> None:
    """On Linux the kernel ends the server when the tests are killed; it is set after the change of user, which clears it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGQUIT)


def _sweep() -> None:
    """Remove folders that tests left behind when they were killed: those whose process is gone."""
    for folder in [f for place in ("/tmp", _MEMORY) for f in Path(place).glob(f"{_FOLDER}*")]:
        pid = folder.name.removeprefix(_FOLDER).partition("-")[0]
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

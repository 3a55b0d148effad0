"""What must not be imported, what must be declared, and what must stay out of the lock files.

Who may import whom is held by import-linter (`make lint`); here is what only a running interpreter can tell.
"""

import ast
import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("domain", "storage", "mail", "gateways", "loop", "tui", "cli", "demo", "bench")

# Pure libraries that domain/ may use because they do the job better (a parser, holidays, a stemmer).
DOMAIN_LIBRARIES = {"babel", "phonenumbers"}

# What costs a noticeable part of a second to import, and is of no use to `retorno --help`.
HEAVY = {
    "textual",
    "rich",
    "sqlmodel",
    "sqlalchemy",
    "alembic",
    "psycopg",
    "jinja2",
    "aiosmtplib",
    "imapclient",
    "uvicorn",
}

# Foundations that come with what stands on them, in the versions that ask for each other: SQLModel's, Textual's, pymap's.
WITH = {"sqlalchemy": ["storage", "demo"], "rich": ["tui"], "pysasl": ["demo"], "proxyprotocol": ["demo"]}


def loaded_by(code: str) -> set[str]:
    """The top-level names of the modules that a clean interpreter has loaded after running `code`."""
    report = "\nimport json, sys\nprint('\\n' + json.dumps(sorted({n.partition('.')[0] for n in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", code + report], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def modules(room: str) -> list[str]:
    """The dotted names of all modules in a room, but for migrations: those Alembic runs, nobody imports them."""
    paths = [path.relative_to(ROOT).with_suffix("") for path in sorted((ROOT / room).rglob("*.py"))]
    return [".".join(path.parts).removesuffix(".__init__") for path in paths if "migrations" not in path.parts]


def imports_in(room: str) -> set[str]:
    """The top-level names that a room's files import, also inside functions."""
    found: set[str] = set()
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found


def declared() -> set[str]:
    """The distributions that pyproject.toml asks for to run, with the demo's and the keyring's, names normalised."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    words = project["dependencies"] + extras["demo"] + extras["keyring"]
    return {_normal(re.split(r"[\[<>=!~; ]", word)[0]) for word in words}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_loaded_by_sees_an_import() -> None:
    """The ruler itself: a module that was loaded is seen, one that was not is not."""
    seen = loaded_by("import sqlite3; print('noise')")
    assert "sqlite3" in seen
    assert "textual" not in seen


def test_domain_loads_only_itself_and_named_libraries() -> None:
    """domain/ is pure: whatever it imports comes from the standard library or from the list above."""
    baseline = loaded_by("")
    loaded = loaded_by("\n".join(f"import {name}" for name in modules("domain")))
    assert loaded - baseline - set(sys.stdlib_module_names) - DOMAIN_LIBRARIES <= {"domain"}
    assert not loaded & {"socket", "sqlite3", "asyncio", "subprocess"}


@pytest.mark.parametrize("room", ["gateways", "mail", "storage", "loop"])
def test_rooms_below_the_faces_run_without_a_terminal(room: str) -> None:
    """A worker on a server loads nothing of Textual, and no room but those below it."""
    loaded = loaded_by("\n".join(f"import {name}" for name in modules(room)))
    assert not loaded & {"textual", "rich", "tui", "cli", "demo", "bench"}
    if room != "loop":
        assert not loaded & ({"gateways", "mail", "storage", "loop"} - {room})


@pytest.mark.parametrize("arguments", [["--help"], ["tickets", "--help"], ["no-such-command"]])
def test_reading_the_command_line_is_cheap(arguments: list[str]) -> None:
    """Help, completion and a typing error need no database, no mail and no screen."""
    loaded = loaded_by(
        "import contextlib, io\n"
        "from cli.main import main\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stderr(io.StringIO()):\n"
        f"    main({arguments!r})"
    )
    assert not loaded & HEAVY


def test_imports_by_name_are_few() -> None:
    """import-linter cannot see them: the table of commands, the door to the screen, and the demo that nobody may need."""
    users = {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if re.search(r"\bimport_module\b|\b__import__\b|\bspec_from_file_location\b", path.read_text("utf-8"))
    }
    tables = {"cli": [ROOT / "cli" / "arguments.py", *(ROOT / "cli" / "words").glob("*.py")]}
    tables["tui"] = [ROOT / "tui" / "screens" / "settings" / "sections.py"]
    doors = {"cli/main.py", "cli/commands/screen.py", "cli/commands/demo.py"}
    assert users <= doors | {str(path.relative_to(ROOT)) for paths in tables.values() for path in paths}
    for room, paths in tables.items():
        named = [name for path in paths for name in re.findall(r'"(\w+)\.[\w.]+:\w+"', path.read_text("utf-8"))]
        assert set(named) <= {room}, room


def test_every_import_is_declared() -> None:
    """What the program imports is asked for by name, not got by the luck of another package's needs."""
    installed = packages_distributions()
    missing = {}
    for room in ROOMS:
        for name in imports_in(room) - set(sys.stdlib_module_names) - set(ROOMS) - {"tests"}:
            if not {_normal(dist) for dist in installed.get(name, [name])} & declared():
                missing.setdefault(name, []).append(room)
    assert {name: rooms for name, rooms in missing.items() if not {*rooms} <= {*WITH.get(name, [])}} == {}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_names_no_machine(name: str) -> None:
    """A lock file holds versions and hashes, so that any index or mirror will do; no path, address or option."""
    lines = (ROOT / name).read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert pins and all(re.fullmatch(r"[a-z0-9.-]+==[\w.!+]+ \\", line) for line in pins)
    assert not [line for line in lines if "://" in line or re.search(r"(^|\s)/\w", line)]
    assert not [line for line in lines if line.startswith("    --") and not line.startswith("    --hash=sha256:")]


def test_development_uses_the_versions_that_run() -> None:
    """What is tested is what is shipped: the development lock holds all of the runtime lock, in the same versions."""

    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9.-]+==\S+", (ROOT / name).read_text("utf-8"), re.MULTILINE))

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_every_dependency_has_its_reason() -> None:
    """docs/dependencies.md says for each one why it is there and what would replace it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    words = chain(project["dependencies"], *project["optional-dependencies"].values())
    asked = {re.split(r"[\[<>=!~; ]", word)[0] for word in words}
    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    assert {name for name in asked if f"| `{name}` |" not in page} == set()

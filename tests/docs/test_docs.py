"""The documentation says what is so: pages made from the program are current, links lead somewhere, commands exist."""

import argparse
import importlib.util
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from cli.arguments import build
from cli.main import main
from domain import query
from gateways.config import load
from loop.filling import VARIABLES
from tui.actions import BY_COMMAND

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def script(name: str) -> ModuleType:
    """A module of scripts/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = script("reference")


def fenced(page: Path, language: str) -> list[str]:
    """The code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def without_blocks(page: Path) -> str:
    return re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", reference.MADE)
def test_pages_made_from_the_program_are_current(name: str) -> None:
    """docs/reference/keys.md and settings.md are what scripts/reference.py writes."""
    page = (ROOT / "docs" / "reference" / name).read_text("utf-8")
    assert page == reference.MADE[name](), "make it again: python scripts/reference.py"


def test_every_setting_has_a_sentence() -> None:
    empty = re.findall(r"^\| `(\w+)` \|.*\|\s*\|$", reference.settings(), re.MULTILINE)
    assert not empty


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_relative_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", without_blocks(page)):
        if "://" not in target:
            assert (page.parent / target.partition("#")[0]).exists(), f"{page.name}: {target}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        seen.add(page)
        for target in re.findall(r"\]\(([^)\s#]+\.md)", page.read_text("utf-8")):
            found = (page.parent / target).resolve()
            if found.exists() and found not in seen:
                todo.append(found)
    hidden = {page for page in PAGES if page not in seen}
    assert not hidden


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_page_names_a_place_of_one_machine(page: Path) -> None:
    private = r"(?:^|[\s`(\"'])(?:/(?:work|tmp|root|home)|(?:\.\./)+[a-z]*shared)\b"
    assert not re.findall(private, page.read_text("utf-8"))


def commands() -> dict[str, argparse.ArgumentParser]:
    """Every command by its words, such as `mail ledger`."""

    def walk(parser: argparse.ArgumentParser, words: str) -> Iterator[tuple[str, argparse.ArgumentParser]]:
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for name, deeper in action.choices.items():
                    yield f"{words} {name}".strip(), deeper
                    yield from walk(deeper, f"{words} {name}".strip())

    return dict(walk(build(), ""))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_command_and_option_that_is_named_exists(page: Path) -> None:
    """`retorno WORD …` in a code span or a block, with its --options."""
    known = commands()
    everywhere = {"--db", "--config", "--as", "--json", "--version", "--help"}
    text = page.read_text("utf-8")
    spans = re.findall(r"`(retorno [^`]+)`", without_blocks(page))
    spans += [line for block in fenced(page, "sh") for line in block.splitlines() if line.startswith("retorno ")]
    for span in spans:
        words = re.sub(r"^retorno (?:--(?:db|config|as) \S+ )*", "", span.split("#")[0]).split()
        if not words or words[0].startswith("-"):
            assert all(w in everywhere for w in words if w.startswith("--")), span
            continue
        name = next((n for i in (3, 2) if (n := " ".join(words[:i])) in known), words[0])
        assert name in known, f"{page.name}: {span}"
        options = {o for a in known[name]._actions for o in a.option_strings} | everywhere
        for option in re.findall(r"(?<!\S)--[a-z-]+", span.split("#")[0]):
            assert option in options, f"{page.name}: {span}: {option}"
    assert page.name != "README.md" or spans, text


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_command_of_the_screen_that_is_named_exists(page: Path) -> None:
    for word in re.findall(r"`:([a-z][a-z-]*)", without_blocks(page)):
        assert word in BY_COMMAND, f"{page.name}: :{word}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for word in re.findall(r"(?:`|^)make ([a-z0-9]+)", page.read_text("utf-8"), re.MULTILINE):
        assert word in targets, f"{page.name}: make {word}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_configuration_that_is_shown_is_taken(page: Path, tmp_path: Path) -> None:
    for n, block in enumerate(fenced(page, "toml")):
        file = tmp_path / f"{n}.toml"
        file.write_text(block, "utf-8")
        found = load(str(file), None, {})
        assert found.mailboxes or found.webhook


def test_the_set_up_that_is_shown_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The administrators' script, line by line on an empty database (R5)."""
    page = (ROOT / "docs" / "admins.md").read_text("utf-8").partition("## A set-up as a script")[2]
    script = re.search(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert script
    monkeypatch.setenv("RETORNO_DB", str(tmp_path / "retorno.db"))
    monkeypatch.setenv("RETORNO_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").touch()
    lines = [shlex.split(words, comments=True) for words in re.split(r"^(?=retorno )", script[1], flags=re.MULTILINE)]
    done = [main(words[1:]) for words in lines if words]
    assert len(done) > 10 and not any(done)


def test_the_variables_of_templates_are_told_whole() -> None:
    """Each is on the administrators' page (M2)."""
    page = (ROOT / "docs" / "admins.md").read_text("utf-8")
    for name, fields in VARIABLES.items():
        told = re.search(rf"^\| `{name}\.` \| (.*) \|$", page, re.MULTILINE)
        assert told and tuple(re.findall(r"`(\w+)", told[1])) == fields, name


def test_the_operators_page_shows_every_setting() -> None:
    """All keys of the file, but those of which one excludes another."""
    shown = tomllib.loads(fenced(ROOT / "docs" / "operators.md", "toml")[0])
    from gateways import config, mailboxes, webhook_config

    assert set(config._KEYS) == set(shown)
    left = set(mailboxes._KEYS) - set(shown["mailbox"][0])
    assert left == {"password_env", "password_keyring", "xoauth2"}
    assert set(webhook_config.TABLE_KEYS) == set(shown["webhook"])
    left = set(webhook_config._KEYS) - set(shown["webhook"]["source"][0])
    assert left == {"secret_env", "secret_keyring"}


def test_the_query_language_is_told_whole() -> None:
    """Each field and state of domain.query has its line on the agents' page (Q5), and what is shown there can be read."""
    page = (ROOT / "docs" / "agents.md").read_text("utf-8")
    told = page.partition("## Finding")[2].partition("\n## ")[0]
    for field in query.FIELDS:
        assert f"`{field}:" in told, field
    for state in query.STATES:
        assert f"`is:{state}`" in told, state
    for term in re.findall(r"`((?:[a-z]+:|#)[^`]+)`", told):
        assert term == "is:late" or query.parse(term).trouble == "", term
    assert query.parse(fenced(ROOT / "docs" / "agents.md", "")[0]).trouble == ""


def test_the_readme_is_illustrated() -> None:
    """Three pictures, small enough to be read over a slow line."""
    pictures = [
        ROOT / target for target in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text("utf-8"))
    ]
    assert len(pictures) >= 2
    for picture in pictures:
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < 150 * 1024

"""The page on the autopilot says what is so: its script works, its text is read, its words are those of the program."""

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest

from cli.main import main
from domain.rule_checks import blanks
from domain.rules import MOMENTS, OPS, Condition, RuleSet, Then, When
from domain.textmatch import Matcher, trouble
from loop.rule_text import from_text, to_text

PAGE = (Path(__file__).parents[2] / "docs" / "autopilot.md").read_text("utf-8")
ANSWERS = (
    "data;e-mail;nota;comentário;UF\n"
    "2026-11-01;a@cliente.example;2;Chegou fora do prazo;SP\n"
    "2026-11-01;b@cliente.example;1;Muito atrasado, péssimo;RJ\n"
    "2026-11-01;c@cliente.example;7;Veio outra cor;SP\n"
    "2026-11-01;d@cliente.example;10;Adorei;SP\n"
)


def section(title: str) -> str:
    """What stands below a heading."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_script_works_line_by_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On an empty database, and it does what the page says (R5, A1–A5)."""
    monkeypatch.setenv("RETORNO_DB", str(tmp_path / "retorno.db"))
    monkeypatch.setenv("RETORNO_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").touch()
    (tmp_path / "answers.csv").write_text(ANSWERS, "utf-8")
    script = re.search(r"^```sh\n(.*?)^```$", section("Three sets as a script"), re.MULTILINE | re.DOTALL)
    assert script
    lines = [shlex.split(words, comments=True) for words in re.split(r"^(?=retorno )", script[1], flags=re.MULTILINE)]
    for words in filter(None, lines):
        assert main(words[1:]) == 0, (words, capsys.readouterr().err)
    capsys.readouterr()
    for query, customers in (("priority:high", {"a@", "b@"}), ("tag:troca", {"c@"}), ("assignee:bia", {"a@"})):
        assert main(["tickets", query, "--json"]) == 0
        import json

        assert {row["email"][:2] for row in json.loads(capsys.readouterr().out)} == customers, query


def test_the_text_that_is_shown_is_read_and_whole() -> None:
    text = re.search(r"^```\n(.*?)^```$", section("As text"), re.MULTILINE | re.DOTALL)
    assert text
    plan = from_text(text[1], base=None)
    assert isinstance(plan, RuleSet) and blanks(plan) == ()
    assert from_text(to_text(plan), base=None) == plan


def test_every_key_of_the_text_is_told() -> None:
    told = section("As text")
    for name in (
        *(f.name for f in fields(When)),
        *(f.name for f in fields(Then)),
        *(f.name for f in fields(Condition)),
    ):
        assert re.search(rf"\b{name}\b", told), name
    for word in (*OPS, *MOMENTS):
        assert f"`{word}`" in told, word


@pytest.mark.parametrize(
    ("comment", "found"),
    [("Teve ATRASO", 1), ("não, chegou", 2), ("atrasou", 3), ("produto errado", 4), ("errado o meu pedido", 5), ("a troca", 6)],
)  # fmt: skip
def test_the_expressions_that_are_shown_find_what_is_said(comment: str, found: int) -> None:
    shown = re.findall(r"^\| `([^`]+)` \|", section("When"), re.MULTILINE)
    assert len(shown) == 6 and not any(map(trouble, shown))
    assert found - 1 in Matcher([(text, False) for text in shown]).find(comment)

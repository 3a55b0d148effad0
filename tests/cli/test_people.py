"""People, teams, surveys, categories, tags and the audit by commands: a set-up can be scripted (R5)."""

import json
import os

import pytest

from cli.exits import Exit
from cli.words.people import NOTICES
from gateways.config import Config
from loop import editing
from loop.desk import open_desk, system_login
from loop.notifications import KINDS
from tests.cli.conftest import Run


@pytest.fixture
def staffed(run: Run, shop: object) -> None:
    """The owner, bia who is an agent of the first flow, and caio, an administrator of it."""
    assert run("user", "add", "bia", "--flow", "Customers", "--email", "bia@loja.example").code == 0
    assert run("user", "add", "caio", "--level", "administrator", "--flow", "Customers").code == 0


def listed(run: Run, what: str) -> list[dict[str, object]]:
    return run(what, "list", "--json").json


def test_a_person_is_changed_shut_out_and_let_in_again(run: Run, staffed: None) -> None:
    """P1, P4."""
    assert run("start", "1", "--take", "--as", "bia").code == 0
    said = run("user", "change", "bia", "--name", "Bia Sá", "--level", "administrator", "--json")
    assert said.code == 0
    assert {(c["field"], c["new"]) for c in said.json["changes"]} == {("name", "Bia Sá"), ("level", "administrator")}
    said = run("user", "deactivate", "bia", "--successor", "caio")
    assert said.code == 0 and "caio: 1" in said.out
    assert run("ticket", "1", "--json").json["assignee"] == "caio"
    assert "bia" not in [p["login"] for p in listed(run, "user")]
    there = {p["login"]: p for p in run("user", "list", "--inactive", "--json").json}
    assert there["bia"]["active"] is False and there["caio"]["open_tickets"] == 1
    assert there["caio"]["flows"] == [{"flow": "Customers", "role": "administrator"}]
    assert run("tickets", "--as", "bia").code == 3
    assert run("user", "activate", "bia").code == 0
    assert run("tickets", "--as", "bia").code == 0


def test_what_the_rules_refuse_ends_with_1_and_a_reason(run: Run, staffed: None) -> None:
    me = next(p["login"] for p in listed(run, "user") if p["level"] == "owner")
    for words, reason in (
        (("user", "deactivate", me), "last active owner"),
        (("user", "change", me, "--level", "agent"), "last active owner"),
        (("user", "change", "bia", "--level", "owner", "--as", "caio"), "level owner"),
        (("user", "change", "bia", "--email", "no address"), "not an e-mail address"),
        (("user", "deactivate", "nobody-here"), "nobody-here"),
        (("user", "add", "BIA"), "bia already"),
        (("team", "add", "Sul", "--as", "bia"), "level administrator"),
        (("survey", "list", "--as", "bia"), "level administrator"),
        (("audit", "list", "--as", "bia"), "level administrator"),
        (("team", "remove", "Norte"), "There is no “Norte”"),
        (("category", "add", "Atraso", "--under", "Entrega"), "There is no “Entrega”"),
        (("tag", "remove", "\x1b[31mx"), "There is no “[31mx”"),
    ):
        said = run(*words)
        assert (said.code, said.out) == (1, ""), words
        assert reason in said.err and "\x1b" not in said.err, said.err
        assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("user", "change", "bia"),
        ("team", "change", "Sul"),
        ("survey", "change", "x"),
        ("category", "change", "x"),
        ("survey", "change", "x", "--internal", "perhaps"),
        ("survey", "add", "x", "--low", "-1"),
        ("user", "change", "bia", "--level", "king"),
        ("audit", "list", "--target", "weather"),
        ("team",),
    ],
)
def test_what_cannot_be_understood_ends_with_2(run: Run, staffed: None, words: tuple[str, ...]) -> None:
    assert run(*words).code == 2


def test_a_team_is_made_changed_and_removed(run: Run, staffed: None) -> None:
    """P2."""
    assert run("team", "add", "Sul", "--member", "bia").code == 0
    assert run("team", "change", "sul", "--add", "caio", "--name", "Sul e Sudeste").code == 0
    assert run("team", "change", "sul e sudeste", "--remove", "bia").code == 0
    (team,) = listed(run, "team")
    assert (team["name"], team["members"], team["flows"]) == ("Sul e Sudeste", ["caio"], [])
    assert "Sul e Sudeste" in run("team", "list").out
    assert run("team", "remove", "Sul e Sudeste").code == 0
    assert listed(run, "team") == []


def test_a_survey_is_made_and_its_limits_changed(run: Run, staffed: None) -> None:
    """I2: with what new limits mean."""
    assert run("survey", "add", "Loja", "--scale", "csat", "--promoter-min", "5", "--internal", "yes").code == 0
    said = run("survey", "change", "loja", "--detractor-max", "3", "--internal", "no", "--name", "Loja física")
    assert said.code == 0 and "from now on" in said.out
    by_name = {s["name"]: s for s in listed(run, "survey")}
    loja = by_name["Loja física"]
    assert [loja[k] for k in ("kind", "low", "high", "detractor_max", "promoter_min", "internal")] == [
        "csat", 1, 5, 3, 5, False,
    ]  # fmt: skip
    assert by_name["Pós-venda"]["answers"] == 4
    assert "CSAT 1–5" in run("survey", "list").out
    assert run("survey", "change", "Loja física", "--zone", "Mars/Olympus").code == 1


def test_categories_are_named_by_their_path(run: Run, staffed: None) -> None:
    """T5."""
    for words in (
        ("add", "Entrega", "--word", "atraso", "--word", "chegou tarde"),
        ("add", "Preço"),
        ("add", "Outro", "--under", "Entrega"),
        ("add", "Outro", "--under", "preco"),
        ("change", "Preço / Outro", "--name", "Caro"),
        ("change", "Preço", "--position", "1"),
        ("retire", "Entrega / Outro"),
    ):
        assert run("category", *words).code == 0, words
    assert [c["path"] for c in listed(run, "category")] == ["Preço", "Preço / Caro", "Entrega"]
    assert listed(run, "category")[-1]["words"] == ["atraso", "chegou tarde"]
    assert "Entrega / Outro (retired)" in run("category", "list", "--retired").out
    assert run("category", "retire", "Entrega / Outro", "--back").code == 0
    assert run("category", "change", "Preço / Caro", "--under", "").code == 0
    assert [c["path"] for c in listed(run, "category")] == ["Preço", "Entrega", "Entrega / Outro", "Caro"]


def test_tags_are_renamed_made_one_and_removed(run: Run, staffed: None) -> None:
    desk = open_desk(Config(db_url=os.environ["RETORNO_DB"]))
    assert editing.tag(desk, [1, 2], ["loja sp", "vip"], actor=desk.actor(system_login())).done == (1, 2)
    desk.close()
    assert run("tag", "rename", "loja sp", "São Paulo").code == 0
    assert listed(run, "tag") == [
        {"id": listed(run, "tag")[0]["id"], "name": "São Paulo", "tickets": 2},
        {"id": listed(run, "tag")[1]["id"], "name": "vip", "tickets": 2},
    ]
    assert run("tag", "rename", "vip", "sao paulo").code == 0
    assert run("ticket", "1", "--json").json["tags"] == ["São Paulo"]
    assert run("tag", "remove", "são paulo").code == 0
    assert listed(run, "tag") == [] and run("ticket", "1", "--json").json["tags"] == []


def test_the_audit_tells_each_change_with_old_and_new(run: Run, staffed: None) -> None:
    assert run("user", "change", "bia", "--name", "Bia Sá").code == 0
    first = run("audit", "list", "--target", "user", "--limit", "1", "--json").json[0]
    assert (first["what"], first["target"], first["name"]) == ("changed", "user", "bia")
    assert first["changes"] == [{"field": "name", "old": "bia", "new": "Bia Sá"}]
    assert "bia → Bia Sá" in run("audit", "list").out
    older = run("audit", "list", "--before", str(first["id"]), "--json").json
    assert older and all(line["id"] < first["id"] for line in older)


def test_one_s_own_signature_is_shown_and_changed(run: Run, staffed: None) -> None:
    """M3."""
    said = run(
        "user", "signature", "--sender-name", "Bia da Loja", "--text", "-", "--as", "bia", stdin="Abraços,\nBia\n"
    )
    assert said.code == 0
    assert run("user", "signature", "--as", "bia", "--json").json == {
        "sender_name": "Bia da Loja",
        "signature": "Abraços,\nBia",
    }
    assert run("user", "signature", "--json").json == {"sender_name": None, "signature": None}


def test_one_s_own_choices_are_shown_and_changed(run: Run, staffed: None) -> None:
    """N2: switched one by one."""
    assert set(NOTICES) == set(KINDS)
    assert run("user", "prefs", "--mail", "mention", "--mail", "due soon", "--columns", "due, customer").code == 0
    said = run("user", "prefs", "--no-mail", "mention", "--theme", "nord", "--json")
    assert (said.json["columns"], said.json["theme"]) == (["due", "customer"], "nord")
    assert [kind for kind, on in said.json["notify"].items() if on] == ["due soon"]
    assert run("user", "prefs", "--columns", "", "--theme", "", "--json").json["columns"] is None
    for flag, wrong, known in (("--theme", "nope", "retorno-light"), ("--columns", "due, nope", "customer")):
        said = run("user", "prefs", flag, wrong)
        assert said.code == Exit.USAGE and "nope" in said.err and known in said.err, "what the screen does not have"
    bia = run("user", "prefs", "--as", "bia", "--json").json
    assert [kind for kind, on in bia["notify"].items() if on] == ["mention"], "what comes until one says otherwise"
    assert "due soon" in run("user", "prefs").out
    assert run("user", "prefs", "--mail", "weather").code == 2


def test_lists_are_json_with_nothing_that_moves_the_cursor(run: Run, staffed: None) -> None:
    """R7."""
    assert run("team", "add", "Sul\x1b[2J\u202e", "--member", "bia").code == 0
    for words in (("team", "list"), ("team", "list", "--json"), ("audit", "list"), ("audit", "list", "--json")):
        said = run(*words)
        assert said.code == 0 and "\x1b" not in said.out and "\u202e" not in said.out
    json.loads(run("audit", "list", "--json").out)

"""`retorno flow …`: a set-up can be scripted (R5), under the same rules as the screen (P4–P8, I5)."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run

THREE = """
name = "Detratores"
days_until_due = 2

[intake]
classes = ["detractor"]

[[phases]]
name = "Novo"
status = "pending"

[[phases]]
name = "Contato"
status = "progress"
binding = "mandatory"
checklist = ["Ler", "Ligar"]

[[phases]]
name = "Fim"
status = "closed"
"""


def test_p5_a_flow_is_made_changed_and_shown(run: Run, shop: Path) -> None:
    assert run("flow", "add", "Detratores", "--language", "pt", "--class", "detractor", "--days", "5").code == 0
    said = run("flow", "change", "DETRATORES", "--priority", "high", "--score", "0-4", "--from", "2026-01-01", "--json")
    assert {c["field"]: c["new"] for c in said.json["changes"]} == {
        "default priority": "high",
        "scores": "0–4",
        "answered from": "2026-01-01",
    }
    whole = run("flow", "show", "Detratores", "--json").json
    assert (whole["days_until_due"], whole["intake"]["classes"], whole["intake"]["score_to"]) == (5, ["detractor"], 4)
    assert [p["tickets"] for p in whole["phases"]] == [0] * 5
    assert (
        run("flow", "change", "Detratores", "--class", "", "--score", "", "--from", "", "--until", "2026-01-31").code
        == 0
    )
    intake = run("flow", "show", "Detratores", "--json").json["intake"]
    assert (intake["classes"], intake["score_from"], intake["answered_from"]) == ([], None, None)
    assert intake["answered_until"] == 1769904000000, "the last day is included"
    shown = run("flow", "show", "Detratores")
    assert "They begin in Novo" in shown.out
    assert "Falei com o cliente" in shown.out


def test_r5_lists_are_tables_or_json(run: Run, shop: Path) -> None:
    (row,) = run("flow", "list", "--json").json
    assert (row["name"], row["open"], row["active"], row["may_edit"]) == ("Customers", 3, True, True)
    assert "Customers" in run("flow", "list").out


def test_p5_switching_off_and_on(run: Run, shop: Path) -> None:
    assert run("flow", "deactivate", "Customers").code == 0
    assert run("flow", "list", "--json").json == []
    assert [row["active"] for row in run("flow", "list", "--inactive", "--json").json] == [False]
    assert run("flow", "activate", "Customers").code == 0
    assert run("flow", "activate", "Customers").out.strip() == "Customers: nothing to change."


def test_i5_the_order_of_intake(run: Run, shop: Path) -> None:
    run("flow", "add", "Primeiro")
    assert run("flow", "reorder", "primeiro").code == 0
    assert [row["name"] for row in run("flow", "list", "--json").json] == ["Primeiro", "Customers"]


def test_p2_p4_members_come_change_and_go(run: Run, shop: Path) -> None:
    run("user", "add", "bia", "--level", "agent")
    said = run("flow", "member", "add", "Customers", "bia", "--json")
    assert said.json["changes"] == [{"field": "member bia", "old": None, "new": "agent"}]
    refused = run("flow", "member", "add", "Customers", "bia", "--role", "administrator")
    assert (refused.code, "level" in refused.err) == (1, True)
    assert run("flow", "member", "add", "Customers", "bia", "--role", "analyst").code == 0
    assert run("flow", "member", "remove", "Customers", "bia").code == 0
    assert run("flow", "member", "remove", "Customers", "bia").code == 1
    assert run("flow", "list", "--as", "bia", "--json").json == [], "P3"
    assert run("flow", "show", "Customers", "--as", "bia").code == 1
    assert run("flow", "member", "add", "Customers", "Loja", "--team").code == 1


def test_a_flow_goes_out_and_comes_back(run: Run, shop: Path, tmp_path: Path) -> None:
    text = run("flow", "export", "Customers").out
    assert run("flow", "import", "-", stdin=text).out.strip() == "Customers: nothing to change."
    assert run("flow", "export", "Customers", "--json").json["text"] == text
    copy = tmp_path / "copy.toml"
    copy.write_text(text.replace('"Customers"', '"Cópia"', 1), encoding="utf-8")
    assert run("flow", "import", copy).code == 0
    assert len(run("flow", "list", "--json").json) == 2


def test_p8_an_import_prints_what_it_would_change_and_asks_where_tickets_go(
    run: Run, shop: Path, tmp_path: Path
) -> None:
    file = tmp_path / "flow.toml"
    file.write_text(THREE.replace("Detratores", "Customers"), encoding="utf-8")
    would = run("flow", "import", file, "--dry-run", "--json").json
    assert would["saved"] is False
    assert {"field": "phase New", "old": "pending", "new": None} in would["changes"]
    assert "days until due: 3 → 2" in run("flow", "import", file, "--dry-run").out
    assert "New" in run("flow", "show", "Customers").out, "a dry run changes nothing"
    refused = run("flow", "import", file)
    assert (refused.code, "New holds 3 tickets" in refused.err) == (1, True)
    assert run("flow", "import", file, "--move", "New=Fim").code == 1, "tickets are not closed by it"
    assert run("flow", "import", file, "--move", "Nowhere=Novo").code == 1
    assert run("flow", "import", file, "--move", "New=Novo").code == 0
    assert {row["phase"] for row in run("tickets", "--json").json} == {"Novo"}


def test_an_import_names_the_flow_when_the_file_renames_it(run: Run, shop: Path) -> None:
    assert run("flow", "import", "-", "--flow", "Customers", stdin='name = "Clientes"').code == 0
    assert [row["name"] for row in run("flow", "list", "--json").json] == ["Clientes"]
    assert run("flow", "import", "-", stdin='name = "clientes"\ndays_until_due = 9').code == 0
    assert run("flow", "show", "Clientes", "--json").json["days_until_due"] == 9


@pytest.mark.parametrize(
    ("text", "said"),
    [("name = ", "TOML"), ('name = "X"', "each status"), ("phases = 3", "[[phases]]"), ("\x00", "TOML")],
)
def test_r7_a_bad_file_is_named_with_its_trouble_and_nothing_is_done(
    run: Run, shop: Path, text: str, said: str
) -> None:
    result = run("flow", "import", "-", stdin=text)
    assert (result.code, said in result.err) == (4, True)
    assert len(run("flow", "list", "--json").json) == 1


def test_a_file_that_is_not_there_or_not_text_is_named(run: Run, shop: Path, tmp_path: Path) -> None:
    assert run("flow", "import", tmp_path / "none.toml").code == 4
    (tmp_path / "latin.toml").write_bytes(b'name = "\xe7"')
    assert "UTF-8" in run("flow", "import", tmp_path / "latin.toml").err


def test_words_that_make_no_sense_are_named(run: Run, shop: Path) -> None:
    assert run("flow", "change", "Customers", "--score", "high").code == 2
    assert run("flow", "change", "Customers", "--from", "soon").code == 2
    assert "Customers" in run("flow", "show", "Nenhum").err
    assert run("flow", "change", "Customers", "--class", "angry").code == 1

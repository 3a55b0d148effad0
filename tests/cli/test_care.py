"""A ticket's care by commands, under the rules of the screen (R5, T5–T7, I7, Q7, I1, T9)."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def number(shop: Path, run: Run) -> str:
    """The detractor's ticket."""
    return str(run("tickets", "class:detractor", "--json").json[0]["number"])


def whole(run: Run, number: str) -> dict:
    return run("ticket", number, "--json").json


def test_t5_a_ticket_is_edited_and_says_so_in_its_timeline(run: Run, number: str) -> None:
    for argv in (
        ("subject", number, "Sofá rasgado"),
        ("describe", number, "-"),
        ("due", number, "2026-12-31 14:30"),
        ("label", number, "--add", "loja SP", "--add", "frágil"),
        ("label", number, "--remove", "FRAGIL"),
    ):
        assert run(*argv, "--json", stdin="Quer troca\nurgente").json == {"done": [int(number)], "refused": []}, argv
    view = whole(run, number)
    assert (view["subject"], view["description"], view["due"], view["tags"]) == (
        "Sofá rasgado",
        "Quer troca\nurgente",
        "2026-12-31T14:30:00Z",
        ["loja SP"],
    )
    assert [e["kind"] for e in view["timeline"]][1:] == ["subject", "description", "due", "tags", "tags"]
    shown = run("ticket", number).out
    for words in ("+loja SP, +frágil", "−frágil", "→ 2026-12-31T14:30:00Z", "Quer troca", "Tags: loja SP"):
        assert words in shown, words
    assert run("due", number, "none").code == 0 and whole(run, number)["due"] is None


def test_what_cannot_be_read_is_a_typing_error_and_changes_nothing(run: Run, number: str) -> None:
    before = whole(run, number)
    for argv in (
        ("due", number, "blau"),
        ("label", number),
        ("categorise", number),
        ("merge", number),
        ("open", "--flow", "Customers"),
        ("customer", "edit", "1"),
        ("customer", "edit", "1", "--attribute", "loja"),
    ):
        got = run(*argv)
        assert got.code == 2 and got.err, argv
    assert whole(run, number) == before


def test_t5_and_t6_categories_by_name(run: Run, number: str) -> None:
    assert run("category", "add", "Entrega").code == 0
    assert run("categorise", number, "--add", "entrega").code == 0
    assert whole(run, number)["categories"] == ["Entrega"]
    wrong = run("categorise", number, "--add", "Preço")
    assert wrong.code == 1 and "Entrega" in wrong.err
    run("categorise", number, "--remove", "Entrega")
    run("start", number)
    run("tick", number, "Read")
    run("tick", number, "Talked")
    assert run("close", number, "--resolution", "trocado", "--category", "Entrega").code == 0
    view = whole(run, number)
    assert (view["status"], view["categories"]) == ("closed", ["Entrega"])


def test_t7_activities_live_by_commands(run: Run, number: str) -> None:
    assert run("activity", number, "add", "Ligar para a loja", "--type", "ligação").code == 0
    assert run("activity", number, "add", "Ligar para a cliente", "--json").json["refused"] == []
    ambiguous = run("activity", number, "done", "ligar")
    assert ambiguous.code == 1 and "Ligar para a loja" in ambiguous.err
    assert run("activity", number, "done", "ligar para a l").code == 0
    assert run("activity", number, "change", "Ligar para a c", "--name", "Visitar", "--type", "visita").code == 0
    listed = run("activity", number, "list", "--json").json
    assert [(a["name"], a["type"], a["done"] is not None) for a in listed] == [
        ("Ligar para a loja", "ligação", True),
        ("Visitar", "visita", False),
    ]
    assert "[x] Ligar para a loja · ligação" in run("activity", number, "list").out
    assert run("activity", number, "undo", str(listed[0]["id"])).code == 0
    assert run("activity", number, "remove", "visitar").code == 0
    assert [a["done"] for a in whole(run, number)["activities"]] == [None]
    assert run("activity", number, "change", "Ligar").code == 2
    nobody = run("activity", number, "add", "x", "--responsible", "ninguém")
    assert nobody.code == 1 and "ninguém" in nobody.err


def test_q7_merged_and_brought_back(run: Run, number: str) -> None:
    other = next(str(t["number"]) for t in run("tickets", "--json").json if str(t["number"]) != number)
    assert run("merge", number, "--into", other).code == 0
    assert whole(run, number)["merged_into"] == int(other)
    assert f"Merged into #{other}" in run("ticket", number).out
    assert number not in [str(t["number"]) for t in run("tickets", "--json").json]
    again = run("subject", number, "x", "--json")
    assert again.code == 1 and again.json["refused"][0]["code"] == "merged"
    assert run("unmerge", number).code == 0
    assert whole(run, number)["merged_into"] is None


def test_i7_opened_by_hand_and_moved_to_another_flow(run: Run, shop: Path) -> None:
    made = run(
        "open", "--flow", "customers", "--subject", "Ligou", "--name", "Ivo", "--phone", "(11) 98765-4321", "--json"
    )
    view = whole(run, str(made.json["number"]))
    assert (view["contact"]["phone"], view["customer"], view["phase"]) == ("+5511987654321", "Ivo", "New")
    bad = run("open", "--flow", "customers", "--subject", "Ligou", "--email", "não é")
    assert bad.code == 1 and "não é" in bad.err
    nowhere = run("transfer", str(made.json["number"]), "Outro")
    assert nowhere.code == 1 and "Customers" in nowhere.err
    same = run("transfer", str(made.json["number"]), "Customers", "--json")
    assert same.json["refused"][0]["code"] == "same flow"


def test_i1_a_customer_is_found_shown_edited_merged_and_split(run: Run, number: str) -> None:
    (iara,) = run("customer", "find", "iara", "--json").json
    assert iara["attributes"] == {"loja": "Recife"}
    id = str(iara["id"])
    edited = run("customer", "edit", f"#{number}", "--name", "Iara M.", "--attribute", "loja=Olinda", "--json").json
    assert [(c["old"], c["new"]) for c in edited["changes"]] == [("Iara Menezes", "Iara M."), ("Recife", "Olinda")]
    taken = run("customer", "edit", id, "--email", "bento@cliente.example")
    assert taken.code == 1 and "Merging" in taken.err
    assert run("customer", "merge", id, "--into", "bento@cliente.example").code == 0
    whole_one = run("customer", "show", "bento@cliente.example", "--json").json
    assert [c["id"] for c in whole_one["merged"]] == [iara["id"]] and int(number) in whole_one["tickets"]
    assert "Iara M." in run("customer", "show", "bento@cliente.example").out
    assert run("customer", "split", id).code == 0
    assert run("customer", "show", id, "--json").json["tickets"] == [int(number)]
    lost = run("customer", "show", "ninguém")
    assert lost.code == 1 and "customer find" in lost.err


def test_r7_what_a_customer_is_called_moves_no_cursor(run: Run, number: str) -> None:
    run("customer", "edit", f"#{number}", "--attribute", "x\x1b[2J=\x1b[31mred")
    run("activity", number, "add", "a\x1b[2Jb")
    run("label", number, "--add", "t\x1b[31mg")
    for argv in (("ticket", number), ("customer", "show", f"#{number}"), ("activity", number, "list")):
        assert "\x1b" not in run(*argv).out

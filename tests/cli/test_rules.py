"""`retorno rule …`, `retorno managers …`, `retorno why`: the autopilot from the shell (A1–A6)."""

from pathlib import Path

import pytest

from cli.words.rules import condition, entry, scores
from tests.cli.conftest import Run

LATE = ("--class", "detractor", "--says", "rasgad*", "--priority", "high", "--tag", "estrago")


@pytest.fixture
def late(shop: Path, run: Run) -> str:
    """A rule set that is whole and off."""
    assert run("rule", "add", "Estragos", *LATE).code == 0
    return "Estragos"


def test_a1_a_set_made_with_options_is_read_aloud(shop: Path, run: Run, late: str) -> None:
    shown = run("rule", "show", late)
    assert shown.code == 0
    assert "rasgad*" in shown.out and "detractor" in shown.out and "estrago" in shown.out and "!" not in shown.out
    (row,) = run("rule", "list", "--json").json
    assert (row["name"], row["active"], row["position"], row["blanks"]) == ("Estragos", False, 1, [])
    assert row["text"].startswith("When ")


def test_a2_where_and_or_are_groups(shop: Path, run: Run) -> None:
    done = run("rule", "add", "Lojas", "--where", "loja=Recife,Natal", "--where", "vendedor=Ana", "--or", "--where", "valor>=1.000,50", "--or", "--where", "loja=", "--tag", "x")  # fmt: skip
    assert done.code == 0, done.err
    assert "loja any of Recife, Natal" in run("rule", "show", "Lojas").out, "words stand apart"
    groups = run("rule", "show", "Lojas", "--json").json["when"]["groups"]
    assert [[(c["attribute"], c["op"], c["values"]) for c in g] for g in groups] == [
        [("loja", "in", ["Recife", "Natal"]), ("vendedor", "in", ["Ana"])],
        [("valor", ">=", ["1.000,50"])],
        [("loja", "empty", [])],
    ]


def test_conditions_scores_and_entries_are_read() -> None:
    assert condition("UF != SP, RJ") == ("UF", "not in", ("SP", "RJ"))
    assert condition(r"Loja=Centro\, Sul,Norte") == ("Loja", "in", ("Centro, Sul", "Norte"))
    assert condition("Loja!=") == ("Loja", "filled", ())
    assert condition("") == ()
    assert scores("0-3,7") == (0, 1, 2, 3, 7) and scores("") == ()
    assert entry("a=b=bia") == ("a=b", "bia")


@pytest.mark.parametrize(
    "words",
    [
        ("rule", "add", "X", "--where", "nothing"),
        ("rule", "add", "X", "--score", "many"),
        ("rule", "add", "X", "--class", "angry"),
        ("rule", "add", "X", "--not-started", "2", "--due-in", "3"),
        ("rule", "run", "X"),
        ("rule", "run", "X", "1", "--past"),
        ("rule", "run", "X", "1", "--days", "3"),
        ("managers", "set", "X", "Natal"),
    ],
)
def test_typing_errors_do_nothing(shop: Path, run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).code == 2
    assert run("rule", "list", "--json").json == [] == run("managers", "list", "--json").json


def test_a1_switching_on_names_each_blank_on_a_line(shop: Path, run: Run) -> None:
    assert run("rule", "add", "Rascunho", "--survey", "Nenhuma", "--assign", "zoe").code == 0
    done = run("rule", "on", "Rascunho")
    assert done.code == 1
    assert "There is no survey Nenhuma." in done.err and "There is nobody called zoe here." in done.err
    assert len(done.err.splitlines()) >= 3
    assert run("rule", "list").out.count("! Rascunho:") == 2


def test_a1_a_set_that_is_on_is_not_changed(shop: Path, run: Run, late: str) -> None:
    assert run("rule", "on", late).code == 0
    refused = run("rule", "change", late, "--priority", "low")
    assert refused.code == 1 and "switch it off" in refused.err
    assert run("rule", "off", late).code == 0
    changed = run("rule", "change", late, "--priority", "low", "--says", "", "--tag", "")
    assert changed.code == 0, changed.err
    assert "priority: high → low" in changed.out
    whole = run("rule", "show", late, "--json").json
    assert whole["when"]["says"]["any_of"] == [] and whole["then"]["tags"] == []
    assert whole["when"]["classes"] == ["detractor"]


def test_a1_order_copy_and_remove(shop: Path, run: Run, late: str) -> None:
    assert run("rule", "copy", late).code == 0
    assert run("rule", "order", "Estragos (copy)", "1").code == 0
    assert [row["name"] for row in run("rule", "list", "--json").json] == ["Estragos (copy)", "Estragos"]
    assert run("rule", "remove", "#2").code == 0
    assert [row["name"] for row in run("rule", "list", "--json").json] == ["Estragos"]
    assert run("rule", "remove", "#2").code == 1
    assert run("rule", "show", "Nenhum").code == 1


def test_a_set_goes_out_as_text_and_comes_back(shop: Path, run: Run, late: str, tmp_path: Path) -> None:
    text = run("rule", "export", late).out
    file = tmp_path / "estragos.toml"
    file.write_text(text.replace('priority = "high"', 'priority = "medium"'), encoding="utf-8")
    dry = run("rule", "import", file, "--dry-run")
    assert "priority: high → medium" in dry.out and run("rule", "export", late).out == text
    assert run("rule", "import", file).code == 0
    assert run("rule", "show", late, "--json").json["then"]["priority"] == 2
    assert run("rule", "add", "Outro", "--from", file, "--tag", "novo").code == 0
    assert run("rule", "show", "Outro", "--json").json["then"]["tags"] == ["novo"]
    wrong = run("rule", "import", "-", stdin="[when]\nclass = ['x']")
    assert wrong.code == 4 and "class is unknown here" in wrong.err


def test_a6_rehearsed_switched_on_and_run_on_the_past(shop: Path, run: Run, late: str) -> None:
    found = run("rule", "rehearse", late, "--days", "0", "--json").json
    assert (found["touched"], found["with_ticket"], found["answers"]) == (1, 1, 4)
    assert [row["comment"] for row in found["rows"]] == ["O sofá veio rasgado e ninguém atende."]
    assert "it would touch 1" in run("rule", "rehearse", late, "--days", "0").out
    refused = run("rule", "run", late, "--past")
    assert refused.code == 1
    assert run("rule", "on", late).code == 0
    done = run("rule", "run", late, "--past", "--json")
    assert done.code == 0 and done.json["touched"] == 1
    ticket = found["rows"][0]["ticket"]
    assert run("ticket", ticket, "--json").json["priority"] == "high"
    again = run("rule", "run", late, "--past", "--json").json
    assert again["touched"] == 0
    told = run("why", ticket)
    assert told.code == 0 and "rule Estragos" in told.out and "rasgad*" in told.out
    why = {one["field"]: one for one in run("why", ticket, "--json").json}
    assert why["priority"]["by"] == "rule" and why["priority"]["who"] == "Estragos"
    logged = run("rule", "log", late, "--json").json
    assert logged[0]["touched"] == 1 and logged[0]["way"] == "past"
    (hit,) = run("rule", "hits", late, "--json").json
    assert hit["ticket"] == ticket and hit["because"] and hit["did"]
    assert "Estragos" in run("rule", "log").out and "rasgad*" in run("rule", "hits", late).out
    kept = run("rule", "off", late)
    assert kept.code == 0 and run("rule", "remove", late).code == 1


def test_a6_where_every_answer_is_older_than_the_days_all_are_rehearsed_and_that_is_said(
    shop: Path, run: Run, late: str
) -> None:
    found = run("rule", "rehearse", late, "--days", "1", "--json").json
    everything = run("rule", "rehearse", late, "--days", "0", "--json").json
    assert found["touched"] == everything["touched"] == 1 and everything["newest"] is None
    said = run("rule", "rehearse", late, "--days", "1").out
    assert said.startswith("None came in those days. Of all 4 answers, the newest of " + found["newest"][:4])


def test_a1_switching_on_says_what_came_while_it_was_off_and_how_to_run_it(
    shop: Path, run: Run, late: str, tmp_path: Path
) -> None:
    assert run("rule", "on", late).code == 0
    assert run("rule", "off", late).code == 0
    file = tmp_path / "novas.csv"
    file.write_text("data;e-mail;nota;comentário\n06/10/2026 10:00;nova@cliente.example;1;Veio rasgada de novo\n", encoding="utf-8")  # fmt: skip
    assert run("import", file, "--survey", "Pós-venda").code == 0
    (row,) = run("rule", "list", "--json").json
    assert row["waiting"] == 1
    said = run("rule", "on", late).out
    assert "1 answer came while it was off" in said
    assert "retorno rule run 'Estragos' --past --while-off" in said
    done = run("rule", "run", "Estragos", "--past", "--while-off", "--json").json
    assert (done["looked_at"], done["touched"]) == (1, 1)


def test_a7_run_by_hand_on_tickets_says_which_it_does_not_touch(shop: Path, run: Run, late: str) -> None:
    assert run("rule", "on", late).code == 0
    numbers = [row["number"] for row in run("tickets", "--json").json]
    done = run("rule", "run", late, *numbers, "--json")
    assert done.code == 1 and done.json["touched"] == 1 and len(done.json["refused"]) == len(numbers) - 1


def test_a5_mails_that_wait_are_confirmed(shop: Path, run: Run, late: str) -> None:
    assert run("rule", "mails", late, "--json").json == {"held": 0, "confirmed": 0}
    assert run("rule", "mails", late, "--confirm").code == 0


def test_a3_tables_of_managers(shop: Path, run: Run, tmp_path: Path) -> None:
    me = run("user", "list", "--json").json[0]["login"]
    assert run("managers", "set", "Gerentes", f"Natal={me}").code == 1  # no attribute yet
    assert run("managers", "set", "Gerentes", f"Natal={me}", "--attribute", "loja").code == 0
    file = tmp_path / "g.csv"
    file.write_text(f"Recife;{me}\nOlinda;{me}\n", encoding="utf-8")
    assert run("managers", "set", "Gerentes", "--from", file, "Natal=").code == 0
    (table,) = run("managers", "list", "--json").json
    assert table["entries"] == {"Recife": me, "Olinda": me} and table["attribute"] == "loja"
    assert "Recife" in run("managers", "list", "Gerentes").out
    assert run("managers", "set", "Gerentes", "--only", f"Recife={me}", "--name", "Chefes").code == 0
    assert run("managers", "list", "--json").json[0]["entries"] == {"Recife": me}
    file.write_text("Recife\n", encoding="utf-8")
    assert run("managers", "set", "Chefes", "--from", file).code == 4
    assert run("managers", "remove", "Chefes").code == 0
    assert run("managers", "list", "--json").json == []


def test_a4_a_survey_says_which_sets_apply_and_whose_e_mails_are_sent(shop: Path, run: Run, late: str) -> None:
    done = run("survey", "change", "Pós-venda", "--rule-sets", "none", "--own-templates", "yes")
    assert done.code == 0 and "rule sets: all → none" in done.out
    assert "never run" in run("rule", "list").out
    assert run("survey", "change", "Pós-venda", "--rule-sets", "estragos").code == 0
    (survey,) = run("survey", "list", "--json").json
    assert survey["rule_sets"] == [1] and survey["own_templates"] is True
    assert run("survey", "change", "Pós-venda", "--rule-sets", "all").code == 0
    assert run("survey", "list", "--json").json[0]["rule_sets"] is None


def test_r7_what_is_named_is_cleaned_on_the_way_out(shop: Path, run: Run) -> None:
    assert run("rule", "add", "A\x1b[31mB", "--says", "x\x1b]0;y\x07").code == 0
    for words in (("rule", "list"), ("rule", "show", "#1"), ("rule", "export", "#1"), ("audit", "list")):
        assert "\x1b" not in run(*words).out

"""The main path by commands, on both databases, and the shapes that scripts rely on (I1, I8, Q3–Q5, T2, T3, T6, P7, N1)."""

import os
import pwd
import re
from pathlib import Path

import pytest

from tests.cli.conftest import ANSWERS, Run

ROW = [
    "number",
    "subject",
    "status",
    "phase",
    "flow",
    "health",
    "score",
    "priority",
    "customer",
    "email",
    "assignee",
    "due",
    "created",
    "unanswered",
]
ME = pwd.getpwuid(os.getuid()).pw_name


def test_an_answer_becomes_a_ticket_and_is_worked_and_closed(run: Run, migrated_url: str, answers: Path) -> None:
    """The whole path on SQLite and on PostgreSQL."""
    db = ("--db", migrated_url)
    assert run("init", *db).code == 0
    report = run("import", answers, "--survey", "Pós-venda", "--json", *db)
    assert report.code == 1, "one row was refused"
    assert report.json == {
        "id": 1,
        "read": 5,
        "imported": 4,
        "duplicates": 0,
        "refused": [{"line": 6, "reason": report.json["refused"][0]["reason"]}],
        "tickets": 3,
    }
    again = run("import", answers, "--survey", "Pós-venda", "--json", *db).json
    assert (again["imported"], again["duplicates"], again["tickets"]) == (0, 4, 0)

    listed = run("tickets", "--json", *db).json
    assert [list(t) for t in listed] == [ROW] * 3
    first = listed[0]
    assert first["customer"] == "Iara Menezes", "the detractor comes first (Q3)"
    number = str(first["number"])
    assert first | {"number": 0, "due": ""} == {
        "number": 0,
        "subject": "O sofá veio rasgado e ninguém atende.",
        "status": "pending",
        "phase": "New",
        "flow": "Customers",
        "health": "detractor",
        "score": 2,
        "priority": "medium",
        "customer": "Iara Menezes",
        "email": "iara@cliente.example",
        "assignee": None,
        "due": "",
        "created": "2026-10-02T13:00:00Z",
        "unanswered": False,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", first["due"])

    assert run("user", "add", "bia", "--name", "Bia", "--flow", "Customers", *db).code == 0
    too_early = run("assign", number, "bia", *db)
    assert too_early.code == 1 and "started" in too_early.err
    assert run("start", number, "--json", *db).json == {"done": [int(number)], "refused": []}
    assert run("assign", number, "bia", *db).code == 0
    assert run("tickets", "assignee:bia", "--json", *db).json[0]["status"] == "progress"
    assert run("assign", number, "--nobody", *db).code == 0
    assert run("note", number, "-", *db, stdin="Liguei, não atende.\nTento amanhã.\n").code == 0

    held = run("move", number, "Solving", "--json", *db)
    assert held.code == 1
    assert held.json["refused"][0]["code"] == "checklist"
    assert "Talked with the customer" in held.json["refused"][0]["reason"]
    assert run("tick", number, "read the", *db).code == 0
    assert run("tick", number, "talked", *db).code == 0
    assert run("move", number, "solvi", *db).code == 0
    assert run("priority", number, "high", *db).code == 0
    assert run("close", number, "--resolution", " ", *db).code == 1
    assert run("close", number, "--resolution", "Sofá trocado", "--outcome", "trocado", *db).code == 0

    whole = run("ticket", number, "--json", *db).json
    assert list(whole)[: len(ROW)] == ROW
    assert (whole["status"], whole["resolution"], whole["outcome"]) == ("closed", "Sofá trocado", "trocado")
    assert whole["priority"] == "high"
    assert [e["kind"] for e in whole["timeline"]] == [
        "opened", "started", "assigned", "assigned", "note", "ticked", "ticked", "moved", "priority", "closed",
    ]  # fmt: skip
    assert whole["timeline"][4]["text"] == "Liguei, não atende.\nTento amanhã."
    assert {e["who"] for e in whole["timeline"][1:]} == {ME}
    ticks = [i for p in whole["phases"] for i in p["items"] if i["ticked"]]
    assert [(i["text"], i["by"]) for i in ticks] == [
        ("Read the answer and the history", ME),
        ("Talked with the customer", ME),
    ]
    assert whole["answer"]["comment"] == "O sofá veio rasgado e ninguém atende."
    shown = run("ticket", number, *db)
    assert shown.code == 0
    assert "Sofá trocado" in shown.out and "[x] Talked" in shown.out and "Liguei" in shown.out
    assert [t["number"] for t in run("tickets", "-is:closed", "--json", *db).json] == [t["number"] for t in listed[1:]]


def test_a_dry_run_says_what_an_import_would_do_and_does_nothing(run: Run, empty_db: Path, answers: Path) -> None:
    """I8: the same report, before."""
    run("init")
    said = run("import", answers, "--survey", "x", "--dry-run", "--json")
    assert run("tickets", "--json").json == []

    def counts(*more: str) -> object:
        return {
            k: v
            for k, v in run("import", answers, "--survey", "x", "--json", *more).json.items()
            if k not in ("id", "preview")
        }

    assert counts() == {k: v for k, v in said.json.items() if k not in ("id", "preview")}
    rest = counts("--dry-run")
    assert rest == counts()
    changed = ANSWERS.replace("Bom, mas caro.", "Caro!") + "a9;05/10/2026;Flor;flor@cliente.example;;8;;\n"
    answers.write_text(changed, "cp1252")
    rest = run("import", answers, "--survey", "x", "--dry-run", "--json").json
    assert (rest["imported"], rest["tickets"], len(rest["refused"])) == (1, 1, 2)
    assert counts("--dry-run") == counts()


def test_an_import_that_is_broken_off_leaves_nothing(
    run: Run, empty_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I8: nothing is half-imported, and the same file comes in whole afterwards."""
    run("init")
    path = tmp_path / "x.csv"
    path.write_text("id;email;nota\n" + "".join(f"i{n};c{n}@cliente.example;{n % 11}\n" for n in range(1200)))

    def stop(_self: object, _progress: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("cli.commands.importing._Ticker.told", stop)
        assert run("import", path, "--survey", "x", "--scale", "nps").code == 130
    assert run("tickets", "--json").json == []
    rest = run("import", path, "--survey", "x", "--scale", "nps", "--json").json
    assert (rest["duplicates"], rest["imported"]) == (0, 1200)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ""),
        (b"\x00\x01\x02\x03" * 100, "text"),
        (b"nome;cidade\nAna;Recife\n", "score"),
    ],
)
def test_a_file_that_is_no_answers_ends_with_4(
    run: Run, shop: Path, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    for more in ([], ["--dry-run"]):
        said = run("import", path, "--survey", "x", *more)
        assert said.code == 4
        assert words in said.err and "Nothing was imported" in said.err


def test_a_file_or_a_column_that_is_not_there_ends_with_4(run: Run, shop: Path, answers: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        said = run("import", path, "--survey", "x")
        assert said.code == 4, path
        assert "Traceback" not in said.err
    said = run("import", answers, "--survey", "x", "--column", "score=estrelas")
    assert said.code == 4
    assert "estrelas" in said.err and "comentário" in said.err
    assert run("import", answers, "--survey", "x", "--column", "shoe=loja").code == 4


def test_columns_can_be_named_by_hand(run: Run, empty_db: Path, tmp_path: Path) -> None:
    """I8: what was guessed can be corrected."""
    run("init")
    path = tmp_path / "x.csv"
    path.write_text(
        "q1|q2|quem|quando\n4|Lento|gil@cliente.example|02/10/2026\n5|Bom|hugo@cliente.example|03/10/2026\n"
    )
    columns = ["score=q1", "comment=q2", "email=quem", "answered_at=quando"]
    said = run(
        "import", path, "--survey", "x", "--scale", "csat", "--json", *(w for c in columns for w in ("--column", c))
    )
    assert said.json["imported"] == 2
    assert {(t["email"], t["subject"], t["created"][:10]) for t in run("tickets", "--json").json} == {
        ("gil@cliente.example", "Lento", "2026-10-02"),
        ("hugo@cliente.example", "Bom", "2026-10-03"),
    }


def test_a_set_is_done_in_part_and_says_why_not_the_rest(run: Run, shop: Path) -> None:
    """Q4: under exactly the rules of one ticket; the exit code says that it was not all."""
    run("start", "1")
    said = run("start", "1", "2", "2", "404", "--json")
    assert said.code == 1
    assert said.json["done"] == [2]
    assert [(r["number"], r["code"]) for r in said.json["refused"]] == [(1, "already started"), (404, "no ticket")]
    assert "1 done, 2 refused" in said.err
    assert "#404" in said.err


def test_what_is_out_of_sight_is_not_there(run: Run, shop: Path) -> None:
    """P3: who is no member sees no ticket, by number neither."""
    run("user", "add", "zeca")
    assert run("tickets", "--as", "zeca", "--json").json == []
    outside, never = run("ticket", "1", "--as", "zeca"), run("ticket", "77", "--as", "zeca")
    assert (outside.code, outside.err.replace("1", "N")) == (1, never.err.replace("77", "N"))
    for command in (["start", "1"], ["note", "1", "x"], ["tick", "1", "read"], ["reply", "1", "--body", "x"]):
        said = run(*command, "--as", "zeca")
        assert said.code == 1, command
        assert "Iara" not in said.err + said.out
    assert run("ticket", "1", "--json").json["timeline_total"] == 1
    assert run("mail", "ledger", "--as", "zeca").code == 1
    assert run("import", shop, "--survey", "x", "--as", "zeca").code == 1


def test_a_restricted_note_is_neither_shown_nor_counted(run: Run, shop: Path) -> None:
    """N1: for whoever is neither its author, nor the assignee, nor a follower."""
    run("user", "add", "bia", "--flow", "Customers")
    run("start", "1", "--take")
    run("note", "1", "only between us")
    said = run("ticket", "1", "--as", "bia", "--json")
    assert "only between us" not in said.out + run("ticket", "1", "--as", "bia").out
    assert said.json["timeline_total"] == len(said.json["timeline"]) == 3
    assert run("ticket", "1", "--json").json["timeline_total"] == 4, "its author sees it"
    assert run("note", "1", "of bia", "--as", "bia").code == 0
    assert run("ticket", "1", "--as", "bia", "--json").json["timeline"][-1]["text"] == "of bia"


def test_a_list_for_people_says_how_much_there_is(run: Run, shop: Path) -> None:
    said = run("tickets")
    assert said.code == 0
    assert len(said.out.splitlines()) == 4
    assert "▼2" in said.out and "■7" in said.out and "▲9" in said.out
    assert "1 of 3" in run("tickets", "--limit", "1").out
    assert "No ticket" in run("tickets", "is:closed").out
    assert [t["score"] for t in run("tickets", "--json", "--limit", "2").json] == [2, 7]


def test_an_empty_database_says_what_to_do_next(run: Run, empty_db: Path) -> None:
    run("init")
    assert "retorno import" in run("tickets").out
    assert run("tickets", "--json").json == []


def test_long_lists_come_whole_and_in_order(
    run: Run, empty_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keyset pages are put together without a gap or a doublet."""
    monkeypatch.setattr("cli.commands.tickets.BATCH", 7)
    run("init")
    path = tmp_path / "x.csv"
    rows = "".join(f"i{n};c{n}@cliente.example;{n % 11}\n" for n in range(50))
    path.write_text("id;email;nota\n" + rows)
    run("import", path, "--survey", "x", "--scale", "nps")
    listed = run("tickets", "--json").json
    assert len({t["number"] for t in listed}) == 50
    order = {"detractor": 0, "neutral": 1, "promoter": 2}
    assert [order[t["health"]] for t in listed] == sorted(order[t["health"]] for t in listed)
    assert listed[:20] == run("tickets", "--json", "--limit", "20").json


def test_a_query_that_cannot_be_read_ends_with_2(run: Run, shop: Path) -> None:
    """Q5: it matches nothing rather than everything, and says what is known."""
    said = run("tickets", "is:purple", "--json")
    assert said.code == 2
    assert said.out == "" and "unassigned" in said.err


def test_a_shell_s_quotes_are_put_back(run: Run, empty_db: Path, tmp_path: Path) -> None:
    """`survey:"Loja SP"` loses its quotes in a shell; a whole query in one word keeps its terms."""
    run("init")
    path = tmp_path / "x.csv"
    path.write_text("id;email;nota\na;a@cliente.example;1\n")
    run("import", path, "--survey", "Loja SP", "--scale", "nps")
    assert len(run("tickets", "survey:Loja SP", "--json").json) == 1
    assert len(run("tickets", "is:open class:detractor", "--json").json) == 1
    assert len(run("tickets", "-survey:Loja SP", "--json").json) == 0


def test_a_checklist_line_must_be_meant_clearly(run: Run, shop: Path) -> None:
    run("start", "1")
    assert run("tick", "1", "no such line").code == 1
    assert run("tick", "1", "").code == 1
    items = {i["text"]: i["id"] for p in run("ticket", "1", "--json").json["phases"] for i in p["items"]}
    assert run("tick", "1", str(items["Talked with the customer"])).code == 0
    assert run("tick", "1", "TALKED", "--off").code == 0
    assert not any(i["ticked"] for p in run("ticket", "1", "--json").json["phases"] for i in p["items"])


def test_what_a_customer_wrote_cannot_drive_a_terminal(run: Run, empty_db: Path, tmp_path: Path) -> None:
    """R7, in every command that shows it."""
    run("init")
    path = tmp_path / "x.jsonl"
    path.write_text(
        '{"id": "1", "name": "[bold]Zoë\\u001b[2J\\u202e", "email": "z@cliente.example", "score": 1,'
        ' "comment": "\\u009b31mred\\u2066\\u0007 [@click=app.quit]x[/]"}\n'
    )
    assert run("import", path, "--survey", "\x1b]0;x\x07s", "--scale", "nps").code == 0
    number = str(run("tickets", "--json").json[0]["number"])
    for command in (["tickets"], ["tickets", "--json"], ["ticket", number], ["ticket", number, "--json"]):
        said = run(*command)
        assert said.code == 0
        assert not set(said.out) & set("\x1b\x9b\u202e\u2066\x07"), command

"""Several acts at once by a command, as in the list (A7)."""

from pathlib import Path

from tests.cli.conftest import Run


def test_a7_many_tickets_are_changed_at_once_and_what_is_refused_is_told_by_reason(shop: Path, run: Run) -> None:
    every = [t["number"] for t in run("tickets", "--json").json]
    assert len(every) > 1
    assert run("mass", "--where", "", "--dry-run", "--json").json == {"found": len(every)}
    assert run("mass", "--where", "").code == 2, "nothing is to be done"
    assert run("mass", "--where", "due:<", "--tag", "x").code == 2
    assert run("mass", "--where", "", "--category", "Nenhuma").code == 1
    assert run("mass", "--where", "", "--due", "jamais").code == 2
    assert run("mass", "--where", "", "--rule", "Nenhuma").code == 1
    made = run("category", "add", "Produto", "--word", "rasgado near ninguem")
    assert made.code == 0, made.err

    result = run("mass", "--where", "", "--tag", "lote", "--categorise", "--due", "2026-12-31", "--json")
    assert result.json == {
        "found": len(every),
        "done": sorted(every),
        "partly": [],
        "refused": [],
        "left": 0,
        "written": [],
    }
    assert result.code == 0
    found = [t for t in every if run("ticket", str(t), "--json").json["categories"] == ["Produto"]]
    assert len(found) == 1

    result = run("mass", "--where", "tag:lote", "--no-tag", "LOTE", "--priority", "high", "--json")
    assert result.code == 1
    (refused,) = result.json["refused"]
    assert (refused["code"], refused["count"], refused["numbers"]) == ("not started", len(every), sorted(every))
    assert result.json["partly"] == sorted(every)

    result = run("mass", "--where", f"#{every[0]}", "--start", "--assign", "me", "--priority", "low")
    assert result.code == 0 and result.out == "1 tickets found: 1 done, 0 in part, 0 not.\n", result
    result = run("mass", "--where", "", "--start")
    assert result.code == 1 and f"1 × This ticket is started already. (#{every[0]})" in result.err

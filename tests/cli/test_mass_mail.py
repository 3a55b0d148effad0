"""Writing to many and giving many by a table, by a command, under the rules of the screen (A3, A7, R5)."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_a7_r5_many_are_given_by_a_table_and_written_to_with_a_template(
    shop: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        'undo_seconds = 600\n[[mailbox]]\naddress = "sac@loja.example"\nimap_host = "127.0.0.1"\n'
        'smtp_host = "127.0.0.1"\nimap_security = "none"\nsmtp_security = "none"\n'
    )
    monkeypatch.setenv("RETORNO_CONFIG", str(config))
    me = run("tickets", "--json").json
    every = sorted(t["number"] for t in me)
    login = run("user", "list", "--json").json[0]["login"]
    assert run("managers", "set", "Gerentes", f"Natal={login}", "--attribute", "loja").code == 0
    assert (
        run("template", "add", "Aviso", "--subject", "Aviso", "--body", "Loja {{ answer.attributes.loja }}").code == 0
    )
    assert run("mass", "--where", "", "--managers", "Gerentes", "--assign", login).code == 2, "one of the two"
    assert run("mass", "--where", "", "--managers", "Outra").code == 1
    assert run("mass", "--where", "", "--template", "Outro").code == 1

    result = run("mass", "--where", "", "--start", "--managers", "gerentes", "--json")
    done, (refused,) = result.json, result.json["refused"]
    assert (result.code, refused["code"], done["written"]) == (1, "no manager", [])
    natal, recife = done["done"], refused["numbers"]
    assert sorted([*natal, *recife]) == every and natal and recife

    before = run("mass", "--where", "", "--template", "Aviso", "--dry-run", "--json").json
    assert (before["found"], before["written"]) == (len(every), natal)
    assert (
        run("mass", "--where", "", "--template", "Aviso", "--dry-run").out.splitlines()[1].startswith(str(len(natal)))
    )
    result = run("mass", "--where", "", "--template", "aviso", "--json")
    assert (result.json["written"], [r["code"] for r in result.json["refused"]]) == (natal, ["nobody assigned"])
    again = run("mass", "--where", "", "--template", "Aviso")
    assert again.code == 1 and "24 hours" in again.err and "written to" not in again.out
    classes = run("mass", "--where", "", "--template", "class", "--json").json
    assert classes["written"] == [] and {r["code"] for r in classes["refused"]} == {"no class mail"}

"""Notes with files, followers, notifications and files from the command line (R5, N1, N2)."""

from pathlib import Path

import pytest

from cli.exits import Exit
from tests.cli.conftest import Run


def colleague(run: Run) -> None:
    """Zé, an agent of the first flow, whose ticket 1 is now."""
    flow = run("tickets", "--json").json[0]["flow"]
    assert run("user", "add", "zé", "--level", "agent", "--flow", flow).code == 0
    assert run("start", "1", "--as", "zé", "--take").code == 0


def test_a_note_goes_with_files_and_they_come_out_again_beside_what_is_there(
    run: Run, shop: Path, tmp_path: Path
) -> None:
    colleague(run)
    source = tmp_path / "foto do sofá.png"
    source.write_bytes(b"png")
    assert run("note", "1", "veja", "--file", source, "--file", source, "--as", "zé").code == 0
    entry = run("ticket", "1", "--json", "--as", "zé").json["timeline"][-1]
    assert [a["name"] for a in entry["attachments"]] == ["foto do sofá.png", "foto do sofá (2).png"]
    id = entry["attachments"][0]["id"]
    saved = run("attachment", "save", id, "--to", tmp_path, "--json", "--as", "zé")
    assert saved.json == {"id": id, "path": str(tmp_path / "foto do sofá (2).png")}
    assert Path(saved.json["path"]).read_bytes() == b"png"
    assert run("attachment", "save", id, "--to", tmp_path, "--as", "zé").out == f"{tmp_path / 'foto do sofá (3).png'}\n"
    # The owner is neither author, assignee nor follower.
    refused = run("attachment", "save", id, "--to", tmp_path)
    assert refused.code == Exit.REFUSED and "no file" in refused.err
    assert run("attachment", "save", id, "--to", tmp_path / "none", "--as", "zé").code == Exit.REFUSED


def test_a_note_may_be_files_alone_but_not_nothing(run: Run, shop: Path, tmp_path: Path) -> None:
    assert run("note", "1", "--file", shop).code == 0
    assert run("note", "1").code == Exit.USAGE
    assert run("note", "1", "").code == Exit.REFUSED
    missing = run("note", "1", "x", "--file", tmp_path / "none\x1b[2J")
    assert missing.code == Exit.INPUT and "Nothing was noted" in missing.err and "\x1b" not in missing.err
    assert run("note", "1", "x", "--file", tmp_path).code == Exit.INPUT


def test_who_opens_files_must_have_said_with_what(
    run: Run, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run("note", "1", "--file", shop)
    id = run("ticket", "1", "--json").json["timeline"][-1]["attachments"][0]["id"]
    assert "open_command" in run("attachment", "open", id).err
    config = tmp_path / "config.toml"
    config.write_text('open_command = ""')
    assert run("attachment", "open", id, "--config", config).code == Exit.REFUSED
    config.write_text('open_command = "true --flag"')
    opened = run("attachment", "open", id, "--config", config, "--json")
    assert opened.code == 0 and Path(opened.json["path"]).is_file()


def test_followers_are_made_and_unmade(run: Run, shop: Path) -> None:
    colleague(run)
    assert run("follow", "1", "2", "--json").json == {"done": [1, 2], "refused": []}
    assert run("follow", "1", "--login", "zé").code == 0
    assert len(run("ticket", "1", "--json").json["followers"]) == 2
    assert run("follow", "1", "--login", "ninguém").code == Exit.REFUSED
    assert run("unfollow", "1").code == 0
    assert run("ticket", "1", "--json").json["followers"] == ["zé"]
    assert run("unfollow", "99").code == Exit.REFUSED


def test_notifications_are_listed_and_read(run: Run, shop: Path) -> None:
    colleague(run)
    assert run("notifications").out == ""
    run("note", "1", "@zé, veja")
    told = run("notifications", "--json", "--as", "zé").json
    assert [(n["kind"], n["ticket"], n["text"], n["read"]) for n in told] == [("mention", 1, "@zé, veja", False)]
    assert "mention" in run("notifications", "--as", "zé").out
    assert run("notifications", "--read-all", "--json", "--as", "zé").json == {"read": 1}
    assert run("notifications", "--unread", "--json", "--as", "zé").json == []
    assert len(run("notifications", "--json", "--as", "zé").json) == 1
    assert run("notifications", "--json").json == []

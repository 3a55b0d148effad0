"""Mailboxes in the settings: health with since and next, the test step by step, what the file wants (R3, M6)."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from domain.refusals import Refusal
from loop import audit, mailbox_setup, mailbox_states
from loop.config import load
from loop.mailboxes import ensure
from tests.servers import free_port
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtpreal import OpenSmtpd
from tests.tui.conftest import MAILBOX, Shop, until
from tests.tui.test_settings import Bare, Settings
from tui.screens.settings.mailboxes import MailboxesPane

Entered = Callable[..., AbstractAsyncContextManager[Settings]]


@pytest.fixture
def entered(shop: Shop) -> Entered:
    @asynccontextmanager
    async def enter(size: tuple[int, int] = (120, 40), login: str = "ana") -> AsyncIterator[Settings]:
        from tui.screens.settings.screen import SettingsScreen

        app = Bare(shop.desk, shop.desk.actor(login), background=False)
        async with app.run_test(size=size) as pilot:
            driven = Settings(app, pilot)
            await app.push_screen(SettingsScreen("mailboxes"))
            await driven.quiet()
            assert isinstance(driven.pane, MailboxesPane)
            yield driven

    return enter


async def test_m6_trouble_says_since_when_and_what_is_tried_next(shop: Shop, entered: Entered) -> None:
    id = ensure(shop.desk, MAILBOX)
    now = shop.desk.now()
    mailbox_states.remember(
        shop.desk, id, "send", "sending fails: 421 \x1b[31mlater", now + 60_000, since=now - 3_600_000
    )
    async with entered() as s:
        text = s.text()
        assert "✗" in text and "421 [31mlater" in text and "since" in text and "tried again" in text
        assert "\x1b" not in text
    mailbox_states.remember(shop.desk, id, "send", "")
    async with entered() as s:
        assert "421" not in s.text()


async def test_m6_what_a_mailbox_does_is_seen_while_one_looks(
    shop: Shop, entered: Entered, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trouble that comes, and that goes, without a key."""
    monkeypatch.setattr("tui.screens.settings.mailboxes.LOOK_S", 0.02)
    id = ensure(shop.desk, MAILBOX)
    async with entered() as s:
        assert "421" not in s.text()
        mailbox_states.remember(shop.desk, id, "send", "sending fails: 421 later", shop.desk.now() + 60_000)
        await until(lambda: "421 later" in s.text())
        mailbox_states.remember(shop.desk, id, "send", "")
        await until(lambda: "421" not in s.text())


async def test_r3_t_tries_the_mailbox_and_shows_each_step(
    shop: Shop, entered: Entered, dovecot: Dovecot, opensmtpd: OpenSmtpd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TELA", PASSWORD)
    box = replace(MAILBOX, imap_port=dovecot.port, smtp_port=opensmtpd.port, smtp_user="", password_env="TELA")
    shop.desk.config = replace(shop.desk.config, mailboxes=(box,))
    async with entered((120, 50)) as s:
        await s.press("t")
        await until(lambda: not s.pane.testing, 30)
        await s.quiet()
        text = s.text()
        assert "sac works." in s.said
        for title in ("IMAP: login", "IMAP: IDLE", "SMTP: login", "Message to itself: back", "Clock"):
            assert title in text
        assert PASSWORD not in text


@pytest.mark.parametrize("size", [(60, 15), (80, 24)])
async def test_r3_a_mailbox_that_does_not_work_says_where_it_ends(
    shop: Shop, entered: Entered, size: tuple[int, int]
) -> None:
    box = replace(MAILBOX, imap_port=free_port(), smtp_port=free_port())
    shop.desk.config = replace(shop.desk.config, mailboxes=(box,))
    async with entered(size) as s:
        await s.press("t")
        await until(lambda: not s.pane.testing, 30)
        await s.quiet()
        assert "does not work" in s.said
        failed = [step.name for step in s.pane.steps[box.address] if step.state == "failed"]
        assert failed == ["imap line", "smtp line"]


async def test_r3_f_shows_what_to_write_and_checks_what_stands_there(
    shop: Shop, entered: Entered, tmp_path: Path
) -> None:
    """No password is asked for or kept: the file names where it is."""
    path = tmp_path / "config.toml"
    path.write_text('[[mailbox]]\naddress = "sac@loja.example"\nimap_host = "a"\nsmtp_host = "b"\n')
    url = shop.desk.config.db_url
    shop.desk.config = load(str(path), url, {})
    async with entered() as s:
        await s.press("f")
        await s.quiet()
        assert "password_command" in s.text() and "in use" in s.said
        await s.press("f")
        path.write_text("[[mailbox]]\naddress = 3\n")
        await s.press("f")
        await s.quiet()
        assert "address" in s.said and "text" in s.said
        await s.press("escape")
        assert "password_command" not in s.text()


async def test_p4_who_may_not_see_mailboxes_sees_none(shop: Shop, entered: Entered) -> None:
    ensure(shop.desk, MAILBOX)
    async with entered(login=shop.other.login) as s:
        assert MAILBOX.address not in s.text()
        await s.press("t", "o", "f", "e", "d")
        assert s.pane.steps == {} and "password_command" not in s.text()


async def test_r3_a_mailbox_is_set_up_changed_and_removed_in_the_screen(
    shop: Shop, entered: Entered, tmp_path: Path
) -> None:
    """It is in the file and in use at once; comments of the file stay, and the audit tells what was changed."""
    path = tmp_path / "config.toml"
    path.write_text("# a loja\n")
    shop.desk.config = load(str(path), shop.desk.config.db_url, {})
    async with entered() as s:
        await s.press("o")
        for word in ("sac@loja.example", "", "SAC da Loja", "imap.loja.example"):
            await s.press(*word, "tab")
        await s.press("tab", "tab", "tab", *"smtp.loja.example", "f5")
        await s.quiet()
        await s.quiet()
        assert "in use" in s.said and "sac@loja.example" in s.text()
        (box,) = shop.desk.config.mailboxes
        assert (box.sender_name, box.imap_host, box.smtp_host) == (
            "SAC da Loja",
            "imap.loja.example",
            "smtp.loja.example",
        )
        await s.press("e", "tab", "tab", "end", *" Ltda", "f5")
        await s.quiet()
        assert shop.desk.config.mailboxes[0].sender_name == "SAC da Loja Ltda"
        assert path.read_text().startswith("# a loja\n")
        await s.press("e", "tab", "tab", "tab", "end", *"/x", "f5")
        await s.quiet()
        assert "name alone" in s.text() and "Nothing was changed" in s.text(), "and the form stays open"
        await s.press("escape", "escape")
        await s.quiet()
        await s.press("d", "y")
        await s.quiet()
        assert shop.desk.config.mailboxes == () and path.read_text().strip() == "# a loja"
    told = [(line.what, line.name) for line in audit.audit(shop.desk, actor=shop.actor, target="mailbox")]
    assert told == [("removed", "sac@loja.example"), ("changed", "sac@loja.example"), ("created", "sac@loja.example")]


async def test_r3_only_the_owner_says_where_mail_goes(shop: Shop) -> None:
    """Who could point a mailbox at a server of their own would be given its password."""
    values = {"address": "a@loja.example", "imap_host": "i.example", "smtp_host": "s.example"}
    refused = mailbox_setup.save(shop.desk, None, values, actor=shop.other)
    assert isinstance(refused, Refusal) and shop.desk.config.mailboxes == (MAILBOX,)


async def test_r2_no_command_is_named_from_a_screen_that_is_not_on_ones_own_machine(shop: Shop, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("")
    shop.desk.config = load(str(path), shop.desk.config.db_url, {})
    with shop.desk.db.write() as work:
        work.run("UPDATE settings SET value = '0' WHERE name = 'personal'", {})
    values = {"address": "a@loja.example", "imap_host": "i.example", "smtp_host": "s.example"}
    for key in ("password_command", "ca_file"):
        refused = mailbox_setup.save(shop.desk, None, values | {key: ("sh", "-c", "id")}, actor=shop.actor)
        assert isinstance(refused, Refusal) and refused.code == "in the file"
    assert path.read_text() == ""
    assert not isinstance(mailbox_setup.save(shop.desk, None, values, actor=shop.actor), Refusal)

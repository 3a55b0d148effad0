"""What is kept in order on the server: copies of what was sent, folders of what was read, and troubles told to all (M4, M6)."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from loop import copies, ledger, mailbox_states, outbox, receiving, worker
from loop.copies import Copier
from loop.desk import Desk
from loop.mailboxes import ensure, imap_account
from loop.moves import Mover
from loop.views import MailHealth
from loop.worker import Worker
from mail.delivery import Delivered
from mail.mailbox import Mailbox
from mail.poller import poll_once
from tests.loop.conftest import MAILBOX, Shop
from tests.loop.mailing import mail
from tests.loop.test_sending import write
from tests.servers import free_port
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtpsink import SmtpSink


class Upkeep:
    """A mailbox on a real server, and what its parts say."""

    def __init__(
        self, shop: Shop, server: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch, **config: object
    ) -> None:
        monkeypatch.setenv("UPKEEP", PASSWORD)
        self.shop, self.server, self.user, self.said = shop, server, user, list[tuple[object, ...]]()
        self.config = replace(MAILBOX, imap_port=server.port, imap_user=user, password_env="UPKEEP", **config)  # type: ignore[arg-type]
        shop.desk.config = replace(shop.desk.config, mailboxes=(self.config,))
        self.mailbox = ensure(shop.desk, self.config)
        self.ending = threading.Event()
        server.remove(user)

    def say(self, *said: object) -> None:
        self.said.append(said)

    def copier(self) -> Copier:
        return Copier(self.shop.desk, self.config, self.mailbox, self.ending, self.say)

    def mover(self) -> Mover:
        return Mover(self.shop.desk, self.config, self.mailbox, self.ending, self.say)

    def sent(self, number: int, *bodies: str) -> None:
        """Messages that a server took."""
        write(self.shop, number, *bodies)
        for letter in outbox.claim(self.shop.desk, self.mailbox, "me/1"):
            outbox.settle(self.shop.desk, letter, Delivered("sent", "250 ok"), bool(self.config.sent_folder))

    def owed(self) -> int:
        return self.shop.desk.db.rows("SELECT COUNT(*) FROM outbox WHERE copy_at IS NOT NULL")[0][0]

    def again(self) -> None:
        """What waits for a later try is due now."""
        with self.shop.desk.db.write() as work:
            work.run("UPDATE outbox SET copy_at = 0 WHERE copy_at IS NOT NULL", {})

    def fetch(self) -> None:
        """Read the mailbox as the worker does."""

        def deliver(mails, cursor) -> None:  # type: ignore[no-untyped-def]
            receiving.keep(self.shop.desk, self.mailbox, mails, cursor, moving=True)

        poll_once(imap_account(self.config), receiving.cursor(self.shop.desk, self.mailbox), deliver)
        while receiving.process(self.shop.desk):
            pass

    def folder(self, name: str) -> int:
        """How many mails lie in a folder."""
        client = self.server.client(self.user)
        try:
            state, (count,) = client.select(f'"{name}"', readonly=True)
            return int(count) if state == "OK" else 0
        finally:
            client.logout()


def test_m4_a_copy_of_what_was_sent_is_kept_once(
    shop: Shop, started: int, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    up = Upkeep(shop, dovecot, "copias", monkeypatch, sent_folder="Enviados/2026")
    up.sent(started, "um", "dois")
    assert up.owed() == 2
    up.copier().look()
    assert (up.folder("Enviados/2026"), up.owed(), up.said[-1]) == (2, 0, (True, ""))
    with shop.desk.db.write() as work:  # a worker that died between the server's yes and ours
        work.run("UPDATE outbox SET copy_at = 0", {})
    up.copier().look()
    assert (up.folder("Enviados/2026"), up.owed()) == (2, 0), "what is there already is not put there twice"
    client = dovecot.client("copias")
    client.select('"Enviados/2026"', readonly=True)
    assert client.search(None, "SEEN")[1][0].split() == [b"1", b"2"]
    client.logout()


def test_m4_auto_is_the_folder_that_the_server_names(
    shop: Shop, started: int, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    up = Upkeep(shop, dovecot, "copias-auto", monkeypatch, sent_folder="auto")
    up.sent(started, "um")
    up.copier().look()
    assert up.folder("Sent") == 1


def test_m4_a_copy_that_cannot_be_kept_is_the_mailboxs_trouble_and_owed_until_it_is(
    shop: Shop, started: int, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    up = Upkeep(shop, dovecot, "copias-depois", monkeypatch, sent_folder="Enviados")
    up.sent(started, "um")
    good = up.config
    up.config = replace(good, imap_port=free_port())
    up.copier().look()
    ok, words, pause = up.said[-1]
    assert not ok and "cannot be reached" in str(words) and pause == copies.PAUSES_S[0]
    assert up.owed() == 1
    assert shop.desk.db.rows("SELECT state FROM outbox") == [("sent",)], "the message has left all the same"
    up.copier().look()
    assert len(up.said) == 1, "not tried again before its time"
    up.again()
    monkeypatch.setenv("UPKEEP", "errada")
    up.config = good
    up.copier().look()
    assert up.said[-1][2] == 60.0, "a refused login is not repeated at once: accounts get locked"
    up.again()
    monkeypatch.setenv("UPKEEP", PASSWORD)
    up.copier().look()
    assert (up.owed(), up.folder("Enviados"), up.said[-1]) == (0, 1, (True, ""))


def test_m4_one_copy_that_a_server_refuses_holds_no_other_up(
    shop: Shop, started: int, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    up = Upkeep(shop, dovecot, "copias-uma", monkeypatch, sent_folder="Enviados")
    up.sent(started, "um", "dois", "três")
    real, seen = Mailbox.append, []

    def append(self: Mailbox, folder: str | None, raw: bytes, message_id: str = "") -> None:
        seen.append(message_id)
        if len(seen) == 2:
            self.close()  # as when the line dies under it
        real(self, folder, raw, message_id)

    monkeypatch.setattr(Mailbox, "append", append)
    up.copier().look()
    assert (len(seen), up.folder("Enviados"), up.owed()) == (3, 2, 1)
    assert up.said[-1][0] is False
    up.again()
    up.copier().look()
    assert (up.folder("Enviados"), up.owed()) == (3, 0)


def test_m4_without_a_folder_nothing_is_owed(
    shop: Shop, started: int, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    up = Upkeep(shop, dovecot, "copias-nada", monkeypatch)
    up.sent(started, "um")
    assert up.owed() == 0
    up.config = replace(up.config, sent_folder="Enviados")
    up.sent(started, "dois")
    up.config = replace(up.config, sent_folder="")
    up.copier().look()
    assert up.owed() == 0, "who takes the folder out wants no copies"


BROKEN = b"\x00" * 40


def test_m6_mails_go_into_their_folders_after_their_outcome_and_none_is_lost(
    shop: Shop, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    up = Upkeep(shop, dovecot, "pastas", monkeypatch, processed_folder="Lidas", failed_folder="Quebradas")
    dovecot.append("pastas", [mail(f"Mensagem {n}").as_bytes() for n in range(3)])

    def deliver(mails, cursor) -> None:  # type: ignore[no-untyped-def]
        receiving.keep(shop.desk, up.mailbox, mails, cursor, moving=True)

    poll_once(imap_account(up.config), None, deliver)
    assert up.mover().look() == 0, "what has no outcome yet stays"
    while receiving.process(shop.desk):
        pass
    with shop.desk.db.write() as work:
        work.run("UPDATE inbound SET outcome = 'quarantined' WHERE uid = 2", {})
    assert up.mover().look() == 3
    assert (up.folder("INBOX"), up.folder("Lidas"), up.folder("Quebradas")) == (0, 2, 1)
    with shop.desk.db.write() as work:  # a worker that died between the server's yes and ours
        work.run("UPDATE inbound SET to_move = true", {})
    assert up.mover().look() == 3
    assert (up.folder("Lidas"), up.folder("Quebradas")) == (2, 1)
    up.fetch()
    assert ledger.balance(shop.desk, actor=shop.ana)["seen"] == 3  # type: ignore[index]


def test_m6_what_is_not_wished_and_what_is_not_whole_stays_where_it_is(
    shop: Shop, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M8: of an oversized mail only the headers were fetched; the rest is fetched from where it lies."""
    up = Upkeep(shop, dovecot, "pastas-grande", monkeypatch, failed_folder="Quebradas", max_bytes=2000)
    dovecot.append("pastas-grande", [mail("pequena").as_bytes(), mail("grande " * 1000).as_bytes()])
    up.fetch()
    assert up.mover().look() == 1
    assert (up.folder("INBOX"), up.folder("Quebradas")) == (2, 0)
    up.config = replace(up.config, processed_folder="Lidas")
    assert up.mover().look() == 0
    assert up.folder("INBOX") == 2


def test_m6_uids_of_another_validity_move_nobody_elses_mail(
    shop: Shop, own_dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    up = Upkeep(shop, own_dovecot, "pastas-outra", monkeypatch, processed_folder="Lidas")
    own_dovecot.append("pastas-outra", [mail("um").as_bytes()])
    up.fetch()
    own_dovecot.stop()
    own_dovecot.forget_uids("pastas-outra")
    own_dovecot.start()
    assert up.mover().look() == 1
    assert (up.folder("INBOX"), up.folder("Lidas")) == (1, 0)
    up.fetch()
    assert up.mover().look() == 1
    assert (up.folder("INBOX"), up.folder("Lidas")) == (0, 1), "it came again under its new number, as a duplicate"


def test_m6_a_server_without_move_keeps_its_mails_and_it_is_said(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Dovecot(capability="IMAP4rev1 IDLE UIDPLUS") as server:
        up = Upkeep(shop, server, "sem-move", monkeypatch, processed_folder="Lidas")
        server.append("sem-move", [mail("um").as_bytes()])
        up.fetch()
        mover = up.mover()
        thread = threading.Thread(target=mover.run, daemon=True)
        thread.start()
        while not up.said:
            assert thread.is_alive()
            up.ending.wait(0.02)
        up.ending.set()
        thread.join(60)
        assert up.said[0][0] is False and "MOVE" in str(up.said[0][1])
        assert up.folder("INBOX") == 1


def test_m6_troubles_are_known_to_all_with_since_when_and_what_is_next(shop: Shop) -> None:
    """Who serves the mailbox writes them down; who looks may sit at another machine."""
    desk: Desk = shop.desk
    id = ensure(desk, MAILBOX)
    mailbox_states.remember(desk, id, "send", "sending fails: 535", shop.clock.now + 5000)
    began = shop.clock.now
    shop.clock.now += 60_000
    mailbox_states.remember(desk, id, "send", "sending fails: 421", shop.clock.now + 9000)
    states = mailbox_states.mailboxes(desk, actor=shop.ana)
    assert isinstance(states, tuple)
    (trouble,) = states[0].troubles
    assert (trouble.said, trouble.since, trouble.next_at) == ("sending fails: 421", began, shop.clock.now + 9000)
    mailbox_states.remember(desk, id, "send", "")
    assert mailbox_states.mailboxes(desk, actor=shop.ana)[0].troubles == ()  # type: ignore[index]


def test_m5_messages_of_a_mailbox_that_is_gone_are_told_of(shop: Shop, started: int) -> None:
    """Nobody sends them: the health line and the list of mailboxes say so, until the mailbox is served somewhere."""
    from storage import leases

    write(shop, started, "um")
    shop.desk.config = replace(
        shop.desk.config, mailboxes=(replace(MAILBOX, address="nova@loja.example", name="nova"),)
    )
    assert mailbox_states.orphans(shop.desk) == {MAILBOX.address: 1}
    new, old = mailbox_states.mailboxes(shop.desk, actor=shop.ana)  # type: ignore[misc]
    assert (new.configured, old.configured, old.address, old.waiting) == (True, False, MAILBOX.address, 1)
    assert old.troubles[0].part == mailbox_states.ORPHANED
    leases.take(shop.desk.db, f"mailbox {MAILBOX.address}", "another machine", 30)
    assert mailbox_states.orphans(shop.desk) == {}
    assert mailbox_states.mailboxes(shop.desk, actor=shop.ana)[1].troubles == ()  # type: ignore[index]


def test_m4_m6_the_worker_does_it_all_and_tells_of_what_nobody_sends(
    shop: Shop, started: int, dovecot: Dovecot, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent and copied, read and moved, and the messages of a mailbox that is gone are in the health line."""
    write(shop, started, "da caixa antiga")
    up = Upkeep(
        shop, dovecot, "tudo", monkeypatch, address="tudo@loja.example", sent_folder="auto", processed_folder="Lidas",
        smtp_port=sink.port, smtp_user="",
    )  # fmt: skip
    write(shop, started, "da nova")
    dovecot.append("tudo", [mail("um").as_bytes()])
    monkeypatch.setattr(worker, "SETTLE_S", 0.1)
    said: list[MailHealth] = []
    serving = Worker(shop.desk, said.append)
    serving.start()
    try:
        end = time.monotonic() + 60
        while (up.folder("Sent"), up.folder("Lidas")) != (1, 1) or not any(MAILBOX.address in h.said for h in said):
            assert time.monotonic() < end, said
            time.sleep(0.05)
    finally:
        serving.stop(60)
    told = next(h for h in said if MAILBOX.address in h.said)
    assert not told.ok and told.since and "since" in told.whole
    states = dict(shop.desk.db.rows("SELECT b.address, o.state FROM outbox o JOIN mailboxes b ON b.id = o.mailbox_id"))
    assert states == {MAILBOX.address: "queued", "tudo@loja.example": "sent"}

"""A worker that is killed at any commit, before or after it: nothing lost, nothing twice by us, the ledger balances.

Which commits there are is not written down here: a first life tells all that it makes, so that a new one is met too.
"""

import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.mortal import Mortals
from tests.e2e.scene import OURS, Scene, scene
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtpreal import OpenSmtpd

KNOWN = {
    "loop.copies.Copier._append",
    "loop.mailboxes.ensure",
    "loop.moves.Mover.look",
    "loop.outbox.claim",
    "loop.outbox.hand_over.before_data",
    "loop.outbox.recover",
    "loop.outbox.settle",
    "loop.receiving._record",
    "loop.receiving.keep",
    "storage.leases.release",
    "storage.leases.take",
}
"""What must be among them, or the watch has gone blind."""


def unlocked(it: Scene) -> None:
    """What half a minute does where workers may be on other machines: the dead one's leases are over."""
    with it.desk.db.write() as work:
        work.run("DELETE FROM leases WHERE name <> :n", {"n": "-"})


@pytest.mark.servers
def test_m5_m6_m8_killed_at_every_commit_of_receive_and_send(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dovecot: Dovecot, opensmtpd: OpenSmtpd
) -> None:
    monkeypatch.setenv("SAC_PASSWORD", PASSWORD)
    folders = {"sent_folder": "auto", "processed_folder": "Lidos", "failed_folder": "Quebrados"}
    with (
        scene(migrated_url, tmp_path, dovecot, opensmtpd.port, **folders) as it,
        Mortals(tmp_path, it.config) as lives,
    ):
        given, outbox = 0, dict[int, int]()  # letters each way, and the row of each that goes out

        def give() -> None:
            """Work for every commit: a mail each way, and a configuration that the mailbox's row is not in line with."""
            nonlocal given
            given += 1
            it.arrive(given)
            outbox[it.send(given)] = given
            with it.desk.db.write() as work:
                work.run("UPDATE mailboxes SET sender_name = :other", {"other": "—"})

        def done() -> bool:
            return (
                it.read() == given
                and not set(it.states().values()) & {"queued", "claimed", "data"}
                and not it.rows("SELECT 1 FROM outbox WHERE copy_at IS NOT NULL")
                and not it.rows("SELECT 1 FROM inbound WHERE to_move = true")
            )

        def whole() -> None:
            """A life that nobody cuts short."""
            lives.begin()
            it.until("all is in and out", lambda: done() or lives.code is not None)
            lives.tell()
            assert lives.end() == 0
            assert done()

        give()
        whole()
        commits = lives.commits()
        assert commits >= KNOWN, KNOWN - commits

        doubtful: set[int] = set()
        for name in sorted(commits):
            for when in ("before", "after"):
                give()
                lives.begin(name, when)
                it.until(f"{name} or all is done", lambda: lives.code is not None or done())
                lives.tell()
                assert lives.end() == -signal.SIGKILL, f"it did not die {when} {name}"
                unlocked(it)
                doubtful |= {outbox[id] for id, state in it.states().items() if state == "data"}
        whole()

        every = Counter(range(1, given + 1))
        assert it.questions() == every, "each mail that came in stands on the ticket once"
        assert it.balance() == {"seen": given, "threaded": given}
        assert it.happened("mail in") == given
        states = {outbox[id]: state for id, state in it.states().items()}
        assert {n for n, state in states.items() if state == "in doubt"} == doubtful
        assert all(state == "sent" for n, state in states.items() if n not in doubtful), states
        tried = it.rows("SELECT MAX(attempts) FROM outbox WHERE state = 'sent'")[0][0]
        assert tried == 1, "a claim that died with its worker is no try that makes the next pause longer"
        got = it.arrived()
        assert set(got.values()) == {1} and every.keys() - got.keys() <= doubtful, "none twice, none lost unsaid"
        sent = Counter(every.keys() - doubtful)
        assert it.arrived(OURS, "Sent") == sent, "a copy of each"
        assert it.count(OURS, "Lidos") == given and it.count(OURS, "INBOX") == 0, "moved once, nothing deleted"
        assert it.happened("mail accepted") == given - len(doubtful)
        assert it.happened("mail in doubt") == len(doubtful)

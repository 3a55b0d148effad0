"""What random kills of the worker cost: nothing that came in or goes out is lost, nothing is done twice by us.

`make soak` plays it whole; SOAK_COMING, SOAK_GOING and SOAK_KILLS in the environment make it smaller.
"""

import os
import random
import re
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from loop import correspondence, drafts
from loop.config import load
from loop.desk import open_desk
from loop.views import Sent
from tests.e2e.shop import OURS, THEIRS, Customer, Shop
from tests.e2e.terminal import RETORNO, ROOT, retorno
from tests.servers.dovecot import Dovecot
from tests.servers.smtpreal import OpenSmtpd

COMING = int(os.environ.get("SOAK_COMING", "10000"))
GOING = int(os.environ.get("SOAK_GOING", "2000"))
KILLS = int(os.environ.get("SOAK_KILLS", "500"))
"""Mails in, messages out, and kills of the worker meanwhile."""
SEED = 20261122


def _letter(n: int) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"c{n}@clientes.example", OURS, f"Assunto {n}"
    mail["Message-ID"] = f"<soak-{n}@clientes.example>"
    mail.set_content(f"Mensagem número {n}.\n")
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))


def _share(whole: int, life: int) -> range:
    """What of so many falls into one life of the worker."""
    return range(whole * life // KILLS, whole * (life + 1) // KILLS)


def _begin(log: Path) -> subprocess.Popen[bytes]:
    with open(log, "ab") as out:
        return subprocess.Popen([*RETORNO, "worker"], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out)


def _let_go(shop: Shop) -> None:
    """What half a minute would do: the dead worker's lease is over."""
    with closing(sqlite3.connect(shop.db, timeout=20)) as db, db:
        db.execute("DELETE FROM leases")


def _until(what: str, true: Callable[[], object], shop: Shop, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        states = shop.rows("SELECT state, answer, COUNT(*) FROM outbox GROUP BY 1, 2")
        assert time.monotonic() < end, f"never: {what}; {shop.ledger()}, outbox {states}"
        time.sleep(0.02)


@pytest.mark.soak
@pytest.mark.servers
def test_m4_m6_a_worker_killed_again_and_again_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dovecot: Dovecot, opensmtpd: OpenSmtpd
) -> None:
    dovecot.remove(OURS)
    dovecot.remove(THEIRS)
    shop, dice = Shop(tmp_path, monkeypatch, dovecot.port, opensmtpd.port, undo=0), random.Random(SEED)
    retorno("init", "--language", "pt", "--name", "Ana")
    shop.takes("Nome;E-mail;Nota;Comentário\n" + "".join(f"Marina Alves;{THEIRS};2;Pedido {n}\n" for n in range(GOING)))
    numbers = [str(number) for (number,) in shop.rows("SELECT number FROM tickets ORDER BY number")]
    assert len(numbers) == GOING
    me = shop.rows("SELECT login FROM users")[0][0]
    retorno("start", *numbers)
    retorno("assign", *numbers, me)

    turns = threading.Semaphore(0)
    failed: list[BaseException] = []

    def life() -> None:
        """Mail comes in and goes out while the worker dies: some of each in each of its lives."""
        desk = open_desk(load(None, None, os.environ))
        try:
            for life in range(KILLS):
                turns.acquire()
                dovecot.append(OURS, (_letter(n) for n in _share(COMING, life)))
                for n in _share(GOING, life):
                    draft = replace(drafts.begin(desk, int(numbers[n]), actor=desk.actor(me)), body=f"Resposta {n}.")
                    sent = correspondence.send(desk, draft, actor=desk.actor(me))
                    assert isinstance(sent, Sent), sent
        except BaseException as error:
            failed.append(error)
        finally:
            desk.close()

    living = threading.Thread(target=life)
    living.start()
    log = tmp_path / "worker.log"
    for _kill in range(KILLS):
        turns.release()
        worker = _begin(log)
        _until("it serves the mailbox", lambda: shop.rows("SELECT 1 FROM leases"), shop)
        try:
            worker.wait(dice.uniform(0.0, 1.5))
            raise AssertionError(f"the worker ended by itself with {worker.returncode}: {log.read_text()[-2000:]}")
        except subprocess.TimeoutExpired:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        _let_go(shop)
    living.join()
    assert not failed, failed

    worker = _begin(log)
    _until("it serves the mailbox", lambda: shop.rows("SELECT 1 FROM leases"), shop)

    def done() -> bool:
        seen = shop.rows("SELECT COUNT(*) FROM inbound WHERE outcome <> ''")[0][0]
        waiting = shop.rows("SELECT COUNT(*) FROM outbox WHERE state IN ('queued', 'claimed', 'data')")[0][0]
        return seen >= COMING and not waiting

    _until("all is in and out", done, shop, 180 + COMING / 20)
    worker.terminate()
    assert worker.wait(20) == 0, "SIGTERM finishes the mail in hand"

    # In: each mail is recorded once, kept whole, and the ledger balances.
    ledger = shop.ledger()
    assert ledger.pop("seen") == COMING == sum(ledger.values())
    assert ledger == {"triage": COMING}
    assert Counter(subject for (subject,) in shop.rows("SELECT subject FROM inbound")) == {
        f"Assunto {n}": 1 for n in range(COMING)
    }

    # Out: each answer reached her once; only what is in doubt may be missing, and it says so.
    states = dict(shop.rows("SELECT state, COUNT(*) FROM outbox GROUP BY 1"))
    assert sum(states.values()) == GOING and set(states) <= {"sent", "in doubt"}, states
    arrived = Counter(
        int(re.search(r"Resposta (\d+)\.", mail.get_body(("plain",)).get_content())[1])
        for mail in Customer(dovecot, opensmtpd).mail()
    )
    assert set(arrived.values()) <= {1}, "twice"
    assert states.get("sent", 0) <= len(arrived) <= GOING, "what is marked sent has arrived"
    print(f"{KILLS} kills: {ledger}, outbox {states}, arrived {len(arrived)}")

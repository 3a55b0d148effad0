"""How many a second: answers from a file, mails from a server, messages to one."""

import csv
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.post import NOON, Post, reply
from bench.words import comments, people
from domain.people import Actor
from domain.refusals import Refusal
from loop import correspondence
from loop import importing as files
from loop.desk import Desk
from loop.mailboxes import imap_account, keys
from loop.views import Draft
from loop.worker import Worker

ANSWERS = 5_000
MAILS = 600
LETTERS = 300
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Rate:
    """So many in so many seconds."""

    count: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


def importing(desk: Desk, owner: Actor, folder: Path) -> Rate:
    """A CSV file of new answers from new customers, as `retorno import` takes it in."""
    path = folder / "answers.csv"
    answers_file(path, ANSWERS)
    began = time.perf_counter()
    report = files.import_file(desk, path, "Bench", actor=owner, kind="nps")
    took = time.perf_counter() - began
    if report.imported != ANSWERS:
        raise RuntimeError(f"imported {report.imported} of {ANSWERS}: {report.refused[:3]}")
    return Rate(ANSWERS, took)


def answers_file(path: Path, count: int) -> None:
    """A CSV file of so many answers, each of a customer of its own."""
    from random import Random

    said, who = comments(Random(2)), people()
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("id", "name", "email", "score", "comment", "date"))
        for i in range(count):
            name, _, left = who[i % len(who)]
            out.writerow(
                (f"N-{i}", name, f"{left}.n{i}@novos.example", i % 11, said[i % len(said)][0], "2026-11-19 10:00")
            )


def polling(desk: Desk, post: Post) -> dict[str, Rate]:
    """Replies on a server, one after the other onto their tickets by the worker; beside fetching and parsing alone."""
    from mail.tokens import message_id

    key = next(reversed(keys(desk.db.rows).values()))
    tickets = desk.db.rows(
        "SELECT t.number, c.name, c.email FROM tickets t JOIN contacts c ON c.id = t.contact_id WHERE t.status = 1 ORDER BY t.number LIMIT :n",
        {"n": MAILS},
    )
    mails = []
    for i in range(MAILS):
        number, name, email = tickets[i % len(tickets)]
        mails.append(reply(i, name, email, number, message_id(key, number, i + 1, "lojabench.example"), NOON))
    post.fill(mails)
    plain = _fetch_and_parse(desk, post)
    waiting = desk.db.rows("SELECT COUNT(*) FROM inbound")[0][0]
    ours = _worked(
        desk, lambda: desk.db.rows("SELECT COUNT(*) FROM inbound WHERE outcome <> ''")[0][0] - waiting, MAILS
    )
    outcomes = dict(desk.db.rows("SELECT outcome, COUNT(*) FROM inbound GROUP BY outcome"))
    if outcomes != {"threaded": MAILS}:
        raise RuntimeError(f"not all were threaded: {outcomes}")
    post.empty()
    return {"threaded": ours, "fetched and parsed only": plain}


def _fetch_and_parse(desk: Desk, post: Post) -> Rate:
    """The same mails with imapclient and our parser, and nothing kept."""
    from imapclient import IMAPClient

    from mail.parse import fingerprint, parse

    account = imap_account(desk.config.mailboxes[0])
    began = time.perf_counter()
    count = 0
    with IMAPClient(account.host, account.port, ssl=False) as client:
        client.login(account.user, account.password)
        client.select_folder("INBOX", readonly=True)
        uids = client.search()
        for i in range(0, len(uids), 50):
            for got in client.fetch(uids[i : i + 50], ["BODY.PEEK[]"]).values():
                raw = got[b"BODY[]"]
                fingerprint(raw)
                parse(raw)
                count += 1
    return Rate(count, time.perf_counter() - began)


def sending(desk: Desk, owner: Actor) -> dict[str, Rate]:
    """Letters accepted by the verb, and then handed to a server by the worker over one connection."""
    tickets = desk.db.rows(
        "SELECT t.number, c.email FROM tickets t JOIN contacts c ON c.id = t.contact_id"
        " WHERE t.status = 1 AND t.assignee_id = :me ORDER BY t.number LIMIT :n",
        {"me": owner.id, "n": LETTERS},
    )
    body = "Olá,\n\n" + "sentimos muito pelo que houve e vamos resolver ainda esta semana. " * 10
    began = time.perf_counter()
    for i in range(LETTERS):
        number, email = tickets[i % len(tickets)]
        sent = correspondence.send(desk, Draft(number, email, "", f"Sua resposta {i}", body), actor=owner)
        if isinstance(sent, Refusal):
            raise RuntimeError(f"#{number}: {sent}")
    accepted = Rate(LETTERS, time.perf_counter() - began)
    gone = _worked(desk, lambda: desk.db.rows("SELECT COUNT(*) FROM outbox WHERE state = 'sent'")[0][0], LETTERS)
    return {"accepted": accepted, "sent": gone}


def _worked(desk: Desk, done: Callable[[], int], count: int) -> Rate:
    """How long a worker takes from its start until `done` says `count`."""
    worker = Worker(desk)
    began = time.perf_counter()
    worker.start()
    try:
        while done() < count:
            if time.perf_counter() - began > PATIENCE_S:
                raise TimeoutError(f"{done()} of {count} in {PATIENCE_S:g} s")
            time.sleep(0.02)
        return Rate(count, time.perf_counter() - began)
    finally:
        worker.stop(10.0)

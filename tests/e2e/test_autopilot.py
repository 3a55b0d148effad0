"""Rules and their e-mails over real servers, also with a worker that is killed at any commit (A2, A5, A6, M5, M8)."""

import email
import email.policy
import signal
import smtplib
from collections import Counter
from email.message import EmailMessage
from pathlib import Path

import pytest

from domain.rules import Moment, RuleSet, Then, When
from loop import class_mail, importing, rules, templates
from loop.loose_mail import find as loose
from loop.rule_clock import HOUR_MS
from loop.setup_views import Saved
from loop.worker import Worker
from tests.e2e.mortal import Mortals
from tests.e2e.scene import OURS, Scene, scene
from tests.e2e.test_kills import unlocked
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtpreal import OpenSmtpd

KNOWN = {"loop.rule_mail._write", "loop.rule_clock.Clock._apply", "loop.outbox.settle"}
"""What must be among the commits, or the watch has gone blind."""


def thanking(it: Scene) -> int:
    """Promoters are thanked by e-mail; no flow takes them. The rule set's id."""
    desk, ana = it.desk, it.desk.actor("ana")
    with desk.db.write() as work:
        work.run("UPDATE flows SET intake = :i", {"i": '{"classes": ["detractor"]}'})
    made = templates.add(
        desk, "Obrigado", account=True, klass="promoter", sender_name="Loja", subject="Obrigado, {{ customer.first_name }}!",
        body="{{ customer.name }}, ficamos felizes.", actor=ana,
    )  # fmt: skip
    assert isinstance(made, Saved), made
    return on(it, RuleSet(None, "Agradecer", When(classes=("promoter",)), Then(send="class")))


def on(it: Scene, plan: RuleSet) -> int:
    """Save and switch on."""
    ana = it.desk.actor("ana")
    saved = rules.save(it.desk, plan, actor=ana)
    assert isinstance(saved, Saved), saved
    switched = rules.switch(it.desk, saved.id, True, actor=ana)
    assert getattr(switched, "id", None) == saved.id, switched
    return saved.id


def answered(it: Scene, folder: Path, *names: str) -> None:
    """Promoters' answers come in by a file."""
    rows = "".join(f"{name} Lima;{name.lower()}@clientes.example;10;Gostei, {name}\n" for name in names)
    file = folder / f"elogios-{names[0]}.csv"
    file.write_text("Nome;E-mail;Nota;Comentário\n" + rows, "utf-8")
    assert importing.import_file(it.desk, file, "Loja", actor=it.desk.actor("ana")).imported == len(names)


def inbox(it: Scene, user: str) -> list[EmailMessage]:
    client = it.dovecot.client(user)
    try:
        if client.select("INBOX")[0] != "OK":
            return []
        __, (found,) = client.search(None, "ALL")
        raws = [client.fetch(n, "(RFC822)")[1][0][1] for n in found.split()]
    finally:
        client.logout()
    return [email.message_from_bytes(raw, policy=email.policy.default) for raw in raws]


@pytest.mark.servers
def test_a2_a_promoter_is_thanked_and_the_reply_opens_a_ticket(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dovecot: Dovecot, opensmtpd: OpenSmtpd
) -> None:
    """An answer without a ticket gets an e-mail; what is answered comes back as a ticket with the answer; the e-mail was no
    first contact, and a machine's answer opens nothing.
    """
    monkeypatch.setenv("SAC_PASSWORD", PASSWORD)
    user = "rita@clientes.example"
    dovecot.remove(user)
    with scene(migrated_url, tmp_path, dovecot, opensmtpd.port) as it:
        rule = thanking(it)
        answered(it, tmp_path, "Rita")
        before = it.rows("SELECT COUNT(*) FROM tickets")
        assert it.rows("SELECT mail FROM rule_hits WHERE rule_set_id = :r", r=rule) == [("due",)]
        worker = Worker(it.desk)
        worker.start()
        try:
            it.until("she has our mail", lambda: inbox(it, user))
            [thanks] = inbox(it, user)
            assert thanks["Subject"] == "Obrigado, Rita!" and thanks["From"].startswith("Loja <")
            assert thanks["Auto-Submitted"] == "auto-generated" and OURS in thanks["List-Unsubscribe"]
            assert it.rows("SELECT COUNT(*) FROM tickets") == before
            it.until("it is recorded", lambda: it.rows("SELECT 1 FROM outbox WHERE state = 'sent'"))

            away, reply = EmailMessage(), EmailMessage()
            for one, words in ((away, "Estou de férias."), (reply, "De nada! E quando chega a nova coleção?")):
                one["From"], one["To"], one["Subject"] = f"Rita Lima <{user}>", OURS, f"Re: {thanks['Subject']}"
                one["Message-ID"], one["In-Reply-To"] = f"<rita-{len(words)}@clientes.example>", thanks["Message-ID"]
                one.set_content(words)
            away["Auto-Submitted"] = "auto-replied"
            with smtplib.SMTP(opensmtpd.host, opensmtpd.port, timeout=60) as client:
                client.send_message(away, user, [OURS])
            it.until("the machine's answer was read", lambda: it.read() == 1)
            assert it.rows("SELECT COUNT(*) FROM tickets") == before
            with smtplib.SMTP(opensmtpd.host, opensmtpd.port, timeout=60) as client:
                client.send_message(reply, user, [OURS])
            it.until("her answer was read", lambda: it.read() == 2)
        finally:
            worker.stop(60)
        assert it.balance() == {"seen": 2, "automatic": 1, "new": 1}
        [(number, score, comment, unanswered, started)] = it.rows(
            """SELECT t.number, a.score, a.comment, t.unanswered, t.started_at FROM tickets t JOIN answers a ON a.id = t.answer_id
               JOIN contacts c ON c.id = t.contact_id WHERE c.email = :e""", e=user,
        )  # fmt: skip
        assert (score, comment, bool(unanswered), started) == (10, "Gostei, Rita", True, None)
        kinds = [k for (k,) in it.rows("SELECT kind FROM events WHERE ticket = :n ORDER BY id", n=number)]
        assert kinds == ["opened", "mail out", "mail in"]
        assert class_mail.samples(it.desk, klass="promoter", actor=it.desk.actor("ana"))
        with it.desk.db.write() as work:
            assert loose(work, "In-Reply-To", str(thanks["Message-ID"]).strip("<>")) is None, "it is on the ticket now"


@pytest.mark.servers
def test_a5_m5_killed_at_every_commit_of_rules_and_their_mails(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dovecot: Dovecot, opensmtpd: OpenSmtpd
) -> None:
    """Each promoter is thanked exactly once and each ticket met once, or the mail is in doubt and told so, wherever it dies."""
    monkeypatch.setenv("SAC_PASSWORD", PASSWORD)
    names = [f"P{chr(65 + n // 26)}{chr(97 + n % 26)}" for n in range(60)]
    with scene(migrated_url, tmp_path, dovecot, opensmtpd.port) as it, Mortals(tmp_path, it.config) as lives:
        thanks = thanking(it)
        clock = on(it, RuleSet(None, "Parados", When(moment=Moment("not started", 1)), Then(tags=("parado",))))
        given: list[str] = []
        tickets: list[int] = []

        def give() -> None:
            """Work for each commit: somebody to thank, and a ticket whose moment comes now."""
            given.append(names[len(given)])
            dovecot.remove(f"{given[-1].lower()}@clientes.example")
            answered(it, tmp_path, given[-1])
            tickets.append(waiting(it, len(given)))

        def done() -> bool:
            return (
                not it.rows("SELECT 1 FROM rule_hits WHERE mail = 'due'")
                and not set(it.states().values()) & {"queued", "claimed", "data"}
                and it.rows("SELECT COUNT(*) FROM rule_hits WHERE rule_set_id = :r", r=clock)[0][0] == len(tickets)
            )

        def whole() -> None:
            """A life that nobody cuts short."""
            lives.begin()
            it.until("all is met and out", lambda: done() or lives.code is not None)
            lives.tell()
            assert lives.end() == 0
            assert done()

        give()
        whole()
        ours = {name for name in lives.commits() if name.startswith(("loop.rule_", "loop.outbox", "loop.autopilot"))}
        assert ours >= KNOWN, KNOWN - ours
        for name in sorted(ours):
            for when in ("before", "after"):
                give()
                lives.begin(name, when)
                it.until(f"{name} or all is done", lambda: lives.code is not None or done())
                lives.tell()
                code = lives.end()
                assert code in (-signal.SIGKILL, 0), code
                assert code == -signal.SIGKILL or name == "loop.outbox.recover", f"it did not die {when} {name}"
                unlocked(it)
        whole()

        doubtful = {
            address
            for state, address in it.rows(
                """SELECT o.state, am.address FROM outbox o JOIN automatic_mail am ON am.message_id = o.message_id"""
            )
            if state == "in doubt"
        }
        every = [f"{name.lower()}@clientes.example" for name in given]
        assert it.rows("SELECT mail, COUNT(*) FROM rule_hits WHERE rule_set_id = :r GROUP BY mail", r=thanks) == [
            ("sent", len(given))
        ]
        assert Counter(a for (a,) in it.rows("SELECT address FROM automatic_mail")) == Counter(every), (
            "written once each"
        )
        for address in every:
            got = len(inbox(it, address))
            assert got == 1 or (got == 0 and address in doubtful), (address, got)
        met = it.rows("SELECT ticket FROM events WHERE kind = 'tags' AND actor_kind = 'autopilot' ORDER BY ticket")
        assert [n for (n,) in met] == sorted(tickets), "each once"


def waiting(it: Scene, n: int) -> int:
    """A ticket that was born while the rule was on and more than an hour ago, by a clock that went on; its number."""
    from loop.byhand import open_by_hand

    (flow,) = it.rows("SELECT MIN(id) FROM flows")[0]
    number = open_by_hand(it.desk, flow_id=flow, subject=f"Parado {n}", name=f"N{n}", actor=it.desk.actor("ana"))
    assert isinstance(number, int), number
    with it.desk.db.write() as work:
        work.run("UPDATE tickets SET born_at = born_at - :h WHERE number = :n", {"h": HOUR_MS + 1000, "n": number})
        work.run(
            "UPDATE rule_sets SET on_since = on_since - :h WHERE on_since > :now - :h",
            {"h": 2 * HOUR_MS, "now": it.desk.now()},
        )
    return number

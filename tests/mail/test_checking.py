"""The test of a mailbox against real servers: each step says what works, and the one that does not says why (R3)."""

import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from domain.mailbox_steps import IMAP_STEPS, ROUND_STEPS, SMTP_STEPS, Step
from mail.accounts import ImapAccount, SmtpAccount
from mail.checking import check_imap, check_round, check_smtp
from tests.servers import free_port
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtpreal import OpenSmtpd
from tests.servers.smtpsink import SmtpSink, drop

OURS = "sac@teste.example"


def imap(server: Dovecot, **more: object) -> ImapAccount:
    given: dict[str, object] = {"host": server.host, "port": server.port, "security": "none", "timeout": 30.0}
    return ImapAccount(**({"user": OURS, "password": PASSWORD} | given | more))  # type: ignore[arg-type]


def smtp(port: int, **more: object) -> SmtpAccount:
    return SmtpAccount(**({"host": "127.0.0.1", "port": port, "security": "none", "timeout": 30.0} | more))  # type: ignore[arg-type]


def states(steps: Iterator[Step]) -> dict[str, str]:
    return {step.name: step.state for step in steps}


def failed(steps: Iterator[Step]) -> Step:
    return next(step for step in steps if step.state == "failed")


def test_r3_all_steps_of_a_good_mailbox(dovecot: Dovecot) -> None:
    found = list(check_imap(imap(dovecot), folders=("Sent", "Feito")))
    assert [step.name for step in found] == list(IMAP_STEPS)
    assert {step.state for step in found} <= {"ok", "note"}
    said = {step.name: step.said for step in found}
    assert "Feito will be made" in said["imap folder"], "a folder that is not there yet is told of"
    assert states(iter(found))["imap folder"] == "note"
    assert OURS in said["imap login"]
    assert not any(PASSWORD in step.said for step in found)


def test_r3_what_fails_leaves_the_rest_untried_and_says_who_was_silent(dovecot: Dovecot) -> None:
    gone = list(check_imap(imap(dovecot, port=free_port())))
    assert states(iter(gone))["imap line"] == "failed"
    assert [s.state for s in gone[2:]] == ["skipped"] * (len(IMAP_STEPS) - 2)
    assert not failed(iter(gone)).answered
    unknown = failed(check_imap(imap(dovecot, host="nobody.invalid", security="tls")))
    assert unknown.name == "imap name" and not unknown.answered
    refused = failed(check_imap(imap(dovecot, password="errada-mesmo")))
    assert refused.name == "imap login" and refused.answered and "errada-mesmo" not in refused.said


def test_r3_a_server_that_never_speaks_is_no_riddle() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        found = failed(check_imap(ImapAccount("127.0.0.1", port, "none", "x", "y"), timeout=0.3))
    assert found.name == "imap login" and not found.answered, found


@pytest.fixture
def tls_dovecot(certificate: tuple[Path, Path]) -> Iterator[Dovecot]:
    with Dovecot(certificate=certificate) as server:
        yield server


def test_r3_a_certificate_is_checked_and_a_private_authority_can_be_named(
    tls_dovecot: Dovecot, certificate: tuple[Path, Path]
) -> None:
    for security, port in (("tls", tls_dovecot.tls_port), ("starttls", tls_dovecot.port)):
        there = {"host": "localhost", "port": port, "security": security}
        trusted = list(check_imap(imap(tls_dovecot, **there, ca_file=str(certificate[0]))))
        assert states(iter(trusted))["imap login"] == "ok", trusted
        facts = next(s for s in trusted if s.name == "imap tls")
        assert facts.state == "note" and "TLSv1" in facts.said, "two days are soon"
        stranger = failed(check_imap(imap(tls_dovecot, **there)))
        assert (stranger.name, stranger.answered) == ("imap tls", True)
        assert "ca_file" in stranger.said
    other_name = {"host": "127.0.0.1", "port": tls_dovecot.tls_port, "security": "tls", "ca_file": str(certificate[0])}
    assert failed(check_imap(imap(tls_dovecot, **other_name))).name == "imap tls"
    missing = failed(check_imap(imap(tls_dovecot, **(other_name | {"ca_file": "/nowhere.pem"}))))
    assert missing.name == "imap tls" and "/nowhere.pem" in missing.said
    plain = {"host": "localhost", "port": tls_dovecot.port, "security": "tls", "ca_file": str(certificate[0])}
    assert "starttls" in failed(check_imap(imap(tls_dovecot, **plain))).said, "the wrong kind of TLS is guessed"


def test_r3_smtp_with_starttls_and_login(certificate: tuple[Path, Path]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with SmtpSink(starttls=context, user="ana", password="certa") as sink:
        there = {"host": "localhost", "security": "starttls", "ca_file": str(certificate[0]), "user": "ana"}
        good = list(check_smtp(smtp(sink.port, **there, password="certa")))
        assert [s.name for s in good] == list(SMTP_STEPS)
        assert {s.state for s in good} <= {"ok", "note"}, good
        refused = failed(check_smtp(smtp(sink.port, **there, password="errada-mesmo")))
        assert refused.name == "smtp login" and "535" in refused.said and "errada-mesmo" not in refused.said
    with SmtpSink() as sink:
        no_tls = failed(check_smtp(smtp(sink.port, host="localhost", security="starttls")))
        assert no_tls.name == "smtp tls" and "STARTTLS" in no_tls.said
        sink.plan["EHLO"] = [drop]
        assert failed(check_smtp(smtp(sink.port))).name == "smtp login"


def letter(marker: str) -> bytes:
    head = f"From: {OURS}\r\nTo: {OURS}\r\nSubject: teste {marker}\r\nMessage-ID: <{marker}@teste.example>\r\n"
    return (head + "Date: Mon, 05 Oct 2026 10:00:00 -0300\r\n\r\nVai e volta.\r\n").encode()


def test_r3_a_message_to_itself_comes_back_and_the_clocks_are_compared(dovecot: Dovecot, opensmtpd: OpenSmtpd) -> None:
    found = list(check_round(imap(dovecot), smtp(opensmtpd.port), OURS, OURS, letter("volta1"), "volta1", within=60))
    assert [s.name for s in found] == list(ROUND_STEPS)
    assert [s.state for s in found] == ["ok", "ok", "ok"], found
    client = dovecot.client(OURS)
    assert client.search(None, "SUBJECT", "volta1")[1] != [b""], "it stays where it arrived"
    client.logout()


def test_r3_a_message_that_was_moved_by_the_worker_is_found_where_it_went(dovecot: Dovecot, sink: SmtpSink) -> None:
    dovecot.append(OURS, [letter("volta2")], folder="Sent")
    args = (imap(dovecot), smtp(sink.port), OURS, OURS, letter("volta2"), "volta2")
    found = list(check_round(*args, elsewhere=("Sent",), within=60))
    assert states(iter(found))["message back"] in ("ok", "note"), found


def test_r3_a_server_without_idle_and_move_is_told_of_and_fails_only_where_mails_are_to_be_moved() -> None:
    with Dovecot(capability="IMAP4rev1 UIDPLUS") as server:
        plain = list(check_imap(imap(server)))
        moving = list(check_imap(imap(server), moves=True))
    assert {name: states(iter(plain))[name] for name in ("imap idle", "imap move")} == {
        "imap idle": "note",
        "imap move": "note",
    }
    assert failed(iter(moving)).name == "imap move" and states(iter(moving))["imap idle"] == "note"


@pytest.mark.parametrize(("behind", "said"), [(600, "ahead"), (-600, "behind")])
def test_r3_a_clock_that_differs_is_told_of(
    dovecot: Dovecot, opensmtpd: OpenSmtpd, monkeypatch: pytest.MonkeyPatch, behind: int, said: str
) -> None:
    """Ten minutes: what is late and what is overdue would be judged wrongly."""
    clock = SimpleNamespace(time=lambda: time.time() - behind, monotonic=time.monotonic)
    monkeypatch.setattr("mail.checking.time", clock)
    marker = f"relogio{behind + 1000}"
    steps = list(check_round(imap(dovecot), smtp(opensmtpd.port), OURS, OURS, letter(marker), marker, within=20))
    assert (steps[-1].name, steps[-1].state) == ("clock", "note") and said in steps[-1].said, steps


def test_r3_a_relay_that_writes_a_message_id_of_its_own_is_told_of(dovecot: Dovecot, sink: SmtpSink) -> None:
    """Replies would then name an id that we never wrote (M7)."""
    changed = letter("volta5").replace(b"<volta5@teste.example>", b"<outro@relay.example>")
    dovecot.append(OURS, [changed])
    args = (imap(dovecot), smtp(sink.port), OURS, OURS, letter("volta5"), "volta5")
    back = next(step for step in check_round(*args, within=5) if step.name == "message back")
    assert back.state == "note" and "Message-ID of its own" in back.said


def test_r3_a_message_that_was_taken_for_spam_is_told_of(sink: SmtpSink) -> None:
    spam = "namespace inbox {\n  mailbox Spam {\n    special_use = \\Junk\n    auto = create\n  }\n}"
    with Dovecot(extra=spam) as server:
        server.append(OURS, [letter("volta6")], folder="Spam")
        args = (imap(server), smtp(sink.port), OURS, OURS, letter("volta6"), "volta6")
        back = next(step for step in check_round(*args, within=0.5) if step.name == "message back")
    assert back.state == "failed" and "Spam" in back.said


def test_r3_a_message_that_does_not_come_back_is_told_of(dovecot: Dovecot, sink: SmtpSink) -> None:
    args = (imap(dovecot), smtp(sink.port), OURS, OURS)
    lost = list(check_round(*args, letter("volta3"), "volta3", within=0.5))
    assert [s.state for s in lost] == ["ok", "failed", "skipped"] and not lost[1].answered
    assert len(sink.kept) == 1
    sink.plan["DOT"] = ["554 5.7.1 no, thanks"]
    refused = list(check_round(*args, letter("volta4"), "volta4", within=0.5))
    assert [s.state for s in refused] == ["failed", "skipped", "skipped"]
    assert "554" in refused[0].said and refused[0].answered


def test_r3_xoauth2_reaches_a_real_imap_server() -> None:
    """What `password_command` prints is the access token then; a stale one is a refused login, not a riddle."""
    with Dovecot(extra="auth_mechanisms = xoauth2", password="ya29.token") as server:
        good = list(check_imap(imap(server, xoauth2=True, password="ya29.token")))
        assert states(iter(good))["imap login"] == "ok", good
        stale = failed(check_imap(imap(server, xoauth2=True, password="ya29.stale")))
        assert (stale.name, stale.answered) == ("imap login", True)
        assert "ya29" not in stale.said
        plain = failed(check_imap(imap(server, password="ya29.token")))
        assert plain.name == "imap login", "a token is no password"

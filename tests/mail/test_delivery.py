"""Delivery against servers that answer, refuse, stall and hang up at every step (M5)."""

import asyncio
import ssl
import time
from pathlib import Path

import pytest

from mail.accounts import SmtpAccount
from mail.delivery import Delivered, Delivery, replaced_id
from mail.poller import ImapAccount, poll_once
from tests.servers import free_port, wait_until
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtpreal import OpenSmtpd
from tests.servers.smtpsink import Act, SmtpSink, drop

RAW = b"From: sac@shop.test\r\nTo: a@x.test\r\nMessage-ID: <1@shop.test>\r\nSubject: hi\r\n\r\n.dot\r\nbody\r\n"
SAC = "sac@shop.test"


def account(server: SmtpSink | OpenSmtpd, **more: object) -> SmtpAccount:
    settings = {"host": server.host, "port": server.port, "security": "none", "timeout": 30.0} | more
    return SmtpAccount(**settings)


class Data:
    """Stands for the commit of the state 'data', and counts."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self) -> None:
        self.times += 1


async def send(server: SmtpSink, *to: str, **more: object) -> tuple[Delivered, Data]:
    data, data_timeout = Data(), more.pop("data_timeout", None)
    async with Delivery(account(server, **more), data_timeout) as delivery:
        return await delivery.deliver(RAW, SAC, to or ("a@x.test",), data), data


async def test_sent(sink: SmtpSink) -> None:
    """The bytes arrive as they are, and the server's words are kept."""
    outcome, data = await send(sink, "a@x.test", "b@x.test")
    assert outcome == Delivered("sent", "250 2.0.0 Ok: kept")
    assert [(k.sender, k.recipients, k.raw) for k in sink.kept] == [(SAC, ("a@x.test", "b@x.test"), RAW)]
    assert data.times == 1


async def test_the_empty_sender(sink: SmtpSink) -> None:
    """RFC 5321 4.5.5: automatic mail may leave with no address to send a bounce to."""
    async with Delivery(account(sink)) as delivery:
        assert (await delivery.deliver(RAW, "", ["a@x.test"])).state == "sent"
    assert f"MAIL FROM:<> SIZE={len(RAW)}" in sink.commands


async def test_a_server_that_knows_no_ehlo(sink: SmtpSink) -> None:
    sink.plan["EHLO"] = ["502 5.5.1 unknown"]
    assert (await send(sink))[0].state == "sent"
    assert f"MAIL FROM:<{SAC}>" in sink.commands


async def test_size_and_eight_bits_are_announced(sink: SmtpSink) -> None:
    """RFC 1870, RFC 6152: a server can refuse before the whole mail has travelled."""
    async with Delivery(account(sink)) as delivery:
        await delivery.deliver(RAW + "é\r\n".encode(), SAC, ["a@x.test"])
    assert sink.kept[0].options == (f"SIZE={len(RAW) + 4}", "BODY=8BITMIME")
    assert sink.kept[0].raw.endswith("é\r\n".encode())


async def test_before_data_comes_between_rcpt_and_data(sink: SmtpSink) -> None:
    """Handbook: the state 'data' is committed before DATA is sent, and after RCPT was accepted."""
    seen: list[list[str]] = []

    async def look() -> None:
        seen.append([command.split()[0] for command in sink.commands])

    async with Delivery(account(sink)) as delivery:
        await delivery.deliver(RAW, SAC, ["a@x.test"], look)
    assert seen == [["EHLO", "MAIL", "RCPT"]]


async def test_what_before_data_raises_comes_through_and_nothing_is_sent(sink: SmtpSink) -> None:
    async def undone() -> None:
        raise LookupError("undone")

    async with Delivery(account(sink)) as delivery:
        with pytest.raises(LookupError):
            await delivery.deliver(RAW, SAC, ["a@x.test"], undone)
        assert sink.kept == []
        assert (await delivery.deliver(RAW, SAC, ["b@x.test"])).state == "sent"
    assert [k.recipients for k in sink.kept] == [("b@x.test",)]
    assert sink.connections == 1


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("451 4.3.0 later, please", "retry"),
        ("421 4.3.2 closing", "retry"),
        ("550 5.7.1 never", "failed"),
        ("554 5.7.1 \x1b[31mnever\u202e", "failed"),
        ("530 5.7.0 log in first", "retry"),
    ],
)
async def test_answers_decide(sink: SmtpSink, step: str, words: str, state: str) -> None:
    """4xx is tried again, 5xx is final, wherever it comes; what is wrong with the account is not the message's fault."""
    sink.plan[step] = [words]
    outcome, data = await send(sink)
    assert outcome.state == state
    assert outcome.answer.startswith(words[:3]) and outcome.answer.isprintable()
    assert sink.kept == []
    assert data.times == (step in ("DATA", "DOT"))


async def test_a_server_that_wants_nobody_now(sink: SmtpSink) -> None:
    """A greeting of 554 is about the server, not about the message."""
    sink.plan["CONNECT"] = ["554 5.3.2 no service"]
    outcome, data = await send(sink)
    assert (outcome.state, data.times) == ("retry", 0) and outcome.answer.startswith("554")


async def test_nonsense_after_the_dot_means_in_doubt(sink: SmtpSink) -> None:
    """Neither yes nor no."""
    sink.plan["DOT"] = ["354 go on"]
    assert (await send(sink))[0].state == "in doubt"


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT"])
@pytest.mark.parametrize("act", [drop, 5.0])
async def test_a_line_lost_before_data_means_retry(sink: SmtpSink, step: str, act: Act) -> None:
    """Before DATA the server surely has nothing."""
    sink.plan[step] = [act, act]
    outcome, data = await send(sink, timeout=0.3)
    assert outcome.state == "retry" and outcome.answer
    assert (sink.kept, data.times) == ([], 0)


@pytest.mark.parametrize("step", ["DATA", "MID", "DOT"])
@pytest.mark.parametrize("act", [drop, 60.0])
async def test_a_line_lost_from_data_on_means_in_doubt(sink: SmtpSink, step: str, act: Act) -> None:
    """M5: the server may have it (after the dot it has): never retried by itself."""
    sink.plan[step] = [act]
    # Long enough that no busy machine takes an earlier step for the one that is silent.
    outcome, data = await send(sink, data_timeout=30.0 if act is drop else 1.5)
    assert outcome.state == "in doubt" and outcome.answer
    assert data.times == 1
    assert len(sink.kept) == (step == "DOT")


async def test_a_slow_server_is_waited_for(sink: SmtpSink) -> None:
    """The answer to a whole mail may take ten time-outs."""
    sink.plan["DOT"] = [2.5]
    assert (await send(sink, timeout=2.0))[0].state == "sent"


async def test_some_recipients_refused(sink: SmtpSink) -> None:
    """Handbook: sending does not fail when only some are refused: they must be named."""
    sink.plan["RCPT b@x.test"] = ["550 5.1.1 nobody"]
    sink.plan["RCPT c@x.test"] = ["450 4.2.2 full"]
    outcome, _data = await send(sink, "a@x.test", "b@x.test", "c@x.test")
    assert outcome.state == "sent"
    assert outcome.refused == {"b@x.test": "550 5.1.1 nobody", "c@x.test": "450 4.2.2 full"}
    assert [k.recipients for k in sink.kept] == [("a@x.test",)]


@pytest.mark.parametrize(("words", "state"), [("450 4.7.1 greylisted", "retry"), ("550 5.1.1 nobody", "failed")])
async def test_m5_a_copy_that_others_have_does_not_stand_in_for_whom_it_is_written_to(
    sink: SmtpSink, words: str, state: str
) -> None:
    """Nobody gets it while the one who is needed is refused; what others are told does not make it final, or temporary."""
    sink.plan["RCPT a@x.test"] = [words]
    sink.plan["RCPT c@x.test"] = ["550 no" if state == "retry" else "450 later"]
    data = Data()
    async with Delivery(account(sink)) as delivery:
        first = await delivery.deliver(RAW, SAC, ["a@x.test", "b@x.test", "c@x.test"], data, ["a@x.test"])
        assert (first.state, first.answer, data.times, sink.kept) == (state, words, 0, [])
        again = await delivery.deliver(RAW, SAC, ["a@x.test", "b@x.test"], data, ["a@x.test"])
    assert (again.state, [k.recipients for k in sink.kept]) == ("sent", [("a@x.test", "b@x.test")])
    assert sink.connections == 1


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [("550 no", "550 no", "failed"), ("550 no", "450 later", "retry"), ("450 later", "550 no", "retry")],
)
async def test_all_recipients_refused(sink: SmtpSink, first: str, second: str, state: str) -> None:
    """450 and 550 can be mixed: as long as one may still turn into a yes, it is tried again."""
    sink.plan["RCPT a@x.test"], sink.plan["RCPT b@x.test"] = [first], [second]
    outcome, data = await send(sink, "a@x.test", "b@x.test")
    assert outcome == Delivered(state, second, {"a@x.test": first, "b@x.test": second})
    assert (data.times, sink.kept) == (0, [])


@pytest.mark.parametrize(
    "bad", ["", "x", "a@x.test\r\nRCPT TO:<evil@x.test>", "a@x.test> SIZE=1", "a b@x.test", "é@x.test"]
)
async def test_what_is_no_address_never_reaches_the_line(sink: SmtpSink, bad: str) -> None:
    """No injection of commands; the good recipients still get it."""
    assert (await send(sink, bad))[0].state == "failed"
    assert sink.connections == 0
    outcome, _data = await send(sink, bad, "b@x.test")
    assert outcome.state == "sent" and outcome.refused[bad].startswith("553 ")
    assert [k.recipients for k in sink.kept] == [("b@x.test",)]
    async with Delivery(account(sink)) as delivery:
        assert (await delivery.deliver(RAW, bad or "\r\n", ["b@x.test"])).state == "failed"
        assert (await delivery.deliver(RAW, SAC, [])).state == "failed"
    assert len(sink.kept) == 1


async def test_m7_the_id_that_a_relay_gives_the_mail_comes_back(sink: SmtpSink) -> None:
    """Handbook: the 250 answer holds the new one."""
    sink.plan["DOT"] = ["250 2.6.0 <new.1@relay.example> queued", "250 2.0.0 Ok: queued as 4711"]
    async with Delivery(account(sink)) as delivery:
        answers = [await delivery.deliver(RAW, SAC, ["a@x.test"]) for _n in range(2)]
    assert [(a.state, a.server_message_id) for a in answers] == [("sent", "new.1@relay.example"), ("sent", "")]


async def test_one_connection_is_kept(sink: SmtpSink) -> None:
    """Handbook: reuse connections; an unfinished transaction is reset first."""
    sink.plan["RCPT bad@x.test"] = ["550 no"]
    async with Delivery(account(sink)) as delivery:
        states = [
            (await delivery.deliver(RAW, SAC, [to])).state for to in ("a@x.test", "bad@x.test", "b@x.test", "c@x.test")
        ]
    assert states == ["sent", "failed", "sent", "sent"]
    assert sink.connections == 1
    assert sink.commands.count("RSET") == 1


@pytest.mark.parametrize("how", ["hang up", "421 too many", "452 too many in this session", "silent"])
async def test_a_stale_connection_is_replaced(sink: SmtpSink, how: str) -> None:
    """What a kept connection says about itself is no outcome of the next message."""
    async with Delivery(account(sink, timeout=1.5 if how == "silent" else 30.0)) as delivery:
        assert (await delivery.deliver(RAW, SAC, ["a@x.test"])).state == "sent"
        if how == "hang up":
            sink.hang_up()
            await asyncio.sleep(0.05)
        else:
            sink.plan["MAIL"] = [60.0 if how == "silent" else how]
        assert (await delivery.deliver(RAW, SAC, ["b@x.test"])).state == "sent"
    assert [k.recipients for k in sink.kept] == [("a@x.test",), ("b@x.test",)]
    assert sink.connections == 2


async def test_an_idle_connection_is_asked_first(sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mail.delivery._IDLE", -1.0)
    sink.plan["RSET"] = ["500 what?"]
    async with Delivery(account(sink)) as delivery:
        for _n in range(2):
            assert (await delivery.deliver(RAW, SAC, ["a@x.test"])).state == "sent"
    assert (sink.connections, len(sink.kept)) == (2, 2)


async def test_several_tasks_take_turns(sink: SmtpSink) -> None:
    async with Delivery(account(sink)) as delivery:
        people = [f"p{n}@x.test" for n in range(20)]
        outcomes = await asyncio.gather(*(delivery.deliver(RAW, SAC, [to]) for to in people))
    assert {outcome.state for outcome in outcomes} == {"sent"}
    assert [k.recipients[0] for k in sink.kept] == people
    assert sink.connections == 1


async def test_cancelled_in_the_middle(sink: SmtpSink) -> None:
    """Cancellation comes through and leaves no half-used connection."""
    sink.plan["DOT"] = [5.0]
    async with Delivery(account(sink)) as delivery:
        task = asyncio.create_task(delivery.deliver(RAW, SAC, ["a@x.test"]))
        while not sink.kept:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await delivery.deliver(RAW, SAC, ["b@x.test"])).state == "sent"
    assert sink.connections == 2


async def test_no_server_means_retry() -> None:
    nobody = SmtpAccount("127.0.0.1", free_port(), "none", timeout=1)
    async with Delivery(nobody) as delivery:
        outcome = await delivery.deliver(RAW, SAC, ["a@x.test"])
    assert outcome.state == "retry" and outcome.answer
    async with Delivery(SmtpAccount("no-such-host.invalid", 25, "tls", timeout=2)) as delivery:
        assert (await delivery.deliver(RAW, SAC, ["a@x.test"])).state == "retry"


async def test_login() -> None:
    """A wrong password is the account's trouble, not the message's, and is never repeated (R3)."""
    with SmtpSink(user="sac", password="pa55word") as sink:
        assert (await send(sink, user="sac", password="pa55word"))[0].state == "sent"
        with SmtpSink(user="joão", password="pässwörd€") as other:
            assert (await send(other, user="joão", password="pässwörd€"))[0].state == "sent"
        sink.plan["AUTH"] = ["535 5.7.8 pa55wore is wrong"] * 9
        outcome, _data = await send(sink, user="sac", password="pa55wore")
        assert outcome.state == "retry" and outcome.answer.startswith("535") and "pa55wore" not in outcome.answer
        assert "pa55" not in repr(account(sink, user="sac", password="pa55word"))


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_tls(certificate: tuple[Path, Path], security: str) -> None:
    """R3: TLS is checked; where it is wanted and not offered, nothing is said in the clear."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    where = {"host": "localhost", "security": security}
    trust = {"ca_file": str(certificate[0])}
    with SmtpSink(**{security: context}) as sink:
        assert (await send(sink, **where, **trust))[0].state == "sent"
        assert (await send(sink, **where))[0].state == "retry"
        assert (await send(sink, **where, ca_file="/nonexistent"))[0].state == "retry"
    with SmtpSink() as plain:
        assert (await send(plain, **where, **trust, timeout=0.5))[0].state == "retry"
        assert plain.kept == [] and not any(c.startswith("MAIL") for c in plain.commands)


@pytest.mark.parametrize(
    ("answer", "host", "expected"),
    [
        (
            "Ok 0102018f2b7c3d4e-1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809-000000",
            "email-smtp.eu-west-1.amazonaws.com",
            "0102018f2b7c3d4e-1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809-000000@eu-west-1.amazonses.com",
        ),
        (
            "Ok 0100018f2b7c3d4e-1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809-000000",
            "email-smtp.us-east-1.amazonaws.com",
            "0100018f2b7c3d4e-1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809-000000@email.amazonses.com",
        ),
        ("2.6.0 <abc@mail.example> [InternalId=1] Queued mail for delivery", "smtp.example", "abc@mail.example"),
        ("2.0.0 Ok: queued as 4WxYz", "smtp.example", ""),
        ("2.0.0 f5be7755 Message accepted for delivery", "smtp.example", ""),
        ("", "", ""),
    ],
)
def test_ids_that_servers_put_in_place_of_ours(answer: str, host: str, expected: str) -> None:
    """Handbook: SES replaces the Message-ID; its 250 answer holds the new one."""
    assert replaced_id(answer, host) == expected


async def test_a_real_server_from_end_to_end(opensmtpd: OpenSmtpd, dovecot: Dovecot) -> None:
    """M5, M6: out by SMTP, into the customer's mailbox, back by IMAP, to the byte but for the trace."""
    async with Delivery(account(opensmtpd)) as delivery:
        outcome = await delivery.deliver(RAW, SAC, ["End+Tag@X.test", "x@refused.test"])
    assert outcome.state == "sent" and outcome.answer.startswith("250 2.0.0")
    assert outcome.refused["x@refused.test"].startswith("550")
    inbox: list[bytes] = []
    where = ImapAccount(dovecot.host, dovecot.port, "none", "end@x.test", PASSWORD, timeout=30)

    def arrived() -> bool:
        poll_once(where, None, lambda mails, _cursor: inbox.extend(m.raw for m in mails))
        return bool(inbox)

    wait_until(arrived, "the mail")
    assert b"Message-ID: <1@shop.test>\r\n" in inbox[0] and inbox[0].endswith(b"\r\n\r\n.dot\r\nbody\r\n")


async def test_speed_over_one_connection(sink: SmtpSink) -> None:
    """Issue: at least 100 messages a second over one connection; counted in time of the processor, both ends together."""
    async with Delivery(account(sink)) as delivery:
        await delivery.deliver(RAW, SAC, ["a@x.test"])
        began = time.process_time()
        for _n in range(100):
            await delivery.deliver(RAW, SAC, ["a@x.test"])
        assert time.process_time() - began < 2


async def test_r3_xoauth2_gives_the_token_and_never_shows_it() -> None:
    """A right token logs in; a stale one is trouble of the set-up, which is tried again, and its words hold no token."""
    with SmtpSink(user=SAC, password="ya29.right") as sink:
        good, __ = await send(sink, user=SAC, password="ya29.right", xoauth2=True)
        assert good.state == "sent" and len(sink.kept) == 1
        assert [c.split()[1] for c in sink.commands if c.startswith("AUTH")] == ["XOAUTH2"], "a token is no password"
        stale, data = await send(sink, user=SAC, password="ya29.stale", xoauth2=True)
        assert (stale.state, data.times, len(sink.kept)) == ("retry", 0, 1)
        assert stale.answer.startswith("535") and "ya29" not in stale.answer

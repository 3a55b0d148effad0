"""A mailbox tried step by step (R3): what works, what does not, and what to change about it.

Nothing is raised and nothing deleted. Each step is told as soon as it is known; one that fails leaves those that need
it untried.
"""

import asyncio
import dataclasses
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from domain.mailbox_steps import State, Step
from domain.text import _, line, ngettext
from mail.accounts import ImapAccount, SmtpAccount
from mail.mailbox import Found, Mailbox, MailboxError
from mail.reaching import Trouble, certificate, connect, resolve

PATIENCE_S = 15.0
"""Seconds for an answer of a server while a person waits for the test."""
_LOOK_S = 2.0  # seconds of IDLE between two looks for the message to oneself
_CLOCKS_AGREE_S = 5.0  # INTERNALDATE has whole seconds, and a mail takes its way
_CLOCKS_DIFFER_S = 60.0  # from here on it is worth a person's while


Answer = tuple[State, str]
Attempt = tuple[str, Callable[[], Answer]]


def attempt(name: str, call: Callable[[], Answer]) -> Step:
    """One step, whatever becomes of it."""
    began = time.monotonic()
    answered = True
    try:
        state, said = call()
    except Trouble as trouble:
        state, said, answered = "failed", str(trouble), trouble.answered
    except MailboxError as error:
        state, said, answered = "failed", str(error), error.answered
    except Exception as error:
        state, said = "failed", line(f"{type(error).__name__}: {error}", 200)
    return Step(name, state, line(said, 400), answered, int((time.monotonic() - began) * 1000))


def skipped(names: Sequence[str], why: str = "") -> Iterator[Step]:
    """Steps that were not tried."""
    for name in names:
        yield Step(name, "skipped", why or _("not tried"))


def _in_turn(attempts: Sequence[Attempt]) -> Iterator[Step]:
    for i, (name, call) in enumerate(attempts):
        step = attempt(name, call)
        yield step
        if step.state == "failed" and name not in ("imap idle", "imap move"):
            yield from skipped([later for later, _call in attempts[i + 1 :]])
            return


def check_imap(
    account: ImapAccount, *, folders: Sequence[str] = (), moves: bool = False, timeout: float = PATIENCE_S
) -> Iterator[Step]:
    """Can the mailbox be read? `folders` are others that will be written to; `moves` says that mails will be moved."""
    account = dataclasses.replace(account, timeout=min(timeout, account.timeout))
    mailbox = Mailbox(account)

    def login() -> Answer:
        mailbox.connect()
        return "ok", _("{user} is let in").format(user=account.user)

    def folder() -> Answer:
        there = mailbox.count()
        mails = ngettext("{n} mail in {folder}", "{n} mails in {folder}", there).format(n=there, folder=account.folder)
        missing = [name for name in folders if not mailbox.has(name)]
        if missing:
            return "note", mails + "; " + _("{names} will be made when first needed").format(names=", ".join(missing))
        return "ok", mails + "".join(f"; {name} ✓" for name in folders)

    def idle() -> Answer:
        if "IDLE" in mailbox.capabilities:
            return "ok", _("offered: new mail is noticed at once")
        return "note", _("not offered: the mailbox is asked every ten seconds")

    def move() -> Answer:
        if "MOVE" in mailbox.capabilities:
            return "ok", _("offered") if moves else _("offered; mails stay where they are, as the configuration says")
        if moves:
            return "failed", _("not offered, so mails stay where they are; take the folders out of the configuration")
        return "note", _("not offered, and not needed")

    try:
        yield from _in_turn(
            [
                *_reaching("imap", account),
                ("imap login", login),
                ("imap folder", folder),
                ("imap idle", idle),
                ("imap move", move),
            ]
        )
    finally:
        mailbox.close()


def check_smtp(account: SmtpAccount, *, timeout: float = PATIENCE_S) -> Iterator[Step]:
    """Would the server take mail from us?"""
    account = dataclasses.replace(account, timeout=min(timeout, account.timeout))

    def login() -> Answer:
        from mail.delivery import Delivery

        async def knock() -> str:
            async with Delivery(account) as delivery:
                return await delivery.knock()

        if words := asyncio.run(knock()):
            raise Trouble(words)
        if account.user is None:
            return "ok", _("taken without a login")
        return "ok", _("{user} is let in").format(user=account.user)

    yield from _in_turn([*_reaching("smtp", account), ("smtp login", login)])


def _reaching(kind: Literal["imap", "smtp"], account: ImapAccount | SmtpAccount) -> list[Attempt]:
    """The steps before the first word of the protocol."""

    def tls() -> Answer:
        if account.security == "none":
            return "ok", _("without, on this machine")
        facts = certificate(account, kind)
        said = _("{version}; the certificate of {issuer} holds until {until}").format(
            version=facts.version, issuer=facts.issuer or "—", until=facts.until.strftime("%Y-%m-%d")
        )
        return ("note" if facts.ends_soon else "ok"), said

    return [
        (f"{kind} name", lambda: ("ok", resolve(account))),
        (f"{kind} line", lambda: ("ok", connect(account))),
        (f"{kind} tls", tls),
    ]


def check_round(
    imap: ImapAccount,
    smtp: SmtpAccount,
    sender: str,
    recipient: str,
    raw: bytes,
    marker: str,
    *,
    elsewhere: Sequence[str] = (),
    within: float = 60.0,
    stop: threading.Event | None = None,
) -> Iterator[Step]:
    """Send `raw`, whose subject holds the ASCII word `marker`, and wait for it to come back.

    It stays where it arrives. `elsewhere` are folders into which something may have moved it.
    """
    halt = stop or threading.Event()
    mailbox = Mailbox(dataclasses.replace(imap, timeout=min(PATIENCE_S, imap.timeout)))
    sent_at = 0.0
    found: Found | None = None
    told = False

    def out() -> Answer:
        nonlocal sent_at
        mailbox.connect()
        mailbox.count()  # the folder is open before the mail leaves, so that IDLE can tell of it
        sent_at = time.time()
        return "ok", _send(smtp, sender, recipient, raw)

    def back() -> Answer:
        nonlocal found, told
        end = time.monotonic() + within
        while found is None:
            if halt.is_set():
                raise Trouble(_("stopped"))
            if time.monotonic() > end:
                raise Trouble(_lost(mailbox, marker, elsewhere, int(within)), answered=False)
            if "IDLE" in mailbox.capabilities:
                told |= mailbox.idle(min(_LOOK_S, within), halt)
            else:
                halt.wait(min(1.0, within))
            for folder in (imap.folder, *elsewhere):
                found = found or mailbox.find(folder, marker)
            mailbox.count()
        seconds = max(0.0, time.time() - sent_at)
        said = _("after {seconds:.1f} seconds").format(seconds=seconds)
        if "IDLE" in mailbox.capabilities and not told:
            said += "; " + _("IDLE said nothing of it, so new mail is noticed within three minutes")
        if found.message_id and f"<{found.message_id}>".encode() not in raw:
            said += "; " + _("the server puts a Message-ID of its own in place of ours")
            return "note", said
        return ("ok" if told or "IDLE" not in mailbox.capabilities else "note"), said

    def clock() -> Answer:
        assert found is not None
        now = time.time()
        ahead = found.at - max(min(found.at, now), sent_at)  # 0 between sending and finding
        if abs(ahead) <= _CLOCKS_AGREE_S:
            return "ok", _("the server's and this machine's agree")
        words = _("the server's is {n} seconds ahead of this machine's") if ahead > 0 else _("the server's is {n} seconds behind this machine's")  # fmt: skip
        return ("note" if abs(ahead) > _CLOCKS_DIFFER_S else "ok"), words.format(n=int(abs(ahead)))

    try:
        yield from _in_turn([("message out", out), ("message back", back), ("clock", clock)])
    finally:
        mailbox.close()


def _send(account: SmtpAccount, sender: str, recipient: str, raw: bytes) -> str:
    """What the server said when it took the mail; Trouble when it did not."""
    from mail.delivery import Delivered, Delivery

    async def deliver() -> Delivered:
        async with Delivery(account) as delivery:
            return await delivery.deliver(raw, sender, [recipient])

    delivered = asyncio.run(deliver())
    if delivered.state != "sent":
        raise Trouble(_("{host} did not take it: {words}").format(host=account.host, words=delivered.answer))
    return delivered.answer


def _lost(mailbox: Mailbox, marker: str, looked: Sequence[str], seconds: int) -> str:
    """That the mail did not come; where it lies, if that is a spam folder."""
    junk = mailbox.special("\\Junk")
    if junk and junk not in looked and mailbox.find(junk, marker):
        return _("it was put into {folder}; a rule of the server takes our own mail for spam").format(folder=junk)
    return _("it was taken and did not come back within {seconds} seconds; does the address lead here?").format(
        seconds=seconds
    )

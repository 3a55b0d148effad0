"""The test of a mailbox: everything that must work for mail to come and go, tried and told step by step (R3)."""

import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from domain.mailbox_steps import IMAP_STEPS, ROUND_STEPS, SMTP_STEPS, State, Step
from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_see_ledger
from domain.text import _, line
from loop.desk import Desk
from loop.mailboxes import imap_account, keys, smtp_account

if TYPE_CHECKING:
    from loop.config import MailboxConfig
    from mail.accounts import ImapAccount, SmtpAccount

SUBJECT = "Retorno mailbox test"
"""What the message to oneself is called, before a random word."""


@dataclass(frozen=True)
class Checked:
    """What a test found."""

    name: str
    address: str
    steps: tuple[Step, ...]

    @property
    def ok(self) -> bool:
        """Whether mail can come and go."""
        return all(step.state in ("ok", "note") for step in self.steps)

    @property
    def answered(self) -> bool:
        """False when a server was silent; what else is wrong is for the set-up."""
        return all(step.answered for step in self.steps)


def configured(desk: Desk, name: str) -> "MailboxConfig | Refusal":
    """The mailbox of that name or address, in any case."""
    wanted = line(name).casefold()
    for config in desk.config.mailboxes:
        if wanted in (config.name.casefold(), config.address.casefold()):
            return config
    if not desk.config.mailboxes:
        return refuse("no mailbox", where=str(desk.config.path or "config.toml"))
    return refuse("no such mailbox", name=line(name, 80), known=tuple(c.name for c in desk.config.mailboxes))


def check(
    desk: Desk,
    name: str,
    *,
    actor: Actor,
    told: Callable[[Step], None] = lambda step: None,
    message: bool = True,
    within: float = 60.0,
    stop: threading.Event | None = None,
) -> Checked | Refusal:
    """Try a mailbox; `told` hears each step as it is known. With `message` one is sent to the mailbox itself.

    That message comes into the ledger as one of our own, and stays on the server like all others.
    """
    if why := may_see_ledger(actor):
        return why
    config = configured(desk, name)
    if isinstance(config, Refusal):
        return config
    steps: list[Step] = []
    for step in _steps(desk, config, message, within, stop):
        steps.append(step)
        told(step)
        if stop is not None and stop.is_set():
            break
    return Checked(config.name, config.address, tuple(steps))


def _steps(
    desk: Desk, config: "MailboxConfig", message: bool, within: float, stop: threading.Event | None
) -> Iterator[Step]:
    from mail import checking

    rounds = ROUND_STEPS if message else ()
    accounts: list[tuple[ImapAccount, SmtpAccount]] = []

    def password() -> tuple[State, str]:
        accounts.append((imap_account(config), smtp_account(config)))
        return "ok", whence(config)

    step = checking.attempt("password", password)
    yield step
    if step.state == "failed":
        yield from checking.skipped((*IMAP_STEPS, *SMTP_STEPS, *rounds))
        return
    imap, smtp = accounts[0]
    folders = _folders(config)
    good = True
    for step in checking.check_imap(imap, folders=folders, moves=bool(config.processed_folder or config.failed_folder)):
        good = good and (step.state != "failed" or step.name == "imap move")
        yield step
    for step in checking.check_smtp(smtp):
        good = good and step.state != "failed"
        yield step
    if message and not good:
        yield from checking.skipped(rounds)
    elif message:
        marker = secrets.token_hex(8)
        recipient = _recipient(desk, config)
        yield from checking.check_round(
            imap,
            smtp,
            config.address,
            recipient,
            _letter(desk, config, recipient, marker),
            marker,
            elsewhere=folders,
            within=within,
            stop=stop,
        )


def _folders(config: "MailboxConfig") -> Sequence[str]:
    """The folders beside the one that is read."""
    from loop.copies import AUTOMATIC

    wanted = (config.sent_folder, config.processed_folder, config.failed_folder)
    return tuple(dict.fromkeys(name for name in wanted if name and name != AUTOMATIC))


def whence(config: "MailboxConfig") -> str:
    """Where the password comes from, in words; never what it is."""
    if config.password_command:
        words = _("given by {program}").format(program=config.password_command[0])
    elif config.password_env:
        words = _("in the variable {name}").format(name=config.password_env)
    elif config.password_keyring:
        words = _("in the keyring as {name}").format(name=config.password_keyring)
    else:
        return _("none is configured")
    return words + (" · XOAUTH2" if config.xoauth2 else "")


def _recipient(desk: Desk, config: "MailboxConfig") -> str:
    """The mailbox itself; by a plus-address where it has them, so that those are tried too."""
    from mail.tokens import plus_address

    if not config.plus_address:
        return config.address
    return plus_address(list(keys(desk.db.rows).values())[-1], config.address, 0x7FFFFFFF)


def _letter(desk: Desk, config: "MailboxConfig", recipient: str, marker: str) -> bytes:
    """A message of ours, signed as such, so that the ledger takes it for what it is."""
    from mail.compose import Outgoing, compose
    from mail.tokens import message_id

    signing = list(keys(desk.db.rows).values())[-1]
    return compose(
        Outgoing(
            message_id=message_id(signing, 0, 0, config.domain or config.address.rpartition("@")[2]),
            sender_name="Retorno",
            sender_address=config.address,
            to=(("", recipient),),
            cc=(),
            subject=f"{SUBJECT} {marker}",
            body=_("Retorno wrote this to see whether mail comes and goes. It can be deleted."),
            date=datetime.fromtimestamp(desk.now() / 1000, UTC),
            automatic=True,
            html=False,
        )
    )

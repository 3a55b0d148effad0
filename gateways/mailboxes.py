"""A mailbox as the configuration file names it, and its password from where it is kept (R3)."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from domain.text import _, line
from gateways.secrets import printed_by, words_of
from gateways.settings import ConfigTrouble, Table

Security = Literal["tls", "starttls", "none"]

_PLUS_ROOM = 28
"""Characters before the @ that leave room for a ticket and its signature in the 64 of RFC 5321."""

_SECURITY = ("tls", "starttls", "none")
_IMAP_PORT = {"tls": 993, "starttls": 143, "none": 143}
_SMTP_PORT = {"tls": 465, "starttls": 587, "none": 25}


@dataclass(frozen=True)
class MailboxConfig:
    """One mailbox: where its mail is fetched and sent. It never holds a password; `password` gets it."""

    name: str
    """How people call it; the address unless the file says otherwise."""
    address: str
    """What mail leaves from and replies come to, folded."""
    imap_host: str
    smtp_host: str
    sender_name: str = ""
    """Beside the address in From; '' leaves the address alone (M3)."""
    imap_port: int = 993
    imap_security: Security = "tls"
    imap_user: str = ""
    """The address unless the file says otherwise."""
    imap_folder: str = "INBOX"
    smtp_port: int = 465
    smtp_security: Security = "tls"
    smtp_user: str = ""
    """The address unless the file says otherwise; '' for a server that asks for no login, as without TLS is usual."""
    password_command: tuple[str, ...] | None = None
    """A program and its arguments, run without a shell; the first line that it prints is the password."""
    password_env: str | None = None
    """The environment variable that holds the password."""
    password_keyring: str | None = None
    """The name under which the system's keyring has the password, beside the user name."""
    xoauth2: bool = False
    """Whether what the command or the variable gives is an OAuth2 access token and not a password."""
    ca_file: str | None = None
    """PEM file with the only authorities to trust; None: the system's."""
    domain: str = ""
    """The right side of our Message-IDs; the address's unless the file says otherwise."""
    unknown_sender: Literal["triage", "ticket"] = "triage"
    """What mail from somebody unknown becomes (I8)."""
    sent_folder: str = ""
    """Where a copy of what was sent is kept; '' for none, "auto" for the server's own (M4)."""
    processed_folder: str = ""
    """Where mails are moved once they have an outcome; '' leaves them where they are (M6)."""
    failed_folder: str = ""
    """Where those in quarantine are moved instead; '' leaves them where they are."""
    plus_address: bool = False
    """Whether the server delivers address+anything here too: then Reply-To carries the ticket (M7)."""
    trusted_authserv: str = ""
    """Whose Authentication-Results are believed: the first word of that header, as our own server writes it (M7)."""
    messages_per_minute: int = 0
    """The most that its server takes; what is beyond waits (M5). 0: no limit."""
    max_bytes: int = 25 * 1024 * 1024
    """Of a larger mail only the headers are fetched (M8)."""


_KEYS = tuple(MailboxConfig.__dataclass_fields__)


def read_mailbox(values: Mapping[str, Any], path: Path | None) -> MailboxConfig:
    """The mailbox that a [[mailbox]] table describes; ConfigTrouble, naming the key, if it cannot be one."""
    from domain.contacts import fold_email  # 4 ms that a start without mailboxes need not wait for

    called = values.get("name") or values.get("address") or ""
    table = Table(values, f"{path}, mailbox {called if isinstance(called, str) else ''}".rstrip())
    table.expect(_KEYS)
    written = table.text("address")
    address = fold_email(written)
    if not address:
        raise table.trouble(_("“{value}” is not an e-mail address."), value=written)
    imap_security = table.choice("imap_security", "tls", _SECURITY)
    smtp_security = table.choice("smtp_security", "tls", _SECURITY)
    return MailboxConfig(
        name=table.text("name", "") or address,
        address=address,
        imap_host=_host(table, "imap_host", imap_security),
        smtp_host=_host(table, "smtp_host", smtp_security),
        sender_name=table.text("sender_name", ""),
        imap_port=table.number("imap_port", _IMAP_PORT[imap_security], 1, 65535),
        imap_security=imap_security,  # type: ignore[arg-type]
        imap_user=table.text("imap_user", address),
        imap_folder=table.text("imap_folder", "INBOX"),
        smtp_port=table.number("smtp_port", _SMTP_PORT[smtp_security], 1, 65535),
        smtp_security=smtp_security,  # type: ignore[arg-type]
        smtp_user=table.text("smtp_user", "" if smtp_security == "none" else address),
        password_command=_command(table),
        password_env=table.text("password_env", "") or None,
        password_keyring=table.text("password_keyring", "") or None,
        xoauth2=table.flag("xoauth2"),
        ca_file=_beside(path, table.text("ca_file", "")),
        domain=_domain(table, address),
        unknown_sender=table.choice("unknown_sender", "triage", ("triage", "ticket")),  # type: ignore[arg-type]
        sent_folder=table.text("sent_folder", ""),
        processed_folder=_other_folder(table, "processed_folder"),
        failed_folder=_other_folder(table, "failed_folder"),
        plus_address=_plus_address(table, address),
        trusted_authserv=table.text("trusted_authserv", "").lower(),
        messages_per_minute=table.number("messages_per_minute", 0, 0, 100_000),
        max_bytes=table.number("max_bytes", MailboxConfig.max_bytes, 1024, 1024**3),
    )


def _host(table: Table, key: str, security: str) -> str:
    host = table.text(key)
    if " " in host or "/" in host or "@" in host:
        raise table.trouble(_("{key} is a server's name alone, not “{value}”."), key=key, value=host)
    if security == "none" and not _is_here(host):
        raise table.trouble(
            _(
                "without TLS the password would cross the network in the clear; only a server on this machine is taken so."
            )
        )
    return host


def _plus_address(table: Table, address: str) -> bool:
    wanted = table.flag("plus_address")
    if wanted and len(address.rpartition("@")[0]) > _PLUS_ROOM:
        raise table.trouble(
            _("plus_address needs an address with at most {limit} characters before the @."), limit=_PLUS_ROOM
        )
    return wanted


def _other_folder(table: Table, key: str) -> str:
    folder = table.text(key, "")
    if folder and folder.casefold() == table.text("imap_folder", "INBOX").casefold():
        raise table.trouble(_("{key} is the folder that is read; mails would come again and again."), key=key)
    return folder


def _is_here(host: str) -> bool:
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _command(table: Table) -> tuple[str, ...] | None:
    given = [key for key in ("password_command", "password_env", "password_keyring") if table.values.get(key)]
    if len(given) > 1:
        raise table.trouble(_("{one} and {other} are both given; leave one out."), one=given[0], other=given[1])
    return words_of(table, "password_command")


def _domain(table: Table, address: str) -> str:
    from domain.contacts import fold_email

    domain = table.text("domain", "") or address.rpartition("@")[2]
    if not fold_email("a@" + domain):
        raise table.trouble(_("“{value}” is not a domain."), value=domain)
    return domain


def _beside(path: Path | None, name: str) -> str | None:
    """A file named relative to the configuration file."""
    if not name:
        return None
    found = Path(name).expanduser()
    return str(found if path is None else path.parent / found)


def password(mailbox: MailboxConfig, environ: Mapping[str, str]) -> str | None:
    """The mailbox's password, from its command, its variable or the keyring; None if none of them is configured.

    ConfigTrouble if there should be one and is not. The command has no terminal and at most `secrets.SECONDS`; what
    it prints is in no message.
    """
    if mailbox.password_command:
        found = printed_by(mailbox.password_command, environ, partial(_trouble, mailbox))
    elif mailbox.password_env:
        found = environ.get(mailbox.password_env, "")
        if not found:
            raise _trouble(mailbox, _("the variable {name} is not set."), name=mailbox.password_env)
    elif mailbox.password_keyring:
        found = _from_keyring(mailbox, mailbox.password_keyring)
    else:
        return None
    if "\x00" in found or "\n" in found or "\r" in found:
        raise _trouble(mailbox, _("the password is not one line."))
    return found


def _from_keyring(mailbox: MailboxConfig, service: str) -> str:
    """What the system's keyring has under that name for the user; ConfigTrouble if it has nothing or there is none."""
    try:
        import keyring  # an extra: Secret Service, macOS Keychain, Windows Credential Locker
        from keyring.errors import KeyringError
    except ImportError:
        raise _trouble(
            mailbox, _("password_keyring needs the package keyring: pip install “retorno[keyring]”.")
        ) from None
    user = mailbox.imap_user or mailbox.address
    try:
        found = keyring.get_password(service, user)
    except KeyringError as error:
        raise _trouble(mailbox, _("the keyring cannot be read: {error}."), error=str(error)) from None
    if not found:
        raise _trouble(
            mailbox,
            _("the keyring has none: keyring set “{service}” “{user}” puts it there."),
            service=service,
            user=user,
        )
    return str(found)


def _trouble(mailbox: MailboxConfig, sentence: str, **values: object) -> ConfigTrouble:
    cleaned = {name: line(str(value), 80) for name, value in values.items()}
    return ConfigTrouble(
        _("The password of {mailbox}: {why}").format(mailbox=mailbox.name, why=sentence.format(**cleaned))
    )

"""Where mail is sent and fetched: settings of one account, checked when made (R3).

A password is only ever held here in memory; it is left out of `repr`.
"""

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from domain.text import _, line

if TYPE_CHECKING:
    import ssl

Security = Literal["tls", "starttls", "none"]

SIZE_LIMIT = 25 * 1024 * 1024
"""Bytes; of a mail over this only the headers are fetched (M8)."""


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by its very name or number."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _check(host: str, port: int, security: str, timeout: float, allow_plain: bool) -> None:
    if not host or any(c.isspace() or not c.isprintable() for c in host):
        raise ValueError(_("the mail server's name is missing or malformed"))
    if not 0 < port < 65536:
        raise ValueError(_("a port is a number from 1 to 65535"))
    if security not in ("tls", "starttls", "none"):
        raise ValueError(_("security is one of tls, starttls, none"))
    if security == "none" and not (allow_plain or is_loopback(host)):
        raise ValueError(_("without TLS only a server on this machine is accepted"))
    if timeout <= 0:
        raise ValueError(_("a time-out is more than 0 seconds"))


@dataclass(frozen=True)
class SmtpAccount:
    """A server that takes mail. Raises ValueError for settings that cannot be meant."""

    host: str
    port: int
    security: Security = "tls"
    user: str | None = None
    """None: no login."""
    password: str | None = field(default=None, repr=False)
    """With `xoauth2` the access token."""
    ca_file: str | None = None
    """PEM file with the only authorities to trust; None: the system's."""
    timeout: float = 30.0
    """Seconds for connecting and for each answer; the answer to a whole mail may take ten times that."""
    xoauth2: bool = False
    allow_plain: bool = False
    """Take `security="none"` for a server that is not on this machine."""

    def __post_init__(self) -> None:
        _check(self.host, self.port, self.security, self.timeout, self.allow_plain)


@dataclass(frozen=True)
class ImapAccount:
    """A mailbox that is polled. Raises ValueError for settings that cannot be meant."""

    host: str
    port: int
    security: Security = "tls"
    user: str = ""
    password: str = field(default="", repr=False)
    """With `xoauth2` the access token."""
    folder: str = "INBOX"
    ca_file: str | None = None
    """PEM file with the only authorities to trust; None: the system's."""
    timeout: float = 30.0
    """Seconds for connecting and for each read."""
    xoauth2: bool = False
    size_limit: int = SIZE_LIMIT
    """Bytes; of a larger mail only the headers are fetched."""
    allow_plain: bool = False
    """Take `security="none"` for a server that is not on this machine."""

    def __post_init__(self) -> None:
        _check(self.host, self.port, self.security, self.timeout, self.allow_plain)
        if self.size_limit <= 0:
            raise ValueError(_("a size limit is more than 0 bytes"))


class BadAuthority(OSError):
    """A `ca_file` that cannot be used; its text is one sentence for people."""


def tls_context(account: SmtpAccount | ImapAccount) -> "ssl.SSLContext | None":
    """What checks the server's certificate and name; None without TLS. Raises BadAuthority for a bad `ca_file`."""
    import ssl

    if account.security == "none":
        return None
    try:
        return ssl.create_default_context(cafile=account.ca_file)
    except OSError as error:
        words = line(error.strerror or str(error), 120)
        raise BadAuthority(
            _("{path} (ca_file) cannot be used: {words}").format(path=account.ca_file, words=words)
        ) from error

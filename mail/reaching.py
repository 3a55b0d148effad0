"""Whether a mail server can be reached at all: its name, a connection, TLS and its certificate (R3)."""

import contextlib
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from domain.text import _, line
from mail.accounts import BadAuthority, ImapAccount, SmtpAccount, tls_context

SOON = timedelta(days=14)
"""A certificate that ends within so long is told of."""
_ROWS = 100  # lines that a server may say before it comes to the point


class Trouble(Exception):
    """Something does not work; the text is one sentence for people."""

    def __init__(self, said: str, *, answered: bool = True) -> None:
        super().__init__(said)
        self.answered = answered
        """Whether a server was there and said so."""


@dataclass(frozen=True)
class Certificate:
    """What a checked certificate says."""

    version: str
    """Of TLS."""
    issuer: str
    until: datetime
    """UTC."""

    @property
    def ends_soon(self) -> bool:
        """Whether it is time to renew it."""
        return self.until - datetime.now(UTC) < SOON


def resolve(account: ImapAccount | SmtpAccount) -> str:
    """The server's addresses; Trouble for a name that nobody knows."""
    try:
        found = socket.getaddrinfo(account.host, account.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        words = line(getattr(error, "strerror", None) or str(error), 120)
        raise Trouble(
            _("{host} is not known by that name: {words}").format(host=account.host, words=words), answered=False
        ) from error
    return ", ".join(dict.fromkeys(str(where[4][0]) for where in found))


def connect(account: ImapAccount | SmtpAccount) -> str:
    """The port that answered; Trouble when none does."""
    with _told(account), socket.create_connection((account.host, account.port), account.timeout):
        return _("port {port} answers").format(port=account.port)


def certificate(account: ImapAccount | SmtpAccount, kind: Literal["imap", "smtp"]) -> Certificate:
    """Go as far as TLS and look at the certificate, checked against the authorities that the account trusts."""
    try:
        context = tls_context(account)
    except BadAuthority as error:
        raise Trouble(str(error)) from error
    assert context is not None, "without TLS there is nothing to look at"
    with _told(account), socket.create_connection((account.host, account.port), account.timeout) as sock:
        if account.security == "starttls":
            _start_tls(sock, kind, account.host)
        with context.wrap_socket(sock, server_hostname=account.host) as secure:
            facts = secure.getpeercert() or {}
            issuer = {key: value for rdn in facts.get("issuer", ()) for key, value in rdn}  # type: ignore[misc]
            return Certificate(
                secure.version() or "TLS",
                line(issuer.get("organizationName") or issuer.get("commonName") or "", 80),
                datetime.fromtimestamp(ssl.cert_time_to_seconds(str(facts["notAfter"])), UTC),
            )


def _start_tls(sock: socket.socket, kind: str, host: str) -> None:
    """Say what comes before TLS on a plain port."""
    with sock.makefile("rb") as rows:

        def heard(last: bytes) -> bytes:
            for _row in range(_ROWS):
                row = rows.readline(2000)
                if not row or row.startswith(last):
                    return row
            return b""

        if kind == "imap":
            heard(b"* ")
            sock.sendall(b"a1 STARTTLS\r\n")
            good = heard(b"a1 ").upper().startswith(b"A1 OK")
        else:
            heard(b"220 ")
            sock.sendall(b"EHLO localhost\r\n")
            heard(b"250 ")
            sock.sendall(b"STARTTLS\r\n")
            good = heard(b"").startswith(b"220")
    if not good:
        raise Trouble(_("{host} offers no STARTTLS on this port").format(host=host))


@contextlib.contextmanager
def _told(account: ImapAccount | SmtpAccount):  # type: ignore[no-untyped-def]
    """What goes wrong in here, in a sentence."""
    host, port = account.host, account.port
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        words = line(error.verify_message, 200)
        raise Trouble(
            _(
                "{host} shows a certificate that does not hold: {words}. "
                "If an authority of your own made it, give its PEM file as CA certificate (ca_file)."
            ).format(host=host, words=words)
        ) from error
    except ssl.SSLError as error:
        words = line(error.reason or str(error), 120)
        raise Trouble(
            _("{host}:{port} does not speak TLS at once ({words}); starttls may be what it wants").format(
                host=host, port=port, words=words
            )
        ) from error
    except TimeoutError as error:
        raise Trouble(_("{host}:{port} does not answer").format(host=host, port=port), answered=False) from error
    except OSError as error:
        words = line(error.strerror or str(error), 120)
        raise Trouble(
            _("{host}:{port} cannot be reached: {words}").format(host=host, port=port, words=words), answered=False
        ) from error

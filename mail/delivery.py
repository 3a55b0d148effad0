"""One message to one SMTP server, and what became of it (M5, mail handbook on SMTP).

The line between "surely not sent" and "perhaps sent" is the DATA command: trouble before it means
`retry`, a lost line from it on means `in doubt`, which nobody repeats without a person's word.
"""

import asyncio
import base64
import contextlib
import re
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from domain.text import line
from mail import wire
from mail.accounts import SmtpAccount, tls_context

if TYPE_CHECKING:
    import aiosmtplib

State = Literal["sent", "retry", "failed", "in doubt"]

_IDLE = 10.0  # seconds after which a kept connection is asked whether it still lives
_ANSWER_LIMIT = 500  # characters of a server's words
_SETTINGS = frozenset({421, 530, 534, 535, 538})
"""Answers about the account or the server, not about this message: wait and try again (RFC 4954)."""

_SES_ID = re.compile(r"(?:2\.\d\.\d )?Ok:? ([0-9a-f]{16}-[0-9a-f-]{20,60})", re.IGNORECASE)
_SES_HOST = re.compile(r"email-smtp(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com", re.IGNORECASE)
_ANGLE_ID = re.compile(r"<([!-;=?-~]{1,250}@[!-;=?-~]{1,250})>")


@dataclass(frozen=True)
class Delivered:
    """What became of a message."""

    state: State
    """`sent`: all that were needed and at least one recipient were accepted, and the server has taken the mail. `retry`: surely not
    sent, try later. `failed`: the server will never take it. `in doubt`: the line was lost after DATA began."""
    answer: str
    """The server's last words with their code, or the trouble; one clean line."""
    refused: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Refused recipients with the server's words, which begin with the code: 4xx may be tried again."""
    server_message_id: str = ""
    """The Message-ID that the server put in place of ours, where its answer says so (Amazon SES, Exchange)."""


class Delivery:
    """A connection to one server, made when first needed and kept for further messages.

        async with Delivery(account) as delivery:
            outcome = await delivery.deliver(raw, sender, recipients, before_data)

    Messages go one after the other, also when several tasks ask at once.
    """

    def __init__(self, account: SmtpAccount, data_timeout: float | None = None) -> None:
        """`data_timeout`: seconds for the answer to a whole mail; None: ten times the account's."""
        self._account = account
        self._data_timeout = 10 * account.timeout if data_timeout is None else data_timeout
        self._client: aiosmtplib.SMTP | None = None
        self._lock = asyncio.Lock()
        self._used = 0.0
        self._dirty = False

    async def __aenter__(self) -> "Delivery":
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    async def knock(self) -> str:
        """Connect and log in, and send nothing: '' when the server lets us in, else what is in the way."""
        import aiosmtplib

        async with self._lock:
            self._drop()
            try:
                await self._connect()
            except aiosmtplib.SMTPResponseException as error:
                return self._words(error.code, error.message)
            except (aiosmtplib.SMTPException, OSError, ValueError) as error:
                return self._trouble(error)
            return ""

    async def close(self) -> None:
        """Say goodbye and hang up; never raises."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):
                await client.quit(timeout=min(2.0, self._account.timeout))
            client.close()

    async def deliver(
        self,
        raw: bytes,
        sender: str,
        recipients: Sequence[str],
        before_data: Callable[[], Awaitable[None]] | None = None,
        needed: Collection[str] = (),
    ) -> Delivered:
        """Hand `raw` to the server for `recipients`; `before_data` is awaited once, just before DATA.

        While one of `needed` is refused nobody gets it: a copy that others have does not stand in for whom it is written to.

        Trouble is an outcome and not an exception, but for two: cancellation, and what `before_data`
        raises (then nothing was sent).
        """
        async with self._lock:
            return await self._deliver(raw, sender, recipients, before_data, needed)

    async def _deliver(
        self,
        raw: bytes,
        sender: str,
        recipients: Sequence[str],
        before_data: Callable[[], Awaitable[None]] | None,
        needed: Collection[str],
    ) -> Delivered:
        import aiosmtplib

        refused: dict[str, str] = {}
        envelope: dict[str, str] = {}
        try:
            sender = wire.address(sender) if sender else ""
            for recipient in recipients:
                try:
                    envelope[recipient] = wire.address(recipient)
                except ValueError as error:
                    refused[recipient] = f"553 {error}"
        except ValueError as error:
            return Delivered("failed", str(error))
        if not envelope or any(one in refused for one in needed):
            return Delivered("failed", next(iter(refused.values()), "no recipients"), MappingProxyType(refused))

        try:
            client = await self._begin(raw, sender)
            accepted = await self._recipients(client, envelope, refused)
        except aiosmtplib.SMTPResponseException as error:
            self._drop_if(error.code)
            temporary = error.code in _SETTINGS or not 500 <= error.code < 600 or self._client is None
            return Delivered("retry" if temporary else "failed", self._words(error.code, error.message))
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            self._drop()
            return Delivered("retry", self._trouble(error))
        except BaseException:
            self._drop()
            raise
        missed = [words for one, words in refused.items() if one in needed]
        if missed or not accepted:
            # Any 4xx among the refusals may turn into a yes, so only all-5xx is final.
            missed = missed or list(refused.values())
            temporary = any(not words.startswith("5") for words in missed)
            return Delivered("retry" if temporary else "failed", missed[-1], MappingProxyType(refused))

        if before_data is not None:
            await before_data()
        try:
            answer = await client.data(raw, timeout=self._data_timeout)
        except aiosmtplib.SMTPResponseException as error:
            self._drop_if(error.code)
            state: State = "in doubt"
            if 400 <= error.code < 600:
                state = "failed" if error.code >= 500 and error.code not in _SETTINGS else "retry"
            else:
                self._drop()
            return Delivered(state, self._words(error.code, error.message), MappingProxyType(refused))
        except Exception as error:
            self._drop()
            return Delivered("in doubt", self._trouble(error), MappingProxyType(refused))
        except BaseException:
            self._drop()
            raise
        self._dirty, self._used = False, time.monotonic()
        words = self._words(answer.code, answer.message)
        return Delivered("sent", words, MappingProxyType(refused), replaced_id(answer.message, self._account.host))

    async def _begin(self, raw: bytes, sender: str) -> "aiosmtplib.SMTP":
        """A connection that has taken MAIL FROM; a kept one that has died meanwhile is replaced once."""
        import aiosmtplib

        if self._client is not None:
            # What a kept connection says about itself, gone or full, says nothing about this message.
            try:
                if self._dirty or time.monotonic() - self._used > _IDLE:
                    await self._client.rset()
                return await self._mail(self._client, raw, sender)
            except aiosmtplib.SMTPSenderRefused as error:
                if error.code >= 500 and error.code not in _SETTINGS:
                    raise
            except (aiosmtplib.SMTPException, OSError):
                pass
            self._drop()
        return await self._mail(await self._connect(), raw, sender)

    async def _mail(self, client: "aiosmtplib.SMTP", raw: bytes, sender: str) -> "aiosmtplib.SMTP":
        options = []
        if client.supports_extension("size"):
            options.append(f"SIZE={len(raw)}")
        if not raw.isascii() and client.supports_extension("8bitmime"):
            options.append("BODY=8BITMIME")
        self._dirty = True
        await client.mail(sender, options=options)
        return client

    async def _recipients(
        self, client: "aiosmtplib.SMTP", envelope: Mapping[str, str], refused: dict[str, str]
    ) -> bool:
        """Name the recipients; whether the server accepted any. Refusals go to `refused` by the caller's spelling."""
        import aiosmtplib

        accepted = False
        for given, recipient in envelope.items():
            try:
                await client.rcpt(recipient)
                accepted = True
            except aiosmtplib.SMTPRecipientRefused as error:
                if error.code in _SETTINGS:
                    raise
                refused[given] = self._words(error.code, error.message)
        return accepted

    async def _connect(self) -> "aiosmtplib.SMTP":
        import aiosmtplib

        account = self._account
        client = aiosmtplib.SMTP(
            hostname=account.host,
            port=account.port,
            timeout=account.timeout,
            use_tls=account.security == "tls",
            start_tls=account.security == "starttls",
            tls_context=tls_context(account),
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                try:
                    await client.ehlo()
                except aiosmtplib.SMTPHeloError:
                    await client.helo()
            if account.user is not None:
                if account.xoauth2:
                    await client.auth_xoauth2(account.user, account.password or "")
                else:
                    await client.login(account.user, account.password or "")
        except BaseException:
            client.close()
            raise
        self._client, self._used, self._dirty = client, time.monotonic(), False
        return client

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _drop_if(self, code: int) -> None:
        """Hang up after words after which a server is not to be talked to."""
        if code in _SETTINGS or code < 400:
            self._drop()

    def _words(self, code: int, words: str) -> str:
        return self._secret(line(f"{code} {words}" if code > 0 else words, _ANSWER_LIMIT))

    def _trouble(self, error: BaseException) -> str:
        return self._secret(line(str(error) or type(error).__name__, _ANSWER_LIMIT))

    def _secret(self, words: str) -> str:
        """`words` without the password, should a server or library ever repeat it."""
        password, user = self._account.password, self._account.user or ""
        if password:
            plain = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
            for secret in (plain, base64.b64encode(password.encode()).decode(), password):
                words = words.replace(secret, "***")
        return words


def replaced_id(answer: str, host: str) -> str:
    """The Message-ID that an answer to DATA names as the mail's new one, without angle brackets; else ''.

    Amazon SES answers `Ok <hex>` and names the mail `<hex>@<region>.amazonses.com`; others write `<id>`.
    """
    if found := _SES_ID.match(answer):
        region = _SES_HOST.fullmatch(host)
        if region is None:
            return found[1]
        return f"{found[1]}@{'email' if region[1] == 'us-east-1' else region[1]}.amazonses.com"
    found = _ANGLE_ID.search(answer)
    return found[1] if found else ""

"""Whether a request comes from who it says: shared secrets and signatures, compared in constant time (I8).

Typeform and Delighted sign the body; Formbricks, as Standard Webhooks has it, also its id and the time. Where the time is
signed, one that is too far off is refused; the others are safe to take twice, since every answer counts once (I1).
"""

import base64
import hmac
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import parse_qsl

from domain.text import _
from gateways.settings import ConfigTrouble
from gateways.webhook_config import SourceConfig

TOLERANCE_S = 300
"""How far the time of a signed request may be from ours."""

_TELLING = ("secret", "token", "key", "password", "senha", "signature", "auth")


class Unproven(Exception):
    """The sender did not prove who it is; the text is one sentence for it."""

    def __init__(self, sentence: str, status: int = 403) -> None:
        super().__init__(sentence)
        self.status = status
        """401 where nothing was shown, 403 where it is wrong."""


class Proof:
    """How one source proves itself; ConfigTrouble if its secret cannot serve."""

    def __init__(self, source: SourceConfig, secret: str) -> None:
        self._kind = source.signature
        self._shown = secret.encode()
        self._key = self._shown
        if source.signature == "standard-webhooks":
            try:
                self._key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
            except ValueError:
                raise ConfigTrouble(
                    _("The secret of the webhook's source {name} is not one of Standard Webhooks (whsec_…).").format(
                        name=source.name
                    )
                ) from None
        self._header = source.signature_header.lower() or "x-signature"

    def in_query(self, query: bytes) -> bool:
        """Whether the address holds a secret, or what seems to be one: addresses end up in logs."""
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=None)
        return any(
            hmac.compare_digest(value.encode("utf-8", "replace"), self._shown)
            or any(word in name.lower() for word in _TELLING)
            for name, value in pairs
        )

    def needs_body(self) -> bool:
        """Whether the body must be read before it can be told."""
        return self._kind != "header"

    def check(self, headers: Mapping[str, str], body: bytes, now: float) -> None:
        """Unproven if the request is not from who knows the secret. `now` is in Unix seconds."""
        match self._kind:
            case "header":
                self._same(_bearer(headers).encode(), self._shown)
            case "typeform":
                self._signed(headers, "typeform-signature", body)
            case "delighted":
                self._signed(headers, "x-delighted-webhook-signature", body)
            case "hmac-sha256-body":
                self._signed(headers, self._header, body)
            case "hmac-sha256":
                at = _given(headers, "x-retorno-timestamp")
                self._signed(headers, "x-retorno-signature", at.encode() + b"." + body)
                _fresh(at, now)
            case "standard-webhooks":
                self._standard(headers, body, now)

    def _signed(self, headers: Mapping[str, str], header: str, content: bytes) -> None:
        """A signature in hex or base64, with or without `sha256=` before it."""
        given = _given(headers, header).removeprefix("sha256=").strip()
        made = hmac.new(self._key, content, sha256).digest()
        shown = given.lower().encode() if len(given) == 64 else given.encode()
        self._same(shown, made.hex().encode() if len(given) == 64 else base64.b64encode(made))

    def _standard(self, headers: Mapping[str, str], body: bytes, now: float) -> None:
        id, at = _given(headers, "webhook-id"), _given(headers, "webhook-timestamp")
        given = _given(headers, "webhook-signature").split(" ")[:10]
        made = base64.b64encode(hmac.new(self._key, f"{id}.{at}.".encode() + body, sha256).digest())
        if not any([hmac.compare_digest(one.encode(), b"v1," + made) for one in given]):
            raise Unproven(_wrong())
        _fresh(at, now)

    def _same(self, given: bytes, wanted: bytes) -> None:
        if not hmac.compare_digest(given, wanted):
            raise Unproven(_wrong())


def _bearer(headers: Mapping[str, str]) -> str:
    if shown := headers.get("x-retorno-secret"):
        return shown
    scheme, _blank, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unproven(_("The secret is missing: send it as X-Retorno-Secret, or as Authorization: Bearer."), 401)
    return token.strip()


def _given(headers: Mapping[str, str], name: str) -> str:
    if value := headers.get(name, ""):
        return value
    raise Unproven(_("The header {name} is missing.").format(name=name), 401)


def _fresh(at: str, now: float) -> None:
    if not at.isascii() or not at.isdigit() or len(at) > 12 or abs(now - int(at)) > TOLERANCE_S:
        raise Unproven(_("The request's time is too far from ours; send it again, or set the clock."))


def _wrong() -> str:
    return _("The secret or the signature is wrong.")

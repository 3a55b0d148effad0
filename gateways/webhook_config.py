"""The webhook as the configuration file names it: where it listens, and who may send answers (I8).

[webhook]
listen = "127.0.0.1:8787"

[[webhook.source]]
name = "typeform"
survey = "Pós-compra"
map = "typeform"
secret_command = ["pass", "show", "typeform"]
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from domain.text import _, line
from gateways.secrets import printed_by, words_of
from gateways.settings import ConfigTrouble, Table

Signature = Literal["header", "hmac-sha256", "hmac-sha256-body", "typeform", "delighted", "standard-webhooks"]
"""How a sender shows that it knows the secret."""

SECRET_AT_LEAST = 16
"""Characters of a secret; a shorter one can be guessed."""

_OF_MAP: dict[str, Signature] = {
    "typeform": "typeform",
    "delighted": "delighted",
    "formbricks": "standard-webhooks",
}
"""How the services sign whose shapes are built in."""


@dataclass(frozen=True)
class SourceConfig:
    """One sender of answers. It never holds its secret; `secret` gets it."""

    name: str
    """Its address is /answers/NAME: small letters, digits, hyphens."""
    survey: str
    """The survey its answers belong to; made if it is new."""
    map: str = "retorno"
    """What the payload looks like: a built-in map's name or the path of a file."""
    signature: Signature = "header"
    """How it proves that it knows the secret; the service's own way for those that are built in."""
    signature_header: str = ""
    """Where a signature of the body alone stands; '' for X-Signature."""
    scale: Literal["nps", "csat"] = "nps"
    """How a survey is scored that is made here; one that is known keeps its own."""
    secret_command: tuple[str, ...] | None = None
    """A program and its arguments, run without a shell; the first line that it prints is the secret."""
    secret_env: str | None = None
    """The environment variable that holds the secret."""
    secret_keyring: str | None = None
    """The name under which the system's keyring has the secret, beside the source's name."""


@dataclass(frozen=True)
class WebhookConfig:
    """Where `retorno worker --webhook` listens, and for whom."""

    host: str = "127.0.0.1"
    port: int = 8787
    proxy: bool = False
    """Whether a proxy with TLS stands before it, which matters where others can reach it."""
    max_bytes: int = 256 * 1024
    """Of a larger payload nothing is read."""
    sources: tuple[SourceConfig, ...] = ()

    @property
    def loopback(self) -> bool:
        """Whether only programs of this machine can reach it."""
        return is_here(self.host)


TABLE_KEYS = ("listen", "proxy", "max_bytes", "source")


def read_webhook(values: Any, path: Path | None) -> WebhookConfig:
    """What a [webhook] table says; ConfigTrouble, naming the key, where it cannot be meant."""
    table = Table(values if isinstance(values, dict) else {}, f"{path}, webhook")
    if not isinstance(values, dict):
        raise table.trouble(_("it is written as [webhook]."))
    table.expect(TABLE_KEYS)
    host, port = _address(table)
    tables = values.get("source", [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise table.trouble(_("its sources are written as [[webhook.source]]."))
    sources = tuple(_source(one, path) for one in tables)
    for one in sources:
        if sum(one.name == other.name for other in sources) > 1:
            raise table.trouble(_("two sources are called “{name}”; give each a name of its own."), name=one.name)
    return WebhookConfig(
        host, port, table.flag("proxy"), table.number("max_bytes", WebhookConfig.max_bytes, 1024, 16 * 1024**2), sources
    )


def _address(table: Table) -> tuple[str, int]:
    written = table.text("listen", "127.0.0.1:8787")
    host, _colon, port = written.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65536 or re.search(r"[\s/@]", host):
        raise table.trouble(_("listen is an address and a port such as 127.0.0.1:8787, not “{value}”."), value=written)
    return host, int(port)


MAPS = ("retorno", "typeform", "google", "formbricks", "delighted")
"""Maps that are built in; others are files."""

_KEYS = tuple(SourceConfig.__dataclass_fields__)


def _source(values: Mapping[str, Any], path: Path | None) -> SourceConfig:
    called = values.get("name")
    table = Table(values, f"{path}, webhook.source {called if isinstance(called, str) else ''}".rstrip())
    if "secret" in values:
        raise table.trouble(
            _(
                "a secret in a file is copied and backed up; give secret_command (such as a password manager's), "
                "secret_keyring or secret_env instead."
            )
        )
    table.expect(_KEYS)
    name = table.text("name")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name):
        raise table.trouble(_("name is of small letters, digits and hyphens, not “{value}”."), value=name)
    given = [key for key in ("secret_command", "secret_env", "secret_keyring") if table.values.get(key)]
    if not given:
        raise table.trouble(_("secret_command, secret_keyring or secret_env is missing: nobody may send unproven."))
    if len(given) > 1:
        raise table.trouble(_("{one} and {other} are both given; leave one out."), one=given[0], other=given[1])
    map = _map(table, path)
    header = table.text("signature_header", "")
    if header and not re.fullmatch(r"[A-Za-z0-9-]{1,60}", header):
        raise table.trouble(_("signature_header is a header's name such as X-Signature, not “{value}”."), value=header)
    return SourceConfig(
        name=name,
        survey=line(table.text("survey"), 120),
        map=map,
        signature=table.choice("signature", _OF_MAP.get(map, "header"), get_args(Signature)),  # type: ignore[arg-type]
        signature_header=header,
        scale=table.choice("scale", "nps", ("nps", "csat")),  # type: ignore[arg-type]
        secret_command=words_of(table, "secret_command"),
        secret_env=table.text("secret_env", "") or None,
        secret_keyring=table.text("secret_keyring", "") or None,
    )


def _map(table: Table, path: Path | None) -> str:
    """A built-in map's name, or a file's path; a relative one is beside the configuration file."""
    name = table.text("map", "retorno")
    if name in MAPS:
        return name
    if not name.endswith(".toml"):
        raise table.trouble(
            _("map is one of {among}, or a file that ends in .toml, not “{value}”."), among=", ".join(MAPS), value=name
        )
    found = Path(name).expanduser()
    return str(found if path is None else path.parent / found)


def secret(source: SourceConfig, environ: Mapping[str, str]) -> str:
    """The secret that is shared with a sender; ConfigTrouble if it is not to be had or can be guessed."""
    trouble = partial(_trouble, source)
    if source.secret_command:
        found = printed_by(source.secret_command, environ, trouble)
    elif source.secret_env:
        found = environ.get(source.secret_env, "")
        if not found:
            raise trouble(_("the variable {name} is not set."), name=source.secret_env)
    else:
        found = _from_keyring(source, trouble)
    if line(found) != found or not found.isascii():
        raise trouble(_("it must be one line of plain letters, digits and signs."))
    if len(found) < SECRET_AT_LEAST:
        raise trouble(_("it is too short to be safe; give at least {limit} characters."), limit=SECRET_AT_LEAST)
    return found


def _from_keyring(source: SourceConfig, trouble: Any) -> str:
    try:
        import keyring  # an extra: Secret Service, macOS Keychain, Windows Credential Locker
        from keyring.errors import KeyringError
    except ImportError:
        raise trouble(_("secret_keyring needs the package keyring: pip install “retorno[keyring]”.")) from None
    service = source.secret_keyring or ""
    try:
        found = keyring.get_password(service, source.name)
    except KeyringError as error:
        raise trouble(_("the keyring cannot be read: {error}."), error=str(error)) from None
    if not found:
        raise trouble(
            _("the keyring has none: keyring set “{service}” “{user}” puts it there."),
            service=service,
            user=source.name,
        )
    return str(found)


def _trouble(source: SourceConfig, sentence: str, **values: object) -> ConfigTrouble:
    cleaned = {name: line(str(value), 80) for name, value in values.items()}
    return ConfigTrouble(
        _("The secret of the webhook's source {name}: {why}").format(name=source.name, why=sentence.format(**cleaned))
    )


def is_here(host: str) -> bool:
    """Whether an address is this machine's own, which no other reaches."""
    try:
        return host.lower() == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False

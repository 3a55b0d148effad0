"""The configuration file, the database's address, and where passwords come from (R1, R3).

database = "postgresql://retorno@db.example/retorno"
zone = "America/Sao_Paulo"

[[mailbox]]
address = "sac@loja.example"
sender_name = "SAC da Loja"
imap_host = "imap.loja.example"
smtp_host = "smtp.loja.example"
password_command = ["pass", "show", "sac"]
"""

import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from domain.text import _, line
from gateways.mailboxes import MailboxConfig, password, read_mailbox
from gateways.settings import ConfigTrouble, Table
from gateways.webhook_config import WebhookConfig, read_webhook

__all__ = ["Config", "ConfigTrouble", "MailboxConfig", "load", "password"]

SIZE_LIMIT = 1024 * 1024
"""Bytes of a configuration file; a larger file is not one."""

Source = Literal["argument", "environment", "file", "default"]


@dataclass(frozen=True)
class Config:
    """What this run is told from outside the database."""

    db_url: str = field(repr=False)
    """An SQLAlchemy URL; it may hold a password, so it is never printed: `db_shown` is."""
    source: Source = "default"
    """Who named the database: --db, RETORNO_DB, the file, or nobody."""
    path: Path | None = None
    """The file that was read; None if there is none."""
    mailboxes: tuple[MailboxConfig, ...] = ()
    region: str = "BR"
    """Where phone numbers without a country are dialled: ISO 3166, two letters."""
    zone: str = "America/Sao_Paulo"
    """IANA name; the zone of new surveys."""
    theme: str = ""
    """'' for the program's own."""
    undo_seconds: int = 10
    """How long a message waits for second thoughts before it leaves (M4)."""
    open_command: tuple[str, ...] | None = None
    """What opens attached files, such as "xdg-open"; the file's path is put behind it. Nothing is opened without one, and "" forbids it."""

    webhook: WebhookConfig | None = None
    """Where `retorno worker --webhook` listens for answers (I8); None if the file names nobody who may send them."""

    @property
    def db_shown(self) -> str:
        """The database's address without its password."""
        hidden = re.sub(r"(?<=://)([^@/:]*):[^@/]*@", r"\1:***@", self.db_url)
        return re.sub(r"(?<=[?&]password=)[^&]*", "***", hidden)


_KEYS = {
    "database": str,
    "region": str,
    "zone": str,
    "theme": str,
    "undo_seconds": int,
    "open_command": str,
    "mailbox": list,
    "webhook": dict,
}


def load(config_path: str | None, db: str | None, environ: Mapping[str, str]) -> Config:
    """The configuration: `config_path` (--config), else RETORNO_CONFIG, else the platform's usual place.

    The database is `db` (--db), else RETORNO_DB, else the file's, else an SQLite file in the platform's data folder.
    ConfigTrouble, one sentence, for a file that is missing where it was named, or says what cannot be meant.
    """
    path, values = _read(config_path, environ)
    top = Table(values, str(path or ""))
    top.expect(_KEYS)
    named, source = next(((url, source) for url, source in _databases(db, environ, top, path) if url), ("", "default"))
    return Config(
        db_url=_url(named or _default_database(), source),
        source=source,  # type: ignore[arg-type]
        path=path,
        mailboxes=_mailboxes(values.get("mailbox", []), path),
        region=_region(top.text("region", "BR"), top),
        zone=_zone(top.text("zone", "America/Sao_Paulo"), top),
        theme=top.text("theme", ""),
        undo_seconds=top.number("undo_seconds", 10, 0, 600),
        open_command=_open_command(top),
        webhook=read_webhook(values["webhook"], path) if "webhook" in values else None,
    )


def _databases(db: str | None, environ: Mapping[str, str], top: Table, path: Path | None) -> list[tuple[str, str]]:
    in_file = top.text("database", "")
    if in_file and "://" not in in_file and path is not None:
        in_file = str(path.parent / Path(in_file).expanduser())
    return [(db or "", "argument"), (environ.get("RETORNO_DB", ""), "environment"), (in_file, "file")]


def _read(config_path: str | None, environ: Mapping[str, str]) -> tuple[Path | None, dict[str, Any]]:
    """The file and what it says; nothing if none was named and none is in the usual place."""
    named = config_path or environ.get("RETORNO_CONFIG")
    path = Path(named).expanduser() if named else default_path()
    shown = line(str(path), 200)
    try:
        with open(path, "rb") as file:
            raw = file.read(SIZE_LIMIT + 1)
    except FileNotFoundError:
        if named:
            raise ConfigTrouble(_("There is no configuration file {path}.").format(path=shown)) from None
        return None, {}
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise ConfigTrouble(_("{path} cannot be read: {error}.").format(path=shown, error=line(said, 120))) from None
    if len(raw) > SIZE_LIMIT:
        raise ConfigTrouble(_("{path} is too large for a configuration file.").format(path=shown))
    try:
        return path.absolute(), tomllib.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ConfigTrouble(
            _("{path} is not valid TOML: {error}.").format(path=shown, error=line(str(error), 160))
        ) from None


def default_path() -> Path:
    """Where the platform keeps configuration."""
    from platformdirs import user_config_path

    return user_config_path("retorno", appauthor=False) / "config.toml"


def _default_database() -> str:
    from platformdirs import user_data_path

    return str(user_data_path("retorno", appauthor=False) / "retorno.db")


def _url(named: str, source: str) -> str:
    """`named` as an SQLAlchemy URL; a plain path is an SQLite file."""
    if "\x00" in named or line(named) != named:
        raise ConfigTrouble(_("The address of the database holds characters that cannot be meant."))
    scheme, there, rest = named.partition("://")
    if not there:
        return "sqlite:///" + quote(str(Path(named).expanduser().absolute()))
    if scheme == "sqlite" and not re.match(r"/[^?:]", rest):
        raise ConfigTrouble(_("An SQLite database is a file: write sqlite:///FILE or the file's path."))
    if scheme == "postgres":
        return "postgresql://" + rest
    if scheme in ("sqlite", "postgresql", "postgresql+psycopg"):
        return named
    where = {"argument": "--db", "environment": "RETORNO_DB", "file": _("the configuration file")}.get(source, "")
    raise ConfigTrouble(
        _(
            "{where} names a database of kind “{scheme}”; write sqlite:///FILE, postgresql://HOST/NAME or a file's path."
        ).format(where=where, scheme=line(scheme, 40))
    )


def _mailboxes(tables: Any, path: Path | None) -> tuple[MailboxConfig, ...]:
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigTrouble(_("{path}: mailboxes are written as [[mailbox]].").format(path=line(str(path), 200)))
    made = tuple(read_mailbox(table, path) for table in tables)
    for one in made:
        if sum(one.name.casefold() == other.name.casefold() for other in made) > 1:
            raise ConfigTrouble(
                _("{path}: two mailboxes are called “{name}”; give each a name of its own.").format(
                    path=line(str(path), 200), name=one.name
                )
            )
    return made


def _open_command(table: Table) -> tuple[str, ...] | None:
    """The words of a command, of which there are none where opening is forbidden; no shell reads them."""
    value = table.values.get("open_command")
    if value is None:
        return None
    try:
        words = shlex.split(value) if isinstance(value, str) else value
    except ValueError:
        words = None
    if not isinstance(words, list) or not all(isinstance(w, str) and w and "\x00" not in w for w in words):
        raise table.trouble(
            _('open_command is a command such as "xdg-open" or ["open", "-a", "Preview"], not {value}.'), value=value
        )
    return tuple(words)


def _region(region: str, table: Table) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", region):
        raise table.trouble(_("region is a country in two letters such as BR, not “{value}”."), value=region)
    return region.upper()


def _zone(zone: str, table: Table) -> str:
    try:
        return ZoneInfo(zone).key
    except (ValueError, OSError, LookupError):
        raise table.trouble(_("zone is a name such as America/Sao_Paulo, not “{value}”."), value=zone) from None

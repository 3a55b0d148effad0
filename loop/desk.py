"""The desk: what the faces hold. Opaque; every verb and every query takes it first."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from domain.people import Actor, Level, Role, effective, stronger
from domain.text import _
from storage.database import Database, DatabaseNewer, DatabaseOlder, NotADatabase
from storage.light import DatabaseMissing, DatabaseUnreachable

if TYPE_CHECKING:
    from loop.config import Config


class DeskTrouble(Exception):
    """The desk cannot be opened, or who asks is not known here; the text is a clear sentence (issue: bad input)."""

    def __init__(self, sentence: str, exit_code: int = 3) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code
        """For commands: 3 where the set-up is in the way, 5 where a server does not answer."""


@dataclass(frozen=True)
class DeskFacts:
    """What a face wants to say about where it works."""

    empty: bool
    """No answer came in yet."""
    personal: bool
    """Made for one person: `--as` is taken."""
    db: str
    config_path: str
    undo_ms: int
    mailbox: str
    """The address that mail leaves from; '' when none is set up."""


class Desk:
    """One database, its configuration and a clock."""

    def __init__(self, config: "Config", db: Database, clock: Callable[[], int]) -> None:
        self.config = config
        self.db = db
        self._clock = clock

    def now(self) -> int:
        """Unix milliseconds, UTC."""
        return self._clock()

    def actor(self, login: str | None = None) -> Actor:
        """The user of that login, the operating system's by default; DeskTrouble when nobody here is called so."""
        name = login or system_login()
        found = actors(self.db.rows, "login = :login", {"login": name})
        if not found:
            raise DeskTrouble(
                _(
                    "{login} is not known here. Somebody who administers this Retorno adds people: retorno user add {login}."
                ).format(login=name)
            )
        return found[0]

    def facts(self) -> DeskFacts:
        """Where the desk works."""
        settings = dict(self.db.rows("SELECT name, value FROM settings"))
        empty = not self.db.rows("SELECT 1 FROM answers LIMIT 1") and not self.db.rows("SELECT 1 FROM tickets LIMIT 1")
        mailboxes = self.config.mailboxes
        return DeskFacts(
            empty=empty,
            personal=settings.get("personal") == "1",
            db=shown_url(self.db.url),
            config_path=str(self.config.path or ""),
            undo_ms=int(self.config.undo_seconds * 1000),
            mailbox=mailboxes[0].address if mailboxes else "",
        )

    def close(self) -> None:
        """Close the connections."""
        self.db.close()


def open_desk(config: "Config", *, clock: Callable[[], int] | None = None) -> Desk:
    """Open the database that the configuration names; an older one is brought up to date.

    Raises DeskTrouble with a sentence for a database that is missing, newer, unreachable or none of ours.
    `clock` gives Unix milliseconds; tests set it.
    """
    return Desk(config, open_database(config.db_url), clock or wall_clock)


def open_database(url: str, *, make: bool = False) -> Database:
    """The database of that URL, brought up to date; with `make`, made where there is none. DeskTrouble as `open_desk`."""
    db = database(url)
    where = shown_url(url)
    try:
        db.check_version()
    except DatabaseOlder:
        db.upgrade()
    except DatabaseMissing as e:
        if make:
            db.upgrade()
            return db
        raise DeskTrouble(_("There is no database at {where} yet: retorno init makes one.").format(where=where)) from e
    except DatabaseNewer as e:
        raise DeskTrouble(
            _(
                "The database at {where} was made by a newer Retorno (its version is {version}). Nothing was changed; update Retorno to open it."
            ).format(where=where, version=e)
        ) from e
    except NotADatabase as e:
        raise DeskTrouble(
            _("What is at {where} is not a database of Retorno ({why}). Nothing was changed.").format(
                where=where, why=e
            )
        ) from e
    except DatabaseUnreachable as e:
        raise DeskTrouble(
            _("The database at {where} does not answer: {why}").format(where=where, why=str(e).strip()),
            5 if db.dialect == "postgresql" else 3,
        ) from e
    except ValueError as e:
        raise DeskTrouble(_no_address().format(url=where)) from e
    return db


def database(url: str) -> Database:
    """The database of that URL; DeskTrouble for an URL that is no SQLite's or PostgreSQL's."""
    try:
        return Database(url)
    except (ValueError, IndexError) as e:
        raise DeskTrouble(_no_address().format(url=shown_url(url))) from e


def _no_address() -> str:
    return _("{url} is not the address of a database; say sqlite:////path/to/file or postgresql://user@host/name.")


def wall_clock() -> int:
    """Now, in Unix milliseconds."""
    return time.time_ns() // 1_000_000


def system_login() -> str:
    """The operating system's user, whatever the environment says."""
    import os
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def shown_url(url: str) -> str:
    """A database's address without its password, for people and logs (R3)."""
    import re

    hidden = re.sub(r"(//[^:/@]*):.*@", r"\1:…@", url)
    return re.sub(r"(?i)([?&][a-z_]*pass[a-z]*=)[^&]*", r"\1…", hidden)


def actors(
    rows: Callable[[str, dict[str, Any]], Sequence[tuple[Any, ...]]], where: str, parameters: dict[str, Any]
) -> list[Actor]:
    """Active users with their roles, by name and by team; a role never exceeds the level (P2, P4)."""
    users = rows(
        f"SELECT id, login, name, level, email FROM users WHERE active = true AND {where} ORDER BY login", parameters
    )
    levels = {id: Level(level) for id, __, __, level, __ in users}
    roles: dict[int, dict[int, Role]] = {id: {} for id in levels}
    inside = ", ".join(map(str, levels)) or "-1"
    for id, flow, role in rows(
        f"""SELECT user_id, flow_id, role FROM flow_members WHERE user_id IN ({inside})
            UNION ALL SELECT t.user_id, m.flow_id, m.role FROM flow_members m JOIN team_members t ON t.team_id = m.team_id
            WHERE t.user_id IN ({inside})""",
        {},
    ):
        if best := stronger(roles[id].get(flow), effective(levels[id], Role(role))):
            roles[id][flow] = best
    return [
        Actor(id, login, name, levels[id], MappingProxyType(roles[id]), email=email)
        for id, login, name, __, email in users
    ]

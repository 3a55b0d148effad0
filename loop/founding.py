"""Making a database, its first people and its first flow."""

import secrets
from typing import TYPE_CHECKING

from domain.people import Level
from domain.text import _, line
from loop.desk import open_database, open_desk, shown_url, wall_clock
from loop.flow_plans import new_plan
from loop.flow_writing import write_new
from storage.tables import Setting, TokenKeyRow, User

if TYPE_CHECKING:
    from loop.config import Config


_FIRST_NAMES = {"pt": "Clientes"}
"""What the first flow is called in a language of data that is asked for, whatever the language of the screen."""


def init(
    config: "Config", *, login: str, name: str = "", personal: bool = True, language: str = "", flow: bool = True
) -> list[str]:
    """Make the database that the configuration names, or complete it; what was done, a sentence each.

    The first user becomes owner, and with `flow` there is a flow that takes all answers. Doing it again changes nothing.
    """
    open_database(config.db_url, make=True).close()
    said = []
    desk = open_desk(config)
    try:
        with desk.db.write() as work:
            now = wall_clock()
            if not work.rows("SELECT 1 FROM settings"):
                work.add(Setting(name="personal", value="1" if personal else "0"))
                work.add(TokenKeyRow(purpose="mail", secret=secrets.token_bytes(32), created_at=now))
                said.append(_("A database was made at {where}.").format(where=shown_url(config.db_url)))
            owner = None
            if not work.rows("SELECT 1 FROM users"):
                owner = work.add(
                    User(login=line(login, 64), name=line(name or login, 120), level=Level.OWNER.value, created_at=now)
                )
                said.append(_("{login} is its owner.").format(login=owner.login))
            if flow and owner and not work.rows("SELECT 1 FROM flows"):
                first = new_plan(language, _FIRST_NAMES.get(language[:2].lower(), line(_("Customers"), 80)))
                write_new(work, first, now)
                said.append(_("The flow “{name}” takes all answers until you shape others.").format(name=first.name))
    finally:
        desk.close()
    return said or [_("There was nothing to do: {where} is complete.").format(where=shown_url(config.db_url))]

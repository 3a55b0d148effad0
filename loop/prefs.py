"""What somebody chose for themselves: columns of the list, which notifications come by e-mail too (N2), colours."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from domain.people import Actor
from domain.text import line
from loop.desk import Desk
from loop.setup_views import Saved

MOST = 100
"""Entries of one choice that are kept."""


def _columns(value: Any) -> list[str]:
    return [line(str(name), 60) for name in list(value)[:MOST]]


def _notify(value: Any) -> dict[str, bool]:
    return {line(str(kind), 60): bool(on) for kind, on in list(value.items())[:MOST]}


KEYS: MappingProxyType[str, Callable[[Any], Any]] = MappingProxyType(
    {"columns": _columns, "notify": _notify, "theme": lambda value: line(str(value), 60)}
)
"""What can be chosen, and how it is made fit to keep."""


def set_prefs(desk: Desk, prefs: Mapping[str, Any], *, actor: Actor) -> Saved:
    """Keep one's own choices beside those made before; None forgets one. KeyError for what cannot be chosen.

    `columns` is a list of names, `notify` a mapping of kind to whether an e-mail is wanted too, `theme` a name.
    """
    from storage.tables import User  # half a second that the first screen, which reads `prefs`, does not wait for

    wanted = {key: None if value is None else KEYS[key](value) for key, value in prefs.items()}
    with desk.db.write() as work:
        user = work.get(User, actor.id)
        user.prefs = {key: value for key, value in {**user.prefs, **wanted}.items() if value is not None}
        return Saved(user.id)


def prefs(desk: Desk, *, actor: Actor) -> dict[str, Any]:
    """One's own choices; {} where none were made."""
    found = desk.db.rows("SELECT prefs FROM users WHERE id = :id", {"id": actor.id})
    if not found:
        return {}
    return json.loads(found[0][0]) if isinstance(found[0][0], str) else dict(found[0][0] or {})

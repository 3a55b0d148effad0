"""Texts that somebody typed in a panel and left there, until the program ends."""

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from textual.app import App

_KEPT: "WeakKeyDictionary[App[object], dict[tuple[str, int], str]]" = WeakKeyDictionary()


def keep(app: "App[object]", what: str, ticket: int, text: str) -> None:
    """Keep what was typed for a ticket (0 for several); an empty text forgets it."""
    texts = _KEPT.setdefault(app, {})
    if text.strip():
        texts[what, ticket] = text
    else:
        texts.pop((what, ticket), None)


def kept(app: "App[object]", what: str, ticket: int) -> str:
    """What was typed for a ticket and left; '' if nothing."""
    return _KEPT.get(app, {}).get((what, ticket), "")

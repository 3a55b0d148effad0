"""Tables of a text (TOML) that somebody wrote by hand: each value taken once and looked at, what is wrong collected.

The text is untrusted: each trouble says where, nothing raises, and a word that is mistyped is not passed over.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from domain.text import _, line

TROUBLES = 20
"""Troubles that are told; a file of nothing but rubbish has more."""
MOST = 5_000
"""Entries of one list that are looked at."""
T = TypeVar("T")


class Table:
    """One table of the text."""

    def __init__(self, values: Mapping[str, Any], troubles: list[str], where: str = "") -> None:
        self.left = dict(values)
        self._troubles, self._where = troubles, where
        self._known: list[str] = []

    def trouble(self, what: str) -> None:
        """Note what is wrong here."""
        self._troubles.append(f"{self._where}: {what}." if self._where else f"{what}.")

    def close(self) -> None:
        """Name what was not asked for."""
        known = ", ".join(self._known)
        for name in list(self.left)[:TROUBLES]:
            self.trouble(_("{name} is unknown here; there are {known}").format(name=line(name, 40), known=known))

    def take(self, name: str, fallback: T, kind: Callable[[Any], bool], wanted: str) -> Any | T:
        """A value, if it is of a kind; the fallback where there is none."""
        self._known.append(name)
        if name not in self.left:
            return fallback
        value = self.left.pop(name)
        if kind(value):
            return value
        self.trouble(_("{name} must be {wanted}").format(name=line(name, 40), wanted=wanted))
        return fallback

    def text(self, name: str, fallback: str = "") -> str:
        """A text."""
        return self.take(name, fallback, lambda v: isinstance(v, str), _("text in quotes"))

    def yes(self, name: str, fallback: bool = False) -> bool:
        """True or false."""
        return self.take(name, fallback, lambda v: isinstance(v, bool), _("true or false"))

    def number(self, name: str) -> int | None:
        """A whole number, or None where there is none."""
        return self.take(name, None, _is_number, _("a whole number"))

    def choice(self, name: str, fallback: str, words: Iterable[str]) -> str:
        """One of some words."""
        many = list(words)
        wanted = _("one of {words}").format(words=", ".join(many))
        return self.take(name, fallback, lambda v: isinstance(v, str) and v in many, wanted)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty where there is none."""
        return self._list(name, lambda v: isinstance(v, str), _("a list of texts in quotes"))

    def numbers(self, name: str) -> tuple[int, ...]:
        """A list of whole numbers; empty where there is none."""
        return self._list(name, _is_number, _("a list of whole numbers"))

    def choices(self, name: str, words: Iterable[str]) -> tuple[str, ...]:
        """A list of some words; empty where there is none."""
        many = list(words)
        return self._list(name, lambda v: isinstance(v, str) and v in many, _("a list of these: {words}").format(words=", ".join(many)))  # fmt: skip

    def _list(self, name: str, kind: Callable[[Any], bool], wanted: str) -> tuple[Any, ...]:
        return tuple(
            self.take(name, (), lambda v: isinstance(v, list) and len(v) <= MOST and all(map(kind, v)), wanted)
        )

    def table(self, name: str) -> "Table | None":
        """A table inside this one; None where there is none."""
        wanted = _("a table: [{name}]").format(name=self._inside(name))
        value = self.take(name, None, lambda v: isinstance(v, dict), wanted)
        return None if value is None else Table(value, self._troubles, self._inside(name))

    def tables(self, name: str) -> "tuple[Table, ...]":
        """A list of tables inside this one; empty where there is none."""

        def fits(value: Any) -> bool:
            return isinstance(value, list) and len(value) <= MOST and all(isinstance(v, dict) for v in value)

        found = self.take(name, (), fits, _("tables: [[{name}]]").format(name=self._inside(name)))
        return tuple(Table(v, self._troubles, f"{self._inside(name)} {n}") for n, v in enumerate(found, start=1))

    def _inside(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name


def _is_number(value: Any) -> bool:
    return type(value) is int and abs(value) < 10**9

"""Reading a table of the configuration file: its keys known, its values of the kind they should be."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from domain.text import _, line


class ConfigTrouble(Exception):
    """The configuration cannot be used; the text is one sentence that says what to change."""

    exit_code = 3


class Table:
    """One table of the file, with the words for where it stands."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self.values = values
        self.where = line(where, 240)

    def trouble(self, sentence: str, **values: object) -> ConfigTrouble:
        """`sentence`, with where it is about; values come from the file and are cleaned (R7)."""
        cleaned = {name: line(str(value), 80) for name, value in values.items()}
        return ConfigTrouble(f"{self.where}: {sentence.format(**cleaned)}")

    def expect(self, keys: Iterable[str]) -> None:
        """ConfigTrouble for a key that is a password, or that nobody knows."""
        known = list(keys)
        for key in self.values:
            if key not in known and ("password" in key.lower() or key.lower() in ("secret", "passwd", "senha")):
                raise self.trouble(
                    _(
                        "“{key}” would keep a password in a file that is copied and backed up; take the line out and "
                        "give password_command (such as a password manager's), password_keyring or password_env instead."
                    ),
                    key=key,
                )
        for key in self.values:
            if key not in known:
                near = get_close_matches(key, known, 1)
                if near:
                    raise self.trouble(_("“{key}” is not a setting; perhaps {near}?"), key=key, near=near[0])
                raise self.trouble(_("“{key}” is not a setting. Those are: {known}."), key=key, known=", ".join(known))

    def text(self, key: str, default: str | None = None) -> str:
        """A string on one line; ConfigTrouble if it is another thing, or missing without a default."""
        value = self.values.get(key, default)
        if value is None or (value == "" and default is None):
            raise self.trouble(_("{key} is missing."), key=key)
        if not isinstance(value, str):
            raise self.trouble(_("{key} is a text in quotation marks, not {value}."), key=key, value=value)
        if line(value) != value:
            raise self.trouble(_("{key} must be one line without control characters."), key=key)
        return value

    def number(self, key: str, default: int, low: int, high: int) -> int:
        """A whole number between `low` and `high`."""
        value = self.values.get(key, default)
        if type(value) is not int or not low <= value <= high:
            raise self.trouble(
                _("{key} is a number from {low} to {high}, not {value}."), key=key, low=low, high=high, value=value
            )
        return value

    def choice(self, key: str, default: str, among: tuple[str, ...]) -> str:
        """One of a few words."""
        value = self.values.get(key, default)
        if value not in among:
            raise self.trouble(
                _("{key} is one of {among}, not “{value}”."), key=key, among=", ".join(among), value=value
            )
        return value

    def flag(self, key: str) -> bool:
        """true or false; false if nothing is said."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise self.trouble(_("{key} is true or false, not {value}."), key=key, value=value)
        return value

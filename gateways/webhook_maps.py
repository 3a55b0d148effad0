"""Maps: where the parts of an answer stand in what a service sends. A small text file says it (TOML).

score = "form_response.answers[field.type=nps].number"     # a path, or several of which the first that finds something counts
comment = ["answers[field.ref=comment].text", "hidden.comment"]
attributes = "form_response.hidden"                        # a table whose every value is one; or [attributes] with a path each
each = "[*]"                                               # where the answers stand, if one payload can hold several
[when]                                                     # others are taken note of and left aside
event_type = ["form_response"]
[questions]
each = "form_response.answers[*]"
title = "field.ref"
said = ["text", "number", "choice.label"]
"""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from domain.answers import Answer
from domain.text import _, line
from gateways.layout import Refused
from gateways.settings import ConfigTrouble, Table
from gateways.webhook_paths import Path, written
from gateways.webhook_shapes import SHAPES

FIELDS = ("score", "comment", "external_id", "answered_at", "name", "email", "phone", "customer_id")
ANSWERS = 500
"""Answers in one payload; so many are written in one transaction."""
PARTS = 300
"""Attributes and questions of one answer, each."""
FILE_LIMIT = 64 * 1024

Paths = tuple[Path, ...]
Made = Callable[[int, dict[str, str], list[tuple[str, str]], list[tuple[str, str]]], Answer | Refused]


class NoAnswers(Exception):
    """The payload as a whole is not what the map reads; the text is one sentence."""


@dataclass(frozen=True)
class Map:
    """How a payload is read."""

    name: str
    each: Paths = ()
    when: tuple[tuple[Path, tuple[str, ...]], ...] = ()
    fields: dict[str, Paths] = field(default_factory=dict)
    spread: Paths = ()
    """Tables whose every value is an attribute."""
    attributes: tuple[tuple[str, Paths], ...] = ()
    """Attributes by name."""
    questions: Paths = ()
    title: Paths = ()
    said: Paths = ()

    def answers(self, payload: Any, made: Made) -> Iterator[Answer | Refused | None]:
        """What `made` makes of each answer in a payload; None for what is no answer and left aside.

        NoAnswers for a payload that is of another shape.
        """
        things = next((found for path in self.each if (found := path.find(payload))), [payload])
        if len(things) > ANSWERS:
            raise NoAnswers(_("More than {limit} answers; send them in several requests.").format(limit=ANSWERS))
        for place, thing in enumerate(things, start=1):
            if not isinstance(thing, dict):
                yield Refused(place, _("This is not an answer but a {kind}.").format(kind=_kind(thing)))
            elif self._wanted(thing):
                cells = {name: _first(paths, thing) for name, paths in self.fields.items()}
                yield made(place, cells, self._attributes(thing, cells), self._questions(thing))
            else:
                yield None

    def _wanted(self, thing: Any) -> bool:
        for path, values in self.when:
            found = [written(value) for value in path.find(thing)]
            if not found:
                raise NoAnswers(
                    _("There is no “{path}”; the map {map} reads payloads that have it.").format(
                        path=path.written, map=self.name
                    )
                )
            if not set(found) & set(values):
                return False
        return True

    def _attributes(self, thing: Any, cells: dict[str, str]) -> list[tuple[str, str]]:
        """The answer's attributes, each once; what says again who the customer is is none."""
        known = {cells.get(name, "").strip().casefold() for name in ("name", "email", "phone", "customer_id")} - {""}
        found: dict[str, str] = {}
        for name, paths in self.attributes:
            if said := _first(paths, thing):
                found.setdefault(line(name, 100), said)
        for path in self.spread:
            for table in path.find(thing):
                for name, value in table.items() if isinstance(table, dict) else ():
                    said = _joined(value)
                    if said and said.strip().casefold() not in known and (key := line(name, 100)):
                        found.setdefault(key, said)
        return list(found.items())[:PARTS]

    def _questions(self, thing: Any) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for path in self.questions:
            for one in _asked(path, thing):
                title = line(_first(self.title, {**thing, **one}, one), 300)
                said = _first(self.said, one)
                if title and said:
                    found.append((title, said))
            if found:
                break
        return found[:PARTS]


def _asked(path: Path, thing: Any) -> Iterator[dict[str, Any]]:
    """What is asked and said: the members of a list; or of a table, each as `key` and `value`."""
    for found in path.find(thing):
        if isinstance(found, dict) and path.to_many:
            yield found
        elif isinstance(found, dict):
            yield from ({"key": key, "value": value} for key, value in found.items())


def _first(paths: Paths, thing: Any, about: Any = None) -> str:
    """What the first path with something to say says; where it asks for every one, they are joined with commas."""
    for path in paths:
        if found := [said for value in path.find(thing, about) if (said := _joined(value)).strip()]:
            return ", ".join(found) if "[*]" in path.written else found[0]
    return ""


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(said for one in value[:100] if (said := written(one)))
    return written(value)


def _kind(thing: Any) -> str:
    kinds = {list: _("list"), str: _("text"), bool: _("yes or no"), type(None): _("nothing")}
    return kinds.get(type(thing), _("number"))


def load(name: str) -> Map:
    """A built-in map by its name, or the one that a file describes; ConfigTrouble where it cannot be meant."""
    if name in SHAPES:
        return read(SHAPES[name], name)
    shown = line(name, 200)
    try:
        with File(name).open("rb") as file:
            raw = file.read(FILE_LIMIT + 1)
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise ConfigTrouble(_("{path} cannot be read: {error}.").format(path=shown, error=line(said, 120))) from None
    if len(raw) > FILE_LIMIT:
        raise ConfigTrouble(_("{path} is too large for a map.").format(path=shown))
    try:
        text = raw.decode("utf-8-sig")
    except ValueError:
        raise ConfigTrouble(_("{path} is not UTF-8.").format(path=shown)) from None
    return read(text, name)


def read(text: str, name: str) -> Map:
    """The map that a TOML text describes; ConfigTrouble, naming the key, where it cannot be meant."""
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigTrouble(
            _("{path} is not valid TOML: {error}.").format(path=line(name, 200), error=line(str(error), 160))
        ) from None
    top = Table(values, name)
    top.expect((*FIELDS, "each", "when", "attributes", "questions"))
    questions = _table(top, "questions")
    questions.expect(("each", "title", "said"))
    if "score" not in values:
        raise top.trouble(_("{key} is missing."), key="score")
    own = values.get("attributes", "")
    named = _table(top, "attributes") if isinstance(own, dict) else Table({}, name)
    return Map(
        name=line(File(name).name, 60),
        each=_paths(top, "each"),
        when=tuple(_condition(_table(top, "when"), key) for key in _table(top, "when").values),
        fields={key: _paths(top, key) for key in FIELDS if key in values},
        spread=() if isinstance(own, dict) else _paths(top, "attributes"),
        attributes=tuple((key, _paths(named, key)) for key in named.values),
        questions=_paths(questions, "each"),
        title=_paths(questions, "title"),
        said=_paths(questions, "said"),
    )


def _table(top: Table, key: str) -> Table:
    value = top.values.get(key, {})
    if not isinstance(value, dict):
        raise top.trouble(_("{key} is written as [{key}]."), key=key)
    return Table(value, f"{top.where}, {key}")


def _texts(table: Table, key: str) -> list[str]:
    value = table.values.get(key, [])
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise table.trouble(_("{key} is a text in quotation marks, or a list of them."), key=key)
    return texts


def _paths(table: Table, key: str) -> Paths:
    try:
        return tuple(Path(text) for text in _texts(table, key))
    except ValueError as error:
        raise table.trouble("{key}: {why}", key=key, why=error) from None


def _condition(table: Table, key: str) -> tuple[Path, tuple[str, ...]]:
    try:
        return Path(key), tuple(_texts(table, key))
    except ValueError as error:
        raise table.trouble("{key}: {why}", key=key, why=error) from None

"""Answers in JSON, one object a line or a stream of objects (I8)."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from domain.answers import Answer
from domain.text import _, line, number
from gateways import columns
from gateways.jsonarray import DECODER, elements
from gateways.layout import FileTrouble, Layout, Refused
from gateways.textfile import LINE_LIMIT, kept, lines, opened, shown
from gateways.values import Maker

_ATTRIBUTES = frozenset({"attributes", "atributos", "properties", "propriedades", "metadata", "custom", "hidden"})
_QUESTION = ("question", "pergunta", "pregunta", "title", "label")
_ANSWER = ("answer", "resposta", "respuesta", "value", "valor")
_SAMPLE = 200

Found = tuple[Answer | Refused, str, dict[str, str]]
"""An object as read, how it stands in the file, and its cells by heading; none where it is no object."""


def _object(text: str) -> dict[str, Any] | None:
    """The object that a line holds; None if it holds none, is nested beyond sense, or has numbers without end."""
    try:
        value = DECODER.decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _text(value: Any) -> str:
    """A JSON value as a cell."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(part, (list, dict)) for part in value):
        return ", ".join(map(_text, value))
    try:
        return str(value) if isinstance(value, (int, float)) else json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):  # an integer of thousands of digits; nesting
        return ""


def _name(key: str, limit: int = 200) -> str:
    """A key or a question, safe and on one line."""
    return key if key.isprintable() and len(key) <= limit and "  " not in key else line(key, limit)


def _asked(value: list[Any]) -> list[tuple[str, str]] | None:
    """Questions with their answers, if that is what `value` is a list of."""
    if not value or not all(isinstance(part, dict) for part in value):
        return None
    found = []
    for part in value:
        question = next((part[key] for key in _QUESTION if isinstance(part.get(key), str)), None)
        answer = next((key for key in _ANSWER if key in part), None)
        if question is None or answer is None:
            return None
        found.append((_name(question, 500), _text(part[answer])))
    return found


def flatten(value: Mapping[str, Any]) -> tuple[dict[str, str], list[tuple[str, str]], list[tuple[str, str]]]:
    """Cells by key (`contact.email`), attributes by theirs, and questions with answers."""
    cells: dict[str, str] = {}
    attributes: list[tuple[str, str]] = []
    questions: list[tuple[str, str]] = []
    for key, inner in value.items():
        if isinstance(inner, dict):
            if key.casefold() in _ATTRIBUTES:
                attributes.extend((_name(name), _text(part)) for name, part in inner.items())
            else:
                cells.update((f"{key}.{name}", _text(part)) for name, part in inner.items())
        elif type(inner) is list and (asked := _asked(inner)) is not None:
            questions.extend(asked)
        else:
            cells[key] = _text(inner)
    return cells, attributes, questions


def _is_record(value: Mapping[str, Any]) -> bool:
    """Whether an object is an answer, and not what holds a list of them."""
    lists = [v for v in value.values() if type(v) is list and v and all(isinstance(part, dict) for part in v)]
    if not any(_asked(found) is None for found in lists):
        return True
    cells = flatten(value)[0]
    return "score" in columns.match(list(cells), [[cell] for cell in cells.values()])


def is_stream(text: str) -> bool:
    """Whether a text that begins as JSON does is an array, a wrapper of one, or has objects over several lines."""
    start = text.lstrip("\ufeff \t\r\n\x00")
    if start[:1] == "[":
        return True
    first = next(iter(start.splitlines()), "")
    if value := _object(first):
        return not _is_record(value)
    if len(first) >= len(start.rstrip()):
        return len(first) > LINE_LIMIT // 10  # one line without end: a wrapper that the sample cuts
    try:
        return DECODER.raw_decode(start)[1] > len(first)
    except (ValueError, RecursionError):
        return first.strip() == "{"


def guess(text: str, more: Sequence[str], encoding: str) -> Layout:
    """The layout of a file that begins with `text`; `more` are pieces from farther on, cut anywhere."""
    stream = is_stream(text)
    found = objects(io.StringIO(text), stream)
    sample = [flatten(value)[0] for value in islice((v for _at, v, _source in found if v is not None), _SAMPLE)]
    far = [value for piece in more for value in whole(piece)]
    names = list(dict.fromkeys(key for cells in sample for key in cells))
    mapped = columns.match(names, [[cells.get(name, "") for cells in sample] for name in names])
    dates: list[str] = []
    if key := mapped.get("answered_at"):
        dates = [cells.get(key, "") for cells in (*sample, *(flatten(v)[0] for v in far))]
    order = columns.date_order(dates) or columns.likely_order(names, dates)
    return Layout("json" if stream else "jsonl", encoding, date_order=order, columns=mapped)  # type: ignore[arg-type]


def whole(piece: str) -> list[dict[str, Any]]:
    """The objects that stand whole on a line of a piece that is cut anywhere."""
    found = (_object(part.strip().rstrip(",")) for part in piece.splitlines()[1:-1])
    return [value for value in found if value is not None]


def objects(file: TextIO, stream: bool) -> Iterator[tuple[int, dict[str, Any] | None, str]]:
    """The line of each object (in a stream its place), the object or None, and how it stands there."""
    if stream:
        yield from elements(file, _is_record)
        return
    for at, text in enumerate(lines(file), 1):
        if text is None:
            yield at, None, ""
        elif text.strip():
            yield at, _object(text), kept([text])


def read_keys(path: Path, layout: Layout) -> list[str]:
    """The keys that the first objects have, those of attributes and the questions too; FileTrouble if there are none."""
    keys: dict[str, None] = {}
    with opened(path, layout.encoding) as file:
        for _at, value, _source in islice(objects(file, layout.format == "json"), _SAMPLE):
            if value is not None:
                keys.update(dict.fromkeys(_cells(*flatten(value))))
    if not keys:
        raise FileTrouble(_("{path} does not hold one JSON object a line.").format(path=shown(path)))
    return list(keys)


def _cells(
    cells: dict[str, str], attributes: Sequence[tuple[str, str]], questions: Sequence[tuple[str, str]]
) -> dict[str, str]:
    """All that an object says by one heading each, as a table has it."""
    return {**dict(questions), **dict(attributes), **cells} if attributes or questions else cells


def read(path: Path, layout: Layout, make: Maker) -> Iterator[Found]:
    """Every object, as an answer or refused."""
    wanted = dict(layout.columns)
    known = set(wanted.values())
    plain = not (layout.out or layout.attributes or layout.questions)
    with opened(path, layout.encoding) as file:
        for at, value, source in objects(file, layout.format == "json"):
            if value is None:
                said = _("The line is longer than {limit} characters.").format(limit=number(LINE_LIMIT))
                yield Refused(at, _("This is not a JSON object.") if source else said, source), source, {}
                continue
            own, attributes, questions = flatten(value)
            cells = _cells(own, attributes, questions)
            if plain:
                attributes = [pair for pair in attributes if pair[0] not in known]
            else:
                attributes, more = _parted(attributes, layout, known, "attribute")
                questions, others = _parted(questions, layout, known, "question")
                attributes, questions = attributes + others, more + questions
            for key, cell in own.items():
                if key not in known and (role := layout.role(key)[0]) != "out":
                    (questions if role == "question" else attributes).append((_name(key), cell))
            made = make(at, {field: cells.get(key, "") for field, key in wanted.items()}, attributes, questions)
            yield made, source, cells


def _parted(
    pairs: list[tuple[str, str]], layout: Layout, known: set[str], usual: str
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Attributes or questions that stay such, and those that the layout says are the other; what is left out is gone."""
    stay: list[tuple[str, str]] = []
    go: list[tuple[str, str]] = []
    for name, value in pairs:
        if name in known or name in layout.out:
            continue
        forced = "attribute" if name in layout.attributes else "question" if name in layout.questions else usual
        (stay if forced == usual else go).append((name, value))
    return stay, go

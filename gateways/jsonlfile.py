"""Answers in JSON, one object a line (I8)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from domain.answers import Answer
from domain.text import _, line
from gateways import columns
from gateways.layout import FileTrouble, Layout, Refused
from gateways.textfile import LINE_LIMIT, lines, opened, shown
from gateways.values import Maker

_ATTRIBUTES = frozenset({"attributes", "atributos", "properties", "propriedades", "metadata", "custom", "hidden"})
_QUESTION = ("question", "pergunta", "pregunta", "title", "label")
_ANSWER = ("answer", "resposta", "respuesta", "value", "valor")
_SAMPLE = 200


def _not_json(name: str) -> Any:
    raise ValueError(name)


_decoder = json.JSONDecoder(strict=False, parse_constant=_not_json)


def _object(text: str) -> dict[str, Any] | None:
    """The object that a line holds; None if it holds none, is nested beyond sense, or has numbers without end."""
    try:
        value = _decoder.decode(text)
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


def guess(text: str, more: Sequence[str], encoding: str) -> Layout:
    """The layout of a file that begins with `text`; `more` are pieces from farther on, cut anywhere."""
    found = (_object(part) for part in text.splitlines() if part.strip())
    sample = [flatten(value)[0] for value in islice((v for v in found if v is not None), _SAMPLE)]
    far = [v for piece in more for part in piece.splitlines()[1:-1] if (v := _object(part)) is not None]
    names = list(dict.fromkeys(key for cells in sample for key in cells))
    mapped = columns.match(names, [[cells.get(name, "") for cells in sample] for name in names])
    dates: list[str] = []
    if key := mapped.get("answered_at"):
        dates = [cells.get(key, "") for cells in (*sample, *(flatten(v)[0] for v in far))]
    order = columns.date_order(dates) or columns.likely_order(names, dates)
    return Layout("jsonl", encoding, date_order=order, columns=mapped)  # type: ignore[arg-type]


def read_keys(path: Path, layout: Layout) -> list[str]:
    """The keys that the first objects have; FileTrouble if the file holds none."""
    keys: dict[str, None] = {}
    with opened(path, layout.encoding) as file:
        for text in islice(lines(file), _SAMPLE):
            if text and (value := _object(text)) is not None:
                keys.update(dict.fromkeys(flatten(value)[0]))
    if not keys:
        raise FileTrouble(_("{path} does not hold one JSON object a line.").format(path=shown(path)))
    return list(keys)


def read(path: Path, layout: Layout, make: Maker) -> Iterator[Answer | Refused]:
    """Every line, as an answer or refused."""
    wanted = dict(layout.columns)
    known = set(wanted.values())
    with opened(path, layout.encoding) as file:
        for at, text in enumerate(lines(file), 1):
            if text is None:
                yield Refused(at, _("The line is longer than {limit} characters.").format(limit=LINE_LIMIT))
                continue
            if not text.strip():
                continue
            value = _object(text)
            if value is None:
                yield Refused(at, _("The line is not a JSON object."))
                continue
            cells, attributes, questions = flatten(value)
            attributes += [(_name(key), cell) for key, cell in cells.items() if key not in known]
            yield make(at, {field: cells.get(key, "") for field, key in wanted.items()}, attributes, questions)

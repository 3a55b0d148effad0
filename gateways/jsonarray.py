"""JSON objects one after the other in a stream: in an array, in a list inside an object, or bare (I8)."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from gateways.textfile import LINE_LIMIT, SOURCE_LIMIT

CHUNK = 256 * 1024
"""Characters read at a time."""

_BETWEEN = re.compile(r"[\s,\ufeff\x00]*")
_LIST = re.compile(r'"(?:[^"\\]|\\.){1,80}"\s*:\s*\[\s*(?=\{)')
# Possessive: a megabyte of blanks behind something broken is walked over once.
_NEXT = re.compile(r"\}\s*+,?\s*+(?=\{)")


def _not_json(name: str) -> Any:
    raise ValueError(name)


DECODER = json.JSONDecoder(strict=False, parse_constant=_not_json)
"""Reads control characters in texts; refuses NaN and Infinity, which are no JSON."""


def opening(text: str, is_record: Callable[[dict[str, Any]], bool]) -> int:
    """Where the first object of the stream begins in its first characters.

    An object that `is_record` says no to is a wrapper such as {"responses": [...]}: what counts is in its first list
    of objects.
    """
    start = _BETWEEN.match(text).end()  # type: ignore[union-attr]
    if text[start : start + 1] == "[":
        return start + 1
    try:
        value, _end = DECODER.raw_decode(text, start)
        if not isinstance(value, dict) or is_record(value):
            return start
    except (ValueError, RecursionError):
        # Cut by the end of `text`, or broken: a list of objects near the top is what a wrapper holds.
        found = _LIST.search(text, start, start + 2000)
        return found.end() if found else start
    found = _LIST.search(text, start)
    return found.end() if found else start


def elements(
    file: TextIO, is_record: Callable[[dict[str, Any]], bool]
) -> Iterator[tuple[int, dict[str, Any] | None, str]]:
    """Place in the stream from 1, the object or None for what is none, and how it stands there.

    Memory does not grow with the file. After something broken, it goes on where the next object seems to begin.
    """
    buffer = file.read(LINE_LIMIT)
    ended = len(buffer) < LINE_LIMIT
    at, place = opening(buffer, is_record), 0
    while True:
        at = _BETWEEN.match(buffer, at).end()  # type: ignore[union-attr]
        if at >= len(buffer):
            if ended:
                return
            buffer, at = file.read(CHUNK), 0
            ended = not buffer
            continue
        if buffer[at] == "]":
            return
        try:
            value, end = DECODER.raw_decode(buffer, at)
        except (ValueError, RecursionError):
            if not ended and len(buffer) - at < LINE_LIMIT:
                more = file.read(CHUNK)
                ended = not more
                buffer, at = buffer[at:] + more, 0
                continue
            found = _NEXT.search(buffer, at + 1)
            end = found.start() + 1 if found else len(buffer)
            value = None
        place += 1
        source = buffer[at:end] if end - at <= SOURCE_LIMIT else ""
        yield place, value if isinstance(value, dict) else None, source
        at = end

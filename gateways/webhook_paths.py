"""Finding values in a payload by a path: `form_response.answers[type=number].number`.

A path is names with dots between. In brackets: a place (`[0]`, `[-1]`), every one of a list (`[*]`), every one of a
kind, of a list or a table (`[*:number]`, `[*:text]`), those whose own path holds a value (`[field.type=nps]`), or a name
in quotation marks (`["loja.nome"]`). The value of a condition may be looked up in the thing that is being read:
`[id={field.id}]`.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from domain.text import _

Found = list[Any]
Step = Callable[[Any, Any], Iterator[Any]]

LENGTH = 400
"""Characters of a path."""
MANY = 1_000
"""Values that one path finds at most."""

_TOKEN = re.compile(
    r"""\.?(?:([^\s.\[\]"=]+)|\[(-?\d+)\]|\[\*(?::(number|text))?\]|\["([^"]*)"\]|\[([^=\[\]]+)=([^\[\]]*)\])"""
)


class Path:
    """A path, ready to be followed; ValueError, with a sentence, for one that is none."""

    def __init__(self, written: str) -> None:
        self.written = written
        self._steps: list[Step] = []
        at, text = 0, written.strip()
        if len(text) > LENGTH:
            raise ValueError(_("a path is too long."))
        while at < len(text):
            found = _TOKEN.match(text, at)
            if not found:
                raise ValueError(_("“{path}” is not a path.").format(path=written))
            self._steps.append(_step(*found.groups(), whole=found[0]))
            at = found.end()
        self.to_many = text.endswith("]")
        """Whether what it leads to are members of a list, and not one thing."""

    def find(self, thing: Any, about: Any = None) -> Found:
        """Everything that the path leads to from `thing`; `about` is where {…} is looked up."""
        here = [thing]
        for step in self._steps:
            after: Found = []
            for one in here:
                for value in step(one, about):
                    after.append(value)
                    if len(after) >= MANY:
                        break
            here = after[:MANY]
        return here


def _step(name: str | None, place: str | None, kind: str | None, quoted: str | None, key: str | None, value: str | None, *, whole: str) -> Step:  # fmt: skip
    if name is not None or quoted is not None:
        wanted = name if name is not None else quoted
        return lambda thing, _about: iter([thing[wanted]] if isinstance(thing, dict) and wanted in thing else [])
    if place is not None:
        at = int(place)
        return lambda thing, _about: iter(_members(thing)[at : at + 1 or None])
    if key is None:
        return lambda thing, _about: (one for one in _members(thing, kind is None) if _is(one, kind))
    inner = Path(key)
    looked_up = Path(value[1:-1]) if value and value.startswith("{") and value.endswith("}") else None

    def those(thing: Any, about: Any) -> Iterator[Any]:
        want = next((written(v) for v in looked_up.find(about)), None) if looked_up else value
        if want is not None:
            yield from (one for one in _members(thing) if any(written(v) == want for v in inner.find(one)))

    return those


def _members(thing: Any, of_list: bool = False) -> list[Any]:
    if isinstance(thing, list):
        return thing
    return list(thing.values()) if isinstance(thing, dict) and not of_list else []


def _is(one: Any, kind: str | None) -> bool:
    if kind == "number":
        return isinstance(one, int | float) and not isinstance(one, bool)
    return isinstance(one, str) and bool(one.strip()) if kind == "text" else True


def written(value: Any) -> str:
    """A single value as a text; '' for none, a list or a table."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""

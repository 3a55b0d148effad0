"""Texts with variables (M2): Jinja2's grammar, an allow-list of it on the parsed tree, and a reader of that tree of our own.

`{{ customer.first_name | default("cliente") }}` and `{% if ticket.due %}…{% endif %}`: what is given is looked up, and nothing
is called, looped over, imported or compiled. So a text takes as long as it is long, whoever wrote it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

from jinja2 import Environment, TemplateSyntaxError, nodes

from domain.text import _, clean, line

SOURCE_LIMIT = 50_000
"""Characters of a text that holds variables."""
LONGEST_TAG = 400
"""Characters between two braces."""
DEEPEST = 40
"""Conditions within conditions."""
OUTPUT_LIMIT = 200_000
"""Characters of what a text becomes."""

Values = Mapping[str, Any]
"""By name: text, a number, or another mapping of these."""
Kind = Literal["text", "value", "missing"]


class TemplateTrouble(ValueError):
    """A text that is no template: a sentence that names the line."""

    def __init__(self, sentence: str, at: int = 0) -> None:
        super().__init__(
            _("line {line}: {trouble}").format(line=at, trouble=line(sentence, 160)) if at else line(sentence, 160)
        )


@dataclass(frozen=True)
class Piece:
    """A stretch of a rendered text."""

    text: str
    kind: Kind
    """missing: the variable as it is written, since it has no value."""


@dataclass(frozen=True)
class Rendered:
    """A text with its variables put in."""

    pieces: tuple[Piece, ...]
    missing: tuple[str, ...]
    """Variables that are missing or empty and have no fallback, each once, in order (M2)."""

    @property
    def text(self) -> str:
        """What it reads like; what is missing stays as it is written."""
        return "".join(piece.text for piece in self.pieces)


def is_template(source: str) -> bool:
    """Whether a text has anything to put in."""
    return any(mark in source for mark in ("{{", "{%", "{#"))


def variables(source: str) -> tuple[str, ...]:
    """The variables that a text names, each once; TemplateTrouble where it is none."""
    named = (nodes.Name, nodes.Getattr, nodes.Getitem)
    found = [node for node in _walk(_parsed(source)) if isinstance(node, named)]
    within = {id(node.node) for node in found if not isinstance(node, nodes.Name)}
    return tuple(dict.fromkeys(_said(_path(node)) for node in found if id(node) not in within))


def render(source: str, values: Values) -> Rendered:
    """A text with its variables put in; TemplateTrouble where it is no template, or becomes too long."""
    if not is_template(source):
        return Rendered((Piece(source, "text"),) if source else (), ())
    return _Reader(values).read(_parsed(source))


def fill(source: str, values: Values) -> str:
    """A text with the variables put in that have a value; the others stay to be filled by hand.

    What came from values is kept from being read as a template again.
    """
    pieces = list(render(source, values).pieces)
    out, plain = [], ""
    for i, piece in enumerate(pieces):
        if piece.kind == "missing":
            out.append(piece.text)
            continue
        plain += piece.text
        last = i + 1 == len(pieces)
        if last or pieces[i + 1].kind == "missing":
            out.append((_OPENS if last else _OPENS_OR_ENDS).sub('{{ "{" }}', plain))
            plain = ""
    return "".join(out)


_OPENS = re.compile(r"\{(?=[{%#])")
_OPENS_OR_ENDS = re.compile(r"\{(?=[{%#]|\Z)")


def _title(text: str) -> str:
    return re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)?", lambda m: m[0][:1].upper() + m[0][1:].lower(), text)


def _first_word(text: str) -> str:
    return (text.split() or [""])[0]


FILTERS: MappingProxyType[str, Callable[[str], str]] = MappingProxyType(
    {
        "upper": str.upper,
        "lower": str.lower,
        "title": _title,
        "capitalize": str.capitalize,
        "first_word": _first_word,
        "trim": str.strip,
    }
)
"""What can be done with a value, beside `default`."""

_COMPARING: MappingProxyType[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "eq": lambda a, b: a == b,
        "ne": lambda a, b: a != b,
        "lt": lambda a, b: a < b,
        "lteq": lambda a, b: a <= b,
        "gt": lambda a, b: a > b,
        "gteq": lambda a, b: a >= b,
    }
)
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const,
    nodes.Filter, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
)  # fmt: skip
# Not compiled and never run; only its parser is used.
_environment = Environment(autoescape=False, keep_trailing_newline=True)  # noqa: S701


@lru_cache(maxsize=64)
def _parsed(source: str) -> nodes.Template:
    if len(source) > SOURCE_LIMIT:
        raise TemplateTrouble(_("a text with variables has {n} characters at most").format(n=SOURCE_LIMIT))
    _look_over(source)
    try:
        tree = _environment.parse(_ALONE.sub(r"\1\n\2", source))
    except TemplateSyntaxError as error:
        raise TemplateTrouble(error.message or _("this cannot be read"), error.lineno) from None
    except (RecursionError, ValueError, OverflowError):
        raise TemplateTrouble(_("this cannot be read")) from None
    _check(tree)
    return tree


# A tag that has a line for itself leaves no blank line: the line's end goes into the tag, so that lines keep their numbers.
_ALONE = re.compile(r"^[ \t]*(\{%(?:[^%\n]|%(?!\}))*?|\{#(?:[^#\n]|#(?!\}))*?)(-?[%#]\})[ \t]*\n", re.MULTILINE)
_OPEN = re.compile(r"\{[{%#]")
# No part of it can be read in two ways, so it takes as long as it is long.
_INSIDE = re.compile(r"""(?:[^"'{}%]|%(?!\})|"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+')*+""", re.DOTALL)
_CLOSES = {"{{": "}}", "{%": "%}"}
_CONDITION = re.compile(r"[-+]?\s*(if|endif)\b")


def _look_over(source: str) -> None:
    """Refuse what would take Jinja2's parser long or deep, before it sees it: what is between braces is short and closed."""
    at = depth = 0
    while found := _OPEN.search(source, at):
        opened, here = found[0], source.count("\n", 0, found.start()) + 1
        end = source.find("#}", found.end()) if opened == "{#" else _INSIDE.match(source, found.end()).end()  # type: ignore[union-attr]
        if end < 0 or (opened != "{#" and not source.startswith(_CLOSES[opened], end)):
            raise TemplateTrouble(_("“{opened}” opens something that is not closed").format(opened=opened), here)
        if opened != "{#" and end - found.end() > LONGEST_TAG:
            raise TemplateTrouble(_("too long between its braces"), here)
        if opened == "{%" and (condition := _CONDITION.match(source, found.end())):
            depth += 1 if condition[1] == "if" else -1
            if depth > DEEPEST:
                raise TemplateTrouble(_("conditions within conditions, too deep"), here)
        if opened == "{%" and not _ALLOWED_TAG.match(source, found.end()):
            raise TemplateTrouble(_("only if, elif, else and endif stand between {% and %}"), here)
        at = end + 2


_ALLOWED_TAG = re.compile(r"[-+]?\s*(?:if|elif|else|endif)\b")


def _walk(node: nodes.Node) -> list[nodes.Node]:
    """The node and all below it, in the order of the text."""
    found, waiting = [], [node]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting.extend(reversed(list(one.iter_child_nodes())))
    return found


def _check(tree: nodes.Template) -> None:
    for node in _walk(tree):
        if not isinstance(node, _ALLOWED):
            raise TemplateTrouble(
                _("“{what}” is not offered in templates").format(what=type(node).__name__.lower()), node.lineno
            )
        if isinstance(node, nodes.Name) and node.ctx != "load":
            raise TemplateTrouble(_("nothing is set in templates"), node.lineno)
        if isinstance(node, nodes.Getattr | nodes.Getitem):
            _path(node)
        if isinstance(node, nodes.Compare) and any(operand.op not in _COMPARING for operand in node.ops):
            raise TemplateTrouble(_("only ==, !=, <, <=, > and >= compare"), node.lineno)
        if isinstance(node, nodes.Filter):
            _check_filter(node)


def _check_filter(node: nodes.Filter) -> None:
    plain = node.node is not None and not node.kwargs and node.dyn_args is None and node.dyn_kwargs is None
    wanted = 1 if node.name in ("default", "d") else 0
    if node.name not in FILTERS and not wanted:
        raise TemplateTrouble(
            _("there is no “{filter}”; there are default, {others}").format(
                filter=line(node.name, 40), others=", ".join(FILTERS)
            ),
            node.lineno,
        )
    if not plain or len(node.args) != wanted:
        raise TemplateTrouble(_("“{filter}” is not used like this").format(filter=node.name), node.lineno)


def _path(node: nodes.Node) -> tuple[str, ...]:
    """The names that lead to a value."""
    steps: list[str] = []
    while not isinstance(node, nodes.Name):
        if isinstance(node, nodes.Getattr):
            steps.append(node.attr)
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            steps.append(node.arg.value)
        else:
            raise TemplateTrouble(_("a variable is a name, such as customer.name"), node.lineno)
        node = node.node
    return (node.name, *reversed(steps))


_PLAIN = re.compile(r"[^\W\d]\w*")


def _said(path: tuple[str, ...]) -> str:
    """A variable as one writes it."""
    first, *rest = path
    return first + "".join(f".{step}" if _PLAIN.fullmatch(step) else f"[{_quoted(step)}]" for step in rest)


def _quoted(text: str) -> str:
    return '"' + line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(frozen=True)
class _Found:
    """What an expression gives, and the variables that were missing for it."""

    value: Any
    missing: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return self.value is None or (isinstance(self.value, str) and not self.value.strip())


class _Reader:
    """Reads one tree with the values given."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._pieces: list[Piece] = []
        self._missing: dict[str, None] = {}
        self._room = OUTPUT_LIMIT

    def read(self, tree: nodes.Template) -> Rendered:
        self._body(tree.body)
        return Rendered(tuple(self._pieces), tuple(self._missing))

    def _body(self, body: list[Any]) -> None:
        for node in body:
            if isinstance(node, nodes.If):
                self._if(node)
            else:
                for part in node.nodes:
                    self._put(part)

    def _if(self, node: nodes.If) -> None:
        for branch in (node, *node.elif_):
            if self._truth(branch.test):
                self._body(branch.body)
                return
        self._body(node.else_)

    def _put(self, node: nodes.Node) -> None:
        if isinstance(node, nodes.TemplateData):
            self._add(node.data, "text")
            return
        found = self._value(node)
        if found.missing and found.empty:
            self._missing.update(dict.fromkeys(found.missing))
            self._add("{{ " + _written(node) + " }}", "missing")
        else:
            self._add(_text(found.value), "value")

    def _add(self, text: str, kind: Kind) -> None:
        text = clean(text)
        self._room -= len(text)
        if self._room < 0:
            raise TemplateTrouble(_("it becomes longer than {n} characters").format(n=OUTPUT_LIMIT))
        if text:
            self._pieces.append(Piece(text, kind))

    def _truth(self, node: nodes.Node) -> bool:
        found = self._value(node)
        return not found.empty and bool(found.value)

    def _value(self, node: Any) -> _Found:
        if isinstance(node, nodes.Const):
            return _Found(node.value)
        if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
            return self._variable(_path(node))
        if isinstance(node, nodes.Filter):
            return self._filtered(node)
        if isinstance(node, nodes.Not):
            return _Found(not self._truth(node.node))
        if isinstance(node, nodes.And):
            return self._value(node.right) if self._truth(node.left) else self._value(node.left)
        if isinstance(node, nodes.Or):
            return self._either(self._value(node.left), node.right)
        return self._compared(node)

    def _variable(self, path: tuple[str, ...]) -> _Found:
        value: Any = self._values
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        if isinstance(value, str):
            value = clean(value)
        if not isinstance(value, str | int) or (isinstance(value, str) and not value.strip()):
            return _Found(None, (_said(path),))
        return _Found(value)

    def _filtered(self, node: nodes.Filter) -> _Found:
        found = self._value(node.node)
        if node.name in FILTERS:
            return found if found.empty else _Found(FILTERS[node.name](_text(found.value)), found.missing)
        return self._either(found, node.args[0])

    def _either(self, found: _Found, other: nodes.Node) -> _Found:
        """The first, or what stands for it where it is empty. An empty text that is written there is meant."""
        if not found.empty and found.value is not False:
            return found
        instead = self._value(other)
        return instead if not instead.missing else _Found(instead.value, (*found.missing, *instead.missing))

    def _compared(self, node: nodes.Compare) -> _Found:
        left = self._value(node.expr).value
        for operand in node.ops:
            right = self._value(operand.expr).value
            same = isinstance(left, int) == isinstance(right, int) and left is not None and right is not None
            if not (_COMPARING[operand.op](left, right) if same else operand.op == "ne"):
                return _Found(False)
            left = right
        return _Found(True)


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, bool) else str(value)


def _written(node: Any) -> str:
    """An expression as one writes it."""
    if isinstance(node, nodes.Const):
        return _quoted(node.value) if isinstance(node.value, str) else line(str(node.value).lower(), 40)
    if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
        return _said(_path(node))
    if isinstance(node, nodes.Filter):
        return f"{_written(node.node)} | {node.name}" + (f"({_written(node.args[0])})" if node.args else "")
    if isinstance(node, nodes.Not):
        return f"not {_written(node.node)}"
    if isinstance(node, nodes.And | nodes.Or):
        return f"({_written(node.left)} {'and' if isinstance(node, nodes.And) else 'or'} {_written(node.right)})"
    return f"({_written(node.expr)} " + " ".join(f"{_SIGNS[o.op]} {_written(o.expr)}" for o in node.ops) + ")"


_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}

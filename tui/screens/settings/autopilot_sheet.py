"""The rule editor's sheet: the lines of a rule set with a cursor, what is wrong below the line that it is about (A1–A3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from domain.rule_checks import Blank
from domain.rule_sentence import NAME, THEN, WHEN
from domain.rules import RuleSet
from domain.text import _, line
from tui.screens.settings.autopilot_lines import SheetLine, sheet_lines, wrap_spans
from tui.screens.settings.rows import Item, Rows, blank, heading
from tui.widgets.ticket.spans import Line, Span, cells_of, fit, plain, wrapped

INDENT = 3
"""Cells before the first column."""


class RuleSheet(Rows):
    """Shows what `make` makes for its width."""

    DEFAULT_CSS = "RuleSheet { height: 1fr; width: 1fr; }"

    def __init__(self, make: Callable[[int], Sequence[Item]]) -> None:
        super().__init__()
        self._make = make

    def remake(self) -> None:
        """Show what there is now."""
        self.show(self._make(max(20, self.scrollable_content_region.width - 1)))

    def on_resize(self) -> None:
        self.remake()

    def _reveal(self) -> None:
        super()._reveal()
        # What is said below a line is read with it, as far as both fit.
        last = self.place
        while last + 1 < len(self.items) and self.items[last + 1].below:
            last += 1
        y, height = self.scroll_offset.y, self.inner_height
        if last >= y + height:
            self.to_line(min(self.place, last - height + 1))


def sheet_items(
    plan: RuleSet, blanks: Sequence[Blank], state: Sequence[Span], width: int, ready: Sequence[Span] = ()
) -> list[Item]:
    """All lines of a rule set. `state` stands beside its name; `ready` behind what is sent."""
    whens, thens = sheet_lines(plan)
    about: dict[str, list[str]] = {}
    for one in blanks:
        about.setdefault(one.where, []).append(one.sentence)
    shown = {NAME, WHEN, THEN, *(one.key for one in (*whens, *thens))}
    items = [_name(plan.name, tuple(state)), *_wrong(about, NAME, 1, width), blank()]
    items += [heading(_("When an answer")), *(_wrong(about, WHEN, INDENT, width) if whens else ())]
    items += _half(whens, WHEN, (_("is there, whatever it says") + "   ", _("o says which answers")), about, width)
    items += [blank(), heading(_("then")), *(_wrong(about, THEN, INDENT, width) if thens else ())]
    thens = [SheetLine(t.key, t.lead, t.verb, (*t.spans, *ready)) if t.key == "then:send" else t for t in thens]
    items += _half(thens, THEN, (_("nothing is done yet") + "   ", _("o says what")), about, width)
    left = [sentence for where, sentences in about.items() if where not in shown for sentence in sentences]
    for sentence in left:
        items += _told(sentence, 1, width)
    return items


def _name(name: str, state: tuple[Span, ...]) -> Item:
    def build(width: int) -> Line:
        return Line(
            ((" ", "past"), (line(name) or _("a rule set without a name yet"), "bright")), (*state, (" ", "past"))
        )

    return Item(NAME, build, name)


def _half(
    lines: Sequence[SheetLine], empty: str, words: tuple[str, str], about: Mapping[str, Sequence[str]], width: int
) -> list[Item]:
    if not lines:
        spans = ((" " * INDENT, "past"), (words[0], "text"), (words[1], "past"))
        return [Item(empty, lambda _width: Line(spans)), *_wrong(about, empty, INDENT, width)]
    lead = max(cells_of(one.lead) for one in lines)
    lead += 2 if lead else 0
    verb = min(18, max(cells_of(one.verb) for one in lines))
    verb += 2 if verb else 0
    out: list[Item] = []
    for one in lines:
        start = INDENT + lead + verb
        rows = wrap_spans(one.spans, max(10, width - start - 1))
        first: tuple[Span, ...] = (
            (" " * INDENT + _padded(one.lead, lead), "past"),
            (_padded(one.verb, verb), "past"),
            *rows[0],
        )
        out.append(Item(one.key, lambda _width, first=first: Line(first)))
        out += [_below(((" " * start, "past"), *row)) for row in rows[1:]]
        out += _wrong(about, one.key, start, width)
    return out


def _wrong(about: Mapping[str, Sequence[str]], key: str, indent: int, width: int) -> list[Item]:
    return [item for sentence in about.get(key, ()) for item in _told(sentence, indent, width)]


def _told(sentence: str, indent: int, width: int) -> list[Item]:
    """A sentence about what is wrong, behind its mark."""
    items: list[Item] = []
    for n, one in enumerate(wrapped(line(sentence), max(10, width - indent - 3), "late")):
        mark = "! " if not n else "  "
        items.append(_below(((" " * indent, "past"), (mark, "late"), *one.spans)))
    return items


def _below(spans: tuple[Span, ...]) -> Item:
    return Item(None, lambda _width: Line(spans), below=True)


def _padded(text: str, cells: int) -> str:
    text = fit(plain(text), max(0, cells - 2)) if cells else ""
    return text + " " * (cells - cells_of(text))

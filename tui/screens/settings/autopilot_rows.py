"""A rule set in the list: its place, on or off in sign and word, its sentence, what it did and what waits (A1)."""

from collections.abc import Sequence

from domain.ages import age
from domain.text import _, line, ngettext, number
from loop.rule_views import RuleSetLine
from tui.screens.settings.rows import Item
from tui.widgets.ticket.spans import Line, Span, cells_of, fit, plain, wrap

NEW = ("set", None)
"""The key of the line of a rule set that is not there yet."""
SENTENCE_LINES = 2
"""So many lines of a rule's sentence are shown in the list."""


def set_items(row: RuleSetLine, place: int, width: int, now: int, *, unsaved: bool = False) -> Sequence[Item]:
    """A rule set in the list: number, on or off in sign and word, name, what it did; its sentence; what waits."""
    state: Span = ("● " + _("on"), "promoter") if row.active else ("○ " + _("off"), "past")
    cells = max(len("● " + _("on")), len("○ " + _("off")))
    did = _("never ran") if row.last_run is None else _("touched {n} · {ago}").format(
        n=number(row.touched), ago=age(row.last_run, now)
    )  # fmt: skip
    marks: list[Span] = [("  ● " + _("not saved"), "late")] if unsaved else []
    if row.may_edit is not None:
        marks.append(("  " + _("only to read"), "past"))
    indent = 4 + cells + 2
    room = width - indent - cells_of(did) - sum(cells_of(text) for text, _role in marks) - 4
    name = fit(plain(line(row.name)), max(8, room)) or _("without a name")
    first = Line(
        (
            (f"{place:>3} ", "past"),
            (state[0].ljust(cells), state[1]),
            ("  " + name, "bright" if row.active else "text"),
            *marks,
        ),
        ((did + "  ", "past"),),  # as far in as the headings of lists
    )
    text = f"{row.name} {row.sentence}"
    items = [Item(("set", row.id), lambda _width: first, text)]
    said = wrap(line(row.sentence), max(20, width - indent - 2))
    if len(said) > SENTENCE_LINES:
        said = [*said[: SENTENCE_LINES - 1], said[SENTENCE_LINES - 1].rstrip(" ,;") + " …"]
    items += [_under(((" " * indent + words, "past"),)) for words in said]
    notes: list[Span] = []
    if row.blanks:
        n = len(row.blanks)
        notes.append(("! " + ngettext("{n} blank", "{n} blanks", n).format(n=n), "late"))
    if row.waiting:
        notes.append((ngettext("{n} answer came while off", "{n} answers came while off", row.waiting).format(n=number(row.waiting)), "bright"))  # fmt: skip
    if row.held:
        notes.append((ngettext("{n} e-mail waits for a yes", "{n} e-mails wait for a yes", row.held).format(n=number(row.held)), "late"))  # fmt: skip
    if notes:
        spans: list[Span] = [(" " * indent, "past")]
        for n, note in enumerate(notes):
            spans += [("   ", "past"), note] if n else [note]
        items.append(_under(tuple(spans)))
    return items


def begun_item(name: str) -> Item:
    """A rule set that was begun and never saved; it is there until the program ends."""
    spans: tuple[Span, ...] = (
        ("    " + ("○ " + _("off")).ljust(max(len("● " + _("on")), len("○ " + _("off")))) + "  ", "past"),
        (name or _("a rule set without a name yet"), "bright"),
        ("  ● " + _("not saved"), "late"),
    )
    return Item(NEW, lambda _width: Line(spans), name)


def _under(spans: tuple[Span, ...]) -> Item:
    return Item(None, lambda _width: Line(spans), below=True)

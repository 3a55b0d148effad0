"""The checklist of the phase under the cursor, and where a ticket may go on to from there (P6, P7)."""

from domain.flows import Binding
from domain.plans import FlowPlan, PhasePlan
from domain.text import _, line, ngettext
from tui.widgets.flow.phases import ahead
from tui.widgets.flow.spots import Drawing, Id, Spot, on, padded, title, wrap_spans
from tui.widgets.ticket.spans import Line, Span, wrap

EMPTY: Id = ("item", -1)
"""The place where the first line of a checklist is added."""
WAYS: Id = ("item", "ways")
"""Where the phases that may follow are chosen."""


def draw_checklist(plan: FlowPlan, key: int, here: Id, width: int) -> Drawing:
    """The part “Checklist of …”."""
    phase = plan.phase(key)
    drawing = Drawing((title(_("Checklist of {phase}").format(phase=line(phase.name, 40) or "…")),))
    for index, item in enumerate(phase.items):
        drawing = drawing.then(_item(index, item.text, here == ("item", index), width))
    if not phase.items:
        drawing = drawing.then(_row(EMPTY, "", _("No line yet: o adds one."), here == EMPTY, width))
    if phase.items:
        drawing = drawing.then(Drawing(tuple(_what_it_holds(plan, phase, width))))
    return drawing.then(_ways(plan, phase, here == WAYS, width))


def _item(index: int, text: str, here: bool, width: int) -> Drawing:
    ground = "on_cursor" if here else ""
    text_x = 2 + 1 + 3
    words = wrap(line(text), width - text_x) if text.strip() else [""]
    lines = []
    for i, part in enumerate(words):
        number = f"{index + 1:>2} " if not i else "   "
        bar: Span = ("▌" if here else " ", "accent")
        body: Span = (padded(part, width - text_x), "bright" if here else "text")
        lines.append(Line((("  ", "text"), *on(ground, bar, (number, "accent"), body))))
    return Drawing(tuple(lines), (Spot(("item", index), 0, 2, width - 2, 0, text_x),))


def _row(id: Id, label: str, words: str, here: bool, width: int) -> Drawing:
    ground = "on_cursor" if here else ""
    bar: Span = ("▌" if here else " ", "accent")
    body = padded(words, width - 6 - len(label))
    spans = on(ground, bar, ("   " + label, "past"), (body, "text" if here else "past"))
    return Drawing((Line((("  ", "text"), *spans)),), (Spot(id, 0, 2, width - 2, 0, 6),))


def _ways(plan: FlowPlan, phase: PhasePlan, here: bool, width: int) -> Drawing:
    further = ahead(plan, phase.key)
    if not further:
        words: list[Span] = [(_("Nothing lies further on; going back is always allowed."), "past")]
    elif phase.onward is None:
        words = [(_("From here a ticket goes on to") + " ", "past"), (_("any phase further on"), "text")]
    else:
        names = [line(p.name, 40) for p in further if p.key in phase.onward]
        words = [(_("From here a ticket goes on to") + " ", "past")]
        words += listed(names, _("or"), "bright") if names else [(_("no phase"), "late")]
    ground = "on_cursor" if here else ""
    lines = []
    for i, spans in enumerate(wrap_spans(words, width - 6)):
        bar: Span = ("▌" if here and not i else " ", "accent")
        line_ = Line((("  ", "text"), *on(ground, bar, ("→  " if not i else "   ", "accent"), *spans)))
        lines.append(line_)
    return Drawing((Line(), *lines), (Spot(WAYS, 1, 2, width - 2, 0, 6),))


def _what_it_holds(plan: FlowPlan, phase: PhasePlan, width: int) -> list[Line]:
    further = [p for p in ahead(plan, phase.key) if phase.onward is None or p.key in phase.onward]
    if phase.binding is not Binding.MANDATORY:
        words: list[Span] = [(_("optional: it reminds, and holds no ticket back") + " · ", "past"), ("b", "accent")]
        words.append((" " + _("makes it mandatory"), "past"))
    elif not further:
        words = [(_("mandatory, but nothing lies further on"), "past")]
    else:
        n = len(phase.items)
        until = _("until both are ticked") if n == 2 else ngettext("until it is ticked", "until all {n} are ticked", n)
        until = until.format(n=n)
        words = [(_("mandatory: a ticket cannot go on to") + " ", "past")]
        words += [*listed([line(p.name, 40) for p in further], _("or"), "text"), (" " + until, "past")]
    return [Line((("      ", "text"), *spans)) for spans in wrap_spans(words, width - 6)]


def listed(names: list[str], last: str, role: str) -> list[Span]:
    """“A, B or C”: the names in one role, what joins them in another; many are cut short."""
    if len(names) > 6:
        more = len(names) - 5
        names = [*names[:5], ngettext("{n} more", "{n} more", more).format(n=more)]
    spans: list[Span] = []
    for i, name in enumerate(names):
        if i:
            spans.append((f" {last} " if i == len(names) - 1 else ", ", "past"))
        spans.append((name, role))
    return spans

"""Where the cursor of the flow editor can stand, and how it walks from one place to the next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.style import Style

from tui.theme import Palette
from tui.widgets.ticket.spans import Line, Span, cells_of, fit, plain

Id = tuple[str, int | str]
"""The group of a place, and what stands there: ("phase", key), ("item", index), ("member", index), ("setting", name)."""

TOP: Id = ("name", 0)
"""The flow's name, above everything that scrolls."""
SIDEWAYS = ("phase", "member")
"""Groups that are read on from the end of a row, or of a column, to the next."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place for the cursor, in lines and cells of the drawing."""

    id: Id
    y: int
    x: int
    width: int
    lane: int = 0
    """The column that ↑ and ↓ stay in; groups of one column have 0."""
    text_x: int = 0
    """Where its words begin, for editing them in place."""

    @property
    def group(self) -> str:
        """What kind of place it is."""
        return self.id[0]

    @property
    def middle(self) -> int:
        """For finding what stands nearest above and below."""
        return self.x + self.width // 2


@dataclass(frozen=True)
class Drawing:
    """Lines, and the places in them."""

    lines: tuple[Line, ...] = ()
    spots: tuple[Spot, ...] = ()

    def then(self, other: "Drawing") -> "Drawing":
        """This one with the other below it."""
        down = len(self.lines)
        return Drawing(self.lines + other.lines, self.spots + tuple(replace(s, y=s.y + down) for s in other.spots))

    def spot(self, id: Id) -> Spot | None:
        """The place of that id."""
        return next((s for s in self.spots if s.id == id), None)


def beside(left: Drawing, right: Drawing, width: int, gap: int) -> Drawing:
    """Two drawings side by side, the left one `width` cells wide; the places of the right one are of the second lane."""
    lines = []
    for i in range(max(len(left.lines), len(right.lines))):
        a = left.lines[i].spans if i < len(left.lines) else ()
        b = right.lines[i].spans if i < len(right.lines) else ()
        used = sum(cells_of(plain(text)) for text, _role in a)
        lines.append(Line((*a, (" " * (width + gap - used), "text"), *b)))
    moved = tuple(replace(s, x=s.x + width + gap, text_x=s.text_x + width + gap, lane=1) for s in right.spots)
    return Drawing(tuple(lines), left.spots + moved)


def walk(spots: Sequence[Spot], here: Id, dx: int, dy: int, phase: int) -> Id:
    """The place that an arrow leads to from `here`; `here` where there is none.

    Coming back to the phases, one is on the phase that one left, `phase`.
    """
    at = next((s for s in spots if s.id == here), None)
    if at is None:
        return spots[0].id if spots else here
    mates = [s for s in spots if s.group == at.group]
    if dx:
        return _sideways(mates, at, dx).id
    laned = any(s.lane for s in mates)
    ways = [s for s in mates if (s.y - at.y) * dy > 0 and (not laned or s.lane == at.lane)]
    if ways:
        return min(ways, key=lambda s: (abs(s.y - at.y), abs(s.middle - at.middle))).id
    groups = list(dict.fromkeys(s.group for s in spots))
    place = groups.index(at.group) + dy
    if not 0 <= place < len(groups):
        return here
    if groups[place] == "phase" and any(s.id == ("phase", phase) for s in spots):
        return ("phase", phase)
    there = [s for s in spots if s.group == groups[place]]
    row = min(s.y for s in there) if dy > 0 else max(s.y for s in there)
    return min((s for s in there if s.y == row), key=lambda s: abs(s.middle - at.middle)).id


def _sideways(mates: list[Spot], at: Spot, dx: int) -> Spot:
    lanes = sorted({s.lane for s in mates if (s.lane - at.lane) * dx > 0}, reverse=dx < 0)
    if lanes:
        return min((s for s in mates if s.lane == lanes[0]), key=lambda s: abs(s.y - at.y))
    row = [s for s in mates if s.y == at.y and s.lane == at.lane and (s.x - at.x) * dx > 0]
    if row:
        return min(row, key=lambda s: abs(s.x - at.x))
    if at.group in SIDEWAYS and not any(s.lane for s in mates):
        place = mates.index(at) + dx
        return mates[max(0, min(place, len(mates) - 1))]
    return at


def next_group(spots: Sequence[Spot], here: Id, way: int, phase: int) -> Id:
    """The first place of the next or previous group, round and round."""
    groups = list(dict.fromkeys(s.group for s in spots))
    if not groups:
        return here
    place = (groups.index(here[0]) + way) % len(groups) if here[0] in groups else 0
    if groups[place] == "phase" and any(s.id == ("phase", phase) for s in spots):
        return ("phase", phase)
    return next(s.id for s in spots if s.group == groups[place])


# Words that lie on a ground of their own within a line


def on(ground: str, *spans: Span) -> tuple[Span, ...]:
    """The spans laid on a palette ground; '' leaves them as they are."""
    return tuple((text, f"{role}/{ground}") for text, role in spans) if ground else spans


class Grounds:
    """A palette that also knows words on a ground of their own: `bright/on_cursor`."""

    def __init__(self, colours: Palette) -> None:
        self._colours = colours
        self._made: dict[str, Style] = {}

    def __getattr__(self, name: str) -> Any:
        style = self._made.get(name)
        if style is None:
            ink, _slash, ground = name.partition("/")
            style = getattr(self._colours, ink)
            if ground:
                style += getattr(self._colours, ground)
            self._made[name] = style
        return style


def padded(text: str, width: int, right: bool = False) -> str:
    """`text` in exactly `width` cells, cut or filled."""
    text = fit(plain(text), width)
    gap = " " * (width - cells_of(text))
    return gap + text if right else text + gap


def title(words: str, right: str = "") -> Line:
    """The title of a part, behind an accent bar."""
    return Line((("▎", "accent"), (plain(words), "bright")), ((right, "past"),) if right else ())


def wrap_spans(spans: Iterable[Span], width: int) -> list[tuple[Span, ...]]:
    """Words of several roles on lines of at most `width` cells, cut at blanks; a word longer than a line is cut."""
    lines: list[list[Span]] = [[]]
    used = 0
    for word in _words(spans):
        cells = sum(cells_of(text) for text, _role in word)
        gap = 1 if used else 0
        if used and used + gap + cells > width:
            lines.append([])
            used = gap = 0
        if gap:
            # The blank belongs to what stands before it, so that strong words are not underlined by it.
            text, role = lines[-1][-1]
            lines[-1][-1] = (text + " ", role)
        room = width - used - gap
        for text, role in word:
            text = fit(text, room)
            room -= cells_of(text)
            used += cells_of(text)
            if lines[-1] and lines[-1][-1][1] == role:
                lines[-1][-1] = (lines[-1][-1][0] + text, role)
            elif text:
                lines[-1].append((text, role))
        used += gap
    return [tuple(x) for x in lines if x]


def _words(spans: Iterable[Span]) -> Iterable[list[Span]]:
    """The words of the spans; one word may have several roles, as a name and the comma behind it."""
    word: list[Span] = []
    for text, role in spans:
        parts = plain(text).replace("\n", " ").split(" ")
        for index, part in enumerate(parts):
            if index and word:
                yield word
                word = []
            if part:
                word.append((part, role))
    if word:
        yield word

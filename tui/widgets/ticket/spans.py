"""Lines as data: words with a role each, wrapped and cut by cells.

Words from outside become a `Line` through `domain.text.line` or `clean`, and a `Line` becomes a Strip. Nothing on
the way reads markup, so nothing that came from outside can colour the screen or run an action (R7).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from domain.answers import ScoreClass
from domain.text import _, ngettext
from tui.theme import Palette

Span = tuple[str, str]
"""Words and the name of a style of `Palette`, or one of `_MORE`."""

_MORE = {
    "tab": ("accent_bold", Style(underline=True)),
    "quote": ("text", Style(italic=True)),
    "match": ("accent", Style(bold=True, underline=True)),
}

# Terminals disagree on how wide joined and varied emoji are; apart, they agree on each.
_JOINED = re.compile("[\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef\U0001f3fb-\U0001f3ff\u20e3]")
_WORD = re.compile(r"\s*\S+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the screen."""

    spans: tuple[Span, ...] = ()
    right: tuple[Span, ...] = ()
    """Set flush right; the left gives way to it."""
    ground: str = ""
    """A palette style laid under the whole line: on_note, on_customer, on_cursor…"""


def health_role(health: ScoreClass | None) -> str:
    """The palette name of a score class."""
    return "unknown" if health is None else health.value


def full_date(ms: int) -> str:
    """Day and time in the reader's zone, the month in letters so that no order is guessed."""
    return datetime.fromtimestamp(ms / 1000).astimezone().strftime(_("%d %b %Y, %H:%M"))


def plain(text: str) -> str:
    """`text` with joined emoji taken apart, so that every terminal gives it the same width."""
    try:
        # Most words have nothing to join; this tells so thirty times as fast as the search.
        text.encode("latin-1")
    except UnicodeEncodeError:
        return _JOINED.sub("", text)
    return text


def cells_of(text: str) -> int:
    """How many cells `text` takes; as Rich counts them, and ten times as fast for western words."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return cell_len(text)
    # The soft hyphen and control characters are the only ones there without a cell of their own.
    return len(text) if text.isprintable() else cell_len(text)


def fit(text: str, width: int) -> str:
    """`text` cut to `width` cells, the cut marked."""
    cells = cells_of(text)
    if cells <= width:
        return text
    if width > 0 and cells == len(text) and cells_of(text[: width - 1]) == width - 1:
        return text[: width - 1].rstrip() + "…"
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def fit_spans(spans: Sequence[Span], width: int) -> tuple[Span, ...]:
    """The spans that fit into `width` cells, the last one cut."""
    kept: list[Span] = []
    for text, role in spans:
        cells = cells_of(text)
        if cells > width:
            kept.append((fit(text, width), role))
            break
        kept.append((text, role))
        width -= cells
    return tuple(kept)


def spans_len(spans: Sequence[Span]) -> int:
    """Cells of all the words."""
    return sum(cells_of(text) for text, _role in spans)


def wrap(text: str, width: int) -> list[str]:
    """`text` on lines of at most `width` cells, cut at blanks where there are any."""
    width = max(width, 4)
    lines: list[str] = []
    for paragraph in plain(text).split("\n"):
        words = paragraph.expandtabs(4).rstrip()
        cells = cells_of(words)
        if cells <= width:
            lines.append(words)
        else:
            # As many cells as characters: each is one wide, unless wide ones and marks of no width make up for another.
            narrow = _wrap_single(words, width) if cells == len(words) else []
            fits = bool(narrow) and (words.isascii() or all(cells_of(x) <= width for x in narrow))
            lines.extend(narrow if fits else _wrap_wide(words, width))
    return lines


def _wrap_single(words: str, width: int) -> list[str]:
    """Where every character is one cell wide."""
    lines: list[str] = []
    start, end = 0, len(words)
    while end - start > width:
        cut = words.rfind(" ", start, start + width + 1)
        if cut <= start or not words[start:cut].strip():
            cut = start + width
        lines.append(words[start:cut].rstrip())
        start = cut
        while start < end and words[start] == " ":
            start += 1
    if start < end:
        lines.append(words[start:])
    return lines


def _wrap_wide(words: str, width: int) -> list[str]:
    lines: list[str] = []
    current, used = "", 0
    for word in _WORD.findall(words):
        cells = cells_of(word)
        if used and used + cells > width:
            lines.append(current)
            current, used = "", 0
            word = word.lstrip()
            cells = cells_of(word)
        if cells > width:
            *whole, word = chop_cells(word, width)
            lines.extend(whole)
            cells = cells_of(word)
        current, used = current + word, used + cells
    if current:
        lines.append(current)
    return lines


def wrapped(text: str, width: int, role: str, indent: int = 0, ground: str = "") -> list[Line]:
    """A paragraph as lines of one role, set in by `indent`."""
    space = " " * indent
    return [Line(((space + words, role),), ground=ground) for words in wrap(text, width - indent)]


def heading(title: str, right: str = "") -> Line:
    """The title of a part."""
    return Line(((title, "accent"),), ((right, "past"),) if right else ())


def pair(label: str, value: str, width: int, label_width: int, role: str = "text") -> list[Line]:
    """A label and its value; a long value goes on below itself."""
    label_width = min(label_width, max(8, width // 2))
    words = wrap(value, width - label_width - 2) or [""]
    first = Line(((_padded(label, label_width) + "  ", "past"), (words[0], role)))
    return [first, *(Line(((" " * (label_width + 2) + more, role),)) for more in words[1:])]


def _padded(text: str, width: int) -> str:
    text = fit(plain(text), width)
    return text + " " * (width - cells_of(text))


def hints(width: int, *keys: tuple[str, str], before: Sequence[Span] = ()) -> Line:
    """Keys and what they do, the most needed first: those that do not fit whole are left out.

    But a `?` at the end stays, as it tells of the others.
    """
    spans: list[Span] = list(before)
    last: list[Span] = []
    if len(keys) > 1 and keys[-1][0] == "?":
        last, keys = [("   ", "past"), ("?", "accent"), (" " + keys[-1][1], "past")], keys[:-1]
    for key, does in keys:
        more: list[Span] = [("   ", "past")] if spans else []
        more += [(key, "accent"), (" " + does, "past")]
        if spans_len(spans) + spans_len(more) + spans_len(last) > width:
            break
        spans += more
    return Line((*spans, *last))


def paint(line: Line, width: int, colours: Palette, ground: str = "") -> Strip:
    """The line as a strip of exactly `width` cells; neighbours of one style are one segment."""
    name = line.ground or ground
    under = getattr(colours, name) if name else Style()
    right = fit_spans([(plain(text), role) for text, role in line.right], width)
    room = width - spans_len(right) - (1 if right else 0)
    left = fit_spans([(plain(text), role) for text, role in line.spans], max(room, 0))
    gap = width - spans_len(left) - spans_len(right)
    segments: list[Segment] = []
    words, style = "", Style()
    for text, role in (*left, (" " * max(gap, 0), "text"), *right):
        new = _style(colours, role)
        if text and new != style:
            if words:
                segments.append(Segment(words, style + under))
            words, style = "", new
        words += text
    segments.append(Segment(words, style + under))
    return Strip(segments).adjust_cell_length(width, colours.text + under)


def _style(colours: Palette, role: str) -> Style:
    if role in _MORE:
        base, more = _MORE[role]
        return getattr(colours, base) + more
    return getattr(colours, role)


def marked(mark: str, mark_role: str, text: str, width: int, role: str) -> list[Line]:
    """A sentence behind a mark; lines after the first stand below the words."""
    words = wrap(text, width - cells_of(mark) - 1)
    marks = [mark, *[" " * cells_of(mark)] * (len(words) - 1)]
    return [Line(((m + " ", mark_role), (w, role))) for m, w in zip(marks, words, strict=True)]


def more_lines(n: int) -> str:
    """How many lines are folded away."""
    return ngettext("{n} more line", "{n} more lines", n).format(n=n)

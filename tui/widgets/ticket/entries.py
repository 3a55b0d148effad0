"""An entry of the timeline as lines (T8): age, glyph, who, a sentence or a subject, and the words below."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.ages import age, until
from domain.text import _, clean, line, ngettext, number
from loop.views import AnswerView, Entry
from tui.widgets.ticket.sentences import sentence
from tui.widgets.ticket.spans import Line, Span, cells_of, fit, full_date, more_lines, spans_len, wrap

AGE = 5
"""Cells of the bar and the age."""
INDENT = 9
"""Where words begin: bar, age, two blanks, glyph, blank."""
SHORT_MAIL = 2
"""Lines of our own mail that are shown while it is folded."""
REPEATED = 28
"""Cells of a subject that repeats the ticket's."""
LONG = 30
"""Lines of anybody's words that are shown while they are folded."""

INCOMING = frozenset({"mail in", "suspect mail", "automatic mail", "bounce"})
"""Kinds that hold a mail which came in."""

MESSAGES, NOTES, ACTS, CHANGES, ACTIVITIES = "messages", "notes", "acts", "changes", "activities"
FILTERS = ("", MESSAGES, NOTES, ACTS, CHANGES, ACTIVITIES)
"""What a timeline can be reduced to; '' is everything."""


def filter_name(kinds: str) -> str:
    """What a filter leaves, in the reader's language."""
    return {
        "": _("everything"),
        MESSAGES: _("messages"),
        NOTES: _("notes"),
        ACTS: _("acts"),
        CHANGES: _("changes"),
        ACTIVITIES: _("activities"),
    }[kinds]


def group(entry: Entry) -> str:
    """The filter that an entry belongs to (T8)."""
    if entry.kind in INCOMING or entry.kind.startswith("mail "):
        return MESSAGES
    if entry.kind.startswith("activity "):
        return ACTIVITIES
    if entry.kind in _CHANGES:
        return CHANGES
    return NOTES if entry.kind == "note" else ACTS


_CHANGES = frozenset(
    {"subject", "description", "due", "priority", "assigned", "tags", "categories", "followers", "customer"}
)
"""What says how something was and how it is; acts are where the ticket went."""


_REPLY = re.compile(r"^((re|res|aw|sv|fwd?|enc|wg|tr)\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Laid:
    """An entry laid out for one width."""

    entry: Entry
    glyph: Span
    head: tuple[Span, ...]
    below: tuple[tuple[str, str], ...]
    """Lines below the head: words and role."""
    ground: str
    foldable: bool

    @property
    def height(self) -> int:
        """Lines, the head among them."""
        return 1 + len(self.below)


def lay_out(
    entry: Entry, width: int, *, unfolded: bool = False, subject: str = "", answer: AnswerView | None = None
) -> Laid:
    """The lines of an entry on `width` cells.

    `subject` is the ticket's, not repeated by mails that reply to it; `answer` is what the ticket was opened by.
    """
    room = max(8, width - INDENT)
    glyph, who_role, ground = _LOOKS.get(entry.kind, _OTHER)
    who = _who(entry)
    head: list[Span] = [(who, who_role)] if who else []
    below: list[tuple[str, str]] = []
    foldable = False
    if unfolded:
        below.append((_details(entry), "past"))
    if entry.kind == "note":
        foldable = _note(entry, room, unfolded, head, below)
    elif entry.kind in INCOMING or entry.kind == "mail out":
        foldable = _mail(entry, room, unfolded, subject, head, below)
    else:
        said = sentence(entry, answer)
        head += [("  ", "past"), *said] if head else said
        foldable = _words(clean(entry.text), room, unfolded, "text", below)
    for attachment in entry.attachments:
        told = f"  {size(attachment.size)}" + (f" · {part_word(attachment.label)}" if attachment.label else "")
        name = fit(line(attachment.name) or "—", max(8, room - 2 - cells_of(told)))
        below.append((f"+ {name}{told}", "text"))
    return Laid(entry, glyph, tuple(head), tuple(below), ground, foldable)


def _who(entry: Entry) -> str:
    """Whose doing it was; of the autopilot by which rule (A5). An answer opens a ticket by itself."""
    if rule := entry.data.get("rule_name"):
        return line(f"{entry.who} “{rule}”", 60)
    return "" if entry.kind == "opened" else line(entry.who, 60)


def head_line(laid: Laid, now: int, *, marked: bool, fresh: bool = False, leaves_in: int | None = None) -> Line:
    """The first line of an entry: age, glyph, who and what; the state of a mail at the right.

    `fresh`: it waits for an answer.
    """
    entry = laid.entry
    ago = f"{age(entry.at, now):>4}"
    state = mail_state(entry, leaves_in, now)
    head = laid.head
    if fresh and head:
        head = ((head[0][0], "bright"), *head[1:])
    return Line(
        (
            ("▌" if marked else " ", "accent"),
            (ago, "accent" if fresh else "past"),
            ("  ", "past"),
            laid.glyph,
            (" ", "past"),
            *head,
        ),
        (state, ("", "past")) if state else (),
        laid.ground,
    )


def below_line(laid: Laid, index: int, *, marked: bool) -> Line:
    """A line below the head."""
    words, role = laid.below[index]
    return Line((("▌" if marked else " ", "accent"), (" " * (INDENT - 1), "past"), (words, role)), (), laid.ground)


LATER_S = 600
"""Seconds from which on a message is told to leave at a time, not in seconds; undo windows are no longer."""


def mail_state(entry: Entry, leaves_in: int | None = None, now: int = 0) -> Span | None:
    """What became of a mail, in a word or two; `leaves_in` in seconds while it can be taken back."""
    if entry.state == "delayed" and entry.next_try is not None:
        return (_("! not sent yet · again in {span}").format(span=until(max(entry.next_try, now), now)), "late")
    if entry.kind in INCOMING:
        return {
            "suspect": (_("! suspect"), "late"),
            "automatic": (_("automatic"), "past"),
            "bounce": (_("! bounce"), "detractor"),
        }.get(entry.state or entry.kind.removesuffix(" mail"))
    if entry.kind != "mail out":
        return None
    if entry.data.get("bounced"):
        return (_("✗ bounced"), "detractor")
    if entry.state == "queued" and leaves_in is not None and leaves_in > LATER_S:
        return (_("leaves {date}").format(date=full_date(entry.data["leaves_at"])), "accent")
    if entry.state == "queued" and leaves_in is not None and leaves_in > 0:
        return (_("sending in {n}s").format(n=leaves_in), "accent")
    return {
        "queued": (_("waiting to leave"), "accent"),
        "delayed": (_("! not sent yet"), "late"),
        "claimed": (_("sending"), "accent"),
        "data": (_("sending"), "accent"),
        "sent": (_("accepted"), "past"),
        "in doubt": (_("? in doubt"), "late"),
        "held": (_("? held back"), "late"),
        "failed": (_("✗ failed"), "detractor"),
        "bounced": (_("✗ bounced"), "detractor"),
        "taken back": (_("taken back"), "past"),
    }.get(entry.state)


def size(octets: int) -> str:
    """Octets as people say them: 980 B, 340 KB, 2.1 MB."""
    if octets < 1000:
        return f"{octets} B"
    if octets < 1_000_000:
        return f"{octets / 1000:.0f} KB"
    return number(octets / 1_000_000, 1) + " MB"


def part_word(label: str) -> str:
    """What the label of a mail's part means."""
    return {"signed": _("signature"), "encrypted": _("encrypted")}.get(label) or line(label, 20)


def _note(entry: Entry, room: int, unfolded: bool, head: list[Span], below: list[tuple[str, str]]) -> bool:
    text = clean(entry.text).strip().expandtabs(4)
    left = room - spans_len(head) - 2
    if not unfolded and "\n" not in text and cells_of(text) <= left:
        head += [("  ", "note"), (text, "note")]
        return False
    return _words(text, room, unfolded, "note", below)


def _mail(
    entry: Entry, room: int, unfolded: bool, subject: str, head: list[Span], below: list[tuple[str, str]]
) -> bool:
    ours, terse = entry.kind == "mail out", entry.kind in ("mail out", "automatic mail", "bounce")
    if entry.kind in INCOMING and entry.message is None and not (entry.text or entry.subject):
        head[:] = [(_("a mail that was taken off since"), "past")]
        return False
    said = line(entry.subject)
    repeats = _bare(said) == _bare(subject)
    if said and (terse or not repeats):
        said = fit(said, REPEATED) if repeats else said
        head += [("  ", "past"), (said, "text" if ours else "past")]
    text = clean(entry.text).strip("\n")
    if terse and not unfolded:
        # No more of it is wrapped than can be shown.
        lines = wrap(line(text[: 8 * room]), room)
        foldable = len(lines) > 1 or "\n" in text
        shown = lines[:SHORT_MAIL]
        if len(lines) > SHORT_MAIL:
            shown[-1] = fit(shown[-1] + "…", room) if not shown[-1].endswith("…") else shown[-1]
        below += [(words, "past") for words in shown if words]
    else:
        foldable = _words(text, room, unfolded, "text", below)
    if not text.strip() and any(attachment.label == "encrypted" for attachment in entry.attachments):
        words = _("It is encrypted, and can be read in the mail program that has the key: + saves it.")
        below += [(words, "late") for words in wrap(words, room)]
    if entry.kind == "suspect mail":
        below.append((_("A right thread, but an address that is not known on this ticket."), "late"))
    if entry.state in ("failed", "in doubt", "held", "delayed", "bounced") and entry.answer:
        below += [(words, "late") for words in wrap(line(entry.answer, 500), room)]
    quoted = [words for block in entry.folded for words in clean(block).strip("\n").split("\n")]
    if quoted:
        mark = "▾" if unfolded else "▸"
        count = ngettext("{n} quoted line", "{n} quoted lines", len(quoted)).format(n=len(quoted))
        below.append((f"{mark} {count}", "past"))
        if unfolded:
            below += [("│ " + words, "past") for quote in quoted for words in wrap(quote, room - 2)]
    return foldable or bool(quoted)


def _words(text: str, room: int, unfolded: bool, role: str, below: list[tuple[str, str]]) -> bool:
    """Somebody's words; whether some are folded away while they are not unfolded."""
    if not text.strip():
        return False
    paragraphs = text.strip("\n").split("\n")
    if unfolded:
        below += [(words, role) for words in wrap("\n".join(paragraphs), room)]
        return True
    shown: list[str] = []
    for index, paragraph in enumerate(paragraphs):
        lines = wrap(paragraph[: LONG * room], room)
        rest = len(paragraphs) - index - 1
        if len(shown) + len(lines) > LONG or len(paragraph) > LONG * room:
            shown += lines[: max(0, LONG - len(shown))]
            below += [(words, role) for words in shown]
            # The paragraph that is cut counts as one more; wrapped, it may be many.
            below.append(("▸ " + (more_lines(rest + 1) if rest else _("the rest of it")), "past"))
            return True
        shown += lines
    below += [(words, role) for words in shown]
    return False


def _details(entry: Entry) -> str:
    """The full date, and what else an unfolded entry tells."""
    parts = [full_date(entry.at)]
    for key, label in (("from", _("from")), ("to", _("to")), ("cc", _("cc"))):
        if entry.kind.startswith("mail") and (value := line(str(entry.data.get(key, "")), 120)):
            parts.append(f"{label} {value}")
    if entry.kind == "mail out" and entry.answer and entry.state == "sent":
        parts.append(line(entry.answer, 120))
    if entry.kind == "note" and entry.data.get("via") == "mail":
        parts.append(_("by e-mail"))
        if left := entry.data.get("left"):
            parts.append(ngettext("{n} file was too much", "{n} files were too much", left).format(n=left))
    return " · ".join(parts)


def _bare(subject: str) -> str:
    return _REPLY.sub("", subject).casefold()


_OTHER = (("·", "past"), "past", "")
# By kind: the glyph, the role of who, the ground.
_LOOKS: Mapping[str, tuple[Span, str, str]] = {
    "opened": (("★", "bright"), "past", ""),
    "started": (("◆", "bright"), "past", ""),
    "moved": (("◆", "bright"), "past", ""),
    "closed": (("◆", "promoter"), "past", ""),
    "reopened": (("◆", "late"), "past", ""),
    "assigned": (("◇", "text"), "past", ""),
    "priority": (("◇", "text"), "past", ""),
    "ticked": (("☑", "promoter"), "past", ""),
    "unticked": (("☐", "text"), "past", ""),
    "note": (("✎", "note"), "note", "on_note"),
    "mail in": (("←", "bright"), "text", "on_customer"),
    "mail out": (("→", "text"), "past", ""),
    "suspect mail": (("←", "late"), "late", ""),
    "automatic mail": (("←", "past"), "past", ""),
    "bounce": (("←", "detractor"), "past", ""),
    "mail failed": (("✗", "detractor"), "past", ""),
    "mail in doubt": (("?", "late"), "past", ""),
    "mail held": (("?", "late"), "past", ""),
    "mail trusted": (("✓", "promoter"), "past", ""),
    "mail split": (("↗", "text"), "past", ""),
    "mail whole": (("↓", "text"), "past", ""),
    "answered": (("◇", "text"), "past", ""),
    "subject": (("✐", "text"), "past", ""),
    "description": (("✐", "text"), "past", ""),
    "due": (("◇", "text"), "past", ""),
    "tags": (("#", "text"), "past", ""),
    "categories": (("#", "text"), "past", ""),
    "followers": (("+", "text"), "past", ""),
    "activity added": (("☐", "text"), "past", ""),
    "activity changed": (("☐", "text"), "past", ""),
    "activity done": (("☑", "promoter"), "past", ""),
    "activity undone": (("☐", "text"), "past", ""),
    "activity removed": (("✗", "past"), "past", ""),
    "transferred": (("◆", "accent"), "past", ""),
    "merged": (("◆", "late"), "past", ""),
    "took in": (("◆", "accent"), "past", ""),
    "unmerged": (("◆", "accent"), "past", ""),
    "customer": (("◇", "text"), "past", ""),
}

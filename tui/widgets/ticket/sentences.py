"""What the timeline says happened, for every kind of event that is not somebody's words (T8).

It reads `Entry.data` by kind and takes whatever is missing there for unknown.
"""

from collections.abc import Callable, Mapping
from typing import Any

from domain.text import _, line
from domain.words import named
from loop.views import AnswerView, Entry
from tui.widgets.ticket.spans import Span, full_date, health_role


def sentence(entry: Entry, answer: AnswerView | None = None) -> list[Span]:
    """What happened, for every kind that is not somebody's words."""
    if entry.kind == "opened":
        return _opened(entry.data, answer)
    if entry.kind in _ABOUT_MAIL:
        said_of = _ABOUT_MAIL[entry.kind]
        return [(said_of(), "past"), *([(f"  {line(entry.subject, 120)}", "past")] if entry.subject else [])]
    said = _SENTENCES.get(entry.kind)
    if said is None:
        return _any(entry.kind, entry.data)
    return said(entry.data)


def _value(data: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = data.get(name)
        if isinstance(value, (list, tuple)):
            return ", ".join(line(str(v), 80) for v in value)
        if value is not None and value != "":
            return line(str(value), 120)
    return ""


def _change(data: Mapping[str, Any], label: str = "", role: str = "text") -> list[Span]:
    old, new = _value(data, "old", "from"), _value(data, "new", "to", "value")
    said: list[Span] = [(label + " ", "past")] if label else []
    if old:
        said += [(old, "past"), (" → ", "past")]
    return [*said, (new or "—", role)]


def _moved(data: Mapping[str, Any]) -> list[Span]:
    return _change({"old": _value(data, "old", "from", "old_phase"), "new": _value(data, "new", "to", "phase")})


def _closed(data: Mapping[str, Any]) -> list[Span]:
    said = _moved(data)
    if outcome := _value(data, "outcome"):
        said += [(" · ", "past"), (outcome, "text")]
    if resolution := _value(data, "resolution"):
        said += [(" · ", "past"), (f"“{resolution}”", "text")]
    return said


def _opened(data: Mapping[str, Any], answer: AnswerView | None) -> list[Span]:
    said: list[Span] = []
    if answer is not None and answer.score is not None:
        said = [(_("answered") + " ", "past"), (str(answer.score), health_role(answer.health)), (" · ", "past")]
    said.append((_("ticket opened"), "past"))
    if rule := _value(data, "rule"):
        said += [(" " + _("by rule") + " ", "past"), (rule, "text")]
    if after := _value(data, "after"):
        said += [(" " + _("after") + " ", "past"), (f"#{after}", "text")]
    return said


def _assigned(data: Mapping[str, Any]) -> list[Span]:
    new, old = _value(data, "new", "to", "login"), _value(data, "old", "from")
    if not new:
        return [(_("nobody assigned any more"), "past")]
    said: list[Span] = [(_("assigned to") + " ", "past"), (new, "text")]
    return [*said, (_(", before {login}").format(login=old), "past")] if old else said


def _changed_labels(data: Mapping[str, Any], label: str) -> list[Span]:
    """What was put on a ticket and what was taken off: +loja SP −atraso."""
    added, removed = _many(data, "added"), _many(data, "removed")
    old, new = _many(data, "old"), _many(data, "new")
    added += [name for name in new if name not in old]
    removed += [name for name in old if name not in new]
    said: list[Span] = [(label + " ", "past")]
    said += [(f" +{name}", "text") for name in added] + [(f" −{name}", "past") for name in removed]
    return said


def _many(data: Mapping[str, Any], name: str) -> list[str]:
    """A value that is a list of names, or names with commas between them."""
    value = data.get(name) or ()
    parts = value if isinstance(value, (list, tuple)) else str(value).split(",")
    return [words for words in (line(str(part), 60) for part in parts) if words]


def _due(data: Mapping[str, Any]) -> list[Span]:
    old, new = (full_date(at) if isinstance(at := data.get(k), int) else "" for k in ("old", "new"))
    said: list[Span] = [(_("due") + " ", "past")]
    if old:
        said += [(old, "past"), (" → ", "past")]
    return [*said, (new or _("no due date"), "text")]


def _description(data: Mapping[str, Any]) -> list[Span]:
    new = _value(data, "new")
    if not new:
        return [(_("took the description away"), "past")]
    return [(_("description") + " ", "past"), (f"“{line(new, 80)}”", "text")]


def _followers(data: Mapping[str, Any]) -> list[Span]:
    old, new = _many(data, "old"), _many(data, "new")
    came, went = [x for x in new if x not in old], [x for x in old if x not in new]
    said: list[Span] = []
    if came:
        said += [(_("followed by") + " ", "past"), (", ".join(came), "text")]
    if went:
        said += [(" · " if said else "", "past"), (_("no more by") + " ", "past"), (", ".join(went), "text")]
    if opened := _value(data, "opened"):
        said += [(" · " if said else "", "past"), (_("earlier notes opened to") + " ", "past"), (opened, "text")]
    return said or [(_("followers"), "past")]


def _activity(data: Mapping[str, Any], label: str) -> list[Span]:
    said: list[Span] = [(label + " ", "past"), (_value(data, "text", "name") or "—", "text")]
    if who := _value(data, "responsible"):
        said.append((f"  {who}", "past"))
    if "new" in data or "old" in data:
        said += [("  ", "past"), *_change(data)]
    return said


def _split(data: Mapping[str, Any]) -> list[Span]:
    if to := _value(data, "to"):
        return [(_("a mail was taken off to") + " ", "past"), (f"#{to}", "text")]
    return [(_("a mail was taken off, back to triage"), "past")]


def _transferred(data: Mapping[str, Any]) -> list[Span]:
    said = _change(data, _("moved to another flow"))
    if "new_assignee" in data:
        who = _value(data, "new_assignee") or _("nobody")
        said += [(" · " + _("now with") + " ", "past"), (who, "text")]
    return said


def _other(data: Mapping[str, Any], label: str) -> list[Span]:
    return [(label + " ", "past"), (f"#{_value(data, 'into', 'number') or '—'}", "text")]


def _customer(data: Mapping[str, Any]) -> list[Span]:
    """Which fields of the customer changed; their values are the customer's own (R4)."""
    names = {
        "name": _("name"),
        "email": _("e-mail"),
        "phone": _("phone"),
        "customer_id": _("id"),
        "attributes": _("attributes"),
    }
    changed = _many(data, "fields")
    if "merged" in changed:
        return [(_("the customer was made one with another"), "past")]
    if "split" in changed:
        return [(_("the customer was parted from another"), "past")]
    fields = [names.get(name, name.removeprefix("attribute.")) for name in changed]
    return [(_("customer's data") + " ", "past"), (", ".join(fields), "text")]


def _item(data: Mapping[str, Any]) -> list[Span]:
    said: list[Span] = [(_value(data, "text", "item_text", "item", "new") or "—", "text")]
    if phase := _value(data, "phase"):
        said.append((f"  {phase}", "past"))
    return said


def _any(kind: str, data: Mapping[str, Any]) -> list[Span]:
    """A kind that has no sentence of its own: its name and its values."""
    if "new" in data or "old" in data:
        return _change(data, line(kind, 40))
    values = ", ".join(_value(data, key) for key in data if _value(data, key))
    return [(line(kind, 40), "past"), *([("  " + values, "text")] if values else [])]


_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], list[Span]]] = {
    "started": _moved,
    "moved": _moved,
    "closed": _closed,
    "reopened": _moved,
    "assigned": _assigned,
    "priority": lambda data: _change({k: named(_value(data, k)) for k in ("old", "new")}, _("priority")),
    "subject": lambda data: _change(data, _("subject")),
    "description": _description,
    "due": _due,
    "tags": lambda data: _changed_labels(data, _("tags")),
    "categories": lambda data: _changed_labels(data, _("categories")),
    "followers": _followers,
    "activity added": lambda data: _activity(data, _("added")),
    "activity changed": lambda data: _activity(data, _("changed")),
    "activity done": lambda data: _activity(data, _("done:")),
    "activity undone": lambda data: _activity(data, _("open again:")),
    "activity removed": lambda data: _activity(data, _("removed")),
    "transferred": _transferred,
    "merged": lambda data: _other(data, _("merged into")),
    "took in": lambda data: _other(data, _("took in")),
    "unmerged": lambda data: _other(data, _("apart again from")),
    "customer": _customer,
    "mail split": _split,
    "ticked": _item,
    "unticked": _item,
    "answered": lambda data: [(_("marked as needing no answer"), "past")],
}

_ABOUT_MAIL: Mapping[str, Callable[[], str]] = {
    "mail accepted": lambda: _("the server accepted the message"),
    "mail failed": lambda: _("the message could not be sent"),
    "mail in doubt": lambda: _("the line died while sending: the message may have left"),
    "mail held": lambda: _("the message is held back and waits for a yes"),
    "mail taken back": lambda: _("message taken back"),
    "mail retried": lambda: _("message sent again"),
    "mail whole": lambda: _("the whole mail was fetched"),
    "mail trusted": lambda: _("the mail was accepted as a person's own"),
}

"""My settings: how one is called, one's letters, colours and columns, and what comes by e-mail (M3, N2, Q2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.refusals import Refusal
from domain.text import _, clean, line
from loop.setup_views import UserRow
from tui.screens.picker import Option
from tui.screens.settings.listing import ListPane
from tui.screens.settings.pane import Keys
from tui.screens.settings.people import level_name
from tui.screens.settings.rows import Item, blank, cells, heading, told
from tui.theme import suited
from tui.widgets.flash import Tone
from tui.widgets.form import Field, Kind, said
from tui.widgets.ticket.spans import Line

MOST_LINES = 4
"""Of a signature that are in sight."""


@dataclass(frozen=True)
class Mine:
    """What is shown."""

    me: UserRow
    sender_name: str
    signature: str
    prefs: Mapping[str, Any]
    by_mail: tuple[str, ...]
    """Kinds of notifications that come by e-mail, too."""
    kinds: tuple[str, ...]


def kind_name(kind: str) -> str:
    """What one is told of, in words."""
    return {
        "mention": _("somebody mentions me"),
        "assigned": _("a ticket becomes mine"),
        "reply": _("a customer replies"),
        "due soon": _("a ticket is due soon"),
        "overdue": _("a ticket is overdue"),
        "mail failed": _("a mail failed"),
        "bounce": _("an address does not take mail"),
        "follower": _("I was made a follower"),
    }.get(kind, kind)


class MinePane(ListPane):
    """See the module. Keys of lines are ids of fields."""

    def fetch(self) -> Any:
        from loop import people
        from loop.notification_mail import wishes
        from loop.notifications import KINDS

        desk, actor = self.app.desk, self.app.actor
        chosen = people.prefs(desk, actor=actor)
        by_mail = tuple(kind for kind in KINDS if wishes(chosen, kind))
        return Mine(people.me(desk, actor=actor), *people.signature(desk, actor=actor), chosen, by_mail, KINDS)

    def keys(self) -> Keys:
        return (("Enter", _("change")), ("/", _("find")))

    def items(self) -> Iterable[Item]:
        mine: Mine = self.data
        yield heading(_("Me"), level_name(mine.me.level))
        yield self._item("name")
        yield self._item("email")
        flows = ", ".join(f"{flow} ({level_name(role)})" for flow, role in mine.me.flows)
        none = _("all") if self.app.actor.is_owner else _("none yet: an administrator adds me")
        yield Item(None, lambda width: _line(_("Flows"), flows or none, width, "past"))
        yield blank()
        yield heading(_("My letters"))
        yield self._item("sender_name")
        yield self._item("signature")
        lines = [text for text in clean(mine.signature).split("\n") if text.strip()]
        for text in lines[1:MOST_LINES]:
            yield Item(None, lambda width, text=text: _line("", text, width), below=True)
        if len(lines) > MOST_LINES:
            yield Item(None, told("…", 26).build, below=True)
        yield blank()
        yield heading(_("My screen"))
        yield self._item("theme")
        yield self._item("columns")
        yield blank()
        yield heading(_("By e-mail, too"))
        yield self._item("notify")
        if not mine.me.email:
            yield told(_("Without an e-mail address above, nothing is sent."))

    def field(self, id: str) -> Field:
        """The field of that id, as it is now."""
        mine: Mine = self.data
        if id == "name":
            return Field(id, _("Name"), Kind.TEXT, mine.me.name, limit=120, about=_("As colleagues read it."))
        if id == "email":
            about = _("Where my notifications go; customers never see it.")
            return Field(id, _("E-mail"), Kind.TEXT, mine.me.email, limit=254, about=about)
        if id == "sender_name":
            about = _("What customers see as the sender; the address is the account's.")
            return Field(id, _("Sender's name"), Kind.TEXT, mine.sender_name, limit=120, about=about)
        if id == "signature":
            about = _("Below each of my letters.")
            return Field(id, _("Signature"), Kind.LINES, mine.signature, about=about, rows=6)
        if id == "theme":
            names = sorted(self.app.available_themes, key=lambda n: (not n.startswith("retorno"), n))
            options = (Option("", _("as the terminal allows")), *(Option(n, n) for n in names))
            return Field(id, _("Colours"), Kind.CHOICE, str(mine.prefs.get("theme") or ""), options)
        if id == "columns":
            from tui.widgets.queue_columns import choices, wished

            options = tuple(Option(id, title) for id, title in choices().items())
            now = mine.prefs.get("columns")
            chosen = wished(map(str, now)) if isinstance(now, list) else ()
            about = _("None chosen leaves it to the width; where there is no room, the last ones give way.")
            return Field(id, _("Columns of the list"), Kind.MANY, chosen, options, about=about, ordered=True)
        options = tuple(Option(kind, kind_name(kind)) for kind in mine.kinds)
        return Field("notify", _("When"), Kind.MANY, mine.by_mail, options)

    def open(self) -> None:
        if self.current is None:
            return
        field = self.field(self.current)

        def save(given: dict[str, Any]) -> Any:
            return self._save(field.id, given[field.id])

        def done(saved: Any, given: dict[str, Any]) -> None:
            if field.id == "theme":
                theme = given["theme"]
                self.app.theme = theme or suited(self.app.no_color, self.app.console.color_system)
            self.say(_("Saved."), Tone.DONE)

        self.fill_in(field.label, (field,), save, done)

    def _save(self, id: str, value: Any) -> Any:
        from loop import people

        desk, actor, mine = self.app.desk, self.app.actor, self.data
        if id in ("name", "email"):
            saved: Refusal | Any = people.change_user(desk, actor.login, actor=actor, **{id: value})
            return saved
        if id == "sender_name":
            return people.set_signature(desk, value, mine.signature, actor=actor)
        if id == "signature":
            return people.set_signature(desk, mine.sender_name, value, actor=actor)
        if id == "notify":
            return people.set_prefs(desk, {"notify": {kind: kind in value for kind in mine.kinds}}, actor=actor)
        return people.set_prefs(desk, {id: (list(value) if id == "columns" else value) or None}, actor=actor)

    def _item(self, id: str) -> Item:
        field = self.field(id)
        if field.kind is Kind.LINES:
            value = next((line(text) for text in clean(str(field.value)).split("\n") if text.strip()), "—")
        elif id == "columns" and not field.value:
            value = _("as the width allows")
        elif id == "notify" and not field.value:
            value = _("nothing")
        else:
            value = said(field, field.value)
        return Item(id, lambda width: _line(field.label, value, width), f"{field.label} {value}")


def _line(label: str, value: str, width: int, role: str = "text") -> Line:
    return Line(tuple(cells(width, (label, 24, "past"), (value, 0, role))))

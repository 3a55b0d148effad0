"""Categories with their subcategories, and tags: what tickets are sorted by (T5, A3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import Binding

from domain.refusals import Refusal
from domain.rights import may_manage
from domain.text import _, fold, line, ngettext
from loop.setup_views import CategoryRow, TagRow
from tui.screens.settings.listing import ListPane
from tui.screens.settings.pane import Keys
from tui.screens.settings.rows import Item, blank, cells, heading, told
from tui.widgets.flash import Tone
from tui.widgets.form import Field, Kind
from tui.widgets.ticket.spans import Line


class LabelsPane(ListPane):
    """See the module. Keys of lines are ("category", id) and ("tag", id)."""

    BINDINGS: ClassVar = [
        Binding("o", "add", show=False),
        Binding("O", "add_below", show=False),
        Binding("d,delete", "remove", show=False),
        Binding("J,shift+down", "move(1)", show=False),
        Binding("K,shift+up", "move(-1)", show=False),
    ]

    def fetch(self) -> Any:
        from loop import labels

        desk, actor = self.app.desk, self.app.actor
        return labels.categories(desk, actor=actor), labels.tags(desk, actor=actor)

    def refusal(self) -> Refusal | None:
        return may_manage(self.app.actor)

    @property
    def categories(self) -> tuple[CategoryRow, ...]:
        """All, each before its subcategories."""
        return self.data[0] if self.data else ()

    @property
    def tags(self) -> tuple[TagRow, ...]:
        """All tags."""
        return self.data[1] if self.data else ()

    @property
    def category(self) -> CategoryRow | None:
        """The category under the cursor."""
        kind, id = self.current or ("", None)
        return next((c for c in self.categories if kind == "category" and c.id == id), None)

    @property
    def tag(self) -> TagRow | None:
        """The tag under the cursor."""
        kind, id = self.current or ("", None)
        return next((t for t in self.tags if kind == "tag" and t.id == id), None)

    def items(self) -> Iterable[Item]:
        self.count = sum(not c.retired for c in self.categories) + len(self.tags)
        may = self.refusal() is None
        names = {c.id: c.name for c in self.categories}
        yield heading(_("Categories"), str(len(self.categories) or ""))
        if not self.categories:
            yield told(_("None yet. o adds one, O a subcategory below it.") if may else _("None yet."))
        for category in self.categories:
            yield Item(
                ("category", category.id),
                lambda width, category=category: _category_line(category, width),
                " ".join((names.get(category.parent or 0, ""), category.name, *category.words)),
            )
        yield blank()
        yield heading(_("Tags"), str(len(self.tags) or ""))
        if not self.tags:
            yield told(_("None yet. A tag is made where it is first put on a ticket: t there."))
        for tag in self.tags:
            yield Item(("tag", tag.id), lambda width, tag=tag: _tag_line(tag, width), tag.name)

    def keys(self) -> Keys:
        if self.refusal() is not None:
            return (("Enter", _("look")), ("/", _("find")))
        if self.tag is not None:
            return (("Enter", _("rename or merge")), ("d", _("remove")), ("o", _("add a category")), ("/", _("find")))
        category = self.category
        gone = category is not None and category.retired
        return (
            ("Enter", _("edit")),
            ("o", _("add")),
            ("O", _("add below")),
            ("d", _("offer again") if gone else _("retire")),
            ("J K", _("order")),
            ("/", _("find")),
        )

    # Changing

    def action_add(self) -> None:
        """Add a category; among subcategories, one of them."""
        category = self.category
        self._add(category.parent if category is not None else None)

    def action_add_below(self) -> None:
        """Add a subcategory of the category under the cursor."""
        category = self.category
        if category is None:
            if self.may():
                self.say(_("Put the cursor on the category that it is to be below."), Tone.REFUSED)
            return
        self._add(category.parent if category.parent is not None else category.id)

    def _add(self, parent: int | None) -> None:
        if not self.may():
            return
        above = next((c.name for c in self.categories if c.id == parent), "")
        title = _("Add below {name}").format(name=line(above)) if parent is not None else _("Add a category")
        fields = (Field("name", _("Name"), Kind.TEXT, "", needed=True, limit=60), _words_field(()))

        def save(given: dict[str, Any]) -> Any:
            from loop import labels

            words = _words(given["words"])
            return labels.create_category(self.app.desk, given["name"], parent, words=words, actor=self.app.actor)

        def done(saved: Any, given: dict[str, Any]) -> None:
            self.rows.to(("category", saved.id))
            self.say(_("Added."), Tone.DONE)

        self.fill_in(title, fields, save, done)

    def open(self) -> None:
        if self.category is not None:
            self._edit(self.category)
        elif self.tag is not None:
            self._rename(self.tag)

    def _edit(self, category: CategoryRow) -> None:
        why = str(self.refusal() or "")
        fields = (
            Field("name", _("Name"), Kind.TEXT, category.name, needed=True, limit=60, why_not=why),
            _words_field(category.words, why),
        )

        def save(given: dict[str, Any]) -> Any:
            from loop import labels

            changes = {"name": given["name"], "words": _words(given["words"])}
            return labels.change_category(self.app.desk, category.id, changes, actor=self.app.actor)

        self.fill_in(line(category.name), fields, save, lambda saved, given: self.say(_("Saved."), Tone.DONE))

    def _rename(self, tag: TagRow) -> None:
        why = str(self.refusal() or "")
        about = _("The name of another tag makes the two one, which asks first.")
        fields = (Field("name", _("Name"), Kind.TEXT, tag.name, needed=True, limit=60, about=about, why_not=why),)

        def call(name: str) -> Any:
            from loop import labels

            return labels.rename_tag(self.app.desk, tag.id, name, actor=self.app.actor)

        def filled(given: dict[str, Any] | None) -> None:
            if given is None or given["name"] == tag.name:
                return
            name = given["name"]
            other = next((t for t in self.tags if t.id != tag.id and fold(t.name) == fold(name)), None)
            if other is None:
                self.do(lambda: call(name), lambda saved: _("Renamed."))
                return
            question = _("Merge {tag} into {other}?").format(tag=line(tag.name), other=line(other.name))
            about = _("Each ticket with {tag} has {other} instead. This cannot be undone.").format(
                tag=line(tag.name), other=line(other.name)
            )
            self.ask(question, _("merge"), about, lambda: call(name), lambda saved: _("Merged."))

        from tui.screens.forming import FormScreen

        self.ask_over(FormScreen(line(tag.name), fields), filled)

    def action_remove(self) -> None:
        """Retire a category or offer it again; remove a tag. Asks."""
        if not self.may():
            return
        if self.tag is not None:
            self._remove_tag(self.tag)
        elif self.category is not None:
            self._retire(self.category)

    def _retire(self, category: CategoryRow) -> None:
        def call() -> Any:
            from loop import labels

            return labels.retire_category(self.app.desk, category.id, actor=self.app.actor, on=not category.retired)

        name = line(category.name)
        if category.retired:
            self.do(call, lambda saved: _("{name} is offered again.").format(name=name))
            return
        below = sum(c.parent == category.id and not c.retired for c in self.categories)
        about = _("It is offered no more; the tickets that have it keep it.")
        if below:
            goes = ngettext("Its subcategory goes with it.", "Its {n} subcategories go with it.", below)
            about += " " + goes.format(n=below)
        question = _("Retire the category {name}?").format(name=name)
        self.ask(question, _("retire"), about, call, lambda saved: _("{name} is retired.").format(name=name))

    def _remove_tag(self, tag: TagRow) -> None:
        def call() -> Any:
            from loop import labels

            return labels.remove_tag(self.app.desk, tag.id, actor=self.app.actor)

        n = tag.tickets
        about = ngettext("It is taken off {n} ticket.", "It is taken off {n} tickets.", n).format(n=n)
        question = _("Remove the tag {name}?").format(name=line(tag.name))
        self.ask(question, _("remove"), about, call, lambda saved: _("{name} is gone.").format(name=line(tag.name)))

    def action_move(self, by: int) -> None:
        """Move a category among its neighbours."""
        category = self.category
        if category is None or not self.may():
            return
        beside = [c.id for c in self.categories if c.parent == category.parent]
        place = beside.index(category.id) + by
        if not 0 <= place < len(beside):
            return

        def call() -> Any:
            from loop import labels

            return labels.change_category(self.app.desk, category.id, {"position": place + 1}, actor=self.app.actor)

        self.write(call, lambda saved: self.reread(lambda: None))


def _words_field(words: Iterable[str], why: str = "") -> Field:
    about = _("Words and expressions of a comment, one a line, by which the autopilot knows it.")
    return Field("words", _("Words"), Kind.LINES, "\n".join(words), about=about, why_not=why, rows=6)


def _words(text: str) -> list[str]:
    return [word for word in (line(w) for w in text.split("\n")) if word]


def _category_line(category: CategoryRow, width: int) -> Line:
    quiet = category.retired
    role = "past" if quiet else "text" if category.parent is not None else "bright"
    name = [("  └ " if category.parent is not None else "", "past"), (line(category.name), role)]
    said = _("retired") if quiet else ", ".join(category.words)
    return Line(tuple(cells(width, (name, 30, ""), (said, 0, "past"), (str(category.tickets or "—"), -7, "past"))))


def _tag_line(tag: TagRow, width: int) -> Line:
    return Line(tuple(cells(width, (tag.name, 0, "text"), (str(tag.tickets or "—"), -7, "past"))))

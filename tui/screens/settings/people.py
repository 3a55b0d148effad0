"""People and teams: who works here, at what level, with what in hand (P1, P2, P4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import Binding

from domain.people import Level
from domain.refusals import Refusal
from domain.rights import may_grant, may_manage
from domain.text import _, line, natural, ngettext
from loop.setup_views import Saved, TeamRow, UserRow
from tui.screens.picker import Option
from tui.screens.settings.listing import ListPane
from tui.screens.settings.pane import Keys
from tui.screens.settings.rows import Item, blank, cells, column_titles, heading
from tui.widgets.flash import Tone
from tui.widgets.form import Field, Kind
from tui.widgets.ticket.spans import Line

WIDE = 84
"""From so many cells on, teams and flows stand beside each person."""
_IDLE = (Level.NONE.value, Level.ANALYST.value)
"""Levels that work no tickets."""


def level_name(level: str) -> str:
    """A level in words."""
    return {
        "none": _("no level"),
        "agent": _("agent"),
        "analyst": _("analyst"),
        "administrator": _("administrator"),
        "owner": _("owner"),
    }.get(level, level)


class PeoplePane(ListPane):
    """See the module. Keys of lines are ("user", login) and ("team", id)."""

    BINDINGS: ClassVar = [
        Binding("o", "add", show=False),
        Binding("O", "add_team", show=False),
        Binding("d,delete", "remove", show=False),
    ]

    # Reading

    def fetch(self) -> Any:
        from loop import people, teams

        desk, actor = self.app.desk, self.app.actor
        return people.people(desk, actor=actor, inactive=True), teams.teams(desk, actor=actor)

    @property
    def users(self) -> tuple[UserRow, ...]:
        """Everybody, those who left last."""
        found = self.data[0] if self.data else ()
        return tuple(sorted(found, key=lambda u: (not u.active, natural(u.login))))

    @property
    def teams(self) -> tuple[TeamRow, ...]:
        """All teams."""
        return self.data[1] if self.data else ()

    @property
    def user(self) -> UserRow | None:
        """The person under the cursor."""
        kind, id = self.current or ("", None)
        return next((u for u in self.users if kind == "user" and u.login == id), None)

    @property
    def team(self) -> TeamRow | None:
        """The team under the cursor."""
        kind, id = self.current or ("", None)
        return next((t for t in self.teams if kind == "team" and t.id == id), None)

    def items(self) -> Iterable[Item]:
        active = sum(u.active for u in self.users)
        self.count = active
        yield Item(None, _titles)
        for user in self.users:
            yield Item(
                ("user", user.login),
                lambda width, user=user: _user_line(user, width),
                " ".join((user.login, user.name, user.email, level_name(user.level), *user.teams)),
            )
        yield blank()
        yield heading(_("Teams"), str(len(self.teams)) if self.teams else "")
        if not self.teams:
            said = _("None yet. A team is added to a flow as one: O makes the first.")
            if self.refusal():
                said = _("None yet.")
            yield Item(None, lambda width: Line(((" " + said, "past"),)))
            return
        yield column_titles((_("Name"), 24), (_("Members"), 0))
        for team in self.teams:
            yield Item(
                ("team", team.id),
                lambda width, team=team: _team_line(team, width),
                " ".join((team.name, *team.members)),
            )

    def refusal(self) -> Refusal | None:
        return may_manage(self.app.actor)

    def keys(self) -> Keys:
        if self.team is not None:
            if self.refusal() is not None:
                return (("Enter", _("look")), ("/", _("find")))
            return (("Enter", _("edit")), ("o", _("add a team")), ("d", _("remove")), ("/", _("find")))
        user, own = self.user, self.user is not None and self.user.login == self.app.actor.login
        if may_grant(self.app.actor) is not None:
            keys = [("Enter", _("edit") if own else _("look")), ("O", _("add a team")), ("/", _("find"))]
            return tuple(keys) if self.refusal() is None else (keys[0], keys[2])
        gone = user is not None and not user.active
        return (
            ("Enter", _("edit")),
            ("o", _("add somebody")),
            ("O", _("add a team")),
            ("d", _("let in again") if gone else _("deactivate")),
            ("/", _("find")),
        )

    # Changing

    def open(self) -> None:
        if self.user is not None:
            self._edit_user(self.user)
        elif self.team is not None:
            self._edit_team(self.team)

    def action_add(self) -> None:
        """Add what the cursor is among."""
        if self.team is not None:
            self.action_add_team()
            return
        why = may_grant(self.app.actor)
        if why is not None:
            self.say(str(why), Tone.REFUSED)
            return
        fields = (
            Field("login", _("Login"), Kind.TEXT, "", needed=True, limit=64, about=_LOGIN()),
            Field("name", _("Name"), Kind.TEXT, "", limit=120, about=_("As colleagues read it.")),
            Field("email", _("E-mail"), Kind.TEXT, "", limit=254, about=_("Where notifications go.")),
            Field("level", _("Level"), Kind.CHOICE, Level.AGENT.value, _levels(), about=_LEVEL()),
        )

        def save(given: dict[str, Any]) -> Any:
            from loop import people

            level = Level(given["level"])
            return people.add_user(
                self.app.desk, given["login"], given["name"], given["email"], level, actor=self.app.actor
            )

        def done(id: int, given: dict[str, Any]) -> None:
            self.rows.to(("user", given["login"]))
            self.say(
                _("{login} is in. A flow's editor says which tickets they see.").format(login=given["login"]), Tone.DONE
            )

        self.fill_in(_("Add somebody"), fields, save, done)

    def _edit_user(self, user: UserRow) -> None:
        actor = self.app.actor
        level_why = str(may_grant(actor) or "")
        own_why = "" if not level_why or user.login == actor.login else level_why
        flows = ", ".join(f"{flow} ({level_name(role)})" for flow, role in user.flows)
        fields = (
            Field("login", _("Login"), Kind.TEXT, user.login, why_not=_("A login stays: the timeline names it.")),
            Field("name", _("Name"), Kind.TEXT, user.name, limit=120, why_not=own_why),
            Field("email", _("E-mail"), Kind.TEXT, user.email, limit=254, why_not=own_why),
            Field("level", _("Level"), Kind.CHOICE, user.level, _levels(), about=_LEVEL(), why_not=level_why),
            Field(
                "teams",
                _("Teams"),
                Kind.TEXT,
                ", ".join(user.teams) or "—",
                why_not=_("Enter on a team says who is in it."),
            ),
            Field("flows", _("Flows"), Kind.TEXT, flows or "—", why_not=_("The editor of a flow says who is in it.")),
        )

        def save(given: dict[str, Any]) -> Any:
            from loop import people

            new = {k: given[k] for k in ("name", "email", "level") if given[k] != getattr(user, k)}
            return people.change_user(self.app.desk, user.login, actor=actor, **new)

        warned: list[str] = []

        def check(given: dict[str, Any]) -> str:
            """Who cannot work any more hands over what is theirs: said before it is done."""
            level = given["level"]
            if level in (user.level, *warned) or level not in _IDLE or user.level in _IDLE or not user.open_tickets:
                return ""
            warned.append(level)
            leave = _("{tickets} of {login} go to each flow's default assignee, else to nobody; F5 once more saves.")
            return leave.format(tickets=_open(user.open_tickets), login=user.login)

        self.fill_in(user.login, fields, save, lambda saved, given: self.say(_("Saved."), Tone.DONE), check)

    def action_add_team(self) -> None:
        """Make a team."""
        if self.may():
            self._team_form(_("Add a team"), None)

    def _edit_team(self, team: TeamRow) -> None:
        self._team_form(team.name, team)

    def _team_form(self, title: str, team: TeamRow | None) -> None:
        why = str(self.refusal() or "")
        in_it = team.members if team else ()
        # Who left may still be a member; who has no level cannot become one (P1).
        options = tuple(
            Option(u.login, u.login, u.name)
            for u in self.users
            if u.login in in_it or (u.active and u.level != Level.NONE)
        )
        fields = [
            Field("name", _("Name"), Kind.TEXT, team.name if team else "", needed=True, limit=80, why_not=why),
            Field("members", _("Members"), Kind.MANY, in_it, options, about=_TEAM(), why_not=why),
        ]
        if team:
            flows = ", ".join(f"{flow} ({level_name(role)})" for flow, role in team.flows)
            told = _("The editor of a flow says which teams are in it.")
            fields.append(Field("flows", _("Flows"), Kind.TEXT, flows or "—", why_not=told))

        def save(given: dict[str, Any]) -> Any:
            from loop import teams

            desk, actor = self.app.desk, self.app.actor
            if team is None:
                return teams.create(desk, given["name"], given["members"], actor=actor)
            return teams.change(desk, team.id, name=given["name"], members=given["members"], actor=actor)

        self.fill_in(title, fields, save, lambda saved, given: self.say(_("Saved."), Tone.DONE))

    def action_remove(self) -> None:
        """Shut a person out, or let them in again; remove a team. Asks."""
        if self.team is not None:
            self._remove_team(self.team)
            return
        user = self.user
        if user is None:
            return
        why = may_grant(self.app.actor)
        if why is not None:
            self.say(str(why), Tone.REFUSED)
        elif not user.active:
            self._activate(user)
        elif user.open_tickets:
            self._ask_successor(user)
        else:
            self._ask_deactivate(user, None)

    def _activate(self, user: UserRow) -> None:
        def call() -> Any:
            from loop import people

            return people.activate(self.app.desk, user.login, actor=self.app.actor)

        self.do(call, lambda saved: _("{login} is in again.").format(login=user.login))

    def _ask_successor(self, user: UserRow) -> None:
        from tui.screens.picker import Picker

        options = [
            Option(("user", u.login), u.login, f"{line(u.name)} · {_open(u.open_tickets)}")
            for u in self.users
            if u.active and u.login != user.login and u.level not in (Level.NONE, Level.ANALYST)
        ]
        options.append(Option(("nobody", ""), _("nobody"), _("each flow's default assignee, else unassigned")))
        n = user.open_tickets
        title = ngettext("Who takes the open ticket of {login}?", "Who takes the {n} open tickets of {login}?", n)

        def chosen(answer: tuple[str, str] | None) -> None:
            if answer is not None:
                self._ask_deactivate(user, answer[1] or None)

        self.ask_over(Picker(title.format(n=n, login=line(user.login)), options), chosen)

    def _ask_deactivate(self, user: UserRow, successor: str | None) -> None:
        about = _("Nothing of theirs is deleted, and d lets them in again.")
        if user.open_tickets:
            who = successor or _("each flow's default assignee, else nobody")
            about = _open(user.open_tickets) + " → " + who + ". " + about

        def call() -> Any:
            from loop import people

            return people.deactivate(self.app.desk, user.login, successor=successor, actor=self.app.actor)

        def done(saved: Saved) -> str:
            more = "".join(f" · {d.field} {d.new}" for d in saved.changes if d.field and d.new and not d.old)
            return _("{login} is out.").format(login=user.login) + more

        question = _("Deactivate {login} ({name})?").format(login=user.login, name=line(user.name))
        self.ask(question, _("deactivate"), about, call, done)

    def _remove_team(self, team: TeamRow) -> None:
        if not self.may():
            return

        def call() -> Any:
            from loop import teams

            return teams.remove(self.app.desk, team.id, actor=self.app.actor)

        n = len(team.members)
        about = ngettext("Its member stays, as does their work.", "Its {n} members stay, as does their work.", n)
        question = _("Remove the team {name}?").format(name=team.name)
        gone = _("The team {name} is gone.").format(name=team.name)
        self.ask(question, _("remove"), about.format(n=n) if n else "", call, lambda saved: gone)


def _LOGIN() -> str:
    return _("One word; it is what @ mentions, and it stays.")


def _LEVEL() -> str:
    return _("Administrators shape flows, analysts read, agents work tickets; without a level nobody is in a flow.")


def _TEAM() -> str:
    return _("A flow that has the team has all of them.")


def _levels() -> tuple[Option, ...]:
    return tuple(Option(level.value, level_name(level.value)) for level in Level)


def _open(n: int) -> str:
    return ngettext("{n} open ticket", "{n} open tickets", n).format(n=n)


def _titles(width: int) -> Line:
    columns = [(_("Login"), 13), (_("Name"), 0), (_("Level"), 14)]
    if width >= WIDE:
        columns.append((_("Teams"), 22))
    return Line(tuple(cells(width, *((title, n, "past") for title, n in columns), (_("Open"), -8, "past"))))


def _user_line(user: UserRow, width: int) -> Line:
    quiet = not user.active
    level = level_name(user.level) if user.active else _("inactive")
    columns = [
        (user.login, 13, "past" if quiet else "bright"),
        (user.name, 0, "past" if quiet else "text"),
        (level, 14, "past" if quiet or user.level == Level.NONE else "text"),
    ]
    if width >= WIDE:
        columns.append((", ".join(user.teams), 22, "past"))
    return Line(tuple(cells(width, *columns, (str(user.open_tickets or "—"), -8, "past" if quiet else "text"))))


def _team_line(team: TeamRow, width: int) -> Line:
    members = ", ".join(team.members) or _("nobody yet")
    return Line(tuple(cells(width, (team.name, 24, "bright"), (members, 0, "text" if team.members else "past"))))

"""The people and teams of a flow with their roles, in rows that wrap (P2)."""

from collections.abc import Mapping

from domain.people import Role
from domain.plan_words import role_word
from domain.plans import FlowPlan, MemberPlan
from domain.text import _, line, ngettext
from tui.widgets.flow.spots import Drawing, Id, Spot, on, title
from tui.widgets.ticket.spans import Line, Span, cells_of, fit, plain

NOBODY: Id = ("member", -1)
"""The place where the first member is added."""


def roles_name(role: Role) -> str:
    """The role of several people."""
    return {Role.ANALYST: _("analysts"), Role.AGENT: _("agents"), Role.ADMINISTRATOR: _("administrators")}[role]


def member_words(member: MemberPlan, size: int | None) -> str:
    """What stands behind a member's name; `size` is how many the team has, if that is known."""
    if not member.team:
        return role_word(member.role)
    if size is None:
        return _("team, {roles}").format(roles=roles_name(member.role))
    words = ngettext("team of {n}, {roles}", "team of {n}, {roles}", size)
    return words.format(n=size, roles=roles_name(member.role))


def draw_members(plan: FlowPlan, teams: Mapping[str, int], here: Id, width: int) -> Drawing:
    """The part “Members”. `teams`: how many people each team has."""
    lines = [title(_("Members"))]
    spots: list[Spot] = []
    if not plan.members:
        at = here == NOBODY
        words: list[Span] = [
            ("▌" if at else " ", "accent"),
            (" " + _("Nobody yet: o adds somebody, or a team."), "past"),
        ]
        lines.append(Line((("  ", "text"), *on("on_cursor" if at else "", *words))))
        return Drawing(tuple(lines), (Spot(NOBODY, 1, 2, width - 2),))
    row: list[Span] = [("  ", "text")]
    used = 2
    for index, member in enumerate(plan.members):
        at = here == ("member", index)
        words_ = member_words(member, teams.get(member.name))
        name = fit(plain(line(member.name)) or "—", max(8, width - 6 - cells_of(words_)))
        cells = 1 + cells_of(name) + 1 + cells_of(words_) + 1
        if used > 2 and used + cells > width:
            lines.append(Line(tuple(row)))
            row, used = [("  ", "text")], 2
        spans: list[Span] = [
            ("▌" if at else " ", "accent"),
            (name, "bright" if at else "text"),
            (f" {words_} ", "past"),
        ]
        spots.append(Spot(("member", index), len(lines), used, cells))
        row += [*on("on_cursor" if at else "", *spans), (" ", "text")]
        used += cells + 1
    lines.append(Line(tuple(row)))
    return Drawing(tuple(lines), tuple(spots))

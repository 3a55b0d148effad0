"""`retorno ticket N`: one ticket whole, for people and scripts (T1, T8, T9)."""

import argparse

from cli import output, shapes
from cli.commands.tickets import GLYPHS
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.ages import age, until
from domain.flows import Binding
from domain.refusals import Refusal
from domain.text import _, clean, line
from domain.words import named
from loop import reading
from loop.views import Activity, Entry, TicketView

ALL = 1_000_000
SIGNS = {"mail in": "←", "suspect mail": "←?", "automatic mail": "←", "bounce": "↩", "mail out": "→", "note": "✎"}


def run(asked: argparse.Namespace) -> int:
    """Show the ticket, its timeline's newest entries last."""
    with desk_for(asked) as (desk, actor):
        view = reading.ticket(desk, asked.number, actor=actor, entries=asked.entries or ALL)
        if isinstance(view, Refusal):
            raise CommandTrouble(str(view))
        if asked.json:
            output.say_json(shapes.ticket_whole(view, view.entries))
        else:
            for said in _whole(view, desk.now()):
                output.write(said + "\n")
    return Exit.DONE


def _whole(view: TicketView, now: int) -> list[str]:
    return _head(view, now) + _checklists(view, now) + _activities(view, now) + _timeline(view, now)


def _head(view: TicketView, now: int) -> list[str]:
    row = view.row
    glyph, colour = GLYPHS[row.health] if row.health else ("", "")
    score = output.paint(f"{glyph}{'' if row.score is None else row.score}", colour)
    address = f"<{line(row.email)}>" if row.email else _("(no e-mail)")
    facts = [
        named(row.priority.word),
        _("due {when}").format(when=until(row.due, now)),
        view.assignee_name or row.assignee or _("nobody"),
    ]
    phases = " ─ ".join(f"[{line(p.name)}]" if p.id == view.phase_id else line(p.name) for p in view.flow.phases)
    out = [
        output.paint(f"#{row.number} {line(row.subject)}", "bright"),
        f"{score} {line(row.customer)} {address} · {line(row.survey)}".strip(),
        f"{' · '.join(map(line, facts))}    {line(view.flow.name)}: {phases}",
    ]
    if view.answer and view.answer.comment:
        out += ["", *(f"  {part}" for part in clean(view.answer.comment).splitlines())]
    if view.description and (not view.answer or view.description != view.answer.comment):
        out += ["", *(f"  {part}" for part in clean(view.description).splitlines())]
    if view.merged_into is not None:
        out += ["", _("Merged into #{number}").format(number=view.merged_into)]
    if view.resolution:
        out += ["", _("Closed: {what}").format(what=line(view.resolution))]
    return out + _labels(view)


def _labels(view: TicketView) -> list[str]:
    """Tags, categories, followers and the customer's other tickets, a line each where there are any."""
    others = [f"#{row.number} {line(row.phase)}" for row in view.others]
    kinds = (
        (_("Tags: {names}"), view.tags),
        (_("Categories: {names}"), view.categories),
        (_("Followers: {names}"), view.followers),
        (_("Other tickets: {names}"), others),
    )
    found = [said.format(names=", ".join(map(line, names))) for said, names in kinds if names]
    return ["", *found] if found else []


def _activities(view: TicketView, now: int) -> list[str]:
    if not view.activities:
        return []
    title = output.paint(_("Activities"), "bright")
    return ["", title, *(f"  {activity_line(one, now)}" for one in view.activities)]


def activity_line(one: Activity, now: int) -> str:
    """An activity on one line (T7)."""
    parts = [line(one.name), line(one.type), line(one.category), line(one.responsible)]
    done = "" if one.done is None else output.paint(f"  {age(one.done, now)}", "past")
    return f"[{' ' if one.done is None else 'x'}] {' · '.join(part for part in parts if part)}{done}"


def _checklists(view: TicketView, now: int) -> list[str]:
    ticks = {tick.item: tick for tick in view.ticks}
    out = []
    for phase in view.flow.phases:
        if not phase.items:
            continue
        must = _(" (mandatory)") if phase.binding is Binding.MANDATORY else ""
        out += ["", output.paint(f"{line(phase.name)}{must}", "bright")]
        for item in phase.items:
            tick = ticks.get(item.id)
            who = f"  {line(tick.by)} {age(tick.at, now)}" if tick else ""
            out.append(f"  [{'x' if tick else ' '}] {line(item.text)}{output.paint(who, 'past')}")
    return out


def _timeline(view: TicketView, now: int) -> list[str]:
    title = _("Timeline ({shown} of {total})").format(shown=len(view.entries), total=view.entries_total)
    out = ["", output.paint(title, "bright")]
    for entry in view.entries:
        out += _entry(entry, now)
    return out


def _change(entry: Entry) -> str:
    """What an event changed, in a few words."""
    data = entry.data
    if entry.kind == "due":
        return " → ".join((shapes.moment(data.get(key)) or "—") for key in ("old", "new"))
    if entry.kind in ("tags", "categories"):
        names = [f"+{name}" for name in data.get("added", ())] + [f"−{name}" for name in data.get("removed", ())]
        return line(", ".join(names))
    if entry.kind in ("merged", "took in", "unmerged"):
        return f"#{data.get('into', data.get('number', '?'))}"
    if entry.kind == "customer":
        return line(", ".join(map(str, data.get("fields", ()))))
    said = named if entry.kind == "priority" else lambda value: line(value, 80)
    return " → ".join(said(str(data[key])) or "—" for key in ("old", "new") if key in data)


def _entry(entry: Entry, now: int) -> list[str]:
    change = _change(entry)
    parts = [SIGNS.get(entry.kind, "◆"), line(entry.who), "" if entry.kind in SIGNS else named(entry.kind)]
    parts += [
        change,
        line(str(entry.data.get("text", ""))),
        line(entry.subject),
        named(entry.state),
        line(entry.answer, 120),
    ]
    out = [f"{age(entry.at, now):>5}  {' '.join(part for part in parts if part)}"]
    out += [f"       {part}" for part in clean(entry.text).strip().splitlines()]
    if entry.folded:
        lines = sum(len(block.splitlines()) for block in entry.folded)
        out.append(f"       {output.paint(_('▸ {n} quoted lines').format(n=lines), 'past')}")
    out += [f"       {_('file')} {a.id}: {line(a.name)} ({line(a.type)}, {a.size} B)" for a in entry.attachments]
    return out

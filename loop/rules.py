"""Rule sets of the autopilot: listed, saved, switched on and off, put in order (A1). An administrator's or the owner's work.

A set is changed only while it is off; switching it on asks whether anything is missing. Who may not see a set's flows is not
told of it: not by a list, a name, a number or a place (P3).
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from domain.people import Actor, ActorKind
from domain.refusals import Refusal, refuse
from domain.rights import may_manage, scope
from domain.rule_differences import changed_values, differences, values, with_values
from domain.rule_sentence import sentence
from domain.rule_shape import NAME, SETS, oversized, tidy
from domain.rules import RuleSet
from domain.text import _, fold, line
from loop.audit import differences as plain_differences
from loop.audit import note
from loop.desk import Desk
from loop.flow_plans import decoded
from loop.rule_plans import Names, Reach, may_change, may_see, plan_of, reach, read_names, stored, write
from loop.rule_views import RuleSetLine, Switched
from loop.setup_views import Conflict, Saved
from loop.shaping import standing
from loop.sight import of_hits
from storage.tables import RuleSetRow

if TYPE_CHECKING:
    from domain.rule_checks import Blank

TARGET = "rule set"
"""As the audit calls them."""
_SELECT = "SELECT id, name, position, active, conditions, actions, version, off_since FROM rule_sets"


def rule_sets(desk: Desk, *, actor: Actor) -> tuple[RuleSetLine, ...]:
    """The sets in the actor's sight, in the order in which they run; nothing for who is no administrator."""
    found = _visible(desk.db.rows, actor)
    if not found:
        return ()
    from loop.autopilot import waiting
    from loop.rule_blanks import around, blanks
    from loop.rule_mail import held

    rows, of = desk.db.rows, around(desk, actor=actor)
    touched = _touched(rows, actor, [plan.id or 0 for plan, __, __ in found])
    lines = []
    for place, (plan, reaching, off_since) in enumerate(found, start=1):
        id, why = plan.id or 0, may_change(actor, reaching)
        count, last = touched.get(id, (0, None))
        lines.append(
            RuleSetLine(
                id=id,
                name=plan.name,
                position=place,
                active=plan.active,
                sentence=sentence(plan),
                last_run=last,
                touched=count,
                waiting=0 if plan.active or off_since is None or why else waiting(rows, id),
                blanks=tuple(blank.sentence for blank in blanks(of, plan)),
                held=0 if why else held(rows, id),
                may_edit=why,
                off_since=off_since,
            )
        )
    return tuple(lines)


def _visible(rows: Any, actor: Actor) -> list[tuple[RuleSet, Reach, int | None]]:
    """The sets that the actor is shown, in order, each with its reach and when it was switched off."""
    if may_manage(actor):
        return []
    names: Names | None = None
    found = []
    for *row, off_since in rows(f"{_SELECT} ORDER BY position, id"):
        reaching = _reach(row)
        if may_see(actor, reaching):
            names = names or read_names(rows)
            found.append((_plan(row, names), reaching, off_since))
    return found


def _plan(row: Any, names: Names) -> RuleSet:
    id, name, position, active, conditions, actions, version = row[:7]
    kept = RuleSet(id, name, active=bool(active), position=position, version=version)
    return plan_of(kept, decoded(conditions) or {}, decoded(actions) or {}, names)


def _reach(row: Any) -> Reach:
    return reach(decoded(row[4]) or {}, decoded(row[5]) or {})


def _touched(rows: Any, actor: Actor, ids: list[int]) -> dict[int, tuple[int, int | None]]:
    """By set: how many answers it touched in the actor's sight, and when it last did."""
    if scope(actor).everything:
        sql = """SELECT s.rule_set_id, SUM(s.touched), MAX(r.at) FROM rule_run_sets s JOIN rule_runs r ON r.id = s.run_id
                 GROUP BY s.rule_set_id"""
    else:
        sql = f"""SELECT h.rule_set_id, COUNT(*), MAX(h.at) FROM rule_hits h LEFT JOIN tickets t ON t.number = h.ticket
                  WHERE h.rule_set_id IN ({", ".join(map(str, ids))}) AND {of_hits(actor)}
                  GROUP BY h.rule_set_id"""
    return {id: (int(count), last) for id, count, last in rows(sql)}


def named(desk: Desk, *, actor: Actor) -> tuple[tuple[str, int], ...]:
    """Names and ids of the sets in the actor's sight, in order."""
    return tuple((plan.name, plan.id or 0) for plan, __, __ in _visible(desk.db.rows, actor))


def rule_set(desk: Desk, id: int, *, actor: Actor) -> RuleSet | Refusal:
    """A set as a plan; its position is that among those in the actor's sight."""
    if why := may_manage(actor):
        return why
    for place, (plan, __, __) in enumerate(_visible(desk.db.rows, actor), start=1):
        if plan.id == id:
            return replace(plan, position=place)
    return refuse("not here")


def blanks(desk: Desk, plan: RuleSet, *, actor: Actor) -> "tuple[Blank, ...]":
    """What is missing in a plan, saved or not, before it can be switched on; in the order in which one reads it."""
    from loop.rule_blanks import around
    from loop.rule_blanks import blanks as found

    return () if may_manage(actor) else found(around(desk, actor=actor), tidy(plan))


def save(desk: Desk, plan: RuleSet, *, actor: Actor) -> Saved | Conflict | Refusal:
    """Save a set that is off, or a new one without an id, which comes last and off; it may be incomplete.

    Name, conditions and actions are kept; order and on/off have verbs of their own. A Conflict, and nothing saved, when
    somebody saved it after the plan was read.
    """
    plan = tidy(plan)
    if why := may_manage(actor) or oversized(plan):
        return why
    return desk.db.transact(lambda work: _save(desk, work, plan, actor))


def _save(desk: Desk, work: Any, plan: RuleSet, actor: Actor) -> Saved | Conflict | Refusal:
    work.alone("set-up")
    who, names = standing(work, actor), read_names(work)
    if why := may_manage(who):
        return why
    current: RuleSet | None = None
    was: Reach | None = None
    if plan.id is not None:
        row = _row(work, plan.id)
        was = _reach(row) if row else None
        if row is None or was is None or not may_see(who, was):
            return refuse("not here")
        if why := may_change(who, was):
            return why
        current = _plan(row, names)
        if current.active:
            return refuse("rule on", name=current.name)
        if current.version != plan.version:
            return _conflict(work, current, plan.version)
    conditions, actions = stored(work, plan, names)
    of = reach(conditions, actions)
    if why := _unseen(who, plan, names) or may_change(who, of) or _name_trouble(work, plan, who):
        return why
    final = plan_of(plan, conditions, actions, names)
    at = desk.now()
    if current is None:
        if work.rows("SELECT COUNT(*) FROM rule_sets")[0][0] >= SETS:
            return refuse("too many rule sets", limit=SETS)
        id = work.add(RuleSetRow(name=plan.name, conditions=conditions, actions=actions, created_at=at)).id
        _in_order(work, [*_order(work, but=id), id])
    else:
        id = current.id or 0
        if values(current) == values(final):
            return Saved(id)
        write(work, id, conditions, actions)
        work.run("UPDATE rule_sets SET name = :n, version = version + 1 WHERE id = :id", {"n": plan.name, "id": id})
    old, new = changed_values(current, final)
    _note(work, actor, at, "changed" if current else "created", id, final.name, old, new, was, of)
    return Saved(id, differences(current, final))


def _row(work: Any, id: int) -> Any:
    found = work.rows(f"{_SELECT} WHERE id = :id{work.lock}", {"id": id})
    return found[0] if found else None


def _unseen(who: Actor, plan: RuleSet, names: Names) -> Refusal | None:
    """An administrator names flows that they see; whether another is there they are not told (P3)."""
    if who.is_owner:
        return None
    for name in (*plan.when.flows, *((plan.then.open_in,) if plan.then.open_in else ())):
        id = names.flows.id(name)
        if id is None or not scope(who).admits(id):
            return refuse("no flow", flow=name)
    return None


def _name_trouble(work: Any, plan: RuleSet, who: Actor) -> Refusal | None:
    """A name is enough for a draft to be without; two in one list are not called the same."""
    if len(plan.name) > NAME:
        return refuse("too long", limit=NAME)
    for row in work.rows(_SELECT):
        if plan.name and row[0] != plan.id and fold(row[1]) == fold(plan.name) and may_see(who, _reach(row)):
            return refuse("name used", name=row[1])
    return None


def _conflict(work: Any, current: RuleSet, since: int) -> Conflict:
    """Who changed the set after a version of it was read, and what. Each version is one line of the audit."""
    versions = max(0, min(current.version - since, 1_000))
    found = work.rows(
        """SELECT a.at, u.login, a.old FROM audit a LEFT JOIN users u ON u.id = a.actor_id
           WHERE a.target = :target AND a.target_id = :id AND a.what IN ('changed', 'activated', 'deactivated')
           ORDER BY a.id DESC LIMIT :n""",
        {"target": TARGET, "id": current.id, "n": versions + 1_000},
    )
    # What was said about its e-mails changed nothing of the set, and has no old values.
    lines = [one for one in found if decoded(one[2])][:versions]
    read = current
    for __, __, old in lines:
        read = with_values(read, decoded(old) or {})
    at, by = (lines[0][0], lines[0][1] or ActorKind.PROGRAM.value) if lines else (0, ActorKind.PROGRAM.value)
    return Conflict(by, at, differences(read, current))


def switch(desk: Desk, id: int, on: bool, *, actor: Actor) -> Switched | Refusal:
    """Switch a set on, if nothing is missing, or off. On, it runs on what comes from now on; the past is only looked at
    when asked, and `Switched.waiting` says how many answers came while it was off.
    """
    if why := may_manage(actor):
        return why
    return desk.db.transact(lambda work: _switch(desk, work, id, on, actor))


def _switch(desk: Desk, work: Any, id: int, on: bool, actor: Actor) -> Switched | Refusal:
    from loop.autopilot import waiting

    found = _mine(work, id, actor)
    if isinstance(found, Refusal):
        return found
    who, row, of = found
    names = read_names(work)
    plan, off_since = _plan(row, names), row[7]
    if plan.active is on:
        return Switched(id, 0)
    at, missed = desk.now(), 0
    if on:
        missing = blanks(desk, plan, actor=who)
        if missing:
            return refuse("blanks", blanks=" ".join(blank.sentence for blank in missing))
        # Names that were there before what they name are references from now on.
        conditions, actions = stored(work, plan, names)
        if why := may_change(who, reach(conditions, actions)):
            return why
        write(work, id, conditions, actions)
        missed = 0 if off_since is None else waiting(work.rows, id)
    moment = "on_since" if on else "off_since"
    work.run(
        f"UPDATE rule_sets SET active = :on, {moment} = :at, version = version + 1 WHERE id = :id",
        {"on": on, "at": at, "id": id},
    )
    what = "activated" if on else "deactivated"
    _note(work, actor, at, what, id, plan.name, {"active": not on}, {"active": on}, of, of)
    return Switched(id, missed, off_since if missed else None)


def _mine(work: Any, id: int, actor: Actor) -> tuple[Actor, Any, Reach] | Refusal:
    """The actor as they stand, and a set that they may change."""
    work.alone("set-up")
    who, row = standing(work, actor), _row(work, id)
    if why := may_manage(who):
        return why
    if row is None:
        return refuse("not here")
    of = _reach(row)
    return may_change(who, of) or (who, row, of)


def reorder(desk: Desk, id: int, position: int, *, actor: Actor) -> Saved | Refusal:
    """Put a set at a place, from 1, among those in the actor's sight."""
    if why := may_manage(actor):
        return why

    def act(work: Any) -> Saved | Refusal:
        found = _mine(work, id, actor)
        if isinstance(found, Refusal):
            return found
        who, row, of = found
        seen = [plan.id for plan, __, __ in _visible(work.rows, who)]
        here = seen.index(id)
        place = min(max(position - 1, 0), len(seen) - 1)
        if place == here:
            return Saved(id)
        # Behind its new neighbour when it goes down, before it when it goes up; sets out of sight keep their order.
        others = _order(work, but=id)
        at = others.index(seen[place]) + (place > here)
        _in_order(work, [*others[:at], id, *others[at:]])
        old, new = {"position": here + 1}, {"position": place + 1}
        _note(work, actor, desk.now(), "reordered", id, row[1], old, new, of, of)
        return Saved(id, plain_differences(old, new))

    return desk.db.transact(act)


def _order(work: Any, *, but: int) -> list[int]:
    return [id for (id,) in work.rows("SELECT id FROM rule_sets ORDER BY position, id") if id != but]


def _in_order(work: Any, ids: list[int]) -> None:
    """Number the sets 1, 2, 3 …"""
    for place, id in enumerate(ids, start=1):
        work.run("UPDATE rule_sets SET position = :p WHERE id = :id AND position <> :p", {"p": place, "id": id})


def copy(desk: Desk, id: int, *, actor: Actor) -> Saved | Refusal:
    """Make a set that says the same under another name, off; it comes last."""
    plan = rule_set(desk, id, actor=actor)
    if isinstance(plan, Refusal):
        return plan
    taken = {fold(other.name) for other, __, __ in _visible(desk.db.rows, actor)}
    n = 1
    while fold(name := _copied(plan.name, n)) in taken:
        n += 1
    done = save(desk, replace(plan, id=None, name=name), actor=actor)
    assert not isinstance(done, Conflict)  # a new set has no older version
    return done


def _copied(name: str, n: int) -> str:
    more = _(" (copy)") if n == 1 else _(" (copy {n})").format(n=n)
    return line(name, NAME - len(more)) + more


def remove(desk: Desk, id: int, *, actor: Actor) -> Saved | Refusal:
    """Remove a set that is off and never touched an answer; another's log is kept, so it can only be switched off."""
    if why := may_manage(actor):
        return why

    def act(work: Any) -> Saved | Refusal:
        found = _mine(work, id, actor)
        if isinstance(found, Refusal):
            return found
        __, row, of = found
        plan = _plan(row, read_names(work))
        if plan.active:
            return refuse("rule on", name=plan.name)
        ran = ("SELECT 1 FROM rule_hits WHERE rule_set_id = :id LIMIT 1", "SELECT 1 FROM rule_run_sets WHERE rule_set_id = :id LIMIT 1")  # fmt: skip
        if any(work.rows(sql, {"id": id}) for sql in ran):
            return refuse("rule ran", name=plan.name)
        from loop.surveys import unlist

        unlist(work, id)
        work.run("DELETE FROM rule_sets WHERE id = :id", {"id": id})
        _in_order(work, _order(work, but=id))
        _note(work, actor, desk.now(), "removed", id, plan.name, {"name": plan.name}, {}, of, of)
        return Saved(id, plain_differences({"name": plan.name}, {}))

    return desk.db.transact(act)


def _note(
    work: Any, actor: Actor, at: int, what: str, id: int, name: str, old: dict[str, Any], new: dict[str, Any],
    was: Reach | None, of: Reach,
) -> None:  # fmt: skip
    """Into the audit; with the flows that either says something about, as others' lines are not told of (P3)."""
    flows = sorted((was.named if was else frozenset()) | of.named)
    note(
        work, actor=actor, at=at, what=what, target=TARGET, target_id=id, name=name, old=old, new=new | {"flows": flows}
    )

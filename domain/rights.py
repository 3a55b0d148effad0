"""Rights, asked in this one place: what an actor sees and may do, as data (P1–P4).

`Scope` is the predicate as data: `admits` reads it for one ticket, `storage.scoping` for lists in SQL.
"""

from dataclasses import dataclass

from domain.people import Actor, ActorKind, Level, Role
from domain.refusals import Refusal, refuse


@dataclass(frozen=True)
class Scope:
    """The flows whose tickets an actor sees."""

    everything: bool
    flows: tuple[int, ...] = ()
    """Sorted; empty and not `everything` means nothing at all."""

    def admits(self, flow_id: int) -> bool:
        """Whether tickets of that flow are in sight."""
        return self.everything or flow_id in self.flows


def scope(actor: Actor) -> Scope:
    """What the actor sees: members see their flows, the owner and the program all (P3)."""
    if actor.is_owner or actor.kind in (ActorKind.PROGRAM, ActorKind.AUTOPILOT):
        return Scope(everything=True)
    if actor.level is Level.NONE:
        return Scope(everything=False)
    return Scope(everything=False, flows=tuple(sorted(actor.roles)))


def may_work(actor: Actor, flow_id: int) -> Refusal | None:
    """Whether the actor may change tickets of a flow (P4)."""
    if scope(actor).everything:
        return None
    role = actor.roles.get(flow_id)
    if role is None:
        return refuse("needs level", level=Level.AGENT)
    if role is Role.ANALYST:
        return refuse("analysts read")
    return None


def works_somewhere(actor: Actor) -> bool:
    """Whether there is a flow whose tickets the actor may change (P4)."""
    return scope(actor).everything or any(may_work(actor, flow) is None for flow in scope(actor).flows)


def may_note(actor: Actor, flow_id: int) -> Refusal | None:
    """Members write notes, analysts too (P4)."""
    return None if actor.roles.get(flow_id) is Role.ANALYST else may_work(actor, flow_id)


def may_import(actor: Actor) -> Refusal | None:
    """Bringing answers in opens tickets for others: an administrator's work (P4)."""
    if actor.kind is ActorKind.PERSON and actor.level not in (Level.ADMINISTRATOR, Level.OWNER):
        return refuse("needs level", level=Level.ADMINISTRATOR)
    return None


def may_see_ledger(actor: Actor) -> Refusal | None:
    """Triage and ledger need a right on the mailbox; today administrators have it (M8)."""
    return may_import(actor)


def may_grant(actor: Actor) -> Refusal | None:
    """Levels, letting people in, deactivating them: the owner's (P1)."""
    return None if actor.is_owner else refuse("needs level", level=Level.OWNER)


def may_connect(actor: Actor) -> Refusal | None:
    """Where mail is fetched and sent, and with which password: the owner's, as it decides who hears of everything (R3)."""
    return may_grant(actor)


def may_manage(actor: Actor) -> Refusal | None:
    """Teams, surveys, categories, tags, new flows: an administrator's work (P4)."""
    if actor.level in (Level.ADMINISTRATOR, Level.OWNER):
        return None
    return refuse("needs level", level=Level.ADMINISTRATOR)


def may_edit_flow(actor: Actor, flow_id: int) -> Refusal | None:
    """The owner, or an administrator by level and by role in that flow: a role never exceeds the level (P4)."""
    if why := may_manage(actor):
        return why
    if actor.is_owner or actor.roles.get(flow_id) is Role.ADMINISTRATOR:
        return None
    return refuse("needs role", role=Role.ADMINISTRATOR)


def may_see_audit(actor: Actor) -> Refusal | None:
    """Administrators read what was changed; `loop.audit` keeps lines of flows that they may not edit from them (P3, P4)."""
    return may_manage(actor)


def may_rule(actor: Actor, plan_flow_ids: frozenset[int] | None, without_ticket: bool) -> Refusal | None:
    """The owner, or an administrator who may edit every flow that a rule set is about or opens tickets in (P4, A1).

    None, or no flow at all, is every flow's tickets and so the owner's; but an administrator's where the rule is about
    answers without a ticket, which are no flow's.
    """
    if why := may_manage(actor):
        return why
    if actor.is_owner:
        return None
    if not plan_flow_ids and not without_ticket:
        return refuse("rule of all flows")
    return next((why for flow in sorted(plan_flow_ids or ()) if (why := may_edit_flow(actor, flow))), None)

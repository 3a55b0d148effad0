"""What stands around a flow's plan while it is shaped: its tickets, and who and what can be chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from domain.people import Actor, Level, Role
from domain.plans import FlowPlan, MemberPlan
from domain.refusals import Refusal
from domain.text import _

if TYPE_CHECKING:
    from loop.desk import Desk


@dataclass(frozen=True)
class Around:
    """See the module."""

    counts: Mapping[int, int] = field(default_factory=dict)
    """Tickets by phase key."""
    people: tuple[tuple[str, str, str], ...] = ()
    """Login, name and level of who can be a member."""
    teams: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The logins of each team."""
    surveys: tuple[str, ...] = ()

    @property
    def sizes(self) -> dict[str, int]:
        """How many people each team has."""
        return {name: len(members) for name, members in self.teams.items()}


def load(desk: "Desk", flow_id: int | None, actor: Actor) -> Refusal | tuple[FlowPlan, Around]:
    """A flow's plan and what stands around it; a new plan for None. What the actor may not see is left out."""
    from loop import flows

    plan = new_plan(actor) if flow_id is None else flows.plan(desk, flow_id, actor=actor)
    return plan if isinstance(plan, Refusal) else (plan, around(desk, flow_id, actor))


def around(desk: "Desk", flow_id: int | None, actor: Actor) -> Around:
    """What stands around a flow's plan."""
    from loop import flows, people, surveys, teams

    who = _rows(people.people(desk, actor=actor))
    return Around(
        {} if flow_id is None else dict(_rows(flows.in_phases(desk, flow_id, actor=actor))),
        tuple((p.login, p.name, p.level) for p in who if p.active and p.level != Level.NONE.value),
        {team.name: team.members for team in _rows(teams.teams(desk, actor=actor))},
        tuple(survey.name for survey in _rows(surveys.surveys(desk, actor=actor)) if not survey.internal),
    )


def new_plan(actor: Actor) -> FlowPlan:
    """A plan for a flow that is not there yet; who makes it administers it."""
    from dataclasses import replace

    from loop import flows

    # The catalogue's own head names its language.
    language = "pt" if "Language: pt" in _("") else "en"
    return replace(flows.new_plan(language), members=(MemberPlan(actor.login, Role.ADMINISTRATOR),))


def _rows(found: Any) -> Any:
    return () if isinstance(found, Refusal) else found

"""What the settings are given: frozen rows of people, teams, surveys, categories, tags, flows and the audit."""

from dataclasses import dataclass

from domain.plans import Difference
from domain.refusals import Refusal


@dataclass(frozen=True)
class UserRow:
    """Somebody in the people editor."""

    id: int
    login: str
    name: str
    email: str
    level: str
    active: bool
    teams: tuple[str, ...]
    flows: tuple[tuple[str, str], ...]
    """Flow and the role that counts there; of flows that the reader sees."""
    open_tickets: int
    """Not closed, in flows that the reader sees."""


@dataclass(frozen=True)
class TeamRow:
    """A team in the teams editor."""

    id: int
    name: str
    members: tuple[str, ...]
    """Logins."""
    flows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SurveyRow:
    """A survey and its settings (I1–I3)."""

    id: int
    name: str
    kind: str
    """nps or csat."""
    low: int
    high: int
    detractor_max: int
    promoter_min: int
    internal: bool
    zone: str
    sends_mail: bool
    writing_help: bool
    answers: int
    own_templates: bool = False
    """Whether its texts for the classes replace the account's (A4)."""
    rule_sets: tuple[int, ...] | None = None
    """Which rule sets in the reader's sight apply to its answers; None for all (A4)."""


@dataclass(frozen=True)
class CategoryRow:
    """A category; with a parent, a subcategory."""

    id: int
    name: str
    parent: int | None
    words: tuple[str, ...]
    """Its Text Match words (A3)."""
    retired: bool
    tickets: int


@dataclass(frozen=True)
class TagRow:
    """A tag."""

    id: int
    name: str
    tickets: int


@dataclass(frozen=True)
class FlowRow:
    """A flow in the list of flows."""

    id: int
    name: str
    active: bool
    open: int
    progress: int
    closed: int
    members: int
    may_edit: Refusal | None
    """None: this reader may edit it (P4)."""


@dataclass(frozen=True)
class TemplateRow:
    """A text to write with (M2)."""

    id: int
    name: str
    level: str
    """personal, flow, survey or account."""
    of: str
    """The flow or survey; '' else."""
    of_id: int | None
    klass: str
    """detractor, neutral or promoter; '' for all."""
    sender_name: str
    subject: str
    body: str
    may_edit: Refusal | None
    """None: this reader may change it."""

    @property
    def complete(self) -> bool:
        """Whether the autopilot could send it: sender's name, subject and text are filled (A4)."""
        return bool(self.sender_name.strip() and self.subject.strip() and self.body.strip())


@dataclass(frozen=True)
class AuditRow:
    """A change of the set-up."""

    id: int
    at: int
    who: str
    what: str
    """created, changed, deactivated, activated, removed, reordered."""
    target: str
    """flow, user, team, survey, category, tag, customer, rule set, manager table."""
    target_id: int | None
    name: str
    changes: tuple[Difference, ...]


@dataclass(frozen=True)
class Saved:
    """A part of the set-up was saved."""

    id: int
    changes: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Conflict:
    """Somebody else changed it meanwhile; nothing was saved."""

    by: str
    at: int
    changes: tuple[Difference, ...]
    """What they changed."""

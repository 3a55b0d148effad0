"""The sections of the settings, each loaded when it is first shown."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from domain.people import Actor
from domain.text import N_, _

if TYPE_CHECKING:
    from loop.desk import Desk
    from tui.screens.settings.pane import SectionPane


@dataclass(frozen=True)
class Section:
    """An entry of the list at the left."""

    id: str
    name: str
    """English; `title` is what is shown."""
    where: str
    """Module and class of its pane."""
    apart: bool = False
    """A blank line parts it from the one above."""

    @property
    def title(self) -> str:
        """What it is called."""
        return _(self.name)

    def pane(self) -> "SectionPane":
        """A pane for it."""
        module, _colon, name = self.where.partition(":")
        made: SectionPane = getattr(import_module(module), name)(id=self.id)
        return made


SECTIONS: tuple[Section, ...] = (
    Section("flows", N_("Flows"), "tui.screens.settings.flows:FlowsPane"),
    Section("people", N_("People and teams"), "tui.screens.settings.people:PeoplePane"),
    Section("surveys", N_("Surveys"), "tui.screens.settings.surveys:SurveysPane"),
    Section("labels", N_("Categories and tags"), "tui.screens.settings.labels:LabelsPane"),
    Section("templates", N_("Templates"), "tui.screens.settings.templates:TemplatesPane"),
    Section("autopilot", N_("Autopilot"), "tui.screens.settings.autopilot:AutopilotPane"),
    Section("mailboxes", N_("Mailboxes"), "tui.screens.settings.mailboxes:MailboxesPane"),
    Section("audit", N_("Audit"), "tui.screens.settings.audit:AuditPane"),
    Section("mine", N_("My settings"), "tui.screens.settings.mine:MinePane", apart=True),
)


def counts(desk: "Desk", actor: Actor) -> dict[str, int]:
    """How many there are in the sections where that can be told; for a lane, as it reads."""
    from loop.setup_counts import setup_counts

    return setup_counts(desk, actor=actor)

"""Surveys: their scale and limits, whether they are of employees, their time zone (I1–I3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import Binding

from domain.refusals import Refusal
from domain.rights import may_manage
from domain.text import _, line, ngettext, number
from loop.setup_views import SurveyRow
from tui.screens.picker import Option
from tui.screens.settings.listing import ListPane
from tui.screens.settings.pane import Keys
from tui.screens.settings.rows import Item, cells
from tui.widgets.flash import Tone
from tui.widgets.form import Field, Kind
from tui.widgets.ticket.spans import Line, Span

LIMITS = ("low", "high", "detractor_max", "promoter_min")
WIDE = 84


class SurveysPane(ListPane):
    """See the module. Keys of lines are the surveys' ids."""

    unseen = True
    BINDINGS: ClassVar = [Binding("o", "add", show=False), Binding("d,delete", "stays", show=False)]

    sets: tuple[Option, ...] = ()
    """The rule sets in sight, as options."""

    def fetch(self) -> Any:
        from loop import rules, surveys

        self.sets = tuple(
            Option(s.id, s.name, _("on") if s.active else _("off"))
            for s in rules.rule_sets(self.app.desk, actor=self.app.actor)
        )
        return surveys.surveys(self.app.desk, actor=self.app.actor)

    def refusal(self) -> Refusal | None:
        return may_manage(self.app.actor)

    def empty(self) -> str:
        if self.refusal() is not None:
            return ""
        return _("No surveys yet. o adds one; the import of a file of answers makes its own, too.")

    def items(self) -> Iterable[Item]:
        self.count = None if self.refusal() else len(self.data)
        if self.data:
            yield Item(None, _titles)
        for survey in self.data:
            yield Item(
                survey.id,
                lambda width, survey=survey: _survey_line(survey, width),
                f"{survey.name} {survey.kind} {survey.zone}",
            )
            if said := _autopilot(survey):
                yield Item(None, lambda width, said=said: Line((("   " + said, "past"),)), below=True)

    def keys(self) -> Keys:
        if self.refusal() is not None:
            return ()
        return (("Enter", _("edit")), ("o", _("add")), ("/", _("find")))

    @property
    def survey(self) -> SurveyRow | None:
        """The one under the cursor."""
        return next((s for s in self.data or () if s.id == self.current), None)

    def action_stays(self) -> None:
        """Surveys are not removed."""
        self.say(_("A survey stays, as its answers do. No flow takes its answers if none names it."), Tone.REFUSED)

    def action_add(self) -> None:
        """Make a survey; its limits can be changed once it is there."""
        if not self.may():
            return
        kinds = (Option("nps", _("NPS, 0 to 10")), Option("csat", _("CSAT, 1 to 5")))
        fields = (
            Field("name", _("Name"), Kind.TEXT, "", needed=True, limit=120, about=_("As files and flows name it.")),
            Field("kind", _("Kind"), Kind.CHOICE, "nps", kinds, about=_("Its limits can be changed afterwards.")),
            _internal(False),
            _sends_mail(True),
        )

        def save(given: dict[str, Any]) -> Any:
            from loop import surveys

            name = given.pop("name")
            return surveys.create(self.app.desk, name, actor=self.app.actor, **given)

        def done(saved: Any, given: dict[str, Any]) -> None:
            self.rows.to(saved.id)
            self.say(_("Added. Enter changes its limits and its time zone."), Tone.DONE)

        self.fill_in(_("Add a survey"), fields, save, done)

    def open(self) -> None:
        survey = self.survey
        if survey is None:
            return
        from loop.surveys import limits_note

        limits = limits_note()
        kind_why = _("Its answers are of this kind.") if survey.answers else ""
        kinds = (Option("nps", "NPS"), Option("csat", "CSAT"))
        fields = (
            Field("name", _("Name"), Kind.TEXT, survey.name, needed=True, limit=120),
            Field("kind", _("Kind"), Kind.CHOICE, survey.kind, kinds, why_not=kind_why),
            Field("low", _("Lowest score"), Kind.NUMBER, survey.low, needed=True, about=limits),
            Field("detractor_max", _("Detractor up to"), Kind.NUMBER, survey.detractor_max, needed=True, about=limits),
            Field("promoter_min", _("Promoter from"), Kind.NUMBER, survey.promoter_min, needed=True, about=limits),
            Field("high", _("Highest score"), Kind.NUMBER, survey.high, needed=True, about=limits),
            _internal(survey.internal),
            Field(
                "zone",
                _("Time zone"),
                Kind.TEXT,
                survey.zone,
                needed=True,
                about=_("Of times without one, such as America/Sao_Paulo."),
            ),
            _sends_mail(survey.sends_mail),
            Field(
                "own_templates",
                _("Own e-mails"),
                Kind.YESNO,
                survey.own_templates,
                about=_("Whether its own e-mails by class replace the account's: Templates shows both."),
            ),
            *self._sets_fields(survey),
            Field(
                "writing_help",
                _("Help with writing"),
                Kind.YESNO,
                survey.writing_help,
                about=_("Whether a language model may be shown its answers."),
            ),
        )

        def save(given: dict[str, Any]) -> Any:
            from loop import surveys

            listed, some = given.pop("listed"), given.pop("some", survey.rule_sets or ())
            given["rule_sets"] = tuple(some) if listed else None
            changes = {k: v for k, v in given.items() if v != getattr(survey, k)}
            return surveys.change(self.app.desk, survey.id, changes, actor=self.app.actor)

        def done(saved: Any, given: dict[str, Any]) -> None:
            moved = any(given.get(k, getattr(survey, k)) != getattr(survey, k) for k in LIMITS)
            self.say(_("Saved.") + (" " + limits if moved and survey.answers else ""), Tone.DONE)

        self.fill_in(line(survey.name), fields, save, done)

    def _sets_fields(self, survey: SurveyRow) -> list[Field]:
        """Which rule sets apply: all, or those that are marked (A4: both lists must name each other)."""
        all_or_some = (Option(False, _("all that name it")), Option(True, _("only some")))
        about = _("Of the rule sets that name this survey, or none at all.")
        fields = [Field("listed", _("Rule sets"), Kind.CHOICE, survey.rule_sets is not None, all_or_some, about=about)]
        if self.sets:
            fields.append(
                Field(
                    "some",
                    _("Which ones"),
                    Kind.MANY,
                    survey.rule_sets or (),
                    self.sets,
                    about=_("Counts where only some apply."),
                )
            )
        return fields


def _internal(value: bool) -> Field:
    about = _("Of employees: its answers never become tickets.")
    return Field("internal", _("Internal"), Kind.YESNO, value, about=about)


def _sends_mail(value: bool) -> Field:
    return Field(
        "sends_mail", _("Sends mail"), Kind.YESNO, value, about=_("Whether the autopilot may write to who answers.")
    )


def _titles(width: int) -> Line:
    columns = [(_("Name"), 0), (_("Kind"), 5), (_("Classes"), 19)]
    if width >= WIDE:
        columns.append((_("Time zone"), 20))
    return Line(tuple(cells(width, *((title, n, "past") for title, n in columns), (_("Answers"), -9, "past"))))


def _autopilot(survey: SurveyRow) -> str:
    """What the autopilot does differently for it (A4); '' for nothing."""
    said = []
    if not survey.sends_mail:
        said.append(_("sends no e-mail"))
    elif survey.own_templates:
        said.append(_("own e-mails"))
    if survey.rule_sets is not None:
        n = len(survey.rule_sets)
        said.append(ngettext("{n} rule set", "{n} rule sets", n).format(n=n))
    return " · ".join(said)


def _survey_line(survey: SurveyRow, width: int) -> Line:
    name = survey.name + (" · " + _("internal") if survey.internal else "")
    columns = [(name, 0, "bright"), (survey.kind.upper(), 5, "text"), (_limits(survey), 19, "")]
    if width >= WIDE:
        columns.append((survey.zone, 20, "past"))
    return Line(tuple(cells(width, *columns, (number(survey.answers) if survey.answers else "—", -9, "text"))))


def _limits(survey: SurveyRow) -> tuple[Span, ...]:
    """The three classes with their signs."""
    parts = (
        ("▼", survey.low, survey.detractor_max, "detractor"),
        ("■", survey.detractor_max + 1, survey.promoter_min - 1, "neutral"),
        ("▲", survey.promoter_min, survey.high, "promoter"),
    )
    return tuple(
        ((sign + (f"{low}–{high}" if low < high else str(low) if low == high else "")).ljust(6), role)
        for sign, low, high, role in parts
    )

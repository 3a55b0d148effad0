"""Surveys: their scale and limits, whether they are of employees, their time zone (I1–I3)."""

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Literal
from zoneinfo import ZoneInfo

from domain.answers import CSAT, NPS, Scale
from domain.people import Actor
from domain.plans import Difference, FlowPlan
from domain.refusals import Refusal, refuse
from domain.rights import may_manage
from domain.text import _, line
from loop.audit import changed, differences, named_sets, note
from loop.desk import Desk
from loop.flow_plans import decoded, read_plans
from loop.flow_writing import changed_elsewhere
from loop.rule_plans import in_sight, reaches
from loop.setup_views import Saved, SurveyRow
from loop.shaping import name_trouble, namesake, standing
from storage.tables import Survey

LONGEST = 120
LIMITS = ("low", "high", "detractor_max", "promoter_min")
_PLAIN = ("name", "kind", *LIMITS, "internal", "zone", "sends_mail", "writing_help", "own_templates")
FIELDS = (*_PLAIN, "rule_sets")
"""What can be changed; as in `SurveyRow`."""
SCALES: MappingProxyType[str, Scale] = MappingProxyType({"nps": NPS, "csat": CSAT})


def limits_note() -> str:
    """What new limits mean, for whoever changes them (I2)."""
    return _("The new limits class the answers that come in from now on; those that are here keep their class.")


def surveys(desk: Desk, *, actor: Actor) -> tuple[SurveyRow, ...]:
    """All surveys by name, for who may change them; nothing for others."""
    if may_manage(actor):
        return ()
    answers = dict(desk.db.rows("SELECT survey_id, COUNT(*) FROM answers GROUP BY survey_id"))
    seen = set(in_sight(desk.db.rows, actor))
    return tuple(
        SurveyRow(
            id=id,
            name=name,
            kind=kind,
            low=low,
            high=high,
            detractor_max=detractor_max,
            promoter_min=promoter_min,
            internal=bool(internal),
            zone=zone,
            sends_mail=bool(sends_mail),
            writing_help=bool(writing_help),
            answers=answers.get(id, 0),
            own_templates=bool(own_templates),
            rule_sets=None if (kept := decoded(rule_sets)) is None else tuple(n for n in kept if n in seen),
        )
        for (
            id, name, kind, low, high, detractor_max, promoter_min, internal, zone, sends_mail, writing_help, own_templates,
            rule_sets,
        ) in desk.db.rows(f"SELECT id, {', '.join(FIELDS)} FROM surveys ORDER BY lower(name), id")
    )  # fmt: skip


def create(
    desk: Desk,
    name: str,
    *,
    kind: Literal["nps", "csat"] = "nps",
    low: int | None = None,
    high: int | None = None,
    detractor_max: int | None = None,
    promoter_min: int | None = None,
    internal: bool = False,
    zone: str | None = None,
    sends_mail: bool = True,
    writing_help: bool = False,
    own_templates: bool = False,
    rule_sets: Iterable[int] | None = None,
    actor: Actor,
) -> Refusal | Saved:
    """Make a survey; limits that are not given are those of its scale, the zone is the configuration's (I1, I2)."""
    usual = SCALES.get(kind, NPS)
    given = {"low": low, "high": high, "detractor_max": detractor_max, "promoter_min": promoter_min}
    values = {
        "name": line(name),
        "kind": kind,
        **{field: getattr(usual, field) if value is None else value for field, value in given.items()},
        "internal": bool(internal),
        "zone": zone or desk.config.zone,
        "sends_mail": bool(sends_mail),
        "writing_help": bool(writing_help),
        "own_templates": bool(own_templates),
    }
    if why := may_manage(actor) or _trouble(values):
        return why
    with desk.db.write() as work:
        work.alone("set-up")
        if why := may_manage(standing(work, actor)):
            return why
        if namesake(work, "surveys", values["name"]) is not None:
            return refuse("name used", name=values["name"])
        if rule_sets is not None:
            listed = _listed(work, rule_sets, None, standing(work, actor))
            if isinstance(listed, Refusal):
                return listed
            values["rule_sets"] = listed
        at = desk.now()
        survey = work.add(Survey(**values, created_at=at))
        note(
            work, actor=actor, at=at, what="created", target="survey", target_id=survey.id, name=survey.name, old={}, new=values
        )  # fmt: skip
        return Saved(survey.id, _told(work, actor, {}, values))


def change(desk: Desk, survey_id: int, changes: Mapping[str, Any], *, actor: Actor) -> Refusal | Saved:
    """Change some `FIELDS` of a survey; KeyError for others.

    New limits class new answers only (I2, `limits_note`). With answers a survey keeps its kind. Flows that take the survey's
    answers go on taking them under its new name.
    """
    if unknown := set(changes) - set(FIELDS):
        raise KeyError(*sorted(unknown))
    if why := may_manage(actor):
        return why
    with desk.db.write() as work:
        work.alone("set-up")
        if why := may_manage(standing(work, actor)):
            return why
        survey = work.get(Survey, survey_id)
        if survey is None:
            return refuse("not here")
        before = {field: getattr(survey, field) for field in FIELDS}
        wanted = dict(changes)
        if wanted.get("rule_sets") is not None:
            listed = _listed(work, wanted["rule_sets"], survey.rule_sets, standing(work, actor))
            if isinstance(listed, Refusal):
                return listed
            wanted["rule_sets"] = listed
        if "name" in wanted:
            wanted["name"] = line(wanted["name"])
        if "kind" in wanted and wanted["kind"] != survey.kind and wanted["kind"] in SCALES:
            # Another kind is another scale: limits that were not given are its own.
            wanted = {f: getattr(SCALES[wanted["kind"]], f) for f in LIMITS} | wanted
        old, new = changed(before, wanted)
        if not new:
            return Saved(survey_id)
        if why := _trouble({**before, **new}):
            return why
        if "kind" in new and work.rows("SELECT 1 FROM answers WHERE survey_id = :id LIMIT 1", {"id": survey_id}):
            return refuse("answers keep kind", name=survey.name, kind=survey.kind)
        if "name" in new and namesake(work, "surveys", new["name"], but=survey_id) is not None:
            return refuse("name used", name=new["name"])
        flows = read_plans(work.rows) if "name" in new else {}
        for field, value in new.items():
            setattr(survey, field, value)
        work.add(survey)
        at = desk.now()
        note(
            work, actor=actor, at=at, what="changed", target="survey", target_id=survey_id, name=survey.name, old=old, new=new
        )  # fmt: skip
        if "name" in new:
            _follow(work, survey, old["name"], flows, actor, at)
        return Saved(survey_id, _told(work, actor, old, new))


def _listed(work: Any, wanted: Iterable[int], kept: list[int] | None, who: Actor) -> list[int] | Refusal:
    """The sets that a survey lists: those that are wanted of the ones in sight, and of the others what was there (P3)."""
    seen = set(in_sight(work.rows, who))
    chosen = set(wanted)
    if chosen - seen:
        return refuse("not here")
    out_of_sight = set(reaches(work.rows)) - seen
    return sorted(chosen | (out_of_sight if kept is None else out_of_sight & set(kept)))


def _told(work: Any, actor: Actor, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    """What was changed, with rule sets by name."""
    names = dict(work.rows("SELECT id, name FROM rule_sets")) if "rule_sets" in new else {}
    seen = {id: names[id] for id in in_sight(work.rows, standing(work, actor))} if names else {}
    return differences(named_sets(old, seen), named_sets(new, seen))


def unlist(work: Any, rule_set: int) -> None:
    """Take a rule set that is about to be removed out of the surveys' lists: the next to get its id is another."""
    for id, kept in work.rows("SELECT id, rule_sets FROM surveys"):
        ids = decoded(kept)
        if ids and rule_set in ids:
            work.run(
                "UPDATE surveys SET rule_sets = :ids WHERE id = :id",
                {"ids": json.dumps([n for n in ids if n != rule_set]), "id": id},
            )


def _trouble(values: Mapping[str, Any]) -> Refusal | None:
    """Why a survey cannot be so."""
    if why := name_trouble(values["name"], LONGEST):
        return why
    try:
        Scale(values["kind"], *(values[limit] for limit in LIMITS))
    except ValueError as e:
        return refuse("bad limits", why=str(e))
    try:
        ZoneInfo(str(values["zone"]))
    except (KeyError, ValueError, OSError):
        return refuse("no zone", zone=line(str(values["zone"]), 60))
    return None


def _follow(work: Any, survey: Survey, old: str, before: Mapping[int, FlowPlan], actor: Actor, at: int) -> None:
    """Flows go on taking the survey's answers under its new name (I5), and whoever edits them now is told of it."""
    for flow, intake in work.rows("SELECT id, intake FROM flows"):
        filters = json.loads(intake) if isinstance(intake, str) else dict(intake or {})
        if old in filters.get("surveys", ()):  # named before there was such a survey
            filters["surveys"] = [survey.id if name == old else name for name in filters["surveys"]]
            work.run(
                "UPDATE flows SET intake = :intake WHERE id = :flow",
                {"intake": json.dumps(filters, ensure_ascii=False), "flow": flow},
            )
    changed_elsewhere(work, before, actor=actor, at=at)

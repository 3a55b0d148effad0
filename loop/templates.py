"""Templates: personal ones, those of a flow, a survey and the account, each for all classes or for one (M2, M3, A4)."""

from collections.abc import Mapping
from typing import Any

from domain.people import Actor, Level
from domain.refusals import Refusal, refuse
from domain.rights import may_edit_flow, may_manage, scope
from domain.text import _, clean, line
from loop import rule_plans
from loop.audit import changed, differences, note
from loop.desk import Desk
from loop.filling import OF_THE_CUSTOMER, Filled, begun, filled, unknown, values
from loop.queue import CLASSES
from loop.setup_views import Saved, TemplateRow
from loop.shaping import name_trouble, namesake, standing
from loop.sight import within
from storage.tables import Template

LONGEST_NAME, LONGEST_SUBJECT, LONGEST_BODY = 80, 300, 40_000
"""Characters."""
MOST = 300
"""Templates of one person, flow or survey, or of the account."""
FIELDS = ("name", "klass", "sender_name", "subject", "body")
"""What can be changed; `klass` is a class's word, or '' for all."""
LEVELS = ("personal", "flow", "survey", "account")
_CLASS = {c.value: place for place, c in enumerate(CLASSES)}
_SELECT = """SELECT t.id, t.name, t.user_id, t.flow_id, t.survey_id, t.klass, t.sender_name, t.subject, t.body, f.name, s.name
             FROM templates t LEFT JOIN flows f ON f.id = t.flow_id LEFT JOIN surveys s ON s.id = t.survey_id"""
_ORDER = "ORDER BY CASE WHEN t.user_id IS NOT NULL THEN 0 WHEN t.flow_id IS NOT NULL THEN 1 WHEN t.survey_id IS NOT NULL THEN 2 ELSE 3 END, f.position, s.name, lower(t.name), t.id"


def templates(desk: Desk, *, actor: Actor) -> tuple[TemplateRow, ...]:
    """All in sight: one's own, those of flows in sight and the account's; those of surveys for who may change them."""
    if actor.level is Level.NONE and not scope(actor).everything:
        return ()
    rows = (_row(found, actor) for found in desk.db.rows(f"{_SELECT} {_ORDER}"))
    return tuple(row for row in rows if _in_sight(row, actor))


def usable(desk: Desk, *, actor: Actor) -> tuple[TemplateRow, ...]:
    """Those to write with on some ticket in sight, one's own first: what `fitting` finds for all of them together."""
    kinds = set(desk.db.rows(f"SELECT DISTINCT t.flow_id, t.survey_id, t.klass FROM tickets t WHERE {within(actor)}"))
    flows, surveys, classes = ({kind[i] for kind in kinds} for i in range(3))
    of_surveys = {(survey, klass) for __, survey, klass in kinds}
    of_flows = {(flow, klass) for flow, __, klass in kinds}
    found = []
    for row in (_row(found, actor) for found in desk.db.rows(f"{_SELECT} {_ORDER}")):
        place, klass = row.of_id, _CLASS.get(row.klass)
        if row.level == "personal":
            fits = place == actor.id and (klass is None or klass in classes)
        elif row.level == "flow":
            fits = place in flows and (klass is None or (place, klass) in of_flows)
        elif row.level == "survey":
            fits = place in surveys and (klass is None or (place, klass) in of_surveys)
        else:
            fits = klass is None or klass in classes
        if fits:
            found.append(row)
    return tuple(found)


def fitting(desk: Desk, number: int, *, actor: Actor) -> tuple[TemplateRow, ...]:
    """Those to write with on a ticket: of its flow, survey and class, one's own first; nothing for one out of sight (P3)."""
    found = desk.db.rows("SELECT flow_id, survey_id, klass FROM tickets WHERE number = :n", {"n": number})
    if not found or not scope(actor).admits(found[0][0]):
        return ()
    flow, survey, klass = found[0]
    return tuple(
        _row(row, actor)
        for row in desk.db.rows(
            f"""{_SELECT} WHERE (t.klass IS NULL OR t.klass = :klass) AND (t.user_id = :me
                OR (t.user_id IS NULL AND t.flow_id = :flow) OR (t.user_id IS NULL AND t.flow_id IS NULL AND t.survey_id = :survey)
                OR (t.user_id IS NULL AND t.flow_id IS NULL AND t.survey_id IS NULL)) {_ORDER}""",
            {"klass": -1 if klass is None else klass, "me": actor.id, "flow": flow, "survey": survey or -1},
        )
    )


def add(
    desk: Desk,
    name: str,
    *,
    flow: int | None = None,
    survey: int | None = None,
    account: bool = False,
    klass: str = "",
    sender_name: str = "",
    subject: str = "",
    body: str = "",
    actor: Actor,
) -> Refusal | Saved:
    """Make a template: of a flow, a survey or the account, else one's own. A text that is no template is refused."""
    place = {"user_id": None, "flow_id": flow, "survey_id": survey}
    if flow is None and survey is None and not account:
        place["user_id"] = actor.id
    wanted = _cleaned({"name": name, "klass": klass, "sender_name": sender_name, "subject": subject, "body": body})
    with desk.db.write() as work:
        work.alone("set-up")
        if why := _may_change(standing(work, actor), place) or _trouble(work, place, wanted, None):
            return why
        if (flow is not None and not work.rows("SELECT 1 FROM flows WHERE id = :id", {"id": flow})) or (
            survey is not None and not work.rows("SELECT 1 FROM surveys WHERE id = :id", {"id": survey})
        ):
            return refuse("not here")
        if len(_beside(work, place)) >= MOST:
            return refuse("too many templates", limit=MOST)
        row = work.add(Template(**place, **{**wanted, "klass": _CLASS.get(wanted["klass"])}))
        new = {field: value for field, value in wanted.items() if value}
        _note(desk, work, actor, "created", row.id, place, wanted["name"], {}, new)
        return Saved(row.id, differences({}, new))


def change(desk: Desk, template_id: int, changes: Mapping[str, Any], *, actor: Actor) -> Refusal | Saved:
    """Change some `FIELDS`; KeyError for others."""
    if wrong := set(changes) - set(FIELDS):
        raise KeyError(*sorted(wrong))
    with desk.db.write() as work:
        work.alone("set-up")
        row = work.get(Template, template_id)
        place = _place(row)
        if row is None or not _seen(standing(work, actor), place):
            return refuse("not here")
        if why := _may_change(standing(work, actor), place):
            return why
        before = {field: getattr(row, field) for field in FIELDS}
        before["klass"] = "" if row.klass is None else CLASSES[row.klass].value
        old, new = changed(before, _cleaned(changes))
        if not new:
            return Saved(template_id)
        if why := _trouble(work, place, {**before, **new}, template_id):
            return why
        for field, value in new.items():
            setattr(row, field, _CLASS.get(value) if field == "klass" else value)
        _note(desk, work, actor, "changed", template_id, place, row.name, old, new)
        return Saved(template_id, differences(old, new))


def remove(desk: Desk, template_id: int, *, actor: Actor) -> Refusal | Saved:
    """Remove a template; what was written with it stays as it is."""
    with desk.db.write() as work:
        work.alone("set-up")
        row = work.get(Template, template_id)
        place = _place(row)
        if row is None or not _seen(standing(work, actor), place):
            return refuse("not here")
        if why := _may_change(standing(work, actor), place):
            return why
        old = {field: getattr(row, field) for field in ("name", "subject", "body") if getattr(row, field)}
        if row.user_id is None and row.flow_id is None:
            rule_plans.forget(work, "template", template_id, row.name)
        work.run("DELETE FROM templates WHERE id = :id", {"id": template_id})
        _note(desk, work, actor, "removed", template_id, place, row.name, old, {})
        return Saved(template_id, differences(old, {}))


def preview(desk: Desk, subject: str, body: str, number: int, *, actor: Actor) -> tuple[Filled, Filled] | Refusal:
    """Subject and body as they would read on a ticket, with what is missing marked."""
    given = values(desk.db.rows, desk, number, actor=actor)
    if not given:
        return refuse("no ticket", number=number)
    return filled(line(subject), given), filled(clean(body), given)


def samples(desk: Desk, template: TemplateRow, *, actor: Actor, limit: int = 20) -> tuple[tuple[int, str], ...]:
    """Tickets in sight to try a template on, number and subject, the newest that it fits first."""
    return tuple(
        (number, line(subject, 80))
        for number, subject in desk.db.rows(
            f"""SELECT t.number, t.subject FROM tickets t WHERE {within(actor)} AND t.archived = false
                AND (:flow = 0 OR t.flow_id = :flow) AND (:survey = 0 OR t.survey_id = :survey) AND (:klass = -1 OR t.klass = :klass)
                ORDER BY t.number DESC LIMIT :limit""",
            {
                "flow": template.of_id if template.level == "flow" else 0,
                "survey": template.of_id if template.level == "survey" else 0,
                "klass": _CLASS.get(template.klass, -1),
                "limit": limit,
            },
        )
    )


def use(desk: Desk, template_id: int, number: int, *, actor: Actor) -> tuple[str, str, str] | Refusal:
    """The template's name, and subject ('' to keep the draft's) and body to go on writing with on a ticket."""
    row = next((t for t in fitting(desk, number, actor=actor) if t.id == template_id), None)
    if row is None:
        return refuse("not here")
    given = values(desk.db.rows, desk, number, actor=actor)
    return row.name, line(begun(row.subject, given)), begun(row.body, given)


def _row(found: tuple[Any, ...], actor: Actor) -> TemplateRow:
    id, name, user, flow, survey, klass, sender, subject, body, flow_name, survey_name = found
    level = (
        "personal"
        if user is not None
        else "flow"
        if flow is not None
        else "survey"
        if survey is not None
        else "account"
    )
    return TemplateRow(
        id=id,
        name=name,
        level=level,
        of=flow_name or survey_name or "",
        of_id=user if user is not None else flow if flow is not None else survey,
        klass="" if klass is None else CLASSES[klass].value,
        sender_name=sender,
        subject=subject,
        body=body,
        may_edit=_may_change(actor, {"user_id": user, "flow_id": flow}),
    )


def _in_sight(row: TemplateRow, actor: Actor) -> bool:
    place = {"user_id": None, "flow_id": None, "survey_id": None}
    if row.level != "account":
        place[{"personal": "user_id", "flow": "flow_id", "survey": "survey_id"}[row.level]] = row.of_id
    return _seen(actor, place)


def _seen(actor: Actor, place: Mapping[str, int | None]) -> bool:
    if place["user_id"] is not None:
        return place["user_id"] == actor.id
    if place["flow_id"] is not None:
        return scope(actor).admits(place["flow_id"])
    return place["survey_id"] is None or may_manage(actor) is None


def _may_change(actor: Actor, place: Mapping[str, int | None]) -> Refusal | None:
    if place["user_id"] is not None:
        mine = place["user_id"] == actor.id and actor.level is not Level.NONE
        return None if mine else refuse("not yours")
    return may_edit_flow(actor, place["flow_id"]) if place["flow_id"] is not None else may_manage(actor)


def _place(row: Any) -> dict[str, int | None]:
    return {name: getattr(row, name, None) for name in ("user_id", "flow_id", "survey_id")}


def _cleaned(given: Mapping[str, Any]) -> dict[str, Any]:
    made = {field: clean(str(value)) if field == "body" else line(str(value)) for field, value in given.items()}
    if "klass" in made and made["klass"] not in ("", *_CLASS):
        raise ValueError(made["klass"])
    return made


def _beside(work: Any, place: Mapping[str, int | None]) -> list[Any]:
    """Id, name and class of the templates of the same person, flow or survey, or of the account."""
    return list(work.rows(f"SELECT id, name, klass FROM templates WHERE {_where(place)}"))


def _where(place: Mapping[str, int | None]) -> str:
    return " AND ".join(f"{name} {'IS NULL' if id is None else f'= {int(id)}'}" for name, id in place.items())


def _trouble(work: Any, place: Mapping[str, int | None], wanted: Mapping[str, Any], but: int | None) -> Refusal | None:
    from mail.templates import TemplateTrouble, variables

    if why := name_trouble(wanted["name"], LONGEST_NAME):
        return why
    for field, limit in (("sender_name", LONGEST_NAME), ("subject", LONGEST_SUBJECT), ("body", LONGEST_BODY)):
        if len(wanted[field]) > limit:
            return refuse("too long", limit=limit)
    if namesake(work, "templates", wanted["name"], but=but, where=_where(place)) is not None:
        return refuse("name used", name=wanted["name"])
    named: list[str] = []
    for part, text in ((_("subject"), wanted["subject"]), (_("text"), wanted["body"])):
        try:
            named += variables(text)
        except TemplateTrouble as trouble:
            return refuse("bad template", part=part, trouble=str(trouble))
    if wrong := unknown(tuple(dict.fromkeys(named))):
        return refuse("no variable", names=wrong)
    if not wanted["klass"] or place["user_id"] is not None or place["flow_id"] is not None:
        return None
    # One for each class of the account and of a survey: those are what the autopilot sends (A4).
    others = [name for id, name, klass in _beside(work, place) if id != but and klass == _CLASS[wanted["klass"]]]
    if others:
        return refuse("class taken", name=others[0])
    more = tuple(name for name in dict.fromkeys(named) if name not in OF_THE_CUSTOMER)
    return refuse("customer's name only", names=more) if more and place["survey_id"] is None else None


def _note(
    desk: Desk, work: Any, actor: Actor, what: str, id: int, place: Mapping[str, int | None], name: str,
    old: dict[str, Any], new: dict[str, Any],
) -> None:  # fmt: skip
    """Into the audit; of what a person keeps for themselves, only that it was changed."""
    if place["user_id"] is not None:
        old, new = {}, {}
    flow = place["flow_id"]
    target, of = ("template", id) if flow is None else ("flow template", flow)
    if place["user_id"] is not None:
        target, name = "own template", _("a template of their own")
    note(work, actor=actor, at=desk.now(), what=what, target=target, target_id=of, name=name, old=old, new=new)

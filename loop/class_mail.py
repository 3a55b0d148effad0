"""Which e-mail of the autopilot an answer gets, and whether its text is ready to be sent (A4, M2, M3).

One text for each class of the account, which knows the customer's name only, and one for each class of a survey. A survey
says whether e-mail is sent at all, and whether its own texts replace the account's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_manage, scope
from domain.rules import SEND_CLASS
from domain.text import _, clean, fold, line
from loop.automatic import Letter
from loop.desk import Desk
from loop.filling import OF_THE_CUSTOMER, Filled, filled, unknown, values_by_rule
from loop.queue import CLASSES
from loop.sight import within

PARTS = ("sender name", "subject", "text")
"""What has to be filled; `part_name` says them."""


@dataclass(frozen=True)
class ClassState:
    """The text of one class, of the account or of a survey: what its tab says."""

    survey: int | None
    """None for the account's."""
    survey_name: str
    klass: str
    template: int | None
    """Its id; None where none was written yet."""
    name: str
    missing: tuple[str, ...]
    """Of `PARTS`, what is not filled."""
    bad: tuple[str, ...]
    """Variables that no such e-mail can ever have."""
    counts: bool
    """Whether it is sent to somebody, by what the surveys say: a survey's own counts where it replaces the account's."""

    @property
    def complete(self) -> bool:
        """Whether it can be sent; else its tab shows `!`."""
        return not self.missing and not self.bad

    @property
    def said(self) -> str:
        """What is missing, as a sentence; '' when it is complete."""
        if self.template is None:
            return _("Nothing is written yet.")
        if self.missing:
            return _("Still empty: {parts}.").format(parts=", ".join(map(part_name, self.missing)))
        return _("Not known here: {names}.").format(names=", ".join(self.bad)) if self.bad else ""


@dataclass(frozen=True)
class Unwritten:
    """No e-mail, and why."""

    why: str
    """surveys sends none, no class, no template, incomplete, missing, bad template."""
    names: tuple[str, ...] = ()
    """Parts that are empty, or variables that are missing."""


@dataclass(frozen=True)
class _Text:
    """A template as it is kept."""

    id: int
    name: str
    survey: int | None
    klass: int | None
    sender_name: str
    subject: str
    body: str

    @property
    def empty(self) -> tuple[str, ...]:
        filled = zip(PARTS, (self.sender_name, self.subject, self.body), strict=True)
        return tuple(part for part, text in filled if not text.strip())

    @property
    def is_accounts_own(self) -> bool:
        """One of the account for a class: it knows the customer's name only (A4)."""
        return self.survey is None and self.klass is not None


def part_name(part: str) -> str:
    """One of `PARTS` in the reader's language."""
    return {"sender name": _("sender name"), "subject": _("subject"), "text": _("text")}[part]


def states(desk: Desk, *, actor: Actor) -> tuple[ClassState, ...]:
    """Of the account and of each survey, by class, what is written and what is missing; for who may change them."""
    if may_manage(actor):
        return ()
    surveys = desk.db.rows("SELECT id, name, sends_mail, own_templates, internal FROM surveys ORDER BY lower(name), id")
    texts = {(t.survey, t.klass): t for t in _texts(desk.db.rows) if t.klass is not None}
    account = any(sends and not own for __, __, sends, own, __ in surveys) or not surveys
    found = [_state(None, "", place, texts.get((None, place)), account) for place in range(len(CLASSES))]
    for id, name, sends, own, __ in surveys:
        found += [_state(id, name, place, texts.get((id, place)), bool(sends and own)) for place in range(len(CLASSES))]
    return tuple(found)


def _state(survey: int | None, name: str, place: int, text: _Text | None, counts: bool) -> ClassState:
    klass = CLASSES[place].value
    if text is None:
        return ClassState(survey, name, klass, None, "", PARTS, (), counts)
    return ClassState(survey, name, klass, text.id, text.name, text.empty, never(text, survey is None), counts)


def never(text: Any, of_account: bool) -> tuple[str, ...]:
    """Variables that a text (`subject` and `body`) names and that its e-mails never have."""
    from mail.templates import TemplateTrouble, variables

    named: list[str] = []
    for source in (text.subject, text.body):
        try:
            named += variables(source)
        except TemplateTrouble:
            continue  # it was refused when it was saved; one that came otherwise is said when it is sent
    names = tuple(dict.fromkeys(named))
    return tuple(n for n in names if n not in OF_THE_CUSTOMER) if of_account else unknown(names)


def chosen(rows: Any, send: str | int, survey_id: int | None, klass: int | None) -> _Text | Unwritten:
    """The text that an answer of a survey and a class gets, ready to be filled, or why it gets none (A4).

    `send` is `SEND_CLASS`, or the id or the name of a text of the account or of a survey. `klass` is the place of a class.
    """
    sends, own = True, False
    if survey_id is not None:
        found = rows("SELECT sends_mail, own_templates FROM surveys WHERE id = :id", {"id": survey_id})
        sends, own = (bool(found[0][0]), bool(found[0][1])) if found else (True, False)
    if not sends:
        return Unwritten("survey sends none")
    if send == SEND_CLASS:
        if klass is None:
            return Unwritten("no class")
        fitting = _texts(rows, survey_id if own else None, klass)
    else:
        fitting = [t for t in _texts(rows) if send == t.id or (isinstance(send, str) and fold(t.name) == fold(send))]
        # Two surveys may call theirs alike.
        fitting.sort(key=lambda t: (t.survey != survey_id, t.survey is not None, t.id))
    if not fitting:
        return Unwritten("no template")
    return Unwritten("incomplete", fitting[0].empty) if fitting[0].empty else fitting[0]


def letter(
    rows: Any, desk: Desk, answer_id: int | None, send: str | int, *, ticket: int | None = None
) -> Letter | Unwritten:
    """What an answer is sent by a rule, its variables put in, or why nothing leaves. On its ticket where it has one."""
    survey, klass = _facts(rows, answer_id, ticket)
    text = chosen(rows, send, survey, klass)
    if isinstance(text, Unwritten):
        return text
    given = _known(values_by_rule(rows, desk, answer_id, ticket), text.is_accounts_own)
    subject, body = filled(line(text.subject), given), filled(clean(text.body), given)
    if subject.trouble or body.trouble:
        return Unwritten("bad template", (subject.trouble or body.trouble,))
    if missing := tuple(dict.fromkeys((*subject.missing, *body.missing))):
        return Unwritten("missing", missing)
    said = line(subject.text)
    if not said.strip() or not body.text.strip():  # conditions in it left nothing
        return Unwritten("incomplete", tuple(p for p, t in (("subject", said), ("text", body.text)) if not t.strip()))
    return Letter(said, body.text, line(text.sender_name, 100), ticket)


def _facts(rows: Any, answer_id: int | None, ticket: int | None) -> tuple[int | None, int | None]:
    """Survey and class."""
    if answer_id is not None:
        found = rows("SELECT survey_id, klass FROM answers WHERE id = :id", {"id": answer_id})
    else:
        found = rows("SELECT survey_id, klass FROM tickets WHERE number = :n", {"n": ticket})
    return found[0] if found else (None, None)


def _known(given: Mapping[str, Any], customer_only: bool) -> Mapping[str, Any]:
    """All values, or the customer's name only: the account's texts are sent whatever the survey asked (A4)."""
    if not customer_only:
        return given
    customer = given.get("customer", {})
    return {"customer": {name: customer.get(name, "") for name in ("name", "first_name")}}


def _texts(rows: Any, survey: int | None = None, klass: int | None = None) -> list[_Text]:
    """Those of the account and of surveys, the account's first; with a class those of one place and class only."""
    where, given = "", {}
    if klass is not None:
        where = f"AND klass = :klass AND survey_id {'IS NULL' if survey is None else '= :survey'}"
        given = {"klass": klass} | ({} if survey is None else {"survey": survey})
    return [
        _Text(*row)
        for row in rows(
            f"""SELECT id, name, survey_id, klass, sender_name, subject, body FROM templates
                WHERE user_id IS NULL AND flow_id IS NULL {where} ORDER BY CASE WHEN survey_id IS NULL THEN 0 ELSE 1 END, id""",
            given,
        )
    ]


def preview(
    desk: Desk, subject: str, body: str, answer_id: int, *, actor: Actor, of_account: bool = False
) -> tuple[Filled, Filled] | Refusal:
    """Subject and body as they would read for an answer, with what is missing marked; of an account's text (`of_account`)
    everything but the customer's name is missing. Of its ticket's flow, or, without one, for who may manage (P3).
    """
    found = desk.db.rows(
        "SELECT t.number, t.flow_id FROM answers a LEFT JOIN tickets t ON t.answer_id = a.id"
        " WHERE a.id = :id ORDER BY CASE WHEN t.merged_into IS NULL THEN 0 ELSE 1 END, t.number",
        {"id": answer_id},
    )
    seen = [number for number, flow in found if flow is not None and scope(actor).admits(flow)]
    free = bool(found) and found[0][0] is None and may_manage(actor) is None
    if not seen and not free:
        return refuse("no answer", id=answer_id)
    given = values_by_rule(desk.db.rows, desk, answer_id, seen[0] if seen else None)
    known = _known(given, of_account)
    return filled(line(subject), known), filled(clean(body), known)


def samples(
    desk: Desk, *, survey: int | None = None, klass: str = "", actor: Actor, limit: int = 20
) -> tuple[tuple[int, str], ...]:
    """Answers in sight to try a text on, id and a line about each, the newest first."""
    free = ""
    if may_manage(actor) is None:
        free = "NOT EXISTS (SELECT 1 FROM tickets x WHERE x.answer_id = a.id) OR "
    names = [c.value for c in CLASSES]
    rows: Sequence[tuple[Any, ...]] = desk.db.rows(
        f"""SELECT a.id, c.name, a.score, a.comment FROM answers a LEFT JOIN tickets t ON t.answer_id = a.id AND t.merged_into IS NULL
            LEFT JOIN contacts c ON c.id = a.contact_id
            WHERE ({free}(t.number IS NOT NULL AND {within(actor)})) AND (:survey = 0 OR a.survey_id = :survey)
            AND (:klass = -1 OR a.klass = :klass) ORDER BY a.answered_at DESC, a.id DESC LIMIT :limit""",
        {"survey": survey or 0, "klass": names.index(klass) if klass in names else -1, "limit": limit},
    )
    return tuple((id, _about(name, score, comment)) for id, name, score, comment in rows)


def _about(name: str | None, score: int | None, comment: str) -> str:
    said = [line(name or "", 40) or "—", "" if score is None else str(score), line(comment, 60)]
    return " · ".join(part for part in said if part)

"""The answer behind a ticket, every question with its answer (T9), and what closing it left behind (T6)."""

from domain.ages import age
from domain.answers import ScoreClass
from domain.text import _, clean, line
from loop.views import AnswerView, TicketView
from tui.theme import glyph
from tui.widgets.ticket.matched import marked_in
from tui.widgets.ticket.spans import Line, full_date, heading, health_role, pair, wrap, wrapped


def class_word(health: ScoreClass | None) -> str:
    """The class in words, beside its glyph."""
    return {
        ScoreClass.DETRACTOR: _("detractor"),
        ScoreClass.NEUTRAL: _("neutral"),
        ScoreClass.PROMOTER: _("promoter"),
        None: "",
    }[health]


def answer_lines(view: TicketView, now: int, width: int) -> list[Line]:
    """The Answer tab."""
    lines = _resolution(view, width)
    if view.answer is None:
        lines.append(Line(((_("This ticket was opened without an answer."), "past"),)))
        if view.description:
            lines += [Line(), *wrapped(clean(view.description), width, "text")]
        return lines
    answer = view.answer
    lines += _score(answer, now)
    if answer.comment:
        said = wrap(f"“{clean(answer.comment).strip()}”", width)
        lines += [Line(), *(Line(spans) for spans in marked_in(said, answer.comment, view.matched, "bright"))]
    if view.description and line(view.description) != line(answer.comment):
        lines += [Line(), heading(_("Description")), *wrapped(clean(view.description), width, "text")]
    if answer.questions:
        lines += [Line(), heading(_("Questions"), str(len(answer.questions)))]
        for question, said in answer.questions:
            lines += wrapped(line(question), width, "past")
            lines += wrapped(clean(said).strip() or "—", width, "text", indent=2)
    if answer.attributes:
        lines += [Line(), heading(_("Attributes")), *attribute_lines(answer.attributes, width)]
    return lines


def attribute_lines(attributes: tuple[tuple[str, str], ...], width: int) -> list[Line]:
    """Names and values in two columns."""
    longest = min(18, max((len(line(name)) for name, _v in attributes), default=8))
    return [x for name, value in attributes for x in pair(line(name), line(value) or "—", width, longest)]


def _score(answer: AnswerView, now: int) -> list[Line]:
    role = health_role(answer.health)
    score = "—" if answer.score is None else str(answer.score)
    return [
        Line(
            (
                (f"{glyph(answer.health)}{score} {class_word(answer.health)}", role),
                (" · ", "past"),
                (line(answer.survey) or "—", "text"),
            ),
            ((f"{age(answer.at, now)} · {full_date(answer.at)}", "past"),),
        )
    ]


def _resolution(view: TicketView, width: int) -> list[Line]:
    if not view.resolution:
        return []
    lines = [heading(_("Resolution"), line(view.outcome, 40))]
    lines += [Line(((words, "text"),)) for words in wrap(clean(view.resolution), width)]
    return [*lines, Line()]

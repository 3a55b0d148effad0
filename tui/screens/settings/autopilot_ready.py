"""Whether the e-mail that a rule set sends could be sent: sender, subject, body (A4)."""

from __future__ import annotations

from domain.rules import SEND_CLASS, RuleSet
from domain.text import _, fold, ngettext
from tui.screens.settings.autopilot_around import Around
from tui.widgets.ticket.spans import Span


def ready_spans(plan: RuleSet, around: Around) -> tuple[Span, ...]:
    """Behind what is sent: what is there of it and what is missing; nothing where nothing is sent."""
    send = plan.then.send
    if not send:
        return ()
    if send != SEND_CLASS:
        row = next((t for t in around.templates if fold(t.name) == fold(send)), None)
        if row is None:
            return ()
        return _parts(bool(row.sender_name.strip()), bool(row.subject.strip()), bool(row.body.strip()))
    wanted = plan.when.classes or ("detractor", "neutral", "promoter")
    surveys = {fold(name) for name in plan.when.surveys}
    texts = [
        s
        for s in around.states
        if s.counts and s.klass in wanted and (s.survey is None or not surveys or fold(s.survey_name) in surveys)
    ]
    if len(texts) == 1:
        gone = texts[0].missing
        return _parts("sender name" not in gone, "subject" not in gone, "text" not in gone)
    lacking = sum(1 for s in texts if not s.complete)
    if not texts:
        return ()
    if not lacking:
        return (
            (
                "   ✓ " + ngettext("{n} e-mail complete", "{n} e-mails complete", len(texts)).format(n=len(texts)),
                "promoter",
            ),
        )
    said = _("{n} of {all} e-mails are not complete").format(n=lacking, all=len(texts))
    return (("   ! " + said, "late"),)


def _parts(sender: bool, subject: bool, body: bool) -> tuple[Span, ...]:
    spans: list[Span] = []
    for there, words in ((sender, _("sender")), (subject, _("subject")), (body, _("text"))):
        spans.append((f"   {'✓' if there else '!'} {words}", "past" if there else "late"))
    return tuple(spans)

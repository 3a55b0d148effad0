"""The kinds of events on a timeline (T8), and which of them a person is shown as a line of their own."""

KINDS = (
    "opened",  # by an answer, a mail or a hand
    "started",
    "moved",
    "closed",
    "reopened",
    "assigned",
    "priority",
    "ticked",
    "unticked",
    "note",
    "mail in",
    "suspect mail",
    "automatic mail",
    "bounce",
    "mail out",
    "mail delayed",  # the server would not take it yet
    "mail accepted",
    "mail failed",
    "mail in doubt",
    "mail held",
    "mail taken back",
    "mail retried",
    "mail trusted",  # a suspect mail was accepted, or one held for automatic is a person's (M7)
    "mail split",  # a mail was taken off; `to` is its new ticket, None when it went back to triage
    "mail whole",  # the rest of an oversized mail was fetched (M8)
    "answered",  # marked as needing no answer
    "subject",
    "description",
    "due",
    "tags",
    "categories",
    "followers",
    "activity added",
    "activity changed",
    "activity done",
    "activity undone",
    "activity removed",
    "transferred",  # to another flow (I7)
    "merged",  # this ticket went into another; `into` is its number
    "took in",  # another ticket was merged into this one; `number` is its number
    "unmerged",
    "customer",  # the customer's data were changed, merged or split; which fields, not their values (R4)
)

SILENT = frozenset({"mail accepted", "mail delayed"})
"""Seen as the state of the mail itself, not as a line of their own."""

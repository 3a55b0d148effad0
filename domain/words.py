"""What the program calls its kinds, states and levels, for people (R6); queries, files and JSON keep the English words."""

from types import MappingProxyType

from domain.text import N_, _, line

_OTHERWISE = MappingProxyType(
    {"none": N_("no level"), "answered": N_("marked as needing no answer"), "created": N_("created")}
)
"""Words that are said in another way than they are kept."""

_NAMES = frozenset(
    {
        # Levels and roles (P1, P2).
        N_("agent"),
        N_("analyst"),
        N_("administrator"),
        N_("owner"),
        # Priorities.
        N_("high"),
        N_("medium"),
        N_("low"),
        # Events (T8).
        N_("opened"),
        N_("started"),
        N_("moved"),
        N_("closed"),
        N_("reopened"),
        N_("assigned"),
        N_("priority"),
        N_("ticked"),
        N_("unticked"),
        N_("mail delayed"),
        N_("mail accepted"),
        N_("mail failed"),
        N_("mail in doubt"),
        N_("mail held"),
        N_("mail taken back"),
        N_("mail retried"),
        N_("mail trusted"),
        N_("mail split"),
        N_("mail whole"),
        N_("subject"),
        N_("description"),
        N_("due"),
        N_("tags"),
        N_("categories"),
        N_("followers"),
        N_("activity added"),
        N_("activity changed"),
        N_("activity done"),
        N_("activity undone"),
        N_("activity removed"),
        N_("transferred"),
        N_("merged"),
        N_("took in"),
        N_("unmerged"),
        N_("customer"),
        # Notifications (N2).
        N_("mention"),
        N_("due soon"),
        N_("overdue"),
        N_("follower"),
        # Mails that leave, and that came (M5, M8).
        N_("queued"),
        N_("claimed"),
        N_("sent"),
        N_("in doubt"),
        N_("held"),
        N_("failed"),
        N_("bounced"),
        N_("taken back"),
        N_("delayed"),
        N_("threaded"),
        N_("new"),
        N_("triage"),
        N_("suspect"),
        N_("automatic"),
        N_("bounce"),
        N_("duplicate"),
        N_("quarantined"),
        # The audit.
        N_("changed"),
        N_("deactivated"),
        N_("activated"),
        N_("removed"),
        N_("reordered"),
        N_("flow"),
        N_("user"),
        N_("team"),
        N_("survey"),
        N_("category"),
        N_("tag"),
        N_("rule set"),
        N_("manager table"),
        N_("mailbox"),
        N_("template"),
    }
)


def named(value: str) -> str:
    """What the reader calls a kind, state or level; one that has no name here is said as it is kept."""
    if value in _OTHERWISE:
        return _(_OTHERWISE[value])
    return _(value) if value in _NAMES else line(value, 60)

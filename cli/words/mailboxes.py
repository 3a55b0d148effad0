"""Commands about mailboxes."""

from collections.abc import Callable

from cli.parsing import Parser, count
from domain.text import _

Add = Callable[..., Parser]


def commands(add: Add) -> None:
    """Add them to the command line."""
    group = add("mailbox", "mailboxes:list_", _("mailboxes: how they are doing, and whether they work"))
    inner = group.add_subparsers(title=_("commands"), metavar=_("COMMAND"), dest="action", required=True)
    listed = _("the mailboxes, how each is doing, since when, and what is tried next")
    p = inner.add_parser(
        "list",
        help=listed,
        description=listed,
        epilog=(
            'JSON: [{"name", "address", "configured", "imap", "smtp", "password", "served", "polled", "waiting", "copies", '
            '"moves", "troubles": [{"part", "said", "since", "next"}, …]}, …]'
        ),
    )
    p.set_defaults(run="cli.commands.mailboxes:list_", parser=p)
    p = inner.add_parser(
        "test",
        help=_(
            "try a mailbox step by step; ends with 5 when a server does not answer, with 3 when the set-up is wrong"
        ),
        description=_(
            "try a mailbox step by step: names, TLS and certificates, logins, folders, IDLE, MOVE, and a message to "
            "itself that must come back, by which the clocks are compared. Ends with 5 when a server does not answer, "
            "with 3 when the set-up is wrong. The message stays in the mailbox, and in the ledger as one of our own."
        ),
        epilog='JSON: {"mailbox", "address", "ok", "steps": [{"step", "state": ok|note|failed|skipped, "said", "ms"}, …]}',
    )
    p.add_argument("name", metavar=_("NAME"), help=_("its name or address"))
    p.add_argument("--no-message", action="store_true", help=_("send nothing; try only what needs no message"))
    p.add_argument("--wait", type=count, default=60, metavar="S", help=_("seconds for the message to come back (60)"))
    p.set_defaults(run="cli.commands.mailboxes:test", parser=p)

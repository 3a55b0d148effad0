"""Commands about mailboxes."""

import argparse
from collections.abc import Callable
from typing import Any

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
    _set_up(inner)


def _set_up(inner: Any) -> None:
    """Writing mailboxes into the configuration file."""
    shape = 'JSON: {"address", "changes": [{"field", "old", "new"}, …]}'
    about = _(
        "write a mailbox into the configuration file, or change it there; comments of the file stay. No password is kept: "
        "say where it is with --password-keyring, --password-env or --password-command"
    )
    p = inner.add_parser("set", help=_("set a mailbox up, or change it"), description=about, epilog=shape)
    p.add_argument("address", metavar=_("ADDRESS"), help=_("what mail leaves from and replies come to"))
    for flag, metavar, help in (
        ("--new-address", _("ADDRESS"), _("the address from now on")),
        ("--name", _("NAME"), _("how people here call it")),
        ("--sender-name", _("NAME"), _("beside the address in what customers get")),
        ("--imap-host", _("HOST"), _("where mail is read")),
        ("--imap-user", _("USER"), _("the address unless said otherwise")),
        ("--imap-folder", _("FOLDER"), _("what is read; INBOX unless said otherwise")),
        ("--smtp-host", _("HOST"), _("where mail is handed over")),
        ("--smtp-user", _("USER"), _("the address unless said otherwise")),
        ("--password-keyring", _("ENTRY"), _("the keyring's entry with the password")),
        ("--password-env", _("VARIABLE"), _("the variable with the password")),
        ("--password-command", _("COMMAND"), _("what prints the password; on a desk of one's own only")),
        ("--ca-file", _("FILE"), _("an authority of one's own (PEM); on a desk of one's own only")),
        ("--sent-folder", _("FOLDER"), _("where copies of what was sent are put; auto for the server's own")),
    ):
        p.add_argument(flag, metavar=metavar, help=help)
    for flag in ("--imap-security", "--smtp-security"):
        p.add_argument(flag, choices=("tls", "starttls", "none"), help=_("tls unless said otherwise"))
    for flag, help in (
        ("--imap-port", _("the usual one unless said otherwise")),
        ("--smtp-port", _("the usual one unless said otherwise")),
        ("--messages-per-minute", _("the most that the server takes")),
    ):
        p.add_argument(flag, type=count, metavar="N", help=help)
    p.add_argument("--unknown-sender", choices=("triage", "ticket"), help=_("what mail from somebody unknown becomes"))
    for flag, help in (
        ("--xoauth2", _("what is given as password is an OAuth2 access token")),
        ("--plus-address", _("address+anything arrives here too")),
    ):
        p.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=help)
    p.set_defaults(run="cli.commands.mailbox_setup:set_", parser=p)
    about = _("take a mailbox out of the configuration file; its mails and the ledger stay")
    p = inner.add_parser("remove", help=about, description=about, epilog=shape)
    p.add_argument("address", metavar=_("ADDRESS"), help=_("its address"))
    p.set_defaults(run="cli.commands.mailbox_setup:remove", parser=p)

"""The command that does several acts at once on all that a query finds."""

import argparse
from collections.abc import Callable

from cli.parsing import Parser
from domain.text import _

Add = Callable[..., Parser]

ACTS = (
    "start", "assign", "nobody", "category", "no_category", "categorise", "tag", "no_tag", "priority", "due", "follow",
    "answered", "flow", "phase", "rule_set", "managers", "template",
)  # fmt: skip
"""The options of which one is needed."""


def commands(add: Add) -> None:
    """Add it to the command line."""
    p = add(
        "mass",
        "mass:run",
        _("do several things at once with all tickets that a query finds"),
        'JSON: {"found": N, "done": [N, …], "partly": [N, …], "refused": [{"reason", "code", "count", "numbers"}, …], '
        '"left": N, "written": [N, …]}; with --dry-run {"found": N}, with --template too {"found": N, "written": [N, …], "refused": […]}',
        description=_(
            "do several things at once with all tickets that a query finds, under the rules of one ticket; what is "
            "refused does not hold up the rest. Ctrl+C stops it; what was done stays."
        ),
    )
    p.add_argument("--where", required=True, metavar=_("QUERY"), help=_("which tickets, as `tickets` finds them"))
    p.add_argument("--start", action="store_true", help=_("from pending into work"))
    who = p.add_mutually_exclusive_group()
    who.add_argument("--assign", metavar=_("LOGIN"), help=_("whose they are; me is you"))
    who.add_argument("--nobody", action="store_true", help=_("make them nobody's"))
    who.add_argument("--managers", metavar=_("TABLE"), help=_("a table by which each is given to somebody"))
    for flag, metavar, help in (
        ("--category", _("CATEGORY"), _("put them into it; again for more")),
        ("--no-category", _("CATEGORY"), _("take them out of it; again for more")),
        ("--tag", _("TAG"), _("give it; again for more")),
        ("--no-tag", _("TAG"), _("take it away; again for more")),
        ("--follow", _("LOGIN"), _("who follows them too; again for more")),
    ):
        p.add_argument(flag, action="append", default=[], metavar=metavar, help=help)
    p.add_argument(
        "--categorise", action="store_true", help=_("put each into the categories whose own words its comment has")
    )
    p.add_argument("--priority", choices=("high", "medium", "low"), help=_("how urgent they are"))
    p.add_argument("--due", metavar=_("DATE"), help=_("2d, friday, 31/12, 2026-12-31 14:30, none"))
    p.add_argument("--answered", action="store_true", help=_("they need no answer"))
    p.add_argument(
        "--template",
        metavar=_("TEMPLATE"),
        help=_("an e-mail from you to each customer: a template, or class for the e-mail of their class"),
    )
    p.add_argument("--flow", metavar=_("NAME"), help=_("another flow that they go to; --phase is then one of it"))
    p.add_argument("--phase", metavar=_("PHASE"), help=_("where they go"))
    p.add_argument("--resolution", default="", metavar=_("TEXT"), help=_("for a phase that closes: what was done"))
    p.add_argument("--outcome", default="", metavar=_("TEXT"), help=_("how it came out"))
    p.add_argument(
        "--rule", dest="rule_set", metavar=_("NAME"), help=_("a rule set that is run on them, after all else")
    )
    p.add_argument("--dry-run", action="store_true", help=_("only say how many they are"))
    p.set_defaults(rule=_something)


def _something(asked: argparse.Namespace) -> str | None:
    """At least one act, or only to count."""
    if asked.dry_run or any(getattr(asked, name) not in (None, False, []) for name in ACTS):
        return None
    return _("say what is to be done, for example --tag or --phase; or --dry-run")

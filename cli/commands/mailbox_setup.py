"""`retorno mailbox set|remove`: mailboxes in the configuration file (R3)."""

import argparse
import shlex
from typing import Any

from cli import output
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.contacts import fold_email
from domain.refusals import Refusal
from domain.text import _
from loop import mailbox_setup


def set_(asked: argparse.Namespace) -> int:
    """Set a mailbox up, or change what was said of it."""
    given = {key: getattr(asked, key, None) for key in mailbox_setup.FIELDS if key != "address"}
    values: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if "password_command" in values:
        try:
            values["password_command"] = tuple(shlex.split(values["password_command"]))
        except ValueError as error:
            raise CommandTrouble(f"--password-command: {error}", Exit.USAGE) from None
    with desk_for(asked) as (desk, actor):
        address = fold_email(asked.address) or asked.address
        there = any(m.address == address for m in desk.config.mailboxes)
        values["address"] = asked.new_address or asked.address
        return _say(asked, mailbox_setup.save(desk, address if there else None, values, actor=actor), _("Saved."))


def remove(asked: argparse.Namespace) -> int:
    """Take a mailbox out of the file."""
    with desk_for(asked) as (desk, actor):
        address = fold_email(asked.address) or asked.address
        return _say(asked, mailbox_setup.remove(desk, address, actor=actor), _("Removed."))


def _say(asked: argparse.Namespace, saved: Any, done: str) -> int:
    if isinstance(saved, Refusal):
        raise CommandTrouble(str(saved))
    if asked.json:
        changes = [{"field": c.field, "old": c.old, "new": c.new} for c in saved.changes]
        output.say_json({"address": asked.address, "changes": changes})
    else:
        output.say(done)
    return Exit.DONE

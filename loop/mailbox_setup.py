"""Setting a mailbox up: what is written into the configuration file, and whether what stands there can be meant (R3).

Mailboxes live in that file, beside nothing secret: a password is named by where it is kept.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from domain.people import Actor
from domain.refusals import Refusal, refuse
from domain.rights import may_connect
from domain.text import _, line
from loop.audit import differences, note
from loop.desk import Desk
from loop.setup_views import Saved
from loop.shaping import standing

FIELDS = (
    "name", "address", "sender_name",
    "imap_host", "imap_security", "imap_port", "imap_user", "imap_folder",
    "smtp_host", "smtp_security", "smtp_port", "smtp_user",
    "password_keyring", "password_env", "password_command", "xoauth2", "ca_file",
    "sent_folder", "plus_address", "unknown_sender", "messages_per_minute",
)  # fmt: skip
"""Keys of the file that `save` writes; the others stay as they are."""
OF_THE_MACHINE = ("password_command", "ca_file")
"""What names a program or a file of this machine: only on a desk that is one person's own, else in the file alone (R2)."""

TEMPLATE = """\
[[mailbox]]
name = "SAC"
address = "sac@loja.example"
sender_name = "SAC da Loja"
imap_host = "imap.loja.example"
smtp_host = "smtp.loja.example"
password_command = ["pass", "show", "sac"]
# or password_keyring = "retorno", or password_env = "SAC_PASSWORD"
# xoauth2 = true             the command prints an access token
# imap_security = "starttls" and smtp_security; "tls" unless said
# ca_file = "loja-ca.pem"    an authority of your own
# sent_folder = "auto"       a copy of what was sent
# plus_address = true        sac+anything@ arrives here too
"""


def file_of(desk: Desk) -> str:
    """Where the configuration file is, or would be."""
    from gateways.config import default_path

    return str(desk.config.path or default_path())


def check_file(desk: Desk) -> tuple[bool, str]:
    """Whether the file as it is now can be meant, and a sentence about it."""
    from loop.config import ConfigTrouble, load

    where = file_of(desk)
    if not os.path.exists(where):
        return False, _("There is no {path} yet.").format(path=where)
    try:
        found = load(where, desk.config.db_url, os.environ)
    except ConfigTrouble as trouble:
        return False, str(trouble)
    names = ", ".join(m.name for m in found.mailboxes)
    if not names:
        return False, _("{path} can be read and has no [[mailbox]].").format(path=where)
    if found.mailboxes == desk.config.mailboxes:
        return True, _("{path} can be read; in use: {names}.").format(path=where, names=names)
    return True, _("{path} can be read: {names}. Start Retorno again to use it; then t tries a mailbox.").format(
        path=where, names=names
    )


def settings(desk: Desk, address: str, *, actor: Actor) -> dict[str, Any] | Refusal:
    """What the file says of a mailbox, by key; what it does not say is not among it."""
    from gateways.mailbox_file import read
    from gateways.settings import ConfigTrouble

    if why := may_connect(actor):
        return why
    try:
        found = read(Path(file_of(desk)), address)
    except ConfigTrouble as trouble:
        return refuse("bad set-up", why=str(trouble))
    return {key: value for key, value in found.items() if key in FIELDS}


def save(desk: Desk, was: str | None, values: Mapping[str, Any], *, actor: Actor) -> Saved | Refusal:
    """Write a mailbox into the configuration file, and use it from now on; `was` is its address until now, None for a new one.

    `values` are `FIELDS` (KeyError for others): None, '' and False take a key out. A file that could not be meant is not
    written. Workers of other processes read it when they start again.
    """
    from gateways.mailbox_file import read, write
    from gateways.settings import ConfigTrouble

    if unknown := set(values) - set(FIELDS):
        raise KeyError(*sorted(unknown))
    path = Path(file_of(desk))
    wanted = {key: value or None for key, value in values.items()}
    with desk.db.write() as work:
        work.alone("set-up")
        if why := may_connect(standing(work, actor)):
            return why
        try:
            before = read(path, was) if was else {}
            new = {k: v for k, v in wanted.items() if _plain(v) != _plain(before.get(k))}
            if any(key in OF_THE_MACHINE for key in new) and not desk.facts().personal:
                return refuse("in the file", key=next(k for k in OF_THE_MACHINE if k in new), path=str(path))
            if not new:
                return Saved(0)
            made = write(path, was, new)
        except ConfigTrouble as trouble:
            return refuse("bad set-up", why=str(trouble))
        old = {k: _plain(before.get(k)) for k in new}
        told = {k: _plain(v) for k, v in new.items()}
        _note(desk, work, actor, "changed" if was else "created", made.address, old if was else {}, told)
    _use(desk)
    return Saved(0, differences(old if was else {}, told))


def remove(desk: Desk, address: str, *, actor: Actor) -> Saved | Refusal:
    """Take a mailbox out of the file: it is read and written from no more. Its mails, and the ledger, stay."""
    from gateways import mailbox_file
    from gateways.settings import ConfigTrouble

    with desk.db.write() as work:
        work.alone("set-up")
        if why := may_connect(standing(work, actor)):
            return why
        try:
            mailbox_file.remove(Path(file_of(desk)), address)
        except ConfigTrouble as trouble:
            return refuse("bad set-up", why=str(trouble))
        _note(desk, work, actor, "removed", address, {"address": address}, {})
    _use(desk)
    return Saved(0)


def _use(desk: Desk) -> None:
    """Take over the mailboxes that the file names now; nothing else of it, which is read at the start."""
    from loop.config import load

    path = file_of(desk)
    found = load(path, desk.config.db_url, os.environ)
    desk.config = replace(desk.config, mailboxes=found.mailboxes, path=found.path)


def _note(
    desk: Desk, work: Any, actor: Actor, what: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> None:
    note(
        work, actor=actor, at=desk.now(), what=what, target="mailbox", target_id=None, name=line(name, 120), old=old, new=new
    )  # fmt: skip


def _plain(value: Any) -> Any:
    """As JSON and the audit know it; what is empty is None."""
    return list(value) if isinstance(value, list | tuple) else value or None

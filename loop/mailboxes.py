"""Our addresses: from the configuration to rows, keys and accounts (R3)."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from domain.text import line
from loop.desk import Desk
from storage.tables import Mailbox

if TYPE_CHECKING:
    from loop.config import MailboxConfig
    from mail.accounts import ImapAccount, SmtpAccount
    from mail.tokens import TokenKey


def ensure(desk: Desk, config: "MailboxConfig") -> int:
    """The id of a mailbox's row; made, or brought in line with the configuration, when needed."""
    found = desk.db.rows(
        "SELECT id, unknown_sender, folder, sender_name, authserv FROM mailboxes WHERE address = :a",
        {"a": config.address},
    )
    wanted = (config.unknown_sender, config.imap_folder, config.sender_name, config.trusted_authserv)
    if found and tuple(found[0][1:]) == wanted:
        return found[0][0]
    with desk.db.write() as work:
        work.alone("mailboxes")
        there = work.where(Mailbox, address=config.address)
        row = there[0] if there else Mailbox(address=config.address, uidvalidity=0, uid=0)
        if row.folder != config.imap_folder:
            row.uidvalidity = row.uid = 0
        row.unknown_sender, row.folder, row.sender_name, row.authserv = wanted
        return work.add(row).id


def speaking(rows: Any, desk: Desk, number: int) -> "MailboxConfig | None":
    """The mailbox that a ticket is written from: of those set up here, the one that its newest mail came to or left from,
    so that a customer goes on with the address that they know; else the first (R3).
    """
    known = {m.address: m for m in desk.config.mailboxes}
    if len(known) > 1:
        for (address,) in rows(
            """SELECT COALESCE(b.address, m.sender_address) FROM messages m
               LEFT JOIN inbound i ON i.ticket = m.ticket AND i.message = m.id LEFT JOIN mailboxes b ON b.id = i.mailbox_id
               WHERE m.ticket = :n AND m.kind = 'message' AND m.trusted = true ORDER BY m.id DESC LIMIT 50""",
            {"n": number},
        ):
            if address in known:
                return known[address]
    return next(iter(known.values()), None)


def imap_account(config: "MailboxConfig") -> "ImapAccount":
    """Where a mailbox is read; the password is fetched now and kept nowhere (R3)."""
    from loop.config import password
    from mail.accounts import ImapAccount

    return ImapAccount(
        host=config.imap_host,
        port=config.imap_port,
        security=config.imap_security,
        user=config.imap_user or config.address,
        password=password(config, os.environ) or "",
        folder=config.imap_folder,
        ca_file=config.ca_file,
        size_limit=config.max_bytes,
        xoauth2=config.xoauth2,
    )


def smtp_account(config: "MailboxConfig") -> "SmtpAccount":
    """Where mail is handed over; the password is fetched now and kept nowhere (R3).

    A relay without TLS, which is one on this machine, is not logged in to unless `smtp_user` says so.
    """
    from loop.config import password
    from mail.accounts import SmtpAccount

    login = config.smtp_user or config.smtp_security != "none"
    secret = password(config, os.environ) if login else None
    return SmtpAccount(
        host=config.smtp_host,
        port=config.smtp_port,
        security=config.smtp_security,
        user=(config.smtp_user or config.address) if secret else None,
        password=secret,
        xoauth2=config.xoauth2 and secret is not None,
        ca_file=config.ca_file,
    )


def keys(rows: Any) -> Mapping[int, "TokenKey"]:
    """All signing keys for mail by id, old ones too (M7)."""
    from mail.tokens import TokenKey

    found = rows("SELECT id, secret FROM token_keys WHERE purpose = 'mail' ORDER BY id", {})
    return {id: TokenKey(id, bytes(secret)) for id, secret in found}


def said_of(error: Exception) -> str:
    """A trouble of server or set-up in its own words, anything else with its kind; on one line."""
    from loop.config import ConfigTrouble
    from mail.mailbox import MailboxError

    known = isinstance(error, (MailboxError, ConfigTrouble))
    return line(str(error) if known else f"{type(error).__name__}: {error}", 200)

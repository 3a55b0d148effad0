"""Commands about notes, followers, files and notifications (N1, N2)."""

import argparse
from pathlib import Path
from typing import Any

from cli import output, shapes
from cli.commands.verbs import once, report, words
from cli.exits import CommandTrouble, Exit
from cli.opening import desk_for
from domain.ages import age
from domain.refusals import Refusal
from domain.text import _, line, ngettext
from domain.words import named
from loop import files, following, notes
from loop import notifications as notified
from loop.views import Notice


def note(asked: argparse.Namespace) -> int:
    """`retorno note N [TEXT|-] [--file FILE]…` (N1)."""
    given = [_file(name) for name in asked.files]
    body = words(asked.text or "")
    with desk_for(asked) as (desk, actor):
        return report(asked, notes.add(desk, [asked.number], body, actor=actor, files=given), _("noted"))


def _file(name: str) -> tuple[str, bytes]:
    """A file's name and bytes; of one that is too large anyway, no more than shows that."""
    path = Path(name)
    try:
        with open(path, "rb") as file:
            return path.name, file.read(notes.LARGEST + 1)
    except (OSError, ValueError) as e:
        why = getattr(e, "strerror", None) or str(e)
        raise CommandTrouble(
            _("{file} cannot be read ({why}). Nothing was noted.").format(file=line(name, 200), why=why), Exit.INPUT
        ) from e


def follow(asked: argparse.Namespace) -> int:
    """`retorno follow N… [--login LOGIN]` (T5, N1)."""
    with desk_for(asked) as (desk, actor):
        done = following.follow(desk, once(asked.numbers), asked.who, actor=actor)
        return report(asked, done, _("followed by {who}").format(who=asked.who or actor.login))


def unfollow(asked: argparse.Namespace) -> int:
    """`retorno unfollow N… [--login LOGIN]`."""
    with desk_for(asked) as (desk, actor):
        done = following.unfollow(desk, once(asked.numbers), asked.who, actor=actor)
        return report(asked, done, _("not followed by {who}").format(who=asked.who or actor.login))


def notifications(asked: argparse.Namespace) -> int:
    """`retorno notifications [--unread] [--read-all]` (N2)."""
    with desk_for(asked) as (desk, actor):
        if asked.read_all:
            read = notified.read(desk, None, actor=actor)
            if asked.json:
                output.say_json({"read": read})
            else:
                output.say(
                    ngettext("{n} notification marked as read.", "{n} notifications marked as read.", read).format(
                        n=read
                    )
                )
            return Exit.DONE
        found = notified.notices(desk, actor=actor, unread=asked.unread, limit=asked.limit)
        now = desk.now()
    if asked.json:
        output.say_json([_shape(notice) for notice in found])
        return Exit.DONE
    table = output.Table(
        [
            output.Column(""),
            output.Column(_("When"), right=True),
            output.Column(_("What")),
            output.Column(_("Who"), most=24, gives=True),
            output.Column(_("Ticket"), right=True),
            output.Column(_("Subject"), most=40, gives=True),
            output.Column(_("Text"), most=60, gives=True),
        ],
        output.width(),
    )
    rows = [
        (
            "" if notice.read else "●",
            age(notice.at, now),
            named(notice.kind),
            notice.who,
            f"#{notice.ticket}" if notice.ticket else "",
            notice.subject,
            notice.text,
        )
        for notice in found
    ]
    for shown in table.lines(rows) if rows else ():
        output.write(shown + "\n")
    return Exit.DONE


def _shape(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "at": shapes.moment(notice.at),
        "kind": notice.kind,
        "who": notice.who,
        "ticket": notice.ticket,
        "subject": notice.subject,
        "text": notice.text,
        "read": notice.read,
    }


def save(asked: argparse.Namespace) -> int:
    """`retorno attachment save ID --to FOLDER`."""
    with desk_for(asked) as (desk, actor):
        return _where(asked, files.save(desk, asked.id, Path(asked.folder), actor=actor))


def open_file(asked: argparse.Namespace) -> int:
    """`retorno attachment open ID`."""
    with desk_for(asked) as (desk, actor):
        return _where(asked, files.opened(desk, asked.id, actor=actor))


def _where(asked: argparse.Namespace, path: Path | Refusal) -> int:
    if isinstance(path, Refusal):
        raise CommandTrouble(str(path))
    if asked.json:
        output.say_json({"id": asked.id, "path": str(path)})
    else:
        output.say(str(path))
    return Exit.DONE

"""A secret from the command that prints it, so that none stands in a file (R3)."""

import os
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from domain.text import _
from gateways.settings import ConfigTrouble, Table

SECONDS = 10.0
"""How long a command may take."""

Trouble = Callable[..., ConfigTrouble]
"""Makes the trouble of a sentence and its values; says whose secret it is."""


def words_of(table: Table, key: str) -> tuple[str, ...] | None:
    """The program and its arguments that `key` names; None if it names none."""
    value: Any = table.values.get(key)
    if value is None:
        return None
    try:
        words = shlex.split(value) if isinstance(value, str) else value
    except ValueError:
        words = None
    if not isinstance(words, list) or not words or not all(isinstance(w, str) and "\x00" not in w for w in words):
        raise table.trouble(_('{key} is a list such as ["pass", "show", "sac"].'), key=key)
    return tuple(words)


def printed_by(command: tuple[str, ...], environ: Mapping[str, str], trouble: Trouble) -> str:
    """The first line that `command` prints. It has no terminal and at most SECONDS; what it prints is in no message."""
    import signal
    import subprocess  # none of this is needed before a secret is

    program = command[0]
    try:
        # The words come from the person's own configuration and no shell reads them. A session of its own, so that
        # the command cannot write over our screen and its children end with it.
        process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise trouble(_("“{program}” cannot be run: {error}."), program=program, error=said) from None
    with process:
        try:
            printed, _nothing = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise trouble(
                _("“{program}” gave no password within {seconds} seconds; it may be waiting for you to unlock it."),
                program=program,
                seconds=int(SECONDS),
            ) from None
    if process.returncode:
        raise trouble(_("“{program}” failed with code {code}."), program=program, code=process.returncode)
    try:
        first = printed.decode("utf-8").split("\n", 1)[0].removesuffix("\r")
    except UnicodeDecodeError:
        raise trouble(_("“{program}” printed what is not UTF-8."), program=program) from None
    if not first:
        raise trouble(_("“{program}” printed no password."), program=program)
    return first

"""Writing in the person's own editor: `$VISUAL`, else `$EDITOR` (M4)."""

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from domain.text import clean


def editor_command(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The words of the editor's command; empty if the environment names none, or none that can be read."""
    environ = os.environ if environ is None else environ
    for name in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(environ.get(name, ""))
        except ValueError:
            continue
        if words:
            return tuple(words)
    return ()


def edit(text: str, command: Sequence[str]) -> str | None:
    """What the editor made of `text`; None if it ended with an error or could not be started.

    The text lies in a directory of its own that only its owner can open, so that what the editor keeps beside it
    goes with it. Raises nothing: an exception would end a suspended app.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="retorno-") as directory:
            path = Path(directory) / "message.txt"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            # The person's own choice of editor, without a shell between.
            if subprocess.run([*command, str(path)], check=False).returncode != 0:  # noqa: S603
                return None
            written = clean(path.read_text(encoding="utf-8", errors="replace"))
            # Editors end the last line; the message had no such line.
            return written if text.endswith("\n") else written.removesuffix("\n")
    except (OSError, ValueError):
        return None

"""Mailboxes written into the configuration file: what else stands there, comments too, stays as it is (R3)."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from domain.text import _, line
from gateways.mailboxes import MailboxConfig, read_mailbox
from gateways.settings import ConfigTrouble

Values = Mapping[str, Any]


def read(path: Path, address: str) -> dict[str, Any]:
    """What the file says of a mailbox, by key; {} when it is not there. ConfigTrouble for a file that is no TOML."""
    __, tables = _document(path)
    found = _of(tables, address, path)
    return {} if found is None else dict(found.unwrap())


def write(path: Path, was: str | None, values: Values) -> MailboxConfig:
    """Put a mailbox into the file, in the place of the one of the address `was`; what it comes to.

    Keys with the value None or '' are taken out, keys that are not given stay. The file is exchanged as a whole, with the
    rights that it had; one that is new is its owner's alone. ConfigTrouble, and the file untouched, if it cannot be meant,
    has no such mailbox, or another one has that address or name.
    """
    import tomlkit

    document, tables = _document(path)
    table = tomlkit.table() if was is None else _of(tables, was, path)
    if table is None:
        raise ConfigTrouble(
            _("{path} has no mailbox {address}.").format(path=_shown(path), address=line(was or "", 80))
        )
    for key, value in values.items():
        if value not in (None, ""):
            table[key] = list(value) if isinstance(value, tuple) else value
        elif key in table:
            del table[key]
    made = read_mailbox(table.unwrap(), path)
    if values.get("ca_file"):
        _look_at(made.ca_file)
    for other in tables:
        if other is table:
            continue
        there = read_mailbox(other.unwrap(), path)
        if made.address == there.address or made.name.casefold() == there.name.casefold():
            raise ConfigTrouble(_("{path} has the mailbox {name} already.").format(path=_shown(path), name=there.name))
    if was is None:
        if "mailbox" not in document:
            document["mailbox"] = tomlkit.aot()
        document["mailbox"].append(table)  # type: ignore[union-attr]
    _exchange(path, tomlkit.dumps(document))
    return made


def _look_at(authority: str | None) -> None:
    """ConfigTrouble for a file of an authority that TLS cannot be checked by."""
    import ssl

    try:
        ssl.create_default_context(cafile=authority)
    except OSError as error:
        words = line(error.strerror or str(error), 120)
        raise ConfigTrouble(
            _("{path} (ca_file) cannot be used: {words}").format(path=line(authority or "", 200), words=words)
        ) from error


def remove(path: Path, address: str) -> None:
    """Take a mailbox out of the file; ConfigTrouble when it is not there."""
    import tomlkit

    document, tables = _document(path)
    at = next((i for i, table in enumerate(tables) if table is _of(tables, address, path)), None)
    if at is None:
        raise ConfigTrouble(_("{path} has no mailbox {address}.").format(path=_shown(path), address=line(address, 80)))
    del document["mailbox"][at]  # type: ignore[union-attr]
    if not document["mailbox"]:
        del document["mailbox"]
    _exchange(path, tomlkit.dumps(document))


def _document(path: Path) -> tuple[Any, list[Any]]:
    """The file as it is written, and its mailboxes; an empty one where there is none."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        text = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
        document = tomlkit.parse(text)
    except (OSError, ValueError, TOMLKitError) as error:
        raise ConfigTrouble(
            _("{path} cannot be read: {error}.").format(path=_shown(path), error=line(str(error), 160))
        ) from None
    tables = document.get("mailbox", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigTrouble(_("{path}: mailboxes are written as [[mailbox]].").format(path=_shown(path)))
    return document, list(tables)


def _of(tables: list[Any], address: str, path: Path) -> Any:
    return next((table for table in tables if read_mailbox(table.unwrap(), path).address == address), None)


def _exchange(path: Path, text: str) -> None:
    """The file's new content, whole or not at all; a link keeps pointing where it did."""
    real = path.resolve()
    try:
        real.parent.mkdir(parents=True, exist_ok=True)
        mode = real.stat().st_mode & 0o777 if real.exists() else 0o600
        handle, name = tempfile.mkstemp(dir=real.parent, prefix=".retorno-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, mode)
            os.replace(name, real)
        except OSError:
            os.unlink(name)
            raise
    except OSError as error:
        said = line(error.strerror or str(error), 120)
        raise ConfigTrouble(
            _("{path} cannot be written: {error}. Nothing was changed.").format(path=_shown(path), error=said)
        ) from None


def _shown(path: Path) -> str:
    return line(str(path), 200)

"""Bytes kept once, by their SHA-256: raw mails and attachments."""

import hashlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert, select

from storage.tables import Blob


def digest(data: bytes) -> str:
    """The name under which bytes are kept."""
    return hashlib.sha256(data).hexdigest()


def keep(session: Any, many: Iterable[bytes]) -> list[str]:
    """Keep bytes, each once; their hashes in order."""
    by_hash = [(digest(data), data) for data in many]
    wanted = dict(by_hash)
    if wanted:
        known = set(session.connection().execute(select(Blob.hash).where(Blob.hash.in_(wanted))).scalars())
        new = [{"hash": h, "size": len(d), "data": d} for h, d in wanted.items() if h not in known]
        if new:
            session.connection().execute(insert(Blob), new)
    return [h for h, _ in by_hash]


def read(session: Any, hash: str) -> bytes:
    """The bytes of that hash; KeyError when there are none."""
    found = session.connection().execute(select(Blob.data).where(Blob.hash == hash)).scalar()
    if found is None:
        raise KeyError(hash)
    return bytes(found)

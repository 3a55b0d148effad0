"""A scratch file holds more than memory should, and leaves nothing behind (I8)."""

import tempfile
from pathlib import Path

import pytest

from storage.scratch import Scratch


def test_what_is_kept_first_stays_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """I1: the first under an id is the one; the file is gone afterwards, also after an error."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    keys = [f"k{n}" for n in range(1500)]
    with Scratch() as scratch:
        scratch.keep(dict.fromkeys(keys, "first"))
        scratch.keep({"k1": "second", "new": "x"})
        assert scratch.many([*keys, "new", "none"]) == {**dict.fromkeys(keys, "first"), "new": "x"}
        assert list(tmp_path.iterdir())
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RuntimeError), Scratch():
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []

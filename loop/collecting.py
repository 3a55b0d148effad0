"""Python's collector of cycles, put off while a piece of many rows is at work."""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def uncollected() -> Iterator[None]:
    """For some tens of milliseconds: rows have no cycles, and looking through hundreds of thousands of them again and again
    takes a fifth of an import's time. What was off before stays so; afterwards all goes on as it did."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def steadily(items: Iterable[T]) -> Iterator[T]:
    """The same, each made without the collector; it may run between two."""
    made = iter(items)
    while True:
        with uncollected():
            try:
                item = next(made)
            except StopIteration:
                return
        yield item

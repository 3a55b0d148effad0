"""Throwaway real servers for tests: Dovecot (IMAP), an SMTP sink that misbehaves on demand, OpenSMTPD."""

import contextlib
import os
import shutil
import socket
import time
from collections.abc import Callable
from itertools import count

import pytest

_LOWEST, _BLOCK, _BLOCKS = 10_000, 64, 350
_given = count()


def free_port() -> int:
    """A loopback TCP port that is free, and stays so until it is used or for as long as nobody is to answer there.

    It lies below those that the system gives to any connection, and each process of tests has a block of its own: of a
    port that was only free a moment ago, somebody else's connection may be holding one end when a server starts there.
    """
    first = os.getpid() % _BLOCKS * _BLOCK
    for _i in range(_BLOCK * _BLOCKS):
        port = _LOWEST + (first + next(_given)) % (_BLOCK * _BLOCKS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free")


def missing(what: str) -> None:
    """Skip the test for want of a server, or fail it where servers are demanded (RETORNO_REQUIRE_SERVERS=1)."""
    if os.environ.get("RETORNO_REQUIRE_SERVERS") == "1":
        pytest.fail(f"{what}, and RETORNO_REQUIRE_SERVERS=1 demands it")
    pytest.skip(what)


def program(name: str, package: str) -> str:
    """The path of a server's program, also where /usr/sbin is not on a user's PATH."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin")
    if path is None:
        missing(f"{name} is not installed (apt-get install --no-install-recommends {package})")
    return path


def wait_until(ready: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Ask `ready` again and again until it says yes; an error names `what` did not come."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(0.02)


def answers(port: int) -> bool:
    """Whether a server on the loopback port greets whoever connects."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as line:
        line.settimeout(1)
        return bool(line.recv(1))
    return False

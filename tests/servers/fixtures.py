"""Servers as pytest fixtures; load with `pytest_plugins = ["tests.servers.fixtures"]`."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import program
from tests.servers.dovecot import Dovecot
from tests.servers.smtpreal import OpenSmtpd
from tests.servers.smtpsink import SmtpSink


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for localhost and its key, as PEM files."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            program("openssl", "openssl"),
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-keyout",
            str(key),
            "-out",
            str(cert),
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """One Dovecot for all tests of the run: use a user name of your own. Do not stop it."""
    with Dovecot() as server:
        yield server


@pytest.fixture
def own_dovecot() -> Iterator[Dovecot]:
    """A Dovecot for one test alone, which may stop and restart it."""
    with Dovecot() as server:
        yield server


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    """An SMTP server that keeps mails and misbehaves as `sink.plan` says."""
    with SmtpSink() as server:
        yield server


@pytest.fixture
def opensmtpd(tmp_path_factory: pytest.TempPathFactory, dovecot: Dovecot) -> Iterator[OpenSmtpd]:
    """A real SMTP server whose mail the `dovecot` fixture shows to the user named like the recipient."""
    with OpenSmtpd(tmp_path_factory.mktemp("smtpd"), dovecot.maildirs) as server:
        yield server

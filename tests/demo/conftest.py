"""Post offices for the tests of the demo."""

from collections.abc import Iterator

import pytest
from imapclient import IMAPClient

from demo.servers import HOST, PASSWORD, USER, Servers


@pytest.fixture
def servers() -> Iterator[Servers]:
    """A post office whose customers answer at once."""
    with Servers(delay=(0, 0)) as open_servers:
        yield open_servers


@pytest.fixture
def inbox(servers: Servers) -> Iterator[IMAPClient]:
    """The shop's mailbox, its INBOX selected."""
    with IMAPClient(HOST, servers.imap, ssl=False, timeout=60) as client:
        client.login(USER, PASSWORD)
        client.select_folder("INBOX")
        yield client

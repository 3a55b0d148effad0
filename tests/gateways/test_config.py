"""The configuration file and where passwords come from (R1, R3)."""

import os
import select
import sys
from pathlib import Path

import pytest

from gateways import secrets
from gateways.config import Config, ConfigTrouble, MailboxConfig, default_path, load, password

MAILBOX = """
[[mailbox]]
address = "SAC@loja.example"
imap_host = "imap.loja.example"
smtp_host = "smtp.loja.example"
"""


def config(path: Path, text: str) -> str:
    """A file that says `text`."""
    found = path / "config.toml"
    found.write_text(text, "utf-8")
    return str(found)


def test_the_database_is_the_argument_else_the_environment_else_the_file_else_our_own(tmp_path: Path) -> None:
    """R1, issue 2 item 8: in this order, and it is known which."""
    path = config(tmp_path, 'database = "postgresql://file.example/r"')
    environ = {"RETORNO_DB": "postgresql://env.example/r", "RETORNO_CONFIG": path}
    found = load(None, "postgresql://arg.example/r", environ)
    assert (found.db_url, found.source) == ("postgresql://arg.example/r", "argument")
    found = load(None, None, environ)
    assert (found.db_url, found.source) == ("postgresql://env.example/r", "environment")
    found = load(path, None, {})
    assert (found.db_url, found.source, found.path) == ("postgresql://file.example/r", "file", Path(path))
    found = load(None, None, {})
    assert found.source == "default"
    assert found.db_url.startswith(f"sqlite:///{os.environ['XDG_DATA_HOME']}")
    assert found == Config(found.db_url)


def test_the_file_is_the_argument_else_the_environment_else_the_usual_place(tmp_path: Path) -> None:
    """Issue 2 item 8."""
    default_path().parent.mkdir(parents=True)
    default_path().write_text('theme = "usual"', "utf-8")
    for name in ("argument", "environment"):
        (tmp_path / name).write_text(f'theme = "{name}"', "utf-8")
    environ = {"RETORNO_CONFIG": str(tmp_path / "environment")}
    assert load(str(tmp_path / "argument"), None, environ).theme == "argument"
    assert load(None, None, environ).theme == "environment"
    assert load(None, None, {}).theme == "usual"


@pytest.mark.parametrize(
    ("named", "url"),
    [
        ("/var/lib/retorno.db", "sqlite:////var/lib/retorno.db"),
        ("/a b/50%?.db", "sqlite:////a%20b/50%25%3F.db"),
        ("sqlite:///r.db", "sqlite:///r.db"),
        ("postgres://u@h/d", "postgresql://u@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
    ],
)
def test_a_database_is_a_url_or_a_file(named: str, url: str) -> None:
    """R1."""
    assert load(None, named, {}).db_url == url


def test_a_path_in_the_file_is_beside_the_file(tmp_path: Path) -> None:
    """R1: wherever the program is started."""
    assert load(config(tmp_path, 'database = "r.db"'), None, {}).db_url == f"sqlite:///{tmp_path}/r.db"


@pytest.mark.parametrize("named", ["mysql://h/d", "sqlite://", "sqlite:///:memory:", "sqlite:///", "a\nb", "x\x1b[31m"])
def test_a_database_of_another_kind_is_one_sentence(named: str) -> None:
    """Bad input."""
    with pytest.raises(ConfigTrouble) as trouble:
        load(None, named, {})
    assert str(trouble.value).isprintable()


@pytest.mark.parametrize("url", ["postgresql://ana:s3cret@h/d", "postgresql://h/d?user=ana&password=s3cret&x=1"])
def test_the_password_of_a_database_is_never_shown(url: str) -> None:
    """R3: not in a log, not by accident."""
    found = load(None, url, {})
    assert "s3cret" in found.db_url
    assert "s3cret" not in f"{found!r} {found.db_shown}"


def test_a_mailbox_needs_three_lines(tmp_path: Path) -> None:
    """R3: TLS, its ports, the address as user and name unless it is said otherwise."""
    (found,) = load(config(tmp_path, MAILBOX), None, {}).mailboxes
    assert found == MailboxConfig(
        name="sac@loja.example",
        address="sac@loja.example",
        imap_host="imap.loja.example",
        smtp_host="smtp.loja.example",
        imap_user="sac@loja.example",
        smtp_user="sac@loja.example",
        domain="loja.example",
    )
    assert (found.imap_port, found.smtp_port, found.imap_security, found.smtp_security) == (993, 465, "tls", "tls")
    assert password(found, {}) is None


def test_a_relay_without_tls_is_not_logged_in_to_unless_it_is_said(tmp_path: Path) -> None:
    """R3: what is on this machine seldom asks for a login, and the form of a mailbox has no word for none."""
    here = MAILBOX.replace("smtp.loja.example", "localhost") + 'smtp_security = "none"\n'
    assert load(config(tmp_path, here), None, {}).mailboxes[0].smtp_user == ""
    assert load(config(tmp_path, here + 'smtp_user = "ana"\n'), None, {}).mailboxes[0].smtp_user == "ana"


def test_everything_about_a_mailbox_can_be_said(tmp_path: Path) -> None:
    """Every setting has its place in the file."""
    text = """
        region = "pt"
        zone = "Europe/Lisbon"
        undo_seconds = 0
        [[mailbox]]
        name = "SAC"
        address = "sac@loja.example"
        sender_name = "SAC da Loja"
        imap_host = "127.0.0.1"
        imap_port = 1143
        imap_security = "none"
        imap_user = "u"
        imap_folder = "Entrada"
        smtp_host = "::1"
        smtp_port = 1025
        smtp_security = "none"
        smtp_user = ""
        password_command = "pass show 'my box'"
        xoauth2 = true
        ca_file = "ca.pem"
        domain = "mail.loja.example"
        unknown_sender = "ticket"
        sent_folder = "Enviados"
        processed_folder = "Lidas"
        failed_folder = "Quebradas"
        plus_address = true
        trusted_authserv = "MX.loja.example"
        messages_per_minute = 30
        max_bytes = 1048576
    """
    found = load(config(tmp_path, text), None, {})
    assert (found.region, found.zone, found.undo_seconds) == ("PT", "Europe/Lisbon", 0)
    box = found.mailboxes[0]
    assert box.password_command == ("pass", "show", "my box")
    assert box.xoauth2
    assert {key for key in MailboxConfig.__dataclass_fields__ if f"{key} = " not in text} == {
        "password_env",
        "password_keyring",
    }
    assert box.ca_file == str(tmp_path / "ca.pem")
    assert box.trusted_authserv == "mx.loja.example"
    assert (box.smtp_user, box.imap_port, box.unknown_sender, box.max_bytes) == ("", 1143, "ticket", 1048576)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", None),
        ('open_command = ""', ()),
        ("open_command = \"open -a 'Image Viewer'\"", ("open", "-a", "Image Viewer")),
        ('open_command = ["feh", "--no-fehbg"]', ("feh", "--no-fehbg")),
    ],
)
def test_what_opens_files_is_words_and_none_forbids_it(
    tmp_path: Path, text: str, words: tuple[str, ...] | None
) -> None:
    """N1: no shell is to read them."""
    assert load(config(tmp_path, text), None, {}).open_command == words


@pytest.mark.parametrize("key", ["password", "imap_password", "smtp_password", "Password", "senha", "secret"])
def test_a_password_in_the_file_is_refused_and_not_repeated(tmp_path: Path, key: str) -> None:
    """R3: says why and what to do instead."""
    with pytest.raises(ConfigTrouble, match="password_command") as trouble:
        load(config(tmp_path, MAILBOX + f'{key} = "s3cret"'), None, {})
    assert key in str(trouble.value)
    assert "s3cret" not in str(trouble.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("databse = 'x'", "“databse” is not a setting; perhaps database"),
        ("colour = 1", "“colour” is not a setting. Those are: database"),
        (MAILBOX + "imap_prot = 1", "mailbox SAC@loja.example: “imap_prot” .* perhaps imap_port"),
        (MAILBOX + "imap_port = '993'", "imap_port is a number from 1 to 65535"),
        (MAILBOX + "imap_port = true", "imap_port is a number"),
        (MAILBOX + "smtp_security = 'ssl'", "smtp_security is one of tls, starttls, none"),
        (MAILBOX + "smtp_security = 'none'", "without TLS"),
        (MAILBOX + "unknown_sender = ['x']", "unknown_sender is one of"),
        (MAILBOX + 'sender_name = "a\\nBcc: x@y.example"', "sender_name must be one line"),
        (MAILBOX + "password_command = []", "password_command is a list"),
        (MAILBOX + 'password_command = "pass \'x"', "password_command is a list"),
        (MAILBOX + "password_command = ['a']\npassword_env = 'B'", "leave one out"),
        (MAILBOX + "password_keyring = 'a'\npassword_env = 'B'", "leave one out"),
        (MAILBOX + "processed_folder = 'inbox'", "again and again"),
        (MAILBOX.replace("SAC@", "s" * 40 + "@") + "plus_address = true", "plus_address needs"),
        (MAILBOX + "xoauth2 = 'yes'", "xoauth2 is true or false"),
        (MAILBOX + "domain = 'a b'", "is not a domain"),
        (MAILBOX + MAILBOX, "two mailboxes are called"),
        (MAILBOX.replace("SAC@loja.example", "sac"), "“sac” is not an e-mail address"),
        (MAILBOX.replace("imap.loja", "imap://loja"), "imap_host is a server's name"),
        ("[[mailbox]]", "address is missing"),
        ("[[mailbox]]\naddress = 'a@b.example'", "imap_host is missing"),
        ("[mailbox]", "written as"),
        ("region = 'Brasil'", "two letters"),
        ("zone = 'Mars/Base'", "America/Sao_Paulo"),
        ("zone = '../../etc/passwd'", "America/Sao_Paulo"),
        ("undo_seconds = 601", "from 0 to 600"),
        ("open_command = 3", "open_command is a command"),
        ('open_command = "a \'b"', "open_command is a command"),
        ("theme = 3", "theme is a text"),
        ("database = 3", "database is a text"),
        ("a = ", "not valid TOML"),
        ("a = " + "[" * 5000, "not valid TOML"),
        ('"\\u001b[31m" = 1', "is not a setting"),
        ("#" * 1_100_000, "too large"),
    ],
    ids=map(str, range(35)),
)
def test_what_cannot_be_meant_is_one_sentence_that_names_it(tmp_path: Path, text: str, said: str) -> None:
    """Bad input: and never a control character in it (R7)."""
    with pytest.raises(ConfigTrouble, match=said) as trouble:
        load(config(tmp_path, text), None, {})
    assert str(trouble.value).isprintable()


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    """Bad input: a typing error does not silently mean another database."""
    with pytest.raises(ConfigTrouble, match="no configuration file"):
        load(str(tmp_path / "none.toml"), None, {})
    with pytest.raises(ConfigTrouble, match="cannot be read"):
        load(None, None, {"RETORNO_CONFIG": str(tmp_path)})
    (tmp_path / "latin").write_bytes(b"theme = '\xe9'")
    with pytest.raises(ConfigTrouble, match="not valid TOML"):
        load(str(tmp_path / "latin"), None, {})


def box(**more: object) -> MailboxConfig:
    """A mailbox with a password from somewhere."""
    return MailboxConfig("sac", "sac@loja.example", "imap.loja.example", "smtp.loja.example", **more)  # type: ignore[arg-type]


def python(code: str) -> MailboxConfig:
    """A mailbox whose password a small program prints."""
    return box(password_command=(sys.executable, "-c", code))


def test_a_password_comes_from_a_command_or_a_variable() -> None:
    """R3: the first line, blanks and all; no shell reads the words."""
    assert password(python("print(' p@ss; $HOME \\nlogin: ana')"), dict(os.environ)) == " p@ss; $HOME "
    assert password(python("import os; print(os.environ['SEED'])"), {**os.environ, "SEED": "x"}) == "x"
    assert password(box(password_env="SAC"), {"SAC": "s3cret"}) == "s3cret"
    assert password(box(), {}) is None


KEYRING = """
from keyring.errors import KeyringError

def get_password(service, user):
    if service == "locked":
        raise KeyringError("it is \\x1b[31mlocked")
    return "s3cret" if (service, user) == ("retorno", "sac@loja.example") else None
"""


def test_a_password_comes_from_the_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R3: the package is an extra, and its keyrings need a desktop; this stands in for both."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigTrouble, match=r"retorno\[keyring\]"):
        password(box(password_keyring="retorno"), {})
    monkeypatch.delitem(sys.modules, "keyring")
    (tmp_path / "keyring").mkdir()
    (tmp_path / "keyring" / "__init__.py").write_text(KEYRING)
    (tmp_path / "keyring" / "errors.py").write_text("class KeyringError(Exception): pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    there = box(password_keyring="retorno", imap_user="sac@loja.example")
    assert password(there, {}) == "s3cret"
    for service, said in (("other", "keyring set “other” “sac@loja.example”"), ("locked", "cannot be read: it is")):
        with pytest.raises(ConfigTrouble, match=said) as trouble:
            password(box(password_keyring=service), {})
        assert str(trouble.value).isprintable() and "s3cret" not in str(trouble.value)
    for name in ("keyring", "keyring.errors"):
        monkeypatch.delitem(sys.modules, name, raising=False)


@pytest.mark.parametrize(
    ("mailbox", "said"),
    [
        (box(password_env="SAC"), "SAC is not set"),
        (box(password_command=("no-such-program-here",)), "no-such-program-here.* cannot be run"),
        (python("print('s3cret'); raise SystemExit(2)"), "failed with code 2"),
        (python(""), "printed no password"),
        (python("import sys; sys.stdout.buffer.write(b's3cret\\xff')"), "not UTF-8"),
        (python("print('s3cret\\0')"), "not one line"),
        (python("import sys; sys.exit(sys.stdin.read() or 3)"), "failed with code 3"),
    ],
    ids=["unset", "none", "failed", "nothing", "bytes", "zero", "asks"],
)
def test_a_password_that_does_not_come_is_one_sentence_without_it(mailbox: MailboxConfig, said: str) -> None:
    """R3: what a command printed is in no message, and a command that asks gets no answer."""
    with pytest.raises(ConfigTrouble, match=said) as trouble:
        password(mailbox, dict(os.environ) if mailbox.password_command else {})
    assert "sac" in str(trouble.value)
    assert "s3cret" not in str(trouble.value)


def test_a_command_that_waits_is_ended_with_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R3: a password manager that wants to be unlocked hangs nothing and leaves nobody behind."""
    monkeypatch.setattr(secrets, "SECONDS", 0.5)
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    reader = os.open(alive, os.O_RDONLY | os.O_NONBLOCK)
    script = f"exec 3>{alive}; echo up >&3; sleep 60 & sleep 60"
    try:
        with pytest.raises(ConfigTrouble, match="waiting for you"):
            password(box(password_command=("sh", "-c", script)), dict(os.environ))
        assert os.read(reader, 10) == b"up\n"
        assert select.select([reader], [], [], 10)[0], "a child still holds the other end"
        assert os.read(reader, 10) == b""
    finally:
        os.close(reader)


def test_a_command_writes_nothing_on_our_screen(capfd: pytest.CaptureFixture[str]) -> None:
    """R7: neither its complaints nor what it prints after the password."""
    assert password(python("import sys; print('x\\ny'); print('\x1b[2J', file=sys.stderr)"), dict(os.environ)) == "x"
    assert capfd.readouterr() == ("", "")

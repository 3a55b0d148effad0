"""Bad luck with real servers, in the middle of work: afterwards nothing is lost, nothing twice by us, the ledger balances.

Each test lets a worker go on while something breaks and mends, and nobody starts it anew unless it says so.
"""

import contextlib
import dataclasses
import shutil
import ssl
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from loop import copies, mailbox_states, outbox, sending
from loop import worker as working
from loop.mailbox_states import PartTrouble
from loop.mailboxes import imap_account, smtp_account
from loop.views import MailHealth
from loop.worker import Worker
from mail import poller
from storage.database import Database
from tests.e2e.scene import OURS, THEIRS, Scene, scene
from tests.servers import missing, program
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.line import Line
from tests.servers.smtpreal import OpenSmtpd
from tests.servers.smtpsink import SmtpSink

pytestmark = pytest.mark.servers
PATIENCE_S = 0.5
"""How long a silent server is waited for where waiting in vain costs another try only."""
LONG_PATIENCE_S = 2.0
"""And where it decides: a server that only waits for its turn on a busy machine is not silent."""


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried at once."""
    monkeypatch.setenv("SAC_PASSWORD", PASSWORD)
    monkeypatch.setattr(poller, "_PAUSES", (0.05,))
    monkeypatch.setattr(poller, "_LOGIN_PAUSE", 0.05)
    monkeypatch.setattr(sending, "PAUSES_S", (0.05,))
    monkeypatch.setattr(sending, "LOGIN_PAUSE_S", 0.05)
    monkeypatch.setattr(sending, "LOOK_S", 0.02)
    monkeypatch.setattr(outbox, "PAUSES_MS", (50,))


def impatient_by(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    for module, name, real in ((working, "imap_account", imap_account), (sending, "smtp_account", smtp_account)):
        monkeypatch.setattr(module, name, lambda config, real=real: dataclasses.replace(real(config), timeout=seconds))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent server is given up soon."""
    impatient_by(monkeypatch, PATIENCE_S)


class Life:
    """A worker and what it says of the mail."""

    def __init__(self, it: Scene) -> None:
        self._it, self.said = it, list[MailHealth]()
        self._worker = Worker(it.desk, self.said.append)
        self._worker.start()

    def end(self) -> None:
        self._worker.stop(60)

    def well(self) -> None:
        self._it.until(f"all is well after {self.said[-2:]}", lambda: self.said and self.said[-1].ok)

    def trouble(self, *words: str) -> MailHealth:
        """Wait until trouble with these words is what is said."""

        def ill() -> MailHealth | None:
            last = self.said[-1] if self.said else None
            return last if last and not last.ok and all(word in last.said for word in words) else None

        found = self._it.until(f"trouble with {words}", ill)
        assert PASSWORD not in found.said
        return found


@contextmanager
def life(it: Scene) -> Iterator[Life]:
    one = Life(it)
    try:
        yield one
    finally:
        one.end()


class Post:
    """Mail both ways, counted."""

    def __init__(self, it: Scene) -> None:
        self._it, self.coming, self.going = it, 0, 0

    def comes(self, n: int = 1) -> None:
        self._it.arrive(*range(self.coming + 1, self.coming + n + 1))
        self.coming += n

    def goes(self, n: int = 1) -> None:
        for _one in range(n):
            self.going += 1
            self._it.send(self.going)

    def read(self) -> None:
        self._it.until(f"{self.coming} mails are read", lambda: self._it.read() == self.coming)

    def sent(self) -> None:
        self._it.until(f"{self.going} are sent", lambda: list(self._it.states().values()) == ["sent"] * self.going)

    def whole(self, arrived: Callable[[], Counter[int]] | None = None) -> None:
        """Nothing lost, nothing twice by us, the ledger balances."""
        self.read()
        self.sent()
        assert self._it.questions() == Counter(range(1, self.coming + 1))
        assert self._it.balance() == ({"seen": self.coming, "threaded": self.coming} if self.coming else {})
        counted = arrived or self._it.arrived
        self._it.until("all that was sent arrived", lambda: len(counted()) >= self.going)
        assert counted() == Counter(range(1, self.going + 1))
        assert self._it.happened("mail in") == self.coming and self._it.happened("mail accepted") == self.going


@pytest.fixture
def stage(migrated_url: str, tmp_path: Path, dovecot: Dovecot, opensmtpd: OpenSmtpd) -> Iterator[tuple[Scene, Post]]:
    with scene(migrated_url, tmp_path, dovecot, opensmtpd.port) as it:
        yield it, Post(it)


# The line

STEPS = [b"* OK", b"Logged in", b"UIDVALIDITY", b"* SEARCH", b"RFC822.SIZE", b"BODY[]", b"Pergunta", b"+ idling"]


@pytest.mark.parametrize("act", ["cut", "mute"])
def test_m6_half_an_answer_at_any_step_of_a_poll(
    stage: tuple[Scene, Post], impatient: None, act: Any, dovecot: Dovecot
) -> None:
    it, post = stage
    with Line(dovecot.port) as line:
        line.plan = [(words, act) for words in STEPS]
        it.change(imap_port=line.port)
        post.comes(3)
        with life(it) as one:
            it.until("every step was cut but the last", lambda: len(line.plan) <= 1)
            post.comes(2)
            it.until("and that too", lambda: not line.plan)
            post.comes(2)
            post.read()
            if act == "cut":  # one that goes silent in IDLE is found out in time, below
                line.hang_up()
                one.well()
            post.whole()


def test_m6_a_line_that_goes_silent_in_idle_is_found_out(
    stage: tuple[Scene, Post], impatient: None, monkeypatch: pytest.MonkeyPatch, dovecot: Dovecot
) -> None:
    """Known silent hangs: the renewal of IDLE gets no answer, and a new line shows what came meanwhile."""
    it, post = stage
    real = poller.run
    monkeypatch.setattr(poller, "run", lambda *a, **k: real(*a, **k, full_poll_seconds=0.5))
    with Line(dovecot.port) as line:
        it.change(imap_port=line.port)
        with life(it) as one:
            one.well()
            line.plan = [(b"EXISTS", "mute")]
            post.comes(2)
            it.until("it went silent", lambda: not line.plan)
            post.comes(1)
            post.read()
            one.well()
            post.whole()
        assert any("does not answer" in h.said for h in one.said)


def test_m6_a_slow_line_is_no_trouble(
    stage: tuple[Scene, Post], monkeypatch: pytest.MonkeyPatch, dovecot: Dovecot
) -> None:
    """What takes longer than a silent server is waited for, but goes on and on, is let come."""
    it, post = stage
    impatient_by(monkeypatch, LONG_PATIENCE_S)
    raw = it.letter(1, "Pergunta 1.\n" + "De novo, e devagar.\n" * 40)
    dovecot.append(OURS, [raw])
    post.coming = 1
    with Line(dovecot.port) as line:
        line.pace = (24, 0.06)
        assert len(raw) / 24 * 0.06 > LONG_PATIENCE_S
        it.change(imap_port=line.port)
        with life(it) as one:
            post.read()
            assert line.came == 1 and all(h.ok for h in one.said)
        post.whole()


@pytest.mark.parametrize("act", ["cut", "mute"])
def test_m5_half_an_answer_at_any_step_before_data_is_tried_again(
    stage: tuple[Scene, Post], impatient: None, act: Any, opensmtpd: OpenSmtpd
) -> None:
    it, post = stage
    with Line(opensmtpd.port) as line:
        it.change(smtp_port=line.port)
        line.plan = [(words, act) for words in (b"220 ", b"250-", b"2.0.0", b"2.1.5")]
        post.goes(2)
        with life(it) as one:
            it.until("each step was cut", lambda: not line.plan)
            post.sent()
            one.well()
        post.whole()


@pytest.mark.parametrize("act", ["cut", "mute"])
@pytest.mark.parametrize("words", [b"354 ", b"Message accepted"])
def test_m5_half_an_answer_from_data_on_is_in_doubt_until_a_person_says(
    stage: tuple[Scene, Post], monkeypatch: pytest.MonkeyPatch, act: Any, words: bytes, opensmtpd: OpenSmtpd
) -> None:
    from loop import correspondence
    from mail import delivery

    it, post = stage
    with Line(opensmtpd.port) as line:
        it.change(smtp_port=line.port)
        line.plan = [(words, act)]
        # Only the answer that goes silent is waited for so shortly.
        soon = property(lambda _self: LONG_PATIENCE_S if line.plan else 60.0, lambda _self, _seconds: None)
        monkeypatch.setattr(delivery.Delivery, "_data_timeout", soon, raising=False)
        post.goes(2)
        with life(it):
            it.until("one is in doubt, one is sent", lambda: list(it.states().values()) == ["in doubt", "sent"])
            it.until("the second arrived", lambda: it.arrived()[2] == 1)
            taken = words == b"Message accepted"
            it.until("what the server took arrived", lambda: it.arrived()[1] == taken)
            assert it.happened("mail in doubt") == 1
            assert correspondence.retry(it.desk, min(it.states()), actor=it.desk.actor("ana"))
            post.sent()
            it.until("it arrived when she said so", lambda: it.arrived() == {1: 1 + taken, 2: 1})
        ids = {m["Message-ID"] for m in mails(it, THEIRS)}
        assert len(ids) == 2, "the same id, so that her server may see that it is one"


def mails(it: Scene, user: str) -> list[Any]:
    import email

    client = it.dovecot.client(user)
    try:
        __, (found,) = client.search(None, "ALL")
        return [email.message_from_bytes(client.fetch(n, "(RFC822)")[1][0][1]) for n in found.split()]
    finally:
        client.logout()


# The servers


def test_m5_m6_both_servers_restart_in_the_middle_again_and_again(
    migrated_url: str, tmp_path: Path, own_dovecot: Dovecot
) -> None:
    with (
        OpenSmtpd(tmp_path / "smtpd", own_dovecot.maildirs) as smtp,
        scene(migrated_url, tmp_path, own_dovecot, smtp.port) as it,
        life(it) as one,
    ):
        post = Post(it)
        for _time in range(3):
            post.comes(5)
            post.goes(3)
            own_dovecot.restart()
            post.comes(5)
            post.sent()
            it.until("the server handed all on", lambda: len(it.arrived()) == post.going)
            smtp.__exit__()
            post.goes(2)
            one.trouble()
            assert "in doubt" not in it.states().values()
            smtp.__enter__()
            post.sent()
        one.well()
        post.whole()


def test_m4_a_full_mailbox_takes_copies_once_there_is_room(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's words come through as trouble of the mailbox; messages go out and come in all the same."""
    if not list(Path("/usr").glob("lib*/dovecot/modules/lib10_quota_plugin.so")):
        missing("Dovecot's quota plugin is not installed (apt-get install --no-install-recommends dovecot-core)")
    monkeypatch.setattr(copies, "PAUSES_S", (0.05,))
    monkeypatch.setattr(copies, "LOOK_S", 0.05)
    full = "mail_plugins = quota\nplugin {\n quota = maildir:all\n quota_rule = *:storage=40K\n}\n"
    with (
        Dovecot(extra=full) as dovecot,
        SmtpSink() as sink,
        scene(migrated_url, tmp_path, dovecot, sink.port, sent_folder="auto") as it,
        life(it) as one,
    ):
        post = Post(it)
        post.comes()
        post.goes()
        it.until("the first copy is kept", lambda: it.arrived(OURS, "Sent") == {1: 1})
        with contextlib.closing(dovecot.client(OURS)) as other:
            other.create("Velharias")
            room = 40 * 1024 - sum(len(it.letter(1)) for __ in range(2)) - 3000
            assert other.append("Velharias", None, None, b"Subject: x\r\n\r\n" + b"x" * room)[0] == "OK"
            post.goes(5)
            post.sent()
            ill = one.trouble("copy", "uota")
            assert ill.since and ill.next_at
            it.until("the trouble is kept", lambda: part(it, "copies") is not None)
            assert it.rows("SELECT 1 FROM outbox WHERE copy_at IS NOT NULL")
            other.select("Velharias")
            other.store("1", "+FLAGS", "\\Deleted")
            other.expunge()
        it.until("the others follow", lambda: it.arrived(OURS, "Sent") == Counter(range(1, 7)))
        one.well()
        post.comes()
        post.whole(lambda: kept(sink))


def part(it: Scene, name: str) -> PartTrouble | None:
    """What stands in the database of one part's trouble, for whoever looks from elsewhere."""
    (state,) = mailbox_states.mailboxes(it.desk, actor=it.desk.actor("ana"))
    return next((trouble for trouble in state.troubles if trouble.part == name), None)


def certificate(folder: Path, name: str, host: str = "localhost", days: int = 2) -> tuple[Path, Path]:
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -addext"
    more = [f"subjectAltName=DNS:{host}", "-days", str(days), "-keyout", str(key), "-out", str(cert)]
    subprocess.run([program("openssl", "openssl"), *words.split(), *more], check=True, capture_output=True)
    return cert, key


@pytest.mark.parametrize("wrong", ["another authority", "another name"])
def test_r3_a_certificate_that_does_not_hold_any_more_stops_mail_in_and_out_until_it_does(
    migrated_url: str, tmp_path: Path, wrong: str
) -> None:
    right = certificate(tmp_path, "right")
    shown = certificate(tmp_path, "shown")
    strange = certificate(tmp_path, "strange", "mail.other.example" if wrong == "another name" else "localhost")
    trusted = tmp_path / "trusted.pem"
    names = [right[0]] + ([strange[0]] if wrong == "another name" else [])
    trusted.write_bytes(b"".join(name.read_bytes() for name in names))

    def show(pair: tuple[Path, Path]) -> None:
        for source, target in zip(pair, shown, strict=True):
            shutil.copyfile(source, target)

    def context() -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(*shown)
        return made

    show(right)
    tls = context()
    secure: dict[str, Any] = {"imap_host": "localhost", "imap_security": "tls", "smtp_host": "localhost"}
    with (
        Dovecot(certificate=shown) as dovecot,
        SmtpSink(user=OURS, password=PASSWORD, tls=tls) as sink,
        scene(migrated_url, tmp_path, dovecot) as it,
    ):
        it.change(
            **secure, imap_port=dovecot.tls_port, smtp_port=sink.port, smtp_security="tls", ca_file=str(trusted),
            smtp_user=OURS,
        )  # fmt: skip
        post = Post(it)
        with life(it) as one:
            post.comes()
            post.goes()
            post.read()
            post.sent()
            one.well()
            show(strange)
            dovecot.restart()
            tls.load_cert_chain(*shown)
            sink.hang_up()
            one.trouble("certificate")
            seen = len(sink.commands)
            post.comes()
            post.goes()
            tried = "SELECT 1 FROM outbox WHERE attempts > 0 AND answer LIKE '%CERTIFICATE%'"
            it.until("it was tried", lambda: it.rows(tried))
            assert it.read() == 1 and len(sink.kept) == 1
            assert not [c for c in sink.commands[seen:] if c.startswith(("AUTH", "MAIL"))], "not a word to a stranger"
            show(right)
            dovecot.restart()
            tls.load_cert_chain(*shown)
            post.read()
            post.sent()
            one.well()
            post.whole(lambda: kept(sink))


def kept(sink: SmtpSink) -> Counter[int]:
    import re

    return Counter(int(re.search(rb"Resposta (\d+)\.", one.raw)[1]) for one in sink.kept)


def test_r3_a_password_that_runs_out_mid_way_and_holds_again(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_dovecot: Dovecot
) -> None:
    """First the server forgets it and takes it again; then it wants another, which a person puts where it is read."""
    with (
        SmtpSink(user=OURS, password=PASSWORD) as sink,
        scene(migrated_url, tmp_path, own_dovecot, sink.port, smtp_user=OURS) as it,
        life(it) as one,
    ):
        post = Post(it)

        def wants(password: str) -> None:
            own_dovecot.wants(password)
            sink.password = password
            sink.hang_up()

        post.comes()
        post.goes()
        post.read()
        post.sent()
        for new in (PASSWORD, "n0va-senha"):
            wants("n0va-senha")
            post.comes()
            post.goes()
            ill = one.trouble("refused")
            assert ill.since and ill.next_at and ill.next_at >= ill.since, "since when, and when it is tried again"
            for name in ("poll", "send"):
                it.until(f"{name} is in trouble for all to see", lambda name=name: part(it, name))
            it.until("sending waits", lambda: "queued" in it.states().values())
            assert it.read() == post.coming - 1 and len(sink.kept) == post.going - 1
            monkeypatch.setenv("SAC_PASSWORD", new)
            wants(new)
            post.read()
            post.sent()
            one.well()
        post.whole(lambda: kept(sink))


# The clock

DAY_MS = 86_400_000


def test_m6_clocks_that_jump_lose_and_double_nothing(
    stage: tuple[Scene, Post], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours and the database's, forth and back; by hours while it works, by a year between two lives."""
    it, post = stage
    shift = 0
    real, now = Database.now_sql.fget, it.desk.now
    monkeypatch.setattr(Database, "now_sql", property(lambda self: f"({real(self)} + {shift})"))
    monkeypatch.setattr(it.desk, "now", lambda: now() + shift)

    def both_ways() -> None:
        post.comes()
        post.goes()
        post.read()
        post.sent()

    hours, year = DAY_MS // 12, 400 * DAY_MS
    with life(it) as one:
        for now_it_is in (0, hours, 0, -hours):
            shift = now_it_is
            both_ways()
        one.well()
    for now_it_is in (year, -year, 0):
        shift = now_it_is
        with life(it) as one:
            both_ways()
            one.well()
    post.whole()


@pytest.mark.parametrize("date", ["Fri, 1 Jan 2094 00:00:00 +0000", "Thu, 1 Jan 1970 00:00:00 +0000", "ontem", ""])
def test_m7_a_server_or_customer_with_a_wrong_clock_does_not_move_the_past(
    stage: tuple[Scene, Post], dovecot: Dovecot, date: str
) -> None:
    """Handbook: future or missing Date: now. The newest mail stays the last of the timeline."""
    from loop import reading

    it, post = stage
    raw = it.letter(1)
    with life(it):
        client = dovecot.client(OURS)
        stamp = '"01-Jan-2037 00:00:00 +0000"' if "2094" in date else '"01-Jan-1971 00:00:00 +0000"'
        assert client.append("INBOX", None, stamp, (f"Date: {date}\r\n".encode() if date else b"") + raw)[0] == "OK"
        client.logout()
        post.coming = 1
        post.read()
        post.comes()
        post.whole()
    entries = reading.ticket(it.desk, it.clara, actor=it.desk.actor("ana")).entries
    assert [e.text for e in entries if e.kind == "mail in"] == ["Pergunta 1.", "Pergunta 2."]
    assert all(e.at <= it.desk.now() for e in entries)


# The disk


@contextmanager
def full(it: Scene) -> Iterator[None]:
    """The database can grow by nothing: every file of it is as long as it may be."""

    def no_more(connection: Any, *_more: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    def again(connection: Any, *_more: object) -> None:
        connection.execute("PRAGMA max_page_count = 1073741823")

    engine = it.desk.db.engine
    event.listen(engine, "checkout", no_more)
    try:
        yield
    finally:
        event.remove(engine, "checkout", no_more)
        event.listen(engine, "checkout", again)


@pytest.fixture
def small(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "x.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


def test_m8_a_full_disk_while_raw_mail_is_kept(small: str, tmp_path: Path, dovecot: Dovecot) -> None:
    """It is said in words for people, nothing of the mail in them; the mail comes again when there is room."""
    with SmtpSink() as sink, scene(small, tmp_path, dovecot, sink.port) as it:
        post = Post(it)
        with life(it) as one:
            post.comes()
            post.goes()
            post.read()
            post.sent()
            one.well()
            with full(it):
                large = "Pergunta 2.\n" + "segredo " * 9 + "\n"
                dovecot.append(OURS, [it.letter(2, large + "linha comprida de enchimento\n" * 4000)])
                post.coming = 2
                ill = one.trouble("full")
                assert ill.since and ill.next_at
                assert "segredo" not in ill.said and "INSERT" not in ill.said and "\n" not in ill.said, ill.said
                assert it.read() == 1
                assert it.rows("SELECT COUNT(*) FROM inbound") == [(1,)], "neither the mail nor how far we are"
            post.read()
            one.well()
            assert part(it, "poll") is None
        post.whole(lambda: kept(sink))


@pytest.fixture
def tmpfs(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes of one's own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "none", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        missing("a small disk can be mounted by root only")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_m5_m8_a_real_disk_that_is_full_to_the_last_byte(
    tmpfs: Path, sqlite_template: Path, tmp_path: Path, dovecot: Dovecot
) -> None:
    """A mail that does not fit is not taken by half: it waits on the server, and comes whole when there is room."""
    shutil.copy(sqlite_template, tmpfs / "x.sqlite")
    with SmtpSink() as sink, scene(f"sqlite:///{tmpfs / 'x.sqlite'}", tmp_path, dovecot, sink.port) as it:
        post = Post(it)
        with life(it) as one:
            post.comes()
            post.goes()
            post.read()
            post.sent()
            one.well()
            with open(tmpfs / "ballast", "wb", buffering=0) as ballast, contextlib.suppress(OSError):
                while ballast.write(b"x" * 4096):
                    pass
            dovecot.append(OURS, [it.letter(2, "Pergunta 2.\n" + "linha comprida de enchimento\n" * 40_000)])
            post.coming = 2
            one.trouble("full")
            (tmpfs / "ballast").unlink()
            post.read()
            post.goes()
            post.sent()
            one.well()
        post.whole(lambda: kept(sink))

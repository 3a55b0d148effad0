"""A Dovecot 2.3 of one's own on a loopback port: any user name, password "secret", runs as root or as anybody."""

import contextlib
import grp
import imaplib
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.servers import answers, free_port, program, wait_until

PASSWORD = "secret"

_CONFIG = """\
base_dir = {base}/run
state_dir = {base}/run
log_path = {base}/dovecot.log
instance_name = throwaway-{port}
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
disable_plaintext_auth = no
auth_failure_delay = 0
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
first_valid_uid = 1
mail_location = maildir:{base}/mail/%u
maildir_very_dirty_syncs = no
mail_fsync = never
imap_idle_notify_interval = 2 mins
imap_capability = {capability}
{certificate}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """One server with a folder of its own; `start`, `stop`, `restart`, and what tests do to a mailbox."""

    def __init__(
        self,
        *,
        capability: str = "",
        certificate: tuple[Path, Path] | None = None,
        password: str = PASSWORD,
        extra: str = "",
    ) -> None:
        """`extra` is put below the configuration."""
        # Not pytest's folders: those are closed to all but their owner, and mail is not kept as root.
        self._folder = tempfile.TemporaryDirectory(prefix="retorno-dovecot-", ignore_cleanup_errors=True)
        self.base = base = Path(self._folder.name)
        self.host, self.port = "127.0.0.1", free_port()
        self.password = password
        self.tls_port = free_port() if certificate else 0
        self._program = program("dovecot", "dovecot-imapd")
        me, root = pwd.getpwuid(os.geteuid()).pw_name, os.geteuid() == 0
        owner = pwd.getpwnam("mail") if root else pwd.getpwuid(os.geteuid())
        base.chmod(0o755)
        (base / "run").mkdir(exist_ok=True)
        self.maildirs = base / "mail"
        self.maildirs.mkdir(exist_ok=True)
        os.chown(self.maildirs, owner.pw_uid, owner.pw_gid)
        tls = f"ssl_cert = <{certificate[0]}\nssl_key = <{certificate[1]}" if certificate else ""
        (base / "dovecot.conf").write_text(
            _CONFIG.format(
                base=base,
                port=self.port,
                tls_port=self.tls_port,
                ssl="yes" if certificate else "no",
                certificate=tls,
                capability=capability,
                internal="dovecot" if root else me,
                internal_group="dovecot" if root else grp.getgrgid(os.getegid()).gr_name,
                login="dovenull" if root else me,
                uid=owner.pw_uid,
                gid=owner.pw_gid,
                password=password,
            )
            + extra
        )
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start and wait until it answers; raises with the end of its log when it does not."""
        with open(self.base / "start.log", "ab") as log:
            self._process = subprocess.Popen(
                [self._program, "-F", "-c", str(self.base / "dovecot.conf")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            wait_until(lambda: self._process.poll() is not None or answers(self.port), "dovecot")
            if self._process.poll() is not None:
                raise TimeoutError("it ended at once")
        except TimeoutError as error:
            self.stop()
            logs = [p.read_text(errors="replace")[-2000:] for p in self.base.glob("*.log")]
            raise RuntimeError("dovecot did not start: " + "\n".join(logs)) from error

    def stop(self) -> None:
        """Stop at once; every open connection breaks."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.5)
            # It waits for clients that sit in IDLE; and what it has started may hold the port a moment longer than it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def wants(self, password: str) -> None:
        """Take another password from now on, and break every open connection."""
        config = self.base / "dovecot.conf"
        config.write_text(
            config.read_text().replace(f"args = password={self.password}\n", f"args = password={password}\n")
        )
        self.password = password
        self.restart()

    def __enter__(self) -> "Dovecot":
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()
        self._folder.cleanup()

    def client(self, user: str) -> imaplib.IMAP4:
        """A plain connection with INBOX selected, for looking at what the code under test did."""
        connection = imaplib.IMAP4(self.host, self.port, timeout=60)
        connection.authenticate("PLAIN", lambda _said: f"\0{user}\0{self.password}".encode())
        connection.select("INBOX")
        return connection

    def append(self, user: str, mails: Iterable[bytes], folder: str = "INBOX") -> None:
        """Put mails into a mailbox, in this order."""
        connection = self.client(user)
        for raw in mails:
            answer = connection.append(folder, None, None, raw)
            assert answer[0] == "OK", answer
        connection.logout()

    def forget_uids(self, user: str) -> None:
        """Give the mailbox another UIDVALIDITY, as after a restore from a backup."""
        names = self.maildirs / user / "dovecot-uidlist"
        old = names.read_text()
        new = re.sub(r" V(\d+)", lambda found: f" V{int(found[1]) + 1}", old, count=1)
        assert new != old
        names.write_text(new)
        for index in names.parent.glob("dovecot.index*"):
            index.unlink()

    def remove(self, user: str) -> None:
        shutil.rmtree(self.maildirs / user, ignore_errors=True)

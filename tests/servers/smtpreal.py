"""A real SMTP server, OpenSMTPD, on a loopback port, that puts mail into maildirs a Dovecot shows.

OpenSMTPD must be started by root and keeps its queue and control socket at fixed places, so that
only one runs at a time: each gets these places for itself in a mount name space of its own where that
is allowed, and else waits for the other to end.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from tests.servers import answers, free_port, missing, program, wait_until

_CONFIG = """\
queue ttl 4h
table anybody {{ "@" = mail }}
table owner {{ "mail" = "8:8:{maildirs}" }}
listen on 127.0.0.1 port {port} hostname real.test
action "in" maildir "{maildirs}/%{{rcpt.user:lowercase|strip}}@%{{rcpt.domain:lowercase}}" virtual <anybody> userbase <owner>
match from any for domain "refused.test" reject
match from any for any action "in"
"""

_PRIVATE = 'mount -t tmpfs none /var/spool && mount -t tmpfs none /run && exec "$0" "$@"'


class OpenSmtpd:
    """`with OpenSmtpd(base, maildirs) as server`: whatever reaches `server.port` lands in `maildirs/<recipient>`.

    The part of an address after a plus sign does not count; mail for refused.test is refused with 550.
    """

    def __init__(self, base: Path, maildirs: Path) -> None:
        self._program = program("smtpd", "opensmtpd")
        if os.geteuid() != 0:
            missing("OpenSMTPD can be started by root only")
        self.host, self.port = "127.0.0.1", free_port()
        self._log = base / "smtpd.log"
        base.mkdir(parents=True, exist_ok=True)
        self._config = base / "smtpd.conf"
        self._config.write_text(_CONFIG.format(port=self.port, maildirs=maildirs))
        self._process: subprocess.Popen | None = None
        self._lock = None

    def __enter__(self) -> "OpenSmtpd":
        command = [self._program, "-d", "-f", str(self._config)]
        if shutil.which("unshare") and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0:
            command = ["unshare", "-m", "sh", "-c", _PRIVATE, *command]
        else:
            self._lock = open(Path(tempfile.gettempdir()) / "retorno-test-opensmtpd.lock", "w")
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        try:
            wait_until(lambda: self._process.poll() is not None or answers(self.port), "OpenSMTPD")
            if self._process.poll() is not None:
                raise TimeoutError("it ended at once")
        except TimeoutError as error:
            self.__exit__()
            raise RuntimeError("OpenSMTPD did not start: " + self._log.read_text(errors="replace")[-2000:]) from error
        return self

    def __exit__(self, *_exc: object) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        if self._lock is not None:
            self._lock.close()

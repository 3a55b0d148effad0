"""An SMTP server in a process of its own, so that it does not share our interpreter: prints its port, ends with its input."""

import sys

from tests.servers.smtpsink import SmtpSink

if __name__ == "__main__":
    with SmtpSink() as sink:
        sys.stdout.write(f"{sink.port}\n")
        sys.stdout.flush()
        sys.stdin.read()

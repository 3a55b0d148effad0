#!/bin/sh
# Installs with apt the servers that the tests start for themselves, where they are missing.
#
# Their services are not started: the tests run their own, on loopback, in temporary folders.
# An installed mail server is never removed to make room for another.
# RETORNO_NO_APT=1 leaves the machine as it is; tests that lack a server then skip, or fail with
# RETORNO_REQUIRE_SERVERS=1.
set -eu

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
say() { printf '%s\n' "$*" >&2; }

postgres_here() {
    command -v initdb >/dev/null 2>&1 && return
    for path in /usr/lib/postgresql/*/bin/initdb; do [ -x "$path" ] && return; done
    return 1
}

missing=
command -v tmux >/dev/null 2>&1 || missing="$missing tmux"
[ -x /usr/lib/dovecot/imap ] || missing="$missing dovecot-imapd"
command -v smtpd >/dev/null 2>&1 || missing="$missing opensmtpd"
postgres_here || missing="$missing postgresql"
command -v neomutt >/dev/null 2>&1 || missing="$missing neomutt"
command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
[ -n "$missing" ] || exit 0

leave() {
    say "Missing for some tests:$missing ($1). These tests skip, or fail if RETORNO_REQUIRE_SERVERS=1."
    say "To have them: apt-get install --no-install-recommends$missing"
    exit 0
}

[ -z "${RETORNO_NO_APT:-}" ] || leave "RETORNO_NO_APT is set"
command -v apt-get >/dev/null 2>&1 || leave "there is no apt here"
if [ "$(id -u)" = 0 ]; then
    root=
elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo true; }; }; then
    root=sudo
else
    leave "installing them needs root or sudo"
fi

# Debian asks this file whether a package may start its service; exit 101 says no. Ours goes away again.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap '$root rm -f "$policy"' EXIT
    trap 'exit 130' INT TERM
    printf '#!/bin/sh\nexit 101\n' | $root tee "$policy" >/dev/null
    $root chmod 755 "$policy"
fi

say "Installing for the tests:$missing"
log=$(mktemp)
quietly() { "$@" >"$log" 2>&1 </dev/null; }
quietly $root apt-get update || tail -n 5 "$log" >&2
failed=
# One by one, so that what cannot be had does not keep out the others.
for package in $missing; do
    quietly $root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends --no-remove "$package" && continue
    failed="$failed $package"
    tail -n 4 "$log" >&2
done
rm -f "$log"
missing=$failed
[ -z "$missing" ] || leave "apt could not install them"

#!/bin/sh
# setup.sh VENV LOCK: a virtual environment with exactly what LOCK names, and Retorno itself, editable.
#
# PYTHON=... chooses the interpreter; else python3.11, else python3 if that is 3.11 or newer.
set -eu
venv=$1
lock=$2

say() { printf '%s\n' "$*" >&2; }

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        fits "$PYTHON" && { command -v "$PYTHON"; return; }
        say "PYTHON=$PYTHON is not a Python 3.11 or newer."
        return 1
    fi
    for candidate in python3.11 python3; do
        fits "$candidate" && { command -v "$candidate"; return; }
    done
    say "Retorno needs Python 3.11 or newer, and neither python3.11 nor python3 is one."
    say "Install it (Debian: apt-get install python3 python3-pip) or name one: make PYTHON=/path/to/python3.11"
    return 1
}

# Debian splits ensurepip off into python3-venv. Without it an environment is made without pip, and the pip of the
# interpreter installs one into it, which needs neither apt nor the permission to touch the system's packages.
make_venv() {
    "$python" -m venv --clear "$venv" >/dev/null 2>&1 && return
    rm -rf "$venv"
    if "$python" -m venv --without-pip "$venv" >/dev/null 2>&1 &&
        "$python" -m pip --python "$venv/bin/python" install --quiet pip==26.3; then
        return
    fi
    rm -rf "$venv"
    say "No virtual environment could be made with $python: it has neither ensurepip nor pip."
    say "Install one of them (Debian: apt-get install python3-venv) and run make again."
    return 1
}

if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    say "Making $venv with $python"
    make_venv
fi

# Hashes are checked against the lock, so it does not matter which index or mirror the files come from.
say "Installing what $lock names"
PIP_DISABLE_PIP_VERSION_CHECK=1
export PIP_DISABLE_PIP_VERSION_CHECK
"$venv/bin/python" -m pip install --quiet --require-hashes --requirement "$lock"
# The build tool is in the lock too: nothing unlocked is fetched to build Retorno.
PYTHONWARNINGS=ignore "$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .

#!/bin/sh
# Makes requirements.lock (to run, and the demo) and requirements-dev.lock (all of that and the tools) from pyproject.toml.
#
# Versions already locked stay unless pyproject.toml forbids them; ARGS=--upgrade takes the newest.
# The settings of this machine's pip are left aside, so that neither its paths nor its private builds' hashes get in.
set -eu
unset PIP_FIND_LINKS PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST PIP_CONSTRAINT 2>/dev/null || true
PIP_CONFIG_FILE=/dev/null
CUSTOM_COMPILE_COMMAND="make lock"
export PIP_CONFIG_FILE CUSTOM_COMPILE_COMMAND

.venv/bin/python -m pip install --quiet 'pip-tools==7.6.2'

compile() {
    .venv/bin/python -m piptools compile --quiet --generate-hashes --strip-extras --allow-unsafe \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
        --build-deps-for editable --extra demo "$@" pyproject.toml
}

compile ${ARGS:-} --output-file requirements.lock
compile ${ARGS:-} --extra dev --constraint requirements.lock --output-file requirements-dev.lock

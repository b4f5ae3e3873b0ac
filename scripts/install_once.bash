# Sourced by scripts/backends/*: puts one pinned backend into the user's cache, once.
#
# A backend script defines
#   installed DIRECTORY    succeeds when what lies in DIRECTORY works
#   install DIRECTORY      fills the empty DIRECTORY; may be interrupted at any point
# and calls `install_once NAME-VERSION`, which leaves the place in `directory`.
#
# On success a backend script prints `LIGHTSHIP_TEST_<NAME>=<path>` lines on stdout and nothing
# else; when it gives up it prints the reason there instead and exits with 1. Everything else,
# the installers' own output too, goes to stderr.
# shellcheck shell=bash

cache=${XDG_CACHE_HOME:-${HOME:?is not set}/.cache}/lightship/backends

progress() { printf '%s\n' "$*" >&2; }

give_up() {
    reason_given=yes
    printf '%s\n' "$*"
    exit 1
}

# A download that hangs must not hang the tests: seconds, then the backend is skipped.
with_patience() { timeout "$1" "${@:2}" >&2; }

install_once() {
    local backend=$1
    directory=$cache/$backend
    if installed "$directory" >/dev/null 2>&1; then return; fi

    trap 'on_exit $?' EXIT
    # One installer at a time: this script runs once more under the lock. `-o` keeps the lock out
    # of the hands of whatever an installer may leave running.
    if [[ ${LIGHTSHIP_INSTALL_LOCKED-} != "$backend" ]]; then
        mkdir -p "$cache"
        LIGHTSHIP_INSTALL_LOCKED=$backend exec flock -o "$cache/$backend.lock" "$0"
    fi

    # Nobody else is here now, so what lies around belongs to an interrupted or broken install.
    rm -rf "$cache/$backend".partial.* "$directory"
    partial=$(mktemp -d "$cache/$backend.partial.XXXXXX")
    progress "installing $backend into $cache"
    install "$partial"
    installed "$partial" >&2 || give_up "$backend was installed but does not work"
    chmod 755 "$partial"
    mv -T "$partial" "$directory"
}

on_exit() {
    if [[ -n ${partial-} ]]; then rm -rf "$partial"; fi
    if [[ $1 -ne 0 && -z ${reason_given-} ]]; then
        printf '%s\n' "its installation failed with exit status $1"
    fi
}

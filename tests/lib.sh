# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What every shell test uses: . "$srcdir/tests/lib.sh"
#   requires COMMAND...   skip (77) with the reason if the command fails
#   cleanup COMMAND...    run at exit, last first
#   $work                 a folder of the test's own, removed at exit
#   fail TEXT             end with failure
#   expect_error CODE PATTERN COMMAND...   it must exit CODE (or "any"
#                         non-zero), one stderr line matching PATTERN
set -euo pipefail
: "${srcdir:=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}"
: "${builddir:=$srcdir}"

cleanup_commands=()
cleanup()
{
    cleanup_commands=("$(printf '%q ' "$@")" "${cleanup_commands[@]}")
}

run_cleanup()
{
    local code=$? c
    trap - EXIT
    for c in "${cleanup_commands[@]}"; do
        eval "$c" || true
    done
    exit "$code"
}
trap run_cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

skip()
{
    echo "skipped: $*"
    exit 77
}

requires()
{
    "$@" > /dev/null 2>&1 || skip "'$*' does not work here"
}

fail()
{
    echo "failed: $*" >&2
    exit 1
}

# qemu-img for images with keys: it measures the derivation of a key by the
# processor time of its thread, which may seem to be 0 on a busy machine.
qemu_img_with_key()
{
    local text

    for _ in $(seq 20); do
        text=$(qemu-img "$@" 2>&1) && return
        [[ $text = *'accurate CPU usage'* ]] || break
    done
    fail "qemu-img $*: $text"
}

expect_error()
{
    local want=$1 pattern=$2 code=0 text
    shift 2
    text=$("$@" 2>&1 > /dev/null) || code=$?
    [ "$code" -ne 0 ] || fail "'$*' succeeded"
    [ "$want" = any ] || [ "$code" -eq "$want" ] ||
        fail "'$*' exited $code, not $want: $text"
    grep -qE -- "$pattern" <<< "$text" ||
        fail "'$*' said '$text', not '$pattern'"
}

work=$(mktemp -d "${TMPDIR:-/var/tmp}/mayfly-test.XXXXXX")
cleanup rm -rf "$work"

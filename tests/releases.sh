#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# README's Start on bare machines of the releases that it names: a tree of
# each, made by mmdebstrap from the mirror that apt is configured with, and in
# it a clone, ./quickstart, a first file, an inspection, make check-unit.
#
#     releases.sh [-k FOLDER] [NAME...]
#
#   -k FOLDER   keep the trees there, and go on with what is in them
#   NAME        a row of the table below; default: all (or $RELEASES)
#
# Needs root, 4 GiB and a quarter of an hour for each.  A release whose mirror
# cannot be reached is skipped with a line; if all are, so is the test.
# shellcheck disable=SC1091
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/lib.sh"
. "$srcdir/tests/trees.sh"

# Name, apt's Origin of its mirror, suite, and what a second suite replaces.
table='
debian-12            Debian  bookworm
debian-12-backports  Debian  bookworm  bookworm-backports  qemu-* seabios
debian-13            Debian  trixie
sid                  Debian  sid
ubuntu-24.04         Ubuntu  noble
'

trees=$work
while getopts k: option; do
    case $option in
    k) mkdir -p "$OPTARG" && trees=$(realpath "$OPTARG") ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- ${RELEASES:-$(awk '{ print $1 }' <<< "$table")}

[ "$(id -u)" -eq 0 ] || skip "only root can enter a tree"
requires command -v mmdebstrap
requires git -C "$srcdir" rev-parse HEAD

# --- what is shown ---

# step TREE NAME COMMAND...: run it in the tree; its output is kept, and
# printed if it fails.
step()
{
    local tree=$1 name=$2 begin
    shift 2
    begin=$(date +%s%N)
    if ! inside "$tree" timeout 3600 "$@" > "$work/$name.log" 2>&1; then
        tail -n 40 "$work/$name.log"
        fail "$release: '$*'"
    fi
    took=$(awk -v b="$begin" -v e="$(date +%s%N)" \
        'BEGIN { printf "%.1f", (e - b) / 1e9 }')
    printf '%-20s %-12s %8s s\n' "$release" "$name" "$took"
}

try()
{
    local release=$1 origin=$2 suite=$3 more=${4:-} packages=${*:5}
    local tree=$trees/$1 mirror

    mirror=$(mirror_of "$origin" "$suite") || {
        echo "$release: no mirror of $origin with $suite in apt's sources"
        return 0
    }
    make_tree "$tree" "$mirror" "$suite" "$more" "$packages" \
        > "$work/tree.log" 2>&1 || {
        tail -n 20 "$work/tree.log"
        fail "$release: no tree"
    }
    if [ -e "$tree/src/.git" ]; then
        git -C "$tree/src" pull -q --ff-only "$srcdir" HEAD
    else
        git clone -q "$srcdir" "$tree/src"
    fi
    step "$tree" quickstart ./quickstart
    grep -E '^\[ *[0-9]+ s\]' "$work/quickstart.log"
    grep -qE '^start +resumed' "$work/quickstart.log" ||
        fail "$release: the appliance is not saved: $(cat "$work/quickstart.log")"
    step "$tree" versions sh -c 'gcc -dumpfullversion
        qemu-system-x86_64 --version | head -n 1
        grep -m 1 linux-image appliance/built/manifest
        ./run mayfly-appliance status'
    grep -vE '^(user|memory|image|kept|saved|version) ' "$work/versions.log"
    for _ in 1 2 3; do
        step "$tree" first-file \
            ./run mayfish --ro -a out/demo.qcow2 -i cat /etc/motd
    done
    grep -qx 'Built by mayfly.' "$work/first-file.log" ||
        fail "$release: the file is '$(cat "$work/first-file.log")'"
    step "$tree" inspection ./run mayfly-inspector --json -a out/demo.qcow2
    grep -q '"distro": *"debian"' "$work/inspection.log" ||
        fail "$release: inspected as $(head -n 20 "$work/inspection.log")"
    step "$tree" check-unit make check-unit
    grep -E '^# (TOTAL|PASS|SKIP|FAIL|ERROR):' "$work/check-unit.log"
    [ "$trees" != "$work" ] || rm -rf "$tree"
    tried=$((tried + 1))
}

tried=0
for name; do
    row=$(awk -v n="$name" '$1 == n' <<< "$table")
    [ -n "$row" ] || fail "no release $name"
    # shellcheck disable=SC2086
    set -f -- $row
    try "$@"
    set +f
done
[ "$tried" -gt 0 ] || skip "none of the releases has a mirror here"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A first file under the restrictions that containers have: it is read, and
# mayfly-appliance status says which layers of the cage do not hold; or the
# error says what is missing.  Prints a table.
#
#     ./run tests/containers.sh [KIND...]
#
# Needs root, bwrap (bubblewrap) and setpriv; takes a boot of the appliance,
# some 10 s, for each kind without a cache.
# shellcheck disable=SC1091,SC2154
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/lib.sh"

[ "$(id -u)" -eq 0 ] || skip "only root can become another user"
requires bwrap --version
requires setpriv --version
requires "$builddir/tests/restrict" true

home=$work/home
chmod 755 "$work"
mkdir "$home"
truncate -s 32M "$work/disk.img"
mkdir "$work/tree"
echo hello > "$work/tree/file"
PATH=$PATH:/usr/sbin mke2fs -q -t ext4 -d "$work/tree" "$work/disk.img"
chmod 644 "$work/disk.img"
chown -R 1000:1000 "$home"

plain=(env -u XDG_CACHE_HOME -u XDG_RUNTIME_DIR -u TMPDIR HOME="$home")
user=(setpriv --reuid 1000 --regid 1000 --clear-groups "${plain[@]}")
# A user namespace, as rootless containers have one; all of / as it is.
box=(bwrap --bind / / --dev-bind /dev /dev --proc /proc --unshare-pid
    --die-with-parent)

capabilities=+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid
capabilities+=,+setpcap,+net_bind_service,+sys_chroot,+mknod,+audit_write
capabilities+=,+setfcap

# The command that puts another under the restriction of this name.
kind()
{
    case $1 in
    none) restricted=("${user[@]}") ;;
    no-userns) restricted=("${user[@]}" "${box[@]}" --unshare-user
        --disable-userns) ;;
    seccomp) restricted=("${user[@]}" "$builddir/tests/restrict") ;;
    no-kvm) restricted=("${user[@]}" bwrap --bind / / --dev /dev --proc /proc
        --unshare-pid --die-with-parent) ;;
    read-only) restricted=("${user[@]}" bwrap --ro-bind / / --dev-bind /dev /dev
        --proc /proc --unshare-pid --die-with-parent) ;;
    small-shm) restricted=("${user[@]}" "${box[@]}" --size 65536
        --tmpfs /dev/shm) ;;
    no-home) restricted=("${user[@]}" env -u HOME) ;;
    any-uid) restricted=(setpriv --reuid 1000660000 --regid 0 --clear-groups
        "${plain[@]}" HOME=/) ;;
    no-sysctl) restricted=("${user[@]}" "${box[@]}" --ro-bind /proc/sys
        /proc/sys) ;;
    # Root of a container: Docker's capabilities.
    root) restricted=("${plain[@]}" setpriv --bounding-set="-all,$capabilities"
        --inh-caps=-all "$builddir/tests/restrict") ;;
    all) restricted=(setpriv --reuid 1000660000 --regid 0 --clear-groups
        env -i PATH="$PATH" LD_LIBRARY_PATH="${LD_LIBRARY_PATH:-}"
        MAYFLY_APPLIANCE="${MAYFLY_APPLIANCE:-}"
        bwrap --ro-bind / / --dev /dev --size 65536 --tmpfs /dev/shm
        --proc /proc --ro-bind /proc/sys /proc/sys --unshare-pid
        --unshare-user --disable-userns --die-with-parent
        "$builddir/tests/restrict") ;;
    *) fail "no kind $1" ;;
    esac
}

[ $# -gt 0 ] || set -- none no-userns seccomp no-kvm read-only small-shm \
    no-home any-uid no-sysctl root all
printf '%-13s %-7s %6s  %s\n' restriction file s 'what does not hold'
bad=0
for name; do
    kind "$name"
    begin=$(date +%s%N)
    code=0
    (cd / && "${restricted[@]}" mayfish --ro -a "$work/disk.img" -m /dev/sda \
        cat /file) > "$work/out" 2> "$work/why" || code=$?
    took=$(awk -v b="$begin" -v e="$(date +%s%N)" \
        'BEGIN { printf "%.1f", (e - b) / 1e9 }')
    if [ "$code" -eq 0 ] && [ "$(cat "$work/out")" = hello ]; then
        (cd / && "${restricted[@]}" mayfly-appliance status) \
            > "$work/status" 2>&1 || fail "$name: $(cat "$work/status")"
        # Nothing may be missing in silence.
        grep -qE '^missing +[^ ]' "$work/status" ||
            fail "$name: $(cat "$work/status")"
        printf '%-13s %-7s %6s  %s (%s)\n' "$name" read "$took" \
            "$(sed -n 's/^missing *//p' "$work/status")" \
            "$(sed -n 's/^start *//p' "$work/status")"
    else
        printf '%-13s %-7s %6s  %s\n' "$name" "no ($code)" "$took" \
            "$(head -n 3 "$work/why")"
        bad=1
    fi
done
exit "$bad"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every exit status that a manual page lists is provoked, and no other comes.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cli/template.sh"
. "$srcdir/tests/cli/v2v-guests.sh"
requires gpg --version
requires cpio --version
requires test -e "${builddir:?}/v2v/loader/core.img"
make_repository gpt
cd "$work"
gpt=$("$srcdir/tests/images/get.sh" gpt)
luks=$("$srcdir/tests/images/get.sh" luks)
truncate -s 1M empty.img
# A template that holds nothing.
truncate -s 8M nothing.img
mayfly-repo create repo nothing.img --generate-key --arch x86_64 -q
phony=(mayfly-builder --source repo/index.asc
    --fingerprint "${fingerprint:?}" --arch x86_64 --cache templates)
no_qemu=(env MAYFLY_QEMU=/nonexistent)
# Without a saved appliance a start takes long enough to be interrupted.
cold=(env "XDG_CACHE_HOME=$work/cold" MAYFLY_ACCEL=tcg)

seen=
provoke() # STATUS COMMAND...
{
    local code=0
    "${@:2}" > said 2>&1 < /dev/null || code=$?
    [ "$code" -eq "$1" ] || fail "exit status $code, not $1: ${*:2}: $(cat said)"
    seen+="$1"$'\n'
}

# Started with a reader of its output that has gone.
unread()
{
    python3 -c '
import os, subprocess, sys
r, w = os.pipe()
os.close(r)
sys.exit(subprocess.run(sys.argv[1:], stdout=w).returncode)' "$@"
}

signals() # COMMAND...
{
    local each

    for each in HUP:129 INT:130 TERM:143; do
        rm -rf cold
        # A shell ignores SIGINT in its background jobs: take that back.
        provoke "${each#*:}" timeout --preserve-status -s "${each%:*}" 0.4 \
            python3 -c '
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' "${cold[@]}" "$@"
    done
}

all_seen() # PROGRAM
{
    diff <("$1" --print-internal statuses | sort -n) \
        <(printf '%s' "$seen" | sort -nu) ||
        fail "$1: those of the manual (<) and those provoked (>)"
    seen=
}

provoke 0 mayfish -h
provoke 1 mayfish run : cat /x
provoke 2 mayfish --nonsense
provoke 3 mayfish -a nowhere run
provoke 3 mayfish --ro -a nbd://127.0.0.1:1/x run
provoke 3 mayfish --ro add-ro nbd://127.0.0.1:1/x : launch
provoke 4 mayfish --ro -a "$luks" -i ll /
provoke 5 mayfish --ro -a empty.img -i ll /
provoke 6 "${no_qemu[@]}" mayfish run
provoke 141 unread mayfish -h
signals mayfish run : sleep 60
all_seen mayfish

provoke 0 mayfly-inspector -a "$gpt"
provoke 1 mayfly-inspector --each nowhere "$gpt"
provoke 2 mayfly-inspector
provoke 3 mayfly-inspector -a nowhere
provoke 3 mayfly-inspector -a nbd://127.0.0.1:1/x
provoke 4 mayfly-inspector -a "$luks"
provoke 5 mayfly-inspector -a empty.img
provoke 6 "${no_qemu[@]}" mayfly-inspector -a "$gpt"
provoke 141 unread mayfly-inspector -a "$gpt"
signals mayfly-inspector -a "$gpt"
all_seen mayfly-inspector

provoke 0 mayfly-serve "$gpt" --run true
provoke 1 mayfly-serve "$gpt" --run false
provoke 2 mayfly-serve
provoke 3 mayfly-serve nowhere
provoke 3 mayfly-serve nbd://127.0.0.1:1/x
provoke 4 mayfly-serve "$luks" --path /etc/hostname
provoke 5 mayfly-serve empty.img --path /etc/hostname
provoke 6 "${no_qemu[@]}" mayfly-serve "$gpt"
provoke 141 unread mayfly-serve "$gpt"
signals mayfly-serve "$gpt" --run 'sleep 60'
all_seen mayfly-serve

provoke 0 "${phony[@]}" gpt --dry-run
provoke 1 "${phony[@]}" gpt -o x.img --truncate /nothing
provoke 2 "${phony[@]}" gpt -o x.img --size 1M
provoke 3 "${phony[@]}" no-such -o x.img
provoke 5 "${phony[@]}" nothing -o x.img
provoke 6 "${no_qemu[@]}" "${phony[@]}" gpt -o x.img
provoke 141 unread "${phony[@]}" gpt --dry-run
signals "${phony[@]}" gpt -o x.img
[ ! -e x.img ] || fail "an image is left"
all_seen mayfly-builder

provoke 0 mayfly-repo create other nothing.img --no-sign --arch x86_64
provoke 1 mayfly-repo create other nowhere --no-sign
provoke 2 mayfly-repo create other
provoke 141 unread mayfly-repo create other nothing.img --no-sign \
    --arch x86_64
signals mayfly-repo create other "$gpt" --no-sign
all_seen mayfly-repo

cp --sparse=always "$gpt" gpt.img
cp --sparse=always "$luks" luks.img
for program in mayfly-sysprep mayfly-customize; do
    change=(--truncate /etc/hostname)
    wrong=(--truncate /nothing)
    if [ $program = mayfly-sysprep ]; then
        change+=(--operations customize) wrong+=(--operations customize)
    fi
    provoke 0 $program -a gpt.img "${change[@]}"
    provoke 1 $program -a gpt.img "${wrong[@]}"
    provoke 2 $program
    provoke 3 $program -a nowhere "${change[@]}"
    provoke 4 $program -a luks.img "${change[@]}"
    provoke 5 $program -a empty.img "${change[@]}"
    provoke 6 "${no_qemu[@]}" $program -a gpt.img "${change[@]}"
    provoke 141 unread $program --help
    signals $program -a gpt.img "${change[@]}"
    all_seen $program
done

make_guests
provoke 0 mayfly-v2v plan -i xl disk.cfg
provoke 1 mayfly-v2v plan -i disk "$gpt"
provoke 2 mayfly-v2v -i disk
provoke 3 mayfly-v2v plan -i disk nowhere
provoke 3 mayfly-v2v plan -i disk nbd://127.0.0.1:1/x
provoke 4 mayfly-v2v plan -i disk "$luks"
provoke 5 mayfly-v2v plan -i disk empty.img
provoke 6 "${no_qemu[@]}" mayfly-v2v plan -i xl disk.cfg
provoke 141 unread mayfly-v2v plan -i xl disk.cfg
signals mayfly-v2v plan -i xl disk.cfg
all_seen mayfly-v2v

provoke 0 mayfly-appliance status
provoke 1 mayfly-appliance build -o /dev/null/folder
provoke 2 mayfly-appliance
provoke 6 "${no_qemu[@]}" mayfly-appliance status
provoke 141 unread mayfly-appliance status
signals mayfly-appliance status
all_seen mayfly-appliance

# A script, which needs the drop-in to come as far as its command.
if [ -e "${MAYFLY_GUESTFS:?}/libguestfs.so.0" ]; then
    echo '#!/nonexistent' > broken
    provoke 0 mayfly-guestfs true
    provoke 1 mayfly-guestfs --check /nonexistent
    provoke 2 mayfly-guestfs
    provoke 126 mayfly-guestfs ./broken
    provoke 127 mayfly-guestfs ./nowhere
    all_seen "$builddir/tool/guestfs-page"
else
    echo "mayfly-guestfs is not tried: it was not built"
fi

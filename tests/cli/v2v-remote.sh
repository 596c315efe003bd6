#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks of other machines: by NBD, and by http and ssh from servers that this
# test starts.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cli/v2v-guests.sh"
requires cpio --version
requires test -e "${builddir:?}/v2v/loader/core.img"
cd "$work"
make_guests
mkdir out

converted() # IMAGE
{
    mayfish --ro -a "$1" -m /dev/sda2 cat /etc/fstab | grep -q '^UUID=.* / ext4'
}

# --- NBD: a server for one connection at a time, and one for many ---

for many in 1 8; do
    qemu-nbd -t -e $many -f raw -r -k "$work/nbd$many" disk &
    cleanup kill $!
    until [ -S nbd$many ]; do sleep 0.02; done
    mayfly-v2v -i disk "nbd+unix:///?socket=$work/nbd$many" -os out \
        -on n$many -q
    converted out/n$many-sda
done
mayfly-v2v -i disk "nbd+unix:///?socket=$work/nbd8" -os out -on q -of qcow2 -q
converted out/q-sda
qemu-img info out/q-sda | grep -q 'file format: qcow2'
uri="nbd+unix:///?socket=$work/nbd8"
mayfly-v2v plan -i disk "$uri" > plan
grep -q '^Readiness  *Ready' plan
expect_error 3 'nbd\+unix:///\?socket=.*/none' \
    mayfly-v2v plan -i disk "nbd+unix:///?socket=$work/none"
expect_error 3 'cannot be changed in place' \
    mayfly-v2v --in-place -i disk "nbd+unix:///?socket=$work/nbd8"
[ "$(find . -name '.mayfly-v2v*')" = '' ]

# An image that the server was told is raw.
qemu-img convert -O qcow2 disk disk.qcow2
qemu-nbd -t -e 8 -f raw -r -k "$work/nbdq" disk.qcow2 &
cleanup kill $!
until [ -S nbdq ]; do sleep 0.02; done
uri="nbd+unix:///?socket=$work/nbdq"
for more in "" "-if qcow2"; do
    # shellcheck disable=SC2086
    mayfly-v2v -i disk "$uri" $more -os out -on i -q
    converted out/i-sda
done
mayfly-v2v plan -i disk "nbd:unix:$work/nbdq" > plan
grep -q '^Readiness  *Ready' plan || fail "nbd:unix: $(cat plan)"
expect_error any 'no operating system|root' \
    mayfly-v2v plan -i disk "$uri" -if raw
mkdir phases
expect_error 3 'an image of another format, of which only the content' \
    mayfly-v2v --phase full -i disk "$uri" -os phases -on p
for address in sftp://u:pw@h/x smb://h/x; do
    expect_error 3 'addresses that begin with .* are not supported' \
        mayfly-v2v plan -i disk $address
    ! mayfly-v2v plan -i disk $address 2>&1 | grep -q pw || fail "a password"
done

# --- http ---

if [ "$(find /usr/lib /usr/lib64 -name block-curl.so 2> /dev/null)" ]; then
    for kind in parts whole; do
        more=()
        [ $kind = parts ] || more=(--whole)
        python3 "$srcdir/tests/cli/range-server.py" $kind.port "${more[@]}" &
        cleanup kill $!
        until [ -s $kind.port ]; do
            kill -0 $!
            sleep 0.05
        done
    done
    uri=http://127.0.0.1:$(cat parts.port)
    for image in disk disk.qcow2; do
        mayfly-v2v -i disk "$uri/$image" -os out -on http -q
        converted out/http-sda
    done
    expect_error 3 'none' mayfly-v2v plan -i disk "$uri/none"
    expect_error 3 "127.0.0.1" \
        mayfly-v2v plan -i disk "http://127.0.0.1:$(cat whole.port)/disk"
    [ "$(find . -name '.mayfly-v2v*')" = '' ]
else
    echo 'not http: QEMU has no curl driver here (qemu-block-extra)'
fi

# --- ssh ---

requires test -x /usr/sbin/sshd
[ "$(find /usr/lib /usr/lib64 -name block-ssh.so 2> /dev/null)" ] ||
    skip "QEMU has no ssh driver here (qemu-block-extra)"
ssh-keygen -q -t ed25519 -N '' -f host
ssh-keygen -q -t ed25519 -N '' -f key
port=$((20000 + RANDOM % 20000))
mkdir -p /run/sshd 2> err || skip "sshd wants /run/sshd: $(cat err)"
/usr/sbin/sshd -D -e -f /dev/null -h "$work/host" -o ListenAddress=127.0.0.1 \
    -o Port=$port -o AuthorizedKeysFile="$work/key.pub" -o StrictModes=no \
    -o UsePAM=no -o PidFile=none -o PermitRootLogin=prohibit-password \
    -o Subsystem='sftp internal-sftp' 2> sshd.log &
cleanup kill $!
eval "$(ssh-agent -s)" > said
cleanup kill "$SSH_AGENT_PID"
ssh-add -q key
until grep -q 'Server listening' sshd.log; do
    kill -0 $! || skip "sshd does not start: $(cat sshd.log)"
    sleep 0.05
done
sum=$(cut -d ' ' -f 2 host.pub | base64 -d | sha256sum | cut -d ' ' -f 1)
uri=ssh://$(id -un)@127.0.0.1:$port$work
mayfly-v2v -i disk "$uri/disk?host_key_check=sha256:$sum" -os out -on s -q
converted out/s-sda
mayfly-v2v -i disk "$uri/disk.qcow2?host_key_check=sha256:$sum" -os out \
    -on t -q
converted out/t-sda
expect_error 3 'does not match' mayfly-v2v plan -i disk \
    "$uri/disk?host_key_check=sha256:$(printf %064d 0)"
expect_error 3 'malformed address' mayfly-v2v plan -i disk "$uri/disk?x=y"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Remote disks are reached by us or by a process of their own; QEMU has no
# network.  Servers that do not behave get an error that names the cause.
. "${srcdir:?}/tests/lib.sh"
requires qemu-img --version
requires nbdkit --version
requires curl --version
requires python3 --version
cd "$work"

mayfish << 'END'
disk-create seed raw 48M
add seed
run
mkfs ext4 /dev/sda
mount /dev/sda /
write /first one
fill 120 9000000 /many
END
qemu-img convert -q -f raw -O qcow2 seed d.qcow2
many=$(mayfish --ro --format=raw -a seed -m /dev/sda checksum md5 /many)

# A user's own socket, with nbdkit's address; as root it is in remote.sh.
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null; then
    mkdir home
    chown 65534 home
    chmod 755 .
    # shellcheck disable=SC2016
    [ "$(HOME=$work/home XDG_CACHE_HOME=$work/home TMPDIR=$work/home \
        setpriv --reuid 65534 --regid 65534 --clear-groups \
        nbdkit -U - -r file seed --run 'mayfish --ro --format=raw -a "$uri" \
            -m /dev/sda cat /first')" = one ] || fail "as a user"
    echo "ok user"
fi

# The processes below PID, one per line.
below()
{
    local pid
    while read -r pid; do
        [ -z "$pid" ] || echo "$pid"
        [ -z "$pid" ] || below "$pid"
    done < <(cat "/proc/$1/task/"*/children 2> /dev/null | tr ' ' '\n')
}

# inside ADDRESS: while a program has that disk, QEMU has no network, and what
# speaks to the server sees no file of ours; after kill -9 nothing is left.
inside()
{
    local pids pid name served='' qemu=''
    rm -f go
    mkfifo go
    mayfish --ro --format=raw -a "$1" < go > out 2> err &
    shell=$!
    exec 7> go
    printf 'run\nmount /dev/sda /\ncat /first\n' >&7
    for _ in $(seq 600); do
        [ "$(head -c 3 out)" != one ] || break
        kill -0 $shell || fail "$1: it has ended: $(cat err)"
        sleep 0.05
    done
    pids=$(below $shell)
    for pid in $pids; do
        name=$(tr '\0' ' ' < "/proc/$pid/cmdline")
        case $name in
        *qemu-system*"-machine none"* | *nbdkit*) served=$pid ;;
        *qemu-system*)
            [ "$(readlink "/proc/$pid/ns/net")" != \
                "$(readlink /proc/$$/ns/net)" ] || fail "$1: QEMU's network"
            grep -q '^Seccomp:.*2' "/proc/$pid/status" || fail "no filter"
            qemu=$pid
            ;;
        *) continue ;;
        esac
        [ ! -e "/proc/$pid/root$work" ] || fail "$1: it sees our files"
    done
    [ "$qemu" ] || fail "$1: QEMU was not found"
    [ -z "$2" ] || [ "$served" ] || fail "$1: no process of its own"
    kill -9 $shell
    wait $shell 2> /dev/null || true
    exec 7>&-
    for pid in $pids; do
        for _ in $(seq 200); do
            kill -0 "$pid" 2> /dev/null || continue 2
            sleep 0.05
        done
        fail "$1: left: $(tr '\0' ' ' < "/proc/$pid/cmdline")"
    done
}

# The port is chosen by the server.
python3 "$srcdir/tests/cli/range-server.py" port > /dev/null 2>&1 &
cleanup kill $!
for _ in $(seq 500); do
    [ -s port ] && break
    sleep 0.02
done
web=http://127.0.0.1:$(cat port)
unshare -Ur true 2> /dev/null && can_look=yes || can_look=
[ "$(id -u)" = 0 ] || can_look= # /proc of QEMU is not ours to read
nbdkit -P pid -U "$work/socket" -r file seed
cleanup kill "$(cat pid)"
if [ "$can_look" ]; then
    inside "nbd+unix:///?socket=$work/socket" ''
    inside "$web/seed" yes
    echo "ok inside"
fi

# Many requests at the same time; an image; one that is added later.
[ "$(mayfish --ro -a "$web/d.qcow2" -m /dev/sda checksum md5 /many)" = \
    "$many" ] || fail "http, qcow2"
[ "$(mayfish --ro --format=raw -a "$web/seed" -m /dev/sda \
    cat /first)" = one ] || fail "http, raw"
[ "$(mayfish run : add-ro "$web/d.qcow2" : mount-ro /dev/sda / : \
    cat /first)" = one ] || fail "added later"
[ "$(mayfish --ro -a "$web/here/d.qcow2" -m /dev/sda cat /first)" = one ] ||
    fail "a redirect to the same server"
echo "ok http"

error()
{
    expect_error any "$1" timeout 100 mayfish --ro --format=raw -a "$2" run
}
error "redirects to another one, http://localhost:[0-9]*/seed; give that" \
    "$web/away/seed"
error 'redirects to another one, file:///etc/passwd; give' \
    "$web/file/etc/passwd"
error 'redirects more than 5 times' "$web/loop/seed"
error 'cannot reach it: .*404' "$web/none"
error "cannot reach it: .*refuse|cannot reach it: .*[Cc]onnect" \
    http://127.0.0.1:1/x
error 'cannot reach it: .*[Hh]ost|cannot reach it: .*resolve' \
    http://nothing.invalid/x
error 'ftp://127.0.0.1:1/x: cannot reach it: ' ftp://127.0.0.1:1/x
expect_error any 'Transferred a partial file|transfer closed|[Ii]nput/output|partial' \
    timeout 100 mayfish --ro -a "$web/cut/d.qcow2" run
expect_error any '[Ii]nput/output error' timeout 100 mayfish --ro \
    --format=raw -a "$web/long/seed" run : pread-device /dev/sda 512 60000000
python3 "$srcdir/tests/cli/range-server.py" whole --whole > /dev/null 2>&1 &
cleanup kill $!
for _ in $(seq 500); do
    [ -s whole ] && break
    sleep 0.02
done
error 'does not support .*range' "http://127.0.0.1:$(cat whole)/seed"
echo "ok web servers"

error '127.0.0.1, port 1: Connection refused' nbd://127.0.0.1:1/
error 'cannot find the host nothing.invalid: ' nbd://nothing.invalid/
error "127.0.0.1, port $(cat port), (does not|closes|is not)" \
    "nbd://127.0.0.1:$(cat port)/"
error 'cannot connect to /nowhere' 'nbd+unix:///?socket=/nowhere'
# It says more than it has, and ends while it is read.
# shellcheck disable=SC2016
nbdkit -P pid2 -U "$work/short" eval get_size='echo 1G' \
    pread='[ $4 -lt 4096 ] || kill -9 $PPID; head -c $3 /dev/zero'
expect_error any '[Ii]nput/output error' timeout 100 mayfish --ro \
    --format=raw -a "nbd+unix:///?socket=$work/short" run : \
    pread-device /dev/sda 512 60000000
kill "$(cat pid2)" 2> /dev/null || true
echo "ok nbd servers"

# By SSH; an image grows there while it is written.
if [ -x /usr/sbin/sshd ] && mkdir -p /run/sshd 2> /dev/null &&
    [ "$(find /usr/lib /usr/lib64 -name block-ssh.so 2> /dev/null)" ]; then
    ssh-keygen -q -t ed25519 -N '' -f host
    ssh-keygen -q -t ed25519 -N '' -f key
    port=$((20000 + RANDOM % 20000))
    /usr/sbin/sshd -D -e -f /dev/null -h "$work/host" -o Port=$port \
        -o ListenAddress=127.0.0.1 -o AuthorizedKeysFile="$work/key.pub" \
        -o StrictModes=no -o UsePAM=no -o PidFile=none \
        -o PermitRootLogin=prohibit-password \
        -o Subsystem='sftp internal-sftp' 2> sshd.log &
    cleanup kill $!
    until grep -q 'Server listening' sshd.log; do
        kill -0 $! || fail "sshd: $(cat sshd.log)"
        sleep 0.05
    done
    eval "$(ssh-agent -s)" > said
    cleanup kill "$SSH_AGENT_PID"
    ssh-add -q key
    uri="ssh://$(id -un)@127.0.0.1:$port$work/grows.qcow2?host_key_check=no"
    qemu-img create -q -f qcow2 grows.qcow2 64M
    before=$(stat -c %s grows.qcow2)
    mayfish -a "$uri" run : mkfs ext4 /dev/sda : mount /dev/sda / : \
        fill 77 9000000 /many : write /first two
    [ "$(stat -c %s grows.qcow2)" -gt "$before" ] || fail "it has not grown"
    qemu-img check -q grows.qcow2
    [ "$(mayfish --ro -a "$uri" -m /dev/sda cat /first)" = two ] ||
        fail "ssh, read again"
    [ -z "$can_look" ] ||
        inside "${uri/grows.qcow2/seed}" yes
    echo "ok ssh"
fi

# A helper that is missing.
mkdir bin
ln -s /usr/bin/* bin/
rm -f bin/nbdkit bin/curl
PATH=$(dirname "$(command -v mayfish)"):$work/bin \
    error 'cannot find curl; install curl' "$web/seed"
ln -s "$(command -v curl)" bin/
PATH=$(dirname "$(command -v mayfish)"):$work/bin \
    error 'cannot find nbdkit; install nbdkit' "$web/seed"
echo "ok programs"

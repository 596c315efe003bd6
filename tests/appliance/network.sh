#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a hostile guest reaches with --network.  This host and a machine beside
# it are network namespaces: every address is there and answers, the metadata
# service of a cloud as well.  With SLOW=1 (tests/slow/network.sh) also that the
# attack is one.
if [ -z "${IN_NAMESPACE:-}" ]; then
    user=() of=root
    [ "$(id -u)" -eq 0 ] || user=(-r) of=user
    unshare "${user[@]}" -nm true 2> /dev/null || {
        echo "skipped: no network namespaces here"
        exit 77
    }
    IN_NAMESPACE=$of exec unshare "${user[@]}" -nm "$0"
fi
. "${srcdir:?}/tests/lib.sh"
shopt -s extglob
requires mke2fs -V
requires passt --version
requires ip -V
cd "$work"
port=4077

# --- this host, and the machine beside it ---

unshare -n sleep 600 &
beside=$!
cleanup kill $beside
for ((i = 0; i < 50; i++)); do
    [ "$(readlink /proc/$beside/ns/net)" = "$(readlink /proc/$$/ns/net)" ] ||
        break
    sleep 0.1
done
ip link set lo up
ip link add v0 type veth peer name v1 netns $beside
ip address add 192.0.2.1/24 dev v0
ip address add 169.254.7.1/16 dev v0
ip address add fd00::1/64 dev v0 nodad
ip link set v0 up
nsenter -t $beside -n sh -e << 'END'
ip link set lo up
ip address add 192.0.2.2/24 dev v1
ip address add 169.254.169.254/16 dev v1
ip address add fd00::2/64 dev v1 nodad
ip address add fd00:ec2::254/64 dev v1 nodad
ip link set v1 up
END
ip route add default via 192.0.2.2
ip route add default via fd00::2 dev v0
link_local=$(ip -6 -o address show dev v0 scope link |
    sed 's/.*inet6 \(fe80[^/]*\).*/\1/')
echo 'nameserver 127.0.0.1' > resolv.conf
mount --bind resolv.conf "$(realpath /etc/resolv.conf)"
python3 "$srcdir/tests/appliance/listen.py" here.log here $port \
    127.0.0.1 127.1.2.3 192.0.2.1 169.254.7.1 ::1 fd00::1 &
cleanup kill $!
nsenter -t $beside -n python3 "$srcdir/tests/appliance/listen.py" beside.log \
    beside $port 192.0.2.2 169.254.169.254 fd00::2 fd00:ec2::254 &
cleanup kill $!
await_listeners()
{
    local i
    for ((i = 0; i < 100; i++)); do
        ! { grep -qs ready here.log && grep -qs ready beside.log; } || return 0
        sleep 0.1
    done
    fail "the listeners do not start"
}
await_listeners

# From here all of them are reached.
for to in 127.0.0.1 127.1.2.3 192.0.2.1 169.254.7.1 ::1 fd00::1 192.0.2.2 \
    169.254.169.254 fd00::2 fd00:ec2::254; do
    timeout 10 bash -c "cat < /dev/tcp/$to/$port > /dev/null" ||
        fail "this host itself does not reach $to"
done
: > here.log
: > beside.log

# --- the guest ---

root=$work/root
mkdir -p "$root"/{dev,proc,sys,run,etc,tmp,bin}
cp "${builddir:?}/tests/appliance/packets" "$root/bin/packets"
for program in "$root/bin/packets" bash sh cat timeout getent sleep; do
    path=$(command -v "$program")
    [ -e "$root/bin/$(basename "$path")" ] || cp -L "$path" "$root/bin/"
    ldd "$path" | grep -o '/[^ ]*' | while read -r library; do
        mkdir -p "$root$(dirname "$library")"
        cp -L "$library" "$root$library"
    done
done
echo 'hosts: dns' > "$root/etc/nsswitch.conf"
# What the name server is mounted over: the guest is only read.
: > "$root/etc/resolv.conf"
for library in /lib/*/libnss_dns.so.2 /lib64/libnss_dns.so.2; do
    [ ! -e "$library" ] || cp -L "$library" "$root$(dirname "$library")/"
done
forbidden="10.0.2.2 127.0.0.1 127.1.2.3 0.0.0.0 169.254.169.254 169.254.7.1"
forbidden+=" 192.0.2.1 255.255.255.255 224.0.0.1"
# Every attempt is under way, however slow the machine, before time is up.
cat > "$root/attack" << END
try()
{
    started=\$((started + 1))
    (
        [[ \$2 != *.test ]] || timeout 20 getent ahostsv4 \$2 > /dev/null
        echo >> /run/started
        exec 3<> /dev/\$1/\$2/$port && echo x >&3 &&
            [ \$1 = tcp ] && echo reached \$2
    ) 2> /dev/null &
}
# As an ordinary program.
for to in $forbidden ::1 fd00::1 fd00::2 $link_local%eth0 ::ffff:127.0.0.1 \\
    ::ffff:192.0.2.1 ::ffff:169.254.169.254 fd00:ec2::254; do
    try tcp \$to
    try udp \$to
done
# By names that lead there.
for to in $forbidden; do
    try tcp \${to//./-}.test
done
# As root, past the guest's own routes.
packets $port $forbidden
for ((i = 0; i < 300; i++)); do
    mapfile -t lines < /run/started
    [ \${#lines[@]} -lt \$started ] || break
    sleep 0.2
done
[ \${#lines[@]} -eq \$started ] || echo "\${#lines[@]} of \$started attempts"
sleep 3
kill \$(jobs -p) 2> /dev/null
wait
END
cat > "$root/use" << END
exec 2>&1
timeout 30 cat < /dev/tcp/192.0.2.2/$port
echo x > /dev/udp/192.0.2.2/$port
timeout 30 getent ahostsv4 some.name.test | { read -r a b; echo \$a; }
END
mke2fs -q -t ext4 -d "$root" disk.img 64M > log
logged()
{
    LC_ALL=C sort here.log beside.log
}

# Those in this network namespace that run program $1.
running()
{
    local p
    for p in /proc/[0-9]*; do
        [[ $(readlink "$p/exe") != */$1* ]] ||
            [ "$(readlink "$p/ns/net")" != "$(readlink /proc/self/ns/net)" ] ||
            echo "${p#/proc/}"
    done 2> /dev/null
}
await_line()
{
    local i
    for ((i = 0; i < 2800; i++)); do
        ! grep -q "^$1" out || return 0
        kill -0 "$program" || fail "mayfish has ended: $(cat out errors)"
        sleep 0.1
    done
    fail "no '$1' after 280 seconds: $(cat out errors)"
}
start()
{
    rm -f fifo out
    mkfifo fifo
    mayfish --ro "$@" --format=raw -a disk.img < fifo > out 2> errors &
    program=$!
    exec 5> fifo
    printf 'run\nmount-ro /dev/sda /\necho up\n' >&5
    await_line up
}
guest()
{
    timeout 280 mayfish --ro --network --format=raw -a disk.img -m /dev/sda \
        "$@" < /dev/null
}

[ -z "$(running passt)" ] || fail "there is a passt: $(running passt)"
start --network
printf 'sh "bash /attack"\necho attacked\n' >&5
await_line attacked
printf 'up\n\nattacked\n' | diff - out || fail "a program of the guest"
# Names are asked for, and answered.
logged | grep -q '^here dns$' || fail "no name was asked for"
! logged | grep -v '^here dns$' || fail "the guest has reached $(logged)"
: > here.log
echo "ok nothing is reached"

printf 'sh "bash /use"\necho used\n' >&5
await_line used
printf 'beside\n192.0.2.2\n\nused\n' | diff - <(tail -n 4 out) ||
    fail "answers: $(cat out); arrivals: $(logged)"
printf 'beside tcp 192.0.2.2\nbeside udp 192.0.2.2\nhere dns\n' > want
# The datagram needs no answer, so it may still be on its way.
for ((i = 0; i < 50; i++)); do
    [ "$(logged)" != "$(cat want)" ] || break
    sleep 0.1
done
logged | diff want - || fail "arrivals"
echo "ok other machines and names are reached"

# --- the processes ---

[ -z "$(running qemu-system)" ] || fail "QEMU has this host's network"
pid=$(running passt)
[[ $pid == +([0-9]) ]] || fail "not one passt runs: '$pid'"
state=$(cat "/proc/$pid/status")
for line in 'NoNewPrivs:	1' 'Seccomp:	2' 'CapEff:	0000000000000000' \
    'CapBnd:	0000000000000000'; do
    grep -q "^$line" <<< "$state" || fail "passt: no $line in $state"
done
if [ "$IN_NAMESPACE" = root ] && grep -q '^Uid:	0' <<< "$state"; then
    fail "passt runs as root"
fi
[ ! -e "/proc/$pid/root/etc/passwd" ] || fail "passt sees the host's files"
[ ! -e "/proc/$pid/root/home" ] || fail "passt sees homes"
kill -9 $program
for ((i = 0; i < 100; i++)); do
    [ -n "$(running passt)" ] || break
    sleep 0.1
done
exec 5>&-
[ -z "$(running passt)" ] || fail "passt has survived its program"
echo "ok passt is in a cage, and goes with the program"

# --- without passt ---

mkdir bin
ln -s /usr/bin/* bin/
rm -f bin/passt*
without()
{
    PATH=$builddir/.libs:$builddir:$work/bin guest "$@"
}
expect_error any 'no passt found.*install the package passt' \
    without sh "cat /attack"
MAYFLY_NETWORK=bridge expect_error any "MAYFLY_NETWORK is 'bridge'" \
    guest sh "cat /attack"
echo "ok what a user is told"

[ -n "${SLOW:-}" ] || exit 0

printf '#!/bin/sh\necho the cause >&2\nexit 1\n' > bin/passt
chmod 755 bin/passt
expect_error any 'passt.* has ended: the cause' without sh "cat /attack"
rm bin/passt
echo "ok a passt that does not start"

# Where this host has no way to the rest of the world, there is its own network.
ip route del default
guest sh "bash /use" > out || fail "no default route: $(cat out)"
grep -q '^beside$' out || fail "no default route: $(cat out)"
ip route add default via 192.0.2.2
echo "ok without a default route"

start
[ -z "$(running passt)" ] || fail "passt runs without --network"
exec 5>&-
wait $program

# The same attack where QEMU makes the connections: it is one.
: > here.log
: > beside.log
MAYFLY_NETWORK=qemu without sh "bash /attack" > out
grep -q 'reached 10.0.2.2' out || fail "QEMU's network: '$(cat out)'"
logged | grep -q 'here tcp 127.0.0.1' || fail "QEMU's network: '$(logged)'"
logged | grep -q 'beside tcp 169.254.169.254' || fail "QEMU: '$(logged)'"
echo "ok the same, with QEMU's own network, is reached"

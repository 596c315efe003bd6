#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Images that a server has: their format is read by our own reader, through the
# connection that QEMU has, and what needs other files is refused.
. "${srcdir:?}/tests/lib.sh"
requires qemu-nbd --version
requires qemu-img --version
cd "$work"

mayfish << 'END'
disk-create seed raw 48M
add seed
run
mkfs ext4 /dev/sda
mount /dev/sda /
write /first one
END
for format in qcow2 vdi vhdx vpc vmdk; do
    options=()
    [ $format != vpc ] || options=(-o force_size)
    qemu-img convert -q -f raw -O $format "${options[@]}" seed d.$format
done
qemu-img create -q -f qcow2 -b seed -F raw top.qcow2
gzip -k seed

# serve FILE OPTION...: its bytes as they are, at $uri.
serve()
{
    local file=$1
    shift
    rm -f socket
    qemu-nbd -f raw -k "$work/socket" "$@" "$file" &
    server=$!
    for _ in $(seq 1000); do
        [ -S socket ] && break
        sleep 0.02
    done
    uri="nbd+unix:///?socket=$work/socket"
}

end()
{
    kill "$server" 2> /dev/null || true
    wait "$server" || true
}

# One connection is all that a server takes: without -t it ends after the
# first.
for format in qcow2 vdi vhdx vpc; do
    serve d.$format -r
    [ "$(mayfish --ro -a "$uri" run : blockdev-getsize64 /dev/sda : \
        mount /dev/sda / : cat /first)" = $'50331648\none' ] ||
        fail "$format, not given"
    end
    serve d.$format -r
    [ "$(mayfish --ro --format=$format -a "$uri" run : mount /dev/sda / : \
        cat /first)" = one ] || fail "$format, given"
    end
    echo "ok $format"
done

# As nbdkit gives it to a command: a socket that only its user may open.
if command -v nbdkit > /dev/null; then
    # shellcheck disable=SC2016
    read_it='mayfish --ro --format=raw -a "$uri" -m /dev/sda cat /first'
    for name in nbd uri; do
        [ "$(nbdkit -U - file seed --run "${read_it/uri/$name}")" = one ] ||
            fail "\$$name"
    done
    echo "ok sockets"
fi

# Said to be raw it is raw, whatever it looks like.
serve d.qcow2 -r
[ "$(mayfish --ro --format=raw -a "$uri" run : pread-device /dev/sda 3 0)" = \
    QFI ] || fail "raw, given"
end
serve seed -r
[ "$(mayfish --ro -a "$uri" run : mount /dev/sda / : cat /first)" = one ] ||
    fail "raw, not given"
end
serve seed -r
expect_error any 'not a qcow2 image' \
    mayfish --ro --format=qcow2 -a "$uri" run
end

serve seed -r -t -x named
expect_error 3 "the server has no export 'other'; 'nbdinfo --list' shows" \
    mayfish --ro -a "nbd+unix:///other?socket=$work/socket" run
expect_error 3 'does not let anyone write to it; add it read-only' \
    mayfish --format=raw -a "nbd+unix:///named?socket=$work/socket" run
end

# An address of version 6 in QEMU's own form, where there is one.
if grep -q '^0*1 ' /proc/net/if_inet6 2> /dev/null; then
    port=$((20000 + RANDOM % 20000))
    qemu-nbd -f raw -r -t -b ::1 -p $port -x d seed &
    server=$!
    for _ in $(seq 500); do
        (: < "/dev/tcp/::1/$port") 2> /dev/null && break
        sleep 0.02
    done
    [ "$(mayfish --ro --format=raw -a "nbd:[::1]:$port:exportname=d" run : \
        blockdev-getsize64 /dev/sda)" = 50331648 ] || fail "nbd:[::1]:PORT"
    end
fi

# A password is in no error, no trace and no debug line; no address is in the
# list of processes with it.
MAYFLY_TRACE=1 MAYFLY_DEBUG=1 mayfish -x -v --ro \
    -a 'http://me:hush@127.0.0.1:1/x' run > said 2>&1 && fail "it is there"
grep -q 'http://me:\*\*\*@127.0.0.1:1/x: cannot reach it' said ||
    fail "said '$(cat said)'"
! grep -q hush said || fail "a password: $(grep hush said)"

# An image that has to grow cannot be written there; a raw one can.
serve d.qcow2
expect_error any 'the qcow2 image could not grow on this server' \
    mayfish -a "$uri" run
end
cp seed other
serve other
mayfish -a "$uri" run : mount /dev/sda / : write /second two
end
[ "$(mayfish --ro --format=raw -a other run : mount /dev/sda / : \
    cat /second)" = two ] || fail "what was written"

# Exported again.
serve d.qcow2 -r
if command -v nbdinfo > /dev/null; then
    # shellcheck disable=SC2016
    [ "$(mayfly-serve -a "$uri" --run 'nbdinfo --size "$uri"')" = 50331648 ] ||
        fail "the export of a remote image"
fi
end

# What depends on other files, or is no disk.
refused()
{
    serve "$1" -r
    expect_error any "$2" mayfish --ro -a "$uri" run
    end
}
refused top.qcow2 'must not depend on other files'
refused d.vmdk 'a remote vmdk image cannot be used; copy it here'
refused seed.gz 'gzip'

# By HTTP.
requires nbdkit curl --version
python3 "$srcdir/tests/cli/range-server.py" port > /dev/null 2>&1 &
cleanup kill $!
for _ in $(seq 500); do
    [ -s port ] && break
    sleep 0.02
done
port=$(cat port)
[ "$(mayfish --ro -a "http://127.0.0.1:$port/d.qcow2" run : \
    blockdev-getsize64 /dev/sda : pread-device /dev/sda 2 1080 | xxd -p)" = \
    "$(printf '50331648\n\x53\xef' | xxd -p)" ] || fail "http"
[ "$(mayfish run : add-ro "http://127.0.0.1:$port/d.vdi" : \
    blockdev-getsize64 /dev/sda)" = 50331648 ] || fail "added later"
# A cache that promises parts and sends the whole: other bytes, without an error.
expect_error any 'does not support ranges' \
    mayfish --ro -a "http://127.0.0.1:$port/deaf/d.qcow2" run
# A user's name is no line of curl's configuration.
for user in 'a%0Aurl=x' 'a:b%0aurl=x' 'a%0D' '%09'; do
    expect_error any 'malformed address' \
        mayfish --ro -a "http://$user@127.0.0.1:$port/d.qcow2" run
done
echo "ok http"

# Where nothing answers, or QEMU has no driver: one line, by name.
for address in iscsi://127.0.0.1:1/t/0 ftp://127.0.0.1:1/x; do
    expect_error any "launch: $address: " \
        timeout 200 mayfish --ro -a $address run
done
expect_error any 'mount the volume' mayfish --ro -a gluster://h/v/x run
expect_error any 'malformed address; it should be like rbd:///POOL/IMAGE' \
    mayfish --ro -a rbd://h/x run

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A server of a disk that fails or is slow, by nbdkit's filters: what is read is
# right or an error, and what was not written is never reported as written.
. "${srcdir:?}/tests/lib.sh"
requires nbdkit file --version
requires python3 --version
cd "$work"
head -c 3000000 /dev/urandom > data
sum=$(sha256sum < data)
mayfish << 'END'
disk-create base raw 64M
add base format:raw
run
mkfs ext4 /dev/sda
mount /dev/sda /
upload data /old
END

# serve OPTION...: the disk "now", at $uri.
serve()
{
    rm -f socket pid
    nbdkit --no-fork -U "$work/socket" -P "$work/pid" "$@" file now \
        "${parameters[@]}" > server 2>&1 &
    server=$!
    for _ in $(seq 500); do
        [ -e pid ] && break
        kill -0 $server 2> /dev/null || break
        sleep 0.02
    done
    [ -e pid ] || fail "nbdkit: $(cat server)"
    uri="nbd+unix:///?socket=$work/socket"
}
end()
{
    kill $server 2> /dev/null || true
    wait $server || true
}

tried=0 failed=0
# FILTER PARAMETER...: read the old file, and write a new one, each with a fault
# of the server.
try()
{
    local code filter=$1
    shift
    parameters=("$@")
    tried=$((tried + 1))
    cp --sparse=always base now
    serve --filter="$filter"
    rm -f out
    code=0
    timeout 200 mayfish --ro --format=raw -a "$uri" run : \
        mount-ro /dev/sda / : download /old out 2> err || code=$?
    [ $code -ne 124 ] || fail "$*: reading does not end"
    if [ $code -eq 0 ]; then
        [ "$(sha256sum < out)" = "$sum" ] || fail "$*: other data was read"
    else
        failed=$((failed + 1))
        [ ! -e out ] || fail "$*: half a file was left"
        grep -q '^mayfish: .' err || fail "$*: no word about it"
    fi
    code=0
    timeout 200 mayfish --format=raw -a "$uri" run : mount /dev/sda / : \
        upload data /new 2> err || code=$?
    end
    [ $code -ne 124 ] || fail "$*: writing does not end"
    [ $code -ne 0 ] || written
    [ $code -eq 0 ] || failed=$((failed + 1))
    [ $code -eq 0 ] || grep -q '^mayfish: .' err || fail "$*: no word about it"
    return 0
}
# It said so: the new file must be there.
written()
{
    mayfish --format=raw --ro -a now run : mount-ro /dev/sda / : \
        download /new out : download /old old
    [ "$(cat out old | sha256sum)" = "$(cat data data | sha256sum)" ] ||
        fail "${parameters[*]}: not written, but exit code 0"
}

for error in EIO ENOSPC EPERM; do
    for rate in 2% 30% 100%; do
        for kind in pread pwrite; do
            try error error=$error "error-$kind-rate=$rate"
        done
    done
done
for rate in 20% 100%; do
    for kind in zero trim extents cache; do
        try error error=EIO "error-$kind-rate=$rate"
    done
done
for error in EIO ENOSPC ESHUTDOWN EINVAL; do
    try error error=$error error-pwrite-rate=50% error-zero-rate=50%
done
try delay rdelay=30ms
try delay wdelay=30ms
try delay delay-zero=200ms delay-trim=200ms
try delay delay-extents=200ms delay-open=2
try delay delay-close=2
try rate rate=50M
try nozero zeromode=notrim
try noextents
try fua fuamode=force
try fua fuamode=emulate
# shellcheck disable=SC2154
echo "$tried faults, $failed of $((tried * 2)) runs ended with an error"
# Where every read or every write fails, it cannot go well.
[ $failed -ge 9 ] || fail "too few faults were met"

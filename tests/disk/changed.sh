#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An image that changes while it is opened: QEMU reads its header for itself,
# so that a server can show it another one than us.  Whatever QEMU opens then
# besides the files it was given is an error, and its content is not used.
. "${srcdir:?}/tests/lib.sh"
requires qemu-img --version
requires nbdkit --version
cd "$work"

# Two images of the same disk and length: one plain, the other with a data file
# that the cage shows to QEMU.
secret=/usr/share/common-licenses/GPL-2
[ -e $secret ] || secret=$(realpath "$(command -v qemu-img)")
name=$(printf '%*s' ${#secret} '' | tr ' ' x)
qemu-img create -q -f qcow2 plain 1M
qemu-img create -q -f qcow2 -o "data_file=$name,data_file_raw=on" other 1M
python3 - "$name" "$secret" << 'END'
import sys
name, secret = (x.encode() for x in sys.argv[1:])
data = open("other", "rb").read()
assert data.count(name) == 1
open("other", "wb").write(data.replace(name, secret))
END
truncate -s 2M plain other small
head -c 64 "$secret" > wanted

# nbdkit that shows "plain" for the first N reads of the first byte, and "other"
# from then on.
# shellcheck disable=SC2016
cat > pread << 'END'
#!/bin/bash
if [ "$4" -eq 0 ]; then
    printf . >> count
    [ "$(stat -c %s count)" -le "$limit" ] || echo > changed
fi
file=plain
[ ! -e changed ] || file=other
dd if=$file bs=64k skip="$4" count="$3" status=none \
    iflag=skip_bytes,count_bytes,fullblock
END
chmod +x pread
serve()
{
    rm -f count changed socket pid
    limit=$1 nbdkit --no-fork -U "$work/socket" -P "$work/pid" eval \
        get_size='echo 2M' pread="cd '$work' && exec ./pread \"\$@\"" \
        can_write='exit 3' &
    server=$!
    for _ in $(seq 1000); do
        [ -e pid ] && break
        sleep 0.02
    done
    uri="nbd+unix:///?socket=$work/socket"
}
end()
{
    kill $server 2> /dev/null || true
    wait $server || true
}

# COMMAND N: is the change seen, and the secret not?
found=
try()
{
    local code=0 limit=$1
    shift
    serve "$limit"
    "$@" > out 2> err || code=$?
    end
    ! grep -qaF -f wanted out err || fail "$limit: $*: the file was shown"
    [ $code -ne 0 ] || [ ! -s copy ] || ! cmp -s -n 64 copy wanted ||
        fail "$limit: $*: the file was copied"
    rm -f copy
    if grep -q "was changed while it was opened: it names $secret" err; then
        [ $code -ne 0 ] || fail "$limit: $*: no error"
        found="$found $limit"
    fi
}
for command in shell serve; do
    found=
    for limit in 2 3 4; do
        uri="nbd+unix:///?socket=$work/socket"
        # shellcheck disable=SC2016
        case $command in
        shell) try $limit mayfish --ro -a "$uri" run : \
            pread-device /dev/sda 4096 0 ;;
        serve) try $limit mayfly-serve "$uri" --run \
            'nbdcopy "$uri" copy || qemu-img convert -O raw "$uri" copy' ;;
        esac
    done
    [ -n "$found" ] || fail "$command: never seen: $(cat err)"
    echo "ok $command: seen after$found"
done
# By hot add.
found=
for limit in 2 3 4; do
    uri="nbd+unix:///?socket=$work/socket"
    try $limit mayfish --ro -a small run : add "$uri" readonly:true : \
        pread-device /dev/sdb 4096 0
done
[ -n "$found" ] || fail "hot add: never seen: $(cat err)"
echo "ok hot add: seen after$found"

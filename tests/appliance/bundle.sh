#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mayfly-appliance export and import: what comes back is what was exported;
# whatever else a file is, it is refused and nothing changes.
. "$srcdir/tests/lib.sh"

requires gpg --version
export GNUPGHOME=$work/gnupg
mkdir -m 0700 "$GNUPGHOME"
cleanup gpgconf --kill all
for user in a b; do
    gpg -q --batch --pinentry-mode loopback --passphrase '' \
        --quick-gen-key "$user@x" ed25519 sign never 2> /dev/null
    gpg -q --batch --armor --export "$user@x" > "$work/$user.asc"
done
fingerprint=$(gpg --with-colons -k a@x | sed -n 's/^fpr:*\([^:]*\):/\1/p')

# A small one; only the API has to be the right one.
image=$work/image
mkdir "$image"
cp "$builddir/appliance/built/api" "$image/"
for part in manifest sources licences.zst kernel initrd; do
    head -c 700 /dev/urandom > "$image/$part"
done

mayfly-appliance export "$work/one.tar" -o "$image" --sign a@x > "$work/said"
grep -q "signed by $fingerprint" "$work/said" || fail "$(cat "$work/said")"
tar -tf "$work/one.tar" | paste -s -d ' ' |
    grep -qx 'index.asc api manifest sources licences.zst kernel initrd' ||
    fail "members: $(tar -tf "$work/one.tar")"

check()
{
    local part
    for part in api manifest sources licences.zst kernel initrd; do
        cmp "$image/$part" "$1/$part" || fail "$1/$part"
    done
    [ "$(find "$1" -mindepth 1 | wc -l)" -eq 6 ] || fail "$1: more than that"
}

# By the key or by the fingerprint; into a new folder, over an old one.
mkdir "$work/to"
to=$work/to/deep/appliance
(umask 077 && mayfly-appliance import "$work/one.tar" --key "$work/a.asc" \
    -o "$to/") > "$work/said"
check "$to"
[ "$(stat -c %a "$to" "$to/kernel" | paste -s -d ' ')" = "755 644" ] ||
    fail "modes: $(stat -c %a "$to" "$to/kernel")"
touch "$to/base"
mayfly-appliance import "file://$work/one.tar" -q --fingerprint "$fingerprint" \
    -o "$to"
check "$to"

# The user's own place; what is there fits this version, so it is used.
(
    unset MAYFLY_APPLIANCE
    export XDG_DATA_HOME=$work/data
    if [ "$(id -u)" -ne 0 ]; then
        mayfly-appliance import "$work/one.tar" -q --key "$work/a.asc"
    else
        mayfly-appliance import "$work/one.tar" -q --key "$work/a.asc" \
            -o "$work/data/mayfly/appliance"
    fi
    check "$work/data/mayfly/appliance"
    mayfly-appliance export "$work/two.tar" -q --sign a@x
    for part in kernel initrd; do
        tar -xOf "$work/two.tar" "$part" | cmp - "$image/$part" ||
            fail "the image of the user is not the one that runs"
    done
    # Made for another version, or where others can write: passed over.
    tr 0-9a-f 1-9a-f0 < "$image/api" > "$work/data/mayfly/appliance/api"
    ! mayfly-appliance export "$work/two.tar" -q --sign a@x 2> "$work/why" ||
        ! tar -xOf "$work/two.tar" kernel | cmp -s - "$image/kernel" ||
        fail "an image of another version is used"
)

# From a server, which does not always do as it should.
(cd "$work" && exec python3 "$srcdir/tests/cli/range-server.py" port) \
    > /dev/null 2>&1 &
cleanup kill $!
until [ -s "$work/port" ]; do sleep 0.05; done
server=http://127.0.0.1:$(cat "$work/port")
export no_proxy=127.0.0.1
mayfly-appliance import "$server/here/one.tar" -q --key "$work/a.asc" -o "$to"
check "$to"

refused()
{
    local pattern=$1
    shift
    expect_error 1 "$pattern" mayfly-appliance import "$@"
    check "$to"
    [ "$(find "$work/to" -mindepth 1 | wc -l)" -eq 8 ] ||
        fail "left over: $(find "$work/to")"
}

refused "signed by another key" "$work/one.tar" --key "$work/b.asc" -o "$to"
refused "No such file" "$work/none.tar" --key "$work/a.asc" -o "$to"
refused "not a regular file" "$work" --key "$work/a.asc" -o "$to"
for way in none.tar cut/one.tar long/one.tar file/one.tar loop/one.tar; do
    refused "$server" "$server/$way" --key "$work/a.asc" -o "$to"
done
refused "only http, https and file" "ftp://x/y" --key "$work/a.asc" -o "$to"
mkdir "$work/home"
touch "$work/home/letter"
refused "holds letter" "$work/one.tar" --key "$work/a.asc" -o "$work/home"
[ -e "$work/home/letter" ] || fail "the letter is gone"
expect_error 2 "needs --key" mayfly-appliance import "$work/one.tar"
expect_error 2 "needs --sign" mayfly-appliance export "$work/x.tar"
expect_error 2 "export needs FILE" mayfly-appliance export --sign a@x
expect_error 1 "no usable secret key" \
    mayfly-appliance export "$work/x.tar" --sign nosuch
expect_error 1 "cannot open $work/home/api" \
    mayfly-appliance export "$work/x.tar" --sign a@x -o "$work/home"
[ ! -e "$work/x.tar" ] || fail "an empty export"

# Cut off anywhere: at each border of the archive, beside it and between.
size=$(stat -c %s "$work/one.tar")
for at in $(seq 0 512 $((size - 1))) 1 100 511 513 1023 $((size - 1)); do
    head -c "$at" "$work/one.tar" > "$work/cut.tar"
    refused "not a whole|no appliance|signature" \
        "$work/cut.tar" --key "$work/a.asc" -o "$to"
done

mkdir "$work/hostile"
"$srcdir/tests/appliance/hostile.py" "$work/one.tar" "$work/hostile" a@x \
    2> /dev/null
n=0
for file in "$work"/hostile/*.tar; do
    refused "$(cat "${file%.tar}.why")" "$file" --key "$work/a.asc" -o "$to"
    n=$((n + 1))
done
[ "$n" -gt 40 ] || fail "only $n hostile files"
for path in "$work/evil" "$work/to/evil" "${work%/*}/evil" /etc/evil; do
    [ ! -e "$path" ] || fail "a path left it: $path"
done

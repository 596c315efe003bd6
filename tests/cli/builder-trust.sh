#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mayfly-builder trusts an index only for the one good signature of the key
# that was named, and a template only for the hash in that index.
. "${srcdir:?}/tests/lib.sh" || exit 1
requires gpg --version
export HOME=$work/home XDG_STATE_HOME=$work/state XDG_CACHE_HOME=$work/cache
export XDG_CONFIG_HOME=$work/config VIRT_BUILDER_DIRS=$work/etc
export GNUPGHOME=$work/gpg
mkdir -p "$HOME" "$work/repo"
mkdir -m 700 "$GNUPGHOME"
cleanup gpgconf --kill all

gpg_() { gpg --batch --yes -q --pinentry-mode loopback --passphrase '' "$@"; }
fingerprint() { gpg --batch --with-colons --list-keys "$1" |
    awk -F: '$1 == "fpr" { print $10; exit }'; }
long_ago=(--faked-system-time 20200101T000000)
gpg_ --quick-gen-key good rsa2048 sign never
gpg_ --quick-gen-key foreign ed25519 sign never
gpg_ --quick-gen-key revoked ed25519 sign never
gpg_ "${long_ago[@]}" --quick-gen-key expired ed25519 sign 1d
good=$(fingerprint good)

head -c 300000 /dev/urandom > "$work/image"
truncate -s 1M "$work/image"
xz -c "$work/image" > "$work/repo/t.xz"
entry() # [NAME [LINE...]]
{
    printf '[%s]\nname=T\narch=x86_64\nfile=t.xz\nformat=raw\n' "${1:-t}"
    printf 'size=1048576\nchecksum[sha512]=%s\n' \
        "$(sha512sum < "$work/repo/t.xz" | cut -d' ' -f1)"
    shift || true
    [ $# -eq 0 ] || printf '%s\n' "$@"
    echo
}
index=$work/repo/index.asc
sign() { gpg_ --clearsign "$@" > "$index"; } # text from stdin
builder() { mayfly-builder --source "$index" --fingerprint "${pin:-$good}" "$@"; }
refused() { expect_error 3 "$1" builder --list; }

entry | sign -u good
builder --list | grep -q '^t '
[ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'mayfly-gpg.*' -newer "$index")" ]
cp "$index" "$work/first"

# The key.
pin=${good: -16}
expect_error 2 'whole fingerprint' builder --list
pin=
expect_error 2 'needs --fingerprint' mayfly-builder --source "$index" --list
expect_error 2 'for all' builder --list --fingerprint "$good"
pin=$(fingerprint foreign)
refused 'by another key'
pin=0123456789012345678901234567890123456789
refused 'no key.*--import'
pin=
entry | sign -u foreign
refused 'by another key'
entry | sign -u good -u foreign
refused 'several signatures'
entry | gpg_ "${long_ago[@]}" --clearsign -u expired > "$index"
pin=$(fingerprint expired)
refused 'expired'
entry | sign -u revoked
pin=$(fingerprint revoked)
builder --list > /dev/null
sed 's/^:---/---/' "$GNUPGHOME/openpgp-revocs.d/$(fingerprint revoked).rev" |
    gpg_ --import
refused 'revoked'
pin=

# The signature.
entry > "$index"
refused 'not signed'
mayfly-builder --source "$index" --no-check-signature --list | grep -q '^t '
: > "$index"
refused 'not signed'
entry | gpg_ --digest-algo SHA1 --clearsign -u good > "$index"
refused 'weak hash|bad|[Ii]nvalid'
sed 's/^name=T$/name=U/' "$work/first" > "$index"
refused 'bad: the text was changed'
head -c 200 "$work/first" > "$index"
refused '.'
sed '/BEGIN PGP SIGNATURE/,$d' "$work/first" > "$index"
refused '.'
{ cat "$work/first"; cat "$work/first"; } > "$index"
refused 'several signed texts'

# Text outside the signature is not read, wherever it is.
{ cat "$work/first"; entry evil; } > "$index"
if builder --list 2> /dev/null | grep evil; then
    fail "text after the signature was read"
fi
{ entry evil; cat "$work/first"; } > "$index"
refused 'not signed'

# The empty line after the header replaced by a blank: gpg still accepts it,
# and no section may get lost.
{ entry one; entry two; } | sign -u good
awk '!done && $0 == "" { print " "; done = 1; next } { print }' "$index" \
    > "$work/trap"
cp "$work/trap" "$index"
builder --list > "$work/list" 2> /dev/null || true
if [ -s "$work/list" ]; then
    [ "$(wc -l < "$work/list")" -eq 2 ] || fail "a section got lost"
fi

# An older index is a rollback; the error says what to do.
sleep 1.1
entry | sign -u good
builder --list > /dev/null
cp "$work/first" "$index"
refused 'rollback.*remove .*/repositories/'
rm -r "$work/state"
builder --list > /dev/null

# A correctly signed index may still ask for too much.
for file in ../t.xz /etc/passwd a/../../t.xz http://x/t.xz; do
    entry | sed "s|^file=.*|file=$file|" | sign -u good
    refused 'leads out'
done
{ entry; entry; } | sign -u good
refused 'appears twice'

# The template.
build() { builder t -o "$work/out.img" "$@"; }
bad_build() { expect_error 3 "$1" build; [ ! -e "$work/out.img" ]; }
entry | sed 's/^\(checksum.*=\)..../\10000/' | sign -u good
bad_build 'SHA-512 differs'
entry | sed '/^checksum/d' | sign -u good
bad_build 'no checksum'
entry | sign -u good
truncate -s -100 "$work/repo/t.xz"
bad_build 'SHA-512 differs'
entry | sign -u good
bad_build 'cut short|damaged'
xz -c "$work/image" > "$work/repo/t.xz"
entry | sed 's/^size=.*/size=1049600/' | sign -u good
bad_build '1048576 bytes, but the index says 1049600'
entry | sed 's/^size=.*/size=512/' | sign -u good
bad_build '1048576 bytes, but the index says 512'
gzip -c "$work/image" > "$work/repo/t.xz"
entry | sign -u good
bad_build 'compressed with gzip'
rm "$work/repo/t.xz"
bad_build 'No such file'
if qemu-img --version > /dev/null; then
    cp "$work/image" "$work/repo/base.img"
    qemu-img create -q -f qcow2 -b base.img -F raw "$work/repo/t.xz"
    entry | sed 's/^format=.*/format=qcow2/' | sign -u good
    bad_build 'backing file'
    qemu-img create -q -f qcow2 -o data_file="$work/repo/data" \
        "$work/repo/t.xz" 1M
    entry | sed 's/^format=.*/format=qcow2/' | sign -u good
    bad_build 'data file'
fi
[ -z "$(find "$work/cache" -type f)" ] || fail "the cache holds something"

# A cache that belongs to another user is not used.
xz -c "$work/image" > "$work/repo/t.xz"
entry | sign -u good
chmod 777 "$work/cache/mayfly/templates"
bad_build 'written by others'
chmod 700 "$work/cache/mayfly/templates"

# Of two sources the higher revision counts.
entry t revision=2 | sign -u good
cp "$index" "$work/second.asc"
entry t revision=10 | sign -u good
builder --source "$work/second.asc" t --dry-run | grep -q 'revision 10'

# Configured repositories: one without a key is left out, a dead one does not
# stop the others, and a given source comes first.
mkdir -p "$work/config/mayfly/repos.d"
gpg_ --export good > "$work/good.gpg"
cat > "$work/config/mayfly/repos.d/a.conf" << EOF
[nokey]
uri=file://$index
[remote-key]
uri=file://$index
gpgkey=https://localhost/key
[dead]
uri=file://$work/nothing
gpgkey=file://$work/good.gpg
[live]
uri=file://$work/second.asc
gpgkey=file://$work/good.gpg
[unsigned]
uri=file://$work/plain
trusted=unsigned
EOF
entry plain > "$work/plain"
mayfly-builder --list > "$work/list" 2> "$work/errors"
grep -q '^t ' "$work/list"
grep -q '^plain ' "$work/list"
grep -q '\[nokey\] left out' "$work/errors"
grep -q '\[remote-key\] left out' "$work/errors"
grep -q '\[dead\] left out.*No such file' "$work/errors"
[ "$(grep -c . "$work/errors")" -eq 3 ]
expect_error 3 "no template 'x'" mayfly-builder x
expect_error 3 'none for aarch64' mayfly-builder t --arch arm64
echo broken > "$index"
expect_error 3 'not signed' builder t --dry-run

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mayfly-repo: it publishes what its index lists, signed.
. "${srcdir:?}/tests/lib.sh" || exit 1
requires gpg --version
requires xz --version
export HOME=$work/home XDG_DATA_HOME=$work/data XDG_STATE_HOME=$work/state
unset GNUPGHOME
mkdir "$HOME"
cleanup gpgconf --homedir "$work/data/mayfly/gnupg" --kill all

make_image() # NAME SEED: 40 MiB, more than two blocks of 16
{
    truncate -s 40M "$work/$1"
    seq "$2" 400000 | dd of="$work/$1" bs=1M seek=17 conv=notrunc status=none
}
make_image one.img 1
about=(--arch x86_64 --expand /dev/sda1)

mayfly-repo create "$work/repo" "$work/one.img" --generate-key "${about[@]}" \
    --name "One image" > "$work/out"
grep -q "^fingerprint: [0-9A-F]\{40\}$" "$work/out"
key=$(sed -n 's/^fingerprint: //p' "$work/out")
index=$work/repo/index.asc
cat "$index"

# The signature is good, by the key beside it.
mkdir -m 700 "$work/gpg"
gpg --homedir "$work/gpg" --batch -q --import "$work/repo/key.asc"
gpg --homedir "$work/gpg" --batch --status-fd 1 --verify "$index" \
    2> /dev/null | grep -q "VALIDSIG .*$key"

field() { sed -n "s/^$1=//p" "$index"; }
grep -q '^\[one\]$' "$index"
[ "$(field name)" = "One image" ]
[ "$(field arch)" = x86_64 ]
[ "$(field size)" = $((40 << 20)) ]
[ "$(field expand)" = /dev/sda1 ]
[ "$(field format)" = raw ]
[ "$(field revision)" = 1 ]
file=$work/repo/$(field file)
[ "$(field compressed_size)" = "$(stat -c %s "$file")" ]
[ "$(field 'checksum\[sha512\]')" = "$(sha512sum < "$file" | cut -d' ' -f1)" ]
xz -dc "$file" | cmp - "$work/one.img"
blocks=$(xz --robot --list "$file" | awk '$1 == "totals" { print $3 }')
[ "$blocks" -eq 3 ] || fail "$blocks blocks"

# Publishing the same image again makes no new revision; another image does,
# and the file it replaces is removed.
mayfly-repo create "$work/repo" "$work/one.img" --generate-key -q
[ "$(field revision)" = 1 ]
[ "$(field expand)" = /dev/sda1 ] || fail "the old index was not kept"
make_image one.img 2
mayfly-repo create "$work/repo" "$work/one.img" --generate-key -q
[ "$(field revision)" = 2 ]
[ ! -e "$file" ] || fail "$file is still there"
[ -e "$work/repo/$(field file)" ]

# A second image comes after a blank line; both are listed.
make_image two.img 3
cat > "$work/two.ini" << 'EOF'
[two-x]
arch=x86_64
name=Two
expand=/dev/sda1
aliases=zwei deux
notes=First.
 
 Third line.
EOF
mayfly-repo create "$work/repo" "$work/two.img" --generate-key -q
awk '/^\[/ && NR > 4 && before != "" { bad = 1 } { before = $0 }
    END { exit bad }' "$index" || fail "no blank line before a section"
list()
{
    XDG_CONFIG_HOME=$work VIRT_BUILDER_DIRS=$work mayfly-builder \
        --source "$index" --fingerprint "$key" "$@"
}
list --list > "$work/list"
grep -qE '^one +x86_64 +One image$' "$work/list"
grep -qE '^two-x +x86_64 +Two$' "$work/list"
[ "$(list --notes deux)" = "$(printf 'First.\n\nThird line.')" ]

# qcow2 is published as raw.
requires qemu-img --version
qemu-img convert -O qcow2 "$work/one.img" "$work/three.qcow2"
mayfly-repo create "$work/repo" "$work/three.qcow2" --generate-key -q \
    "${about[@]}" --name Three
xz -dc "$work/repo/three.x86_64.r1.xz" | cmp - "$work/one.img"

# Invalid requests change nothing.
before=$(cat "$work/repo"/* | sha256sum)
bad() { expect_error "$1" "$2" mayfly-repo create "$work/repo" "${@:3}"; }
bad 2 'one of --sign' "$work/one.img"
bad 2 'needs a folder and an image' --no-sign
bad 1 'no such|No such' "$work/nothing.img" --generate-key
bad 1 'secret key' "$work/one.img" --sign unknown@example.org
bad 1 'not an image' "$work" --generate-key
qemu-img create -q -f qcow2 -b one.img -F raw "$work/overlay.qcow2"
bad 1 'backing file' "$work/overlay.qcow2" --generate-key "${about[@]}" --name x
printf '[a b]\n' > "$work/one.ini"
bad 1 'bad section name' "$work/one.img" --generate-key
rm "$work/one.ini"
sed -i 's/^name=Two/name=Ten/' "$index"
before=$(cat "$work/repo"/* | sha256sum)
bad 1 'cannot reuse .*index' "$work/one.img" --generate-key
[ "$before" = "$(cat "$work/repo"/* | sha256sum)" ] || fail "it was changed"
[ -z "$(find "$work" -name '*.partial')" ] || fail "something is left"

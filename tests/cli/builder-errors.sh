#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Invalid requests: one line with the cause, an exit code, no files left over.
. "${srcdir:?}/tests/lib.sh" || exit 1
. "$srcdir/tests/cli/template.sh"
requires gpg --version
make_repository gpt
mkdir "$work/to"
image=$work/to/out.img
clean()
{
    [ -z "$(ls -A "$work/to")" ] || fail "left: $(ls -A "$work/to")"
    [ -z "$(find "$work" -name '*.partial')" ] || fail "a partial file is left"
}
bad() # CODE PATTERN OPTION...
{
    expect_error "$1" "$2" builder gpt -o "$image" "${@:3}"
    clean
}

expect_error 2 'which template' builder
expect_error 2 'too many words' builder a b
expect_error 2 'unknown option' builder gpt --no-such
expect_error 3 "no template 'nothing'" builder nothing -o "$image"
bad 2 'invalid size' --size 10%
bad 2 'too small: the template gpt needs 400.0M' --size 100M
bad 2 'neither raw nor qcow2' --format vmdk
expect_error 2 'is a directory' builder gpt -o "$work/to"
expect_error 2 'cannot write in .*No such file' builder gpt -o "$work/no/out.img"
expect_error 2 'neither a file nor a block device' builder gpt -o /dev/null
bad 2 'cannot open .*nothing' --upload "$work/nothing:/x"
bad 2 'has no' --write /etc/x
bad 2 "start with '/'" --write etc/x:y
bad 2 'invalid host name' --hostname 'a b'
bad 2 'invalid mode' --chmod rwx:/etc/hosts
bad 2 'invalid time zone' --timezone ../../etc/passwd
bad 2 'use password' --root-password secret
bad 2 'not a public SSH key' --ssh-inject root:string:nothing
bad 1 "no user 'nobody2'" --password nobody2:password:x
bad 1 'set by two options' --root-password random --password root:password:x
bad 1 '--truncate /nothing: .*no file' --truncate /nothing
bad 1 '--copy-in .*/no/dir' --copy-in "$srcdir/README:/no/dir"
bad 1 '--timezone.*does not know it' --timezone Mars/Base
bad 1 '--edit .*not a regular file' --edit '/etc:s/a/b/'
bad 1 '--install .*package manager|--install' --install x --no-network

# Interrupted at any point: nothing left, the exit code of the signal.
for delay in 0.05 0.2 0.5 0.8 1.2; do
    for signal in INT:130 TERM:143; do
        code=0
        # A background job of a script ignores SIGINT. setsid does not help;
        # python restores the default.
        timeout --preserve-status -s "${signal%:*}" "$delay" \
            bash -c 'trap - INT; exec "$@"' sh \
            mayfly-builder --source "$work/repo/index.asc" \
            --fingerprint "$fingerprint" --arch x86_64 \
            --cache "$work/templates" gpt -o "$image" --size 1G \
            > "$work/log" 2>&1 || code=$?
        if [ "$code" -eq 0 ]; then
            rm "$image"
        else
            [ "$code" -eq "${signal#*:}" ] ||
                fail "after $delay s of $signal: $code, $(cat "$work/log")"
        fi
        clean
    done
done

# A full disk, of the output and of the cache.
if [ "$(id -u)" -eq 0 ] && unshare -m true 2> /dev/null; then
    cat > "$work/full.sh" << 'EOF'
mount -t tmpfs -o size=300k none "$1/to" && shift
exec "$@"
EOF
    full() { unshare -m sh "$work/full.sh" "$work" mayfly-builder \
        --source "$work/repo/index.asc" --fingerprint "$fingerprint" \
        --arch x86_64 "$@"; }
    expect_error 1 'No space left' full gpt -o "$image" \
        --cache "$work/templates"
    expect_error 3 'No space left' full gpt -o "$work/elsewhere.img" \
        --cache "$work/to/cache"
    [ ! -e "$work/elsewhere.img" ]
fi

# Two at once with an empty cache: both succeed.
builder --delete-cache
builder gpt -o "$work/a.img" -q --root-password disabled &
builder gpt -o "$work/b.img" -q --root-password disabled 2> "$work/log"
wait $!
[ -s "$work/a.img" ] && [ -s "$work/b.img" ]
[ "$(find "$work/templates" -name '*.raw' | wc -l)" -eq 1 ]
clean

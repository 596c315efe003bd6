# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sample of a call: count-byte.
recipe='A call'
checks=(tests/api/symbols.sh tests/generator/handlers.sh)

apply()
{
    after api/calls/text.api '^method wc_l' << 'END'

# Count how often a byte occurs in a file.
#
# *byte*: The value of the byte.
# EISDIR: *path* is a directory.
# See: wc_c
#
# Example(fs): write /a "1\n2\n" ; count-byte /a 10 => 2
method count_byte(path: path, byte: i32 0..255) -> i64
END
    append appliance/agent/ops/text.c << 'END'

int
op_count_byte(struct call *c, const struct api_count_byte_args *args,
    struct api_count_byte_ret *ret)
{
    size_t n;
    char *data = content_read(c, args->path, &n);

    if (!data)
        return -1;
    for (size_t i = 0; i < n; i++)
        ret->value += (unsigned char)data[i] == args->byte;
    return 0;
}
END
    before lib/libmayfly.symbols '^mayfly_cp$' <<< mayfly_count_byte
}

use()
{
    same 3 mayfish -N fs -m /dev/sda1 write /a banana : count-byte /a 97
    expect_error 1 'count_byte: /: Is a directory' \
        mayfish -N fs -m /dev/sda1 count-byte / 97
    grep -q '^mayfly_count_byte \\- count how often' \
        "$copy/gen/man/mayfly_count_byte.3" || fail "it has no manual page"
    mayfish -h count-byte | grep -q 'The value of the byte' ||
        fail "it has no help"
    python3 "$copy/tests/api/examples.py" count_byte.1 > examples ||
        fail "its example fails: $(cat examples)"
    grep -q '^ok .*count_byte' examples || fail "its example did not run"
}

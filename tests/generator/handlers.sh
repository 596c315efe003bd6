#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each handler is in the file or folder of its family: those of the agent are,
# and one in another place is refused, by the generator with the right place
# and by the compiler.
. "$(dirname "$0")/../lib.sh"
export PYTHONDONTWRITEBYTECODE=1
srcdir=$(cd "$srcdir" && pwd)
mkapi() { "${PYTHON:-python3}" "$srcdir/api/mkapi.py" "$@"; }

cd "$srcdir" || exit
mkapi --handlers appliance/agent/ops api/types.api api/arguments.api \
    api/calls/*.api ||
    fail "handlers of the agent are in the wrong files"

cd "$work" || exit
mkdir -p ops/volumes
for family in files volumes; do
    printf '# Look at %s.\nmethod look_at_%s() @internal\n' \
        "$family" "$family" > "$family.api"
done
handler() # NAME FAMILY
{
    cat << EOF
#include <config.h>

#include "ops-$2.h"

int
op_$1(struct call *c, const struct api_$1_args *args)
{
    (void)c, (void)args;
    return 0;
}
EOF
}
compiles() # FILE
{
    ${CC:-cc} -std=gnu17 -D_GNU_SOURCE -Wall -Wmissing-prototypes -Werror \
        -fsyntax-only -Igen -I"$srcdir" -I"$srcdir/lib" "$1"
}
handlers() { mkapi --handlers ops files.api volumes.api 2>&1; }

mkapi --out gen files.api volumes.api
: > gen/config.h
handler look_at_files files > ops/files.c
handler look_at_volumes volumes > ops/volumes/any.c
got=$(handlers) || fail "right places are refused: $got"
compiles ops/files.c || fail "a handler in its file does not compile"
compiles ops/volumes/any.c || fail "a handler in its folder does not compile"

handler look_at_files volumes > ops/volumes/any.c
rm ops/files.c
got=$(handlers) && fail "a handler in another family's folder is accepted"
[ "$got" = "ops/volumes/any.c:6: error: op_look_at_files belongs in \
ops/files.c" ] || fail "got '$got'"
compiles ops/volumes/any.c 2> errors &&
    fail "a handler in another family's folder compiles"
grep -q "no previous prototype.*op_look_at_files" errors ||
    fail "it does not compile for another reason: $(cat errors)"

handler look_at_volumes files > ops/files.c
rm ops/volumes/any.c
got=$(handlers) && fail "a handler outside of its folder is accepted"
[ "$got" = "ops/files.c:6: error: op_look_at_volumes belongs in \
ops/volumes/" ] || fail "got '$got'"

handler look_at_nothing files > ops/files.c
got=$(handlers) && fail "the handler of no call is accepted"
[ "$got" = "ops/files.c:6: error: op_look_at_nothing is the handler of no \
call" ] || fail "got '$got'"

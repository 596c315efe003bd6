#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The generator: a small definition gives exactly the files in expected/, a
# bad one exactly its error.  With UPDATE=1 expected/ is made again: read the
# difference before committing it.
. "$(dirname "$0")/../lib.sh"
cd "$srcdir/tests/generator" || exit
export PYTHONDONTWRITEBYTECODE=1
python=${PYTHON:-python3}
c_files=(mayfly-types.h mayfly-calls.h internal-calls.h codec.h codec.c
    client.c ops.h ops-sample.h dispatch.c)

"$python" ../../api/mkapi.py --out "$work/gen" sample.api
if [ -n "${UPDATE-}" ]; then
    mkdir -p expected
    for f in "${c_files[@]}"; do cp "$work/gen/$f" expected/; done
fi
for f in "${c_files[@]}"; do
    diff -u "expected/$f" "$work/gen/$f" || fail "$f is not as expected"
done

# The generated code compiles without a warning.
: > "$work/gen/config.h"
for f in codec client dispatch; do
    ${CC:-cc} -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Wconversion \
        -Wcast-qual -Wshadow -Werror -fsyntax-only \
        -I"$work/gen" -I"$srcdir" -I"$srcdir/lib" "$work/gen/$f.c" ||
        fail "$f.c does not compile"
done

# A second run touches nothing.
find "$work/gen" -type f -exec touch -d '2001-01-01' {} +
"$python" ../../api/mkapi.py --out "$work/gen" sample.api
[ -z "$(find "$work/gen" -newermt '2002-01-01' -type f)" ] ||
    fail "a second run wrote files that had not changed"

cd bad || exit
n=0
for f in *.api; do
    n=$((n + 1))
    if got=$("$python" ../../../api/mkapi.py --check "$f" 2>&1); then
        fail "$f was accepted"
    fi
    [ "$got" = "$(cat "${f%.api}.expect")" ] ||
        fail "$f: got '$got', expected '$(cat "${f%.api}.expect")'"
done
[ "$n" -ge 25 ] || fail "only $n bad definitions found"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the generator makes for the shell, the manual and the tests of the
# examples: exactly the files in expected-shell/.  With UPDATE=1 they are made
# again: read the difference before committing it.
. "$(dirname "$0")/../lib.sh"
cd "$srcdir/tests/generator" || exit 1
export PYTHONDONTWRITEBYTECODE=1
files=(commands.c examples.c examples.json mayfish-commands.roff
    man/mayfly-sample.3 man/mayfly_cat.3 man/mayfly_list.3
    man/mayfly_create.3)

"${PYTHON:-python3}" ../../api/mkapi.py --out "$work/gen" sample.api
for f in "${files[@]}"; do
    if [ -n "${UPDATE-}" ]; then
        mkdir -p expected-shell
        cp "$work/gen/$f" expected-shell/
    fi
    diff -u "expected-shell/${f##*/}" "$work/gen/$f" ||
        fail "$f is not as expected"
done

: > "$work/gen/config.h"
${CC:-cc} -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Wshadow -Wcast-qual \
    -Wmissing-prototypes -Werror -fsyntax-only -I"$work/gen" -I"$srcdir" \
    -I"$srcdir/lib" "$work/gen/commands.c" || fail "commands.c does not compile"

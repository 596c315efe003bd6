#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The examples of the documentation, where libguestfs has the same call, on
# libguestfs: it must say what our documentation says.
. "$(dirname "$0")/../lib.sh"
requires command -v guestfish
requires test -r "/boot/vmlinuz-$(uname -r)" -o -n "$(ls /boot/vmlinuz-* 2> /dev/null)"
exec "${PYTHON:-python3}" "$srcdir/tests/api/examples.py" --libguestfs

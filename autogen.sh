#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Make ./configure from a git checkout; arguments go to it.
# With NOCONFIGURE=1 only ./configure is made.
set -e
cd "$(dirname "$0")"
autoreconf --force --install
[ -n "$NOCONFIGURE" ] || exec ./configure "$@"

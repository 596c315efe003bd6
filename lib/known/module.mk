# SPDX-License-Identifier: LGPL-2.1-or-later
# lib/known: what is remembered about this machine.

libmayfly_testing_la_SOURCES += \
	lib/known/cache.h lib/known/cache.c \
	lib/known/layers.h lib/known/layers.c \
	lib/known/verdict.h lib/known/verdict.c

TESTS += tests/cli/every-cage.sh
EXTRA_DIST += tests/cli/every-cage.sh

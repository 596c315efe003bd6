# SPDX-License-Identifier: GPL-2.0-or-later
# tests: the kinds of `make check`, the README's example, lint.

EXTRA_DIST += tests/lint tests/unit/test.h tests/cli/example.sh \
	tests/cli/readme.sh

check_PROGRAMS += tests/example
tests_example_SOURCES = tests/example.c
tests_example_LDADD = libmayfly.la
TESTS += tests/layers tests/cli/readme.sh tests/cli/example.sh

# Without a VM: seconds.
UNIT = $(filter tests/unit/% tests/generator/% fuzz/% tests/layers,$(TESTS))
check-unit: all
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(UNIT)"

# Guests that boot: minutes to an hour.  The quick part runs in .ci/run.
SLOW_QUICK =
SLOW =
check-slow-quick: all
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(SLOW_QUICK)"
check-slow: all
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(SLOW_QUICK) $(SLOW)"

check-valgrind: all
	VALGRIND=1 $(MAKE) $(AM_MAKEFLAGS) check TESTS="$(UNIT)"

lint: stamp-gen
	builddir=$(abs_builddir) $(srcdir)/tests/lint

.PHONY: check-unit check-slow check-slow-quick check-valgrind lint

# SPDX-License-Identifier: GPL-2.0-or-later
# tests: the kinds of `make check`, the README's example, lint.

EXTRA_DIST += tests/lint tests/licences tests/coverage tests/pages tests/words \
	tests/cli/examples-manual.sh tests/cli/exit-status.sh \
	tests/unit/test.h tests/cli/example.sh tests/cli/readme.sh

check_PROGRAMS += tests/example
tests_example_SOURCES = tests/example.c
tests_example_LDADD = libmayfly.la
TESTS += tests/layers tests/pages tests/words tests/cli/examples-manual.sh \
	tests/cli/exit-status.sh tests/cli/readme.sh tests/cli/example.sh \
	tests/cli/start.sh
EXTRA_DIST += tests/cli/start.sh

# The edge of the library: what it exports, and a program with names of its
# own that are those of our helpers.
check_PROGRAMS += tests/api/clash
tests_api_clash_SOURCES = tests/api/clash.c
tests_api_clash_LDADD = libmayfly.la
# What the program defines is there to be found by the library.
tests_api_clash_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
TESTS += tests/api/symbols.sh tests/api/clash.sh
EXTRA_DIST += tests/api/symbols.sh tests/api/clash.sh

# What containers refuse, for tests/containers.sh.
check_PROGRAMS += tests/restrict
tests_restrict_SOURCES = tests/restrict.c
tests_restrict_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS)
tests_restrict_LDADD = $(SECCOMP_LIBS)

check_PROGRAMS += tests/slow/resumes
tests_slow_resumes_SOURCES = tests/slow/resumes.c
tests_slow_resumes_LDADD = libmayfly.la
EXTRA_DIST += tests/slow/resumes.sh tests/slow/resumes-1000.sh \
	tests/slow/memory.sh tests/slow/random.sh tests/slow/killed.sh \
	tests/slow/signals.py tests/slow/attacks.sh tests/slow/cache.sh \
	tests/slow/swaps.sh tests/slow/guestfish.sh tests/slow/silent.sh \
	tests/slow/network.sh tests/slow/resize.sh tests/releases.sh \
	tests/trees.sh tests/packages.sh tests/containers.sh \
	tests/files/random.py
EXTRA_DIST += tests/recipes tests/recipes-helpers.sh tests/recipes.d

# Without a VM: seconds.
UNIT = $(filter tests/unit/% tests/generator/% fuzz/% tests/layers \
	tests/pages tests/words tests/api/symbols.sh \
	tests/compat/symbols.sh tests/compat/check.sh,$(TESTS))
UNIT_COMPILED = $(filter tests/unit/% fuzz/%,$(TESTS))
check-unit: all
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(UNIT)"
# Those that another compiler or build can change.
check-unit-compiled: all
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(UNIT_COMPILED)"

# Guests that boot: minutes to an hour.  The quick part runs in .ci/run.
SLOW_QUICK = tests/slow/resumes.sh
SLOW = tests/slow/boot.sh tests/slow/resumes-1000.sh \
	tests/slow/inspector-compare.sh tests/slow/inspector-sbom.sh \
	tests/slow/memory.sh \
	tests/slow/random.sh tests/slow/killed.sh tests/slow/signals.py \
	tests/slow/attacks.sh tests/slow/cache.sh tests/slow/swaps.sh \
	tests/slow/silent.sh tests/slow/network.sh tests/slow/resize.sh \
	tests/disk/servers.sh \
	tests/slow/differential.sh tests/storage/stacks.sh \
	tests/faults/whole-syscalls.sh tests/faults/whole-allocations.sh \
	tests/faults/no-space.sh tests/faults/bombs.sh \
	tests/faults/power.sh tests/faults/server-errors.sh \
	tests/faults/file-systems.sh \
	tests/api/examples.py tests/api/libguestfs.sh \
	tests/compat/rival.sh tests/compat/c-api.sh tests/slow/guestfish.sh \
	tests/slow/v2v.sh tests/recipes tests/releases.sh
check-slow-quick: all
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(SLOW_QUICK)"
check-slow: all
	$(MAKE) $(AM_MAKEFLAGS) check TESTS="$(SLOW_QUICK) $(SLOW)"

# valgrind 3.19 supports neither openat2, nor the clone by which the agent
# starts programs, nor Landlock, nor limits of its own: the sanitizers cover
# these.
VALGRIND_CANNOT = $(addsuffix $(EXEEXT),$(addprefix tests/unit/,extract cage \
	packages release fstab agent-path agent-run subprocess))
check-valgrind: all
	VALGRIND=1 $(MAKE) $(AM_MAKEFLAGS) check \
	    TESTS="$(filter-out $(VALGRIND_CANNOT),$(UNIT))"

# The tarball builds and passes the tests that need no VM.
distcheck-unit:
	$(MAKE) $(AM_MAKEFLAGS) distcheck TESTS="$(UNIT_COMPILED)"

# Which lines and branches of each folder the unit tests reach: a build of its
# own in coverage/.
coverage:
	$(srcdir)/tests/coverage

# The figures of the families that count something.  An hour.
families: all
	$(MAKE) $(AM_MAKEFLAGS) $(check_PROGRAMS) $(check_LTLIBRARIES)
	builddir=$(abs_builddir) $(srcdir)/tests/families

# What the tarball has, for tests/lint; a folder stands for all in it.
list-distfiles:
	@for f in $(DISTFILES); do echo "$${f#$(srcdir)/}"; done

lint: stamp-gen stamp-tool
	builddir=$(abs_builddir) $(srcdir)/tests/lint

.PHONY: check-unit check-unit-compiled check-slow check-slow-quick \
	check-valgrind \
	distcheck-unit list-distfiles lint coverage families

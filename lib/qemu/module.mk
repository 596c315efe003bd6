# SPDX-License-Identifier: LGPL-2.1-or-later
# lib/qemu: QEMU as a caged process, and the commands to it.

libmayfly_testing_la_SOURCES += lib/qemu/lend.h lib/qemu/lend.c
check_PROGRAMS += tests/unit/lend
TESTS += tests/unit/lend
tests_unit_lend_SOURCES = tests/unit/lend.c tests/unit/test.h
tests_unit_lend_LDADD = libmayfly-testing.la

libmayfly_testing_la_SOURCES += \
	lib/qemu/argv.h lib/qemu/argv.c \
	lib/qemu/cage.h lib/qemu/cage.c \
	lib/qemu/environment.h lib/qemu/environment.c \
	lib/qemu/fdset.h lib/qemu/fdset.c \
	lib/qemu/filter.h lib/qemu/filter.c \
	lib/qemu/find.h lib/qemu/find.c \
	lib/qemu/jail.h lib/qemu/jail.c \
	lib/qemu/landlock.h lib/qemu/landlock.c \
	lib/qemu/nodes.h lib/qemu/nodes.c \
	lib/qemu/places.h lib/qemu/places.c \
	lib/qemu/process.h lib/qemu/process.c \
	lib/qemu/qemu_secret.h lib/qemu/qemu_secret.c \
	lib/qemu/qmp.h lib/qemu/qmp.c

check_PROGRAMS += tests/unit/qmp tests/unit/nodes tests/unit/places \
	tests/unit/argv \
	tests/unit/cage \
	tests/unit/attempts tests/unit/inject
TESTS += tests/unit/qmp tests/unit/nodes tests/unit/places tests/unit/argv tests/unit/cage
tests_unit_qmp_SOURCES = tests/unit/qmp.c tests/unit/test.h
tests_unit_qmp_CFLAGS = $(AM_CFLAGS) $(JSON_C_CFLAGS)
tests_unit_qmp_LDADD = libmayfly-testing.la $(JSON_C_LIBS)
tests_unit_nodes_SOURCES = tests/unit/nodes.c tests/unit/test.h
tests_unit_nodes_LDADD = libmayfly-testing.la
tests_unit_places_SOURCES = tests/unit/places.c tests/unit/test.h
tests_unit_places_LDADD = libmayfly-testing.la
tests_unit_argv_SOURCES = tests/unit/argv.c tests/unit/test.h
tests_unit_argv_LDADD = libmayfly-testing.la
tests_unit_cage_SOURCES = tests/unit/cage.c tests/unit/test.h
tests_unit_cage_LDADD = libmayfly-testing.la
tests_unit_attempts_SOURCES = tests/unit/attempts.c
# It runs under the cage's list of system calls; a sanitizer needs others.
tests_unit_attempts_CFLAGS = $(AM_CFLAGS) -fno-sanitize=all
tests_unit_attempts_LDFLAGS = $(AM_LDFLAGS) -fno-sanitize=all
tests_unit_inject_SOURCES = tests/unit/inject.c

TESTS += tests/cli/cage.sh
EXTRA_DIST += tests/cli/cage.sh

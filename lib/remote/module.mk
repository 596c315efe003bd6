# SPDX-License-Identifier: LGPL-2.1-or-later
# lib/remote: connections to servers, and the headers of the images they have.

libmayfly_testing_la_SOURCES += \
	lib/remote/connect.h lib/remote/connect.c \
	lib/remote/nbd_source.h lib/remote/nbd_source.c \
	lib/remote/probe.h lib/remote/probe.c

check_PROGRAMS += tests/unit/nbd-source
TESTS += tests/unit/nbd-source
tests_unit_nbd_source_SOURCES = tests/unit/nbd-source.c tests/unit/test.h
tests_unit_nbd_source_LDADD = libmayfly-testing.la

# SPDX-License-Identifier: LGPL-2.1-or-later
# base: what every C file may use and that knows nothing of disks.

noinst_LTLIBRARIES += libbase.la
libbase_la_SOURCES = \
	base/bytes.h base/cleanup.h base/clock.h \
	base/error.h base/error.c \
	base/file.h base/file.c \
	base/hash.h base/hash.c \
	base/strv.h base/strv.c \
	base/zeroes.h
libbase_la_CFLAGS = $(AM_CFLAGS) -fPIC -fvisibility=hidden $(GCRYPT_CFLAGS)
libbase_la_LIBADD = $(GCRYPT_LIBS)

check_PROGRAMS += tests/unit/bytes
TESTS += tests/unit/bytes
tests_unit_bytes_SOURCES = tests/unit/bytes.c tests/unit/test.h

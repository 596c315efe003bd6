# SPDX-License-Identifier: LGPL-2.1-or-later
# lib/bulk: whole trees of files between host and guest.

libmayfly_testing_la_SOURCES += \
	lib/bulk/checksum.c \
	lib/bulk/collect.h lib/bulk/collect.c \
	lib/bulk/compress.h lib/bulk/compress.c \
	lib/bulk/copy.c \
	lib/bulk/extract.h lib/bulk/extract.c \
	lib/bulk/sums.h lib/bulk/sums.c \
	lib/bulk/tar.c \
	lib/bulk/worker.h lib/bulk/worker.c \
	lib/bulk/write.c

check_PROGRAMS += tests/unit/extract tests/unit/sums
TESTS += tests/unit/extract tests/unit/sums
tests_unit_sums_SOURCES = tests/unit/sums.c tests/unit/test.h
tests_unit_sums_LDADD = libmayfly-testing.la
tests_unit_extract_SOURCES = tests/unit/extract.c tests/unit/test.h
tests_unit_extract_CFLAGS = $(AM_CFLAGS) $(LIBARCHIVE_CFLAGS)
tests_unit_extract_LDADD = libmayfly-testing.la $(LIBARCHIVE_LIBS)

TESTS += tests/files/files.sh tests/files/bulk.sh tests/files/trees.sh \
	tests/files/hivex.sh
EXTRA_DIST += tests/files/files.sh tests/files/bulk.sh tests/files/hivex.sh

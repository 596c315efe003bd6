# SPDX-License-Identifier: LGPL-2.1-or-later
# lib/transfer: whole trees of files between host and guest.

libmayfly_testing_la_SOURCES += \
	lib/transfer/checksum.c \
	lib/transfer/collect.h lib/transfer/collect.c \
	lib/transfer/compress.h lib/transfer/compress.c \
	lib/transfer/copy.c \
	lib/transfer/skipped.h lib/transfer/extract.h lib/transfer/extract.c \
	lib/transfer/tree_checksums.h lib/transfer/tree_checksums.c \
	lib/transfer/tar.c \
	lib/transfer/worker.h lib/transfer/worker.c \
	lib/transfer/write.c

check_PROGRAMS += tests/unit/extract tests/unit/sums
TESTS += tests/unit/extract tests/unit/sums
tests_unit_sums_SOURCES = tests/unit/sums.c tests/unit/test.h
tests_unit_sums_LDADD = libmayfly-testing.la
tests_unit_extract_SOURCES = tests/unit/extract.c tests/unit/test.h
tests_unit_extract_CFLAGS = $(AM_CFLAGS) $(LIBARCHIVE_CFLAGS)
tests_unit_extract_LDADD = libmayfly-testing.la $(LIBARCHIVE_LIBS)

TESTS += tests/files/files.sh tests/files/bulk.sh tests/files/trees.sh \
	tests/files/hivex.sh
EXTRA_DIST += tests/files/files.sh tests/files/bulk.sh tests/files/trees.sh \
	tests/files/hivex.sh

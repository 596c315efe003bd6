# SPDX-License-Identifier: LGPL-2.1-or-later
# lib/disk: from a file name to a disk in the appliance.

libmayfly_testing_la_SOURCES += \
	lib/disk/disk.h lib/disk/open.c \
	lib/disk/format.h lib/disk/header.h lib/disk/header.c \
	lib/disk/policy.h lib/disk/policy.c \
	lib/disk/source.h lib/disk/source.c \
	lib/disk/uri.h lib/disk/uri.c \
	lib/disk/formats/foreign.c \
	lib/disk/formats/qcow2.c \
	lib/disk/formats/raw.c \
	lib/disk/formats/vdi.c \
	lib/disk/formats/vhdx.c \
	lib/disk/formats/vmdk.c \
	lib/disk/formats/vmdk_text.h lib/disk/formats/vmdk_text.c \
	lib/disk/formats/vpc.c

check_PROGRAMS += tests/unit/header
TESTS += tests/unit/header
tests_unit_header_SOURCES = tests/unit/header.c tests/unit/images.h \
	tests/unit/test.h
tests_unit_header_CFLAGS = $(AM_CFLAGS) $(JSON_C_CFLAGS)
tests_unit_header_LDADD = libmayfly-testing.la

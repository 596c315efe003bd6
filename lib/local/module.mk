# SPDX-License-Identifier: LGPL-2.1-or-later
# lib/local: the guest mounted on the host, by FUSE.

libmayfly_testing_la_SOURCES += lib/local/local.h lib/local/mount.c \
	lib/local/operations.c

TESTS += tests/files/mount-local.sh
EXTRA_DIST += tests/files/mount-local.sh

# SPDX-License-Identifier: LGPL-2.1-or-later
# lib/mount_local: the guest mounted on the host, by FUSE.

libmayfly_testing_la_SOURCES += \
	lib/mount_local/mount_local.h lib/mount_local/mount.c \
	lib/mount_local/operations.h lib/mount_local/operations.c

TESTS += tests/files/mount-local.sh
EXTRA_DIST += tests/files/mount-local.sh

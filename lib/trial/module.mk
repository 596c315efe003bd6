# SPDX-License-Identifier: LGPL-2.1-or-later
# lib/trial: does a guest boot?

libmayfly_testing_la_SOURCES += \
	lib/trial/devices.h lib/trial/devices.c \
	lib/trial/machine.h lib/trial/machine.c \
	lib/trial/trial.c

TESTS += tests/disk/try-boot.sh
EXTRA_DIST += tests/disk/try-boot.sh

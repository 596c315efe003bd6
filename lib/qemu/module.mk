# SPDX-License-Identifier: LGPL-2.1-or-later
# lib/qemu: QEMU as a caged process that is told what to do.

libmayfly_testing_la_SOURCES += \
	lib/qemu/argv.h lib/qemu/argv.c \
	lib/qemu/cage.h lib/qemu/cage.c \
	lib/qemu/find.h lib/qemu/find.c \
	lib/qemu/landlock.h lib/qemu/landlock.c \
	lib/qemu/process.h lib/qemu/process.c \
	lib/qemu/qmp.h lib/qemu/qmp.c

# SPDX-License-Identifier: LGPL-2.1-or-later
# lib/blocks: QEMU without a guest.

libmayfly_testing_la_SOURCES += \
	lib/blocks/attach.h lib/blocks/attach.c \
	lib/blocks/compress.h lib/blocks/compress.c \
	lib/blocks/commit.c lib/blocks/convert.c lib/blocks/create.c \
	lib/blocks/export.h lib/blocks/export.c \
	lib/blocks/nbd.h lib/blocks/nbd.c \
	lib/blocks/format.h lib/blocks/format.c \
	lib/blocks/reach.h lib/blocks/reach.c \
	lib/blocks/server.h lib/blocks/server.c \
	lib/blocks/unlock.h lib/blocks/unlock.c \
	lib/blocks/web.h lib/blocks/web.c

# SPDX-License-Identifier: LGPL-2.1-or-later
# lib/remote: the headers of images that a server has.

libmayfly_testing_la_SOURCES += \
	lib/remote/nbd_source.h lib/remote/nbd_source.c \
	lib/remote/probe.h lib/remote/probe.c

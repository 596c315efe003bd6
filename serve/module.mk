# SPDX-License-Identifier: GPL-2.0-or-later
# serve: mayfly-serve.

bin_PROGRAMS += mayfly-serve
SELF_DOCUMENTED += mayfly-serve
mayfly_serve_SOURCES = \
	serve/main.c \
	serve/command.h serve/command.c \
	serve/guest.h serve/guest.c \
	serve/place.h serve/place.c \
	tool/file_view.h tool/file_view.c \
	serve/manual.h serve/manual.c
mayfly_serve_CFLAGS = $(AM_CFLAGS) $(FUSE_CFLAGS)
mayfly_serve_LDADD = libprogram.la libbase.la libmayfly.la $(FUSE_LIBS)

TESTS += tests/cli/serve.sh
EXTRA_DIST += tests/cli/serve.sh

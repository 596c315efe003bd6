# SPDX-License-Identifier: LGPL-2.1-or-later
# wire: the only C that the host and the appliance share.

noinst_LTLIBRARIES += libwire.la
libwire_la_SOURCES = \
	wire/wire.h wire/reader.c wire/writer.c \
	wire/contents.h wire/contents.c \
	wire/frame.h wire/frame.c \
	wire/hello.h wire/hello.c
libwire_la_CFLAGS = $(AM_CFLAGS) -Wconversion -fPIC -fvisibility=hidden

# SPDX-License-Identifier: LGPL-2.1-or-later
# lib: libmayfly.  libmayfly-testing.la holds the same objects with every
# symbol visible, for unit tests of the inside.

noinst_LTLIBRARIES += libmayfly-testing.la
libmayfly_testing_la_SOURCES = \
	lib/mayfly.h \
	lib/drives.c lib/lifetime.c lib/settings.c \
	lib/handle/handle.h lib/handle/event.c \
	lib/handle/result.h lib/handle/result.c \
	lib/rpc/channel.h lib/rpc/channel.c \
	lib/rpc/exchange.h lib/rpc/exchange.c lib/rpc/call_stream.c \
	lib/rpc/sink.h lib/rpc/sink.c lib/rpc/feed.h lib/rpc/feed.c \
	lib/rpc/call.h lib/rpc/call.c lib/rpc/host_files.h lib/rpc/host_files.c
nodist_libmayfly_testing_la_SOURCES = gen/codec.c gen/client.c
libmayfly_testing_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DAPPLIANCE_DIR='"$(pkglibdir)/appliance"'
libmayfly_testing_la_CFLAGS = $(AM_CFLAGS) -fPIC -fvisibility=hidden \
	$(JSON_C_CFLAGS) $(LIBARCHIVE_CFLAGS) $(GCRYPT_CFLAGS) $(FUSE_CFLAGS)
libmayfly_testing_la_LIBADD = libwire.la libbase.la \
	$(JSON_C_LIBS) $(LIBARCHIVE_LIBS) $(GCRYPT_LIBS) $(FUSE_LIBS)

include lib/transfer/module.mk
include lib/disk/module.mk
include lib/mount_local/module.mk
include lib/qemu/module.mk
include lib/engine/module.mk

lib_LTLIBRARIES += libmayfly.la
libmayfly_la_SOURCES =
libmayfly_la_LIBADD = libmayfly-testing.la
libmayfly_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0 -no-undefined \
	-Wl,--as-needed

include_HEADERS += lib/mayfly.h
pkgconfig_DATA += lib/mayfly.pc

# SPDX-License-Identifier: LGPL-2.1-or-later
# lib: libmayfly, which exports the names of libmayfly.symbols and no other.
# libmayfly-testing.la holds the same objects for unit tests of the inside.

noinst_LTLIBRARIES += libmayfly-testing.la
libmayfly_testing_la_SOURCES = \
	lib/mayfly.h \
	lib/drives.c lib/lifetime.h lib/lifetime.c lib/settings.c \
	lib/handle/handle.h lib/handle/event.c lib/handle/state.c \
	lib/handle/result.h lib/handle/result.c \
	lib/handle/secret.h lib/handle/secret.c \
	lib/rpc/call_stream.c \
	lib/rpc/channel.h lib/rpc/channel.c \
	lib/rpc/exchange.h lib/rpc/exchange.c \
	lib/rpc/feed.h lib/rpc/feed.c \
	lib/rpc/host_files.h lib/rpc/host_files.c \
	lib/rpc/lost.h lib/rpc/lost.c \
	lib/rpc/request.h lib/rpc/request.c \
	lib/rpc/sink.h lib/rpc/sink.c
nodist_libmayfly_testing_la_SOURCES = gen/codec.c gen/client.c
libmayfly_testing_la_CPPFLAGS = $(AM_CPPFLAGS)
libmayfly_testing_la_CFLAGS = $(AM_CFLAGS) -fPIC -fvisibility=hidden \
	$(JSON_C_CFLAGS) $(LIBARCHIVE_CFLAGS) $(GCRYPT_CFLAGS) $(FUSE_CFLAGS) \
	$(SECCOMP_CFLAGS)
libmayfly_testing_la_LIBADD = libwire.la libbase.la \
	$(JSON_C_LIBS) $(LIBARCHIVE_LIBS) $(GCRYPT_LIBS) $(FUSE_LIBS) \
	$(SECCOMP_LIBS)

include lib/transfer/module.mk
include lib/blocks/module.mk
include lib/disk/module.mk
include lib/known/module.mk
include lib/mount_local/module.mk
include lib/trial/module.mk
include lib/remote/module.mk
include lib/network/module.mk
include lib/qemu/module.mk
include lib/engine/module.mk

lib_LTLIBRARIES += libmayfly.la
libmayfly_la_SOURCES =
libmayfly_la_LIBADD = libmayfly-testing.la
EXTRA_libmayfly_la_DEPENDENCIES = lib/libmayfly.map
libmayfly_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0 -no-undefined \
	-Wl,--as-needed -Wl,--version-script=lib/libmayfly.map

# The linker's version script, from the list that a person reads.
EXTRA_DIST += lib/libmayfly.symbols
CLEANFILES += lib/libmayfly.map
lib/libmayfly.map: lib/libmayfly.symbols
	@$(MKDIR_P) lib
	$(AM_V_GEN)awk 'NF == 2 { print $$2 " {"; print "global:"; next } \
	    { print "    " $$1 ";" } \
	    END { print "local:"; print "    *;"; print "};" }' \
	    $(srcdir)/lib/libmayfly.symbols > $@.tmp && mv $@.tmp $@

include_HEADERS += lib/mayfly.h
EXTRA_DIST += lib/README
pkgconfig_DATA += lib/mayfly.pc

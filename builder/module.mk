# SPDX-License-Identifier: GPL-2.0-or-later
# builder: mayfly-builder and mayfly-repo.

noinst_LTLIBRARIES += libbuilder.la
libbuilder_la_SOURCES = \
	builder/build.h builder/build.c \
	builder/list.h builder/list.c \
	builder/manual.h builder/manual.c \
	builder/modes.h builder/modes.c \
	builder/plan.h builder/plan.c \
	builder/repository/compress.h builder/repository/compress.c \
	builder/repository/examine.h builder/repository/examine.c \
	builder/repository/publish.h builder/repository/publish.c \
	builder/image/cache.h builder/image/cache.c \
	builder/image/convert.h builder/image/convert.c \
	builder/image/grow.h builder/image/grow.c \
	builder/image/output.h builder/image/output.c \
	builder/image/unpack.h builder/image/unpack.c \
	builder/catalog/catalog.h builder/catalog/catalog.c \
	builder/catalog/index.h builder/catalog/index.c \
	builder/catalog/ini.h builder/catalog/ini.c \
	builder/catalog/source_index.h builder/catalog/source_index.c \
	builder/catalog/sources.h builder/catalog/sources.c \
	builder/catalog/trust.h builder/catalog/trust.c
libbuilder_la_CPPFLAGS = $(AM_CPPFLAGS)
libbuilder_la_CFLAGS = $(AM_CFLAGS) $(JSON_C_CFLAGS) $(LZMA_CFLAGS)
libbuilder_la_LIBADD = libdownload.la libcustomize.la libprogram.la \
	libbase.la $(JSON_C_LIBS) $(LZMA_LIBS)

bin_PROGRAMS += mayfly-builder mayfly-repo
SELF_DOCUMENTED += mayfly-builder mayfly-repo
mayfly_builder_SOURCES = builder/main.c
mayfly_builder_LDADD = libbuilder.la libmayfly.la
mayfly_repo_SOURCES = builder/repository/main.c \
	builder/repository/manual.h builder/repository/manual.c
mayfly_repo_LDADD = libbuilder.la libmayfly.la

check_PROGRAMS += tests/unit/ini tests/unit/size tests/unit/index
TESTS += tests/unit/ini tests/unit/size tests/unit/index
tests_unit_ini_SOURCES = tests/unit/test.h tests/unit/ini.c
tests_unit_ini_LDADD = libbuilder.la libmayfly.la
tests_unit_size_SOURCES = tests/unit/test.h tests/unit/size.c
tests_unit_size_LDADD = libbuilder.la libmayfly.la
tests_unit_index_SOURCES = tests/unit/test.h tests/unit/index.c
tests_unit_index_LDADD = libbuilder.la libmayfly.la
check_PROGRAMS += tests/unit/verify
TESTS += tests/unit/verify
tests_unit_verify_SOURCES = tests/unit/test.h tests/unit/verify.c
tests_unit_verify_LDADD = libbuilder.la libmayfly.la

BUILDER_TESTS = tests/cli/repo.sh tests/cli/builder-trust.sh \
	tests/cli/builder.sh tests/cli/builder-grow.sh \
	tests/cli/builder-errors.sh
TESTS += $(BUILDER_TESTS)
EXTRA_DIST += builder/README $(BUILDER_TESTS) tests/cli/template.sh \
	tests/slow/boot.sh tests/slow/login.py \
	templates/debian-12/build.sh templates/debian-12/finish.sh \
	templates/debian-12/packages templates/debian-12/root

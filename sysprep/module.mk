# SPDX-License-Identifier: GPL-2.0-or-later
# sysprep: mayfly-sysprep and mayfly-customize.

noinst_LTLIBRARIES += libsysprep.la
libsysprep_la_SOURCES = \
	sysprep/accounts.c \
	sysprep/accounts_text.h sysprep/accounts_text.c \
	sysprep/certificates.c \
	sysprep/devices.c \
	sysprep/files.c \
	sysprep/homes.c \
	sysprep/identity.c \
	sysprep/logs.c \
	sysprep/mac.h sysprep/mac.c \
	sysprep/manual.h sysprep/manual.c \
	sysprep/network.c \
	sysprep/operations.h \
	sysprep/remove.c \
	sysprep/run.h sysprep/run.c \
	sysprep/script.c \
	sysprep/selection.h sysprep/selection.c \
	sysprep/sysprep.h sysprep/sysprep.c \
	sysprep/table.c \
	sysprep/where.h sysprep/where.c
libsysprep_la_CFLAGS = $(AM_CFLAGS) $(JSON_C_CFLAGS)
libsysprep_la_LIBADD = libcustomize.la libprogram.la libbase.la $(JSON_C_LIBS)

bin_PROGRAMS += mayfly-sysprep mayfly-customize
SELF_DOCUMENTED += mayfly-sysprep mayfly-customize
mayfly_sysprep_SOURCES = sysprep/main.c
mayfly_sysprep_LDADD = libsysprep.la libmayfly.la
mayfly_customize_SOURCES = sysprep/customize.c
mayfly_customize_LDADD = libsysprep.la libmayfly.la

check_PROGRAMS += tests/unit/sysprep
TESTS += tests/unit/sysprep tests/cli/sysprep.sh \
	tests/cli/customize-init.sh
EXTRA_DIST += tests/cli/sysprep.sh tests/cli/customize-init.sh
tests_unit_sysprep_SOURCES = tests/unit/test.h tests/unit/sysprep.c
tests_unit_sysprep_LDADD = libsysprep.la libmayfly.la

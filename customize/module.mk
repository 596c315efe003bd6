# SPDX-License-Identifier: GPL-2.0-or-later
# customize: edits of a guest, for the builder and for conversions.

noinst_LTLIBRARIES += libcustomize.la
libcustomize_la_SOURCES = \
	customize/customize.h customize/operations.h \
	customize/accounts.c \
	customize/commands.c \
	customize/edit.h customize/edit.c \
	customize/files.c \
	customize/firstboot.c \
	customize/growth.h customize/growth.c \
	customize/hosts.c \
	customize/identity.c \
	customize/init.h customize/init.c \
	customize/job.c \
	customize/login.c \
	customize/manual.h customize/manual.c \
	customize/packages.c \
	customize/ssh.c customize/ssh_keys.c customize/sshd.c \
	customize/steps.c customize/subscription.c
libcustomize_la_CFLAGS = $(AM_CFLAGS) $(CRYPT_CFLAGS)
libcustomize_la_LIBADD = libprogram.la libbase.la $(CRYPT_LIBS)

check_PROGRAMS += tests/unit/edit
TESTS += tests/unit/edit
tests_unit_edit_SOURCES = tests/unit/test.h tests/unit/edit.c
tests_unit_edit_LDADD = libcustomize.la libmayfly.la

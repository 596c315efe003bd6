# SPDX-License-Identifier: GPL-2.0-or-later
# resize: mayfly-resize and mayfly-sparsify.

noinst_LTLIBRARIES += libresize.la
libresize_la_SOURCES = \
	resize/apply.h resize/apply.c \
	resize/copy.c \
	resize/disk.h resize/disk.c \
	resize/in_place.c \
	resize/layout.h resize/layout.c \
	resize/manual.h resize/manual.c \
	resize/move.c \
	resize/plan.h resize/plan.c \
	resize/resize.h \
	resize/say.h resize/say.c \
	resize/sparsify/copy.c \
	resize/sparsify/in_place.c \
	resize/sparsify/manual.h resize/sparsify/manual.c \
	resize/sparsify/sparsify.h \
	resize/sparsify/trim.h resize/sparsify/trim.c \
	resize/target.h resize/target.c
libresize_la_LIBADD = libcustomize.la libprogram.la libbase.la

bin_PROGRAMS += mayfly-resize mayfly-sparsify
SELF_DOCUMENTED += mayfly-resize mayfly-sparsify
mayfly_resize_SOURCES = resize/main.c
mayfly_resize_LDADD = libresize.la libmayfly.la
mayfly_sparsify_SOURCES = resize/sparsify/main.c
mayfly_sparsify_LDADD = libresize.la libmayfly.la

check_PROGRAMS += tests/unit/layout
TESTS += tests/unit/layout
tests_unit_layout_SOURCES = tests/unit/test.h tests/unit/layout.c
tests_unit_layout_LDADD = libresize.la libmayfly.la
TESTS += tests/cli/resize.sh
EXTRA_DIST += tests/cli/resize.sh

# SPDX-License-Identifier: GPL-2.0-or-later
# tool: what every program shares.

noinst_LTLIBRARIES += libprogram.la
libprogram_la_SOURCES = \
	tool/tool.h \
	tool/completion.c \
	tool/exit.h \
	tool/help.c \
	tool/inspect.c \
	tool/keys.h tool/keys.c \
	tool/manual.c \
	tool/mount.c \
	tool/options.h tool/options.c \
	tool/print.h tool/print.c \
	tool/progress.h tool/progress.c \
	tool/session.h tool/session.c \
	tool/shared.c \
	tool/signals.h tool/signals.c \
	tool/table.h

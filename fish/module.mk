# SPDX-License-Identifier: GPL-2.0-or-later
# fish: mayfish, the shell.

bin_PROGRAMS += mayfish
SELF_DOCUMENTED += mayfish
mayfish_SOURCES = \
	fish/builtin.h fish/builtin.c fish/builtin_disks.c \
	fish/builtin_files.c fish/builtin_old.c fish/builtin_view.c \
	fish/client.c \
	fish/command_line.h fish/command_line.c \
	fish/complete.h fish/complete.c \
	fish/convert.h fish/convert.c \
	fish/destination.h fish/destination.c \
	fish/events.h fish/events.c \
	fish/failure.c \
	fish/glob.c \
	fish/help.h fish/help.c \
	fish/host.h fish/host.c \
	fish/lookup.h fish/lookup.c \
	fish/main.c \
	fish/manual.h fish/manual.c \
	fish/old_names.h fish/old_names.c \
	fish/prepared.h fish/prepared.c \
	fish/printer.h fish/printer.c \
	fish/prompt.h fish/prompt.c \
	fish/read_only.h fish/read_only.c \
	fish/remote.h fish/remote.c \
	fish/run.c \
	fish/script.c \
	fish/server.c \
	fish/settings.h fish/settings.c \
	fish/shell.h fish/source.c \
	fish/stream.h fish/stream.c \
	fish/values.h fish/values.c \
	fish/words.h fish/words.c \
	fish/workplace.h fish/workplace.c
nodist_mayfish_SOURCES = gen/commands.c
mayfish_CFLAGS = $(AM_CFLAGS) $(JSON_C_CFLAGS) $(READLINE_CFLAGS) \
	$(LIBCONFIG_CFLAGS) -DAPPLIANCE_DIR='"$(pkglibdir)/appliance"'
mayfish_LDADD = libprogram.la libbase.la libmayfly.la \
	$(JSON_C_LIBS) $(READLINE_LIBS) $(LIBCONFIG_LIBS)

check_PROGRAMS += tests/unit/words tests/unit/values tests/unit/printer
TESTS += tests/unit/words tests/unit/values tests/unit/printer
tests_unit_words_SOURCES = tests/unit/words.c fish/words.h fish/words.c
tests_unit_words_LDADD = libbase.la
tests_unit_values_SOURCES = tests/unit/values.c fish/values.h fish/values.c
tests_unit_values_LDADD = libbase.la
tests_unit_printer_SOURCES = tests/unit/printer.c \
	fish/printer.h fish/printer.c
tests_unit_printer_CFLAGS = $(AM_CFLAGS) $(JSON_C_CFLAGS)
tests_unit_printer_LDADD = libprogram.la libbase.la libmayfly.la \
	$(JSON_C_LIBS)

# Every example of the documentation; by guestfish in check-slow, as its
# appliance takes a second or more for each.
TESTS += tests/generator/shell.sh tests/generator/pages.sh
EXTRA_DIST += tests/generator/shell.sh tests/generator/pages.sh \
	tests/generator/expected-shell
TESTS += tests/api/examples-quick.sh
TESTS += tests/cli/mayfish-language.sh tests/cli/mayfish.sh \
	tests/cli/mayfish-scripts.sh tests/cli/mayfish-terminal.py
EXTRA_DIST += tests/cli/mayfish-language.sh tests/cli/mayfish.sh \
	tests/cli/mayfish-scripts.sh tests/cli/mayfish-terminal.py
EXTRA_DIST += tests/api/examples-quick.sh tests/api/examples.py \
	tests/api/libguestfs.sh \
	tests/api/differences

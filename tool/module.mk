# SPDX-License-Identifier: GPL-2.0-or-later
# tool: what every program shares.

noinst_LTLIBRARIES += libprogram.la
libprogram_la_SOURCES = \
	tool/tool.h \
	tool/completion.c \
	tool/domain.h tool/domain.c \
	tool/exit.h \
	tool/help.c \
	tool/inspect.c \
	tool/keys.h tool/keys.c \
	tool/machine.h tool/machine.c \
	tool/manual.c \
	tool/mount.c \
	tool/options.h tool/options.c \
	tool/print.h tool/print.c \
	tool/progress.h tool/progress.c \
	tool/session.h tool/session.c \
	tool/shared_options.c \
	tool/signals.h tool/signals.c \
	tool/subprocess.h tool/subprocess.c \
	tool/table.h
libprogram_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DDOMAIN_HELPER='"$(pkglibexecdir)/mayfly-domain"'

# The manual page and the completions of each program come out of itself.
# What mayfish(1) says of the commands comes from their definition.
SELF_DOCUMENTED =
stamp-tool: $(bin_PROGRAMS) stamp-gen
	$(AM_V_GEN)$(MKDIR_P) gen/man gen/completions && \
	for p in $(SELF_DOCUMENTED); do \
	    ./$$p$(EXEEXT) --print-manual > gen/man/$$p.1.tmp || exit 1; \
	    for s in bash zsh fish; do \
	        ./$$p$(EXEEXT) --print-completion $$s \
	            > gen/completions/$$p.$$s || exit 1; \
	    done; \
	    if test -f gen/$$p-commands.roff; then \
	        awk '/^\.SH EXIT STATUS/ { \
	            while ((getline x < "gen/'$$p'-commands.roff") > 0) \
	                print x } 1' gen/man/$$p.1.tmp > gen/man/$$p.1; \
	        rm -f gen/man/$$p.1.tmp; \
	    else \
	        mv gen/man/$$p.1.tmp gen/man/$$p.1; \
	    fi; \
	done
	@touch $@
CLEANFILES += stamp-tool
all-local: stamp-tool

man1dir = $(mandir)/man1
man3dir = $(mandir)/man3
bashdir = $(datadir)/bash-completion/completions
zshdir = $(datadir)/zsh/site-functions
fishdir = $(datadir)/fish/vendor_completions.d
install-data-local: install-tool-data
install-tool-data: stamp-tool
	$(MKDIR_P) "$(DESTDIR)$(man1dir)" "$(DESTDIR)$(man3dir)" \
	    "$(DESTDIR)$(bashdir)" "$(DESTDIR)$(zshdir)" \
	    "$(DESTDIR)$(fishdir)"
	for p in $(SELF_DOCUMENTED); do \
	    $(INSTALL_DATA) gen/man/$$p.1 "$(DESTDIR)$(man1dir)" && \
	    $(INSTALL_DATA) gen/completions/$$p.bash \
	        "$(DESTDIR)$(bashdir)/$$p" && \
	    $(INSTALL_DATA) gen/completions/$$p.zsh \
	        "$(DESTDIR)$(zshdir)/_$$p" && \
	    $(INSTALL_DATA) gen/completions/$$p.fish \
	        "$(DESTDIR)$(fishdir)" || exit 1; \
	done
	$(INSTALL_DATA) gen/man/*.3 "$(DESTDIR)$(man3dir)"
uninstall-local: uninstall-tool-data
uninstall-tool-data:
	for p in $(SELF_DOCUMENTED); do \
	    rm -f "$(DESTDIR)$(man1dir)/$$p.1" "$(DESTDIR)$(bashdir)/$$p" \
	        "$(DESTDIR)$(zshdir)/_$$p" "$(DESTDIR)$(fishdir)/$$p.fish"; \
	done
	for f in gen/man/*.3; do \
	    rm -f "$(DESTDIR)$(man3dir)/$${f##*/}"; \
	done
.PHONY: install-tool-data uninstall-tool-data

check_PROGRAMS += tests/unit/keys
TESTS += tests/unit/keys
tests_unit_keys_SOURCES = tests/unit/keys.c
tests_unit_keys_LDADD = libprogram.la libbase.la libmayfly.la

# They skip, and say why, without libvirt's header.
TESTS += tests/cli/domain.sh
EXTRA_DIST += tests/cli/domain.sh tests/cli/fake-libvirt.c
if LIBVIRT
check_LTLIBRARIES += tests/cli/fake-libvirt.la
tests_cli_fake_libvirt_la_SOURCES = tests/cli/fake-libvirt.c
tests_cli_fake_libvirt_la_CFLAGS = $(AM_CFLAGS) $(LIBVIRT_CFLAGS) -fPIC
# Without a path libtool makes no shared library.
tests_cli_fake_libvirt_la_LDFLAGS = -module -avoid-version -rpath /nowhere
endif

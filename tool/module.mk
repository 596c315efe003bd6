# SPDX-License-Identifier: GPL-2.0-or-later
# tool: what every program shares.

noinst_LTLIBRARIES += libprogram.la
libprogram_la_SOURCES = \
	tool/tool.h \
	tool/attach.h tool/attach.c \
	tool/completion.c \
	tool/domain.h tool/domain.c \
	tool/environment.h tool/environment.c \
	tool/exit.h \
	tool/help.c \
	tool/inspect.c \
	tool/keys.h tool/keys.c \
	tool/machine.h tool/machine.c \
	tool/manual.h tool/manual.c \
	tool/mount.c \
	tool/name.h tool/name.c \
	tool/options.h tool/options.c \
	tool/overlays.h tool/overlays.c \
	tool/print.h tool/print.c \
	tool/progress.h tool/progress.c \
	tool/roff.h tool/roff.c \
	tool/session.h tool/session.c \
	tool/setters.c \
	tool/shared_options.c \
	tool/signals.h tool/signals.c \
	tool/size.h tool/size.c \
	tool/table.h tool/table.c
libprogram_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DDOMAIN_HELPER='"$(pkglibexecdir)/mayfly-domain"' \
	-DAPPLIANCE_DIR='"$(pkglibdir)/appliance"' \
	-DAPPLIANCE_LOCAL_DIR='"$(localstatedir)/lib/mayfly/appliance"' \
	-DGUESTFS_DIR='"$(pkglibdir)/guestfs"' \
	-DLOADER_DIR='"$(pkgdatadir)/loader"'

# Each program prints its own manual page and completions; tool/guestfs-page
# prints those of mayfly-guestfs, a script.  The text on commands in mayfish(1)
# comes from their definition.
SELF_DOCUMENTED =
noinst_PROGRAMS += tool/guestfs-page tool/page
tool_page_SOURCES = tool/page.c
tool_page_LDADD = libprogram.la libmayfly.la libbase.la
tool_guestfs_page_SOURCES = tool/guestfs_page.c \
	tool/guestfs_manual.h tool/guestfs_manual.c
tool_guestfs_page_LDADD = libprogram.la libmayfly.la libbase.la
tool_guestfs_page_CPPFLAGS = $(AM_CPPFLAGS) \
	-DGUESTFS_DIR='"$(pkglibdir)/guestfs"'
PAGES = mayfly mayfly-security mayfly-python
PAGE_TEXTS = $(PAGES:%=doc/%.7.txt)
EXTRA_DIST += $(PAGE_TEXTS)
stamp-tool: $(bin_PROGRAMS) tool/guestfs-page$(EXEEXT) tool/page$(EXEEXT) \
		stamp-gen $(PAGE_TEXTS)
	$(AM_V_GEN)$(MKDIR_P) gen/man gen/completions && \
	for p in $(SELF_DOCUMENTED) mayfly-guestfs; do \
	    q=$$p; test $$p != mayfly-guestfs || q=tool/guestfs-page; \
	    ./$$q$(EXEEXT) --print-manual > gen/man/$$p.1.tmp || exit 1; \
	    for s in bash zsh fish; do \
	        ./$$q$(EXEEXT) --print-completion $$s \
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
	$(AM_V_at)tool/guestfs-page$(EXEEXT) --help > gen/guestfs-help.txt
	$(AM_V_at)for p in $(PAGES); do \
	    tool/page$(EXEEXT) $$p 7 < $(srcdir)/doc/$$p.7.txt \
	        > gen/man/$$p.7 || exit 1; \
	done
	@touch $@
CLEANFILES += stamp-tool
all-local: stamp-tool

DOCUMENTED = $(SELF_DOCUMENTED)
if COMPAT
DOCUMENTED += mayfly-guestfs
endif

man1dir = $(mandir)/man1
man3dir = $(mandir)/man3
man7dir = $(mandir)/man7
bashdir = $(datadir)/bash-completion/completions
zshdir = $(datadir)/zsh/site-functions
fishdir = $(datadir)/fish/vendor_completions.d
install-data-local: install-tool-data
install-tool-data: stamp-tool
	$(MKDIR_P) "$(DESTDIR)$(man1dir)" "$(DESTDIR)$(man3dir)" \
	    "$(DESTDIR)$(man7dir)" \
	    "$(DESTDIR)$(bashdir)" "$(DESTDIR)$(zshdir)" \
	    "$(DESTDIR)$(fishdir)"
	for p in $(DOCUMENTED); do \
	    $(INSTALL_DATA) gen/man/$$p.1 "$(DESTDIR)$(man1dir)" && \
	    $(INSTALL_DATA) gen/completions/$$p.bash \
	        "$(DESTDIR)$(bashdir)/$$p" && \
	    $(INSTALL_DATA) gen/completions/$$p.zsh \
	        "$(DESTDIR)$(zshdir)/_$$p" && \
	    $(INSTALL_DATA) gen/completions/$$p.fish \
	        "$(DESTDIR)$(fishdir)" || exit 1; \
	done
	$(INSTALL_DATA) gen/man/*.3 "$(DESTDIR)$(man3dir)"
	for p in $(PAGES); do \
	    $(INSTALL_DATA) gen/man/$$p.7 "$(DESTDIR)$(man7dir)" || exit 1; \
	done
uninstall-local: uninstall-tool-data
uninstall-tool-data:
	for p in $(DOCUMENTED); do \
	    rm -f "$(DESTDIR)$(man1dir)/$$p.1" "$(DESTDIR)$(bashdir)/$$p" \
	        "$(DESTDIR)$(zshdir)/_$$p" "$(DESTDIR)$(fishdir)/$$p.fish"; \
	done
	for f in gen/man/*.3; do \
	    rm -f "$(DESTDIR)$(man3dir)/$${f##*/}"; \
	done
	for p in $(PAGES); do \
	    rm -f "$(DESTDIR)$(man7dir)/$$p.7"; \
	done
.PHONY: install-tool-data uninstall-tool-data

check_PROGRAMS += tests/unit/keys
TESTS += tests/unit/keys
tests_unit_keys_SOURCES = tests/unit/keys.c
tests_unit_keys_LDADD = libprogram.la libbase.la libmayfly.la

# Skipped, with the reason, without libvirt's header.
TESTS += tests/cli/domain.sh
EXTRA_DIST += tests/cli/domain.sh tests/cli/fake-libvirt.c
if LIBVIRT
check_LTLIBRARIES += tests/cli/fake-libvirt.la
tests_cli_fake_libvirt_la_SOURCES = tests/cli/fake-libvirt.c
tests_cli_fake_libvirt_la_CFLAGS = $(AM_CFLAGS) $(LIBVIRT_CFLAGS) -fPIC
# Without a path libtool makes no shared library.
tests_cli_fake_libvirt_la_LDFLAGS = -module -avoid-version -rpath /nowhere
endif

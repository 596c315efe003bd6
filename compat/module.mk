# SPDX-License-Identifier: LGPL-2.1-or-later
# compat: libguestfs.so.0 on libmayfly, against the distribution's guestfs.h;
# only where configure found that.  It lives in a folder of its own, so that
# nothing takes it for the distribution's library by accident.

COMPAT_GENERATOR = compat/generate.py compat/header.py compat/quirks.py \
	compat/emit_calls.py compat/emit_structs.py compat/emit_table.py
COMPAT_SOURCES = compat/call.c compat/content.c compat/credentials.c \
	compat/deprecated.c compat/deprecated_disks.c \
	compat/drive.c \
	compat/environment.c compat/error.c compat/event.c compat/handle.c \
	compat/hold.c compat/libvirt.c compat/old_events.c compat/overlay.c \
	compat/private.c compat/properties.c compat/state.c compat/structs.c \
	compat/trace.c
EXTRA_DIST += $(COMPAT_GENERATOR) compat/symbols.txt compat/libguestfs.map \
	compat/README

compatlibdir = $(pkglibdir)/guestfs
if COMPAT
COMPAT_GENERATED = gen/compat-calls.c gen/compat-options.c \
	gen/compat-structs.c gen/compat-own.h gen/compat-tables.h \
	gen/compat-coverage.txt gen/compat-calls.txt \
	gen/mayfly-guestfs-calls.7

stamp-compat: $(COMPAT_GENERATOR) $(COMPAT_SOURCES) compat/symbols.txt \
		$(GUESTFS_HEADER) stamp-gen
	$(AM_V_GEN)here=`pwd` && cd $(srcdir) && \
	    PYTHONDONTWRITEBYTECODE=1 $(PYTHON) compat/generate.py \
	    --header $(GUESTFS_HEADER) --out "$$here/gen" \
	    --symbols compat/symbols.txt --sources compat $(API_FILES)
	@touch $@
$(COMPAT_GENERATED): stamp-compat
	@:
BUILT_SOURCES += stamp-compat
CLEANFILES += stamp-compat

compatlib_LTLIBRARIES = compat/libguestfs.la
compat_libguestfs_la_SOURCES = $(COMPAT_SOURCES) \
	compat/call.h compat/handle.h compat/libvirt.h compat/structs.h
nodist_compat_libguestfs_la_SOURCES = gen/compat-calls.c \
	gen/compat-options.c gen/compat-structs.c
compat_libguestfs_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DCOMPAT_VERSION='"$(GUESTFS_VERSION)"' -DCOMPAT_QEMU='"$(QEMU)"' \
	-DCOMPAT_APPLIANCE_PATH='"$(GUESTFS_LIBDIR)/guestfs"'
compat_libguestfs_la_CFLAGS = $(AM_CFLAGS) $(LIBXML_CFLAGS) \
	$(LIBVIRT_CFLAGS) -fPIC
compat_libguestfs_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0 \
	-no-undefined -Wl,--as-needed \
	-Wl,--version-script=$(srcdir)/compat/libguestfs.map
compat_libguestfs_la_LIBADD = libdomain.la libbase.la libmayfly.la
compat_libguestfs_la_DEPENDENCIES = libdomain.la libbase.la libmayfly.la \
	compat/libguestfs.map

bin_SCRIPTS = mayfly-guestfs
# Programs of libguestfs under which a link to mayfly-guestfs runs the program
# itself: with their folder in front of PATH, Mayfly is the default.
GUESTFS_LINKS = guestfish guestmount virt-cat virt-copy-in virt-copy-out \
	virt-df virt-edit virt-filesystems virt-format virt-inspector virt-ls \
	virt-make-fs virt-resize virt-sparsify virt-tar-in virt-tar-out
compatmansevendir = $(mandir)/man7
compatmanseven_DATA = gen/mayfly-guestfs-calls.7
# The help is printed by tool/guestfs-page.
compatlib_DATA = gen/compat-coverage.txt gen/guestfs-help.txt
gen/guestfs-help.txt: stamp-tool
	@:
# Which calls exist, for people.
nodist_doc_DATA = gen/compat-calls.txt

check_PROGRAMS += tests/unit/compat
TESTS += tests/unit/compat
tests_unit_compat_SOURCES = tests/unit/compat.c tests/unit/test.h
tests_unit_compat_CPPFLAGS = $(AM_CPPFLAGS) $(GUESTFS_CFLAGS)
tests_unit_compat_LDADD = compat/libguestfs.la -lpthread
check_PROGRAMS += tests/compat/threads
tests_compat_threads_SOURCES = tests/compat/threads.c
tests_compat_threads_CPPFLAGS = $(AM_CPPFLAGS) $(GUESTFS_CFLAGS)
tests_compat_threads_LDADD = compat/libguestfs.la -lpthread
endif

install-data-local: install-guestfs-links
install-guestfs-links:
	for p in $(GUESTFS_LINKS); do \
	    $(MKDIR_P) "$(DESTDIR)$(compatlibdir)/bin" && \
	    ln -sf "$(bindir)/mayfly-guestfs" \
	        "$(DESTDIR)$(compatlibdir)/bin/$$p" || exit 1; \
	done
uninstall-local: uninstall-guestfs-links
uninstall-guestfs-links:
	for p in $(GUESTFS_LINKS); do \
	    rm -f "$(DESTDIR)$(compatlibdir)/bin/$$p"; \
	done
.PHONY: install-guestfs-links uninstall-guestfs-links

# Without the drop-in they are skipped, with the reason.
TESTS += tests/compat/symbols.sh tests/compat/check.sh \
	tests/compat/programs.sh tests/compat/writing.sh tests/compat/python.sh \
	tests/compat/domains.sh tests/compat/mount.sh tests/compat/threads.sh
EXTRA_DIST += tests/compat/symbols.sh tests/compat/check.sh \
	tests/compat/programs.sh tests/compat/writing.sh tests/compat/python.sh \
	tests/compat/domains.sh tests/compat/mount.sh \
	tests/compat/threads.sh tests/compat/c-api.sh \
	tests/compat/c-api.known tests/compat/lib.sh \
	tests/compat/rival.sh tests/compat/rival.commands \
	tests/compat/script.fish tests/compat/pwrite.py \
	tests/images/mk-lvm.sh tests/images/mk-ntfs.sh tests/images/mk-xfs.sh

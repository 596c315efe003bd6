# SPDX-License-Identifier: GPL-2.0-or-later
# appliance: the VM that looks into the disks.  Its agent, the image that the
# agent is PID 1 of, and mayfly-appliance, the program that makes that image.

appliancedir = $(pkglibdir)/appliance

include appliance/agent/module.mk

# The stand-in for the data of ICU (see the source).
appliance_DATA = appliance/built/icudata.so
appliance/built/icudata.so: appliance/image/icudata.c
	@$(MKDIR_P) appliance/built
	$(AM_V_CC)$(CC) $(C_DIALECT) -O2 -fPIC -shared -nostdlib \
	    -Wl,--build-id=none -Wl,-s -o $@ $(srcdir)/appliance/image/icudata.c

# The image: an agent that changes costs a second, the rest is kept.
appliance_image = appliance/built/kernel appliance/built/initrd \
	appliance/built/manifest appliance/built/sources \
	appliance/built/licences.zst appliance/built/api
appliance_DATA += $(appliance_image)
appliance_inputs = appliance/image/build.sh appliance/image/packages \
	appliance/image/modules
appliance_root = \
	appliance/image/root/etc/group \
	appliance/image/root/etc/hostname \
	appliance/image/root/etc/hosts \
	appliance/image/root/etc/lvm/lvm.conf \
	appliance/image/root/etc/mdadm/mdadm.conf \
	appliance/image/root/etc/nsswitch.conf \
	appliance/image/root/etc/passwd
if APPLIANCE_IMPORTED
# What fits another version of Mayfly, or is not signed by that key, ends the
# build here.
appliance/built/initrd: $(APPLIANCE_FILE) $(APPLIANCE_KEY) \
		mayfly-appliance$(EXEEXT)
	$(AM_V_GEN)./mayfly-appliance$(EXEEXT) import '$(APPLIANCE_FILE)' -q \
	    --key '$(APPLIANCE_KEY)' -o appliance/imported && \
	cp appliance/imported/* appliance/built/ && \
	rm -rf appliance/imported
else
appliance/built/initrd: $(appliance_inputs) $(appliance_root) \
		appliance/built/icudata.so appliance/agent/mayfly-agent
	$(AM_V_GEN)$(SHELL) $(srcdir)/appliance/image/build.sh -k \
	    -a appliance/agent/mayfly-agent -i appliance/built/icudata.so \
	    -o appliance/built
endif
$(filter-out %/initrd,$(appliance_image)): appliance/built/initrd
	@:

bin_PROGRAMS += mayfly-appliance
SELF_DOCUMENTED += mayfly-appliance
mayfly_appliance_SOURCES = appliance/program/mayfly-appliance.c \
	appliance/program/export.h appliance/program/export.c \
	appliance/program/import.h appliance/program/import.c \
	appliance/program/manual.h appliance/program/manual.c
noinst_LTLIBRARIES += libbundle.la
libbundle_la_SOURCES = \
	appliance/program/bundle.h appliance/program/bundle.c
libbundle_la_CFLAGS = $(AM_CFLAGS) $(JSON_C_CFLAGS)
libbundle_la_LIBADD = libbase.la $(JSON_C_LIBS)
mayfly_appliance_CPPFLAGS = $(AM_CPPFLAGS) \
	-DAPPLIANCE_DIR='"$(pkglibdir)/appliance"'
mayfly_appliance_CFLAGS = $(AM_CFLAGS) $(JSON_C_CFLAGS) \
	$(LIBARCHIVE_CFLAGS) $(GPGME_CFLAGS)
mayfly_appliance_LDADD = libbundle.la libdownload.la libprogram.la \
	libbase.la libmayfly.la $(JSON_C_LIBS) $(LIBARCHIVE_LIBS)

dist_appliance_DATA = appliance/image/packages appliance/image/modules
dist_appliance_SCRIPTS = appliance/image/build.sh
EXTRA_DIST += $(appliance_root) appliance/image/icudata.c

install-data-hook: install-appliance-root
install-appliance-root:
	cd $(srcdir)/appliance/image/root && \
	for file in $(appliance_root:appliance/image/root/%=%); do \
	    $(MKDIR_P) "$(DESTDIR)$(appliancedir)/root/`dirname $$file`" && \
	    $(INSTALL_DATA) $$file \
	        "$(DESTDIR)$(appliancedir)/root/$$file" || exit; \
	done
uninstall-local: uninstall-appliance-root
uninstall-appliance-root:
	rm -rf "$(DESTDIR)$(appliancedir)/root"
clean-local: clean-appliance
clean-appliance:
	rm -rf appliance/built appliance/imported
.PHONY: install-appliance-root uninstall-appliance-root clean-appliance

check_PROGRAMS += tests/appliance/panic
tests_appliance_panic_SOURCES = tests/appliance/panic.c tests/unit/test.h
tests_appliance_panic_LDADD = libmayfly-testing.la
TESTS += tests/appliance/build.sh tests/appliance/program.sh \
	tests/appliance/bundle.sh \
	tests/appliance/guest.sh tests/appliance/network.sh \
	tests/appliance/panic
check_PROGRAMS += tests/appliance/packets
tests_appliance_packets_SOURCES = tests/appliance/packets.c
tests_appliance_packets_CFLAGS = $(AM_CFLAGS) -fno-sanitize=all
tests_appliance_packets_LDFLAGS = $(AM_LDFLAGS) -fno-sanitize=all
EXTRA_DIST += tests/appliance/build.sh tests/appliance/program.sh \
	tests/appliance/bundle.sh tests/appliance/hostile.py \
	tests/appliance/guest.sh tests/appliance/network.sh \
	tests/appliance/listen.py

# SPDX-License-Identifier: GPL-2.0-or-later
# appliance: the VM that looks into the disks.  Its agent, the image that the
# agent is PID 1 of, and mayfly-appliance, which makes that image.

appliancedir = $(pkglibdir)/appliance

# The agent.  Each family and each detector adds its file in the module.mk
# of its folder.  It shares sources, not objects, with the host: it is never
# built with the host's sanitizers.
appliance_PROGRAMS = appliance/agent/mayfly-agent
agent_sources = \
	base/cleanup.h base/strv.h base/strv.c \
	base/error.h base/error.c base/file.h base/file.c \
	wire/wire.h wire/reader.c wire/writer.c \
	wire/contents.h wire/contents.c \
	wire/frame.h wire/frame.c wire/hello.h wire/hello.c \
	appliance/agent/agent.h appliance/agent/serve.h \
	appliance/agent/dispatch.h appliance/agent/call.h \
	appliance/agent/memory.c appliance/agent/serve.c \
	appliance/agent/stream.c \
	appliance/agent/main.c appliance/agent/run.c \
	appliance/agent/guest_mounts.h appliance/agent/guest_mounts.c \
	appliance/agent/path.c appliance/agent/device.c \
	appliance/agent/uevent.h appliance/agent/uevent.c \
	appliance/agent/rounds.h appliance/agent/rounds.c \
	appliance/agent/scout.h appliance/agent/scout.c \
	appliance/agent/worker.h appliance/agent/worker.c \
	appliance/agent/disks.c appliance/agent/network.c
agent_libs =
agent_cflags =
include appliance/agent/ops/module.mk
include appliance/agent/inspect/module.mk

appliance_agent_mayfly_agent_SOURCES = $(agent_sources)
nodist_appliance_agent_mayfly_agent_SOURCES = gen/codec.c gen/dispatch.c
appliance_agent_mayfly_agent_CFLAGS = $(C_DIALECT) $(WARN_CFLAGS) \
	$(HARDEN_CFLAGS) -fPIE $(agent_cflags)
# Stripped: it is loaded at every boot, and must not tell where it was built.
appliance_agent_mayfly_agent_LDFLAGS = $(HARDEN_LDFLAGS) -pie -s \
	-Wl,--as-needed
appliance_agent_mayfly_agent_LDADD = $(agent_libs)

# The stand-in for the data of ICU (see the source).
appliance_DATA = appliance/built/icudata.so
appliance/built/icudata.so: appliance/image/icudata.c
	@$(MKDIR_P) appliance/built
	$(AM_V_CC)$(CC) $(C_DIALECT) -O2 -fPIC -shared -nostdlib \
	    -Wl,--build-id=none -o $@ $(srcdir)/appliance/image/icudata.c

# The image: an agent that changes costs a second, the rest is kept.
appliance_image = appliance/built/kernel appliance/built/initrd \
	appliance/built/manifest
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
appliance/built/initrd: $(appliance_inputs) $(appliance_root) \
		appliance/built/icudata.so appliance/agent/mayfly-agent
	$(AM_V_GEN)$(SHELL) $(srcdir)/appliance/image/build.sh -k \
	    -a appliance/agent/mayfly-agent -i appliance/built/icudata.so \
	    -o appliance/built
appliance/built/kernel appliance/built/manifest: appliance/built/initrd
	@:

bin_PROGRAMS += mayfly-appliance
SELF_DOCUMENTED += mayfly-appliance
mayfly_appliance_SOURCES = appliance/program/mayfly-appliance.c \
	appliance/program/manual.h appliance/program/manual.c
mayfly_appliance_CPPFLAGS = $(AM_CPPFLAGS) \
	-DAPPLIANCE_DIR='"$(pkglibdir)/appliance"'
mayfly_appliance_CFLAGS = $(AM_CFLAGS) $(JSON_C_CFLAGS)
mayfly_appliance_LDADD = libprogram.la libbase.la libmayfly.la \
	$(JSON_C_LIBS)

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
	rm -rf appliance/built
.PHONY: install-appliance-root uninstall-appliance-root clean-appliance

check_PROGRAMS += tests/unit/agent-path tests/unit/agent-run
tests_unit_agent_path_SOURCES = tests/unit/agent-path.c tests/unit/call.h \
	tests/unit/call.c appliance/agent/memory.c appliance/agent/path.c
tests_unit_agent_path_LDADD = libwire.la libbase.la
tests_unit_agent_run_SOURCES = tests/unit/agent-run.c tests/unit/call.h \
	tests/unit/call.c appliance/agent/memory.c appliance/agent/run.c
tests_unit_agent_run_LDADD = libwire.la libbase.la
check_PROGRAMS += tests/appliance/panic
tests_appliance_panic_SOURCES = tests/appliance/panic.c tests/unit/test.h
tests_appliance_panic_LDADD = libmayfly-testing.la
TESTS += tests/unit/agent-path tests/unit/agent-run \
	tests/appliance/build.sh tests/appliance/program.sh \
	tests/appliance/guest.sh tests/appliance/panic
EXTRA_DIST += tests/appliance/build.sh tests/appliance/program.sh \
	tests/appliance/guest.sh

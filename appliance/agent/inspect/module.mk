# SPDX-License-Identifier: GPL-2.0-or-later
# Inspection: the stack of devices, detectors, readers of packages.

agent_sources += \
	appliance/agent/inspect/tree.h appliance/agent/inspect/tree.c \
	appliance/agent/inspect/volume.h appliance/agent/inspect/resolve.c \
	appliance/agent/inspect/stack.h appliance/agent/inspect/stack.c \
	appliance/agent/inspect/fstab.h appliance/agent/inspect/fstab.c \
	appliance/agent/inspect/scene.h appliance/agent/inspect/scene.c \
	appliance/agent/inspect/detect.h appliance/agent/inspect/detect.c \
	appliance/agent/inspect/linux.c appliance/agent/inspect/dos.c \
	appliance/agent/inspect/parts.c \
	appliance/agent/inspect/registry.h \
	appliance/agent/inspect/registry.c \
	appliance/agent/inspect/windows.h appliance/agent/inspect/windows.c \
	appliance/agent/inspect/drives.c \
	appliance/agent/inspect/system.h appliance/agent/inspect/release.c \
	appliance/agent/inspect/distro.c appliance/agent/inspect/hostname.c \
	appliance/agent/inspect/arch.c appliance/agent/inspect/icon.c \
	appliance/agent/inspect/inspect.h appliance/agent/inspect/inspect.c
agent_sources += \
	appliance/agent/packages/packages.h \
	appliance/agent/packages/packages.c appliance/agent/packages/dpkg.c \
	appliance/agent/packages/rpm.c appliance/agent/packages/apk.c \
	appliance/agent/packages/pacman.c appliance/agent/packages/windows.c
agent_cflags += $(RPM_CFLAGS) $(LIBARCHIVE_CFLAGS)
agent_libs += $(RPM_LIBS) $(LIBARCHIVE_LIBS)

# The readers are pure: they run on the host as well.
check_PROGRAMS += tests/unit/packages tests/unit/release tests/unit/fstab
TESTS += tests/unit/packages tests/unit/release tests/unit/fstab
tests_unit_packages_SOURCES = tests/unit/packages.c \
	tests/unit/tree.h tests/unit/call.h tests/unit/call.c \
	appliance/agent/memory.c \
	appliance/agent/inspect/tree.c appliance/agent/packages/packages.c \
	appliance/agent/packages/dpkg.c appliance/agent/packages/apk.c \
	appliance/agent/packages/pacman.c
tests_unit_packages_LDADD = libwire.la libbase.la
tests_unit_release_SOURCES = tests/unit/release.c \
	tests/unit/tree.h tests/unit/call.h tests/unit/call.c \
	appliance/agent/memory.c \
	appliance/agent/inspect/tree.c appliance/agent/inspect/release.c \
	appliance/agent/inspect/distro.c appliance/agent/inspect/hostname.c \
	appliance/agent/inspect/arch.c appliance/agent/inspect/icon.c
tests_unit_release_CFLAGS = $(AM_CFLAGS) $(LIBARCHIVE_CFLAGS)
tests_unit_release_LDADD = libwire.la libbase.la $(LIBARCHIVE_LIBS)
tests_unit_fstab_SOURCES = tests/unit/fstab.c \
	tests/unit/tree.h tests/unit/call.h tests/unit/call.c \
	appliance/agent/memory.c \
	appliance/agent/inspect/tree.c appliance/agent/inspect/resolve.c \
	appliance/agent/inspect/fstab.c
tests_unit_fstab_LDADD = libwire.la libbase.la

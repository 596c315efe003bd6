# SPDX-License-Identifier: GPL-2.0-or-later
# Inspection: the stack of devices, detectors, what they read.

agent_sources += \
	appliance/agent/inspect/arch.c appliance/agent/inspect/detect.h \
	appliance/agent/inspect/detect.c appliance/agent/inspect/distro.c \
	appliance/agent/inspect/dos.c appliance/agent/inspect/drives.c \
	appliance/agent/inspect/freebsd.c appliance/agent/inspect/hurd.c \
	appliance/agent/inspect/minix.c appliance/agent/inspect/netbsd.c \
	appliance/agent/inspect/openbsd.c appliance/agent/inspect/slices.h \
	appliance/agent/inspect/slices.c appliance/agent/inspect/unknown.h \
	appliance/agent/inspect/unknown.c appliance/agent/inspect/volume.c \
	appliance/agent/inspect/fstab.h appliance/agent/inspect/fstab.c \
	appliance/agent/inspect/gpt.h appliance/agent/inspect/gpt.c \
	appliance/agent/inspect/hostname.c appliance/agent/inspect/icon.c \
	appliance/agent/inspect/inspect.h appliance/agent/inspect/inspect.c \
	appliance/agent/inspect/linux.c appliance/agent/inspect/mounted.h \
	appliance/agent/inspect/mounted.c appliance/agent/inspect/notes.h \
	appliance/agent/inspect/nested.h appliance/agent/inspect/nested.c \
	appliance/agent/inspect/notes.c appliance/agent/inspect/parts.c \
	appliance/agent/inspect/release.c appliance/agent/inspect/resolve.c \
	appliance/agent/inspect/stack.h appliance/agent/inspect/stack.c \
	appliance/agent/inspect/system.h appliance/agent/inspect/volume.h \
	appliance/agent/inspect/units.h appliance/agent/inspect/units.c \
	appliance/agent/inspect/windows.c

# What reads a system's files is pure: it runs on the host as well.
check_PROGRAMS += tests/unit/detect tests/unit/release tests/unit/fstab
TESTS += tests/unit/detect tests/unit/release tests/unit/fstab
tests_unit_detect_SOURCES = tests/unit/detect.c \
	tests/unit/tree.h tests/unit/call.h $(agent_call_sources) \
	appliance/agent/guest/tree.c appliance/agent/inspect/arch.c \
	appliance/agent/inspect/detect.c appliance/agent/inspect/distro.c \
	appliance/agent/inspect/dos.c appliance/agent/inspect/freebsd.c \
	appliance/agent/inspect/hostname.c appliance/agent/inspect/hurd.c \
	appliance/agent/inspect/linux.c appliance/agent/inspect/minix.c \
	appliance/agent/inspect/netbsd.c appliance/agent/inspect/openbsd.c \
	appliance/agent/inspect/parts.c appliance/agent/inspect/release.c \
	appliance/agent/inspect/nested.c appliance/agent/inspect/notes.c \
	appliance/agent/storage/claimed_size.c
tests_unit_detect_CFLAGS = $(AM_CFLAGS) $(LIBARCHIVE_CFLAGS)
tests_unit_detect_LDADD = libwire.la libbase.la $(LIBARCHIVE_LIBS)
tests_unit_release_SOURCES = tests/unit/release.c \
	tests/unit/tree.h tests/unit/call.h $(agent_call_sources) \
	appliance/agent/guest/tree.c appliance/agent/inspect/release.c \
	appliance/agent/inspect/distro.c appliance/agent/inspect/hostname.c \
	appliance/agent/inspect/arch.c appliance/agent/inspect/icon.c
tests_unit_release_CFLAGS = $(AM_CFLAGS) $(LIBARCHIVE_CFLAGS)
tests_unit_release_LDADD = libwire.la libbase.la $(LIBARCHIVE_LIBS)
tests_unit_fstab_SOURCES = tests/unit/fstab.c \
	tests/unit/tree.h tests/unit/call.h $(agent_call_sources) \
	appliance/agent/guest/tree.c appliance/agent/inspect/resolve.c \
	appliance/agent/inspect/slices.c appliance/agent/inspect/volume.c \
	appliance/agent/inspect/fstab.c appliance/agent/inspect/gpt.c \
	appliance/agent/inspect/units.c appliance/agent/inspect/notes.c
tests_unit_fstab_LDADD = libwire.la libbase.la $(GCRYPT_LIBS)
TESTS += tests/cli/inspector-bsd.sh tests/cli/inspector-dos.sh \
	tests/cli/inspector-windows.sh
EXTRA_DIST += tests/cli/inspector-bsd.sh tests/cli/inspector-dos.sh \
	tests/cli/inspector-windows.sh tests/images/mk-bsd.sh \
	tests/images/hive.py tests/images/mk-windows.sh \
	tests/images/mk-windows-mbr.sh tests/images/windows.sh

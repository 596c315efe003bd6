# SPDX-License-Identifier: GPL-2.0-or-later
# The agent, one block for a room, from the bottom up.  It shares sources, not
# objects, with the host: it is never built with the host's sanitizers.

appliance_PROGRAMS = appliance/agent/mayfly-agent
agent_libs =
agent_cflags =
agent_sources = \
	base/base64.h base/base64.c base/boot_entries.h \
	base/boot_entries.c base/kernel_version.h base/kernel_version.c \
	base/cleanup.h base/strv.h base/strv.c \
	base/error.h base/error.c base/file.h base/file.c base/message.c \
	wire/wire.h wire/reader.c wire/writer.c \
	wire/contents.h wire/contents.c \
	wire/frame.h wire/frame.c wire/hello.h wire/hello.c

# What the unit tests link as well.
agent_call_sources = \
	appliance/agent/call/inside.h appliance/agent/call/call.h \
	appliance/agent/call/call.c appliance/agent/call/memory.h \
	appliance/agent/call/memory.c appliance/agent/call/port.h \
	appliance/agent/call/port.c
agent_sources += $(agent_call_sources) \
	appliance/agent/call/stream.h appliance/agent/call/stream.c \
	appliance/agent/call/worker.h appliance/agent/call/worker.c

agent_sources += \
	appliance/agent/guest/content.h appliance/agent/guest/content.c \
	appliance/agent/guest/direct.h appliance/agent/guest/direct.c \
	appliance/agent/guest/kept.h appliance/agent/guest/kept.c \
	appliance/agent/guest/path.h appliance/agent/guest/path.c \
	appliance/agent/guest/registry.h appliance/agent/guest/registry.c \
	appliance/agent/guest/root.h appliance/agent/guest/root.c \
	appliance/agent/guest/tree.h appliance/agent/guest/tree.c \
	appliance/agent/guest/windows.h appliance/agent/guest/windows.c \
	appliance/agent/guest/xattrs.h appliance/agent/guest/xattrs.c
agent_libs += $(HIVEX_LIBS) $(LIBARCHIVE_LIBS)
agent_cflags += $(HIVEX_CFLAGS) $(LIBARCHIVE_CFLAGS)

agent_sources += \
	appliance/agent/program/arguments.h \
	appliance/agent/program/arguments.c \
	appliance/agent/program/base_mounts.h \
	appliance/agent/program/base_mounts.c \
	appliance/agent/program/namespace.h \
	appliance/agent/program/namespace.c appliance/agent/program/run.h \
	appliance/agent/program/run.c

agent_sources += \
	appliance/agent/kernel/network.h appliance/agent/kernel/network.c \
	appliance/agent/kernel/sysfs.h appliance/agent/kernel/sysfs.c \
	appliance/agent/kernel/uevent.h appliance/agent/kernel/uevent.c

agent_sources += \
	appliance/agent/storage/activate.h \
	appliance/agent/storage/activate.c appliance/agent/storage/blocks.h \
	appliance/agent/storage/blocks.c appliance/agent/storage/claimed_size.h \
	appliance/agent/storage/claimed_size.c appliance/agent/storage/device.h \
	appliance/agent/storage/device.c appliance/agent/storage/disks.h \
	appliance/agent/storage/disks.c \
	appliance/agent/storage/file_or_device.h \
	appliance/agent/storage/file_or_device.c \
	appliance/agent/storage/filesystems.h \
	appliance/agent/storage/btrfs_id.h appliance/agent/storage/btrfs_id.c \
	appliance/agent/storage/shrink.h appliance/agent/storage/shrink.c \
	appliance/agent/storage/filesystems.c appliance/agent/storage/grow.h \
	appliance/agent/storage/grow.c appliance/agent/storage/labels.h \
	appliance/agent/storage/labels.c appliance/agent/storage/luks.h \
	appliance/agent/storage/luks.c appliance/agent/storage/mounts.h \
	appliance/agent/storage/mounts.c appliance/agent/storage/names.h \
	appliance/agent/storage/names.c appliance/agent/storage/probe.h \
	appliance/agent/storage/probe.c appliance/agent/storage/subvolumes.h \
	appliance/agent/storage/subvolumes.c appliance/agent/storage/table.h \
	appliance/agent/storage/table.c \
	appliance/agent/storage/table_adopt.h appliance/agent/storage/table_adopt.c \
	appliance/agent/storage/table_head.h appliance/agent/storage/table_head.c \
	appliance/agent/storage/table_kernel.c
agent_libs += $(BLKID_LIBS) $(FDISK_LIBS)
agent_cflags += $(BLKID_CFLAGS) $(FDISK_CFLAGS)

agent_sources += \
	appliance/agent/tree/archive.h appliance/agent/tree/archive.c \
	appliance/agent/tree/batch.h appliance/agent/tree/batch.c \
	appliance/agent/tree/file_queue.h appliance/agent/tree/file_queue.c \
	appliance/agent/tree/pack.h appliance/agent/tree/pack.c \
	appliance/agent/tree/read_ahead.h appliance/agent/tree/read_ahead.c \
	appliance/agent/tree/unpack.h appliance/agent/tree/unpack.c \
	appliance/agent/tree/walk.h appliance/agent/tree/walk.c
agent_libs += $(AIO_LIBS)

include appliance/agent/packages/module.mk
include appliance/agent/inspect/module.mk
include appliance/agent/facts/module.mk
include appliance/agent/ops/module.mk

agent_sources += appliance/agent/dispatch.h \
	appliance/agent/serve.h appliance/agent/serve.c \
	appliance/agent/main.c
appliance_agent_mayfly_agent_SOURCES = $(agent_sources)
nodist_appliance_agent_mayfly_agent_SOURCES = gen/codec.c gen/dispatch.c
appliance_agent_mayfly_agent_CFLAGS = $(C_DIALECT) $(WARN_CFLAGS) \
	$(HARDEN_CFLAGS) -fPIE $(agent_cflags)
# Stripped: it is loaded at every boot, and must not show where it was built.
appliance_agent_mayfly_agent_LDFLAGS = $(HARDEN_LDFLAGS) -pie -s \
	-Wl,--as-needed
appliance_agent_mayfly_agent_LDADD = $(agent_libs)
EXTRA_DIST += appliance/agent/README

check_PROGRAMS += tests/unit/agent-path tests/unit/agent-run
TESTS += tests/unit/agent-path tests/unit/agent-run
tests_unit_agent_path_SOURCES = tests/unit/agent-path.c tests/unit/call.h \
	$(agent_call_sources) appliance/agent/guest/path.c
tests_unit_agent_path_LDADD = libwire.la libbase.la
tests_unit_agent_run_SOURCES = tests/unit/agent-run.c tests/unit/call.h \
	$(agent_call_sources) appliance/agent/program/run.c
tests_unit_agent_run_LDADD = libwire.la libbase.la

# SPDX-License-Identifier: GPL-2.0-or-later
# One line a family: agent_sources += appliance/agent/ops/FAMILY.c; what it
# links with goes to agent_libs and agent_cflags.

agent_sources += appliance/agent/ops/system.c

agent_sources += \
	appliance/agent/content.h appliance/agent/content.c \
	appliance/agent/direct.h appliance/agent/direct.c \
	appliance/agent/batch.h appliance/agent/batch.c \
	appliance/agent/walk.h appliance/agent/walk.c \
	appliance/agent/guest_root.h appliance/agent/guest_root.c \
	appliance/agent/ops/content.c appliance/agent/ops/examine.c \
	appliance/agent/ops/files.c appliance/agent/ops/links.c \
	appliance/agent/ops/listing.c appliance/agent/ops/text.c
agent_libs += $(AIO_LIBS)
agent_sources += \
	appliance/agent/xattrs.h appliance/agent/xattrs.c \
	appliance/agent/ops/attributes.c appliance/agent/ops/xattrs.c
agent_libs += $(LIBACL_LIBS) $(LIBCAP_LIBS)
agent_cflags += $(LIBACL_CFLAGS) $(LIBCAP_CFLAGS)
agent_sources += \
	appliance/agent/ops/checksums.c appliance/agent/ops/contents.c \
	appliance/agent/ops/grep.c \
	appliance/agent/ops/search.c
agent_libs += $(GCRYPT_LIBS)
agent_cflags += $(GCRYPT_CFLAGS)
agent_sources += \
	appliance/agent/pack.h appliance/agent/pack.c \
	appliance/agent/archive.c \
	appliance/agent/unpack.c appliance/agent/unpack.h \
	appliance/agent/ops/archives.c appliance/agent/ops/copy.c \
	appliance/agent/ops/initrd.c appliance/agent/ops/ranges.c \
	appliance/agent/ops/transfer.c
agent_libs += $(LIBARCHIVE_LIBS)
agent_cflags += $(LIBARCHIVE_CFLAGS)
agent_sources += appliance/agent/ops/inspection.c \
	appliance/agent/ops/command.c
agent_sources += \
	appliance/agent/arguments.h appliance/agent/arguments.c \
	appliance/agent/storage.h appliance/agent/blocks.c \
	appliance/agent/probe.c appliance/agent/activate.c \
	appliance/agent/mounts.c appliance/agent/filesystems.c \
	appliance/agent/subvolumes.c appliance/agent/growing.c \
	appliance/agent/table.h appliance/agent/table.c \
	appliance/agent/table_kernel.c \
	appliance/agent/lvm.h \
	appliance/agent/ops/btrfs.c \
	appliance/agent/ops/btrfs_subvolumes.c \
	appliance/agent/ops/btrfs.h appliance/agent/ops/btrfs_tune.c \
	appliance/agent/ops/inotify.c appliance/agent/ops/iso.c \
	appliance/agent/ops/selinux.c \
	appliance/agent/ops/bootloader.c appliance/agent/ops/rsync.c \
	appliance/agent/ops/sfdisk.c appliance/agent/ops/squashfs.c \
	appliance/agent/ops/yara.c \
	appliance/agent/ops/devices.c \
	appliance/agent/ops/ext.c appliance/agent/ops/ext_tools.c \
	appliance/agent/ops/feature.c appliance/agent/ops/filesystems.c \
	appliance/agent/ops/labels.c appliance/agent/ops/luks.c \
	appliance/agent/ops/lvm.c appliance/agent/ops/lvm_report.c \
	appliance/agent/ops/md.c appliance/agent/ops/mount.c \
	appliance/agent/ops/ntfs.c appliance/agent/ops/partition_fields.c \
	appliance/agent/ops/partition_sizes.c \
	appliance/agent/ops/partitions.c appliance/agent/ops/swap.c \
	appliance/agent/ops/xfs.c appliance/agent/ops/zero.c
agent_libs += $(BLKID_LIBS) $(FDISK_LIBS)
agent_cflags += $(BLKID_CFLAGS) $(FDISK_CFLAGS)

TESTS += tests/files/tools.sh
EXTRA_DIST += tests/files/tools.sh
TESTS += tests/storage/features.sh tests/storage/grow.sh \
	tests/storage/misuse.sh tests/storage/stacks.sh
EXTRA_DIST += tests/storage/features.sh tests/storage/grow.sh \
	tests/storage/misuse.sh tests/storage/stacks.sh
agent_sources += appliance/agent/ops/augeas.c appliance/agent/ops/hivex.c \
	appliance/agent/ops/journal.c appliance/agent/ops/scrub.c
agent_libs += $(AUGEAS_LIBS) $(HIVEX_LIBS) $(SYSTEMD_LIBS)
agent_cflags += $(AUGEAS_CFLAGS) $(HIVEX_CFLAGS) $(SYSTEMD_CFLAGS)

# SPDX-License-Identifier: GPL-2.0-or-later
# The handlers of the calls, one block a family; a family has the name of its
# definition in api/calls/, and is a file or, when that would be too large, a
# folder.  Libraries that no room below links go to agent_libs and agent_cflags.

agent_sources += appliance/agent/ops/archives.c
agent_sources += appliance/agent/ops/attributes.c
agent_sources += appliance/agent/ops/augeas.h appliance/agent/ops/augeas.c
agent_libs += $(AUGEAS_LIBS)
agent_cflags += $(AUGEAS_CFLAGS)
agent_sources += appliance/agent/ops/bootloader.c
agent_sources += \
	appliance/agent/ops/btrfs/btrfs.c \
	appliance/agent/ops/btrfs/subvolumes.c \
	appliance/agent/ops/btrfs/subvolumes.h \
	appliance/agent/ops/btrfs/tune.c
agent_sources += \
	appliance/agent/ops/checksums/checksums.c \
	appliance/agent/ops/checksums/contents.c
agent_libs += $(GCRYPT_LIBS)
agent_cflags += $(GCRYPT_CFLAGS)
agent_sources += appliance/agent/ops/command.c
agent_sources += appliance/agent/ops/content.c
agent_sources += appliance/agent/ops/copy.c
agent_sources += appliance/agent/ops/devices.c
agent_sources += appliance/agent/ops/examine.c
agent_sources += appliance/agent/ops/ext/ext.c appliance/agent/ops/ext/tools.c
agent_sources += appliance/agent/ops/feature.c
agent_sources += appliance/agent/ops/files.c
agent_sources += appliance/agent/ops/filesystems.c
agent_sources += appliance/agent/ops/grep.c
agent_sources += appliance/agent/ops/hivex.c
agent_sources += appliance/agent/ops/initrd.c
agent_sources += appliance/agent/ops/inotify.c
agent_sources += appliance/agent/ops/inspection.c
agent_sources += appliance/agent/ops/iso.c
agent_sources += appliance/agent/ops/journal.c
agent_libs += $(SYSTEMD_LIBS)
agent_cflags += $(SYSTEMD_CFLAGS)
agent_sources += appliance/agent/ops/labels.c
agent_sources += appliance/agent/ops/links.c
agent_sources += appliance/agent/ops/listing.c
agent_sources += appliance/agent/ops/luks.c
agent_sources += \
	appliance/agent/ops/lvm/lvm.c appliance/agent/ops/lvm/lvm.h \
	appliance/agent/ops/lvm/report.c appliance/agent/ops/lvm/free.c
agent_sources += appliance/agent/ops/md.c
agent_sources += appliance/agent/ops/mount.c
agent_sources += appliance/agent/ops/ntfs.c
agent_sources += \
	appliance/agent/ops/partitions/fields.c \
	appliance/agent/ops/partitions/partitions.c \
	appliance/agent/ops/partitions/sizes.c
agent_sources += appliance/agent/ops/ranges.c
agent_sources += appliance/agent/ops/rsync.c
agent_sources += appliance/agent/ops/scrub.c
agent_sources += appliance/agent/ops/search.c
agent_sources += appliance/agent/ops/selinux.c
agent_sources += appliance/agent/ops/sfdisk.c
agent_sources += appliance/agent/ops/squashfs.c
agent_sources += appliance/agent/ops/swap.c
agent_sources += appliance/agent/ops/system.c
agent_sources += appliance/agent/ops/text.c
agent_sources += appliance/agent/ops/transfer.c
agent_sources += appliance/agent/ops/xattrs.c
agent_libs += $(LIBACL_LIBS) $(LIBCAP_LIBS)
agent_cflags += $(LIBACL_CFLAGS) $(LIBCAP_CFLAGS)
agent_sources += appliance/agent/ops/xfs.c
agent_sources += appliance/agent/ops/yara.c
agent_sources += appliance/agent/ops/zero.c

TESTS += tests/files/tools.sh tests/storage/features.sh \
	tests/storage/grow.sh tests/storage/misuse.sh \
	tests/cli/command.sh
EXTRA_DIST += tests/files/tools.sh tests/storage/features.sh \
	tests/storage/grow.sh tests/storage/misuse.sh \
	tests/storage/stacks.sh tests/cli/command.sh

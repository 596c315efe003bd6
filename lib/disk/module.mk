# SPDX-License-Identifier: LGPL-2.1-or-later
# lib/disk: from a file name to a disk in the appliance.

libmayfly_testing_la_SOURCES += \
	lib/disk/examine.c \
	lib/disk/find.h lib/disk/find.c \
	lib/disk/disk.h lib/disk/open.c \
	lib/disk/format.h lib/disk/header.h lib/disk/header.c \
	lib/disk/names.h lib/disk/names.c \
	lib/disk/node.h lib/disk/node.c \
	lib/disk/options.h lib/disk/options.c \
	lib/disk/overlay.h lib/disk/overlay.c \
	lib/disk/part.h lib/disk/part.c \
	lib/disk/policy.h lib/disk/policy.c \
	lib/disk/image_source.h lib/disk/image_source.c \
	lib/disk/uri.h lib/disk/uri.c \
	lib/disk/formats/foreign.c \
	lib/disk/formats/qcow2.c \
	lib/disk/formats/raw.c \
	lib/disk/formats/vdi.c \
	lib/disk/formats/vhdx.c \
	lib/disk/formats/vmdk.c \
	lib/disk/formats/vmdk_check.h lib/disk/formats/vmdk_check.c \
	lib/disk/formats/vmdk_esx.h lib/disk/formats/vmdk_esx.c \
	lib/disk/formats/vmdk_text.h lib/disk/formats/vmdk_text.c \
	lib/disk/formats/vpc.c

check_PROGRAMS += tests/unit/header tests/unit/esx tests/unit/policy tests/disk/disk-inspect
TESTS += tests/unit/header tests/unit/esx tests/unit/policy tests/disk/formats.sh \
	tests/disk/attach.sh tests/disk/create.sh \
	tests/disk/swap.sh tests/disk/remote.sh \
	tests/disk/neighbours.sh tests/disk/differential.sh tests/disk/changed.sh
EXTRA_DIST += tests/disk/formats.sh tests/disk/attach.sh tests/disk/create.sh \
	tests/disk/swap.sh tests/disk/remote.sh tests/disk/servers.sh \
	tests/disk/neighbours.sh tests/disk/differential.sh \
	tests/disk/changed.sh \
	tests/disk/hostile.py tests/slow/differential.sh

tests_unit_header_SOURCES = tests/unit/header.c tests/unit/images.h \
	tests/unit/test.h
tests_unit_header_LDADD = libmayfly-testing.la
tests_unit_esx_SOURCES = tests/unit/esx.c tests/unit/images.h tests/unit/test.h
tests_unit_esx_LDADD = libmayfly-testing.la

tests_unit_policy_SOURCES = tests/unit/policy.c tests/unit/images.h \
	tests/unit/test.h
tests_unit_policy_LDADD = libmayfly-testing.la

tests_disk_disk_inspect_SOURCES = tests/disk/inspect.c
tests_disk_disk_inspect_LDADD = libmayfly-testing.la

check_PROGRAMS += tests/unit/wire tests/unit/liar tests/unit/patience tests/unit/honest \
	tests/unit/bulk
TESTS += tests/unit/wire tests/unit/liar tests/unit/patience tests/unit/honest \
	tests/unit/bulk
tests_unit_bulk_SOURCES = tests/unit/bulk.c tests/unit/test.h \
	tests/unit/fake-agent.c tests/unit/fake-agent.h
tests_unit_bulk_LDADD = libmayfly-testing.la

tests_unit_wire_SOURCES = tests/unit/wire.c tests/unit/test.h
tests_unit_wire_LDADD = libmayfly-testing.la

tests_unit_liar_SOURCES = tests/unit/liar.c tests/unit/liar.h \
	tests/unit/test.h tests/unit/fake-agent.h tests/unit/fake-agent.c
tests_unit_liar_LDADD = libmayfly-testing.la

tests_unit_patience_SOURCES = tests/unit/patience.c tests/unit/liar.h \
	tests/unit/test.h tests/unit/fake-agent.h tests/unit/fake-agent.c
tests_unit_patience_LDADD = libmayfly-testing.la

tests_unit_honest_SOURCES = tests/unit/honest.c tests/unit/test.h \
	tests/unit/fake-agent.h tests/unit/fake-agent.c
tests_unit_honest_LDADD = libmayfly-testing.la

check_PROGRAMS += tests/unit/vmdk
TESTS += tests/unit/vmdk
tests_unit_vmdk_SOURCES = tests/unit/vmdk.c tests/unit/test.h
tests_unit_vmdk_LDADD = libmayfly-testing.la

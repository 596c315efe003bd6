# SPDX-License-Identifier: LGPL-2.1-or-later
# lib/engine: the appliance VM, saved and resumed.

libmayfly_testing_la_SOURCES += \
	lib/engine/accel.h lib/engine/accel.c \
	lib/engine/boot.c \
	lib/engine/console.h lib/engine/console.c \
	lib/engine/cpu.h lib/engine/cpu.c \
	lib/engine/decide.h lib/engine/decide.c \
	lib/engine/ending.c \
	lib/engine/engine.h lib/engine/engine-internal.h lib/engine/engine.c \
	lib/engine/evict.c \
	lib/engine/image.h lib/engine/image.c \
	lib/engine/kernel_age.h lib/engine/kernel_age.c \
	lib/engine/launch.c \
	lib/engine/make_template.c \
	lib/engine/memory.h lib/engine/memory.c \
	lib/engine/plug.h lib/engine/plug.c \
	lib/engine/prepare.c \
	lib/engine/record.h lib/engine/record.c \
	lib/engine/resume.c \
	lib/engine/status.h lib/engine/status.c \
	lib/engine/template.h lib/engine/template.c \
	lib/engine/vm.h lib/engine/vm.c

check_PROGRAMS += tests/unit/template tests/unit/attacks tests/unit/kvm
TESTS += tests/unit/template tests/unit/attacks tests/unit/kvm
tests_unit_kvm_SOURCES = tests/unit/kvm.c tests/unit/test.h
tests_unit_kvm_LDADD = libmayfly-testing.la
tests_unit_attacks_SOURCES = tests/unit/attacks.c tests/unit/test.h
tests_unit_attacks_LDADD = libmayfly-testing.la
tests_unit_template_SOURCES = tests/unit/template.c tests/unit/test.h
tests_unit_template_LDADD = libmayfly-testing.la

check_PROGRAMS += tests/unit/kernel-age
TESTS += tests/unit/kernel-age
tests_unit_kernel_age_SOURCES = tests/unit/kernel-age.c tests/unit/test.h
tests_unit_kernel_age_LDADD = libmayfly-testing.la

TESTS += tests/cli/engine.sh tests/cli/ending.sh
EXTRA_DIST += tests/cli/engine.sh tests/cli/ending.sh

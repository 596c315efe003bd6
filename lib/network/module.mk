# SPDX-License-Identifier: LGPL-2.1-or-later
# lib/network: passt, and the gate between it and QEMU.

libmayfly_testing_la_SOURCES += \
	lib/network/gate.h lib/network/gate.c \
	lib/network/network.h lib/network/network.c

check_PROGRAMS += tests/unit/gate
TESTS += tests/unit/gate
tests_unit_gate_SOURCES = tests/unit/gate.c tests/unit/test.h
tests_unit_gate_LDADD = libmayfly-testing.la

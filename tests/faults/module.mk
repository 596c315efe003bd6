# SPDX-License-Identifier: GPL-2.0-or-later
# tests/faults: what the machine can refuse (memory, system calls, room) is
# refused once at each place.

check_PROGRAMS += tests/faults/no-memory
tests_faults_no_memory_SOURCES = tests/faults/no-memory.c \
	tests/faults/subjects.h tests/faults/subjects.c \
	tests/faults/allocations.h tests/faults/allocations.c
nodist_tests_faults_no_memory_SOURCES = gen/fuzz-decoders.h
tests_faults_no_memory_CFLAGS = $(AM_CFLAGS) $(JSON_C_CFLAGS) $(LIBXML_CFLAGS)
tests_faults_no_memory_LDADD = libv2v.la libbuilder.la libmayfly-testing.la
$(tests_faults_no_memory_OBJECTS): gen/fuzz-decoders.h

# The same allocator, for whole programs.
check_LTLIBRARIES += tests/faults/allocations.la
tests_faults_allocations_la_SOURCES = tests/faults/allocations.h \
	tests/faults/allocations.c
tests_faults_allocations_la_LDFLAGS = -module -avoid-version -shared \
	-rpath /nowhere

TESTS += tests/faults/no-memory.sh
EXTRA_DIST += tests/faults/no-memory.sh tests/faults/no-space.sh \
	tests/faults/whole.py tests/faults/whole-syscalls.sh \
	tests/faults/whole-allocations.sh \
	tests/faults/bombs.py tests/faults/bombs.sh \
	tests/faults/power.py tests/faults/power.sh \
	tests/faults/file-systems.py tests/faults/file-systems.sh \
	tests/faults/recording-disk.py tests/faults/server-errors.sh \
	tests/families tests/mutate tests/mutate.equal

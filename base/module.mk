# SPDX-License-Identifier: LGPL-2.1-or-later
# base: what every C file may use and that knows nothing of disks.

noinst_LTLIBRARIES += libbase.la
libbase_la_SOURCES = \
	base/appliance.h base/appliance.c \
	base/base64.h base/base64.c \
	base/boot_entries.h base/boot_entries.c \
	base/bytes.h \
	base/charset.h base/charset.c \
	base/cleanup.h base/clock.h \
	base/error.h base/error.c \
	base/file.h base/file.c \
	base/hash.h base/hash.c \
	base/kernel_version.h base/kernel_version.c \
	base/leftover.h base/leftover.c base/message.c \
	base/output.c \
	base/processors.h base/processors.c \
	base/strv.h base/strv.c \
	base/subprocess.h base/subprocess.c \
	base/unix_socket.h base/unix_socket.c \
	base/uuid.h base/uuid.c base/vhd.h \
	base/zeroes.h
libbase_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DAPPLIANCE_DIR='"$(pkglibdir)/appliance"' \
	-DAPPLIANCE_LOCAL_DIR='"$(localstatedir)/lib/mayfly/appliance"'
libbase_la_CFLAGS = $(AM_CFLAGS) -fPIC -fvisibility=hidden $(GCRYPT_CFLAGS)
libbase_la_LIBADD = $(GCRYPT_LIBS)

check_PROGRAMS += tests/unit/processors
TESTS += tests/unit/processors
tests_unit_processors_SOURCES = tests/unit/processors.c tests/unit/test.h \
	tests/unit/tree.h
tests_unit_processors_LDADD = libbase.la

check_PROGRAMS += tests/unit/bytes
TESTS += tests/unit/bytes
tests_unit_bytes_SOURCES = tests/unit/bytes.c tests/unit/test.h

check_PROGRAMS += tests/unit/base tests/unit/base-file tests/unit/base-xml
TESTS += tests/unit/base tests/unit/base-file tests/unit/base-xml
tests_unit_base_SOURCES = tests/unit/test.h tests/unit/base.c
tests_unit_base_LDADD = libbase.la
tests_unit_base_file_SOURCES = tests/unit/test.h tests/unit/tree.h \
	tests/unit/base-file.c
tests_unit_base_file_LDADD = libbase.la
tests_unit_base_xml_SOURCES = tests/unit/test.h tests/unit/base-xml.c \
	base/xml.h base/xml.c
tests_unit_base_xml_CFLAGS = $(AM_CFLAGS) $(LIBXML_CFLAGS)
tests_unit_base_xml_LDADD = libbase.la $(LIBXML_LIBS)
check_PROGRAMS += tests/unit/subprocess
TESTS += tests/unit/subprocess
tests_unit_subprocess_SOURCES = tests/unit/subprocess.c tests/unit/test.h
tests_unit_subprocess_LDADD = libbase.la

# SPDX-License-Identifier: GPL-2.0-or-later
# inspector: mayfly-inspector.

bin_PROGRAMS += mayfly-inspector
SELF_DOCUMENTED += mayfly-inspector
mayfly_inspector_SOURCES = \
	inspector/main.c \
	inspector/document.h inspector/text.c inspector/xml.c \
	tool/xml_mountpoints.h tool/xml_mountpoints.c \
	tool/xml_writer.h tool/xml_writer.c \
	inspector/build.h inspector/build.c \
	inspector/json.c inspector/xpath.c \
	inspector/sbom.h inspector/sbom.c \
	inspector/cyclonedx.c inspector/spdx.c \
	inspector/each.h inspector/each.c inspector/images.h \
	inspector/images.c \
	inspector/facts.h inspector/facts.c inspector/facts_text.c \
	inspector/lifecycle.h inspector/lifecycle.c base/xml.h base/xml.c \
	inspector/manual.h inspector/manual.c
dist_doc_DATA = inspector/facts.schema.json
mayfly_inspector_CFLAGS = $(AM_CFLAGS) $(LIBXML_CFLAGS) $(JSON_C_CFLAGS)
mayfly_inspector_LDADD = libprogram.la libbase.la libmayfly.la \
	$(LIBXML_LIBS) $(JSON_C_LIBS)

# What is said of a package in a bill of materials.
check_PROGRAMS += tests/unit/sbom
TESTS += tests/unit/sbom
tests_unit_sbom_SOURCES = tests/unit/sbom.c \
	inspector/build.h inspector/build.c inspector/sbom.h inspector/sbom.c \
	inspector/document.h inspector/text.c
tests_unit_sbom_CFLAGS = $(AM_CFLAGS) $(JSON_C_CFLAGS)
tests_unit_sbom_LDADD = libprogram.la libbase.la libmayfly.la $(JSON_C_LIBS)
TESTS += tests/cli/inspector.sh tests/cli/inspector-bad.sh \
	tests/cli/inspector-each.sh \
	tests/cli/inspector-debian.sh tests/cli/inspector-keys.sh
EXTRA_DIST += tests/cli/inspector.sh tests/cli/inspector-bad.sh \
	tests/cli/inspector-each.sh \
	tests/cli/inspector-debian.sh tests/cli/inspector-keys.sh \
	tests/images/get.sh tests/images/images.sh \
	tests/images/mk-btrfs.sh tests/images/mk-debian.sh \
	tests/images/mk-gpt.sh tests/images/mk-luks.sh \
	tests/images/mk-mbr.sh tests/images/mk-md.sh \
	tests/images/mk-nested.sh tests/images/mk-vmdk.sh \
	tests/slow/inspector-compare.sh tests/slow/inspector-sbom.sh \
	tests/slow/compare-xml.py
TESTS += tests/cli/inspector-facts.sh
EXTRA_DIST += tests/cli/inspector-facts.sh

# SPDX-License-Identifier: GPL-2.0-or-later
# fuzz: targets for libFuzzer (./configure --enable-fuzzer, see fuzz/run), or
# without it the same targets replayed on their seeds by make check.  Both are
# built from what is listed here, and nothing else lists it.

FUZZ_TARGETS = fuzz/header fuzz/codec fuzz/channel fuzz/index \
	fuzz/guest fuzz/v2v fuzz/contents
check_PROGRAMS += $(FUZZ_TARGETS)
TESTS += fuzz/replay.sh
EXTRA_DIST += fuzz/run fuzz/replay.sh fuzz/seeds.py

if FUZZER
fuzz_main = fuzz/fuzz.h
else
fuzz_main = fuzz/fuzz.h fuzz/replay.c
endif
FUZZ_LINK = $(AM_LDFLAGS) $(FUZZER_LDFLAGS)

fuzz_header_SOURCES = fuzz/header.c $(fuzz_main)
fuzz_header_LDFLAGS = $(FUZZ_LINK)
fuzz_header_LDADD = libmayfly-testing.la
fuzz_codec_SOURCES = fuzz/codec.c $(fuzz_main)
nodist_fuzz_codec_SOURCES = gen/fuzz-decoders.h
fuzz_codec_LDFLAGS = $(FUZZ_LINK)
fuzz_codec_LDADD = libmayfly-testing.la
fuzz_channel_SOURCES = fuzz/channel.c $(fuzz_main)
fuzz_channel_LDFLAGS = $(FUZZ_LINK)
fuzz_channel_LDADD = libmayfly-testing.la
fuzz_guest_SOURCES = fuzz/guest.c $(fuzz_main) \
	tests/unit/call.h $(agent_call_sources) \
	appliance/agent/guest/tree.c appliance/agent/inspect/release.c \
	appliance/agent/inspect/distro.c appliance/agent/inspect/hostname.c \
	appliance/agent/inspect/arch.c appliance/agent/inspect/icon.c \
	appliance/agent/inspect/resolve.c appliance/agent/inspect/fstab.c \
	appliance/agent/inspect/gpt.c appliance/agent/inspect/notes.c \
	appliance/agent/inspect/units.c appliance/agent/inspect/slices.c \
	appliance/agent/inspect/volume.c \
	appliance/agent/inspect/freebsd.c appliance/agent/inspect/hurd.c \
	appliance/agent/inspect/minix.c appliance/agent/inspect/netbsd.c \
	appliance/agent/inspect/openbsd.c \
	appliance/agent/packages/packages.c \
	appliance/agent/packages/package.c appliance/agent/packages/dpkg.c \
	appliance/agent/packages/apk.c appliance/agent/packages/pacman.c \
	appliance/agent/packages/bundles.c appliance/agent/packages/pkgsrc.c \
	appliance/agent/packages/portage.c appliance/agent/packages/slackware.c \
	appliance/agent/packages/xbps.c
fuzz_guest_CFLAGS = $(AM_CFLAGS) $(LIBARCHIVE_CFLAGS) $(LIBXML_CFLAGS)
fuzz_guest_LDFLAGS = $(FUZZ_LINK)
fuzz_guest_LDADD = libwire.la libbase.la $(LIBARCHIVE_LIBS) $(GCRYPT_LIBS) \
	$(LIBXML_LIBS)
fuzz_index_SOURCES = fuzz/index.c $(fuzz_main)
fuzz_index_LDFLAGS = $(FUZZ_LINK)
fuzz_index_LDADD = libbuilder.la libmayfly.la
fuzz_contents_SOURCES = fuzz/contents.c $(fuzz_main)
fuzz_contents_LDFLAGS = $(FUZZ_LINK)
fuzz_contents_LDADD = libmayfly-testing.la
fuzz_v2v_SOURCES = fuzz/v2v.c $(fuzz_main)
fuzz_v2v_LDFLAGS = $(FUZZ_LINK)
fuzz_v2v_LDADD = libv2v.la libmayfly.la

# Every decoder by its name.
gen/fuzz-decoders.h: stamp-gen
	$(AM_V_GEN)sed -n \
	    's/^bool api_get_\(.*\)(struct wire_reader.*/DECODER(\1)/p' \
	    gen/codec.h > $@
fuzz/codec.$(OBJEXT): gen/fuzz-decoders.h
# The definition's files, for seeds.py, and the targets' names.
fuzz/api-files: $(API_FILES)
	$(AM_V_GEN)mkdir -p fuzz && \
	    for f in $(API_FILES); do echo $$f; done > $@
fuzz/targets: Makefile
	$(AM_V_GEN)mkdir -p fuzz && \
	    for f in $(FUZZ_TARGETS); do basename $$f $(EXEEXT); done > $@
BUILT_SOURCES += gen/fuzz-decoders.h fuzz/api-files fuzz/targets
CLEANFILES += gen/fuzz-decoders.h fuzz/api-files fuzz/targets

# What fuzz/run builds: the targets alone.
fuzz-programs: $(BUILT_SOURCES)
	$(MAKE) $(AM_MAKEFLAGS) $(FUZZ_TARGETS)

# Every target for a short time, in a build of its own in out/fuzz.
fuzz-quick:
	$(srcdir)/fuzz/run all 30
.PHONY: fuzz-programs fuzz-quick

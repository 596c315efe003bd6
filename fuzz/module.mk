# SPDX-License-Identifier: GPL-2.0-or-later
# fuzz: targets for libFuzzer (fuzz/run), and the same targets replayed on
# their seeds by make check.

check_PROGRAMS += fuzz/header fuzz/codec fuzz/channel fuzz/index \
	fuzz/guest fuzz/v2v fuzz/contents
TESTS += fuzz/replay.sh
EXTRA_DIST += fuzz/run fuzz/replay.sh fuzz/seeds.py fuzz/no-engine.c

fuzz_header_SOURCES = fuzz/header.c fuzz/replay.c fuzz/fuzz.h
fuzz_header_LDADD = libmayfly-testing.la
fuzz_codec_SOURCES = fuzz/codec.c fuzz/replay.c fuzz/fuzz.h
nodist_fuzz_codec_SOURCES = gen/fuzz-decoders.h
fuzz_codec_LDADD = libmayfly-testing.la
fuzz_channel_SOURCES = fuzz/channel.c fuzz/replay.c fuzz/fuzz.h
fuzz_channel_LDADD = libmayfly-testing.la
fuzz_guest_SOURCES = fuzz/guest.c fuzz/replay.c fuzz/fuzz.h \
	tests/unit/call.h $(agent_call_sources) \
	appliance/agent/guest/tree.c appliance/agent/inspect/release.c \
	appliance/agent/inspect/distro.c appliance/agent/inspect/hostname.c \
	appliance/agent/inspect/arch.c appliance/agent/inspect/icon.c \
	appliance/agent/inspect/resolve.c appliance/agent/inspect/fstab.c \
	appliance/agent/packages/packages.c \
	appliance/agent/packages/package.c appliance/agent/packages/dpkg.c \
	appliance/agent/packages/apk.c appliance/agent/packages/pacman.c
fuzz_guest_CFLAGS = $(AM_CFLAGS) $(LIBARCHIVE_CFLAGS)
fuzz_guest_LDADD = libwire.la libbase.la $(LIBARCHIVE_LIBS)
fuzz_index_SOURCES = fuzz/index.c fuzz/replay.c fuzz/fuzz.h
fuzz_index_LDADD = libbuilder.la libmayfly.la
fuzz_contents_SOURCES = fuzz/contents.c fuzz/replay.c fuzz/fuzz.h
fuzz_contents_LDADD = libmayfly-testing.la
fuzz_v2v_SOURCES = fuzz/v2v.c fuzz/replay.c fuzz/fuzz.h
fuzz_v2v_LDADD = libv2v.la libmayfly.la

# Every decoder by its name.
gen/fuzz-decoders.h: stamp-gen
	$(AM_V_GEN)sed -n \
	    's/^bool api_get_\(.*\)(struct wire_reader.*/DECODER(\1)/p' \
	    gen/codec.h > $@
fuzz/codec.$(OBJEXT): gen/fuzz-decoders.h
# The definition's files, for seeds.py.
fuzz/api-files: $(API_FILES)
	$(AM_V_GEN)mkdir -p fuzz && \
	    for f in $(API_FILES); do echo $$f; done > $@
BUILT_SOURCES += gen/fuzz-decoders.h fuzz/api-files
CLEANFILES += gen/fuzz-decoders.h fuzz/api-files

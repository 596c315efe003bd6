# SPDX-License-Identifier: GPL-2.0-or-later
# fuzz: targets for libFuzzer (fuzz/run), and the same targets replayed on
# their seeds by make check.

check_PROGRAMS += fuzz/header fuzz/codec fuzz/channel fuzz/index
TESTS += fuzz/replay.sh
EXTRA_DIST += fuzz/run fuzz/replay.sh fuzz/seeds.py fuzz/no-engine.c

fuzz_header_SOURCES = fuzz/header.c fuzz/replay.c fuzz/fuzz.h
fuzz_header_LDADD = libmayfly-testing.la
fuzz_codec_SOURCES = fuzz/codec.c fuzz/replay.c fuzz/fuzz.h
nodist_fuzz_codec_SOURCES = gen/fuzz-decoders.h
fuzz_codec_LDADD = libmayfly-testing.la
fuzz_channel_SOURCES = fuzz/channel.c fuzz/replay.c fuzz/fuzz.h
fuzz_channel_LDADD = libmayfly-testing.la
fuzz_index_SOURCES = fuzz/index.c fuzz/replay.c fuzz/fuzz.h
fuzz_index_LDADD = libbuilder.la libmayfly.la

# Every decoder by its name.
gen/fuzz-decoders.h: stamp-gen
	$(AM_V_GEN)sed -n \
	    's/^bool api_get_\(.*\)(struct wire_reader.*/DECODER(\1)/p' \
	    gen/codec.h > $@
fuzz/codec.$(OBJEXT): gen/fuzz-decoders.h
# The definition's files, for seeds.py.
fuzz/api-files: $(srcdir)/api/calls/families.mk
	$(AM_V_GEN)mkdir -p fuzz && \
	    for f in $(API_FILES); do echo $$f; done > $@
BUILT_SOURCES += gen/fuzz-decoders.h fuzz/api-files
CLEANFILES += gen/fuzz-decoders.h fuzz/api-files

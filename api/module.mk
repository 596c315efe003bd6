# SPDX-License-Identifier: LGPL-2.1-or-later
# api: the definition of every call, and all that is made from it.

API_FILES = api/types.api api/arguments.api \
	api/calls/handle.api
# Each family adds its file here.
include api/calls/families.mk

API_GENERATOR = api/mkapi.py api/model.py api/doc.py api/handlers.py \
	api/emit_c.py
EXTRA_DIST += $(API_FILES) $(API_GENERATOR) api/README

GENERATED = gen/mayfly-types.h gen/mayfly-calls.h gen/internal-calls.h \
	gen/codec.h gen/codec.c gen/client.c gen/ops.h gen/dispatch.c
include api/generated.mk

# One stamp makes all of gen/; mkapi.py touches only what changes.
stamp-gen: $(API_FILES) $(API_GENERATOR)
	$(AM_V_GEN)here=`pwd` && cd $(srcdir) && \
	    PYTHONDONTWRITEBYTECODE=1 $(PYTHON) api/mkapi.py \
	    --out "$$here/gen" $(API_FILES)
	@touch $@
$(GENERATED): stamp-gen
	@:

BUILT_SOURCES += stamp-gen
CLEANFILES += stamp-gen
clean-local: clean-gen
clean-gen:
	rm -rf gen
.PHONY: clean-gen

nodist_include_HEADERS += gen/mayfly-types.h gen/mayfly-calls.h

TESTS += tests/generator/golden.sh tests/generator/handlers.sh
EXTRA_DIST += tests/lib.sh tests/layers tests/generator/golden.sh \
	tests/generator/handlers.sh \
	tests/generator/sample.api tests/generator/bad \
	tests/generator/expected

# SPDX-License-Identifier: LGPL-2.1-or-later
# python: the module mayfly.  The package has the documentation; _mayfly, next
# to it, is made of handle.c, convert.c and generated methods.
python_sources = python/native.h python/convert.c python/handle.c

EXTRA_DIST += python/mayfly/__init__.py
if PYTHON_MODULE
pyexec_LTLIBRARIES = _mayfly.la
_mayfly_la_SOURCES = $(python_sources)
nodist__mayfly_la_SOURCES = gen/python-calls.c
_mayfly_la_CPPFLAGS = $(AM_CPPFLAGS) $(PYTHON_CFLAGS)
# A method table casts its functions; names of arguments are not const.
_mayfly_la_CFLAGS = $(AM_CFLAGS) -Wno-cast-function-type \
	-Wno-write-strings
_mayfly_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared
_mayfly_la_LIBADD = libmayfly.la
pymayflydir = $(pyexecdir)/mayfly
dist_pymayfly_DATA = python/mayfly/__init__.py
nodist_pymayfly_DATA = gen/python/__init__.pyi
TESTS += tests/python/calls.sh
else
EXTRA_DIST += $(python_sources)
endif
EXTRA_DIST += tests/python/calls.sh tests/python/values.py

# SPDX-License-Identifier: LGPL-2.1-or-later
# domain: the disks of libvirt domains, for compat and for the helper that
# programs run.

noinst_LTLIBRARIES += libdomain.la
libdomain_la_SOURCES = \
	base/xml.h base/xml.c \
	domain/disks.h domain/disks.c \
	domain/remote.h domain/remote.c
libdomain_la_CFLAGS = $(AM_CFLAGS) $(LIBXML_CFLAGS) -fPIC
libdomain_la_LIBADD = $(LIBXML_LIBS)
EXTRA_DIST += domain/libvirt.h domain/libvirt.c domain/main.c

if LIBVIRT
libdomain_la_SOURCES += domain/libvirt.h domain/libvirt.c
libdomain_la_CFLAGS += $(LIBVIRT_CFLAGS)
pkglibexec_PROGRAMS = domain/mayfly-domain
domain_mayfly_domain_SOURCES = domain/main.c
domain_mayfly_domain_CFLAGS = $(AM_CFLAGS) $(LIBXML_CFLAGS) $(LIBVIRT_CFLAGS)
domain_mayfly_domain_LDADD = libdomain.la libbase.la
endif

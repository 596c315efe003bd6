# SPDX-License-Identifier: GPL-2.0-or-later
# The readers of package databases.

agent_sources += \
	appliance/agent/packages/apk.c appliance/agent/packages/bundles.c \
	appliance/agent/packages/dpkg.c appliance/agent/packages/pkgsrc.c \
	appliance/agent/packages/portage.c appliance/agent/packages/slackware.c \
	appliance/agent/packages/xbps.c appliance/agent/packages/package.h \
	appliance/agent/packages/package.c \
	appliance/agent/packages/packages.h \
	appliance/agent/packages/packages.c \
	appliance/agent/packages/pacman.c appliance/agent/packages/rpm.c \
	appliance/agent/packages/windows.c
agent_cflags += $(RPM_CFLAGS) $(LIBXML_CFLAGS)
agent_libs += $(RPM_LIBS) $(LIBXML_LIBS)

# They are pure: they run on the host as well.
check_PROGRAMS += tests/unit/packages
TESTS += tests/unit/packages
tests_unit_packages_SOURCES = tests/unit/packages.c \
	tests/unit/tree.h tests/unit/call.h $(agent_call_sources) \
	appliance/agent/guest/tree.c appliance/agent/packages/packages.c \
	appliance/agent/packages/package.c appliance/agent/packages/dpkg.c \
	appliance/agent/packages/apk.c appliance/agent/packages/pacman.c \
	appliance/agent/packages/bundles.c appliance/agent/packages/pkgsrc.c \
	appliance/agent/packages/portage.c appliance/agent/packages/slackware.c \
	appliance/agent/packages/xbps.c
tests_unit_packages_CFLAGS = $(AM_CFLAGS) $(LIBXML_CFLAGS)
tests_unit_packages_LDADD = libwire.la libbase.la $(LIBXML_LIBS)
TESTS += tests/cli/inspector-packages.sh
EXTRA_DIST += tests/cli/inspector-packages.sh tests/images/mk-packages.sh

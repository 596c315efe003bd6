# SPDX-License-Identifier: GPL-2.0-or-later
# Inspection: agent_sources += appliance/agent/inspect/FILE.c; what it links
# with goes to agent_libs and agent_cflags.


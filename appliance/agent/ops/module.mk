# SPDX-License-Identifier: GPL-2.0-or-later
# One line a family: agent_sources += appliance/agent/ops/FAMILY.c; what it
# links with goes to agent_libs and agent_cflags.

agent_sources += appliance/agent/ops/system.c

# SPDX-License-Identifier: GPL-2.0-or-later
# Facts: what the files of a system say about it.

agent_facts_sources = \
	appliance/agent/facts/reading.h appliance/agent/facts/reading.c \
	appliance/agent/facts/facts.h \
	appliance/agent/facts/facts.c appliance/agent/facts/accounts.c \
	appliance/agent/facts/boot.c appliance/agent/facts/devices.h \
	appliance/agent/facts/devices.c appliance/agent/facts/entries.c \
	appliance/agent/facts/initramfs.c \
	appliance/agent/facts/kernels.h appliance/agent/facts/kernels.c \
	appliance/agent/facts/mounts.c appliance/agent/facts/netplan.c \
	appliance/agent/facts/network.c appliance/agent/facts/services.c \
	appliance/agent/facts/services_old.c appliance/agent/facts/ssh.c \
	appliance/agent/facts/sudo.c appliance/agent/facts/system.c
agent_sources += $(agent_facts_sources)
agent_libs += $(YAML_LIBS)
agent_cflags += $(YAML_CFLAGS)

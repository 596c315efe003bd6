/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call without an agent around it, for unit tests of the agent's readers:
 * memory, lists, errors and cleanup work as in the agent. */
#pragma once
#include <signal.h>

#include "appliance/agent/agent.h"

struct call *test_call_new(void);

/* Run what is deferred, then free everything. */
void test_call_free(struct call *c);

/* What call_cancelled says. */
extern volatile sig_atomic_t test_cancelled;

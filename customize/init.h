/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "customize/operations.h"

/* Have the guest run PROGRAM at each
 * start, once the network is up as far as its init system knows: as the service
 * "mayfly-firstboot".  A guest without a known init system is an error. */
int init_run_at_start(struct job *job, const char *program, struct error *err);

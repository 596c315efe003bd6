/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the program prints of a conversion. */
#pragma once
#include "v2v/target/target.h"

/* What a pass of a copy in phases has moved, in bytes. */
void present_pass(uint64_t read, uint64_t written);

/* A step that takes a while. */
void present_step(const char *what);

/* The whole plan, or its JSON. */
int present_plan(const struct result *result, bool json, struct error *err);

/* Why it cannot be: one line each, as errors. */
void present_blocked(const struct result *result);

/* What was made, and what to look at. */
void present_result(const struct result *result);

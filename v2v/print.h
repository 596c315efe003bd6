/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the program prints about a conversion. */
#pragma once
#include "v2v/target/target.h"

/* The bytes that a pass of a copy in phases has read and written. */
void present_pass(uint64_t read, uint64_t written);

/* Announce a step that takes a while. */
void present_step(const char *what);

/* What the source says (--print-source); returns an exit code. */
int present_source(const struct guest *guest);

/* The whole plan, or its JSON. */
int present_plan(const struct result *result, bool json, struct error *err);

/* Why it cannot be converted: one error line for each cause. */
void present_blocked(const struct result *result);

/* What was made, and what to review. */
void present_result(const struct result *result);

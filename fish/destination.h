/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths of the guest as Windows writes them: win:C:\Windows\file. */
#pragma once
#include "base/error.h"

struct mayfly;

/* Replace *WORD, which is owned, by the guest's path if it begins with "win:",
 * in any case: the drive by the guest's drive mappings, the rest without regard
 * to case.  Returns 0 or -1. */
int destination_expand(struct mayfly *g, char **word, struct error *err);

/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include "base/error.h"

enum { UUID_SIZE = 37 };

/* A random UUID (version 4 of RFC 9562), in lower case. */
int uuid_random(char ret[UUID_SIZE], struct error *err);

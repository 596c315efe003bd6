/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generated from the definition in api/; do not edit. */

#pragma once
#include "ops-sample.h"

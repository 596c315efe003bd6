/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every program shares. */
#pragma once
#include "tool/exit.h"     /* IWYU pragma: export */
#include "tool/keys.h"     /* IWYU pragma: export */
#include "tool/name.h"     /* IWYU pragma: export */
#include "tool/options.h"  /* IWYU pragma: export */
#include "tool/print.h"    /* IWYU pragma: export */
#include "tool/progress.h" /* IWYU pragma: export */
#include "tool/session.h"  /* IWYU pragma: export */
#include "tool/signals.h"  /* IWYU pragma: export */

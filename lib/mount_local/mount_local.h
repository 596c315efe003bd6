/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include "lib/handle/handle.h"

/* If the guest is mounted on the host, it is no more. */
void handle_unmount_local(struct mayfly *g);

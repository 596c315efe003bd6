/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "base/error.h"
#include "download/verify.h"

/* Fetch a bundle, verify that SIGNER signed it, and make FOLDER of it. */
int import_appliance(const char *uri, const struct signer *signer,
    const char *folder, struct error *err);

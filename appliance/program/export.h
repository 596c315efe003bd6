/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "base/error.h"
#include "download/sign.h"

/* Write the image in FOLDER to PATH, a bundle that SIGNING signs. */
int export_appliance(const char *folder, const char *path,
    const struct signing *signing, struct error *err);

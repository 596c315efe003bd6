/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bills of materials: what of a package is said in each of their formats. */
#pragma once
#include <mayfly.h>
#include <stddef.h>

#include "base/error.h"

struct document;

int document_cyclonedx(const struct document *d, struct error *err);
int document_spdx(const struct document *d, struct error *err);

/* The package URL of a package of S: "pkg:deb/debian/bash@5.2?arch=amd64". */
char *sbom_purl(const struct mayfly_inspection_root *s,
    const struct mayfly_application2 *a);

/* Its version, with epoch and release; "" if it has none. */
char *sbom_version(const struct mayfly_inspection_root *s,
    const struct mayfly_application2 *a);

/* Is it a licence expression of SPDX, of licences that are on its list? */
bool sbom_is_expression(const char *text);

/* The time now, or that of SOURCE_DATE_EPOCH, as "2026-11-30T12:00:00Z". */
enum { SBOM_TIME_SIZE = 32 };
void sbom_time(char ret[SBOM_TIME_SIZE]);

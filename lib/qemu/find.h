/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which QEMU to run. */
#pragma once
#include <stdbool.h>

#include "base/error.h"

/* The path of the binary: MAYFLY_QEMU, else the first of the usual names in
 * PATH and in the private folders of distributions.  The caller frees it. */
char *qemu_find(struct error *err);

/* qemu-img, by PATH. */
#define QEMU_IMG_NAME "qemu-img"
char *qemu_find_img(struct error *err);

/* Any other program, by PATH, which comes with PACKAGE. */
char *program_find(const char *name, const char *package, struct error *err);

/* A text that changes whenever the binary does. */
char *qemu_identity(const char *path, struct error *err);

/* What `QEMU --version` says: "7.2.22"; run in a cage, whose report is returned
 * in *report unless that is NULL. */
struct cage_report;
char *qemu_ask_version(
    const char *path, struct cage_report *ret_report, struct error *err);

/* How it can be caged: found by running it. */
struct qemu_needs {
    bool sandbox;  /* its own filter (-sandbox) works here */
    bool programs; /* it is a wrapper: it must be able to start programs */
};
int qemu_ask_cage(const char *path, struct qemu_needs *ret, struct error *err);

/* The oldest version that has all we use. */
enum { QEMU_OLDEST_MAJOR = 5, QEMU_OLDEST_MINOR = 2 };
#define QEMU_OLDEST "5.2"
bool qemu_at_least(const char *version, int major, int minor);

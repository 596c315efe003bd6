/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys of encrypted images as objects of QEMU.  They are there only while a
 * node is added, or until a QEMU that will resume runs: then it has the key of
 * the data, and whoever takes QEMU over does not find a passphrase. */
#pragma once
#include "base/error.h"

struct qmp;
struct secret;

enum { QEMU_SECRET_NAME = 24 };

/* The name of the object with this number. */
void qemu_secret_name(unsigned number, char ret[QEMU_SECRET_NAME]);

/* Make the object.  The key goes by QMP, and is wiped from what was sent. */
int qemu_secret_add(struct qmp *q, const struct secret *key, unsigned number,
    struct error *err);

/* Remove the objects 0 to N - 1. */
int qemu_secrets_remove(struct qmp *q, unsigned n, struct error *err);

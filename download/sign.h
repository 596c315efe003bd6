/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys and signatures of a repository's owner. */
#pragma once
#include <stddef.h>

#include "base/error.h"

struct signing {
    const char *home;  /* of GnuPG; NULL: the user's own */
    char *fingerprint; /* of the key, in upper case; owned */
};

/* Choose the secret key that NAME identifies (a fingerprint, an id or a part of
 * the user id); exactly one must match. */
int signing_choose(struct signing *s, const char *name, struct error *err);

/* Use the one secret key in the home, or make one there, without a passphrase
 * and for signatures only. */
int signing_generate(struct signing *s, struct error *err);

/* TEXT, clear-signed; the caller frees it. */
char *signing_sign(const struct signing *s, const char *text, size_t size,
    size_t *ret_size, struct error *err);

/* The public key, armored; the caller frees it. */
char *signing_public_key(
    const struct signing *s, size_t *ret_size, struct error *err);

/* Stop the agent that GnuPG started for a home of our own. */
void signing_close(struct signing *s);

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "download/gpg.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

int
gpg_error_set(struct error *err, gpgme_error_t code, const char *format, ...)
{
    cleanup_free char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        text = NULL;
    va_end(args);
    return error_set(
        err, EBADMSG, "%s: %s", text ? text : "GnuPG", gpgme_strerror(code));
}

int
gpg_context(const char *home, gpgme_ctx_t *ret, struct error *err)
{
    cleanup_gpg_context gpgme_ctx_t ctx = NULL;
    gpgme_error_t e;

    gpgme_check_version(NULL);
    if ((e = gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP)))
        return gpg_error_set(
            err, e, "cannot use GnuPG (is the package gnupg installed?)");
    if ((e = gpgme_new(&ctx)) ||
        (e = gpgme_set_protocol(ctx, GPGME_PROTOCOL_OpenPGP)))
        return gpg_error_set(err, e, "cannot use GnuPG");
    if (home && (e = gpgme_ctx_set_engine_info(
                     ctx, GPGME_PROTOCOL_OpenPGP, NULL, home)))
        return gpg_error_set(err, e, "cannot use the key ring in %s", home);
    gpgme_set_armor(ctx, 1);
    *ret = ctx;
    ctx = NULL;
    return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "download/sign.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "download/gpg.h"

extern char **environ;

/* Find the only usable secret key that matches NAME (NULL: any).  Returns 1, or
 * 0 if no key matches. */
static int
find_key(gpgme_ctx_t ctx, const char *name, char **ret, struct error *err)
{
    gpgme_error_t e = gpgme_op_keylist_start(ctx, name, 1);
    int n = 0;

    for (gpgme_key_t key = NULL; !e;) {
        e = gpgme_op_keylist_next(ctx, &key);
        if (e)
            break;
        if (!key->revoked && !key->expired && !key->disabled && key->can_sign &&
            n++ == 0)
            *ret = strdup(key->fpr);
        gpgme_key_unref(key);
    }
    if (gpgme_err_code(e) != GPG_ERR_EOF)
        return gpg_error_set(err, e, "cannot list the secret keys");
    if (n > 1) {
        free(steal_pointer(ret));
        return error_set(err, EINVAL,
            "%d secret keys match '%s'; give the fingerprint of one", n,
            name ? name : "");
    }
    if (n == 1 && !*ret)
        return error_no_memory(err);
    return n;
}

int
signing_choose(struct signing *s, const char *name, struct error *err)
{
    cleanup_gpg_context gpgme_ctx_t ctx = NULL;

    if (gpg_context(s->home, &ctx, err) < 0)
        return -1;

    int n = find_key(ctx, name, &s->fingerprint, err);
    if (n == 0)
        return error_set(err, ENOKEY,
            "no usable secret key '%s'; 'gpg --list-secret-keys' "
            "shows them, --generate-key makes one",
            name);
    return n < 0 ? -1 : 0;
}

int
signing_generate(struct signing *s, struct error *err)
{
    cleanup_gpg_context gpgme_ctx_t ctx = NULL;

    if (make_directories(s->home, 0700, err) < 0 ||
        gpg_context(s->home, &ctx, err) < 0)
        return -1;

    int n = find_key(ctx, NULL, &s->fingerprint, err);
    if (n != 0)
        return n < 0 ? -1 : 0;

    gpgme_error_t e = gpgme_op_createkey(ctx, "Mayfly template repository",
        "ed25519", 0, 0, NULL,
        GPGME_CREATE_SIGN | GPGME_CREATE_NOPASSWD | GPGME_CREATE_NOEXPIRE);
    if (e)
        return gpg_error_set(err, e, "cannot make a key in %s", s->home);

    gpgme_genkey_result_t made = gpgme_op_genkey_result(ctx);
    s->fingerprint = made && made->fpr ? strdup(made->fpr) : NULL;
    if (!s->fingerprint)
        return error_set(err, ENOMEM, "cannot make a key in %s", s->home);
    return 0;
}

/* A copy of the content of DATA, with a NUL after it; releases DATA. */
static char *
take_data(gpgme_data_t *data, size_t *ret_size, struct error *err)
{
    size_t size = 0;
    char *memory = gpgme_data_release_and_get_mem(*data, &size);
    char *copy = memory ? strndup(memory, size) : strdup("");

    *data = NULL;
    gpgme_free(memory);
    if (!copy)
        error_no_memory(err);
    *ret_size = size;
    return copy;
}

char *
signing_sign(const struct signing *s, const char *text, size_t size,
    size_t *ret_size, struct error *err)
{
    cleanup_gpg_context gpgme_ctx_t ctx = NULL;
    cleanup_gpg_key gpgme_key_t key = NULL;
    cleanup_gpg_data gpgme_data_t in = NULL, out = NULL;
    gpgme_error_t e;

    if (gpg_context(s->home, &ctx, err) < 0)
        return NULL;
    if ((e = gpgme_get_key(ctx, s->fingerprint, &key, 1)) ||
        (e = gpgme_signers_add(ctx, key)) ||
        (e = gpgme_data_new_from_mem(&in, text, size, 0)) ||
        (e = gpgme_data_new(&out)) ||
        (e = gpgme_op_sign(ctx, in, out, GPGME_SIG_MODE_CLEAR)))
        return gpg_error_set(
                   err, e, "cannot sign with the key %s", s->fingerprint),
               NULL;
    return take_data(&out, ret_size, err);
}

char *
signing_public_key(const struct signing *s, size_t *ret_size, struct error *err)
{
    cleanup_gpg_context gpgme_ctx_t ctx = NULL;
    cleanup_gpg_data gpgme_data_t out = NULL;
    gpgme_error_t e;

    if (gpg_context(s->home, &ctx, err) < 0)
        return NULL;
    if ((e = gpgme_data_new(&out)) ||
        (e = gpgme_op_export(ctx, s->fingerprint, 0, out)))
        return gpg_error_set(
                   err, e, "cannot export the key %s", s->fingerprint),
               NULL;
    return take_data(&out, ret_size, err);
}

void
signing_close(struct signing *s)
{
    free(steal_pointer(&s->fingerprint));
    if (!s->home)
        return;

    char program[] = "gpgconf", homedir[] = "--homedir", kill_it[] = "--kill";
    char agent[] = "gpg-agent";
    cleanup_free char *home = strdup(s->home);
    char *const argv[] = {program, homedir, home, kill_it, agent, NULL};
    pid_t pid;

    if (home && posix_spawnp(&pid, program, NULL, NULL, argv, environ) == 0)
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            ;
}

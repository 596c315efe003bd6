/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt's questions when a connection needs a password.
 *
 * libvirt calls back while it connects; that becomes an event, and the
 * program's handler of the event answers by the calls below, which work only
 * from within the handler. libvirt decides what an unanswered question
 * means. */
#include <config.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "compat-own.h"
#include "compat/handle.h"

#ifdef HAVE_LIBVIRT
#include "compat/libvirt.h"

static const struct {
    int type;
    const char *name;
} credentials[CREDENTIAL_TYPES] = {
    {VIR_CRED_USERNAME, "username"},
    {VIR_CRED_AUTHNAME, "authname"},
    {VIR_CRED_LANGUAGE, "language"},
    {VIR_CRED_CNONCE, "cnonce"},
    {VIR_CRED_PASSPHRASE, "passphrase"},
    {VIR_CRED_ECHOPROMPT, "echoprompt"},
    {VIR_CRED_NOECHOPROMPT, "noechoprompt"},
    {VIR_CRED_REALM, "realm"},
    {VIR_CRED_EXTERNAL, "external"},
};

int
own_set_libvirt_supported_credentials(guestfs_h *g, char *const *creds)
{
    int types[CREDENTIAL_TYPES];
    size_t n = strv_length(creds);

    if (n > CREDENTIAL_TYPES)
        return call_error(g, EINVAL,
            "%zu types of credentials, but only %d exist", n, CREDENTIAL_TYPES);
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;

        while (
            k < CREDENTIAL_TYPES && !str_equal(creds[i], credentials[k].name))
            k++;
        if (k == CREDENTIAL_TYPES)
            return call_error(
                g, EINVAL, "unknown type of credential '%s'", creds[i]);
        types[i] = credentials[k].type;
    }
    memcpy(g->credential_types, types, n * sizeof *types);
    g->n_credential_types = (unsigned)n;
    return 0;
}

static int
ask(virConnectCredentialPtr wanted, unsigned int n, void *data)
{
    guestfs_h *g = data;

    for (unsigned i = 0; i < n; i++) {
        wanted[i].result = NULL;
        wanted[i].resultlen = 0;
    }
    g->credentials = wanted;
    g->n_credentials = n;
    event_text(g, GUESTFS_EVENT_LIBVIRT_AUTH, g->libvirt_uri);
    return 0;
}

virConnectAuth
libvirt_auth(guestfs_h *g, const struct libvirt *v)
{
    if (g->n_credential_types == 0 ||
        !event_heard(g, GUESTFS_EVENT_LIBVIRT_AUTH))
        return **v->default_auth;
    return (virConnectAuth){
        .credtype = g->credential_types,
        .ncredtype = g->n_credential_types,
        .cb = ask,
        .cbdata = g,
    };
}

/* The question with that number; NULL with the error reported. */
static virConnectCredentialPtr
question(guestfs_h *g, int number)
{
    if (g->n_credentials == 0) {
        call_error(g, EINVAL,
            "libvirt is asking for nothing; call this only from a handler of "
            "the event libvirt_auth");
        return NULL;
    }
    if (number < 0 || (unsigned)number >= g->n_credentials) {
        call_error(g, EINVAL,
            "libvirt asks for %u credentials; invalid index %d",
            g->n_credentials, number);
        return NULL;
    }
    return (virConnectCredentialPtr)g->credentials + number;
}

static const char *
type_name(int type)
{
    for (size_t i = 0; i < CREDENTIAL_TYPES; i++)
        if (credentials[i].type == type)
            return credentials[i].name;
    return "unknown";
}

char **
own_get_libvirt_requested_credentials(guestfs_h *g)
{
    cleanup_strv char **names = NULL;

    if (!question(g, 0))
        return NULL;
    for (unsigned i = 0; i < g->n_credentials; i++) {
        virConnectCredentialPtr c = g->credentials;

        if (strv_append(&names, type_name(c[i].type)) < 0) {
            call_no_memory(g);
            return NULL;
        }
    }
    return steal_pointer(&names);
}

static char *
text_of(guestfs_h *g, const char *text)
{
    return call_copy(g, text ? text : "");
}

char *
own_get_libvirt_requested_credential_prompt(guestfs_h *g, int index)
{
    virConnectCredentialPtr c = question(g, index);

    return c ? text_of(g, c->prompt) : NULL;
}

char *
own_get_libvirt_requested_credential_challenge(guestfs_h *g, int index)
{
    virConnectCredentialPtr c = question(g, index);

    return c ? text_of(g, c->challenge) : NULL;
}

char *
own_get_libvirt_requested_credential_defresult(guestfs_h *g, int index)
{
    virConnectCredentialPtr c = question(g, index);

    return c ? text_of(g, c->defresult) : NULL;
}

/* libvirt frees the answer; some of its drivers read up to a NUL. */
int
own_set_libvirt_requested_credential(
    guestfs_h *g, int index, const char *cred, size_t cred_size)
{
    virConnectCredentialPtr c = question(g, index);
    char *copy = c ? malloc(cred_size + 1) : NULL;

    if (!c)
        return -1;
    if (!copy || cred_size > UINT_MAX) {
        free(copy);
        call_no_memory(g);
        return -1;
    }
    memcpy(copy, cred, cred_size);
    copy[cred_size] = '\0';
    free(c->result);
    c->result = copy;
    c->resultlen = (unsigned)cred_size;
    return 0;
}

#else

/* The answer of all of them. */
static int
not_built(guestfs_h *g)
{
    return call_error(g, ENOTSUP,
        "Mayfly was built without libvirt, so libvirt asks for nothing");
}

int
own_set_libvirt_supported_credentials(guestfs_h *g, char *const *creds)
{
    (void)creds;
    return not_built(g);
}

char **
own_get_libvirt_requested_credentials(guestfs_h *g)
{
    not_built(g);
    return NULL;
}

char *
own_get_libvirt_requested_credential_prompt(guestfs_h *g, int index)
{
    (void)index;
    not_built(g);
    return NULL;
}

char *
own_get_libvirt_requested_credential_challenge(guestfs_h *g, int index)
{
    (void)index;
    not_built(g);
    return NULL;
}

char *
own_get_libvirt_requested_credential_defresult(guestfs_h *g, int index)
{
    (void)index;
    not_built(g);
    return NULL;
}

int
own_set_libvirt_requested_credential(
    guestfs_h *g, int index, const char *cred, size_t cred_size)
{
    (void)index;
    (void)cred;
    (void)cred_size;
    return not_built(g);
}

#endif

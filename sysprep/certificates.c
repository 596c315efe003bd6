/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates.  The system's store is a copy of them, which the guest's own
 * program makes. */
#include <config.h>

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "sysprep/operations.h"
#include "tool/print.h"

int
run_ca_certificates(struct work *w, struct error *err)
{
    static const char *const patterns[] = {
        "/etc/pki/CA/certs/*.crt",
        "/etc/pki/CA/crl/*.crt",
        "/etc/pki/CA/newcerts/*.crt",
        "/etc/pki/CA/private/*.key",
        "/etc/pki/tls/private/*.key",
        "/etc/pki/tls/certs/*.crt",
        NULL,
    };
    static const char *const except[] = {
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/pki/tls/certs/ca-bundle.trust.crt",
        NULL,
    };
    size_t before = w->n_removed;
    int r = remove_matches(w, patterns, except, true, err);

    w->update_store |= w->n_removed > before;
    return r;
}

int
run_ipa_client(struct work *w, struct error *err)
{
    static const char *const files[] = {
        "/etc/ipa/ca.crt",
        "/etc/ipa/default.conf",
        "/var/lib/ipa-client/sysrestore/*",
        "/var/lib/ipa-client/pki/*",
        NULL,
    };
    static const char *const certificates[] = {
        "/etc/pki/ca-trust/source/anchors/ipa-ca.crt",
        "/usr/local/share/ca-certificates/ipa-ca.crt",
        "/etc/pki/ca-trust/source/ipa.p11-kit",
        NULL,
    };

    if (remove_matches(w, files, NULL, true, err) < 0)
        return -1;
    size_t before = w->n_removed;
    int r = remove_matches(w, certificates, NULL, true, err);
    w->update_store |= w->n_removed > before;
    return r;
}

int
update_store(struct work *w, struct error *err)
{
    static const char *const programs[][2] = {
        {"/usr/sbin/update-ca-certificates", "update-ca-certificates"},
        {"/usr/bin/update-ca-trust", "update-ca-trust"},
        {"/usr/bin/trust", "trust extract-compat"},
    };

    (void)err;
    for (size_t i = 0; i < N_ELEMENTS(programs); i++) {
        cleanup_free char *output = NULL;

        if (!job_is_file(&w->job, programs[i][0]))
            continue;
        job_say(&w->job, false, "Updating the store of certificates: %s",
            programs[i][1]);
        if (mayfly_sh(w->job.g, programs[i][1], &output) < 0)
            tool_warning("the store of certificates could not be updated; run "
                         "'%s' in the guest: %s",
                programs[i][1], mayfly_last_error(w->job.g));
        return 0;
    }
    tool_warning("certificates were removed, and the guest has no program that "
                 "updates the store made of them");
    return 0;
}

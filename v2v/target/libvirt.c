/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -o libvirt: images, and a domain defined in libvirt. virsh does that, as one
 * would by hand with the XML of -o local, so that libvirt's library is not
 * needed. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/subprocess.h"
#include "v2v/target/target.h"

static int
define(const char *connection, const char *xml, struct error *err)
{
    cleanup_strv char **argv = NULL;
    cleanup_subprocess struct subprocess s = {0};

    if (strv_append(&argv, "virsh") < 0 || strv_append(&argv, "-q") < 0 ||
        (connection && (strv_append(&argv, "-c") < 0 ||
                           strv_append(&argv, connection) < 0)) ||
        strv_append(&argv, "define") < 0 || strv_append(&argv, xml) < 0)
        return error_set(err, ENOMEM, "no memory");
    if (subprocess_start(&s, VIRSH, argv, NULL, 0, err) < 0 ||
        subprocess_wait(&s, err) < 0)
        return error_context(err,
            "libvirt rejects the domain (the images and %s are kept)", xml);
    return 0;
}

static int
write_domain(const struct result *r, struct error *err)
{
    cleanup_free char *xml =
        text_printf("%s/%s.xml", r->folder, r->guest->name);

    if (!xml)
        return error_set(err, ENOMEM, "no memory");
    return target_write_domain(r, err) < 0 ? -1
                                           : define(r->connection, xml, err);
}

const struct target target_libvirt = {
    .name = "libvirt",
    .help = "images and a libvirt domain (-oc URI)",
    .copies = true,
    .write = write_domain,
};

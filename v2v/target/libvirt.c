/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -o libvirt: images, and a domain defined in libvirt. virsh does that, as one
 * would by hand with the XML of -o local, so that libvirt's library is not
 * needed. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "base/subprocess.h"
#include "tool/signals.h"
#include "v2v/target/target.h"

static int
define(const char *connection, const char *xml, struct error *err)
{
    const char *const here[] = {"virsh", "-q", "define", xml, NULL};
    const char *const there[] = {
        "virsh", "-q", "-c", connection, "define", xml, NULL};
    const struct subprocess_spec spec = {
        .program = VIRSH,
        .argv = connection ? there : here,
        .interrupted = tool_interrupted,
        .terminal = true,
    };

    if (subprocess_run(&spec, err) < 0)
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
        return error_no_memory(err);
    return target_write_domain(r, err) < 0 ? -1
                                           : define(r->connection, xml, err);
}

const struct target target_libvirt = {
    .name = "libvirt",
    .help = "images and a libvirt domain (-oc URI)",
    .copies = true,
    .large_sectors = true,
    .write = write_domain,
};

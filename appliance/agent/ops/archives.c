/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tar and cpio archives into and out of directories of the guest. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/guest/path.h"
#include "appliance/agent/guest/root.h"
#include "appliance/agent/tree/archive.h"
#include "appliance/agent/tree/pack.h"
#include "appliance/agent/tree/unpack.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "ops-archives.h"

int
op_internal_tar_in(struct call *c, const struct api_internal_tar_in_args *args)
{
    struct unpack_options options = {
        .xattrs = args->xattrs,
        .selinux = args->selinux,
        .acls = args->acls,
        .keepdirlink = args->keepdirlink,
    };

    return unpack(c, args->directory, &options);
}

/* Names in pax headers are UTF-8; in the C locale libarchive could not make
 * them. */
static void
free_utf8(void *opaque)
{
    uselocale(LC_GLOBAL_LOCALE);
    freelocale(opaque);
}

static void
use_utf8(struct call *c)
{
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);

    if (utf8 == (locale_t)0)
        return;
    call_defer(c, free_utf8, utf8);
    uselocale(utf8);
}

static int
pack(struct call *c, struct pack *p, const char *directory)
{
    p->c = c;
    cleanup_close int fd = path_open(c, directory, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0 || pack_write_stream(c, p->to) < 0 ||
        guest_root_enter(c, "/") < 0 ||
        pack_directory(p, steal_fd(&fd), directory) < 0)
        return -1;
    guest_root_leave(c);
    if (archive_write_close(p->to) != ARCHIVE_OK)
        return pack_fail(c, p->to, directory);
    return 0;
}

static int
pack_tar(struct call *c, struct pack *p, const char *directory)
{
    p->to = pack_new_writer(c);
    if (!p->to)
        return -1;
    /* As GNU tar does: its own format, in which names are just bytes; that of
     * POSIX where there is more to store about a file. */
    if (p->xattrs || p->selinux || p->acls) {
        archive_write_set_format_pax_restricted(p->to);
        archive_write_set_options(p->to, "xattrheader=SCHILY");
        use_utf8(c);
    } else {
        archive_write_set_format_gnutar(p->to);
    }
    p->prefix = "./";
    return pack(c, p, directory);
}

int
op_internal_tar_out(
    struct call *c, const struct api_internal_tar_out_args *args)
{
    struct pack *p = call_alloc(c, sizeof *p);

    *p = (struct pack){.excludes = args->excludes,
        .n_excludes = args->n_excludes,
        .xattrs = args->xattrs,
        .selinux = args->selinux,
        .acls = args->acls,
        .names = !args->numericowner};
    return pack_tar(c, p, args->directory);
}

int
op_cpio_out(struct call *c, const struct api_cpio_out_args *args)
{
    struct pack *p = call_alloc(c, sizeof *p);

    if (args->format && !str_equal(args->format, "newc"))
        return call_error(
            c, ENOTSUP, "cpio format '%s' is not supported", args->format);
    p->to = pack_new_writer(c);
    if (!p->to)
        return -1;
    archive_write_set_format_cpio_newc(p->to);
    p->prefix = "./";
    return pack(c, p, args->directory);
}

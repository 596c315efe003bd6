/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Old names of calls about disks and file systems, for things that newer calls
 * do by an option. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>

#include "compat-own.h"
#include "compat/call.h"

static int
check(guestfs_h *g, int result)
{
    return result < 0 ? call_mayfly_error(g) : result;
}

/* Either side may be a file or a device. */
int
own_dd(guestfs_h *g, const char *src, const char *dest)
{
    bool from_device = str_after(src, "/dev/");
    bool to_device = str_after(dest, "/dev/");

    if (from_device && to_device)
        return check(g, mayfly_copy_device_to_device(g->m, src, dest, NULL));
    if (from_device)
        return check(g, mayfly_copy_device_to_file(g->m, src, dest, NULL));
    if (to_device)
        return check(g, mayfly_copy_file_to_device(g->m, src, dest, NULL));
    return check(g, mayfly_copy_file_to_file(g->m, src, dest, NULL));
}

/* In libguestfs it never did anything, and reports that. */
int
own_blockdev_setbsz(guestfs_h *g, const char *device, int blocksize)
{
    (void)g;
    (void)device;
    (void)blocksize;
    return 0;
}

int
own_ntfsresize_size(guestfs_h *g, const char *device, int64_t size)
{
    struct mayfly_ntfsresize_options options = {
        .set = MAYFLY_NTFSRESIZE_SIZE, .size = size};

    return check(g, mayfly_ntfsresize(g->m, device, &options));
}

/* --- ext journals on separate devices --- */

static int
make_journal(guestfs_h *g, int blocksize, const char *label, const char *uuid,
    const char *device)
{
    struct mayfly_mke2fs_options options = {
        .set = MAYFLY_MKE2FS_BLOCKSIZE | MAYFLY_MKE2FS_JOURNALDEV |
               MAYFLY_MKE2FS_FORCECREATE | (label ? MAYFLY_MKE2FS_LABEL : 0) |
               (uuid ? MAYFLY_MKE2FS_UUID : 0),
        .blocksize = blocksize,
        .journaldev = true,
        .forcecreate = true,
        .label = label,
        .uuid = uuid,
    };

    return check(g, mayfly_mke2fs(g->m, device, &options));
}

int
own_mke2journal(guestfs_h *g, int blocksize, const char *device)
{
    return make_journal(g, blocksize, NULL, NULL, device);
}

int
own_mke2journal_L(
    guestfs_h *g, int blocksize, const char *label, const char *device)
{
    return make_journal(g, blocksize, label, NULL, device);
}

int
own_mke2journal_U(
    guestfs_h *g, int blocksize, const char *uuid, const char *device)
{
    return make_journal(g, blocksize, NULL, uuid, device);
}

static int
make_with_journal(guestfs_h *g, const char *fstype, int blocksize,
    const char *device, const char *journal)
{
    struct mayfly_mke2fs_options options = {
        .set = MAYFLY_MKE2FS_BLOCKSIZE | MAYFLY_MKE2FS_FSTYPE |
               MAYFLY_MKE2FS_JOURNALDEVICE | MAYFLY_MKE2FS_FORCECREATE,
        .blocksize = blocksize,
        .fstype = fstype,
        .journaldevice = journal,
        .forcecreate = true,
    };

    return check(g, mayfly_mke2fs(g->m, device, &options));
}

int
own_mke2fs_J(guestfs_h *g, const char *fstype, int blocksize,
    const char *device, const char *journal)
{
    return make_with_journal(g, fstype, blocksize, device, journal);
}

/* Use the journal on the device whose NAME has this value. */
static int
make_with_found(guestfs_h *g, const char *fstype, int blocksize,
    const char *device, const char *name, const char *value)
{
    cleanup_free char *journal = text_printf("%s=%s", name, value);

    if (!journal) {
        call_no_memory(g);
        return -1;
    }
    return make_with_journal(g, fstype, blocksize, device, journal);
}

int
own_mke2fs_JL(guestfs_h *g, const char *fstype, int blocksize,
    const char *device, const char *label)
{
    return make_with_found(g, fstype, blocksize, device, "LABEL", label);
}

int
own_mke2fs_JU(guestfs_h *g, const char *fstype, int blocksize,
    const char *device, const char *uuid)
{
    return make_with_found(g, fstype, blocksize, device, "UUID", uuid);
}

/* --- the geometry of xfs, from text to numbers --- */

/* Values such as 512, and "version 2". */
static uint64_t
number_of(char *const *pairs, const char *key)
{
    const char *text = strv_value(pairs, key);

    return strtoull(text + strcspn(text, "0123456789"), NULL, 10);
}

/* "internal log" was "internal". */
static char *
word_of(char *const *pairs, const char *key)
{
    const char *text = strv_value(pairs, key);

    return strndup(text, strcspn(text, " "));
}

struct guestfs_xfsinfo *
own_xfs_info(guestfs_h *g, const char *pathordevice)
{
    struct guestfs_xfsinfo *r = calloc(1, sizeof *r);
    cleanup_free char **pairs = NULL;

    if (mayfly_xfs_info2(g->m, pathordevice, &pairs) < 0) {
        call_mayfly_error(g);
        free(r);
        return NULL;
    }
    if (r) {
        r->xfs_mntpoint = strdup(strv_value(pairs, "meta-data"));
        r->xfs_logname = word_of(pairs, "log");
        r->xfs_rtname = strdup(strv_value(pairs, "realtime"));
    }
    if (!r || !r->xfs_mntpoint || !r->xfs_logname || !r->xfs_rtname) {
        guestfs_free_xfsinfo(r);
        call_no_memory(g);
        return NULL;
    }
#define TAKE(field, key) r->field = (__typeof__(r->field))number_of(pairs, key)
    TAKE(xfs_inodesize, "meta-data.isize");
    TAKE(xfs_agcount, "meta-data.agcount");
    TAKE(xfs_agsize, "meta-data.agsize");
    TAKE(xfs_sectsize, "meta-data.sectsz");
    TAKE(xfs_attr, "meta-data.attr");
    TAKE(xfs_blocksize, "data.bsize");
    TAKE(xfs_datablocks, "data.blocks");
    TAKE(xfs_imaxpct, "data.imaxpct");
    TAKE(xfs_sunit, "data.sunit");
    TAKE(xfs_swidth, "data.swidth");
    TAKE(xfs_dirversion, "naming");
    TAKE(xfs_dirblocksize, "naming.bsize");
    TAKE(xfs_cimode, "naming.ascii-ci");
    TAKE(xfs_logblocksize, "log.bsize");
    TAKE(xfs_logblocks, "log.blocks");
    TAKE(xfs_logversion, "log.version");
    TAKE(xfs_logsectsize, "log.sectsz");
    TAKE(xfs_logsunit, "log.sunit");
    TAKE(xfs_lazycount, "log.lazy-count");
    TAKE(xfs_rtextsize, "realtime.extsz");
    TAKE(xfs_rtblocks, "realtime.blocks");
    TAKE(xfs_rtextents, "realtime.rtextents");
#undef TAKE
    return r;
}

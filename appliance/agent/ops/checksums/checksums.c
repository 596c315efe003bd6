/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Checksums of files, devices and trees. */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gcrypt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/call/stream.h"
#include "appliance/agent/guest/content.h"
#include "appliance/agent/storage/file_or_device.h"
#include "appliance/agent/tree/walk.h"
#include "base/cleanup.h"
#include "base/strv.h"
#include "ops-checksums.h"

enum { CRC = -1 }; /* of POSIX cksum, which libgcrypt does not have */

static int
algorithm(struct call *c, const char *name, int *ret)
{
    static const struct {
        const char *name;
        int algorithm;
    } known[] = {
        {"crc", CRC},
        {"md5", GCRY_MD_MD5},
        {"sha1", GCRY_MD_SHA1},
        {"sha224", GCRY_MD_SHA224},
        {"sha256", GCRY_MD_SHA256},
        {"sha384", GCRY_MD_SHA384},
        {"sha512", GCRY_MD_SHA512},
    };

    if (!gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P)) {
        gcry_check_version(NULL);
        gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
        gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    }
    for (size_t i = 0; i < N_ELEMENTS(known); i++) {
        if (str_equal(name, known[i].name)) {
            *ret = known[i].algorithm;
            return 0;
        }
    }
    return call_error(c, EINVAL, "unknown checksum type '%s'", name);
}

/* The CRC of POSIX.1 cksum: polynomial 0x04c11db7, high bit first. */
static uint32_t
crc_feed(uint32_t crc, const unsigned char *p, size_t n)
{
    static uint32_t table[256];

    for (uint32_t i = 0; !table[255] && i < 256; i++) {
        uint32_t v = i << 24;
        for (int k = 0; k < 8; k++)
            v = v << 1 ^ (v & 0x80000000 ? 0x04c11db7 : 0);
        table[i] = v;
    }
    while (n-- > 0)
        crc = crc << 8 ^ table[crc >> 24 ^ *p++];
    return crc;
}

/* The number of bytes is fed last, its low byte first, without leading
 * zeroes. */
static uint32_t
crc_end(uint32_t crc, uint64_t size)
{
    for (; size > 0; size >>= 8) {
        unsigned char byte = (unsigned char)size;
        crc = crc_feed(crc, &byte, 1);
    }
    return ~crc;
}

static void
close_md(void *opaque)
{
    gcry_md_close(opaque);
}

/* A sum being made; made once, used for many files. */
struct sum {
    int algorithm;
    gcry_md_hd_t md;
    unsigned char *block;
    bool quiet;    /* no progress */
    uint64_t size; /* of the last file */
};

static int
sum_start(struct call *c, const char *type, struct sum *s)
{
    *s = (struct sum){.block = call_alloc(c, CONTENT_CHUNK)};
    if (algorithm(c, type, &s->algorithm) < 0)
        return -1;
    if (s->algorithm == CRC)
        return 0;
    gcry_error_t e = gcry_md_open(&s->md, s->algorithm, 0);
    if (e)
        return call_error(c, EIO, "%s: %s", type, gcry_strerror(e));
    call_defer(c, close_md, s->md);
    return 0;
}

/* The sum of what FD has, as text. */
static const char *
sum_file(struct call *c, struct sum *s, int fd, const char *path)
{
    uint32_t crc = 0;
    int64_t total = content_size(c, fd, path);

    if (total < 0)
        return NULL;
    if (s->md)
        gcry_md_reset(s->md);
    s->size = 0;
    for (;;) {
        ssize_t n = read(fd, s->block, CONTENT_CHUNK);
        if (n < 0 || (n > 0 && call_cancelled(c))) {
            call_fail(c, n < 0 ? errno : ECANCELED, "%s", path);
            return NULL;
        }
        if (n == 0)
            break;
        if (s->md)
            gcry_md_write(s->md, s->block, (size_t)n);
        else
            crc = crc_feed(crc, s->block, (size_t)n);
        s->size += (uint64_t)n;
        if (!s->quiet)
            call_progress(c, s->size, (uint64_t)total);
    }
    if (!s->md)
        return call_printf(c, "%u", crc_end(crc, s->size));

    const unsigned char *raw = gcry_md_read(s->md, 0);
    unsigned n = gcry_md_get_algo_dlen(s->algorithm);
    char *text = call_alloc(c, 2 * (size_t)n + 1);
    for (unsigned i = 0; i < n; i++)
        sprintf(text + 2 * (size_t)i, "%02x", raw[i]);
    return text;
}

int
op_internal_checksum(struct call *c,
    const struct api_internal_checksum_args *args,
    struct api_internal_checksum_ret *ret)
{
    struct sum sum;

    if (sum_start(c, args->csumtype, &sum) < 0)
        return -1;
    cleanup_close int fd = args->device ? device_open(c, args->name, O_RDONLY)
                                        : content_open(c, args->name);
    if (fd < 0)
        return -1;
    ret->value = sum_file(c, &sum, fd, args->name);
    return ret->value ? 0 : -1;
}

/* The library sums all other types, and asks only for crc. */
static int
sum_visit(struct walk *w, const struct walk_file *f)
{
    struct sum *s = w->opaque;

    if (f->type != DT_REG)
        return 0;
    cleanup_close int fd =
        openat(f->dirfd, f->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return call_fail(w->c, errno, "%s/%s", w->top, f->path);
    const char *text = sum_file(w->c, s, fd, f->path);
    if (!text)
        return -1;
    const char *line = call_printf(
        w->c, "%s %llu ./%s\n", text, (unsigned long long)s->size, f->path);
    return stream_write(w->c, line, strlen(line));
}

int
op_internal_checksums_out(
    struct call *c, const struct api_internal_checksums_out_args *args)
{
    struct sum sum;
    struct walk w = {
        .c = c, .top = args->directory, .visit = sum_visit, .opaque = &sum};

    if (sum_start(c, args->csumtype, &sum) < 0)
        return -1;
    sum.quiet = true;
    return walk_top(&w);
}

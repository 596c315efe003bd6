/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tar_in, tar_out and the like: the appliance makes and takes uncompressed
 * archives; a thread on the host compresses and decompresses. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "internal-calls.h"
#include "lib/rpc/host_files.h"
#include "lib/transfer/compress.h"
#include "lib/transfer/worker.h"

/* The worker's side of a call. */
struct compressing {
    const char *name;
    int level;
    int file; /* the compressed archive */
};

static int
run_compress(int fd, void *opaque, struct error *err)
{
    const struct compressing *k = opaque;

    return compress_fd(fd, k->file, k->name, k->level, err);
}

static int
run_decompress(int fd, void *opaque, struct error *err)
{
    const struct compressing *k = opaque;

    return decompress_fd(k->file, fd, k->name, err);
}

static int
fail(struct mayfly *g, const char *call, struct error *err)
{
    error_context(err, "%s", call);
    return handle_fail(g, err);
}

static int
check_name(struct mayfly *g, const char *call, const char *name)
{
    struct error err = {0};

    if (compression_known(name))
        return 0;
    error_set(&err, ENOTSUP, "compression '%s' is not supported", name);
    return fail(g, call, &err);
}

/* --- tar --- */

/* The option of a public CALL to the internal one, if it is set. */
#define PASS(CALL, FLAG, field)                                                \
    do {                                                                       \
        if (o && (o->set & MAYFLY_##CALL##_##FLAG)) {                          \
            options.set |= MAYFLY_INTERNAL_##CALL##_##FLAG;                    \
            options.field = o->field;                                          \
        }                                                                      \
    } while (0)

static int
plain_in(struct mayfly *g, const char *tarfile, const char *directory,
    const struct mayfly_tar_in_options *o)
{
    struct mayfly_internal_tar_in_options options = {0};

    PASS(TAR_IN, XATTRS, xattrs);
    PASS(TAR_IN, SELINUX, selinux);
    PASS(TAR_IN, ACLS, acls);
    PASS(TAR_IN, KEEPDIRLINK, keepdirlink);
    return mayfly_internal_tar_in(g, tarfile, directory, &options);
}

static int
tar_in(struct mayfly *g, const char *call, const char *tarfile,
    const char *directory, const char *compress,
    const struct mayfly_tar_in_options *options)
{
    struct compressing k = {.name = compress};
    struct pipe_worker w = {.g = g, .run = run_decompress, .opaque = &k};
    struct error err = {0};

    if (!tarfile || !compress)
        return plain_in(g, tarfile, directory, options) < 0
                   ? fail_as(g, call, "internal_tar_in")
                   : 0;
    if (check_name(g, call, compress) < 0)
        return -1;
    cleanup_close int file = k.file = files_open_input(tarfile, &err);
    if (file < 0)
        return fail(g, call, &err);
    if (pipe_worker_start(&w, false, call) < 0)
        return -1;
    return pipe_worker_finish(
        &w, call, "internal_tar_in", plain_in(g, w.stream, directory, options));
}

/* How a file is compressed that can be looked into; NULL: it is not. */
static const char *
compression_of(const char *path)
{
    unsigned char head[COMPRESSION_HEAD];
    struct stat st;

    if (!path)
        return NULL;
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return NULL;
    ssize_t n = pread(fd, head, sizeof head, 0);
    return n > 0 ? compression_recognise(head, (size_t)n) : NULL;
}

MAYFLY_PUBLIC int
mayfly_tar_in(struct mayfly *g, const char *tarfile, const char *directory,
    const struct mayfly_tar_in_options *options)
{
    bool compressed = options && (options->set & MAYFLY_TAR_IN_COMPRESS);

    return tar_in(g, "tar_in", tarfile, directory,
        compressed ? options->compress : compression_of(tarfile), options);
}

MAYFLY_PUBLIC int
mayfly_tgz_in(struct mayfly *g, const char *tarball, const char *directory)
{
    return tar_in(g, "tgz_in", tarball, directory, "gzip", NULL);
}

MAYFLY_PUBLIC int
mayfly_txz_in(struct mayfly *g, const char *tarball, const char *directory)
{
    return tar_in(g, "txz_in", tarball, directory, "xz", NULL);
}

static int
plain_out(struct mayfly *g, const char *directory, const char *tarfile,
    const struct mayfly_tar_out_options *o)
{
    struct mayfly_internal_tar_out_options options = {0};

    PASS(TAR_OUT, NUMERICOWNER, numericowner);
    PASS(TAR_OUT, EXCLUDES, excludes);
    PASS(TAR_OUT, XATTRS, xattrs);
    PASS(TAR_OUT, SELINUX, selinux);
    PASS(TAR_OUT, ACLS, acls);
    return mayfly_internal_tar_out(g, directory, tarfile, &options);
}

static int
tar_out(struct mayfly *g, const char *call, const char *directory,
    const char *tarfile, const char *compress,
    const struct mayfly_tar_out_options *options)
{
    struct compressing k = {.name = compress, .level = -1};
    struct pipe_worker w = {.g = g, .run = run_compress, .opaque = &k};
    cleanup_output struct output out = {.fd = -1};
    struct error err = {0};

    if (!tarfile || !compress)
        return plain_out(g, directory, tarfile, options) < 0
                   ? fail_as(g, call, "internal_tar_out")
                   : 0;
    if (check_name(g, call, compress) < 0)
        return -1;
    k.file = files_open_output(tarfile, &out, &err);
    if (k.file < 0)
        return fail(g, call, &err);
    if (pipe_worker_start(&w, true, call) < 0 ||
        pipe_worker_finish(&w, call, "internal_tar_out",
            plain_out(g, directory, w.stream, options)) < 0)
        return -1;
    return files_publish(&out, &err) < 0 ? fail(g, call, &err) : 0;
}

MAYFLY_PUBLIC int
mayfly_tar_out(struct mayfly *g, const char *directory, const char *tarfile,
    const struct mayfly_tar_out_options *options)
{
    bool compressed = options && (options->set & MAYFLY_TAR_OUT_COMPRESS);

    return tar_out(g, "tar_out", directory, tarfile,
        compressed ? options->compress : NULL, options);
}

MAYFLY_PUBLIC int
mayfly_tgz_out(struct mayfly *g, const char *directory, const char *tarball)
{
    return tar_out(g, "tgz_out", directory, tarball, "gzip", NULL);
}

MAYFLY_PUBLIC int
mayfly_txz_out(struct mayfly *g, const char *directory, const char *tarball)
{
    return tar_out(g, "txz_out", directory, tarball, "xz", NULL);
}

/* --- one file --- */

/* For download, a name below /dev is a device; any other is not. */
static int
compress_out(struct mayfly *g, const char *call, const char *name,
    const char *file, bool device, const char *zfile, int level)
{
    struct compressing k = {.name = name, .level = level};
    struct pipe_worker w = {.g = g, .run = run_compress, .opaque = &k};
    cleanup_output struct output out = {.fd = -1};
    struct error err = {0};

    if (!name || !file || !zfile || device != !!str_after(file, "/dev/")) {
        error_set(&err, EINVAL, "%s: not the name of a %s", file ? file : "",
            device ? "device" : "file of the guest");
        return fail(g, call, &err);
    }
    if (check_name(g, call, name) < 0)
        return -1;
    k.file = files_open_output(zfile, &out, &err);
    if (k.file < 0)
        return fail(g, call, &err);
    if (pipe_worker_start(&w, true, call) < 0 ||
        pipe_worker_finish(
            &w, call, "download", mayfly_download(g, file, w.stream)) < 0)
        return -1;
    return files_publish(&out, &err) < 0 ? fail(g, call, &err) : 0;
}

MAYFLY_PUBLIC int
mayfly_compress_out(struct mayfly *g, const char *ctype, const char *file,
    const char *zfile, const struct mayfly_compress_out_options *o)
{
    bool level = o && (o->set & MAYFLY_COMPRESS_OUT_LEVEL);

    return compress_out(
        g, "compress_out", ctype, file, false, zfile, level ? o->level : -1);
}

MAYFLY_PUBLIC int
mayfly_compress_device_out(struct mayfly *g, const char *ctype,
    const char *device, const char *zdevice,
    const struct mayfly_compress_device_out_options *o)
{
    bool level = o && (o->set & MAYFLY_COMPRESS_DEVICE_OUT_LEVEL);

    return compress_out(g, "compress_device_out", ctype, device, true, zdevice,
        level ? o->level : -1);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* checksum, checksum_device and checksums_out: the bytes are brought to the
 * host and summed there; an emulated processor would take several times as
 * long. */
#include <config.h>

#include <string.h>

#include "base/hash.h"
#include "internal-calls.h"
#include "lib/rpc/host_files.h"
#include "lib/transfer/tree_checksums.h"
#include "lib/transfer/worker.h"

struct sum {
    enum hash_kind kind;
    char *text;
};

static int
run_hash(int fd, void *opaque, struct error *err)
{
    struct sum *s = opaque;

    s->text = hash_fd(s->kind, fd, err);
    return s->text ? 0 : -1;
}

static bool
find_kind(const char *name, enum hash_kind *ret)
{
    static const char *const names[] = {
        [HASH_MD5] = "md5",
        [HASH_SHA1] = "sha1",
        [HASH_SHA224] = "sha224",
        [HASH_SHA256] = "sha256",
        [HASH_SHA384] = "sha384",
        [HASH_SHA512] = "sha512",
    };

    for (size_t i = 0; name && i < N_ELEMENTS(names); i++) {
        if (str_equal(name, names[i])) {
            *ret = (enum hash_kind)i;
            return true;
        }
    }
    return false;
}

static int
checksum(struct mayfly *g, const char *call, const char *type, const char *name,
    bool device, char **ret)
{
    struct sum sum = {0};
    struct pipe_worker w = {.g = g, .run = run_hash, .opaque = &sum};

    /* For download, a name below /dev is a device; any other is not. */
    if (!name || device != !!str_after(name, "/dev/") ||
        !find_kind(type, &sum.kind))
        return mayfly_internal_checksum(g, type, name, device, ret) < 0
                   ? fail_as(g, call, "internal_checksum")
                   : 0;
    if (pipe_worker_start(&w, true, call) < 0)
        return -1;
    if (pipe_worker_finish(
            &w, call, "download", mayfly_download(g, name, w.stream)) < 0) {
        free(sum.text);
        return -1;
    }
    *ret = sum.text;
    return 0;
}

MAYFLY_PUBLIC int
mayfly_checksum(
    struct mayfly *g, const char *csumtype, const char *path, char **ret)
{
    return checksum(g, "checksum", csumtype, path, false, ret);
}

MAYFLY_PUBLIC int
mayfly_checksum_device(
    struct mayfly *g, const char *csumtype, const char *device, char **ret)
{
    return checksum(g, "checksum_device", csumtype, device, true, ret);
}

/* --- checksums_out --- */

struct sums {
    enum hash_kind kind;
    int output;
};

static int
run_sums(int fd, void *opaque, struct error *err)
{
    const struct sums *s = opaque;

    return sums_of_contents(s->kind, fd, s->output, err);
}

static int
checksums_fail(struct mayfly *g, struct error *err)
{
    error_context(err, "checksums_out");
    return handle_fail(g, err);
}

MAYFLY_PUBLIC int
mayfly_checksums_out(struct mayfly *g, const char *csumtype,
    const char *directory, const char *sumsfile)
{
    struct sums sums = {0};
    struct pipe_worker w = {.g = g, .run = run_sums, .opaque = &sums};
    cleanup_output struct output out = {.fd = -1};
    struct error err = {0};

    if (!directory || !sumsfile || !find_kind(csumtype, &sums.kind))
        return mayfly_internal_checksums_out(g, csumtype, directory, sumsfile) <
                       0
                   ? fail_as(g, "checksums_out", "internal_checksums_out")
                   : 0;
    sums.output = files_open_output(sumsfile, &out, &err);
    if (sums.output < 0)
        return checksums_fail(g, &err);
    if (pipe_worker_start(&w, true, "checksums_out") < 0 ||
        pipe_worker_finish(&w, "checksums_out", "internal_contents_out",
            mayfly_internal_contents_out(g, directory, w.stream)) < 0)
        return -1;
    return files_publish(&out, &err) < 0 ? checksums_fail(g, &err) : 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: of QEMU's programs only qemu-img writes compressed
 * images.  It runs in the cage and never sees the image that is read: a block
 * server has that, and qemu-img gets a connected socket to it.
 *
 *     image <-- block server --NBD--> qemu-img --> new file */
#include <config.h>

#include "lib/blocks/compress.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/blocks/attach.h"
#include "lib/blocks/nbd.h"
#include "lib/blocks/server.h"
#include "lib/handle/handle.h"
#include "lib/known/layers.h"
#include "lib/qemu/argv.h"
#include "lib/qemu/environment.h"
#include "lib/qemu/find.h"
#include "lib/qemu/process.h"

/* Its open files. */
enum { FD_SOURCE = 3, FD_IMAGE };

static char **
make_argv(const char *program, enum image_format format)
{
    static const char *const packed[] = {"-c", "-O", "qcow2", NULL};
    static const char *const stream[] = {
        "-O", "vmdk", "-o", "subformat=streamOptimized", NULL};
    static const char *const files[] = {"--image-opts",
        "driver=nbd,server.type=fd,server.str=3", "/proc/self/fd/4", NULL};
    cleanup_strv char **argv = NULL;

    if (strv_append(&argv, program) < 0 || strv_append(&argv, "convert") < 0 ||
        strv_extend(&argv, format == IMAGE_VMDK ? stream : packed) < 0 ||
        strv_extend(&argv, files) < 0)
        return NULL;
    return steal_pointer(&argv);
}

static int
spawn(struct cage *cage, char *const *argv, int source, int image,
    struct qemu_process *ret, struct error *err)
{
    cleanup_strv char **env = qemu_environment(false);
    struct qemu_process_spec spec = {
        .argv = argv,
        .environment = env,
        .cage = cage,
        .files = {[FD_SOURCE - 3] = source, [FD_IMAGE - 3] = image},
        .n_files = 2,
        .output = -1,
    };

    return env ? qemu_process_spawn(&spec, ret, err) : error_no_memory(err);
}

static int
wait_for(struct mayfly *g, struct qemu_process *p, const char *program,
    struct error *err)
{
    struct pollfd cancel = {.fd = g->cancel_pipe[0], .events = POLLIN};

    while (!qemu_process_wait(p, 0.1))
        if (poll(&cancel, 1, 0) > 0)
            return error_set(err, ECANCELED, "cancelled");
    if (qemu_process_started(p, program, err) < 0)
        return -1;
    if (p->status == 0)
        return 0;
    cleanup_free char *words = qemu_process_last_words(p);
    return error_set(err,
        words && strstr(words, strerror(ENOSPC)) ? ENOSPC : EIO,
        QEMU_IMG_NAME ": %s", words ? words : "it failed without a reason");
}

/* It opens the file once more, as the cage's user. */
static int
give_away(int fd, uid_t user, struct error *err)
{
    return fchown(fd, user, (gid_t)-1) < 0
               ? error_errno(err, errno, "cannot give the new file to QEMU")
               : 0;
}

static int
run(struct mayfly *g, int source, int image, enum image_format format,
    struct error *err)
{
    cleanup_free char *program = qemu_find_img(err);
    cleanup_strv char **argv = program ? make_argv(program, format) : NULL;
    const struct cage_file files[] = {{image, true, true}};
    /* Of a filter of its own it knows nothing: none is missing. */
    const struct qemu_needs needs = {.sandbox = true};
    struct cage cage = {
        .binary = program,
        .address_space = QEMU_ADDRESS_SPACE,
        .files = files,
        .n_files = 1,
    };
    struct qemu_process process;
    struct stat st;

    if (!program)
        return -1;
    if (!argv)
        return error_no_memory(err);
    if (fstat(image, &st) < 0)
        return error_errno(err, errno, "cannot examine the new file");
    if (cage_prepare(&cage, err) < 0)
        return -1;
    int result = cage.drop ? give_away(image, cage.uid, err) : 0;
    if (result == 0)
        result = spawn(&cage, argv, source, image, &process, err);
    cage_clear(&cage);
    if (result == 0) {
        result = layers_demand(&process, program, &needs, err);
        if (result == 0)
            result = wait_for(g, &process, program, err);
        qemu_process_clear(&process);
    }
    if (cage.drop && give_away(image, st.st_uid, err) < 0)
        return -1;
    return result;
}

int
compress_disk(struct mayfly *g, const struct disk *d, enum image_format format,
    int fd, struct error *err)
{
    cleanup_block_server struct block_server *s = NULL;

    if (block_server_start(g, BLOCKS_HERE, &s, err) < 0 ||
        server_add_disk(g, s, d, false, "source", err) < 0)
        return -1;
    cleanup_close int source = nbd_connect(g, s, "source", false, err);
    return source < 0 ? -1 : run(g, source, fd, format, err);
}

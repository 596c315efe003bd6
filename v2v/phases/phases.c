/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: a folder next to the result holds, for each disk of the
 * guest, a copy and the digests of its blocks.  A pass reads the source, or the
 * parts that a dirty bitmap marks, and writes the blocks whose digests differ.
 *
 * The digests are the journal.  A block has no digest while it is written, so
 * whenever a run is killed, the next pass finds the blocks that differ from the
 * source.  This also holds during the conversion, which writes to the copies at
 * its end.  It does not hold in two cases, and then everything starts again:
 * the host went down, so it is unknown what reached the disk; or the copy is a
 * qcow2, whose tables were in memory. */
#include <config.h>

#include "v2v/phases/phases.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "v2v/copy/transfer.h"
#include "v2v/disks/import.h"
#include "v2v/disks/workspace.h"
#include "v2v/machine/device_name.h"
#include "v2v/source/reader.h"

enum phase
phase_find(const char *name)
{
    static const char *const names[] = {"full", "delta", "rehearse", "final"};

    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        if (str_equal(names[i], name))
            return (enum phase)(i + 1);
    return PHASE_NONE;
}

static char *
path_of(const struct phases *p, size_t i, const char *ending)
{
    return text_printf("%s/disk%zu.%s", p->folder, i, ending);
}

/* --- the state --- */

/* A partition has to become part of a disk, so it stays raw. */
static const char *
format_of(const struct guest_disk *d, const char *format)
{
    char letters[DEVICE_LETTERS];
    unsigned partition = 0;

    if (d->name && device_split(d->name, letters, &partition) && partition)
        return "raw";
    return format;
}

/* The disks that are copied, in order. */
static const struct guest_disk *
disk_at(const struct guest *guest, size_t n)
{
    for (size_t i = 0; i < guest->n_disks; i++)
        if (!guest->disks[i].removable && n-- == 0)
            return &guest->disks[i];
    return NULL;
}

static bool
is_of(
    const struct phase_state *s, const struct guest *guest, const char *format)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct guest_disk *d = disk_at(guest, i);

        if (!d || !str_equal(d->path, s->disks[i].source) ||
            !str_equal(format_of(d, format), s->disks[i].format))
            return false;
    }
    return s->n && !disk_at(guest, s->n);
}

/* Can the digests be trusted? */
static bool
is_sound(const struct phase_state *s, const char *boot)
{
    bool raw = true;

    for (size_t i = 0; i < s->n; i++)
        raw &= str_equal(s->disks[i].format, "raw");
    return s->whole || (raw && s->boot && str_equal(s->boot, boot));
}

static int
begin_anew(struct phases *p, const struct guest *guest, const char *format,
    struct error *err)
{
    const struct guest_disk *d;

    phase_state_clear(&p->state);
    for (size_t i = 0; (d = disk_at(guest, i)); i++) {
        cleanup_free char *image = path_of(p, i, "image");
        cleanup_free char *digests = path_of(p, i, "digests");

        if (!image || !digests)
            return error_no_memory(err);
        if ((unlink(image) < 0 && errno != ENOENT) ||
            (unlink(digests) < 0 && errno != ENOENT))
            return error_errno(err, errno, "cannot remove %s", image);
        p->state.disks[i] = (struct phase_disk){
            .source = strdup(d->path), .format = strdup(format_of(d, format))};
        p->state.n = i + 1;
        if (!p->state.disks[i].source || !p->state.disks[i].format)
            return error_no_memory(err);
    }
    return p->state.n ? 0 : error_set(err, EINVAL, "the machine has no disks");
}

static int
take_state(struct phases *p, enum phase phase, const struct guest *guest,
    const char *format, struct error *err)
{
    cleanup_free char *boot = phase_state_boot(err);

    if (!boot || phase_state_read(p->folder, &p->state, err) < 0)
        return -1;

    bool same = is_of(&p->state, guest, format);
    if (phase != PHASE_FULL && p->state.n && !same)
        return error_set(err, EINVAL,
            "%s is for other disks or another format; begin with --phase full",
            p->folder);
    if (phase != PHASE_FULL && (!same || p->state.passes == 0))
        return error_set(
            err, ENOENT, "no complete copy yet; begin with --phase full");

    bool sound = is_sound(&p->state, boot);
    if (phase != PHASE_FULL && !sound)
        return error_set(err, EINVAL,
            "the copy was interrupted, and it is unknown what reached the "
            "disk; begin again with --phase full");
    if (phase == PHASE_REHEARSE && !p->state.whole)
        return error_set(err, EINVAL,
            "the copy was interrupted; continue with --phase delta first");
    p->cut = !p->state.whole;
    if ((!same || !sound) && begin_anew(p, guest, format, err) < 0)
        return -1;
    free(p->state.boot);
    p->state.boot = steal_pointer(&boot);
    return 0;
}

/* Remove the sockets of a killed run. */
static void
remove_sockets(int folder)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cleanup_closedir DIR *dir = copy < 0 ? NULL : fdopendir(copy);
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        const char *ending = strrchr(entry->d_name, '.');

        if (ending && str_equal(ending, ".nbd"))
            unlinkat(folder, entry->d_name, 0);
    }
}

int
phases_open(struct phases *ret, enum phase phase, const char *folder,
    const struct guest *guest, const char *format, struct error *err)
{
    cleanup_free char *real = realpath(folder, NULL);
    struct phases p = {.lock = -1};
    cleanup_close int fd = -1;

    if (!real)
        return error_errno(err, errno, "cannot open %s", folder);
    if (!(p.folder = text_printf("%s/%s.transfer", real, guest->name)))
        return error_no_memory(err);
    if (phase == PHASE_FULL && mkdir(p.folder, 0700) < 0 && errno != EEXIST)
        error_errno(err, errno, "cannot make %s", p.folder);
    else if ((fd = open(p.folder,
                  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
        error_errno(err, errno,
            phase == PHASE_FULL ? "cannot open %s"
                                : "nothing was copied yet; begin with --phase "
                                  "full: %s",
            p.folder);
    else if ((p.lock = folder_lock(fd)) < 0)
        error_errno(err, errno, "another run uses %s", p.folder);
    else if (take_state(&p, phase, guest, format, err) == 0) {
        remove_sockets(fd);
        *ret = p;
        return 0;
    }
    phases_close(&p);
    return -1;
}

/* --- a pass --- */

struct pass {
    struct server sources[GUEST_DISKS_MAX];
    struct image images[GUEST_DISKS_MAX];
    struct transfer transfers[GUEST_DISKS_MAX];
    size_t n_transfers, n;
};

/* A missing image has no digests, and an image without digests is useless. */
static int
open_digests(const struct phases *p, size_t i, const char *image,
    bool *ret_fresh, struct error *err)
{
    cleanup_free char *path = path_of(p, i, "digests");
    cleanup_close int fd =
        path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return error_errno(err, errno, "cannot make %s", path ? path : "it");

    bool fresh = st.st_size == 0 || access(image, F_OK) < 0;
    if (fresh && ftruncate(fd, 0) < 0)
        return error_errno(err, errno, "cannot truncate %s", path);
    if (fresh && unlink(image) < 0 && errno != ENOENT)
        return error_errno(err, errno, "cannot remove %s", image);
    *ret_fresh = fresh;
    return steal_fd(&fd);
}

/* Its parts are copied as they are, pass by pass, and never all are here. */
static int
check_raw(const struct guest_disk *d, const struct server *s,
    const char *folder, struct error *err)
{
    bool raw = true;

    if (!server_is_remote(d->path))
        return 0;
    if (!d->format && server_looks_raw(s, folder, &raw, err) < 0)
        return -1;
    if (raw && (!d->format || str_equal(d->format, "raw")))
        return 0;
    return error_set(err, ENOTSUP,
        "it is %s%s%s, of which only the content can be copied in phases; "
        "serve that with qemu-nbd -f FORMAT",
        d->format ? "said to be a " : "an image of another format",
        d->format ? d->format : "", d->format ? " image" : "");
}

static int
add_transfer(struct pass *pass, const struct guest_disk *d,
    struct image_options *to, const struct phase_options *o, bool compare,
    struct error *err)
{
    struct server *server = &pass->sources[pass->n];
    const struct server_image from = {.path = d->path,
        .format = d->format && !server_is_remote(d->path) ? d->format : "raw",
        .tool = o->tool};

    /* As the library reports a disk that it cannot open. */
    if (server_start(server, &from, to->folder, err) < 0 ||
        check_raw(d, server, to->folder, err) < 0 ||
        server_size(server, &to->size, err) < 0) {
        err->code = err->code == ECANCELED ? ECANCELED : ENOMEDIUM;
        return -1;
    }
    if (image_open(&pass->images[pass->n], to, err) < 0)
        return -1;
    pass->transfers[pass->n_transfers++] = (struct transfer){
        .source = server,
        .target = &pass->images[pass->n],
        .visit = o->bitmap && !compare ? VISIT_DIRTY : VISIT_ALL,
        .bitmap = o->bitmap,
    };
    return 0;
}

static int
add_disk(struct pass *pass, const struct phases *p, const struct guest_disk *d,
    const struct phase_options *o, struct error *err)
{
    const struct disk_reader *reader = d->reader;
    bool fresh = true;
    cleanup_free char *path = path_of(p, pass->n, "image");
    cleanup_close int digests =
        path ? open_digests(p, pass->n, path, &fresh, err)
             : error_no_memory(err);
    bool compare =
        p->state.passes == 0 || p->state.converted || p->cut || fresh;
    int r;

    if (digests < 0)
        return -1;
    if (reader && !reader->copy)
        return error_set(err, ENOTSUP,
            "%s: this kind of source cannot be copied in phases", d->path);

    struct image_options to = {.path = path,
        .format = p->state.disks[pass->n].format,
        .folder = p->folder,
        .digests = digests};
    if (reader && reader != &reader_remote)
        r = import_image(d, &to, o->bwlimit, &pass->images[pass->n], err);
    else
        r = add_transfer(pass, d, &to, o, compare, err) < 0
                ? server_name(d->path, err)
                : 0;
    pass->n++;
    return r;
}

static int
finish(struct pass *pass, struct phase_totals *ret, struct error *err)
{
    struct phase_totals totals = {0};

    for (size_t i = 0; i < pass->n_transfers; i++) {
        if (image_finish(pass->transfers[i].target, true, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < pass->n; i++) {
        totals.read += pass->images[i].taken;
        totals.written += pass->images[i].written;
        if (fsync(pass->images[i].fd) < 0 ||
            digests_sync(&pass->images[i].digests) < 0)
            return error_errno(
                err, errno, "cannot write %s", pass->images[i].path);
    }
    *ret = totals;
    return 0;
}

int
phases_copy(struct phases *p, const struct guest *guest,
    const struct phase_options *o, struct phase_totals *ret, struct error *err)
{
    cleanup_free struct pass *pass = calloc(1, sizeof *pass);
    const struct guest_disk *d;
    int r = 0;

    if (!pass)
        return error_no_memory(err);
    for (size_t i = 0; i < GUEST_DISKS_MAX; i++)
        pass->images[i].fd = -1;
    p->state.whole = false;
    if (phase_state_write(p->folder, &p->state, err) < 0)
        return -1;
    for (size_t i = 0; r == 0 && (d = disk_at(guest, i)); i++)
        r = add_disk(pass, p, d, o, err);
    if (r == 0 && pass->n_transfers)
        r = transfer_run(
            pass->transfers, pass->n_transfers, "copy", o->bwlimit, err);
    if (r == 0)
        r = finish(pass, ret, err);
    for (size_t i = 0; i < pass->n; i++) {
        server_stop(&pass->sources[i]);
        image_close(&pass->images[i]);
    }
    if (r < 0)
        return -1;
    p->state.whole = true;
    p->state.converted = false;
    p->state.passes++;
    return phase_state_write(p->folder, &p->state, err);
}

/* --- the conversion --- */

int
phases_use(const struct phases *p, struct guest *guest, struct error *err)
{
    size_t n = 0;

    for (size_t i = 0; i < guest->n_disks; i++) {
        struct guest_disk *d = &guest->disks[i];

        if (d->removable)
            continue;

        cleanup_free char *path = path_of(p, n, "image");
        cleanup_free char *digests = path_of(p, n, "digests");
        cleanup_free char *format = strdup(p->state.disks[n].format);
        if (!path || !digests || !format)
            return error_no_memory(err);
        free(d->path);
        free(d->format);
        d->path = steal_pointer(&path);
        d->digests = steal_pointer(&digests);
        d->format = steal_pointer(&format);
        d->reader = NULL;
        n++;
    }
    return 0;
}

int
phases_give(struct phases *p, struct error *err)
{
    p->state.whole = false;
    p->state.converted = true;
    return phase_state_write(p->folder, &p->state, err);
}

void
phases_remove(struct phases *p)
{
    remove_tree(AT_FDCWD, p->folder);
    phases_close(p);
}

void
phases_close(struct phases *p)
{
    if (p->lock >= 0)
        close(p->lock);
    free(steal_pointer(&p->folder));
    phase_state_clear(&p->state);
    p->lock = -1;
}

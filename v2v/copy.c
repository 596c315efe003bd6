/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: one qemu-img for each disk, all at the same time.  It
 * asks the source where data is, so holes cost nothing on either side.  The
 * library has opened every overlay before, with all that is below it, so no
 * name in an image leads to a file that nobody allowed.  Flushing is left to
 * the commit, which does it once for the whole file. */
#include <config.h>

#include "v2v/copy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "tool/subprocess.h"

static int
no_memory(struct error *err)
{
    return error_set(err, ENOMEM, "no memory");
}

static int
start(struct subprocess *s, const char *overlay, const char *to,
    const char *format, struct error *err)
{
    cleanup_strv char **argv = NULL;
    /* A path may hold what looks like a protocol. */
    cleanup_free char *from = text_printf("file:%s", overlay);
    cleanup_free char *target = text_printf("file:%s", to);
    const char *const words[] = {"qemu-img", "convert", "-U", "-W", "-m", "16",
        "-t", "unsafe", "-f", "qcow2", "-O", format, from, target};

    if (!from || !target)
        return no_memory(err);
    for (size_t i = 0; i < N_ELEMENTS(words); i++)
        if (strv_append(&argv, words[i]) < 0)
            return no_memory(err);
    return subprocess_start(s, QEMU_IMG, argv, NULL, 0, err);
}

/* The final name, and the temporary one beside it. */
static int
prepare(struct copies *copies, size_t i, const char *folder, const char *name,
    const char *letters, struct error *err)
{
    cleanup_free char *path = text_printf("%s/%s-sd%s", folder, name, letters);
    struct stat st;

    if (!path)
        return no_memory(err);
    if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return error_set(err, EEXIST, "%s is there and no file", path);
    if (output_open(&copies->outputs[i], path, 0666, err) < 0)
        return -1;
    copies->n = i + 1;
    return strv_take(&copies->paths, steal_pointer(&path)) < 0 ? no_memory(err)
                                                               : 0;
}

int
copies_make(struct copies *copies, const struct disks *disks,
    const char *folder, const char *name, const char *format, struct error *err)
{
    cleanup_free struct subprocess *s = calloc(disks->n, sizeof *s);
    int r = 0;

    copies->outputs = calloc(disks->n, sizeof *copies->outputs);
    if (!s || !copies->outputs)
        return no_memory(err);
    for (size_t i = 0; r == 0 && i < disks->n; i++) {
        const struct target_disk *t = &disks->items[i];

        r = prepare(copies, i, folder, name, t->letters, err);
        if (r == 0)
            r = start(
                &s[i], t->overlay, copies->outputs[i].temporary, format, err);
    }
    for (size_t i = 0; i < disks->n; i++) {
        if (r == 0 && subprocess_wait(&s[i], err) < 0)
            r = error_context(
                err, "cannot copy disk %s", disks->items[i].letters);
        subprocess_stop(&s[i]);
    }
    return r;
}

int
copies_commit(struct copies *copies, struct error *err)
{
    for (size_t i = 0; i < copies->n; i++)
        if (output_commit(&copies->outputs[i], err) < 0)
            return -1;
    return 0;
}

void
copies_clear(struct copies *copies)
{
    for (size_t i = 0; i < copies->n; i++)
        output_abort(&copies->outputs[i]);
    free(copies->outputs);
    strv_free(copies->paths);
    *copies = (struct copies){0};
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* v2v-import SOURCE FILE DISK FOLDER: read a disk of a source as mayfly-v2v
 * does, to FOLDER/disk.raw, to be compared with the original.  A disk that QEMU
 * reads as it is, is not imported. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "v2v/disks/import.h"
#include "v2v/source/reader.h"
#include "v2v/source/source.h"

static int
import(
    const struct guest *guest, size_t i, const char *folder, struct error *err)
{
    cleanup_free char *path = NULL;

    if (i >= guest->n_disks)
        return error_set(err, ENOENT, "it has %zu disks", guest->n_disks);
    if (!guest->disks[i].reader)
        return error_set(err, EINVAL, "%s: QEMU reads this disk as it is",
            guest->disks[i].path);
    return import_disk(&guest->disks[i], folder, "disk", &path, err);
}

int
main(int argc, char **argv)
{
    cleanup_error struct error err = {0};
    cleanup_guest struct guest guest = {0};
    const struct tool tool = {0};
    const struct source *source = argc == 5 ? source_find(argv[1]) : NULL;
    size_t i = argc == 5 ? strtoul(argv[3], NULL, 10) : 0;

    if (!source)
        return 2;
    if (source->read(argv + 2, 1, &guest, &err) == 0 &&
        readers_find(&guest, &tool, &err) == 0 &&
        import(&guest, i, argv[4], &err) == 0)
        return 0;
    fprintf(stderr, "%s\n", error_text(&err));
    return 1;
}

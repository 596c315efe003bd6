/* SPDX-License-Identifier: GPL-2.0-or-later */
/* v2v-import SOURCE FILE DISK FOLDER: read a disk of a source as mayfly-v2v
 * does, to FOLDER/disk.raw, to be compared with the original. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "v2v/disks/import.h"
#include "v2v/source/reader.h"
#include "v2v/source/source.h"

int
main(int argc, char **argv)
{
    cleanup_error struct error err = {0};
    cleanup_guest struct guest guest = {0};
    const struct tool tool = {0};
    cleanup_free char *path = NULL;
    const struct source *source = argc == 5 ? source_find(argv[1]) : NULL;
    size_t i = argc == 5 ? strtoul(argv[3], NULL, 10) : 0;

    if (!source)
        return 2;
    if (source->read(argv + 2, 1, &guest, &err) == 0 && i < guest.n_disks &&
        readers_find(&guest, &tool, &err) == 0 &&
        import_disk(&guest.disks[i], argv[4], "disk", &path, &err) == 0)
        return 0;
    fprintf(stderr, "%s\n", error_text(&err));
    return 1;
}

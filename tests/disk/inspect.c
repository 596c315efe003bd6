/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Print what the header reader finds in a disk, for the shell tests:
 *     disk-inspect [-w] [-f FORMAT] [-t] FILE
 * One line per file: the image first, then its backing files.  -w opens for
 * writing; -t prints the time it took instead. */
#include <config.h>

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "lib/disk/disk.h"

static void
print_file(const struct disk_file *f)
{
    const struct image_header *h = &f->header;

    printf("format=%s size=%llu cluster=%u variant=%s backing=%s "
           "backing_format=%s data=%s extents=%u\n",
        image_format_name(h->format), (unsigned long long)h->size,
        h->cluster_size, h->variant ? h->variant : "-",
        h->backing ? h->backing : "-",
        h->backing_format ? h->backing_format : "-",
        h->data_file ? h->data_file : "-", h->n_extents);
}

int
main(int argc, char **argv)
{
    struct disk_options options = {.read_only = true};
    bool timed = false;
    struct disk *d = NULL;
    cleanup_error struct error err = {0};

    for (int c; (c = getopt(argc, argv, "wf:t")) != -1;) {
        if (c == 'w')
            options.read_only = false;
        else if (c == 'f')
            options.format = optarg;
        else if (c == 't')
            timed = true;
        else
            return 2;
    }
    if (optind + 1 != argc)
        return 2;

    double start = monotonic_seconds();
    if (disk_open(argv[optind], &options, &d, &err) < 0) {
        fprintf(stderr, "%s\n", error_text(&err));
        return 1;
    }
    if (timed)
        printf("%.6f\n", monotonic_seconds() - start);
    for (const struct disk_file *f = timed ? NULL : d->file; f; f = f->backing)
        print_file(f);
    disk_free(d);
    return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Print what the header reader finds in a disk, for the shell tests:
 *     disk-inspect [-w] [-f FORMAT] [-t|-l] [-p POLICY] [-s START,SIZE] FILE
 * One line per file: the image first, then its backing files.  -w opens for
 * writing; -t prints the time it took instead, -l the real path of every file
 * that was opened.  POLICY is any, or by default folder; with -s the image is
 * that part of the file. */
#include <config.h>

#include <inttypes.h>
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

static void
list_files(const struct disk_file *f)
{
    char link[64], path[4096];

    for (; f; f = f->backing) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", f->fd);
        ssize_t n = readlink(link, path, sizeof path);
        if (n > 0)
            printf("%.*s\n", (int)n, path);
        list_files(f->data_file);
        for (uint32_t i = 0; f->extents && i < f->header.n_extents; i++)
            list_files(f->extents[i]);
    }
}

int
main(int argc, char **argv)
{
    struct disk_options options = {.read_only = true};
    bool timed = false, list = false;
    struct disk *d = NULL;
    cleanup_error struct error err = {0};

    for (int c; (c = getopt(argc, argv, "wf:tlp:s:")) != -1;) {
        if (c == 'w')
            options.read_only = false;
        else if (c == 'f')
            options.format = optarg;
        else if (c == 't')
            timed = true;
        else if (c == 'l')
            list = true;
        else if (c == 'p' && strcmp(optarg, "any") == 0)
            options.policy = POLICY_ANY;
        else if (c == 's' && sscanf(optarg, "%" SCNu64 ",%" SCNu64,
                                 &options.part_start, &options.part_size) == 2)
            continue;
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
    if (list)
        list_files(d->file);
    for (const struct disk_file *f = timed || list ? NULL : d->file; f;
         f = f->backing)
        print_file(f);
    disk_free(d);
    return 0;
}

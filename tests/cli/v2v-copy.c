/* SPDX-License-Identifier: GPL-2.0-or-later */
/* v2v-copy SOURCE FORMAT TARGET FORMAT [TABLE [top]]: copy an image as
 * mayfly-v2v copies its overlays, and print what was written.  With BASE in the
 * environment, the source is an overlay on that file.  With TABLE, a file for
 * the digests, a second run only writes what has changed; with "top" it only
 * looks at what the uppermost image has. */
#include <config.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/signals.h"
#include "v2v/copy/transfer.h"

static int
copy(char **argv, int table, enum visit visit, struct error *err)
{
    const struct server_image from = {.path = argv[1], .format = argv[2]};
    struct image_options to = {.path = argv[3],
        .format = argv[4],
        .folder = ".",
        .digests = table,
        .hash = !getenv("NO_SUM")};
    cleanup_server struct server server = {0};
    cleanup_image struct image image = {.fd = -1};

    if (server_start(&server, &from, "./", err) < 0 ||
        server_size(&server, &to.size, err) < 0 ||
        image_open(&image, &to, err) < 0)
        return -1;

    struct transfer t = {.source = &server, .target = &image, .visit = visit};
    cleanup_map struct map map = {0};
    if (getenv("BASE")) {
        if (map_add_piece(&map, getenv("BASE"), 0, UINT64_MAX, 0, err) < 0 ||
            map_read(&map, &server, err) < 0)
            return -1;
        t.map = &map;
    }
    if (transfer_run(&t, 1, "copy", 0, err) < 0 ||
        image_finish(&image, getenv("SYNC") != NULL, err) < 0)
        return -1;

    cleanup_free char *root = digests_root(&image.digests);
    printf("read %llu written %llu blkhash %s\n", (unsigned long long)t.read,
        (unsigned long long)image.written, root ? root : "");
    return 0;
}

int
main(int argc, char **argv)
{
    cleanup_error struct error err = {0};
    cleanup_close int table =
        argc > 5 ? open(argv[5], O_RDWR | O_CREAT, 0600) : -1;

    if (argc < 5)
        return 2;
    tool_signals_install();
    if (copy(argv, table, argc > 6 ? VISIT_TOP : VISIT_ALL, &err) == 0)
        return 0;
    fprintf(stderr, "%s\n", error_text(&err));
    return 1;
}

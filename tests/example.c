/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Print a file of a disk image: cc example.c $(pkg-config --libs mayfly) */
#include <err.h>
#include <mayfly.h>
#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char **argv)
{
    char *text;

    if (argc != 4)
        errx(2, "usage: example DISK DEVICE PATH");

    struct mayfly *g = mayfly_create();
    if (!g)
        errx(1, "no memory");
    if (mayfly_add_drive_ro(g, argv[1]) < 0 || mayfly_launch(g) < 0 ||
        mayfly_mount_ro(g, argv[2], "/") < 0 ||
        mayfly_cat(g, argv[3], &text) < 0)
        errx(1, "%s", mayfly_last_error(g));
    fputs(text, stdout);
    free(text);
    mayfly_close(g);
    return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program with functions of its own that have the names of the library's
 * helpers: the library calls none of them.  Prints a file of a guest:
 *
 *     clash DISK DEVICE PATH
 */
#include <err.h>
#include <mayfly.h>
#include <stdio.h>
#include <stdlib.h>

/* The linker knows a function by its name alone, so these may be of any
 * kind. */
#define OWN(name)                                                              \
    void name(void);                                                           \
    void name(void)                                                            \
    {                                                                          \
        fputs("the library called " #name " of the program\n", stderr);        \
        abort();                                                               \
    }

OWN(error_clear)
OWN(error_errno)
OWN(error_set)
OWN(error_text)
OWN(frame_get)
OWN(hash_fd)
OWN(hash_new)
OWN(hello_get)
OWN(make_directories)
OWN(output_open)
OWN(pread_all)
OWN(read_all)
OWN(read_file)
OWN(remove_tree)
OWN(request_begin)
OWN(strv_append)
OWN(strv_free)
OWN(strv_printf)
OWN(text_escape)
OWN(text_printf)
OWN(write_all)
OWN(xdg_directory)

int
main(int argc, char **argv)
{
    char *text;

    if (argc != 4)
        errx(2, "usage: clash DISK DEVICE PATH");

    struct mayfly *g = mayfly_create();
    if (!g)
        errx(1, "no handle");
    if (mayfly_add_drive_ro(g, argv[1]) < 0 || mayfly_launch(g) < 0 ||
        mayfly_mount_ro(g, argv[2], "/") < 0 ||
        mayfly_cat(g, argv[3], &text) < 0)
        errx(1, "%s", mayfly_last_error(g));
    fputs(text, stdout);
    free(text);
    mayfly_close(g);
    return 0;
}

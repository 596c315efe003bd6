/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Run a fuzz target once on every file of a folder, and on each with some
 * bytes changed: without libFuzzer, the same on every machine.
 *     replay FOLDER [CHANGES] */
#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "fuzz/fuzz.h"

enum { SEED_MAX = 16 << 20, CHANGES_DEFAULT = 200 };

/* xorshift: every run must be the same. */
static uint32_t
next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state >> 16);
}

/* In an allocation of its own size, so that the sanitizers see its end. */
static void
run(const char *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    if (!copy)
        abort();
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void
run_changed(char *data, size_t size, int changes)
{
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
    uint64_t state = 88172645463325252u + size;

    for (int i = 0; size > 0 && i < changes; i++) {
        size_t at[4], n = 1 + next_random(&state) % 4;
        char old[4];

        for (size_t k = 0; k < n; k++) {
            uint32_t choice = next_random(&state);

            at[k] = next_random(&state) % size;
            old[k] = data[at[k]];
            data[at[k]] = (char)(choice % 2 ? values[choice % 5] : choice >> 8);
        }
        run(data, i % 8 ? size : next_random(&state) % size);
        while (n-- > 0)
            data[at[n]] = old[n];
    }
}

int
main(int argc, char **argv)
{
    int changes = argc > 2 ? atoi(argv[2]) : CHANGES_DEFAULT, n = 0;
    cleanup_closedir DIR *dir = argc > 1 ? opendir(argv[1]) : NULL;

    if (!dir) {
        fprintf(stderr, "usage: replay FOLDER [CHANGES]\n");
        return 2;
    }
    run("", 0);
    for (struct dirent *d; (d = readdir(dir));) {
        cleanup_error struct error err = {0};
        size_t size = 0;

        if (d->d_name[0] == '.')
            continue;
        cleanup_free char *data =
            read_file_at(dirfd(dir), d->d_name, SEED_MAX, &size, &err);
        if (!data) {
            fprintf(stderr, "%s\n", error_text(&err));
            return 1;
        }
        run(data, size);
        run_changed(data, size, changes);
        n++;
    }
    printf("%d seeds, %d runs\n", n, n * (changes + 1));
    return n == 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The contents of a tree, as a guest that owns its agent may send them. */
#include <config.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "fuzz/fuzz.h"
#include "lib/transfer/tree_checksums.h"

/* The sums are not read; each line is at least that long. */
enum { LINE_LEAST = 32 + 2 + 2 + 1 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cleanup_error struct error err = {0};
    int in = memfd_create("in", MFD_CLOEXEC);
    int out = memfd_create("out", MFD_CLOEXEC);

    HOLDS(in >= 0 && out >= 0 && write_all(in, data, size) == 0);
    HOLDS(lseek(in, 0, SEEK_SET) == 0);
    int r = sums_of_contents(HASH_MD5, in, out, &err);
    off_t end = lseek(out, 0, SEEK_END);
    HOLDS(r == 0 || err.code != 0);
    HOLDS(end == 0 || end >= LINE_LEAST);
    close(in);
    close(out);
    return 0;
}

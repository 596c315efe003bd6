/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -i disk: images or block devices, without a description of their machine. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "v2v/source/source.h"

static int
read_disks(
    char *const *words, size_t n_words, struct guest *ret, struct error *err)
{
    for (size_t i = 0; i < n_words; i++) {
        struct guest_disk *disk = guest_add_disk(ret, err);

        if (!disk)
            return -1;
        if (!(disk->path = strdup(words[i])))
            return error_no_memory(err);
    }
    if (!guest_add_nic(ret, err))
        return -1;
    return guest_note(
        ret, err, "the source has only disks: one network card is assumed");
}

const struct source source_disk = {
    .name = "disk",
    .help = "DISK...: images or block devices of any format",
    .many = true,
    .read = read_disks,
};

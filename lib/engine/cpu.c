/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/engine/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

#define WORD(word, bit) ((word)*32 + (bit))

const struct slow_feature slow_features[] = {
    {"rep_good", WORD(3, 16), false, NULL,
        "Linux copies and clears memory by `rep movs` and `rep stos`, several "
        "times as slow here as its loops; it sets the bit itself"},
    {"erms", WORD(9, 9), true, NULL,
        "`rep movsb` is the slowest way to copy; by words the channel is four "
        "times as fast"},
    {"fsrm", WORD(18, 4), true, "erms",
        "since QEMU 8.0; memmove() of Linux 6.1 takes it to mean erms as well "
        "and, without that, copies beyond the end"},
    {"fzrm", WORD(12, 10), false, "erms", "since QEMU 8.0"},
    {"fsrs", WORD(12, 11), false, "erms",
        "since QEMU 8.0; memset() of Linux 6.4 becomes `rep stosb`"},
    {"fsrc", WORD(12, 12), false, "erms", "since QEMU 8.0"},
};
const size_t n_slow_features = N_ELEMENTS(slow_features);

char *
cpu_model(bool kvm)
{
    cleanup_free char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return NULL;
    fputs(kvm ? "host" : "max", f);
    for (size_t i = 0; !kvm && i < n_slow_features; i++)
        if (slow_features[i].option)
            fprintf(f, ",-%s", slow_features[i].name);
    return fclose(f) == 0 ? steal_pointer(&text) : NULL;
}

/* crc32c_intel: the checksums of ext4 and btrfs by an instruction that is fast
 * in silicon only. */
char *
cpu_arguments(bool kvm)
{
    cleanup_free char *text = NULL;
    const char *before = "";
    size_t size = 0;

    if (kvm)
        return strdup("");
    FILE *f = open_memstream(&text, &size);
    if (!f)
        return NULL;
    fputs("module_blacklist=crc32c_intel clearcpuid=", f);
    for (size_t i = 0; i < n_slow_features; i++) {
        if (slow_features[i].option)
            continue;
        fprintf(f, "%s%d", before, slow_features[i].number);
        before = ",";
    }
    fputc(' ', f);
    return fclose(f) == 0 ? steal_pointer(&text) : NULL;
}

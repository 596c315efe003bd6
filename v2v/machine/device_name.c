/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/machine/device_name.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

void
device_letters(unsigned index, char letters[DEVICE_LETTERS])
{
    char reversed[DEVICE_LETTERS];
    int n = 0;

    for (unsigned i = index + 1; i > 0 && n < DEVICE_LETTERS - 1;
         i = (i - 1) / 26)
        reversed[n++] = (char)('a' + (i - 1) % 26);
    for (int i = 0; i < n; i++)
        letters[i] = reversed[n - 1 - i];
    letters[n] = 0;
}

bool
device_split(
    const char *name, char letters[DEVICE_LETTERS], unsigned *ret_partition)
{
    static const char *const prefixes[] = {"xvd", "sd", "hd", "vd"};
    const char *plain = str_after(name, "/dev/"), *rest = NULL;

    if (!plain)
        plain = name;
    for (size_t i = 0; !rest && i < N_ELEMENTS(prefixes); i++)
        rest = str_after(plain, prefixes[i]);
    size_t n = rest ? strspn(rest, "abcdefghijklmnopqrstuvwxyz") : 0;
    if (n < 1 || n >= DEVICE_LETTERS)
        return false;

    size_t digits = strspn(rest + n, "0123456789");
    if (rest[n + digits] || digits > 3 || (digits && rest[n] == '0'))
        return false;
    memcpy(letters, rest, n);
    letters[n] = 0;
    *ret_partition = digits ? (unsigned)strtoul(rest + n, NULL, 10) : 0;
    return true;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BitLocker ties its key to the old machine (its TPM and how it boots), so a
 * guest that was opened with a key here would still ask for the recovery key
 * when it boots.  It has to be decrypted first. */
#include <config.h>

#include "v2v/convert/windows/bitlocker.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "tool/session.h"

const char bitlocker_advice[] =
    "is encrypted by BitLocker, whose key the old machine has; start Windows "
    "there, run 'manage-bde -off LETTER:' and wait until 'manage-bde -status' "
    "shows 0%";

static bool
is_encrypted(struct mayfly *g, const char *device)
{
    cleanup_free char *type = NULL;

    return mayfly_vfs_type(g, device, &type) == 0 &&
           str_equal(type, "BitLocker");
}

int
bitlocker_find(struct mayfly *g, char ***ret, struct error *err)
{
    cleanup_free char **partitions = NULL;
    cleanup_strv char **found = NULL;

    if (mayfly_list_partitions(g, &partitions) < 0)
        return tool_handle_error(g, err);
    for (char **p = partitions; *p; p++)
        if (is_encrypted(g, *p) && strv_append(&found, *p) < 0)
            return error_no_memory(err);
    *ret = steal_pointer(&found);
    return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: a package's files are the package manager's, so what
 * `mayfly-appliance update` makes lies beside them and is preferred.  After an
 * upgrade of Mayfly it may not fit the library any more; each image says in its
 * file `api` which one it fits, and one that does not is passed over. */
#include <config.h>

#include "base/appliance.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"

#define MIB (1ULL << 20)

const struct appliance_part appliance_parts[APPLIANCE_PARTS] = {
    {"api", APPLIANCE_API_SIZE + 1},
    {"manifest", MIB},
    {"sources", MIB},
    {"licences.zst", 16 * MIB},
    {"kernel", 256 * MIB},
    {"initrd", 1024 * MIB},
};

/* Why the image in FOLDER is not used; NULL: it can be, or there is none, which
 * `ret_exists` says. */
static const char *
refuse(const char *folder, const char *api, bool *ret_exists)
{
    cleanup_error struct error ignored = {0};
    cleanup_free char *path = text_printf("%s/api", folder);
    struct stat st;

    *ret_exists = path && stat(folder, &st) == 0 && access(path, F_OK) == 0;
    if (!*ret_exists)
        return NULL;
    if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & 022))
        return "others can write there";

    cleanup_free char *text =
        read_file(path, APPLIANCE_API_SIZE + 1, NULL, &ignored);
    if (!text || strncmp(text, api, APPLIANCE_API_SIZE) != 0)
        return "it is for another version of Mayfly";
    return NULL;
}

static char *
user_folder(struct error *err)
{
    cleanup_free char *base =
        xdg_directory("XDG_DATA_HOME", ".local/share", err);
    char *folder = base ? text_printf("%s/appliance", base) : NULL;

    if (base && !folder)
        error_no_memory(err);
    return folder;
}

static char *
set_folder(void)
{
    const char *folder = getenv("MAYFLY_APPLIANCE");

    return folder && *folder ? strdup(folder) : NULL;
}

char *
appliance_folder(const char *api, char **ret_passed, struct error *err)
{
    cleanup_error struct error ignored = {0};
    cleanup_free char *own = user_folder(&ignored), *passed = NULL;
    const char *const folders[] = {own, APPLIANCE_LOCAL_DIR, APPLIANCE_DIR};
    const char *found = APPLIANCE_DIR;
    char *folder = set_folder();

    for (size_t i = 0; !folder && i < N_ELEMENTS(folders); i++) {
        bool exists = false;
        const char *why = folders[i] ? refuse(folders[i], api, &exists) : NULL;

        if (exists && !why) {
            found = folders[i];
            break;
        }
        if (why) {
            char *more = text_printf("%s%s%s: %s", passed ? passed : "",
                passed ? "; " : "", folders[i], why);

            free(passed);
            passed = more;
        }
    }
    if (!folder && !(folder = strdup(found)))
        return error_no_memory(err), NULL;
    if (ret_passed)
        *ret_passed = steal_pointer(&passed);
    return folder;
}

char *
appliance_new_folder(struct error *err)
{
    char *folder = set_folder();

    if (folder)
        return folder;
    if (geteuid() != 0)
        return user_folder(err);
    folder = strdup(APPLIANCE_LOCAL_DIR);
    if (!folder)
        error_no_memory(err);
    return folder;
}

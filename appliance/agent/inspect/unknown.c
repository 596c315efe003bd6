/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/inspect/unknown.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "appliance/agent/inspect/notes.h"
#include "appliance/agent/inspect/volume.h"
#include "base/cleanup.h"
#include "base/strv.h"

/* What a partition says of itself, where its content does not; or NULL. */
static const char *
partition_kind(const char *type)
{
    static const struct {
        const char *type, *name;
    } kinds[] = {
        {"0x42", "part of a dynamic disk of Windows"},
        {"af9b60a0-1431-4f62-bc68-3311714a69ad",
            "part of a dynamic disk of Windows"},
        {"5808c8aa-7e8f-42e0-85d2-e3e90434cfb3",
            "the description of a dynamic disk of Windows"},
        {"e75caf8f-f680-4cee-afa3-b001e56efc2d",
            "part of a storage space of Windows"},
        {"0xa5", "slices of FreeBSD"},
        {"0xa6", "slices of OpenBSD"},
        {"0xa9", "slices of NetBSD"},
        {"0xbf", "slices of Solaris"},
        {"516e7cb4-6ecf-11d6-8ff8-00022d09712b", "slices of FreeBSD"},
        {"824cc7a0-36a8-11e3-890a-952519ad3f61", "slices of OpenBSD"},
        {"0xfb", "VMFS"},
        {"aa31e02a-400f-11db-9590-000c2911d1b8", "VMFS"},
        {"516e7cba-6ecf-11d6-8ff8-00022d09712b", "ZFS"},
        {"6a898cc3-1dd2-11b2-99a6-080020736631", "ZFS"},
        {"7c3457ef-0000-11aa-aa11-00306543ecac", "APFS"},
        {"53746f72-6167-11aa-aa11-00306543ecac", "CoreStorage of a Mac"},
        {"fe3a2a5d-4f32-41a7-b725-accc3285a309", "a kernel of ChromeOS"},
        {"3cb8e202-3b7e-47dd-8a3c-7ff2a13cfcec", "a root of ChromeOS"},
        {"cab6e88e-abf3-4102-a07a-d4bb9be3c1d3", "firmware of ChromeOS"},
        {"2e0a753d-9e48-43b0-8337-b15192cb1b5e", "reserved by ChromeOS"},
    };

    for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
        if (str_equal(type, kinds[i].type))
            return kinds[i].name;
    return NULL;
}

/* Nothing but zeros where file systems and tables have their superblocks, at
 * the beginning and the end? */
static bool
is_empty(const struct volume *v)
{
    enum { STEP = 64 << 10, STEPS = 16 };
    static const unsigned char zeros[STEP];
    static unsigned char bytes[STEP];

    cleanup_close int fd = open(v->device, O_RDONLY | O_CLOEXEC);
    for (int i = 0; fd >= 0 && i <= STEPS; i++) {
        off_t at = (off_t)i * STEP;

        if (i == STEPS && v->size > STEP)
            at = (off_t)(v->size - STEP);
        ssize_t n = pread(fd, bytes, sizeof bytes, at);
        if (n < 0 || memcmp(bytes, zeros, (size_t)n) != 0)
            return false;
    }
    return fd >= 0;
}

/* What has no file system, but is known by its first bytes; or NULL. */
static const char *
known_content(const struct volume *v)
{
    static const struct {
        off_t at;
        const char *magic, *name;
    } contents[] = {
        {0, "ANDROID!", "a kernel of Android (a boot image)"},
        {0, "VNDRBOOT", "a kernel of Android (a vendor boot image)"},
        {0, "AVB0", "signatures of Android (vbmeta)"},
        {4096, "gDla", "logical partitions of Android (super)"},
        {0, "CHROMEOS", "a kernel of ChromeOS"},
    };
    char found[16];

    cleanup_close int fd = open(v->device, O_RDONLY | O_CLOEXEC);
    for (size_t i = 0; fd >= 0 && i < N_ELEMENTS(contents); i++) {
        size_t n = strlen(contents[i].magic);
        if (pread(fd, found, n, contents[i].at) == (ssize_t)n &&
            memcmp(found, contents[i].magic, n) == 0)
            return contents[i].name;
    }
    return NULL;
}

void
unknown_note(struct call *c, struct list *notes, const struct volume *v,
    const char *type)
{
    const char *content = known_content(v);
    const char *kind = partition_kind(type);

    if (content)
        inspection_reason(c, notes, v->device, "foreign",
            "it holds %s, which cannot be opened here", content);
    else if (kind)
        inspection_reason(c, notes, v->device, "foreign",
            "by the type of the partition it is %s, which cannot be opened "
            "here",
            kind);
    else if (is_empty(v))
        inspection_reason(c, notes, v->device, "empty",
            "no known file system: it begins and ends with zeros");
    else
        inspection_reason(
            c, notes, v->device, "unknown", "no known file system");
}

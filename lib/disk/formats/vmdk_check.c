/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/disk/formats/vmdk_check.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "lib/disk/formats/vmdk_text.h"

/* QEMU looks at this many bytes, wherever the header says that the descriptor
 * is and however long. */
enum { SCANNED = 20 * 512 };

static const char HINT[] = "parentFileNameHint";

static int
differs(const char *name, size_t n, struct error *err)
{
    cleanup_free char *copy = strndup(name, n);
    cleanup_free char *shown = copy ? text_escape(copy) : NULL;

    if (!shown)
        return error_no_memory(err);
    return error_set(err, EPERM,
        "vmdk whose descriptor can be read in two ways: with the parent '%s' "
        "and without; if it has one, merge the two (vmware-vdiskmanager -r), "
        "else remove its %s",
        shown, HINT);
}

int
vmdk_check_parent(const struct image_source *src, uint64_t offset,
    const char *parent, struct error *err)
{
    /* What follows the last byte is zero, so that searches end there. */
    cleanup_free char *text = calloc(1, SCANNED + sizeof HINT + 2);

    if (!text)
        return error_no_memory(err);
    if (!source_peek(src, text, SCANNED, offset))
        return error_errno(err, errno, "cannot read the descriptor");

    const char *hint = strstr(text, HINT);
    if (!hint)
        return parent ? differs(parent, strlen(parent), err) : 0;

    /* Two bytes are skipped unread, the ="; they could be the end. */
    const char *name = hint + strlen(HINT) + 2, *end = strchr(name, '"');
    size_t n = end ? (size_t)(end - name) : strlen(name);
    size_t wanted = parent ? strlen(parent) : 0;
    if (!end || n != wanted || (n > 0 && memcmp(name, parent, n) != 0))
        return differs(name, n, err);
    return 0;
}

/* "key = value" */
static bool
is_setting(const char *line)
{
    size_t n = 0;

    while (
        isalnum((unsigned char)line[n]) || (line[n] && strchr("._:-", line[n])))
        n++;
    return n > 0 && line[n + strspn(line + n, " \t")] == '=';
}

static int
unclear(unsigned number, const char *what, struct error *err)
{
    return error_set(err, EINVAL,
        "corrupt: line %u of the vmdk descriptor %s; write it again, as "
        "'RW SECTORS TYPE \"FILE\"' or 'key=value'",
        number, what);
}

int
vmdk_check_lines(const char *text, struct error *err)
{
    for (unsigned number = 1; *text; number++) {
        size_t n = strcspn(text, "\n");
        size_t end = n > 0 && text[n - 1] == '\r' ? n - 1 : n;

        for (size_t i = 0; i < end; i++)
            if (iscntrl((unsigned char)text[i]) && text[i] != '\t')
                return unclear(number, "has a control character", err);

        cleanup_free char *line = strndup(text, end);
        if (!line)
            return error_no_memory(err);
        const char *start = line + strspn(line, " \t");
        if (*start && *start != '#' && !vmdk_is_extent(start) &&
            !is_setting(start))
            return unclear(number, "is neither a setting nor an extent", err);
        text += n + (text[n] != 0);
    }
    return 0;
}

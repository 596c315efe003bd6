/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/linux/lvm.h"

#include <ctype.h>
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/device.h"

/* A setting: filter = [ "a|...|", "r|...|" ], which may have several lines. */
struct filter {
    const char *start, *end; /* the value */
    unsigned line;
};

/* Skip blanks and comments. */
static const char *
skip(const char *p)
{
    for (;;) {
        p += strspn(p, " \t\r\n,");
        if (*p != '#')
            return p;
        p += strcspn(p, "\n");
    }
}

/* The end of the value at P: after its "]", or of the line. */
static const char *
value_end(const char *p)
{
    bool list = *p == '[';

    while (*p && (list || *p != '\n')) {
        if (*p == '"') {
            p += 1 + strcspn(p + 1, "\"\n");
            p += *p == '"';
        } else if (*p == '#') {
            p += strcspn(p, "\n");
        } else if (*p++ == ']') {
            break;
        }
    }
    return p;
}

/* The next filter in TEXT at or after FROM. */
static bool
next_filter(const char *text, const char *from, struct filter *ret)
{
    for (const char *line = from; line; line = strchr(line, '\n')) {
        line += *line == '\n';

        const char *p = line + strspn(line, " \t");
        const char *rest = str_after(p, "devices/");
        if (rest)
            p = rest;
        rest = str_after(p, "global_filter");
        if (!rest)
            rest = str_after(p, "filter");
        if (rest)
            rest += strspn(rest, " \t");
        if (!rest || *rest != '=')
            continue;
        rest++;
        ret->start = rest + strspn(rest, " \t");
        ret->end = value_end(ret->start);
        ret->line = 1;
        for (p = text; p < line; p++)
            ret->line += *p == '\n';
        return true;
    }
    return false;
}

/* --- new names --- */

struct renaming {
    edit_rename rename;
    void *opaque;
    struct edit_name at;
};

/* The letters of the disk on the new machine, to be freed. */
static char *
new_letters(
    const struct renaming *r, const char *old, size_t n, struct error *err)
{
    cleanup_free char *device = text_printf("/dev/sd%.*s", (int)n, old);
    struct edit_name name = r->at;

    if (!device)
        return error_no_memory(err), NULL;
    name.name = device;
    cleanup_free char *changed = r->rename(r->opaque, &name, err);
    if (!changed && err->code)
        return NULL;
    const char *letters = changed ? str_after(changed, "/dev/vd") : NULL;
    char *copy = letters ? strdup(letters) : strndup(old, n);
    if (!copy)
        error_no_memory(err);
    return copy;
}

/* "sda", "xvd[a-z]", "sd.*": the beginning of a disk's name, not the end of
 * another word. */
static size_t
prefix_at(const char *start, const char *p)
{
    static const char *const prefixes[] = {"xvd", "sd", "hd"};

    if (p > start && isalnum((unsigned char)p[-1]))
        return 0;
    for (size_t i = 0; i < N_ELEMENTS(prefixes); i++) {
        size_t n = strlen(prefixes[i]);

        if (strncmp(p, prefixes[i], n) == 0 &&
            (islower((unsigned char)p[n]) || strchr("[.*?(|\\$+/", p[n])))
            return n;
    }
    return 0;
}

static int
put_value(const struct renaming *r, FILE *f, const char *start, const char *end,
    struct error *err)
{
    for (const char *p = start; p < end;) {
        size_t n = prefix_at(start, p);
        size_t letters = n ? strspn(p + n, "abcdefghijklmnopqrstuvwxyz") : 0;

        if (!n || letters > 3) {
            fputc(*p++, f);
            continue;
        }
        fputs("vd", f);
        p += n;
        /* "sda" is one disk, "sda*" and "sd[a-z]" are several. */
        if (letters) {
            cleanup_free char *now = new_letters(r, p, letters, err);

            if (!now)
                return -1;
            fputs(now, f);
            p += letters;
        }
    }
    return 0;
}

char *
lvm_edit(const char *text, edit_rename rename, void *opaque, struct error *err)
{
    struct renaming r = {rename, opaque, {.key = ""}};
    struct filter filter;
    char *out = NULL;
    size_t size;
    FILE *f = open_memstream(&out, &size);
    int result = 0;

    if (!f)
        return error_no_memory(err), NULL;
    const char *done = text;
    while (result == 0 && next_filter(text, done, &filter)) {
        fwrite(done, 1, (size_t)(filter.start - done), f);
        r.at.line = filter.line;
        result = put_value(&r, f, filter.start, filter.end, err);
        done = filter.end;
    }
    fputs(done, f);
    if (fclose(f) != 0 && result == 0)
        result = error_no_memory(err);
    if (result < 0) {
        free(out);
        return NULL;
    }
    return out;
}

/* system.devices lists the disks by their serial numbers, which the new machine
 * does not have; LVM then finds them by the UUID of the volume itself. */
static int
put_device(
    const struct renaming *r, FILE *f, const char *line, struct error *err)
{
    static const char *const by_hardware[] = {"IDTYPE=sys_wwid",
        "IDTYPE=sys_serial", "IDTYPE=mpath_uuid", "IDTYPE=devname",
        "IDTYPE=scsi_", "IDTYPE=ata_", "IDTYPE=nvme_", "IDTYPE=wwid_"};
    const char *name = strstr(line, "DEVNAME=/"), *id = strstr(line, "PVID=");
    bool hardware = false;

    for (size_t i = 0; i < N_ELEMENTS(by_hardware); i++)
        hardware |= strstr(line, by_hardware[i]) != NULL;
    /* A sum of the lines as they were. */
    if (str_after(line, "HASH="))
        return 0;
    if (!name || !id || *line == '#' || !hardware) {
        fprintf(f, "%s\n", line);
        return 0;
    }
    name += strlen("DEVNAME=");

    struct edit_name at = r->at;
    cleanup_free char *old = strndup(name, strcspn(name, " \t"));
    if (!old)
        return error_no_memory(err);
    at.name = old;
    cleanup_free char *now = r->rename(r->opaque, &at, err);
    if (!now && err->code)
        return -1;
    fprintf(f, "IDTYPE=devname IDNAME=%s DEVNAME=%s %s\n", now ? now : old,
        now ? now : old, id);
    return 0;
}

char *
lvm_edit_devices(
    const char *text, edit_rename rename, void *opaque, struct error *err)
{
    struct renaming r = {rename, opaque, {.key = ""}};
    char *out = NULL;
    size_t size;
    FILE *f = open_memstream(&out, &size);
    int result = 0;

    if (!f)
        return error_no_memory(err), NULL;
    while (result == 0 && *text) {
        size_t n = strcspn(text, "\n");
        cleanup_free char *line = strndup(text, n);

        r.at.line++;
        result = line ? put_device(&r, f, line, err) : error_no_memory(err);
        text += n + (text[n] == '\n');
    }
    if (fclose(f) != 0 && result == 0)
        result = error_no_memory(err);
    if (result < 0) {
        free(out);
        return NULL;
    }
    return out;
}

/* --- does it let in what it must? --- */

/* "a|^/dev/sda|": accept or reject what matches, in any delimiters.  Returns
 * 'a' or 'r' if DEVICE matches, else 0. */
static char
try_expression(const char *s, size_t n, const char *device)
{
    static const char pairs[][2] = {{'(', ')'}, {'[', ']'}, {'{', '}'}};
    char end = n > 2 ? s[1] : 0;
    regex_t regex;

    if (n < 3 || (s[0] != 'a' && s[0] != 'r'))
        return 0;
    for (size_t i = 0; i < N_ELEMENTS(pairs); i++)
        if (pairs[i][0] == end)
            end = pairs[i][1];
    const char *last = memrchr(s + 2, end, n - 2);
    cleanup_free char *text =
        strndup(s + 2, last ? (size_t)(last - s - 2) : n - 2);
    if (!text || regcomp(&regex, text, REG_EXTENDED | REG_NOSUB) != 0)
        return 0;
    int r = regexec(&regex, device, 0, NULL, 0);
    regfree(&regex);
    return r == 0 ? s[0] : 0;
}

/* The first expression that matches decides: 'a', 'r', or 0 if none does. */
static char
try_filter(const struct filter *filter, const char *device)
{
    for (const char *p = filter->start; p < filter->end;) {
        p = *p == '[' || *p == ']' ? p + 1 : skip(p);
        if (p >= filter->end || *p != '"') {
            p += p < filter->end && *p != '[' && *p != ']';
            continue;
        }
        size_t n = strcspn(++p, "\"");
        char found = try_expression(p, n, device);
        if (found)
            return found;
        p += n + 1;
    }
    return 0;
}

/* LVM tries all names that udev gives a device; one that is accepted is
 * enough. */
static bool
accepts(const struct filter *filter, const char *device, const char *link)
{
    char by_name = try_filter(filter, device);

    return by_name != 'r' || (link && try_filter(filter, link) == 'a');
}

char *
lvm_accept(const char *text, char *const *devices, char *const *links,
    unsigned *ret_line, struct error *err)
{
    struct filter filter;
    char *out = NULL;
    size_t size;
    FILE *f = open_memstream(&out, &size);

    if (!f)
        return error_no_memory(err), NULL;
    *ret_line = 0;
    const char *done = text;
    while (next_filter(text, done, &filter)) {
        bool list = *filter.start == '[';

        fwrite(done, 1, (size_t)(filter.start - done), f);
        fputs("[", f);
        for (size_t i = 0; devices && devices[i]; i++) {
            if (accepts(&filter, devices[i], links ? links[i] : NULL))
                continue;
            fprintf(f, " \"a|^%s$|\",", devices[i]);
            *ret_line = filter.line;
        }
        fwrite(filter.start + list, 1,
            (size_t)(filter.end - filter.start) - list, f);
        if (!list)
            fputs("]", f);
        done = filter.end;
    }
    fputs(done, f);
    if (fclose(f) != 0) {
        free(out);
        return error_no_memory(err), NULL;
    }
    return out;
}

/* Physical volumes as the new machine names them; what is on an array or
 * encrypted has no name of a disk. */
static int
find_physical(struct conversion *c, char ***ret_devices, char ***ret_links,
    struct error *err)
{
    struct mayfly_lvm_pv_list *list;
    int r = 0;

    if (mayfly_pvs_full(c->job.g, &list) < 0)
        return job_fail(&c->job, err);
    for (uint32_t i = 0; r == 0 && i < list->len; i++) {
        const char *rest = str_after(list->val[i].pv_name, "/dev/sd");
        const char *u = list->val[i].pv_uuid; /* without its dashes */

        if (!rest || strlen(u) != 32)
            continue;
        if (strv_printf(ret_devices, "/dev/vd%s", rest) < 0 ||
            strv_printf(ret_links,
                "/dev/disk/by-id/lvm-pv-uuid-%.6s-%.4s-%.4s-%.4s-%.4s-%.4s-%s",
                u, u + 6, u + 10, u + 14, u + 18, u + 22, u + 26) < 0)
            r = error_no_memory(err);
    }
    mayfly_free_lvm_pv_list(list);
    return r;
}

int
lvm_check(struct conversion *c, struct error *err)
{
    static const char *const paths[] = {
        "/etc/lvm/lvm.conf", "/etc/lvm/lvmlocal.conf"};
    cleanup_strv char **physical = NULL;
    cleanup_strv char **links = NULL;

    if (find_physical(c, &physical, &links, err) < 0)
        return -1;
    for (size_t i = 0; physical && i < N_ELEMENTS(paths); i++) {
        cleanup_free char *text = conversion_read(c, paths[i], NULL, err);
        unsigned line;

        if (!text && err->code)
            return -1;
        if (!text)
            continue;
        cleanup_free char *changed =
            lvm_accept(text, physical, links, &line, err);
        if (!changed)
            return -1;
        if (!line)
            continue;
        if (conversion_write(c, paths[i], changed, "which disks LVM looks at",
                "its filter hid the guest's volumes", err) < 0 ||
            conversion_tell(c, FINDING_REVIEW, paths[i], err,
                "the filter named no disk of the new machine; the guest's "
                "volumes were added (line %u)",
                line) < 0)
            return -1;
    }
    return 0;
}

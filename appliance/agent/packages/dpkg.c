/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dpkg's status file (deb822(5), deb-control(5)): paragraphs of fields,
 * separated by empty lines; a line that starts with a blank goes on with the
 * field before it.  Images without dpkg itself ("distroless") have one such
 * paragraph a file in status.d, without a Status field.
 *
 * The text is read at once and cut up where it lies: the fields of a package
 * point into it. */
#include <config.h>

#include <string.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/packages/package.h"
#include "appliance/agent/packages/packages.h"
#include "base/cleanup.h"
#include "base/strv.h"

#define STATUS   "/var/lib/dpkg/status"
#define STATUS_D "/var/lib/dpkg/status.d"

struct paragraph {
    char *name, *status, *version, *arch, *url, *source, *summary;
    char *description; /* the lines after the summary */
};

/* Where a field goes, or NULL. */
static char **
field(struct paragraph *p, const char *name, size_t n)
{
    static const struct {
        const char *name;
        size_t offset;
    } fields[] = {
        {"Package", offsetof(struct paragraph, name)},
        {"Status", offsetof(struct paragraph, status)},
        {"Version", offsetof(struct paragraph, version)},
        {"Architecture", offsetof(struct paragraph, arch)},
        {"Homepage", offsetof(struct paragraph, url)},
        {"Source", offsetof(struct paragraph, source)},
        {"Description", offsetof(struct paragraph, summary)},
    };

    for (size_t i = 0; i < N_ELEMENTS(fields); i++) {
        if (strlen(fields[i].name) == n &&
            strncasecmp(fields[i].name, name, n) == 0)
            return (char **)((char *)p + fields[i].offset);
    }
    return NULL;
}

/* The third word says whether it is there; the first two what is wanted. */
static bool
is_installed(const char *status)
{
    static const char *const states[] = {
        "installed", "triggers-awaited", "triggers-pending"};
    const char *word = strrchr(status, ' ');

    for (size_t i = 0; word && i < N_ELEMENTS(states); i++) {
        if (str_equal(word + 1, states[i]))
            return true;
    }
    return false;
}

static void
end_paragraph(struct call *c, struct paragraph *p, bool need_status,
    struct list *packages)
{
    struct paragraph done = *p;

    *p = (struct paragraph){0};
    if (!done.name || !done.name[0] || !done.version ||
        (done.status ? !is_installed(done.status) : need_status))
        return;
    struct mayfly_application2 *a = package_add(c, packages);
    if (!package_set_version(a, done.version)) {
        packages->n--;
        return;
    }
    a->app2_name = done.name;
    if (done.arch)
        a->app2_arch = done.arch;
    if (done.url)
        a->app2_url = done.url;
    if (done.summary)
        a->app2_summary = done.summary;
    if (done.description)
        a->app2_description = done.description;
    if (done.source) {
        /* "foo (1.0)" where its version is another. */
        done.source[strcspn(done.source, " ")] = '\0';
        a->app2_source_package = done.source;
    }
}

/* Cut up TEXT. */
static void
read_paragraphs(
    struct call *c, char *text, bool need_status, struct list *packages)
{
    struct paragraph p = {0};
    char *line, *end = NULL; /* of the description so far */

    while ((line = next_line(&text))) {
        if (line[0] == ' ' || line[0] == '\t') {
            if (!end)
                continue;
            /* Move it up to the line before: it only gets shorter. */
            size_t n = strlen(line + 1);
            if (!p.description) {
                p.description = line + 1;
                end = line + 1 + n;
            } else {
                *end = '\n';
                memmove(end + 1, line + 1, n + 1);
                end += 1 + n;
            }
            continue;
        }
        end = NULL;
        if (line[0] == '\0') {
            end_paragraph(c, &p, need_status, packages);
            continue;
        }
        size_t n = strcspn(line, ":");
        char **value = line[n] ? field(&p, line, n) : NULL;
        if (!value)
            continue;
        *value = line + n + 1 + strspn(line + n + 1, " \t");
        if (value == &p.summary)
            end = *value;
    }
    end_paragraph(c, &p, need_status, packages);
}

static bool
read_status_d(struct call *c, int root, struct list *packages)
{
    DIR *dir = package_folder(c, root, STATUS_D);
    const char *name;

    if (!dir)
        return false;
    while (packages->n < PACKAGES_MAX && (name = package_next(dir))) {
        size_t n = strlen(name);
        if (n > 8 && str_equal(name + n - 8, ".md5sums"))
            continue;
        char *text =
            tree_text(c, root, call_printf(c, "%s/%s", STATUS_D, name));
        if (text)
            read_paragraphs(c, text, false, packages);
    }
    return true;
}

static const char *
read_dpkg(
    struct call *c, int root, struct list *packages, const char **ret_reason)
{
    char *text = tree_read(c, root, STATUS, DATABASE_MAX, NULL);

    if (text)
        read_paragraphs(c, text, true, packages);
    bool more = read_status_d(c, root, packages);
    if (!text && !more) {
        *ret_reason = "cannot read " STATUS;
        return NULL;
    }
    return text ? STATUS : STATUS_D;
}

/* opkg writes the same, of OpenWrt and of Yocto. */
static const char *
read_opkg(
    struct call *c, int root, struct list *packages, const char **ret_reason)
{
    static const char *const paths[] = {
        "/usr/lib/opkg/status", "/var/lib/opkg/status"};

    for (size_t i = 0; i < N_ELEMENTS(paths); i++) {
        char *text = tree_read(c, root, paths[i], DATABASE_MAX, NULL);
        if (!text)
            continue;
        read_paragraphs(c, text, true, packages);
        return paths[i];
    }
    *ret_reason = "cannot read /usr/lib/opkg/status";
    return NULL;
}

const struct package_reader opkg_reader = {
    .format = "opkg",
    .read = read_opkg,
};

const struct package_reader dpkg_reader = {
    .format = "deb",
    .read = read_dpkg,
};

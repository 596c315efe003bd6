/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include <limits.h>

#include "appliance/agent/packages/packages.h"

static const struct package_reader *const readers[] = {
    &dpkg_reader,
    &rpm_reader,
    &apk_reader,
    &pacman_reader,
    &windows_reader,
};

struct mayfly_application2 *
package_add(struct call *c, struct list *packages)
{
    static char nothing[1];
    struct mayfly_application2 *p =
        list_add(c, packages, struct mayfly_application2);

    *p = (struct mayfly_application2){
        .app2_name = nothing,
        .app2_display_name = nothing,
        .app2_version = nothing,
        .app2_release = nothing,
        .app2_arch = nothing,
        .app2_install_path = nothing,
        .app2_trans_path = nothing,
        .app2_publisher = nothing,
        .app2_url = nothing,
        .app2_source_package = nothing,
        .app2_summary = nothing,
        .app2_description = nothing,
        .app2_class = nothing,
    };
    return p;
}

bool
package_set_version(struct mayfly_application2 *p, char *version)
{
    char *colon = strchr(version, ':');

    if (colon) {
        char *end;
        errno = 0;
        long epoch = strtol(version, &end, 10);
        if (errno || end != colon || end == version || epoch < 0 ||
            epoch > INT_MAX)
            return false;
        p->app2_epoch = (int32_t)epoch;
        version = colon + 1;
    }
    char *hyphen = strchr(version, '-');
    if (hyphen) {
        *hyphen = '\0';
        p->app2_release = hyphen + 1;
    }
    p->app2_version = version;
    return true;
}

static int
compare(const void *a, const void *b)
{
    const struct mayfly_application2 *p = a, *q = b;
    int order = strcmp(p->app2_name, q->app2_name);

    if (!order)
        order = strcmp(p->app2_arch, q->app2_arch);
    if (!order)
        order = strcmp(p->app2_version, q->app2_version);
    return order ? order : strcmp(p->app2_release, q->app2_release);
}

static size_t
cut(char *s, size_t max)
{
    size_t n = strnlen(s, max + 1);

    if (n > max) {
        s[max] = '\0';
        n = max;
    }
    return n + 4;
}

/* Make it fit the definition; returns its size on the wire. */
static size_t
bound(struct mayfly_application2 *p)
{
    return cut(p->app2_name, PACKAGE_NAME_MAX) +
           cut(p->app2_arch, PACKAGE_NAME_MAX) +
           cut(p->app2_version, PACKAGE_TEXT_MAX) +
           cut(p->app2_release, PACKAGE_TEXT_MAX) +
           cut(p->app2_url, PACKAGE_TEXT_MAX) +
           cut(p->app2_source_package, PACKAGE_TEXT_MAX) +
           cut(p->app2_summary, PACKAGE_TEXT_MAX) +
           cut(p->app2_description, PACKAGE_TEXT_MAX) +
           cut(p->app2_display_name, PACKAGE_TEXT_MAX) +
           cut(p->app2_install_path, PACKAGE_TEXT_MAX) +
           cut(p->app2_publisher, PACKAGE_TEXT_MAX) + 3 * sizeof(uint32_t);
}

const char *
packages_read(struct call *c, int root, const char *format,
    struct list *packages, const char **ret_reason)
{
    const struct package_reader *reader = NULL;

    *ret_reason = NULL;
    for (size_t i = 0; i < N_ELEMENTS(readers); i++) {
        if (str_equal(readers[i]->format, format))
            reader = readers[i];
    }
    if (!reader)
        return NULL;
    const char *source = reader->read(c, root, packages, ret_reason);
    struct mayfly_application2 *p = packages->items;
    size_t size = 0;
    for (uint32_t i = 0; i < packages->n; i++) {
        size += bound(&p[i]);
        if (size > PACKAGES_TEXT || i == PACKAGES_MAX) {
            packages->n = i;
            *ret_reason = "there are too many packages: some are left out";
            break;
        }
    }
    if (packages->n > 1)
        qsort(p, packages->n, sizeof *p, compare);
    return source;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The logo of a distribution: a PNG file at a place that is the same in all
 * its releases. */
#include <config.h>

#include <arpa/inet.h>
#include <string.h>

#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/system.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { SIDE_MIN = 16, SIDE_MAX = 1024 };

/* MAX 0: four bytes for every point.  SMALL: not of high quality. */
static const struct {
    const char *distro, *path;
    size_t max;
    bool small;
} icons[] = {
    {"fedora", "/usr/share/icons/hicolor/96x96/apps/fedora-logo-icon.png", 0,
        false},
    {"debian", "/usr/share/pixmaps/debian-logo.png", 2048, false},
    {"ubuntu", "/usr/share/icons/gnome/24x24/places/ubuntu-logo.png", 2048,
        true},
    {"ubuntu", "/usr/share/help/C/ubuntu-help/figures/ubuntu-logo.png", 2048,
        true},
    {"mageia", "/usr/share/icons/mageia.png", 10240, false},
    {"suse", "/usr/share/icons/hicolor/48x48/apps/distributor.png", 10240,
        false},
    {"suse", "/usr/share/icons/hicolor/24x24/apps/distributor.png", 10240,
        false},
    {"voidlinux", "/usr/share/void-artwork/void-logo.png", 20480, false},
    {"altlinux", "/usr/share/icons/hicolor/48x48/apps/altlinux.png", 20480,
        false},
    {"gentoo", "/usr/share/icons/gentoo/48x48/gentoo.png", 10240, false},
    {"openmandriva", "/usr/share/icons/large/mandriva.png", 10240, false},
    {"openmandriva", "/usr/share/icons/mandriva.png", 10240, false},
    {"el6", "/usr/share/pixmaps/redhat/shadowman-transparent.png", 102400,
        false},
    {"el7", "/usr/share/icons/hicolor/96x96/apps/system-logo-icon.png", 102400,
        false},
};

static const char *
icon_name(const struct mayfly_inspection_root *s)
{
    static const char *const el[] = {"rhel", "redhat-based", "centos", "circle",
        "rocky", "scientificlinux", "oraclelinux", "almalinux"};
    static const char *const suse[] = {"suse-based", "opensuse", "sles"};

    for (size_t i = 0; i < N_ELEMENTS(el); i++) {
        if (str_equal(s->distro, el[i]))
            return s->major_version < 7 ? "el6" : "el7";
    }
    for (size_t i = 0; i < N_ELEMENTS(suse); i++) {
        if (str_equal(s->distro, suse[i]))
            return "suse";
    }
    return s->distro;
}

/* Is it a PNG of sensible width and height (png(5), the IHDR chunk)? */
static bool
png_size(const char *data, size_t n, uint32_t *width, uint32_t *height)
{
    if (n < 24 || memcmp(data, "\x89PNG\r\n\x1a\n", 8) != 0 ||
        memcmp(data + 12, "IHDR", 4) != 0)
        return false;
    memcpy(width, data + 16, 4);
    memcpy(height, data + 20, 4);
    *width = ntohl(*width);
    *height = ntohl(*height);
    return *width >= SIDE_MIN && *width <= SIDE_MAX && *height >= SIDE_MIN &&
           *height <= SIDE_MAX;
}

static uint8_t *
read_png(
    struct call *c, int root, const char *path, size_t max, uint32_t *ret_size)
{
    uint32_t width, height;
    size_t n = 0;
    char *data = tree_read(
        c, root, path, max ? max : (size_t)4 * SIDE_MAX * SIDE_MAX, &n);

    if (!data || !png_size(data, n, &width, &height) ||
        (max == 0 && n > (size_t)4 * width * height))
        return NULL;
    *ret_size = (uint32_t)n;
    return (uint8_t *)data;
}

uint8_t *
icon_read(struct call *c, int root, const struct mayfly_inspection_root *s,
    bool favicon, bool highquality, uint32_t *ret_size)
{
    const char *name = icon_name(s);
    uint8_t *png;

    *ret_size = 0;
    if (favicon && !highquality) {
        png = read_png(c, root, "/etc/favicon.png", 0, ret_size);
        if (png)
            return png;
    }
    for (size_t i = 0; i < N_ELEMENTS(icons); i++) {
        if (!str_equal(icons[i].distro, name) ||
            (icons[i].small && highquality))
            continue;
        png = read_png(c, root, icons[i].path, icons[i].max, ret_size);
        if (png)
            return png;
    }
    return NULL;
}

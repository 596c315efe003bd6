/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Linux names itself in its image (Documentation/arch/x86/boot.rst), as
 *
 *     6.1.0-50-amd64 (debian-kernel@...) #1 SMP ... Debian 6.1.1-1 (2026-11-19)
 *     6.8.0-45-generic (buildd@...) #45-Ubuntu SMP ... Fri Aug 30 12:02:39 UTC
 *     2024
 *
 * so its age is known without starting it, and wherever the image came from. */
#include <config.h>

#include "lib/engine/kernel_age.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"

enum {
    MAGIC = 0x202,
    BANNER = 0x20e, /* where the text is, from 0x200 on */
    MAX_BANNER = 255,
    /* The field has 16 bits. */
    MAX_READ = 0x200 + 0xffff + MAX_BANNER,
    DAY = 24 * 3600,
    OLD = 60, /* days: two of Debian's point releases */
};

/* The day that the text ends with or has in brackets, in seconds; -1: none. */
static time_t
date_of(const char *text)
{
    static const char *const formats[] = {
        "(%Y-%m-%d)", "%b %d %H:%M:%S %Z %Y", "%b %d %H:%M:%S UTC %Y"};

    for (const char *p = text; *p; p++) {
        for (size_t i = 0; i < N_ELEMENTS(formats); i++) {
            struct tm tm = {0};

            if (strptime(p, formats[i], &tm))
                return timegm(&tm);
        }
    }
    return -1;
}

char *
kernel_age_text(const char *banner, time_t now)
{
    size_t n = strcspn(banner, " ");
    time_t date = date_of(banner);
    struct tm tm;
    char day[16];

    if (n == 0)
        return strdup("unknown");
    if (date < 0 || !gmtime_r(&date, &tm) ||
        strftime(day, sizeof day, "%Y-%m-%d", &tm) == 0)
        return text_printf("%.*s, age unknown", (int)n, banner);

    long long days = now > date ? (long long)(now - date) / DAY : 0;
    return text_printf("%.*s of %s, %lld days old%s", (int)n, banner, day, days,
        days > OLD ? "; mayfly-appliance update makes a newer one" : "");
}

int
kernel_banner(const char *folder, char **ret, struct error *err)
{
    cleanup_free char *path = text_printf("%s/kernel", folder);
    cleanup_free uint8_t *data = calloc(1, MAX_READ + 1);

    if (!path || !data)
        return error_no_memory(err);

    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t size = fd < 0 ? -1 : read(fd, data, MAX_READ);
    if (size < 0)
        return error_errno(err, errno, "cannot read %s", path);
    if (size < BANNER + 2 || memcmp(data + MAGIC, "HdrS", 4) != 0)
        return error_set(err, EINVAL, "%s is no image of Linux", path);

    size_t at = 0x200 + get_le16(data + BANNER);
    if (at >= (size_t)size)
        return error_set(err, EINVAL, "%s does not say its version", path);
    char *text = strndup((char *)data + at, MAX_BANNER);
    if (!text)
        return error_no_memory(err);
    *ret = text;
    return 0;
}

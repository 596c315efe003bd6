/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Xen's console is hvc0, formerly xvc0; the new machine has a screen and the
 * serial port ttyS0.  Everything that starts a login there is changed: inittab,
 * upstart, systemd; and securetty, which says where root may log in. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/edit.h"
#include "v2v/convert/linux/steps.h"

static const char why[] = "the new machine has no Xen console";

static const char *const consoles[] = {"hvc0", "xvc0"};

/* TEXT with Xen's consoles replaced by the serial port. */
static char *
to_serial(const char *text, struct error *err)
{
    cleanup_free char *once = edit_replace(text, "hvc0", "ttyS0", err);

    return once ? edit_replace(once, "xvc0", "ttyS0", err) : NULL;
}

/* Is there a line that starts a login on TERMINAL? */
static bool
has_login(const char *text, const char *terminal)
{
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';

        size_t n = strcspn(line, "\n");
        const char *found = memmem(line, n, terminal, strlen(terminal));
        if (*line != '#' && found && memmem(line, n, "getty", 5))
            return true;
    }
    return false;
}

/* xen-tools replaces the login on the screen by the one on Xen's console, so it
 * has to be restored. */
static int
edit_inittab(struct conversion *c, struct error *err)
{
    static const char path[] = "/etc/inittab";
    cleanup_free char *text = conversion_read(c, path, NULL, err);

    if (!text || (!strstr(text, "hvc0") && !strstr(text, "xvc0")))
        return err->code ? -1 : 0;

    cleanup_free char *serial = to_serial(text, err);
    if (!serial)
        return -1;
    cleanup_free char *all = text_printf("%s%s", serial,
        has_login(serial, "tty1") ? ""
                                  : "v1:2345:respawn:/sbin/getty 38400 tty1\n");
    if (!all)
        return error_no_memory(err);
    return conversion_write(c, path, all, "logins on ttyS0 and tty1", why, err);
}

static int
edit_securetty(struct conversion *c, struct error *err)
{
    static const char path[] = "/etc/securetty";
    cleanup_free char *text = conversion_read(c, path, NULL, err);

    if (!text || strstr(text, "ttyS0"))
        return err->code ? -1 : 0;

    size_t n = strlen(text);
    cleanup_free char *all =
        text_printf("%s%sttyS0\n", text, n && text[n - 1] != '\n' ? "\n" : "");
    if (!all)
        return error_no_memory(err);
    return conversion_write(c, path, all, "root may log in on ttyS0", why, err);
}

/* Upstart: a job named after the console. */
static int
move_job(struct conversion *c, const char *folder, const char *console,
    const char *ending, struct error *err)
{
    cleanup_free char *path = text_printf("%s/%s%s", folder, console, ending);
    cleanup_free char *serial = text_printf("%s/ttyS0%s", folder, ending);

    if (!path || !serial)
        return error_no_memory(err);

    cleanup_free char *text = conversion_read(c, path, NULL, err);
    if (!text)
        return err->code ? -1 : 0;
    cleanup_free char *changed = to_serial(text, err);
    if (!changed)
        return -1;
    if (!job_exists(&c->job, serial) &&
        conversion_write(c, serial, changed, "a login on ttyS0", why, err) < 0)
        return -1;
    return conversion_remove(c, path, "the login on the Xen console", why, err);
}

/* systemd: links for getty@ or serial-getty@ with the console's name. */
static int
move_units(struct conversion *c, const char *console, struct error *err)
{
    static const char serial[] = "/etc/systemd/system/getty.target.wants/"
                                 "serial-getty@ttyS0.service";
    cleanup_free char *pattern =
        text_printf("/etc/systemd/system/*.wants/*getty@%s.service", console);
    if (!pattern)
        return error_no_memory(err);

    cleanup_free char **links = conversion_glob(c, pattern, err);
    if (!links)
        return -1;
    for (char **link = links; *link; link++) {
        if (conversion_remove(
                c, *link, "the login on the Xen console", why, err) < 0 ||
            conversion_link(c, "/lib/systemd/system/serial-getty@.service",
                serial, "a login on ttyS0", why, err) < 0)
            return -1;
    }
    return 0;
}

int
linux_console(struct conversion *c, struct error *err)
{
    if (edit_inittab(c, err) < 0 || edit_securetty(c, err) < 0)
        return -1;
    for (size_t i = 0; i < N_ELEMENTS(consoles); i++)
        if (move_job(c, "/etc/init", consoles[i], ".conf", err) < 0 ||
            move_job(c, "/etc/event.d", consoles[i], "", err) < 0 ||
            move_units(c, consoles[i], err) < 0)
            return -1;
    return 0;
}

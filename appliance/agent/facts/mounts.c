/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fstab(5), crypttab(5) and systemd's own units: what is mounted where, on
 * which of the devices that are here, and whether the boot needs it. */
#include <config.h>

#include <mntent.h>
#include <string.h>
#include <sys/statvfs.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/facts/devices.h"
#include "appliance/agent/facts/reading.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/mounted.h"
#include "appliance/agent/inspect/units.h"
#include "base/cleanup.h"
#include "base/strv.h"

/* "\040" is a blank in fstab. */
static char *
unescape(char *text)
{
    char *to = text;

    for (const char *p = text; *p; p++) {
        if (p[0] == '\\' && p[1] >= '0' && p[1] <= '3' && p[2] >= '0' &&
            p[2] <= '7' && p[3] >= '0' && p[3] <= '7') {
            *to++ =
                (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
            p += 3;
        } else {
            *to++ = *p;
        }
    }
    *to = '\0';
    return text;
}

static bool
has_option(const char *options, const char *name)
{
    size_t n = strlen(name);

    for (const char *p = options; *p;) {
        size_t length = strcspn(p, ",");

        if (length == n && strncmp(p, name, n) == 0)
            return true;
        p += length + (p[length] == ',');
    }
    return false;
}

/* What the boot does not wait for: it is mounted later, or may fail. */
static bool
is_required(const char *where, const char *type, const char *options)
{
    static const char *const later[] = {"noauto", "nofail", "_netdev",
        "x-systemd.automount", "netdev", "comment=systemd.automount", "bg"};
    static const char *const network[] = {"nfs", "nfs4", "cifs", "smb3",
        "glusterfs", "ceph", "fuse.sshfs", "9p", "virtiofs", "davfs", "swap",
        "ignore", "none"};

    for (size_t i = 0; i < N_ELEMENTS(later); i++)
        if (has_option(options, later[i]))
            return false;
    for (size_t i = 0; i < N_ELEMENTS(network); i++)
        if (str_equal(type, network[i]) && !has_option(options, "bind"))
            return false;
    return where[0] == '/';
}

static void
add_mount(struct facts *f, const char *what, const char *where,
    const char *type, const char *options, const char *path, unsigned line)
{
    struct fact_row r = fact_add(f, where, path, line);

    fact_text(&r, "what", what);
    fact_text(&r, "type", type);
    fact_words(&r, "options", options, ",");
    fact_flag(&r, "required", is_required(where, type, options));
    facts_device(f, &r, what, type, options);
    if (where[0] == '/')
        fact_flag(&r, "mount_point", tree_is_dir(f->root, where));
}

static void
read_fstab(struct facts *f)
{
    static const char path[] = "/etc/fstab";
    char *text = fact_file(f, path), *line;
    unsigned number = 0;

    while ((line = next_line(&text))) {
        char *field[6];

        number++;
        line += strspn(line, " \t");
        if (!line[0] || line[0] == '#')
            continue;
        for (size_t i = 0; i < N_ELEMENTS(field); i++)
            field[i] = fact_word(&line, " \t");
        if (!field[1]) {
            fact_note(f, f->system->root,
                "facts: %s: line %u is not understood", path, number);
            continue;
        }
        add_mount(f, unescape(field[0]), unescape(field[1]),
            field[2] ? field[2] : "auto", field[3] ? field[3] : "defaults",
            path, number);
    }
}

static void
read_crypttab(struct facts *f)
{
    static const char path[] = "/etc/crypttab";
    char *text = fact_file(f, path), *line;
    unsigned number = 0;

    while ((line = next_line(&text))) {
        number++;
        line += strspn(line, " \t");
        if (!line[0] || line[0] == '#')
            continue;
        char *name = fact_word(&line, " \t"), *what = fact_word(&line, " \t");
        char *key = fact_word(&line, " \t"), *options = fact_word(&line, " \t");
        if (!name || !what)
            continue;
        struct fact_row r = fact_add(
            f, call_printf(f->c, "/dev/mapper/%s", name), path, number);
        fact_text(&r, "what", what);
        fact_text(&r, "type", "crypt");
        fact_text(&r, "key", key);
        fact_words(&r, "options", options, ",");
        fact_flag(&r, "required",
            !options || (!has_option(options, "nofail") &&
                            !has_option(options, "noauto")));
        facts_device(f, &r, what, "crypt", options ? options : "");
    }
}

static void
read_units(struct facts *f)
{
    struct list mounts = {0};

    units_read(f->c, f->root, &mounts);
    const struct unit_mount *m = mounts.items;
    for (uint32_t i = 0; i < mounts.n; i++)
        add_mount(f, m[i].entry.mnt_fsname, m[i].entry.mnt_dir,
            m[i].entry.mnt_type, m[i].entry.mnt_opts,
            call_printf(f->c, "/etc/systemd/system/%s", m[i].file), 0);
}

void
facts_mounts(struct facts *f)
{
    read_fstab(f);
    read_crypttab(f);
    read_units(f);
}

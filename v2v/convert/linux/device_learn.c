/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "v2v/convert/linux/device_learn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/device_meaning.h"
#include "v2v/convert/linux/edit.h"

struct learning {
    struct conversion *c;
    struct volumes *v;
};

static char *
learn_root(void *opaque, const struct edit_name *name, struct error *err)
{
    struct learning *l = opaque;
    const char *root = device_of_root(l->c, err);
    struct device_ref ref;
    size_t n;
    unsigned partition;

    if (!root || !name->folder || !str_equal(name->folder, "/") ||
        name->key[0] || l->v->root_name || !device_parse(name->name, &ref) ||
        !device_split_partition(root, &n, &partition))
        return NULL;
    if (ref.kind != DEVICE_PLACE && ref.kind != DEVICE_OPAQUE)
        return NULL;
    /* A disk put together has its partitions under other numbers. */
    for (size_t i = 0; i < l->c->disks->n; i++)
        if (l->c->disks->items[i].assembled)
            return NULL;
    if (ref.partition != partition)
        return NULL;
    l->v->root_disk = strndup(root, n);
    l->v->root_name = strdup(ref.text);
    if (!l->v->root_disk || !l->v->root_name)
        error_no_memory(err);
    if (ref.kind == DEVICE_PLACE && ref.letters[0] && !err->code) {
        cleanup_free char *device = disks_device(l->c->disks, name->name);

        l->v->is_reordered = !device || !str_equal(device, root);
    }
    return NULL;
}

/* The devices that fstab surely has. */
static char *
learn_taken(void *opaque, const struct edit_name *name, struct error *err)
{
    struct learning *l = opaque;
    struct device_ref ref;
    struct meaning m = {0};

    if (name->key[0] || !device_parse(name->name, &ref) ||
        (ref.kind == DEVICE_OPAQUE && ref.disk < 0) ||
        ref.kind == DEVICE_MAPPED ||
        device_meaning(l->c, l->v, &ref, name, &m, err) < 0)
        return NULL;
    if (m.volume && strv_append(&l->v->taken, m.volume->device) < 0)
        error_no_memory(err);
    return NULL;
}

/* The first column of crypttab. */
static int
learn_opened(struct conversion *c, struct volumes *v, const char *path,
    struct error *err)
{
    cleanup_free char *text = conversion_read(c, path, NULL, err);

    if (!text)
        return err->code ? -1 : 0;
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        line += strspn(line, " \t");

        cleanup_free char *name = strndup(line, strcspn(line, " \t\n"));
        if (!name ||
            (name[0] && name[0] != '#' && strv_append(&v->opened, name) < 0))
            return error_no_memory(err);
    }
    return 0;
}

/* What a command line opens: cryptdevice=DEVICE:NAME and
 * rd.luks.name=UUID=NAME, wherever it is stored. */
static int
learn_from_lines(struct conversion *c, struct volumes *v, const char *pattern,
    struct error *err)
{
    static const struct {
        const char *word;
        char before;
    } words[] = {{"cryptdevice=", ':'}, {"rd.luks.name=", '='}};
    cleanup_free char **paths = conversion_glob(c, pattern, err);

    if (!paths)
        return -1;
    for (char **path = paths; *path; path++) {
        cleanup_free char *text = conversion_read(c, *path, NULL, err);

        if (!text && err->code)
            return -1;
        for (size_t i = 0; text && i < N_ELEMENTS(words); i++) {
            const char *p = text;

            while ((p = strstr(p, words[i].word))) {
                p += strlen(words[i].word);
                size_t n = strcspn(p, " \t\n\"'");
                const char *at = memrchr(p, words[i].before, n);
                const char *name = at ? at + 1 : p;
                /* cryptdevice=DEVICE:NAME:OPTIONS */
                if (words[i].before == ':' && str_after(p, "UUID="))
                    name = p + strcspn(p, ":") + (p[strcspn(p, ":")] == ':');
                cleanup_free char *own =
                    strndup(name, strcspn(name, ": \t\n\"'"));
                if (!own || strv_append(&v->opened, own) < 0)
                    return error_no_memory(err);
            }
        }
    }
    return 0;
}

static int
learn(struct conversion *c, struct volumes *v, struct error *err)
{
    static const char *const lines[] = {"/etc/default/grub",
        "/etc/kernel/cmdline", "/boot/loader/entries/*.conf",
        "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg",
        "/boot/efi/loader/entries/*.conf", "/efi/loader/entries/*.conf",
        "/boot/syslinux/*.cfg", "/boot/extlinux/*.conf"};
    struct learning l = {c, v};
    cleanup_free char *fstab = conversion_read(c, "/etc/fstab", NULL, err);

    if ((!fstab && err->code) || learn_opened(c, v, "/etc/crypttab", err) < 0 ||
        learn_opened(c, v, "/etc/crypttab.initramfs", err) < 0)
        return -1;
    for (size_t i = 0; i < N_ELEMENTS(lines); i++)
        if (learn_from_lines(c, v, lines[i], err) < 0)
            return -1;
    if (!fstab)
        return 0;

    free(edit_fstab(fstab, learn_root, &l, err));
    if (!err->code)
        free(edit_fstab(fstab, learn_taken, &l, err));
    return err->code ? -1 : 0;
}

struct volumes *
device_volumes(struct conversion *c, struct error *err)
{
    if (c->volumes)
        return c->volumes;
    if (!(c->volumes = volumes_list(c->job.g, err)) ||
        learn(c, c->volumes, err) < 0)
        return NULL;
    return c->volumes;
}

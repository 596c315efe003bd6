/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the menus of boot loaders start, and which entry is the first.  A
 * loader's path starts at the root of one file system, and here all are one
 * tree; so a path is tried at the places where that file system may be. */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/facts/devices.h"
#include "appliance/agent/facts/kernels.h"
#include "appliance/agent/facts/reading.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/mounted.h"
#include "base/boot_entries.h"
#include "base/cleanup.h"
#include "base/strv.h"

/* Where menus lie: the guest's tree, or a partition of its own. */
struct place {
    int root;
    const char *device; /* NULL: the guest's tree */
    const char *base;   /* of paths, in it */
};

struct looking {
    struct facts *f;
    struct list *starts;
};

static void
clear_entries(void *opaque)
{
    entries_clear(opaque);
}

static void
clear_error(void *opaque)
{
    error_clear(opaque);
}

/* --- files --- */

static bool
try_file(struct facts *f, int root, const char *device, const char *folder,
    const char *path, struct boot_file *ret)
{
    char *whole =
        call_printf(f->c, "%s%s%s", folder, path[0] == '/' ? "" : "/", path);

    if (!tree_is_file(root, whole))
        return false;
    *ret = (struct boot_file){.root = root,
        .path = whole,
        .shown = device ? call_printf(f->c, "%s:%s", device, whole) : whole};
    return true;
}

static struct boot_file
find_file(struct facts *f, const struct place *at, const char *written)
{
    struct boot_file found = {.root = -1, .path = call_strdup(f->c, "")};
    char *path = call_strdup(f->c, written ? written : "");
    const char *rest;

    found.shown = found.path;
    for (char *p = path; *p; p++)
        if (*p == '\\')
            *p = '/';
    if (*path == '(' && strchr(path, ')'))
        path = strchr(path, ')') + 1;
    if ((rest = str_after(path, "$root")) ||
        (rest = str_after(path, "${root}")) ||
        (rest = str_after(path, "boot():")))
        path += rest - path;
    if (!*path || *path == '$')
        return found;
    if (at->device && try_file(f, at->root, at->device, at->base, path, &found))
        return found;
    if (try_file(f, f->root, NULL, "/boot", path, &found) ||
        try_file(f, f->root, NULL, "", path, &found))
        return found;
    /* The path of a subvolume comes first. */
    for (const char *p = path; *p == '/' && (p = strchr(p + 1, '/'));)
        if (try_file(f, f->root, NULL, "", p, &found))
            return found;
    return found;
}

/* --- menus --- */

static const char *
copy(struct facts *f, const char *text)
{
    return text ? call_strdup(f->c, text) : NULL;
}

/* The value of NAME= in grubenv; "" if there is none. */
static const char *
environment(struct facts *f, const char *name)
{
    static const char *const paths[] = {
        "/boot/grub/grubenv", "/boot/grub2/grubenv"};

    for (size_t i = 0; i < N_ELEMENTS(paths); i++) {
        char *text = tree_text(f->c, f->root, paths[i]), *line;

        while ((line = next_line(&text))) {
            char *value = line[0] == '#' ? NULL : cut_value(line);

            if (value && str_equal(line, name))
                return value;
        }
    }
    return "";
}

static const char *
options_of(struct facts *f, const struct boot_entry *x)
{
    const char *kernelopts;

    if (!x->options || !strstr(x->options, "$kernelopts"))
        return copy(f, x->options);
    kernelopts = environment(f, "kernelopts");
    return call_printf(f->c, "%s %s", x->options, kernelopts);
}

static void
add_start(struct looking *l, const struct place *at, const char *loader,
    const char *menu, const struct boot_entry *x, bool is_default, bool is_sure)
{
    struct boot_start *s = list_add(l->f->c, l->starts, struct boot_start);

    *s = (struct boot_start){.loader = loader,
        .menu = menu,
        .line = x->line,
        .number = copy(l->f, x->number),
        .title = copy(l->f, x->title),
        .id = copy(l->f, x->id),
        .options = options_of(l->f, x),
        .search = copy(l->f, x->search),
        .kernel = copy(l->f, x->kernel),
        .initrd = copy(l->f, x->initrd),
        .is_default = is_default,
        .is_sure = is_sure};
    s->kernel_file = find_file(l->f, at, s->kernel);
    s->initrd_file = find_file(l->f, at, s->initrd);
}

/* What GRUB takes if nothing is said, or what is said is not there. */
static const struct boot_entry *
first_entry(const struct boot_entries *e)
{
    for (size_t i = 0; i < e->n; i++)
        if (e->items[i].kernel)
            return &e->items[i];
    return NULL;
}

static void
add_all(struct looking *l, const struct place *at, const char *loader,
    const struct boot_entries *e, const char *menu, char *const *menus)
{
    const struct boot_entry *first = entries_default(e);
    const char *wanted = e->wanted;
    bool sure = first || !wanted || !wanted[0];

    if (!first)
        first = first_entry(e);
    for (size_t i = 0; i < e->n; i++)
        if (e->items[i].kernel)
            add_start(l, at, loader, menus ? menus[i] : menu, &e->items[i],
                &e->items[i] == first, sure);
}

static char *
place_text(struct facts *f, const struct place *at, const char *path)
{
    int before = f->root;

    f->root = at->root;
    char *text = fact_file(f, path);
    f->root = before;
    return text;
}

static const char *
shown(struct facts *f, const struct place *at, const char *path)
{
    return at->device ? call_printf(f->c, "%s:%s", at->device, path) : path;
}

static struct boot_entries *
new_entries(struct facts *f, struct error **ret_err)
{
    struct boot_entries *e = call_alloc(f->c, sizeof *e);

    *e = (struct boot_entries){0};
    call_defer(f->c, clear_entries, e);
    *ret_err = call_alloc(f->c, sizeof **ret_err);
    **ret_err = (struct error){0};
    call_defer(f->c, clear_error, *ret_err);
    return e;
}

static void
read_menu(struct looking *l, const struct place *at, const char *loader,
    const char *path)
{
    char *text = place_text(l->f, at, path);
    struct error *err;

    if (!text)
        return;
    struct boot_entries *e = new_entries(l->f, &err);
    e->wanted = entries_setting(text, "default", err);
    if (e->wanted && strstr(e->wanted, "saved_entry")) {
        const char *saved = environment(l->f, "saved_entry");

        free(e->wanted);
        e->wanted = strdup(saved);
    }
    if (err->code || entries_add_menu(e, text, err) < 0)
        call_no_memory(l->f->c);
    add_all(l, at, loader, e, shown(l->f, at, path), NULL);
}

static int
newest_first(const void *a, const void *b)
{
    return strverscmp(*(char *const *)b, *(char *const *)a);
}

/* loader/entries/ID.conf, of GRUB's blscfg or of systemd-boot: without a
 * default the one with the highest version. */
static void
read_singles(struct looking *l, const struct place *at)
{
    struct facts *f = l->f;
    char *folder = call_printf(f->c, "%s/loader/entries", at->base);
    int before = f->root;
    struct list ids = {0}, menus = {0};
    struct error *err;

    f->root = at->root;
    for (char **name = fact_folder(f, folder); *name; name++)
        if (ends_with_text(*name, ".conf") && ids.n < 200)
            list_add_string(f->c, &ids, *name);
    f->root = before;
    if (ids.n == 0)
        return;
    qsort(ids.items, ids.n, sizeof(char *), newest_first);
    char *settings =
        place_text(f, at, call_printf(f->c, "%s/loader/loader.conf", at->base));
    struct boot_entries *e = new_entries(f, &err);
    const char *saved = environment(f, "saved_entry");
    if (settings)
        e->wanted = entries_setting(settings, "default", err);
    if (!e->wanted && saved[0])
        e->wanted = strdup(saved);
    char **id = ids.items;
    for (uint32_t i = 0; i < ids.n && !err->code; i++) {
        char *path = call_printf(f->c, "%s/%s", folder, id[i]);
        char *text = place_text(f, at, path);
        size_t n = e->n;

        if (text)
            entries_add_one(e,
                call_strndup(f->c, id[i], strlen(id[i]) - strlen(".conf")),
                text, err);
        if (e->n > n)
            list_add_string(f->c, &menus, shown(f, at, path));
    }
    if (err->code)
        call_no_memory(f->c);
    add_all(l, at, "bls", e, NULL, menus.items);
}

/* A unified kernel holds its initramfs and command line: it is only named. */
static void
read_unified(struct looking *l, const struct place *at)
{
    static const char folder[] = "/EFI/Linux";
    int before = l->f->root;
    char **name;

    l->f->root = at->root;
    name = fact_folder(l->f, folder);
    l->f->root = before;
    for (; *name; name++) {
        size_t n = strlen(*name);

        if (n < 5 || strcasecmp(*name + n - 4, ".efi") != 0)
            continue;
        char *path = call_printf(l->f->c, "%s/%s", folder, *name);
        struct boot_start *s = list_add(l->f->c, l->starts, struct boot_start);
        *s = (struct boot_start){.loader = "unified",
            .menu = shown(l->f, at, path),
            .title = *name,
            .kernel = path};
        s->kernel_file = find_file(l->f, at, path);
        s->initrd_file = find_file(l->f, at, "");
    }
}

void
boot_starts(struct facts *f, struct list *ret)
{
    static const struct {
        const char *loader, *path;
    } menus[] = {{"grub", "/boot/grub/grub.cfg"},
        {"grub", "/boot/grub2/grub.cfg"}, {"grub", "/boot/grub/custom.cfg"},
        {"grub", "/boot/grub/menu.lst"}, {"grub", "/boot/grub/grub.conf"},
        {"syslinux", "/boot/extlinux/extlinux.conf"},
        {"syslinux", "/boot/extlinux.conf"}, {"syslinux", "/extlinux.conf"},
        {"syslinux", "/boot/syslinux/syslinux.cfg"}};
    struct looking l = {f, ret};
    struct place tree = {f->root, NULL, "/boot"};
    const struct mounted_volume *item = f->guest ? f->guest->items.items : NULL;

    for (size_t i = 0; i < N_ELEMENTS(menus); i++)
        read_menu(&l, &tree, menus[i].loader, menus[i].path);
    read_singles(&l, &tree);
    for (uint32_t i = 0; item && i < f->guest->items.n; i++) {
        if (item[i].root < 0 || !str_equal(item[i].volume->type, "vfat"))
            continue;
        struct place esp = {item[i].root, item[i].mountable, ""};
        int before = f->root;

        f->root = esp.root;
        char **vendor = fact_folder(f, "/EFI");
        f->root = before;
        for (; *vendor; vendor++)
            read_menu(&l, &esp, "grub",
                call_printf(f->c, "/EFI/%s/grub.cfg", *vendor));
        read_menu(&l, &esp, "syslinux", "/syslinux.cfg");
        read_singles(&l, &esp);
        read_unified(&l, &esp);
    }
}

/* --- rows --- */

/* The last KEY=VALUE among the words of a command line. */
static const char *
option(struct facts *f, const char *options, const char *key)
{
    char *rest = call_strdup(f->c, options ? options : ""), *word;
    const char *found = NULL;

    while ((word = fact_word(&rest, " \t\"'"))) {
        const char *value = str_after(word, key);

        found = value ? value : found;
    }
    return found;
}

/* Other devices that the command line waits for. */
static void
add_devices(struct fact_row *r, const char *options)
{
    static const struct {
        const char *key, *before;
    } keys[] = {{"resume=", ""}, {"rd.luks.uuid=", "UUID="},
        {"rd.lvm.lv=", "/dev/"}, {"cryptdevice=", ""}, {"mount.usr=", ""}};
    char *rest = call_strdup(r->f->c, options ? options : ""), *word;

    while ((word = fact_word(&rest, " \t\"'")))
        for (size_t i = 0; i < N_ELEMENTS(keys); i++) {
            const char *value = str_after(word, keys[i].key);

            if (!value || !value[0])
                continue;
            const char *bare = str_after(value, "luks-");
            char *spec = call_printf(
                r->f->c, "%s%s", keys[i].before, bare && i == 1 ? bare : value);
            if (i == 3)
                spec[strcspn(spec, ":")] = '\0';
            if (!facts_resolve(r->f, spec))
                fact_text(
                    r, i == 0 ? "missing_resume" : "missing_devices", word);
        }
}

void
facts_boot_entries(struct facts *f)
{
    struct list starts = {0};
    bool is_kernel;

    boot_starts(f, &starts);
    const struct boot_start *s = starts.items;
    for (uint32_t i = 0; i < starts.n; i++) {
        const char *name = s[i].title && s[i].title[0] ? s[i].title : s[i].id;
        struct fact_row r = fact_add(f, name, s[i].menu, s[i].line);
        const char *root = option(f, s[i].options, "root=");

        fact_text(&r, "loader", s[i].loader);
        fact_text(&r, "number", s[i].number);
        fact_text(&r, "id", s[i].id);
        fact_flag(&r, "default", s[i].is_default);
        fact_flag(&r, "default_sure", s[i].is_sure);
        fact_text(&r, "kernel", s[i].kernel);
        fact_text(&r, "kernel_file", s[i].kernel_file.shown);
        fact_flag(&r, "kernel_found", s[i].kernel_file.path[0]);
        const char *version =
            kernel_version_of(f, &s[i].kernel_file, &is_kernel);
        fact_text(&r, "version", version);
        fact_flag(&r, "kernel_whole", is_kernel);
        fact_text(&r, "initrd", s[i].initrd);
        fact_text(&r, "initrd_file", s[i].initrd_file.shown);
        if (s[i].initrd)
            fact_flag(&r, "initrd_found", s[i].initrd_file.path[0]);
        fact_text(&r, "options", s[i].options);
        fact_text(&r, "search", s[i].search);
        if (s[i].search)
            fact_flag(
                &r, "search_found", facts_resolve(f, s[i].search) != NULL);
        fact_text(&r, "root", root);
        if (root && facts_is_device(root)) {
            const struct volume *v = facts_resolve(f, root);

            fact_flag(&r, "root_found", v != NULL);
            fact_text(&r, "root_device", v ? v->device : NULL);
        }
        add_devices(&r, s[i].options);
    }
}

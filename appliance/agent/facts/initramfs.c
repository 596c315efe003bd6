/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an initramfs holds: archives one after another, each compressed by
 * itself or not at all.  Only names are read, and a few small files that name
 * devices. */
#include <config.h>

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/facts/devices.h"
#include "appliance/agent/facts/kernels.h"
#include "appliance/agent/facts/reading.h"
#include "appliance/agent/guest/tree.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { ARCHIVES_MAX = 8 };

struct holding {
    struct facts *f;
    struct list modules; /* char *, sorted at the end */
    char *version;       /* of its folder of modules; NULL: not seen */
    bool init, too_many;
    struct list names; /* char *: "FILE\nDEVICE" */
};

/* "usr/lib/modules/VERSION/kernel/..." */
static void
take_version(struct holding *h, const char *path)
{
    const char *start = strstr(path, "lib/modules/");
    size_t n;

    if (h->version || !start)
        return;
    start += strlen("lib/modules/");
    n = strcspn(start, "/");
    if (n > 0 && start[n])
        h->version = call_strndup(h->f->c, start, n);
}

static bool
is_named_file(const char *path)
{
    return str_equal(path, "conf/conf.d/resume") ||
           str_equal(path, "cryptroot/crypttab") ||
           str_equal(path, "etc/crypttab") || str_after(path, "etc/cmdline.d/");
}

/* Names of devices in a small file of the archive. */
static void
take_names(struct holding *h, struct archive *a, const char *path)
{
    enum { SMALL = 16384, NAMES_MAX = 200 };
    char *text = call_alloc(h->f->c, SMALL + 1), *line, *word;
    la_ssize_t n = archive_read_data(a, text, SMALL);

    if (n <= 0)
        return;
    text[n] = '\0';
    while ((line = next_line(&text))) {
        line = fact_trim(line);
        while (line[0] != '#' && (word = fact_word(&line, " \t\"'"))) {
            static const char *const keys[] = {
                "root=", "resume=", "RESUME=", "rd.luks.uuid=", "rd.lvm.lv="};
            const char *spec = word, *rest;

            for (size_t i = 0; i < N_ELEMENTS(keys); i++)
                if ((rest = str_after(word, keys[i])))
                    spec = rest;
            if (facts_is_device(spec) && h->names.n < NAMES_MAX)
                list_add_string(h->f->c, &h->names,
                    call_printf(h->f->c, "%s\n%s", path, spec));
        }
    }
}

static void
take_entry(struct holding *h, struct archive *a, struct archive_entry *e)
{
    enum { MODULES_MAX = 8192 };
    const char *path = archive_entry_pathname(e);

    if (!path)
        return;
    path += str_after(path, "./") ? 2 : 0;
    path += *path == '/';
    h->init |= str_equal(path, "init");
    take_version(h, path);
    char *name = module_name(h->f, path, strlen(path));
    if (name && h->modules.n < MODULES_MAX)
        list_add_string(h->f->c, &h->modules, name);
    h->too_many |= name && h->modules.n >= MODULES_MAX;
    if (is_named_file(path) && archive_entry_filetype(e) == AE_IFREG)
        take_names(h, a, path);
}

static void
free_archive(void *opaque)
{
    archive_read_free(opaque);
}

static void
close_fd(void *opaque)
{
    int *fd = opaque;

    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Past zeroes; -1: the end. */
static off_t
skip_zeroes(int fd, off_t at)
{
    char block[65536];
    ssize_t n;

    while ((n = pread(fd, block, sizeof block, at)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            if (block[i])
                return at + i;
        at += n;
    }
    return -1;
}

/* Where an archive that is not compressed starts at AT or after it. */
static off_t
find_plain(int fd, off_t at)
{
    static const char magic[] = "07070";
    enum { STEP = 65536, MAGIC = sizeof magic - 1 };
    char block[STEP + MAGIC + 1];
    ssize_t n;

    for (at = (at + 3) & ~(off_t)3;
         (n = pread(fd, block, sizeof block, at)) > MAGIC; at += STEP)
        for (ssize_t i = 0; i < STEP && i + MAGIC < n; i += 4)
            if (memcmp(block + i, magic, MAGIC) == 0)
                return at + i;
    return -1;
}

/* One archive at AT; returns where to look for the next, -1: the end.  NULL or
 * why it cannot be read in *RET_WHY. */
static off_t
read_one(struct holding *h, int fd, off_t at, const char **ret_why)
{
    enum { BLOCK = 256 << 10, ENTRIES_MAX = 200000 };
    struct archive *a = archive_read_new();
    struct archive_entry *e;
    int r;

    if (!a)
        call_no_memory(h->f->c);
    call_defer(h->f->c, free_archive, a);
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_lzma(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_lz4(a);
    archive_read_support_format_cpio(a);
    if (lseek(fd, at, SEEK_SET) < 0 ||
        archive_read_open_fd(a, fd, BLOCK) != ARCHIVE_OK) {
        *ret_why = call_strdup(h->f->c, archive_error_string(a));
        return -1;
    }
    for (unsigned n = 0; (r = archive_read_next_header(a, &e)) != ARCHIVE_EOF;
         n++) {
        if (r < ARCHIVE_WARN || n > ENTRIES_MAX || call_cancelled(h->f->c)) {
            const char *text = archive_error_string(a);

            *ret_why = n > ENTRIES_MAX ? "too many files"
                       : text          ? call_strdup(h->f->c, text)
                                       : "no archive";
            return -1;
        }
        take_entry(h, a, e);
    }
    int raw = archive_filter_count(a) - 1;
    off_t end = at + (off_t)archive_filter_bytes(a, raw);
    /* It reads ahead; and a compressed one does not say where it ends. */
    return raw > 0 ? find_plain(fd, end > BLOCK + at ? end - BLOCK : at + 4)
                   : end;
}

static int
by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
holds(const struct list *sorted, const char *name)
{
    return sorted->n > 0 &&
           bsearch(&name, sorted->items, sorted->n, sizeof(char *), by_text);
}

/* Drivers that matter, and that lack a module that they need. */
static void
add_incomplete(struct fact_row *r, struct holding *h, const char *version)
{
    struct facts *f = h->f;
    char *text = kernel_modules_file(f, version, "modules.dep"), *line, *word;

    while ((line = next_line(&text))) {
        size_t n = strcspn(line, ":");
        char *name = module_name(f, line, n);

        if (!name || !module_matters(name) || !holds(&h->modules, name) ||
            !line[n])
            continue;
        line += n + 1;
        while ((word = fact_word(&line, " \t"))) {
            char *need = module_name(f, word, strlen(word));

            if (need && !holds(&h->modules, need))
                fact_text(r, "incomplete",
                    call_printf(f->c, "%s needs %s", name, need));
        }
    }
}

static void
add_names(struct fact_row *r, const struct holding *h)
{
    char **name = h->names.items;

    for (uint32_t i = 0; i < h->names.n; i++) {
        const char *spec = strchr(name[i], '\n') + 1;

        if (!facts_resolve(r->f, spec))
            fact_text(r, "missing_devices", spec);
    }
}

static void
read_initramfs(struct facts *f, const struct boot_file *file)
{
    int *fd = call_alloc(f->c, sizeof *fd);
    struct holding h = {.f = f};
    const char *why = NULL;
    struct stat st;
    off_t at = 0;

    *fd = -1;
    call_defer(f->c, close_fd, fd);
    *fd = tree_open(file->root, file->path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    struct fact_row r = fact_add(f, file->shown, file->shown, 0);
    if (*fd < 0 || fstat(*fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        fact_text(&r, "error", *fd < 0 ? strerror(errno) : "no regular file");
        return;
    }
    fact_number(&r, "size", (uint64_t)st.st_size);
    at = skip_zeroes(*fd, 0);
    if (at < 0)
        why = "it is empty";
    for (unsigned n = 0; at >= 0 && !why && n < ARCHIVES_MAX; n++) {
        at = read_one(&h, *fd, at, &why);
        if (at >= 0)
            at = skip_zeroes(*fd, at);
    }
    close_fd(fd);
    fact_text(&r, "error", why);
    if (h.too_many)
        fact_text(&r, "error", "it holds too many modules");
    fact_text(&r, "version", h.version);
    fact_flag(&r, "init_found", h.init);
    if (h.modules.n > 0)
        qsort(h.modules.items, h.modules.n, sizeof(char *), by_text);
    char **name = h.modules.items;
    for (uint32_t i = 0; i < h.modules.n; i++)
        if (i == 0 || !str_equal(name[i], name[i - 1]))
            fact_text(&r, "drivers", name[i]);
    if (h.version)
        add_incomplete(&r, &h, h.version);
    add_names(&r, &h);
}

/* Those that entries start, the default one first, and those that lie
 * beside the kernels. */
void
facts_initramfs(struct facts *f)
{
    enum { READ_MAX = 6 };
    static const char *const prefixes[] = {"initrd", "initramfs"};
    struct list starts = {0}, seen = {0};
    const struct boot_start *s;
    bool more = false;

    boot_starts(f, &starts);
    s = starts.items;
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < starts.n; i++) {
            char **known = seen.items;
            bool again = s[i].is_default != (round == 0) ||
                         !s[i].initrd_file.path || !s[i].initrd_file.path[0];

            for (uint32_t k = 0; !again && k < seen.n; k++)
                again = str_equal(known[k], s[i].initrd_file.shown);
            if (again)
                continue;
            if (seen.n >= READ_MAX) {
                more = true;
                break;
            }
            list_add_string(f->c, &seen, s[i].initrd_file.shown);
            read_initramfs(f, &s[i].initrd_file);
        }
    for (char **name = fact_folder(f, "/boot"); starts.n == 0 && *name; name++)
        for (size_t i = 0; i < N_ELEMENTS(prefixes); i++) {
            struct boot_file file = {
                f->root, call_printf(f->c, "/boot/%s", *name), NULL};

            file.shown = file.path;
            if (!str_after(*name, prefixes[i]) ||
                !tree_is_file(f->root, file.path))
                continue;
            if (seen.n >= READ_MAX) {
                more = true;
                break;
            }
            list_add_string(f->c, &seen, file.path);
            read_initramfs(f, &file);
        }
    if (more)
        fact_note(f, f->system->root,
            "facts: only the initramfs of %d kernels are read", READ_MAX);
}

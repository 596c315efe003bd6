/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: libarchive reads the source, an ISO or a folder, twice:
 * first the names, to see which versions have drivers; then the files for the
 * best matching version. */
#include <config.h>

#include "v2v/convert/windows/driver_files.h"

#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/strv.h"

enum { FILES_MAX = 1000, FILE_MAX = 64 << 20, BLOCK = 64 << 10 };

/* --- versions --- */

/* The folders with drivers for a version, the best first. */
struct version {
    uint32_t major, minor, build; /* this build or later */
    bool server;
    const char *folders[5];
};

static const struct version versions[] = {
    {10, 0, 26100, true, {"2k25", "2k22", "2k19", "2k16"}},
    {10, 0, 20348, true, {"2k22", "2k19", "2k16"}},
    {10, 0, 17763, true, {"2k19", "2k16"}},
    {10, 0, 0, true, {"2k16"}},
    {10, 0, 22000, false, {"w11", "w10"}},
    {10, 0, 0, false, {"w10"}},
    {6, 3, 0, true, {"2k12r2", "2k12"}},
    {6, 3, 0, false, {"w8.1", "w8"}},
    {6, 2, 0, true, {"2k12"}},
    {6, 2, 0, false, {"w8"}},
    {6, 1, 0, true, {"2k8r2"}},
    {6, 1, 0, false, {"w7"}},
    {6, 0, 0, true, {"2k8"}},
    {6, 0, 0, false, {"vista", "2k8"}},
    {5, 2, 0, true, {"2k3"}},
    {5, 2, 0, false, {"2k3"}},
    {5, 1, 0, false, {"xp"}},
};

static const struct version *
find_version(const struct driver_wish *wish)
{
    for (size_t i = 0; i < N_ELEMENTS(versions); i++) {
        const struct version *v = &versions[i];

        if (v->major == wish->major && v->minor == wish->minor &&
            v->server == wish->server && wish->build >= v->build)
            return v;
    }
    return NULL;
}

/* Does one of the folders in PATH have this name? */
static bool
has_folder(const char *path, const char *name)
{
    for (const char *slash; (slash = strchr(path, '/')); path = slash + 1)
        if ((size_t)(slash - path) == strlen(name) &&
            strncasecmp(path, name, strlen(name)) == 0)
            return true;
    return false;
}

/* w10 is also Win10, 2k19 Win2019, 2k8 Win2008. */
static bool
is_for_version(const char *path, const char *folder)
{
    cleanup_free char *longer = NULL;

    if (has_folder(path, folder))
        return true;
    if (folder[0] == 'w')
        longer = text_printf("win%s", folder + 1);
    else if (folder[0] == '2')
        longer = text_printf("win20%s%s",
            isdigit((unsigned char)folder[3]) ? "" : "0", folder + 2);
    return longer && has_folder(path, longer);
}

static bool
is_for_processor(const char *path, bool is_64bit)
{
    return is_64bit ? has_folder(path, "amd64")
                    : has_folder(path, "x86") || has_folder(path, "i386");
}

/* Debug symbols and the like are not copied. */
static bool
is_part_of_driver(const char *path)
{
    static const char *const endings[] = {
        ".inf", ".sys", ".cat", ".dll", ".exe"};
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot && i < N_ELEMENTS(endings); i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    return false;
}

/* qemu-ga-x86_64.msi, which was qemu-ga-x64.msi, or qemu-ga-i386.msi. */
static bool
is_agent(const char *path, bool is_64bit)
{
    const char *slash = strrchr(path, '/');
    const char *rest = str_after(slash ? slash + 1 : path, "qemu-ga-");

    return rest && (is_64bit ? strcasecmp(rest, "x86_64.msi") == 0 ||
                                   strcasecmp(rest, "x64.msi") == 0
                             : strcasecmp(rest, "i386.msi") == 0 ||
                                   strcasecmp(rest, "x86.msi") == 0);
}

/* --- the source --- */

struct source {
    struct archive *a;
    const char *path;
    bool is_folder;
};

static int
fail(const struct source *s, struct error *err)
{
    const char *text = archive_error_string(s->a);

    return error_set(err, EIO, "cannot read the drivers in %s: %s", s->path,
        text ? text : "unknown error");
}

static int
source_open(struct source *s, const char *path, struct error *err)
{
    struct stat st;

    *s = (struct source){.path = path};
    if (stat(path, &st) < 0)
        return error_errno(err, errno, "cannot open the drivers in %s", path);
    s->is_folder = S_ISDIR(st.st_mode);
    s->a = s->is_folder ? archive_read_disk_new() : archive_read_new();
    if (!s->a)
        return error_no_memory(err);
    if (s->is_folder)
        archive_read_disk_set_symlink_hybrid(s->a);
    else
        archive_read_support_format_iso9660(s->a);
    if ((s->is_folder
                ? archive_read_disk_open(s->a, path)
                : archive_read_open_filename(s->a, path, BLOCK)) != ARCHIVE_OK)
        return fail(s, err);
    return 0;
}

static void
source_close(struct source *s)
{
    archive_read_free(s->a);
}

/* The path of the next file in the source; NULL: the end, or an error. */
static const char *
source_next(struct source *s, struct archive_entry **ret, struct error *err)
{
    for (;;) {
        int r = archive_read_next_header(s->a, ret);

        if (r == ARCHIVE_EOF)
            return NULL;
        if (r < ARCHIVE_WARN)
            return fail(s, err), NULL;
        if (s->is_folder && archive_read_disk_can_descend(s->a))
            archive_read_disk_descend(s->a);

        const char *path = archive_entry_pathname(*ret);
        if (!path || archive_entry_filetype(*ret) != AE_IFREG)
            continue;
        if (!s->is_folder)
            return path;
        const char *rest = str_after(path, s->path);
        return rest ? rest + strspn(rest, "/") : path;
    }
}

/* The index of the best folder with a driver; the number of folders if none has
 * one. */
static int
find_best(const struct version *v, const char *path, bool is_64bit, size_t *ret,
    struct error *err)
{
    struct source s;
    struct archive_entry *e;
    const char *name;
    size_t n = 0;
    int r = source_open(&s, path, err);

    while (n < N_ELEMENTS(v->folders) && v->folders[n])
        n++;
    *ret = n;
    while (r == 0 && (name = source_next(&s, &e, err))) {
        if (!is_for_processor(name, is_64bit) || !is_part_of_driver(name))
            continue;
        for (size_t i = 0; i < *ret; i++)
            if (is_for_version(name, v->folders[i]))
                *ret = i;
    }
    source_close(&s);
    return err->code ? -1 : 0;
}

static int
read_file_of(struct driver_file *f, struct source *s, const char *path,
    int64_t size, struct error *err)
{
    const char *slash = strrchr(path, '/');

    if (size < 0 || size > FILE_MAX)
        return error_set(
            err, E2BIG, "%s: %s is too large for a driver", s->path, path);
    *f = (struct driver_file){
        .name = strdup(slash ? slash + 1 : path),
        .data = malloc((size_t)size + 1),
        .size = (size_t)size,
    };
    if (!f->name || !f->data)
        return error_no_memory(err);
    for (char *p = f->name; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    for (size_t done = 0; done < f->size;) {
        la_ssize_t n = archive_read_data(s->a, f->data + done, f->size - done);

        if (n <= 0)
            return fail(s, err);
        done += (size_t)n;
    }
    return 0;
}

static int
add_file(struct driver_files *ret, struct source *s, const char *path,
    int64_t size, struct error *err)
{
    const char *slash = strrchr(path, '/');
    struct driver_file *more;

    /* The source may hold the same file in both folder orders. */
    for (size_t i = 0; i < ret->n; i++)
        if (strcasecmp(ret->files[i].name, slash ? slash + 1 : path) == 0)
            return 0;
    if (ret->n == FILES_MAX)
        return error_set(
            err, E2BIG, "%s: more than %d drivers", s->path, FILES_MAX);
    if (!(more = reallocarray(ret->files, ret->n + 1, sizeof *more)))
        return error_no_memory(err);
    ret->files = more;
    more[ret->n] = (struct driver_file){0};
    return read_file_of(&more[ret->n++], s, path, size, err);
}

int
driver_files_read(struct driver_files *ret, const char *source,
    const struct driver_wish *wish, struct error *err)
{
    const struct version *v = find_version(wish);
    struct source s;
    struct archive_entry *e;
    const char *name;
    size_t best;

    *ret = (struct driver_files){0};
    if (!v)
        return 0;
    if (find_best(v, source, wish->is_64bit, &best, err) < 0)
        return -1;
    if (best == N_ELEMENTS(v->folders) || !v->folders[best])
        return 0;
    ret->version = v->folders[best];

    int r = source_open(&s, source, err);
    while (r == 0 && (name = source_next(&s, &e, err)))
        if (is_for_processor(name, wish->is_64bit) && is_part_of_driver(name) &&
            is_for_version(name, ret->version))
            r = add_file(ret, &s, name, archive_entry_size(e), err);
        else if (!ret->agent.data && is_agent(name, wish->is_64bit))
            r = read_file_of(&ret->agent, &s, name, archive_entry_size(e), err);
    source_close(&s);
    return err->code ? -1 : 0;
}

const struct driver_file *
driver_files_find(const struct driver_files *files, const char *name)
{
    for (size_t i = 0; i < files->n; i++)
        if (str_equal(files->files[i].name, name))
            return &files->files[i];
    return NULL;
}

void
driver_files_clear(struct driver_files *files)
{
    for (size_t i = 0; i < files->n; i++) {
        free(files->files[i].name);
        free(files->files[i].data);
    }
    free(files->files);
    free(files->agent.name);
    free(files->agent.data);
    *files = (struct driver_files){0};
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/repository/publish.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "builder/catalog/index.h"
#include "builder/image/convert.h"
#include "builder/image/output.h"
#include "builder/repository/compress.h"
#include "builder/repository/examine.h"

enum { MAX_TEXT = 1 << 20 };

/* The sources of a value; the first that has it wins. */
struct origin {
    const struct facts *facts;
    const struct ini_section *beside; /* of the file next to the image */
    const struct ini_section *old;
    struct examined examined;
};

/* The file next to the image: disk.qcow2 -> disk.ini. */
static int
read_beside(const char *image, struct ini *ret, struct error *err)
{
    const char *slash = strrchr(image, '/'), *dot = strrchr(image, '.');
    int stem = dot && (!slash || dot > slash) ? (int)(dot - image)
                                              : (int)strlen(image);
    cleanup_free char *path = text_printf("%.*s.ini", stem, image);
    size_t size;

    if (!path)
        return error_no_memory(err);
    if (access(path, F_OK) < 0)
        return 0;

    cleanup_free char *text = read_file(path, MAX_TEXT, &size, err);
    if (!text)
        return -1;
    if (ini_parse(text, size, ret, err) < 0)
        return error_context(err, "%s", path);
    if (ret->n_sections != 1)
        return error_set(err, EINVAL, "%s must hold one section", path);
    return 0;
}

/* A name valid in an index, derived from the image's name. */
static char *
id_from_name(const char *image)
{
    const char *slash = strrchr(image, '/');
    const char *base = slash ? slash + 1 : image;
    const char *dot = strrchr(base, '.');
    char *id =
        strndup(base, dot && dot > base ? (size_t)(dot - base) : strlen(base));

    for (char *p = id; p && *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("-._", *p))
            *p = '-';
    return id;
}

static bool
id_is_good(const char *id)
{
    return *id &&
           strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                      "abcdefghijklmnopqrstuvwxyz0123456789-._") == strlen(id);
}

static const char *
value(const struct origin *o, const char *given, const char *key)
{
    const char *v = given;

    if (!v && o->beside)
        v = ini_get(o->beside, key, NULL);
    if (!v && o->old)
        v = ini_get(o->old, key, NULL);
    return v;
}

static const struct ini_section *
find_section(const struct ini *ini, const char *id, const char *arch)
{
    for (size_t i = 0; ini && i < ini->n_sections; i++) {
        const struct ini_section *s = &ini->sections[i];
        const char *have = ini_get(s, "arch", NULL);

        if (str_equal(s->id, id) &&
            (!arch || (have && str_equal(arch_normalise(have), arch))))
            return s;
    }
    return NULL;
}

/* A raw version of the image, open for reading. */
static int
open_raw(const char *image, const char *folder, struct error *err)
{
    cleanup_close int fd = open(image, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char magic[4] = "";
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return error_errno(err, errno, "cannot open %s", image);
    if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
        return error_set(err, EINVAL, "%s is not an image file", image);
    if (pread(fd, magic, sizeof magic, 0) != sizeof magic)
        return error_set(err, EINVAL, "%s is too short for an image", image);
    if (memcmp(magic, "QFI\xfb", sizeof magic) != 0)
        return steal_fd(&fd);

    cleanup_close int raw = nameless_file(folder, err);
    if (raw < 0)
        return -1;
    if (convert_to_raw(fd, raw, INT64_MAX, err) < 0)
        return error_context(err, "%s", image);
    return steal_fd(&raw);
}

/* KEY=VALUE, always on one line. */
static void
put(FILE *out, const char *key, const char *text)
{
    if (!text || !*text)
        return;
    fprintf(out, "%s=", key);
    for (; *text; text++)
        putc((unsigned char)*text < ' ' ? ' ' : *text, out);
    putc('\n', out);
}

/* Notes have several lines; each but the first starts with a blank. */
static void
put_notes(FILE *out, const char *text)
{
    if (!text || !*text)
        return;
    fputs("notes=", out);
    for (; *text; text++) {
        putc(*text, out);
        if (*text == '\n' && text[1])
            putc(' ', out);
    }
    if (text[-1] != '\n')
        putc('\n', out);
}

struct published {
    const char *id, *arch;
    char *file, *sum; /* owned */
    uint64_t size, compressed_size;
    int64_t revision;
};

static char *
section_text(
    const struct origin *o, const struct published *p, struct error *err)
{
    const struct facts *f = o->facts;
    const struct examined *e = &o->examined;
    cleanup_free char *notes = NULL;
    const char *name = value(o, f->name, "name");
    const char *osinfo = value(o, f->osinfo, "osinfo");
    const char *expand = value(o, f->expand, "expand");
    const char *lvexpand = value(o, f->lvexpand, "lvexpand");
    char *text = NULL;
    size_t size;

    if (f->notes_file &&
        !(notes = read_file(f->notes_file, MAX_TEXT, NULL, err)))
        return NULL;

    FILE *out = open_memstream(&text, &size);
    if (!out)
        return error_no_memory(err), NULL;
    fprintf(out, "[%s]\n", p->id);
    put(out, "name", name ? name : e->name);
    put(out, "osinfo", osinfo ? osinfo : e->osinfo);
    put(out, "arch", p->arch);
    put(out, "file", p->file);
    fprintf(out, "revision=%" PRId64 "\n", p->revision);
    fprintf(out, "checksum[sha512]=%s\n", p->sum);
    put(out, "format", "raw");
    fprintf(out, "size=%" PRIu64 "\ncompressed_size=%" PRIu64 "\n", p->size,
        p->compressed_size);
    put(out, "expand", expand ? expand : e->expand);
    put(out, "lvexpand", lvexpand ? lvexpand : expand ? NULL : e->lvexpand);
    put(out, "aliases", value(o, NULL, "aliases"));
    put_notes(out, notes ? notes : value(o, NULL, "notes"));
    if (fclose(out) != 0) {
        free(text);
        return error_no_memory(err), NULL;
    }
    return text;
}

/* The revision goes up when the content changes. */
static int64_t
next_revision(const struct ini_section *old, const char *sum)
{
    const char *revision = old ? ini_get(old, "revision", NULL) : NULL;
    const char *before = old ? ini_get(old, "checksum", "sha512") : NULL;
    int64_t n = revision ? strtoll(revision, NULL, 10) : 1;

    if (!old)
        return 1;
    return before && str_equal(before, sum) ? n : n + 1;
}

static int
compress_to(const struct publication *to, int raw,
    const struct ini_section *old, struct published *p, struct error *err)
{
    cleanup_output struct output out = {.fd = -1};
    cleanup_free char *base =
        text_printf("%s/%s.%s", to->folder, p->id, p->arch);

    /* The final name includes the revision, which depends on the content. */
    if (!base)
        return error_no_memory(err);
    if (output_open(&out, base, 0644, err) < 0)
        return -1;
    p->sum = compress_xz(raw, out.fd, to->level, &p->compressed_size, err);
    if (!p->sum)
        return -1;
    p->revision = next_revision(old, p->sum);
    p->file = text_printf("%s.%s.r%" PRId64 ".xz", p->id, p->arch, p->revision);
    free(out.path);
    out.path = p->file ? text_printf("%s/%s", to->folder, p->file) : NULL;
    if (!out.path)
        return error_no_memory(err);
    return output_commit(&out, err);
}

char *
publish_image(const struct publication *to, const char *image,
    const struct facts *facts, char **ret_file, struct error *err)
{
    cleanup_ini struct ini beside = {0};
    struct origin o = {.facts = facts};
    struct published p = {0};
    struct stat st;
    cleanup_close int raw = -1;

    if (read_beside(image, &beside, err) < 0)
        return NULL;
    o.beside = beside.n_sections ? &beside.sections[0] : NULL;

    cleanup_free char *from_name = id_from_name(image);
    p.id = facts->id ? facts->id : o.beside ? o.beside->id : from_name;
    if (!p.id)
        return error_no_memory(err), NULL;
    if (!id_is_good(p.id))
        return error_set(err, EINVAL,
                   "invalid template name '%s': use letters, digits, '-', "
                   "'.' and '_'",
                   p.id),
               NULL;
    o.old = find_section(to->index, p.id, NULL);
    p.arch = value(&o, facts->arch, "arch");

    raw = open_raw(image, to->folder, err);
    if (raw < 0)
        return NULL;
    if (fstat(raw, &st) < 0)
        return error_errno(err, errno, "cannot examine %s", image), NULL;
    p.size = (uint64_t)st.st_size;

    cleanup_examined struct examined examined = {0};
    if ((!p.arch || !value(&o, facts->name, "name") ||
            !value(&o, facts->expand, "expand")) &&
        examine(to->tool, image, &examined, err) < 0 && !p.arch)
        return NULL;
    o.examined = examined;
    if (!p.arch)
        p.arch = examined.arch;
    p.arch = arch_normalise(p.arch);
    o.old = find_section(to->index, p.id, p.arch);

    int r = compress_to(to, raw, o.old, &p, err);
    cleanup_free char *sum = p.sum, *file = p.file;
    char *text = r < 0 ? NULL : section_text(&o, &p, err);
    if (text)
        *ret_file = steal_pointer(&file);
    return text;
}

bool
publish_is_known(const struct ini *index, const char *file)
{
    for (size_t i = 0; i < index->n_sections; i++) {
        const char *known = ini_get(&index->sections[i], "file", NULL);

        if (known && str_equal(known, file))
            return true;
    }
    return false;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/catalog/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "builder/catalog/ini.h"

enum { SHA512_HEX = 128 };

static const struct {
    const char *from, *to;
} arch_names[] = {
    {"amd64", "x86_64"},
    {"x86-64", "x86_64"},
    {"i386", "i686"},
    {"i486", "i686"},
    {"i586", "i686"},
    {"arm64", "aarch64"},
    {"armhf", "armv7l"},
    {"powerpc", "ppc"},
    {"powerpc64", "ppc64"},
    {"ppc64el", "ppc64le"},
    {"powerpc64le", "ppc64le"},
};

const char *
arch_normalise(const char *arch)
{
    for (size_t i = 0; i < N_ELEMENTS(arch_names); i++)
        if (str_equal(arch, arch_names[i].from))
            return arch_names[i].to;
    return arch;
}

const char *
arch_host(void)
{
    static struct utsname host;

    return uname(&host) == 0 ? arch_normalise(host.machine) : "x86_64";
}

bool
index_file_is_safe(const char *file)
{
    if (!*file || *file == '/' || strstr(file, "://"))
        return false;
    for (const char *p = file; p; p = strchr(p, '/')) {
        p += *p == '/';
        if (strncmp(p, "..", 2) == 0 && (p[2] == '/' || p[2] == 0))
            return false;
    }
    return true;
}

static int
parse_number(const struct ini_section *s, const char *key, uint64_t *ret,
    struct error *err)
{
    const char *text = ini_get(s, key, NULL);
    char *end;

    if (!text)
        return 0;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || value > INT64_MAX)
        return error_set(
            err, EINVAL, "[%s]: %s=%.40s is not a number", s->id, key, text);
    *ret = value;
    return 0;
}

static int
copy_text(
    const struct ini_section *s, const char *key, char **ret, struct error *err)
{
    const char *text = ini_get(s, key, NULL);

    if (text && *text && !(*ret = strdup(text)))
        return error_no_memory(err);
    return 0;
}

static int
parse_checksum(const struct ini_section *s, char **ret, struct error *err)
{
    const char *text = ini_get(s, "checksum", "sha512");

    if (!text)
        text = ini_get(s, "checksum", NULL);
    if (!text)
        return 0;
    if (strlen(text) != SHA512_HEX ||
        strspn(text, "0123456789abcdefABCDEF") != SHA512_HEX)
        return error_set(err, EINVAL,
            "[%s]: checksum[sha512] is not 128 hexadecimal digits", s->id);
    if (!(*ret = strdup(text)))
        return error_no_memory(err);
    for (char *p = *ret; *p; p++)
        if (*p >= 'A' && *p <= 'F')
            *p += 'a' - 'A';
    return 0;
}

static int
parse_aliases(const struct ini_section *s, char ***ret, struct error *err)
{
    const char *text = ini_get(s, "aliases", NULL);
    cleanup_free char *copy = strdup(text ? text : "");
    char *save = NULL;

    if (!copy)
        return error_no_memory(err);
    for (char *word = strtok_r(copy, " \t\n", &save); word;
         word = strtok_r(NULL, " \t\n", &save))
        if (strv_append(ret, word) < 0)
            return error_no_memory(err);
    return 0;
}

static int
parse_notes(const struct ini_section *s, struct template *t, struct error *err)
{
    t->notes = calloc(s->n_fields, sizeof *t->notes);
    if (!t->notes && s->n_fields)
        return error_no_memory(err);
    for (size_t i = 0; i < s->n_fields; i++) {
        const struct ini_field *f = &s->fields[i];

        if (!str_equal(f->key, "notes"))
            continue;

        struct note *note = &t->notes[t->n_notes++];
        note->language = f->sub ? strdup(f->sub) : NULL;
        note->text = strdup(f->value);
        if (!note->text || (f->sub && !note->language))
            return error_no_memory(err);
    }
    return 0;
}

static int
parse_template(
    const struct ini_section *s, struct template *t, struct error *err)
{
    const char *arch = ini_get(s, "arch", NULL);
    const char *hidden = ini_get(s, "hidden", NULL);
    uint64_t revision = 1;

    *t = (struct template){.id = strdup(s->id)};
    if (!t->id)
        return error_no_memory(err);
    if (!arch || !*arch)
        return error_set(err, EINVAL, "[%s]: no arch=", s->id);
    if (!(t->arch = strdup(arch_normalise(arch))))
        return error_no_memory(err);
    if (copy_text(s, "file", &t->file, err) < 0 ||
        copy_text(s, "format", &t->format, err) < 0 ||
        copy_text(s, "expand", &t->expand, err) < 0 ||
        copy_text(s, "lvexpand", &t->lvexpand, err) < 0 ||
        copy_text(s, "name", &t->name, err) < 0 ||
        copy_text(s, "osinfo", &t->osinfo, err) < 0 ||
        parse_number(s, "size", &t->size, err) < 0 ||
        parse_number(s, "revision", &revision, err) < 0 ||
        parse_number(s, "compressed_size", &t->compressed_size, err) < 0 ||
        parse_checksum(s, &t->sha512, err) < 0 ||
        parse_aliases(s, &t->aliases, err) < 0 || parse_notes(s, t, err) < 0)
        return -1;
    if (!t->file)
        return error_set(err, EINVAL, "[%s]: no file=", s->id);
    if (!index_file_is_safe(t->file))
        return error_set(err, EINVAL,
            "[%s]: file=%.200s leads out of the repository", s->id, t->file);
    if (t->size == 0)
        return error_set(err, EINVAL, "[%s]: no size=", s->id);
    if (t->format && !str_equal(t->format, "raw") &&
        !str_equal(t->format, "qcow2"))
        return error_set(err, EINVAL,
            "[%s]: format=%.40s is neither raw nor qcow2", s->id, t->format);
    t->revision = (int64_t)revision;
    t->hidden = hidden && str_equal(hidden, "true");
    return 0;
}

int
index_parse(const char *text, size_t size, struct index *ret, struct error *err)
{
    cleanup_ini struct ini ini = {0};
    cleanup_index struct index index = {0};

    if (ini_parse(text, size, &ini, err) < 0)
        return -1;
    index.templates = calloc(ini.n_sections, sizeof *index.templates);
    if (!index.templates && ini.n_sections)
        return error_no_memory(err);
    for (size_t i = 0; i < ini.n_sections; i++) {
        struct template *t = &index.templates[index.n_templates++];

        if (parse_template(&ini.sections[i], t, err) < 0)
            return -1;
        for (struct template *u = index.templates; u < t; u++)
            if (str_equal(u->id, t->id) && str_equal(u->arch, t->arch))
                return error_set(
                    err, EINVAL, "[%s] for %s appears twice", t->id, t->arch);
    }
    *ret = index;
    index = (struct index){0};
    return 0;
}

static void
template_free(struct template *t)
{
    free(t->id);
    free(t->arch);
    free(t->file);
    free(t->sha512);
    free(t->format);
    free(t->expand);
    free(t->lvexpand);
    free(t->name);
    free(t->osinfo);
    strv_free(t->aliases);
    for (uint64_t i = 0; i < t->n_notes; i++) {
        free(t->notes[i].language);
        free(t->notes[i].text);
    }
    free(t->notes);
}

void
index_free(struct index *index)
{
    for (size_t i = 0; i < index->n_templates; i++)
        template_free(&index->templates[i]);
    free(index->templates);
    *index = (struct index){0};
}

static const char *
note_in(const struct template *t, const char *language, size_t length)
{
    for (uint64_t i = 0; i < t->n_notes; i++) {
        const char *have = t->notes[i].language;

        if (have && strlen(have) == length &&
            strncmp(have, language, length) == 0)
            return t->notes[i].text;
    }
    return NULL;
}

const char *
template_notes(const struct template *t)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *locale = NULL, *note = NULL;

    for (size_t i = 0; i < N_ELEMENTS(variables) && !locale; i++) {
        locale = getenv(variables[i]);
        if (locale && !*locale)
            locale = NULL;
    }
    if (locale) {
        note = note_in(t, locale, strcspn(locale, ".@"));
        if (!note)
            note = note_in(t, locale, strcspn(locale, ".@_"));
    }
    for (uint64_t i = 0; i < t->n_notes && !note; i++)
        if (!t->notes[i].language)
            note = t->notes[i].text;
    return note ? note : note_in(t, "C", 1);
}

bool
template_has_alias(const struct template *t, const char *word)
{
    return strv_contains(t->aliases, word);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/catalog/sources.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "builder/catalog/ini.h"
#include "download/fetch.h"
#include "download/verify.h"

enum { MAX_CONF_SIZE = 1 << 20 };

static void
source_free(struct template_source *s)
{
    free(s->name);
    free(s->uri);
    free(s->fingerprint);
    free(s->key_file);
    free(s->proxy);
    *s = (struct template_source){0};
}

void
sources_free(struct sources *s)
{
    for (size_t i = 0; i < s->n; i++)
        source_free(&s->list[i]);
    free(s->list);
    *s = (struct sources){0};
}

/* An absolute path, so that it means the same file everywhere. */
static char *
whole_uri(const char *uri)
{
    char *path = strstr(uri, "://") ? NULL : realpath(uri, NULL);

    return path ? path : strdup(uri);
}

/* Takes ownership of what *source holds, also on failure. */
static int
add_source(struct sources *s, struct template_source *source, struct error *err)
{
    struct template_source *more =
        reallocarray(s->list, s->n + 1, sizeof *more);

    if (more)
        s->list = more;
    if (!more || !source->name || !source->uri) {
        source_free(source);
        return error_no_memory(err);
    }
    s->list[s->n++] = *source;
    return 0;
}

int
sources_add_given(struct sources *s, char *const *uris,
    char *const *fingerprints, bool check, struct error *err)
{
    size_t n = strv_length(uris), n_pins = strv_length(fingerprints);

    if (n_pins > 1 && n_pins != n)
        return error_set(err, EINVAL,
            "%zu --source but %zu --fingerprint: give one for each, or one "
            "for all",
            n, n_pins);
    if (n > 0 && n_pins == 0 && check)
        return error_set(err, EINVAL,
            "--source needs --fingerprint, that of the key that signs it (or "
            "--no-check-signature)");
    for (size_t i = 0; i < n; i++) {
        struct template_source source = {
            .name = strdup(uris[i]),
            .uri = whole_uri(uris[i]),
            .given = true,
        };

        if (n_pins > 0) {
            source.fingerprint =
                fingerprint_normalise(fingerprints[n_pins == 1 ? 0 : i], err);
            if (!source.fingerprint) {
                source_free(&source);
                return -1;
            }
        }
        if (add_source(s, &source, err) < 0)
            return -1;
    }
    return 0;
}

static bool
has_source(const struct sources *s, const char *name)
{
    for (size_t i = 0; i < s->n; i++)
        if (!s->list[i].given && str_equal(s->list[i].name, name))
            return true;
    return false;
}

typedef void (*warner)(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

static int
add_section(struct sources *s, const char *path,
    const struct ini_section *section, warner warn, struct error *err)
{
    const char *uri = ini_get(section, "uri", NULL);
    const char *key = ini_get(section, "gpgkey", NULL);
    const char *pin = ini_get(section, "fingerprint", NULL);
    const char *proxy = ini_get(section, "proxy", NULL);
    const char *format = ini_get(section, "format", NULL);
    const char *trusted = ini_get(section, "trusted", NULL);

    if (!uri || has_source(s, section->id))
        return 0;
    if (format && !str_equal(format, "native")) {
        warn("%s: [%s] left out: the format '%s' is not supported", path,
            section->id, format);
        return 0;
    }

    bool unsigned_ok = trusted && str_equal(trusted, "unsigned");
    if (!unsigned_ok && !pin && (!key || !str_after(key, "file://"))) {
        warn("%s: [%s] left out: it has no gpgkey=file://...; "
             "'trusted=unsigned' would use it unchecked",
            path, section->id);
        return 0;
    }

    struct template_source source = {
        .name = strdup(section->id),
        .uri = strdup(uri),
        .unsigned_ok = unsigned_ok,
    };
    if (key && str_after(key, "file://"))
        source.key_file = fetch_local_path(key);
    if (pin && !(source.fingerprint = fingerprint_normalise(pin, err))) {
        source_free(&source);
        return error_context(err, "%s: [%s]", path, section->id);
    }
    if (proxy && (str_equal(proxy, "no") || str_equal(proxy, "off")))
        source.proxy = strdup("");
    else if (proxy && !str_equal(proxy, "system"))
        source.proxy = strdup(proxy);
    return add_source(s, &source, err);
}

static int
add_conf(struct sources *s, const char *path, warner warn, struct error *err)
{
    cleanup_ini struct ini ini = {0};
    cleanup_error struct error problem = {0};
    size_t size;
    cleanup_free char *text = read_file(path, MAX_CONF_SIZE, &size, &problem);

    if (!text || ini_parse(text, size, &ini, &problem) < 0) {
        warn("%s left out: %s", path, error_text(&problem));
        return 0;
    }
    for (size_t i = 0; i < ini.n_sections; i++)
        if (add_section(s, path, &ini.sections[i], warn, err) < 0)
            return -1;
    return 0;
}

static int
is_conf(const struct dirent *d)
{
    size_t n = strlen(d->d_name);

    return d->d_name[0] != '.' && n > 5 &&
           str_equal(d->d_name + n - 5, ".conf");
}

/* Add the .conf files of a folder, sorted by name. */
static int
add_folder(struct sources *s, char ***seen, const char *path, warner warn,
    struct error *err)
{
    struct dirent **entries = NULL;
    int n = scandir(path, &entries, is_conf, alphasort), r = 0;

    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;

        if (r == 0 && !strv_contains(*seen, name)) {
            cleanup_free char *file = text_printf("%s/%s", path, name);

            if (!file || strv_append(seen, name) < 0)
                r = error_no_memory(err);
            else
                r = add_conf(s, file, warn, err);
        }
        free(entries[i]);
    }
    free(entries);
    return r;
}

static int
list_folders(char ***folders)
{
    static const char *const products[] = {"mayfly", "virt-builder"};
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    const char *system = getenv("VIRT_BUILDER_DIRS");

    for (size_t i = 0; i < N_ELEMENTS(products); i++) {
        int r = 0;

        if (config && *config == '/')
            r = strv_printf(folders, "%s/%s/repos.d", config, products[i]);
        else if (home && *home == '/')
            r = strv_printf(
                folders, "%s/.config/%s/repos.d", home, products[i]);
        if (r < 0)
            return -1;
    }
    if (!system || !*system)
        system = "/etc";
    for (const char *p = system; *p;) {
        size_t n = strcspn(p, ":");

        for (size_t i = 0; n > 0 && i < N_ELEMENTS(products); i++)
            if (strv_printf(
                    folders, "%.*s/%s/repos.d", (int)n, p, products[i]) < 0)
                return -1;
        p += n + (p[n] == ':');
    }
    return 0;
}

int
sources_add_configured(struct sources *s, warner warn, struct error *err)
{
    cleanup_strv char **folders = NULL, **seen = NULL;

    if (list_folders(&folders) < 0)
        return error_no_memory(err);
    for (size_t i = 0; folders && folders[i]; i++)
        if (add_folder(s, &seen, folders[i], warn, err) < 0)
            return -1;
    return 0;
}

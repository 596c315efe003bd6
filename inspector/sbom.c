/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "inspector/sbom.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "inspector/build.h"

/* --- package URLs (github.com/package-url/purl-spec) --- */

static const struct {
    const char *format, *type;
} types[] = {
    {"apk", "apk"},
    {"deb", "deb"},
    {"ebuild", "ebuild"},
    {"opkg", "opkg"},
    {"pacman", "alpm"},
    {"rpm", "rpm"},
};

static const char *
purl_type(const char *format)
{
    for (size_t i = 0; i < N_ELEMENTS(types); i++)
        if (str_equal(types[i].format, format))
            return types[i].type;
    return "generic";
}

/* Percent-encoded, but for what may stand as it is, and ":" if KEEP has it. */
static void
put_encoded(FILE *f, const char *text, const char *keep)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (isalnum(*p) || strchr("-._~", *p) || strchr(keep, *p))
            putc(*p, f);
        else
            fprintf(f, "%%%02X", *p);
    }
}

static void
put_qualifier(FILE *f, unsigned *n, const char *name, const char *value)
{
    if (!value[0])
        return;
    fprintf(f, "%c%s=", (*n)++ ? '&' : '?', name);
    put_encoded(f, value, "");
}

/* The distribution is the ID of os-release, which is what the databases of
 * vulnerabilities go by. */
static const char *
distribution(const struct mayfly_inspection_root *s)
{
    return s->id[0] ? s->id : s->distro[0] ? s->distro : s->type;
}

static void
put_purl(FILE *f, const struct mayfly_inspection_root *s,
    const struct mayfly_application2 *a)
{
    const char *type = purl_type(s->package_format), *name = a->app2_name;
    const char *slash = strchr(name, '/');
    bool bundle = a->app2_class[0] != '\0';
    bool rpm = str_equal(type, "rpm") && !bundle;
    cleanup_free char *version = sbom_version(s, a);
    unsigned n = 0;

    fprintf(f, "pkg:%s/", bundle ? "generic" : type);
    if (str_equal(type, "ebuild") && slash && !bundle) {
        /* The category is in the place of the distribution. */
        cleanup_free char *category = strndup(name, (size_t)(slash - name));

        put_encoded(f, category ? category : "", "");
        putc('/', f);
        name = slash + 1;
    } else {
        put_encoded(f, bundle ? a->app2_class : distribution(s), "");
        putc('/', f);
    }
    put_encoded(f, name, "");
    if (version && version[0]) {
        const char *colon = rpm && a->app2_epoch ? strchr(version, ':') : NULL;
        putc('@', f);
        put_encoded(f, colon ? colon + 1 : version, ":");
    }
    put_qualifier(f, &n, "arch", a->app2_arch);
    if (!bundle && s->version_id[0]) {
        cleanup_free char *distro =
            text_printf("%s-%s", distribution(s), s->version_id);
        put_qualifier(f, &n, "distro", distro ? distro : "");
    }
    if (rpm && a->app2_epoch)
        fprintf(f, "%cepoch=%d", n++ ? '&' : '?', a->app2_epoch);
    /* Vulnerabilities are counted by source package. */
    if (!str_equal(a->app2_source_package, a->app2_name))
        put_qualifier(f, &n, "upstream", a->app2_source_package);
}

char *
sbom_purl(
    const struct mayfly_inspection_root *s, const struct mayfly_application2 *a)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return NULL;
    put_purl(f, s, a);
    if (fclose(f) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

char *
sbom_version(
    const struct mayfly_inspection_root *s, const struct mayfly_application2 *a)
{
    return build_version(a, s->package_format);
}

/* --- licences --- */

/* Those that packages of distributions have most often; others are given as
 * texts. */
static bool
is_licence(const char *id, size_t n)
{
    static const char *const ids[] = {"0BSD", "AFL-2.1", "AGPL-3.0-only",
        "AGPL-3.0-or-later", "Apache-1.1", "Apache-2.0", "Artistic-1.0",
        "Artistic-1.0-Perl", "Artistic-2.0", "BSD-1-Clause", "BSD-2-Clause",
        "BSD-3-Clause", "BSD-4-Clause", "BSL-1.0", "Beerware", "CC-BY-4.0",
        "CC-BY-SA-4.0", "CC0-1.0", "CDDL-1.0", "CPL-1.0", "EPL-1.0", "EPL-2.0",
        "FSFAP", "FTL", "GFDL-1.2-or-later", "GFDL-1.3-or-later",
        "GPL-1.0-or-later", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only",
        "GPL-3.0-or-later", "HPND", "IJG", "ISC", "LGPL-2.0-only",
        "LGPL-2.0-or-later", "LGPL-2.1-only", "LGPL-2.1-or-later",
        "LGPL-3.0-only", "LGPL-3.0-or-later", "LPPL-1.3c", "MIT", "MIT-0",
        "MPL-1.1", "MPL-2.0", "NCSA", "OFL-1.1", "OpenSSL", "PSF-2.0",
        "PostgreSQL", "Python-2.0", "Ruby", "SISSL", "SMLNJ", "TCL",
        "Unicode-DFS-2016", "Unlicense", "Vim", "W3C", "WTFPL", "X11", "Zlib",
        "ZPL-2.1", "bzip2-1.0.6", "curl", "libtiff", "zlib-acknowledgement"};

    for (size_t i = 0; i < N_ELEMENTS(ids); i++)
        if (strlen(ids[i]) == n && strncmp(ids[i], id, n) == 0)
            return true;
    return false;
}

/* Words and parentheses; what is expected next is an operand or an operator. */
bool
sbom_is_expression(const char *text)
{
    bool operand = true;
    int depth = 0;

    for (const char *p = text + strspn(text, " "); *p; p += strspn(p, " ")) {
        size_t n = strcspn(p, " ()");

        if (n == 0) {
            depth += *p == '(' ? 1 : -1;
            if (depth < 0 || (*p == '(') != operand)
                return false;
            p++;
            continue;
        }
        if (operand ? !is_licence(p, n)
                    : !((n == 3 && strncmp(p, "AND", n) == 0) ||
                          (n == 2 && strncmp(p, "OR", n) == 0)))
            return false;
        operand = !operand;
        p += n;
    }
    return !operand && depth == 0;
}

/* --- the document --- */

void
sbom_time(char ret[SBOM_TIME_SIZE])
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    char *end;
    time_t now = time(NULL);
    struct tm tm;

    if (epoch && *epoch) {
        long long t = strtoll(epoch, &end, 10);
        if (!*end && t >= 0)
            now = (time_t)t;
    }
    if (!gmtime_r(&now, &tm) ||
        strftime(ret, SBOM_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        snprintf(ret, SBOM_TIME_SIZE, "1970-01-01T00:00:00Z");
}

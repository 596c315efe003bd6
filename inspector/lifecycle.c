/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: three sources, the most exact first.  os-release's
 * SUPPORT_END is what the vendor said when it was built; Debian's package
 * distro-info-data is kept up to date in stable releases; osinfo-db knows many
 * systems, but a distribution's copy may be old.  Only what is installed is
 * asked. */
#include <config.h>

#include "inspector/lifecycle.h"

#include <glob.h>
#include <mayfly.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "base/xml.h"

enum { FILE_MAX = 1 << 20, DATE = 10 };

static bool
is_date(const char *text)
{
    static const char form[] = "dddd-dd-dd";

    for (size_t i = 0; i < DATE; i++)
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9'
                           : text[i] != form[i])
            return false;
    return true;
}

static const char *
take(char ret_date[16], const char *text, const char *source)
{
    if (!text || !is_date(text))
        return NULL;
    memcpy(ret_date, text, DATE);
    ret_date[DATE] = '\0';
    return source;
}

static char *
read_text(const char *path)
{
    cleanup_fclose FILE *f = fopen(path, "re");
    char *text = f ? calloc(1, FILE_MAX + 1) : NULL;

    if (text && fread(text, 1, FILE_MAX, f) == FILE_MAX) {
        free(text);
        return NULL;
    }
    return text;
}

/* version,codename,series,created,release,eol,... */
static const char *
from_distro_info(const struct mayfly_inspection_root *s, char ret_date[16])
{
    enum { EOL_COLUMN = 5 };
    cleanup_free char *path =
        str_equal(s->distro, "debian") || str_equal(s->distro, "ubuntu")
            ? text_printf("/usr/share/distro-info/%s.csv", s->distro)
            : NULL;
    cleanup_free char *text = path ? read_text(path) : NULL;
    char *rest = text, *line;

    while (s->version_id[0] && (line = strsep(&rest, "\n"))) {
        const char *version = strsep(&line, ",");
        const char *after = version ? str_after(version, s->version_id) : NULL;
        const char *field = NULL;

        if (!after || (*after && *after != ' '))
            continue;
        for (int i = 1; i <= EOL_COLUMN && line; i++)
            field = strsep(&line, ",");
        return take(ret_date, field, "distro-info-data");
    }
    return NULL;
}

/* Is one of its names ID? */
static bool
has_id(const xmlNode *os, const char *id)
{
    for (const xmlNode *n = os ? os->children : NULL; n; n = n->next) {
        cleanup_free char *text = xml_is(n, "short-id") ? xml_content(n) : NULL;

        if (text && str_equal(text, id))
            return true;
    }
    return false;
}

static const char *
from_osinfo(const struct mayfly_inspection_root *s, char ret_date[16])
{
    size_t n = strcspn(s->osinfo, "0123456789");
    const char *source = NULL;
    glob_t found;

    /* "debian12" is in debian-12.xml; the ID decides, not the name. */
    if (!s->osinfo[0] || !s->osinfo[n] ||
        s->osinfo[strspn(s->osinfo, "abcdefghijklmnopqrstuvwxyz0123456789."
                                    "-_")])
        return NULL;
    cleanup_free char *pattern = text_printf(
        "/usr/share/osinfo/os/*/%.*s-%s.xml", (int)n, s->osinfo, s->osinfo + n);
    if (!pattern || glob(pattern, 0, NULL, &found) != 0)
        return NULL;
    for (size_t i = 0; i < found.gl_pathc && !source; i++) {
        cleanup_error struct error err = {0};
        cleanup_free char *text = read_text(found.gl_pathv[i]);
        xmlDoc *doc = text ? xml_parse(text, strlen(text), &err) : NULL;
        const xmlNode *os =
            doc ? xml_child(xmlDocGetRootElement(doc), "os") : NULL;
        cleanup_free char *date = xml_content(xml_child(os, "eol-date"));

        if (has_id(os, s->osinfo))
            source = take(ret_date, date, "osinfo-db");
        xmlFreeDoc(doc);
    }
    globfree(&found);
    return source;
}

const char *
lifecycle_end(const struct mayfly_inspection_root *s, char ret_date[16])
{
    const char *source = NULL;

    for (uint32_t i = 0; i < s->n_facts && !source; i++) {
        const struct mayfly_inspection_fact *x = &s->facts[i];

        if (str_equal(x->section, "system") &&
            str_equal(x->subject, "support_end") && x->n_values > 0)
            source = take(ret_date, x->values[0].value, "os-release");
    }
    if (!source)
        source = from_distro_info(s, ret_date);
    return source ? source : from_osinfo(s, ret_date);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which distribution, which version?
 *
 * /etc/os-release (os-release(5)) comes first.  It is enough if it names a
 * distribution and a full version.  Some distributions put only the major
 * number there: for them, and for systems older than os-release, the
 * distribution's own file in /etc is read, in the order of the table below;
 * the first that can be understood ends the search.  An unknown ID
 * stays as it is: a name is better than none. */
#include <config.h>

#include <limits.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "appliance/agent/call/memory.h"
#include "appliance/agent/guest/tree.h"
#include "appliance/agent/inspect/system.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { NAME_MAX_BYTES = 255, TEXT_MAX_BYTES = 65535 };

/* How a file is read. */
enum form {
    FIRST_LINE, /* the line is the product's name, its number the version */
    PATTERN,    /* the same, but the line must match */
    LSB,        /* lsb-release */
    SUSE,       /* name, VERSION = and PATCHLEVEL = */
    EXISTS,     /* that it is there is all it says */
    BUILDROOT,
};

static const struct release_file {
    const char *path;
    const char *distro;
    enum form form;
    /* Extended regular expression; its first group is the major number, the
     * next one that matched the minor. */
    const char *pattern;
} release_files[] = {
    {"/etc/lsb-release", NULL, LSB, NULL},
    {"/etc/openmandriva-release", "openmandriva", PATTERN,
        "OpenMandriva.*release ([0-9]+)\\.([0-9]+)"},
    {"/etc/opencloudos-release", "opencloudos", PATTERN,
        "OpenCloudOS.*release ([0-9]+)"},
    {"/etc/tencentos-release", "tencentos", PATTERN,
        "TencentOS.* ([0-9]+)\\.([0-9]+)"},
#define RELEASE "release ([0-9]+)(\\.([0-9]+)|.*Update ([0-9]+))?"
    {"/etc/oracle-release", "oraclelinux", PATTERN, "Oracle Linux.*" RELEASE},
    {"/etc/centos-release", "centos", PATTERN, "CentOS.*" RELEASE},
    {"/etc/circle-release", "circle", PATTERN, "Circle Linux.*" RELEASE},
    {"/etc/rocky-release", "rocky", PATTERN, "Rocky Linux.*" RELEASE},
    {"/etc/altlinux-release", "altlinux", FIRST_LINE, NULL},
    /* The clones have this one too, with their own name in it. */
    {"/etc/redhat-release", "fedora", PATTERN, "Fedora release ([0-9]+)"},
    {"/etc/redhat-release", "rhel", PATTERN, "Red Hat.*" RELEASE},
    {"/etc/redhat-release", "centos", PATTERN, "CentOS.*" RELEASE},
    {"/etc/redhat-release", "circle", PATTERN, "Circle Linux.*" RELEASE},
    {"/etc/redhat-release", "rocky", PATTERN, "Rocky Linux.*" RELEASE},
    {"/etc/redhat-release", "scientificlinux", PATTERN,
        "Scientific Linux.*" RELEASE},
    {"/etc/redhat-release", "redhat-based", FIRST_LINE, NULL},
    {"/etc/redhat-release", "redhat-based", EXISTS, NULL},
    {"/etc/debian_version", "debian", FIRST_LINE, NULL},
    {"/etc/pardus-release", "pardus", FIRST_LINE, NULL},
    {"/etc/arch-release", "archlinux", EXISTS, NULL},
    {"/etc/gentoo-release", "gentoo", FIRST_LINE, NULL},
    {"/etc/meego-release", "meego", FIRST_LINE, NULL},
    {"/etc/slackware-version", "slackware", FIRST_LINE, NULL},
    {"/etc/ttylinux-target", "ttylinux", FIRST_LINE, NULL},
    {"/etc/SuSE-release", NULL, SUSE, NULL},
    {"/etc/SuSE-release", "suse-based", EXISTS, NULL},
    {"/etc/cirros/version", "cirros", FIRST_LINE, NULL},
    {"/etc/br-version", "buildroot", BUILDROOT, NULL},
    {"/etc/alpine-release", "alpinelinux", FIRST_LINE, NULL},
    {"/etc/frugalware-release", "frugalware", PATTERN,
        "Frugalware ([0-9]+)\\.([0-9]+)"},
    {"/etc/pld-release", "pldlinux", PATTERN, "([0-9]+)\\.([0-9]+) PLD Linux"},
};

static const struct {
    const char *id, *distro;
} lsb_names[] = {
    {"CoreOS", "coreos"},
    {"LinuxMint", "linuxmint"},
    {"Mageia", "mageia"},
    {"Ubuntu", "ubuntu"},
};

struct release {
    struct mayfly_inspection_root *s;
    bool has_version;
};

void
system_init(struct mayfly_inspection_root *s)
{
    static char nothing[1];

    *s = (struct mayfly_inspection_root){
        .root = nothing,
        .type = nothing,
        .distro = nothing,
        .id = nothing,
        .version_id = nothing,
        .codename = nothing,
        .product_name = nothing,
        .product_variant = nothing,
        .arch = nothing,
        .package_format = nothing,
        .package_management = nothing,
        .hostname = nothing,
        .build_id = nothing,
        .osinfo = nothing,
        .package_source = nothing,
        .windows_systemroot = nothing,
        .windows_current_control_set = nothing,
        .windows_system_hive = nothing,
        .windows_software_hive = nothing,
    };
}

/* A name must fit where it goes. */
static char *
name_of(struct call *c, const char *s)
{
    return call_strndup(c, s, NAME_MAX_BYTES);
}

static char *
text_of(struct call *c, const char *s)
{
    return call_strndup(c, s, TEXT_MAX_BYTES);
}

/* --- numbers --- */

static int
number_at(const char *s)
{
    unsigned long n = strtoul(s, NULL, 10);

    return n > INT_MAX ? 0 : (int)n;
}

static void
set_version(struct release *r, const char *major, const char *minor)
{
    r->s->major_version = number_at(major);
    r->s->minor_version = minor ? number_at(minor) : 0;
    r->has_version = true;
}

static const char *
skip_digits(const char *s)
{
    return s + strspn(s, "0123456789");
}

/* The first N.M in the text, or the first N if there is no N.M. */
static void
find_version(struct release *r, const char *text)
{
    const char *first = NULL;

    for (const char *p = text; *p; p++) {
        if (*p < '0' || *p > '9')
            continue;
        const char *end = skip_digits(p);
        if (!first)
            first = p;
        if (end[0] == '.' && end[1] >= '0' && end[1] <= '9') {
            set_version(r, p, end + 1);
            return;
        }
        p = end - 1;
    }
    if (first)
        set_version(r, first, NULL);
}

static bool
match_version(struct release *r, const char *text, const char *pattern)
{
    regmatch_t m[5];
    regex_t re;

    if (regcomp(&re, pattern, REG_EXTENDED) != 0)
        return false;
    bool matched = regexec(&re, text, 5, m, 0) == 0;
    if (matched) {
        const char *minor = NULL;
        for (int i = 2; i < 5; i++) {
            if (m[i].rm_so >= 0 && text[m[i].rm_so] >= '0' &&
                text[m[i].rm_so] <= '9')
                minor = text + m[i].rm_so;
        }
        set_version(r, text + m[1].rm_so, minor);
    }
    regfree(&re);
    return matched;
}

/* --- os-release --- */

/* NeoKylin's VERSION_ID is V7Update6. */
static bool
neokylin_version(struct release *r, const char *value)
{
    if (value[0] != 'V')
        return false;
    const char *end = skip_digits(value + 1),
               *update = str_after(end, "Update");
    if (end == value + 1 || !update || *update == '\0' ||
        *skip_digits(update) != '\0')
        return false;
    set_version(r, value + 1, update);
    return true;
}

static void
set_id_like(struct call *c, struct mayfly_inspection_root *s, char *value)
{
    struct list names = {0};
    char *save = NULL;

    for (char *word = strtok_r(value, " \t", &save); word && names.n < 32;
         word = strtok_r(NULL, " \t", &save))
        *list_add(c, &names, char *) = name_of(c, word);
    s->id_like = names.items;
    s->n_id_like = names.n;
}

static void
os_release_line(struct call *c, struct release *r, const char *key, char *value)
{
    struct mayfly_inspection_root *s = r->s;

    if (str_equal(key, "ID"))
        s->id = name_of(c, value);
    else if (str_equal(key, "ID_LIKE"))
        set_id_like(c, s, value);
    else if (str_equal(key, "PRETTY_NAME"))
        s->product_name = text_of(c, value);
    else if (str_equal(key, "VERSION_CODENAME"))
        s->codename = name_of(c, value);
    else if (str_equal(key, "BUILD_ID"))
        s->build_id = text_of(c, value);
    else if (str_equal(key, "VERSION_ID")) {
        s->version_id = name_of(c, value);
        if (!neokylin_version(r, value))
            find_version(r, value);
    }
}

static bool
is_one_of(const char *s, const char *const *list)
{
    for (; *list; list++) {
        if (str_equal(s, *list))
            return true;
    }
    return false;
}

/* True if it says all there is to know. */
static bool
read_os_release(struct call *c, int root, struct release *r, const char *path)
{
    /* Distributions whose VERSION_ID lacks the minor number, and those that
     * have no versions at all. */
    static const char *const short_versions[] = {
        "debian", "centos", "circle", "rocky", NULL};
    static const char *const rolling[] = {
        "archlinux", "gentoo", "voidlinux", NULL};
    struct mayfly_inspection_root *s = r->s;
    char *text = tree_text(c, root, path), *line;

    while ((line = next_line(&text))) {
        char *value = line[0] == '#' ? NULL : cut_value(line);
        if (value)
            os_release_line(c, r, line, shell_unquote(value));
    }
    if (!s->id[0])
        return false;
    s->distro = name_of(c, distro_name(s->id));
    if (!s->product_name[0] || distro_has_release_file(s->id))
        return false;
    if (is_one_of(s->distro, short_versions))
        return r->has_version && s->minor_version != 0;
    return r->has_version || is_one_of(s->distro, rolling) ||
           !distro_is_listed(s->id);
}

/* --- the other files --- */

static bool
read_lsb(struct call *c, char *text, struct release *r)
{
    bool useful = false;
    char *line;

    while ((line = next_line(&text))) {
        char *value = line[0] == '#' ? NULL : cut_value(line);
        if (!value)
            continue;
        value = shell_unquote(value);
        if (str_equal(line, "DISTRIB_ID")) {
            for (size_t i = 0; i < N_ELEMENTS(lsb_names); i++) {
                if (str_equal(value, lsb_names[i].id)) {
                    r->s->distro = name_of(c, lsb_names[i].distro);
                    useful = true;
                }
            }
        } else if (str_equal(line, "DISTRIB_RELEASE")) {
            find_version(r, value);
        } else if (str_equal(line, "DISTRIB_DESCRIPTION")) {
            r->s->product_name = text_of(c, value);
            useful = true;
        }
    }
    return useful;
}

static bool
read_suse(struct call *c, char *text, struct release *r)
{
    const char *name = next_line(&text);
    const char *second = next_line(&text), *third = next_line(&text);

    if (!name)
        return false;
    r->s->product_name = text_of(c, name);
    /* openSUSE's name is a prefix of some of SLES. */
    if (str_after(name, "SUSE Linux Enterprise ") ||
        str_after(name, "SUSE LINUX Enterprise ") ||
        str_after(name, "Novell Linux Desktop ")) {
        const char *major = second ? str_after(second, "VERSION = ") : NULL;
        const char *minor = third ? str_after(third, "PATCHLEVEL = ") : NULL;
        r->s->distro = name_of(c, "sles");
        if (major)
            set_version(r, major, minor);
    } else if (str_after(name, "openSUSE ") || str_after(name, "SuSE Linux ") ||
               str_after(name, "SUSE LINUX ")) {
        r->s->distro = name_of(c, "opensuse");
        if (second)
            find_version(r, second);
    }
    return true;
}

static bool
read_release_file(
    struct call *c, int root, struct release *r, const struct release_file *f)
{
    const char *distro = f->distro;

    if (!tree_is_file(root, f->path))
        return false;
    if (f->form == EXISTS) {
        r->s->distro = name_of(c, distro);
        return true;
    }
    char *text = tree_text(c, root, f->path);
    if (!text)
        return false;
    if (f->form == LSB)
        return read_lsb(c, text, r);
    if (f->form == SUSE)
        return read_suse(c, text, r);
    const char *line = next_line(&text);
    if (!line || !line[0])
        return false;
    if (f->form == BUILDROOT && tree_is_file(root, "/usr/share/cirros/logo"))
        distro = "cirros";
    r->s->product_name = text_of(c, line);
    r->s->distro = name_of(c, distro);
    if (f->pattern)
        return match_version(r, line, f->pattern);
    find_version(r, line);
    return true;
}

static const char *
os_release_path(int root)
{
    return tree_is_file(root, "/etc/os-release") ? "/etc/os-release"
                                                 : "/usr/lib/os-release";
}

void
release_read_os(struct call *c, int root, struct mayfly_inspection_root *s)
{
    struct release r = {.s = s};

    read_os_release(c, root, &r, os_release_path(root));
}

char *
release_word(struct call *c, int root, const char *path, const char *prefix)
{
    char *text = tree_text(c, root, path);
    char *line = next_line(&text);

    if (!line || !str_after(line, prefix))
        return NULL;
    line += strlen(prefix);
    line[strcspn(line, " \t")] = '\0';
    return line;
}

void
release_set_version(struct mayfly_inspection_root *s, const char *text)
{
    struct release r = {.s = s};

    find_version(&r, text);
}

void
release_set_osinfo(struct call *c, struct mayfly_inspection_root *s)
{
    if (s->major_version != 0 || s->minor_version != 0)
        s->osinfo = name_of(c, call_printf(c, "%s%d.%d", s->distro,
                                   s->major_version, s->minor_version));
}

void
release_read(struct call *c, int root, struct mayfly_inspection_root *s)
{
    struct release r = {.s = s};

    if (read_os_release(c, root, &r, os_release_path(root)))
        return;

    struct mayfly_inspection_root known = *s;
    for (size_t i = 0; i < N_ELEMENTS(release_files); i++) {
        if (read_release_file(c, root, &r, &release_files[i]))
            break;
    }
    /* A file inherited from the parent distribution says less. */
    if (known.distro[0] &&
        (!s->distro[0] || str_equal(s->distro, "redhat-based") ||
            str_equal(s->distro, "suse-based"))) {
        s->distro = known.distro;
        if (known.product_name[0])
            s->product_name = known.product_name;
    }
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the guest expects around it, and the new machine does not have: a clock
 * of the old hypervisor, the data of a cloud, its graphics card, what udev
 * knows of its disks.  A service
 * that waits for it or fails is reported by file and line. */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/steps.h"

static const char blanks[] = " \t\r";

/* Cut the next word off *REST, without quotes; "" at the end. */
static char *
cut_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t\r\"'[],");
    size_t n = strcspn(word, " \t\r\"'[],");

    *rest = word + n + (word[n] != 0);
    word[n] = 0;
    return word;
}

static bool
is_one_of(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (strcasecmp(word, *list) == 0)
            return true;
    return false;
}

/* --- the clock --- */

/* chronyd does not start without it. */
static int
check_clock(struct conversion *c, const char *path, unsigned line, char *text,
    struct error *err)
{
    const char *verb = cut_word(&text), *kind = cut_word(&text);
    const char *device = cut_word(&text);

    if (strcasecmp(verb, "refclock") != 0 || strcasecmp(kind, "PHC") != 0 ||
        !str_after(device, "/dev/ptp"))
        return 0;
    return conversion_tell(c, FINDING_REVIEW, path, err,
        "chronyd takes the time from %s, a clock of the old machine, and does "
        "not start without it (line %u)",
        device, line);
}

/* --- the graphics card --- */

static int
check_graphics(struct conversion *c, const char *path, unsigned line,
    char *text, struct error *err)
{
    static const char *const drivers[] = {"vmware", "vboxvideo", "hyperv",
        "xenfb", "prlvideo", "nvidia", "fglrx", NULL};
    const char *verb = cut_word(&text), *driver = cut_word(&text);

    if (strcasecmp(verb, "BusID") == 0 && strncasecmp(driver, "PCI:", 4) == 0)
        return conversion_tell(c, FINDING_REVIEW, path, err,
            "the graphics card was in the place %s, and has another one on the "
            "new machine (line %u)",
            driver, line);
    if (strcasecmp(verb, "Driver") != 0 || !is_one_of(driver, drivers))
        return 0;
    return conversion_tell(c, FINDING_REVIEW, path, err,
        "the graphics driver %s is not for the card of the new machine (line "
        "%u)",
        driver, line);
}

/* --- rules of udev --- */

/* The value that a rule wants KEY to have: KEY=="VALUE", cut out of COPY, or
 * NULL. */
static char *
wanted_value(char *copy, const char *key)
{
    for (char *at = copy; (at = strstr(at, key)); at++) {
        char *value = at + strlen(key);

        value += strspn(value, blanks);
        if ((at > copy && !strchr(" \t,", at[-1])) || !str_after(value, "=="))
            continue;
        value += 2 + strspn(value + 2, blanks);
        char *end = *value == '"' ? strchr(value + 1, '"') : NULL;
        if (!end)
            continue;
        *end = 0;
        return value + 1;
    }
    return NULL;
}

static bool
rule_wants(const char *text, const char *key, const char *const *starts)
{
    cleanup_free char *copy = strdup(text);
    const char *value = copy ? wanted_value(copy, key) : NULL;

    for (; value && *starts; starts++)
        if (str_after(value, *starts))
            return true;
    return false;
}

/* A disk is told from others by what only the old machine's disks have. */
static int
check_rule(struct conversion *c, const char *path, unsigned line, char *text,
    struct error *err)
{
    static const char *const disks[] = {
        "sd", "hd", "xvd", "nvme", "dm-", "vd", NULL};
    static const char *const block[] = {"block", NULL};
    static const char *const scsi[] = {"scsi", NULL};
    /* The first four are of disks only. */
    static const char *const keys[] = {"ENV{ID_WWN}",
        "ENV{ID_WWN_WITH_EXTENSION}", "ENV{ID_SCSI_SERIAL}", "ENV{DM_UUID}",
        "ENV{ID_SERIAL}", "ENV{ID_SERIAL_SHORT}", "ENV{ID_MODEL}",
        "ENV{ID_VENDOR}", "ENV{ID_PATH}", "ENV{ID_PATH_TAG}", "ATTR{wwid}",
        "ATTRS{wwid}", "ATTR{serial}", "ATTRS{serial}", "ATTRS{model}",
        "ATTRS{vendor}", "RESULT", "DRIVERS"};
    enum { OF_DISKS = 4 };
    bool of_disk = rule_wants(text, "SUBSYSTEM", block) ||
                   rule_wants(text, "SUBSYSTEMS", scsi) ||
                   rule_wants(text, "KERNEL", disks) ||
                   rule_wants(text, "ENV{ID_BUS}", scsi);

    for (size_t i = 0; i < N_ELEMENTS(keys); i++) {
        cleanup_free char *copy = strdup(text);

        if (!copy)
            return error_no_memory(err);
        const char *value = wanted_value(copy, keys[i]);
        if (!value || (!of_disk && i >= OF_DISKS) ||
            !value[strspn(value, "?*")] || str_after(value, "LVM-") ||
            str_after(value, "CRYPT-") || strcasestr(value, "virtio"))
            continue;
        return conversion_tell(c, FINDING_REVIEW, path, err,
            "a rule looks for a disk whose %s is '%s', which it may not be on "
            "the new machine (line %u)",
            keys[i], value, line);
    }
    return 0;
}

/* --- files --- */

typedef int (*check_line)(struct conversion *c, const char *path, unsigned line,
    char *text, struct error *err);

static int
check_file(
    struct conversion *c, const char *path, check_line check, struct error *err)
{
    cleanup_free char *text = conversion_read(c, path, NULL, err);
    char *rest = text, *line;
    unsigned number = 0;

    if (!text)
        return err->code ? -1 : 0;
    while ((line = strsep(&rest, "\n"))) {
        number++;
        line += strspn(line, blanks);
        if (!strchr("#!;%", *line) && check(c, path, number, line, err) < 0)
            return -1;
    }
    return 0;
}

static int
check_files(struct conversion *c, struct error *err)
{
    static const struct {
        const char *pattern;
        check_line check;
    } files[] = {
        {"/etc/{chrony.conf,chrony/chrony.conf}", check_clock},
        {"/etc/chrony/{conf.d/*.conf,sources.d/*.sources}", check_clock},
        {"/etc/chrony.d/*.conf", check_clock},
        {"/etc/udev/rules.d/*.rules", check_rule},
        {"/etc/X11/{xorg.conf,XF86Config,xorg.conf.d/*.conf}", check_graphics},
    };

    for (size_t i = 0; i < N_ELEMENTS(files); i++) {
        cleanup_free char **paths = conversion_glob(c, files[i].pattern, err);

        if (!paths)
            return -1;
        for (char **path = paths; *path; path++)
            if (check_file(c, *path, files[i].check, err) < 0)
                return -1;
    }
    return 0;
}

/* --- cloud-init --- */

/* Where cloud-init looks for its settings; the last file counts. */
struct sources {
    char *path;
    unsigned line;
    char **names;
};

static void
sources_clear(struct sources *s)
{
    free(s->path);
    strv_free(s->names);
    *s = (struct sources){0};
}
#define cleanup_sources __attribute__((cleanup(sources_clear)))

static int
take_names(struct sources *s, char *text, struct error *err)
{
    const char *name;

    text[strcspn(text, "#")] = 0;
    while (*(name = cut_word(&text)))
        if (strv_append(&s->names, name) < 0)
            return error_no_memory(err);
    return 0;
}

/* "datasource_list: [ Azure ]", or a line with "- Azure" for each. */
static int
read_sources(struct conversion *c, struct sources *s, const char *path,
    struct error *err)
{
    cleanup_free char *text = conversion_read(c, path, NULL, err);
    char *rest = text, *line;
    unsigned number = 0;
    bool inside = false;

    if (!text)
        return err->code ? -1 : 0;
    while ((line = strsep(&rest, "\n"))) {
        char *list = line;

        number++;
        if (str_after(line, "datasource_list:")) {
            sources_clear(s);
            if (!(s->path = strdup(path)))
                return error_no_memory(err);
            s->line = number;
            list += strlen("datasource_list:");
            inside = true;
        } else {
            list += strspn(list, blanks);
            inside &= *list == '-' || *list == '#' || !*list || *list == ']' ||
                      (list > line && !strchr(list, ':'));
            list += *list == '-';
        }
        if (inside && take_names(s, list, err) < 0)
            return -1;
    }
    return 0;
}

static int
check_cloud(struct conversion *c, struct error *err)
{
    /* Those that only their own cloud has. */
    static const char *const clouds[] = {"Azure", "Ec2", "GCE", "VMware", "OVF",
        "Oracle", "DigitalOcean", "Hetzner", "AliYun", "IBMCloud", "Vultr",
        "Scaleway", "Exoscale", "UpCloud", "Akamai", "Bigstep", "SmartOS",
        "CloudStack", "OpenNebula", "RbxCloud", "MAAS", "None", NULL};
    cleanup_sources struct sources s = {0};
    cleanup_free char **paths =
        conversion_glob(c, "/etc/cloud/cloud.cfg.d/*.cfg", err);
    const char *first = NULL;

    if (!paths || read_sources(c, &s, "/etc/cloud/cloud.cfg", err) < 0)
        return -1;
    for (char **path = paths; *path; path++)
        if (read_sources(c, &s, *path, err) < 0)
            return -1;
    for (char **name = s.names; name && *name; name++) {
        if (!is_one_of(*name, clouds))
            return 0;
        if (!first && strcasecmp(*name, "None") != 0)
            first = *name;
    }
    if (!first || job_exists(&c->job, "/etc/cloud/cloud-init.disabled"))
        return 0;
    return conversion_tell(c, FINDING_REVIEW, s.path, err,
        "cloud-init only looks for %s%s, which may not be there on the new "
        "machine: its start may wait, and its network settings change (line "
        "%u)",
        first, s.names[1] ? " and the like" : "", s.line);
}

/* --- logins on Xen's console that other programs than systemd start --- */

static int
drop_logins(struct conversion *c, struct error *err)
{
    static const char pattern[] =
        "/etc/{runlevels/*/agetty.,runit/runsvdir/*/agetty-,s6/adminsv/default/"
        "contents.d/agetty-,dinit.d/boot.d/agetty-}{hvc0,xvc0}";
    cleanup_free char **links = conversion_glob(c, pattern, err);

    if (!links)
        return -1;
    for (char **link = links; *link; link++)
        if (conversion_remove(c, *link, "the login on the Xen console",
                "the new machine has no Xen console", err) < 0)
            return -1;
    return 0;
}

int
linux_surroundings(struct conversion *c, struct error *err)
{
    if (check_files(c, err) < 0 || check_cloud(c, err) < 0)
        return -1;
    return drop_logins(c, err);
}

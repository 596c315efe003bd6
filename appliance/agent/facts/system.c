/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings of the system as a whole, security, and what it expects around
 * it. */
#include <config.h>

#include <string.h>
#include <strings.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/facts/reading.h"
#include "appliance/agent/guest/tree.h"
#include "base/cleanup.h"
#include "base/strv.h"

/* The value of KEY=VALUE in a file as a shell reads it; NULL: none. */
static char *
setting(struct facts *f, const char *path, const char *key, unsigned *ret_line)
{
    char *text = fact_file(f, path), *line, *found = NULL;
    unsigned number = 0;

    while ((line = next_line(&text))) {
        number++;
        line = fact_trim(line);
        char *value = line[0] == '#' ? NULL : cut_value(line);
        if (value && str_equal(fact_trim(line), key)) {
            found = shell_unquote(fact_trim(value));
            *ret_line = number;
        }
    }
    return found;
}

struct place {
    const char *path, *key; /* KEY NULL: the first line */
};

/* Add a row with the value of the first PLACE that has one. */
static bool
first_of(struct facts *f, const char *subject, const struct place *p)
{
    for (; p->path; p++) {
        unsigned line = 1;
        char *text = p->key ? NULL : fact_file(f, p->path);
        char *value =
            p->key ? setting(f, p->path, p->key, &line) : next_line(&text);

        if (!value || !fact_trim(value)[0])
            continue;
        struct fact_row r = fact_add(f, subject, p->path, line);
        fact_text(&r, "value", fact_trim(value));
        return true;
    }
    return false;
}

static void
add_timezone(struct facts *f)
{
    static const struct place places[] = {{"/etc/timezone", NULL},
        {"/etc/sysconfig/clock", "ZONE"}, {"/etc/sysconfig/clock", "TIMEZONE"},
        {"/etc/TZ", NULL}, {NULL, NULL}};
    const char *target = tree_link(f->c, f->root, "/etc/localtime");
    const char *zone = target ? strstr(target, "/zoneinfo/") : NULL;

    if (!zone) {
        first_of(f, "timezone", places);
        return;
    }
    struct fact_row r = fact_add(f, "timezone", "/etc/localtime", 0);
    fact_text(&r, "value", zone + strlen("/zoneinfo/"));
}

static void
add_clock(struct facts *f)
{
    char *text = fact_file(f, "/etc/adjtime"), *line;

    for (unsigned number = 1; (line = next_line(&text)); number++)
        if (number == 3) {
            struct fact_row r =
                fact_add(f, "hardware_clock", "/etc/adjtime", number);
            fact_text(&r, "value", fact_trim(line));
        }
}

/* The program that the kernel starts, and the loader that it needs. */
static void
add_init(struct facts *f)
{
    static const char *const names[] = {
        "/sbin/init", "/etc/init", "/bin/init", "/bin/sh"};
    enum { HEAD = 4096 };

    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        size_t size;

        if (!tree_is_file(f->root, names[i]))
            continue;
        struct fact_row r = fact_add(f, "init", names[i], 0);
        char *data = tree_read(f->c, f->root, names[i], FACT_FILE_MAX, &size);
        const char *target = tree_link(f->c, f->root, names[i]);
        fact_text(&r, "value", target ? target : names[i]);
        bool elf = data && size > 4 && memcmp(data, "\177ELF", 4) == 0;
        fact_flag(&r, "program",
            elf || (data && size > 2 && memcmp(data, "#!", 2) == 0));
        for (size_t k = 0; elf && k < HEAD && k + 8 < size; k++)
            if (memcmp(data + k, "/lib", 4) == 0 &&
                strnlen(data + k, 64) < 64 && strstr(data + k, ".so")) {
                fact_text(&r, "interpreter", data + k);
                fact_flag(
                    &r, "interpreter_found", tree_is_file(f->root, data + k));
                break;
            }
        return;
    }
    fact_add(f, "init", "", 0);
}

static void
add_target(struct facts *f)
{
    static const char *const paths[] = {"/etc/systemd/system/default.target",
        "/usr/lib/systemd/system/default.target",
        "/lib/systemd/system/default.target"};

    if (!fact_exists(f, "/usr/lib/systemd/systemd") &&
        !fact_exists(f, "/lib/systemd/systemd"))
        return;
    for (size_t i = 0; i < N_ELEMENTS(paths); i++) {
        const char *target = tree_link(f->c, f->root, paths[i]);

        if (!target && !fact_exists(f, paths[i]))
            continue;
        struct fact_row r = fact_add(f, "default_target", paths[i], 0);
        const char *base = target ? strrchr(target, '/') : NULL;
        fact_text(&r, "value",
            base     ? base + 1
            : target ? target
                     : "default.target");
        fact_flag(&r, "found", tree_is_file(f->root, paths[i]));
        return;
    }
}

void
facts_system(struct facts *f)
{
    static const struct place locale[] = {{"/etc/locale.conf", "LANG"},
        {"/etc/default/locale", "LANG"}, {"/etc/sysconfig/i18n", "LANG"},
        {"/etc/sysconfig/language", "RC_LANG"}, {NULL, NULL}};
    static const struct place keymap[] = {{"/etc/vconsole.conf", "KEYMAP"},
        {"/etc/default/keyboard", "XKBLAYOUT"},
        {"/etc/sysconfig/keyboard", "KEYTABLE"}, {NULL, NULL}};
    static const struct place machine[] = {{"/etc/machine-id", NULL},
        {"/var/lib/dbus/machine-id", NULL}, {NULL, NULL}};
    static const struct place support[] = {{"/etc/os-release", "SUPPORT_END"},
        {"/usr/lib/os-release", "SUPPORT_END"}, {NULL, NULL}};

    add_timezone(f);
    add_clock(f);
    first_of(f, "locale", locale);
    first_of(f, "keymap", keymap);
    first_of(f, "machine_id", machine);
    first_of(f, "support_end", support);
    add_init(f);
    add_target(f);
}

void
facts_security(struct facts *f)
{
    static const char config[] = "/etc/selinux/config";
    unsigned line = 0, type_line = 0, count = 0;
    char *mode = setting(f, config, "SELINUX", &line);
    char *type = setting(f, config, "SELINUXTYPE", &type_line);

    if (mode) {
        struct fact_row r = fact_add(f, "selinux", config, line);

        fact_text(&r, "mode", mode);
        fact_text(&r, "policy", type);
        fact_flag(&r, "policy_found",
            type && tree_is_dir(f->root,
                        call_printf(f->c, "/etc/selinux/%s/policy", type)));
        fact_flag(&r, "relabel", fact_exists(f, "/.autorelabel"));
    }
    for (char **name = fact_folder(f, "/etc/apparmor.d"); *name; name++)
        count += tree_is_file(
            f->root, call_printf(f->c, "/etc/apparmor.d/%s", *name));
    if (count > 0) {
        struct fact_row r = fact_add(f, "apparmor", "/etc/apparmor.d", 0);

        fact_number(&r, "profiles", count);
        fact_flag(&r, "parser",
            fact_exists(f, "/sbin/apparmor_parser") ||
                fact_exists(f, "/usr/sbin/apparmor_parser"));
    }
}

/* --- cloud-init --- */

/* "datasource_list: [ Azure, None ]", or a list of lines with "-". */
static void
add_sources(struct facts *f, const char *path)
{
    char *text = fact_file(f, path), *line;
    unsigned number = 0;

    while ((line = next_line(&text))) {
        const char *rest = str_after(line, "datasource_list:");

        number++;
        if (!rest)
            continue;
        struct fact_row r = fact_add(f, "datasource_list", path, number);
        if (strpbrk(rest, "[")) {
            fact_words(&r, "datasources",
                call_strndup(f->c, rest, strcspn(rest, "#")), " \t[],'\"");
            continue;
        }
        while ((line = next_line(&text))) {
            number++;
            line = fact_trim(line);
            if (line[0] != '-')
                break;
            fact_words(&r, "datasources", line + 1, " \t'\"");
        }
    }
}

void
facts_cloud_init(struct facts *f)
{
    if (!fact_exists(f, "/etc/cloud/cloud.cfg"))
        return;
    struct fact_row r = fact_add(f, "cloud-init", "/etc/cloud/cloud.cfg", 0);
    fact_flag(&r, "disabled", fact_exists(f, "/etc/cloud/cloud-init.disabled"));
    fact_flag(&r, "has_run", fact_exists(f, "/var/lib/cloud/instance"));
    fact_flag(&r, "seed",
        fact_exists(f, "/var/lib/cloud/seed/nocloud") ||
            fact_exists(f, "/var/lib/cloud/seed/nocloud-net"));
    add_sources(f, "/etc/cloud/cloud.cfg");
    for (char **name = fact_folder(f, "/etc/cloud/cloud.cfg.d"); *name; name++)
        if (ends_with_text(*name, ".cfg"))
            add_sources(
                f, call_printf(f->c, "/etc/cloud/cloud.cfg.d/%s", *name));
}

/* --- agents --- */

void
facts_agents(struct facts *f)
{
    static const struct {
        const char *name, *platform, *paths[4];
    } agents[] = {
        {"qemu-guest-agent", "kvm", {"/usr/sbin/qemu-ga", "/usr/bin/qemu-ga"}},
        {"spice-vdagent", "kvm",
            {"/usr/sbin/spice-vdagentd", "/usr/bin/spice-vdagentd"}},
        {"open-vm-tools", "vmware", {"/usr/bin/vmtoolsd"}},
        {"vmware-tools", "vmware",
            {"/usr/bin/vmware-toolbox-cmd", "/etc/vmware-tools/tools.conf"}},
        {"xe-guest-utilities", "xen",
            {"/usr/sbin/xe-daemon", "/usr/sbin/xe-linux-distribution"}},
        {"hyperv-daemons", "hyperv",
            {"/usr/sbin/hv_kvp_daemon", "/usr/sbin/hypervkvpd",
                "/usr/lib/hyperv-daemons/hv_kvp_daemon"}},
        {"virtualbox-guest-utils", "virtualbox", {"/usr/sbin/VBoxService"}},
        {"walinuxagent", "hyperv", {"/usr/sbin/waagent", "/usr/bin/waagent"}},
        {"google-guest-agent", "kvm", {"/usr/bin/google_guest_agent"}},
        {"amazon-ssm-agent", "kvm",
            {"/usr/bin/amazon-ssm-agent", "/snap/bin/amazon-ssm-agent"}},
        {"parallels-tools", "parallels", {"/usr/bin/prltoolsd"}},
        {"nutanix-guest-tools", "kvm",
            {"/usr/local/nutanix/ngt/ngt_guest_agent.py"}},
    };

    for (size_t i = 0; i < N_ELEMENTS(agents); i++)
        for (size_t k = 0; k < 4 && agents[i].paths[k]; k++) {
            if (!fact_exists(f, agents[i].paths[k]))
                continue;
            struct fact_row r =
                fact_add(f, agents[i].name, agents[i].paths[k], 0);
            fact_text(&r, "platform", agents[i].platform);
            if (i == 0)
                fact_flag(&r, "freeze_hook",
                    fact_exists(f, "/etc/qemu/fsfreeze-hook"));
            break;
        }
}

/* --- domains --- */

struct domain {
    struct facts *f;
    const char *path;
    const char *manager;
};

static void
take_domain(
    void *opaque, const char *section, char *key, char *value, unsigned line)
{
    struct domain *d = opaque;
    const char *name = str_after(section, "domain/");
    bool sssd = str_equal(d->manager, "sssd");

    if (sssd ? !name || !str_equal(key, "id_provider")
             : strcasecmp(section, "global") != 0 ||
                   (strcasecmp(key, "realm") != 0 &&
                       strcasecmp(key, "security") != 0 &&
                       strcasecmp(key, "workgroup") != 0))
        return;
    struct fact_row r = fact_add(d->f, sssd ? name : value, d->path, line);
    fact_text(&r, "manager", d->manager);
    fact_text(&r, "kind", sssd ? value : key);
}

static void
take_realm(
    void *opaque, const char *section, char *key, char *value, unsigned line)
{
    struct domain *d = opaque;

    if (strcasecmp(section, "libdefaults") != 0 ||
        !str_equal(key, "default_realm"))
        return;
    struct fact_row r = fact_add(d->f, value, d->path, line);
    fact_text(&r, "manager", d->manager);
    fact_text(&r, "kind", "realm");
}

void
facts_domain(struct facts *f)
{
    struct domain sssd = {f, "/etc/sssd/sssd.conf", "sssd"};
    struct domain krb5 = {f, "/etc/krb5.conf", "kerberos"};
    struct domain winbind = {f, "/etc/samba/smb.conf", "winbind"};

    fact_ini(fact_file(f, sssd.path), take_domain, &sssd);
    for (char **name = fact_folder(f, "/etc/sssd/conf.d"); *name; name++) {
        sssd.path = call_printf(f->c, "/etc/sssd/conf.d/%s", *name);
        if (ends_with_text(*name, ".conf"))
            fact_ini(fact_file(f, sssd.path), take_domain, &sssd);
    }
    fact_ini(fact_file(f, krb5.path), take_realm, &krb5);
    fact_ini(fact_file(f, winbind.path), take_domain, &winbind);
    if (fact_exists(f, "/etc/krb5.keytab")) {
        struct fact_row r = fact_add(f, "keytab", "/etc/krb5.keytab", 0);

        fact_text(&r, "manager", "kerberos");
        fact_text(&r, "kind", "machine account");
    }
}

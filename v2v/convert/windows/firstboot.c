/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: what cannot be done from outside is left to a script
 * that a service starts when Windows runs again: it installs the drivers, of
 * which only the disk's is set up so far, and uninstalls the old machine's
 * software.
 *
 * A service has to be a program that talks to the service manager, and we have
 * none to install.  So the service is cmd, which starts a second cmd for the
 * script; the manager logs that the first did not answer, and goes on.  The
 * script removes the service at its end, so it runs again if a restart
 * interrupts it. */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/windows/windows.h"

static const char service[] = "mayfly-firstboot";
static const char why[] = "it can only be done while Windows runs";

/* --- what is to be uninstalled --- */

static bool
is_product_code(const char *name)
{
    return strlen(name) == strlen("{00000000-0000-0000-0000-000000000000}") &&
           name[0] == '{' &&
           name[1 + strspn(name + 1, "0123456789ABCDEFabcdef-")] == '}';
}

static bool
is_leftover(const char *name)
{
    static const char *const parts[] = {"XenServer", "Citrix Hypervisor",
        "Citrix VM Tools", "XCP-ng", "Xen Project", "Xen PV", "XenProject",
        "Paravirtualized Xen", "VMware Tools"};

    for (size_t i = 0; i < N_ELEMENTS(parts); i++)
        if (strcasestr(name, parts[i]))
            return true;
    return false;
}

static int
look_below(
    struct windows *w, struct hive *r, const char *top, struct error *err)
{
    cleanup_strv char **keys = NULL;

    if (hive_keys(r, top, &keys, err) < 0)
        return -1;
    for (char **k = keys; k && *k; k++) {
        cleanup_free char *key = text_printf("%s\\%s", top, *k);
        cleanup_free char *name =
            key ? hive_text(r, key, "DisplayName", err) : NULL;

        if (err->code)
            return -1;
        /* It goes into the script, so it must be a product code. */
        if (name && is_leftover(name) && is_product_code(*k) &&
            strv_append(&w->uninstall, *k) < 0)
            return error_no_memory(err);
    }
    return 0;
}

int
windows_find_leftovers(
    struct windows *w, struct hive *software, struct error *err)
{
    static const char *const tops[] = {
        "Microsoft\\Windows\\CurrentVersion\\Uninstall",
        "WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall"};

    for (size_t i = 0; i < N_ELEMENTS(tops); i++)
        if (look_below(w, software, tops[i], err) < 0)
            return -1;
    return 0;
}

/* A policy of the domain is above what the command line of PowerShell says. */
int
windows_read_policy(struct windows *w, struct hive *software, struct error *err)
{
    static const char *const strict[] = {"AllSigned", "Restricted"};
    cleanup_free char *policy = hive_text(software,
        "Policies\\Microsoft\\Windows\\PowerShell", "ExecutionPolicy", err);

    if (err->code)
        return -1;
    for (size_t i = 0; policy && i < N_ELEMENTS(strict); i++)
        w->signed_only |= strcasecmp(policy, strict[i]) == 0;
    return 0;
}

static int
tell_policy(struct windows *w, struct error *err)
{
    if (!w->signed_only || !w->has_addresses)
        return 0;
    return conversion_tell(w->c, FINDING_REVIEW,
        "/Program Files/Mayfly/addresses.ps1", err,
        "a policy of this Windows lets PowerShell run only signed scripts, so "
        "the static addresses in this one have to be set by hand");
}

/* --- the script and its service --- */

static int
put_script(struct windows *w, struct error *err)
{
    cleanup_free char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    if (!f)
        return error_no_memory(err);
    fputs("@echo off\r\n"
          "rem Made by mayfly-v2v; it runs once.\r\n"
          "set log=\"%ProgramFiles%\\Mayfly\\firstboot.log\"\r\n"
          "for %%i in (\"%SystemRoot%\\Drivers\\VirtIO\\*.inf\") do "
          "pnputil -i -a \"%%i\" >> %log% 2>&1\r\n",
        f);
    if (w->has_addresses)
        fputs("powershell -NoProfile -ExecutionPolicy Bypass -File "
              "\"%ProgramFiles%\\Mayfly\\addresses.ps1\" >> %log% 2>&1\r\n",
            f);
    if (w->has_agent)
        fputs("msiexec /i \"%ProgramFiles%\\Mayfly\\qemu-ga.msi\" "
              "/qn /norestart >> %log% 2>&1\r\n",
            f);
    for (char **code = w->uninstall; code && *code; code++)
        fprintf(f, "msiexec /x %s /qn /norestart >> %%log%% 2>&1\r\n", *code);
    fprintf(f,
        "sc delete %s >> %%log%% 2>&1\r\n"
        "echo %%DATE%% %%TIME%% > "
        "\"%%ProgramFiles%%\\Mayfly\\firstboot.done\"\r\n",
        service);
    if (fclose(f) != 0)
        return error_no_memory(err);
    return windows_put(w, "/Program Files/Mayfly/firstboot.bat", text, size,
        w->uninstall ? "a script that installs the drivers and uninstalls "
                       "those of the old machine"
                     : "a script that installs the drivers",
        why, err);
}

int
windows_firstboot(struct windows *w, struct hive *system, struct error *err)
{
    enum { OWN_PROCESS = 0x10, AUTOMATIC = 2, IGNORE_ERRORS = 0 };
    cleanup_free char *key =
        text_printf("%s\\Services\\%s", w->current, service);

    if (!key)
        return error_no_memory(err);
    if (put_script(w, err) < 0 || tell_policy(w, err) < 0 ||
        hive_set_number(system, key, "Type", OWN_PROCESS, err) < 0 ||
        hive_set_number(system, key, "Start", AUTOMATIC, err) < 0 ||
        hive_set_number(system, key, "ErrorControl", IGNORE_ERRORS, err) < 0 ||
        hive_set_text(
            system, key, "ObjectName", REGISTRY_TEXT, "LocalSystem", err) < 0 ||
        hive_set_text(system, key, "DisplayName", REGISTRY_TEXT,
            "Mayfly: first boot after a conversion", err) < 0 ||
        hive_set_text(system, key, "ImagePath", REGISTRY_EXPANDED,
            "%SystemRoot%\\System32\\cmd.exe /c start \"\" /b cmd /c "
            "\"\"%ProgramFiles%\\Mayfly\\firstboot.bat\"\"",
            err) < 0)
        return -1;
    return hive_tell(system, "a service that runs the script", why, err);
}

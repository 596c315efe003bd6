/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <config.h>

#include "lib/qemu/places.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strv.h"

/* /bin and /sbin: what a script in QEMU's place starts.  /etc/alternatives:
 * links of libraries lead through it. */
static const char *const programs[] = {"/usr", "/bin", "/sbin", "/lib",
    "/lib32", "/lib64", "/nix/store", "/gnu/store"};

static const char *const readable[] = {"/etc/ld.so.cache", "/etc/ld.so.preload",
    "/etc/alternatives", "/etc/qemu", "/sys/devices/system/cpu",
    "/sys/devices/system/node"};

static const char *const of_network[] = {"/etc/resolv.conf", "/etc/hosts",
    "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services",
    "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/crypto-policies",
    "/etc/ceph", "/run/systemd/resolve"};

static const char *const resolver[] = {"/etc/resolv.conf"};

static const char *const devices[] = {
    "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"};

static const char *const kvm[] = {"/dev/kvm"};

/* Takes over PATH. */
static int
take(struct places *p, char *path, enum place_access access, struct error *err)
{
    struct place *bigger =
        path ? reallocarray(p->list, p->n + 1, sizeof *bigger) : NULL;

    if (!bigger) {
        free(path);
        return error_no_memory(err);
    }
    p->list = bigger;
    p->list[p->n++] = (struct place){path, access};
    return 0;
}

static int
add(struct places *p, const char *const *paths, size_t n,
    enum place_access access, struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (take(p, strdup(paths[i]), access, err) < 0)
            return -1;
    }
    return 0;
}

/* --- a QEMU that the user installed --- */

enum { LIBRARIES_MOST = 512 };

/* FOLDER/PATTERN, where only PATTERN is one. */
static char *
make_pattern(const char *folder, const char *pattern)
{
    cleanup_free char *literal = malloc(2 * strlen(folder) + 1);
    char *out = literal;

    if (!literal)
        return NULL;
    for (const char *in = folder; *in; in++) {
        if (strchr("\\*?[", *in))
            *out++ = '\\';
        *out++ = *in;
    }
    *out = 0;
    return text_printf("%s/%s", literal, pattern);
}

/* What matches the pattern in the folder. */
static int
add_matches(struct places *p, const char *folder, const char *pattern,
    struct error *err)
{
    cleanup_free char *all = make_pattern(folder, pattern);
    glob_t found = {0};
    int result = 0;

    if (!all)
        return error_no_memory(err);
    if (glob(all, GLOB_NOSORT, NULL, &found) == GLOB_NOSPACE)
        result = error_no_memory(err);
    for (size_t i = 0; result == 0 && i < found.gl_pathc && i < LIBRARIES_MOST;
         i++)
        result = take(p, strdup(found.gl_pathv[i]), PLACE_EXECUTE, err);
    globfree(&found);
    return result;
}

/* Its folder, and beside that what was installed with it: no more, since in a
 * user's home other programs keep their data there too. */
static int
add_installation(struct places *p, const char *binary, struct error *err)
{
    static const char *const beside[] = {"libexec", "share/qemu"};
    static const char *const patterns[] = {
        "lib*/qemu", "lib*/*/qemu", "lib*/lib*.so*", "lib*/*-linux-*/lib*.so*"};
    cleanup_free char *path = realpath(binary, NULL);
    char *slash;

    if (!path)
        return error_errno(err, errno, "cannot find %s", binary);
    if (!(slash = strrchr(path, '/')) || slash == path)
        return take(p, strdup(path), PLACE_EXECUTE, err);
    *slash = 0;
    if (take(p, strdup(path), PLACE_EXECUTE, err) < 0)
        return -1;
    /* All of /usr is shown. */
    if (!(slash = strrchr(path, '/')) || slash == path ||
        str_equal(path, "/usr/bin"))
        return 0;
    *slash = 0;
    for (size_t i = 0; i < N_ELEMENTS(beside); i++)
        if (take(p, text_printf("%s/%s", path, beside[i]), PLACE_EXECUTE, err) <
            0)
            return -1;
    for (size_t i = 0; i < N_ELEMENTS(patterns); i++)
        if (add_matches(p, path, patterns[i], err) < 0)
            return -1;
    return 0;
}

static int
add_agent(struct places *p, struct error *err)
{
    const char *socket = getenv("SSH_AUTH_SOCK"), *home = getenv("HOME");

    if (socket && *socket == '/' &&
        take(p, strdup(socket), PLACE_READ, err) < 0)
        return -1;
    if (home && *home == '/' &&
        take(p, text_printf("%s/.ssh/known_hosts", home), PLACE_READ, err) < 0)
        return -1;
    return 0;
}

int
places_list(
    const struct place_request *r, struct places *ret, struct error *err)
{
    struct places p = {0};

    if (!r->binary) {
        *ret = p;
        return 0;
    }
    if (add(&p, programs, N_ELEMENTS(programs), PLACE_EXECUTE, err) < 0 ||
        add(&p, readable, N_ELEMENTS(readable), PLACE_READ, err) < 0 ||
        add(&p, of_network, r->network ? N_ELEMENTS(of_network) : 0, PLACE_READ,
            err) < 0 ||
        add(&p, resolver, r->resolver ? N_ELEMENTS(resolver) : 0, PLACE_READ,
            err) < 0 ||
        (r->agent && add_agent(&p, err) < 0) ||
        add(&p, devices, N_ELEMENTS(devices), PLACE_DEVICE, err) < 0 ||
        add(&p, kvm, r->kvm ? N_ELEMENTS(kvm) : 0, PLACE_DEVICE, err) < 0 ||
        add_installation(&p, r->binary, err) < 0) {
        places_clear(&p);
        return -1;
    }
    *ret = p;
    return 0;
}

void
places_clear(struct places *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->list[i].path);
    free(p->list);
    *p = (struct places){0};
}

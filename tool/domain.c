/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A helper asks libvirt, so that programs start without it and without an
 * XML parser; domain/main.c says what it prints. */
#include <config.h>

#include "tool/domain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/strv.h"
#include "base/subprocess.h"
#include "tool/signals.h"

enum { ANSWER_MAX = 1 << 24 };

/* The helper's fields for one disk. */
struct answer {
    const char *file, *format, *blocksize, *readonly, *key;
};

static int
run_helper(const struct tool *t, const char *name, int out, struct error *err)
{
    const char *given = getenv("MAYFLY_DOMAIN");
    const char *helper = given ? given : DOMAIN_HELPER;
    const struct subprocess_spec spec = {
        .program = helper,
        .argv = (const char *const[]){"mayfly-domain",
            t->libvirt_uri ? t->libvirt_uri : "", name, NULL},
        .output = &out,
        .interrupted = tool_interrupted,
        .terminal = true,
    };

    if (access(helper, X_OK) < 0)
        return error_set(err, ENOTSUP,
            "Mayfly was built without libvirt (%s: %s); give the disks with -a",
            helper, strerror(errno));
    return subprocess_run(&spec, err);
}

/* The bytes of a memory file, followed by a NUL. */
static char *
read_back(int fd, size_t *ret_size, struct error *err)
{
    off_t size = lseek(fd, 0, SEEK_END);
    cleanup_free char *text = NULL;

    if (size < 0 || size > ANSWER_MAX)
        return error_set(err, EPROTO, "the helper printed %lld bytes",
                   (long long)size),
               NULL;
    text = malloc((size_t)size + 1);
    if (!text)
        return error_no_memory(err), NULL;
    if (pread_all(fd, text, (size_t)size, 0) < 0)
        return error_errno(err, errno, "cannot read its answer"), NULL;
    text[size] = '\0';
    *ret_size = (size_t)size;
    return steal_pointer(&text);
}

/* --- reading the answer --- */

static int
from_hex(char c)
{
    return c >= 'a' && c <= 'f'   ? c - 'a' + 10
           : c >= '0' && c <= '9' ? c - '0'
                                  : -1;
}

/* The name of the N-th disk: /dev/sda for 0, /dev/sdaa for 26. */
static char *
disk_name(size_t n)
{
    enum { LETTERS = 26 };

    if (n < LETTERS)
        return text_printf("/dev/sd%c", (char)('a' + n));
    n -= LETTERS;
    return text_printf("/dev/sd%c%c", (char)('a' + n / LETTERS % LETTERS),
        (char)('a' + n % LETTERS));
}

/* LUKS is in the data of a raw disk, and around those of a qcow2 image. */
static int
add_key(struct tool *t, const char *hex, size_t n, struct error *err)
{
    size_t size = strlen(hex) / 2;
    const struct tool_disk *d = &t->disks[n];
    bool image = d->format && str_equal(d->format, "qcow2");
    cleanup_free char *key = malloc(size + 1), *id = NULL;
    int r;

    if (!key)
        return error_no_memory(err);
    for (size_t i = 0; i < size; i++)
        key[i] = (char)(from_hex(hex[2 * i]) << 4 | from_hex(hex[2 * i + 1]));
    id = image ? strdup(d->file) : disk_name(n);
    r = id ? tool_keys_add_bytes(&t->keys, id, key, size, err)
           : error_no_memory(err);
    explicit_bzero(key, size);
    return r;
}

static char *
keep(struct tool *t, const char *text)
{
    char *copy = strdup(text);

    return strv_take(&t->kept, copy) < 0 ? NULL : copy;
}

static int
add_disk(struct tool *t, const struct answer *a, struct error *err)
{
    size_t n = t->n_disks;
    const char *file = a->file ? keep(t, a->file) : NULL;
    const char *format = a->format ? keep(t, a->format) : NULL;

    if (!file || (a->format && !format))
        return error_no_memory(err);
    if (tool_add_disk(t, file, err) < 0)
        return -1;
    t->disks[n].format = format;
    t->disks[n].blocksize = a->blocksize ? atoi(a->blocksize) : 0;
    t->disks[n].read_only = a->readonly;
    return a->key ? add_key(t, a->key, n, err) : 0;
}

static int
add_disks(struct tool *t, const char *text, size_t size, struct error *err)
{
    struct answer a = {0};
    const struct {
        const char *name, **value;
    } fields[] = {
        {"file=", &a.file},
        {"format=", &a.format},
        {"blocksize=", &a.blocksize},
        {"readonly=", &a.readonly},
        {"key=", &a.key},
    };

    if (str_equal(text, "state=on") && !t->read_only && !t->program->read_only)
        return error_set(err, EBUSY,
            "it is running, and writing to its disks would corrupt them; use "
            "--ro");
    for (const char *p = text + strlen(text) + 1; p < text + size;
         p += strlen(p) + 1) {
        if (!*p) {
            if (add_disk(t, &a, err) < 0)
                return -1;
            a = (struct answer){0};
        }
        for (size_t i = 0; i < N_ELEMENTS(fields); i++) {
            const char *value = str_after(p, fields[i].name);

            if (value)
                *fields[i].value = value;
        }
    }
    return 0;
}

static int
add_domain(struct tool *t, const char *name, struct error *err)
{
    cleanup_close int out = memfd_create("mayfly-domain", MFD_CLOEXEC);
    cleanup_free char *text = NULL;
    size_t size = 0;
    int r;

    if (out < 0)
        return error_errno(err, errno, "cannot make a memory file");
    if (run_helper(t, name, out, err) < 0)
        return -1;
    text = read_back(out, &size, err);
    if (!text)
        return -1;
    r = add_disks(t, text, size, err);
    explicit_bzero(text, size);
    return r;
}

int
domain_expand(struct tool *t, struct error *err)
{
    cleanup_free struct tool_disk *given = t->disks;
    size_t n = t->n_disks;

    t->disks = NULL;
    t->n_disks = 0;
    for (size_t i = 0; i < n; i++) {
        const char *domain = given[i].domain;

        if (domain && add_domain(t, domain, err) < 0)
            return error_context(err, "domain %s", domain);
        if (!domain && tool_take_disk(t, &given[i], err) < 0)
            return -1;
    }
    return 0;
}

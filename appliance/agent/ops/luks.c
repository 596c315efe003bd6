/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Encrypted devices, by cryptsetup.  Keys go to it through its standard input
 * or a pipe, never through its arguments or a file. */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "appliance/agent/program/arguments.h"
#include "appliance/agent/program/run.h"
#include "appliance/agent/storage/activate.h"
#include "appliance/agent/storage/device.h"
#include "appliance/agent/storage/luks.h"
#include "appliance/agent/storage/names.h"
#include "appliance/agent/storage/probe.h"
#include "base/base64.h"
#include "base/file.h"
#include "base/strv.h"
#include "ops-luks.h"

/* A key with any bytes comes as "base64:TEXT". */
static int
read_key(
    struct call *c, const char *text, const char **ret_key, size_t *ret_size)
{
    const char *encoded = str_after(text, "base64:");
    char *bytes = encoded ? call_strdup(c, encoded) : NULL;

    *ret_key = text;
    *ret_size = strlen(text);
    if (!encoded)
        return 0;
    if (!base64_decode(encoded, bytes, ret_size))
        return call_error(c, EINVAL, "the key is not base64 after base64:");
    *ret_key = bytes;
    return 0;
}

/* A wrong key (2) is EPERM. */
static int
judge(struct call *c, const struct run_result *r, const char *skipped)
{
    if (r->status == 0)
        return 0;
    return call_error(c, r->status == 2 ? EPERM : EIO, "cryptsetup: %s%s%s",
        *r->errors ? r->errors : "failed", skipped ? "; not tried: " : "",
        skipped ? skipped : "");
}

/* Run cryptsetup with KEY on its standard input. */
static int
run_with_key(struct call *c, const struct list *argv, const char *key)
{
    struct run_result r;
    const char *bytes;
    size_t size;

    if (read_key(c, key, &bytes, &size) < 0 ||
        luks_run(c, argv, bytes, size, &r) < 0)
        return -1;
    return judge(c, &r, NULL);
}

/* --- making --- */

static int
format_device(struct call *c, const char *name, const char *key, int slot,
    const char *cipher)
{
    struct list argv = {0};
    const char *device = device_check(c, name);

    if (!device)
        return -1;
    add_words(c, &argv, "cryptsetup", "-q", "luksFormat", "--key-slot",
        call_printf(c, "%d", slot), NULL);
    if (cipher)
        add_words(c, &argv, "--cipher", cipher, NULL);
    list_add_string(c, &argv, device);
    return run_with_key(c, &argv, key);
}

int
op_luks_format(struct call *c, const struct api_luks_format_args *args)
{
    return format_device(c, args->device, args->key, args->keyslot, NULL);
}

int
op_luks_format_cipher(
    struct call *c, const struct api_luks_format_cipher_args *args)
{
    return format_device(
        c, args->device, args->key, args->keyslot, args->cipher);
}

/* --- opening and closing --- */

/* The type as cryptsetup names it, from what is on the device. */
static const char *
detect_type(struct call *c, const char *device)
{
    struct probe p;

    if (probe_device(c, device, &p) < 0)
        return NULL;
    if (str_equal(p.type, "crypto_LUKS"))
        return "luks";
    if (str_equal(p.type, "BitLocker"))
        return "bitlk";
    call_error(c, EINVAL, "%s: not a LUKS or BitLocker device", device);
    return NULL;
}

static int
check_map_name(struct call *c, const char *name)
{
    /* Names of their own in /dev/mapper, which they would shadow. */
    if (!*name || strchr(name, '/') || str_equal(name, "control") ||
        str_equal(name, ".") || str_equal(name, ".."))
        return call_error(
            c, EINVAL, "'%s': not usable as the name of a mapping", name);
    return 0;
}

static int
open_mapping(struct call *c, const struct api_cryptsetup_open_args *args)
{
    struct list argv = {0};
    struct run_result r;
    const char *bytes, *skipped, *device = device_check(c, args->device);
    size_t size;

    if (!device || check_map_name(c, args->mapname) < 0)
        return -1;
    const char *type =
        args->crypttype ? args->crypttype : detect_type(c, device);
    if (!type)
        return -1;
    add_words(c, &argv, "cryptsetup", "-q", "open", "--type", type, NULL);
    /* Without the kernel's keyring the mapping can grow without its key. */
    if (str_after(type, "luks"))
        list_add_string(c, &argv, "--disable-keyring");
    if (args->readonly)
        list_add_string(c, &argv, "--readonly");
    if (args->cipher)
        add_words(c, &argv, "--cipher", args->cipher, NULL);
    list_add_string(c, &argv, device);
    list_add_string(c, &argv, args->mapname);
    if (read_key(c, args->key, &bytes, &size) < 0 ||
        luks_run_open(c, device, &argv, bytes, size, &r, &skipped) < 0 ||
        judge(c, &r, skipped) < 0)
        return -1;
    lvm_expect();
    device_settle(c);
    return 0;
}

int
op_cryptsetup_open(struct call *c, const struct api_cryptsetup_open_args *args)
{
    return open_mapping(c, args);
}

int
op_luks_open(struct call *c, const struct api_luks_open_args *args)
{
    const struct api_cryptsetup_open_args with = {.device = args->device,
        .key = args->key,
        .mapname = args->mapname,
        .crypttype = "luks"};

    return open_mapping(c, &with);
}

int
op_luks_open_ro(struct call *c, const struct api_luks_open_ro_args *args)
{
    const struct api_cryptsetup_open_args with = {.device = args->device,
        .key = args->key,
        .mapname = args->mapname,
        .crypttype = "luks",
        .has_readonly = true,
        .readonly = true};

    return open_mapping(c, &with);
}

static int
close_mapping(struct call *c, const char *device)
{
    const char *name = str_after(device, "/dev/mapper/");

    if (!device_check(c, device))
        return -1;
    if (!name)
        return call_error(
            c, EINVAL, "%s: a mapping is named /dev/mapper/...", device);
    if (run_tool(c, NULL, "cryptsetup", "close", name, NULL) < 0)
        return -1;
    device_settle(c);
    return 0;
}

int
op_cryptsetup_close(
    struct call *c, const struct api_cryptsetup_close_args *args)
{
    return close_mapping(c, args->device);
}

int
op_luks_close(struct call *c, const struct api_luks_close_args *args)
{
    return close_mapping(c, args->device);
}

/* --- keys --- */

/* A file in memory that a child can open by the path given back. */
static int
key_file(struct call *c, const char *key, char **ret_path)
{
    const char *bytes;
    size_t size;

    if (read_key(c, key, &bytes, &size) < 0)
        return -1;

    int fd = memfd_create("key", 0);
    if (fd < 0)
        return call_fail(c, errno, "memory for a key");
    call_defer_close(c, fd);
    if (write_all(fd, bytes, size) < 0)
        return call_fail(c, errno, "memory for a key");
    *ret_path = call_printf(c, "/proc/%d/fd/%d", (int)getpid(), fd);
    return 0;
}

int
op_luks_add_key(struct call *c, const struct api_luks_add_key_args *args)
{
    struct list argv = {0};
    char *path = NULL;
    const char *device = device_check(c, args->device);

    if (!device || key_file(c, args->newkey, &path) < 0)
        return -1;
    add_words(c, &argv, "cryptsetup", "-q", "luksAddKey", "--key-slot",
        call_printf(c, "%d", args->keyslot), device, path, NULL);
    return run_with_key(c, &argv, args->key);
}

int
op_luks_kill_slot(struct call *c, const struct api_luks_kill_slot_args *args)
{
    struct list argv = {0};
    const char *device = device_check(c, args->device);

    if (!device)
        return -1;
    add_words(c, &argv, "cryptsetup", "-q", "luksKillSlot", device,
        call_printf(c, "%d", args->keyslot), NULL);
    return run_with_key(c, &argv, args->key);
}

int
op_luks_uuid(struct call *c, const struct api_luks_uuid_args *args,
    struct api_luks_uuid_ret *ret)
{
    struct probe p;
    const char *device = device_check(c, args->device);

    if (!device || probe_device(c, device, &p) < 0)
        return -1;
    if (!str_equal(p.type, "crypto_LUKS"))
        return call_error(c, EINVAL, "%s: not a LUKS device", args->device);
    ret->value = p.uuid;
    return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent: PID 1 of the appliance.  It serves one call at a time, over one
 * port, to one library.
 *
 * A handler is `int op_NAME(struct call *c, const struct api_NAME_args *args,
 * struct api_NAME_ret *ret)` (ret is left out for calls without a result).
 * It returns 0, or fails with `return call_fail(c, ...)`.  What it puts into
 * *ret lives in the call's arena: call_alloc, call_printf, call_strdup. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "wire/wire.h"

/* Where the guest's file systems are mounted. */
#define SYSROOT "/sysroot"

struct call;

/* --- failing (serve.c) --- */

/* Set the call's error; always -1.  call_fail appends ": " and the text of
 * errno CODE; call_error gives the whole text itself. */
int call_fail(struct call *c, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int call_error(struct call *c, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The error set so far: 0 and "" if none; and forgetting it. */
int call_errno(const struct call *c);
const char *call_error_text(const struct call *c);
void call_forgive(struct call *c);

/* Whether the library asked for a network, or for more on the console. */
bool call_network(const struct call *c);
bool call_debug(const struct call *c);

/* --- memory of the call (serve.c): freed when the reply is sent --- */

/* Never NULL: without memory the call ends there and then with ENOMEM (the
 * agent jumps out of the handler), so handlers need no checks.  Hence a
 * handler must not hold malloc'ed memory or open files across these unless
 * through call_defer: FUNCTION(OPAQUE) is called when the reply is sent. */
void *call_alloc(struct call *c, size_t size);
_Noreturn void call_no_memory(struct call *c);
void call_defer(struct call *c, void (*function)(void *opaque), void *opaque);
void call_defer_close(struct call *c, int fd);
char *call_strdup(struct call *c, const char *s);
char *call_strndup(struct call *c, const char *s, size_t n);
char *call_printf(struct call *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A growing list of strings or of structs in the call's memory. */
struct list {
    void *items; /* an array, NULL-terminated (zeroed element at the end) */
    uint32_t n, room;
};
/* Room for one more element of SIZE bytes, zeroed. */
void *list_add_size(struct call *c, struct list *l, size_t size);
#define list_add(c, l, type) ((type *)list_add_size((c), (l), sizeof(type)))
void list_add_string(struct call *c, struct list *l, const char *s);
/* Sort strings in strcmp order. */
void list_sort_strings(struct list *l);

/* --- streams (stream.c) --- */

/* Open the bulk area, once, before the appliance is saved. */
void bulk_prepare(void);

/* Read the lenses of augeas before the appliance is saved: later it would take
 * seconds. */
void augeas_prepare(void);

/* A buffer of BULK_SLOT bytes that bulk data is best moved with; the same one
 * each time. */
void *bulk_buffer(struct call *c);

/* The next piece of the stream in: bytes, which live until the next piece,
 * or zeroes that were left out.  0 at the end; -1 (call failed) if the
 * library gave up. */
struct piece {
    const void *data;
    size_t size;
    uint64_t hole;
};
int stream_next(struct call *c, struct piece *ret);

/* The next bytes of the stream in: at most SIZE; 0 at its end; -1 (call
 * failed) if the library gave up. */
ssize_t stream_read(struct call *c, void *data, size_t size);

/* Send bytes of the stream out, or stand in for zeroes; -1 (call failed) if
 * it was cancelled. */
int stream_write(struct call *c, const void *data, size_t size);
int stream_hole(struct call *c, uint64_t size);

/* --- progress and cancel (serve.c) --- */

void call_progress(struct call *c, uint64_t done, uint64_t total);
/* True if the library has cancelled the call; the handler then fails with
 * ECANCELED.  Cheap enough for every turn of a loop over files. */
bool call_cancelled(struct call *c);

/* --- running tools (run.c): the only fork and exec of the agent --- */

struct run {
    const char *const *argv; /* NULL-terminated; argv[0] is looked up */
    bool in_guest;     /* chroot to SYSROOT with /dev /proc /sys mounted */
    bool network;      /* in_guest: give it a working resolv.conf */
    const void *input; /* its standard input; NULL: empty */
    size_t input_size;
    int input_fd;               /* used instead of input if > 0 */
    int output_fd;              /* standard output goes there if > 0 */
    bool merge;                 /* stderr goes where stdout goes */
    bool daemon;                /* what it leaves running stays */
    int timeout;                /* seconds; 0: none */
    size_t output_max;          /* bytes of stdout kept; 0: 4 MiB; more fails */
    bool stream_in, stream_out; /* connect stdin/stdout to call's streams */
    const char *const *environment; /* extra VAR=value; NULL: none */
};

struct run_result {
    int status;   /* exit code; 128 + N if signal N ended it */
    char *output; /* stdout, NUL-terminated, in the call's memory */
    size_t output_size;
    char *errors; /* end of stderr, trailing newline removed */
};

/* Run and wait.  -1 if it could not be run, timed out or was cancelled; the
 * exit status is for the caller to judge. */
int run_command(struct call *c, const struct run *run, struct run_result *ret);

/* Run an appliance's tool: "TOOL: its error text" if it exits non-zero.
 * Arguments end with NULL.  *ret_output (may be NULL) is its stdout. */
int run_tool(struct call *c, char **ret_output, ...) __attribute__((sentinel));
int run_tool_argv(struct call *c, char **ret_output, const char *const *argv);

/* Run FUNCTION(c, opaque, fd) in a child and give back what it wrote to fd,
 * for parsers of guest data that may crash or leak (librpm). */
int run_function(struct call *c,
    int (*function)(struct call *c, void *opaque, int fd), void *opaque,
    int timeout, char **ret_output, size_t *ret_size);

bool tool_exists(const char *tool);

/* Run without a call: nothing read, nothing kept, stderr to the console.
 * The exit status, or -1. */
int run_quiet(const char *const *argv);

/* Where tools are looked up, here and in the guest. */
#define RUN_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* --- the network (network.c) --- */

/* Bring the network card up, if the handle has one, and wait for it. */
int network_up(struct call *c);

/* --- paths of the guest (path.c): the only resolver --- */

/* Open a path below SYSROOT as the guest would see it: every link, absolute
 * ones too, stays inside.  The error names the path.  FLAGS as for open(2);
 * O_CLOEXEC is added. */
int path_open(struct call *c, const char *path, int flags, mode_t mode);

/* The folder that holds the last component (O_PATH), and that component
 * (in the call's memory; "." for "/").  For unlink, mkdir, rename, ... */
int path_open_parent(struct call *c, const char *path, char **ret_name);

/* Both fail while nothing is mounted.  These, for mounting, do not; the first
 * opens with O_PATH. */
int path_open_mountpoint(struct call *c, const char *path);
int path_open_mountpoint_parent(
    struct call *c, const char *path, char **ret_name);

/* The path after following every link, as seen from the guest's root; and
 * that of an open file, PATH being for the error. */
char *path_real(struct call *c, const char *path);
char *path_of(struct call *c, int fd, const char *path);

/* /proc/self/fd/N for calls that know only paths (setxattr, mount). */
char *fd_path(struct call *c, int fd);

/* Fails the call if nothing is mounted on SYSROOT. */
int need_root(struct call *c);

/* Resolve below FOLDER instead of SYSROOT from now on: for the tests. */
void path_use_root(const char *folder);

/* --- devices (device.c, disks.c, uevent.c) --- */

/* Check and canonicalise a device name given by the caller: /dev/vda ->
 * /dev/sda, /dev/mapper/VG-LV -> /dev/VG/LV stays as is; it must exist and be
 * a block device.  NULL (call failed) otherwise. */
const char *device_check(struct call *c, const char *device);

/* The name to show for a kernel device name ("dm-0", "sda1", "md0"):
 * "/dev/VG/LV", "/dev/sda1", "/dev/md0". */
char *device_name(struct call *c, const char *kernel_name);

/* "DEVICE" or "btrfsvol:DEVICE/SUBVOLUME" -> parts (subvolume NULL). */
int mountable_split(struct call *c, const char *mountable,
    const char **ret_device, const char **ret_subvolume);

/* Wait until the kernel's queue of device events is empty and nodes exist:
 * the udevadm settle of a world without udev.  No fixed sleep. */
void device_settle(struct call *c);

/* Find what does not change, once, before the appliance is saved. */
void disks_prepare(void);

/* The kernel's command line says whether this appliance is to be saved, and
 * hence has a slot for the first disk. */
bool disks_slot_expected(void);

/* Is this the disk that only keeps the first one's place? */
bool disks_is_slot(const char *kernel_name);

/* No scheduler for a disk's requests, by its kernel name, or for those of all.
 * The host knows better than an emulated processor in what order it likes them;
 * and without one a batch of requests rings the device's bell once, not for
 * each. */
void disk_drop_scheduler(const char *name);
void disks_drop_schedulers(void);

/* Wait until just the SCSI targets in TARGETS are there, each as /dev/sd of
 * its number (target 2 is /dev/sdc), with its partitions read.  SLOT: target
 * 0 is in the place kept for it. */
int device_wait_disks(
    struct call *c, const uint32_t *targets, uint32_t n, bool slot);

/* A call has been answered. */
void disks_call_ended(void);

/* The line of a small file of /sys; false if there is none. */
bool sysfs_line(const char *path, char *ret_line, size_t size);
/* Write to one.  Kernels differ in what they have; none of it is vital. */
void write_setting(const char *path, const char *value);

/* The kernel's events.  Wait for the next one, at most MILLISECONDS (-1: for
 * ever): 1, or 0 when time is up, or -1.  It is taken note of. */
int uevent_open(void);
int uevent_wait(int milliseconds);

/* --- the cold start (main.c) --- */

int serve(int port); /* never returns but on a broken channel */

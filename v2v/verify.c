/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: QEMU runs like the new machine, but with every write
 * thrown away (-snapshot), no network and no privileges.  Its serial port goes
 * to a file, which is checked twice a second; a screenshot is taken over QMP
 * when the prompt appears or the time is up.  The machine never outlives this
 * function. */
#include <config.h>

#include "v2v/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/leftover.h"
#include "base/strv.h"
#include "base/subprocess.h"
#include "tool/tool.h"

enum { LOG_MAX = 4 << 20, TAIL_LINES = 8, REPLY_MAX = 64 << 10 };

struct boot {
    const struct result *result;
    struct work_folder folder;
    char *serial, *qmp, *screenshot;
    struct subprocess qemu;
};

static void
clear(struct boot *b)
{
    subprocess_stop(&b->qemu);
    work_folder_remove(&b->folder);
    free(b->serial);
    free(b->qmp);
    free(b->screenshot);
}

/* --- as much QMP as a screenshot needs --- */

/* Send a command and wait for its answer, which is one line. */
static bool
ask(int fd, const char *command)
{
    cleanup_free char *reply = calloc(1, REPLY_MAX);
    size_t used = 0;

    if (!reply || write_all(fd, command, strlen(command)) < 0)
        return false;
    while (used < REPLY_MAX - 1) {
        ssize_t n = read(fd, reply + used, REPLY_MAX - 1 - used);

        if (n <= 0)
            return false;
        used += (size_t)n;
        if (strstr(reply, "\"error\""))
            return false;
        if (strstr(reply, "\"return\""))
            return true;
    }
    return false;
}

static bool
take_picture(const struct boot *b)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval patience = {.tv_sec = 20};
    cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cleanup_free char *command =
        text_printf("{\"execute\": \"screendump\", \"arguments\": "
                    "{\"filename\": \"%s/screen.png\", \"format\": \"png\"}}\n",
            b->folder.path);

    if (fd < 0 || !command || strlen(b->qmp) >= sizeof address.sun_path)
        return false;
    strcpy(address.sun_path, b->qmp);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (const void *)&address, sizeof address) < 0 ||
        !ask(fd, "{\"execute\": \"qmp_capabilities\"}\n") || !ask(fd, command))
        return false;
    return true;
}

/* Move it out of the temporary folder, next to the images. */
static bool
keep_picture(const struct boot *b, struct error *err)
{
    cleanup_free char *from = text_printf("%s/screen.png", b->folder.path);
    cleanup_output struct output out = {.fd = -1};
    size_t size;
    cleanup_free char *data =
        from ? read_file(from, LOG_MAX, &size, err) : NULL;

    return data && output_open(&out, b->screenshot, 0666, err) == 0 &&
           write_all(out.fd, data, size) == 0 && output_commit(&out, err) == 0;
}

/* --- the machine --- */

static int
add_disks(char ***argv, const struct result *r)
{
    for (size_t i = 0; i < r->disks->n; i++) {
        const char *file =
            r->images ? r->images[i] : r->disks->items[i].overlay;
        cleanup_free char *escaped = calloc(2, strlen(file) + 1);
        char *to = escaped;

        /* A comma ends a QEMU option's value; a doubled one is literal. */
        for (const char *p = file; escaped && *p; p++) {
            *to++ = *p;
            if (*p == ',')
                *to++ = ',';
        }
        if (!escaped || strv_append(argv, "-drive") < 0 ||
            strv_printf(argv, "if=none,id=disk%zu,format=%s,file=%s", i,
                r->images ? r->format : "qcow2", escaped) < 0 ||
            strv_append(argv, "-device") < 0 ||
            strv_printf(argv, "virtio-blk-pci,drive=disk%zu,bootindex=%zu", i,
                disks_boot_order(r->disks, i)) < 0)
            return -1;
    }
    return 0;
}

/* The UEFI firmware, wherever the distribution installs it. */
static const char *
find_firmware(void)
{
    static const char *const paths[] = {"/usr/share/OVMF/OVMF_CODE_4M.fd",
        "/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_CODE.fd",
        "/usr/share/edk2/x64/OVMF_CODE.4m.fd"};

    for (size_t i = 0; i < N_ELEMENTS(paths); i++)
        if (access(paths[i], R_OK) == 0)
            return paths[i];
    return NULL;
}

static int
add_firmware(char ***argv, const struct guest *guest, struct error *err)
{
    const char *path = find_firmware();

    if (!guest->uefi)
        return 0;
    if (!path)
        return error_set(err, ENOENT,
            "it needs UEFI firmware, which is not installed (OVMF)");
    if (strv_append(argv, "-drive") < 0 ||
        strv_printf(argv, "if=pflash,format=raw,readonly=on,file=%s", path) < 0)
        return error_no_memory(err);
    return 0;
}

static int
start(struct boot *b, struct error *err)
{
    const char *accel = getenv("MAYFLY_ACCEL");
    const struct guest *guest = b->result->guest;
    cleanup_strv char **argv = NULL;
    uint64_t memory = guest->memory >> 20;
    const char *const words[] = {"qemu-system-x86_64", "-machine", "q35",
        "-accel", accel && str_equal(accel, "kvm") ? "kvm" : "tcg", "-cpu",
        "max", "-snapshot", "-nodefaults", "-display", "none", "-vga", "std",
        "-nic", "none", "-no-reboot", "-device", "virtio-rng-pci", "-sandbox",
        "on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
        "resourcecontrol=deny",
        NULL};

    if (strv_extend(&argv, words) < 0 || strv_append(&argv, "-m") < 0 ||
        strv_printf(&argv, "%llu",
            (unsigned long long)(memory < 512 ? 512 : memory)) < 0 ||
        strv_append(&argv, "-serial") < 0 ||
        strv_printf(&argv, "file:%s", b->serial) < 0 ||
        strv_append(&argv, "-qmp") < 0 ||
        strv_printf(&argv, "unix:%s,server=on,wait=off", b->qmp) < 0 ||
        add_disks(&argv, b->result) < 0)
        return error_no_memory(err);
    if (add_firmware(&argv, guest, err) < 0)
        return -1;

    const struct subprocess_spec spec = {
        .program = QEMU,
        .argv = (const char *const *)argv,
        .interrupted = tool_interrupted,
    };
    return subprocess_start(&b->qemu, &spec, err);
}

static int
prepare(struct boot *b, struct error *err)
{
    if (work_folder_make(&b->folder, NULL, err) < 0)
        return -1;
    if (strpbrk(b->folder.path, ",\"\\"))
        return error_set(
            err, EINVAL, "TMPDIR has a character that QEMU does not accept");
    b->serial = text_printf("%s/serial", b->folder.path);
    b->qmp = text_printf("%s/qmp", b->folder.path);
    b->screenshot = text_printf("%s/%s-boot.png",
        b->result->folder ? b->result->folder : ".", b->result->guest->name);
    return b->serial && b->qmp && b->screenshot ? 0 : error_no_memory(err);
}

/* Does the output end in a prompt, "login:"? */
static bool
has_prompt(const struct boot *b)
{
    cleanup_error struct error ignored = {0};
    cleanup_free char *text = read_file(b->serial, LOG_MAX, NULL, &ignored);

    return text && strstr(text, "login:");
}

static void
print_tail(const struct boot *b)
{
    cleanup_error struct error ignored = {0};
    cleanup_free char *text = read_file(b->serial, LOG_MAX, NULL, &ignored);
    const char *start = text ? text + strlen(text) : NULL;

    for (int lines = 0; text && start > text && lines < TAIL_LINES;)
        lines += *--start == '\n';
    if (!start)
        return;
    printf("The end of its console:\n");
    char *end = text + (start - text);
    for (const char *p = start; *p; p++)
        if (*p != '\r')
            *end++ = *p;
    *end = 0;
    tool_print(stdout, text + (start - text));
    putchar('\n');
}

/* *ret_seconds < 0: no prompt came. */
static int
watch(struct boot *b, int seconds, double *ret_seconds, struct error *err)
{
    struct timespec half = {.tv_nsec = 500000000};

    *ret_seconds = -1;
    for (int i = 0; i < 2 * seconds; i++) {
        nanosleep(&half, NULL);
        if (tool_interrupted())
            return error_set(err, EINTR, "interrupted");
        tool_progress_show("boot", (uint64_t)i / 2, (uint64_t)seconds);
        if (has_prompt(b)) {
            *ret_seconds = (i + 1) / 2.0;
            break;
        }
        if (subprocess_is_gone(&b->qemu))
            return subprocess_wait(&b->qemu, err);
    }
    return 0;
}

static int
boot(struct boot *b, int seconds, double *ret_login, struct error *err)
{
    if (prepare(b, err) < 0 || start(b, err) < 0 ||
        watch(b, seconds, ret_login, err) < 0)
        return -1;
    tool_progress_clear();
    if (b->qemu.pid && take_picture(b) && keep_picture(b, err))
        printf("%-10s %s\n", "Screen", b->screenshot);
    return 0;
}

int
verify_boot(const struct result *result, int seconds)
{
    cleanup_error struct error err = {0};
    struct boot b = {.result = result};
    double login = -1;

    printf("Booting it\n");
    fflush(stdout);
    int r = boot(&b, seconds, &login, &err);
    tool_progress_clear();
    if (r == 0)
        print_tail(&b);
    clear(&b);
    if (r < 0) {
        tool_error("cannot boot it: %s", error_text(&err));
        return TOOL_FAILED;
    }
    if (login < 0) {
        tool_error("no login prompt came within %d s", seconds);
        return TOOL_FAILED;
    }
    printf("%-10s to the login prompt in %.1f s\n", "Boots", login);
    return TOOL_OK;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation: the source is only read.  The conversion happens in
 * overlays on it, in one appliance.  After the appliance has flushed and ended,
 * the disks are copied through their overlays to the target, all at once, and
 * get their names when everything is complete.  A plan is the same conversion
 * on overlays that are thrown away, so it prints exactly what would be done; a
 * conversion in place follows such a rehearsal.
 *
 * Whether a disk has to be assembled (assemble.c) may only be known after
 * inspection: then the appliance starts a second time. */
#include <config.h>

#include "v2v/run.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/strv.h"
#include "tool/tool.h"
#include "v2v/convert/systems.h"
#include "v2v/convert/windows/bitlocker.h"
#include "v2v/disks/assemble.h"
#include "v2v/disks/boot_disk.h"
#include "v2v/disks/copies.h"
#include "v2v/phases/phase_run.h"
#include "v2v/print.h"
#include "v2v/source/reader.h"
#include "v2v/target/inspection_xml.h"
#include "v2v/verify.h"

/* The state of one run. */
struct state {
    const struct v2v_options *r;
    struct tool *tool;
    struct guest guest;
    struct disks disks;
    struct conversion conversion;
    struct mayfly *g;
    struct mayfly_inspection *found;
    struct mayfly_inspection_root *root;
    const struct guest_system *system; /* on that root */
    struct phases phases;
    double seconds;
};

/* --- the source --- */

static int
replace(char **field, const char *value, struct error *err)
{
    if (!value)
        return 0;
    free(*field);
    *field = strdup(value);
    return *field ? 0 : error_no_memory(err);
}

/* The connection is a word of the source as well, and a format is that of its
 * disks. */
static int
read_words(struct state *s, struct error *err)
{
    const struct v2v_options *r = s->r;
    cleanup_strv char **words = NULL;

    if (strv_extend(&words, (const char *const *)s->tool->words) < 0 ||
        (r->input_connection && strv_append(&words, r->input_connection) < 0))
        return error_no_memory(err);
    if (r->source->read(words, strv_length(words), &s->guest, err) < 0)
        return -1;
    for (size_t i = 0; i < s->guest.n_disks; i++)
        if (replace(&s->guest.disks[i].format, r->input_format, err) < 0)
            return -1;
    return 0;
}

static int
read_source(struct state *s, struct error *err)
{
    const struct v2v_options *r = s->r;

    if (r->name && !guest_name_is_safe(r->name))
        return error_set(err, EINVAL,
            "invalid name '%s': it cannot be part of a file name; give another "
            "with -on",
            r->name);
    if (read_words(s, err) < 0 || replace(&s->guest.name, r->name, err) < 0 ||
        replace(&s->guest.kernel, r->kernel, err) < 0 ||
        replace(&s->guest.ramdisk, r->initrd, err) < 0)
        return -1;
    for (size_t i = 0; i < s->guest.n_disks; i++)
        if (s->guest.disks[i].path && !s->guest.disks[i].removable &&
            s->guest.disks[i].reader != &reader_blank &&
            !server_is_remote(s->guest.disks[i].path) &&
            access(s->guest.disks[i].path, R_OK) < 0)
            return error_errno(
                err, errno, "cannot open %s", s->guest.disks[i].path);
    if (r->virtio_win && access(r->virtio_win, R_OK) < 0)
        return error_errno(
            err, errno, "cannot open the drivers in %s", r->virtio_win);
    if (readers_find(&s->guest, s->tool, err) < 0 ||
        guest_complete(&s->guest, err) < 0 ||
        nics_apply(&r->nics, &s->guest, err) < 0)
        return -1;
    return disks_sort(&s->guest, &s->disks, err);
}

/* --- the appliance --- */

static const char *
work_folder(const struct v2v_options *r)
{
    const char *folder = getenv("TMPDIR");

    if (!r->plan && r->target->copies)
        return r->folder;
    return folder ? folder : "/var/tmp";
}

static void
close_appliance(struct state *s)
{
    mayfly_free_inspection(s->found);
    s->found = NULL;
    s->root = NULL;
    tool_signals_watch(NULL);
    mayfly_close(s->g);
    s->g = NULL;
}

static int
open_appliance(struct state *s)
{
    cleanup_error struct error err = {0};
    const struct v2v_options *r = s->r;

    if (!(s->g = tool_handle(s->tool)))
        return TOOL_FAILED;
    if (customize_wants_network(&s->r->customize) &&
        mayfly_set_network(s->g, true) < 0)
        return tool_fail(s->g, TOOL_APPLIANCE, NULL);
    if ((r->memsize && mayfly_set_memsize(s->g, r->memsize) < 0) ||
        (r->smp && mayfly_set_smp(s->g, r->smp) < 0))
        return tool_fail(s->g, TOOL_USAGE, NULL);
    s->disks.format = !r->plan && r->target->copies ? r->format : NULL;
    s->disks.bwlimit = r->bwlimit;
    s->disks.sector_size = r->sector_size;
    s->disks.parallel = (size_t)r->parallel;
    s->disks.tool = s->tool;
    s->disks.sums = r->report || r->target == &target_json;
    if (disks_open(&s->disks, work_folder(s->r), s->g, &err) < 0)
        return tool_give_up(&err, TOOL_INPUT);
    if (mayfly_launch(s->g) < 0) {
        tool_handle_error(s->g, &err);
        disks_explain(&s->disks, &err);
        return tool_give_up(&err, tool_disk_code(err.code));
    }
    return assemble_tables(&s->disks, s->g, &err) < 0
               ? tool_give_up(&err, TOOL_FAILED)
               : TOOL_OK;
}

/* --- the guest --- */

/* WRONG: the one that was asked for is not there. */
static int
list_roots(const struct mayfly_inspection *found, bool wrong)
{
    cleanup_free char *list = NULL;

    for (uint32_t i = 0; i < found->n_roots; i++) {
        char *more =
            text_printf("%s%s%s (%s)", list ? list : "", list ? ", " : "",
                found->roots[i].root, found->roots[i].product_name);

        free(list);
        list = more;
    }
    if (found->n_roots == 1)
        tool_error("--root names no operating system that was found; there is "
                   "%s, which needs no --root",
            list ? list : "");
    else
        tool_error("%s: %s; choose one with --root",
            wrong ? "--root names none of the operating systems that were found"
                  : "several operating systems found",
            list ? list : "");
    return TOOL_USAGE;
}

/* A file system that got a table is the first partition of its disk then. */
static bool
is_root(const char *root, const char *want)
{
    const char *whole = strlen(root) < strlen(want) ? root : want;
    const char *rest = str_after(whole == root ? want : root, whole);
    size_t n = strlen(whole);

    return rest && (!*rest || (str_equal(rest, "1") && n > 0 &&
                                  !isdigit((unsigned char)whole[n - 1])));
}

/* Someone is there to answer; NULL: with no number of the list. */
static struct mayfly_inspection_root *
ask_root(struct mayfly_inspection *found)
{
    char line[16];
    unsigned long n;

    for (uint32_t i = 0; i < found->n_roots; i++) {
        cleanup_free char *name = text_escape(found->roots[i].product_name);

        fprintf(stderr, "[%u] %s (%s)\n", i + 1, found->roots[i].root,
            name ? name : "");
    }
    fprintf(stderr, "Which system is to be converted? [1-%u] ", found->n_roots);
    if (!fgets(line, sizeof line, stdin))
        return NULL;
    n = strtoul(line, NULL, 10);
    return n >= 1 && n <= found->n_roots ? &found->roots[n - 1] : NULL;
}

/* All that is made is for PCs. */
static int
check_processor(const struct mayfly_inspection_root *root)
{
    static const char *const known[] = {"", "unknown", "x86_64", "i386"};

    for (size_t i = 0; i < N_ELEMENTS(known); i++)
        if (str_equal(root->arch, known[i]))
            return TOOL_OK;
    tool_error("the guest on %s is for %s processors; only guests for x86_64 "
               "and i386 are converted",
        root->root, root->arch);
    return TOOL_FAILED;
}

static int
choose_root(struct state *s)
{
    struct mayfly_inspection *found = s->found;
    const char *want = s->r->root;

    if (found->n_roots == 0) {
        cleanup_free char *what = tool_describe_nothing(found);

        tool_error("no operating system found%s", what ? what : "");
        return TOOL_NO_OS;
    }
    s->root = &found->roots[0];
    if (want && want[0] == '/') {
        s->root = NULL;
        for (uint32_t i = 0; i < found->n_roots; i++)
            if (is_root(found->roots[i].root, want))
                s->root = &found->roots[i];
        if (!s->root)
            return list_roots(found, true);
    } else if (found->n_roots > 1 && want && str_equal(want, "ask") &&
               isatty(STDIN_FILENO)) {
        s->root = ask_root(found);
        if (!s->root)
            return list_roots(found, false);
    } else if (found->n_roots > 1 && (!want || !str_equal(want, "first"))) {
        return list_roots(found, false);
    }
    s->system = system_find(s->root->type);
    if (!s->system) {
        tool_error("%s is neither Linux nor Windows; other systems are not "
                   "converted",
            s->root->product_name[0] ? s->root->product_name : s->root->root);
        return TOOL_FAILED;
    }
    return check_processor(s->root);
}

/* Blocks that the guest has freed need not be copied.  If a file system cannot
 * report them, they are just copied. */
static void
trim(struct state *s)
{
    for (uint32_t i = 0; i < s->root->n_mountpoints; i++)
        mayfly_fstrim(s->g, s->root->mountpoints[i].mountpoint, NULL);
}

static void
say_nothing(void *opaque, bool password, const char *text)
{
    (void)opaque, (void)password, (void)text;
}

static const struct sayer silent = {.say = say_nothing};

static void
say(void *opaque, bool password, const char *text)
{
    (void)opaque, (void)password;
    present_step(text);
}

/* A random password is printed even then: it is shown nowhere else. */
static void
say_passwords(void *opaque, bool password, const char *text)
{
    (void)opaque;
    if (password)
        present_step(text);
}

/* The operations requested in addition to the conversion.  The rehearsal of a
 * conversion in place prints nothing: its random passwords are not the final
 * ones. */
static int
customize(struct state *s, struct error *err)
{
    const struct v2v_options *r = s->r;
    const struct customize *c = &r->customize;
    bool rehearsal = r->in_place && !r->plan && !s->disks.in_place;
    const struct sayer sayer = {r->json || rehearsal ? say_nothing
                                : r->quiet           ? say_passwords
                                                     : say,
        NULL};

    if (c->n_steps == 0)
        return 0;
    if (customize_run(c, s->g, s->root, &sayer, err) < 0)
        return -1;
    for (size_t i = 0; i < c->n_steps; i++) {
        cleanup_free char *what = customize_describe(c, i);

        if (!what)
            return error_no_memory(err);
        if (report_add(&s->conversion.report, FINDING_CHANGE, NULL, what,
                "an option requested it", err) < 0)
            return -1;
    }
    return 0;
}

static bool
is_blocked(const struct state *s)
{
    return report_worst(&s->conversion.report) == FINDING_BLOCKED;
}

/* A guest that has a kernel boots that one, whatever was given for the case
 * that it has none. */
static int
report_unused_kernel(struct state *s, struct error *err)
{
    const char *kernel = s->r->kernel, *modules = s->r->modules;

    if (is_blocked(s) || s->conversion.kernel_from_host ||
        (!kernel && !modules))
        return 0;
    return conversion_tell(&s->conversion, FINDING_REVIEW, NULL, err,
        "the guest has a kernel of its own, so %s %s is not used",
        kernel ? "--kernel" : "--modules", kernel ? kernel : modules);
}

/* A system that BitLocker has encrypted is no matter of a key. */
static int
check_bitlocker(struct state *s)
{
    cleanup_error struct error err = {0};
    cleanup_strv char **encrypted = NULL;
    struct mayfly_inspection *found;
    bool is_all;

    if (bitlocker_find(s->g, &encrypted, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    if (!encrypted)
        return TOOL_OK;
    if (mayfly_inspect(s->g, NULL, &found) < 0)
        return tool_fail(s->g, TOOL_FAILED, NULL);
    is_all = found->n_roots == 0;
    mayfly_free_inspection(found);
    if (!is_all)
        return TOOL_OK;
    tool_error("%s %s", encrypted[0], bitlocker_advice);
    return TOOL_FAILED;
}

static int
inspect(struct state *s)
{
    int code = open_appliance(s);

    if (code == TOOL_OK)
        code = check_bitlocker(s);
    if (code == TOOL_OK)
        code = tool_inspect(s->tool, s->g, NULL, &s->found);
    return code == TOOL_OK ? choose_root(s) : code;
}

/* A BIOS boots the disk of the system, and without a partition table that has
 * no space for a loader. */
static int
start(struct state *s)
{
    cleanup_error struct error err = {0};
    int code = inspect(s);

    if (code != TOOL_OK)
        return code;
    if (boot_disk_find(s->g, s->root, &s->guest, &s->disks, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    if (!boot_disk_lacks_table(s->g, &s->guest, &s->disks))
        return TOOL_OK;
    s->disks.items[s->disks.boot].assembled = true;
    close_appliance(s);
    disks_reset(&s->disks);
    return inspect(s);
}

/* What the new machine needs and the target cannot say is reported. */
static int
report_limits(struct state *s, struct error *err)
{
    bool can = !s->r->target->copies || s->r->target->large_sectors;

    for (size_t i = 0; i < s->disks.n; i++) {
        const struct target_disk *t = &s->disks.items[i];

        if (t->sector_size != 4096)
            continue;
        if ((can ? conversion_tell(&s->conversion, FINDING_NOTE, NULL, err,
                       "vd%s has sectors of 4096 bytes, as its partition "
                       "table or --blocksize says",
                       t->letters)
                 : conversion_tell(&s->conversion, FINDING_REVIEW, NULL, err,
                       "vd%s needs sectors of 4096 bytes, and what -o %s "
                       "writes cannot say so: set them by hand, or use -o "
                       "local, libvirt, qemu or kubevirt",
                       t->letters, s->r->target->name)) < 0)
            return -1;
    }
    if (s->r->target->first_boots && s->disks.boot != 0)
        return conversion_tell(&s->conversion, FINDING_REVIEW, NULL, err,
            "the system boots from vd%s, and what -o %s writes cannot say so: "
            "set the boot order by hand",
            s->disks.items[s->disks.boot].letters, s->r->target->name);
    return 0;
}

/* A table that we could read, but that a booting system may not. */
static int
report_tables(struct state *s, struct error *err)
{
    if (report_limits(s, err) < 0)
        return -1;
    for (uint32_t i = 0; i < s->found->n_notes; i++) {
        const struct mayfly_inspection_note *n = &s->found->notes[i];

        /* That is report_limits's. */
        if (strstr(n->text, "sectors of 4096 bytes"))
            continue;
        if (strstr(n->text, "partition table") &&
            conversion_tell(&s->conversion, FINDING_REVIEW, n->subject, err,
                "%s", n->text) < 0)
            return -1;
    }
    return 0;
}

static int
convert(struct state *s)
{
    cleanup_error struct error err = {0};

    s->conversion = (struct conversion){
        .job = {.g = s->g,
            .root = s->root,
            .sayer = &silent,
            .customize = &s->r->customize},
        .guest = &s->guest,
        .disks = &s->disks,
        .rebuild_initramfs = s->r->rebuild_initramfs,
        .modules = s->r->modules,
        .virtio_win = s->r->virtio_win,
    };
    if (report_tables(s, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    if (s->system->check && s->system->check(&s->conversion, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    if (is_blocked(s))
        return TOOL_OK;
    if (tool_mount_guest(s->g, s->root, false, &err) < 0) {
        error_context(&err, "%s", s->root->root);
        return tool_give_up(&err, TOOL_FAILED);
    }
    if (s->system->convert(&s->conversion, &err) < 0 ||
        report_unused_kernel(s, &err) < 0 ||
        (!is_blocked(s) && customize(s, &err) < 0))
        return tool_give_up(&err, TOOL_FAILED);
    s->guest.local_time = s->conversion.local_time;
    if (s->r->trim && !s->r->plan && s->r->target->copies)
        trim(s);
    if (mayfly_umount_all(s->g) < 0 || mayfly_shutdown(s->g) < 0)
        return tool_fail(s->g, TOOL_FAILED, NULL);
    return TOOL_OK;
}

/* --- the result --- */

static int
write_text(const char *text, const char *path, struct error *err)
{
    cleanup_output struct output out = {.fd = -1};

    if (output_open(&out, path, 0600, err) < 0)
        return -1;
    if (write_all(out.fd, text, strlen(text)) < 0)
        return error_errno(err, errno, "cannot write %s", path);
    return output_commit(&out, err);
}

static int
write_report(
    const struct state *s, const struct result *result, struct error *err)
{
    cleanup_free char *text = NULL;

    if (!s->r->report)
        return 0;
    text = target_json_text(result, err);
    return text ? write_text(text, s->r->report, err) : -1;
}

/* -O FILE; - is the standard output. */
static int
write_inspection(
    const struct state *s, const struct result *result, struct error *err)
{
    cleanup_free char *text = NULL;

    if (!s->r->inspection)
        return 0;
    if (!(text = inspection_xml_text(result, err)))
        return -1;
    if (!str_equal(s->r->inspection, "-"))
        return write_text(text, s->r->inspection, err);
    tool_print(stdout, text);
    return 0;
}

static int
copy(struct state *s, struct result *result, struct copies *copies,
    struct error *err)
{
    const struct v2v_options *r = s->r;

    if (!r->quiet)
        present_step("Copying the disks");
    if (s->phases.folder && phases_give(&s->phases, err) < 0)
        return -1;
    if (copies_make(
            copies, &s->disks, s->g, result->folder, s->guest.name, err) < 0 ||
        copies_commit(copies, err) < 0)
        return -1;
    result->images = copies->paths;
    result->ret_made = &copies->paths;
    result->sums = copies->sums;
    if (r->target->write && r->target->write(result, err) < 0)
        return -1;
    result->images = copies->paths;
    return 0;
}

static int
finish(struct state *s)
{
    cleanup_error struct error err = {0};
    cleanup_copies struct copies copies = {0};
    cleanup_free char *folder = realpath(s->r->folder, NULL);
    const struct report *report = &s->conversion.report;
    struct result result = {
        .guest = &s->guest,
        .disks = &s->disks,
        .root = s->root,
        .report = report,
        .folder = folder,
        .format = s->r->format,
        .connection = s->r->connection,
        .seconds = s->seconds,
    };

    if (s->r->plan) {
        if ((!s->r->only_inspection &&
                present_plan(&result, s->r->json, &err) < 0) ||
            write_inspection(s, &result, &err) < 0 ||
            write_report(s, &result, &err) < 0)
            return tool_give_up(&err, TOOL_FAILED);
        if (is_blocked(s))
            return TOOL_FAILED;
        return s->r->verify ? verify_boot(s->g, &result, s->r->timeout)
                            : TOOL_OK;
    }
    if (is_blocked(s)) {
        present_blocked(&result);
        return TOOL_FAILED;
    }
    if (s->r->target->copies && copy(s, &result, &copies, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    if (write_inspection(s, &result, &err) < 0 ||
        write_report(s, &result, &err) < 0)
        return tool_give_up(&err, TOOL_FAILED);
    if (s->phases.folder)
        phases_remove(&s->phases);
    if (!s->r->quiet)
        present_result(&result);
    if (s->r->verify)
        return verify_boot(s->g, &result, s->r->timeout);
    return TOOL_OK;
}

/* The rehearsal on overlays succeeded: now the same on the images. */
static int
convert_in_place(struct state *s)
{
    conversion_clear(&s->conversion);
    close_appliance(s);
    disks_reset(&s->disks);
    s->disks.in_place = true;

    int code = start(s);
    return code == TOOL_OK ? convert(s) : code;
}

static int
copy_phase(struct state *s)
{
    const struct phase_job job = {
        .phase = s->r->phase,
        .folder = s->r->folder,
        .format = s->r->format,
        .options = {.bitmap = s->r->bitmap,
            .bwlimit = s->r->bwlimit,
            .tool = s->tool},
        .quiet = s->r->quiet,
    };

    return phase_run(&job, &s->guest, &s->phases);
}

static int
run_all(struct state *s)
{
    cleanup_error struct error err = {0};
    double begin = monotonic_seconds();
    int code;

    if ((!s->r->plan && s->r->target->check &&
            s->r->target->check(s->r->folder, &err) < 0) ||
        read_source(s, &err) < 0)
        return tool_give_up(&err, TOOL_INPUT);
    if (s->r->print_source)
        return present_source(&s->guest);
    if (s->r->phase && (code = copy_phase(s)) != TOOL_OK)
        return code;
    if (s->r->phase == PHASE_FULL || s->r->phase == PHASE_DELTA)
        return TOOL_OK;

    code = start(s);
    if (code == TOOL_OK)
        code = convert(s);
    if (code == TOOL_OK && s->r->in_place && !s->r->plan && !is_blocked(s))
        code = convert_in_place(s);
    s->seconds = monotonic_seconds() - begin;
    return code == TOOL_OK ? finish(s) : code;
}

int
convert_machine(const struct v2v_options *r, struct tool *tool)
{
    struct state s = {.r = r, .tool = tool, .phases = {.lock = -1}};
    int code = run_all(&s);

    conversion_clear(&s.conversion);
    close_appliance(&s);
    disks_clear(&s.disks);
    phases_close(&s.phases);
    guest_clear(&s.guest);
    return code;
}

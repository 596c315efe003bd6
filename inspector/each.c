/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Theory of operation.  Each image gets its own process: an image that makes a
 * process crash or hang does not affect the others, and nothing is shared.  A
 * process writes to two memory files, which are read when it has ended.  Lines
 * come in the order of the images, so those that end early wait for the one
 * before; a window of WINDOW images limits how many wait.
 *
 * The terminal sends Ctrl-C to all processes; they clean up, and are waited
 * for. */
#include <config.h>

#include "inspector/each.h"

#include <errno.h>
#include <json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/processors.h"
#include "base/strv.h"
#include "inspector/document.h"
#include "tool/tool.h"

enum {
    WINDOW = 256,
    DOCUMENT_MAX = 256 << 20, /* bytes; more than any inspection gives */
    MESSAGES_MAX = 64 << 10,
    PAUSE = 5000000, /* nanoseconds between two looks at who has ended */
};

struct job {
    const char *name;
    pid_t pid; /* 0: ended */
    int status;
    int output, messages;
    double start, seconds;
};

struct run {
    struct job jobs[WINDOW];
    size_t first, next; /* images that are not printed yet; the next to start */
    size_t running;
    bool failed;
};

static struct job *
job_at(struct run *r, size_t i)
{
    return &r->jobs[i % WINDOW];
}

/* --- one image has ended --- */

/* Everything in a memory file, cut off at MAX bytes. */
static char *
content(int fd, size_t max)
{
    off_t end = lseek(fd, 0, SEEK_END);
    size_t size = end > 0 ? (size_t)end : 0;

    size = size < max ? size : max;
    char *text = calloc(1, size + 1);
    if (text && pread_all(fd, text, size, 0) < 0)
        text[0] = '\0';
    return text;
}

/* "mayfly-inspector: warning: x\n" -> "warning: x" */
static void
add_messages(struct json_object *line, char *text)
{
    struct json_object *list = json_object_new_array();
    char *save = NULL;
    const char *rest;

    for (char *p = strtok_r(text, "\n", &save); p;
         p = strtok_r(NULL, "\n", &save)) {
        rest = str_after(p, "mayfly-inspector: ");
        cleanup_free char *safe = document_text(rest ? rest : p);
        if (safe)
            json_object_array_add(list, json_object_new_string(safe));
    }
    json_object_object_add(line, "messages", list);
}

static int
exit_code(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
print_line(struct run *r, const struct job *j)
{
    cleanup_free char *output = content(j->output, DOCUMENT_MAX);
    cleanup_free char *messages = content(j->messages, MESSAGES_MAX);
    cleanup_free char *hidden = text_hide(j->name);
    cleanup_free char *name = hidden ? document_text(hidden) : NULL;
    struct json_object *line = json_object_new_object();
    int code = exit_code(j->status);
    char seconds[32];

    if (!line || !name) {
        json_object_put(line);
        tool_error("no memory");
        return TOOL_FAILED;
    }
    json_object_object_add(line, "disk", json_object_new_string(name));
    json_object_object_add(line, "status", json_object_new_int(code));
    snprintf(seconds, sizeof seconds, "%.3f", j->seconds);
    json_object_object_add(
        line, "seconds", json_object_new_double_s(j->seconds, seconds));
    add_messages(line, messages ? messages : (char[]){""});
    json_object_object_add(line, "inspection",
        output && *output ? json_tokener_parse(output) : NULL);
    const char *text = json_object_to_json_string_ext(
        line, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
    if (text)
        tool_print(stdout, text);
    bool printed = text && putchar('\n') == '\n' && fflush(stdout) == 0;
    json_object_put(line);
    r->failed |= code != TOOL_OK;
    return printed ? TOOL_OK : TOOL_PIPE_CLOSED;
}

static int
print_ended(struct run *r)
{
    int code = TOOL_OK;

    for (; r->first < r->next && job_at(r, r->first)->pid == 0; r->first++) {
        struct job *j = job_at(r, r->first);

        if (code == TOOL_OK)
            code = print_line(r, j);
        close(j->output);
        close(j->messages);
    }
    return code;
}

/* --- starting and waiting --- */

static int
start(struct run *r, const char *name,
    int (*one)(void *opaque, const char *name), void *opaque)
{
    struct job *j = job_at(r, r->next);

    *j = (struct job){
        .name = name,
        .output = memfd_create("document", MFD_CLOEXEC),
        .messages = memfd_create("messages", MFD_CLOEXEC),
        .start = monotonic_seconds(),
    };
    pid_t parent = getpid();
    j->pid = j->output < 0 || j->messages < 0 ? -1 : fork();
    if (j->pid < 0) {
        tool_error("%s: cannot start a process: %s", name, strerror(errno));
        return TOOL_FAILED;
    }
    if (j->pid == 0) {
        /* If we are killed, no one waits for it. */
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent || dup2(j->output, STDOUT_FILENO) < 0 ||
            dup2(j->messages, STDERR_FILENO) < 0)
            _exit(TOOL_FAILED);
        int code = one(opaque, name);
        fflush(stdout);
        _exit(code);
    }
    r->next++;
    r->running++;
    return TOOL_OK;
}

static void
wait_one(struct run *r)
{
    int status;
    pid_t pid;

    /* A signal that only we have got is theirs, too. */
    for (bool passed = false; (pid = waitpid(-1, &status, WNOHANG)) == 0;) {
        if (tool_interrupted() && !passed) {
            for (size_t i = r->first; i < r->next; i++)
                if (job_at(r, i)->pid > 0)
                    kill(job_at(r, i)->pid, SIGTERM);
            passed = true;
        }
        nanosleep(&(struct timespec){.tv_nsec = PAUSE}, NULL);
    }
    for (size_t i = r->first; i < r->next; i++) {
        struct job *j = job_at(r, i);

        if (j->pid == pid) {
            j->pid = 0;
            j->status = status;
            j->seconds = monotonic_seconds() - j->start;
            r->running--;
        }
    }
}

static size_t
wanted_jobs(int jobs)
{
    size_t n = jobs > 0 ? (size_t)jobs : processors_available();

    return n < WINDOW ? n : WINDOW;
}

int
each_run(char *const *names, size_t n, int jobs,
    int (*one)(void *opaque, const char *name), void *opaque)
{
    cleanup_free struct run *r = calloc(1, sizeof *r);
    size_t at_once = wanted_jobs(jobs);
    int code = TOOL_OK;

    if (!r) {
        tool_error("no memory");
        return TOOL_FAILED;
    }
    for (size_t i = 0; i < n || r->running > 0;) {
        bool more = i < n && code == TOOL_OK && !tool_interrupted();

        if (more && r->running < at_once && r->next - r->first < WINDOW) {
            code = start(r, names[i++], one, opaque);
            continue;
        }
        if (!more && r->running == 0)
            break;
        wait_one(r);
        int printed = print_ended(r);
        code = code == TOOL_OK ? printed : code;
    }
    return code == TOOL_OK && r->failed ? TOOL_FAILED : code;
}

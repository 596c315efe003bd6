/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Theory of operation: nbdkit with its curl plugin speaks to the server, in a
 * cage that has a network and no file of the user:
 *
 *     QEMU --NBD, a socketpair--> nbdkit --http--> server
 *
 * (QEMU's own curl driver hangs when several requests are on their way, and
 * follows redirects to any host.)  nbdkit follows none.  So curl asks first, in
 * such a cage as well, where the image is: a redirect within the server is
 * followed, one to another is an error that names it, and so is everything
 * else that goes wrong, within a time.
 *
 * Neither gets the password by an argument, which others could see. */
#include <config.h>

#include "lib/blocks/web.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "lib/handle/handle.h"
#include "lib/known/layers.h"
#include "lib/qemu/argv.h"
#include "lib/qemu/environment.h"
#include "lib/qemu/find.h"
#include "lib/remote/connect.h"

enum {
    REDIRECTS_MAX = 5,
    ANSWER_MAX = 16 << 10,
    REQUEST_TIMEOUT = 50, /* seconds: less than nbd_source.c waits */
    CODE_SIZE = 8,
    NO_FILES = 1, /* bytes that it may write to one; 0: no limit */
};

/* Where the image is. */
struct web_place {
    const char *protocol; /* a name of curl, which is a scheme of uri.h */
    char *address;        /* without user and password */
    char *user, *password;
};

static void
place_clear(struct web_place *p)
{
    free(p->address);
    free(p->user);
    free(p->password);
    *p = (struct web_place){0};
}

static void
cleanup_place_fn(struct web_place *p)
{
    place_clear(p);
}
#define cleanup_place __attribute__((cleanup(cleanup_place_fn)))

/* --- the place --- */

/* Everything from the host on. */
static const char *
after_user(const char *text)
{
    const char *host = strstr(text, "://") + 3;
    const char *at = memrchr(host, '@', strcspn(host, "/?#"));

    return at ? at + 1 : host;
}

/* A line of its own would be an option of curl. */
static bool
has_control(const char *text)
{
    while (*text && !iscntrl((unsigned char)*text))
        text++;
    return *text;
}

static int
make_place(const struct uri *u, struct web_place *ret, struct error *err)
{
    const char *colon = u->user ? strchr(u->user, ':') : NULL;
    struct web_place p = {
        .protocol = u->driver,
        .address = text_printf("%s://%s", u->driver, after_user(u->text)),
    };
    bool ok = p.address;

    /* The user may have been written as %XX. */
    if (has_control(u->text) || (u->user && has_control(u->user))) {
        place_clear(&p);
        return error_set(err, EINVAL, "malformed address");
    }
    if (u->user) {
        p.user = colon ? strndup(u->user, (size_t)(colon - u->user))
                       : strdup(u->user);
        p.password = strdup(colon ? colon + 1 : "");
        ok = ok && p.user && p.password;
    }
    if (!ok) {
        place_clear(&p);
        return error_no_memory(err);
    }
    *ret = p;
    return 0;
}

static const char *
port_of(const struct uri *u)
{
    if (u->port)
        return u->port;
    return str_equal(u->driver, "http")    ? "80"
           : str_equal(u->driver, "https") ? "443"
           : str_equal(u->driver, "ftp")   ? "21"
                                           : "990";
}

static bool
is_same_server(const struct uri *a, const struct uri *b)
{
    return str_equal(a->driver, b->driver) &&
           strcasecmp(a->host, b->host) == 0 &&
           str_equal(port_of(a), port_of(b));
}

/* Go where the server says, if that is the server itself. */
static int
redirect(struct web_place *p, const char *address, struct error *err)
{
    cleanup_error struct error ignored = {0};
    cleanup_free char *shown = text_escape(address);
    struct uri *from = uri_parse(p->address, err), *to = NULL;
    int result = -1;

    if (!from)
        return -1;
    if (uri_is(address))
        to = uri_parse(address, &ignored);
    if (!to || !is_same_server(from, to))
        error_set(err, EXDEV,
            "the server redirects to another one, %s; give that address if it "
            "is right",
            shown ? shown : "?");
    else if (!(free(p->address), p->address = strdup(address)))
        error_no_memory(err);
    else
        result = 0;
    uri_free(from);
    uri_free(to);
    return result;
}

/* --- processes --- */

/* A program in a cage that has a network. */
static int
spawn(struct mayfly *g, struct qemu_process_spec spec, const char *program,
    struct qemu_process *ret, struct error *err)
{
    /* Of a filter of its own it knows nothing: none is missing. */
    const struct qemu_needs needs = {.sandbox = true};
    cleanup_strv char **env = qemu_environment(true);
    struct cage cage = {
        .binary = program,
        .network = true,
        .parent = true,
        .address_space = QEMU_ADDRESS_SPACE,
        .file_size = NO_FILES,
    };

    if (!env || !spec.argv)
        return error_no_memory(err);
    spec.environment = env;
    spec.cage = &cage;
    spec.detached = !g->recovery_proc;
    if (cage_prepare(&cage, err) < 0)
        return -1;
    int result = qemu_process_spawn(&spec, ret, err);
    cage_clear(&cage);
    if (result == 0 && (layers_demand(ret, program, &needs, err) < 0 ||
                           qemu_process_started(ret, program, err) < 0)) {
        qemu_process_clear(ret);
        return -1;
    }
    return result;
}

/* A file in memory with that text, at its start, whose number is above 2. */
static int
file_of(const char *text, struct error *err)
{
    cleanup_close int fd = memfd_create("mayfly-words", MFD_CLOEXEC);
    cleanup_close int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);

    if (!text)
        return error_no_memory(err);
    if (high < 0 || write_all(high, text, strlen(text)) < 0 ||
        lseek(high, 0, SEEK_SET) < 0)
        return error_errno(err, errno, "cannot make a file in memory");
    return steal_fd(&high);
}

/* --- curl asks --- */

/* For its configuration file. */
static char *
quote(const char *text)
{
    char *copy = malloc(2 * strlen(text) + 1), *p = copy;

    for (; copy && *text; *p++ = *text++)
        if (*text == '"' || *text == '\\')
            *p++ = '\\';
    if (copy)
        *p = 0;
    return copy;
}

static char *
make_question(const struct web_place *p, const char *what)
{
    cleanup_free char *url = quote(p->address);
    cleanup_free char *user = quote(p->user ? p->user : "");
    cleanup_free char *password = quote(p->password ? p->password : "");

    if (!url || !user || !password)
        return NULL;
    return text_printf("url = \"%s\"\nproto = \"=%s\"\n%s%s%s%s%s"
                       "%sgloboff\nsilent\nshow-error\nfail\n"
                       "max-time = %d\noutput = \"/dev/null\"\n"
                       "write-out = \"%%{http_code} %%{redirect_url}\\n\"\n",
        url, p->protocol, p->user ? "user = \"" : "", user, p->user ? ":" : "",
        password, p->user ? "\"\n" : "", what, REMOTE_TIMEOUT);
}

/* "curl: (6) Could not resolve host: x": the words. */
static int
explain(struct qemu_process *process, struct error *err)
{
    cleanup_free char *words = qemu_process_last_words(process);
    const char *text = words ? str_after(words, "curl: (") : NULL;

    text = text ? strchr(text, ')') : NULL;
    return error_set(err, EIO, "cannot reach it: %s",
        text && text[1] == ' ' ? text + 2
        : words                ? words
                               : "curl failed without a reason");
}

static int
wait_for(struct mayfly *g, struct qemu_process *process, struct error *err)
{
    enum { GRACE = 5 };
    double deadline = monotonic_seconds() + REMOTE_TIMEOUT + GRACE;
    struct pollfd cancel = {.fd = g->cancel_pipe[0], .events = POLLIN};

    while (!qemu_process_wait(process, 0.1)) {
        if (poll(&cancel, 1, 0) > 0)
            return error_set(err, ECANCELED, "cancelled");
        if (monotonic_seconds() > deadline)
            return error_set(err, ETIMEDOUT,
                "the server does not answer within %d seconds", REMOTE_TIMEOUT);
    }
    return process->status == 0 ? 0 : explain(process, err);
}

/* "200 ", "302 http://...": the answer's code, and where it redirects to, or
 * NULL. */
static int
read_answer(int fd, char *ret_code, char **ret_redirect, struct error *err)
{
    char text[ANSWER_MAX];
    ssize_t n = read(fd, text, sizeof text - 1);

    if (n <= 0)
        return error_set(err, EIO, "curl did not answer");
    text[n] = 0;
    char *end = strchr(text, '\n');
    const char *to = strchr(text, ' ');
    if (!end || !to || to > end)
        return error_set(err, E2BIG, "the server redirects to a long address");
    *end = 0;
    snprintf(ret_code, CODE_SIZE, "%.*s", (int)(to - text), text);
    if (to[1] && !(*ret_redirect = strdup(to + 1)))
        return error_no_memory(err);
    if (*text == '3' && !to[1])
        return error_set(err, EIO, "the server redirects to nowhere");
    return 0;
}

static int
ask(struct mayfly *g, const struct web_place *p, const char *what,
    char *ret_code, char **ret_redirect, struct error *err)
{
    cleanup_free char *program = program_find("curl", "curl", err);
    cleanup_free char *question = make_question(p, what);
    static const char *const words[] = {"-q", "-K", "-", NULL};
    int pipe_ends[2];

    if (!program)
        return -1;
    cleanup_close int input = file_of(question, err);
    if (input < 0)
        return -1;
    if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return error_errno(err, errno, "cannot make a pipe");
    cleanup_close int answer = pipe_ends[0];
    cleanup_close int output = pipe_ends[1];
    cleanup_strv char **argv = NULL;
    if (strv_append(&argv, program) < 0 || strv_extend(&argv, words) < 0)
        return error_no_memory(err);
    struct qemu_process_spec spec = {
        .argv = argv, .input = input, .output = output};
    struct qemu_process process;
    if (spawn(g, spec, program, &process, err) < 0)
        return -1;
    int result = wait_for(g, &process, err);
    qemu_process_clear(&process);
    return result < 0 ? -1 : read_answer(answer, ret_code, ret_redirect, err);
}

/* A server or a cache may promise ranges, and send the whole file each time;
 * so a part is what is asked for. */
static int
ask_for_part(struct mayfly *g, const struct web_place *p, char **ret_redirect,
    struct error *err)
{
    static const char part[] = "range = \"512-1023\"\nmax-filesize = 65536\n";
    cleanup_error struct error why = {0};
    char code[CODE_SIZE] = "";

    if (p->protocol[0] != 'h')
        return ask(g, p, "head\n", code, ret_redirect, err);
    if (ask(g, p, part, code, ret_redirect, &why) < 0 &&
        !strstr(error_text(&why), "aximum file size"))
        return error_move(err, &why);
    return *ret_redirect || str_equal(code, "206")
               ? 0
               : error_set(err, ENOTSUP,
                     "the server does not support ranges, whatever it says, "
                     "and a disk is read in parts; download it");
}

static int
find_place(struct mayfly *g, struct web_place *p, struct error *err)
{
    for (int i = 0; i <= REDIRECTS_MAX; i++) {
        cleanup_free char *to = NULL;

        if (ask_for_part(g, p, &to, err) < 0)
            return -1;
        if (!to)
            return 0;
        if (redirect(p, to, err) < 0)
            return -1;
    }
    return error_set(
        err, ELOOP, "the server redirects more than %d times", REDIRECTS_MAX);
}

/* --- nbdkit serves --- */

/* Its open file: the password. */
enum { FD_PASSWORD = 3 };

static char **
make_argv(const char *program, const struct web_place *p)
{
    static const char *const words[] = {"--single", "--readonly",
        "--log=stderr", "curl", "followlocation=false", NULL};
    cleanup_strv char **argv = NULL;

    if (strv_append(&argv, program) < 0 || strv_extend(&argv, words) < 0 ||
        strv_printf(&argv, "protocols=%s", p->protocol) < 0 ||
        strv_printf(&argv, "timeout=%d", REQUEST_TIMEOUT) < 0 ||
        strv_printf(&argv, "url=%s", p->address) < 0)
        return NULL;
    if (p->user && (strv_printf(&argv, "user=%s", p->user) < 0 ||
                       strv_printf(&argv, "password=-%d", FD_PASSWORD) < 0))
        return NULL;
    return steal_pointer(&argv);
}

static int
serve(struct mayfly *g, const struct web_place *p, struct qemu_process *ret,
    int *ret_fd, struct error *err)
{
    cleanup_free char *program =
        program_find("nbdkit", "nbdkit (on Fedora, nbdkit-curl-plugin)", err);
    int ends[2];

    if (!program)
        return -1;
    cleanup_close int password = file_of(p->password ? p->password : "", err);
    if (password < 0)
        return -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return error_errno(err, errno, "cannot make a socket");
    cleanup_close int ours = ends[0];
    cleanup_close int low = ends[1];
    cleanup_close int theirs = fcntl(low, F_DUPFD_CLOEXEC, 3);
    cleanup_strv char **argv = make_argv(program, p);
    struct qemu_process_spec spec = {
        .argv = argv,
        .files = {password}, /* FD_PASSWORD is the first */
        .n_files = 1,
        .input = theirs,
        .output = theirs,
    };

    if (theirs < 0)
        return error_errno(err, errno, "cannot make a socket");
    if (spawn(g, spec, program, ret, err) < 0)
        return -1;
    *ret_fd = steal_fd(&ours);
    return 0;
}

int
web_start(struct mayfly *g, const struct uri *u, struct qemu_process *ret,
    int *ret_fd, struct error *err)
{
    cleanup_place struct web_place place = {0};

    if (make_place(u, &place, err) < 0 || find_place(g, &place, err) < 0)
        return -1;
    return serve(g, &place, ret, ret_fd, err);
}

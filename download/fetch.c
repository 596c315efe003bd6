/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "download/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/strv.h"
#include "tool/progress.h"
#include "tool/signals.h"

/* Seconds. */
enum { CONNECT_TIMEOUT = 15, STALL_TIMEOUT = 60, MAX_REDIRECTS = 5 };

/* Where the bytes go: to a file, or to memory if fd is -1. */
struct sink {
    const struct fetch *fetch;
    int fd;
    struct hash *hash; /* NULL: not needed */
    char *data;
    size_t room;
    uint64_t size;
    uint64_t total; /* 0: unknown */
    struct error *err;
    bool failed; /* err is set */
};

static int
sink_put(struct sink *s, const void *data, size_t size)
{
    const struct fetch *f = s->fetch;

    if (tool_interrupted())
        return error_set(s->err, EINTR, "interrupted");
    if (size > f->max - s->size)
        return error_set(s->err, EFBIG, "it is larger than %llu bytes",
            (unsigned long long)f->max);
    if (s->hash)
        hash_feed(s->hash, data, size);
    if (s->fd >= 0) {
        if (write_all(s->fd, data, size) < 0)
            return error_errno(s->err, errno, "cannot save it");
    } else {
        if (s->room - s->size <= size) {
            size_t room = (s->size + size + 1) * 2;
            char *more = realloc(s->data, room);

            if (!more)
                return error_no_memory(s->err);
            s->data = more;
            s->room = room;
        }
        memcpy(s->data + s->size, data, size);
        s->data[s->size + size] = 0;
    }
    s->size += size;
    if (f->label)
        tool_progress_show(f->label, s->size, s->total);
    return 0;
}

char *
fetch_local_path(const char *uri)
{
    const char *path = str_after(uri, "file://");

    if (!path)
        return strstr(uri, "://") ? NULL : strdup(uri);
    if (*path != '/') /* file://localhost/path */
        path = strchr(path, '/');
    if (!path)
        return NULL;

    char *plain = curl_easy_unescape(NULL, path, 0, NULL);
    char *copy = plain ? strdup(plain) : NULL;
    curl_free(plain);
    return copy;
}

char *
fetch_join(const char *uri, const char *name)
{
    const char *slash = strrchr(uri, '/');

    return text_printf("%.*s%s", slash ? (int)(slash + 1 - uri) : 0, uri, name);
}

static int
fetch_local(const char *path, struct sink *s)
{
    /* O_NONBLOCK: do not hang on a FIFO. */
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    enum { BLOCK = 1 << 20 };
    cleanup_free char *block = malloc(BLOCK);

    if (!block)
        return error_no_memory(s->err);
    if (fd < 0 || fstat(fd, &st) < 0)
        return error_errno(s->err, errno, "cannot open it");
    if (!S_ISREG(st.st_mode))
        return error_set(s->err, EINVAL, "it is not a regular file");
    s->total = (uint64_t)st.st_size;
    for (;;) {
        ssize_t n = read(fd, block, BLOCK);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_errno(s->err, errno, "cannot read it");
        if (n == 0)
            return 0;
        if (sink_put(s, block, (size_t)n) < 0)
            return -1;
    }
}

static size_t
on_data(char *data, size_t one, size_t n, void *opaque)
{
    struct sink *s = opaque;

    s->failed = sink_put(s, data, one * n) < 0;
    return s->failed ? 0 : one * n;
}

static int
on_progress(void *opaque, curl_off_t total, curl_off_t now,
    curl_off_t upload_total, curl_off_t upload_now)
{
    struct sink *s = opaque;

    (void)now;
    (void)upload_total;
    (void)upload_now;
    s->total = total > 0 ? (uint64_t)total : 0;
    return tool_interrupted() != 0;
}

static int
curl_fail(CURL *curl, CURLcode code, const char *text, struct error *err)
{
    long status = 0;

    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_HTTP_RETURNED_ERROR)
        return error_set(err, status == 404 ? ENOENT : EIO,
            "the server answers %ld%s", status,
            status == 404 ? " (not found)" : "");
    return error_set(
        err, ENETUNREACH, "%s", *text ? text : curl_easy_strerror(code));
}

static int
fetch_remote(const struct fetch *f, struct sink *s)
{
    char text[CURL_ERROR_SIZE] = "";
    bool https = strncasecmp(f->uri, "https:", 6) == 0;

    if (!https && strncasecmp(f->uri, "http:", 5) != 0)
        return error_set(
            s->err, EPROTONOSUPPORT, "only http, https and file are supported");
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        return error_set(s->err, EIO, "cannot start libcurl");

    CURL *curl = curl_easy_init();
    if (!curl)
        return error_set(s->err, ENOMEM, "cannot start libcurl");
    curl_easy_setopt(curl, CURLOPT_URL, f->uri);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, text);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "mayfly/" PACKAGE_VERSION);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)MAX_REDIRECTS);
    /* No redirect to a local file, and none from https to http. */
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(
        curl, CURLOPT_REDIR_PROTOCOLS_STR, https ? "https" : "http,https");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)STALL_TIMEOUT);
    if (f->proxy)
        curl_easy_setopt(curl, CURLOPT_PROXY, f->proxy);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, s);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, s);

    CURLcode code = curl_easy_perform(curl);
    int r = 0;
    if (tool_interrupted())
        r = error_set(s->err, EINTR, "interrupted");
    else if (s->failed)
        r = -1;
    else if (code)
        r = curl_fail(curl, code, text, s->err);
    curl_easy_cleanup(curl);
    return r;
}

static int
fetch_into(const struct fetch *f, struct sink *s)
{
    cleanup_free char *path = fetch_local_path(f->uri);
    int r = path ? fetch_local(path, s) : fetch_remote(f, s);

    if (r < 0)
        return error_context(s->err, "%s", path ? path : f->uri);
    return 0;
}

char *
fetch_memory(const struct fetch *f, size_t *ret_size, struct error *err)
{
    struct sink s = {.fetch = f, .fd = -1, .err = err};

    if (fetch_into(f, &s) < 0 || (!s.data && !(s.data = strdup("")))) {
        free(s.data);
        return NULL;
    }
    *ret_size = s.size;
    return s.data;
}

char *
fetch_to_fd(const struct fetch *f, int fd, struct error *err)
{
    cleanup_hash struct hash *hash = hash_new(HASH_SHA512);
    struct sink s = {.fetch = f, .fd = fd, .hash = hash, .err = err};

    if (!hash)
        return error_no_memory(err), NULL;
    if (fetch_into(f, &s) < 0)
        return NULL;

    char *hex = hash_hex(hash);
    if (!hex)
        error_no_memory(err);
    return hex;
}

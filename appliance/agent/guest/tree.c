/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "appliance/agent/guest/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/call/memory.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { TEXT_MAX = 1 << 20 };

int
tree_open(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (unsigned)flags | O_CLOEXEC,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };

    return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

static mode_t
file_type(int root, const char *path)
{
    cleanup_close int fd = tree_open(root, path, O_PATH);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return 0;
    return st.st_mode & S_IFMT;
}

bool
tree_is_file(int root, const char *path)
{
    return file_type(root, path) == S_IFREG;
}

bool
tree_is_dir(int root, const char *path)
{
    return file_type(root, path) == S_IFDIR;
}

char *
tree_link(struct call *c, int root, const char *path)
{
    cleanup_close int fd = tree_open(root, path, O_PATH | O_NOFOLLOW);
    char target[4096];

    if (fd < 0)
        return NULL;
    ssize_t n = readlinkat(fd, "", target, sizeof target);
    if (n < 0 || n == sizeof target)
        return NULL;
    return call_strndup(c, target, (size_t)n);
}

static void
close_slot(void *opaque)
{
    int *slot = opaque;

    if (*slot >= 0)
        close(*slot);
    *slot = -1;
}

char *
tree_read(
    struct call *c, int root, const char *path, size_t max, size_t *ret_size)
{
    struct stat st;
    /* The call may run out of memory while the file is open. */
    int *fd = call_alloc(c, sizeof *fd);

    *fd = -1;
    call_defer(c, close_slot, fd);
    /* Do not wait at a FIFO that was put there. */
    *fd = tree_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0 || fstat(*fd, &st) < 0 || !S_ISREG(st.st_mode) ||
        st.st_size < 0 || (uint64_t)st.st_size > max) {
        close_slot(fd);
        return NULL;
    }
    size_t size = (size_t)st.st_size, n = 0;
    char *data = call_alloc(c, size + 1);
    while (n < size) {
        ssize_t r = read(*fd, data + n, size - n);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            data = NULL;
        if (r <= 0)
            break;
        n += (size_t)r;
    }
    close_slot(fd);
    if (data) {
        data[n] = '\0';
        if (ret_size)
            *ret_size = n;
    }
    return data;
}

char *
tree_text(struct call *c, int root, const char *path)
{
    return tree_read(c, root, path, TEXT_MAX, NULL);
}

char *
next_line(char **text)
{
    char *line = *text;

    if (!line || !*line)
        return NULL;
    char *end = strchr(line, '\n');
    if (end) {
        *text = end + 1;
    } else {
        end = line + strlen(line);
        *text = end;
    }
    *end = '\0';
    if (end > line && end[-1] == '\r')
        end[-1] = '\0';
    return line;
}

char *
shell_unquote(char *value)
{
    size_t n = strlen(value);

    if (n < 2 || (value[0] != '"' && value[0] != '\'') ||
        value[n - 1] != value[0])
        return value;
    bool escapes = value[0] == '"';
    value[n - 1] = '\0';
    char *from = value + 1, *to = value;
    while (*from) {
        if (escapes && *from == '\\' && from[1] && strchr("\\\"$`", from[1]))
            from++;
        *to++ = *from++;
    }
    *to = '\0';
    return value;
}

char *
cut_value(char *line)
{
    char *equals = strchr(line, '=');

    if (!equals)
        return NULL;
    *equals = '\0';
    return equals + 1;
}

/* --- names whose case does not count --- */

/* The entry of the directory at PATH that is NAME but for its case; what is
 * exactly NAME first. */
static char *
find_entry(struct call *c, int root, const char *path, const char *name)
{
    int fd = tree_open(root, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    char found[NAME_MAX + 1] = "";
    struct dirent *entry;

    if (!dir) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    while ((entry = readdir(dir))) {
        bool exact = str_equal(entry->d_name, name);

        if (exact || (!found[0] && strcasecmp(entry->d_name, name) == 0))
            snprintf(found, sizeof found, "%s", entry->d_name);
        if (exact)
            break;
    }
    /* Before anything that may not return. */
    closedir(dir);
    return found[0] ? call_strdup(c, found) : NULL;
}

char *
tree_nocase(struct call *c, int root, const char *path)
{
    char *found = call_strdup(c, "");

    while (*path == '/')
        path++;
    while (*path) {
        size_t n = strcspn(path, "/");
        char *entry =
            find_entry(c, root, *found ? found : "/", call_strndup(c, path, n));

        if (!entry)
            return NULL;
        found = call_printf(c, "%s/%s", found, entry);
        path += n;
        while (*path == '/')
            path++;
    }
    return *found ? found : call_strdup(c, "/");
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small tree of files below a temporary folder. */
#pragma once
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/unit/test.h"

struct test_tree {
    char path[64];
    int root;
};

static inline void
tree_make(struct test_tree *t)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(t->path, sizeof t->path, "%.40s/mayfly-tree.XXXXXX",
        tmp ? tmp : "/tmp");
    CHECK(mkdtemp(t->path));
    t->root = open(t->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    CHECK(t->root >= 0);
}

static inline void
tree_folder(struct test_tree *t, const char *path)
{
    char name[512];

    snprintf(name, sizeof name, "%s", path);
    for (char *p = name; (p = strchr(p, '/')); p++) {
        *p = '\0';
        mkdirat(t->root, name, 0755);
        *p = '/';
    }
    mkdirat(t->root, name, 0755);
}

static inline void
tree_bytes(struct test_tree *t, const char *path, const void *data, size_t size)
{
    char name[512];

    snprintf(name, sizeof name, "%s", path);
    char *slash = strrchr(name, '/');
    if (slash) {
        *slash = '\0';
        tree_folder(t, name);
    }
    int fd = openat(t->root, path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    CHECK(fd >= 0);
    CHECK(write_all(fd, data, size) == 0);
    close(fd);
}

static inline void
tree_file(struct test_tree *t, const char *path, const char *text)
{
    tree_bytes(t, path, text, strlen(text));
}

static inline void
tree_remove(struct test_tree *t)
{
    close(t->root);
    CHECK(remove_tree(AT_FDCWD, t->path) == 0);
}

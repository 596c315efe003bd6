/* Generated from the definition in api/; do not edit. */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <mayfly.h>

void example_cat(struct mayfly *g,
    const char *path);

void
example_cat(struct mayfly *g,
    const char *path)
{
    char *ret;

    if (mayfly_cat(g, path, &ret) < 0)
        errx(1, "%s", mayfly_last_error(g));
    puts(ret);
    free(ret);
}

void example_list(struct mayfly *g,
    const char *path);

void
example_list(struct mayfly *g,
    const char *path)
{
    struct mayfly_list_options options = {
        .set = MAYFLY_LIST_DEEP,
        .deep = true,
    };
    struct mayfly_dir_entry_list *ret;

    if (mayfly_list(g, path, &options, &ret) < 0)
        errx(1, "%s", mayfly_last_error(g));
    for (uint32_t i = 0; i < ret->len; i++)
        puts(ret->val[i].name);
    mayfly_free_dir_entry_list(ret);
}

void example_there(struct mayfly *g,
    const char *device);

void
example_there(struct mayfly *g,
    const char *device)
{
    bool ret;

    if (mayfly_there(g, device, &ret) < 0)
        errx(1, "%s", mayfly_last_error(g));
    puts(ret ? "true" : "false");
}

void example_upload(struct mayfly *g,
    const char *remote,
    const char *local);

void
example_upload(struct mayfly *g,
    const char *remote,
    const char *local)
{
    if (mayfly_upload(g, remote, local) < 0)
        errx(1, "%s", mayfly_last_error(g));
}

void example_download(struct mayfly *g,
    const char *remote,
    const char *local);

void
example_download(struct mayfly *g,
    const char *remote,
    const char *local)
{
    if (mayfly_download(g, remote, local) < 0)
        errx(1, "%s", mayfly_last_error(g));
}

void example_label(struct mayfly *g,
    const char *const *names);

void
example_label(struct mayfly *g,
    const char *const *names)
{
    char *ret;

    if (mayfly_label(g, names, &ret) < 0)
        errx(1, "%s", mayfly_last_error(g));
    puts(ret ? ret : "none");
    free(ret);
}

void example_pairs(struct mayfly *g);

void
example_pairs(struct mayfly *g)
{
    char **ret;

    if (mayfly_pairs(g, &ret) < 0)
        errx(1, "%s", mayfly_last_error(g));
    for (char **p = ret; *p; p += 2)
        printf("%s: %s\n", p[0], p[1]);
    free(ret);
}

void example_launch(struct mayfly *g);

void
example_launch(struct mayfly *g)
{
    if (mayfly_launch(g) < 0)
        errx(1, "%s", mayfly_last_error(g));
}

void example_count(struct mayfly *g,
    int32_t low,
    uint64_t big);

void
example_count(struct mayfly *g,
    int32_t low,
    uint64_t big)
{
    int64_t ret;

    if (mayfly_count(g, low, big, &ret) < 0)
        errx(1, "%s", mayfly_last_error(g));
    printf("%" PRId64 "\n", ret);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/modes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/strv.h"
#include "builder/build.h"
#include "builder/catalog/catalog.h"
#include "builder/image/cache.h"
#include "tool/size.h"
#include "tool/tool.h"

/* A line with the time since the start. */
static void
say(void *opaque, bool always, const char *text)
{
    const struct builder *b = opaque;

    if (b->quiet && !always)
        return;
    tool_progress_clear();
    printf("[%6.1f] ", monotonic_seconds() - b->start);
    tool_print(stdout, text);
    putchar('\n');
    fflush(stdout);
}

static int
no_template(const struct catalog *c, const char *name, const char *arch)
{
    for (size_t i = 0; i < c->n_templates; i++) {
        if (str_equal(c->templates[i]->id, name)) {
            tool_error("there is a template '%s' for %s, but none for %s; "
                       "see --arch",
                name, c->templates[i]->arch, arch);
            return TOOL_INPUT;
        }
    }
    if (c->sources.n == 0)
        tool_error("no repository is configured; give one with --source and "
                   "--fingerprint, or add it to repos.d");
    else
        tool_error("no template '%s'; --list shows the templates", name);
    return TOOL_INPUT;
}

/* The sources on the command line come first; the configured ones are asked
 * only if those do not have it. */
static int
find_template(struct catalog *c, const char *name, const char *arch,
    const struct template **ret)
{
    cleanup_error struct error err = {0};

    if (catalog_read_given(c, &err) < 0)
        return tool_give_up(&err, TOOL_INPUT);
    *ret = catalog_find(c, name, arch);
    if (!*ret) {
        if (catalog_read_configured(c, &err) < 0)
            return tool_give_up(&err, TOOL_INPUT);
        *ret = catalog_find(c, name, arch);
    }
    return *ret ? TOOL_OK : no_template(c, name, arch);
}

static int
run_build(const struct builder *b, struct catalog *c, const char *cache,
    const struct tool *tool)
{
    cleanup_error struct error err = {0};
    const char *name = tool->words[0], *format = b->format ? b->format : "raw";
    cleanup_free char *output = text_printf("%s.%s", name,
        b->format && str_equal(format, "qcow2") ? "qcow2" : "img");
    struct plan plan = {
        .output = b->output ? b->output : output,
        .format = format,
        .size = b->size,
        .cache = cache,
        .attach = &b->attach,
        .customize = &b->customize,
        .memsize = b->memsize,
        .smp = b->smp,
        .check = b->check,
        .network = b->network && customize_wants_network(&b->customize),
        .flush = b->flush,
        .keep = b->keep,
    };
    const struct sayer sayer = {say, (void *)(uintptr_t)b};
    int code = find_template(c, name,
        b->arch ? arch_normalise(b->arch) : arch_host(), &plan.template);

    if (code != TOOL_OK)
        return code;
    if (plan_check(&plan, &err) < 0)
        return tool_give_up(&err, TOOL_USAGE);
    if (b->dry_run) {
        plan_print(&plan);
        return TOOL_OK;
    }
    code = build_image(&plan, tool, &sayer);
    if (code == TOOL_OK && !b->quiet) {
        char size[24];

        printf("%20s: %s\n%20s: %s\n%20s: %s\n", "Output file", plan.output,
            "Output size", size_text(plan.size, size), "Output format",
            plan.format);
    }
    return code;
}

static int
run_fill(const struct builder *b, const struct catalog *c, const char *cache)
{
    for (size_t i = 0; i < c->n_templates; i++) {
        cleanup_error struct error err = {0};
        struct base base;

        say((void *)(uintptr_t)b, false, c->templates[i]->id);
        if (cache_open(cache, c->templates[i], b->check, &base, &err) < 0)
            return tool_give_up(&err, TOOL_INPUT);
        close(base.fd);
    }
    return TOOL_OK;
}

static int
run_notes(struct catalog *c, const char *name, const char *arch)
{
    const struct template *t;
    int code = find_template(c, name, arch, &t);
    const char *notes = code == TOOL_OK ? template_notes(t) : NULL;

    if (notes) {
        tool_print(stdout, notes);
        putchar('\n');
    }
    return code;
}

/* The modes that need all indexes. */
static int
run_all(const struct builder *b, struct catalog *c, const char *cache,
    const char *only)
{
    cleanup_error struct error err = {0};

    if (catalog_read_given(c, &err) < 0 || catalog_read_configured(c, &err) < 0)
        return tool_give_up(&err, TOOL_INPUT);
    switch (b->mode) {
    case PRINT_CACHE:
        list_cache(cache, c->templates, c->n_templates);
        return TOOL_OK;
    case FILL_CACHE:
        return run_fill(b, c, cache);
    default:
        if (list_print(b->list_format, &c->sources, c->templates,
                c->n_templates, only, &err) < 0)
            return tool_give_up(&err, TOOL_FAILED);
        return TOOL_OK;
    }
}

int
builder_run(const struct builder *b, const struct tool *tool)
{
    cleanup_error struct error err = {0};
    cleanup_catalog struct catalog c = {.check = b->check};
    cleanup_free char *folder =
        b->cache ? strdup(b->cache) : cache_default_folder(&err);
    const char *cache = b->use_cache ? folder : NULL;

    if (!folder)
        return tool_give_up(&err, TOOL_FAILED);
    if (b->mode == MACHINE_READABLE) {
        printf("mayfly-builder\nvirt-builder\narch\nconfig-file\ncustomize\n"
               "json-list\npxzcat\n");
        return TOOL_OK;
    }
    if (b->mode == DELETE_CACHE)
        return cache_delete(folder, &err) < 0 ? tool_give_up(&err, TOOL_FAILED)
                                              : TOOL_OK;
    if (sources_add_given(
            &c.sources, b->sources, b->fingerprints, b->check, &err) < 0)
        return tool_give_up(&err, TOOL_USAGE);
    if (sources_add_configured(&c.sources, tool_warning, &err) < 0)
        return tool_give_up(&err, TOOL_INPUT);
    switch (b->mode) {
    case BUILD:
        return run_build(b, &c, cache, tool);
    case NOTES:
        return run_notes(&c, tool->words[0],
            b->arch ? arch_normalise(b->arch) : arch_host());
    default:
        return run_all(b, &c, folder, tool->n_words ? tool->words[0] : NULL);
    }
}

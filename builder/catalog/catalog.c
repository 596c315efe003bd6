/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <config.h>

#include "builder/catalog/catalog.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "builder/catalog/source_index.h"
#include "tool/print.h"
#include "tool/signals.h"

static int
add_index(struct catalog *c, struct index *index, struct error *err)
{
    struct index *more =
        reallocarray(c->indexes, c->n_indexes + 1, sizeof *more);
    const struct template **all = reallocarray(
        c->templates, c->n_templates + index->n_templates + 1, sizeof *all);

    if (more)
        c->indexes = more;
    if (all)
        c->templates = all;
    if (!more || !all) {
        index_free(index);
        return error_no_memory(err);
    }
    for (size_t i = 0; i < index->n_templates; i++)
        c->templates[c->n_templates++] = &index->templates[i];
    c->indexes[c->n_indexes++] = *index;
    return 0;
}

static int
read_one(
    struct catalog *c, const struct template_source *source, struct error *err)
{
    struct index index = {0};

    if (source_read_index(source, c->check, &index, err) < 0)
        return -1;
    return add_index(c, &index, err);
}

int
catalog_read_given(struct catalog *c, struct error *err)
{
    for (size_t i = 0; i < c->sources.n; i++)
        if (c->sources.list[i].given &&
            read_one(c, &c->sources.list[i], err) < 0)
            return -1;
    return 0;
}

int
catalog_read_configured(struct catalog *c, struct error *err)
{
    for (size_t i = 0; i < c->sources.n; i++) {
        cleanup_error struct error problem = {0};

        if (c->sources.list[i].given ||
            read_one(c, &c->sources.list[i], &problem) == 0)
            continue;
        if (problem.code == ENOMEM || tool_interrupted())
            return error_move(err, &problem);
        tool_warning("repository [%s] left out: %s", c->sources.list[i].name,
            error_text(&problem));
    }
    return 0;
}

const struct template *
catalog_find(const struct catalog *c, const char *name, const char *arch)
{
    const struct template *best = NULL;

    for (size_t i = 0; i < c->n_templates; i++) {
        if (template_has_alias(c->templates[i], name)) {
            name = c->templates[i]->id;
            break;
        }
    }
    for (size_t i = 0; i < c->n_templates; i++) {
        const struct template *t = c->templates[i];

        if (str_equal(t->id, name) && str_equal(t->arch, arch) &&
            (!best || t->revision > best->revision))
            best = t;
    }
    return best;
}

void
catalog_free(struct catalog *c)
{
    for (size_t i = 0; i < c->n_indexes; i++)
        index_free(&c->indexes[i]);
    free(c->indexes);
    free(c->templates);
    sources_free(&c->sources);
    *c = (struct catalog){0};
}

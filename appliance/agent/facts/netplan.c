/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netplan(5): YAML, read by libyaml as a stream of events, so that neither its
 * size nor its nesting takes memory.  What is wanted lies at a known depth:
 * network: KIND: NAME: KEY: VALUE. */
#include <config.h>

#include <string.h>
#include <yaml.h>

#include "appliance/agent/call/call.h"
#include "appliance/agent/facts/reading.h"
#include "base/cleanup.h"
#include "base/strv.h"

enum { DEPTH = 8, EVENTS_MAX = 20000, NESTING_MAX = 64 };

struct reading {
    struct facts *f;
    const char *path;
    char *keys[DEPTH]; /* of the maps that are open */
    bool is_map[DEPTH], has_key[DEPTH];
    unsigned depth;
    struct fact_row row;
};

static void
take_value(struct reading *r, const char *value)
{
    static const struct {
        const char *key, *inner, *name;
    } names[] = {{"dhcp4", "", "dhcp"}, {"dhcp6", "", "dhcp6"},
        {"addresses", "", "addresses"}, {"gateway4", "", "gateways"},
        {"gateway6", "", "gateways"}, {"nameservers", "addresses", "dns"},
        {"match", "macaddress", "mac"}, {"match", "name", "match_name"},
        {"match", "driver", "match_driver"}, {"set-name", "", "set_name"},
        {"macaddress", "", "set_mac"}, {"interfaces", "", "ports"},
        {"activation-mode", "", "autoconnect"}, {"routes", "via", "gateways"},
        {"link", "", "part_of"}};
    const char *key = r->depth > 3 && r->keys[3] ? r->keys[3] : "";
    const char *inner = "";

    for (unsigned i = 4; i < r->depth && i < DEPTH; i++)
        if (r->is_map[i] && r->keys[i])
            inner = r->keys[i];
    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        if (str_equal(names[i].key, key) && str_equal(names[i].inner, inner))
            fact_text(&r->row, names[i].name, value);
}

static void
take_scalar(struct reading *r, const yaml_event_t *e)
{
    const char *value = (const char *)e->data.scalar.value;
    unsigned at = r->depth - 1;

    if (r->depth == 0 || r->depth > DEPTH)
        return;
    if (r->is_map[at] && !r->has_key[at]) {
        r->keys[at] = call_strndup(r->f->c, value, 255);
        r->has_key[at] = true;
        if (r->depth == 3 && r->keys[0] && str_equal(r->keys[0], "network") &&
            r->keys[1]) {
            r->row = fact_add(
                r->f, r->keys[2], r->path, (unsigned)e->start_mark.line + 1);
            fact_text(&r->row, "manager", "netplan");
            fact_text(&r->row, "kind", r->keys[1]);
        }
        return;
    }
    if (r->depth >= 4)
        take_value(r, value);
    if (r->is_map[at])
        r->has_key[at] = false;
}

static void
close_level(struct reading *r)
{
    if (r->depth > 0)
        r->depth--;
    if (r->depth > 0 && r->depth <= DEPTH && r->is_map[r->depth - 1])
        r->has_key[r->depth - 1] = false;
    if (r->depth <= 2)
        r->row = (struct fact_row){.f = r->f, .dropped = true};
}

/* False at the end. */
static bool
take_event(struct reading *r, const yaml_event_t *e)
{
    bool map = e->type == YAML_MAPPING_START_EVENT;

    switch ((int)e->type) {
    case YAML_STREAM_END_EVENT:
        return false;
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        if (r->depth < DEPTH) {
            r->is_map[r->depth] = map;
            r->has_key[r->depth] = false;
            r->keys[r->depth] = NULL;
        }
        r->depth++;
        break;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        close_level(r);
        break;
    case YAML_SCALAR_EVENT:
        take_scalar(r, e);
        break;
    default:
        break;
    }
    return true;
}

static void
free_parser(void *opaque)
{
    yaml_parser_delete(opaque);
}

static void
read_file(struct facts *f, const char *path)
{
    struct reading r = {.f = f, .path = path, .row = {.f = f, .dropped = true}};
    yaml_parser_t *parser = call_alloc(f->c, sizeof *parser);
    char *text = fact_file(f, path);
    const char *why = NULL;

    if (!text)
        return;
    if (!yaml_parser_initialize(parser))
        call_no_memory(f->c);
    call_defer(f->c, free_parser, parser);
    yaml_parser_set_input_string(
        parser, (const unsigned char *)text, strlen(text));
    for (unsigned n = 0; !why; n++) {
        yaml_event_t e;

        if (!yaml_parser_parse(parser, &e))
            why = parser->problem ? parser->problem : "no YAML";
        else if (n > EVENTS_MAX || r.depth > NESTING_MAX)
            why = "too much YAML";
        else if (!take_event(&r, &e)) {
            yaml_event_delete(&e);
            return;
        }
        yaml_event_delete(&e);
    }
    fact_note(f, f->system->root, "facts: %s: %s (line %zu)", path, why,
        parser->problem_mark.line + 1);
}

void
facts_network_netplan(struct facts *f)
{
    static const char *const folders[] = {
        "/usr/lib/netplan", "/lib/netplan", "/etc/netplan"};

    for (size_t i = 0; i < N_ELEMENTS(folders); i++)
        for (char **name = fact_folder(f, folders[i]); *name; name++)
            if (ends_with_text(*name, ".yaml") &&
                (i != 1 || !fact_exists(f, "/usr/lib/netplan")))
                read_file(f, call_printf(f->c, "%s/%s", folders[i], *name));
}

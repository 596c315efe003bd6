/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netplan(5): YAML.  A definition in a later file adds to the one of the same
 * ID, so cards are entered when all files were read.  Without "match" the ID
 * is the card's name; otherwise it is only a word. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/cleanup.h"
#include "base/strv.h"
#include "v2v/convert/linux/net/settings.h"

/* libyaml takes quadratic time for brackets in brackets, and for anchors. */
enum { CARDS_MAX = 200, MARKS_MAX = 2000 };

struct plan_card {
    char *id, *name, *mac, *new_name, *drivers, *file;
    unsigned line;
    bool has_match, no_start;
};

struct netplan {
    struct plan_card *cards;
    size_t n;
    bool is_cloud, is_disabled;
};

struct netplan *
netplan_new(bool is_cloud, struct error *err)
{
    struct netplan *p = calloc(1, sizeof *p);

    if (!p)
        error_no_memory(err);
    else
        p->is_cloud = is_cloud;
    return p;
}

void
netplan_free(struct netplan *p)
{
    for (size_t i = 0; p && i < p->n; i++) {
        free(p->cards[i].id);
        free(p->cards[i].name);
        free(p->cards[i].mac);
        free(p->cards[i].new_name);
        free(p->cards[i].drivers);
        free(p->cards[i].file);
    }
    if (p)
        free(p->cards);
    free(p);
}

/* --- YAML --- */

static const char *
scalar(const yaml_node_t *node)
{
    return node && node->type == YAML_SCALAR_NODE
               ? (const char *)node->data.scalar.value
               : NULL;
}

/* The I-th pair of a map; false after the last, or if it is no map. */
static bool
pair(yaml_document_t *d, const yaml_node_t *map, size_t i, const char **ret_key,
    yaml_node_t **ret_value)
{
    const yaml_node_pair_t *p;

    if (!map || map->type != YAML_MAPPING_NODE)
        return false;
    p = map->data.mapping.pairs.start + i;
    if (p >= map->data.mapping.pairs.top)
        return false;
    *ret_key = scalar(yaml_document_get_node(d, p->key));
    *ret_value = yaml_document_get_node(d, p->value);
    return true;
}

static yaml_node_t *
value_of(yaml_document_t *d, const yaml_node_t *map, const char *key)
{
    yaml_node_t *value;
    const char *name;

    for (size_t i = 0; pair(d, map, i, &name, &value); i++)
        if (name && str_equal(name, key))
            return value;
    return NULL;
}

/* --- cards --- */

static struct plan_card *
card(struct netplan *p, struct net_settings *s, const char *id,
    const char *file, unsigned line, struct error *err)
{
    for (size_t i = 0; i < p->n; i++)
        if (str_equal(p->cards[i].id, id))
            return &p->cards[i];
    if (p->n == CARDS_MAX) {
        net_add_broken(s, file, "too many cards", err);
        return NULL;
    }

    struct plan_card *more = reallocarray(p->cards, p->n + 1, sizeof *more);
    if (!more)
        return error_no_memory(err), NULL;
    p->cards = more;
    more += p->n;
    *more = (struct plan_card){
        .id = strdup(id), .file = strdup(file), .line = line};
    p->n++;
    if (!more->id || !more->file)
        return error_no_memory(err), NULL;
    return more;
}

static int
set(char **field, const char *value, struct error *err)
{
    char *copy;

    if (!value)
        return 0;
    if (!(copy = strdup(value)))
        return error_no_memory(err);
    free(*field);
    *field = copy;
    return 0;
}

/* A pattern, or a list of them. */
static int
set_drivers(struct plan_card *c, yaml_document_t *d, const yaml_node_t *node,
    struct error *err)
{
    yaml_node_item_t *item;
    char *text = NULL;
    size_t size;
    FILE *f;

    if (!node || node->type != YAML_SEQUENCE_NODE)
        return set(&c->drivers, scalar(node), err);
    if (!(f = open_memstream(&text, &size)))
        return error_no_memory(err);
    for (item = node->data.sequence.items.start;
         item < node->data.sequence.items.top; item++) {
        const char *one = scalar(yaml_document_get_node(d, *item));

        if (one)
            fprintf(f, "%s%s", ftell(f) > 0 ? " " : "", one);
    }
    if (fclose(f) != 0) {
        free(text);
        return error_no_memory(err);
    }
    free(c->drivers);
    c->drivers = text;
    return 0;
}

static int
read_card(struct netplan *p, struct net_settings *s, yaml_document_t *d,
    const char *id, const yaml_node_t *map, const char *file, struct error *err)
{
    const yaml_node_t *match = value_of(d, map, "match");
    const char *mode = scalar(value_of(d, map, "activation-mode"));
    const yaml_node_t *names = value_of(d, match, "name");
    /* The line of the ID: a map in blocks starts on the next one. */
    bool is_flow = map->data.mapping.style == YAML_FLOW_MAPPING_STYLE;
    struct plan_card *c =
        card(p, s, id, file, (unsigned)map->start_mark.line + is_flow, err);

    if (!c)
        return err->code ? -1 : 0;
    /* Some versions take a list of names. */
    if (names && names->type == YAML_SEQUENCE_NODE &&
        names->data.sequence.items.start < names->data.sequence.items.top)
        names = yaml_document_get_node(d, *names->data.sequence.items.start);
    c->has_match |= match != NULL;
    c->no_start |= mode && !str_equal(mode, "up");
    if (set_drivers(c, d, value_of(d, match, "driver"), err) < 0 ||
        set(&c->name, scalar(names), err) < 0 ||
        set(&c->mac, scalar(value_of(d, match, "macaddress")), err) < 0)
        return -1;
    return set(&c->new_name, scalar(value_of(d, map, "set-name")), err);
}

/* cloud-init's version 1: a list of devices, and a physical one has a name and
 * perhaps an address. */
static int
read_first_version(struct netplan *p, struct net_settings *s,
    yaml_document_t *d, const yaml_node_t *network, const char *file,
    struct error *err)
{
    const yaml_node_t *list = value_of(d, network, "config");
    const char *word = scalar(list);
    yaml_node_item_t *item;

    p->is_disabled |= word && str_equal(word, "disabled");
    if (!list || list->type != YAML_SEQUENCE_NODE)
        return 0;
    for (item = list->data.sequence.items.start;
         item < list->data.sequence.items.top; item++) {
        const yaml_node_t *map = yaml_document_get_node(d, *item);
        const char *type = scalar(value_of(d, map, "type"));
        const char *name = scalar(value_of(d, map, "name"));
        struct plan_card *c;

        if (!type || !name)
            continue;
        if (!str_equal(type, "physical")) {
            if (net_add_word(s, file, &s->virtuals, name, err) < 0)
                return -1;
            continue;
        }
        c = card(p, s, name, file, (unsigned)map->start_mark.line + 1, err);
        if (err->code ||
            (c &&
                set(&c->mac, scalar(value_of(d, map, "mac_address")), err) < 0))
            return -1;
    }
    return 0;
}

static int
read_network(struct netplan *p, struct net_settings *s, yaml_document_t *d,
    const char *file, struct error *err)
{
    static const char *const software[] = {"bonds", "bridges", "vlans",
        "tunnels", "dummy-devices", "vrfs", "virtual-ethernets", "wifis",
        "modems"};
    const yaml_node_t *root = yaml_document_get_root_node(d);
    const yaml_node_t *network = value_of(d, root, "network");
    const yaml_node_t *map;
    yaml_node_t *value;
    const char *id;

    /* In a file of its own cloud-init does without the first level. */
    if (!network && p->is_cloud)
        network = root;
    if (p->is_cloud && read_first_version(p, s, d, network, file, err) < 0)
        return -1;
    map = value_of(d, network, "ethernets");
    for (size_t i = 0; pair(d, map, i, &id, &value); i++)
        if (id && value && value->type == YAML_MAPPING_NODE &&
            read_card(p, s, d, id, value, file, err) < 0)
            return -1;
    /* What these are made of has to be listed above. */
    for (size_t k = 0; k < N_ELEMENTS(software); k++) {
        map = value_of(d, network, software[k]);
        for (size_t i = 0; pair(d, map, i, &id, &value); i++)
            if (id && net_add_word(s, file, &s->virtuals, id, err) < 0)
                return -1;
    }
    return 0;
}

static size_t
count_marks(const char *text)
{
    size_t n = 0;

    while (*(text += strcspn(text, "[{&"))) {
        text++;
        n++;
    }
    return n;
}

int
netplan_read(struct netplan *p, struct net_settings *s, const char *file,
    const char *text, struct error *err)
{
    yaml_parser_t parser;
    yaml_document_t document;
    int r = 0;

    if (count_marks(text) > MARKS_MAX)
        return net_add_broken(
            s, file, "it has too many brackets or anchors", err);
    if (!yaml_parser_initialize(&parser))
        return error_no_memory(err);
    yaml_parser_set_input_string(
        &parser, (const unsigned char *)text, strlen(text));
    if (!yaml_parser_load(&parser, &document)) {
        cleanup_free char *problem =
            text_printf("line %zu: %s", parser.problem_mark.line + 1,
                parser.problem ? parser.problem : "not YAML");

        r = problem ? net_add_broken(s, file, problem, err)
                    : error_no_memory(err);
    } else {
        r = read_network(p, s, &document, file, err);
        yaml_document_delete(&document);
    }
    yaml_parser_delete(&parser);
    return r;
}

int
netplan_finish(struct netplan *p, struct net_settings *s, struct error *err)
{
    for (size_t i = 0; i < p->n && !p->is_disabled; i++) {
        const struct plan_card *c = &p->cards[i];
        cleanup_free char *mac = c->mac ? net_mac(c->mac, err) : NULL;
        cleanup_free char *misfit =
            c->drivers ? net_driver_misfit(c->drivers, err) : NULL;
        struct net_setting item = {
            .name = c->new_name     ? c->new_name
                    : !c->has_match ? c->id
                                    : c->name,
            .old = c->new_name ? c->name : NULL,
            .misfit = misfit,
            .mac = mac,
            .file = c->file,
            .line = c->line ? c->line : 1,
            .starts = !c->no_start,
        };

        if (err->code)
            return -1;
        if ((item.name || item.mac || misfit) && net_add(s, &item, err) < 0)
            return -1;
        if (!c->new_name || p->is_cloud)
            continue;
        /* netplan writes a .link file for it at each start. */
        item.names = item.starts = true;
        item.misfit = NULL;
        item.pins = mac && !c->name && !misfit;
        if (net_add(s, &item, err) < 0)
            return -1;
    }
    return 0;
}

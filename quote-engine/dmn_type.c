/* Item definitions to types. A definition is filled on first use, so they may stand in any order
 * and may contain lists of themselves; only one that *is* itself is refused. */
#include <stdlib.h>
#include <string.h>

#include "dmn.h"

static struct type *type_new(struct dmn *dmn, enum type_kind kind) {
    struct type *type = dmn_take(dmn, 1, sizeof *type);
    if (type) type->kind = kind;
    return type;
}

static int entry_compare(const void *a, const void *b) {
    return strcmp(((const struct dmn_type_entry *)a)->name,
                  ((const struct dmn_type_entry *)b)->name);
}

static struct dmn_type_entry *entry_find(const struct dmn_model *model, const char *name,
                                         size_t length) {
    int low = 0, high = model->type_count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        int order = strncmp(model->types[middle].name, name, length);
        if (order == 0 && model->types[middle].name[length]) order = 1;
        if (order == 0) return &model->types[middle];
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    return NULL;
}

static void entry_fill(struct dmn *dmn, int model, struct dmn_type_entry *entry);

/* A type of the model by name: its own, an import's ("prefix.tName"), or FEEL's. With
 * `open_allowed` it may still be empty: it is to be a part, and will be filled in its turn. */
static const struct type *type_find(struct dmn *dmn, int model, const char *name, size_t length,
                                    bool open_allowed) {
    if (length > 5 && memcmp(name, "feel:", 5) == 0) name += 5, length -= 5;
    struct dmn_type_entry *entry = entry_find(&dmn->models[model], name, length);
    int owner = model;
    for (int i = 0; !entry && i < dmn->models[model].import_count; i++) {
        const struct dmn_import *import = &dmn->models[model].imports[i];
        size_t prefix = strlen(import->name), skip = prefix ? prefix + 1 : 0;
        if (length <= skip || (prefix && (memcmp(name, import->name, prefix) != 0 ||
                                          name[prefix] != '.')))
            continue;
        entry = entry_find(&dmn->models[import->model], name + skip, length - skip);
        owner = import->model;
    }
    if (!entry) return type_by_name(name, length);
    if (open_allowed) return entry->type;
    if (entry->state == ENTRY_NEW && dmn->type_depth < DMN_TYPE_DEPTH_MAX)
        entry_fill(dmn, owner, entry);
    return entry->state == ENTRY_DONE ? entry->type : NULL;
}

static bool says_nothing(const struct xml_element *tests) {
    const struct xml_element *text = tests ? xml_child(tests, "text") : NULL;
    return !text || !text->text_length;
}

/* Sets what values of the type are allowed, beside what `also` says. */
static void allowed_read(struct dmn *dmn, const struct xml_element *tests, struct type *type) {
    const struct xml_element *text = xml_child(tests, "text");
    struct scope none = {0};
    struct node *node = feel_parse_tests(&dmn->compiler, &none, type, text->text,
                                         text->text_length, text->line);
    const struct code *code = node ? feel_compile(&dmn->compiler, &none, node) : NULL;
    if (!code && !dmn->compiler.lenient) dmn->failed = true;
    type->allowed = code;
    type->allowed_tests = code ? node : NULL;
}

static bool flag(const struct xml_element *xml, const char *name) {
    const char *value = xml_attribute(xml, name);
    return value && (strcmp(value, "true") == 0 || strcmp(value, "1") == 0);
}

static const struct type *definition_type(struct dmn *dmn, int model,
                                          const struct xml_element *xml, bool open_allowed,
                                          struct type *into);

static void components_read(struct dmn *dmn, int model, const struct xml_element *xml,
                            struct type *type) {
    int count = xml_count(xml, "itemComponent"), at = 0;
    struct type_component *components = dmn_take(dmn, (size_t)count, sizeof *components);
    if (!components) return;
    for (const struct xml_element *child = xml_child(xml, "itemComponent"); child;
         child = xml_next(child)) {
        const char *name = xml_attribute(child, "name");
        if (!name || !*name) {
            dmn_fail(dmn, child->line, "this itemComponent has no name");
            return;
        }
        components[at].name = dmn_copy(dmn, name);
        components[at].name_length = (uint32_t)strlen(name);
        components[at].type = definition_type(dmn, model, child, true, NULL);
        if (!components[at].name || !components[at].type) return;
        at++;
    }
    type->components = components;
    type->component_count = at;
}

static void function_read(struct dmn *dmn, int model, const struct xml_element *item,
                          struct type *type) {
    int count = xml_count(item, "parameters"), at = 0;
    struct type_component *parameters = dmn_take(dmn, (size_t)count, sizeof *parameters);
    if (!parameters) return;
    for (const struct xml_element *child = xml_child(item, "parameters"); child;
         child = xml_next(child)) {
        const char *name = xml_attribute(child, "name"), *ref = xml_attribute(child, "typeRef");
        parameters[at].name = name ? dmn_copy(dmn, name) : "";
        parameters[at].name_length = name ? (uint32_t)strlen(name) : 0;
        const struct type *found = ref ? type_find(dmn, model, ref, strlen(ref), true) : NULL;
        parameters[at++].type = found ? found : type_builtin(TYPE_ANY);
    }
    const char *output = xml_attribute(item, "outputTypeRef");
    if (output) type->result = type_find(dmn, model, output, strlen(output), true);
    type->components = parameters;
    type->component_count = at;
}

/* The type before collection: of a typeRef (copied, to carry its own constraint), of components,
 * or of a function. */
static bool base_read(struct dmn *dmn, int model, const struct xml_element *xml,
                      bool open_allowed, struct type *type) {
    const struct xml_element *ref = xml_child(xml, "typeRef");
    const struct xml_element *function = xml_child(xml, "functionItem");
    if (ref) {
        bool plain = says_nothing(xml_child(xml, "allowedValues")) &&
                     says_nothing(xml_child(xml, "typeConstraint"));
        const struct type *found = type_find(dmn, model, ref->text, ref->text_length,
                                             open_allowed && plain);
        if (!found) {
            dmn_refuse(dmn, ref->line,
                       "there is no type \"%s\", or it is defined by itself, or too indirectly",
                       ref->text);
            found = type_builtin(TYPE_ANY);
        }
        *type = *found;
        if (!plain && found->allowed) {
            type->also = found;
            type->allowed = NULL;
            type->allowed_tests = NULL;
            type->allowed_on_list = false;
        }
    } else if (function) {
        type->kind = TYPE_FUNCTION;
        function_read(dmn, model, function, type);
    } else if (xml_child(xml, "itemComponent")) {
        type->kind = TYPE_CONTEXT;
        const char *name = xml_attribute(xml, "name");
        type->name = name ? dmn_copy(dmn, name) : NULL; /* for messages */
        components_read(dmn, model, xml, type);
    } else {
        *type = *type_builtin(TYPE_ANY);
    }
    return !dmn->failed;
}

/* The type of an itemDefinition or itemComponent. A component that merely names a definition
 * shares its struct, so that it is complete once the definition is. */
static const struct type *definition_type(struct dmn *dmn, int model,
                                          const struct xml_element *xml, bool open_allowed,
                                          struct type *into) {
    const struct xml_element *ref = xml_child(xml, "typeRef");
    const struct xml_element *allowed = xml_child(xml, "allowedValues");
    const struct xml_element *constraint = xml_child(xml, "typeConstraint");
    if (says_nothing(allowed)) allowed = NULL;
    if (says_nothing(constraint)) constraint = NULL;
    bool collection = flag(xml, "isCollection");
    const struct type *item = NULL;
    if (ref && !allowed && open_allowed && (collection || (!into && !constraint)))
        item = type_find(dmn, model, ref->text, ref->text_length, true);
    if (item && !collection) return item;
    struct type *type = into ? into : type_new(dmn, TYPE_ANY);
    if (!type) return NULL;
    if (!item) {
        struct type *base = collection ? type_new(dmn, TYPE_ANY) : type;
        if (!base || !base_read(dmn, model, xml, open_allowed && collection, base)) return NULL;
        if (allowed) allowed_read(dmn, allowed, base);
        item = base;
    }
    if (collection) {
        *type = (struct type){.kind = TYPE_LIST, .item = item};
    } else if (type != item) {
        *type = *item;
    }
    if (constraint) {
        if (type->allowed) { /* both hold */
            struct type *also = type_new(dmn, TYPE_ANY);
            if (!also) return NULL;
            *also = *type;
            type->also = also;
        }
        allowed_read(dmn, constraint, type);
        type->allowed_on_list = type->kind == TYPE_LIST;
    }
    return type;
}

static void entry_fill(struct dmn *dmn, int model, struct dmn_type_entry *entry) {
    const char *file = dmn->compiler.file;
    int outer_model = dmn->model;
    dmn->model = model;
    dmn->compiler.file = dmn->models[model].file;
    entry->state = ENTRY_OPEN;
    dmn->type_depth++;
    definition_type(dmn, model, entry->xml, flag(entry->xml, "isCollection"), entry->type);
    entry->type->name = dmn_copy(dmn, entry->name);
    entry->state = ENTRY_DONE;
    dmn->type_depth--;
    dmn->model = outer_model;
    dmn->compiler.file = file;
}

static const struct type *type_lookup(void *context, const char *name, size_t length) {
    struct dmn *dmn = context;
    return type_find(dmn, dmn->model, name, length, true);
}

static void model_index(struct dmn *dmn, struct dmn_model *model) {
    int count = xml_count(model->root, "itemDefinition"), at = 0;
    if (count > DMN_TYPES_MAX) {
        dmn_fail(dmn, 0, "a model can have at most %d item definitions", DMN_TYPES_MAX);
        return;
    }
    model->types = arena_take_array(dmn->texts, (size_t)count, sizeof *model->types);
    if (!model->types) {
        dmn->failed = true;
        dmn->status = QUOTE_NO_MEMORY;
        return;
    }
    for (const struct xml_element *x = xml_child(model->root, "itemDefinition"); x;
         x = xml_next(x)) {
        const char *name = xml_attribute(x, "name");
        if (!name || !*name) {
            dmn_fail(dmn, x->line, "this itemDefinition has no name");
            return;
        }
        model->types[at].name = name;
        model->types[at].xml = x;
        model->types[at++].type = type_new(dmn, TYPE_ANY);
    }
    if (dmn->failed) return;
    if (at) qsort(model->types, (size_t)at, sizeof *model->types, entry_compare);
    for (int i = 1; i < at; i++)
        if (strcmp(model->types[i - 1].name, model->types[i].name) == 0)
            dmn_refuse(dmn, model->types[i].xml->line, "the type \"%s\" is defined twice",
                       model->types[i].name);
    model->type_count = at;
}

void dmn_read_types(struct dmn *dmn) {
    dmn->compiler.type_lookup = type_lookup;
    dmn->compiler.type_context = dmn;
    for (int m = 0; m < dmn->model_count && !dmn->failed; m++) {
        dmn->compiler.file = dmn->models[m].file;
        model_index(dmn, &dmn->models[m]);
    }
    for (int m = 0; m < dmn->model_count && !dmn->failed; m++) {
        struct dmn_model *model = &dmn->models[m];
        for (int i = 0; i < model->type_count && !dmn->failed; i++) {
            dmn_place(dmn, "type %s", model->types[i].name);
            if (model->types[i].state == ENTRY_NEW) entry_fill(dmn, m, &model->types[i]);
        }
    }
    dmn->place[0] = 0;
}

/* What programming languages and some modelling tools call FEEL's types; NULL for all else. */
static const char *type_of_others(const char *name) {
    static const char *const others[][2] = {
        {"integer", "number"}, {"int", "number"}, {"long", "number"}, {"double", "number"},
        {"float", "number"}, {"decimal", "number"}, {"text", "string"}, {"bool", "boolean"},
        {"datetime", "date and time"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(others[i][0], name) == 0) return others[i][1];
    return NULL;
}

const struct type *dmn_type(struct dmn *dmn, const char *type_ref, int line) {
    if (!type_ref || !*type_ref || strcmp(type_ref, "Any") == 0) return NULL;
    const struct type *type = type_find(dmn, dmn->model, type_ref, strlen(type_ref), true);
    if (!type)
        dmn_refuse(dmn, line, "there is no type \"%s\": %s%s", type_ref,
                   type_of_others(type_ref) ? "FEEL calls it "
                                            : "define it, or use one of FEEL's: number, string, "
                                              "boolean, date, and so on",
                   type_of_others(type_ref) ? type_of_others(type_ref) : "");
    return type && type->kind == TYPE_ANY && !type->allowed ? NULL : type;
}

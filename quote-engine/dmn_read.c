/* XML trees to models and elements: names, ids, texts, imports. What the elements' logic says is
 * left to dmn_boxed.c, requirements to dmn_graph.c, item definitions to dmn_type.c. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dmn.h"

/* ---- problems and memory, for all dmn_*.c --------------------------------------------------- */

static void __attribute__((format(printf, 4, 0)))
dmn_say(struct dmn *dmn, bool warning, int line, const char *format, va_list arguments) {
    char text[PROBLEM_TEXT_MAX];
    vsnprintf(text, sizeof text, format, arguments);
    const char *file = dmn->compiler.file ? dmn->compiler.file : "";
    problems_add(dmn->compiler.problems, warning, file, line, 0, dmn->place, "%s", text);
    if (!warning) {
        dmn->failed = true;
        if (dmn->status == QUOTE_OK) dmn->status = QUOTE_INVALID;
    }
}

void dmn_fail(struct dmn *dmn, int line, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    dmn_say(dmn, false, line, format, arguments);
    va_end(arguments);
}

void dmn_warn(struct dmn *dmn, int line, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    dmn_say(dmn, true, line, format, arguments);
    va_end(arguments);
}

void dmn_refuse(struct dmn *dmn, int line, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    dmn_say(dmn, dmn->compiler.lenient, line, format, arguments);
    va_end(arguments);
}

void *dmn_take(struct dmn *dmn, size_t count, size_t size) {
    void *memory = arena_take_array(&dmn->program->arena, count, size);
    if (!memory) {
        dmn->failed = true;
        dmn->status = QUOTE_NO_MEMORY;
    }
    return memory;
}

char *dmn_copy(struct dmn *dmn, const char *text) {
    size_t length = strlen(text);
    char *copy = dmn_take(dmn, length + 1, 1);
    if (copy) memcpy(copy, text, length);
    return copy;
}

void dmn_place(struct dmn *dmn, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(dmn->place, sizeof dmn->place, format, arguments);
    va_end(arguments);
    dmn->compiler.place = dmn->place;
}

size_t dmn_place_add(struct dmn *dmn, const char *format, ...) {
    size_t length = strlen(dmn->place);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(dmn->place + length, sizeof dmn->place - length, format, arguments);
    va_end(arguments);
    return length;
}

void dmn_place_cut(struct dmn *dmn, size_t length) {
    dmn->place[length] = 0;
}

/* ---- models --------------------------------------------------------------------------------- */

static bool namespace_known(const char *namespace) {
    static const char *const editions[] = {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",   /* 1.1 */
        "http://www.omg.org/spec/DMN/20180521/MODEL/",    /* 1.2 */
        "https://www.omg.org/spec/DMN/20191111/MODEL/",   /* 1.3 */
        "https://www.omg.org/spec/DMN/20211108/MODEL/",   /* 1.4 */
        "https://www.omg.org/spec/DMN/20230324/MODEL/",   /* 1.5 */
        "https://www.omg.org/spec/DMN/20240513/MODEL/"};  /* 1.6 */
    for (size_t i = 0; i < sizeof editions / sizeof *editions; i++)
        if (strcmp(namespace, editions[i]) == 0) return true;
    return false;
}

static const char *attribute_or_empty(const struct xml_element *xml, const char *name) {
    const char *value = xml_attribute(xml, name);
    return value ? value : "";
}

static void model_read(struct dmn *dmn, const struct source *source) {
    struct dmn_model *model = &dmn->models[dmn->model_count];
    const char *edition;
    dmn->compiler.file = source->name;
    dmn->place[0] = 0;
    int status = xml_read(source, dmn->texts, dmn->compiler.problems, &model->root, &edition);
    if (status != QUOTE_OK) {
        dmn->failed = true;
        if (dmn->status == QUOTE_OK) dmn->status = status;
        return;
    }
    if (strcmp(model->root->name, "definitions") != 0 || !namespace_known(edition)) {
        dmn_fail(dmn, model->root->line,
                 "this is no DMN model of edition 1.1 to 1.6: its first element is %s of namespace "
                 "\"%s\"", model->root->name, edition);
        return;
    }
    model->file = dmn_copy(dmn, source->name);
    model->name = dmn_copy(dmn, attribute_or_empty(model->root, "name"));
    model->namespace = attribute_or_empty(model->root, "namespace");
    for (int i = 0; i < dmn->model_count; i++)
        if (strcmp(dmn->models[i].namespace, model->namespace) == 0)
            dmn_fail(dmn, model->root->line, "%s has the same namespace \"%s\"",
                     dmn->models[i].file, model->namespace);
    dmn->model_count++;
}

static void import_read(struct dmn *dmn, struct dmn_model *model, const struct xml_element *xml) {
    const char *namespace = attribute_or_empty(xml, "namespace");
    const char *type = attribute_or_empty(xml, "importType");
    if (*type && !strstr(type, "/DMN/")) {
        dmn_refuse(dmn, xml->line, "imports of %s are not supported: only DMN models", type);
        return;
    }
    if (model->import_count == DMN_IMPORTS_MAX) {
        dmn_fail(dmn, xml->line, "a model can import at most %d others", DMN_IMPORTS_MAX);
        return;
    }
    for (int i = 0; i < dmn->model_count; i++) {
        if (strcmp(dmn->models[i].namespace, namespace) != 0) continue;
        struct dmn_import *import = &model->imports[model->import_count++];
        import->name = attribute_or_empty(xml, "name");
        import->model = i;
        return;
    }
    dmn_refuse(dmn, xml->line, "the imported model with namespace \"%s\" is missing", namespace);
}

/* ---- elements ------------------------------------------------------------------------------- */

static bool element_kind(const char *name, enum element_kind *ret_kind) {
    static const struct {
        const char *name;
        enum element_kind kind;
    } kinds[] = {{"inputData", ELEMENT_INPUT},
                 {"decision", ELEMENT_DECISION},
                 {"businessKnowledgeModel", ELEMENT_KNOWLEDGE},
                 {"decisionService", ELEMENT_SERVICE}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(name, kinds[i].name) == 0) {
            *ret_kind = kinds[i].kind;
            return true;
        }
    return false;
}

static const char *child_text(struct dmn *dmn, const struct xml_element *xml, const char *name) {
    const struct xml_element *child = xml_child(xml, name);
    return child && child->text_length ? dmn_copy(dmn, child->text) : NULL;
}

static const char *attribute_copy(struct dmn *dmn, const struct xml_element *xml,
                                  const char *name) {
    const char *value = xml_attribute(xml, name);
    return value && *value ? dmn_copy(dmn, value) : NULL;
}

/* The name before the importing models' own, as program_evaluate's callers write it. */
static const char *qualified_name(struct dmn *dmn, int model, const char *name) {
    const struct dmn_model *main_model = &dmn->models[0];
    const char *prefix = "";
    for (int i = 0; i < main_model->import_count; i++)
        if (main_model->imports[i].model == model) prefix = main_model->imports[i].name;
    if (!*prefix) return name;
    size_t size = strlen(prefix) + strlen(name) + 2;
    char *qualified = dmn_take(dmn, size, 1);
    if (qualified) snprintf(qualified, size, "%s.%s", prefix, name);
    return qualified ? qualified : name;
}

static void element_read(struct dmn *dmn, int model, const struct xml_element *xml,
                         enum element_kind kind, int index) {
    struct element *element = &dmn->program->elements[index];
    struct dmn_element *detail = &dmn->program->details[index];
    const struct xml_element *variable = xml_child(xml, "variable");
    const struct xml_element *literal = xml_child(xml, "literalExpression");
    element->kind = kind;
    element->name = attribute_copy(dmn, xml, "name");
    element->id = attribute_copy(dmn, xml, "id");
    element->label = attribute_copy(dmn, xml, "label");
    element->question = child_text(dmn, xml, "question");
    element->description = child_text(dmn, xml, "description");
    element->text = literal ? child_text(dmn, literal, "text") : NULL;
    detail->model = model;
    detail->xml = xml;
    if (variable) element->type = attribute_copy(dmn, variable, "typeRef");
    const char *own = variable ? xml_attribute(variable, "name") : NULL;
    if (!element->name && own) element->name = dmn_copy(dmn, own);
    if (!element->name) {
        dmn_fail(dmn, xml->line, "this %s has no name", xml->name);
        element->name = "";
    }
    detail->name = own && *own && strcmp(own, element->name) != 0 ? dmn_copy(dmn, own)
                                                                  : element->name;
    if (!detail->name) detail->name = "";
    if (detail->name != element->name && !dmn->compiler.lenient) {
        dmn_place(dmn, "%s %s", xml->name, element->name);
        dmn_warn(dmn, variable->line,
                 "its variable has another name, '%.100s', by which expressions know it: give both "
                 "the same", detail->name);
        dmn->place[0] = 0;
    }
    element->qualified_name = qualified_name(dmn, model, detail->name);
}

static void elements_read(struct dmn *dmn) {
    int count = 0, index = 0;
    enum element_kind kind;
    for (int m = 0; m < dmn->model_count; m++)
        for (const struct xml_element *x = dmn->models[m].root->first; x; x = x->next)
            count += element_kind(x->name, &kind);
    if (count > DMN_ELEMENTS_MAX) {
        dmn_fail(dmn, 0, "a model can have at most %d elements", DMN_ELEMENTS_MAX);
        return;
    }
    struct program *program = dmn->program;
    program->elements = dmn_take(dmn, (size_t)count, sizeof *program->elements);
    program->details = dmn_take(dmn, (size_t)count, sizeof *program->details);
    if (dmn->failed) return;
    for (int m = 0; m < dmn->model_count; m++) {
        dmn->compiler.file = dmn->models[m].file;
        for (const struct xml_element *x = dmn->models[m].root->first; x; x = x->next)
            if (element_kind(x->name, &kind)) element_read(dmn, m, x, kind, index++);
    }
    program->element_count = count;
}

void dmn_read(struct dmn *dmn, const struct source *model, const struct source *imports,
              size_t import_count) {
    if (import_count > DMN_IMPORTS_MAX) {
        dmn_fail(dmn, 0, "a model can have at most %d imported models", DMN_IMPORTS_MAX);
        return;
    }
    model_read(dmn, model);
    for (size_t i = 0; i < import_count && !dmn->failed; i++) model_read(dmn, &imports[i]);
    if (dmn->failed) return;
    for (int i = 0; i < dmn->model_count; i++) {
        struct dmn_model *importing = &dmn->models[i];
        dmn->compiler.file = importing->file;
        for (const struct xml_element *x = xml_child(importing->root, "import"); x;
             x = xml_next(x))
            import_read(dmn, importing, x);
    }
    if (dmn->failed) return;
    dmn->program->name = dmn->models[0].name;
    elements_read(dmn);
}

/* ---- ids ------------------------------------------------------------------------------------ */

static size_t id_hash(int model, const char *id) {
    uint64_t hash = 1469598103934665603u ^ (uint64_t)model;
    for (; *id; id++) hash = (hash ^ (unsigned char)*id) * 1099511628211u;
    return (size_t)(hash ^ hash >> 29);
}

/* The slot where the id is, or would be. */
static size_t id_slot(const struct dmn *dmn, int model, const char *id) {
    const struct program *program = dmn->program;
    size_t slot = id_hash(model, id) % dmn->id_slot_count;
    for (; dmn->id_slots[slot]; slot = (slot + 1) % dmn->id_slot_count) {
        int element = dmn->id_slots[slot] - 1;
        if (program->details[element].model == model &&
            strcmp(program->elements[element].id, id) == 0)
            break;
    }
    return slot;
}

void dmn_index_ids(struct dmn *dmn) {
    const struct program *program = dmn->program;
    dmn->id_slot_count = (size_t)program->element_count * 2 + 1;
    dmn->id_slots = arena_take_array(dmn->texts, dmn->id_slot_count, sizeof *dmn->id_slots);
    if (!dmn->id_slots) {
        dmn->failed = true;
        dmn->status = QUOTE_NO_MEMORY;
        return;
    }
    for (int i = 0; i < program->element_count; i++) {
        if (!program->elements[i].id) continue;
        int model = program->details[i].model;
        size_t slot = id_slot(dmn, model, program->elements[i].id);
        if (dmn->id_slots[slot]) {
            dmn->compiler.file = dmn->models[model].file;
            dmn_fail(dmn, program->details[i].xml->line, "the id \"%s\" is used twice",
                     program->elements[i].id);
        } else {
            dmn->id_slots[slot] = i + 1;
        }
    }
}

int dmn_find_href(const struct dmn *dmn, int model, const char *href) {
    const char *hash = strrchr(href, '#');
    const char *id = hash ? hash + 1 : href;
    if (hash && hash != href) {
        size_t length = (size_t)(hash - href);
        int found = -1;
        for (int i = 0; i < dmn->model_count; i++)
            if (strlen(dmn->models[i].namespace) == length &&
                memcmp(dmn->models[i].namespace, href, length) == 0)
                found = i;
        model = found;
    }
    if (model < 0) return -1;
    return dmn->id_slots[id_slot(dmn, model, id)] - 1;
}

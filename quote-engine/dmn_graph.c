/* The requirements graph: hrefs to element indexes, cycles refused, one order in which every
 * element stands behind what it needs, and for every element the set of all it needs.
 *
 * A knowledge model may require itself (recursion); every other cycle is an error. A decision
 * service runs its decisions in a frame of its own, down to the decisions that it is handed: so it
 * needs nothing itself, and a decision that is handed to it may call it. Only a service whose own
 * decisions come to call it again is a cycle. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dmn.h"

static bool is_requirement(const char *name) {
    return strcmp(name, "informationRequirement") == 0 ||
           strcmp(name, "knowledgeRequirement") == 0;
}

static const char *requirement_href(const struct xml_element *xml) {
    const struct xml_element *target = xml->first;
    const char *href = target ? xml_attribute(target, "href") : NULL;
    return href ? href : "";
}

/* Services stand in for requirements by their output decisions. */
static bool is_edge(const struct dmn *dmn, int element, const struct xml_element *child) {
    return dmn->program->elements[element].kind == ELEMENT_SERVICE
               ? strcmp(child->name, "outputDecision") == 0 ||
                     strcmp(child->name, "encapsulatedDecision") == 0
               : is_requirement(child->name);
}

static void requires_read(struct dmn *dmn, int index, int *total) {
    struct element *element = &dmn->program->elements[index];
    const struct dmn_element *detail = &dmn->program->details[index];
    int count = 0;
    for (const struct xml_element *x = detail->xml->first; x; x = x->next)
        count += is_edge(dmn, index, x);
    if (!count) return;
    if ((*total += count) > DMN_REQUIREMENTS_MAX) {
        dmn_fail(dmn, detail->xml->line, "there are more than %d requirements",
                 DMN_REQUIREMENTS_MAX);
        return;
    }
    int *list = dmn_take(dmn, (size_t)count, sizeof *list), at = 0;
    if (!list) return;
    dmn->compiler.file = dmn->models[detail->model].file;
    dmn_place(dmn, "%s %s", detail->xml->name, element->name);
    for (const struct xml_element *x = detail->xml->first; x; x = x->next) {
        if (!is_edge(dmn, index, x)) continue;
        bool service = element->kind == ELEMENT_SERVICE;
        const char *href = service ? xml_attribute(x, "href") : requirement_href(x);
        int target = href ? dmn_find_href(dmn, detail->model, href) : -1;
        if (target < 0) {
            dmn_refuse(dmn, x->line, "it requires \"%s\", which is not in the model",
                       href ? href : "");
            continue;
        }
        bool known = target == index;
        for (int i = 0; i < at; i++) known |= list[i] == target;
        if (!known) list[at++] = target;
    }
    element->requires = list;
    element->require_count = at;
}

/* ---- order and cycles ----------------------------------------------------------------------- */

struct visit {
    int element, next; /* which of its requirements comes next */
};

static void cycle_say(struct dmn *dmn, const struct visit *path, int depth, int again) {
    char text[300];
    size_t length = 0;
    int from = 0;
    while (from < depth && path[from].element != again) from++;
    text[0] = 0;
    for (int i = from; i < depth && length < sizeof text - 1; i++) {
        int written = snprintf(text + length, sizeof text - length, "%s > ",
                               dmn->program->elements[path[i].element].name);
        length += written > 0 ? (size_t)written : 0;
    }
    const struct dmn_element *detail = &dmn->program->details[again];
    dmn->compiler.file = dmn->models[detail->model].file;
    dmn_place(dmn, "%s %s", detail->xml->name, dmn->program->elements[again].name);
    dmn_fail(dmn, detail->xml->line, "it requires itself: %s%s", text,
             dmn->program->elements[again].name);
}

/* Depth first with a stack of its own: chains may be as long as the model. */
static void order_visit(struct dmn *dmn, int start, unsigned char *state, struct visit *path,
                        int *order_count) {
    struct program *program = dmn->program;
    int depth = 0;
    path[depth++] = (struct visit){.element = start};
    state[start] = 1;
    while (depth) {
        struct visit *top = &path[depth - 1];
        const struct element *element = &program->elements[top->element];
        bool alone = element->kind == ELEMENT_SERVICE;
        if (alone || top->next == element->require_count) {
            state[top->element] = 2;
            program->order[(*order_count)++] = top->element;
            depth--;
            continue;
        }
        int next = element->requires[top->next++];
        if (state[next] == 1) {
            cycle_say(dmn, path, depth, next);
            return;
        }
        if (state[next] == 0) {
            state[next] = 1;
            path[depth++] = (struct visit){.element = next};
        }
    }
}

static void needs_fill(struct dmn *dmn) {
    struct program *program = dmn->program;
    program->need_words = ((size_t)program->element_count + 63) / 64;
    for (int i = 0; i < program->element_count; i++) {
        int index = program->order[i];
        struct dmn_element *detail = &program->details[index];
        detail->needs = dmn_take(dmn, program->need_words, sizeof *detail->needs);
        if (!detail->needs) return;
        if (program->elements[index].kind == ELEMENT_SERVICE) continue;
        for (int r = 0; r < program->elements[index].require_count; r++) {
            int other = program->elements[index].requires[r];
            for (size_t w = 0; w < program->need_words; w++)
                detail->needs[w] |= program->details[other].needs[w];
            detail->needs[other >> 6] |= (uint64_t)1 << (other & 63);
        }
    }
}

/* ---- services that call themselves ---------------------------------------------------------- */

enum { SERVICE_OUTSIDE, SERVICE_INSIDE, SERVICE_HANDED };
enum { SERVICE_WORDS = (DMN_SERVICES_MAX + 63) / 64 };

struct services {
    int elements[DMN_SERVICES_MAX]; /* in ascending order */
    int count;
    uint64_t runs[DMN_SERVICES_MAX][SERVICE_WORDS]; /* which others each comes to run */
};

static void service_run_add(struct services *services, int from, int element) {
    for (int i = 0; i < services->count; i++)
        if (services->elements[i] == element)
            services->runs[from][i >> 6] |= (uint64_t)1 << (i & 63);
}

/* Which services one runs itself: what its decisions require, no further than what it is handed.
 * From the end of the order on, one pass over all elements reaches everything. */
static void service_fill(const struct dmn *dmn, struct services *services, int from,
                         unsigned char *marks) {
    const struct program *program = dmn->program;
    int index = services->elements[from];
    const struct xml_element *xml = program->details[index].xml;
    memset(marks, SERVICE_OUTSIDE, (size_t)program->element_count);
    for (int r = 0; r < program->elements[index].require_count; r++)
        marks[program->elements[index].requires[r]] = SERVICE_INSIDE;
    for (const struct xml_element *x = xml->first; x; x = x->next) {
        if (strcmp(x->name, "inputDecision") != 0 && strcmp(x->name, "inputData") != 0) continue;
        const char *href = xml_attribute(x, "href");
        int handed = href ? dmn_find_href(dmn, program->details[index].model, href) : -1;
        if (handed >= 0) marks[handed] = SERVICE_HANDED;
    }
    for (int i = program->element_count - 1; i >= 0; i--) {
        const struct element *element = &program->elements[program->order[i]];
        if (marks[program->order[i]] != SERVICE_INSIDE) continue;
        if (element->kind == ELEMENT_SERVICE) service_run_add(services, from, program->order[i]);
        for (int r = 0; element->kind != ELEMENT_SERVICE && r < element->require_count; r++)
            if (marks[element->requires[r]] == SERVICE_OUTSIDE)
                marks[element->requires[r]] = SERVICE_INSIDE;
    }
}

/* A service that runs itself, by way of others or not, would never end. */
static void service_cycles(struct dmn *dmn, unsigned char *marks) {
    const struct program *program = dmn->program;
    struct services *services = arena_take(dmn->texts, sizeof *services);
    if (!services) {
        dmn->failed = true;
        dmn->status = QUOTE_NO_MEMORY;
        return;
    }
    for (int i = 0; i < program->element_count; i++) {
        if (program->elements[i].kind != ELEMENT_SERVICE) continue;
        if (services->count == DMN_SERVICES_MAX) {
            dmn_fail(dmn, 0, "a model can have at most %d decision services", DMN_SERVICES_MAX);
            return;
        }
        services->elements[services->count++] = i;
    }
    for (int i = 0; i < services->count; i++) service_fill(dmn, services, i, marks);
    for (int through = 0; through < services->count; through++)
        for (int i = 0; i < services->count; i++)
            if (services->runs[i][through >> 6] >> (through & 63) & 1)
                for (int w = 0; w < SERVICE_WORDS; w++)
                    services->runs[i][w] |= services->runs[through][w];
    for (int i = 0; i < services->count && !dmn->failed; i++)
        if (services->runs[i][i >> 6] >> (i & 63) & 1)
            cycle_say(dmn, NULL, 0, services->elements[i]);
}

void dmn_order(struct dmn *dmn) {
    struct program *program = dmn->program;
    size_t count = (size_t)program->element_count;
    int total = 0, order_count = 0;
    for (int i = 0; i < program->element_count && dmn->status != QUOTE_NO_MEMORY; i++)
        requires_read(dmn, i, &total);
    if (dmn->failed) return;
    program->order = dmn_take(dmn, count, sizeof *program->order);
    unsigned char *state = calloc(count + 1, 1);
    struct visit *path = calloc(count + 1, sizeof *path);
    if (!program->order || !state || !path) {
        dmn->failed = true;
        dmn->status = QUOTE_NO_MEMORY;
    }
    for (int i = 0; i < program->element_count && !dmn->failed; i++)
        if (!state[i]) order_visit(dmn, i, state, path, &order_count);
    if (!dmn->failed) service_cycles(dmn, state);
    free(state);
    free(path);
    if (!dmn->failed) needs_fill(dmn);
}

/* Decision services (DMN 1.5, 10.4): a function of its input data and input decisions, in that
 * order, that runs its decisions in a frame of globals of its own. So what is handed to it is
 * seen by its decisions only, never by the model around it. */
#include <string.h>

#include "dmn.h"

static void service_run(const struct value_function *function, struct evaluation *evaluation,
                        const struct value *arguments, struct value *ret_value) {
    const struct dmn_service *service = function->context;
    const struct program *program = service->program;
    size_t count = (size_t)program->element_count;
    *ret_value = value_null();
    struct value *slots = evaluation_take(evaluation, count * sizeof *slots);
    if (!slots) return;
    memset(slots, 0, count * sizeof *slots);
    struct frame globals = {.slots = slots};
    for (int i = 0; i < service->parameter_count; i++)
        slots[service->parameters[i]] = arguments[i];
    int outer = evaluation->element;
    for (int i = 0; i < service->step_count && evaluation->status == QUOTE_OK; i++)
        dmn_run(program, service->steps[i], evaluation, &globals);
    evaluation->element = outer;
    if (evaluation->status != QUOTE_OK) return;
    if (service->output_count == 1) {
        *ret_value = slots[service->outputs[0]];
        return;
    }
    size_t outputs = (size_t)service->output_count;
    struct value_entry *entries = evaluation_take(evaluation, outputs * sizeof *entries);
    if (!entries) return;
    for (size_t i = 0; i < outputs; i++) {
        const char *name = program->details[service->outputs[i]].name;
        entries[i] = (struct value_entry){.name = name,
                                          .name_length = (uint32_t)strlen(name),
                                          .value = slots[service->outputs[i]]};
    }
    *ret_value = value_context(entries, outputs);
}

/* ---- reading -------------------------------------------------------------------------------- */

static int member_find(struct dmn *dmn, int element, const struct xml_element *xml) {
    const char *href = xml_attribute(xml, "href");
    int target = href ? dmn_find_href(dmn, dmn->program->details[element].model, href) : -1;
    if (target < 0)
        dmn_refuse(dmn, xml->line, "its %s \"%s\" is not in the model", xml->name,
                   href ? href : "");
    return target;
}

static void parameters_read(struct dmn *dmn, int element, struct dmn_service *service,
                            const char *member) {
    const struct dmn_element *details = dmn->program->details;
    for (const struct xml_element *x = xml_child(details[element].xml, member); x;
         x = xml_next(x)) {
        int target = member_find(dmn, element, x);
        if (target < 0) continue;
        if (service->parameter_count == FUNCTION_PARAMETERS_MAX) {
            dmn_fail(dmn, x->line, "a service can have at most %d inputs",
                     FUNCTION_PARAMETERS_MAX);
            return;
        }
        int at = service->parameter_count++;
        service->parameters[at] = target;
        service->parameter_names[at] = details[target].name;
        service->parameter_name_lengths[at] = (uint32_t)strlen(details[target].name);
        service->parameter_types[at] = details[target].type;
    }
}

static bool outputs_read(struct dmn *dmn, int element, struct dmn_service *service) {
    const struct xml_element *xml = dmn->program->details[element].xml;
    service->outputs =
        dmn_take(dmn, (size_t)xml_count(xml, "outputDecision"), sizeof *service->outputs);
    if (!service->outputs) return false;
    for (const struct xml_element *x = xml_child(xml, "outputDecision"); x; x = xml_next(x)) {
        int target = member_find(dmn, element, x);
        if (target >= 0) service->outputs[service->output_count++] = target;
    }
    if (!service->output_count) dmn_refuse(dmn, xml->line, "the service has no output decision");
    return true;
}

/* Marks what must run for the outputs, going no further than what the service is handed. The
 * order of the whole program makes one pass from its end enough. */
static bool steps_fill(struct dmn *dmn, struct dmn_service *service) {
    const struct program *program = dmn->program;
    size_t count = (size_t)program->element_count;
    unsigned char *wanted = arena_take(dmn->texts, count + 1);
    service->steps = dmn_take(dmn, count, sizeof *service->steps);
    if (!wanted || !service->steps) return false;
    for (int i = 0; i < service->output_count; i++) wanted[service->outputs[i]] = 1;
    for (int i = 0; i < service->parameter_count; i++) wanted[service->parameters[i]] = 2;
    for (int i = program->element_count - 1; i >= 0; i--) {
        int index = program->order[i];
        const struct element *element = &program->elements[index];
        if (wanted[index] != 1 || element->kind == ELEMENT_SERVICE) continue;
        for (int r = 0; r < element->require_count; r++)
            if (!wanted[element->requires[r]]) wanted[element->requires[r]] = 1;
    }
    for (int i = 0; i < program->element_count; i++)
        if (wanted[program->order[i]] == 1)
            service->steps[service->step_count++] = program->order[i];
    return true;
}

void dmn_read_service(struct dmn *dmn, int element) {
    struct dmn_element *detail = &dmn->program->details[element];
    struct dmn_service *service = dmn_take(dmn, 1, sizeof *service);
    if (!service) return;
    service->program = dmn->program;
    service->element = element;
    parameters_read(dmn, element, service, "inputData");
    parameters_read(dmn, element, service, "inputDecision");
    if (!outputs_read(dmn, element, service) || !steps_fill(dmn, service)) {
        dmn->failed = true;
        return;
    }
    service->function = (struct value_function){
        .parameter_count = service->parameter_count,
        .parameter_names = service->parameter_names,
        .parameter_name_lengths = service->parameter_name_lengths,
        .parameter_types = service->parameter_types,
        .run = service_run,
        .context = service,
        .result = detail->type && detail->type->kind == TYPE_FUNCTION ? detail->type->result
                                                                      : detail->type};
    detail->service = service;
}

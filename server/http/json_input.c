/* GET and DELETE take their fields from path and query, the others from path and body. A name that
 * stands in two places is refused: neither wins. */
#include "json_input.h"

#include <stdio.h>
#include <string.h>

#include "body.h"
#include "message/json.h"
#include "problem.h"
#include "query.h"

static bool out_of_memory(struct exchange *exchange) {
    problem_say(exchange, 413, "too_large",
                "Het verzoek is te groot om te verwerken: stuur minder in één keer.",
                "The request is too large to process: send less at a time.");
    return false;
}

static bool refuse_query(struct exchange *exchange, const struct query_fault *fault) {
    if (*fault->pointer)
        problem_point(exchange, 400, fault->code, fault->pointer, fault->nl, fault->en);
    else
        problem_say(exchange, 400, fault->code, fault->nl, fault->en);
    return false;
}

static bool refuse_name(struct exchange *exchange, const struct value_entry *entry, const char *nl,
                        const char *en) {
    char pointer[FIELD_POINTER_MAX];
    query_pointer(entry->name, entry->name_length, pointer);
    problem_point(exchange, 422, "unknown", pointer, nl, en);
    return false;
}

/* Path fields, then the others. */
static bool join(struct exchange *exchange, const struct value *path_fields,
                 const struct value_entry *entries, size_t count, struct value *ret_input) {
    size_t path_count = path_fields->kind == VALUE_CONTEXT ? path_fields->length : 0;
    struct value_entry *all =
        scratch_take(&exchange->scratch, (path_count + count + 1) * sizeof *all);
    if (!all) return out_of_memory(exchange);
    if (path_count > 0) memcpy(all, path_fields->entries, path_count * sizeof *all);
    for (size_t i = 0; i < count; i++) {
        if (path_count > 0 &&
            value_entry_find(path_fields, entries[i].name, entries[i].name_length))
            return refuse_name(exchange, &entries[i],
                               "Dit veld staat al in het pad van het adres: laat het hier weg.",
                               "This field stands in the path of the address: leave it out here.");
        all[path_count + i] = entries[i];
    }
    *ret_input = value_context(all, path_count + count);
    return true;
}

void json_input_tell(const struct json_fault *fault, int line, int column, enum language language,
                     struct refusal *ret_refusal, struct field_faults *faults) {
    bool english = language == LANGUAGE_EN;
    char *detail = ret_refusal->detail;
    size_t size = sizeof ret_refusal->detail;
    *ret_refusal = (struct refusal){.status = 400};
    snprintf(ret_refusal->code, sizeof ret_refusal->code, "%s", fault->code);
    if (!strcmp(fault->code, "duplicate_key")) {
        /* The pointer ends in the name: it says which. */
        snprintf(detail, size,
                 english ? "The field %s stands twice in the request (line %d, column %d): give it "
                           "once."
                         : "Het veld %s staat twee keer in het verzoek (regel %d, teken %d): geef "
                           "het één keer.",
                 fault->pointer, line, column);
        field_fault_add(faults, fault->pointer, fault->code, "%s", detail);
        return;
    }
    snprintf(detail, size,
             english ? "The JSON cannot be read. At line %d, column %d: %s"
                     : "De JSON kan niet worden gelezen. Op regel %d, teken %d: %s",
             line, column, english ? fault->en : fault->nl);
}

static bool refuse_json(struct exchange *exchange, int result, const struct json_fault *fault) {
    struct field_faults *faults = &exchange->space->answer.faults;
    struct refusal refusal;
    if (result == ERROR_TOO_LARGE) return out_of_memory(exchange);
    if (result == ERROR_NO_MEMORY) {
        problem_say(exchange, 503, "unavailable",
                    "Dit lukt nu even niet. Probeer het over enkele seconden opnieuw.",
                    "This is not possible right now. Try again in a few seconds.");
        return false;
    }
    field_faults_clear(faults);
    json_input_tell(fault, fault->line, fault->column, exchange->language, &refusal, faults);
    problem_send(exchange, refusal.status, refusal.code, refusal.detail, faults);
    return false;
}

static bool needs_body(const struct operation *operation, const struct value *path_fields) {
    for (int i = 0; i < operation->input_count; i++) {
        const char *name = operation->input[i].name;
        if (operation->input[i].required && !value_entry_find(path_fields, name, strlen(name)))
            return true;
    }
    return false;
}

static bool input_of_body(struct exchange *exchange, const struct operation *operation,
                          const struct value *path_fields, struct value *ret_input) {
    const struct buffer *body = &exchange->space->body;
    size_t limit = operation->body_max_bytes ? operation->body_max_bytes
                                             : (size_t)OPERATION_BODY_MAX_BYTES;
    int64_t cap = exchange->edge->body_max_bytes;
    bool large = operation->large_body && body_may_exceed(exchange, cap);
    if (!large && (int64_t)limit > cap) limit = (size_t)cap;
    if (large && !exchange_begin_large(exchange)) return body_refuse_busy(exchange);
    if (!body_read(exchange, "application/json", (int64_t)limit)) return false;
    if (large && !exchange_scratch_large(exchange)) return body_refuse_busy(exchange);
    if (body->length == 0) {
        if (!needs_body(operation, path_fields))
            return join(exchange, path_fields, NULL, 0, ret_input);
        problem_say(exchange, 400, "empty_body", "Het verzoek is leeg: stuur een JSON-object.",
                    "The request is empty: send a JSON object.");
        return false;
    }
    const struct json_limits limits = {.keep_unfit = true};
    struct json_fault fault = {0};
    struct value value;
    int result = json_read(body->data, body->length, &limits, &exchange->scratch, &fault, &value);
    if (result != 0) return refuse_json(exchange, result, &fault);
    return join(exchange, path_fields, value.entries, value.length, ret_input);
}

bool json_input(struct exchange *exchange, const struct operation *operation,
                const struct value *path_fields, struct value *ret_input, bool *ret_lexical) {
    struct value_entry parameters[QUERY_PARAMETERS_MAX];
    struct query_fault fault;
    int count = 0;
    bool takes_query = !strcmp(operation->method, "GET") || !strcmp(operation->method, "DELETE");
    *ret_lexical = takes_query;
    if (!query_read(exchange->head->query, &exchange->scratch, &fault, parameters, &count))
        return refuse_query(exchange, &fault);
    if (takes_query) {
        if (!body_absent(exchange)) return false;
        return join(exchange, path_fields, parameters, (size_t)count, ret_input);
    }
    if (count > 0)
        return refuse_name(exchange, &parameters[0],
                           "Dit verzoek neemt geen velden uit het adres: zet ze in de inhoud.",
                           "This request takes no fields from the address: put them in the body.");
    return input_of_body(exchange, operation, path_fields, ret_input);
}

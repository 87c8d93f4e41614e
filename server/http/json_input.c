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
    problem_say(exchange, 413, "too_large", "Het verzoek is te groot om te verwerken.",
                "The request is too large to process.");
    return false;
}

static bool refuse_query(struct exchange *exchange, const struct query_fault *fault) {
    if (*fault->pointer)
        problem_point(exchange, 400, fault->code, fault->pointer, fault->nl, fault->en);
    else
        problem_say(exchange, 400, fault->code, fault->nl, fault->en);
    return false;
}

static bool refuse_name(struct exchange *exchange, const struct value_entry *entry) {
    char pointer[FIELD_POINTER_MAX];
    query_pointer(entry->name, entry->name_length, pointer);
    problem_point(exchange, 422, "unknown", pointer,
                  "Dit veld hoort niet op deze plaats in het verzoek.",
                  "This field does not belong in this place of the request.");
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
            return refuse_name(exchange, &entries[i]);
        all[path_count + i] = entries[i];
    }
    *ret_input = value_context(all, path_count + count);
    return true;
}

/* What is wrong with JSON, in Dutch; json.h's own text is English. */
static const char *dutch_reason(const char *code) {
    static const struct {
        const char *code, *reason;
    } reasons[] = {{"nul_character", "er staat een NUL-teken in"},
                   {"lone_surrogate", "een \\u-teken mist zijn andere helft"},
                   {"too_many_values", "er staan te veel waarden in"},
                   {"too_deep", "de haken zijn te diep genest"},
                   {"not_utf8", "de tekst is geen UTF-8"},
                   {"byte_order_mark", "laat de byte order mark aan het begin weg"},
                   {"not_an_object", "er moet een object { } staan"}};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (!strcmp(reasons[i].code, code)) return reasons[i].reason;
    return "hier staat iets dat er niet hoort, of er ontbreekt iets";
}

static bool refuse_json(struct exchange *exchange, int result, const struct json_fault *fault) {
    char nl[480], en[360];
    if (result == ERROR_TOO_LARGE) return out_of_memory(exchange);
    if (fault->number) {
        problem_point(exchange, 422, fault->code, fault->pointer,
                      "Dit getal heeft meer cijfers dan hier passen (34), of is te groot.",
                      "This number has more digits than fit here (34), or is too large.");
        return false;
    }
    if (!strcmp(fault->code, "duplicate_key")) {
        /* The pointer ends in the name: it says which. */
        snprintf(nl, sizeof nl,
                 "Het veld %s staat twee keer in het verzoek (regel %d, teken %d): geef het één "
                 "keer.",
                 fault->pointer, fault->line, fault->column);
        snprintf(en, sizeof en,
                 "The field %s stands twice in the request (line %d, column %d): give it once.",
                 fault->pointer, fault->line, fault->column);
        problem_point(exchange, 400, fault->code, fault->pointer, nl, en);
        return false;
    }
    snprintf(nl, sizeof nl, "De inhoud is geen geldige JSON, op regel %d, teken %d: %s.",
             fault->line, fault->column, dutch_reason(fault->code));
    snprintf(en, sizeof en, "The body is not valid JSON, at line %d, column %d: %s", fault->line,
             fault->column, fault->text);
    problem_say(exchange, 400, fault->code, nl, en);
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
    if (!body_read(exchange, "application/json", (int64_t)limit)) return false;
    if (body->length == 0) {
        if (!needs_body(operation, path_fields))
            return join(exchange, path_fields, NULL, 0, ret_input);
        problem_say(exchange, 400, "empty_body", "Het verzoek is leeg: stuur een JSON-object.",
                    "The request is empty: send a JSON object.");
        return false;
    }
    const struct json_limits limits = {0};
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
    if (count > 0) return refuse_name(exchange, &parameters[0]);
    return input_of_body(exchange, operation, path_fields, ret_input);
}

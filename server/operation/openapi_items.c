/* What openapi.json says of operations on many at once: bodies and answers are arrays, or a value
 * on every line. */
#include <string.h>

#include "openapi.h"

static const char lines_type[] = "application/x-ndjson";

/* An array of them, or one on every line. OpenAPI has no word for lines: the schema is that of one,
 * and the description says so. */
static struct value many_content(struct document *document, const char *schema) {
    struct record array, lines, content, list;
    record_init(&list, document->scratch);
    record_set_text(&list, "type", "array");
    record_set_integer(&list, "maxItems", ITEMS_MAX);
    record_set(&list, "items", openapi_reference(document, "schemas", schema));
    record_init(&array, document->scratch);
    record_set(&array, "schema", openapi_finish(document, &list));
    record_init(&lines, document->scratch);
    record_set(&lines, "schema", openapi_reference(document, "schemas", schema));
    record_init(&content, document->scratch);
    record_set(&content, "application/json", openapi_finish(document, &array));
    record_set(&content, lines_type, openapi_finish(document, &lines));
    return openapi_finish(document, &content);
}

/* The input of one, and the key by which it is done once. */
struct value openapi_items_body(struct document *document, const struct operation *operation,
                                struct record *schemas) {
    static const struct field key = {
        .name = "idempotency_key", .type = FIELD_TEXT, .length_minimum = 1,
        .length_maximum = IDEMPOTENCY_KEY_MAX,
        .label = {"sleutel van deze aanvraag", "key of this request"},
        .help = {"Dezelfde als de Idempotency-Key van een aanvraag op zichzelf: wat ermee is "
                 "gedaan, wordt niet nog eens gedaan.",
                 "The same as the Idempotency-Key of a request by itself: what was done with it is "
                 "not done again."}};
    const struct operation *each =
        openapi_operation(document, operation_find_named(operation->each));
    size_t count = (size_t)each->input_count + (each->idempotent_key ? 1 : 0);
    struct field *fields = scratch_take(document->scratch, count * sizeof *fields);
    struct value name = openapi_format(document, "%sItem", operation->name), schema;
    if (!fields || document->failed) {
        document->failed = true;
        return value_null();
    }
    memcpy(fields, each->input, (size_t)each->input_count * sizeof *fields);
    if (each->idempotent_key) fields[count - 1] = key;
    if (field_schema_record(fields, (int)count, document->language, openapi_schemas,
                            document->scratch, &schema)) {
        openapi_set_request(document, each, name.text, schema, schemas);
    } else {
        document->failed = true;
    }
    struct record body;
    record_init(&body, document->scratch);
    record_set_boolean(&body, "required", true);
    record_set(&body, "description",
               openapi_text(document,
                            "Een array, of als application/x-ndjson een aanvraag op elke regel; "
                            "hoogstens 10000. Elke 20 tellen als één aanvraag van de sleutel. "
                            "Met een Idempotency-Key gaat een afgebroken verzoek dat nog eens komt "
                            "verder waar het was.",
                            "An array, or as application/x-ndjson a request on every line; 10000 "
                            "at most. Every 20 count as one request of the key. With an "
                            "Idempotency-Key a call that broke off and comes again goes on where "
                            "it was."));
    record_set(&body, "content", many_content(document, name.text));
    return openapi_finish(document, &body);
}

/* {"index", "status", and the good answer of one or its problem}. */
struct value openapi_items_answer(struct document *document, const struct operation *operation,
                                  struct record *schemas) {
    struct record item, properties, integer, status, answer, headers;
    struct list required;
    struct value name = openapi_format(document, "%sAnswer", operation->name);
    struct value one = openapi_format(document, "%sAnswer", operation->each);
    if (document->failed) return value_null();
    record_init(&integer, document->scratch);
    record_set_text(&integer, "type", "integer");
    record_set(&integer, "description",
               openapi_text(document, "De hoeveelste aanvraag dit was, vanaf 0.",
                            "Which request this was, from 0."));
    record_init(&status, document->scratch);
    record_set_text(&status, "type", "integer");
    record_set(&status, "description",
               openapi_text(document, "Zoals een aanvraag op zichzelf wordt beantwoord: 201, 422 …",
                            "As a request by itself is answered: 201, 422 …"));
    record_init(&properties, document->scratch);
    record_set(&properties, "index", openapi_finish(document, &integer));
    record_set(&properties, "status", openapi_finish(document, &status));
    record_set(&properties, operation->each_name,
               openapi_reference(document, "schemas", one.text));
    record_set(&properties, "problem", openapi_reference(document, "schemas", "Problem"));
    list_init(&required, document->scratch);
    list_add(&required, value_text("index", 5));
    list_add(&required, value_text("status", 6));
    record_init(&item, document->scratch);
    record_set_text(&item, "type", "object");
    record_set(&item, "properties", openapi_finish(document, &properties));
    record_set(&item, "required", openapi_finish_list(document, &required));
    record_set(schemas, name.text, openapi_finish(document, &item));
    record_init(&headers, document->scratch);
    openapi_set_headers(document, operation, &headers);
    record_init(&answer, document->scratch);
    record_set(&answer, "description",
               openapi_text(document,
                            "Een antwoord per aanvraag, in volgorde, zodra het vaststaat.",
                            "An answer per request, in order, as soon as it is certain."));
    record_set(&answer, "headers", openapi_finish(document, &headers));
    record_set(&answer, "content", many_content(document, name.text));
    return openapi_finish(document, &answer);
}

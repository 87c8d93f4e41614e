/* openapi.json (OpenAPI 3.1) from the table of operations: paths, their input and answers, and the
 * schemas that they name. Parts that do not depend on the table are in openapi_parts.c. */
#include "openapi.h"

#include <stdlib.h>
#include <string.h>

#include "message/api_version.h"
#include "message/json.h"

enum { DOCUMENT_SCRATCH_BYTES = 32 * 1024 * 1024, SCHEMA_DEPTH_MAX = 16 };

const char openapi_schemas[] = "#/components/schemas/";

/* ---- named schemas --------------------------------------------------------------------------- */

static bool has_entry(const struct record *record, const char *name) {
    struct value value = record_value(record);
    return value_entry_find(&value, name, strlen(name)) != NULL;
}

static void add_named(struct document *document, const struct field *fields, int field_count,
                      bool answer, int depth, struct record *schemas) {
    if (depth > SCHEMA_DEPTH_MAX) {
        document->failed = true;
        return;
    }
    for (int at = 0; at < field_count; at++) {
        const struct field *field = &fields[at];
        if (field->type == FIELD_LIST) {
            add_named(document, field->fields, 1, answer, depth + 1, schemas);
        }
        if (field->type != FIELD_RECORD) continue;
        add_named(document, field->fields, field->field_count, answer, depth + 1, schemas);
        if (!field->schema || has_entry(schemas, field->schema)) continue;
        struct value schema;
        bool made = answer ? field_schema_answer(field->fields, field->field_count,
                                                 document->language, openapi_schemas,
                                                 document->scratch, &schema)
                           : field_schema_record(field->fields, field->field_count,
                                                 document->language, openapi_schemas,
                                                 document->scratch, &schema);
        if (made) record_set(schemas, field->schema, schema);
        else document->failed = true;
    }
}

/* ---- input ----------------------------------------------------------------------------------- */

static bool is_path_field(const struct operation *operation, const char *name) {
    size_t length = strlen(name);
    for (const char *at = strchr(operation->path, '{'); at; at = strchr(at + 1, '{')) {
        if (strncmp(at + 1, name, length) == 0 && at[1 + length] == '}') return true;
    }
    return false;
}

static bool has_body(const struct operation *operation) {
    if (operation->each) return true;
    if (strcmp(operation->method, "GET") == 0 || strcmp(operation->method, "DELETE") == 0) {
        return false;
    }
    for (int at = 0; at < operation->input_count; at++) {
        if (!is_path_field(operation, operation->input[at].name)) return true;
    }
    return false;
}

static struct value parameter(struct document *document, const struct field *field, bool path) {
    struct record record;
    struct value schema;
    record_init(&record, document->scratch);
    record_set_text(&record, "name", field->name);
    record_set_text(&record, "in", path ? "path" : "query");
    const char *help = text_in(&field->help, document->language);
    if (!*help) help = text_in(&field->label, document->language);
    if (*help) record_set_text(&record, "description", help);
    if (path || field->required) record_set_boolean(&record, "required", true);
    if (field_schema(field, document->language, openapi_schemas, document->scratch, &schema)) {
        record_set(&record, "schema", schema);
    } else {
        document->failed = true;
    }
    return openapi_finish(document, &record);
}

static struct value parameters_of(struct document *document, const struct operation *operation) {
    struct list list;
    bool body = has_body(operation);
    list_init(&list, document->scratch);
    for (int at = 0; at < operation->input_count; at++) {
        const struct field *field = &operation->input[at];
        bool path = is_path_field(operation, field->name);
        if (path || !body) list_add(&list, parameter(document, field, path));
    }
    if (operation->idempotent_key) {
        list_add(&list, openapi_reference(document, "parameters", "IdempotencyKey"));
    }
    if (operation->if_match) {
        list_add(&list, openapi_reference(document, "parameters", "IfMatch"));
    }
    list_add(&list, openapi_reference(document, "parameters", "AcceptLanguage"));
    list_add(&list, openapi_reference(document, "parameters", "KoppelVersion"));
    return openapi_finish_list(document, &list);
}

/* An example of the whole body, when each required field has one. */
static void set_body_example(struct document *document, const struct field *fields, int count,
                             struct record *media) {
    struct record example;
    struct json_limits limits = {.scalar_root = true};
    struct json_fault fault;
    record_init(&example, document->scratch);
    for (int at = 0; at < count; at++) {
        struct value value;
        if (!fields[at].example && fields[at].required) return;
        if (!fields[at].example) continue;
        if (json_read(fields[at].example, strlen(fields[at].example), &limits, document->scratch,
                      &fault, &value) != 0) {
            document->failed = true;
            return;
        }
        if (strcmp(fields[at].name, "product") == 0 && !openapi_knows_product(document, &value))
            return;
        record_set(&example, fields[at].name, value);
    }
    if (example.count > 0) record_set(media, "example", openapi_finish(document, &example));
}

static struct value body_of(struct document *document, const struct operation *operation,
                            struct record *schemas) {
    struct field *fields =
        scratch_take(document->scratch, (size_t)operation->input_count * sizeof *fields);
    struct value schema;
    struct value name = openapi_format(document, "%sRequest", operation->name);
    int count = 0;
    bool required = false;
    if (!fields || document->failed) {
        document->failed = true;
        return value_null();
    }
    for (int at = 0; at < operation->input_count; at++) {
        if (is_path_field(operation, operation->input[at].name)) continue;
        fields[count++] = operation->input[at];
        required = required || operation->input[at].required;
    }
    if (field_schema_record(fields, count, document->language, openapi_schemas, document->scratch,
                            &schema)) {
        openapi_set_request(document, operation, name.text, schema, schemas);
    } else {
        document->failed = true;
    }
    struct record body, content, media;
    record_init(&media, document->scratch);
    record_set(&media, "schema", openapi_reference(document, "schemas", name.text));
    set_body_example(document, fields, count, &media);
    record_init(&content, document->scratch);
    record_set(&content, "application/json", openapi_finish(document, &media));
    record_init(&body, document->scratch);
    if (required) record_set_boolean(&body, "required", true);
    record_set(&body, "content", openapi_finish(document, &content));
    return openapi_finish(document, &body);
}

/* ---- answers --------------------------------------------------------------------------------- */

void openapi_set_headers(struct document *document, const struct operation *operation,
                         struct record *headers) {
    record_set(headers, "Request-Id", openapi_reference(document, "headers", "RequestId"));
    record_set(headers, "Koppel-Version", openapi_reference(document, "headers", "KoppelVersion"));
    if (operation->deprecated_on)
        record_set(headers, "Deprecation", openapi_reference(document, "headers", "Deprecation"));
    if (operation->sunset_on)
        record_set(headers, "Sunset", openapi_reference(document, "headers", "Sunset"));
    if (operation->rate != RATE_NONE) {
        record_set(headers, "RateLimit-Policy",
                   openapi_reference(document, "headers", "RateLimitPolicy"));
        record_set(headers, "RateLimit", openapi_reference(document, "headers", "RateLimit"));
    }
    if (operation->idempotent_key) {
        record_set(headers, "Idempotent-Replayed",
                   openapi_reference(document, "headers", "IdempotentReplayed"));
    }
    if (operation->status == 201 || operation->status == 202)
        record_set(headers, "Location", openapi_reference(document, "headers", "Location"));
    if (operation->output_file)
        record_set(headers, "Content-Disposition",
                   openapi_reference(document, "headers", "ContentDisposition"));
    if (strcmp(operation->method, "GET") == 0)
        record_set(headers, "ETag", openapi_reference(document, "headers", "ETag"));
    for (int at = 0; at < operation->output_count; at++)
        if (strcmp(operation->output[at].name, "next") == 0)
            record_set(headers, "Link", openapi_reference(document, "headers", "Link"));
}

static struct value good_answer(struct document *document, const struct operation *operation,
                                struct record *schemas) {
    struct record answer, headers, content, media;
    record_init(&headers, document->scratch);
    openapi_set_headers(document, operation, &headers);
    record_init(&media, document->scratch);
    if (operation->output_file) {
        /* Bytes of the media type have no schema. */
    } else if (operation->output_text) {
        struct record text;
        record_init(&text, document->scratch);
        record_set_text(&text, "type", "string");
        record_set(&media, "schema", openapi_finish(document, &text));
    } else if (operation->output_count > 0) {
        struct value schema;
        struct value name = openapi_format(document, "%sAnswer", operation->name);
        if (!document->failed &&
            field_schema_answer(operation->output, operation->output_count, document->language,
                                openapi_schemas, document->scratch, &schema)) {
            record_set(schemas, name.text, schema);
            record_set(&media, "schema", openapi_reference(document, "schemas", name.text));
        } else {
            document->failed = true;
        }
    } else {
        struct record any;
        record_init(&any, document->scratch);
        record_set_text(&any, "type", "object");
        record_set(&media, "schema", openapi_finish(document, &any));
    }
    record_init(&answer, document->scratch);
    record_set_text(&answer, "description", text_in(&operation->summary, document->language));
    record_set(&answer, "headers", openapi_finish(document, &headers));
    if (operation->status != 204) {
        record_init(&content, document->scratch);
        record_set(&content, operation->media_type ? operation->media_type : "application/json",
                   openapi_finish(document, &media));
        record_set(&answer, "content", openapi_finish(document, &content));
    }
    return openapi_finish(document, &answer);
}

/* Refusals such as "unknown_product": what the body names does not exist. */
static bool names_unknown(const struct operation *operation) {
    for (const char *const *code = operation->refusals; code && *code; code++)
        if (strncmp(*code, "unknown_", strlen("unknown_")) == 0) return true;
    return false;
}

/* Refusals that tell of a state in which this cannot be done. */
static bool names_conflict(const struct operation *operation) {
    static const char *const conflicts[] = {"wrong_state", "finished", "not_done"};
    for (const char *const *code = operation->refusals; code && *code; code++)
        for (size_t at = 0; at < sizeof conflicts / sizeof *conflicts; at++)
            if (strcmp(*code, conflicts[at]) == 0) return true;
    return false;
}

static bool may_answer(const struct operation *operation, int status) {
    switch (status) {
    case 400:
    case 422:
        return operation->input_count > 0 || operation->each;
    case 403:
        return (operation->callers & ~(unsigned)CALLER_NOBODY) != 0;
    case 404:
        return strchr(operation->path, '{') != NULL || names_unknown(operation);
    case 409:
        return operation->idempotent_key || names_conflict(operation);
    case 412:
    case 428:
        return operation->if_match;
    case 413:
    case 415:
        return has_body(operation);
    case 429:
        return operation->rate != RATE_NONE;
    default:
        return true;
    }
}

static struct value responses_of(struct document *document, const struct operation *operation,
                                 struct record *schemas) {
    struct record responses;
    record_init(&responses, document->scratch);
    struct value status = openapi_format(document, "%d", operation->status);
    if (document->failed) return value_null();
    record_set(&responses, status.text,
               operation->each ? openapi_items_answer(document, operation, schemas)
                               : good_answer(document, operation, schemas));
    for (int at = 0; at < problem_kind_count; at++) {
        const struct problem_kind *kind = &problem_kinds[at];
        if (!may_answer(operation, kind->status)) continue;
        struct value number = openapi_format(document, "%d", kind->status);
        if (document->failed) return value_null();
        record_set(&responses, number.text, openapi_reference(document, "responses", kind->name));
    }
    return openapi_finish(document, &responses);
}

/* ---- operations ------------------------------------------------------------------------------ */

const struct operation *openapi_operation(struct document *document,
                                          const struct operation *operation) {
    if (!api_version_differs(document->version, operation->name)) return operation;
    struct operation *older = scratch_take(document->scratch, sizeof *older);
    bool made = older != NULL;
    if (made) {
        *older = *operation;
        made = api_version_fields(document->version, operation->name, API_INPUT, document->scratch,
                                  &older->input, &older->input_count) &&
               api_version_fields(document->version, operation->name, API_OUTPUT,
                                  document->scratch, &older->output, &older->output_count);
    }
    if (!made) document->failed = true;
    return made ? older : operation;
}

static struct value security_of(struct document *document, unsigned callers) {
    static const struct {
        unsigned caller;
        const char *scheme;
    } schemes[] = {{CALLER_SECRET_KEY, "secret_key"},
                   {CALLER_SECRET_KEY, "access_token"},
                   {CALLER_SECRET_KEY, "client_certificate"},
                   {CALLER_PUBLISHABLE_KEY, "publishable_key"},
                   {CALLER_ORGANISATION, "organisation_key"},
                   {CALLER_USER, "session"}};
    struct list list;
    list_init(&list, document->scratch);
    if (callers & CALLER_NOBODY) list_add(&list, value_context(NULL, 0));
    for (size_t at = 0; at < sizeof schemes / sizeof *schemes; at++) {
        struct record one;
        if (!(callers & schemes[at].caller)) continue;
        record_init(&one, document->scratch);
        record_set(&one, schemes[at].scheme, value_list(NULL, 0));
        list_add(&list, openapi_finish(document, &one));
    }
    return openapi_finish_list(document, &list);
}

/* Which users may: {"partner": ["adviser"], "organisation": []}. */
static struct value roles_of(struct document *document, unsigned roles) {
    struct record record;
    record_init(&record, document->scratch);
    for (int organisation = 0; organisation < 2; organisation++) {
        struct list names;
        list_init(&names, document->scratch);
        for (int at = 0; at < ROLE_COUNT; at++) {
            enum role role = role_at(at);
            if (!(roles & (unsigned)role) || role_of_organisation(role) != (bool)organisation)
                continue;
            list_add(&names, value_text(role_text(role), strlen(role_text(role))));
        }
        record_set(&record, organisation ? "organisation" : "partner",
                   openapi_finish_list(document, &names));
    }
    return openapi_finish(document, &record);
}

static struct value operation_object(struct document *document,
                                     const struct operation_group *group,
                                     const struct operation *operation, struct record *schemas) {
    struct record record;
    struct list tags, codes;
    record_init(&record, document->scratch);
    list_init(&tags, document->scratch);
    list_init(&codes, document->scratch);
    list_add(&tags, value_text(group->name, strlen(group->name)));
    record_set_text(&record, "operationId", operation->name);
    record_set_text(&record, "summary", text_in(&operation->summary, document->language));
    for (const char *const *code = operation->refusals; code && *code; code++) {
        list_add(&codes, value_text(*code, strlen(*code)));
    }
    if (operation->deprecated_on) record_set_boolean(&record, "deprecated", true);
    if (operation->sunset_on) record_set_text(&record, "x-sunset", operation->sunset_on);
    if (codes.count > 0) {
        record_set(&record, "x-problem-codes", openapi_finish_list(document, &codes));
    }
    record_set(&record, "tags", openapi_finish_list(document, &tags));
    record_set(&record, "security", security_of(document, operation->callers));
    if (operation->callers & CALLER_USER)
        record_set(&record, "x-roles", roles_of(document, operation->roles));
    record_set(&record, "parameters", parameters_of(document, operation));
    if (has_body(operation)) {
        record_set(&record, "requestBody",
                   operation->each ? openapi_items_body(document, operation, schemas)
                                   : body_of(document, operation, schemas));
    }
    record_set(&record, "responses", responses_of(document, operation, schemas));
    add_named(document, operation->input, operation->input_count, false, 0, schemas);
    add_named(document, operation->output, operation->output_count, true, 0, schemas);
    return openapi_finish(document, &record);
}

/* "GET" to "get": the key of an operation under its path. */
static const char *method_key(struct document *document, const char *method) {
    struct value text = openapi_format(document, "%s", method);
    if (document->failed) return "";
    char *key = (char *)text.text;
    for (uint32_t at = 0; at < text.length; at++) {
        if (key[at] >= 'A' && key[at] <= 'Z') key[at] = (char)(key[at] - 'A' + 'a');
    }
    return key;
}

/* Every operation with this path, in the order of the table. */
static struct value path_item(struct document *document, const char *path,
                              struct record *schemas) {
    struct record item;
    record_init(&item, document->scratch);
    for (int group = 0; group < operation_group_count; group++) {
        for (int row = 0; row < operation_groups[group]->count; row++) {
            const struct operation *operation = &operation_groups[group]->operations[row];
            if (operation->hidden || strcmp(operation->path, path) != 0) continue;
            record_set(&item, method_key(document, operation->method),
                       operation_object(document, operation_groups[group],
                                        openapi_operation(document, operation), schemas));
        }
    }
    return openapi_finish(document, &item);
}

static void set_operations(struct document *document, struct record *root,
                           struct record *schemas) {
    struct record paths;
    struct list tags;
    record_init(&paths, document->scratch);
    list_init(&tags, document->scratch);
    for (int group = 0; group < operation_group_count; group++) {
        bool shown = false;
        for (int row = 0; row < operation_groups[group]->count; row++) {
            const struct operation *operation = &operation_groups[group]->operations[row];
            if (operation->hidden) continue;
            shown = true;
            if (!has_entry(&paths, operation->path)) {
                record_set(&paths, operation->path,
                           path_item(document, operation->path, schemas));
            }
        }
        if (!shown) continue;
        struct record tag;
        record_init(&tag, document->scratch);
        record_set_text(&tag, "name", operation_groups[group]->name);
        list_add(&tags, openapi_finish(document, &tag));
    }
    record_set(root, "tags", openapi_finish_list(document, &tags));
    record_set(root, "paths", openapi_finish(document, &paths));
}

/* ---- the document ---------------------------------------------------------------------------- */

static void set_info(struct document *document, const char *public_url, struct record *root) {
    struct record info, license, server;
    struct list servers;
    record_init(&license, document->scratch);
    record_set_text(&license, "name", "MIT");
    record_set_text(&license, "identifier", "MIT");
    record_init(&info, document->scratch);
    record_set_text(&info, "title", "Koppel");
    record_set(&info, "description",
               openapi_text(document,
                            "Premies berekenen en offertes maken, voor systemen en websites van "
                            "partners. Bedragen zijn teksten met twee decimalen, datums zijn "
                            "JJJJ-MM-DD. Antwoorden kunnen er velden en keuzes bij krijgen; "
                            "onbekende velden in een aanvraag worden geweigerd. Wat er veranderde "
                            "en wat er verdwijnt, staat in het logboek: "
                            "[/changes](/api/v1/changes).",
                            "Computing premiums and making quotes, for partners' systems and "
                            "websites. Amounts are texts with two decimals, dates are YYYY-MM-DD. "
                            "Answers may get more fields and choices; unknown fields in a request "
                            "are refused. What has changed, and what goes, is in the change log: "
                            "[/changes](/api/v1/changes)."));
    record_set_text(&info, "version", api_version_date(document->version));
    record_set(&info, "license", openapi_finish(document, &license));
    record_init(&server, document->scratch);
    record_set(&server, "url", openapi_format(document, "%s/api/v1", public_url));
    list_init(&servers, document->scratch);
    list_add(&servers, openapi_finish(document, &server));
    record_set_text(root, "openapi", "3.1.0");
    record_set(root, "info", openapi_finish(document, &info));
    record_set_text(root, "jsonSchemaDialect", "https://json-schema.org/draft/2020-12/schema");
    record_set(root, "servers", openapi_finish_list(document, &servers));
}

static struct value make_document(struct document *document, const char *public_url) {
    struct record root, components, schemas;
    struct value problem;
    record_init(&root, document->scratch);
    record_init(&components, document->scratch);
    record_init(&schemas, document->scratch);
    set_info(document, public_url, &root);
    if (openapi_problem_schema(document, &problem)) record_set(&schemas, "Problem", problem);
    else document->failed = true;
    set_operations(document, &root, &schemas);
    openapi_set_interfaces(document, &schemas);
    record_set(&components, "schemas", openapi_finish(document, &schemas));
    openapi_set_parts(document, public_url, &components);
    record_set(&root, "components", openapi_finish(document, &components));
    return openapi_finish(document, &root);
}

void openapi_write(const char *public_url, enum language language, int version,
                   const struct openapi_interface *interfaces, int interface_count,
                   struct buffer *buffer) {
    void *memory = malloc(DOCUMENT_SCRATCH_BYTES);
    if (!memory) {
        buffer->failed = true;
        return;
    }
    struct scratch scratch;
    scratch_init(&scratch, memory, DOCUMENT_SCRATCH_BYTES);
    struct document document = {.language = language, .version = version, .scratch = &scratch,
                                .interfaces = interfaces, .interface_count = interface_count};
    struct value root = make_document(&document, public_url);
    if (document.failed) buffer->failed = true;
    else json_write(&root, 2, buffer);
    free(memory);
}

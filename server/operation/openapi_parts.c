/* The parts of openapi.json that do not depend on the table of operations: problem answers,
 * headers, parameters and security schemes, referred to by name. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "message/api_version.h"
#include "openapi.h"
#include "problem_title.h"

const struct problem_kind problem_kinds[] = {
    {"BadRequest", 400, "malformed",
     {"Het bericht is niet te lezen; de tekst zegt waar het misgaat.",
      "The message cannot be read; the text says where it goes wrong."}},
    {"Unauthorized", 401, "unauthorized",
     {"De sleutel ontbreekt, is onjuist, verlopen of ingetrokken.",
      "The key is missing, wrong, expired or revoked."}},
    {"Forbidden", 403, "wrong_kind_of_key",
     {"Met deze sleutel, of vanaf deze website, mag dit niet, of uw kantoor eist er meer bij: "
      "stronger_proof_required noemt in reason wat.",
      "Not with this key, or not from this website, or your firm requires more with it: "
      "stronger_proof_required names what in reason."}},
    {"NotFound", 404, "not_found",
     {"Dit bestaat niet, of is van een ander.", "This does not exist, or is another's."}},
    {"Conflict", 409, "idempotency_in_progress",
     {"Een aanvraag met deze Idempotency-Key is nog bezig, of iets is intussen gewijzigd.",
      "A request with this Idempotency-Key is in progress, or something changed meanwhile."}},
    {"PreconditionFailed", 412, "precondition_failed",
     {"Dit is gewijzigd sinds u het opvroeg: de ETag in If-Match is niet de laatste.",
      "This has changed since you fetched it: the ETag in If-Match is not the latest."}},
    {"TooLarge", 413, "body_too_large",
     {"Het bericht is groter dan toegestaan.", "The message is larger than allowed."}},
    {"UnsupportedMediaType", 415, "content_type",
     {"Stuur JSON: Content-Type: application/json.", "Send JSON: Content-Type: application/json."}},
    {"Unprocessable", 422, "invalid_fields",
     {"Een of meer velden zijn niet goed; errors noemt ze alle.",
      "One or more fields are wrong; errors names them all."}},
    {"PreconditionRequired", 428, "precondition_required",
     {"If-Match ontbreekt: stuur de ETag mee die u bij het opvragen kreeg.",
      "If-Match is missing: send the ETag along that came when you fetched this."}},
    {"TooManyRequests", 429, "too_many_requests",
     {"Te veel aanvragen in deze minuut; Retry-After zegt hoelang u moet wachten.",
      "Too many requests in this minute; Retry-After says how long to wait."}},
    {"InternalError", 500, "internal",
     {"Er ging bij ons iets mis.", "Something went wrong on our side."}},
    {"Unavailable", 503, "unavailable",
     {"Het lukt nu even niet; probeer het opnieuw met dezelfde Idempotency-Key.",
      "Not possible right now; try again with the same Idempotency-Key."}},
};
const int problem_kind_count = sizeof problem_kinds / sizeof *problem_kinds;

static const struct field fault_fields[] = {
    {.name = "pointer", .type = FIELD_TEXT, .required = true, .example = "\"/answers/birth_date\"",
     .help = {"Welk veld, als JSON Pointer (RFC 6901).",
              "Which field, as a JSON Pointer (RFC 6901)."}},
    {.name = "code", .type = FIELD_TEXT, .required = true, .example = "\"no_such_date\"",
     .help = {"Wat er mis is, voor programma's.", "What is wrong, for programs."}},
    {.name = "message", .type = FIELD_TEXT, .required = true,
     .help = {"Wat er mis is en wat mag, voor mensen.",
              "What is wrong and what is allowed, for people."}},
};
static const struct field fault_field = {.name = "error", .type = FIELD_RECORD,
                                         .fields = fault_fields, .field_count = 3};
static const struct field problem_fields[] = {
    {.name = "type", .type = FIELD_TEXT, .required = true, .format = "uri-reference",
     .help = {"Soort probleem, als adres.", "Kind of problem, as an address."}},
    {.name = "title", .type = FIELD_TEXT, .required = true,
     .help = {"Soort probleem, in woorden.", "Kind of problem, in words."}},
    {.name = "status", .type = FIELD_INTEGER, .required = true,
     .help = {"HTTP-status.", "HTTP status."}},
    {.name = "detail", .type = FIELD_TEXT,
     .help = {"Wat er mis is en wat u kunt doen.", "What is wrong and what you can do."}},
    {.name = "instance", .type = FIELD_TEXT, .format = "uri-reference",
     .help = {"Het adres van de aanvraag.", "The address of the request."}},
    {.name = "code", .type = FIELD_TEXT, .required = true,
     .help = {"Vaste code, voor programma's.", "Fixed code, for programs."}},
    {.name = "reason", .type = FIELD_TEXT,
     .help = {"Welke van de redenen van die code, bijvoorbeeld agreement_ended.",
              "Which of that code's reasons, such as agreement_ended."}},
    {.name = "request_id", .type = FIELD_TEXT,
     .help = {"Noem dit als u een vraag stelt.", "Name this when you ask about it."}},
    {.name = "errors", .type = FIELD_LIST, .fields = &fault_field,
     .help = {"Elk veld dat niet goed is.", "Each field that is wrong."}},
    {.name = "more_errors", .type = FIELD_BOOLEAN,
     .help = {"Er zijn er meer dan errors noemt: verbeter deze, en zie verder.",
              "There are more than errors names: correct these, and see what is left."}},
};

struct value openapi_format(struct document *document, const char *format, ...) {
    char text[600];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char *copy = NULL;
    if (length >= 0 && length < (int)sizeof text) {
        copy = scratch_take(document->scratch, (size_t)length + 1);
    }
    if (!copy) {
        document->failed = true;
        return value_null();
    }
    memcpy(copy, text, (size_t)length + 1);
    return value_text(copy, (size_t)length);
}

struct value openapi_reference(struct document *document, const char *kind, const char *name) {
    struct record record;
    record_init(&record, document->scratch);
    record_set(&record, "$ref", openapi_format(document, "#/components/%s/%s", kind, name));
    return openapi_finish(document, &record);
}

struct value openapi_text(const struct document *document, const char *nl, const char *en) {
    struct text text = {nl, en};
    const char *chosen = text_in(&text, document->language);
    return value_text(chosen, strlen(chosen));
}

struct value openapi_finish(struct document *document, const struct record *record) {
    if (record->failed) document->failed = true;
    return record_value(record);
}

struct value openapi_finish_list(struct document *document, const struct list *list) {
    if (list->failed) document->failed = true;
    return list_value(list);
}

bool openapi_problem_schema(struct document *document, struct value *ret_schema) {
    return field_schema_answer(problem_fields, sizeof problem_fields / sizeof *problem_fields,
                               document->language, "#/components/schemas/", document->scratch,
                               ret_schema);
}

/* ---- problem answers ------------------------------------------------------------------------- */

static struct value problem_example(struct document *document, const struct problem_kind *kind) {
    struct record example;
    record_init(&example, document->scratch);
    record_set(&example, "type", openapi_format(document, "urn:koppel:problem:%s", kind->code));
    record_set_text(&example, "title", problem_title(kind->status, document->language));
    record_set_integer(&example, "status", kind->status);
    record_set(&example, "detail",
               openapi_text(document, kind->description.nl, kind->description.en));
    record_set_text(&example, "code", kind->code);
    record_set_text(&example, "request_id", "req_06fjv3m2k8xq4t7w9zc1n5r0bd");
    if (kind->status == 422) {
        struct record fault;
        struct list faults;
        record_init(&fault, document->scratch);
        record_set_text(&fault, "pointer", "/answers/birth_date");
        record_set_text(&fault, "code", "no_such_date");
        record_set(&fault, "message",
                   openapi_text(document,
                                "Geboortedatum: deze datum bestaat niet; vul in: een datum, "
                                "geschreven als JJJJ-MM-DD.",
                                "Date of birth: there is no such date; give a date, written as "
                                "YYYY-MM-DD."));
        list_init(&faults, document->scratch);
        list_add(&faults, openapi_finish(document, &fault));
        record_set(&example, "errors", openapi_finish_list(document, &faults));
    }
    return openapi_finish(document, &example);
}

static struct value problem_response(struct document *document, const struct problem_kind *kind) {
    struct record response, headers, content, media;
    record_init(&headers, document->scratch);
    record_set(&headers, "Request-Id", openapi_reference(document, "headers", "RequestId"));
    if (kind->status == 429 || kind->status == 503 || kind->status == 409) {
        record_set(&headers, "Retry-After", openapi_reference(document, "headers", "RetryAfter"));
    }
    record_init(&media, document->scratch);
    record_set(&media, "schema", openapi_reference(document, "schemas", "Problem"));
    record_set(&media, "example", problem_example(document, kind));
    record_init(&content, document->scratch);
    record_set(&content, "application/problem+json", openapi_finish(document, &media));
    record_init(&response, document->scratch);
    record_set(&response, "description",
               openapi_text(document, kind->description.nl, kind->description.en));
    record_set(&response, "headers", openapi_finish(document, &headers));
    record_set(&response, "content", openapi_finish(document, &content));
    return openapi_finish(document, &response);
}

/* ---- headers, parameters, security ----------------------------------------------------------- */

static struct value typed_schema(struct document *document, const char *type) {
    struct record schema;
    record_init(&schema, document->scratch);
    record_set_text(&schema, "type", type);
    return openapi_finish(document, &schema);
}

static struct value header(struct document *document, const char *type, const char *nl,
                           const char *en) {
    struct record record;
    record_init(&record, document->scratch);
    record_set(&record, "description", openapi_text(document, nl, en));
    record_set(&record, "schema", typed_schema(document, type));
    return openapi_finish(document, &record);
}

static struct value headers_part(struct document *document) {
    struct record headers;
    record_init(&headers, document->scratch);
    record_set(&headers, "RequestId",
               header(document, "string", "Het kenmerk van deze aanvraag.",
                      "The id of this request."));
    record_set(&headers, "KoppelVersion",
               header(document, "string", "De versie van de API die gesproken werd.",
                      "The version of the API that was spoken."));
    record_set(&headers, "Deprecation",
               header(document, "string",
                      "Sinds wanneer dit verouderd is: @ en seconden sinds 1970 (RFC 9745). Wat "
                      "ervoor in de plaats komt, staat in het logboek, /changes.",
                      "Since when this is deprecated: @ and seconds since 1970 (RFC 9745). What "
                      "takes its place stands in the change log, /changes."));
    record_set(&headers, "Sunset",
               header(document, "string", "Vanaf wanneer dit weg kan zijn (RFC 8594).",
                      "From when this may be gone (RFC 8594)."));
    record_set(&headers, "RateLimit",
               header(document, "string",
                      "Wat er in dit tijdvak nog over is: \"default\";r=599;t=42.",
                      "What is left in this window: \"default\";r=599;t=42."));
    record_set(&headers, "RateLimitPolicy",
               header(document, "string", "Hoeveel er per tijdvak mag: \"default\";q=600;w=60.",
                      "How much is allowed per window: \"default\";q=600;w=60."));
    record_set(&headers, "RetryAfter",
               header(document, "integer", "Seconden om te wachten.", "Seconds to wait."));
    record_set(&headers, "IdempotentReplayed",
               header(document, "boolean",
                      "true als dit het bewaarde antwoord op een eerdere aanvraag is.",
                      "true when this is the kept answer to an earlier request."));
    record_set(&headers, "Location",
               header(document, "string", "Waar het gemaakte te lezen is.",
                      "Where what was made is read."));
    record_set(&headers, "ContentDisposition",
               header(document, "string", "De naam van het bestand.", "The name of the file."));
    record_set(&headers, "ETag",
               header(document, "string",
                      "Stuur dit mee als If-None-Match: 304 zegt dat er niets is gewijzigd.",
                      "Send this along as If-None-Match: 304 says that nothing changed."));
    record_set(&headers, "Link",
               header(document, "string",
                      "Het adres van de volgende bladzijde, met rel=\"next\"; ontbreekt op de "
                      "laatste.",
                      "The address of the next page, with rel=\"next\"; absent on the last."));
    return openapi_finish(document, &headers);
}

static struct value header_parameter(struct document *document, const char *name,
                                     const char *example, const char *nl, const char *en) {
    struct record parameter, schema;
    record_init(&schema, document->scratch);
    record_set_text(&schema, "type", "string");
    record_init(&parameter, document->scratch);
    record_set_text(&parameter, "name", name);
    record_set_text(&parameter, "in", "header");
    record_set(&parameter, "description", openapi_text(document, nl, en));
    record_set(&parameter, "schema", openapi_finish(document, &schema));
    record_set_text(&parameter, "example", example);
    return openapi_finish(document, &parameter);
}

static struct value parameters_part(struct document *document) {
    struct record parameters;
    record_init(&parameters, document->scratch);
    record_set(&parameters, "IdempotencyKey",
               header_parameter(document, "Idempotency-Key",
                                "4f1c8a3e-6d0b-4f0e-9d53-0a1f2b7c9e11",
                                "Een eigen, uniek kenmerk van deze opdracht (1 tot en met 255 "
                                "zichtbare ASCII-tekens). Dezelfde opdracht met hetzelfde kenmerk "
                                "geeft 24 uur lang hetzelfde antwoord en gebeurt maar één keer.",
                                "A unique key of your own for this request (1 to 255 visible ASCII "
                                "characters). The same request with the same key gives the same "
                                "answer for 24 hours, and is done once."));
    record_set(&parameters, "IfMatch",
               header_parameter(document, "If-Match", "\"r1-nl\"",
                                "De ETag die u bij het opvragen kreeg; verplicht. Is het intussen "
                                "gewijzigd, dan gebeurt er niets en is het antwoord 412.",
                                "The ETag that came when you fetched this; required. When it has "
                                "changed meanwhile nothing is done and the answer is 412."));
    record_set(&parameters, "KoppelVersion",
               header_parameter(document, "Koppel-Version",
                                api_version_date(document->version),
                                "De versie van de API die u spreekt; anders die waarop de sleutel "
                                "staat: de nieuwste toen hij gemaakt werd. Wat alleen iets "
                                "toevoegt, is er in elke versie.",
                                "The version of the API that you speak; else the one that the key "
                                "is pinned to: the newest when it was made. What only adds "
                                "something is there in every version."));
    record_set(&parameters, "AcceptLanguage",
               header_parameter(document, "Accept-Language", "nl",
                                "Taal van teksten: nl (gewoon) of en.",
                                "Language of texts: nl (by default) or en."));
    return openapi_finish(document, &parameters);
}

static struct value bearer_scheme(struct document *document, const char *nl, const char *en) {
    struct record scheme;
    record_init(&scheme, document->scratch);
    record_set_text(&scheme, "type", "http");
    record_set_text(&scheme, "scheme", "bearer");
    record_set(&scheme, "description", openapi_text(document, nl, en));
    return openapi_finish(document, &scheme);
}

static bool any_operation_of(unsigned callers) {
    for (int group = 0; group < operation_group_count; group++)
        for (int row = 0; row < operation_groups[group]->count; row++)
            if (operation_groups[group]->operations[row].callers & callers) return true;
    return false;
}

/* Tokens have the rights of their key: there are no scopes. */
static struct value oauth_scheme(struct document *document, const char *public_url) {
    struct record flow, flows, scheme;
    record_init(&flow, document->scratch);
    record_set(&flow, "tokenUrl", openapi_format(document, "%s/oauth2/token", public_url));
    record_set(&flow, "scopes", value_context(NULL, 0));
    record_init(&flows, document->scratch);
    record_set(&flows, "clientCredentials", openapi_finish(document, &flow));
    record_init(&scheme, document->scratch);
    record_set_text(&scheme, "type", "oauth2");
    record_set(&scheme, "description",
               openapi_text(document,
                            "Een kort geldig token in plaats van de geheime sleutel: client_id is "
                            "het id van de sleutel (key_…), client_secret de sleutel zelf.",
                            "A short-lived token in place of the secret key: client_id is the "
                            "key's id (key_…), client_secret the key itself."));
    record_set(&scheme, "flows", openapi_finish(document, &flows));
    return openapi_finish(document, &scheme);
}

static struct value certificate_scheme(struct document *document) {
    struct record scheme;
    record_init(&scheme, document->scratch);
    record_set_text(&scheme, "type", "mutualTLS");
    record_set(&scheme, "description",
               openapi_text(document,
                            "Een geregistreerd clientcertificaat, op het adres dat daarvoor is.",
                            "A registered client certificate, at the address for those."));
    return openapi_finish(document, &scheme);
}

static struct value security_part(struct document *document, const char *public_url) {
    struct record schemes, session;
    record_init(&schemes, document->scratch);
    record_set(&schemes, "secret_key",
               bearer_scheme(document,
                             "Geheime sleutel van uw systeem: sk_live_… of sk_test_…. Wat met "
                             "een testsleutel gemaakt is, telt nooit mee.",
                             "Secret key of your system: sk_live_… or sk_test_…. What a test "
                             "key makes never counts."));
    record_set(&schemes, "access_token", oauth_scheme(document, public_url));
    record_set(&schemes, "client_certificate", certificate_scheme(document));
    record_set(&schemes, "publishable_key",
               bearer_scheme(document,
                             "Publieke sleutel van uw website: pk_live_… of pk_test_…. Werkt "
                             "alleen vanaf de websites die erbij zijn opgegeven.",
                             "Publishable key of your website: pk_live_… or pk_test_…. Works "
                             "only from the websites that are listed for it."));
    record_init(&session, document->scratch);
    record_set_text(&session, "type", "apiKey");
    record_set_text(&session, "in", "cookie");
    record_set_text(&session, "name", "__Host-koppel");
    record_set(&session, "description",
               openapi_text(document, "De sessie van wie is ingelogd.",
                            "The session of who has logged in."));
    if (any_operation_of(CALLER_ORGANISATION))
        record_set(&schemes, "organisation_key",
                   bearer_scheme(document,
                                 "Sleutel van een systeem van de organisatie zelf: ok_live_… of "
                                 "ok_test_….",
                                 "Key of a system of the organisation itself: ok_live_… or "
                                 "ok_test_…."));
    if (any_operation_of(CALLER_USER))
        record_set(&schemes, "session", openapi_finish(document, &session));
    return openapi_finish(document, &schemes);
}

void openapi_set_parts(struct document *document, const char *public_url,
                       struct record *components) {
    struct record responses;
    record_init(&responses, document->scratch);
    for (int at = 0; at < problem_kind_count; at++) {
        record_set(&responses, problem_kinds[at].name,
                   problem_response(document, &problem_kinds[at]));
    }
    record_set(components, "responses", openapi_finish(document, &responses));
    record_set(components, "parameters", parameters_part(document));
    record_set(components, "headers", headers_part(document));
    record_set(components, "securitySchemes", security_part(document, public_url));
}

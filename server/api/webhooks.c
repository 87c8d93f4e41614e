/* Webhooks: the endpoints where a partner's systems are told of events; making, reading, changing
 * and deleting them, their secrets, and which events there are. What was sent is told by
 * webhook_deliveries.c. */
#include <stdio.h>
#include <string.h>

#include "base/encryption.h"
#include "operation/page.h"
#include "webhook_common.h"

/* ---- fields ---------------------------------------------------------------------------------- */
#define URL_FIELD(required_)                                                                      \
    {.name = "url", .type = FIELD_TEXT, .required = required_, .length_minimum = 1,               \
     .length_maximum = WEBHOOK_URL_MAX, .label = {"adres", "address"},                            \
     .help = {"Begint met https://; alleen openbare adressen.",                                   \
              "Begins with https://; public addresses only."},                                    \
     .example = "\"https://systeem.example.nl/koppel\""}
#define DESCRIPTION_FIELD                                                                         \
    {.name = "description", .type = FIELD_TEXT, .length_maximum = WEBHOOK_DESCRIPTION_MAX,        \
     .label = {"omschrijving", "description"}}
#define EVENTS_FIELD                                                                              \
    {.name = "events", .type = FIELD_LIST, .fields = webhook_type_item, .field_count = 1,         \
     .length_maximum = WEBHOOK_TYPES, .label = {"gebeurtenissen", "events"},                      \
     .help = {"Waarvan u wilt horen; leeg: van alle, ook van die later bestaan.",                 \
              "What you want to be told of; empty: of all, also of those that come later."},      \
     .example = "[\"application.issued\",\"policy.cancelled\"]"}
#define SECRET_FIELD                                                                              \
    {.name = "secret", .type = FIELD_TEXT, .required = true, .sensitive = true,                   \
     .label = {"geheim", "secret"},                                                               \
     .help = {"Waarmee u de handtekening controleert. U ziet het alleen nu: bewaar het.",         \
              "By which you verify the signature. It is shown only now: keep it."}}

static const struct field id_input[] = {WEBHOOK_ID_FIELD};
static const struct field create_input[] = {URL_FIELD(true), DESCRIPTION_FIELD, EVENTS_FIELD};
static const struct field change_input[] = {
    WEBHOOK_ID_FIELD, URL_FIELD(false), DESCRIPTION_FIELD, EVENTS_FIELD,
    {.name = "enabled", .type = FIELD_BOOLEAN, .label = {"staat aan", "is enabled"},
     .help = {"Bij uitzetten blijft bewaard wat nog niet was afgeleverd; bij aanzetten gaat dat "
              "alsnog.",
              "When disabled, what was not delivered yet is held; when enabled, it is sent after "
              "all."}}};
static const struct field list_input[] = {PAGE_FIELD_LIMIT, PAGE_FIELD_CURSOR};
static const struct field secret_fields[] = {WEBHOOK_FIELD_ROWS, SECRET_FIELD};
enum { SECRET_FIELDS = sizeof secret_fields / sizeof *secret_fields };

static const struct field list_item[] = {{.name = "webhook", .type = FIELD_RECORD,
                                          .required = true, .fields = webhook_fields,
                                          .field_count = WEBHOOK_FIELDS, .schema = "Webhook"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = list_item, .field_count = 1,
     .label = {"webhooks", "webhooks"}, .help = {"De oudste eerst.", "The oldest first."}},
    PAGE_FIELD_NEXT};
static const struct field deleted_output[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true,
     .label = {"id van de webhook", "id of the webhook"}},
    {.name = "deleted", .type = FIELD_BOOLEAN, .required = true,
     .label = {"is verwijderd", "is deleted"}}};

static const struct field type_fields[] = {
    {.name = "event", .type = FIELD_TEXT, .required = true, .label = {"gebeurtenis", "event"}},
    {.name = "description", .type = FIELD_TEXT, .required = true,
     .label = {"wat er gebeurde", "what happened"}}};
static const struct field types_item[] = {{.name = "event", .type = FIELD_RECORD,
                                           .required = true, .fields = type_fields,
                                           .field_count = 2, .schema = "WebhookEvent"}};
static const struct field types_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = types_item,
     .field_count = 1, .label = {"gebeurtenissen", "events"}}};

/* ---- answers --------------------------------------------------------------------------------- */
static int webhook_answer(struct call *call, const struct webhook *webhook) {
    struct record record;
    record_init(&record, call->scratch);
    webhook_set(&record, webhook, call->now_us);
    if (record.failed) return webhook_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

/* ---- input ----------------------------------------------------------------------------------- */
static int address_check(struct call *call, const char *url) {
    enum webhook_url_answer answer = webhook_url_check(&call->service->webhook_rules, url,
                                                       webhook_lookup_system, NULL);
    const struct text *text = webhook_url_text(answer);
    if (!text) return 0;
    if (answer == WEBHOOK_URL_LOOKUP_FAILED) {
        int status = call_refuse(call, 503, webhook_url_code(answer), text->nl, text->en);
        call->refusal.retry_after_s = 60;
        return status;
    }
    field_fault_add(&call->faults, "/url", webhook_url_code(answer), "%s",
                    text_in(text, call->language));
    return ERROR_INVALID;
}

static int address_take(struct call *call, struct webhook *webhook) {
    const char *url = record_get_text(&call->input, "url", call->scratch);
    if (!url) return record_get(&call->input, "url") ? webhook_no_scratch(call) : 0;
    int status = address_check(call, url);
    if (!status) snprintf(webhook->url, sizeof webhook->url, "%s", url);
    return status;
}

/* The order of the table, so that equal choices are equal texts. */
static void events_take(const struct value *events, struct webhook *webhook) {
    size_t length = 0;
    webhook->events[length++] = ',';
    for (int i = 0; i < WEBHOOK_TYPES; i++) {
        const char *code = webhook_types[i].code;
        bool asked = false;
        for (uint32_t j = 0; j < events->length; j++)
            asked |= events->items[j].length == strlen(code) &&
                     memcmp(events->items[j].text, code, strlen(code)) == 0;
        if (!asked) continue;
        length += (size_t)snprintf(webhook->events + length, sizeof webhook->events - length,
                                   "%s,", code);
    }
    if (length == 1) snprintf(webhook->events, sizeof webhook->events, "*");
}
_Static_assert(WEBHOOK_TYPES * WEBHOOK_TYPE_MAX < WEBHOOK_EVENTS_BYTES_MAX, "all events fit");

static int settings_take(struct call *call, struct webhook *webhook) {
    const struct value *events = record_get(&call->input, "events");
    const struct value *description = record_get(&call->input, "description");
    if (events) events_take(events, webhook);
    if (description)
        snprintf(webhook->description, sizeof webhook->description, "%.*s",
                 (int)description->length, description->text);
    return address_take(call, webhook);
}

/* ---- secrets --------------------------------------------------------------------------------- */
static int secrets_seal(struct call *call, struct webhook *webhook, const char *newest,
                        const char *before) {
    struct buffer text, sealed;
    if (!call->service->encryption)
        return error_set(&call->error, ERROR_INTERNAL,
                         "koppel.conf names no encryption_keys: secrets of webhooks cannot be "
                         "kept");
    buffer_init(&text, 2 * WEBHOOK_SECRET_MAX);
    buffer_init(&sealed, WEBHOOK_SEALED_MAX);
    buffer_format(&text, before ? "%s %s" : "%s", newest, before);
    int status = text.failed ? error_set(&call->error, buffer_failure(&text), "no memory")
                             : encryption_seal(call->service->encryption, webhook->id, text.data,
                                               text.length, &call->error, &sealed);
    if (!status) snprintf(webhook->sealed, sizeof webhook->sealed, "%s", sealed.data);
    if (text.data) explicit_bzero(text.data, text.length);
    buffer_done(&text);
    buffer_done(&sealed);
    return status;
}

/* The newest secret, in scratch. */
static int secret_unseal(struct call *call, const struct webhook *webhook,
                         const char **ret_secret) {
    struct buffer text;
    if (!call->service->encryption)
        return error_set(&call->error, ERROR_INTERNAL, "koppel.conf names no encryption_keys");
    buffer_init(&text, 2 * WEBHOOK_SECRET_MAX);
    int status = encryption_unseal(call->service->encryption, webhook->id, webhook->sealed,
                                   &call->error, &text);
    if (!status) {
        size_t length = strcspn(text.data, " ");
        char *secret = scratch_take(call->scratch, length + 1);
        if (secret) {
            memcpy(secret, text.data, length);
            secret[length] = '\0';
            *ret_secret = secret;
        } else {
            status = webhook_no_scratch(call);
        }
    }
    if (text.data) explicit_bzero(text.data, text.length);
    buffer_done(&text);
    return status;
}

/* A secret is never among what is kept for a repeated call: it is read from where it is. */
static int secret_finish(struct call *call) {
    struct webhook *webhook;
    const char *secret = NULL;
    struct value output = call->output;
    int status = webhook_find(call, record_get(&output, "id"), &webhook);
    if (!status) status = secret_unseal(call, webhook, &secret);
    if (status) return status;
    struct value_entry *entries =
        scratch_take(call->scratch, (output.length + 1) * sizeof *entries);
    if (!entries) return webhook_no_scratch(call);
    memcpy(entries, output.entries, output.length * sizeof *entries);
    entries[output.length] = (struct value_entry){
        .name = "secret", .name_length = 6, .value = value_text(secret, strlen(secret))};
    call->output = value_context(entries, output.length + 1);
    return 0;
}

/* ---- making ---------------------------------------------------------------------------------- */
static int insert_body(struct db_tx *tx, void *context, struct error *error) {
    return webhook_insert(tx, context, error);
}

static int create_webhook(struct call *call) {
    struct webhook *webhook = scratch_take(call->scratch, sizeof *webhook);
    char secret[WEBHOOK_SECRET_MAX];
    if (!webhook) return webhook_no_scratch(call);
    *webhook = (struct webhook){.events = "*",
                                .test = call->caller.test,
                                .revision = 1,
                                .created_us = call->now_us,
                                .changed_us = call->now_us};
    memcpy(webhook->partner_id, call->caller.partner_id, sizeof webhook->partner_id);
    id_make("whk", webhook->id);
    int status = settings_take(call, webhook);
    if (status) return status;
    webhook_secret_make(secret);
    status = secrets_seal(call, webhook, secret, NULL);
    explicit_bzero(secret, sizeof secret);
    if (!status) status = webhook_answer(call, webhook);
    if (!status) status = call_write(call, webhook->id, insert_body, webhook);
    if (status != ERROR_TOO_LARGE) return status;
    error_clear(&call->error);
    return call_refuse(call, 409, "too_many_webhooks",
                       "U heeft al tien webhooks: verwijder er eerst een.",
                       "You have ten webhooks already: delete one first.");
}
_Static_assert(WEBHOOK_ENDPOINTS_MAX == 10, "the refusal says so");

/* ---- reading --------------------------------------------------------------------------------- */
static int get_webhook(struct call *call) {
    struct webhook *webhook;
    int status = webhook_of_input(call, &webhook);
    return status ? status : webhook_answer(call, webhook);
}

struct listing {
    const char *above;
    bool test;
    int limit, count;
    struct webhook *webhooks; /* room for one more, which tells of a next page */
};

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    return webhook_list(tx, listing->test, listing->above, listing->limit + 1, error,
                        listing->webhooks, &listing->count);
}

static int list_webhooks(struct call *call) {
    struct listing listing = {
        .test = call->caller.test,
        .limit = (int)record_get_integer(&call->input, "limit", PAGE_LIMIT_DEFAULT)};
    int status = page_cursor(call, "whk", &listing.above);
    if (status) return status;
    listing.webhooks =
        scratch_take(call->scratch, ((size_t)listing.limit + 1) * sizeof *listing.webhooks);
    status = listing.webhooks ? call_read(call, list_body, &listing) : webhook_no_scratch(call);
    if (status) return status;
    int shown = listing.count < listing.limit ? listing.count : listing.limit;
    struct list items;
    struct record output;
    list_init(&items, call->scratch);
    for (int i = 0; i < shown; i++) {
        struct record record;
        record_init(&record, call->scratch);
        webhook_set(&record, &listing.webhooks[i], call->now_us);
        items.failed |= record.failed;
        list_add(&items, record_value(&record));
    }
    record_init(&output, call->scratch);
    record_set(&output, "items", list_value(&items));
    record_set_text(&output, "next",
                    shown < listing.count ? listing.webhooks[shown - 1].id : NULL);
    if (items.failed || output.failed) return webhook_no_scratch(call);
    call->output = record_value(&output);
    return 0;
}

static int list_types(struct call *call) {
    struct list items;
    struct record output;
    list_init(&items, call->scratch);
    for (int i = 0; i < WEBHOOK_TYPES; i++) {
        struct record record;
        record_init(&record, call->scratch);
        record_set_text(&record, "event", webhook_types[i].code);
        record_set_text(&record, "description",
                        text_in(&webhook_types[i].label, call->language));
        items.failed |= record.failed;
        list_add(&items, record_value(&record));
    }
    record_init(&output, call->scratch);
    record_set(&output, "items", list_value(&items));
    if (items.failed || output.failed) return webhook_no_scratch(call);
    call->output = record_value(&output);
    return 0;
}

/* ---- changing -------------------------------------------------------------------------------- */
static int update_body(struct db_tx *tx, void *context, struct error *error) {
    return webhook_update(tx, context, error);
}

static int change_write(struct call *call, struct webhook *webhook) {
    webhook->revision++;
    webhook->changed_us = call->now_us;
    int status = webhook_answer(call, webhook);
    if (!status) status = call_write(call, webhook->id, update_body, webhook);
    if (status != ERROR_CONFLICT) return status;
    error_clear(&call->error);
    return call_refuse_revision(call);
}

static int change_webhook(struct call *call) {
    struct webhook *webhook;
    int status = webhook_of_input(call, &webhook);
    if (!status) status = call_check_revision(call, webhook->revision);
    if (!status) status = settings_take(call, webhook);
    if (status) return status;
    bool enabled = record_get_boolean(&call->input, "enabled", !webhook->disabled);
    if (enabled && webhook->disabled) {
        webhook->disabled = WEBHOOK_ENABLED;
        webhook->disabled_us = webhook->failing_since_us = webhook->warned_us = 0;
        webhook->warnings = 0;
    } else if (!enabled && !webhook->disabled) {
        webhook->disabled = WEBHOOK_ASKED;
        webhook->disabled_us = call->now_us;
    }
    return change_write(call, webhook);
}

static int rotate_secret(struct call *call) {
    struct webhook *webhook;
    const char *before = NULL;
    char secret[WEBHOOK_SECRET_MAX];
    int status = webhook_of_input(call, &webhook);
    if (!status) status = secret_unseal(call, webhook, &before);
    if (status) return status;
    webhook_secret_make(secret);
    status = secrets_seal(call, webhook, secret, before);
    explicit_bzero(secret, sizeof secret);
    if (status) return status;
    webhook->overlap_until_us =
        call->now_us + WEBHOOK_OVERLAP_HOURS * INT64_C(3600000000);
    return change_write(call, webhook);
}

struct deleting {
    const struct webhook *webhook;
    int64_t now_us;
};

static int delete_body(struct db_tx *tx, void *context, struct error *error) {
    const struct deleting *deleting = context;
    return webhook_delete(tx, deleting->webhook, deleting->now_us, error);
}

static int delete_webhook(struct call *call) {
    struct webhook *webhook;
    struct record record;
    int status = webhook_of_input(call, &webhook);
    if (status) return status;
    record_init(&record, call->scratch);
    record_set_text(&record, "id", webhook->id);
    record_set_boolean(&record, "deleted", true);
    if (record.failed) return webhook_no_scratch(call);
    call->output = record_value(&record);
    struct deleting deleting = {.webhook = webhook, .now_us = call->now_us};
    return call_write(call, webhook->id, delete_body, &deleting);
}

/* ---- the table ------------------------------------------------------------------------------- */
static const char *const create_refusals[] = {"too_many_webhooks", "lookup_failed", NULL};
static const char *const change_refusals[] = {"precondition_required", "precondition_failed",
                                              "lookup_failed", NULL};
static const char *const rotate_refusals[] = {"precondition_failed", NULL};

#define ROW(name_, method_, path_, nl_, en_, input_, output_, output_count_, run_)                \
    .name = name_, .method = method_, .path = path_, .summary = {nl_, en_},                       \
    .callers = CALLER_SECRET_KEY | CALLER_USER, .roles = ROLE_PARTNER_ADMINISTRATOR,              \
    .input = input_,                                                                              \
    .input_count = sizeof input_ / sizeof *input_, .output = output_,                             \
    .output_count = output_count_, .run = run_

static const struct operation operations[] = {
    {ROW("CreateWebhook", "POST", "/webhooks", "Meld een webhook aan", "Register a webhook",
         create_input, secret_fields, SECRET_FIELDS, create_webhook),
     .status = 201, .idempotent_key = true, .audited = true, .revised = true, .rate = RATE_QUOTE,
     .refusals = create_refusals, .finish = secret_finish},
    {ROW("ListWebhooks", "GET", "/webhooks", "Lijst van webhooks", "List of webhooks", list_input,
         list_output, 2, list_webhooks),
     .status = 200, .rate = RATE_READ},
    {ROW("GetWebhook", "GET", "/webhooks/{webhook}", "Eén webhook", "One webhook", id_input,
         webhook_fields, WEBHOOK_FIELDS, get_webhook),
     .status = 200, .revised = true, .rate = RATE_READ},
    {ROW("ChangeWebhook", "PATCH", "/webhooks/{webhook}",
         "Wijzig een webhook, of zet hem aan of uit", "Change a webhook, enable or disable it",
         change_input, webhook_fields, WEBHOOK_FIELDS, change_webhook),
     .status = 200, .audited = true, .revised = true, .if_match = true, .rate = RATE_QUOTE,
     .refusals = change_refusals},
    {ROW("DeleteWebhook", "DELETE", "/webhooks/{webhook}", "Verwijder een webhook",
         "Delete a webhook", id_input, deleted_output, 2, delete_webhook),
     .status = 200, .audited = true, .rate = RATE_QUOTE},
    {ROW("RotateWebhookSecret", "POST", "/webhooks/{webhook}/rotate",
         "Geef een webhook een nieuw geheim; het vorige tekent nog een dag mee",
         "Give a webhook a new secret; the one before signs as well for a day", id_input,
         secret_fields, SECRET_FIELDS, rotate_secret),
     .status = 200, .idempotent_key = true, .audited = true, .revised = true, .rate = RATE_QUOTE,
     .refusals = rotate_refusals, .finish = secret_finish},
    {.name = "ListWebhookEvents", .method = "GET", .path = "/webhook-events",
     .summary = {"Lijst van gebeurtenissen waarvan u kunt horen",
                 "List of events that you can be told of"},
     .callers = CALLER_SECRET_KEY | CALLER_USER,
     .roles = ROLE_PARTNER_ADMINISTRATOR, .output = types_output, .output_count = 1, .status = 200,
     .rate = RATE_READ, .run = list_types}};
_Static_assert(WEBHOOK_OVERLAP_HOURS == 24, "the summary says a day");

extern const struct operation_group api_webhooks;
const struct operation_group api_webhooks = {.name = "webhooks",
                                             .operations = operations,
                                             .count = sizeof operations / sizeof *operations};

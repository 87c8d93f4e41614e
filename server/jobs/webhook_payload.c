/* The resources' own functions tell of applications, policies, their changes, leads and webhooks: a
 * message says the same as they do to a partner's system. Whom a lead is of it does not say:
 * messages are kept, and who may know asks for it. */
#include "jobs/webhook_payload.h"

#include <stdlib.h>
#include <string.h>

#include "api/lead_common.h"
#include "api/policy_change_common.h"
#include "api/transaction_common.h"
#include "api/webhook_common.h"
#include "base/clock.h"
#include "domain/policy_number.h"
#include "message/json.h"

enum { SCRATCH_BYTES = 512 * 1024 };

struct telling {
    const struct webhook_message *message;
    struct call call; /* a partner's system, as far as the resources look */
    struct scratch scratch;
    struct record data;
    struct webhook webhook;
    struct application application;
    struct policy policy;
    struct policy_change change;
    struct lead lead;
    char memory[SCRATCH_BYTES];
};

static const struct field accepted_fields[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true},
    {.name = "test", .type = FIELD_BOOLEAN, .required = true},
    {.name = "application_id", .type = FIELD_TEXT, .required = true},
    TRANSACTION_SALE_FIELDS};
enum { ACCEPTED_FIELDS = sizeof accepted_fields / sizeof *accepted_fields };
static const struct field id_fields[] = {{.name = "id", .type = FIELD_TEXT, .required = true}};

/* ---- reading -------------------------------------------------------------------------------- */
static bool about(const struct webhook_message *message, const char *prefix) {
    return strncmp(message->subject_id, prefix, strlen(prefix)) == 0;
}

/* One that is with another by now is told by its id alone. */
static int lead_take_in(struct db_tx *tx, struct telling *telling, struct error *error) {
    const struct webhook_message *message = telling->message;
    struct lead *lead = &telling->lead;
    int status =
        lead_outline_read(tx, message->subject_id, message->test, &telling->scratch, error, lead);
    if (status) return status;
    if (!lead->partner_id || strcmp(lead->partner_id, message->partner_id) != 0) lead->id = NULL;
    return 0;
}

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct telling *telling = context;
    const struct webhook_message *message = telling->message;
    struct error none = {0};
    int status = 0;
    scratch_init(&telling->scratch, telling->memory, sizeof telling->memory);
    telling->webhook.id[0] = '\0';
    if (about(message, "app_"))
        return application_read(tx, message->subject_id, message->test, &telling->scratch, error,
                                &telling->application);
    if (about(message, "pol_")) {
        char today[CLOCK_DATE_MAX];
        clock_amsterdam_date_text(clock_now_us(), today);
        return policy_read(tx, message->subject_id, message->test, today, &telling->scratch, error,
                           &telling->policy);
    }
    if (about(message, "led_")) return lead_take_in(tx, telling, error);
    if (about(message, "chg_") || about(message, "rnw_"))
        return policy_change_read(tx, NULL, message->subject_id, message->test,
                                  &telling->scratch, error, &telling->change);
    status = webhook_read(tx, message->subject_id, message->test, &none, &telling->webhook);
    return status && status != ERROR_NOT_FOUND ? error_set(error, none.code, "%s", none.text) : 0;
}

/* A policy of an older program may have no number yet. */
static int subject_read(struct service *service, struct telling *telling, struct error *error) {
    int status = db_read(service->db, &db_scope_all, read_body, telling, error);
    const char *policy_id = telling->policy.id ? telling->policy.id
                                               : telling->application.policy_id;
    bool numbered = telling->policy.id ? telling->policy.number != NULL
                                       : telling->application.policy_number != NULL;
    if (status || !policy_id || numbered) return status;
    char id[ID_MAX], number[POLICY_NUMBER_MAX];
    size_t length = strlen(policy_id);
    memcpy(id, policy_id, length < sizeof id ? length + 1 : sizeof id);
    id[sizeof id - 1] = '\0';
    status = policy_number_assign(service->db, id, error, number);
    return status ? status : db_read(service->db, &db_scope_all, read_body, telling, error);
}

/* ---- writing -------------------------------------------------------------------------------- */
static void accepted_set(struct record *record, const struct telling *telling) {
    const struct application *application = &telling->application;
    record_set_text(record, "id", application->quote_id);
    record_set_boolean(record, "test", application->test);
    record_set_text(record, "application_id", application->id);
    record_set_text(record, "product", application->product);
    record_set_text(record, "effective_date", application->effective_date);
    record_set_text(record, "term", application->term);
    record_set_integer(record, "instalments", application->instalments);
    record_set_cents(record, "instalment", application->instalment_cents);
    record_set_cents(record, "total", application->total_cents);
    record_set_text(record, "reference", application->reference);
}

static int data_make(struct telling *telling, int64_t now_us, const struct field **ret_fields,
                     int *ret_count) {
    struct record *record = &telling->data;
    record_init(record, &telling->scratch);
    if (telling->application.id && strcmp(telling->message->type, WEBHOOK_TYPE_ACCEPTED) == 0) {
        accepted_set(record, telling);
        *ret_fields = accepted_fields;
        *ret_count = ACCEPTED_FIELDS;
    } else if (telling->application.id) {
        application_set_whole(&telling->call, record, &telling->application);
        *ret_fields = application_fields;
        *ret_count = APPLICATION_FIELDS;
    } else if (telling->policy.id) {
        policy_set(&telling->call, record, &telling->policy);
        *ret_fields = policy_fields;
        *ret_count = POLICY_FIELDS;
    } else if (telling->change.id) {
        *ret_fields = policy_change_fields;
        *ret_count = POLICY_CHANGE_FIELDS;
        return policy_change_set(&telling->call, record, &telling->change);
    } else if (telling->lead.id) {
        *ret_fields = lead_fields;
        *ret_count = LEAD_FIELDS;
        return lead_set(&telling->call, record, &telling->lead, NULL);
    } else if (*telling->webhook.id) {
        webhook_set(record, &telling->webhook, now_us);
        *ret_fields = webhook_fields;
        *ret_count = WEBHOOK_FIELDS;
    } else {
        record_set_text(record, "id", telling->message->subject_id);
        *ret_fields = id_fields;
        *ret_count = 1;
    }
    return 0;
}

static int message_write(struct telling *telling, int64_t now_us, struct error *error,
                         struct buffer *buffer) {
    const struct webhook_message *message = telling->message;
    const struct field *fields = NULL;
    int count = 0;
    char happened[CLOCK_INSTANT_MAX];
    if (data_make(telling, now_us, &fields, &count))
        return error_set(error, ERROR_INTERNAL, "%s cannot be told: %.200s", message->subject_id,
                         telling->call.error.text);
    clock_write_instant(message->happened_us, happened);
    buffer_format(buffer, "{\"type\":\"%s\",\"timestamp\":\"%s\",\"data\":", message->type,
                  happened);
    struct value data = record_value(&telling->data);
    field_encode_json(fields, count, &data, buffer);
    buffer_char(buffer, '}');
    if (telling->data.failed) return error_set(error, ERROR_TOO_LARGE, "a message is too large");
    if (buffer->failed) return error_set(error, buffer_failure(buffer), "a message is too large");
    return 0;
}

int webhook_payload_write(struct service *service, const struct webhook_message *message,
                          int64_t now_us, struct error *error, struct buffer *buffer) {
    struct telling *telling = calloc(1, sizeof *telling);
    if (!telling) return error_set(error, ERROR_NO_MEMORY, "no memory for a message");
    telling->message = message;
    telling->call.service = service;
    telling->call.scratch = &telling->scratch;
    telling->call.now_us = now_us;
    telling->call.caller.kind = CALLER_SECRET_KEY;
    telling->call.caller.test = message->test;
    int status = subject_read(service, telling, error);
    if (!status) status = message_write(telling, now_us, error, buffer);
    free(telling);
    return status;
}

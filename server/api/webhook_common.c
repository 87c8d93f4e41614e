/* Shared by webhooks.c, webhook_deliveries.c and the job of webhooks. */
#include "webhook_common.h"

#include <string.h>

const struct field webhook_type_item[1] = {
    {.name = "event", .type = FIELD_CHOICE, .required = true, .choices = webhook_types,
     .choice_count = WEBHOOK_TYPES, .label = {"gebeurtenis", "event"}}};

const struct field_choice webhook_disabled_reasons[WEBHOOK_DISABLED_REASONS] = {
    {"asked", {"u vroeg erom", "you asked for it"}},
    {"gone", {"de ontvanger antwoordde 410", "the receiver answered 410"}},
    {"failing", {"faalde te lang", "failed for too long"}}};

const struct field webhook_fields[WEBHOOK_FIELDS] = {WEBHOOK_FIELD_ROWS};

int webhook_no_scratch(struct call *call) {
    return error_set(&call->error, ERROR_TOO_LARGE, "webhooks need more scratch memory");
}

/* ---- answers --------------------------------------------------------------------------------- */
static struct value events_value(struct record *record, const char *events) {
    struct list list;
    if (strcmp(events, "*") == 0) return value_null();
    list_init(&list, record->scratch);
    for (int i = 0; i < WEBHOOK_TYPES; i++) {
        const char *code = webhook_types[i].code;
        const char *at = strstr(events, code);
        size_t length = strlen(code);
        if (at && at > events && at[-1] == ',' && at[length] == ',')
            list_add(&list, value_text(code, length));
    }
    record->failed |= list.failed;
    return list_value(&list);
}

static void instant_set(struct record *record, const char *name, int64_t instant_us) {
    if (instant_us) record_set_instant(record, name, instant_us);
    else record_set(record, name, value_null());
}

void webhook_set(struct record *record, const struct webhook *webhook, int64_t now_us) {
    record_copy_text(record, "id", webhook->id, strlen(webhook->id));
    record_set_integer(record, "revision", webhook->revision);
    record_set_boolean(record, "test", webhook->test);
    record_copy_text(record, "url", webhook->url, strlen(webhook->url));
    record_copy_given(record, "description", webhook->description);
    record_set(record, "events", events_value(record, webhook->events));
    record_set_boolean(record, "enabled", !webhook->disabled);
    record_set_text(record, "disabled_reason", webhook_disabled_text(webhook->disabled));
    instant_set(record, "disabled_at", webhook->disabled_us);
    instant_set(record, "failing_since", webhook->failing_since_us);
    record_set_integer(record, "warnings", webhook->warnings);
    instant_set(record, "previous_secret_until",
                webhook->overlap_until_us > now_us ? webhook->overlap_until_us : 0);
    record_set_instant(record, "created_at", webhook->created_us);
    record_set_instant(record, "changed_at", webhook->changed_us);
}

/* ---- reading one ----------------------------------------------------------------------------- */
struct reading {
    const char *id;
    bool test;
    struct webhook *webhook;
};

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct reading *reading = context;
    return webhook_read(tx, reading->id, reading->test, error, reading->webhook);
}

int webhook_find(struct call *call, const struct value *id, struct webhook **ret_webhook) {
    char text[ID_MAX];
    if (!id || id->length >= sizeof text || !id_valid("whk", id->text, id->length))
        return call_not_found(call);
    memcpy(text, id->text, id->length);
    text[id->length] = '\0';
    struct reading reading = {.id = text,
                              .test = call->caller.test,
                              .webhook = scratch_take(call->scratch, sizeof *reading.webhook)};
    if (!reading.webhook) return webhook_no_scratch(call);
    int status = call_read(call, read_body, &reading);
    if (status != ERROR_NOT_FOUND) {
        if (!status) *ret_webhook = reading.webhook;
        return status;
    }
    error_clear(&call->error);
    return call_not_found(call);
}

int webhook_of_input(struct call *call, struct webhook **ret_webhook) {
    return webhook_find(call, record_get(&call->input, "webhook"), ret_webhook);
}

int webhook_refuse_disabled(struct call *call) {
    return call_refuse(call, 409, "webhook_disabled",
                       "Deze webhook staat uit: zet hem eerst aan.",
                       "This webhook is disabled: enable it first.");
}

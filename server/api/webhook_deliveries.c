/* What was sent to a webhook and what became of it, a test message on request, and sending one
 * anew. */
#include <stdlib.h>
#include <string.h>

#include "operation/page.h"
#include "webhook_common.h"

enum { TRIES_SHOWN_MAX = 20 }; /* of a message, the last ones */

/* ---- fields ---------------------------------------------------------------------------------- */
static const struct field_choice states[] = {
    {"pending", {"wordt (opnieuw) verzonden", "is sent, now or again later"}},
    {"held", {"wacht tot de webhook aan staat", "waits until the webhook is enabled"}},
    {"delivered", {"afgeleverd", "delivered"}},
    {"failed", {"opgegeven", "given up"}}};
enum { STATES = 4 };

static const struct field_choice outcomes[] = {
    {"delivered", {"afgeleverd", "delivered"}},
    {"status", {"het antwoord had geen status van 200 tot 299",
                "the answer had no status of 200 to 299"}},
    {"redirect", {"het antwoord verwees door: dat wordt niet gevolgd",
                  "the answer redirected, which is not followed"}},
    {"gone", {"het antwoord was 410: de ontvanger wil niet meer",
              "the answer was 410: the receiver wants no more"}},
    {"timed_out", {"geen verbinding of geheel antwoord op tijd",
                   "no connection or whole answer in time"}},
    {"unknown_host", {"de servernaam is niet te vinden", "the server's name cannot be found"}},
    {"address_refused", {"de servernaam leidt naar een adres dat niet openbaar is",
                         "the server's name leads to an address that is not public"}},
    {"no_connection", {"de server nam geen verbinding aan", "the server took no connection"}},
    {"certificate", {"het certificaat van de server of de beveiliging deugt niet",
                     "the server's certificate or its TLS is not sound"}},
    {"dropped", {"de verbinding brak af voor het antwoord er was",
                 "the connection broke before the answer was there"}},
    {"answer_too_large", {"de koppen van het antwoord waren te groot",
                          "the headers of the answer were too large"}}};
enum { OUTCOMES = sizeof outcomes / sizeof *outcomes };

static const struct field try_fields[] = {
    {.name = "number", .type = FIELD_INTEGER, .required = true,
     .label = {"hoeveelste poging", "which try"}},
    {.name = "at", .type = FIELD_TEXT, .required = true, .format = "date-time",
     .label = {"wanneer", "when"}},
    {.name = "duration_ms", .type = FIELD_INTEGER, .required = true,
     .label = {"duur in milliseconden", "duration in milliseconds"}},
    {.name = "outcome", .type = FIELD_CHOICE, .required = true, .choices = outcomes,
     .choice_count = OUTCOMES, .label = {"uitkomst", "outcome"}},
    {.name = "http_status", .type = FIELD_INTEGER, .required = true, .nullable = true,
     .label = {"status van het antwoord", "status of the answer"}},
    {.name = "answer", .type = FIELD_TEXT, .required = true, .nullable = true,
     .length_maximum = WEBHOOK_ANSWER_KEPT_MAX_BYTES,
     .label = {"begin van het antwoord", "beginning of the answer"}}};
static const struct field try_item[] = {{.name = "try", .type = FIELD_RECORD, .required = true,
                                         .fields = try_fields,
                                         .field_count = sizeof try_fields / sizeof *try_fields,
                                         .schema = "WebhookTry"}};

static const struct field delivery_fields[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true,
     .label = {"id van het bericht: de webhook-id", "id of the message: the webhook-id"}},
    {.name = "webhook", .type = FIELD_TEXT, .required = true,
     .label = {"de webhook", "the webhook"}},
    {.name = "event", .type = FIELD_TEXT, .required = true, .label = {"gebeurtenis", "event"}},
    {.name = "subject_id", .type = FIELD_TEXT, .required = true,
     .label = {"waarmee het gebeurde", "to what it happened"}},
    {.name = "happened_at", .type = FIELD_TEXT, .required = true, .format = "date-time",
     .label = {"wanneer het gebeurde", "when it happened"}},
    {.name = "status", .type = FIELD_CHOICE, .required = true, .choices = states,
     .choice_count = STATES, .label = {"status", "status"}},
    {.name = "next_at", .type = FIELD_TEXT, .required = true, .nullable = true,
     .format = "date-time", .label = {"volgende poging", "next try"},
     .help = {"Terwijl een poging loopt: wanneer de volgende begint als er van deze niets komt.",
              "While a try is under way: when the next begins if nothing comes of it."}},
    {.name = "try_count", .type = FIELD_INTEGER, .required = true,
     .label = {"pogingen tot nu toe", "tries until now"}},
    {.name = "tries", .type = FIELD_LIST, .required = true, .fields = try_item, .field_count = 1,
     .length_maximum = TRIES_SHOWN_MAX, .label = {"pogingen", "tries"},
     .help = {"De laatste twintig, in volgorde.", "The last twenty, in order."}}};
enum { DELIVERY_FIELDS = sizeof delivery_fields / sizeof *delivery_fields };
_Static_assert(TRIES_SHOWN_MAX == 20, "the help says so");

static const struct field id_input[] = {WEBHOOK_ID_FIELD};
static const struct field resend_input[] = {
    WEBHOOK_ID_FIELD,
    {.name = "delivery", .type = FIELD_TEXT, .required = true,
     .label = {"id van het bericht", "id of the message"}}};
static const struct field list_input[] = {
    WEBHOOK_ID_FIELD, PAGE_FIELD_LIMIT, PAGE_FIELD_CURSOR,
    {.name = "status", .type = FIELD_CHOICE, .choices = states, .choice_count = STATES,
     .label = {"alleen deze status", "only this status"}}};
static const struct field list_item[] = {{.name = "delivery", .type = FIELD_RECORD,
                                          .required = true, .fields = delivery_fields,
                                          .field_count = DELIVERY_FIELDS,
                                          .schema = "WebhookDelivery"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = list_item, .field_count = 1,
     .label = {"berichten", "messages"},
     .help = {"De nieuwste eerst; na dertig dagen worden ze verwijderd.",
              "The newest first; after thirty days they are removed."}},
    PAGE_FIELD_NEXT};
_Static_assert(WEBHOOK_KEEP_DAYS == 30, "the help says so");

/* ---- answers --------------------------------------------------------------------------------- */
static struct value tries_value(struct call *call, const struct webhook_try *tries, int count,
                                bool *failed) {
    struct list list;
    list_init(&list, call->scratch);
    for (int i = 0; i < count; i++) {
        struct record record;
        record_init(&record, call->scratch);
        record_set_integer(&record, "number", tries[i].number);
        record_set_instant(&record, "at", tries[i].at_us);
        record_set_integer(&record, "duration_ms", tries[i].duration_ms);
        record_set_text(&record, "outcome", tries[i].outcome);
        if (tries[i].http_status) record_set_integer(&record, "http_status", tries[i].http_status);
        else record_set(&record, "http_status", value_null());
        record_copy_given(&record, "answer", tries[i].answer);
        *failed |= record.failed;
        list_add(&list, record_value(&record));
    }
    *failed |= list.failed;
    return list_value(&list);
}

static struct value delivery_value(struct call *call, const struct webhook_message *message,
                                   const struct webhook_try *tries, int try_count, bool *failed) {
    struct record record;
    record_init(&record, call->scratch);
    record_set_text(&record, "id", message->id);
    record_set_text(&record, "webhook", message->endpoint_id);
    record_set_text(&record, "event", message->type);
    record_set_text(&record, "subject_id", message->subject_id);
    record_set_instant(&record, "happened_at", message->happened_us);
    record_set_text(&record, "status", webhook_state_text(message->state));
    if (message->state == WEBHOOK_PENDING)
        record_set_instant(&record, "next_at", message->next_us);
    else record_set(&record, "next_at", value_null());
    record_set_integer(&record, "try_count", message->tries);
    record_set(&record, "tries", tries_value(call, tries, try_count, failed));
    *failed |= record.failed;
    return record_value(&record);
}

static int delivery_answer(struct call *call, const struct webhook_message *message) {
    bool failed = false;
    call->output = delivery_value(call, message, NULL, 0, &failed);
    return failed ? webhook_no_scratch(call) : 0;
}

/* ---- listing --------------------------------------------------------------------------------- */
struct listing {
    const char *endpoint_id, *below, *state;
    int limit, count;
    struct webhook_message *messages; /* room for one more, which tells of a next page */
    struct {
        struct webhook_try *tries;
        int count;
    } tries[PAGE_LIMIT_MAX];
    struct scratch *scratch;
    struct webhook_try read[TRIES_SHOWN_MAX];
};

static int tries_read(struct listing *listing, struct db_tx *tx, int at, struct error *error) {
    int count = 0;
    int status = webhook_try_list(tx, listing->endpoint_id, listing->messages[at].id,
                                  TRIES_SHOWN_MAX, error, listing->read, &count);
    if (status) return status;
    listing->tries[at].tries =
        scratch_take(listing->scratch, (size_t)(count ? count : 1) * sizeof *listing->read);
    if (!listing->tries[at].tries)
        return error_set(error, ERROR_TOO_LARGE, "webhooks need more scratch memory");
    memcpy(listing->tries[at].tries, listing->read, (size_t)count * sizeof *listing->read);
    listing->tries[at].count = count;
    return 0;
}

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    int status = webhook_message_list(tx, listing->endpoint_id, listing->below, listing->state,
                                      listing->limit + 1, error, listing->messages,
                                      &listing->count);
    for (int i = 0; !status && i < listing->count && i < listing->limit; i++)
        status = tries_read(listing, tx, i, error);
    return status;
}

static int list_deliveries(struct call *call) {
    struct webhook *webhook;
    struct listing *listing = scratch_take(call->scratch, sizeof *listing);
    int status = webhook_of_input(call, &webhook);
    if (status) return status;
    if (!listing) return webhook_no_scratch(call);
    listing->endpoint_id = webhook->id;
    listing->state = record_get_text(&call->input, "status", call->scratch);
    listing->limit = (int)record_get_integer(&call->input, "limit", PAGE_LIMIT_DEFAULT);
    listing->count = 0;
    listing->scratch = call->scratch;
    status = page_cursor(call, "msg", &listing->below);
    if (status) return status;
    listing->messages =
        scratch_take(call->scratch, ((size_t)listing->limit + 1) * sizeof *listing->messages);
    status = listing->messages ? call_read(call, list_body, listing) : webhook_no_scratch(call);
    if (status) return status;
    int shown = listing->count < listing->limit ? listing->count : listing->limit;
    bool failed = false;
    struct list items;
    struct record output;
    list_init(&items, call->scratch);
    for (int i = 0; i < shown; i++)
        list_add(&items, delivery_value(call, &listing->messages[i], listing->tries[i].tries,
                                        listing->tries[i].count, &failed));
    record_init(&output, call->scratch);
    record_set(&output, "items", list_value(&items));
    record_set_text(&output, "next",
                    shown < listing->count ? listing->messages[shown - 1].id : NULL);
    if (failed || items.failed || output.failed) return webhook_no_scratch(call);
    call->output = record_value(&output);
    return 0;
}

/* ---- sending --------------------------------------------------------------------------------- */
struct sending {
    const struct webhook *webhook;
    struct webhook_message *message;
    const char *id;
    int64_t now_us;
};

static int test_body(struct db_tx *tx, void *context, struct error *error) {
    const struct sending *sending = context;
    return webhook_test_insert(tx, sending->webhook, sending->id, sending->now_us, error);
}

static int send_test(struct call *call) {
    struct webhook *webhook;
    int status = webhook_of_input(call, &webhook);
    if (status) return status;
    if (webhook->disabled) return webhook_refuse_disabled(call);
    struct webhook_message *message = scratch_take(call->scratch, sizeof *message);
    if (!message) return webhook_no_scratch(call);
    *message = (struct webhook_message){.type = WEBHOOK_TYPE_TEST,
                                        .happened_us = call->now_us,
                                        .next_us = call->now_us};
    memcpy(message->endpoint_id, webhook->id, sizeof message->endpoint_id);
    memcpy(message->subject_id, webhook->id, sizeof message->subject_id);
    id_make("msg", message->id);
    struct sending sending = {.webhook = webhook, .id = message->id, .now_us = call->now_us};
    status = delivery_answer(call, message);
    if (!status) status = call_write(call, webhook->id, test_body, &sending);
    if (status != ERROR_TOO_LARGE || call->error.code != ERROR_TOO_LARGE) return status;
    error_clear(&call->error);
    return call_refuse(call, 409, "tests_waiting",
                       "Er wachten nog vijf proefberichten: zie eerst wat daarvan wordt.",
                       "Five test messages wait still: see first what becomes of them.");
}
_Static_assert(WEBHOOK_TESTS_WAITING_MAX == 5, "the refusal says so");

static int find_body(struct db_tx *tx, void *context, struct error *error) {
    struct sending *sending = context;
    return webhook_message_read(tx, sending->webhook->id, sending->id, error, sending->message);
}

static int resend_body(struct db_tx *tx, void *context, struct error *error) {
    struct sending *sending = context;
    return webhook_message_resend(tx, sending->webhook->id, sending->id, sending->now_us, error);
}

static int resend_delivery(struct call *call) {
    struct webhook *webhook;
    const struct value *id = record_get(&call->input, "delivery");
    int status = webhook_of_input(call, &webhook);
    if (status) return status;
    if (!id_valid("msg", id->text, id->length)) return call_not_found(call);
    struct sending sending = {.webhook = webhook,
                              .id = record_get_text(&call->input, "delivery", call->scratch),
                              .message = scratch_take(call->scratch, sizeof *sending.message),
                              .now_us = call->now_us};
    if (!sending.id || !sending.message) return webhook_no_scratch(call);
    status = call_read(call, find_body, &sending);
    if (status == ERROR_NOT_FOUND) {
        error_clear(&call->error);
        return call_not_found(call);
    }
    if (status) return status;
    if (webhook->disabled) return webhook_refuse_disabled(call);
    sending.message->state = WEBHOOK_PENDING;
    sending.message->next_us = call->now_us;
    status = delivery_answer(call, sending.message);
    return status ? status : call_write(call, sending.id, resend_body, &sending);
}

/* ---- the table ------------------------------------------------------------------------------- */
static const char *const test_refusals[] = {"webhook_disabled", "tests_waiting", NULL};
static const char *const resend_refusals[] = {"webhook_disabled", NULL};

static const struct operation operations[] = {
    {.name = "ListWebhookDeliveries", .method = "GET", .path = "/webhooks/{webhook}/deliveries",
     .summary = {"Wat er naar een webhook ging, met elke poging",
                 "What was sent to a webhook, with each try"},
     .callers = CALLER_SECRET_KEY | CALLER_USER,
     .roles = ROLE_PARTNER_ADMINISTRATOR, .input = list_input,
     .input_count = sizeof list_input / sizeof *list_input, .output = list_output,
     .output_count = 2, .status = 200, .rate = RATE_READ, .run = list_deliveries},
    {.name = "SendTestWebhook", .method = "POST", .path = "/webhooks/{webhook}/test",
     .summary = {"Stuur een proefbericht naar een webhook", "Send a test message to a webhook"},
     .callers = CALLER_SECRET_KEY | CALLER_USER,
     .roles = ROLE_PARTNER_ADMINISTRATOR, .input = id_input, .input_count = 1,
     .output = delivery_fields, .output_count = DELIVERY_FIELDS, .status = 202,
     .idempotent_key = true, .audited = true, .rate = RATE_QUOTE, .refusals = test_refusals,
     .run = send_test},
    {.name = "ResendWebhookDelivery", .method = "POST",
     .path = "/webhooks/{webhook}/deliveries/{delivery}/resend",
     .summary = {"Stuur een bericht opnieuw, met hetzelfde webhook-id",
                 "Send a message anew, with the same webhook-id"},
     .callers = CALLER_SECRET_KEY | CALLER_USER,
     .roles = ROLE_PARTNER_ADMINISTRATOR, .input = resend_input, .input_count = 2,
     .output = delivery_fields, .output_count = DELIVERY_FIELDS, .status = 202,
     .idempotent_key = true, .audited = true, .rate = RATE_QUOTE, .refusals = resend_refusals,
     .run = resend_delivery}};

extern const struct operation_group api_webhook_deliveries;
const struct operation_group api_webhook_deliveries = {
    .name = "webhooks", .operations = operations,
    .count = sizeof operations / sizeof *operations};

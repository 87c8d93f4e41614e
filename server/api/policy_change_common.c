/* What policy_changes.c and policy_renewals.c share. */
#include "policy_change_common.h"

#include <string.h>

#include "domain/catalogue.h"
#include "message/json.h"

/* ---- fields ---------------------------------------------------------------------------------- */
const struct field_choice policy_change_statuses[CHANGE_STATES] = {
    {"offered", {"aangeboden", "offered"}},
    {"referred", {"gaat naar een acceptant", "goes to an underwriter"}},
    {"declined", {"niet mogelijk", "declined"}},
    {"in_review", {"in beoordeling", "in review"}},
    {"confirmed", {"bevestigd", "confirmed"}},
    {"rejected", {"afgewezen", "rejected"}},
    {"withdrawn", {"ingetrokken", "withdrawn"}},
    {"expired", {"verlopen", "expired"}},
    {"overtaken", {"achterhaald", "overtaken"}}};
const struct field_choice policy_renewal_statuses[RENEWAL_STATES] = {
    {"offered", {"aangekondigd", "announced"}},
    {"in_review", {"in beoordeling", "in review"}},
    {"approved", {"goedgekeurd", "approved"}},
    {"stopped", {"tegengehouden", "stopped"}},
    {"in_effect", {"ingegaan", "in effect"}},
    {"rejected", {"niet verlengd", "not renewed"}},
    {"expired", {"niet op tijd beslist", "not decided in time"}},
    {"overtaken", {"achterhaald", "overtaken"}}};
static const struct field_choice kinds[] = {{"change", {"wijziging", "change"}},
                                            {"renewal", {"verlenging", "renewal"}}};
static const struct field_choice outcomes[] = {
    {"offered", {"aangeboden", "offered"}},
    {"referred", {"voorgelegd aan een acceptant", "referred to an underwriter"}},
    {"declined", {"niet mogelijk", "declined"}}};
static const struct field changed_item[] = {
    {.name = "name", .type = FIELD_TEXT, .required = true, .label = {"naam", "name"}}};

#define NULLABLE_AMOUNT(name_, nl_, en_)                                                          \
    {.name = name_, .type = FIELD_MONEY, .required = true, .nullable = true, .label = {nl_, en_}}
#define ROWS                                                                                      \
    TRANSACTION_HEAD_FIELDS("id", "id"),                                                          \
    {.name = "kind", .type = FIELD_CHOICE, .required = true, .choices = kinds, .choice_count = 2, \
     .label = {"wijziging of verlenging", "change or renewal"}},                                  \
    {.name = "status", .type = FIELD_TEXT, .required = true, .label = {"status", "status"}},      \
    {.name = "policy_id", .type = FIELD_TEXT, .required = true,                                   \
     .label = {"de polis", "the policy"}},                                                        \
    {.name = "policy_number", .type = FIELD_TEXT, .required = true, .nullable = true,             \
     .label = {"polisnummer", "policy number"}},                                                  \
    {.name = "product", .type = FIELD_TEXT, .required = true, .label = {"product", "product"}},   \
    {.name = "product_version", .type = FIELD_INTEGER, .required = true, .nullable = true,        \
     .label = {"versie van het product", "version of the product"}},                              \
    {.name = "outcome", .type = FIELD_CHOICE, .required = true, .nullable = true,                 \
     .choices = outcomes, .choice_count = 3, .label = {"uitkomst", "outcome"},                    \
     .help = {"Leeg als er geen premie berekend kon worden.",                                     \
              "Null when no premium could be computed."}},                                        \
    {.name = "effective_date", .type = FIELD_TEXT, .required = true, .format = "date",            \
     .label = {"eerste dag van de nieuwe voorwaarden", "first day of the new terms"}},            \
    {.name = "valid_until", .type = FIELD_TEXT, .required = true, .format = "date",               \
     .label = {"te bevestigen tot en met", "can be confirmed until"}},                            \
    {.name = "known_at", .type = FIELD_TEXT, .required = true, .format = "date-time",             \
     .label = {"moment van berekenen", "moment of rating"}},                                      \
    {.name = "base_terms_number", .type = FIELD_INTEGER, .required = true,                        \
     .label = {"voorwaarden waarop dit gemaakt is", "terms that it was made on"}},                \
    {.name = "terms_number", .type = FIELD_INTEGER, .required = true, .nullable = true,           \
     .label = {"voorwaarden die eruit volgden", "terms that came of it"}},                        \
    {.name = "changed", .type = FIELD_LIST, .required = true, .fields = changed_item,             \
     .field_count = 1, .length_maximum = 2 * PRODUCT_QUESTIONS_MAX,                               \
     .label = {"antwoorden die veranderen", "answers that change"}},                              \
    {.name = "term", .type = FIELD_TEXT, .required = true,                                        \
     .label = {"betaaltermijn", "payment term"}},                                                 \
    {.name = "instalments", .type = FIELD_INTEGER, .required = true,                              \
     .label = {"termijnen per jaar", "instalments a year"}},                                      \
    NULLABLE_AMOUNT("instalment", "nieuw bedrag per termijn", "new amount of one instalment"),    \
    NULLABLE_AMOUNT("total", "nieuwe premie per jaar met belasting",                              \
                    "new premium for a year with tax"),                                           \
    AMOUNT_FIELD("old_total", "premie per jaar ervoor", "premium for a year before"),             \
    NULLABLE_AMOUNT("commission", "provisie per jaar", "commission for a year"),                  \
    {.name = "difference", .type = FIELD_MONEY, .required = true, .nullable = true,               \
     .label = {"verschil over de rest van de contractperiode",                                    \
               "difference over the rest of the contract period"},                                \
     .help = {"Naar dagen; onder nul is het minder.", "By days; below zero it is less."}},        \
    {.name = "settlement", .type = FIELD_MONEY, .required = true, .nullable = true,               \
     .label = {"daarvan nu te verrekenen", "of that to be settled now"},                          \
     .help = {"Over termijnen die al vervallen zijn; de rest komt met de volgende.",              \
              "Over instalments that are due already; the rest comes with the next."}},           \
    {.name = "created_at", .type = FIELD_TEXT, .required = true, .format = "date-time",           \
     .label = {"gemaakt op", "made at"}},                                                         \
    {.name = "changed_at", .type = FIELD_TEXT, .required = true, .format = "date-time",           \
     .label = {"laatst gewijzigd op", "last changed at"}},                                        \
    TRANSACTION_STEPS_FIELD

#define RECEIPT_ROWS                                                                              \
    {.name = "premium", .type = FIELD_RECORD, .required = true, .nullable = true,                 \
     .fields = receipt_premium_fields, .field_count = RECEIPT_PREMIUM_FIELDS,                     \
     .schema = "Premium", .label = {"premie per jaar", "premium a year"}},                        \
    {.name = "reasons", .type = FIELD_LIST, .required = true, .fields = receipt_reason_item,      \
     .field_count = 1, .label = {"redenen van de uitkomst", "reasons for the outcome"}},          \
    {.name = "documents", .type = FIELD_LIST, .required = true, .fields = receipt_document_item,  \
     .field_count = 1, .label = {"documenten", "documents"}}

const struct field policy_change_fields[POLICY_CHANGE_FIELDS] = {ROWS};
const struct field policy_change_made_fields[POLICY_CHANGE_MADE_FIELDS] = {ROWS, RECEIPT_ROWS};
const struct field policy_change_detail_fields[POLICY_CHANGE_DETAIL_FIELDS] = {
    ROWS,
    RECEIPT_ROWS,
    {.name = "answers", .type = FIELD_OPEN, .required = true, .nullable = true, .sensitive = true,
     .label = {"alle antwoorden", "all answers"},
     .help = {"Voor wie beslist.", "For who decides."}},
    TRANSACTION_EVENTS_FIELD};
static const struct field list_item[] = {
    {.name = "change", .type = FIELD_RECORD, .required = true, .fields = policy_change_fields,
     .field_count = POLICY_CHANGE_FIELDS, .schema = "PolicyChange"}};
const struct field policy_change_list_output[2] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = list_item, .field_count = 1,
     .label = {"wijzigingen of verlengingen", "changes or renewals"},
     .help = {"De nieuwste eerst.", "The newest first."}},
    PAGE_FIELD_NEXT};

/* ---- telling one ----------------------------------------------------------------------------- */
static void cents_set(struct record *record, const char *name,
                      const struct policy_change *change, int64_t amount_cents) {
    if (change->has_premium) record_set_cents(record, name, amount_cents);
    else record_set(record, name, value_null());
}

int policy_change_set(struct call *call, struct record *record,
                      const struct policy_change *change) {
    struct json_fault fault;
    struct value changed;
    const struct json_limits limits = {.scalar_root = true};
    bool failed = false;
    int status = json_read(change->changed, strlen(change->changed), &limits, call->scratch,
                           &fault, &changed);
    if (status)
        return error_set(&call->error, status == ERROR_INVALID ? ERROR_INTERNAL : status,
                         "what %.60s changes cannot be read", change->id);
    record_set_text(record, "id", change->id);
    record_set_integer(record, "revision", change->revision);
    record_set_boolean(record, "test", change->test);
    record_set_text(record, "kind", change->renewal ? "renewal" : "change");
    record_set_text(record, "status", transaction_state_text(change->state));
    record_set_text(record, "policy_id", change->policy_id);
    record_set_text(record, "policy_number", change->policy_number);
    record_set_text(record, "product", change->product);
    if (change->version_id)
        record_set_integer(record, "product_version", change->product_version);
    else record_set(record, "product_version", value_null());
    record_set_text(record, "outcome", change->outcome);
    record_set_text(record, "effective_date", change->effective_date);
    record_set_text(record, "valid_until", change->valid_until);
    record_set_instant(record, "known_at", change->known_at_us);
    record_set_integer(record, "base_terms_number", change->base_term);
    if (change->term_number) record_set_integer(record, "terms_number", change->term_number);
    else record_set(record, "terms_number", value_null());
    record_set(record, "changed", changed);
    record_set_text(record, "term", change->term);
    record_set_integer(record, "instalments", change->instalments);
    cents_set(record, "instalment", change, change->instalment_cents);
    cents_set(record, "total", change, change->total_cents);
    record_set_cents(record, "old_total", change->old_total_cents);
    cents_set(record, "commission", change, change->commission_cents);
    cents_set(record, "difference", change, change->difference_cents);
    cents_set(record, "settlement", change, change->settlement_cents);
    record_set_instant(record, "created_at", change->created_us);
    record_set_instant(record, "changed_at", change->changed_us);
    record_set(record, "steps", transaction_steps_value(call, change->state, true, &failed));
    return failed || record->failed ? transaction_no_scratch(call) : 0;
}

int policy_change_set_receipt(struct call *call, struct record *record,
                              const struct policy_change *change) {
    static const char *const names[] = {"premium", "reasons", "documents"};
    const struct product_version *version = NULL;
    struct record whole;
    record_set(record, "premium", value_null());
    record_set(record, "reasons", value_list(NULL, 0));
    record_set(record, "documents", value_list(NULL, 0));
    if (!change->result) return record->failed ? transaction_no_scratch(call) : 0;
    struct receipt receipt = {.product = change->product,
                              .product_version = change->product_version,
                              .product_hash = change->product_hash,
                              .effective_date = change->effective_date,
                              .valid_until = change->valid_until,
                              .known_at_us = change->known_at_us,
                              .test = change->test,
                              .public_url = call->service->config->public_url,
                              .result = change->result};
    record_init(&whole, call->scratch);
    catalogue_version(call->service->catalogue, change->version_id, NULL, &version);
    int status = receipt_render(&receipt, version, call->language, &call->error, &whole);
    catalogue_release(call->service->catalogue, version);
    if (status) return status;
    struct value rendered = record_value(&whole);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct value *part = record_get(&rendered, names[i]);
        if (part) record_set(record, names[i], *part);
    }
    return record->failed ? transaction_no_scratch(call) : 0;
}

/* ---- reading one ----------------------------------------------------------------------------- */
struct also {
    struct policy_change_reading *reading;
    const char *id;
    bool test;
    struct scratch *scratch;
};

static int also_body(struct db_tx *tx, const struct policy *policy, void *context,
                     struct error *error) {
    struct also *also = context;
    struct policy_change_reading *reading = also->reading;
    int status = policy_change_read(tx, policy->id, also->id, also->test, also->scratch, error,
                                    &reading->change);
    if (status || !reading->change.id || !reading->events) return status;
    return transaction_events_read(tx, also->id, also->scratch, error, reading->events,
                                   &reading->event_count);
}

int policy_change_of_input(struct call *call, const char *name, const char *prefix,
                           struct policy_change_reading *reading) {
    const struct value *id = record_get(&call->input, name);
    struct also also = {.reading = reading, .test = call->caller.test, .scratch = call->scratch};
    struct policy_terms_list *terms;
    if (!id || !id_valid(prefix, id->text, id->length)) return call_not_found(call);
    also.id = record_get_text(&call->input, name, call->scratch);
    if (!also.id) return transaction_no_scratch(call);
    reading->change.id = NULL;
    int status =
        policy_with_terms(call, &reading->policy, NULL, NULL, also_body, &also, &terms);
    if (status) return status;
    return reading->change.id ? 0 : call_not_found(call);
}

static int answers_set(struct call *call, struct record *record,
                       const struct policy_change *change) {
    const struct policy_terms_detail detail = {.terms = {.change_id = change->id},
                                               .sealed = change->sealed};
    struct value answers = value_null();
    int status = caller_is_organisation(&call->caller)
                     ? policy_terms_answers(call->service->encryption, &detail, call->scratch,
                                            &call->error, &answers)
                     : 0;
    record_set(record, "answers", answers);
    return status;
}

int policy_change_get(struct call *call, const char *name, const char *prefix) {
    struct policy_change_reading *reading = scratch_take(call->scratch, sizeof *reading);
    struct transaction_event *events =
        scratch_take(call->scratch, TRANSACTION_EVENTS_MAX * sizeof *events);
    struct record record;
    bool failed = false;
    if (!reading || !events) return transaction_no_scratch(call);
    *reading = (struct policy_change_reading){.events = events};
    int status = policy_change_of_input(call, name, prefix, reading);
    if (status) return status;
    record_init(&record, call->scratch);
    status = policy_change_set(call, &record, &reading->change);
    if (!status) status = policy_change_set_receipt(call, &record, &reading->change);
    if (!status) status = answers_set(call, &record, &reading->change);
    if (status) return status;
    record_set(&record, "events",
               transaction_events_value(call, events, reading->event_count, &failed));
    if (failed || record.failed) return transaction_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

/* ---- listing --------------------------------------------------------------------------------- */
struct listing {
    struct policy_change_filter filter;
    struct scratch *scratch;
    struct policy_change *changes;
    int count;
};

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    return policy_change_list(tx, &listing->filter, listing->scratch, error, listing->changes,
                              &listing->count);
}

int policy_change_list_tell(struct call *call, const char *kind, const char *prefix,
                            const char *behind) {
    struct transaction_filter filter;
    struct listing listing = {.scratch = call->scratch};
    struct list items;
    struct record output;
    int status = transaction_filter_of(call, prefix, behind, &filter);
    if (status) return status;
    listing.filter =
        (struct policy_change_filter){.test = filter.test,
                                      .below = filter.below,
                                      .policy_id = record_get_text(&call->input, "id",
                                                                   call->scratch),
                                      .kind = kind,
                                      .state = filter.state,
                                      .limit = filter.limit};
    listing.changes = scratch_take(call->scratch, (PAGE_LIMIT_MAX + 1) * sizeof *listing.changes);
    if (!listing.changes) return transaction_no_scratch(call);
    status = call_read(call, list_body, &listing);
    int shown = listing.count < filter.limit ? listing.count : listing.count - 1;
    list_init(&items, call->scratch);
    for (int i = 0; !status && i < shown; i++) {
        struct record record;
        record_init(&record, call->scratch);
        status = policy_change_set(call, &record, &listing.changes[i]);
        list_add(&items, record_value(&record));
    }
    if (status) return status;
    record_init(&output, call->scratch);
    record_set(&output, "items", list_value(&items));
    record_set_text(&output, "next",
                    shown < listing.count ? listing.changes[shown - 1].id : NULL);
    if (items.failed || output.failed) return transaction_no_scratch(call);
    call->output = record_value(&output);
    return 0;
}

/* ---- steps ----------------------------------------------------------------------------------- */
int policy_change_write(struct call *call, struct policy_change *change,
                        enum transaction_state to, db_body body, void *context) {
    struct policy_change after = *change;
    struct record record;
    record_init(&record, call->scratch);
    after.state = to;
    after.revision++;
    after.changed_us = call->now_us;
    if (to == CHANGE_CONFIRMED) after.term_number = after.base_term + 1;
    int status = policy_change_set(call, &record, &after);
    if (status) return status;
    call->output = record_value(&record);
    status = call_write(call, change->id, body, context);
    if (status != ERROR_CONFLICT) return status;
    error_clear(&call->error);
    return call_refuse_revision(call);
}

/* What applications.c, policies.c and quote_accept.c share. */
#include "transaction_common.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "domain/calendar_day.h"
#include "domain/policy_number.h"
#include "domain/renewal.h"
#include "message/json.h"

int transaction_no_scratch(struct call *call) {
    return error_set(&call->error, ERROR_TOO_LARGE, "applications need more scratch memory");
}

int transaction_json_read(struct call *call, const char *id, const char *text, size_t length,
                          struct value *ret_value) {
    struct json_fault fault;
    int status = json_read(text, length, NULL, call->scratch, &fault, ret_value);
    if (!status) return 0;
    return error_set(&call->error, status == ERROR_INVALID ? ERROR_INTERNAL : status,
                     "what %.60s holds cannot be read", id);
}

/* Of a user: may their role do what takes the step? As the rows of the operations say. */
static bool step_is_theirs(const struct caller *caller, enum transaction_step step) {
    static const unsigned roles[TRANSACTION_STEPS] = {
        [TRANSACTION_APPROVE] = TRANSACTION_ROLES_DECIDING,
        [TRANSACTION_REJECT] = TRANSACTION_ROLES_DECIDING,
        [TRANSACTION_ISSUE] = TRANSACTION_ROLES_DECIDING,
        [TRANSACTION_STOP] = TRANSACTION_ROLES_DECIDING,
        [TRANSACTION_WITHDRAW] = TRANSACTION_ROLES_BINDING,
        [TRANSACTION_CANCEL] = TRANSACTION_ROLES_BINDING,
        [TRANSACTION_CONFIRM] = TRANSACTION_ROLES_BINDING,
        [TRANSACTION_CHANGE] = TRANSACTION_ROLES_PREPARING};
    return caller->kind != CALLER_USER || (roles[step] & caller->role) != 0;
}

/* ---- answers --------------------------------------------------------------------------------- */
struct value transaction_steps_value(struct call *call, enum transaction_state state,
                                     bool withdrawable, bool *failed) {
    struct list steps;
    unsigned side = (unsigned)caller_side(&call->caller);
    list_init(&steps, call->scratch);
    for (int step = TRANSACTION_APPROVE; step < TRANSACTION_STEPS; step++) {
        const char *text = transaction_step_text((enum transaction_step)step);
        if (transaction_ask((enum transaction_step)step, state, side, NULL) !=
                TRANSACTION_ALLOWED ||
            !step_is_theirs(&call->caller, (enum transaction_step)step) ||
            (step == TRANSACTION_WITHDRAW && !withdrawable))
            continue;
        list_add(&steps, value_text(text, strlen(text)));
    }
    *failed |= steps.failed;
    return list_value(&steps);
}

static void sale_set(struct record *record, const struct application *application) {
    record_set_text(record, "product", application->product);
    record_set_text(record, "effective_date", application->effective_date);
    record_set_text(record, "term", application->term);
    record_set_integer(record, "instalments", application->instalments);
    record_set_cents(record, "instalment", application->instalment_cents);
    record_set_cents(record, "total", application->total_cents);
    record_set_text(record, "reference", application->reference);
}

void application_set(struct call *call, struct record *record,
                     const struct application *application) {
    bool failed = false;
    record_set_text(record, "id", application->id);
    record_set_integer(record, "revision", application->revision);
    record_set_boolean(record, "test", application->test);
    record_set_text(record, "status", transaction_state_text(application->state));
    record_set_text(record, "quote_id", application->quote_id);
    sale_set(record, application);
    record_set_cents(record, "commission", application->commission_cents);
    record_set_text(record, "consent_version", application->consent_version);
    record_set_boolean(record, "consumer", application->consumer);
    record_set_instant(record, "created_at", application->created_us);
    record_set_instant(record, "changed_at", application->changed_us);
    record_set(record, "steps",
               transaction_steps_value(call, application->state, true, &failed));
    record->failed |= failed;
}

void application_set_whole(struct call *call, struct record *record,
                           const struct application *application) {
    application_set(call, record, application);
    record_set_text(record, "policy_id", application->policy_id);
    record_set_text(record, "policy_number", application->policy_number);
}

void policy_set(struct call *call, struct record *record, const struct policy *policy) {
    char today[CLOCK_DATE_MAX];
    bool failed = false;
    clock_amsterdam_date_text(call->now_us, today);
    record_set_text(record, "id", policy->id);
    record_set_integer(record, "revision", policy->revision);
    record_set_boolean(record, "test", policy->application.test);
    record_set_text(record, "number", policy->number);
    record_set_text(record, "status", transaction_state_text(policy->state));
    record_set_text(record, "application_id", policy->application.id);
    record_set_text(record, "quote_id", policy->application.quote_id);
    sale_set(record, &policy->application);
    record_set_cents(record, "instalment", policy->terms.instalment_cents);
    record_set_cents(record, "total", policy->terms.total_cents);
    record_set_integer(record, "terms_number", policy->terms.number);
    record_set_text(record, "due_date", policy->due_date);
    record_set_text(record, "withdraw_until", policy->withdraw_until);
    record_set_text(record, "end_date", policy->end_date);
    if (policy->has_refund) record_set_cents(record, "refund", policy->refund_cents);
    else record_set(record, "refund", value_null());
    record_set_instant(record, "issued_at", policy->issued_us);
    record_set_instant(record, "changed_at", policy->changed_us);
    bool withdrawable = policy->withdraw_until && strcmp(today, policy->withdraw_until) <= 0;
    record_set(record, "steps",
               transaction_steps_value(call, policy->state, withdrawable, &failed));
    record->failed |= failed;
}

void policy_terms_set(struct record *record, const struct policy_terms *terms,
                      const char *until_date) {
    record_set_integer(record, "number", terms->number);
    record_set_text(record, "from_date", terms->from_date);
    record_set_text(record, "until_date", until_date);
    record_set_text(record, "cause",
                    !terms->change_id                        ? "issue"
                    : strncmp(terms->change_id, "rnw_", 4) == 0 ? "renewal"
                                                                : "change");
    record_set_text(record, "change_id", terms->change_id);
    record_set_text(record, "version_id", terms->version_id);
    record_set_cents(record, "instalment", terms->instalment_cents);
    record_set_cents(record, "total", terms->total_cents);
    record_set_cents(record, "commission", terms->commission_cents);
}

struct value transaction_events_value(struct call *call, const struct transaction_event *events,
                                      int count, bool *failed) {
    bool organisation = caller_is_organisation(&call->caller);
    struct list list;
    list_init(&list, call->scratch);
    for (int i = 0; i < count; i++) {
        const struct transaction_event *event = &events[i];
        bool own = organisation || strcmp(event->actor, "organisation") != 0;
        struct record record;
        record_init(&record, call->scratch);
        record_set_integer(&record, "revision", event->revision);
        record_set_text(&record, "step", event->step);
        record_set_text(&record, "from", event->from_state);
        record_set_text(&record, "to", event->to_state);
        record_set_text(&record, "actor", event->actor);
        record_set_text(&record, "key_id", own ? event->key_id : NULL);
        record_set_text(&record, "request_id", own ? event->request_id : NULL);
        record_set_text(&record, "entrance", event->entrance);
        record_set_text(&record, "address", organisation ? event->address : NULL);
        record_set_text(&record, "reason", event->reason);
        record_set_text(&record, "note", own ? event->note : NULL);
        record_set_instant(&record, "at", event->at_us);
        *failed |= record.failed;
        list_add(&list, record_value(&record));
    }
    *failed |= list.failed;
    return list_value(&list);
}

static bool is_sensitive(const struct product_question *questions, int question_count,
                         const struct value_entry *answer) {
    for (int i = 0; i < question_count; i++)
        if (strlen(questions[i].name) == answer->name_length &&
            memcmp(questions[i].name, answer->name, answer->name_length) == 0)
            return product_question_sensitive(&questions[i]);
    return true; /* what is not known any more is not shown */
}

int transaction_answers_part(struct call *call, const struct product_question *questions,
                             int question_count, const struct value *answers,
                             struct value *ret_shown, struct list *withheld) {
    struct value_entry *shown =
        scratch_take(call->scratch, (answers->length + 1) * sizeof *shown);
    uint32_t count = 0;
    if (!shown) return transaction_no_scratch(call);
    for (uint32_t i = 0; i < answers->length; i++) {
        const struct value_entry *answer = &answers->entries[i];
        if (is_sensitive(questions, question_count, answer))
            list_add(withheld, value_text(answer->name, answer->name_length));
        else shown[count++] = *answer;
    }
    *ret_shown = value_context(shown, count);
    return 0;
}

/* ---- what a step adds to its answer ---------------------------------------------------------- */
struct policy_id_reading {
    const char *application_id;
    char policy_id[ID_MAX];
};

static int policy_id_body(struct db_tx *tx, void *context, struct error *error) {
    struct policy_id_reading *reading = context;
    return application_policy_id(tx, reading->application_id, error, reading->policy_id);
}

static bool known_copy(const struct value *known, char *ret_text, size_t size) {
    if (!known || known->kind != VALUE_TEXT || known->length >= size) return false;
    memcpy(ret_text, known->text, known->length);
    ret_text[known->length] = '\0';
    return true;
}

/* Of a policy that was issued: what the step said of it; else it is read. "": there is none. */
static int issued_find(struct call *call, char id[ID_MAX], char number[POLICY_NUMBER_MAX]) {
    const struct value *output = &call->output;
    int status = 0;
    if (!known_copy(record_get(output, "policy_id"), id, ID_MAX)) {
        struct policy_id_reading reading = {
            .application_id = record_get_text(output, "id", call->scratch)};
        if (!reading.application_id) return transaction_no_scratch(call);
        status = call_read(call, policy_id_body, &reading);
        memcpy(id, reading.policy_id, ID_MAX);
    }
    if (status || !*id) return status;
    if (known_copy(record_get(output, "policy_number"), number, POLICY_NUMBER_MAX)) return 0;
    return policy_number_assign(call->service->db, id, &call->error, number);
}

void transaction_issued(struct call *call, struct record *record,
                        const struct policy_issue *issue) {
    if (!*issue->number || call->replayed) return;
    record_copy_text(record, "policy_number", issue->number, strlen(issue->number));
    if (!record->failed) call->output = record_value(record);
}

/* The number is known once the write is done: it is added to every answer, also to one that was
 * kept. */
int transaction_finish(struct call *call) {
    const struct value *output = &call->output;
    const char *issued = transaction_state_text(APPLICATION_ISSUED);
    struct value_entry *entries =
        scratch_take(call->scratch, (output->length + 2) * sizeof *entries);
    char *id = scratch_take(call->scratch, ID_MAX);
    char *number = scratch_take(call->scratch, POLICY_NUMBER_MAX);
    if (!entries || !id || !number) return transaction_no_scratch(call);
    *id = '\0';
    int status = record_text_is(output, "status", issued) ? issued_find(call, id, number) : 0;
    if (status) return status;
    uint32_t count = 0;
    for (uint32_t i = 0; i < output->length; i++)
        if (output->entries[i].name_length < 7 ||
            memcmp(output->entries[i].name, "policy_", 7) != 0)
            entries[count++] = output->entries[i];
    entries[count++] = (struct value_entry){
        .name = "policy_id", .name_length = 9,
        .value = *id ? value_text(id, strlen(id)) : value_null()};
    entries[count++] = (struct value_entry){
        .name = "policy_number", .name_length = 13,
        .value = *id ? value_text(number, strlen(number)) : value_null()};
    call->output = value_context(entries, count);
    return 0;
}

/* ---- who, and may they ----------------------------------------------------------------------- */
struct transaction_by transaction_by_of(struct call *call, const char *reason, const char *note) {
    const struct caller *caller = &call->caller;
    return (struct transaction_by){
        .actor = caller_is_organisation(caller)           ? "organisation"
                 : caller->kind == CALLER_PUBLISHABLE_KEY ? "website"
                                                          : "partner",
        .key_id = *caller->key_id ? caller->key_id : NULL,
        .user_id = *caller->user_id ? caller->user_id : NULL,
        .request_id = call->request_id,
        .entrance = call->entrance,
        .address = call->address && *call->address ? call->address : NULL,
        .reason = reason,
        .note = note,
        .at_us = call->now_us};
}

int transaction_refuse(struct call *call, enum transaction_answer answer,
                       enum transaction_state state) {
    const struct text *label = transaction_state_label(state);
    char nl[200], en[200];
    if (answer == TRANSACTION_WRONG_ACTOR)
        return call_refuse(call, 403, "step_not_allowed",
                           "Deze stap is niet aan u: `steps` zegt wat u wel kunt doen.",
                           "This step is not yours to take: `steps` says what you can do.");
    snprintf(nl, sizeof nl, "Deze stap kan niet (meer): de status is '%.60s'.", label->nl);
    snprintf(en, sizeof en, "This step cannot be taken (any more): the status is '%.60s'.",
             label->en);
    return call_refuse(call, 409, "wrong_state", nl, en);
}

int transaction_allow(struct call *call, enum transaction_step step, enum transaction_state from,
                      enum transaction_state *ret_to) {
    enum transaction_answer answer =
        transaction_ask(step, from, (unsigned)caller_side(&call->caller), ret_to);
    return answer == TRANSACTION_ALLOWED ? 0 : transaction_refuse(call, answer, from);
}

/* ---- reading one ----------------------------------------------------------------------------- */
struct application_reading {
    const char *id;
    bool test;
    struct scratch *scratch;
    struct application *application;
    struct transaction_event *events;
    int event_count;
};

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct application_reading *reading = context;
    int status = application_read(tx, reading->id, reading->test, reading->scratch, error,
                                  reading->application);
    if (status || !reading->application->id || !reading->events) return status;
    return transaction_events_read(tx, reading->id, reading->scratch, error, reading->events,
                                   &reading->event_count);
}

static bool token_opens(const struct call *call, const char *token_hash) {
    const struct value *token = record_get(&call->input, "token");
    char hash[SHA256_HEX_MAX];
    if (!token) return call->caller.kind != CALLER_PUBLISHABLE_KEY;
    hash_sha256_hex(token->text, token->length, hash);
    return strlen(token_hash) == sizeof hash - 1 && hash_equal(hash, token_hash, sizeof hash - 1);
}

int application_of_input(struct call *call, struct application *ret_application,
                         struct transaction_event *ret_events, int *ret_event_count) {
    const struct value *id = record_get(&call->input, "id");
    struct application application = {.id = NULL};
    if (!id || !id_valid("app", id->text, id->length)) return call_not_found(call);
    struct application_reading reading = {.id = record_get_text(&call->input, "id", call->scratch),
                                          .test = call->caller.test,
                                          .scratch = call->scratch,
                                          .application = &application,
                                          .events = ret_events};
    if (!reading.id) return transaction_no_scratch(call);
    int status = call_read(call, read_body, &reading);
    if (status) return status;
    if (!application.id || !token_opens(call, application.quote_token_hash))
        return call_not_found(call);
    *ret_application = application;
    if (ret_event_count) *ret_event_count = reading.event_count;
    return 0;
}

int application_open(struct call *call, const struct application *application,
                     struct value *ret_personal) {
    struct buffer text;
    if (!call->service->encryption)
        return error_set(&call->error, ERROR_INTERNAL,
                         "koppel.conf names no encryption_keys: applications cannot be read");
    buffer_init(&text, ENCRYPTION_TEXT_MAX_BYTES + 1);
    int status = encryption_unseal(call->service->encryption, application->id,
                                   application->sealed, &call->error, &text);
    if (!status)
        status = transaction_json_read(call, application->id, text.data, text.length,
                                       ret_personal);
    if (text.data) explicit_bzero(text.data, text.length);
    buffer_done(&text);
    return status;
}

struct policy_reading {
    const char *id;
    bool test;
    char today[CLOCK_DATE_MAX];
    struct scratch *scratch;
    struct policy *policy;
    struct transaction_event *events; /* or NULL */
    int event_count;
    struct policy_terms_list *terms;  /* or NULL */
    int (*also)(struct db_tx *tx, const struct policy *policy, void *context,
                struct error *error);
    void *context;
};

static int policy_body(struct db_tx *tx, void *context, struct error *error) {
    struct policy_reading *reading = context;
    struct policy *policy = reading->policy;
    struct policy_terms_list *terms = reading->terms;
    int status = policy_read(tx, reading->id, reading->test, reading->today, reading->scratch,
                             error, policy);
    if (status || !policy->id) return status;
    if (reading->events)
        status = transaction_events_read(tx, reading->id, reading->scratch, error,
                                         reading->events, &reading->event_count);
    if (!status && terms)
        status = policy_terms_read(tx, policy, reading->scratch, error, terms->terms,
                                   &terms->count);
    return status || !reading->also ? status
                                    : reading->also(tx, policy, reading->context, error);
}

static int policy_find(struct call *call, struct policy_reading *reading,
                       struct policy *ret_policy) {
    const struct value *id = record_get(&call->input, "id");
    struct policy policy = {.id = NULL};
    if (!id || !id_valid("pol", id->text, id->length)) return call_not_found(call);
    reading->id = record_get_text(&call->input, "id", call->scratch);
    reading->test = call->caller.test;
    reading->scratch = call->scratch;
    reading->policy = &policy;
    clock_amsterdam_date_text(call->now_us, reading->today);
    if (!reading->id) return transaction_no_scratch(call);
    int status = call_read(call, policy_body, reading);
    if (status) return status;
    if (!policy.id) return call_not_found(call);
    *ret_policy = policy;
    return 0;
}

int policy_of_input(struct call *call, struct policy *ret_policy,
                    struct transaction_event *ret_events, int *ret_event_count) {
    struct policy_reading reading = {.events = ret_events};
    int status = policy_find(call, &reading, ret_policy);
    if (!status && ret_event_count) *ret_event_count = reading.event_count;
    return status;
}

int policy_with_terms(struct call *call, struct policy *ret_policy,
                      struct transaction_event *ret_events, int *ret_event_count,
                      int (*also)(struct db_tx *tx, const struct policy *policy, void *context,
                                  struct error *error),
                      void *context, struct policy_terms_list **ret_terms) {
    struct policy_terms_list *terms = scratch_take(call->scratch, sizeof *terms);
    struct policy_reading reading = {
        .events = ret_events, .terms = terms, .also = also, .context = context};
    if (!terms) return transaction_no_scratch(call);
    int status = policy_find(call, &reading, ret_policy);
    if (!status)
        status = policy_instalments(ret_policy, terms->terms, terms->count, terms->later,
                                    &call->error, &terms->instalments);
    if (status) return status;
    if (ret_event_count) *ret_event_count = reading.event_count;
    *ret_terms = terms;
    return 0;
}

/* ---- lists ----------------------------------------------------------------------------------- */
int transaction_filter_of(struct call *call, const char *prefix, const char *behind,
                          struct transaction_filter *ret_filter) {
    const struct value *input = &call->input;
    const char *cursor;
    char *today = scratch_take(call->scratch, CLOCK_DATE_MAX);
    int status = page_cursor(call, prefix, &cursor);
    if (status) return status;
    if (!today) return transaction_no_scratch(call);
    clock_amsterdam_date_text(call->now_us, today);
    *ret_filter = (struct transaction_filter){
        .test = call->caller.test,
        .today = today,
        .below = cursor ? cursor : behind,
        .product = record_get_text(input, "product", call->scratch),
        .state = record_get_text(input, "status", call->scratch),
        .limit = (int)record_get_integer(input, "limit", PAGE_LIMIT_DEFAULT) + 1};
    return 0;
}

void policy_issue_make(const struct product_policy *policy, bool consumer,
                       const char *effective_date, int64_t now_us,
                       struct policy_issue *ret_issue) {
    struct value_date today = day_at(now_us), first;
    struct value_date last = day_add(&today, policy->withdrawal_days);
    *ret_issue = (struct policy_issue){.id = ""};
    snprintf(ret_issue->number_prefix, sizeof ret_issue->number_prefix, "%s",
             policy->number_prefix);
    id_make("pol", ret_issue->id);
    if (consumer && policy->withdrawal_days) day_write(&last, ret_issue->withdraw_until);
    if (!day_read(effective_date, &first)) return;
    renewal_first(policy, &first, ret_issue->due_date, ret_issue->renewal_on);
}

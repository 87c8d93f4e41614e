/* Applications: reading, listing and finding them, and their steps until there is a policy. A
 * partner sees who applies and the account number masked, and not the sensitive answers; the
 * organisation, which decides, sees all; a website sees where its visitor's application stands. */
#include <stdio.h>
#include <string.h>

#include "domain/catalogue.h"
#include "domain/iban.h"
#include "transaction_common.h"

/* ---- fields ---------------------------------------------------------------------------------- */
#define ID_FIELD                                                                                  \
    {.name = "id", .type = FIELD_TEXT, .required = true,                                          \
     .label = {"id van de aanvraag", "id of the application"}}

static const struct field read_input[] = {
    ID_FIELD,
    {.name = "token", .type = FIELD_TEXT, .length_maximum = 64,
     .label = {"leescode", "token"},
     .help = {"De leescode van de offerte; verplicht met een publieke sleutel.",
              "The quote's token; required with a publishable key."}}};

static const struct field detail_fields[] = {
    APPLICATION_FIELD_ROWS,
    {.name = "applicant", .type = FIELD_RECORD, .required = true, .nullable = true,
     .sensitive = true, .fields = applicant_fields, .field_count = APPLICANT_FIELDS,
     .schema = "ApplicationApplicant", .label = {"de aanvrager", "the applicant"}},
    {.name = "iban", .type = FIELD_TEXT, .required = true, .nullable = true, .sensitive = true,
     .label = {"rekeningnummer", "account number"},
     .help = {"Voor wie het niet hoeft te weten alleen het eind.",
              "Its end alone, for who need not know it."}},
    {.name = "account_holder", .type = FIELD_TEXT, .required = true, .nullable = true,
     .sensitive = true, .label = {"rekeninghouder", "account holder"}},
    {.name = "answers", .type = FIELD_OPEN, .required = true, .nullable = true, .sensitive = true,
     .label = {"antwoorden bij acceptatie", "answers on acceptance"}},
    TRANSACTION_WITHHELD_FIELD,
    {.name = "quote_answers", .type = FIELD_OPEN, .required = true, .nullable = true,
     .sensitive = true, .label = {"antwoorden van de offerte", "the quote's answers"},
     .help = {"Voor wie beslist.", "For who decides."}},
    {.name = "quote_reasons", .type = FIELD_LIST, .required = true, .fields = transaction_name_item,
     .field_count = 1, .label = {"codes van de redenen van de offerte",
                                 "codes of the quote's reasons"}},
    TRANSACTION_EVENTS_FIELD};

#define STATE_FIELD                                                                               \
    {.name = "status", .type = FIELD_CHOICE, .choices = application_statuses,                     \
     .choice_count = APPLICATION_STATES, .label = {"alleen deze status", "only this status"}}
static const struct field list_input[] = {TRANSACTION_LIST_FIELDS, STATE_FIELD};
static const struct field find_input[] = {
    TRANSACTION_LIST_FIELDS, STATE_FIELD,
    {.name = "iban", .type = FIELD_TEXT, .sensitive = true, .length_minimum = 1,
     .length_maximum = 60, .label = {"met dit rekeningnummer", "with this account number"}},
    {.name = "email", .type = FIELD_TEXT, .sensitive = true, .length_minimum = 1,
     .length_maximum = 254, .label = {"met dit e-mailadres", "with this email address"}}};
static const struct field list_item[] = {{.name = "application", .type = FIELD_RECORD,
                                          .required = true, .fields = application_fields,
                                          .field_count = APPLICATION_FIELDS,
                                          .schema = "Application"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = list_item, .field_count = 1,
     .label = {"aanvragen", "applications"}, .help = {"De nieuwste eerst.", "The newest first."}},
    PAGE_FIELD_NEXT};

static const struct field_choice decisions[] = {{"approve", {"goedkeuren", "approve"}},
                                                {"reject", {"afwijzen", "reject"}}};
static const struct field decide_input[] = {
    ID_FIELD,
    {.name = "decision", .type = FIELD_CHOICE, .required = true, .choices = decisions,
     .choice_count = 2, .label = {"besluit", "decision"}, .example = "\"approve\""},
    TRANSACTION_REASON_FIELD, TRANSACTION_REASONED_NOTE_FIELD};
static const struct field withdraw_input[] = {ID_FIELD, TRANSACTION_NOTE_FIELD};
static const struct field issue_input[] = {ID_FIELD};

/* ---- what the applicant told ----------------------------------------------------------------- */
static int acceptance_part(struct call *call, const struct application *application,
                           const struct value *answers, struct value *ret_shown,
                           struct list *withheld) {
    const struct product_version *version = NULL;
    catalogue_version(call->service->catalogue, application->version_id, NULL, &version);
    const struct product_policy *policy = version ? product_info(version->product)->policy : NULL;
    int status = transaction_answers_part(call, policy ? policy->questions : NULL,
                                          policy ? policy->question_count : 0, answers, ret_shown,
                                          withheld);
    catalogue_release(call->service->catalogue, version);
    return status;
}

static void masked_set(struct call *call, struct record *record, const struct value *iban) {
    char whole[IBAN_MAX], *masked = scratch_take(call->scratch, IBAN_MASKED_MAX);
    record->failed |= !masked;
    if (!masked || iban->kind != VALUE_TEXT || iban->length >= sizeof whole) return;
    memcpy(whole, iban->text, iban->length);
    whole[iban->length] = '\0';
    iban_mask(whole, masked);
    record_set_text(record, "iban", masked);
}

static const struct value *part_of(const struct value *personal, const char *name,
                                   enum value_kind kind) {
    static const struct value none = {.kind = VALUE_NULL}, empty = {.kind = VALUE_CONTEXT};
    const struct value *part = record_get(personal, name);
    if (part && part->kind == kind) return part;
    return kind == VALUE_CONTEXT ? &empty : &none;
}

static int personal_set(struct call *call, const struct application *application,
                        struct record *record) {
    struct value personal, shown;
    struct list withheld;
    int status = application_open(call, application, &personal);
    if (status) return status;
    const struct value *iban = part_of(&personal, "iban", VALUE_TEXT);
    const struct value *answers = part_of(&personal, "answers", VALUE_CONTEXT);
    list_init(&withheld, call->scratch);
    record_set(record, "applicant", *part_of(&personal, "applicant", VALUE_CONTEXT));
    record_set(record, "account_holder", *part_of(&personal, "account_holder", VALUE_TEXT));
    if (caller_is_organisation(&call->caller)) {
        record_set(record, "iban", *iban);
        shown = *answers;
    } else {
        masked_set(call, record, iban);
        status = acceptance_part(call, application, answers, &shown, &withheld);
        if (status) return status;
    }
    record_set(record, "answers", shown);
    record_set(record, "answers_withheld", list_value(&withheld));
    return withheld.failed ? transaction_no_scratch(call) : 0;
}

/* What was decided on, for who decides. */
static int quote_set(struct call *call, const struct application *application,
                     struct record *record) {
    const struct quote_answers kept = application_quote_answers(application);
    struct value answers = value_null(), result;
    int status = 0;
    if (caller_is_organisation(&call->caller))
        status = quote_answers_read(call->service->encryption, &kept, call->scratch, &call->error,
                                    &answers);
    if (!status)
        status = transaction_json_read(call, application->quote_id, application->quote_result,
                                       strlen(application->quote_result), &result);
    if (status) return status;
    const struct value *reasons = record_get(&result, "reasons");
    record_set(record, "quote_answers", answers);
    record_set(record, "quote_reasons",
               reasons && reasons->kind == VALUE_LIST ? *reasons : value_list(NULL, 0));
    return 0;
}

/* ---- reading one ----------------------------------------------------------------------------- */
static int get_application(struct call *call) {
    struct application application;
    struct transaction_event *events =
        scratch_take(call->scratch, TRANSACTION_EVENTS_MAX * sizeof *events);
    struct record record;
    int count = 0;
    bool failed = false;
    if (!events) return transaction_no_scratch(call);
    int status = application_of_input(call, &application, events, &count);
    if (status) return status;
    record_init(&record, call->scratch);
    application_set_whole(call, &record, &application);
    if (call->caller.kind != CALLER_PUBLISHABLE_KEY)
        status = personal_set(call, &application, &record);
    else record_set(&record, "answers_withheld", value_list(NULL, 0));
    if (!status) status = quote_set(call, &application, &record);
    if (status) return status;
    record_set(&record, "events", transaction_events_value(call, events, count, &failed));
    if (failed || record.failed) return transaction_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

/* ---- listing --------------------------------------------------------------------------------- */
struct listing {
    struct transaction_filter filter;
    struct scratch *scratch;
    struct application *applications;
    int count;
};

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    return application_list(tx, &listing->filter, listing->scratch, error, listing->applications,
                            &listing->count);
}

static int list_tell(struct call *call, const struct listing *listing) {
    int shown = listing->count < listing->filter.limit ? listing->count : listing->count - 1;
    struct list items;
    struct record output;
    list_init(&items, call->scratch);
    for (int i = 0; i < shown; i++) {
        struct record record;
        record_init(&record, call->scratch);
        application_set_whole(call, &record, &listing->applications[i]);
        items.failed |= record.failed;
        list_add(&items, record_value(&record));
    }
    record_init(&output, call->scratch);
    record_set(&output, "items", list_value(&items));
    record_set_text(&output, "next",
                    shown < listing->count ? listing->applications[shown - 1].id : NULL);
    if (items.failed || output.failed) return transaction_no_scratch(call);
    call->output = record_value(&output);
    return 0;
}

/* An index text in scratch of what is sought; NULL when it is not asked. */
static const char *index_of(struct call *call, const char *kind, const char *text) {
    char *index = text ? scratch_take(call->scratch, SHA256_HEX_MAX) : NULL;
    if (index) encryption_index(call->service->encryption, kind, text, index);
    return index;
}

/* 0, or there is a fault or the call's error. */
static int find_read(struct call *call, struct transaction_filter *filter) {
    const struct value *iban = record_get(&call->input, "iban");
    char *email = (char *)record_get_text(&call->input, "email", call->scratch);
    char whole[IBAN_MAX];
    if ((iban || email) && !call->service->encryption)
        return error_set(&call->error, ERROR_INTERNAL,
                         "koppel.conf names no encryption_keys: nothing can be found by them");
    if (iban && iban_read(iban->text, iban->length, whole) != IBAN_SOUND) {
        field_fault_add(&call->faults, "/iban", "iban", "%s",
                        call->language == LANGUAGE_EN ? "This is no IBAN: check it."
                                                      : "Dit is geen IBAN: kijk het na.");
        return ERROR_INVALID;
    }
    for (char *at = email; at && *at; at++)
        if (*at >= 'A' && *at <= 'Z') *at = (char)(*at - 'A' + 'a');
    filter->iban_index = index_of(call, "iban", iban ? whole : NULL);
    filter->email_index = index_of(call, "email", email);
    if ((iban && !filter->iban_index) || (email && !filter->email_index))
        return transaction_no_scratch(call);
    return 0;
}

static int list_applications(struct call *call) {
    struct listing listing = {.scratch = call->scratch};
    int status = transaction_filter_of(call, "app", "apq", &listing.filter);
    if (!status) status = find_read(call, &listing.filter);
    if (status) return status;
    listing.applications =
        scratch_take(call->scratch, (PAGE_LIMIT_MAX + 1) * sizeof *listing.applications);
    if (!listing.applications) return transaction_no_scratch(call);
    status = call_read(call, list_body, &listing);
    return status ? status : list_tell(call, &listing);
}

/* ---- steps ----------------------------------------------------------------------------------- */
struct taking {
    struct application application;
    enum transaction_step step;
    enum transaction_state to;
    struct policy_issue issue;
    struct transaction_by by;
};

static int take_body(struct db_tx *tx, void *context, struct error *error) {
    struct taking *taking = context;
    return application_take(tx, &taking->application, taking->step, taking->to,
                            taking->step == TRANSACTION_ISSUE ? &taking->issue : NULL,
                            &taking->by, error);
}

/* The application as it was seen, and a step that may be taken from there. */
static int take_begin(struct call *call, enum transaction_step step, struct taking *taking) {
    *taking = (struct taking){.step = step};
    int status = application_of_input(call, &taking->application, NULL, NULL);
    if (!status) status = call_check_revision(call, taking->application.revision);
    if (!status) status = transaction_allow(call, step, taking->application.state, &taking->to);
    taking->by = transaction_by_of(call, record_get_text(&call->input, "reason", call->scratch),
                                   record_get_text(&call->input, "note", call->scratch));
    return status;
}

static int take_write(struct call *call, struct taking *taking) {
    struct application after = taking->application;
    struct record record;
    after.state = taking->to;
    after.revision++;
    after.changed_us = call->now_us;
    record_init(&record, call->scratch);
    application_set(call, &record, &after);
    if (*taking->issue.id)
        record_copy_text(&record, "policy_id", taking->issue.id, strlen(taking->issue.id));
    if (record.failed) return transaction_no_scratch(call);
    call->output = record_value(&record);
    int status = call_write(call, after.id, take_body, taking);
    if (!status) transaction_issued(call, &record, &taking->issue);
    if (status != ERROR_CONFLICT) return status;
    error_clear(&call->error);
    return call_refuse_revision(call);
}

static int take(struct call *call, enum transaction_step step) {
    struct taking taking;
    int status = take_begin(call, step, &taking);
    return status ? status : take_write(call, &taking);
}

static int withdraw_application(struct call *call) {
    return take(call, TRANSACTION_WITHDRAW);
}

static int decide_application(struct call *call) {
    bool approved = record_text_is(&call->input, "decision", "approve");
    return take(call, approved ? TRANSACTION_APPROVE : TRANSACTION_REJECT);
}

static int issue_policy(struct call *call) {
    const struct product_version *version = NULL;
    struct taking taking;
    int status = take_begin(call, TRANSACTION_ISSUE, &taking);
    if (status) return status;
    status = catalogue_version(call->service->catalogue, taking.application.version_id,
                               &call->error, &version);
    if (status) return status;
    const struct product_policy *policy = product_info(version->product)->policy;
    if (policy) {
        policy_issue_make(policy, taking.application.consumer, taking.application.effective_date,
                          call->now_us, &taking.issue);
        status = take_write(call, &taking);
    } else {
        status = error_set(&call->error, ERROR_INTERNAL, "%s is of a product without policies",
                           taking.application.id);
    }
    catalogue_release(call->service->catalogue, version);
    return status;
}

/* ---- the table ------------------------------------------------------------------------------- */
static const char *const step_refusals[] = {"wrong_state", "step_not_allowed",
                                            "precondition_required", "precondition_failed", NULL};

#define STEP(name_, path_, nl_, en_, callers_, roles_, input_, run_)                              \
    {.name = name_, .method = "POST", .path = path_, .summary = {nl_, en_}, .callers = callers_,  \
     .roles = roles_,                                                                             \
     .input = input_, .input_count = sizeof input_ / sizeof *input_,                              \
     .output = application_fields, .output_count = APPLICATION_FIELDS, .status = 200,             \
     .idempotent_key = true, .audited = true, .revised = true, .if_match = true,                  \
     .rate = RATE_QUOTE, .refusals = step_refusals, .run = run_, .finish = transaction_finish}

static const struct operation operations[] = {
    {.name = "ListApplications",
     .method = "GET",
     .path = "/applications",
     .summary = {"Lijst van aanvragen", "List of applications"},
     .callers = CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ALL,
     .input = list_input,
     .input_count = sizeof list_input / sizeof *list_input,
     .output = list_output,
     .output_count = 2,
     .status = 200,
     .rate = RATE_READ,
     .run = list_applications},
    {.name = "FindApplications",
     .method = "POST",
     .path = "/applications/search",
     .summary = {"Zoek aanvragen op rekeningnummer of e-mailadres",
                 "Find applications by account number or email address"},
     .callers = CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ALL,
     .input = find_input,
     .input_count = sizeof find_input / sizeof *find_input,
     .output = list_output,
     .output_count = 2,
     .status = 200,
     .rate = RATE_READ,
     .run = list_applications},
    {.name = "GetApplication",
     .method = "GET",
     .path = "/applications/{id}",
     .summary = {"Eén aanvraag, met wat ermee gebeurde",
                 "One application, with what happened to it"},
     .callers = CALLER_SECRET_KEY | CALLER_PUBLISHABLE_KEY | CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ALL,
     .input = read_input,
     .input_count = sizeof read_input / sizeof *read_input,
     .output = detail_fields,
     .output_count = sizeof detail_fields / sizeof *detail_fields,
     .status = 200,
     .revised = true,
     .rate = RATE_READ,
     .run = get_application},
    STEP("WithdrawApplication", "/applications/{id}/withdraw", "Trek een aanvraag in",
         "Withdraw an application", CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER,
         TRANSACTION_ROLES_BINDING, withdraw_input,
         withdraw_application),
    STEP("DecideApplication", "/applications/{id}/decide",
         "Beslis over een aanvraag die wacht, met redenen",
         "Decide on an application that waits, with reasons", CALLER_ORGANISATION | CALLER_USER,
         TRANSACTION_ROLES_DECIDING, decide_input,
         decide_application),
    STEP("IssuePolicy", "/applications/{id}/issue", "Geef de polis van een aanvraag af",
         "Issue the policy of an application", CALLER_ORGANISATION | CALLER_USER,
         TRANSACTION_ROLES_DECIDING, issue_input, issue_policy)};

extern const struct operation_group api_applications;
const struct operation_group api_applications = {.name = "transactions",
                                                 .operations = operations,
                                                 .count = sizeof operations / sizeof *operations};

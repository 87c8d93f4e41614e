/* Impacts: what a draft would have done to the book. One is asked for, runs beside the requests
 * (jobs/impact_job.h), and is looked at until it is done; the report comes as JSON and as CSV. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "domain/calendar_day.h"
#include "domain/impact.h"
#include "domain/impact_run.h"
#include "domain/service.h"
#include "message/json.h"
#include "operation/page.h"

enum {
    IMPACT_REPORT_VALUES_MAX = 200000,
    IMPACT_ROLES = ROLE_PRODUCT_MANAGER | ROLE_UNDERWRITER | ROLE_ANALYST /* who may start one */
};

/* ---- fields --------------------------------------------------------------------------------- */
static const struct field start_input[] = {
    {.name = "draft_id", .type = FIELD_TEXT, .required = true, .length_maximum = ID_MAX,
     .label = {"concept", "draft"},
     .help = {"Het id van het concept dat wordt uitgeprobeerd.",
              "The id of the draft that is tried."},
     .example = "\"pdr_06fdv0a7q6wzt4x2m8n5k9y3hr\""},
    {.name = "against_version", .type = FIELD_INTEGER, .minimum = "1", .maximum = "1000000",
     .label = {"vergelijk met versie", "compare with version"},
     .help = {"Zonder nummer de versie die nu geldt.",
              "Without a number the version in force now."}},
    {.name = "partner_id", .type = FIELD_TEXT, .length_maximum = ID_MAX,
     .label = {"alleen van deze partner", "only of this partner"}},
    {.name = "since", .type = FIELD_DATE,
     .label = {"gemaakt op of na", "made on this day or later"}},
    {.name = "until", .type = FIELD_DATE,
     .label = {"gemaakt voor", "made before this day"}},
    {.name = "region", .type = FIELD_TEXT, .length_maximum = PRODUCT_CODE_MAX - 1,
     .label = {"regio volgens", "region by"},
     .help = {"De naam van een beslissing van het tarief of van een vraag; zonder naam Region, "
              "region of de eerste twee tekens van postcode.",
              "The name of a decision of the tariff or of a question; without a name Region, "
              "region, or the first two characters of postcode."}}};

static const struct field id_input[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true,
     .label = {"id van de doorrekening", "id of the impact"}}};

static const struct field list_input[] = {
    PAGE_FIELD_LIMIT,
    PAGE_FIELD_CURSOR};

static const struct field_choice states[] = {
    {"queued", {"wacht", "waits"}},
    {"running", {"bezig", "running"}},
    {"done", {"klaar", "done"}},
    {"failed", {"mislukt", "failed"}},
    {"cancelled", {"afgebroken", "cancelled"}}};

static const struct field progress_fields[] = {
    {.name = "walked", .type = FIELD_INTEGER, .required = true,
     .label = {"offertes bekeken", "quotes looked at"}},
    {.name = "total", .type = FIELD_INTEGER, .required = true,
     .label = {"van zoveel", "of so many"}}};

#define RUN_FIELDS                                                                                \
    {.name = "id", .type = FIELD_TEXT, .required = true, .label = {"id", "id"},                   \
     .example = "\"imp_06fdv0a7q6wzt4x2m8n5k9y3hr\""},                                            \
    {.name = "state", .type = FIELD_CHOICE, .required = true, .label = {"toestand", "state"},     \
     .choices = states, .choice_count = 5},                                                       \
    {.name = "test", .type = FIELD_BOOLEAN, .required = true,                                     \
     .label = {"over testoffertes, met een testsleutel", "over test quotes, with a test key"}},   \
    {.name = "draft_id", .type = FIELD_TEXT, .required = true, .label = {"concept", "draft"}},    \
    {.name = "product", .type = FIELD_TEXT, .required = true, .label = {"product", "product"}},   \
    {.name = "against_version", .type = FIELD_INTEGER, .required = true, .nullable = true,        \
     .label = {"vergeleken met versie", "compared with version"},                                 \
     .help = {"Null: de versie die geldt bij het begin.",                                         \
              "Null: the version in force when it begins."}},                                     \
    {.name = "partner_id", .type = FIELD_TEXT, .required = true, .nullable = true,                \
     .label = {"alleen van deze partner", "only of this partner"}},                               \
    {.name = "since", .type = FIELD_DATE, .required = true, .nullable = true,                     \
     .label = {"gemaakt op of na", "made on this day or later"}},                                 \
    {.name = "until", .type = FIELD_DATE, .required = true, .nullable = true,                     \
     .label = {"gemaakt voor", "made before this day"}},                                          \
    {.name = "region", .type = FIELD_TEXT, .required = true, .nullable = true,                    \
     .label = {"regio volgens", "region by"}},                                                    \
    {.name = "started_by", .type = FIELD_TEXT, .required = true,                                  \
     .label = {"gevraagd door", "asked by"}},                                                     \
    {.name = "progress", .type = FIELD_RECORD, .required = true,                                  \
     .label = {"voortgang", "progress"}, .fields = progress_fields, .field_count = 2,             \
     .schema = "ImpactProgress"},                                                                 \
    {.name = "cancel_asked", .type = FIELD_BOOLEAN, .required = true,                             \
     .label = {"afbreken is gevraagd", "cancelling was asked"}},                                  \
    {.name = "problem", .type = FIELD_TEXT, .required = true, .nullable = true,                   \
     .length_maximum = IMPACT_PROBLEM_MAX,                                                        \
     .label = {"waarom het mislukte", "why it failed"}},                                          \
    {.name = "created_at", .type = FIELD_DATE_TIME, .required = true,                             \
     .label = {"gevraagd op", "asked at"}},                                                       \
    {.name = "started_at", .type = FIELD_DATE_TIME, .required = true, .nullable = true,           \
     .label = {"begonnen op", "begun at"}},                                                       \
    {.name = "finished_at", .type = FIELD_DATE_TIME, .required = true, .nullable = true,          \
     .label = {"klaar op", "finished at"}}

static const struct field run_fields[] = {RUN_FIELDS};
enum { RUN_FIELD_COUNT = sizeof run_fields / sizeof *run_fields };
static const struct field report_fields[] = {
    RUN_FIELDS,
    {.name = "report", .type = FIELD_OPEN, .required = true, .nullable = true,
     .label = {"verslag", "report"},
     .help = {"Null tot het klaar is. Bedragen en percentages zijn teksten met twee decimalen. "
              "Winnaars betalen minder, verliezers meer.",
              "Null until it is done. Amounts and percentages are texts with two decimals. "
              "Winners pay less, losers more."}}};

static const struct field csv_output[] = {
    {.name = "report", .type = FIELD_TEXT, .required = true,
     .label = {"verslag als CSV", "report as CSV"}}};

static const struct field list_item[] = {{.name = "impact", .type = FIELD_RECORD, .required = true,
                                          .fields = run_fields, .field_count = RUN_FIELD_COUNT,
                                          .schema = "Impact"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true,
     .label = {"doorrekeningen", "impacts"}, .help = {"De nieuwste eerst.", "The newest first."},
     .fields = list_item, .field_count = 1},
    PAGE_FIELD_NEXT};

/* ---- rendering ------------------------------------------------------------------------------ */
static void set_moment(struct record *record, const char *name, int64_t instant_us) {
    if (instant_us) record_set_instant(record, name, instant_us);
    else record_set(record, name, value_null());
}

static void run_render(const struct impact_run *run, struct record *record) {
    struct record progress;
    record_init(&progress, record->scratch);
    record_set_integer(&progress, "walked", run->walked);
    record_set_integer(&progress, "total", run->total);
    record_copy_given(record, "id", run->id);
    record_set_text(record, "state", impact_state_text(run->state));
    record_set_boolean(record, "test", run->test);
    record_copy_given(record, "draft_id", run->draft_id);
    record_copy_given(record, "product", run->product);
    if (run->against_number) record_set_integer(record, "against_version", run->against_number);
    else record_set(record, "against_version", value_null());
    record_copy_given(record, "partner_id", run->partner_id);
    record_copy_given(record, "since", run->since_date);
    record_copy_given(record, "until", run->until_date);
    record_copy_given(record, "region", run->region);
    record_copy_given(record, "started_by", run->started_by);
    record_set(record, "progress", record_value(&progress));
    record_set_boolean(record, "cancel_asked", run->cancel_asked);
    record_copy_given(record, "problem", run->problem);
    set_moment(record, "created_at", run->created_us);
    set_moment(record, "started_at", run->started_us);
    set_moment(record, "finished_at", run->finished_us);
    record->failed |= progress.failed;
}

static int run_answer(struct call *call, const struct impact_run *run) {
    struct record record;
    record_init(&record, call->scratch);
    run_render(run, &record);
    if (record.failed)
        return error_set(&call->error, ERROR_TOO_LARGE, "an impact needs more scratch memory");
    call->output = record_value(&record);
    return 0;
}

/* ---- starting ------------------------------------------------------------------------------- */
struct starting {
    struct impact_run run;
    struct draft draft;
    bool test, version_known, partner_known, too_many;
};

static int draft_body(struct db_tx *tx, void *context, struct error *error) {
    struct starting *starting = context;
    struct impact_run *run = &starting->run;
    int status = draft_read(tx, run->draft_id, starting->test, error, &starting->draft);
    if (status) return status;
    memcpy(run->product, starting->draft.product, sizeof run->product);
    return impact_run_known(tx, run, error, &starting->version_known, &starting->partner_known);
}

static int insert_body(struct db_tx *tx, void *context, struct error *error) {
    struct starting *starting = context;
    int status = impact_run_insert(tx, &starting->run, error);
    starting->too_many = status == ERROR_TOO_LARGE;
    return status;
}

/* Fields count characters, and what keeps a name counts bytes: half a name is another name. */
static void text_take(struct call *call, const char *name, char *ret_text, size_t size) {
    const struct value *given = record_get(&call->input, name);
    char pointer[FIELD_POINTER_MAX];
    if (given && given->length < size) {
        snprintf(ret_text, size, "%.*s", (int)given->length, given->text);
    } else if (given) {
        snprintf(pointer, sizeof pointer, "/%s", name);
        field_fault_add(&call->faults, pointer, "too_long",
                        call->language == LANGUAGE_EN
                            ? "This is too long: give at most %zu bytes of UTF-8."
                            : "Dit is te lang: geef hoogstens %zu bytes UTF-8.",
                        size - 1);
    }
}

static void date_take(const struct value *input, const char *name, char ret_text[CLOCK_DATE_MAX]) {
    const struct value *given = record_get(input, name);
    if (given) day_write(&given->date, ret_text);
}

static int refuse(struct call *call, const char *pointer, const char *code, const char *nl,
                  const char *en) {
    field_fault_add(&call->faults, pointer, code, "%s",
                    call->language == LANGUAGE_EN ? en : nl);
    return ERROR_INVALID;
}

static int refuse_draft(struct call *call) {
    return refuse(call, "/draft_id", "unknown_draft",
                  "Dit concept bestaat niet: neem een id uit GET /drafts.",
                  "There is no such draft: take an id from GET /drafts.");
}

/* What could only end in a failed run, or in a report on nothing, is said before it waits. */
static int check_filters(struct call *call, const struct starting *starting) {
    const struct impact_run *run = &starting->run;
    int status = 0;
    if (!starting->version_known)
        status = refuse(call, "/against_version", "unknown_version",
                        "Deze versie van het product is er niet: neem product_version uit "
                        "GET /drafts, of laat dit weg voor de versie die nu geldt.",
                        "The product has no such version: take a product_version from "
                        "GET /drafts, or leave this out for the version in force now.");
    if (!starting->partner_known)
        status = refuse(call, "/partner_id", "unknown_partner",
                        "Deze partner bestaat niet: neem het id van een partner, of laat dit weg "
                        "voor alle partners.",
                        "There is no such partner: give a partner's id, or leave this out for all "
                        "partners.");
    if (*run->since_date && *run->until_date && strcmp(run->since_date, run->until_date) >= 0)
        status = refuse(call, "/until", "too_small",
                        "Deze dag ligt niet na since: er blijven geen offertes over. Geef een "
                        "latere dag.",
                        "This day is not after since: no quotes are left. Give a later day.");
    return status;
}

static int start_impact(struct call *call) {
    const struct value *input = &call->input, *draft = record_get(input, "draft_id");
    struct starting starting = {.test = call->caller.test};
    struct impact_run *run = &starting.run;
    if (!draft || !id_valid("pdr", draft->text, draft->length)) return refuse_draft(call);
    *run = (struct impact_run){
        .test = call->caller.test,
        .against_number = (int)record_get_integer(input, "against_version", 0),
        .created_us = call->now_us};
    id_make("imp", run->id);
    text_take(call, "draft_id", run->draft_id, sizeof run->draft_id);
    text_take(call, "partner_id", run->partner_id, sizeof run->partner_id);
    text_take(call, "region", run->region, sizeof run->region);
    date_take(input, "since", run->since_date);
    date_take(input, "until", run->until_date);
    snprintf(run->started_by, sizeof run->started_by, "%s:%s",
             call->caller.kind == CALLER_USER ? "user" : "organisation",
             caller_counted_id(&call->caller));
    if (call->faults.count) return ERROR_INVALID;
    int status = call_read(call, draft_body, &starting);
    if (status == ERROR_NOT_FOUND) {
        error_clear(&call->error);
        return refuse_draft(call);
    }
    if (!status) status = check_filters(call, &starting);
    if (status) return status;
    status = run_answer(call, run);
    if (status) return status;
    status = call_write(call, run->id, insert_body, &starting);
    if (!starting.too_many) return status;
    error_clear(&call->error);
    call_refuse(call, 503, "too_many_impacts",
                "Er wachten al te veel doorrekeningen: probeer het later opnieuw.",
                "Too many impacts wait already: try again later.");
    call->refusal.retry_after_s = 30;
    return ERROR_DENIED;
}

/* ---- looking -------------------------------------------------------------------------------- */
struct looking {
    char id[ID_MAX];
    bool test, with_report, csv;
    int64_t now_us;
    struct impact_run run;
    char *report; /* free() it */
    size_t report_length;
};

static int look_body(struct db_tx *tx, void *context, struct error *error) {
    struct looking *looking = context;
    free(looking->report);
    looking->report = NULL;
    int status = impact_run_read(tx, looking->id, looking->test, error, &looking->run);
    if (status || !looking->with_report) return status;
    return impact_run_report(tx, looking->id, looking->csv, error, &looking->report,
                             &looking->report_length);
}

static int look(struct call *call, struct looking *looking) {
    const struct value *id = record_get(&call->input, "id");
    if (!id || !id_valid("imp", id->text, id->length)) return call_not_found(call);
    snprintf(looking->id, sizeof looking->id, "%.*s", (int)id->length, id->text);
    looking->test = call->caller.test;
    int status = call_read(call, look_body, looking);
    if (status != ERROR_NOT_FOUND) return status;
    error_clear(&call->error);
    return call_not_found(call);
}

static int get_impact(struct call *call) {
    struct looking looking = {.with_report = true};
    struct record record;
    struct json_fault fault;
    struct value report = value_null();
    const struct json_limits limits = {.values = IMPACT_REPORT_VALUES_MAX};
    int status = look(call, &looking);
    if (!status && looking.report) {
        status = json_read(looking.report, looking.report_length, &limits, call->scratch, &fault,
                           &report);
        if (status)
            error_set(&call->error, status == ERROR_INVALID ? ERROR_INTERNAL : status,
                      "the report of %s cannot be read", looking.id);
    }
    free(looking.report);
    if (status) return status;
    record_init(&record, call->scratch);
    run_render(&looking.run, &record);
    record_set(&record, "report", report);
    if (record.failed)
        return error_set(&call->error, ERROR_TOO_LARGE, "an impact needs more scratch memory");
    call->output = record_value(&record);
    return 0;
}

static int get_impact_csv(struct call *call) {
    struct looking looking = {.with_report = true, .csv = true};
    int status = look(call, &looking);
    if (!status && !looking.report)
        status = call_refuse(call, 409, "not_done",
                             "Deze doorrekening heeft (nog) geen verslag: zie de toestand.",
                             "This impact has no report (yet): see its state.");
    char *copied = status ? NULL : scratch_take(call->scratch, looking.report_length + 1);
    if (!status && !copied)
        status = error_set(&call->error, ERROR_TOO_LARGE, "a report needs more scratch memory");
    if (copied) {
        memcpy(copied, looking.report, looking.report_length + 1);
        call->output = value_text(copied, looking.report_length);
    }
    free(looking.report);
    return status;
}

/* ---- cancelling ----------------------------------------------------------------------------- */
static int cancel_body(struct db_tx *tx, void *context, struct error *error) {
    struct looking *looking = context;
    return impact_run_cancel(tx, looking->id, looking->test, looking->now_us, error,
                             &looking->run);
}

static int cancel_impact(struct call *call) {
    struct looking looking = {.now_us = call->now_us};
    int status = look(call, &looking);
    if (!status) status = call_write(call, looking.id, cancel_body, &looking);
    if (status == ERROR_CONFLICT) {
        error_clear(&call->error);
        return call_refuse(call, 409, "finished", "Deze doorrekening is al afgelopen.",
                           "This impact is finished already.");
    }
    return status ? status : run_answer(call, &looking.run);
}

/* ---- listing -------------------------------------------------------------------------------- */
struct listing {
    const char *before;
    bool test;
    int limit, count;
    struct impact_run *runs; /* room for limit + 1: one more tells of a next page */
};

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    return impact_run_list(tx, listing->test, listing->before, listing->limit + 1, error,
                           listing->runs, &listing->count);
}

static int list_impacts(struct call *call) {
    const char *cursor;
    int status = page_cursor(call, "imp", &cursor);
    if (status) return status;
    struct listing listing = {
        .before = cursor,
        .test = call->caller.test,
        .limit = (int)record_get_integer(&call->input, "limit", PAGE_LIMIT_DEFAULT),
        .runs = scratch_take(call->scratch,
                             (IMPACT_RUN_LIST_MAX + 1) * sizeof(struct impact_run))};
    struct record output;
    struct list items;
    status = listing.runs ? call_read(call, list_body, &listing) : 0;
    if (status) return status;
    list_init(&items, call->scratch);
    int shown = listing.count < listing.limit ? listing.count : listing.limit;
    for (int i = 0; i < shown; i++) {
        struct record record;
        record_init(&record, call->scratch);
        run_render(&listing.runs[i], &record);
        items.failed |= record.failed;
        list_add(&items, record_value(&record));
    }
    record_init(&output, call->scratch);
    record_set(&output, "items", list_value(&items));
    if (listing.count > shown) record_copy_given(&output, "next", listing.runs[shown - 1].id);
    else record_set(&output, "next", value_null());
    if (!listing.runs || items.failed || output.failed)
        return error_set(&call->error, ERROR_TOO_LARGE, "a page needs more scratch memory");
    call->output = record_value(&output);
    return 0;
}

/* ---- the table ------------------------------------------------------------------------------ */
static const char *const start_refusals[] = {"too_many_impacts", NULL};
static const char *const csv_refusals[] = {"not_done", NULL};
static const char *const cancel_refusals[] = {"finished", NULL};

static const struct operation operations[] = {
    {.name = "StartImpact",
     .method = "POST",
     .path = "/impacts",
     .summary = {"Reken een concept door over alle offertes",
                 "Rate all quotes under a draft, and compare"},
     .callers = CALLER_ORGANISATION | CALLER_USER,
     .roles = IMPACT_ROLES,
     .input = start_input,
     .input_count = sizeof start_input / sizeof *start_input,
     .output = run_fields,
     .output_count = RUN_FIELD_COUNT,
     .status = 202,
     .idempotent_key = true,
     .audited = true,
     .rate = RATE_QUOTE,
     .refusals = start_refusals,
     .run = start_impact},
    {.name = "GetImpact",
     .method = "GET",
     .path = "/impacts/{id}",
     .summary = {"Lees een doorrekening met haar verslag", "Read an impact with its report"},
     .callers = CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ORGANISATION_ALL,
     .input = id_input,
     .input_count = 1,
     .output = report_fields,
     .output_count = sizeof report_fields / sizeof *report_fields,
     .status = 200,
     .rate = RATE_READ,
     .run = get_impact},
    {.name = "GetImpactCsv",
     .method = "GET",
     .path = "/impacts/{id}/report.csv",
     .summary = {"Lees het verslag van een doorrekening als CSV",
                 "Read the report of an impact as CSV"},
     .callers = CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ORGANISATION_ALL,
     .input = id_input,
     .input_count = 1,
     .output = csv_output,
     .output_count = 1,
     .output_text = true,
     .media_type = "text/csv; charset=utf-8",
     .status = 200,
     .rate = RATE_READ,
     .refusals = csv_refusals,
     .run = get_impact_csv},
    {.name = "CancelImpact",
     .method = "POST",
     .path = "/impacts/{id}/cancel",
     .summary = {"Breek een doorrekening af", "Cancel an impact"},
     .callers = CALLER_ORGANISATION | CALLER_USER,
     .roles = IMPACT_ROLES,
     .input = id_input,
     .input_count = 1,
     .output = run_fields,
     .output_count = RUN_FIELD_COUNT,
     .status = 200,
     .audited = true,
     .rate = RATE_READ,
     .refusals = cancel_refusals,
     .run = cancel_impact},
    {.name = "ListImpacts",
     .method = "GET",
     .path = "/impacts",
     .summary = {"Toon de doorrekeningen", "List the impacts"},
     .callers = CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ORGANISATION_ALL,
     .input = list_input,
     .input_count = sizeof list_input / sizeof *list_input,
     .output = list_output,
     .output_count = sizeof list_output / sizeof *list_output,
     .status = 200,
     .rate = RATE_READ,
     .run = list_impacts}};

extern const struct operation_group api_impacts;
const struct operation_group api_impacts = {.name = "impacts",
                                            .operations = operations,
                                            .count = sizeof operations / sizeof *operations};

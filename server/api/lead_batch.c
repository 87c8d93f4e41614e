/* A step for many leads at once: each by itself, all in one transaction, and each with its own
 * answer. What cannot be done of one holds up no other. */
#include <stdio.h>
#include <string.h>

#include "domain/service.h"
#include "lead_common.h"

enum { LEADS_MAX = 200 };

/* ---- fields --------------------------------------------------------------------------------- */
static const struct field_choice batch_steps[] = {
    {"assign", {"aan iemand van het kantoor geven", "give to somebody of the office"}},
    {"rules", {"vanzelf aanbieden", "offer by rule"}},
    {"pool", {"terug naar de organisatie", "back to the organisation"}},
    {"accept", {"aannemen", "accept"}},
    {"lose", {"afsluiten als verloren", "close as lost"}},
    {"plan", {"de volgende stap plannen", "plan the next step"}}};
static const struct field id_item[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true, .length_maximum = ID_MAX}};
static const struct field batch_input[] = {
    {.name = "step", .type = FIELD_CHOICE, .required = true, .choices = batch_steps,
     .choice_count = sizeof batch_steps / sizeof *batch_steps, .label = {"stap", "step"}},
    {.name = "ids", .type = FIELD_LIST, .required = true, .length_minimum = 1,
     .length_maximum = LEADS_MAX, .fields = id_item, .field_count = 1,
     .label = {"leads", "leads"}, .help = {"Hooguit 200.", "200 at most."}},
    LEAD_USER_FIELD,
    {.name = "reason", .type = FIELD_CHOICE, .choices = lead_lose_reasons,
     .choice_count = LEAD_LOSE_REASONS, .label = {"reden", "reason"},
     .help = {"Verplicht bij lose.", "Required with lose."}},
    LEAD_PLAN_FIELDS, LEAD_NOTE_FIELD};
static const struct field result_fields[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true, .label = {"id", "id"}},
    {.name = "done", .type = FIELD_BOOLEAN, .required = true, .label = {"gedaan", "done"}},
    TEXT_NULLABLE("code", "waarom niet", "why not"),
    {.name = "revision", .type = FIELD_INTEGER, .required = true, .nullable = true,
     .label = {"volgnummer van de wijziging", "revision"}},
    TEXT_NULLABLE("status", "status", "status")};
static const struct field result_item[] = {
    {.name = "lead", .type = FIELD_RECORD, .required = true, .fields = result_fields,
     .field_count = sizeof result_fields / sizeof *result_fields, .schema = "LeadBatchResult"}};
static const struct field batch_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .length_maximum = LEADS_MAX,
     .fields = result_item, .field_count = 1, .label = {"leads", "leads"},
     .help = {"In de volgorde van ids.", "In the order of ids."}},
    {.name = "done", .type = FIELD_INTEGER, .required = true,
     .label = {"hoeveel er gedaan zijn", "how many were done"}}};

/* ---- deeds ---------------------------------------------------------------------------------- */
enum batch_kind { BATCH_ASSIGN, BATCH_RULES, BATCH_POOL, BATCH_ACCEPT, BATCH_LOSE, BATCH_PLAN };

struct batch {
    struct call *call;
    enum batch_kind kind;
    bool user_named; /* else it is who calls, where that is somebody of the office */
    const char *user_id, *user_name, *user_partner_id, *reason, *next_step, *next_on;
    struct lead_by by;
    int count;
    struct lead leads[LEADS_MAX]; /* id NULL: there is none in scope */
    const char *ids[LEADS_MAX];
    const char *codes[LEADS_MAX]; /* why not; NULL: it is done */
    struct lead_deed deeds[LEADS_MAX];
};

static enum lead_step step_of(const struct batch *batch, const struct lead *lead) {
    switch (batch->kind) {
    case BATCH_ASSIGN: return LEAD_ASSIGN;
    case BATCH_ACCEPT: return LEAD_ACCEPT;
    case BATCH_LOSE: return LEAD_LOSE;
    case BATCH_PLAN: return LEAD_CHANGE;
    default: return lead->partner_id ? LEAD_TAKE_BACK : LEAD_CHANGE;
    }
}

/* Does the user that the leads go to work at this one's office? */
static bool user_fits(const struct batch *batch, const struct lead *lead) {
    return lead->partner_id && batch->user_partner_id &&
           strcmp(lead->partner_id, batch->user_partner_id) == 0;
}

static void after_set(const struct batch *batch, enum lead_state to, struct lead_deed *deed) {
    struct lead *after = &deed->after;
    bool offered = deed->before.state == LEAD_OFFERED;
    switch (batch->kind) {
    case BATCH_ASSIGN: after->user_id = batch->user_id; break;
    case BATCH_PLAN:
        if (batch->next_step) after->next_step = *batch->next_step ? batch->next_step : NULL;
        if (batch->next_on) after->next_on = batch->next_on;
        break;
    case BATCH_LOSE:
        lead_settle(after, to, batch->by.at_us);
        after->reason = batch->reason;
        after->next_step = after->next_on = NULL;
        break;
    case BATCH_ACCEPT:
        lead_settle(after, to, batch->by.at_us);
        after->accepted_us = batch->by.at_us;
        if (user_fits(batch, &deed->before)) after->user_id = batch->user_id;
        deed->closes = offered;
        deed->outcome = LEAD_OFFER_ACCEPTED;
        break;
    default:
        lead_settle(after, to, batch->by.at_us);
        after->assignment = NULL;
        after->due_us = batch->kind == BATCH_RULES ? batch->by.at_us : 0;
        deed->closes = offered;
        deed->outcome = LEAD_OFFER_WITHDRAWN;
        break;
    }
}

/* Why the step is not to be taken of a lead; NULL: the deed is made. */
static const char *deed_make(const struct batch *batch, const struct lead *lead,
                             struct lead_deed *ret_deed) {
    enum lead_actor actor = lead_actor_of(&batch->call->caller);
    enum lead_state to;
    if (!lead->id) return "not_found";
    enum lead_step step = step_of(batch, lead);
    enum lead_answer answer = lead_ask(step, lead->state, actor, &to);
    if (answer == LEAD_WRONG_ACTOR) return "step_not_allowed";
    if (answer != LEAD_ALLOWED || lead->merged_into_id) return "wrong_state";
    if (batch->user_named && !user_fits(batch, lead)) return "unknown_user";
    *ret_deed = (struct lead_deed){
        .before = *lead, .after = *lead, .step = step, .by = batch->by, .contacted = -1};
    after_set(batch, to, ret_deed);
    return NULL;
}

static int write_body(struct db_tx *tx, void *context, struct error *error) {
    const struct batch *batch = context;
    for (int i = 0; i < batch->count; i++) {
        struct error own = {0};
        if (batch->codes[i]) continue;
        int status = lead_deed_do(tx, &batch->deeds[i], &own);
        if (status) return error_set(error, status, "%s", own.text);
    }
    return 0;
}

/* ---- reading -------------------------------------------------------------------------------- */
static int user_partner_read(struct db_tx *tx, struct batch *batch, struct error *error) {
    struct db_rows *rows = NULL;
    batch->user_partner_id = NULL;
    if (!batch->user_id) return 0;
    int status = db_query(tx, error, &rows,
                          "select u.partner_id from app_user u where u.id = $1"
                          " and u.status <> 'disabled' and $scope(u)",
                          db_text(batch->user_id));
    if (!status) status = db_next(rows, error);
    if (status > 0 && !db_column_null(rows, 0)) {
        char *copied = scratch_take(batch->call->scratch, ID_MAX);
        if (copied) db_column_copy(rows, 0, copied, ID_MAX);
        batch->user_partner_id = copied;
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct batch *batch = context;
    int status = user_partner_read(tx, batch, error);
    for (int i = 0; !status && i < batch->count; i++)
        status = lead_outline_read(tx, batch->ids[i], batch->call->caller.test,
                                   batch->call->scratch, error, &batch->leads[i]);
    return status;
}

static int ids_take(struct call *call, struct batch *batch) {
    const struct value *ids = record_get(&call->input, "ids");
    for (uint32_t i = 0; i < ids->length && batch->count < LEADS_MAX; i++) {
        const struct value *id = &ids->items[i];
        char *text = scratch_take(call->scratch, id->length + 1);
        if (!text) return lead_no_scratch(call);
        memcpy(text, id->text, id->length);
        text[id->length] = '\0';
        for (int j = 0; j < batch->count; j++) {
            if (strcmp(batch->ids[j], text) != 0) continue;
            char pointer[FIELD_POINTER_MAX];
            snprintf(pointer, sizeof pointer, "/ids/%u", i);
            field_fault_add(&call->faults, pointer, "twice", "%s",
                            call->language == LANGUAGE_EN ? "This lead is named twice."
                                                          : "Deze lead staat er twee keer.");
        }
        batch->ids[batch->count++] = text;
    }
    return call->faults.count ? ERROR_INVALID : 0;
}

static int needed_check(struct call *call, const struct batch *batch) {
    const char *missing = batch->kind == BATCH_ASSIGN && !batch->user_named ? "/user_id"
                          : batch->kind == BATCH_LOSE && !batch->reason ? "/reason"
                                                                        : NULL;
    if (!missing) return 0;
    field_fault_add(&call->faults, missing, "required", "%s",
                    call->language == LANGUAGE_EN ? "This step needs it: fill it in."
                                                  : "Deze stap vraagt erom: vul het in.");
    return ERROR_INVALID;
}

/* ---- the call ------------------------------------------------------------------------------- */
static int batch_answer(struct call *call, const struct batch *batch) {
    struct list items;
    struct record output;
    int done = 0;
    list_init(&items, call->scratch);
    for (int i = 0; i < batch->count; i++) {
        const struct lead_deed *deed = &batch->deeds[i];
        struct record item;
        record_init(&item, call->scratch);
        record_set_text(&item, "id", batch->ids[i]);
        record_set_boolean(&item, "done", !batch->codes[i]);
        record_set_text(&item, "code", batch->codes[i]);
        if (!batch->codes[i]) {
            record_set_integer(&item, "revision", lead_deed_revision(deed));
            record_set_text(&item, "status", lead_state_text(deed->after.state));
            done++;
        }
        items.failed |= item.failed;
        list_add(&items, record_value(&item));
    }
    record_init(&output, call->scratch);
    record_set(&output, "items", list_value(&items));
    record_set_integer(&output, "done", done);
    if (items.failed || output.failed) return lead_no_scratch(call);
    call->output = record_value(&output);
    return 0;
}

static int change_leads(struct call *call) {
    const struct value *input = &call->input;
    struct batch *batch = scratch_take(call->scratch, sizeof *batch);
    if (!batch) return lead_no_scratch(call);
    *batch = (struct batch){.call = call,
                            .user_id = record_get_text(input, "user_id", call->scratch),
                            .reason = record_get_text(input, "reason", call->scratch),
                            .next_step = record_get_text(input, "next_step", call->scratch)};
    batch->user_named = batch->user_id != NULL;
    if (!batch->user_id && *call->caller.user_id) batch->user_id = call->caller.user_id;
    for (int kind = 0; kind <= BATCH_PLAN; kind++)
        if (record_text_is(input, "step", batch_steps[kind].code))
            batch->kind = (enum batch_kind)kind;
    batch->by = lead_by_of(call, batch->kind == BATCH_LOSE ? batch->reason : NULL,
                           record_get_text(input, "note", call->scratch));
    int status = lead_date_of(call, "next_on", &batch->next_on);
    if (!status) status = needed_check(call, batch);
    if (!status) status = ids_take(call, batch);
    if (!status) status = call_read(call, read_body, batch);
    if (status) return status;
    if ((batch->kind == BATCH_RULES || batch->kind == BATCH_POOL) &&
        !caller_is_organisation(&call->caller))
        return call_refuse(call, 403, "step_not_allowed",
                           "Alleen de organisatie geeft leads aan een ander kantoor.",
                           "Only the organisation gives leads to another office.");
    for (int i = 0; i < batch->count; i++)
        batch->codes[i] = deed_make(batch, &batch->leads[i], &batch->deeds[i]);
    status = batch_answer(call, batch);
    return status ? status : call_write(call, NULL, write_body, batch);
}

static const char *const refusals[] = {"step_not_allowed", "conflict", NULL};

static const struct operation operations[] = {
    {.name = "ChangeLeads",
     .method = "POST",
     .path = "/leads/batch",
     .summary = {"Zet een stap met veel leads tegelijk", "Take a step with many leads at once"},
     .callers = LEAD_CALLERS,
     .roles = LEAD_ROLES_BINDING,
     .input = batch_input,
     .input_count = sizeof batch_input / sizeof *batch_input,
     .output = batch_output,
     .output_count = 2,
     .status = 200,
     .idempotent_key = true,
     .audited = true,
     .rate = RATE_QUOTE,
     .refusals = refusals,
     .run = change_leads}};
_Static_assert(LEADS_MAX == 200, "the field says so");

extern const struct operation_group api_lead_batch;
const struct operation_group api_lead_batch = {.name = "leads",
                                               .operations = operations,
                                               .count = sizeof operations / sizeof *operations};

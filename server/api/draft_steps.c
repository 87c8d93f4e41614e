/* The steps of a draft after it was handed in: approving, activating, withdrawing. A key is a
 * person here: a draft is approved with another key than the one that drafted it.
 *
 * What is refused is found before the write, so that it can be said; the write itself holds the
 * state once more, and answers "conflict" to who was second. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "draft_common.h"

static const struct field step_input[] = {DRAFT_ID_FIELD, DRAFT_NOTE_FIELD};
static const struct field id_input[] = {DRAFT_ID_FIELD};

/* What is to become of the draft, and how it is written. */
struct step {
    struct draft_reading *reading;
    struct draft_deed deed;
    char by[DRAFT_BY_MAX];
    struct activation *activation;
    struct draft before;
};

static int step_begin(struct call *call, struct step *step) {
    *step = (struct step){.reading = NULL};
    int status = draft_of_input(call, &step->reading);
    if (!status) status = draft_caller(call, step->by);
    step->deed = (struct draft_deed){
        .by = step->by,
        .note = record_get_text(&call->input, "note", call->scratch),
        .now_us = call->now_us};
    return status;
}

/* The answer is the draft as it will be. */
static int step_write(struct call *call, struct step *step, enum draft_state state,
                      db_body body) {
    struct record record;
    struct draft after = step->reading->draft;
    after.state = state;
    if (step->activation) after.version_number = step->activation->version.number;
    record_init(&record, call->scratch);
    draft_set(&record, &after);
    if (record.failed) return draft_no_scratch(call);
    call->output = record_value(&record);
    return call_write(call, step->reading->id, body, step);
}

static int refuse_state(struct call *call, const struct draft *draft) {
    char nl[160], en[160];
    const struct text *label = &draft_states[draft->state].label;
    snprintf(nl, sizeof nl, "Dit kan in deze stand niet: het concept is %s.",
             draft->state == DRAFT_OPEN ? "nog niet goedgekeurd" : label->nl);
    snprintf(en, sizeof en, "This cannot be done in this state: the draft is %s.",
             draft->state == DRAFT_OPEN ? "not approved yet" : label->en);
    return call_refuse(call, 409, "wrong_state", nl, en);
}

/* ---- approve -------------------------------------------------------------------------------- */
static int approve_body(struct db_tx *tx, void *context, struct error *error) {
    struct step *step = context;
    return draft_approve(tx, step->reading->id, step->reading->test, false, &step->deed, error,
                         &step->before);
}

static int approve_draft(struct call *call) {
    struct step step;
    int status = step_begin(call, &step);
    if (status) return status;
    const struct draft *draft = &step.reading->draft;
    if (draft->state != DRAFT_OPEN) return refuse_state(call, draft);
    if (strcmp(draft->drafted_by, step.by) == 0)
        return call_refuse(call, 403, "second_person_required",
                           "Wie het concept maakte, kan het niet goedkeuren: dat doet een tweede "
                           "persoon, met een eigen sleutel.",
                           "Who made the draft cannot approve it: a second person does, with a key "
                           "of their own.");
    return step_write(call, &step, DRAFT_APPROVED, approve_body);
}

/* ---- withdraw ------------------------------------------------------------------------------- */
static int withdraw_body(struct db_tx *tx, void *context, struct error *error) {
    struct step *step = context;
    return draft_withdraw(tx, step->reading->id, step->reading->test, &step->deed, error,
                          &step->before);
}

static int withdraw_draft(struct call *call) {
    struct step step;
    int status = step_begin(call, &step);
    if (status) return status;
    const struct draft *draft = &step.reading->draft;
    if (draft->state != DRAFT_OPEN && draft->state != DRAFT_APPROVED)
        return refuse_state(call, draft);
    return step_write(call, &step, DRAFT_WITHDRAWN, withdraw_body);
}

/* ---- activate ------------------------------------------------------------------------------- */
static int activate_body(struct db_tx *tx, void *context, struct error *error) {
    const struct step *step = context;
    return draft_activate(tx, step->reading->id, step->activation, &step->deed, error);
}

/* Why it cannot become a version, for what the proof and its place in time say. */
static int refuse_activation(struct call *call, int status, const struct error *error,
                             const struct problems *problems) {
    char nl[200], en[200];
    if (status == ERROR_INVALID) {
        snprintf(nl, sizeof nl, "Het concept bewijst zich niet (fouten: %d): lees ze bij het "
                 "concept, verbeter ze en dien een nieuw concept in.", problems->errors);
        snprintf(en, sizeof en, "The draft does not prove itself (errors: %d): read them with the "
                 "draft, correct them and hand in a new one.", problems->errors);
        return call_refuse(call, 409, "draft_not_sound", nl, en);
    }
    if (status == ERROR_CONFLICT)
        return call_refuse(call, 409, "never_in_force",
                           "Vanaf die datum geldt al een latere versie, of dezelfde bestanden: "
                           "dien het concept in met een andere ingangsdatum.",
                           "From that date a later version holds already, or the same files: hand "
                           "the draft in with another date.");
    return error_set(&call->error, status, "%s", error->text);
}

static int activate_ready(struct call *call, struct step *step) {
    struct problems *problems = scratch_take(call->scratch, sizeof *problems);
    struct error error = {0};
    step->activation = scratch_take(call->scratch, sizeof *step->activation);
    if (!problems || !step->activation) return draft_no_scratch(call);
    memset(problems, 0, sizeof *problems);
    const struct activation_place place = {.db = call->service->db,
                                           .encrypts = call->service->encryption != NULL};
    int status = activation_of_draft(&place, call->service->catalogue, &step->reading->draft,
                                     problems, &error, step->activation);
    if (status) return refuse_activation(call, status, &error, problems);
    status = step_write(call, step, DRAFT_ACTIVE, activate_body);
    activation_done(step->activation);
    if (!status) catalogue_refresh(call->service->catalogue);
    return status;
}

static int activate_draft(struct call *call) {
    struct step step;
    int status = step_begin(call, &step);
    if (status) return status;
    if (step.reading->draft.state != DRAFT_APPROVED)
        return refuse_state(call, &step.reading->draft);
    if (call->caller.test)
        return call_refuse(call, 403, "test_draft",
                           "Een concept dat met een testsleutel is gemaakt, wordt nooit van "
                           "kracht: dien het in met een live sleutel.",
                           "A draft that was made with a test key never comes into force: hand it "
                           "in with a live key.");
    return activate_ready(call, &step);
}

/* ---- the table ------------------------------------------------------------------------------ */
static const char *const approve_refusals[] = {"wrong_state", "second_person_required", NULL};
static const char *const activate_refusals[] = {"wrong_state", "test_draft", "draft_not_sound",
                                                "never_in_force", NULL};
static const char *const withdraw_refusals[] = {"wrong_state", NULL};

#define STEP(name_, path_, nl_, en_, input_, refusals_, run_)                                     \
    {.name = name_, .method = "POST", .path = path_, .summary = {nl_, en_},                       \
     .callers = CALLER_ORGANISATION | CALLER_USER, .roles = ROLE_PRODUCT_MANAGER, .input = input_,\
     .input_count = sizeof input_ / sizeof *input_, .output = draft_fields,                       \
     .output_count = DRAFT_FIELD_COUNT, .status = 200, .idempotent_key = true, .audited = true,   \
     .rate = RATE_QUOTE, .refusals = refusals_, .run = run_}

static const struct operation operations[] = {
    STEP("ApproveDraft", "/drafts/{id}/approve", "Keur een concept goed, als tweede persoon",
         "Approve a draft, as a second person", step_input, approve_refusals, approve_draft),
    STEP("ActivateDraft", "/drafts/{id}/activate", "Maak van een goedgekeurd concept een versie",
         "Make an approved draft a version", id_input, activate_refusals, activate_draft),
    STEP("WithdrawDraft", "/drafts/{id}/withdraw", "Trek een concept in", "Withdraw a draft",
         step_input, withdraw_refusals, withdraw_draft)};

extern const struct operation_group api_draft_steps;
const struct operation_group api_draft_steps = {.name = "drafts",
                                                .operations = operations,
                                                .count = sizeof operations / sizeof *operations};

/* Steps of one lead: accepting, declining, giving it to somebody, contact, the end, and merging. */
#include <stdio.h>
#include <string.h>

#include "domain/lead_assign.h"
#include "domain/lead_market.h"
#include "domain/lead_person.h"
#include "domain/service.h"
#include "lead_common.h"

enum { DETAIL_MAX = 64 };

/* ---- fields --------------------------------------------------------------------------------- */
#define REASON_FIELD(choices_, count_)                                                            \
    {.name = "reason", .type = FIELD_CHOICE, .required = true, .choices = choices_,               \
     .choice_count = count_, .label = {"reden", "reason"}}
static const struct field accept_input[] = {LEAD_ID_FIELD, LEAD_USER_FIELD, LEAD_NOTE_FIELD};
static const struct field decline_input[] = {
    LEAD_ID_FIELD, REASON_FIELD(lead_decline_reasons, LEAD_DECLINE_REASONS),
    {.name = "contacted", .type = FIELD_BOOLEAN, .required = true,
     .label = {"heeft u de persoon gesproken", "did you speak to the person"}},
    LEAD_NOTE_FIELD};
static const struct field_choice targets[] = {
    {"person", {"aan iemand van het kantoor", "to somebody of the office"}},
    {"office", {"aan een kantoor aanbieden", "offer to an office"}},
    {"rules", {"vanzelf aanbieden", "offer by rule"}},
    {"pool", {"terug naar de organisatie", "back to the organisation"}}};
static const struct field assign_input[] = {
    LEAD_ID_FIELD,
    {.name = "to", .type = FIELD_CHOICE, .required = true, .choices = targets, .choice_count = 4,
     .label = {"naar", "to"},
     .help = {"Een kantoor geeft aan iemand van zichzelf; het andere doet de organisatie.",
              "An office gives to somebody of its own; the others are the organisation's."}},
    LEAD_USER_FIELD,
    {.name = "partner_id", .type = FIELD_TEXT, .length_maximum = ID_MAX,
     .label = {"kantoor", "office"}, .help = {"Bij `office`.", "With `office`."}},
    {.name = "offer_hours", .type = FIELD_INTEGER, .minimum = "1", .maximum = "400",
     .label = {"werkuren om te antwoorden", "working hours to answer"},
     .help = {"Anders zoals de regels zeggen.", "Else as the rules say."}},
    LEAD_NOTE_FIELD};
_Static_assert(LEAD_OFFER_HOURS_MAX == 400, "the field says so");
static const struct field contact_input[] = {
    LEAD_ID_FIELD,
    {.name = "channel", .type = FIELD_CHOICE, .required = true, .choices = lead_channels,
     .choice_count = LEAD_CHANNELS, .label = {"hoe", "how"}},
    {.name = "reached", .type = FIELD_BOOLEAN, .required = true,
     .label = {"de persoon is gesproken", "the person was reached"}},
    LEAD_PLAN_FIELDS, LEAD_NOTE_FIELD};
static const struct field win_input[] = {
    LEAD_ID_FIELD,
    {.name = "application_id", .type = FIELD_TEXT, .length_maximum = ID_MAX,
     .label = {"aanvraag", "application"}},
    LEAD_NOTE_FIELD};
static const struct field lose_input[] = {
    LEAD_ID_FIELD, REASON_FIELD(lead_lose_reasons, LEAD_LOSE_REASONS), LEAD_NOTE_FIELD};
static const struct field plain_input[] = {LEAD_ID_FIELD, LEAD_NOTE_FIELD};
static const struct field merge_input[] = {
    LEAD_ID_FIELD,
    {.name = "into", .type = FIELD_TEXT, .required = true, .length_maximum = ID_MAX,
     .label = {"id van de lead die blijft", "id of the lead that stays"}},
    LEAD_NOTE_FIELD};

static int fault(struct call *call, const char *pointer, const char *code, const char *nl,
                 const char *en) {
    field_fault_add(&call->faults, pointer, code, "%s", call->language == LANGUAGE_EN ? en : nl);
    return ERROR_INVALID;
}

/* The lead as it was seen, and a step that may be taken from there. */
static int deed_begin(struct call *call, enum lead_step step, struct lead_deed *ret_deed) {
    struct lead_deed deed = {.step = step, .contacted = -1};
    enum lead_state to = LEAD_STATES;
    int status = lead_of_input(call, &deed.before);
    if (!status) status = lead_allow(call, step, &deed.before, &to);
    if (status) return status;
    deed.after = deed.before;
    lead_settle(&deed.after, to, call->now_us);
    deed.by = lead_by_of(call, record_get_text(&call->input, "reason", call->scratch),
                         record_get_text(&call->input, "note", call->scratch));
    *ret_deed = deed;
    return 0;
}

/* ---- the office's answer -------------------------------------------------------------------- */
static int accept_lead(struct call *call) {
    struct lead_deed deed;
    const char *user_id = record_get_text(&call->input, "user_id", call->scratch);
    int status = deed_begin(call, LEAD_ACCEPT, &deed);
    if (status) return status;
    if (!user_id && *call->caller.user_id &&
        strcmp(call->caller.partner_id, deed.before.partner_id) == 0)
        user_id = call->caller.user_id;
    if (!user_id) user_id = deed.before.user_id;
    if (user_id)
        status = lead_user_check(call, user_id, deed.before.partner_id, &deed.after.user_name);
    if (status) return status;
    deed.after.user_id = user_id;
    deed.after.accepted_us = call->now_us;
    deed.closes = true;
    deed.outcome = LEAD_OFFER_ACCEPTED;
    return lead_deed_write(call, &deed);
}

/* Spam is nobody's lead any more; else the next gets it. What the office brought in itself is not
 * passed on: the person asked this office. */
static int decline_lead(struct call *call) {
    struct lead_deed deed;
    bool spam = record_text_is(&call->input, "reason", LEAD_REASON_SPAM);
    int status = deed_begin(call, spam ? LEAD_MARK_SPAM : LEAD_DECLINE, &deed);
    if (status) return status;
    if (!spam && !deed.before.offered_us)
        return call_refuse(call, 409, "own_lead",
                           "Deze lead bracht u zelf in en gaat niet naar een ander kantoor: sluit "
                           "hem af als verloren.",
                           "You brought in this lead yourself and it goes to no other office: "
                           "close it as lost.");
    deed.closes = true;
    deed.outcome = LEAD_OFFER_DECLINED;
    deed.contacted = record_get_boolean(&call->input, "contacted", false);
    deed.after.reason = deed.by.reason;
    if (!spam) deed.after.due_us = call->now_us;
    return lead_deed_write(call, &deed);
}

/* ---- giving it to somebody ------------------------------------------------------------------ */
static int assign_person(struct call *call) {
    struct lead_deed deed;
    const char *user_id = record_get_text(&call->input, "user_id", call->scratch);
    int status = deed_begin(call, LEAD_ASSIGN, &deed);
    if (status) return status;
    if (!user_id)
        return fault(call, "/user_id", "required", "Noem de gebruiker die de lead krijgt.",
                     "Name the user who gets the lead.");
    status = lead_user_check(call, user_id, deed.before.partner_id, &deed.after.user_name);
    if (status) return status;
    deed.after.user_id = user_id;
    return lead_deed_write(call, &deed);
}

struct office_looking {
    const char *id;
    struct lead_rule_list rules;
    bool found;
};

static int office_body(struct db_tx *tx, void *context, struct error *error) {
    struct office_looking *looking = context;
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select 1 from partner p where p.id = $1 and p.kind <> 'chain'"
                          " and p.status = 'active'",
                          db_text(looking->id));
    if (!status) status = db_next(rows, error);
    looking->found = status > 0;
    db_rows_close(rows);
    return status < 0 ? status : lead_rules_read(tx, error, &looking->rules);
}

/* By hand the organisation may offer to whom it likes, also to who let it go before. */
static int assign_office(struct call *call) {
    static const char by_hand[] = "{\"by_hand\":true,\"considered\":0,\"rules_revision\":0,"
                                  "\"rules\":[]}";
    struct lead_deed deed = {.step = LEAD_OFFER};
    struct office_looking looking = {
        .id = record_get_text(&call->input, "partner_id", call->scratch)};
    int status = lead_of_input(call, &deed.before);
    if (status) return status;
    deed.takes_back = deed.before.partner_id != NULL;
    status = lead_allow(call, deed.takes_back ? LEAD_TAKE_BACK : LEAD_OFFER, &deed.before, NULL);
    if (!status && looking.id) status = call_read(call, office_body, &looking);
    if (status) return status;
    if (!looking.found)
        return fault(call, "/partner_id", "unknown_partner",
                     "Noem een kantoor dat er is en actief is.",
                     "Name an office that exists and is active.");
    deed.by = lead_by_of(call, NULL, record_get_text(&call->input, "note", call->scratch));
    deed.by.detail = by_hand;
    deed.after = deed.before;
    deed.after.partner_name = NULL;
    lead_offer_prepare(&deed.after, looking.id, by_hand,
                       (int)record_get_integer(&call->input, "offer_hours",
                                               looking.rules.offer_hours),
                       call->now_us);
    deed.closes = deed.before.state == LEAD_OFFERED;
    deed.outcome = LEAD_OFFER_WITHDRAWN;
    deed.contacted = -1;
    return lead_deed_write(call, &deed);
}

/* With the organisation, and on its way to the next by rule, or not. */
static int assign_away(struct call *call, bool by_rule) {
    struct lead_deed deed = {.contacted = -1};
    int status = lead_of_input(call, &deed.before);
    if (status) return status;
    bool taken = deed.before.partner_id != NULL;
    status = lead_allow(call, taken ? LEAD_TAKE_BACK : LEAD_OFFER, &deed.before, NULL);
    if (status) return status;
    deed.step = taken ? LEAD_TAKE_BACK : LEAD_CHANGE;
    deed.after = deed.before;
    lead_settle(&deed.after, taken ? LEAD_NEW : deed.before.state, call->now_us);
    deed.after.assignment = NULL;
    deed.after.due_us = by_rule ? call->now_us : 0;
    deed.by = lead_by_of(call, NULL, record_get_text(&call->input, "note", call->scratch));
    deed.closes = deed.before.state == LEAD_OFFERED;
    deed.outcome = LEAD_OFFER_WITHDRAWN;
    return lead_deed_write(call, &deed);
}

static int assign_lead(struct call *call) {
    const struct value *input = &call->input;
    if (record_text_is(input, "to", "person")) return assign_person(call);
    if (!caller_is_organisation(&call->caller))
        return call_refuse(call, 403, "step_not_allowed",
                           "Alleen de organisatie geeft een lead aan een ander kantoor: wijs hem "
                           "af, dan gaat hij naar het volgende.",
                           "Only the organisation gives a lead to another office: decline it, and "
                           "it goes to the next.");
    if (record_text_is(input, "to", "office")) return assign_office(call);
    return assign_away(call, record_text_is(input, "to", "rules"));
}

/* ---- working on it -------------------------------------------------------------------------- */
static int contact_lead(struct call *call) {
    const struct value *input = &call->input;
    bool reached = record_get_boolean(input, "reached", false);
    const char *channel = record_get_text(input, "channel", call->scratch);
    const char *next_step = record_get_text(input, "next_step", call->scratch);
    char detail[DETAIL_MAX];
    struct lead_deed deed;
    enum lead_state to;
    int status = lead_of_input(call, &deed.before);
    enum lead_step step = reached ? LEAD_CONTACT : LEAD_TRY;
    if (!status) status = lead_allow(call, step, &deed.before, &to);
    if (status) return status;
    deed = (struct lead_deed){.before = deed.before, .after = deed.before, .step = step};
    deed.by = lead_by_of(call, NULL, record_get_text(input, "note", call->scratch));
    snprintf(detail, sizeof detail, "{\"channel\":\"%.20s\"}", channel ? channel : "");
    deed.by.detail = detail;
    deed.after.state = to;
    deed.after.attempts++;
    if (reached && !deed.after.contacted_us) deed.after.contacted_us = call->now_us;
    if (next_step) deed.after.next_step = *next_step ? next_step : NULL;
    status = lead_date_of(call, "next_on", &deed.after.next_on);
    return status ? status : lead_deed_write(call, &deed);
}

struct application_looking {
    const char *id, *partner_id;
    bool test, found;
};

static int application_body(struct db_tx *tx, void *context, struct error *error) {
    struct application_looking *looking = context;
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select 1 from application a where a.id = $1 and a.test = $2"
                          " and a.partner_id = $3 and $scope(a)",
                          db_text(looking->id), db_integer(looking->test),
                          db_text(looking->partner_id));
    if (!status) status = db_next(rows, error);
    looking->found = status > 0;
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

static int win_lead(struct call *call) {
    struct lead_deed deed;
    const char *id = record_get_text(&call->input, "application_id", call->scratch);
    int status = deed_begin(call, LEAD_WIN, &deed);
    if (status) return status;
    if (id) {
        struct application_looking looking = {
            .id = id, .partner_id = deed.before.partner_id, .test = call->caller.test};
        status = call_read(call, application_body, &looking);
        if (status) return status;
        if (!looking.found)
            return fault(call, "/application_id", "unknown_application",
                         "Deze aanvraag is er niet bij dit kantoor.",
                         "There is no such application at this office.");
        deed.after.application_id = id;
    }
    deed.after.reason = NULL;
    deed.after.next_step = deed.after.next_on = NULL;
    return lead_deed_write(call, &deed);
}

static int lose_lead(struct call *call) {
    struct lead_deed deed;
    int status = deed_begin(call, LEAD_LOSE, &deed);
    if (status) return status;
    deed.after.reason = deed.by.reason;
    deed.after.next_step = deed.after.next_on = NULL;
    return lead_deed_write(call, &deed);
}

/* Goes on where it was: at its office, or with the organisation. */
static int reopen_lead(struct call *call) {
    struct lead_deed deed = {.contacted = -1};
    enum lead_state to;
    int status = lead_of_input(call, &deed.before);
    if (status) return status;
    deed.step = deed.before.partner_id ? LEAD_REOPEN : LEAD_RESTORE;
    status = lead_allow(call, deed.step, &deed.before, &to);
    if (status) return status;
    deed.after = deed.before;
    lead_settle(&deed.after, to, call->now_us);
    deed.after.reason = NULL;
    if (deed.after.partner_id && !deed.after.accepted_us) deed.after.accepted_us = call->now_us;
    deed.by = lead_by_of(call, NULL, record_get_text(&call->input, "note", call->scratch));
    return lead_deed_write(call, &deed);
}

/* ---- merging -------------------------------------------------------------------------------- */
struct merging {
    struct lead_deed merged, absorbing;
    char merged_detail[DETAIL_MAX], absorbing_detail[DETAIL_MAX];
};

static int merge_body(struct db_tx *tx, void *context, struct error *error) {
    const struct merging *merging = context;
    struct error own = {0};
    int status = lead_deed_do(tx, &merging->merged, error);
    if (status) return status;
    status = lead_deed_do(tx, &merging->absorbing, &own);
    return status ? error_set(error, status, "%s", own.text) : 0;
}

/* What the one that stays does not know, it takes over. */
static void absorb(struct lead *into, const struct lead *merged) {
    if (!into->product) into->product = merged->product;
    if (!into->quote_id) into->quote_id = merged->quote_id;
    if (!into->application_id) into->application_id = merged->application_id;
    if (!into->next_step) into->next_step = merged->next_step;
    if (!into->next_on) into->next_on = merged->next_on;
    into->attempts += merged->attempts;
}

static int merge_lead(struct call *call) {
    struct merging merging = {.absorbing = {.step = LEAD_ABSORB}};
    struct lead_deed *merged = &merging.merged, *absorbing = &merging.absorbing;
    int status = deed_begin(call, LEAD_MERGE, merged);
    if (!status)
        status = lead_find(call, record_get(&call->input, "into"), &absorbing->before, NULL, NULL);
    if (!status) status = lead_allow(call, LEAD_ABSORB, &absorbing->before, NULL);
    if (status) return status;
    const char *one = merged->before.partner_id, *other = absorbing->before.partner_id;
    bool same_office = !one == !other && (!one || strcmp(one, other) == 0);
    if (strcmp(merged->before.id, absorbing->before.id) == 0 || !same_office)
        return fault(call, "/into", "not_mergeable",
                     "Noem een andere lead, bij hetzelfde kantoor.",
                     "Name another lead, with the same office.");
    merged->after.merged_into_id = absorbing->before.id;
    merged->after.reason = merged->by.reason = LEAD_REASON_DUPLICATE;
    merged->after.next_step = merged->after.next_on = NULL;
    snprintf(merging.merged_detail, DETAIL_MAX, "{\"into\":\"%.39s\"}", absorbing->before.id);
    snprintf(merging.absorbing_detail, DETAIL_MAX, "{\"lead\":\"%.39s\"}", merged->before.id);
    absorbing->after = absorbing->before;
    absorb(&absorbing->after, &merged->before);
    absorbing->by = merged->by;
    absorbing->by.reason = NULL;
    merged->by.detail = merging.merged_detail;
    absorbing->by.detail = merging.absorbing_detail;
    absorbing->after.revision++;
    absorbing->after.changed_us = call->now_us;
    status = lead_answer(call, &absorbing->after);
    if (!status) status = call_write(call, merged->before.id, merge_body, &merging);
    if (status != ERROR_CONFLICT) return status;
    error_clear(&call->error);
    return call_refuse_revision(call);
}

/* ---- the table ------------------------------------------------------------------------------ */
static const char *const refusals[] = {"precondition_required", "precondition_failed",
                                       "wrong_state", "step_not_allowed", "own_lead", NULL};

#define STEP(name_, path_, nl_, en_, roles_, input_, run_)                                        \
    {.name = name_, .method = "POST", .path = path_, .summary = {nl_, en_},                       \
     .callers = LEAD_CALLERS, .roles = roles_, .input = input_,                                   \
     .input_count = sizeof input_ / sizeof *input_, .output = lead_fields,                        \
     .output_count = LEAD_FIELDS, .status = 200, .idempotent_key = true, .audited = true,         \
     .revised = true, .dated = true, .if_match = true, .rate = RATE_QUOTE, .refusals = refusals,  \
     .generic = true, .run = run_}

static const struct operation operations[] = {
    STEP("AcceptLead", "/leads/{id}/acceptance", "Neem een aangeboden lead aan",
         "Accept a lead that is offered", LEAD_ROLES_BINDING, accept_input, accept_lead),
    STEP("DeclineLead", "/leads/{id}/declining", "Wijs een lead af, met de reden",
         "Decline a lead, with the reason", LEAD_ROLES_BINDING, decline_input, decline_lead),
    STEP("AssignLead", "/leads/{id}/assignment",
         "Geef een lead aan iemand van het kantoor, of aan een kantoor",
         "Give a lead to somebody of the office, or to an office", LEAD_ROLES_BINDING,
         assign_input, assign_lead),
    STEP("ContactLead", "/leads/{id}/contact", "Leg een poging tot contact vast",
         "Record an attempt at contact", LEAD_ROLES_WORKING, contact_input, contact_lead),
    STEP("WinLead", "/leads/{id}/winning", "Een lead is gewonnen", "A lead is won",
         LEAD_ROLES_BINDING, win_input, win_lead),
    STEP("LoseLead", "/leads/{id}/losing", "Een lead is verloren, met de reden",
         "A lead is lost, with the reason", LEAD_ROLES_BINDING, lose_input, lose_lead),
    STEP("ReopenLead", "/leads/{id}/reopening", "Ga verder met een lead die was afgesloten",
         "Go on with a lead that was closed", LEAD_ROLES_BINDING, plain_input, reopen_lead),
    STEP("MergeLead", "/leads/{id}/merging",
         "Voeg een lead bij een andere van dezelfde persoon; beide geschiedenissen blijven",
         "Merge a lead into another of the same person; both histories stay", LEAD_ROLES_BINDING,
         merge_input, merge_lead)};

extern const struct operation_group api_lead_steps;
const struct operation_group api_lead_steps = {.name = "leads",
                                               .operations = operations,
                                               .count = sizeof operations / sizeof *operations};

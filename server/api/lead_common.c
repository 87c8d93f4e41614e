/* Shared by leads.c, lead_steps.c and what tells partners of leads. */
#include "lead_common.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "domain/calendar_day.h"
#include "domain/lead_person.h"
#include "domain/service.h"

const struct field_choice lead_kinds[LEAD_KINDS] = {
    {"person", {"een particulier", "a person"}}, {"company", {"een bedrijf", "a company"}}};
const struct field_choice lead_languages[LEAD_LANGUAGES] = {{"nl", {"Nederlands", "Dutch"}},
                                                            {"en", {"Engels", "English"}}};
const struct field lead_step_item[1] = {
    {.name = "step", .type = FIELD_TEXT, .required = true, .label = {"stap", "step"}}};

const struct field lead_contact_fields[LEAD_CONTACT_FIELDS] = {
    {.name = "name", .type = FIELD_TEXT, .required = true, .sensitive = true, .length_minimum = 1,
     .length_maximum = 100, .label = {"naam", "name"},
     .help = {"Van een bedrijf: van de contactpersoon.", "Of a company: of the person there."},
     .example = "\"A. Voorbeeld\""},
    {.name = "company_name", .type = FIELD_TEXT, .sensitive = true, .length_minimum = 1,
     .length_maximum = 200, .label = {"naam van het bedrijf", "name of the company"}},
    {.name = "email", .type = FIELD_TEXT, .sensitive = true, .format = "email",
     .length_maximum = 254, .label = {"e-mailadres", "email address"},
     .help = {"Een e-mailadres of een telefoonnummer is verplicht.",
              "An email address or a telephone number is required."},
     .example = "\"a.voorbeeld@example.nl\""},
    {.name = "telephone", .type = FIELD_TEXT, .sensitive = true,
     .pattern = "[+]?[0-9][0-9 \\-]{5,18}", .label = {"telefoonnummer", "telephone number"},
     .example = "\"+31 30 1234567\""},
    {.name = "street", .type = FIELD_TEXT, .sensitive = true, .length_minimum = 1,
     .length_maximum = 100, .label = {"straat", "street"}},
    {.name = "house_number", .type = FIELD_TEXT, .sensitive = true, .length_minimum = 1,
     .length_maximum = 20, .label = {"huisnummer met toevoeging", "house number and addition"}},
    {.name = "postcode", .type = FIELD_TEXT, .sensitive = true, .length_minimum = 1,
     .length_maximum = 12, .label = {"postcode", "postcode"}, .example = "\"3511 AB\""},
    {.name = "city", .type = FIELD_TEXT, .sensitive = true, .length_minimum = 1,
     .length_maximum = 100, .label = {"plaats", "city"}}};

const struct field lead_fields[LEAD_FIELDS] = {LEAD_FIELD_ROWS};

int lead_no_scratch(struct call *call) {
    return error_set(&call->error, ERROR_TOO_LARGE, "leads need more scratch memory");
}

/* ---- answers -------------------------------------------------------------------------------- */
bool lead_person_shown(const struct caller *caller, const struct lead *lead) {
    return caller_is_organisation(caller) || (lead->state != LEAD_OFFERED && lead->partner_id);
}

static void instant_set(struct record *record, const char *name, int64_t instant_us) {
    if (instant_us) record_set_instant(record, name, instant_us);
    else record_set(record, name, value_null());
}

static struct value steps_value(struct call *call, const struct lead *lead, bool *failed) {
    struct list steps;
    enum lead_actor actor = lead_actor_of(&call->caller);
    list_init(&steps, call->scratch);
    for (int step = LEAD_OFFER; step < LEAD_STEPS; step++) {
        const char *text = lead_step_text((enum lead_step)step);
        if (step == LEAD_ABSORB || step == LEAD_POOL || step == LEAD_LAPSE) continue;
        if (step == (lead->partner_id ? LEAD_RESTORE : LEAD_REOPEN) || lead->merged_into_id)
            continue;
        if (lead_ask((enum lead_step)step, lead->state, actor, NULL) == LEAD_ALLOWED)
            list_add(&steps, value_text(text, strlen(text)));
    }
    *failed |= steps.failed;
    return list_value(&steps);
}

static void part_set(struct record *record, const struct value *person, const char *name) {
    const struct value *part = person ? record_get(person, name) : NULL;
    record_set(record, name, part ? *part : value_null());
}

static void moments_set(struct call *call, struct record *record, const struct lead *lead) {
    char today[CLOCK_DATE_MAX];
    clock_amsterdam_date_text(call->now_us, today);
    record_set_text(record, "next_step", lead->next_step);
    record_set_text(record, "next_on", lead->next_on);
    record_set_boolean(record, "overdue", lead->next_on && strcmp(lead->next_on, today) < 0);
    record_set_integer(record, "attempts", lead->attempts);
    instant_set(record, "offered_at", lead->offered_us);
    instant_set(record, "offer_until", lead->offer_until_us);
    instant_set(record, "accepted_at", lead->accepted_us);
    instant_set(record, "contacted_at", lead->contacted_us);
    instant_set(record, "closed_at", lead->closed_us);
    instant_set(record, "erased_at", lead->erased_us);
    record_set_instant(record, "created_at", lead->created_us);
    record_set_instant(record, "changed_at", lead->changed_us);
}

int lead_set(struct call *call, struct record *record, const struct lead *lead,
             const struct value *person) {
    struct value read;
    bool failed = false;
    if (!person && *lead->sealed && lead_person_shown(&call->caller, lead)) {
        int status = lead_person_unseal(call->service->encryption, lead->id, lead->sealed,
                                        call->scratch, &call->error, &read);
        if (status) return status;
        person = &read;
    }
    record_set_text(record, "id", lead->id);
    record_set_integer(record, "revision", lead->revision);
    record_set_boolean(record, "test", lead->test);
    record_set_text(record, "status", lead_state_text(lead->state));
    record_set_text(record, "kind", lead->kind);
    part_set(record, person, "name");
    part_set(record, person, "company_name");
    part_set(record, person, "city");
    char area[8];
    snprintf(area, sizeof area, "%04d", lead->postcode_area % 10000);
    record_copy_given(record, "postcode_area", lead->postcode_area ? area : "");
    record_set_text(record, "partner_id", lead->partner_id);
    record_set_text(record, "partner_name", lead->partner_id ? lead->partner_name : NULL);
    record_set_text(record, "user_id", lead->user_id);
    record_set_text(record, "user_name", lead->user_id ? lead->user_name : NULL);
    record_set_text(record, "product", lead->product);
    record_set_text(record, "language", lead->language);
    record_set_text(record, "source", lead->source);
    record_set_text(record, "source_detail", lead->source_detail);
    record_set_text(record, "quote_id", lead->quote_id);
    record_set_text(record, "application_id", lead->application_id);
    moments_set(call, record, lead);
    record_set_text(record, "reason", lead->reason);
    record_set_text(record, "merged_into_id", lead->merged_into_id);
    record_set_boolean(record, "open", lead_state_open(lead->state));
    record_set_boolean(record, "waiting", lead->due_us && lead->state != LEAD_OFFERED);
    record_set(record, "steps", steps_value(call, lead, &failed));
    record->failed |= failed;
    return 0;
}

int lead_answer(struct call *call, const struct lead *lead) {
    struct record record;
    record_init(&record, call->scratch);
    int status = lead_set(call, &record, lead, NULL);
    if (!status && record.failed) status = lead_no_scratch(call);
    if (!status) call->output = record_value(&record);
    return status;
}

/* ---- who, and may they ---------------------------------------------------------------------- */
enum lead_actor lead_actor_of(const struct caller *caller) {
    if (caller_is_organisation(caller)) return LEAD_BY_ORGANISATION;
    return caller->kind == CALLER_PUBLISHABLE_KEY ? LEAD_BY_WEBSITE : LEAD_BY_PARTNER;
}

struct lead_by lead_by_of(struct call *call, const char *reason, const char *note) {
    const struct caller *caller = &call->caller;
    return (struct lead_by){.actor = lead_actor_of(caller),
                            .user_id = *caller->user_id ? caller->user_id : NULL,
                            .key_id = *caller->key_id ? caller->key_id : NULL,
                            .request_id = call->request_id,
                            .reason = reason,
                            .note = note,
                            .at_us = call->now_us};
}

int lead_allow(struct call *call, enum lead_step step, const struct lead *lead,
               enum lead_state *ret_to) {
    const struct text *label = lead_state_label(lead->state);
    char nl[200], en[200];
    enum lead_answer answer = lead_ask(step, lead->state, lead_actor_of(&call->caller), ret_to);
    if (answer == LEAD_ALLOWED && !lead->merged_into_id) return 0;
    if (answer == LEAD_WRONG_ACTOR)
        return call_refuse(call, 403, "step_not_allowed",
                           "Deze stap is niet aan u: `steps` zegt wat u wel kunt doen.",
                           "This step is not yours to take: `steps` says what you can do.");
    snprintf(nl, sizeof nl, "Deze stap kan niet (meer): de status is '%.60s'.", label->nl);
    snprintf(en, sizeof en, "This step cannot be taken (any more): the status is '%.60s'.",
             label->en);
    return call_refuse(call, 409, "wrong_state", nl, en);
}

int lead_date_of(struct call *call, const char *name, const char **ret_date) {
    const struct value *date = record_get(&call->input, name);
    char *text = date ? scratch_take(call->scratch, CLOCK_DATE_MAX) : NULL;
    if (!date) return 0;
    if (!text) return lead_no_scratch(call);
    day_write(&date->date, text);
    *ret_date = text;
    return 0;
}

/* ---- one lead ------------------------------------------------------------------------------- */
struct finding {
    const char *id;
    bool test;
    struct scratch *scratch;
    struct lead lead;
    int (*also)(struct db_tx *tx, const struct lead *lead, void *context, struct error *error);
    void *context;
};

static int find_body(struct db_tx *tx, void *context, struct error *error) {
    struct finding *finding = context;
    int status =
        lead_read(tx, finding->id, finding->test, finding->scratch, error, &finding->lead);
    if (status || !finding->lead.id || !finding->also) return status;
    return finding->also(tx, &finding->lead, finding->context, error);
}

int lead_find(struct call *call, const struct value *id, struct lead *ret_lead,
              int (*also)(struct db_tx *tx, const struct lead *lead, void *context,
                          struct error *error),
              void *context) {
    char text[ID_MAX];
    if (!id || id->kind != VALUE_TEXT || id->length >= sizeof text ||
        !id_valid("led", id->text, id->length))
        return call_not_found(call);
    memcpy(text, id->text, id->length);
    text[id->length] = '\0';
    struct finding finding = {.id = text,
                              .test = call->caller.test,
                              .scratch = call->scratch,
                              .also = also,
                              .context = context};
    int status = call_read(call, find_body, &finding);
    if (status) return status;
    if (!finding.lead.id) return call_not_found(call);
    *ret_lead = finding.lead;
    return 0;
}

int lead_of_input(struct call *call, struct lead *ret_lead) {
    struct lead lead;
    int status = lead_find(call, record_get(&call->input, "id"), &lead, NULL, NULL);
    if (!status) status = call_check_revision(call, lead.revision);
    if (!status) *ret_lead = lead;
    return status;
}

static int deed_body(struct db_tx *tx, void *context, struct error *error) {
    return lead_deed_do(tx, context, error);
}

int lead_deed_write(struct call *call, struct lead_deed *deed) {
    struct lead shown = deed->after;
    shown.revision = lead_deed_revision(deed);
    shown.changed_us = deed->by.at_us;
    int status = lead_answer(call, &shown);
    if (!status) status = call_write(call, shown.id, deed_body, deed);
    if (status != ERROR_CONFLICT) return status;
    error_clear(&call->error);
    return call_refuse_revision(call);
}

/* ---- people of an office -------------------------------------------------------------------- */
struct user_looking {
    const char *user_id, *partner_id;
    struct scratch *scratch;
    const char *name;
    bool starved;
};

static int user_body(struct db_tx *tx, void *context, struct error *error) {
    struct user_looking *looking = context;
    struct db_rows *rows = NULL;
    looking->name = NULL;
    int status = db_query(tx, error, &rows,
                          "select u.name from app_user u where u.id = $1 and u.partner_id = $2"
                          " and u.status <> 'disabled' and $scope(u)",
                          db_text(looking->user_id), db_text(looking->partner_id));
    if (!status) status = db_next(rows, error);
    if (status > 0) {
        size_t length = 0;
        const char *name = db_column_text(rows, 0, &length);
        char *copied = scratch_take(looking->scratch, length + 1);
        if (copied) memcpy(copied, name, length + 1);
        looking->name = copied;
        looking->starved = !copied;
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

int lead_user_check(struct call *call, const char *user_id, const char *partner_id,
                    const char **ret_name) {
    struct user_looking looking = {
        .user_id = user_id, .partner_id = partner_id, .scratch = call->scratch};
    int status = call_read(call, user_body, &looking);
    if (status) return status;
    if (looking.starved) return lead_no_scratch(call);
    if (!looking.name) {
        field_fault_add(&call->faults, "/user_id", "unknown_user", "%s",
                        call->language == LANGUAGE_EN
                            ? "There is no such user at this office: choose another."
                            : "Deze gebruiker is er niet bij dit kantoor: kies een ander.");
        return ERROR_INVALID;
    }
    *ret_name = looking.name;
    return 0;
}

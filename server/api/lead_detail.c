/* One lead with all that is known of it, and its history. */
#include <string.h>

#include "domain/lead_assign.h"
#include "domain/lead_person.h"
#include "domain/service.h"
#include "lead_common.h"
#include "message/json.h"

/* ---- fields --------------------------------------------------------------------------------- */
static const struct field consent_fields[] = {
    {.name = "text", .type = FIELD_TEXT, .required = true, .length_maximum = 2000,
     .label = {"waarmee men akkoord ging", "what was agreed"}},
    TEXT_NULLABLE("version", "versie van de tekst", "version of the text"),
    TEXT_NULLABLE("source", "waar men dat deed", "where that was done"),
    {.name = "given_at", .type = FIELD_TEXT, .required = true, .format = "date-time",
     .label = {"wanneer", "when"}}};
static const struct field offer_fields[] = {
    {.name = "number", .type = FIELD_INTEGER, .required = true, .label = {"nummer", "number"}},
    {.name = "partner_id", .type = FIELD_TEXT, .required = true, .label = {"kantoor", "office"}},
    {.name = "partner_name", .type = FIELD_TEXT, .required = true,
     .label = {"naam van het kantoor", "name of the office"}},
    {.name = "outcome", .type = FIELD_TEXT, .required = true,
     .label = {"wat ervan kwam", "what came of it"},
     .help = {"open, accepted, declined, lapsed of withdrawn",
              "open, accepted, declined, lapsed or withdrawn"}},
    {.name = "offered_at", .type = FIELD_TEXT, .required = true, .format = "date-time",
     .label = {"aangeboden op", "offered at"}},
    {.name = "until", .type = FIELD_TEXT, .required = true, .format = "date-time",
     .label = {"te beantwoorden tot", "to be answered until"}},
    INSTANT_NULLABLE("answered_at", "beantwoord op", "answered at"),
    {.name = "answer_minutes", .type = FIELD_INTEGER, .required = true, .nullable = true,
     .label = {"antwoordtijd in werkminuten", "answer time in working minutes"}},
    TEXT_NULLABLE("reason", "reden", "reason"),
    {.name = "contacted", .type = FIELD_BOOLEAN, .required = true, .nullable = true,
     .label = {"had de persoon gesproken", "had spoken to the person"}},
    {.name = "why", .type = FIELD_TEXT, .required = true, .nullable = true,
     .length_maximum = LEAD_REASON_WORDS_MAX,
     .label = {"waarom dit kantoor", "why this office"}}};
static const struct field offer_item[] = {
    {.name = "offer", .type = FIELD_RECORD, .required = true, .fields = offer_fields,
     .field_count = sizeof offer_fields / sizeof *offer_fields, .schema = "LeadOffer"}};
static const struct field duplicate_fields[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true, .label = {"id", "id"}},
    {.name = "status", .type = FIELD_CHOICE, .required = true, .choices = lead_states,
     .choice_count = LEAD_STATES, .label = {"status", "status"}},
    TEXT_NULLABLE("product", "product", "product"),
    TEXT_NULLABLE("partner_id", "bij welk kantoor", "with which office"),
    {.name = "created_at", .type = FIELD_TEXT, .required = true, .format = "date-time",
     .label = {"binnengekomen op", "came in at"}}};
static const struct field duplicate_item[] = {
    {.name = "lead", .type = FIELD_RECORD, .required = true, .fields = duplicate_fields,
     .field_count = sizeof duplicate_fields / sizeof *duplicate_fields,
     .schema = "LeadDuplicate"}};
static const struct field detail_fields[] = {
    LEAD_FIELD_ROWS,
    {.name = "contact", .type = FIELD_RECORD, .required = true, .nullable = true,
     .sensitive = true, .fields = lead_contact_fields, .field_count = LEAD_CONTACT_FIELDS,
     .schema = "LeadContact", .label = {"wie het is", "who it is"},
     .help = {"Van een lead die u is aangeboden pas als u die aanneemt.",
              "Of a lead that is offered to you once you accept it."}},
    {.name = "message", .type = FIELD_TEXT, .required = true, .nullable = true, .sensitive = true,
     .length_maximum = LEAD_MESSAGE_MAX, .label = {"bericht", "message"}},
    {.name = "answers", .type = FIELD_OPEN, .required = true, .nullable = true, .sensitive = true,
     .label = {"antwoorden", "answers"}},
    {.name = "consent", .type = FIELD_RECORD, .required = true, .nullable = true,
     .fields = consent_fields, .field_count = sizeof consent_fields / sizeof *consent_fields,
     .schema = "LeadConsent", .label = {"toestemming", "consent"}},
    {.name = "assignment", .type = FIELD_OPEN, .required = true, .nullable = true,
     .label = {"waarom het daar is, als gegevens", "why it is there, as data"}},
    {.name = "why", .type = FIELD_TEXT, .required = true, .nullable = true,
     .length_maximum = LEAD_REASON_WORDS_MAX,
     .label = {"waarom het daar is, in woorden", "why it is there, in words"}},
    {.name = "offers", .type = FIELD_LIST, .required = true, .length_maximum = LEAD_OFFERS_MAX,
     .fields = offer_item, .field_count = 1,
     .label = {"aan wie het is aangeboden", "to whom it was offered"}},
    {.name = "duplicates", .type = FIELD_LIST, .required = true,
     .length_maximum = LEAD_DUPLICATES_MAX, .fields = duplicate_item, .field_count = 1,
     .label = {"andere leads van dezelfde persoon", "other leads of the same person"}}};

static const struct field id_input[] = {LEAD_ID_FIELD};
static const struct field event_fields[] = {
    {.name = "lead_id", .type = FIELD_TEXT, .required = true,
     .label = {"van welke lead", "of which lead"},
     .help = {"Van een lead die erbij is gevoegd een ander id.",
              "Another id of a lead that was merged into it."}},
    {.name = "revision", .type = FIELD_INTEGER, .required = true,
     .label = {"volgnummer van de wijziging", "revision"}},
    {.name = "step", .type = FIELD_TEXT, .required = true, .label = {"stap", "step"}},
    {.name = "title", .type = FIELD_TEXT, .required = true,
     .label = {"de stap in woorden", "the step in words"}},
    {.name = "from", .type = FIELD_TEXT, .required = true, .label = {"van", "from"}},
    {.name = "to", .type = FIELD_TEXT, .required = true, .label = {"naar", "to"}},
    {.name = "actor", .type = FIELD_TEXT, .required = true, .label = {"wie", "who"}},
    TEXT_NULLABLE("partner_id", "bij welk kantoor", "with which office"),
    TEXT_NULLABLE("partner_name", "naam van het kantoor", "name of the office"),
    TEXT_NULLABLE("user_id", "welke gebruiker", "which user"),
    TEXT_NULLABLE("user_name", "naam van de gebruiker", "name of the user"),
    TEXT_NULLABLE("reason", "reden", "reason"),
    {.name = "note", .type = FIELD_TEXT, .required = true, .nullable = true, .sensitive = true,
     .length_maximum = LEAD_NOTE_MAX, .label = {"toelichting", "note"}},
    {.name = "detail", .type = FIELD_OPEN, .required = true, .nullable = true,
     .label = {"nadere gegevens", "more of it"}},
    {.name = "at", .type = FIELD_TEXT, .required = true, .format = "date-time",
     .label = {"wanneer", "when"}}};
static const struct field event_item[] = {
    {.name = "event", .type = FIELD_RECORD, .required = true, .fields = event_fields,
     .field_count = sizeof event_fields / sizeof *event_fields, .schema = "LeadEvent"}};
static const struct field events_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .length_maximum = LEAD_EVENTS_MAX,
     .fields = event_item, .field_count = 1,
     .label = {"wat ermee gebeurde", "what happened to it"},
     .help = {"In volgorde van tijd.", "In order of time."}}};


/* ---- one ------------------------------------------------------------------------------------ */
struct detail {
    struct scratch *scratch;
    struct lead_offer *offers;
    struct lead *duplicates;
    int offer_count, duplicate_count;
};

static int detail_body(struct db_tx *tx, const struct lead *lead, void *context,
                       struct error *error) {
    struct detail *detail = context;
    int status = lead_offers_read(tx, lead->id, detail->scratch, error, detail->offers,
                                  &detail->offer_count);
    if (status) return status;
    return lead_duplicates_read(tx, lead, detail->scratch, error, detail->duplicates,
                                &detail->duplicate_count);
}

static void instant_set(struct record *record, const char *name, int64_t instant_us) {
    if (instant_us) record_set_instant(record, name, instant_us);
    else record_set(record, name, value_null());
}

/* In words; the organisation reads which office, an office that it was it. */
static int why_set(struct call *call, struct record *record, const char *assignment,
                   const char *partner_name) {
    struct lead_reason reason;
    struct buffer words;
    record_set(record, "why", value_null());
    if (!assignment || !lead_reason_read(assignment, strlen(assignment), &reason)) return 0;
    buffer_init(&words, LEAD_REASON_WORDS_MAX);
    lead_reason_words(&reason, call->language, partner_name, &words);
    int status = words.failed ? error_set(&call->error, buffer_failure(&words), "no memory") : 0;
    if (!status) record_copy_text(record, "why", words.data, words.length);
    buffer_done(&words);
    return status;
}

static int open_set(struct call *call, struct record *record, const char *name,
                    const char *json) {
    struct json_fault fault;
    struct value value = value_null();
    if (json && json_read(json, strlen(json), NULL, call->scratch, &fault, &value))
        return error_set(&call->error, ERROR_INTERNAL, "what a lead holds cannot be read");
    record_set(record, name, value);
    return 0;
}

static int offers_set(struct call *call, struct record *record, const struct detail *detail) {
    struct list list;
    list_init(&list, call->scratch);
    for (int i = 0; i < detail->offer_count; i++) {
        const struct lead_offer *offer = &detail->offers[i];
        struct record item;
        record_init(&item, call->scratch);
        record_set_integer(&item, "number", offer->number);
        record_set_text(&item, "partner_id", offer->partner_id);
        record_set_text(&item, "partner_name", offer->partner_name);
        record_set_text(&item, "outcome", offer->outcome);
        record_set_instant(&item, "offered_at", offer->offered_us);
        record_set_instant(&item, "until", offer->until_us);
        instant_set(&item, "answered_at", offer->answered_us);
        if (offer->answered_us)
            record_set_integer(&item, "answer_minutes", offer->answer_us / 60000000);
        record_set_text(&item, "reason", offer->reason);
        if (offer->contacted >= 0) record_set_boolean(&item, "contacted", offer->contacted != 0);
        int status = why_set(call, &item, offer->assignment, offer->partner_name);
        if (status) return status;
        list.failed |= item.failed;
        list_add(&list, record_value(&item));
    }
    record->failed |= list.failed;
    record_set(record, "offers", list_value(&list));
    return 0;
}

static void duplicates_set(struct call *call, struct record *record,
                           const struct detail *detail) {
    struct list list;
    list_init(&list, call->scratch);
    for (int i = 0; i < detail->duplicate_count; i++) {
        const struct lead *lead = &detail->duplicates[i];
        struct record item;
        if (!lead_person_shown(&call->caller, lead)) continue;
        record_init(&item, call->scratch);
        record_set_text(&item, "id", lead->id);
        record_set_text(&item, "status", lead_state_text(lead->state));
        record_set_text(&item, "product", lead->product);
        record_set_text(&item, "partner_id", lead->partner_id);
        record_set_instant(&item, "created_at", lead->created_us);
        list.failed |= item.failed;
        list_add(&list, record_value(&item));
    }
    record->failed |= list.failed;
    record_set(record, "duplicates", list_value(&list));
}

static void consent_set(struct call *call, struct record *record, const struct lead *lead) {
    struct record consent;
    record_set(record, "consent", value_null());
    if (!lead->consent_us) return;
    record_init(&consent, call->scratch);
    record_set_text(&consent, "text", lead->consent_text);
    record_set_text(&consent, "version", lead->consent_version);
    record_set_text(&consent, "source", lead->consent_source);
    record_set_instant(&consent, "given_at", lead->consent_us);
    record->failed |= consent.failed;
    record_set(record, "consent", record_value(&consent));
}

/* Who it is, where the caller may see it: the contact's fields lie beside what they said. */
static int person_set(struct call *call, struct record *record, const struct lead *lead) {
    struct value person = value_context(NULL, 0);
    bool shown = lead_person_shown(&call->caller, lead);
    int status = 0;
    if (shown)
        status = lead_person_unseal(call->service->encryption, lead->id, lead->sealed,
                                    call->scratch, &call->error, &person);
    if (!status) status = lead_set(call, record, lead, &person);
    if (status) return status;
    const struct value *message = record_get(&person, "message");
    const struct value *answers = record_get(&person, "answers");
    record_set(record, "contact", shown && person.length ? person : value_null());
    record_set(record, "message", message ? *message : value_null());
    record_set(record, "answers", answers ? *answers : value_null());
    return 0;
}

static int get_lead(struct call *call) {
    struct detail detail = {
        .scratch = call->scratch,
        .offers = scratch_take(call->scratch, LEAD_OFFERS_MAX * sizeof *detail.offers),
        .duplicates =
            scratch_take(call->scratch, LEAD_DUPLICATES_MAX * sizeof *detail.duplicates)};
    struct lead lead;
    struct record record;
    if (!detail.offers || !detail.duplicates) return lead_no_scratch(call);
    int status =
        lead_find(call, record_get(&call->input, "id"), &lead, detail_body, &detail);
    if (status) return status;
    record_init(&record, call->scratch);
    status = person_set(call, &record, &lead);
    if (!status) status = open_set(call, &record, "assignment", lead.assignment);
    if (!status) status = why_set(call, &record, lead.assignment, lead.partner_name);
    if (!status) status = offers_set(call, &record, &detail);
    if (status) return status;
    consent_set(call, &record, &lead);
    duplicates_set(call, &record, &detail);
    if (record.failed) return lead_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

/* ---- history -------------------------------------------------------------------------------- */
struct history {
    struct scratch *scratch;
    struct lead_event *events;
    int count;
};

static int history_body(struct db_tx *tx, const struct lead *lead, void *context,
                        struct error *error) {
    struct history *history = context;
    return lead_events_read(tx, lead->id, history->scratch, error, history->events,
                            &history->count);
}

static const struct text *title_of(const char *step) {
    for (int i = 0; i < LEAD_STEPS; i++)
        if (strcmp(step, lead_step_text((enum lead_step)i)) == 0)
            return lead_step_label((enum lead_step)i);
    return NULL;
}

static int event_set(struct call *call, struct record *record, const struct lead_event *event) {
    const struct text *title = title_of(event->step);
    bool own = caller_is_organisation(&call->caller) || strcmp(event->actor, "organisation") != 0;
    record_set_text(record, "lead_id", event->lead_id);
    record_set_integer(record, "revision", event->revision);
    record_set_text(record, "step", event->step);
    record_set_text(record, "title", title ? text_in(title, call->language) : event->step);
    record_set_text(record, "from", event->from_state);
    record_set_text(record, "to", event->to_state);
    record_set_text(record, "actor", event->actor);
    record_set_text(record, "partner_id", event->partner_id);
    record_set_text(record, "partner_name", event->partner_name);
    record_set_text(record, "user_id", own ? event->user_id : NULL);
    record_set_text(record, "user_name", own ? event->user_name : NULL);
    record_set_text(record, "reason", event->reason);
    record_set_text(record, "note", event->note);
    record_set_instant(record, "at", event->at_us);
    return open_set(call, record, "detail", event->detail);
}

static int list_events(struct call *call) {
    struct history history = {
        .scratch = call->scratch,
        .events = scratch_take(call->scratch, LEAD_EVENTS_MAX * sizeof *history.events)};
    struct lead lead;
    struct list items;
    struct record output;
    if (!history.events) return lead_no_scratch(call);
    int status = lead_find(call, record_get(&call->input, "id"), &lead, history_body, &history);
    list_init(&items, call->scratch);
    for (int i = 0; !status && i < history.count; i++) {
        struct record record;
        record_init(&record, call->scratch);
        status = event_set(call, &record, &history.events[i]);
        items.failed |= record.failed;
        list_add(&items, record_value(&record));
    }
    if (status) return status;
    record_init(&output, call->scratch);
    record_set(&output, "items", list_value(&items));
    if (items.failed || output.failed) return lead_no_scratch(call);
    call->output = record_value(&output);
    return 0;
}

/* ---- the table ------------------------------------------------------------------------------ */
static const struct operation operations[] = {
    {.name = "GetLead",
     .generic = true,
     .method = "GET",
     .path = "/leads/{id}",
     .summary = {"Eén lead, met alles wat ervan bekend is",
                 "One lead, with all that is known of it"},
     .callers = LEAD_CALLERS,
     .roles = LEAD_ROLES_READING,
     .input = id_input,
     .input_count = 1,
     .output = detail_fields,
     .output_count = sizeof detail_fields / sizeof *detail_fields,
     .status = 200,
     .revised = true,
     .dated = true,
     .rate = RATE_READ,
     .run = get_lead},
    {.name = "ListLeadEvents",
     .generic = true,
     .method = "GET",
     .path = "/leads/{id}/events",
     .summary = {"Wat er met een lead gebeurde", "What happened to a lead"},
     .callers = LEAD_CALLERS,
     .roles = LEAD_ROLES_READING,
     .input = id_input,
     .input_count = 1,
     .output = events_output,
     .output_count = 1,
     .status = 200,
     .rate = RATE_READ,
     .run = list_events}};

extern const struct operation_group api_lead_detail;
const struct operation_group api_lead_detail = {.name = "leads",
                                                .operations = operations,
                                                .count = sizeof operations / sizeof *operations};

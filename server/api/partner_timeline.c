/* The timeline of a partner: everything that happened to it, the newest first. The partner sees
 * what is not the organisation's own. */
#include <string.h>

#include "message/json.h"
#include "partner_common.h"

static const struct field_choice actors[] = {{"partner", {"de partner", "the partner"}},
                                             {"organisation",
                                              {"de organisatie", "the organisation"}},
                                             {"public", {"een bezoeker", "a visitor"}},
                                             {"system", {"het systeem", "the system"}}};
static const struct field input[] = {PARTNER_ID_FIELD, PAGE_FIELD_LIMIT, PAGE_FIELD_CURSOR};
static const struct field event_fields[] = {
    PARTNER_SAID("id", "id van de gebeurtenis", "id of the event"),
    {.name = "kind", .type = FIELD_CHOICE, .required = true, .choices = partner_event_kinds,
     .choice_count = PARTNER_EVENT_KINDS, .label = {"wat", "what"}},
    PARTNER_SAID("text", "wat, in woorden", "what, in words"),
    {.name = "internal", .type = FIELD_BOOLEAN, .required = true,
     .label = {"de partner ziet dit niet", "the partner does not see this"}},
    PARTNER_MAYBE("subject_id", "waaraan", "to what"),
    {.name = "detail", .type = FIELD_OPEN, .required = true, .nullable = true,
     .label = {"bijzonderheden", "detail"}},
    {.name = "actor", .type = FIELD_CHOICE, .required = true, .choices = actors,
     .choice_count = 4, .label = {"door wie", "by whom"}},
    PARTNER_MAYBE("user_id", "gebruiker", "user"),
    PARTNER_MAYBE("request_id", "verzoek", "request"),
    PARTNER_SAID_INSTANT("at", "wanneer", "when")};
static const struct field list_item[] = {
    {.name = "event", .type = FIELD_RECORD, .required = true, .fields = event_fields,
     .field_count = sizeof event_fields / sizeof *event_fields, .schema = "PartnerEvent"}};
static const struct field output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = list_item, .field_count = 1,
     .label = {"gebeurtenissen", "events"}, .help = {"De nieuwste eerst.", "The newest first."}},
    PAGE_FIELD_NEXT};

static const char *label_of(const char *kind, enum language language) {
    for (int i = 0; i < PARTNER_EVENT_KINDS; i++)
        if (strcmp(partner_event_kinds[i].code, kind) == 0)
            return text_in(&partner_event_kinds[i].label, language);
    return kind;
}

static struct value event_value(struct call *call, const void *row, bool *failed) {
    const struct partner_event *event = row;
    bool organisation = caller_is_organisation(&call->caller);
    bool own = organisation || strcmp(event->by.actor, "organisation") != 0;
    struct json_fault fault;
    struct value detail = value_null();
    struct record record;
    if (event->detail &&
        json_read(event->detail, strlen(event->detail), NULL, call->scratch, &fault, &detail))
        *failed = true;
    record_init(&record, call->scratch);
    record_set_text(&record, "id", event->id);
    record_set_text(&record, "kind", event->kind);
    record_set_text(&record, "text", label_of(event->kind, call->language));
    record_set_boolean(&record, "internal", event->internal);
    record_set_text(&record, "subject_id", event->subject_id);
    record_set(&record, "detail", detail);
    record_set_text(&record, "actor", event->by.actor);
    record_set_text(&record, "user_id", own ? event->by.user_id : NULL);
    record_set_text(&record, "request_id", own ? event->by.request_id : NULL);
    record_set_instant(&record, "at", event->by.at_us);
    *failed |= record.failed;
    return record_value(&record);
}

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct partner_page *page = context;
    return partner_event_list(tx, page->partner_id, page->internal, page->cursor, page->limit + 1,
                             page->scratch, error, page->rows, &page->count);
}

static int list_events(struct call *call) {
    struct partner_page page;
    int status = partner_page_begin(call, "pev", sizeof(struct partner_event), &page);
    return status ? status : partner_page_answer(call, &page, list_body, event_value);
}

static const struct operation operations[] = {
    {PARTNER_READING("GetPartnerTimeline", "/partners/{id}/timeline",
                     "Alles wat er met een partner gebeurde",
                     "Everything that happened to a partner", input, output, 2, list_events)}};

extern const struct operation_group api_partner_timeline;
const struct operation_group api_partner_timeline = {
    .name = "partners", .operations = operations, .count = sizeof operations / sizeof *operations};

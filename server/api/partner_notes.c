/* Notes about a partner. What the organisation notes is its own unless it is shared; what the
 * partner notes, both read. */
#include "partner_common.h"

#define NOTE_ID_FIELD PARTNER_SUB_FIELD("note", "id van de notitie", "id of the note")
static const struct field list_input[] = {PARTNER_ID_FIELD, PAGE_FIELD_LIMIT, PAGE_FIELD_CURSOR};
static const struct field add_input[] = {
    PARTNER_ID_FIELD,
    {.name = "text", .type = FIELD_TEXT, .required = true, .length_minimum = 1,
     .length_maximum = PARTNER_NOTE_LENGTH_MAX, .label = {"notitie", "note"}},
    {.name = "shared", .type = FIELD_BOOLEAN,
     .label = {"de partner leest mee", "the partner reads it too"},
     .help = {"Anders alleen voor de organisatie; wat een partner noteert is altijd voor beide.",
              "Else for the organisation alone; what a partner notes is always for both."}}};
static const struct field remove_input[] = {PARTNER_ID_FIELD, NOTE_ID_FIELD};
static const struct field_choice actors[] = {{"partner", {"de partner", "the partner"}},
                                             {"organisation",
                                              {"de organisatie", "the organisation"}},
                                             {"system", {"het systeem", "the system"}}};
static const struct field output[] = {
    PARTNER_SAID("id", "id van de notitie", "id of the note"),
    PARTNER_SAID("text", "notitie", "note"),
    {.name = "shared", .type = FIELD_BOOLEAN, .required = true,
     .label = {"de partner leest mee", "the partner reads it too"}},
    {.name = "actor", .type = FIELD_CHOICE, .required = true, .choices = actors,
     .choice_count = 3, .label = {"van wie", "by whom"}},
    PARTNER_MAYBE("user_id", "gebruiker", "user"),
    PARTNER_SAID_INSTANT("created_at", "genoteerd op", "noted at")};
enum { OUTPUT_FIELDS = sizeof output / sizeof *output };
static const struct field list_item[] = {
    {.name = "note", .type = FIELD_RECORD, .required = true, .fields = output,
     .field_count = OUTPUT_FIELDS, .schema = "PartnerNote"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = list_item, .field_count = 1,
     .label = {"notities", "notes"}, .help = {"De nieuwste eerst.", "The newest first."}},
    PAGE_FIELD_NEXT};

static struct value note_value(struct call *call, const void *row, bool *failed) {
    const struct partner_note *note = row;
    struct record record;
    record_init(&record, call->scratch);
    record_set_text(&record, "id", note->id);
    record_set_text(&record, "text", note->text);
    record_set_boolean(&record, "shared", note->shared);
    record_set_text(&record, "actor", note->actor);
    record_set_text(&record, "user_id", note->user_id);
    record_set_instant(&record, "created_at", note->created_us);
    *failed |= record.failed;
    return record_value(&record);
}

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct partner_page *page = context;
    return partner_note_list(tx, page->partner_id, page->internal, page->cursor, page->limit + 1,
                             page->scratch, error, page->rows, &page->count);
}

static int list_notes(struct call *call) {
    struct partner_page page;
    int status = partner_page_begin(call, "ptn", sizeof(struct partner_note), &page);
    return status ? status : partner_page_answer(call, &page, list_body, note_value);
}

static int add_body(struct db_tx *tx, void *context, struct error *error) {
    return partner_note_add(tx, context, error);
}

static int add_note(struct call *call) {
    char *id = scratch_take(call->scratch, ID_MAX);
    bool organisation = caller_is_organisation(&call->caller), failed = false;
    struct partner_by by = partner_by_of(call);
    struct partner_note note = {
        .id = id,
        .shared = !organisation || record_get_boolean(&call->input, "shared", false),
        .actor = by.actor,
        .user_id = by.user_id,
        .created_us = call->now_us};
    if (!id) return partner_no_scratch(call);
    id_make("ptn", id);
    int status = partner_id_of(call, "id", "ptr", &note.partner_id);
    if (status) return status;
    if (!partner_text(call, "text", &note.text)) return call->error.code;
    call->output = note_value(call, &note, &failed);
    if (failed) return partner_no_scratch(call);
    struct partner_deed deed = {.body = add_body,
                                .context = &note,
                                .event = {.partner_id = note.partner_id,
                                          .kind = "note_added",
                                          .subject_id = id,
                                          .internal = !note.shared}};
    return partner_do(call, id, &deed);
}

struct removal {
    const char *partner_id, *id;
    bool internal;
};

static int remove_body(struct db_tx *tx, void *context, struct error *error) {
    const struct removal *removal = context;
    return partner_note_remove(tx, removal->partner_id, removal->id, removal->internal, error);
}

static int remove_note(struct call *call) {
    struct removal removal = {.internal = true};
    int status = partner_id_of(call, "id", "ptr", &removal.partner_id);
    if (!status) status = partner_id_of(call, "note", "ptn", &removal.id);
    if (!status) status = partner_removed_answer(call, removal.id);
    if (status) return status;
    struct partner_deed deed = {.body = remove_body,
                                .context = &removal,
                                .event = {.partner_id = removal.partner_id,
                                          .kind = "note_removed",
                                          .subject_id = removal.id,
                                          .internal = true}};
    return partner_do(call, removal.id, &deed);
}

static const char *const refusals[] = {"too_many", NULL};
static const struct operation operations[] = {
    {PARTNER_READING("ListPartnerNotes", "/partners/{id}/notes", "Notities over een partner",
                     "Notes about a partner", list_input, list_output, 2, list_notes)},
    {PARTNER_DOING("AddPartnerNote", "POST", "/partners/{id}/notes", "Noteer iets over een partner",
                   "Note something about a partner", add_input, output, OUTPUT_FIELDS, 201,
                   add_note),
     .roles = ROLES_ORGANISATION_ALL | ROLES_PARTNER_ALL, .refusals = refusals},
    {PARTNER_DOING("RemovePartnerNote", "DELETE", "/partners/{id}/notes/{note}",
                   "Verwijder een notitie", "Remove a note", remove_input, partner_removed_fields,
                   PARTNER_REMOVED_FIELDS, 200, remove_note),
     .roles = ROLES_PARTNERS_WRITING}};

extern const struct operation_group api_partner_notes;
const struct operation_group api_partner_notes = {
    .name = "partners", .operations = operations, .count = sizeof operations / sizeof *operations};

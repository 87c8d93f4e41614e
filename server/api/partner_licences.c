/* Licences of a partner: what it may do by law, each with its days. A licence that changes is
 * ended, and another is added; one that was entered by mistake is removed. */
#include <string.h>

#include "domain/identifier.h"
#include "partner_common.h"

/* ---- fields ---------------------------------------------------------------------------------- */
#define KIND_FIELD                                                                                \
    {.name = "kind", .type = FIELD_CHOICE, .required = true, .choices = partner_competences + 1,  \
     .choice_count = PARTNER_COMPETENCES - 1, .label = {"waarvoor", "what for"}}
#define LICENCE_ID_FIELD PARTNER_SUB_FIELD("licence", "id van de vergunning", "id of the licence")

static const struct field id_input[] = {PARTNER_ID_FIELD};
static const struct field add_input[] = {
    PARTNER_ID_FIELD,
    KIND_FIELD,
    {.name = "number", .type = FIELD_TEXT, .required = true, .length_maximum = 60,
     .label = {"vergunningnummer van de AFM", "licence number of the AFM"},
     .example = "\"12019504\""},
    PARTNER_DATE_FIELD("from_date", true, "eerste dag", "first day"),
    PARTNER_DATE_FIELD("to_date", false, "laatste dag", "last day"),
    {.name = "collective", .type = FIELD_BOOLEAN,
     .label = {"geldt ook voor de kantoren eronder", "holds for the offices below as well"}}};
static const struct field end_input[] = {
    PARTNER_ID_FIELD, LICENCE_ID_FIELD,
    PARTNER_DATE_FIELD("to_date", true, "laatste dag", "last day")};
static const struct field remove_input[] = {PARTNER_ID_FIELD, LICENCE_ID_FIELD};

static const struct field output[] = {
    PARTNER_SAID("id", "id van de vergunning", "id of the licence"),
    PARTNER_SAID("partner_id", "partner", "partner"),
    KIND_FIELD,
    PARTNER_SAID("number", "vergunningnummer", "licence number"),
    {.name = "collective", .type = FIELD_BOOLEAN, .required = true,
     .label = {"geldt ook voor de kantoren eronder", "holds for the offices below as well"}},
    PARTNER_SAID_DATE("from_date", "eerste dag", "first day"),
    PARTNER_MAYBE_DATE("to_date", "laatste dag", "last day"),
    PARTNER_SAID_INSTANT("created_at", "vastgelegd op", "recorded at")};
enum { OUTPUT_FIELDS = sizeof output / sizeof *output };
static const struct field list_item[] = {
    {.name = "licence", .type = FIELD_RECORD, .required = true, .fields = output,
     .field_count = OUTPUT_FIELDS, .schema = "PartnerLicence"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = list_item, .field_count = 1,
     .length_maximum = PARTNER_LICENCES_MAX, .label = {"vergunningen", "licences"},
     .help = {"De nieuwste eerst.", "The newest first."}},
    PAGE_FIELD_NEXT};

/* ---- reading --------------------------------------------------------------------------------- */
static struct value licence_value(struct call *call, const struct partner_licence *licence,
                                  bool *failed) {
    struct record record;
    record_init(&record, call->scratch);
    record_set_text(&record, "id", licence->id);
    record_set_text(&record, "partner_id", licence->partner_id);
    record_set_text(&record, "kind", licence->kind);
    record_set_text(&record, "number", licence->number);
    record_set_boolean(&record, "collective", licence->collective);
    record_set_text(&record, "from_date", licence->from_date);
    record_set_text(&record, "to_date", licence->to_date);
    record_set_instant(&record, "created_at", licence->created_us);
    *failed |= record.failed;
    return record_value(&record);
}

struct listing {
    const char *partner_id;
    struct scratch *scratch;
    struct partner_licence *licences;
    int count;
};

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    return partner_licence_list(tx, listing->partner_id, listing->scratch, error,
                                listing->licences, &listing->count);
}

static int licences_read(struct call *call, struct listing *listing) {
    listing->scratch = call->scratch;
    listing->count = 0;
    int status = partner_id_of(call, "id", "ptr", &listing->partner_id);
    if (status) return status;
    listing->licences =
        scratch_take(call->scratch, PARTNER_LICENCES_MAX * sizeof *listing->licences);
    return listing->licences ? partner_read_of(call, listing->partner_id, list_body, listing)
                             : partner_no_scratch(call);
}

static int list_licences(struct call *call) {
    struct listing listing;
    struct list items;
    int status = licences_read(call, &listing);
    if (status) return status;
    list_init(&items, call->scratch);
    for (int i = 0; i < listing.count; i++)
        list_add(&items, licence_value(call, &listing.licences[i], &items.failed));
    return partner_list_answer(call, &items, NULL);
}

/* The one that the path names. */
static int licence_of_input(struct call *call, struct partner_licence *ret_licence) {
    struct listing listing;
    const char *id = NULL;
    int status = partner_id_of(call, "licence", "plc", &id);
    if (!status) status = licences_read(call, &listing);
    if (status) return status;
    for (int i = 0; i < listing.count; i++)
        if (strcmp(listing.licences[i].id, id) == 0) {
            *ret_licence = listing.licences[i];
            return 0;
        }
    return call_not_found(call);
}

/* ---- deeds ----------------------------------------------------------------------------------- */
struct writing {
    struct partner_licence licence;
    int64_t now_us;
};

static int add_body(struct db_tx *tx, void *context, struct error *error) {
    const struct writing *writing = context;
    return partner_licence_add(tx, &writing->licence, writing->now_us, error);
}

static int end_body(struct db_tx *tx, void *context, struct error *error) {
    const struct partner_licence *licence = &((const struct writing *)context)->licence;
    return partner_licence_end(tx, licence->partner_id, licence->id, licence->to_date, error);
}

static int remove_body(struct db_tx *tx, void *context, struct error *error) {
    const struct partner_licence *licence = &((const struct writing *)context)->licence;
    return partner_licence_remove(tx, licence->partner_id, licence->id, error);
}

static int licence_do(struct call *call, struct writing *writing, const char *kind, db_body body) {
    const struct partner_licence *licence = &writing->licence;
    const struct value_entry entries[] = {
        record_entry("kind", value_text(licence->kind, strlen(licence->kind))),
        record_entry("number", value_text(licence->number, strlen(licence->number)))};
    writing->now_us = call->now_us;
    struct partner_deed deed = {.body = body,
                                .context = writing,
                                .event = {.partner_id = licence->partner_id,
                                          .kind = kind,
                                          .subject_id = licence->id,
                                          .detail = partner_detail(call, entries, 2)}};
    if (!deed.event.detail) return partner_no_scratch(call);
    return partner_do(call, licence->id, &deed);
}

static int licence_answer(struct call *call, const struct partner_licence *licence) {
    bool failed = false;
    call->output = licence_value(call, licence, &failed);
    return failed ? partner_no_scratch(call) : 0;
}

static int add_licence(struct call *call) {
    char *id = scratch_take(call->scratch, ID_MAX);
    struct writing writing = {.licence = {.id = id, .created_us = call->now_us}};
    struct partner_licence *licence = &writing.licence;
    if (!id) return partner_no_scratch(call);
    id_make("plc", id);
    int status = partner_id_of(call, "id", "ptr", &licence->partner_id);
    if (status) return status;
    if (!partner_text(call, "kind", &licence->kind) ||
        !partner_identifier(call, "number", IDENTIFIER_LICENCE, &licence->number) ||
        !partner_date(call, "from_date", &licence->from_date) ||
        !partner_date(call, "to_date", &licence->to_date))
        return call->error.code;
    licence->collective = record_get_boolean(&call->input, "collective", false);
    partner_dates_check(call, "/to_date", licence->from_date, licence->to_date);
    if (call->faults.count) return ERROR_INVALID;
    status = licence_answer(call, licence);
    return status ? status : licence_do(call, &writing, "licence_added", add_body);
}

static int end_licence(struct call *call) {
    struct writing writing;
    int status = licence_of_input(call, &writing.licence);
    if (status) return status;
    if (!partner_date(call, "to_date", &writing.licence.to_date)) return call->error.code;
    partner_dates_check(call, "/to_date", writing.licence.from_date, writing.licence.to_date);
    if (call->faults.count) return ERROR_INVALID;
    status = licence_answer(call, &writing.licence);
    return status ? status : licence_do(call, &writing, "licence_ended", end_body);
}

static int remove_licence(struct call *call) {
    struct writing writing;
    int status = licence_of_input(call, &writing.licence);
    if (!status) status = partner_removed_answer(call, writing.licence.id);
    return status ? status : licence_do(call, &writing, "licence_removed", remove_body);
}

/* ---- the table ------------------------------------------------------------------------------- */
static const char *const refusals[] = {"too_many", NULL};
static const struct operation operations[] = {
    {PARTNER_READING("ListPartnerLicences", "/partners/{id}/licences",
                     "Vergunningen van een partner", "Licences of a partner", id_input,
                     list_output, 2, list_licences)},
    {PARTNER_DOING("AddPartnerLicence", "POST", "/partners/{id}/licences",
                   "Leg een vergunning vast", "Record a licence", add_input, output,
                   OUTPUT_FIELDS, 201, add_licence),
     .roles = ROLES_PARTNERS_WRITING, .refusals = refusals},
    {PARTNER_DOING("EndPartnerLicence", "POST", "/partners/{id}/licences/{licence}/ending",
                   "Beëindig een vergunning", "End a licence", end_input, output, OUTPUT_FIELDS,
                   200, end_licence),
     .roles = ROLES_PARTNERS_WRITING},
    {PARTNER_DOING("RemovePartnerLicence", "DELETE", "/partners/{id}/licences/{licence}",
                   "Verwijder een vergunning die bij vergissing is vastgelegd",
                   "Remove a licence that was recorded by mistake", remove_input,
                   partner_removed_fields, PARTNER_REMOVED_FIELDS, 200, remove_licence),
     .roles = ROLES_PARTNERS_WRITING}};

extern const struct operation_group api_partner_licences;
const struct operation_group api_partner_licences = {
    .name = "partners", .operations = operations, .count = sizeof operations / sizeof *operations};

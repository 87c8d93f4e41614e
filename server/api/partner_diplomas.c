/* Diplomas of a partner's people, each with its days: the end is that of the window of permanent
 * education, and one that was kept up is another row. */
#include <string.h>

#include "partner_person_common.h"

/* ---- fields ---------------------------------------------------------------------------------- */
#define KIND_FIELD                                                                                \
    {.name = "kind", .type = FIELD_CHOICE, .required = true, .choices = partner_competences,      \
     .choice_count = PARTNER_COMPETENCES, .label = {"waarvoor", "what for"}}
#define DIPLOMA_ID_FIELD PARTNER_SUB_FIELD("diploma", "id van het diploma", "id of the diploma")

static const struct field list_input[] = {PARTNER_ID_FIELD, PARTNER_PERSON_ID_FIELD};
static const struct field add_input[] = {
    PARTNER_ID_FIELD,
    PARTNER_PERSON_ID_FIELD,
    KIND_FIELD,
    {.name = "number", .type = FIELD_TEXT, .length_minimum = 1, .length_maximum = 40,
     .label = {"diplomanummer", "number of the diploma"}},
    PARTNER_DATE_FIELD("from_date", true, "eerste dag", "first day"),
    PARTNER_DATE_FIELD("to_date", false, "geldig tot en met", "valid until")};
static const struct field end_input[] = {
    PARTNER_ID_FIELD, PARTNER_PERSON_ID_FIELD, DIPLOMA_ID_FIELD,
    PARTNER_DATE_FIELD("to_date", true, "geldig tot en met", "valid until")};
static const struct field remove_input[] = {PARTNER_ID_FIELD, PARTNER_PERSON_ID_FIELD,
                                            DIPLOMA_ID_FIELD};
static const struct field output[] = {
    PARTNER_SAID("id", "id van het diploma", "id of the diploma"),
    PARTNER_SAID("person_id", "medewerker", "person"),
    KIND_FIELD,
    PARTNER_MAYBE("number", "diplomanummer", "number of the diploma"),
    PARTNER_SAID_DATE("from_date", "eerste dag", "first day"),
    PARTNER_MAYBE_DATE("to_date", "geldig tot en met", "valid until"),
    PARTNER_SAID_INSTANT("created_at", "vastgelegd op", "recorded at")};
enum { OUTPUT_FIELDS = sizeof output / sizeof *output };
static const struct field list_item[] = {
    {.name = "diploma", .type = FIELD_RECORD, .required = true, .fields = output,
     .field_count = OUTPUT_FIELDS, .schema = "PartnerDiploma"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = list_item, .field_count = 1,
     .length_maximum = PARTNER_DIPLOMAS_MAX, .label = {"diploma's", "diplomas"},
     .help = {"De nieuwste eerst.", "The newest first."}},
    PAGE_FIELD_NEXT};

/* ---- reading --------------------------------------------------------------------------------- */
static struct value diploma_value(struct call *call, const struct partner_diploma *diploma,
                                  bool *failed) {
    struct record record;
    record_init(&record, call->scratch);
    record_set_text(&record, "id", diploma->id);
    record_set_text(&record, "person_id", diploma->person_id);
    record_set_text(&record, "kind", diploma->kind);
    record_set_text(&record, "number", diploma->number);
    record_set_text(&record, "from_date", diploma->from_date);
    record_set_text(&record, "to_date", diploma->to_date);
    record_set_instant(&record, "created_at", diploma->created_us);
    *failed |= record.failed;
    return record_value(&record);
}

struct listing {
    struct partner_person person;
    struct scratch *scratch;
    struct partner_diploma *diplomas;
    int count;
};

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    return partner_diploma_list(tx, listing->person.id, listing->scratch, error,
                                listing->diplomas, &listing->count);
}

static int diplomas_read(struct call *call, struct listing *listing) {
    listing->scratch = call->scratch;
    listing->count = 0;
    int status = partner_person_of_input(call, &listing->person);
    if (status) return status;
    listing->diplomas =
        scratch_take(call->scratch, PARTNER_DIPLOMAS_MAX * sizeof *listing->diplomas);
    return listing->diplomas ? call_read(call, list_body, listing) : partner_no_scratch(call);
}

static int list_diplomas(struct call *call) {
    struct listing listing;
    struct list items;
    int status = diplomas_read(call, &listing);
    if (status) return status;
    list_init(&items, call->scratch);
    for (int i = 0; i < listing.count; i++)
        list_add(&items, diploma_value(call, &listing.diplomas[i], &items.failed));
    return partner_list_answer(call, &items, NULL);
}

/* ---- deeds ----------------------------------------------------------------------------------- */
struct writing {
    struct partner_person person;
    struct partner_diploma diploma;
    int64_t now_us;
};

static int diploma_of_input(struct call *call, struct writing *writing) {
    struct listing listing;
    const char *id = NULL;
    int status = partner_id_of(call, "diploma", "dip", &id);
    if (!status) status = diplomas_read(call, &listing);
    if (status) return status;
    writing->person = listing.person;
    for (int i = 0; i < listing.count; i++)
        if (strcmp(listing.diplomas[i].id, id) == 0) {
            writing->diploma = listing.diplomas[i];
            return 0;
        }
    return call_not_found(call);
}

static int add_body(struct db_tx *tx, void *context, struct error *error) {
    const struct writing *writing = context;
    return partner_diploma_add(tx, &writing->diploma, writing->now_us, error);
}

static int end_body(struct db_tx *tx, void *context, struct error *error) {
    const struct partner_diploma *diploma = &((const struct writing *)context)->diploma;
    return partner_diploma_end(tx, diploma->person_id, diploma->id, diploma->to_date, error);
}

static int remove_body(struct db_tx *tx, void *context, struct error *error) {
    const struct partner_diploma *diploma = &((const struct writing *)context)->diploma;
    return partner_diploma_remove(tx, diploma->person_id, diploma->id, error);
}

static int diploma_do(struct call *call, struct writing *writing, const char *kind, db_body body) {
    const struct partner_diploma *diploma = &writing->diploma;
    const struct partner_person *person = &writing->person;
    const struct value_entry entries[] = {
        record_entry("kind", value_text(diploma->kind, strlen(diploma->kind))),
        record_entry("name", value_text(person->name, strlen(person->name)))};
    writing->now_us = call->now_us;
    struct partner_deed deed = {.body = body,
                                .context = writing,
                                .event = {.partner_id = person->partner_id,
                                          .kind = kind,
                                          .subject_id = diploma->id,
                                          .detail = partner_detail(call, entries, 2)}};
    if (!deed.event.detail) return partner_no_scratch(call);
    return partner_do(call, diploma->id, &deed);
}

static int diploma_answer(struct call *call, const struct partner_diploma *diploma) {
    bool failed = false;
    call->output = diploma_value(call, diploma, &failed);
    return failed ? partner_no_scratch(call) : 0;
}

static int add_diploma(struct call *call) {
    char *id = scratch_take(call->scratch, ID_MAX);
    struct writing writing = {.diploma = {.id = id, .created_us = call->now_us}};
    struct partner_diploma *diploma = &writing.diploma;
    if (!id) return partner_no_scratch(call);
    id_make("dip", id);
    int status = partner_person_of_input(call, &writing.person);
    if (status) return status;
    diploma->partner_id = writing.person.partner_id;
    diploma->person_id = writing.person.id;
    if (!partner_text(call, "kind", &diploma->kind) ||
        !partner_text(call, "number", &diploma->number) ||
        !partner_date(call, "from_date", &diploma->from_date) ||
        !partner_date(call, "to_date", &diploma->to_date))
        return call->error.code;
    partner_dates_check(call, "/to_date", diploma->from_date, diploma->to_date);
    if (call->faults.count) return ERROR_INVALID;
    status = diploma_answer(call, diploma);
    return status ? status : diploma_do(call, &writing, "diploma_added", add_body);
}

static int end_diploma(struct call *call) {
    struct writing writing;
    int status = diploma_of_input(call, &writing);
    if (status) return status;
    if (!partner_date(call, "to_date", &writing.diploma.to_date)) return call->error.code;
    partner_dates_check(call, "/to_date", writing.diploma.from_date, writing.diploma.to_date);
    if (call->faults.count) return ERROR_INVALID;
    status = diploma_answer(call, &writing.diploma);
    return status ? status : diploma_do(call, &writing, "diploma_ended", end_body);
}

static int remove_diploma(struct call *call) {
    struct writing writing;
    int status = diploma_of_input(call, &writing);
    if (!status) status = partner_removed_answer(call, writing.diploma.id);
    return status ? status : diploma_do(call, &writing, "diploma_removed", remove_body);
}

/* ---- the table ------------------------------------------------------------------------------- */
#define DIPLOMAS "/partners/{id}/people/{person}/diplomas"
#define ROLES (ROLES_PARTNERS_WRITING | ROLE_PARTNER_ADMINISTRATOR)
static const char *const refusals[] = {"too_many", NULL};
static const struct operation operations[] = {
    {PARTNER_READING("ListPartnerDiplomas", DIPLOMAS, "Diploma's van een medewerker",
                     "Diplomas of a person", list_input, list_output, 2, list_diplomas)},
    {PARTNER_DOING("AddPartnerDiploma", "POST", DIPLOMAS, "Leg een diploma vast",
                   "Record a diploma", add_input, output, OUTPUT_FIELDS, 201, add_diploma),
     .roles = ROLES, .refusals = refusals},
    {PARTNER_DOING("EndPartnerDiploma", "POST", DIPLOMAS "/{diploma}/ending",
                   "Beëindig een diploma", "End a diploma", end_input, output, OUTPUT_FIELDS,
                   200, end_diploma),
     .roles = ROLES},
    {PARTNER_DOING("RemovePartnerDiploma", "DELETE", DIPLOMAS "/{diploma}",
                   "Verwijder een diploma dat bij vergissing is vastgelegd",
                   "Remove a diploma that was recorded by mistake", remove_input,
                   partner_removed_fields, PARTNER_REMOVED_FIELDS, 200, remove_diploma),
     .roles = ROLES}};

extern const struct operation_group api_partner_diplomas;
const struct operation_group api_partner_diplomas = {
    .name = "partners", .operations = operations, .count = sizeof operations / sizeof *operations};

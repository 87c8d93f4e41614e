/* People of a partner's firm, who may or may not be users. Their diplomas: partner_diplomas.c. */
#include <string.h>

#include "domain/identifier.h"
#include "partner_person_common.h"

/* ---- fields ---------------------------------------------------------------------------------- */
enum { NAME_MAX_LENGTH = 120 };
#define WRITABLE_FIELDS(required_)                                                                \
    {.name = "name", .type = FIELD_TEXT, .required = required_, .length_minimum = 1,              \
     .length_maximum = NAME_MAX_LENGTH, .label = {"naam", "name"}},                               \
    {.name = "role", .type = FIELD_CHOICE, .required = required_,                                 \
     .choices = partner_person_roles, .choice_count = PARTNER_PERSON_ROLES,                       \
     .label = {"functie", "role"}},                                                               \
    {.name = "email", .type = FIELD_TEXT, .length_maximum = 254, .format = "email",               \
     .label = {"e-mailadres", "email address"}},                                                  \
    {.name = "telephone", .type = FIELD_TEXT, .length_maximum = 60,                               \
     .label = {"telefoonnummer", "telephone number"}},                                            \
    {.name = "user_id", .type = FIELD_TEXT, .length_maximum = ID_MAX,                             \
     .label = {"gebruiker", "user"}},                                                             \
    PARTNER_DATE_FIELD("from_date", false, "in dienst sinds", "there since"),                     \
    PARTNER_DATE_FIELD("to_date", false, "in dienst tot en met", "there until")

static const struct field list_input[] = {PARTNER_ID_FIELD, PAGE_FIELD_LIMIT, PAGE_FIELD_CURSOR};
static const struct field add_input[] = {PARTNER_ID_FIELD, WRITABLE_FIELDS(true)};
static const struct field_choice clearable[] = {{"email", {"e-mailadres", "email address"}},
                                                {"telephone", {"telefoonnummer", "telephone"}},
                                                {"user_id", {"gebruiker", "user"}},
                                                {"from_date", {"in dienst sinds", "there since"}},
                                                {"to_date", {"in dienst tot", "there until"}}};
static const struct field clear_item[] = {
    {.name = "field", .type = FIELD_CHOICE, .required = true, .choices = clearable,
     .choice_count = sizeof clearable / sizeof *clearable, .label = {"veld", "field"}}};
static const struct field change_input[] = {
    PARTNER_ID_FIELD, PARTNER_PERSON_ID_FIELD, WRITABLE_FIELDS(false),
    {.name = "clear", .type = FIELD_LIST, .fields = clear_item, .field_count = 1,
     .length_maximum = sizeof clearable / sizeof *clearable,
     .label = {"leeg te maken velden", "fields to empty"}}};
static const struct field list_item[] = {
    {.name = "person", .type = FIELD_RECORD, .required = true, .fields = partner_person_fields,
     .field_count = PARTNER_PERSON_FIELDS, .schema = "PartnerPerson"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = list_item, .field_count = 1,
     .label = {"medewerkers", "people"}},
    PAGE_FIELD_NEXT};
static const struct field get_input[] = {PARTNER_ID_FIELD, PARTNER_PERSON_ID_FIELD};

/* ---- reading --------------------------------------------------------------------------------- */
static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct partner_page *page = context;
    return partner_person_list(tx, page->partner_id, page->cursor, page->limit + 1,
                             page->scratch, error, page->rows, &page->count);
}

static struct value person_tell(struct call *call, const void *row, bool *failed) {
    return partner_person_value(call, row, failed);
}

static int list_people(struct call *call) {
    struct partner_page page;
    int status = partner_page_begin(call, "ppn", sizeof(struct partner_person), &page);
    return status ? status : partner_page_answer(call, &page, list_body, person_tell);
}

static int person_answer(struct call *call, const struct partner_person *person) {
    bool failed = false;
    call->output = partner_person_value(call, person, &failed);
    return failed ? partner_no_scratch(call) : 0;
}

static int get_person(struct call *call) {
    struct partner_person person;
    int status = partner_person_of_input(call, &person);
    return status ? status : person_answer(call, &person);
}

/* ---- deeds ----------------------------------------------------------------------------------- */
struct writing {
    struct partner_person person;
    int64_t now_us;
};

/* A user of the same firm, or ERROR_INVALID. */
static int user_check(struct db_tx *tx, const struct partner_person *person,
                      struct error *error) {
    struct db_rows *rows = NULL;
    if (!person->user_id) return 0;
    int status = db_query(tx, error, &rows,
                          "select u.id from app_user u where u.id = $1 and u.partner_id = $2"
                          " and $scope(u)",
                          db_text(person->user_id), db_text(person->partner_id));
    if (status) return status;
    status = db_next(rows, error);
    db_rows_close(rows);
    if (status == 0)
        return error_set(error, ERROR_INVALID, "there is no user %.60s there", person->user_id);
    return status < 0 ? status : 0;
}

static int add_body(struct db_tx *tx, void *context, struct error *error) {
    const struct writing *writing = context;
    int status = user_check(tx, &writing->person, error);
    return status ? status : partner_person_add(tx, &writing->person, writing->now_us, error);
}

static int update_body(struct db_tx *tx, void *context, struct error *error) {
    const struct writing *writing = context;
    int status = user_check(tx, &writing->person, error);
    return status ? status : partner_person_update(tx, &writing->person, writing->now_us, error);
}

static int input_take(struct call *call, struct partner_person *person) {
    const struct {
        const char *name;
        const char **text;
    } texts[] = {{"name", &person->name},
                 {"role", &person->role},
                 {"email", &person->email},
                 {"user_id", &person->user_id}};
    const char *telephone = NULL;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!partner_text(call, texts[i].name, texts[i].text)) return call->error.code;
    if (!partner_identifier(call, "telephone", IDENTIFIER_TELEPHONE, &telephone) ||
        !partner_date(call, "from_date", &person->from_date) ||
        !partner_date(call, "to_date", &person->to_date))
        return call->error.code;
    if (telephone) person->telephone = telephone;
    partner_dates_check(call, "/to_date", person->from_date, person->to_date);
    return call->faults.count ? ERROR_INVALID : 0;
}

static void clear_take(struct call *call, struct partner_person *person) {
    const struct value *names = record_get(&call->input, "clear");
    const char **const texts[] = {&person->email, &person->telephone, &person->user_id,
                                  &person->from_date, &person->to_date};
    for (uint32_t i = 0; names && i < names->length; i++)
        for (size_t at = 0; at < sizeof texts / sizeof *texts; at++)
            if (strlen(clearable[at].code) == names->items[i].length &&
                memcmp(clearable[at].code, names->items[i].text, names->items[i].length) == 0)
                *texts[at] = NULL;
}

static int person_do(struct call *call, struct writing *writing, const char *kind, db_body body) {
    const struct partner_person *person = &writing->person;
    const struct value_entry entry =
        record_entry("name", value_text(person->name, strlen(person->name)));
    writing->now_us = call->now_us;
    struct partner_deed deed = {.body = body,
                                .context = writing,
                                .event = {.partner_id = person->partner_id,
                                          .kind = kind,
                                          .subject_id = person->id,
                                          .detail = partner_detail(call, &entry, 1)}};
    if (!deed.event.detail) return partner_no_scratch(call);
    int status = partner_do(call, person->id, &deed);
    if (status != ERROR_INVALID || call->faults.count) return status;
    error_clear(&call->error);
    partner_fault(call, "/user_id", "unknown_user",
                  "Dit is geen gebruiker van dit kantoor: kies er een uit de lijst.",
                  "This is no user of this office: choose one of the list.");
    return status;
}

static int add_person(struct call *call) {
    char *id = scratch_take(call->scratch, ID_MAX);
    struct writing writing = {.person = {.id = id,
                                         .revision = 1,
                                         .created_us = call->now_us,
                                         .changed_us = call->now_us}};
    if (!id) return partner_no_scratch(call);
    id_make("ppn", id);
    int status = partner_id_of(call, "id", "ptr", &writing.person.partner_id);
    if (!status) status = input_take(call, &writing.person);
    if (!status) status = person_answer(call, &writing.person);
    return status ? status : person_do(call, &writing, "person_added", add_body);
}

static int change_person(struct call *call) {
    struct writing writing = {.now_us = 0};
    struct partner_person *person = &writing.person;
    int status = partner_person_of_input(call, person);
    if (!status) status = call_check_revision(call, person->revision);
    if (status) return status;
    clear_take(call, person);
    person->revision++;
    person->changed_us = call->now_us;
    status = input_take(call, person);
    if (!status) status = person_answer(call, person);
    return status ? status : person_do(call, &writing, "person_changed", update_body);
}

/* ---- the table ------------------------------------------------------------------------------- */
static const char *const add_refusals[] = {"too_many", NULL};
static const char *const change_refusals[] = {"precondition_required", "precondition_failed",
                                              NULL};
static const struct operation operations[] = {
    {PARTNER_READING("ListPartnerPeople", "/partners/{id}/people", "Medewerkers van een partner",
                     "People of a partner", list_input, list_output, 2, list_people)},
    {PARTNER_READING("GetPartnerPerson", "/partners/{id}/people/{person}", "Eén medewerker",
                     "One person", get_input, partner_person_fields, PARTNER_PERSON_FIELDS,
                     get_person),
     .revised = true},
    {PARTNER_DOING("AddPartnerPerson", "POST", "/partners/{id}/people", "Leg een medewerker vast",
                   "Record a person", add_input, partner_person_fields, PARTNER_PERSON_FIELDS,
                   201, add_person),
     .roles = ROLES_PARTNERS_WRITING | ROLE_PARTNER_ADMINISTRATOR, .revised = true,
     .refusals = add_refusals},
    {PARTNER_DOING("ChangePartnerPerson", "PATCH", "/partners/{id}/people/{person}",
                   "Wijzig de gegevens van een medewerker", "Change what is known of a person",
                   change_input, partner_person_fields, PARTNER_PERSON_FIELDS, 200,
                   change_person),
     .roles = ROLES_PARTNERS_WRITING | ROLE_PARTNER_ADMINISTRATOR, .revised = true,
     .if_match = true, .refusals = change_refusals}};

extern const struct operation_group api_partner_people;
const struct operation_group api_partner_people = {
    .name = "partners", .operations = operations, .count = sizeof operations / sizeof *operations};

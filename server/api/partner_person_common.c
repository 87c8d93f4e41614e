/* Shared by partner_people.c and partner_diplomas.c. */
#include "partner_person_common.h"

const struct field partner_person_fields[PARTNER_PERSON_FIELDS] = {
    PARTNER_SAID("id", "id van de medewerker", "id of the person"),
    PARTNER_REVISION_FIELD,
    PARTNER_SAID("partner_id", "partner", "partner"),
    PARTNER_SAID("name", "naam", "name"),
    {.name = "role", .type = FIELD_CHOICE, .required = true, .choices = partner_person_roles,
     .choice_count = PARTNER_PERSON_ROLES, .label = {"functie", "role"}},
    PARTNER_MAYBE("email", "e-mailadres", "email address"),
    PARTNER_MAYBE("telephone", "telefoonnummer", "telephone number"),
    PARTNER_MAYBE("user_id", "gebruiker", "user"),
    PARTNER_MAYBE_DATE("from_date", "in dienst sinds", "there since"),
    PARTNER_MAYBE_DATE("to_date", "in dienst tot en met", "there until"),
    PARTNER_SAID_INSTANT("created_at", "vastgelegd op", "recorded at"),
    PARTNER_SAID_INSTANT("changed_at", "laatst gewijzigd op", "last changed at")};

struct value partner_person_value(struct call *call, const struct partner_person *person,
                                  bool *failed) {
    struct record record;
    record_init(&record, call->scratch);
    record_set_text(&record, "id", person->id);
    record_set_integer(&record, "revision", person->revision);
    record_set_text(&record, "partner_id", person->partner_id);
    record_set_text(&record, "name", person->name);
    record_set_text(&record, "role", person->role);
    record_set_text(&record, "email", person->email);
    record_set_text(&record, "telephone", person->telephone);
    record_set_text(&record, "user_id", person->user_id);
    record_set_text(&record, "from_date", person->from_date);
    record_set_text(&record, "to_date", person->to_date);
    record_set_instant(&record, "created_at", person->created_us);
    record_set_instant(&record, "changed_at", person->changed_us);
    *failed |= record.failed;
    return record_value(&record);
}

struct reading {
    const char *partner_id, *id;
    struct scratch *scratch;
    struct partner_person *person;
};

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct reading *reading = context;
    return partner_person_read(tx, reading->partner_id, reading->id, reading->scratch, error,
                               reading->person);
}

int partner_person_of_input(struct call *call, struct partner_person *ret_person) {
    struct reading reading = {.scratch = call->scratch, .person = ret_person};
    int status = partner_id_of(call, "id", "ptr", &reading.partner_id);
    if (!status) status = partner_id_of(call, "person", "ppn", &reading.id);
    return status ? status : partner_read_of(call, reading.partner_id, read_body, &reading);
}

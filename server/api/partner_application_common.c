/* Shared by partner_applications.c and partner_decisions.c. */
#include "partner_application_common.h"

const struct field partner_application_fields[PARTNER_APPLICATION_FIELDS] = {
    PARTNER_SAID("id", "id van de aanmelding", "id of the application"),
    PARTNER_REVISION_FIELD,
    {.name = "status", .type = FIELD_CHOICE, .required = true,
     .choices = partner_application_statuses, .choice_count = PARTNER_APPLICATION_STATUSES,
     .label = {"status", "status"}},
    PARTNER_SAID("name", "naam van het kantoor", "name of the office"),
    PARTNER_SAID("trade_register_number", "KvK-nummer", "trade register number"),
    PARTNER_MAYBE("licence_number", "vergunningnummer van de AFM", "licence number of the AFM"),
    PARTNER_MAYBE("legal_form", "rechtsvorm", "legal form"),
    {.name = "employees", .type = FIELD_INTEGER, .required = true, .nullable = true,
     .label = {"aantal medewerkers", "employees"}},
    PARTNER_MAYBE("street", "straat en huisnummer", "street and number"),
    PARTNER_MAYBE("postcode", "postcode", "postcode"),
    PARTNER_MAYBE("city", "plaats", "city"),
    PARTNER_MAYBE("website", "website", "website"),
    PARTNER_SAID("contact_name", "naam van de aanvrager", "name of who applies"),
    PARTNER_SAID("email", "e-mailadres", "email address"),
    PARTNER_MAYBE("telephone", "telefoonnummer", "telephone number"),
    PARTNER_MAYBE("message", "bericht", "message"),
    PARTNER_SAID("language", "taal", "language"),
    PARTNER_MAYBE("reason", "reden van afwijzing", "reason of the refusal"),
    PARTNER_MAYBE("note", "toelichting", "note"),
    PARTNER_MAYBE("decided_by", "beslist door", "decided by"),
    {.name = "decided_at", .type = FIELD_TEXT, .required = true, .nullable = true,
     .format = "date-time", .label = {"beslist op", "decided at"}},
    PARTNER_MAYBE("partner_id", "partner", "partner"),
    PARTNER_SAID_INSTANT("created_at", "ontvangen op", "received at")};
struct value partner_application_value(struct call *call,
                                       const struct partner_application *application,
                                       bool *failed) {
    const struct {
        const char *name, *text;
    } texts[] = {{"id", application->id},
                 {"status", application->status},
                 {"name", application->name},
                 {"trade_register_number", application->trade_register_number},
                 {"licence_number", application->licence_number},
                 {"legal_form", application->legal_form},
                 {"street", application->street},
                 {"postcode", application->postcode},
                 {"city", application->city},
                 {"website", application->website},
                 {"contact_name", application->contact_name},
                 {"email", application->email},
                 {"telephone", application->telephone},
                 {"message", application->message},
                 {"language", application->language},
                 {"reason", application->reason},
                 {"note", application->note},
                 {"decided_by", application->decided_by},
                 {"partner_id", application->partner_id}};
    struct record record;
    record_init(&record, call->scratch);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        record_set_text(&record, texts[i].name, texts[i].text);
    record_set_integer(&record, "revision", application->revision);
    record_set(&record, "employees",
               application->employees ? value_int64(application->employees) : value_null());
    if (application->decided_us)
        record_set_instant(&record, "decided_at", application->decided_us);
    else record_set(&record, "decided_at", value_null());
    record_set_instant(&record, "created_at", application->created_us);
    *failed |= record.failed;
    return record_value(&record);
}

int partner_application_answer(struct call *call, const struct partner_application *application) {
    bool failed = false;
    call->output = partner_application_value(call, application, &failed);
    return failed ? partner_no_scratch(call) : 0;
}

struct reading {
    const char *id;
    struct scratch *scratch;
    struct partner_application *application;
};

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct reading *reading = context;
    return partner_application_read(tx, reading->id, reading->scratch, error,
                                    reading->application);
}

int partner_application_of_input(struct call *call, struct partner_application *ret_application) {
    struct reading reading = {.scratch = call->scratch, .application = ret_application};
    int status = partner_id_of(call, "id", "pap", &reading.id);
    if (!status) status = call_read(call, read_body, &reading);
    if (status != ERROR_NOT_FOUND) return status;
    error_clear(&call->error);
    return call_not_found(call);
}

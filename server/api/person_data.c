/* What the store holds of a person, for who asks for their data or to be forgotten: the
 * organisation's administrators tell and erase it. */
#include <string.h>

#include "domain/person_data.h"
#include "lead_common.h"
#include "message/json.h"

/* ---- fields --------------------------------------------------------------------------------- */
#define KEY_FIELDS                                                                                \
    {.name = "email", .type = FIELD_TEXT, .sensitive = true, .format = "email",                   \
     .length_maximum = 254, .label = {"e-mailadres", "email address"},                            \
     .help = {"Een e-mailadres of een telefoonnummer is verplicht.",                              \
              "An email address or a telephone number is required."},                             \
     .example = "\"a.voorbeeld@example.nl\""},                                                    \
    {.name = "telephone", .type = FIELD_TEXT, .sensitive = true,                                  \
     .pattern = "[+]?[0-9][0-9 \\-]{5,18}", .label = {"telefoonnummer", "telephone number"}}
static const struct field export_input[] = {KEY_FIELDS};
static const struct field erase_input[] = {
    KEY_FIELDS,
    {.name = "note", .type = FIELD_TEXT, .required = true, .length_minimum = 1,
     .length_maximum = LEAD_NOTE_MAX, .label = {"op wiens verzoek", "at whose request"},
     .help = {"Zonder persoonsgegevens, zoals het nummer van het verzoek.",
              "Without personal data, such as the number of the request."}}};
static const struct field open_item[] = {{.name = "item", .type = FIELD_OPEN, .required = true,
                                          .sensitive = true}};
static const struct field export_output[] = {
    {.name = "leads", .type = FIELD_LIST, .required = true, .fields = open_item, .field_count = 1,
     .length_maximum = PERSON_ROWS_MAX, .sensitive = true, .label = {"leads", "leads"}},
    {.name = "applications", .type = FIELD_LIST, .required = true, .fields = open_item,
     .field_count = 1, .length_maximum = PERSON_ROWS_MAX, .sensitive = true,
     .label = {"aanvragen", "applications"}}};
static const struct field erase_output[] = {
    {.name = "leads_erased", .type = FIELD_INTEGER, .required = true,
     .label = {"leads waaruit gewist is", "leads from which was erased"}},
    {.name = "applications_kept", .type = FIELD_INTEGER, .required = true,
     .label = {"aanvragen die bewaard blijven", "applications that are kept"},
     .help = {"De wet vraagt de administratie zeven jaar te bewaren.",
              "The law asks that the administration is kept for seven years."}}};

static int key_take(struct call *call, struct person_key *ret_key) {
    *ret_key = (struct person_key){
        .email = record_get_text(&call->input, "email", call->scratch),
        .telephone = record_get_text(&call->input, "telephone", call->scratch)};
    if (ret_key->email || ret_key->telephone) return 0;
    field_fault_add(&call->faults, "/email", "required", "%s",
                    call->language == LANGUAGE_EN
                        ? "Fill in an email address or a telephone number."
                        : "Vul een e-mailadres of een telefoonnummer in.");
    return ERROR_INVALID;
}

/* ---- telling -------------------------------------------------------------------------------- */
static int nothing_body(struct db_tx *tx, void *context, struct error *error) {
    (void)tx;
    (void)context;
    (void)error;
    return 0;
}

/* That it was looked at is on record. */
static int export_person(struct call *call) {
    struct person_key key;
    struct buffer buffer;
    struct json_fault fault;
    int status = key_take(call, &key);
    if (status) return status;
    buffer_init(&buffer, PERSON_JSON_MAX_BYTES);
    status = person_export(call->service, &key, &call->error, &buffer);
    if (!status)
        status = json_read(buffer.data, buffer.length, NULL, call->scratch, &fault,
                           &call->output);
    if (status && !call->error.code)
        status = error_set(&call->error, status, "what is known of a person cannot be told");
    if (buffer.data) explicit_bzero(buffer.data, buffer.length);
    buffer_done(&buffer);
    return status ? status : call_write(call, NULL, nothing_body, NULL);
}

/* ---- erasing -------------------------------------------------------------------------------- */
struct erasing {
    struct person_indexes indexes;
    struct lead_by by;
    struct person_erased erased;
};

static int erase_body(struct db_tx *tx, void *context, struct error *error) {
    struct erasing *erasing = context;
    return person_erase(tx, &erasing->indexes, &erasing->by, error, &erasing->erased);
}

static int erase_person(struct call *call) {
    struct erasing erasing = {
        .by = lead_by_of(call, NULL, record_get_text(&call->input, "note", call->scratch))};
    struct person_key key;
    struct record record;
    int status = key_take(call, &key);
    if (!status)
        status = person_indexes_of(call->service->encryption, &key, &call->error,
                                   &erasing.indexes);
    if (!status) status = call_write(call, NULL, erase_body, &erasing);
    if (status) return status;
    record_init(&record, call->scratch);
    record_set_integer(&record, "leads_erased", erasing.erased.leads);
    record_set_integer(&record, "applications_kept", erasing.erased.applications_kept);
    if (record.failed) return lead_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

/* ---- the table ------------------------------------------------------------------------------ */
static const struct operation operations[] = {
    {.name = "ExportPerson",
     .method = "POST",
     .path = "/person-data/export",
     .summary = {"Alles wat van een persoon bekend is", "All that is known of a person"},
     .callers = CALLER_USER,
     .roles = ROLE_ADMINISTRATOR,
     .input = export_input,
     .input_count = sizeof export_input / sizeof *export_input,
     .output = export_output,
     .output_count = 2,
     .output_open = true,
     .status = 200,
     .audited = true,
     .rate = RATE_READ,
     .run = export_person},
    {.name = "ErasePerson",
     .method = "POST",
     .path = "/person-data/erasure",
     .summary = {"Wis wie een persoon is uit leads", "Erase who a person is from leads"},
     .callers = CALLER_USER,
     .roles = ROLE_ADMINISTRATOR,
     .input = erase_input,
     .input_count = sizeof erase_input / sizeof *erase_input,
     .output = erase_output,
     .output_count = 2,
     .status = 200,
     .audited = true,
     .rate = RATE_QUOTE,
     .run = erase_person}};

extern const struct operation_group api_person_data;
const struct operation_group api_person_data = {.name = "people",
                                                .operations = operations,
                                                .count = sizeof operations / sizeof *operations};

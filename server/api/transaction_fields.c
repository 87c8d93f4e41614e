/* The fields of applicants, applications, policies and events: one description for JSON, XML and
 * their schemas. */
#include "transaction_common.h"

const struct field_choice application_statuses[APPLICATION_STATES] = {
    {"received", {"ontvangen", "received"}},
    {"in_review", {"in beoordeling", "in review"}},
    {"approved", {"goedgekeurd", "approved"}},
    {"issued", {"polis afgegeven", "policy issued"}},
    {"rejected", {"afgewezen", "rejected"}},
    {"withdrawn", {"ingetrokken", "withdrawn"}},
    {"expired", {"verlopen", "expired"}}};
const struct field_choice policy_statuses[POLICY_STATES] = {
    {"active", {"van kracht", "active"}},
    {"withdrawn", {"herroepen", "withdrawn"}},
    {"cancelled", {"opgezegd", "cancelled"}}};
static const struct field_choice applicant_kinds[] = {
    {"person", {"een particulier", "a person"}}, {"company", {"een bedrijf", "a company"}}};

const struct field transaction_step_item[1] = {
    {.name = "step", .type = FIELD_TEXT, .required = true, .label = {"stap", "step"}}};

const struct field application_fields[APPLICATION_FIELDS] = {
    APPLICATION_FIELD_ROWS};

const struct field policy_fields[POLICY_FIELDS] = {
    POLICY_FIELD_ROWS};

const struct field transaction_name_item[1] = {
    {.name = "name", .type = FIELD_TEXT, .required = true, .label = {"naam", "name"}}};

const struct field_choice decision_reasons[DECISION_REASONS] = {
    {"risk_acceptable", {"het risico is aanvaardbaar", "the risk is acceptable"}},
    {"risk_too_high", {"het risico is te groot", "the risk is too high"}},
    {"information_verified", {"de opgave is nagegaan", "the information was verified"}},
    {"information_missing", {"er ontbreken gegevens", "information is missing"}},
    {"information_untrue", {"de opgave klopt niet", "the information is untrue"}},
    {"other", {"anders", "other"}}};
const struct field_choice policy_terms_causes[3] = {{"issue", {"de aanvraag", "the application"}},
                                                    {"change", {"een wijziging", "a change"}},
                                                    {"renewal", {"een verlenging", "a renewal"}}};
static const struct field policy_terms_fields[POLICY_TERMS_FIELDS] = {POLICY_TERMS_FIELD_ROWS};
const struct field policy_terms_item[1] = {
    {.name = "terms", .type = FIELD_RECORD, .required = true, .fields = policy_terms_fields,
     .field_count = POLICY_TERMS_FIELDS, .schema = "PolicyTerms"}};

const struct field applicant_fields[APPLICANT_FIELDS] = {
    {.name = "kind", .type = FIELD_CHOICE, .required = true, .choices = applicant_kinds,
     .choice_count = 2, .label = {"wie het is", "who it is"}, .example = "\"person\""},
    {.name = "initials", .type = FIELD_TEXT, .required = true, .sensitive = true,
     .length_minimum = 1, .length_maximum = 20, .label = {"voorletters", "initials"},
     .help = {"Van een bedrijf: van wie tekent.", "Of a company: of who signs."},
     .example = "\"A.B.\""},
    {.name = "name_prefix", .type = FIELD_TEXT, .sensitive = true, .length_minimum = 1,
     .length_maximum = 20, .label = {"tussenvoegsel", "name prefix"}, .example = "\"van\""},
    {.name = "last_name", .type = FIELD_TEXT, .required = true, .sensitive = true,
     .length_minimum = 1, .length_maximum = 100, .label = {"achternaam", "last name"},
     .example = "\"Voorbeeld\""},
    {.name = "birth_date", .type = FIELD_DATE, .sensitive = true, .minimum = "1900-01-01",
     .label = {"geboortedatum", "date of birth"},
     .help = {"Verplicht voor een particulier.", "Required of a person."},
     .example = "\"1980-05-17\""},
    {.name = "company_name", .type = FIELD_TEXT, .sensitive = true, .length_minimum = 1,
     .length_maximum = 200, .label = {"naam van het bedrijf", "name of the company"},
     .help = {"Verplicht voor een bedrijf.", "Required of a company."}},
    {.name = "trade_register_number", .type = FIELD_TEXT, .sensitive = true,
     .pattern = "[0-9]{8}", .label = {"KvK-nummer", "trade register number"},
     .help = {"Verplicht voor een bedrijf: acht cijfers.",
              "Required of a company: eight digits."}},
    {.name = "email", .type = FIELD_TEXT, .required = true, .sensitive = true, .format = "email",
     .length_maximum = 254, .label = {"e-mailadres", "email address"},
     .example = "\"a.voorbeeld@example.nl\""},
    {.name = "telephone", .type = FIELD_TEXT, .sensitive = true,
     .pattern = "[+]?[0-9][0-9 \\-]{5,18}", .label = {"telefoonnummer", "telephone number"},
     .example = "\"+31 30 1234567\""},
    {.name = "street", .type = FIELD_TEXT, .required = true, .sensitive = true,
     .length_minimum = 1, .length_maximum = 100, .label = {"straat", "street"},
     .example = "\"Voorbeeldstraat\""},
    {.name = "house_number", .type = FIELD_TEXT, .required = true, .sensitive = true,
     .pattern = "[0-9]{1,5}", .label = {"huisnummer", "house number"}, .example = "\"12\""},
    {.name = "house_number_addition", .type = FIELD_TEXT, .sensitive = true, .length_minimum = 1,
     .length_maximum = 20, .label = {"toevoeging", "addition"}, .example = "\"bis\""},
    {.name = "postcode", .type = FIELD_TEXT, .required = true, .sensitive = true,
     .length_minimum = 1, .length_maximum = 12, .label = {"postcode", "postcode"},
     .example = "\"3511 AB\""},
    {.name = "city", .type = FIELD_TEXT, .required = true, .sensitive = true, .length_minimum = 1,
     .length_maximum = 100, .label = {"plaats", "city"}, .example = "\"Utrecht\""},
    {.name = "country", .type = FIELD_TEXT, .required = true, .pattern = "[A-Z]{2}",
     .label = {"land", "country"},
     .help = {"Twee letters, volgens ISO 3166-1.", "Two letters, by ISO 3166-1."},
     .example = "\"NL\""}};

static const struct field event_fields[] = {
    {.name = "revision", .type = FIELD_INTEGER, .required = true,
     .label = {"volgnummer van de wijziging", "revision"}},
    {.name = "step", .type = FIELD_TEXT, .required = true, .label = {"stap", "step"}},
    {.name = "from", .type = FIELD_TEXT, .required = true, .label = {"van", "from"}},
    {.name = "to", .type = FIELD_TEXT, .required = true, .label = {"naar", "to"}},
    {.name = "actor", .type = FIELD_TEXT, .required = true, .label = {"wie", "who"}},
    {.name = "key_id", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"met welke sleutel", "with which key"}},
    {.name = "request_id", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"bij welk verzoek", "at which request"}},
    {.name = "entrance", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"langs welke weg", "by which way"},
     .help = {"json, soap, page (een website), command (de beheerder) of system (vanzelf); leeg "
              "als het niet bewaard is.",
              "json, soap, page (a website), command (the operator) or system (by itself); null "
              "when it was not kept."}},
    {.name = "address", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"netwerkadres van wie het deed", "network address of who did it"},
     .help = {"Alleen voor de organisatie, en een jaar lang.",
              "For the organisation alone, and for a year."}},
    {.name = "reason", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"reden", "reason"}},
    {.name = "note", .type = FIELD_TEXT, .required = true, .nullable = true,
     .length_maximum = TRANSACTION_NOTE_MAX, .label = {"toelichting", "note"},
     .help = {"Van de organisatie zelf alleen voor haar te lezen.",
              "The organisation's own is for itself to read."}},
    {.name = "at", .type = FIELD_TEXT, .required = true, .format = "date-time",
     .label = {"wanneer", "when"}}};

const struct field transaction_event_item[1] = {
    {.name = "event", .type = FIELD_RECORD, .required = true, .fields = event_fields,
     .field_count = sizeof event_fields / sizeof *event_fields, .schema = "TransactionEvent"}};

/* Leads that come in, and what is known of one changed: who it is, what they ask, their quote, the
 * next step. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "domain/lead_person.h"
#include "domain/service.h"
#include "lead_common.h"

enum { CONSENT_TEXT_MAX = 2000, SOURCE_DETAIL_MAX = 100, TOKEN_MAX = 64, AREA_DIGITS = 4 };

/* ---- fields: coming in ---------------------------------------------------------------------- */
static const struct field consent_fields[] = {
    {.name = "text", .type = FIELD_TEXT, .required = true, .length_minimum = 1,
     .length_maximum = CONSENT_TEXT_MAX, .label = {"waarmee men akkoord ging", "what was agreed"},
     .example = "\"Ik wil dat een adviseur mij belt.\""},
    {.name = "version", .type = FIELD_TEXT, .length_minimum = 1, .length_maximum = 40,
     .label = {"versie van de tekst", "version of the text"}},
    {.name = "source", .type = FIELD_TEXT, .length_minimum = 1, .length_maximum = 200,
     .label = {"waar men dat deed", "where that was done"},
     .example = "\"https://www.kantoor.example/contact\""},
    {.name = "given_at", .type = FIELD_TEXT, .format = "date-time", .label = {"wanneer", "when"},
     .help = {"Anders nu.", "Else now."}}};
enum { CONSENT_FIELDS = sizeof consent_fields / sizeof *consent_fields };

#define CONTACT_FIELD(required_)                                                                  \
    {.name = "contact", .type = FIELD_RECORD, .required = required_, .sensitive = true,           \
     .fields = lead_contact_fields, .field_count = LEAD_CONTACT_FIELDS, .schema = "LeadContact",  \
     .label = {"wie het is", "who it is"}}
#define ASKED_FIELDS                                                                              \
    {.name = "product", .type = FIELD_TEXT, .length_minimum = 1,                                  \
     .length_maximum = PRODUCT_CODE_MAX - 1, .label = {"product", "product"}},                    \
    {.name = "language", .type = FIELD_CHOICE, .choices = lead_languages,                         \
     .choice_count = LEAD_LANGUAGES, .label = {"taal", "language"}}
static const struct field create_input[] = {
    {.name = "kind", .type = FIELD_CHOICE, .choices = lead_kinds, .choice_count = LEAD_KINDS,
     .label = {"wie het is", "who it is"}},
    CONTACT_FIELD(true),
    ASKED_FIELDS,
    {.name = "message", .type = FIELD_TEXT, .sensitive = true, .length_minimum = 1,
     .length_maximum = LEAD_MESSAGE_MAX, .label = {"bericht", "message"}},
    {.name = "answers", .type = FIELD_OPEN, .sensitive = true,
     .label = {"antwoorden", "answers"},
     .help = {"Wat al is ingevuld, als een object.", "What was filled in already, as an object."}},
    {.name = "quote_id", .type = FIELD_TEXT, .length_maximum = ID_MAX,
     .label = {"offerte", "quote"}},
    {.name = "quote_token", .type = FIELD_TEXT, .length_maximum = TOKEN_MAX,
     .label = {"leescode van de offerte", "the quote's token"},
     .help = {"Verplicht met een publieke sleutel en een offerte.",
              "Required with a publishable key and a quote."}},
    {.name = "consent", .type = FIELD_RECORD, .fields = consent_fields,
     .field_count = CONSENT_FIELDS, .schema = "LeadConsentInput",
     .label = {"toestemming", "consent"},
     .help = {"Verplicht met een publieke sleutel.", "Required with a publishable key."}},
    {.name = "source_detail", .type = FIELD_TEXT, .length_minimum = 1,
     .length_maximum = SOURCE_DETAIL_MAX, .label = {"nadere herkomst", "source in detail"},
     .help = {"Bijvoorbeeld de campagne.", "Such as the campaign."}},
    {.name = "assign", .type = FIELD_BOOLEAN,
     .label = {"vanzelf aanbieden", "offer by rule"},
     .help = {"Van de organisatie: anders waar. Onwaar: de lead blijft in haar lijst.",
              "Of the organisation: true else. False: the lead stays in its pool."}},
    LEAD_USER_FIELD,
    LEAD_PLAN_FIELDS};
static const struct field change_input[] = {
    LEAD_ID_FIELD,
    CONTACT_FIELD(false),
    ASKED_FIELDS,
    {.name = "quote_id", .type = FIELD_TEXT, .length_maximum = ID_MAX,
     .label = {"offerte", "quote"}},
    {.name = "application_id", .type = FIELD_TEXT, .length_maximum = ID_MAX,
     .label = {"aanvraag", "application"}},
    {.name = "next_step", .type = FIELD_TEXT, .length_maximum = LEAD_STEP_MAX,
     .label = {"volgende stap", "next step"},
     .help = {"Leeg: er is niets meer gepland.", "Empty: nothing is planned any more."}},
    {.name = "next_on", .type = FIELD_DATE, .label = {"op welke datum", "on which date"}},
    LEAD_NOTE_FIELD};
static const struct field create_output[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true, .label = {"id", "id"}},
    {.name = "revision", .type = FIELD_INTEGER, .required = true,
     .label = {"volgnummer van de wijziging", "revision"}},
    {.name = "test", .type = FIELD_BOOLEAN, .required = true,
     .label = {"gemaakt met een testsleutel", "made with a test key"}},
    {.name = "status", .type = FIELD_CHOICE, .required = true, .choices = lead_states,
     .choice_count = LEAD_STATES, .label = {"status", "status"}},
    {.name = "created_at", .type = FIELD_TEXT, .required = true, .format = "date-time",
     .label = {"binnengekomen op", "came in at"}}};

/* ---- coming in ------------------------------------------------------------------------------ */
struct coming {
    struct lead lead;
    struct lead_by by;
    struct value person;
    struct buffer sealed;
    char id[ID_MAX], sealed_key_id[ENCRYPTION_KEY_ID_MAX];
    char email_index[SHA256_HEX_MAX], telephone_index[SHA256_HEX_MAX];
    const char *quote_token;
    bool product_known, quote_known, application_known;
};

static void fault(struct call *call, const char *pointer, const char *code, const char *nl,
                  const char *en) {
    field_fault_add(&call->faults, pointer, code, "%s", call->language == LANGUAGE_EN ? en : nl);
}

/* "3511 AB", "3511ab": 3511. Of another country's: 0. */
static int area_of(const char *postcode) {
    int area = 0, digits = 0;
    for (; postcode && digits < AREA_DIGITS; digits++) {
        if (postcode[digits] < '0' || postcode[digits] > '9') return 0;
        area = area * 10 + (postcode[digits] - '0');
    }
    if (!postcode || area < 1000) return 0;
    postcode += AREA_DIGITS;
    postcode += strspn(postcode, " ");
    size_t letters = strspn(postcode, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    return (letters == 0 || letters == 2) && !postcode[letters] ? area : 0;
}

/* What is sealed of a person: the contact's fields, the message and the answers. Sets the lead's
 * indexes and area as well. */
static int person_make(struct call *call, const struct value *contact, const struct value *message,
                       const struct value *answers, struct coming *coming) {
    struct encryption *encryption = call->service->encryption;
    struct lead *lead = &coming->lead;
    struct record record;
    record_init(&record, call->scratch);
    for (uint32_t i = 0; i < contact->length; i++) {
        const struct value_entry *entry = &contact->entries[i];
        for (int at = 0; at < LEAD_CONTACT_FIELDS; at++)
            if (strlen(lead_contact_fields[at].name) == entry->name_length &&
                memcmp(lead_contact_fields[at].name, entry->name, entry->name_length) == 0)
                record_set(&record, lead_contact_fields[at].name, entry->value);
    }
    if (message) record_set(&record, "message", *message);
    if (answers) record_set(&record, "answers", *answers);
    if (record.failed) return lead_no_scratch(call);
    coming->person = record_value(&record);
    const char *email = record_get_text(contact, "email", call->scratch);
    const char *telephone = record_get_text(contact, "telephone", call->scratch);
    lead->postcode_area = area_of(record_get_text(contact, "postcode", call->scratch));
    buffer_clear(&coming->sealed);
    int status = lead_person_seal(encryption, lead->id, &coming->person, &call->error,
                                  &coming->sealed);
    if (status) return status;
    lead->email_index = lead->telephone_index = NULL;
    if (email) {
        lead_email_index(encryption, email, coming->email_index);
        lead->email_index = coming->email_index;
    }
    if (telephone && lead_telephone_index(encryption, telephone, coming->telephone_index))
        lead->telephone_index = coming->telephone_index;
    (void)encryption_key_of(coming->sealed.data, coming->sealed_key_id);
    lead->sealed = coming->sealed.data;
    lead->sealed_key_id = coming->sealed_key_id;
    return 0;
}

static void contact_check(struct call *call, const struct value *contact) {
    if (contact && !record_get(contact, "email") && !record_get(contact, "telephone"))
        fault(call, "/contact/email", "required",
              "Vul een e-mailadres of een telefoonnummer in.",
              "Fill in an email address or a telephone number.");
}

static void create_check(struct call *call) {
    bool website = call->caller.kind == CALLER_PUBLISHABLE_KEY;
    contact_check(call, record_get(&call->input, "contact"));
    if (website && !record_get(&call->input, "consent"))
        fault(call, "/consent", "required",
              "Vertel waarmee de bezoeker akkoord ging: zonder toestemming bewaren wij niets.",
              "Tell what the visitor agreed to: without consent nothing is kept.");
    if (website && record_get(&call->input, "quote_id") &&
        !record_get(&call->input, "quote_token"))
        fault(call, "/quote_token", "required", "Stuur de leescode van de offerte mee.",
              "Send the quote's token along.");
}

static void given_take(struct call *call, const struct value *consent, struct lead *lead) {
    const struct value *given = record_get(consent, "given_at");
    lead->consent_us = call->now_us;
    if (!given) return;
    if (clock_read_instant(given->text, given->length, &lead->consent_us) &&
        lead->consent_us <= call->now_us)
        return;
    fault(call, "/consent/given_at", "wrong_format",
          "Geef een moment dat geweest is, zoals 2026-11-23T10:00:00+01:00.",
          "Give a moment that has been, such as 2026-11-23T10:00:00+01:00.");
}

static void consent_take(struct call *call, struct lead *lead) {
    const struct value *consent = record_get(&call->input, "consent");
    if (!consent) return;
    lead->consent_text = record_get_text(consent, "text", call->scratch);
    lead->consent_version = record_get_text(consent, "version", call->scratch);
    lead->consent_source = record_get_text(consent, "source", call->scratch);
    given_take(call, consent, lead);
}

/* An office's own is its own at once; the organisation's is offered by rule, or waits. */
static void owner_take(struct call *call, struct lead *lead) {
    const struct caller *caller = &call->caller;
    if (caller_is_organisation(caller)) {
        lead->state = LEAD_NEW;
        if (record_get_boolean(&call->input, "assign", true)) lead->due_us = call->now_us;
        return;
    }
    lead->state = LEAD_ACCEPTED;
    lead->partner_id = caller->partner_id;
    lead->accepted_us = call->now_us;
    if (caller->kind == CALLER_USER) lead->user_id = caller->user_id;
}

static enum lead_source source_of(const struct caller *caller) {
    if (caller_is_organisation(caller)) return LEAD_FROM_ORGANISATION;
    if (caller->kind == CALLER_USER) return LEAD_FROM_PARTNER;
    return caller->kind == CALLER_PUBLISHABLE_KEY ? LEAD_FROM_WIDGET : LEAD_FROM_SERVICE;
}

static int named_body(struct db_tx *tx, void *context, struct error *error) {
    struct coming *coming = context;
    struct db_rows *rows = NULL;
    char hash[SHA256_HEX_MAX] = "";
    if (coming->quote_token)
        hash_sha256_hex(coming->quote_token, strlen(coming->quote_token), hash);
    int status = db_query(tx, error, &rows,
                          "select (select count(*) from product_version v where v.product = $1),"
                          " (select count(*) from quote q where q.id = $2 and q.test = $3"
                          " and $scope(q) and ($4 = '' or q.token_hash = $4)),"
                          " (select count(*) from application a where a.id = $5 and a.test = $3"
                          " and $scope(a))",
                          db_text(coming->lead.product), db_text(coming->lead.quote_id),
                          db_integer(coming->lead.test), db_text(hash),
                          db_text(coming->lead.application_id));
    if (!status) status = db_next(rows, error);
    coming->product_known = status > 0 && db_column_integer(rows, 0) > 0;
    coming->quote_known = status > 0 && db_column_integer(rows, 1) > 0;
    coming->application_known = status > 0 && db_column_integer(rows, 2) > 0;
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

/* Are the product, the quote and the application that it names there? */
static int named_check(struct call *call, struct coming *coming) {
    const struct lead *lead = &coming->lead;
    if (!lead->product && !lead->quote_id && !lead->application_id) return 0;
    int status = call_read(call, named_body, coming);
    if (status) return status;
    if (lead->product && !coming->product_known)
        fault(call, "/product", "unknown_product",
              "Dit product is er niet: GET /products noemt wat er is.",
              "There is no such product: GET /products lists what there is.");
    if (lead->quote_id && !coming->quote_known)
        fault(call, "/quote_id", "unknown_quote", "Deze offerte is er niet, of is niet van u.",
              "There is no such quote, or it is not yours.");
    if (lead->application_id && !coming->application_known)
        fault(call, "/application_id", "unknown_application",
              "Deze aanvraag is er niet, of is niet van u.",
              "There is no such application, or it is not yours.");
    return call->faults.count ? ERROR_INVALID : 0;
}

static int create_body(struct db_tx *tx, void *context, struct error *error) {
    const struct coming *coming = context;
    return lead_insert(tx, &coming->lead, &coming->by, error);
}

static int create_answer(struct call *call, const struct lead *lead) {
    struct record record;
    record_init(&record, call->scratch);
    record_copy_text(&record, "id", lead->id, strlen(lead->id));
    record_set_integer(&record, "revision", 1);
    record_set_boolean(&record, "test", lead->test);
    record_set_text(&record, "status", lead_state_text(lead->state));
    record_set_instant(&record, "created_at", lead->created_us);
    if (record.failed) return lead_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

static int create_fill(struct call *call, struct coming *coming) {
    const struct value *input = &call->input;
    struct lead *lead = &coming->lead;
    const char *kind = record_get_text(input, "kind", call->scratch);
    const char *language = record_get_text(input, "language", call->scratch);
    const char *user_id = record_get_text(input, "user_id", call->scratch), *unused;
    *lead = (struct lead){.id = coming->id,
                          .kind = kind ? kind : "person",
                          .test = call->caller.test,
                          .product = record_get_text(input, "product", call->scratch),
                          .language = language ? language
                                      : call->language == LANGUAGE_EN ? "en"
                                                                      : "nl",
                          .source = lead_sources[source_of(&call->caller)].code,
                          .source_detail = record_get_text(input, "source_detail", call->scratch),
                          .quote_id = record_get_text(input, "quote_id", call->scratch),
                          .next_step = record_get_text(input, "next_step", call->scratch),
                          .created_us = call->now_us};
    coming->quote_token = record_get_text(input, "quote_token", call->scratch);
    owner_take(call, lead);
    consent_take(call, lead);
    int status = lead_date_of(call, "next_on", &lead->next_on);
    if (!status && user_id && lead->partner_id && call->caller.kind != CALLER_PUBLISHABLE_KEY) {
        status = lead_user_check(call, user_id, lead->partner_id, &unused);
        lead->user_id = user_id;
    }
    return status ? status : named_check(call, coming);
}

static int create_lead(struct call *call) {
    struct coming coming = {.by = lead_by_of(call, NULL, NULL)};
    create_check(call);
    if (call->faults.count) return ERROR_INVALID;
    id_make("led", coming.id);
    buffer_init(&coming.sealed, 2 * LEAD_SEALED_MAX_BYTES);
    int status = create_fill(call, &coming);
    if (!status)
        status = person_make(call, record_get(&call->input, "contact"),
                             record_get(&call->input, "message"),
                             record_get(&call->input, "answers"), &coming);
    if (!status) status = create_answer(call, &coming.lead);
    if (!status) status = call_write(call, coming.id, create_body, &coming);
    buffer_done(&coming.sealed);
    return status;
}

/* ---- changing ------------------------------------------------------------------------------- */
/* What is told of the person anew replaces what was; what they said stays. */
static int contact_change(struct call *call, struct coming *coming) {
    const struct value *contact = record_get(&call->input, "contact");
    struct value person;
    if (!contact) return 0;
    if (coming->lead.erased_us)
        return call_refuse(call, 409, "erased",
                           "De gegevens van deze persoon zijn gewist en komen niet terug.",
                           "The data of this person were erased and do not come back.");
    contact_check(call, contact);
    if (call->faults.count) return ERROR_INVALID;
    int status = lead_person_unseal(call->service->encryption, coming->lead.id,
                                    coming->lead.sealed, call->scratch, &call->error, &person);
    if (status) return status;
    return person_make(call, contact, record_get(&person, "message"),
                       record_get(&person, "answers"), coming);
}

static int change_fill(struct call *call, struct coming *coming) {
    const struct value *input = &call->input;
    struct lead *lead = &coming->lead, asked = *lead;
    asked.product = record_get_text(input, "product", call->scratch);
    asked.quote_id = record_get_text(input, "quote_id", call->scratch);
    asked.application_id = record_get_text(input, "application_id", call->scratch);
    const char *language = record_get_text(input, "language", call->scratch);
    const char *next_step = record_get_text(input, "next_step", call->scratch);
    struct coming named = {.lead = asked};
    int status = named_check(call, &named);
    if (status) return status;
    if (asked.product) lead->product = asked.product;
    if (asked.quote_id) lead->quote_id = asked.quote_id;
    if (asked.application_id) lead->application_id = asked.application_id;
    if (language) lead->language = language;
    if (next_step) lead->next_step = *next_step ? next_step : NULL;
    if (next_step && !*next_step) lead->next_on = NULL;
    status = lead_date_of(call, "next_on", &lead->next_on);
    return status ? status : contact_change(call, coming);
}

static int change_lead(struct call *call) {
    const struct value *input = &call->input;
    bool quoted = record_get(input, "quote_id") || record_get(input, "application_id");
    struct lead_deed deed = {.step = quoted ? LEAD_QUOTE : LEAD_CHANGE};
    struct coming coming = {.quote_token = NULL};
    enum lead_state to;
    int status = lead_of_input(call, &deed.before);
    if (!status) status = lead_allow(call, deed.step, &deed.before, &to);
    if (status) return status;
    deed.by = lead_by_of(call, NULL, record_get_text(input, "note", call->scratch));
    coming.lead = deed.before;
    buffer_init(&coming.sealed, 2 * LEAD_SEALED_MAX_BYTES);
    status = change_fill(call, &coming);
    deed.after = coming.lead;
    deed.after.state = to;
    if (!status) status = lead_deed_write(call, &deed);
    buffer_done(&coming.sealed);
    return status;
}

/* ---- the table ------------------------------------------------------------------------------ */
static const char *const change_refusals[] = {"precondition_required", "precondition_failed",
                                              "wrong_state", "step_not_allowed", "erased", NULL};

static const struct operation operations[] = {
    {.name = "CreateLead",
     .generic = true,
     .method = "POST",
     .path = "/leads",
     .summary = {"Breng een lead in", "Bring in a lead"},
     .callers = LEAD_CALLERS | CALLER_PUBLISHABLE_KEY,
     .roles = LEAD_ROLES_CREATING,
     .input = create_input,
     .input_count = sizeof create_input / sizeof *create_input,
     .output = create_output,
     .output_count = sizeof create_output / sizeof *create_output,
     .status = 201,
     .idempotent_key = true,
     .audited = true,
     .rate = RATE_QUOTE,
     .run = create_lead,
     .check = create_check},
    {.name = "ChangeLead",
     .generic = true,
     .method = "PATCH",
     .path = "/leads/{id}",
     .summary = {"Wijzig wat van een lead bekend is, of de volgende stap",
                 "Change what is known of a lead, or the next step"},
     .callers = LEAD_CALLERS,
     .roles = LEAD_ROLES_WORKING,
     .input = change_input,
     .input_count = sizeof change_input / sizeof *change_input,
     .output = lead_fields,
     .output_count = LEAD_FIELDS,
     .status = 200,
     .audited = true,
     .revised = true,
     .dated = true,
     .if_match = true,
     .rate = RATE_QUOTE,
     .refusals = change_refusals,
     .run = change_lead}};

extern const struct operation_group api_lead_intake;
const struct operation_group api_lead_intake = {.name = "leads",
                                                .operations = operations,
                                                .count = sizeof operations / sizeof *operations};

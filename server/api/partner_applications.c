/* "Become a partner": the public form, and reading what came in. Whoever applies is told the same
 * whether the firm is known or was refused lately: nothing is given away. What the organisation
 * answers: partner_decisions.c. */
#include <string.h>

#include "auth/throttle.h"
#include "domain/form_token.h"
#include "domain/identifier.h"
#include "partner_application_common.h"

static const char form_name[] = "partner application";

/* ---- fields ---------------------------------------------------------------------------------- */
enum { TEXT_MAX_LENGTH = 120 };
#define TEXT_FIELD(name_, required_, nl_, en_)                                                    \
    {.name = name_, .type = FIELD_TEXT, .required = required_, .length_minimum = 1,               \
     .length_maximum = TEXT_MAX_LENGTH, .label = {nl_, en_}}
#define NUMBER_FIELD(name_, required_, nl_, en_)                                                  \
    {.name = name_, .type = FIELD_TEXT, .required = required_, .length_maximum = 60,              \
     .label = {nl_, en_}}
static const struct field submit_input[] = {
    {.name = "form", .type = FIELD_TEXT, .required = true, .length_maximum = FORM_TOKEN_MAX,
     .label = {"code van het formulier", "the form's token"},
     .help = {"Van GET /partner-applications/form, toen het formulier werd getoond.",
              "Of GET /partner-applications/form, when the form was shown."}},
    TEXT_FIELD("name", true, "naam van het kantoor", "name of the office"),
    NUMBER_FIELD("trade_register_number", true, "KvK-nummer", "trade register number"),
    NUMBER_FIELD("licence_number", false, "vergunningnummer van de AFM",
                 "licence number of the AFM"),
    {.name = "legal_form", .type = FIELD_CHOICE, .choices = partner_legal_forms,
     .choice_count = PARTNER_LEGAL_FORMS, .label = {"rechtsvorm", "legal form"}},
    {.name = "employees", .type = FIELD_INTEGER, .minimum = "1", .maximum = "100000",
     .label = {"aantal medewerkers", "employees"}},
    TEXT_FIELD("street", false, "straat en huisnummer", "street and number"),
    NUMBER_FIELD("postcode", false, "postcode", "postcode"),
    TEXT_FIELD("city", false, "plaats", "city"),
    {.name = "website", .type = FIELD_TEXT, .length_maximum = 200,
     .pattern = "https://[a-z0-9.\\-]+(:[0-9]+)?(/[A-Za-z0-9._~%/\\-]*)?",
     .label = {"website", "website"},
     .help = {"Een adres dat met https:// begint.", "An address that begins with https://."}},
    TEXT_FIELD("contact_name", true, "uw naam", "your name"),
    {.name = "email", .type = FIELD_TEXT, .required = true, .length_maximum = 254,
     .format = "email", .label = {"e-mailadres", "email address"}},
    NUMBER_FIELD("telephone", false, "telefoonnummer", "telephone number"),
    {.name = "message", .type = FIELD_TEXT, .length_minimum = 1,
     .length_maximum = PARTNER_APPLICATION_MESSAGE_MAX,
     .label = {"wat u ons wilt laten weten", "what you want to tell us"}},
    {.name = "fax", .type = FIELD_TEXT, .length_maximum = 200, .label = {"fax", "fax"},
     .help = {"Laat dit leeg: mensen zien dit veld niet.",
              "Leave this empty: people do not see this field."}}};
static const struct field submit_output[] = {
    {.name = "received", .type = FIELD_BOOLEAN, .required = true,
     .label = {"is ontvangen", "was received"}}};
static const struct field form_output[] = {
    PARTNER_SAID("form", "code van het formulier", "the form's token")};

static const struct field id_input[] = {PARTNER_APPLICATION_ID_FIELD};
static const struct field list_input[] = {
    PAGE_FIELD_LIMIT, PAGE_FIELD_CURSOR,
    {.name = "status", .type = FIELD_CHOICE, .choices = partner_application_statuses,
     .choice_count = PARTNER_APPLICATION_STATUSES,
     .label = {"alleen deze status", "only this status"}}};
static const struct field list_item[] = {
    {.name = "application", .type = FIELD_RECORD, .required = true,
     .fields = partner_application_fields, .field_count = PARTNER_APPLICATION_FIELDS,
     .schema = "PartnerApplication"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = list_item, .field_count = 1,
     .label = {"aanmeldingen", "applications"},
     .help = {"De nieuwste eerst.", "The newest first."}},
    PAGE_FIELD_NEXT};

/* ---- the public side ------------------------------------------------------------------------- */
static int one_text_answer(struct call *call, const char *name, const char *text) {
    struct record record;
    record_init(&record, call->scratch);
    record_copy_text(&record, name, text, strlen(text));
    if (record.failed) return partner_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

static int get_form(struct call *call) {
    char token[FORM_TOKEN_MAX];
    form_token_make(call->service->people, form_name, call->now_us, token);
    return one_text_answer(call, "form", token);
}

static int received_answer(struct call *call) {
    struct record record;
    record_init(&record, call->scratch);
    record_set_boolean(&record, "received", true);
    if (record.failed) return partner_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

static int form_check(struct call *call) {
    const char *token = NULL;
    if (!partner_text(call, "form", &token)) return call->error.code;
    switch (form_token_read(call->service->people, form_name, token, call->now_us)) {
    case FORM_TOKEN_GOOD: break;
    case FORM_TOKEN_SOON:
        partner_fault(call, "/form", "too_soon",
                      "Dit kwam sneller dan iemand kan schrijven: verstuur het nog een keer.",
                      "This came faster than anybody writes: send it once more.");
        break;
    case FORM_TOKEN_WRONG:
    case FORM_TOKEN_LATE:
        partner_fault(call, "/form", "form_expired",
                      "Dit formulier is verlopen: laad de bladzijde opnieuw en verstuur het dan.",
                      "This form has expired: load the page again, and send it then.");
        break;
    }
    return 0;
}

static int submission_take(struct call *call, struct partner_application *application) {
    const struct {
        const char *name;
        const char **text;
        int identifier; /* IDENTIFIERS: a plain text */
    } texts[] = {
        {"name", &application->name, IDENTIFIERS},
        {"trade_register_number", &application->trade_register_number, IDENTIFIER_TRADE_REGISTER},
        {"licence_number", &application->licence_number, IDENTIFIER_LICENCE},
        {"legal_form", &application->legal_form, IDENTIFIERS},
        {"street", &application->street, IDENTIFIERS},
        {"postcode", &application->postcode, IDENTIFIER_POSTCODE},
        {"city", &application->city, IDENTIFIERS},
        {"website", &application->website, IDENTIFIERS},
        {"contact_name", &application->contact_name, IDENTIFIERS},
        {"email", &application->email, IDENTIFIERS},
        {"telephone", &application->telephone, IDENTIFIER_TELEPHONE},
        {"message", &application->message, IDENTIFIERS}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        bool good = texts[i].identifier == IDENTIFIERS
                        ? partner_text(call, texts[i].name, texts[i].text)
                        : partner_identifier(call, texts[i].name, texts[i].identifier,
                                             texts[i].text);
        if (!good) return call->error.code;
    }
    application->employees = record_get_integer(&call->input, "employees", 0);
    application->language = call->language == LANGUAGE_EN ? "en" : "nl";
    return call->faults.count ? ERROR_INVALID : 0;
}

struct submitting {
    struct partner_application application;
    struct throttle_key address;
    int64_t wait_s;
};

static int submit_body(struct db_tx *tx, void *context, struct error *error) {
    struct submitting *submitting = context;
    int status = throttle_take(tx, &submitting->address, submitting->application.created_us,
                               error, &submitting->wait_s);
    if (status || submitting->wait_s) return status;
    return partner_application_insert(tx, &submitting->application, error);
}

static int submit_refuse(struct call *call, int status) {
    if (status == ERROR_CONFLICT) {
        error_clear(&call->error);
        return call_refuse(call, 409, "applied_already",
                           "Voor dit kantoor ontvingen wij de afgelopen 90 dagen al een "
                           "aanmelding: wacht op ons antwoord, of meld u later opnieuw aan.",
                           "For this office an application was received in the last 90 days: "
                           "wait for our answer, or apply again later.");
    }
    return status;
}
_Static_assert(PARTNER_APPLICATION_AGAIN_DAYS == 90, "the refusal says so");

static int submit_application(struct call *call) {
    char *id = scratch_take(call->scratch, ID_MAX);
    const struct value *fax = record_get(&call->input, "fax");
    struct submitting submitting = {.application = {.id = id, .created_us = call->now_us}};
    if (!id) return partner_no_scratch(call);
    int status = form_check(call);
    if (!status) status = submission_take(call, &submitting.application);
    if (!status) status = received_answer(call);
    if (status || (fax && fax->length)) return status; /* robots fill in whatever there is */
    id_make("pap", id);
    throttle_key_make(call->service->people, THROTTLE_FORM, form_name, call->address,
                      &submitting.address);
    status = submit_refuse(call, call_write(call, id, submit_body, &submitting));
    if (!status && submitting.wait_s) {
        status = call_refuse(call, 429, "too_many_requests",
                             "Vanaf dit adres kwamen veel aanmeldingen: wacht even.",
                             "Many applications came from this address: wait a while.");
        call->refusal.retry_after_s = (int)submitting.wait_s;
    }
    return status;
}

/* ---- reading --------------------------------------------------------------------------------- */
struct reading {
    const char *status, *below;
    struct scratch *scratch;
    struct partner_application *applications;
    int limit, count;
};

static int get_application(struct call *call) {
    struct partner_application application;
    int status = partner_application_of_input(call, &application);
    return status ? status : partner_application_answer(call, &application);
}

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct reading *reading = context;
    return partner_application_list(tx, reading->status, reading->below, reading->limit + 1,
                                    reading->scratch, error, reading->applications,
                                    &reading->count);
}

static int list_applications(struct call *call) {
    struct reading reading = {
        .scratch = call->scratch,
        .limit = (int)record_get_integer(&call->input, "limit", PAGE_LIMIT_DEFAULT)};
    int status = page_cursor(call, "pap", &reading.below);
    if (status) return status;
    if (!partner_text(call, "status", &reading.status)) return call->error.code;
    reading.applications =
        scratch_take(call->scratch, ((size_t)reading.limit + 1) * sizeof *reading.applications);
    status = reading.applications ? call_read(call, list_body, &reading)
                                  : partner_no_scratch(call);
    if (status) return status;
    int shown = reading.count < reading.limit ? reading.count : reading.limit;
    struct list items;
    list_init(&items, call->scratch);
    for (int i = 0; i < shown; i++)
        list_add(&items, partner_application_value(call, &reading.applications[i], &items.failed));
    return partner_list_answer(call, &items,
                               shown < reading.count ? reading.applications[shown - 1].id : NULL);
}

/* ---- the table ------------------------------------------------------------------------------- */
static const char *const refusals[] = {"applied_already", NULL};
static const struct operation operations[] = {
    {.name = "GetPartnerApplicationForm", .method = "GET", .path = "/partner-applications/form",
     .summary = {"Begin een aanmelding als partner", "Begin an application to become a partner"},
     .callers = CALLER_NOBODY, .output = form_output, .output_count = 1, .status = 200,
     .rate = RATE_NONE, .run = get_form},
    {.name = "SubmitPartnerApplication", .method = "POST", .path = "/partner-applications",
     .summary = {"Meld een kantoor aan als partner", "Apply to become a partner"},
     .callers = CALLER_NOBODY, .input = submit_input,
     .input_count = sizeof submit_input / sizeof *submit_input, .output = submit_output,
     .output_count = 1, .status = 202, .audited = true, .body_max_bytes = 32 * 1024,
     .rate = RATE_NONE, .refusals = refusals, .run = submit_application},
    {.name = "ListPartnerApplications", .method = "GET", .path = "/partner-applications",
     .summary = {"Lijst van aanmeldingen", "List of applications to become a partner"},
     .callers = CALLER_ORGANISATION | CALLER_USER, .roles = ROLES_ORGANISATION_ALL,
     .input = list_input, .input_count = sizeof list_input / sizeof *list_input,
     .output = list_output, .output_count = 2, .status = 200, .rate = RATE_READ,
     .run = list_applications},
    {.name = "GetPartnerApplication", .method = "GET", .path = "/partner-applications/{id}",
     .summary = {"Eén aanmelding", "One application to become a partner"},
     .callers = CALLER_ORGANISATION | CALLER_USER, .roles = ROLES_ORGANISATION_ALL,
     .input = id_input, .input_count = 1, .output = partner_application_fields,
     .output_count = PARTNER_APPLICATION_FIELDS, .status = 200, .revised = true,
     .rate = RATE_READ, .run = get_application}};

extern const struct operation_group api_partner_applications;
const struct operation_group api_partner_applications = {
    .name = "partners", .operations = operations, .count = sizeof operations / sizeof *operations};

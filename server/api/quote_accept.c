/* Accepting a quote: what acceptance asks, and the acceptance, which makes an application and, when
 * nothing waits for a person, its policy in the same transaction. What the applicant tells of
 * themselves is encrypted before the write, and is in no answer that idempotency keeps. */
#include <stdio.h>
#include <string.h>

#include "domain/answers.h"
#include "domain/calendar_day.h"
#include "domain/catalogue.h"
#include "domain/iban.h"
#include "domain/money.h"
#include "domain/sell_gate.h"
#include "message/json.h"
#include "quote_common.h"
#include "transaction_common.h"

/* ---- fields ---------------------------------------------------------------------------------- */
static const struct field consent_fields[] = {
    {.name = "version", .type = FIELD_TEXT, .required = true, .length_maximum = PRODUCT_CODE_MAX,
     .label = {"versie van de akkoordtekst", "version of the consent"}, .example = "\"2026-1\""},
    {.name = "given", .type = FIELD_BOOLEAN, .required = true,
     .label = {"gaat de aanvrager akkoord", "does the applicant agree"}, .example = "true"}};
static const struct field document_item[] = {
    {.name = "code", .type = FIELD_TEXT, .required = true, .length_maximum = PRODUCT_CODE_MAX,
     .label = {"code", "code"}}};
static const struct field term_item[] = {
    {.name = "term", .type = FIELD_TEXT, .required = true, .label = {"term", "term"}}};

#define QUOTE_ID_FIELD                                                                            \
    {.name = "id", .type = FIELD_TEXT, .required = true,                                          \
     .label = {"id van de offerte", "id of the quote"}}
#define TOKEN_FIELD                                                                               \
    {.name = "token", .type = FIELD_TEXT, .length_maximum = 64,                                   \
     .label = {"leescode", "token"},                                                              \
     .help = {"De leescode van de offerte; verplicht met een publieke sleutel.",                  \
              "The quote's token; required with a publishable key."}}

static const struct field acceptance_input[] = {QUOTE_ID_FIELD, TOKEN_FIELD};
static const struct field acceptance_output[] = {
    {.name = "quote_id", .type = FIELD_TEXT, .required = true,
     .label = {"de offerte", "the quote"}},
    {.name = "consent_version", .type = FIELD_TEXT, .required = true,
     .label = {"versie van de akkoordtekst", "version of the consent"}},
    {.name = "consent", .type = FIELD_TEXT, .required = true, .length_maximum = 4000,
     .label = {"waarmee de aanvrager akkoord gaat", "what the applicant agrees to"}},
    {.name = "commission", .type = FIELD_MONEY, .required = true,
     .label = {"provisie per jaar", "commission for a year"},
     .help = {"In euro's; vertel dit bedrag vóór de aanvraag.",
              "In euros; tell this amount before the acceptance."}},
    {.name = "documents", .type = FIELD_LIST, .required = true, .fields = document_item,
     .field_count = 1,
     .label = {"documenten die getoond moeten zijn", "documents that must have been shown"}},
    {.name = "terms", .type = FIELD_LIST, .required = true, .fields = term_item, .field_count = 1,
     .label = {"betaaltermijnen om uit te kiezen", "payment terms to choose from"}},
    {.name = "withdrawal_days", .type = FIELD_INTEGER, .required = true,
     .label = {"bedenktijd van een consument in dagen",
               "days in which a consumer may withdraw"}},
    {.name = "questions", .type = FIELD_OPEN, .required = true,
     .label = {"wat er nog gevraagd wordt", "what is still asked"},
     .help = {"Een JSON Schema van `answers`.", "A JSON Schema of `answers`."}}};

static const struct field accept_input[] = {
    QUOTE_ID_FIELD,
    TOKEN_FIELD,
    {.name = "applicant", .type = FIELD_RECORD, .required = true, .sensitive = true,
     .fields = applicant_fields, .field_count = APPLICANT_FIELDS, .schema = "Applicant",
     .label = {"de aanvrager", "the applicant"},
     .example = "{\"kind\":\"person\",\"initials\":\"A.B.\",\"last_name\":\"Voorbeeld\","
                "\"birth_date\":\"1980-05-17\",\"email\":\"a.voorbeeld@example.nl\","
                "\"street\":\"Voorbeeldstraat\",\"house_number\":\"12\","
                "\"postcode\":\"3511 AB\",\"city\":\"Utrecht\",\"country\":\"NL\"}"},
    {.name = "iban", .type = FIELD_TEXT, .required = true, .sensitive = true,
     .length_minimum = 1, .length_maximum = 60,
     .label = {"rekeningnummer (IBAN)", "account number (IBAN)"},
     .example = "\"NL91 ABNA 0417 1643 00\""},
    {.name = "account_holder", .type = FIELD_TEXT, .required = true, .sensitive = true,
     .length_minimum = 1, .length_maximum = 100,
     .label = {"naam van de rekeninghouder", "name of the account holder"},
     .example = "\"A.B. Voorbeeld\""},
    {.name = "term", .type = FIELD_TEXT, .required = true, .length_maximum = PRODUCT_CODE_MAX,
     .label = {"betaaltermijn", "payment term"}, .example = "\"monthly\""},
    {.name = "answers", .type = FIELD_OPEN,
     .label = {"antwoorden op wat acceptatie vraagt", "answers to what acceptance asks"},
     .help = {"Zie `questions` van GetAcceptance.", "See `questions` of GetAcceptance."}},
    {.name = "consent", .type = FIELD_RECORD, .required = true, .fields = consent_fields,
     .field_count = 2, .schema = "Consent", .label = {"akkoord", "consent"},
     .example = "{\"version\":\"2026-1\",\"given\":true}"},
    {.name = "commission", .type = FIELD_MONEY, .required = true,
     .label = {"de provisie per jaar die is verteld", "the commission for a year that was told"},
     .example = "\"61.20\""},
    {.name = "documents_shown", .type = FIELD_LIST, .required = true, .fields = document_item,
     .field_count = 1, .label = {"getoonde documenten", "documents shown"},
     .example = "[\"information_document\",\"terms_and_conditions\"]"},
    {.name = "reference", .type = FIELD_TEXT, .length_minimum = 1,
     .length_maximum = QUOTE_REFERENCE_MAX,
     .label = {"uw eigen kenmerk", "your own reference"}}};

/* ---- the quote ------------------------------------------------------------------------------- */
struct accepting {
    struct quote_row quote;
    const struct product_version *version; /* held */
    const struct product_policy *policy;
    struct value result; /* what the quote kept */
    enum transaction_state quote_state;
    struct application application;
    char id[ID_MAX], consent_version[PRODUCT_CODE_MAX];
    char effective_date[CLOCK_DATE_MAX], iban[IBAN_MAX];
    char iban_index[SHA256_HEX_MAX], email_index[SHA256_HEX_MAX];
    char sealed_key_id[ENCRYPTION_KEY_ID_MAX];
    const struct question_fields *fields; /* of what acceptance asks */
    struct value answers;
    struct buffer sealed;
    struct policy_issue issue;
    struct transaction_by by;
};

static int result_read(struct call *call, struct accepting *accepting) {
    int status = transaction_json_read(call, accepting->quote.id, accepting->quote.result,
                                       strlen(accepting->quote.result), &accepting->result);
    if (status) return status;
    const struct value *result = &accepting->result;
    accepting->quote_state = record_text_is(result, "status", "offered")    ? QUOTE_OFFERED
                             : record_text_is(result, "status", "referred") ? QUOTE_REFERRED
                                                                            : QUOTE_DECLINED;
    return 0;
}

/* The quote, with its version held whatever is returned: accepting_done. */
static int quote_open(struct call *call, struct accepting *accepting) {
    *accepting = (struct accepting){.version = NULL};
    buffer_init(&accepting->sealed, 2 * ENCRYPTION_TEXT_MAX_BYTES);
    int status = quote_read(call, &accepting->quote);
    if (!status) status = result_read(call, accepting);
    if (!status)
        status = catalogue_version(call->service->catalogue, accepting->quote.version_id,
                                   &call->error, &accepting->version);
    if (status) return status;
    accepting->fields = &accepting->version->acceptance;
    accepting->policy = product_info(accepting->version->product)->policy;
    if (!accepting->policy)
        return call_refuse(call, 409, "not_acceptable",
                           "Offertes van dit product kunnen hier niet worden geaccepteerd: neem "
                           "contact op met de verzekeraar.",
                           "Quotes of this product cannot be accepted here: contact the insurer.");
    return 0;
}

static void accepting_done(struct call *call, struct accepting *accepting) {
    if (accepting->sealed.data)
        explicit_bzero(accepting->sealed.data, accepting->sealed.length);
    buffer_done(&accepting->sealed);
    catalogue_release(call->service->catalogue, accepting->version);
}

static const struct value *premium_of(const struct accepting *accepting) {
    const struct value *premium = record_get(&accepting->result, "premium");
    return premium && premium->kind == VALUE_CONTEXT ? premium : NULL;
}

/* Is it open to be accepted, today, by this caller? */
static int open_check(struct call *call, const struct accepting *accepting) {
    char today[CLOCK_DATE_MAX], reason[SELL_REASON_MAX] = "";
    clock_amsterdam_date_text(call->now_us, today);
    int status = transaction_allow(call, TRANSACTION_ACCEPT, accepting->quote_state, NULL);
    if (status) return status;
    if (strcmp(today, accepting->quote.valid_until) > 0)
        return call_refuse(call, 409, "quote_expired",
                           "Deze offerte is verlopen: vraag een nieuwe aan.",
                           "This quote has expired: request a new one.");
    if (!premium_of(accepting))
        return error_set(&call->error, ERROR_INTERNAL, "%s has no premium", accepting->quote.id);
    struct selling selling = selling_of(product_info(accepting->version->product),
                               accepting->quote.partner_id, today);
    status = sell_gate_ask(call->service->sell_gate, &call->caller.scope, &selling, &call->error,
                           reason);
    if (status) return status;
    return *reason ? quote_refuse_sale(call, reason) : 0;
}

/* ---- what acceptance asks -------------------------------------------------------------------- */
static struct value codes_of_documents(struct call *call, const struct product_info *info,
                                       bool *failed) {
    struct list list;
    list_init(&list, call->scratch);
    for (int i = 0; i < info->document_count; i++)
        list_add(&list,
                 value_text(info->documents[i].code, strlen(info->documents[i].code)));
    *failed |= list.failed;
    return list_value(&list);
}

static struct value codes_of_terms(struct call *call, const struct product_info *info,
                                   bool *failed) {
    struct list list;
    list_init(&list, call->scratch);
    for (int i = 0; i < info->term_count; i++)
        list_add(&list, value_text(info->terms[i].code, strlen(info->terms[i].code)));
    *failed |= list.failed;
    return list_value(&list);
}

static int acceptance_tell(struct call *call, const struct accepting *accepting) {
    const struct product_info *info = product_info(accepting->version->product);
    const char *consent = text_in(&accepting->policy->consent, call->language);
    struct record record;
    struct value questions;
    struct value_date effective;
    bool failed = !day_read(accepting->quote.effective_date, &effective);
    const struct field *fields =
        failed ? NULL : question_fields_on(accepting->fields, &effective, call->scratch);
    if (!fields || !field_schema_record(fields, accepting->fields->count, call->language, NULL,
                                        call->scratch, &questions))
        return transaction_no_scratch(call);
    record_init(&record, call->scratch);
    record_set_text(&record, "quote_id", accepting->quote.id);
    record_copy_text(&record, "consent_version", accepting->policy->consent_version,
                     strlen(accepting->policy->consent_version));
    record_copy_text(&record, "consent", consent, strlen(consent));
    record_set_cents(&record, "commission",
                     record_get_integer(premium_of(accepting), "commission", 0));
    record_set(&record, "documents", codes_of_documents(call, info, &failed));
    record_set(&record, "terms", codes_of_terms(call, info, &failed));
    record_set_integer(&record, "withdrawal_days", accepting->policy->withdrawal_days);
    record_set(&record, "questions", questions);
    if (failed || record.failed) return transaction_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

/* The texts of the answer are the version's: they are copied before it is let go. */
static int output_copy(struct call *call) {
    struct buffer text;
    buffer_init(&text, ENCRYPTION_TEXT_MAX_BYTES);
    json_write(&call->output, 0, &text);
    int status = text.failed ? error_set(&call->error, buffer_failure(&text),
                                         "no memory to tell what acceptance asks")
                             : transaction_json_read(call, "acceptance", text.data, text.length,
                                                     &call->output);
    buffer_done(&text);
    return status;
}

static int get_acceptance(struct call *call) {
    struct accepting accepting;
    int status = quote_open(call, &accepting);
    if (!status) status = open_check(call, &accepting);
    if (!status) status = acceptance_tell(call, &accepting);
    if (!status) status = output_copy(call);
    accepting_done(call, &accepting);
    return status;
}

/* ---- what is wrong with an acceptance -------------------------------------------------------- */
static const char *say(const struct call *call, const char *nl, const char *en) {
    return call->language == LANGUAGE_EN ? en : nl;
}

static void require_field(struct call *call, const struct value *applicant, const char *name,
                          const char *nl, const char *en) {
    char pointer[FIELD_POINTER_MAX];
    if (record_get(applicant, name)) return;
    snprintf(pointer, sizeof pointer, "/applicant/%s", name);
    field_fault_add(&call->faults, pointer, "required", "%s", say(call, nl, en));
}

static void check_postcode(struct call *call, const struct value *applicant) {
    const struct value *given = record_get(applicant, "postcode");
    char postcode[sizeof "3511 AB" + 1];
    if (!given || !record_text_is(applicant, "country", "NL")) return;
    snprintf(postcode, sizeof postcode, "%.*s", (int)given->length, given->text);
    const char *at = postcode;
    bool sound = *at >= '1' && *at <= '9' && strspn(at, "0123456789") == 4;
    at += sound ? 4 : 0;
    at += *at == ' ';
    sound = sound && strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == 2 &&
            !at[2];
    if (!sound)
        field_fault_add(&call->faults, "/applicant/postcode", "pattern", "%s",
                        say(call,
                            "Een Nederlandse postcode is vier cijfers en twee letters: 3511 AB.",
                            "A Dutch postcode is four digits and two letters: 3511 AB."));
}

static void check_applicant(struct call *call, bool *ret_consumer) {
    const struct value *applicant = record_get(&call->input, "applicant");
    const struct value *birth_date = record_get(applicant, "birth_date");
    struct value_date today = day_at(call->now_us);
    *ret_consumer = record_text_is(applicant, "kind", "person");
    if (*ret_consumer) {
        require_field(call, applicant, "birth_date",
                      "Van een particulier is de geboortedatum nodig.",
                      "Of a person the date of birth is needed.");
    } else {
        require_field(call, applicant, "company_name",
                      "Van een bedrijf is de naam nodig.", "Of a company the name is needed.");
        require_field(call, applicant, "trade_register_number",
                      "Van een bedrijf is het KvK-nummer nodig.",
                      "Of a company the trade register number is needed.");
    }
    if (birth_date && day_compare(&birth_date->date, &today) > 0)
        field_fault_add(&call->faults, "/applicant/birth_date", "too_large", "%s",
                        say(call, "Deze datum ligt in de toekomst.",
                            "This date lies in the future."));
    check_postcode(call, applicant);
}

static void check_iban(struct call *call, char ret_iban[IBAN_MAX]) {
    static const struct text texts[] = {
        [IBAN_FORM] = {"Dit is geen IBAN: schrijf het als NL91 ABNA 0417 1643 00.",
                       "This is no IBAN: write it as NL91 ABNA 0417 1643 00."},
        [IBAN_COUNTRY] = {"Een IBAN begint met de letters van een land: NL, BE, DE …",
                          "An IBAN begins with the letters of a country: NL, BE, DE …"},
        [IBAN_LENGTH] = {"Dit IBAN is te kort of te lang voor dat land: kijk het na.",
                         "This IBAN is too short or too long for that country: check it."},
        [IBAN_CHECKSUM] = {"Er zit een fout in dit IBAN: kijk de cijfers en letters na.",
                           "There is a mistake in this IBAN: check its digits and letters."}};
    const struct value *iban = record_get(&call->input, "iban");
    enum iban_fault fault = iban_read(iban->text, iban->length, ret_iban);
    if (fault != IBAN_SOUND)
        field_fault_add(&call->faults, "/iban", "iban", "%s",
                        text_in(&texts[fault], call->language));
}

static void check_consent(struct call *call, const struct accepting *accepting) {
    const struct value *consent = record_get(&call->input, "consent");
    if (!record_text_is(consent, "version", accepting->policy->consent_version))
        field_fault_add(&call->faults, "/consent/version", "not_current",
                        call->language == LANGUAGE_EN
                            ? "Consent is to version %.60s of the text: show that, and ask for "
                              "consent again."
                            : "Het akkoord geldt voor versie %.60s van de tekst: laat die zien en "
                              "vraag opnieuw akkoord.",
                        accepting->policy->consent_version);
    if (!record_get_boolean(consent, "given", false))
        field_fault_add(&call->faults, "/consent/given", "not_given", "%s",
                        say(call, "Zonder akkoord van de aanvrager kan dit niet.",
                            "This cannot be done without the applicant's consent."));
}

static void check_commission(struct call *call, const struct accepting *accepting,
                             int64_t *ret_commission_cents) {
    const struct value *told = record_get(&call->input, "commission");
    struct decimal cents;
    int64_t told_cents = -1;
    char amount[MONEY_TEXT_MAX];
    *ret_commission_cents = record_get_integer(premium_of(accepting), "commission", 0);
    if (decimal_multiply(told->number, decimal_from_int64(100), &cents))
        (void)decimal_to_int64(cents, &told_cents);
    if (told_cents == *ret_commission_cents) return;
    money_text(*ret_commission_cents, amount);
    field_fault_add(&call->faults, "/commission", "not_current",
                    call->language == LANGUAGE_EN
                        ? "The commission is %s euros a year: tell the applicant this amount."
                        : "De provisie is %s euro per jaar: vertel de aanvrager dit bedrag.",
                    amount);
}

static void check_documents(struct call *call, const struct accepting *accepting) {
    const struct product_info *info = product_info(accepting->version->product);
    const struct value *shown = record_get(&call->input, "documents_shown");
    for (int i = 0; i < info->document_count; i++) {
        const char *code = info->documents[i].code;
        bool found = false;
        for (uint32_t j = 0; j < shown->length && !found; j++)
            found = shown->items[j].length == strlen(code) &&
                    memcmp(shown->items[j].text, code, strlen(code)) == 0;
        if (!found)
            field_fault_add(&call->faults, "/documents_shown", "not_shown",
                            call->language == LANGUAGE_EN
                                ? "Show the applicant \"%.120s\" first (%.64s)."
                                : "Laat de aanvrager eerst \"%.120s\" zien (%.64s).",
                            text_in(&info->documents[i].title, call->language), code);
    }
}

static void check_term(struct call *call, struct accepting *accepting, const char *wanted) {
    const struct value *terms = record_get(premium_of(accepting), "terms");
    for (uint32_t i = 0; terms && i < terms->length; i++) {
        const struct value *term = &terms->items[i];
        if (!record_text_is(term, "code", wanted)) continue;
        accepting->application.term = wanted;
        accepting->application.instalments = (int)record_get_integer(term, "instalments", 1);
        accepting->application.instalment_cents = record_get_integer(term, "instalment", 0);
        return;
    }
    field_fault_add(&call->faults, "/term", "not_a_choice", "%s",
                    say(call, "Kies een van de betaaltermijnen van de offerte.",
                        "Choose one of the payment terms of the quote."));
}

static int check_answers(struct call *call, struct accepting *accepting,
                         const struct value_date *effective_date) {
    static const struct value none = {.kind = VALUE_CONTEXT};
    const struct value *answers = record_get(&call->input, "answers");
    const struct field *fields =
        question_fields_on(accepting->fields, effective_date, call->scratch);
    struct field_check check = {.language = call->language,
                                .lexical = call->lexical,
                                .pointer = "/answers",
                                .scratch = call->scratch,
                                .faults = &call->faults};
    int before = call->faults.count;
    if (!fields) return transaction_no_scratch(call);
    if (field_check_record(&check, fields, accepting->fields->count, answers ? answers : &none,
                           &accepting->answers) ||
        call->faults.count > before)
        return 0;
    return transaction_no_scratch(call);
}

/* Everything that is wrong, at once. */
static int accept_check(struct call *call, struct accepting *accepting) {
    struct application *application = &accepting->application;
    struct value_date today = day_at(call->now_us), effective;
    const char *term = record_get_text(&call->input, "term", call->scratch);
    if (!term) return transaction_no_scratch(call);
    if (!day_read(accepting->quote.effective_date, &effective))
        return error_set(&call->error, ERROR_INTERNAL, "%s has no date", accepting->quote.id);
    /* Cover never starts before it was asked for. */
    if (day_compare(&effective, &today) < 0) effective = today;
    day_write(&effective, accepting->effective_date);
    check_applicant(call, &application->consumer);
    check_iban(call, accepting->iban);
    check_term(call, accepting, term);
    int status = check_answers(call, accepting, &effective);
    check_consent(call, accepting);
    check_commission(call, accepting, &application->commission_cents);
    check_documents(call, accepting);
    return status ? status : call->faults.count ? ERROR_INVALID : 0;
}

/* ---- keeping it ------------------------------------------------------------------------------ */
static void personal_write(struct call *call, const struct accepting *accepting,
                           struct buffer *text) {
    struct value holder = *record_get(&call->input, "account_holder");
    struct value iban = value_text(accepting->iban, strlen(accepting->iban));
    buffer_text(text, "{\"applicant\":");
    field_encode_json(applicant_fields, APPLICANT_FIELDS, record_get(&call->input, "applicant"),
                      text);
    buffer_text(text, ",\"iban\":");
    json_write(&iban, 0, text);
    buffer_text(text, ",\"account_holder\":");
    json_write(&holder, 0, text);
    buffer_text(text, ",\"answers\":");
    field_encode_json(accepting->fields->fields, accepting->fields->count, &accepting->answers,
                      text);
    buffer_char(text, '}');
}

static int personal_seal(struct call *call, struct accepting *accepting) {
    struct encryption *encryption = call->service->encryption;
    const struct value *applicant = record_get(&call->input, "applicant");
    const char *email = record_get_text(applicant, "email", call->scratch);
    struct buffer text;
    if (!email) return transaction_no_scratch(call);
    if (!encryption)
        return error_set(&call->error, ERROR_INTERNAL,
                         "koppel.conf names no encryption_keys: applications cannot be kept");
    buffer_init(&text, ENCRYPTION_TEXT_MAX_BYTES);
    personal_write(call, accepting, &text);
    int status = text.failed ? error_set(&call->error, buffer_failure(&text),
                                         "no memory for an application")
                             : encryption_seal(encryption, accepting->id, text.data, text.length,
                                               &call->error, &accepting->sealed);
    if (text.data) explicit_bzero(text.data, text.length);
    buffer_done(&text);
    if (status) return status;
    (void)encryption_key_of(accepting->sealed.data, accepting->sealed_key_id);
    encryption_index(encryption, "iban", accepting->iban, accepting->iban_index);
    char *lower = (char *)email; /* a copy in scratch, of its own */
    for (; *lower; lower++)
        if (*lower >= 'A' && *lower <= 'Z') *lower = (char)(*lower - 'A' + 'a');
    encryption_index(encryption, "email", email, accepting->email_index);
    return 0;
}

static void application_fill(struct call *call, struct accepting *accepting) {
    struct application *application = &accepting->application;
    bool straight = accepting->quote_state == QUOTE_OFFERED && accepting->policy->straight_through;
    application->id = accepting->id;
    application->partner_id = accepting->quote.partner_id;
    application->user_id =
        *call->caller.user_id ? call->caller.user_id : accepting->quote.user_id;
    application->test = accepting->quote.test;
    application->quote_id = accepting->quote.id;
    application->product = accepting->quote.product;
    application->version_id = accepting->quote.version_id;
    application->state = accepting->quote_state == QUOTE_REFERRED ? APPLICATION_IN_REVIEW
                         : straight                               ? APPLICATION_ISSUED
                                                                  : APPLICATION_RECEIVED;
    application->revision = application->state == APPLICATION_RECEIVED ? 1 : 2;
    application->effective_date = accepting->effective_date;
    application->total_cents = record_get_integer(premium_of(accepting), "total", 0);
    snprintf(accepting->consent_version, sizeof accepting->consent_version, "%s",
             accepting->policy->consent_version);
    application->consent_version = accepting->consent_version;
    application->reference = record_get_text(&call->input, "reference", call->scratch);
    application->sealed = accepting->sealed.data;
    application->iban_index = accepting->iban_index;
    application->email_index = accepting->email_index;
    application->created_us = application->changed_us = call->now_us;
    if (straight)
        policy_issue_make(accepting->policy, application->consumer, accepting->effective_date,
                          call->now_us, &accepting->issue);
    accepting->by = transaction_by_of(call, NULL, NULL);
}

static int accept_body(struct db_tx *tx, void *context, struct error *error) {
    struct accepting *accepting = context;
    return application_accept(tx, &accepting->application,
                              transaction_state_text(accepting->quote_state),
                              accepting->sealed_key_id,
                              accepting->application.state == APPLICATION_ISSUED
                                  ? &accepting->issue
                                  : NULL,
                              &accepting->by, error);
}

static int accept_write(struct call *call, struct accepting *accepting) {
    struct record record;
    record_init(&record, call->scratch);
    application_set(call, &record, &accepting->application);
    if (*accepting->issue.id) record_set_text(&record, "policy_id", accepting->issue.id);
    if (record.failed) return transaction_no_scratch(call);
    call->output = record_value(&record);
    int status = call_write(call, accepting->id, accept_body, accepting);
    if (!status) transaction_issued(call, &record, &accepting->issue);
    if (status != ERROR_CONFLICT) return status;
    error_clear(&call->error);
    return call_refuse(call, 409, "already_accepted",
                       "Deze offerte is al geaccepteerd: dat kan maar één keer. U vindt de "
                       "aanvraag in de lijst van aanvragen.",
                       "This quote was accepted already, which can be done once. The application "
                       "is in the list of applications.");
}

static int accept_quote(struct call *call) {
    struct accepting *accepting = scratch_take(call->scratch, sizeof *accepting);
    if (!accepting) return transaction_no_scratch(call);
    int status = quote_open(call, accepting);
    id_make("app", accepting->id);
    if (!status) status = open_check(call, accepting);
    if (!status) status = accept_check(call, accepting);
    if (!status) status = personal_seal(call, accepting);
    if (!status) {
        application_fill(call, accepting);
        status = accept_write(call, accepting);
    }
    accepting_done(call, accepting);
    return status;
}

/* ---- the table ------------------------------------------------------------------------------- */
static const char *const refusals[] = {"already_accepted", "quote_expired", "not_acceptable",
                                       "wrong_state",      "product_not_allowed", NULL};

static const struct operation operations[] = {
    {.name = "GetAcceptance",
     .method = "GET",
     .path = "/quotes/{id}/acceptance",
     .summary = {"Wat er nodig is om een offerte te accepteren",
                 "What it takes to accept a quote"},
     .callers = CALLER_SECRET_KEY | CALLER_PUBLISHABLE_KEY | CALLER_USER,
     .roles = ROLES_PARTNER_ALL,
     .input = acceptance_input,
     .input_count = sizeof acceptance_input / sizeof *acceptance_input,
     .output = acceptance_output,
     .output_count = sizeof acceptance_output / sizeof *acceptance_output,
     .status = 200,
     .rate = RATE_READ,
     .refusals = refusals,
     .run = get_acceptance},
    {.name = "AcceptQuote",
     .method = "POST",
     .path = "/quotes/{id}/accept",
     .summary = {"Accepteer een offerte: dat maakt een aanvraag",
                 "Accept a quote: that makes an application"},
     .callers = CALLER_SECRET_KEY | CALLER_PUBLISHABLE_KEY | CALLER_USER,
     .roles = ROLES_PARTNER_WRITING,
     .input = accept_input,
     .input_count = sizeof accept_input / sizeof *accept_input,
     .output = application_fields,
     .output_count = APPLICATION_FIELDS,
     .status = 201,
     .idempotent_key = true,
     .audited = true,
     .revised = true,
     .acceptance = true,
     .rate = RATE_QUOTE,
     .refusals = refusals,
     .run = accept_quote,
     .finish = transaction_finish}};

extern const struct operation_group api_quote_accept;
const struct operation_group api_quote_accept = {.name = "transactions",
                                                 .operations = operations,
                                                 .count = sizeof operations / sizeof *operations};

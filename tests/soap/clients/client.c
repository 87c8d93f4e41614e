/* gSOAP, with stubs that wsdl2h and soapcpp2 made from both WSDLs: over the generic service and
 * over the product's own, a quote, its acceptance, and a typed fault. Called as: client ADDRESS KEY
 * CA_FILE GROUP.NAME=VALUE…, with the groups answers, applicant, payment and acceptance; prints one
 * JSON line. Prefixes q and a are given to wsdl2h in a type map. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "QuoteBinding.nsmap"
#include "soapH.h"

enum { ANSWERS_MAX = 100 };

static char **given;
static int given_count;
static const char *key;

static char *value(const char *group, const char *name) {
    size_t group_length = strlen(group), length = strlen(name);
    for (int i = 0; i < given_count; i++) {
        char *at = given[i];
        if (strncmp(at, group, group_length) == 0 && at[group_length] == '.' &&
            strncmp(at + group_length + 1, name, length) == 0 &&
            at[group_length + 1 + length] == '=')
            return at + group_length + length + 2;
    }
    return NULL;
}

static void fail(struct soap *soap, const char *what) {
    fprintf(stderr, "%s: ", what);
    soap_print_fault(soap, stderr);
    exit(1);
}

/* The key goes with each call: gSOAP forgets it after one. */
static struct soap *authorized(struct soap *soap) {
    soap->userid = "koppel";
    soap->passwd = key;
    return soap;
}

static enum xsd__boolean truth(const char *group, const char *name) {
    const char *text = value(group, name);
    return text && strcmp(text, "true") == 0 ? xsd__boolean__true_ : xsd__boolean__false_;
}

/* The group as answers by name, without one of them. */
static struct q__Answers *by_name(struct soap *soap, const char *group, const char *without) {
    struct q__Answers *answers = soap_malloc(soap, sizeof *answers);
    size_t length = strlen(group);
    *answers = (struct q__Answers){
        .answer = soap_malloc(soap, ANSWERS_MAX * sizeof *answers->answer)};
    for (int i = 0; i < given_count && answers->__sizeanswer < ANSWERS_MAX; i++) {
        if (strncmp(given[i], group, length) != 0 || given[i][length] != '.') continue;
        char *name = soap_strdup(soap, given[i] + length + 1);
        char *equals = strchr(name, '=');
        *equals = '\0';
        if (strcmp(name, without) == 0) continue;
        answers->answer[answers->__sizeanswer++] =
            (struct q__Answer){.name = name, .__item = equals + 1};
    }
    return answers;
}

static struct a__Answers *typed_answers(struct soap *soap) {
    static const char group[] = "answers";
    struct a__Answers *answers = soap_malloc(soap, sizeof *answers);
    *answers = (struct a__Answers){
        .first_USCOREregistration_USCOREdate = value(group, "first_registration_date"),
        .vehicle_USCOREweight_USCOREkg = strtol(value(group, "vehicle_weight_kg"), NULL, 10),
        .catalogue_USCOREvalue = value(group, "catalogue_value"),
        .birth_USCOREdate = value(group, "birth_date"),
        .postcode = value(group, "postcode"),
        .claim_USCOREfree_USCOREyears = strtol(value(group, "claim_free_years"), NULL, 10),
        .other_USCOREdriver = truth(group, "other_driver"),
        .accident_USCOREoccupants = truth(group, "accident_occupants"),
        .legal_USCOREaid = truth(group, "legal_aid"),
        .casco_USCOREexcess = soap_malloc(soap, sizeof *answers->casco_USCOREexcess)};
    if (soap_s2_a__Answers_fuel(soap, value(group, "fuel"), &answers->fuel) ||
        soap_s2_a__Answers_usage(soap, value(group, "usage"), &answers->usage) ||
        soap_s2_a__Answers_kilometres_USCOREper_USCOREyear(
            soap, value(group, "kilometres_per_year"),
            &answers->kilometres_USCOREper_USCOREyear) ||
        soap_s2_a__Answers_cover(soap, value(group, "cover"), &answers->cover) ||
        soap_s2_a__Answers_casco_USCOREexcess(soap, value(group, "casco_excess"),
                                              answers->casco_USCOREexcess))
        fail(soap, "an enumeration");
    return answers;
}

/* The two services have types of their own with the same fields: q's and a's. */
#define ACCEPT_FILL(prefix, request, asked, quote_id)                                             \
    (request).id = (quote_id);                                                                    \
    (request).applicant = soap_malloc(soap, sizeof *(request).applicant);                         \
    *(request).applicant = (struct prefix##__Applicant){0};                                       \
    (request).applicant->kind = _##prefix##__Applicant_kind__person;                              \
    (request).applicant->initials = value("applicant", "initials");                               \
    (request).applicant->last_USCOREname = value("applicant", "last_name");                       \
    (request).applicant->birth_USCOREdate = value("applicant", "birth_date");                     \
    (request).applicant->email = value("applicant", "email");                                     \
    (request).applicant->street = value("applicant", "street");                                   \
    (request).applicant->house_USCOREnumber = value("applicant", "house_number");                 \
    (request).applicant->postcode = value("applicant", "postcode");                               \
    (request).applicant->city = value("applicant", "city");                                       \
    (request).applicant->country = value("applicant", "country");                                 \
    (request).iban = value("payment", "iban");                                                    \
    (request).account_USCOREholder = value("payment", "account_holder");                          \
    (request).term = value("payment", "term");                                                    \
    (request).consent = soap_malloc(soap, sizeof *(request).consent);                             \
    (request).consent->version = (asked).consent_USCOREversion;                                   \
    (request).consent->given = xsd__boolean__true_;                                               \
    (request).commission = (asked).commission;                                                    \
    (request).documents_USCOREshown.__sizecode = (asked).documents.__sizecode;                    \
    (request).documents_USCOREshown.code = (asked).documents.code

static struct SOAP_ENV__Detail *fault_detail(struct soap *soap) {
    struct SOAP_ENV__Detail *detail =
        soap->fault->SOAP_ENV__Detail ? soap->fault->SOAP_ENV__Detail : soap->fault->detail;
    if (!detail) fail(soap, "no detail");
    return detail;
}

static void generic(struct soap *soap, const char *address) {
    struct _q__RequestQuote request = {.product = "auto",
                                       .answers = by_name(soap, "answers", "")};
    struct _q__RequestQuoteResponse quote;
    if (soap_call___q__RequestQuote(authorized(soap), address, NULL, &request, &quote))
        fail(soap, "RequestQuote");
    struct _q__GetQuote reading = {.id = quote.id};
    struct _q__GetQuoteResponse again;
    if (soap_call___q__GetQuote(authorized(soap), address, NULL, &reading, &again))
        fail(soap, "GetQuote");
    struct _q__GetAcceptance asking = {.id = quote.id};
    struct _q__GetAcceptanceResponse asked;
    if (soap_call___q__GetAcceptance(authorized(soap), address, NULL, &asking, &asked))
        fail(soap, "GetAcceptance");
    struct _q__AcceptQuote accept = {.answers = by_name(soap, "acceptance", "")};
    struct _q__AcceptQuoteResponse application;
    ACCEPT_FILL(q, accept, asked, quote.id);
    if (soap_call___q__AcceptQuote(authorized(soap), address, NULL, &accept, &application))
        fail(soap, "AcceptQuote");
    printf("\"total\": \"%s\", \"again\": \"%s\", \"covers\": %d, \"date\": \"%s\", "
           "\"application\": \"%s\", \"status\": \"%s\", ",
           quote.premium->total, again.premium->total, quote.premium->covers.__sizecover,
           quote.effective_USCOREdate, application.id,
           soap__q__AcceptQuoteResponse_status2s(soap, application.status));

    request.answers = by_name(soap, "answers", "birth_date");
    if (soap_call___q__RequestQuote(authorized(soap), address, NULL, &request, &quote) == SOAP_OK)
        fail(soap, "a quote without a birth date was given");
    struct _q__ServiceFault *fault = fault_detail(soap)->q__ServiceFault;
    if (!fault) fail(soap, "no typed fault");
    printf("\"fault\": {\"code\": \"%s\", \"pointer\": \"%s\", \"text\": \"%s\"}, ", fault->code,
           fault->fields->field[0].pointer, *soap_faultstring(soap));
}

static void typed(struct soap *soap, const char *address) {
    struct _a__RequestQuote request = {.answers = typed_answers(soap)};
    struct _a__RequestQuoteResponse quote;
    if (soap_call___a__RequestQuote(authorized(soap), address, NULL, &request, &quote))
        fail(soap, "RequestQuote");
    struct _a__GetAcceptance asking = {.id = quote.id};
    struct _a__GetAcceptanceResponse asked;
    if (soap_call___a__GetAcceptance(authorized(soap), address, NULL, &asking, &asked))
        fail(soap, "GetAcceptance");
    struct a__AcceptanceAnswers answers = {
        .reporting_USCOREcode = value("acceptance", "reporting_code"),
        .driving_USCOREdisqualified = truth("acceptance", "driving_disqualified")};
    struct _a__AcceptQuote accept = {.answers = &answers};
    struct _a__AcceptQuoteResponse application;
    ACCEPT_FILL(a, accept, asked, quote.id);
    if (soap_call___a__AcceptQuote(authorized(soap), address, NULL, &accept, &application))
        fail(soap, "AcceptQuote");
    printf("\"typed\": \"%s\", \"typed_application\": \"%s\", \"typed_status\": \"%s\", ",
           quote.premium->total, application.id,
           soap__a__AcceptQuoteResponse_status2s(soap, application.status));

    if (soap_call___a__AcceptQuote(authorized(soap), address, NULL, &accept, &application) ==
        SOAP_OK)
        fail(soap, "a quote was accepted twice");
    struct _a__ServiceFault *fault = fault_detail(soap)->a__ServiceFault;
    if (!fault) fail(soap, "no typed fault");
    printf("\"typed_fault\": {\"code\": \"%s\", \"text\": \"%s\"}", fault->code,
           *soap_faultstring(soap));
}

int main(int count, char **arguments) {
    char own_address[300];
    key = arguments[2];
    given = arguments + 4;
    given_count = count - 4;
    soap_ssl_init();
    struct soap *soap = soap_new1(SOAP_IO_KEEPALIVE | SOAP_C_UTFSTRING | SOAP_IO_CHUNK);
    if (soap_ssl_client_context(soap, SOAP_SSL_DEFAULT, NULL, NULL, arguments[3], NULL, NULL))
        fail(soap, "TLS");
    printf("{");
    generic(soap, arguments[1]);
    snprintf(own_address, sizeof own_address, "%s/auto", arguments[1]);
    typed(soap, own_address);
    printf("}\n");
    soap_destroy(soap);
    soap_end(soap);
    soap_free(soap);
    return 0;
}

/* gSOAP, with stubs that wsdl2h and soapcpp2 made from both WSDLs: a quote over the generic
 * service, one over the product's own, a typed fault. Called as: client ADDRESS KEY CA_FILE
 * NAME=VALUE…; prints one JSON line. Prefixes q and a are given to wsdl2h in a type map. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "QuoteBinding.nsmap"
#include "soapH.h"

enum { ANSWERS_MAX = 100 };

static struct q__Answer given[ANSWERS_MAX];
static int given_count;

static char *answer(const char *name) {
    for (int i = 0; i < given_count; i++)
        if (strcmp(given[i].name, name) == 0) return given[i].__item;
    return NULL;
}

static void fail(struct soap *soap, const char *what) {
    fprintf(stderr, "%s: ", what);
    soap_print_fault(soap, stderr);
    exit(1);
}

static enum xsd__boolean truth(const char *name) {
    const char *text = answer(name);
    return text && strcmp(text, "true") == 0 ? xsd__boolean__true_ : xsd__boolean__false_;
}

static void fill(struct soap *soap, struct a__Answers *answers) {
    static enum _a__Answers_casco_USCOREexcess excess;
    answers->first_USCOREregistration_USCOREdate = answer("first_registration_date");
    answers->vehicle_USCOREweight_USCOREkg = strtol(answer("vehicle_weight_kg"), NULL, 10);
    answers->catalogue_USCOREvalue = answer("catalogue_value");
    answers->birth_USCOREdate = answer("birth_date");
    answers->postcode = answer("postcode");
    answers->claim_USCOREfree_USCOREyears = strtol(answer("claim_free_years"), NULL, 10);
    answers->other_USCOREdriver = truth("other_driver");
    answers->accident_USCOREoccupants = truth("accident_occupants");
    answers->legal_USCOREaid = truth("legal_aid");
    if (soap_s2_a__Answers_fuel(soap, answer("fuel"), &answers->fuel) ||
        soap_s2_a__Answers_usage(soap, answer("usage"), &answers->usage) ||
        soap_s2_a__Answers_kilometres_USCOREper_USCOREyear(
            soap, answer("kilometres_per_year"),
            &answers->kilometres_USCOREper_USCOREyear) ||
        soap_s2_a__Answers_cover(soap, answer("cover"), &answers->cover) ||
        soap_s2_a__Answers_casco_USCOREexcess(soap, answer("casco_excess"), &excess))
        fail(soap, "an enumeration");
    answers->casco_USCOREexcess = &excess;
}

static void authorize(struct soap *soap, const char *key) {
    soap->userid = "koppel";
    soap->passwd = key;
}

static void print_fault(struct soap *soap) {
    struct SOAP_ENV__Detail *detail =
        soap->fault->SOAP_ENV__Detail ? soap->fault->SOAP_ENV__Detail : soap->fault->detail;
    if (!detail || !detail->q__ServiceFault) fail(soap, "no typed fault");
    printf(", \"fault\": {\"code\": \"%s\", \"pointer\": \"%s\", \"text\": \"%s\"}}\n",
           detail->q__ServiceFault->code, detail->q__ServiceFault->fields->field[0].pointer,
           *soap_faultstring(soap));
}

int main(int count, char **arguments) {
    const char *address = arguments[1], *key = arguments[2];
    char typed_address[300];
    for (int i = 4; i < count && given_count < ANSWERS_MAX; i++) {
        char *equals = strchr(arguments[i], '=');
        *equals = '\0';
        given[given_count++] = (struct q__Answer){.name = arguments[i], .__item = equals + 1};
    }
    soap_ssl_init();
    struct soap *soap = soap_new1(SOAP_IO_KEEPALIVE | SOAP_C_UTFSTRING | SOAP_IO_CHUNK);
    if (soap_ssl_client_context(soap, SOAP_SSL_DEFAULT, NULL, NULL, arguments[3], NULL, NULL))
        fail(soap, "TLS");

    struct q__Answers named = {.__sizeanswer = given_count, .answer = given};
    struct _q__RequestQuote request = {.product = "auto", .answers = &named};
    struct _q__RequestQuoteResponse quote;
    authorize(soap, key);
    if (soap_call___q__RequestQuote(soap, address, NULL, &request, &quote))
        fail(soap, "RequestQuote");

    struct _q__GetQuote reading = {.id = quote.id};
    struct _q__GetQuoteResponse again;
    authorize(soap, key);
    if (soap_call___q__GetQuote(soap, address, NULL, &reading, &again)) fail(soap, "GetQuote");

    struct a__Answers answers = {0};
    struct _a__RequestEstimate typed = {.answers = &answers};
    struct _a__RequestEstimateResponse estimate;
    fill(soap, &answers);
    snprintf(typed_address, sizeof typed_address, "%s/auto", address);
    authorize(soap, key);
    if (soap_call___a__RequestEstimate(soap, typed_address, NULL, &typed, &estimate))
        fail(soap, "RequestEstimate");

    printf("{\"total\": \"%s\", \"again\": \"%s\", \"typed\": \"%s\", \"covers\": %d, "
           "\"date\": \"%s\"",
           quote.premium->total, again.premium->total, estimate.premium->total,
           estimate.premium->covers.__sizecover, estimate.effective_USCOREdate);

    for (int i = 0; i < given_count; i++)
        if (strcmp(given[i].name, "birth_date") == 0) given[i] = given[--named.__sizeanswer];
    authorize(soap, key);
    if (soap_call___q__RequestQuote(soap, address, NULL, &request, &quote) == SOAP_OK)
        fail(soap, "a quote without a birth date was given");
    print_fault(soap);
    soap_destroy(soap);
    soap_end(soap);
    soap_free(soap);
    return 0;
}

/* A policy as a PDF for the policyholder. What they told of themselves is decrypted for it, so only
 * the partner whose policy it is and the organisation may ask. It tells the terms of the day it is
 * asked for, and what is yet to begin. */
#include <string.h>

#include "domain/catalogue.h"
#include "domain/policy_change.h"
#include "domain/policy_print.h"
#include "print_common.h"
#include "transaction_common.h"

static const struct field input[] = {{.name = "id", .type = FIELD_TEXT, .required = true,
                                      .label = {"id van de polis", "id of the policy"}}};

static int print_policy(struct call *call, struct policy_print *printed) {
    struct value personal;
    struct print print;
    const struct policy *policy = printed->policy;
    int status = application_open(call, &policy->application, &personal);
    if (!status) status = sale_read_parties(call, policy->application.partner_id, &printed->sale);
    if (status) return status;
    printed->personal = &personal;
    if (!policy_print(printed, call->scratch, &print)) return transaction_no_scratch(call);
    return print_send(call, &print, call->language == LANGUAGE_EN ? "policy" : "polis",
                      policy->number ? policy->number : policy->id);
}

struct document_reading {
    const struct policy *policy;
    int number; /* of the terms */
    struct scratch *scratch;
    struct policy_terms_detail detail;
};

static int detail_body(struct db_tx *tx, void *context, struct error *error) {
    struct document_reading *reading = context;
    return policy_terms_detail_read(tx, reading->policy, reading->number, reading->scratch, error,
                                    &reading->detail);
}

/* Those that hold today, or on the first day of cover when that is yet to come. What would begin
 * after the end of the cover never does. */
static void terms_choose(const struct policy *policy, const struct policy_terms_list *terms,
                         const char *today, struct policy_print *printed) {
    const char *first = policy->application.effective_date;
    const char *day = strcmp(today, first) < 0 ? first : today;
    int at = 0, count = 1;
    while (count < terms->count &&
           (!policy->end_date || strcmp(terms->terms[count].from_date, policy->end_date) < 0))
        count++;
    while (at + 1 < count && strcmp(terms->terms[at + 1].from_date, day) <= 0) at++;
    printed->terms = &terms->terms[at];
    printed->later = printed->terms + 1;
    printed->later_count = policy->state == POLICY_WITHDRAWN ? 0 : count - at - 1;
}

static int terms_open(struct call *call, const struct policy *policy,
                      struct policy_print *printed) {
    struct document_reading reading = {
        .policy = policy, .number = printed->terms->number, .scratch = call->scratch};
    struct value answers;
    int status = call_read(call, detail_body, &reading);
    if (status) return status;
    if (!reading.detail.result)
        return error_set(&call->error, ERROR_INTERNAL, "terms %d of %s were not rated",
                         reading.number, policy->id);
    status = policy_terms_answers(call->service->encryption, &reading.detail, call->scratch,
                                  &call->error, &answers);
    if (!status)
        status = sale_open(call, policy->id, reading.detail.terms.version_id, NULL,
                           reading.detail.result, &printed->sale);
    if (!status) printed->sale.answers = answers;
    return status;
}

static int get_policy_document(struct call *call) {
    char today[CLOCK_DATE_MAX];
    struct policy_terms_list *terms;
    struct policy policy;
    struct policy_print printed = {.policy = &policy};
    int status = policy_with_terms(call, &policy, NULL, NULL, NULL, NULL, &terms);
    if (status) return status;
    clock_amsterdam_date_text(call->now_us, today);
    terms_choose(&policy, terms, today, &printed);
    status = terms_open(call, &policy, &printed);
    if (status) return status;
    status = catalogue_version(call->service->catalogue, policy.application.version_id,
                               &call->error, &printed.accepted);
    if (!status) status = print_policy(call, &printed);
    catalogue_release(call->service->catalogue, printed.accepted);
    sale_close(call, &printed.sale);
    return status;
}

static const struct operation operations[] = {
    {.name = "GetPolicyDocument",
     .method = "GET",
     .path = "/policies/{id}/document",
     .summary = {"De polis als PDF voor de verzekeringnemer",
                 "The policy as a PDF for the policyholder"},
     .callers = CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ALL,
     .input = input,
     .input_count = sizeof input / sizeof *input,
     .output = print_output,
     .output_count = OUTPUT_FILE_FIELD_COUNT,
     .output_file = true,
     .media_type = "application/pdf",
     .status = 200,
     .rate = RATE_READ,
     .refusals = print_refusals,
     .run = get_policy_document}};

extern const struct operation_group api_policy_document;
const struct operation_group api_policy_document = {
    .name = "transactions", .operations = operations,
    .count = sizeof operations / sizeof *operations};

/* A policy as a PDF for the policyholder. What they told of themselves is decrypted for it, so only
 * the partner whose policy it is and the organisation may ask. */
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

static int get_policy_document(struct call *call) {
    struct policy policy;
    int status = policy_of_input(call, &policy, NULL, NULL);
    if (status) return status;
    struct policy_print printed = {.policy = &policy};
    status = sale_open(call, policy.id, policy.application.version_id,
                       policy.application.quote_answers, policy.application.quote_result,
                       &printed.sale);
    if (status) return status;
    status = print_policy(call, &printed);
    sale_close(call, &printed.sale);
    return status;
}

static const struct operation operations[] = {
    {.name = "GetPolicyDocument",
     .method = "GET",
     .path = "/policies/{id}/document",
     .summary = {"De polis als PDF voor de verzekeringnemer",
                 "The policy as a PDF for the policyholder"},
     .callers = CALLER_SECRET_KEY | CALLER_ORGANISATION,
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

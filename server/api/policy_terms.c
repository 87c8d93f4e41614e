/* The terms of a policy with what they were rated with: the answers, the premium by cover. Partners
 * do not see sensitive answers. */
#include <string.h>

#include "domain/catalogue.h"
#include "policy_change_common.h"

static const struct field read_input[] = {
    POLICY_ID_FIELD,
    {.name = "number", .type = FIELD_INTEGER, .required = true, .minimum = "1",
     .maximum = "1000000", .label = {"nummer", "number"}, .example = "1"}};
static const struct field read_output[] = {
    POLICY_TERMS_FIELD_ROWS,
    {.name = "product_version", .type = FIELD_INTEGER, .required = true, .nullable = true,
     .label = {"nummer van die versie", "number of that version"}},
    {.name = "premium", .type = FIELD_RECORD, .required = true, .nullable = true,
     .fields = receipt_premium_fields, .field_count = RECEIPT_PREMIUM_FIELDS, .schema = "Premium",
     .label = {"premie per jaar", "premium a year"}},
    {.name = "documents", .type = FIELD_LIST, .required = true, .fields = receipt_document_item,
     .field_count = 1, .label = {"documenten", "documents"}},
    {.name = "answers", .type = FIELD_OPEN, .required = true, .sensitive = true,
     .label = {"antwoorden", "answers"}},
    TRANSACTION_WITHHELD_FIELD};

struct terms_reading {
    int number;
    struct scratch *scratch;
    struct policy_terms_detail detail;
};

static int detail_body(struct db_tx *tx, const struct policy *policy, void *context,
                       struct error *error) {
    struct terms_reading *reading = context;
    return policy_terms_detail_read(tx, policy, reading->number, reading->scratch, error,
                                    &reading->detail);
}

static int answers_set(struct call *call, const struct policy_terms_detail *detail,
                       const struct product_version *version, struct record *record) {
    struct value answers, shown;
    struct list withheld;
    int status = policy_terms_answers(call->service->encryption, detail, call->scratch,
                                      &call->error, &answers);
    if (status) return status;
    const struct product_info *info = version ? product_info(version->product) : NULL;
    list_init(&withheld, call->scratch);
    shown = answers;
    if (!caller_is_organisation(&call->caller))
        status = transaction_answers_part(call, info ? info->questions : NULL,
                                          info ? info->question_count : 0, &answers, &shown,
                                          &withheld);
    record_set(record, "answers", shown);
    record_set(record, "answers_withheld", list_value(&withheld));
    return status || !withheld.failed ? status : transaction_no_scratch(call);
}

static int terms_tell(struct call *call, const struct policy *policy,
                      const struct terms_reading *reading, const char *until_date,
                      const struct product_version *version) {
    const struct policy_terms *terms = &reading->detail.terms;
    const struct policy_change as_change = {.product = policy->application.product,
                                            .version_id = terms->version_id,
                                            .product_version = version ? version->number : 0,
                                            .product_hash = version ? version->hash : "",
                                            .effective_date = terms->from_date,
                                            .valid_until = terms->from_date,
                                            .test = policy->application.test,
                                            .result = reading->detail.result};
    struct record record;
    record_init(&record, call->scratch);
    policy_terms_set(&record, terms, until_date);
    if (version) record_set_integer(&record, "product_version", version->number);
    else record_set(&record, "product_version", value_null());
    int status = policy_change_set_receipt(call, &record, &as_change);
    if (!status) status = answers_set(call, &reading->detail, version, &record);
    if (status) return status;
    if (record.failed) return transaction_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

static int get_policy_terms(struct call *call) {
    struct terms_reading reading = {
        .number = (int)record_get_integer(&call->input, "number", 0), .scratch = call->scratch};
    const struct product_version *version = NULL;
    struct policy_terms_list *terms;
    struct policy *policy = scratch_take(call->scratch, sizeof *policy);
    if (!policy) return transaction_no_scratch(call);
    int status = policy_with_terms(call, policy, NULL, NULL, detail_body, &reading, &terms);
    if (status) return status;
    int number = reading.detail.terms.number;
    if (!number) return call_not_found(call);
    catalogue_version(call->service->catalogue, reading.detail.terms.version_id, NULL, &version);
    status = terms_tell(call, policy, &reading,
                        number < terms->count ? terms->terms[number].from_date : NULL, version);
    catalogue_release(call->service->catalogue, version);
    return status;
}

static const struct operation operations[] = {
    {.name = "GetPolicyTerms",
     .method = "GET",
     .path = "/policies/{id}/terms/{number}",
     .summary = {"De voorwaarden van een polis, met premie en antwoorden",
                 "Terms of a policy, with premium and answers"},
     .callers = CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ALL,
     .input = read_input,
     .input_count = sizeof read_input / sizeof *read_input,
     .output = read_output,
     .output_count = sizeof read_output / sizeof *read_output,
     .status = 200,
     .rate = RATE_READ,
     .run = get_policy_terms}};

extern const struct operation_group api_policy_terms;
const struct operation_group api_policy_terms = {.name = "transactions",
                                                 .operations = operations,
                                                 .count = sizeof operations / sizeof *operations};

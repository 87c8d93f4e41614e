/* Which rows: those that partners' systems may call, that are documented, and that answer with
 * fields. Everything follows from the table; no operation is named here. */
#include "contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char service_name[] = "quote";

bool contract_path(const char *path, char ret_product[PRODUCT_CODE_MAX]) {
    size_t length = sizeof service_name - 1;
    if (strncmp(path, service_name, length) != 0) return false;
    path += length;
    if (*path == '\0') {
        *ret_product = '\0';
        return true;
    }
    size_t name = *path == '/' ? strlen(path + 1) : 0;
    if (name == 0 || name >= PRODUCT_CODE_MAX || strpbrk(path + 1, "/%")) return false;
    memcpy(ret_product, path + 1, name + 1);
    return true;
}

int contract_interface_of(const char *product, const char *namespace) {
    char prefix[SOAP_NAMESPACE_MAX];
    int length = snprintf(prefix, sizeof prefix, "urn:koppel:quote:%s:i", product);
    if (strncmp(namespace, prefix, (size_t)length) != 0) return 0;
    const char *digits = namespace + length;
    if (*digits < '1' || *digits > '9') return 0;
    char *end;
    long number = strtol(digits, &end, 10);
    return *end == '\0' && number <= CONTRACT_INTERFACE_MAX ? (int)number : 0;
}

void contract_init(struct contract *contract, const char *public_url, const char *product,
                   int interface) {
    *contract = (struct contract){.interface = interface};
    snprintf(contract->product, sizeof contract->product, "%s", product);
    if (*product) {
        snprintf(contract->namespace, sizeof contract->namespace, "urn:koppel:quote:%s:i%d",
                 product, interface);
        snprintf(contract->address, sizeof contract->address, "%s%s%s/%s", public_url, SOAP_PREFIX,
                 service_name, product);
    } else {
        snprintf(contract->namespace, sizeof contract->namespace, "%s", SOAP_NAMESPACE_GENERIC);
        snprintf(contract->address, sizeof contract->address, "%s%s%s", public_url, SOAP_PREFIX,
                 service_name);
    }
}

/* ---- rows ----------------------------------------------------------------------------------- */

static const struct field *input_named(const struct operation *operation, const char *name) {
    for (int at = 0; at < operation->input_count; at++)
        if (strcmp(operation->input[at].name, name) == 0) return &operation->input[at];
    return NULL;
}

enum contract_answers contract_answers(const struct contract *contract,
                                       const struct operation *operation) {
    if (!*contract->product) return ANSWERS_BY_NAME;
    if (operation_takes_answers(operation)) return ANSWERS_OF_QUOTE;
    if (operation->acceptance) return ANSWERS_OF_ACCEPTANCE;
    return operation->changing ? ANSWERS_OF_CHANGE : ANSWERS_BY_NAME;
}

static bool belongs(const struct contract *contract, const struct operation *operation) {
    if (!(operation->callers & CALLER_SECRET_KEY) || operation->hidden || operation->each ||
        operation->output_text)
        return false;
    return !*contract->product || (!operation->generic && (operation_takes_answers(operation) ||
                                                           input_named(operation, "id")));
}

bool contract_find(const struct contract *contract, const char *name, size_t length,
                   const struct operation **ret_operation) {
    char text[64];
    if (length >= sizeof text) return false;
    memcpy(text, name, length);
    text[length] = '\0';
    const struct operation *operation = operation_find_named(text);
    if (!operation || !belongs(contract, operation)) return false;
    *ret_operation = operation;
    return true;
}

/* An open answer is one text of JSON. */
static const struct field open_output[] = {
    {.name = "json", .type = FIELD_OPEN, .required = true,
     .label = {"het antwoord als JSON", "the answer as JSON"}}};

/* `answers` as a record of the questions asked. Of a change each is optional, but not what is
 * within it: a list comes whole. False: scratch is used up. */
static bool type_answers(const struct contract *contract, enum contract_answers answers,
                         struct scratch *scratch, struct field *field) {
    static const char *const schemas[] = {[ANSWERS_OF_QUOTE] = "Answers",
                                          [ANSWERS_OF_ACCEPTANCE] = "AcceptanceAnswers",
                                          [ANSWERS_OF_CHANGE] = "ChangedAnswers"};
    static const struct text change_help = {
        "Alleen wat verandert: de andere blijven zoals ze waren.",
        "Only what changes: the others stay as they were."};
    const struct product_version *version = contract->version;
    const struct question_fields *asked =
        answers == ANSWERS_OF_ACCEPTANCE ? &version->acceptance : &version->fields;
    field->type = FIELD_RECORD;
    field->fields = asked->fields;
    field->field_count = asked->count;
    field->schema = schemas[answers];
    field->help = (struct text){NULL, NULL};
    if (answers != ANSWERS_OF_CHANGE) return true;
    struct field *optional = scratch_take(scratch, (size_t)asked->count * sizeof *optional);
    if (!optional) return false;
    for (int at = 0; at < asked->count; at++) {
        optional[at] = asked->fields[at];
        optional[at].required = false;
    }
    field->fields = optional;
    field->help = change_help;
    return true;
}

bool contract_row_make(const struct contract *contract, const struct operation *operation,
                       struct scratch *scratch, struct contract_row *ret_row) {
    enum contract_answers answers = contract_answers(contract, operation);
    *ret_row = (struct contract_row){.operation = operation, .input = operation->input,
                                     .input_count = operation->input_count,
                                     .output = operation->output,
                                     .output_count = operation->output_count,
                                     .implied = answers == ANSWERS_OF_QUOTE};
    if (operation->output_open) {
        ret_row->output = open_output;
        ret_row->output_count = 1;
    }
    if (answers == ANSWERS_BY_NAME) return true;
    struct field *fields =
        scratch_take(scratch, (size_t)operation->input_count * sizeof *fields);
    if (!fields) return false;
    int count = 0;
    for (int at = 0; at < operation->input_count; at++) {
        const struct field *field = &operation->input[at];
        if (ret_row->implied && strcmp(field->name, "product") == 0) continue;
        fields[count] = *field;
        if (strcmp(field->name, "answers") == 0 &&
            !type_answers(contract, answers, scratch, &fields[count]))
            return false;
        count++;
    }
    ret_row->input = fields;
    ret_row->input_count = count;
    return true;
}

int contract_rows(const struct contract *contract, struct scratch *scratch,
                  struct contract_row ret_rows[CONTRACT_ROWS_MAX]) {
    int count = 0;
    for (int group = 0; group < operation_group_count; group++) {
        for (int at = 0; at < operation_groups[group]->count; at++) {
            const struct operation *operation = &operation_groups[group]->operations[at];
            if (!belongs(contract, operation) || count == CONTRACT_ROWS_MAX) continue;
            if (!contract_row_make(contract, operation, scratch, &ret_rows[count])) return -1;
            count++;
        }
    }
    return count;
}

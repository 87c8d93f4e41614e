/* The rules by which leads find their office: read, and replaced as a whole. */
#include <string.h>

#include "domain/lead_market.h"
#include "domain/service.h"
#include "lead_common.h"

/* ---- fields --------------------------------------------------------------------------------- */
static const struct field weight_item[] = {
    {.name = "weight", .type = FIELD_INTEGER, .required = true, .minimum = "0", .maximum = "1000",
     .label = {"gewicht", "weight"}}};
_Static_assert(LEAD_WEIGHT_MAX == 1000 && LEAD_LOAD_MAX == 10000, "the fields say so");
static const struct field rule_fields[] = {
    {.name = "rule", .type = FIELD_CHOICE, .required = true, .choices = lead_rule_kinds,
     .choice_count = LEAD_RULE_KINDS, .label = {"regel", "rule"}},
    {.name = "required", .type = FIELD_BOOLEAN, .required = true,
     .label = {"verplicht", "required"},
     .help = {"Onwaar: een voorkeur, die vervalt als er anders niemand overblijft.",
              "False: a preference, which is passed over when nobody would be left."}},
    {.name = "value", .type = FIELD_INTEGER, .minimum = "1", .maximum = "10000",
     .label = {"hoeveel leads hooguit", "how many leads at most"},
     .help = {"Alleen bij load.", "With load alone."}},
    {.name = "weights", .type = FIELD_LIST, .length_minimum = LEAD_GRADES,
     .length_maximum = LEAD_GRADES, .fields = weight_item, .field_count = 1,
     .label = {"gewichten van de klassen", "weights of the grades"},
     .help = {"Alleen bij grade: van A, B, C, D en geen klasse.",
              "With grade alone: of A, B, C, D and no grade."}}};
static const struct field rule_item[] = {
    {.name = "rule", .type = FIELD_RECORD, .required = true, .fields = rule_fields,
     .field_count = sizeof rule_fields / sizeof *rule_fields, .schema = "LeadRule"}};
#define RULES_FIELDS                                                                              \
    {.name = "offer_hours", .type = FIELD_INTEGER, .required = true, .minimum = "1",              \
     .maximum = "400", .label = {"werkuren om te antwoorden", "working hours to answer"},         \
     .help = {"Maandag tot en met vrijdag van 9 tot 17 uur, behalve op feestdagen.",              \
              "Monday to Friday from 9 to 17, but for public holidays."},                         \
     .example = "8"},                                                                             \
    {.name = "rules", .type = FIELD_LIST, .required = true, .length_maximum = LEAD_RULES_MAX,     \
     .fields = rule_item, .field_count = 1,                                                       \
     .label = {"regels, in volgorde", "rules, in order"}}
_Static_assert(LEAD_OFFER_HOURS_MAX == 400, "the field says so");
static const struct field rules_input[] = {RULES_FIELDS};
static const struct field rules_output[] = {
    {.name = "revision", .type = FIELD_INTEGER, .required = true,
     .label = {"volgnummer van de wijziging", "revision"},
     .help = {"0: de regels waarmee elke installatie begint.",
              "0: the rules that every installation begins with."}},
    RULES_FIELDS};

/* ---- reading -------------------------------------------------------------------------------- */
static int read_body(struct db_tx *tx, void *context, struct error *error) {
    return lead_rules_read(tx, error, context);
}

static struct value weights_value(struct call *call, const int weights[LEAD_GRADES],
                                  bool *failed) {
    struct list list;
    struct record number; /* by which an integer becomes a value */
    list_init(&list, call->scratch);
    for (int i = 0; i < LEAD_GRADES; i++) {
        record_init(&number, call->scratch);
        record_set_integer(&number, "weight", weights[i]);
        *failed |= number.failed;
        if (!number.failed) list_add(&list, number.entries[0].value);
    }
    *failed |= list.failed;
    return list_value(&list);
}

static int rules_answer(struct call *call, const struct lead_rule_list *rules) {
    struct record record;
    struct list list;
    list_init(&list, call->scratch);
    for (int i = 0; i < rules->count; i++) {
        const struct lead_rule *rule = &rules->rules[i];
        struct record item;
        bool failed = false;
        record_init(&item, call->scratch);
        record_set_text(&item, "rule", lead_rule_kinds[rule->kind].code);
        record_set_boolean(&item, "required", rule->required);
        if (rule->kind == LEAD_RULE_LOAD) record_set_integer(&item, "value", rule->value);
        if (rule->kind == LEAD_RULE_GRADE)
            record_set(&item, "weights", weights_value(call, rule->weights, &failed));
        list.failed |= item.failed || failed;
        list_add(&list, record_value(&item));
    }
    record_init(&record, call->scratch);
    record_set_integer(&record, "revision", rules->revision);
    record_set_integer(&record, "offer_hours", rules->offer_hours);
    record_set(&record, "rules", list_value(&list));
    if (list.failed || record.failed) return lead_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

static int get_rules(struct call *call) {
    struct lead_rule_list rules;
    int status = call_read(call, read_body, &rules);
    return status ? status : rules_answer(call, &rules);
}

/* ---- replacing ------------------------------------------------------------------------------ */
static void rule_take(const struct value *item, struct lead_rule *ret_rule) {
    const struct value *weights = record_get(item, "weights");
    struct lead_rule rule = {.required = record_get_boolean(item, "required", true),
                             .value = (int)record_get_integer(item, "value", 0)};
    for (int kind = 0; kind < LEAD_RULE_KINDS; kind++)
        if (record_text_is(item, "rule", lead_rule_kinds[kind].code))
            rule.kind = (enum lead_rule_kind)kind;
    for (uint32_t i = 0; weights && i < weights->length && i < LEAD_GRADES; i++) {
        const struct value_entry entry = record_entry("weight", weights->items[i]);
        const struct value one = value_context((struct value_entry *)&entry, 1);
        rule.weights[i] = (int)record_get_integer(&one, "weight", 0);
    }
    *ret_rule = rule;
}

struct replacing {
    struct lead_rule_list rules;
    const char *changed_by;
    int64_t now_us;
};

static int replace_body(struct db_tx *tx, void *context, struct error *error) {
    const struct replacing *replacing = context;
    return lead_rules_insert(tx, &replacing->rules, replacing->changed_by, replacing->now_us,
                             error);
}

static int put_rules(struct call *call) {
    struct replacing replacing = {.now_us = call->now_us,
                                  .changed_by = caller_counted_id(&call->caller)};
    struct lead_rule_list *rules = &replacing.rules;
    const struct value *given = record_get(&call->input, "rules");
    int status = call_read(call, read_body, rules);
    if (!status) status = call_check_revision(call, rules->revision);
    if (status) return status;
    rules->revision++;
    rules->offer_hours =
        (int)record_get_integer(&call->input, "offer_hours", LEAD_OFFER_HOURS_DEFAULT);
    rules->count = 0;
    for (uint32_t i = 0; i < given->length && rules->count < LEAD_RULES_MAX; i++)
        rule_take(&given->items[i], &rules->rules[rules->count++]);
    const struct text *wrong = lead_rules_wrong(rules->rules, rules->count);
    if (wrong) {
        field_fault_add(&call->faults, "/rules", "rules", "%s", text_in(wrong, call->language));
        return ERROR_INVALID;
    }
    status = rules_answer(call, rules);
    if (!status) status = call_write(call, NULL, replace_body, &replacing);
    if (status != ERROR_CONFLICT) return status;
    error_clear(&call->error);
    return call_refuse_revision(call);
}

/* ---- the table ------------------------------------------------------------------------------ */
static const char *const put_refusals[] = {"precondition_required", "precondition_failed", NULL};

static const struct operation operations[] = {
    {.name = "GetLeadRules",
     .method = "GET",
     .path = "/lead-rules",
     .summary = {"De regels waarmee leads hun kantoor vinden",
                 "The rules by which leads find their office"},
     .callers = CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ORGANISATION_ALL,
     .output = rules_output,
     .output_count = sizeof rules_output / sizeof *rules_output,
     .status = 200,
     .revised = true,
     .rate = RATE_READ,
     .run = get_rules},
    {.name = "PutLeadRules",
     .method = "PUT",
     .path = "/lead-rules",
     .summary = {"Vervang de regels waarmee leads hun kantoor vinden",
                 "Replace the rules by which leads find their office"},
     .callers = CALLER_ORGANISATION | CALLER_USER,
     .roles = LEAD_ROLES_STEERING,
     .input = rules_input,
     .input_count = sizeof rules_input / sizeof *rules_input,
     .output = rules_output,
     .output_count = sizeof rules_output / sizeof *rules_output,
     .status = 200,
     .audited = true,
     .revised = true,
     .if_match = true,
     .rate = RATE_QUOTE,
     .refusals = put_refusals,
     .run = put_rules}};

extern const struct operation_group api_lead_rules;
const struct operation_group api_lead_rules = {.name = "leads",
                                               .operations = operations,
                                               .count = sizeof operations / sizeof *operations};

/* Puts the schema together: the fields' own schema from their descriptors, then what only a product
 * knows. */
#include "domain/product_describe.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "domain/answers.h"
#include "message/json.h"

struct description {
    const struct product_version *version;
    const struct product_info *info;
    enum language language;
    struct scratch *scratch;
    bool undated; /* relative bounds of dates stand as distances: no date is known */
    bool failed, starved; /* starved: the heap, not scratch, is used up */
};

static struct value described(struct description *description, const struct text *text) {
    const char *words = text_in(text, description->language);
    return value_text(words, strlen(words));
}

static struct value finish(struct description *description, const struct record *record) {
    description->failed |= record->failed;
    return record_value(record);
}

/* ---- conditions ----------------------------------------------------------------------------- */
/* What cannot be said, and why. */
static const struct text unsaid = {
    "De voorwaarde in x-shown-when staat hier niet of niet helemaal als schema: JSON Schema kent "
    "geen volgorde van teksten, zoals bedragen en datums, en geen functies. De dienst toetst haar.",
    "The condition in x-shown-when does not stand here as a schema, or not all of it: JSON Schema "
    "has no order of texts, such as amounts and dates, and no functions. The service checks it."};

/* if shown then (required) else absent */
static struct value rule_of(struct description *description,
                            const struct product_question *question, struct value shown,
                            bool whole) {
    struct record rule, then, otherwise, absent;
    struct list required;
    record_init(&rule, description->scratch);
    record_init(&then, description->scratch);
    record_init(&otherwise, description->scratch);
    record_init(&absent, description->scratch);
    list_init(&required, description->scratch);
    list_add(&required, value_text(question->name, strlen(question->name)));
    description->failed |= required.failed;
    record_set(&rule, "if", shown);
    if (question->required && whole) {
        record_set(&then, "required", list_value(&required));
        record_set(&rule, "then", finish(description, &then));
    }
    record_set_boolean(&absent, question->name, false);
    record_set(&otherwise, "properties", finish(description, &absent));
    record_set(&rule, "else", finish(description, &otherwise));
    return finish(description, &rule);
}

/* ---- questions ------------------------------------------------------------------------------ */
/* The questions of one record, and the rules among them. */
struct questions {
    const struct product_question *items;
    int count;
    struct list rules;
};

static struct value extend_all(struct description *description, struct value properties,
                               struct questions *questions);

/* The item's schema of a list of records gets the same additions within. */
static struct value extend_items(struct description *description, struct value items,
                                 const struct product_question *question) {
    struct questions inner = {.items = question->questions, .count = question->question_count};
    struct record record;
    record_init(&record, description->scratch);
    list_init(&inner.rules, description->scratch);
    for (uint32_t i = 0; i < items.length; i++) {
        const struct value_entry *entry = &items.entries[i];
        bool properties = entry->name_length == 10 && memcmp(entry->name, "properties", 10) == 0;
        record_set(&record, entry->name,
                   properties ? extend_all(description, entry->value, &inner) : entry->value);
    }
    if (inner.rules.count) record_set(&record, "allOf", list_value(&inner.rules));
    return finish(description, &record);
}

static void extend_condition(struct description *description, struct questions *questions,
                             const struct product_question *question, struct record *schema) {
    struct value shown;
    bool whole = false;
    if (condition_describe(questions->items, questions->count, question->shown_when,
                           description->scratch, &whole, &shown))
        list_add(&questions->rules, rule_of(description, question, shown, whole));
    description->failed |= questions->rules.failed;
    record_set_text(schema, "x-shown-when", question->shown_when);
    if (question->required) record_set_boolean(schema, "x-required-when-shown", true);
    if (!whole) record_set(schema, "$comment", described(description, &unsaid));
}

/* A bound on a date that counts from the quote's effective date. */
static void extend_distance(struct record *schema, const char *keyword, const char *bound) {
    if (question_bound_relative(bound)) record_set_text(schema, keyword, bound);
}

static struct value extend(struct description *description, const struct value *schema,
                           struct questions *questions, const struct product_question *question) {
    struct record record;
    record_init(&record, description->scratch);
    for (uint32_t i = 0; i < schema->length; i++) {
        const struct value_entry *entry = &schema->entries[i];
        bool items = question->type == QUESTION_RECORDS && entry->name_length == 5 &&
                     memcmp(entry->name, "items", 5) == 0;
        record_set(&record, entry->name,
                   items ? extend_items(description, entry->value, question) : entry->value);
    }
    if (question->shown_when) extend_condition(description, questions, question, &record);
    if (description->undated && question->type == QUESTION_DATE) {
        extend_distance(&record, "x-minimum", question->minimum);
        extend_distance(&record, "x-maximum", question->maximum);
    }
    if (question->sensitive) record_set_boolean(&record, "x-sensitive", true);
    if (!question->changeable) record_set_boolean(&record, "x-changeable", false);
    if (question->afd) record_set_text(&record, "x-afd", question->afd);
    return finish(description, &record);
}

static struct value extend_all(struct description *description, struct value properties,
                               struct questions *questions) {
    struct record record;
    record_init(&record, description->scratch);
    for (int i = 0; i < questions->count; i++) {
        const struct product_question *question = &questions->items[i];
        const struct value *schema = record_get(&properties, question->name);
        if (schema)
            record_set(&record, question->name,
                       extend(description, schema, questions, question));
    }
    return finish(description, &record);
}

/* ---- the product ---------------------------------------------------------------------------- */
static struct value examples_of(struct description *description) {
    struct list examples;
    list_init(&examples, description->scratch);
    for (int i = 0; i < description->info->example_count; i++) {
        struct buffer text;
        struct json_fault fault;
        struct value example;
        /* Through JSON, so that an example is written exactly as answers are to be sent. */
        buffer_init(&text, ANSWERS_JSON_MAX_BYTES);
        answers_write(description->version, &description->info->examples[i], &text);
        int status = text.failed ? (int)buffer_failure(&text)
                                 : json_read(text.data, text.length, NULL, description->scratch,
                                             &fault, &example);
        if (!status) list_add(&examples, example);
        description->failed |= status != 0;
        description->starved |= status == ERROR_NO_MEMORY;
        buffer_done(&text);
    }
    description->failed |= examples.failed;
    return list_value(&examples);
}

static struct value titled(struct description *description, const char *code,
                           const struct text *label) {
    struct record record;
    record_init(&record, description->scratch);
    record_set_text(&record, "code", code);
    record_set(&record, "title", described(description, label));
    return finish(description, &record);
}

static struct value product_of(struct description *description) {
    const struct product_info *info = description->info;
    struct record record;
    struct list covers, terms;
    record_init(&record, description->scratch);
    list_init(&covers, description->scratch);
    list_init(&terms, description->scratch);
    for (int i = 0; i < info->cover_count; i++)
        list_add(&covers, titled(description, info->covers[i].code, &info->covers[i].label));
    for (int i = 0; i < info->term_count; i++)
        list_add(&terms, titled(description, info->terms[i].code, &info->terms[i].label));
    record_set_text(&record, "name", info->name);
    record_set_integer(&record, "interface", info->interface);
    record_set_integer(&record, "version", description->version->number);
    record_set_text(&record, "hash", description->version->hash);
    record_set_text(&record, "effective_from", description->version->effective_from);
    record_set_text(&record, "currency", info->currency);
    record_set_integer(&record, "valid_days", info->valid_days);
    record_set_integer(&record, "effective_days_ahead", info->effective_days_ahead);
    record_set(&record, "covers", list_value(&covers));
    record_set(&record, "terms", list_value(&terms));
    description->failed |= covers.failed || terms.failed;
    return finish(description, &record);
}

/* The schema of the answers to these questions, behind what stands in it already. */
static void describe_answers(struct description *description,
                             const struct product_question *items, int count,
                             const struct field *fields, struct record *schema) {
    struct questions questions = {.items = items, .count = count};
    struct value base;
    if (!fields || !field_schema_record(fields, count, description->language, NULL,
                                        description->scratch, &base)) {
        description->failed = true;
        return;
    }
    const struct value *properties = record_get(&base, "properties");
    for (uint32_t i = 0; i < base.length; i++)
        record_set(schema, base.entries[i].name, base.entries[i].value);
    list_init(&questions.rules, description->scratch);
    if (properties)
        record_set(schema, "properties", extend_all(description, *properties, &questions));
    if (questions.rules.count) record_set(schema, "allOf", list_value(&questions.rules));
}

static int conclude(const struct description *description, const struct record *schema) {
    if (description->starved) return ERROR_NO_MEMORY;
    return description->failed || schema->failed ? ERROR_TOO_LARGE : 0;
}

int product_describe(const struct product_version *version, const char *id,
                     const struct value_date *effective_date, enum language language,
                     struct scratch *scratch, struct value *ret_schema) {
    const struct product_info *info = product_info(version->product);
    struct description description = {
        .version = version, .info = info, .language = language, .scratch = scratch};
    struct record schema;
    record_init(&schema, scratch);
    record_set_text(&schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
    record_set_text(&schema, "$id", id);
    record_set(&schema, "title", described(&description, &info->title));
    if (*text_in(&info->description, language))
        record_set(&schema, "description", described(&description, &info->description));
    describe_answers(&description, info->questions, info->question_count,
                     question_fields_on(&version->fields, effective_date, scratch), &schema);
    record_set(&schema, "x-product", product_of(&description));
    record_set(&schema, "examples", examples_of(&description));
    int status = conclude(&description, &schema);
    if (!status) *ret_schema = record_value(&schema);
    return status;
}

/* ---- an interface --------------------------------------------------------------------------- */
static void interface_begin(struct description *description, struct record *schema) {
    struct record product;
    record_init(schema, description->scratch);
    record_init(&product, description->scratch);
    record_set_text(&product, "name", description->info->name);
    record_set_integer(&product, "interface", description->info->interface);
    record_set(schema, "title", described(description, &description->info->title));
    record_set(schema, "x-product", finish(description, &product));
}

int product_describe_interface(const struct product_version *version, enum language language,
                               struct scratch *scratch, struct value *ret_answers,
                               struct value *ret_acceptance) {
    const struct product_info *info = product_info(version->product);
    const struct product_policy *policy = info->policy;
    struct description description = {.version = version, .info = info, .language = language,
                                      .scratch = scratch, .undated = true};
    struct record answers, acceptance;
    interface_begin(&description, &answers);
    describe_answers(&description, info->questions, info->question_count,
                     question_fields_on(&version->fields, NULL, scratch), &answers);
    record_set(&answers, "examples", examples_of(&description));
    interface_begin(&description, &acceptance);
    if (policy)
        describe_answers(&description, policy->questions, policy->question_count,
                         question_fields_on(&version->acceptance, NULL, scratch), &acceptance);
    description.failed |= acceptance.failed;
    int status = conclude(&description, &answers);
    if (status) return status;
    *ret_answers = record_value(&answers);
    *ret_acceptance = policy ? record_value(&acceptance) : value_null();
    return 0;
}

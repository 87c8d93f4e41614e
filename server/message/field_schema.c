/* Descriptors as JSON Schema (2020-12): the same rules that field_check.c enforces, so that whoever
 * validates by the schema sends what is accepted. What JSON Schema cannot say (the range of a date
 * or of an amount) stands in the description, and in x-minimum and x-maximum, keywords of ours. */
#include <stdio.h>
#include <string.h>

#include "field_rules.h"
#include "json.h"
#include "record.h"

struct writer {
    enum language language;
    const char *prefix; /* of references to named records; NULL: inline */
    bool answer;
    struct scratch *scratch;
    bool failed;
};

static struct value schema_of(struct writer *writer, const struct field *field, int depth);

static struct value text_of(const char *text) {
    return value_text(text, strlen(text));
}

static struct value copied(struct writer *writer, const char *text) {
    size_t length = strlen(text);
    char *copy = scratch_take(writer->scratch, length + 1);
    if (!copy) {
        writer->failed = true;
        return value_null();
    }
    memcpy(copy, text, length + 1);
    return value_text(copy, length);
}

static struct value finish(struct writer *writer, const struct record *record) {
    if (record->failed) writer->failed = true;
    return record_value(record);
}

/* ---- keywords by type ----------------------------------------------------------------------- */

static void set_bound(struct record *schema, const char *keyword, const char *bound) {
    struct decimal number;
    if (bound && decimal_parse(bound, strlen(bound), &number)) {
        record_set(schema, keyword, value_number(number));
    }
}

static void set_text_rules(struct writer *writer, const struct field *field,
                           struct record *schema) {
    if (writer->answer) {
        record_set_text(schema, "type", "string");
        if (field->format) record_set_text(schema, "format", field->format);
        return;
    }
    record_set_text(schema, "type", "string");
    int minimum = field_length_minimum(field);
    if (minimum > 0) record_set_integer(schema, "minLength", minimum);
    record_set_integer(schema, "maxLength", field_length_maximum(field));
    if (field->pattern) {
        char pattern[1024];
        int length = snprintf(pattern, sizeof pattern, "^(?:%s)$", field->pattern);
        if (length > 0 && length < (int)sizeof pattern) {
            record_set(schema, "pattern", copied(writer, pattern));
        }
    }
    if (field->format) record_set_text(schema, "format", field->format);
}

static void set_choice_rules(struct writer *writer, const struct field *field,
                             struct record *schema) {
    record_set_text(schema, "type", "string");
    struct list codes, titled;
    list_init(&codes, writer->scratch);
    list_init(&titled, writer->scratch);
    for (int at = 0; at < field->choice_count; at++) {
        const struct field_choice *choice = &field->choices[at];
        const char *label = text_in(&choice->label, writer->language);
        struct record one;
        record_init(&one, writer->scratch);
        record_set_text(&one, "const", choice->code);
        record_set_text(&one, "title", *label ? label : choice->code);
        list_add(&codes, text_of(choice->code));
        list_add(&titled, finish(writer, &one));
    }
    if (codes.failed || titled.failed) writer->failed = true;
    if (writer->answer) { /* later there may be more */
        if (codes.count > 0) record_set(schema, "examples", list_value(&codes));
        return;
    }
    record_set(schema, "enum", list_value(&codes));
    record_set(schema, "oneOf", list_value(&titled));
}

/* An amount is a string, to which no keyword of the standard sets a bound. */
static void set_amount_bound(struct record *schema, const char *keyword, const char *bound) {
    if (bound) record_copy_text(schema, keyword, bound, strlen(bound));
}

static void set_money_rules(const struct writer *writer, const struct field *field,
                            struct record *schema) {
    struct decimal bound;
    bool negative = writer->answer || !field->minimum ||
                    !decimal_parse(field->minimum, strlen(field->minimum), &bound) ||
                    decimal_sign(bound) < 0;
    record_set_text(schema, "type", "string");
    if (writer->answer) {
        record_set_text(schema, "pattern", "^-?[0-9]+\\.[0-9]{2}$");
    } else {
        record_set_text(schema, "pattern", negative ? "^-?[0-9]{1,15}(?:\\.[0-9]{1,2})?$"
                                                    : "^[0-9]{1,15}(?:\\.[0-9]{1,2})?$");
        set_amount_bound(schema, "x-minimum", field->minimum);
        set_amount_bound(schema, "x-maximum", field->maximum);
    }
}

/* The standard knows no bounds of a date: formatMinimum and formatMaximum are what validators with
 * an extension read, x-minimum and x-maximum are for the others. */
static void set_date_bounds(const struct writer *writer, const struct field *field,
                            struct record *schema) {
    if (writer->answer) return;
    if (field->minimum) {
        record_copy_text(schema, "formatMinimum", field->minimum, strlen(field->minimum));
        record_copy_text(schema, "x-minimum", field->minimum, strlen(field->minimum));
    }
    if (field->maximum) {
        record_copy_text(schema, "formatMaximum", field->maximum, strlen(field->maximum));
        record_copy_text(schema, "x-maximum", field->maximum, strlen(field->maximum));
    }
}

/* The schema, or null. */
static struct value or_null(struct writer *writer, struct value schema) {
    struct value *either = scratch_take(writer->scratch, 2 * sizeof *either);
    struct record none, any;
    if (!either) {
        writer->failed = true;
        return schema;
    }
    record_init(&none, writer->scratch);
    record_set_text(&none, "type", "null");
    either[0] = schema;
    either[1] = finish(writer, &none);
    record_init(&any, writer->scratch);
    record_set(&any, "anyOf", value_list(either, 2));
    return finish(writer, &any);
}

static void set_list_rules(struct writer *writer, const struct field *field,
                           struct record *schema, int depth) {
    record_set_text(schema, "type", "array");
    record_set(schema, "items", schema_of(writer, field->fields, depth + 1));
    if (writer->answer) return;
    int minimum = field_length_minimum(field);
    if (minimum > 0) record_set_integer(schema, "minItems", minimum);
    record_set_integer(schema, "maxItems", field_length_maximum(field));
}

/* What may be left out of a request may be null as well, as many programs write it. Questions of a
 * product are described as they are answered: there null is one more way of not doing so. */
static bool takes_null(const struct writer *writer, const struct field *field) {
    return !writer->answer && writer->prefix && !field->required && field->type != FIELD_OPEN;
}

static void set_record_rules(struct writer *writer, const struct field *fields, int field_count,
                             struct record *schema, int depth) {
    struct record properties;
    struct list required;
    record_init(&properties, writer->scratch);
    list_init(&required, writer->scratch);
    for (int at = 0; at < field_count; at++) {
        const struct field *field = &fields[at];
        struct value own = schema_of(writer, field, depth + 1);
        if (takes_null(writer, field)) own = or_null(writer, own);
        record_set(&properties, field->name, own);
        if (field->required || (writer->answer && field->nullable)) {
            list_add(&required, text_of(field->name));
        }
    }
    if (required.failed) writer->failed = true;
    record_set_text(schema, "type", "object");
    record_set(schema, "properties", finish(writer, &properties));
    if (required.count > 0) record_set(schema, "required", list_value(&required));
    if (!writer->answer) record_set_boolean(schema, "additionalProperties", false);
}

static void set_type_rules(struct writer *writer, const struct field *field,
                           struct record *schema, int depth) {
    switch (field->type) {
    case FIELD_TEXT:
        set_text_rules(writer, field, schema);
        break;
    case FIELD_CHOICE:
        set_choice_rules(writer, field, schema);
        break;
    case FIELD_INTEGER:
    case FIELD_DECIMAL:
        record_set_text(schema, "type", field->type == FIELD_INTEGER ? "integer" : "number");
        set_bound(schema, "minimum", field->minimum);
        set_bound(schema, "maximum", field->maximum);
        break;
    case FIELD_MONEY:
        set_money_rules(writer, field, schema);
        break;
    case FIELD_DATE:
        record_set_text(schema, "type", "string");
        record_set_text(schema, "format", "date");
        set_date_bounds(writer, field, schema);
        break;
    case FIELD_DATE_TIME:
        record_set_text(schema, "type", "string");
        record_set_text(schema, "format", "date-time");
        break;
    case FIELD_BINARY:
        record_set_text(schema, "type", "string");
        record_set_text(schema, "contentEncoding", "base64");
        break;
    case FIELD_BOOLEAN:
        record_set_text(schema, "type", "boolean");
        break;
    case FIELD_LIST:
        set_list_rules(writer, field, schema, depth);
        break;
    case FIELD_RECORD:
        set_record_rules(writer, field->fields, field->field_count, schema, depth);
        break;
    case FIELD_OPEN:
        break;
    }
}

/* ---- a field --------------------------------------------------------------------------------- */

/* The help, and in words what the keywords cannot say. */
static void set_description(struct writer *writer, const struct field *field,
                            struct record *schema) {
    const char *help = text_in(&field->help, writer->language);
    bool unsaid = !writer->answer && (field->minimum || field->maximum) &&
                  (field->type == FIELD_MONEY || field->type == FIELD_DATE ||
                   field->type == FIELD_DATE_TIME);
    if (!unsaid) {
        if (*help) record_set_text(schema, "description", help);
        return;
    }
    char allowed[FIELD_MESSAGE_MAX], text[2 * FIELD_MESSAGE_MAX + 16];
    field_describe(field, writer->language, allowed);
    int length = snprintf(text, sizeof text, "%s%s%s: %s.", help, *help ? " " : "",
                          writer->language == LANGUAGE_EN ? "Allowed" : "Toegestaan", allowed);
    if (length > 0 && length < (int)sizeof text) {
        record_set(schema, "description", copied(writer, text));
    } else {
        record_set_text(schema, "description", help);
    }
}

static void set_example(struct writer *writer, const struct field *field, struct record *schema) {
    if (!field->example) return;
    struct json_limits limits = {.scalar_root = true};
    struct json_fault fault;
    struct value *example = scratch_take(writer->scratch, sizeof *example);
    if (!example || json_read(field->example, strlen(field->example), &limits, writer->scratch,
                              &fault, example) != 0) {
        writer->failed = true;
        return;
    }
    record_set(schema, "examples", value_list(example, 1));
}

static struct value reference(struct writer *writer, const char *name) {
    char target[200];
    struct record record;
    int length = snprintf(target, sizeof target, "%s%s", writer->prefix, name);
    if (length < 0 || length >= (int)sizeof target) writer->failed = true;
    record_init(&record, writer->scratch);
    record_set(&record, "$ref", copied(writer, target));
    return finish(writer, &record);
}

static struct value schema_of(struct writer *writer, const struct field *field, int depth) {
    struct record schema;
    if (depth > FIELD_DEPTH_MAX) {
        writer->failed = true;
        return value_null();
    }
    if (field->type == FIELD_RECORD && field->schema && writer->prefix) {
        struct value target = reference(writer, field->schema);
        return writer->answer && field->nullable ? or_null(writer, target) : target;
    }
    record_init(&schema, writer->scratch);
    const char *title = text_in(&field->label, writer->language);
    if (*title) record_set_text(&schema, "title", title);
    set_description(writer, field, &schema);
    set_type_rules(writer, field, &schema, depth);
    set_example(writer, field, &schema);
    struct value made = finish(writer, &schema);
    bool may_be_null = writer->answer && field->nullable && field->type != FIELD_OPEN;
    return may_be_null ? or_null(writer, made) : made;
}

static bool record_schema(struct writer writer, const struct field *fields, int field_count,
                          struct value *ret_schema) {
    struct record schema;
    record_init(&schema, writer.scratch);
    set_record_rules(&writer, fields, field_count, &schema, 0);
    struct value made = finish(&writer, &schema);
    if (writer.failed) return false;
    *ret_schema = made;
    return true;
}

bool field_schema_record(const struct field *fields, int field_count, enum language language,
                         const char *component_prefix, struct scratch *scratch,
                         struct value *ret_schema) {
    return record_schema((struct writer){.language = language, .prefix = component_prefix,
                                         .scratch = scratch},
                         fields, field_count, ret_schema);
}

bool field_schema_answer(const struct field *fields, int field_count, enum language language,
                         const char *component_prefix, struct scratch *scratch,
                         struct value *ret_schema) {
    return record_schema((struct writer){.language = language, .prefix = component_prefix,
                                         .scratch = scratch, .answer = true},
                         fields, field_count, ret_schema);
}

bool field_schema(const struct field *field, enum language language, const char *component_prefix,
                  struct scratch *scratch, struct value *ret_schema) {
    struct writer writer = {.language = language, .prefix = component_prefix, .scratch = scratch};
    struct value made = schema_of(&writer, field, 0);
    if (writer.failed) return false;
    *ret_schema = made;
    return true;
}

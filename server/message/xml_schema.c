/* Descriptors as XML Schema. Facets say what every tool takes: enumerations, digits, lengths and
 * ranges of numbers. Patterns and bounds of dates are left to the service: tools differ in their
 * regular expressions, and a bound may move with the day. */
#include <string.h>

#include "field_rules.h"
#include "xml_field.h"

static void write_element(struct xml_schema *schema, const struct field *field, bool item);

static void write_quoted(struct xml_schema *schema, const char *name, const char *value) {
    buffer_format(schema->buffer, " %s=\"", name);
    xml_write_text(value, strlen(value), schema->buffer);
    buffer_char(schema->buffer, '"');
}

static void write_documentation(struct xml_schema *schema, const struct field *field) {
    const char *label = text_in(&field->label, schema->language);
    const char *help = text_in(&field->help, schema->language);
    if (!*label && !*help) return;
    buffer_format(schema->buffer, "<xs:annotation><xs:documentation xml:lang=\"%s\">",
                  schema->language == LANGUAGE_EN ? "en" : "nl");
    xml_write_text(label, strlen(label), schema->buffer);
    if (*label && *help) buffer_text(schema->buffer, ". ");
    xml_write_text(help, strlen(help), schema->buffer);
    buffer_text(schema->buffer, "</xs:documentation></xs:annotation>");
}

/* ---- single values -------------------------------------------------------------------------- */

static const char *base_of(const struct field *field) {
    switch (field->type) {
    case FIELD_INTEGER: return "xs:long";
    case FIELD_DECIMAL:
    case FIELD_MONEY: return "xs:decimal";
    case FIELD_DATE: return "xs:date";
    case FIELD_DATE_TIME: return "xs:dateTime";
    case FIELD_BOOLEAN: return "xs:boolean";
    case FIELD_BINARY: return "xs:base64Binary";
    default: return "xs:string";
    }
}

static void write_facet(struct xml_schema *schema, const char *facet, const char *value) {
    buffer_format(schema->buffer, "<xs:%s", facet);
    write_quoted(schema, "value", value);
    buffer_text(schema->buffer, "/>");
}

static bool has_facets(const struct field *field) {
    switch (field->type) {
    case FIELD_CHOICE:
    case FIELD_MONEY: return true;
    case FIELD_TEXT: return field->length_minimum > 0 || field->length_maximum > 0;
    case FIELD_DECIMAL: return true;
    case FIELD_INTEGER: return field->minimum || field->maximum;
    default: return false;
    }
}

static void write_facets(struct xml_schema *schema, const struct field *field) {
    struct buffer *buffer = schema->buffer;
    for (int at = 0; at < field->choice_count; at++)
        write_facet(schema, "enumeration", field->choices[at].code);
    if (field->type == FIELD_TEXT && field->length_minimum > 0)
        buffer_format(buffer, "<xs:minLength value=\"%d\"/>", field->length_minimum);
    if (field->type == FIELD_TEXT && field->length_maximum > 0)
        buffer_format(buffer, "<xs:maxLength value=\"%d\"/>", field->length_maximum);
    if (field->type == FIELD_MONEY || field->type == FIELD_DECIMAL)
        buffer_format(buffer, "<xs:fractionDigits value=\"%d\"/>",
                      field->type == FIELD_MONEY ? 2 : field->fraction_digits);
    if (field->type == FIELD_CHOICE || field->type == FIELD_TEXT) return;
    if (field->minimum) write_facet(schema, "minInclusive", field->minimum);
    if (field->maximum) write_facet(schema, "maxInclusive", field->maximum);
}

/* ---- named types ---------------------------------------------------------------------------- */

/* True: it is, or now has become, a type of that name. Another shape under the same name cannot
 * be, and stands inline. */
static bool refer(struct xml_schema *schema, const struct field *record) {
    if (!record->schema) return false;
    for (int at = 0; at < schema->type_count; at++)
        if (strcmp(schema->types[at]->schema, record->schema) == 0)
            return schema->types[at]->fields == record->fields &&
                   schema->types_output[at] == schema->output;
    if (schema->type_count == XML_TYPES_MAX) return false;
    schema->types[schema->type_count] = record;
    schema->types_output[schema->type_count++] = schema->output;
    return true;
}

static void write_record_type(struct xml_schema *schema, const struct field *record,
                              const char *name) {
    buffer_text(schema->buffer, "<xs:complexType");
    if (name) write_quoted(schema, "name", name);
    buffer_text(schema->buffer, "><xs:sequence>");
    field_schema_xml(schema, record->fields, record->field_count);
    buffer_text(schema->buffer, "</xs:sequence></xs:complexType>");
}

void field_schema_xml_types(struct xml_schema *schema) {
    bool output = schema->output;
    while (schema->types_written < schema->type_count) {
        int at = schema->types_written++;
        schema->output = schema->types_output[at];
        write_record_type(schema, schema->types[at], schema->types[at]->schema);
    }
    schema->output = output;
}

/* ---- elements ------------------------------------------------------------------------------- */

/* What stands between the tags of an element that has no type attribute. */
static void write_inline(struct xml_schema *schema, const struct field *field) {
    struct buffer *buffer = schema->buffer;
    if (field->type == FIELD_RECORD) {
        write_record_type(schema, field, NULL);
    } else if (field->type == FIELD_LIST) {
        buffer_text(buffer, "<xs:complexType><xs:sequence>");
        write_element(schema, field->fields, true);
        buffer_text(buffer, "</xs:sequence></xs:complexType>");
    } else if (has_facets(field)) {
        buffer_format(buffer, "<xs:simpleType><xs:restriction base=\"%s\">", base_of(field));
        write_facets(schema, field);
        buffer_text(buffer, "</xs:restriction></xs:simpleType>");
    }
}

/* The type that an element refers to, into `ret_type`; false: it stands inline. An answer's single
 * values are not restricted, but for choices: a wider range later breaks nobody. */
static bool type_of(struct xml_schema *schema, const struct field *field, const char **ret_prefix,
                    const char **ret_type) {
    *ret_prefix = "";
    *ret_type = base_of(field);
    if (field->type == FIELD_LIST) return false;
    if (field->type == FIELD_OPEN && schema->output) return true;
    if (field->type == FIELD_OPEN || field->type == FIELD_RECORD) {
        *ret_prefix = "tns:";
        if (field->type == FIELD_RECORD) {
            *ret_type = field->schema;
            return refer(schema, field);
        }
        schema->open_used = true;
        *ret_type = schema->open_type ? schema->open_type : "Answers";
        return true;
    }
    return schema->output ? field->type != FIELD_CHOICE : !has_facets(field);
}

/* `item`: of a list. */
static void write_element(struct xml_schema *schema, const struct field *field, bool item) {
    const char *prefix, *type;
    buffer_text(schema->buffer, "<xs:element");
    write_quoted(schema, "name", field->name);
    if (item || !field->required) buffer_text(schema->buffer, " minOccurs=\"0\"");
    if (item) buffer_text(schema->buffer, " maxOccurs=\"unbounded\"");
    if (schema->output ? field->nullable : !field->required && !item)
        buffer_text(schema->buffer, " nillable=\"true\"");
    bool typed = type_of(schema, field, &prefix, &type);
    if (typed) buffer_format(schema->buffer, " type=\"%s%s\"", prefix, type);
    buffer_char(schema->buffer, '>');
    write_documentation(schema, field);
    if (!typed) write_inline(schema, field);
    buffer_text(schema->buffer, "</xs:element>");
}

void field_schema_xml(struct xml_schema *schema, const struct field *fields, int field_count) {
    for (int at = 0; at < field_count; at++) write_element(schema, &fields[at], false);
}

/* Field descriptors: what goes in and out of an operation. From them come the checks of input, the
 * JSON and (with the SOAP work) XML on both sides, and the schemas of OpenAPI and WSDL.
 *
 * An entrance decodes its text into values without knowing the fields; field_check then turns them
 * into what the handler sees. JSON says kinds ("5" is a text); XML does not: its texts are read
 * by the field's type when `lexical`. A handler never learns which it was.
 *
 * Checked values by type: TEXT and CHOICE are VALUE_TEXT; INTEGER, DECIMAL and MONEY VALUE_NUMBER;
 * DATE VALUE_DATE; DATE_TIME VALUE_DATE_TIME (with its zone); BOOLEAN VALUE_BOOLEAN; LIST
 * VALUE_LIST; BINARY VALUE_TEXT of its bytes, which may be any; RECORD VALUE_CONTEXT with only the
 * fields that were given. A JSON null counts as not given. Descriptors are static tables, or built
 * at run time (every product has its own). */
#ifndef KOPPEL_MESSAGE_FIELD_H
#define KOPPEL_MESSAGE_FIELD_H

#include <stdbool.h>

#include "base/buffer.h"
#include "quote-engine/text.h"
#include "quote-engine/value.h"

enum field_type {
    FIELD_TEXT,
    FIELD_INTEGER,
    FIELD_DECIMAL,
    FIELD_MONEY, /* euros; a string with at most two decimals: "123.45" */
    FIELD_DATE,
    FIELD_DATE_TIME,
    FIELD_BOOLEAN,
    FIELD_BINARY, /* bytes, as base64; the length is that of the bytes */
    FIELD_CHOICE,
    FIELD_LIST,  /* fields[0] describes the items */
    FIELD_RECORD,
    FIELD_OPEN   /* any value within FIELD_OPEN_* limits; checked later, by other descriptors.
                    Entries of its contexts are sorted by name. */
};

enum {
    FIELD_TEXT_LENGTH_DEFAULT = 200,  /* characters, where a descriptor names no maximum; texts
                                         that may be longer may hold new lines and tabs */
    FIELD_LIST_LENGTH_DEFAULT = 100,
    FIELD_FAULTS_MAX = 50,
    FIELD_POINTER_MAX = 256,
    FIELD_MESSAGE_MAX = 300,
    FIELD_DEPTH_MAX = 16,
    FIELD_OPEN_DEPTH_MAX = 12,
    FIELD_MONEY_DIGITS_MAX = 15, /* before the point: cents fit 64 bits */
    FIELD_INTEGER_DIGITS_MAX = 15, /* where a descriptor names no range: every program holds it */
    FIELD_PATTERNS_MAX = 2000 /* compiled patterns kept; beyond it they are compiled per use */
};

struct field_choice {
    const char *code;
    struct text label;
};

struct field {
    const char *name; /* snake_case */
    enum field_type type;
    bool required;
    bool sensitive; /* never in a log */
    bool nullable;  /* output: always present, null where there is none */
    struct text label, help;
    int length_minimum, length_maximum; /* characters of a text, items of a list, bytes; 0: the
                                           default */
    const char *minimum, *maximum;      /* inclusive, as written: numbers or dates; NULL: none */
    int fraction_digits;                /* DECIMAL: at most; MONEY always 2 */
    const char *pattern;                /* PCRE2, whole text, kept to what ECMA-262 reads alike */
    const char *format;                 /* JSON Schema format, or NULL; "email" is checked */
    const struct field_choice *choices;
    int choice_count;
    const struct field *fields; /* RECORD, and LIST's item in fields[0] */
    int field_count;
    const char *schema; /* name of a RECORD in OpenAPI's components, or NULL: inline */
    const char *example; /* as JSON text, or NULL */
};

struct field_fault {
    char pointer[FIELD_POINTER_MAX]; /* RFC 6901, "/answers/birth_date" */
    char code[64]; /* required unknown wrong_type wrong_format too_short too_long too_small
                      too_large too_many_digits pattern no_such_date not_a_choice
                      control_character too_deep number_out_of_range; not_applicable and the
                      like from others */
    char message[FIELD_MESSAGE_MAX]; /* in the caller's language: what is wrong, what is allowed */
};

struct field_faults {
    int count; /* kept */
    bool more; /* there were more than FIELD_FAULTS_MAX */
    bool starved; /* memory ran out amid the check: nothing is known of the value */
    struct field_fault items[FIELD_FAULTS_MAX];
};
/* Before a check, wherever the memory comes from: the items need no clearing. */
static inline void field_faults_clear(struct field_faults *faults) {
    faults->count = 0;
    faults->more = faults->starved = false;
}
void field_fault_add(struct field_faults *faults, const char *pointer, const char *code,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

struct field_check {
    enum language language;
    bool lexical; /* texts are read by the field's type */
    const char *pointer; /* where `value` stands: "" for a whole body, "/answers" */
    struct scratch *scratch;
    struct field_faults *faults;
};
/* Checks a context against the fields: missing, unknown and wrong ones become faults. True, with
 * the checked context, when there were none. False with no faults: scratch is used up. */
bool field_check_record(const struct field_check *check, const struct field *fields,
                        int field_count, const struct value *value, struct value *ret_value);
bool field_check_value(const struct field_check *check, const struct field *field,
                       const struct value *value, struct value *ret_value);
/* The same for a RECORD, but hands out its sound fields also when others are wrong, so that what
 * depends on the sound ones can be checked too. `ret_sound` is always set: without entries when
 * the value is no record or scratch is used up. True when all is sound. */
bool field_check_partly(const struct field_check *check, const struct field *record,
                        const struct value *value, struct value *ret_sound);

/* Appends the record as JSON in the order of the fields: money and dates as strings, fields not
 * in the value left out (nullable: null). What a descriptor does not name is not written. */
void field_encode_json(const struct field *fields, int field_count, const struct value *value,
                       struct buffer *buffer);

/* The JSON Schema (2020-12) of a record or field as a value in scratch: titles and descriptions in
 * `language`. `component_prefix` such as "#/components/schemas/" makes references to named
 * records, and lets fields of records that may be left out be null, as field_check takes them; NULL
 * writes everything inline, each field as it is when it is given. false: scratch is used up. */
bool field_schema_record(const struct field *fields, int field_count, enum language language,
                         const char *component_prefix, struct scratch *scratch,
                         struct value *ret_schema);
bool field_schema(const struct field *field, enum language language, const char *component_prefix,
                  struct scratch *scratch, struct value *ret_schema);
/* The same for an answer: more fields may come later, and nullable ones may be null. */
bool field_schema_answer(const struct field *fields, int field_count, enum language language,
                         const char *component_prefix, struct scratch *scratch,
                         struct value *ret_schema);

#endif

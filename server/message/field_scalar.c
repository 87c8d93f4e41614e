/* Single values against their descriptors: texts, choices, numbers, booleans. Dates and instants
 * are in field_date.c. */
#include <string.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "field_rules.h"

struct value field_trimmed(const struct field_check *check, const struct value *text) {
    if (!check->lexical) return *text;
    static const char blanks[] = " \t\r\n";
    const char *start = text->text, *end = text->text + text->length;
    while (start < end && memchr(blanks, *start, sizeof blanks - 1)) start++;
    while (end > start && memchr(blanks, end[-1], sizeof blanks - 1)) end--;
    return value_text(start, (size_t)(end - start));
}

static bool say(const struct field_check *check, const struct field *field, const char *pointer,
                const char *code, const char *nl, const char *en) {
    field_say_allowed(check, field, pointer, code, (struct text){nl, en});
    return false;
}

/* ---- texts --------------------------------------------------------------------------------- */

/* Control characters, and the two code points that XML cannot carry. */
static bool is_refused(uint32_t code_point, bool long_text) {
    if (long_text && (code_point == '\n' || code_point == '\r' || code_point == '\t')) return false;
    return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) ||
           code_point == 0xFFFE || code_point == 0xFFFF;
}

static bool has_refused(const struct field *field, const struct value *text) {
    bool long_text = field_length_maximum(field) > FIELD_TEXT_LENGTH_DEFAULT;
    for (uint32_t at = 0; at < text->length;) {
        uint32_t code_point;
        size_t size = utf8_read(text->text + at, text->length - at, &code_point);
        if (size == 0 || is_refused(code_point, long_text)) return true;
        at += (uint32_t)size;
    }
    return false;
}

static bool is_email(const struct value *text) {
    const char *at = memchr(text->text, '@', text->length);
    const char *end = text->text + text->length;
    if (!at || at == text->text || at - text->text > 64) return false;
    const char *domain = at + 1;
    const char *dot = memchr(domain, '.', (size_t)(end - domain));
    if (!dot || dot == domain || end[-1] == '.') return false;
    return !memchr(domain, '@', (size_t)(end - domain)) &&
           !memchr(text->text, ' ', text->length);
}

static void say_pattern(const struct field_check *check, const struct field *field,
                        const char *pointer) {
    const char *title = field_title(field, check->language);
    const char *help = text_in(&field->help, check->language);
    int length = field_title_length(title);
    if (*help) {
        field_say(check, pointer, "pattern", "%.*s: dit heeft niet de juiste vorm. %s",
                  "%.*s: this does not have the right form. %s", length, title, help);
    } else if (field->example) {
        field_say(check, pointer, "pattern",
                  "%.*s: dit heeft niet de juiste vorm; een voorbeeld is %s.",
                  "%.*s: this does not have the right form; an example is %s.", length, title,
                  field->example);
    } else {
        field_say(check, pointer, "pattern", "%.*s: dit past niet in de vorm %s.",
                  "%.*s: this does not fit the form %s.", length, title, field->pattern);
    }
}

static bool check_text(const struct field_check *check, const struct field *field,
                       const char *pointer, const struct value *value, struct value *ret_value) {
    if (has_refused(field, value)) {
        return say(check, field, pointer, "control_character",
                   "hier staan besturingstekens in", "it holds control characters");
    }
    size_t length = utf8_count(value->text, value->length);
    if (length < (size_t)field_length_minimum(field)) {
        return say(check, field, pointer, length == 0 && field->required ? "required" : "too_short",
                   length == 0 ? "dit is leeg" : "dit is te kort",
                   length == 0 ? "this is empty" : "this is too short");
    }
    if (length > (size_t)field_length_maximum(field)) {
        return say(check, field, pointer, "too_long", "dit is te lang", "this is too long");
    }
    if (length > 0 && field->pattern) {
        int matches = pattern_matches(field->pattern, value->text, value->length);
        if (!matches) say_pattern(check, field, pointer);
        if (matches < 0) check->faults->starved = true;
        if (matches <= 0) return false;
    }
    if (length > 0 && field->format && strcmp(field->format, "email") == 0 && !is_email(value)) {
        field_say(check, pointer, "wrong_format",
                  "%.*s: vul een e-mailadres in, zoals naam@voorbeeld.nl.",
                  "%.*s: give an e-mail address such as name@example.com.",
                  field_title_length(field_title(field, check->language)),
                  field_title(field, check->language));
        return false;
    }
    *ret_value = *value;
    return true;
}

static bool check_choice(const struct field_check *check, const struct field *field,
                         const char *pointer, const struct value *value,
                         struct value *ret_value) {
    struct value text = field_trimmed(check, value);
    for (int at = 0; at < field->choice_count; at++) {
        const char *code = field->choices[at].code;
        if (strlen(code) == text.length && memcmp(code, text.text, text.length) == 0) {
            *ret_value = value_text(code, text.length);
            return true;
        }
    }
    return say(check, field, pointer, "not_a_choice", "dit is geen keuze",
               "this is not a choice");
}

/* ---- numbers ------------------------------------------------------------------------------- */

static bool check_range(const struct field_check *check, const struct field *field,
                        const char *pointer, struct decimal number) {
    struct decimal bound;
    if (field->minimum && decimal_parse(field->minimum, strlen(field->minimum), &bound) &&
        decimal_compare(number, bound) < 0) {
        return say(check, field, pointer, "too_small", "dit is te laag", "this is too small");
    }
    if (field->maximum && decimal_parse(field->maximum, strlen(field->maximum), &bound) &&
        decimal_compare(number, bound) > 0) {
        return say(check, field, pointer, "too_large", "dit is te hoog", "this is too large");
    }
    return true;
}

static bool is_within_digits(struct decimal number) {
    struct decimal bound = decimal_from_int64(INT64_C(1000000000000000));
    return decimal_compare(decimal_absolute(number), bound) < 0;
}
_Static_assert((int)FIELD_INTEGER_DIGITS_MAX == 15 && (int)FIELD_MONEY_DIGITS_MAX == 15,
               "the bound has 15 digits");

static bool has_fraction_beyond(struct decimal number, int digits) {
    struct decimal rounded;
    return !decimal_round(number, digits, DECIMAL_DOWN, &rounded) ||
           !decimal_equal(rounded, number);
}

static bool check_number(const struct field_check *check, const struct field *field,
                         const char *pointer, struct decimal number, struct value *ret_value) {
    if (field->type == FIELD_INTEGER) {
        if (!decimal_is_whole(number)) {
            return say(check, field, pointer, "wrong_type", "dit is geen geheel getal",
                       "this is not a whole number");
        }
    } else {
        int digits = field->type == FIELD_MONEY ? 2 : field->fraction_digits;
        if (has_fraction_beyond(number, digits)) {
            return say(check, field, pointer, "too_many_digits", "dit heeft te veel decimalen",
                       "this has too many decimals");
        }
    }
    if (!check_range(check, field, pointer, number)) return false;
    if (field->type != FIELD_DECIMAL && !is_within_digits(number)) {
        bool negative = decimal_sign(number) < 0;
        return say(check, field, pointer, negative ? "too_small" : "too_large",
                   negative ? "dit is te laag" : "dit is te hoog",
                   negative ? "this is too small" : "this is too large");
    }
    *ret_value = value_number(number);
    return true;
}

/* [+-]digits[.digits] as XML Schema's decimal; JSON's money takes no plus sign. */
static bool is_plain_number(const struct field_check *check, const struct value *text) {
    uint32_t at = 0, digits = 0;
    bool point = false;
    if (text->length > 0 &&
        (text->text[0] == '-' || (check->lexical && text->text[0] == '+'))) {
        at++;
    }
    for (; at < text->length; at++) {
        char character = text->text[at];
        if (character >= '0' && character <= '9') digits++;
        else if (character == '.' && !point && (digits > 0 || check->lexical)) point = true;
        else return false;
    }
    return digits > 0 && (check->lexical || text->text[text->length - 1] != '.');
}

static bool check_number_text(const struct field_check *check, const struct field *field,
                              const char *pointer, const struct value *value,
                              struct value *ret_value) {
    struct value text = field_trimmed(check, value);
    struct decimal number;
    if (!is_plain_number(check, &text)) {
        return say(check, field, pointer, "wrong_format",
                   text.length == 0 ? "dit is leeg" : "dit is niet als getal geschreven",
                   text.length == 0 ? "this is empty" : "this is not written as a number");
    }
    if (text.text[text.length - 1] == '.') text.length--; /* "5." is a decimal in XML Schema */
    if (!decimal_parse_exact(text.text, text.length, &number)) {
        return say(check, field, pointer, "too_many_digits", "dit heeft te veel cijfers",
                   "this has too many digits");
    }
    return check_number(check, field, pointer, number, ret_value);
}

/* ---- booleans ------------------------------------------------------------------------------ */

static bool text_is(const struct value *text, const char *word) {
    return text->length == strlen(word) && memcmp(text->text, word, text->length) == 0;
}

static bool check_boolean_text(const struct field_check *check, const struct field *field,
                               const char *pointer, const struct value *value,
                               struct value *ret_value) {
    struct value text = field_trimmed(check, value);
    if (text_is(&text, "true") || text_is(&text, "1")) {
        *ret_value = value_boolean(true);
        return true;
    }
    if (text_is(&text, "false") || text_is(&text, "0")) {
        *ret_value = value_boolean(false);
        return true;
    }
    return say(check, field, pointer, "wrong_format", text.length == 0 ? "dit is leeg" : NULL,
               text.length == 0 ? "this is empty" : NULL);
}

static bool check_binary(const struct field_check *check, const struct field *field,
                         const char *pointer, const struct value *value,
                         struct value *ret_value) {
    size_t length = 0;
    char *bytes = scratch_take(check->scratch, base64_bytes(value->length));
    if (!bytes) {
        check->faults->starved = true;
        return false;
    }
    if (!base64_read(value->text, value->length, bytes, &length))
        return say(check, field, pointer, "wrong_format", "dit is geen base64",
                   "this is not base64");
    if (length < (size_t)field_length_minimum(field))
        return say(check, field, pointer, "too_short", NULL, NULL);
    if (length > (size_t)field_length_maximum(field))
        return say(check, field, pointer, "too_long", NULL, NULL);
    *ret_value = value_text(bytes, length);
    return true;
}

bool field_check_scalar(const struct field_check *check, const struct field *field,
                        const char *pointer, const struct value *value,
                        struct value *ret_value) {
    switch (field->type) {
    case FIELD_TEXT:
        return check_text(check, field, pointer, value, ret_value);
    case FIELD_CHOICE:
        return check_choice(check, field, pointer, value, ret_value);
    case FIELD_INTEGER:
    case FIELD_DECIMAL:
        if (value->kind == VALUE_NUMBER) {
            return check_number(check, field, pointer, value->number, ret_value);
        }
        return check_number_text(check, field, pointer, value, ret_value);
    case FIELD_MONEY:
        return check_number_text(check, field, pointer, value, ret_value);
    case FIELD_BINARY:
        return check_binary(check, field, pointer, value, ret_value);
    case FIELD_BOOLEAN:
        if (value->kind == VALUE_BOOLEAN) {
            *ret_value = *value;
            return true;
        }
        return check_boolean_text(check, field, pointer, value, ret_value);
    case FIELD_DATE:
        return field_check_date(check, field, pointer, field_trimmed(check, value), ret_value);
    case FIELD_DATE_TIME:
        return field_check_date_time(check, field, pointer, field_trimmed(check, value),
                                     ret_value);
    case FIELD_LIST:
    case FIELD_RECORD:
    case FIELD_OPEN:
        break;
    }
    return false;
}

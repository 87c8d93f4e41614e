/* Limits, titles and sentences of fields: what people read when something is wrong. */
#include "field_rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

int field_length_minimum(const struct field *field) {
    if (field->length_minimum > 0) return field->length_minimum;
    /* An empty text does not answer a question that must be answered. */
    return field->type == FIELD_TEXT && field->required ? 1 : 0;
}

int field_length_maximum(const struct field *field) {
    if (field->length_maximum > 0) return field->length_maximum;
    return field->type == FIELD_LIST ? FIELD_LIST_LENGTH_DEFAULT : FIELD_TEXT_LENGTH_DEFAULT;
}

const char *field_title(const struct field *field, enum language language) {
    const char *label = text_in(&field->label, language);
    return *label ? label : field->name ? field->name : "";
}

int field_title_length(const char *title) {
    size_t length = strlen(title);
    while (length > 1 && (title[length - 1] == '?' || title[length - 1] == ':' ||
                          title[length - 1] == ' '))
        length--;
    return (int)length;
}

/* ---- texts that are put together within a limit -------------------------------------------- */

struct line {
    char *text;
    size_t length, size;
};

static void line_add(struct line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void line_add(struct line *line, const char *format, ...) {
    size_t room = line->size - line->length;
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(line->text + line->length, room, format, arguments);
    va_end(arguments);
    if (written > 0) {
        line->length += (size_t)written < room ? (size_t)written : room - 1;
    }
}

/* Leaves out a last character that was cut in two. */
static void cut_whole(char *text) {
    size_t length = strlen(text);
    size_t at = 0;
    uint32_t code_point;
    for (size_t size = 1; size != 0; at += size) {
        size = utf8_read(text + at, length - at, &code_point);
    }
    text[at] = '\0';
}

static void fault_add(struct field_faults *faults, const char *pointer, const char *code,
                      const char *format, va_list arguments) __attribute__((format(printf, 4, 0)));
static void fault_add(struct field_faults *faults, const char *pointer, const char *code,
                      const char *format, va_list arguments) {
    if (faults->count == FIELD_FAULTS_MAX) {
        faults->more = true;
        return;
    }
    struct field_fault *fault = &faults->items[faults->count++];
    (void)snprintf(fault->pointer, sizeof fault->pointer, "%s", pointer);
    (void)snprintf(fault->code, sizeof fault->code, "%s", code);
    (void)vsnprintf(fault->message, sizeof fault->message, format, arguments);
    cut_whole(fault->pointer);
    cut_whole(fault->message);
}

void field_fault_add(struct field_faults *faults, const char *pointer, const char *code,
                     const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fault_add(faults, pointer, code, format, arguments);
    va_end(arguments);
}

void field_say(const struct field_check *check, const char *pointer, const char *code,
               const char *nl, const char *en, ...) {
    va_list arguments;
    va_start(arguments, en);
    if (check->language == LANGUAGE_EN) fault_add(check->faults, pointer, code, en, arguments);
    else fault_add(check->faults, pointer, code, nl, arguments);
    va_end(arguments);
}

/* ---- what is allowed ----------------------------------------------------------------------- */

static void add_range(struct line *line, const struct field *field, bool english) {
    if (field->minimum && field->maximum) {
        line_add(line, english ? " from %s to %s" : " van %s tot en met %s", field->minimum,
                 field->maximum);
    } else if (field->minimum) {
        line_add(line, english ? " of %s or more" : " van %s of meer", field->minimum);
    } else if (field->maximum) {
        line_add(line, english ? " of at most %s" : " van ten hoogste %s", field->maximum);
    }
}

static void add_date_range(struct line *line, const struct field *field, bool english) {
    if (field->minimum && field->maximum) {
        add_range(line, field, english);
    } else if (field->minimum) {
        line_add(line, english ? " from %s" : " vanaf %s", field->minimum);
    } else if (field->maximum) {
        line_add(line, english ? " up to %s" : " tot en met %s", field->maximum);
    }
}

/* A minimum of one is told of lists only: of texts it goes without saying. */
static void add_length(struct line *line, int minimum, int maximum, const char *unit,
                       bool english, bool list) {
    if (minimum == maximum) {
        line_add(line, english ? " of exactly %d %s" : " van precies %d %s", maximum, unit);
    } else if (minimum > (list ? 0 : 1)) {
        line_add(line, english ? " of %d to %d %s" : " van %d tot en met %d %s", minimum, maximum,
                 unit);
    } else {
        line_add(line, english ? " of at most %d %s" : " van ten hoogste %d %s", maximum, unit);
    }
}

static void add_choices(struct line *line, const struct field *field, bool english) {
    line_add(line, english ? "one of: " : "een van: ");
    for (int at = 0; at < field->choice_count; at++) {
        if (line->length + 60 > line->size) {
            line_add(line, ", …");
            return;
        }
        line_add(line, "%s%.50s", at > 0 ? ", " : "", field->choices[at].code);
    }
}

static void add_number(struct line *line, const struct field *field, bool english) {
    if (field->type == FIELD_INTEGER) {
        line_add(line, english ? "a whole number" : "een geheel getal");
        add_range(line, field, english);
        if (!field->minimum && !field->maximum) {
            line_add(line, english ? " of at most %d digits" : " van ten hoogste %d cijfers",
                     FIELD_INTEGER_DIGITS_MAX);
        }
    } else if (field->type == FIELD_MONEY) {
        line_add(line, english ? "an amount" : "een bedrag");
        add_range(line, field, english);
        line_add(line, english ? ", as a text with at most two decimals such as \"1234.50\""
                               : ", als tekst met ten hoogste twee decimalen zoals \"1234.50\"");
    } else {
        line_add(line, english ? "a number" : "een getal");
        add_range(line, field, english);
        line_add(line, english ? " with at most %d decimals" : " met ten hoogste %d decimalen",
                 field->fraction_digits);
    }
}

void field_describe(const struct field *field, enum language language,
                    char ret_text[FIELD_MESSAGE_MAX]) {
    bool english = language == LANGUAGE_EN;
    struct line line = {.text = ret_text, .size = FIELD_MESSAGE_MAX};
    ret_text[0] = '\0';
    switch (field->type) {
    case FIELD_TEXT:
        line_add(&line, english ? "a text" : "een tekst");
        add_length(&line, field_length_minimum(field), field_length_maximum(field),
                   english ? "characters" : "tekens", english, false);
        break;
    case FIELD_INTEGER:
    case FIELD_DECIMAL:
    case FIELD_MONEY:
        add_number(&line, field, english);
        break;
    case FIELD_DATE:
        line_add(&line, english ? "a date" : "een datum");
        add_date_range(&line, field, english);
        line_add(&line, english ? ", written as YYYY-MM-DD" : ", geschreven als JJJJ-MM-DD");
        break;
    case FIELD_DATE_TIME:
        line_add(&line, english ? "a date and time" : "een datum en tijd");
        add_date_range(&line, field, english);
        line_add(&line, english ? ", written as 2026-11-23T09:30:00+01:00"
                                : ", geschreven als 2026-11-23T09:30:00+01:00");
        break;
    case FIELD_BINARY:
        line_add(&line, english ? "bytes as base64" : "bytes als base64");
        add_length(&line, field_length_minimum(field), field_length_maximum(field), "bytes",
                   english, false);
        break;
    case FIELD_BOOLEAN:
        line_add(&line, english ? "true or false" : "true (ja) of false (nee)");
        break;
    case FIELD_CHOICE:
        add_choices(&line, field, english);
        break;
    case FIELD_LIST:
        line_add(&line, english ? "a list" : "een lijst");
        add_length(&line, field_length_minimum(field), field_length_maximum(field),
                   english ? "items" : "onderdelen", english, true);
        break;
    case FIELD_RECORD:
        line_add(&line, english ? "an object { } with its fields"
                                : "een object { } met zijn velden");
        break;
    case FIELD_OPEN:
        line_add(&line, english ? "a value" : "een waarde");
        break;
    }
    cut_whole(ret_text);
}

void field_say_allowed(const struct field_check *check, const struct field *field,
                       const char *pointer, const char *code, struct text wrong) {
    char allowed[FIELD_MESSAGE_MAX];
    field_describe(field, check->language, allowed);
    const char *title = field_title(field, check->language);
    const char *said = text_in(&wrong, check->language);
    const char *help = text_in(&field->help, check->language);
    int length = field_title_length(title);
    if (field->type == FIELD_OPEN && *said && *help) {
        field_say(check, pointer, code, "%.*s: %s. %s", "%.*s: %s. %s", length, title, said,
                  help);
    } else if (!*said) {
        field_say(check, pointer, code, "%.*s: vul in: %s.", "%.*s: give %s.", length, title,
                  allowed);
    } else {
        /* What a pattern asks for stands in the help alone. */
        const char *form = field->pattern ? help : "";
        field_say(check, pointer, code, "%.*s: %s; vul in: %s.%s%s", "%.*s: %s; give %s.%s%s",
                  length, title, said, allowed, *form ? " " : "", form);
    }
}

/* ---- pointers ------------------------------------------------------------------------------ */

static void pointer_add(char pointer[FIELD_POINTER_MAX], size_t *length, const char *part,
                        size_t part_length) {
    size_t fit = utf8_fit(part, part_length, FIELD_POINTER_MAX - 1 - *length);
    memcpy(pointer + *length, part, fit);
    *length += fit;
    pointer[*length] = '\0';
}

void field_pointer(const char *pointer, const char *name, size_t name_length,
                   char ret_pointer[FIELD_POINTER_MAX]) {
    size_t length = strlen(pointer);
    bool plain_name = !memchr(name, '~', name_length) && !memchr(name, '/', name_length);
    if (plain_name && length + 1 + name_length < FIELD_POINTER_MAX) { /* as all names of ours */
        memcpy(ret_pointer, pointer, length);
        ret_pointer[length] = '/';
        memcpy(ret_pointer + length + 1, name, name_length);
        ret_pointer[length + 1 + name_length] = '\0';
        return;
    }
    length = 0;
    pointer_add(ret_pointer, &length, pointer, strlen(pointer));
    pointer_add(ret_pointer, &length, "/", 1);
    size_t plain = 0;
    for (size_t at = 0; at < name_length; at++) {
        if (name[at] != '~' && name[at] != '/') continue;
        pointer_add(ret_pointer, &length, name + plain, at - plain);
        pointer_add(ret_pointer, &length, name[at] == '~' ? "~0" : "~1", 2);
        plain = at + 1;
    }
    pointer_add(ret_pointer, &length, name + plain, name_length - plain);
}

void field_pointer_index(const char *pointer, size_t index, char ret_pointer[FIELD_POINTER_MAX]) {
    char name[24];
    int length = snprintf(name, sizeof name, "%zu", index);
    field_pointer(pointer, name, (size_t)length, ret_pointer);
}

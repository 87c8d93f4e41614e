/* What checking, describing and schemas of fields share. Not used outside this folder. */
#ifndef KOPPEL_MESSAGE_FIELD_RULES_H
#define KOPPEL_MESSAGE_FIELD_RULES_H

#include "field.h"

/* The limits that hold: what the descriptor names, else the defaults. */
int field_length_minimum(const struct field *field);
int field_length_maximum(const struct field *field);

/* The label in the language, else the name. */
const char *field_title(const struct field *field, enum language language);
/* Bytes of a title that is to stand before a colon: without its own question mark. */
int field_title_length(const char *title);
/* What is allowed, as the object of a sentence: "een geheel getal van 0 tot en met 40". */
void field_describe(const struct field *field, enum language language,
                    char ret_text[FIELD_MESSAGE_MAX]);

/* Adds a fault in the language of the check; both formats take the same arguments. */
void field_say(const struct field_check *check, const char *pointer, const char *code,
               const char *nl, const char *en, ...)
    __attribute__((format(printf, 4, 6), format(printf, 5, 6)));
/* The usual sentence: what is wrong, then what is allowed. `wrong` may be all NULL. */
void field_say_allowed(const struct field_check *check, const struct field *field,
                       const char *pointer, const char *code, struct text wrong);

/* `pointer` with "/name" (escaped) behind it, cut where it does not fit. */
void field_pointer(const char *pointer, const char *name, size_t name_length,
                   char ret_pointer[FIELD_POINTER_MAX]);
void field_pointer_index(const char *pointer, size_t index, char ret_pointer[FIELD_POINTER_MAX]);

/* One value at `pointer`, `depth` levels down. */
bool field_check_at(const struct field_check *check, const struct field *field,
                    const char *pointer, int depth, const struct value *value,
                    struct value *ret_value);
/* Everything but lists, records and open values. */
bool field_check_scalar(const struct field_check *check, const struct field *field,
                        const char *pointer, const struct value *value, struct value *ret_value);
bool field_check_date(const struct field_check *check, const struct field *field,
                      const char *pointer, struct value text, struct value *ret_value);
bool field_check_date_time(const struct field_check *check, const struct field *field,
                           const char *pointer, struct value text, struct value *ret_value);
/* A text without the white space around it, in lexical mode: XML takes numbers and dates so. */
struct value field_trimmed(const struct field_check *check, const struct value *text);

/* Does the whole text match? 1, or 0 also when the pattern is no pattern or takes too long;
 * ERROR_NO_MEMORY when that cannot be told. */
int pattern_matches(const char *pattern, const char *text, size_t length);

#endif

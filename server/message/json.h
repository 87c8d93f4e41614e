/* JSON text to values and back. Numbers keep all their digits (up to 34); jansson sees them as
 * indexes into a list of their texts, since it keeps only doubles.
 *
 * Refused before parsing: not UTF-8, a BOM, nesting over the limit, too many values. Refused in
 * parsing: duplicate keys, trailing data, NUL and lone surrogates in strings. */
#ifndef KOPPEL_MESSAGE_JSON_H
#define KOPPEL_MESSAGE_JSON_H

#include "base/buffer.h"
#include "base/error.h"
#include "quote-engine/value.h"

enum {
    JSON_DEPTH_MAX = 32,
    JSON_VALUES_MAX = 20000,
    JSON_NUMBER_LENGTH_MAX = 400, /* characters */
    JSON_POINTER_MAX = 256,
    JSON_REASON_MAX = 240
};

struct json_limits {
    int depth;   /* 0: JSON_DEPTH_MAX */
    int values;  /* 0: JSON_VALUES_MAX */
    bool scalar_root; /* is a scalar or a list allowed at the top? */
    bool keep_unfit;  /* a number that 34 digits cannot hold is no fault here: it becomes a mark
                         (json_number_unfit), for whoever checks the values to report with them */
};

/* What is wrong and where, and what to do: for a problem answer. */
struct json_fault {
    bool number;                    /* a number that 34 digits cannot hold */
    int line, column;
    char pointer[JSON_POINTER_MAX]; /* RFC 6901, when `number`, and of a duplicate_key */
    char code[64];                  /* "duplicate_key", "too_deep", "not_utf8", "malformed" … */
    char nl[JSON_REASON_MAX], en[JSON_REASON_MAX]; /* sentences */
};

/* The values lie in `scratch` and borrow nothing. ERROR_INVALID fills `ret_fault`;
 * ERROR_TOO_LARGE when scratch is used up, ERROR_NO_MEMORY when the heap is. Objects become
 * contexts, in order. */
int json_read(const char *text, size_t length, const struct json_limits *limits,
              struct scratch *scratch, struct json_fault *ret_fault, struct value *ret_value);

/* Why a value is the mark of a number that does not fit; JSON_FITS of every other value. The mark
 * is of no kind that JSON has, and must not go further than the checks of fields. */
enum json_unfit { JSON_FITS, JSON_UNFIT_DIGITS, JSON_UNFIT_SIZE };
enum json_unfit json_number_unfit(const struct value *value);

/* Appends the value: contexts as objects in order, dates and the like as strings, numbers as plain
 * digits. `indent` 0 writes it compact. A range or function is written as its FEEL text. */
void json_write(const struct value *value, int indent, struct buffer *buffer);
/* Appends a JSON string. */
void json_write_text(const char *text, size_t length, struct buffer *buffer);

#endif

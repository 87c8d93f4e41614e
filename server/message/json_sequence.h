/* Cuts a text that holds many JSON values into the text of each: an array of them, or one on every
 * line (NDJSON). What stands in a value is not looked at but for where it ends, so that a bad value
 * spoils only itself. Nothing is copied. */
#ifndef KOPPEL_MESSAGE_JSON_SEQUENCE_H
#define KOPPEL_MESSAGE_JSON_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_sequence {
    const char *text;
    size_t length, at;
    bool lines; /* else an array */
    bool ended;
    int line; /* of `at`, from 1 */
    size_t line_start;
};

struct json_part {
    const char *text; /* without blanks around it */
    size_t length;
    int line, column; /* where it begins, in bytes, from 1 */
    bool broken; /* the array itself stops making sense here; it is the last part */
};

/* False: an array was announced, and it does not begin with [. */
bool json_sequence_init(struct json_sequence *sequence, const char *text, size_t length,
                        bool lines);
/* 1 with the next part, 0 when there are no more. Empty lines are passed over; an empty place in
 * an array is a part without text. */
int json_sequence_next(struct json_sequence *sequence, struct json_part *ret_part);
/* How many parts are left; stops counting when there are more than `most`. */
int64_t json_sequence_count(const struct json_sequence *sequence, int64_t most);

#endif

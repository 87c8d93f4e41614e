/* Builds and reads contexts in scratch memory: what handlers put out and read in. Names and texts
 * are borrowed unless said otherwise. When scratch is used up the record is `failed` and stays so:
 * check once, at the end. */
#ifndef KOPPEL_MESSAGE_RECORD_H
#define KOPPEL_MESSAGE_RECORD_H

#include <string.h>

#include "quote-engine/value.h"

enum { RECORD_FIELDS_MAX = 1024 };

struct record {
    struct scratch *scratch;
    struct value_entry *entries;
    int count, capacity;
    bool failed;
};

void record_init(struct record *record, struct scratch *scratch);
void record_set(struct record *record, const char *name, struct value value);
void record_set_text(struct record *record, const char *name, const char *text); /* NULL: null */
void record_copy_text(struct record *record, const char *name, const char *text, size_t length);
/* A copy of a text that may not be given: NULL and "" become null. */
void record_copy_given(struct record *record, const char *name, const char *text);
void record_set_integer(struct record *record, const char *name, int64_t integer);
void record_set_boolean(struct record *record, const char *name, bool boolean);
void record_set_cents(struct record *record, const char *name, int64_t cents);
/* RFC 3339 in UTC, as text. */
void record_set_instant(struct record *record, const char *name, int64_t instant_us);
struct value record_value(const struct record *record);

/* A record that is known at once: exactly these entries, copied to scratch; their names differ.
 * Sets `*failed` when scratch is used up. */
struct value record_of(struct scratch *scratch, const struct value_entry *entries, size_t count,
                       bool *failed);
static inline struct value_entry record_entry(const char *name, struct value value) {
    return (struct value_entry){name, (uint32_t)strlen(name), value};
}

struct list {
    struct scratch *scratch;
    struct value *items;
    size_t count, capacity;
    bool failed;
};
void list_init(struct list *list, struct scratch *scratch);
void list_add(struct list *list, struct value value);
struct value list_value(const struct list *list);

/* Reading what field_check_record made. */
const struct value *record_get(const struct value *record, const char *name); /* NULL: not given */
/* A NUL-terminated copy in scratch; NULL when not given. NULL too when scratch does not hold it:
 * then nothing at all is left of scratch, so that whoever takes the text for one that was not given
 * comes no further than the next thing to be put there. */
const char *record_get_text(const struct value *record, const char *name,
                            struct scratch *scratch);
/* Was it given, as this text? */
bool record_text_is(const struct value *record, const char *name, const char *text);
int64_t record_get_integer(const struct value *record, const char *name, int64_t otherwise);
bool record_get_boolean(const struct value *record, const char *name, bool otherwise);

#endif

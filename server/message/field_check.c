/* Input against its descriptors: records, lists and open values. Single values are checked in
 * field_scalar.c and field_date.c, sentences made in field_rules.c. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "field_rules.h"
#include "json.h"

enum { NAME_SHOWN_MAX = 60, NAME_NEAR_MAX = 40, SORT_FEW_MAX = 24 };

static const char *kind_text(const struct value *value, enum language language) {
    static const struct text names[] = {
        [VALUE_NULL] = {"u gaf null", "null was given"},
        [VALUE_BOOLEAN] = {"u gaf true of false", "true or false was given"},
        [VALUE_NUMBER] = {"u gaf een getal", "a number was given"},
        [VALUE_TEXT] = {"u gaf een tekst", "a text was given"},
        [VALUE_LIST] = {"u gaf een lijst", "a list was given"},
        [VALUE_CONTEXT] = {"u gaf een object", "an object was given"},
        [VALUE_FUNCTION] = {NULL, NULL},
    };
    return text_in(&names[value->kind], language);
}

static bool wrong_type(const struct field_check *check, const struct field *field,
                       const char *pointer, const struct value *value) {
    struct text wrong = {kind_text(value, LANGUAGE_NL), kind_text(value, LANGUAGE_EN)};
    field_say_allowed(check, field, pointer, "wrong_type", wrong);
    return false;
}

/* JSON's numbers have no limits; ours have those of a decimal. */
_Static_assert(DECIMAL_DIGITS_MAX == 34, "the sentences below say so");
static bool unfit_number(const struct field_check *check, const struct field *field,
                         const char *pointer, const struct value *value) {
    bool number = field->type == FIELD_INTEGER || field->type == FIELD_DECIMAL;
    if (!number) {
        static const struct text wrong = {"u gaf een getal", "a number was given"};
        field_say_allowed(check, field, pointer, "wrong_type", wrong);
    } else if (json_number_unfit(value) == JSON_UNFIT_DIGITS) {
        static const struct text wrong = {"dit getal heeft meer dan 34 cijfers",
                                          "this number has more than 34 digits"};
        field_say_allowed(check, field, pointer, "too_many_digits", wrong);
    } else {
        static const struct text wrong = {"dit getal is te groot of te klein",
                                          "this number is too large or too small"};
        field_say_allowed(check, field, pointer, "number_out_of_range", wrong);
    }
    return false;
}

/* ---- unknown fields ------------------------------------------------------------------------ */

/* Edits (change, insert, leave out) between two short names. */
static int name_distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    int row[NAME_NEAR_MAX + 1];
    for (size_t at = 0; at <= b_length; at++) row[at] = (int)at;
    for (size_t i = 1; i <= a_length; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= b_length; j++) {
            int best = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b_length];
}

static const char *nearest_name(const struct field *fields, int field_count, const char *name,
                                size_t length) {
    const char *nearest = NULL;
    int best = length < 5 ? 2 : length < 8 ? 3 : 4; /* so many edits are another name */
    if (length > NAME_NEAR_MAX) return NULL;
    for (int at = 0; at < field_count; at++) {
        size_t known = strlen(fields[at].name);
        if (known > NAME_NEAR_MAX) continue;
        int distance = name_distance(name, length, fields[at].name, known);
        if (distance < best) {
            best = distance;
            nearest = fields[at].name;
        }
    }
    return nearest;
}

static void say_unknown(const struct field_check *check, const struct field *fields,
                        int field_count, const char *pointer, const struct value_entry *entry) {
    if (check->faults->count == FIELD_FAULTS_MAX) {
        check->faults->more = true;
        return;
    }
    char place[FIELD_POINTER_MAX];
    field_pointer(pointer, entry->name, entry->name_length, place);
    int shown = (int)utf8_fit(entry->name, entry->name_length, NAME_SHOWN_MAX);
    const char *nearest = nearest_name(fields, field_count, entry->name, entry->name_length);
    if (nearest) {
        field_say(check, place, "unknown",
                  "Het veld \"%.*s\" is onbekend: bedoelde u \"%s\"?",
                  "The field \"%.*s\" is unknown: did you mean \"%s\"?", shown, entry->name,
                  nearest);
        return;
    }
    char known[160] = "";
    size_t length = 0;
    for (int at = 0; at < field_count; at++) {
        size_t name = strlen(fields[at].name);
        bool fits = length + name + 8 < sizeof known;
        const char *text = fits ? fields[at].name : "…";
        if (length > 0) memcpy(known + length, ", ", 2);
        if (length > 0) length += 2;
        memcpy(known + length, text, strlen(text) + 1);
        length += strlen(text);
        if (!fits) break;
    }
    if (length == 0) {
        field_say(check, place, "unknown",
                  "Het veld \"%.*s\" is onbekend: laat het weg; hier horen geen velden.",
                  "The field \"%.*s\" is unknown: leave it out; no fields belong here.", shown,
                  entry->name);
    } else {
        field_say(check, place, "unknown",
                  "Het veld \"%.*s\" is onbekend: laat het weg. Bekend zijn: %s.",
                  "The field \"%.*s\" is unknown: leave it out. Known are: %s.", shown,
                  entry->name, known);
    }
}

static bool is_known(const struct field *fields, int field_count, const char *name,
                     size_t length) {
    for (int at = 0; at < field_count; at++) {
        if (strncmp(fields[at].name, name, length) == 0 && fields[at].name[length] == '\0') {
            return true;
        }
    }
    return false;
}

/* An element without children is a text of at most the white space between its tags. */
static bool is_empty_element(const struct field_check *check, const struct value *value) {
    return check->lexical && value->kind == VALUE_TEXT && field_trimmed(check, value).length == 0;
}

/* ---- records ------------------------------------------------------------------------------- */

/* `ret_sound` gets the fields that are sound, whatever becomes of the others. */
static bool check_record(const struct field_check *check, const struct field *fields,
                         int field_count, const char *pointer, int depth,
                         const struct value *value, struct value *ret_sound) {
    *ret_sound = value_context(NULL, 0);
    size_t room = (size_t)(field_count > 0 ? field_count : 1);
    struct value_entry *entries = scratch_take(check->scratch, room * sizeof *entries);
    if (!entries) return false;
    size_t count = 0;
    uint32_t known = 0, next = 0;
    bool good = true;
    for (int at = 0; at < field_count; at++) {
        const struct field *field = &fields[at];
        char place[FIELD_POINTER_MAX];
        size_t length = strlen(field->name);
        const struct value *given = value_entry_next(value, field->name, length, &next);
        field_pointer(pointer, field->name, length, place);
        known += given != NULL;
        if (!given || given->kind == VALUE_NULL) {
            if (!field->required) continue;
            field_say_allowed(check, field, place, "required",
                              (struct text){"dit ontbreekt", "this is missing"});
            good = false;
            continue;
        }
        entries[count] =
            (struct value_entry){.name = field->name, .name_length = (uint32_t)length};
        if (field_check_at(check, field, place, depth + 1, given, &entries[count].value)) count++;
        else good = false;
    }
    /* Names are unique on both sides: when each entry had its field, none is unknown. */
    for (uint32_t at = 0; known < value->length && at < value->length; at++) {
        const struct value_entry *entry = &value->entries[at];
        if (is_known(fields, field_count, entry->name, entry->name_length)) continue;
        say_unknown(check, fields, field_count, pointer, entry);
        good = false;
    }
    *ret_sound = value_context(entries, count);
    return good;
}

/* ---- lists --------------------------------------------------------------------------------- */

static bool check_list(const struct field_check *check, const struct field *field,
                       const char *pointer, int depth, const struct value *value,
                       struct value *ret_value) {
    /* XML cannot tell a list of one from a single value. */
    struct value one = *value;
    struct value list = value->kind == VALUE_LIST ? *value : value_list(&one, 1);
    if (is_empty_element(check, value)) list.length = 0;
    if (list.length < (uint32_t)field_length_minimum(field)) {
        field_say_allowed(check, field, pointer, "too_short",
                          (struct text){"te weinig onderdelen", "too few items"});
        return false;
    }
    if (list.length > (uint32_t)field_length_maximum(field)) {
        field_say_allowed(check, field, pointer, "too_long",
                          (struct text){"te veel onderdelen", "too many items"});
        return false;
    }
    struct value *items =
        scratch_take(check->scratch, (list.length ? list.length : 1) * sizeof *items);
    if (!items) return false;
    bool good = true;
    for (uint32_t at = 0; at < list.length; at++) {
        char place[FIELD_POINTER_MAX];
        field_pointer_index(pointer, at, place);
        if (list.items[at].kind == VALUE_NULL) {
            field_say_allowed(check, field->fields, place, "required",
                              (struct text){"null telt niet", "null does not count"});
            good = false;
        } else if (!field_check_at(check, field->fields, place, depth + 1, &list.items[at],
                                   &items[at])) {
            good = false;
        }
    }
    if (good) *ret_value = value_list(items, list.length);
    return good;
}

/* ---- open values --------------------------------------------------------------------------- */

static int compare_entries(const void *a, const void *b) {
    const struct value_entry *left = a, *right = b;
    if (left->name_length > 0 && right->name_length > 0 && left->name[0] != right->name[0])
        return (unsigned char)left->name[0] < (unsigned char)right->name[0] ? -1 : 1;
    uint32_t shorter =
        left->name_length < right->name_length ? left->name_length : right->name_length;
    int order = memcmp(left->name, right->name, shorter);
    if (order != 0) return order;
    return left->name_length < right->name_length ? -1 : left->name_length > right->name_length;
}

/* Few are put in their places one by one, which is sooner done than qsort has begun. */
static void sort_entries(struct value_entry *entries, uint32_t count) {
    if (count > SORT_FEW_MAX) {
        qsort(entries, count, sizeof *entries, compare_entries);
        return;
    }
    for (uint32_t at = 1; at < count; at++) {
        struct value_entry entry = entries[at];
        uint32_t to = at;
        for (; to > 0 && compare_entries(&entries[to - 1], &entry) > 0; to--)
            entries[to] = entries[to - 1];
        entries[to] = entry;
    }
}

/* Copies so that equal values become equal texts whatever order their entries came in. */
static bool check_open(const struct field_check *check, const char *pointer, int depth,
                       const struct value *value, struct value *ret_value) {
    if (value->kind != VALUE_LIST && value->kind != VALUE_CONTEXT) {
        *ret_value = *value;
        return true;
    }
    if (depth > FIELD_OPEN_DEPTH_MAX) {
        field_say(check, pointer, "too_deep", "Hier zijn meer dan %d niveaus genest.",
                  "This is nested deeper than %d levels.", FIELD_OPEN_DEPTH_MAX);
        return false;
    }
    size_t room = value->length ? value->length : 1;
    if (value->kind == VALUE_LIST) {
        struct value *items = scratch_take(check->scratch, room * sizeof *items);
        if (!items) return false;
        for (uint32_t at = 0; at < value->length; at++) {
            if (!check_open(check, pointer, depth + 1, &value->items[at], &items[at])) return false;
        }
        *ret_value = value_list(items, value->length);
        return true;
    }
    struct value_entry *entries = scratch_take(check->scratch, room * sizeof *entries);
    if (!entries) return false;
    for (uint32_t at = 0; at < value->length; at++) {
        entries[at] = value->entries[at];
        if (!check_open(check, pointer, depth + 1, &value->entries[at].value,
                        &entries[at].value)) {
            return false;
        }
    }
    sort_entries(entries, value->length);
    *ret_value = value_context(entries, value->length);
    return true;
}

/* ---- every type ---------------------------------------------------------------------------- */

bool field_check_at(const struct field_check *check, const struct field *field,
                    const char *pointer, int depth, const struct value *value,
                    struct value *ret_value) {
    static const struct value empty = {.kind = VALUE_CONTEXT};
    if (depth > FIELD_DEPTH_MAX) {
        field_say(check, pointer, "too_deep", "Hier zijn meer dan %d niveaus genest.",
                  "This is nested deeper than %d levels.", FIELD_DEPTH_MAX);
        return false;
    }
    if (json_number_unfit(value) && field->type != FIELD_OPEN) {
        return unfit_number(check, field, pointer, value);
    }
    struct value sound;
    switch (field->type) {
    case FIELD_LIST:
        if (value->kind != VALUE_LIST && !check->lexical) break;
        return check_list(check, field, pointer, depth, value, ret_value);
    case FIELD_RECORD:
        if (is_empty_element(check, value)) value = &empty;
        if (value->kind != VALUE_CONTEXT) break;
        if (!check_record(check, field->fields, field->field_count, pointer, depth, value, &sound))
            return false;
        *ret_value = sound;
        return true;
    case FIELD_OPEN:
        return check_open(check, pointer, 1, value, ret_value);
    case FIELD_INTEGER:
    case FIELD_DECIMAL:
        if (value->kind != (check->lexical ? VALUE_TEXT : VALUE_NUMBER)) break;
        return field_check_scalar(check, field, pointer, value, ret_value);
    case FIELD_BOOLEAN:
        if (value->kind != (check->lexical ? VALUE_TEXT : VALUE_BOOLEAN)) break;
        return field_check_scalar(check, field, pointer, value, ret_value);
    default:
        if (value->kind != VALUE_TEXT) break;
        return field_check_scalar(check, field, pointer, value, ret_value);
    }
    return wrong_type(check, field, pointer, value);
}

bool field_check_partly(const struct field_check *check, const struct field *record,
                        const struct value *value, struct value *ret_sound) {
    const char *pointer = check->pointer ? check->pointer : "";
    if (value->kind == VALUE_CONTEXT) {
        return check_record(check, record->fields, record->field_count, pointer, 0, value,
                            ret_sound);
    }
    *ret_sound = value_context(NULL, 0);
    return field_check_at(check, record, pointer, 0, value, ret_sound);
}

bool field_check_record(const struct field_check *check, const struct field *fields,
                        int field_count, const struct value *value, struct value *ret_value) {
    const struct field whole = {.name = "", .type = FIELD_RECORD, .fields = fields,
                                .field_count = field_count,
                                .label = {"Het bericht", "The message"}};
    return field_check_value(check, &whole, value, ret_value);
}

bool field_check_value(const struct field_check *check, const struct field *field,
                       const struct value *value, struct value *ret_value) {
    return field_check_at(check, field, check->pointer ? check->pointer : "", 0, value, ret_value);
}

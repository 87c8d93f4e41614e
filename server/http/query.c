/* The decoding of application/x-www-form-urlencoded text, as query strings are. */
#include "query.h"

#include <string.h>

#include "base/utf8.h"
#include "head.h"

static const struct query_fault fault_text = {
    "bad_query", "De parameters in het adres zijn niet goed gecodeerd: gebruik UTF-8 met %XX.",
    "The parameters in the address are not well encoded: use UTF-8 with %XX.", ""};
static const struct query_fault fault_many = {
    "too_many_parameters", "Er staan te veel parameters in het adres: geef er hoogstens 64.",
    "There are too many parameters in the address: give 64 at most.", ""};
static const struct query_fault fault_twice = {
    "duplicate_parameter", "Deze parameter staat meer dan één keer in het adres: geef die één "
                           "keer.",
    "This parameter stands more than once in the address: give it once.", ""};

static bool refuse(const struct query_fault *fault, struct query_fault *ret_fault) {
    *ret_fault = *fault;
    return false;
}

void query_pointer(const char *name, size_t length, char ret_pointer[FIELD_POINTER_MAX]) {
    size_t at = 0;
    ret_pointer[at++] = '/';
    for (size_t i = 0; i < length && at + 3 < FIELD_POINTER_MAX; i++) {
        if (name[i] == '~' || name[i] == '/') {
            ret_pointer[at++] = '~';
            ret_pointer[at++] = name[i] == '~' ? '0' : '1';
        } else {
            ret_pointer[at++] = name[i];
        }
    }
    ret_pointer[at] = '\0';
}

static bool decode(const char *text, size_t length, struct scratch *scratch, const char **ret_text,
                   size_t *ret_length) {
    char *memory = scratch_take(scratch, length + 1);
    if (!memory || !head_percent_decode(text, length, true, memory, ret_length)) return false;
    *ret_text = memory;
    return utf8_valid(memory, *ret_length);
}

static bool read_parameter(const char *text, size_t length, struct scratch *scratch,
                           struct value_entry *ret_entry) {
    const char *equals = memchr(text, '=', length);
    size_t name_length = equals ? (size_t)(equals - text) : length;
    const char *name = NULL, *value = "";
    size_t value_length = 0;
    if (!decode(text, name_length, scratch, &name, &name_length) || name_length == 0) return false;
    if (equals && !decode(equals + 1, length - (size_t)(equals - text) - 1, scratch, &value,
                          &value_length))
        return false;
    ret_entry->name = name;
    ret_entry->name_length = (uint32_t)name_length;
    ret_entry->value = value_text(value, value_length);
    return true;
}

bool query_read(const char *query, struct scratch *scratch, struct query_fault *ret_fault,
                struct value_entry ret_entries[QUERY_PARAMETERS_MAX], int *ret_count) {
    int count = 0;
    while (query && *query) {
        size_t length = strcspn(query, "&");
        if (length > 0) {
            struct value_entry entry;
            if (count == QUERY_PARAMETERS_MAX) return refuse(&fault_many, ret_fault);
            if (!read_parameter(query, length, scratch, &entry))
                return refuse(&fault_text, ret_fault);
            for (int i = 0; i < count; i++) {
                if (ret_entries[i].name_length != entry.name_length ||
                    memcmp(ret_entries[i].name, entry.name, entry.name_length) != 0)
                    continue;
                refuse(&fault_twice, ret_fault);
                query_pointer(entry.name, entry.name_length, ret_fault->pointer);
                return false;
            }
            ret_entries[count++] = entry;
        }
        query += length;
        if (*query == '&') query++;
    }
    *ret_count = count;
    return true;
}

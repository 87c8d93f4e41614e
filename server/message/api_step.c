/* Values, fields and pointers between a version of the API and the newest, step by step. All of it
 * is made anew in scratch: what came is left as it is. */
#include <stdio.h>
#include <string.h>

#include "api_version.h"

static const struct api_step *step_of(int version, const char *operation) {
    const struct api_version *made = &api_versions[version];
    for (int at = 0; at < made->step_count; at++) {
        if (strcmp(made->steps[at].operation, operation) == 0) return &made->steps[at];
    }
    return NULL;
}

static const struct api_form *form_of(const struct api_step *step, enum api_side side) {
    return side == API_INPUT ? &step->input : &step->output;
}

bool api_version_differs(int version, const char *operation) {
    for (int at = version + 1; at < api_version_count; at++) {
        if (step_of(at, operation)) return true;
    }
    return false;
}

/* ---- places --------------------------------------------------------------------------------- */

/* Does a place begin with this name? Then the rest of it. */
static bool place_enters(const char *within, const char *name, size_t length,
                         const char **ret_rest) {
    if (strncmp(within, name, length) != 0 || (within[length] && within[length] != '.'))
        return false;
    *ret_rest = within + length + (within[length] == '.');
    return true;
}

/* ---- values --------------------------------------------------------------------------------- */

static bool rename_in(struct value *value, const char *within, const char *from, const char *to,
                      struct scratch *scratch);

static bool rename_items(struct value *value, const char *within, const char *from,
                         const char *to, struct scratch *scratch) {
    struct value *items = scratch_take(scratch, (value->length + 1) * sizeof *items);
    if (!items) return false;
    for (uint32_t at = 0; at < value->length; at++) {
        items[at] = value->items[at];
        if (!rename_in(&items[at], within, from, to, scratch)) return false;
    }
    value->items = items;
    return true;
}

static bool rename_entry(struct value_entry *entry, const char *within, const char *from,
                         const char *to, struct scratch *scratch) {
    const char *rest;
    if (*within) {
        return !place_enters(within, entry->name, entry->name_length, &rest) ||
               rename_in(&entry->value, rest, from, to, scratch);
    }
    if (entry->name_length == strlen(from) && memcmp(entry->name, from, entry->name_length) == 0) {
        entry->name = to;
        entry->name_length = (uint32_t)strlen(to);
    }
    return true;
}

/* What is no record has no names: whoever reads it finds it wrong. */
static bool rename_in(struct value *value, const char *within, const char *from, const char *to,
                      struct scratch *scratch) {
    if (value->kind == VALUE_LIST) return rename_items(value, within, from, to, scratch);
    if (value->kind != VALUE_CONTEXT) return true;
    struct value_entry *entries = scratch_take(scratch, (value->length + 1) * sizeof *entries);
    if (!entries) return false;
    for (uint32_t at = 0; at < value->length; at++) {
        entries[at] = value->entries[at];
        if (!rename_entry(&entries[at], within, from, to, scratch)) return false;
    }
    value->entries = entries;
    return true;
}

bool api_version_up(int version, const char *operation, struct scratch *scratch,
                    struct value *input) {
    for (int at = version + 1; at < api_version_count; at++) {
        const struct api_step *step = step_of(at, operation);
        if (!step) continue;
        const struct api_form *form = &step->input;
        for (int name = 0; name < form->rename_count; name++) {
            const struct api_rename *rename = &form->renames[name];
            if (!rename_in(input, rename->within, rename->older, rename->newer, scratch))
                return false;
        }
        if (form->reshape && !form->reshape(input, scratch)) return false;
    }
    return true;
}

bool api_version_down(int version, const char *operation, struct scratch *scratch,
                      struct value *output) {
    for (int at = api_version_count - 1; at > version; at--) {
        const struct api_step *step = step_of(at, operation);
        if (!step) continue;
        const struct api_form *form = &step->output;
        if (form->reshape && !form->reshape(output, scratch)) return false;
        for (int name = form->rename_count - 1; name >= 0; name--) {
            const struct api_rename *rename = &form->renames[name];
            if (!rename_in(output, rename->within, rename->newer, rename->older, scratch))
                return false;
        }
    }
    return true;
}

/* ---- fields --------------------------------------------------------------------------------- */

/* Copies the fields on the way to the place, and gives the one there its older name. */
static bool rename_field(const struct field **fields, int count, const char *within,
                         const struct api_rename *rename, struct scratch *scratch) {
    struct field *copy = scratch_take(scratch, (size_t)(count + 1) * sizeof *copy);
    const char *rest;
    if (!copy) return false;
    for (int at = 0; at < count; at++) {
        copy[at] = (*fields)[at];
        if (!*within) {
            if (strcmp(copy[at].name, rename->newer) == 0) copy[at].name = rename->older;
            continue;
        }
        if (!place_enters(within, copy[at].name, strlen(copy[at].name), &rest)) continue;
        if (copy[at].type == FIELD_LIST && copy[at].fields[0].type == FIELD_RECORD) {
            struct field *item = scratch_take(scratch, sizeof *item);
            if (!item) return false;
            *item = copy[at].fields[0];
            if (!rename_field(&item->fields, item->field_count, rest, rename, scratch))
                return false;
            copy[at].fields = item;
        } else if (copy[at].type == FIELD_RECORD &&
                   !rename_field(&copy[at].fields, copy[at].field_count, rest, rename, scratch)) {
            return false;
        }
    }
    *fields = copy;
    return true;
}

bool api_version_fields(int version, const char *operation, enum api_side side,
                        struct scratch *scratch, const struct field **fields, int *field_count) {
    for (int at = api_version_count - 1; at > version; at--) {
        const struct api_step *step = step_of(at, operation);
        if (!step) continue;
        const struct api_form *form = form_of(step, side);
        if (form->fields) {
            *fields = form->fields;
            *field_count = form->field_count;
            continue;
        }
        for (int name = form->rename_count - 1; name >= 0; name--) {
            const struct api_rename *rename = &form->renames[name];
            if (!rename_field(fields, *field_count, rename->within, rename, scratch)) return false;
        }
    }
    return true;
}

/* ---- pointers ------------------------------------------------------------------------------- */

/* "/items/3/draft_id": the part that a name stands in, past numbers of items. No name of a field
 * has a character that pointers escape. */
static void rename_pointer(const struct api_rename *rename, char pointer[FIELD_POINTER_MAX]) {
    const char *within = rename->within;
    char *at = pointer;
    while (*at == '/') {
        char *part = at + 1;
        size_t length = strcspn(part, "/");
        at = part + length;
        if (length > 0 && strspn(part, "0123456789") == length) continue;
        if (*within) {
            if (!place_enters(within, part, length, &within)) return;
            continue;
        }
        if (length != strlen(rename->newer) || memcmp(part, rename->newer, length) != 0) return;
        char renamed[FIELD_POINTER_MAX];
        int written = snprintf(renamed, sizeof renamed, "%.*s%s%s", (int)(part - pointer), pointer,
                               rename->older, at);
        if (written > 0 && written < (int)sizeof renamed)
            memcpy(pointer, renamed, (size_t)written + 1);
        return;
    }
}

void api_version_point(int version, const char *operation, char pointer[FIELD_POINTER_MAX]) {
    for (int at = api_version_count - 1; at > version; at--) {
        const struct api_step *step = step_of(at, operation);
        if (!step) continue;
        if (step->input.point) step->input.point(pointer);
        for (int name = step->input.rename_count - 1; name >= 0; name--)
            rename_pointer(&step->input.renames[name], pointer);
    }
}

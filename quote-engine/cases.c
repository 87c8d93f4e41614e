/* Reads testCases documents and compares values. Elements keep their meaning from the suite's
 * schema: value (with xsi:type or xsi:nil), list of item, component by name. */
#include "cases.h"

#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "xml.h"

enum { VALUE_SCRATCH_BYTES = 512, CASES_MEMORY_BYTES = 512 * 1024 * 1024 };

struct reader {
    struct arena *arena;
    struct problems *problems;
    const char *file;
    const struct moment *moment;
    int value_count, case_count;
    int status;
};

static void reader_fail(struct reader *reader, const struct xml_element *xml, const char *text) {
    if (reader->status == QUOTE_OK)
        problems_add(reader->problems, false, reader->file, xml->line, 0, "", "%s", text);
    reader->status = QUOTE_INVALID;
}

static void *reader_take(struct reader *reader, size_t count, size_t size) {
    void *memory = reader->status == QUOTE_OK ? arena_take_array(reader->arena, count, size) : NULL;
    if (!memory && reader->status == QUOTE_OK) reader->status = QUOTE_NO_MEMORY;
    return memory;
}

static bool type_is(const char *type, const char *name) {
    const char *colon = strrchr(type, ':');
    return strcmp(colon ? colon + 1 : type, name) == 0;
}

static bool is_one_of(const char *type, const char *const *names) {
    for (; *names; names++)
        if (type_is(type, *names)) return true;
    return false;
}

static void trim(const char **text, size_t *length) {
    while (*length && strchr(" \t\r\n", **text)) (*text)++, (*length)--;
    while (*length && strchr(" \t\r\n", (*text)[*length - 1])) (*length)--;
}

static bool temporal_read(struct reader *reader, const char *type, const char *text, size_t length,
                          struct value *ret_value) {
    void *memory = reader_take(reader, 1, VALUE_SCRATCH_BYTES);
    if (!memory) return false;
    struct scratch scratch;
    scratch_init(&scratch, memory, VALUE_SCRATCH_BYTES);
    struct value value;
    if (!calendar_read_any(text, length, reader->moment, &scratch, &value)) return false;
    bool fits = type_is(type, "date")       ? value.kind == VALUE_DATE
                : type_is(type, "time")     ? value.kind == VALUE_TIME
                : type_is(type, "dateTime") ? value.kind == VALUE_DATE_TIME
                                            : value.kind == VALUE_MONTHS ||
                                                  value.kind == VALUE_DURATION;
    if (fits) *ret_value = value;
    return fits;
}

static struct value scalar_read(struct reader *reader, const struct xml_element *xml) {
    static const char *const numbers[] = {"decimal", "double", "float", "integer", "int", "long",
                                          "short", "number", NULL};
    static const char *const temporals[] = {"date", "time", "dateTime", "duration",
                                            "dayTimeDuration", "yearMonthDuration", NULL};
    const char *nil = xml_attribute(xml, "nil"), *type = xml_attribute(xml, "type");
    if (nil && (strcmp(nil, "true") == 0 || strcmp(nil, "1") == 0)) return value_null();
    const char *text = xml->text;
    size_t length = xml->text_length;
    if (!type || type_is(type, "string") || type_is(type, "anySimpleType"))
        return value_text(text, length);
    trim(&text, &length);
    struct value value = value_null();
    if (is_one_of(type, numbers)) {
        struct decimal number;
        if (decimal_parse(text, length, &number)) return value_number(number);
        reader_fail(reader, xml, "this is not a number: write digits, as 12.50");
    } else if (type_is(type, "boolean")) {
        if (length == 4 && memcmp(text, "true", 4) == 0) return value_boolean(true);
        if (length == 5 && memcmp(text, "false", 5) == 0) return value_boolean(false);
        reader_fail(reader, xml, "this is not a boolean: write true or false");
    } else if (is_one_of(type, temporals)) {
        if (!temporal_read(reader, type, text, length, &value))
            reader_fail(reader, xml, "this is not a date, time or duration of the said type, such "
                                     "as 2026-01-31, 09:30:00 or P1Y");
    } else {
        reader_fail(reader, xml, "unknown xsi:type: use xsd:string, decimal, boolean, date, time, "
                                 "dateTime or duration");
    }
    return value;
}

static struct value value_read(struct reader *reader, const struct xml_element *parent);

static struct value list_read(struct reader *reader, const struct xml_element *list) {
    int count = xml_count(list, "item"), at = 0;
    struct value *items = reader_take(reader, (size_t)count, sizeof *items);
    if (!items) return value_null();
    for (const struct xml_element *item = xml_child(list, "item"); item; item = xml_next(item))
        items[at++] = value_read(reader, item);
    return value_list(items, (size_t)count);
}

/* `name` children, each with a name attribute, as a context. */
static struct value context_read(struct reader *reader, const struct xml_element *parent,
                                 const char *child_name) {
    int count = xml_count(parent, child_name), kept = 0;
    if (count > CASES_ENTRIES_MAX) {
        reader_fail(reader, parent, "there are too many names inside this element");
        return value_null();
    }
    struct value_entry *entries = reader_take(reader, (size_t)count, sizeof *entries);
    if (!entries) return value_null();
    for (const struct xml_element *child = xml_child(parent, child_name); child;
         child = xml_next(child)) {
        const char *name = xml_attribute(child, "name");
        if (!name) {
            reader_fail(reader, child, "this element has no name attribute");
            return value_null();
        }
        struct value so_far = value_context(entries, (size_t)kept);
        if (value_entry_find(&so_far, name, strlen(name))) {
            reader_fail(reader, child, "this name is given twice");
            return value_null();
        }
        entries[kept].name = name;
        entries[kept].name_length = (uint32_t)strlen(name);
        entries[kept++].value = value_read(reader, child);
    }
    return value_context(entries, (size_t)kept);
}

/* What stands inside an inputNode, component, item or expected: one value, list, or components.
 * The depth is bounded by the XML reader's. */
static struct value value_read(struct reader *reader, const struct xml_element *parent) {
    if (reader->status != QUOTE_OK) return value_null();
    if (++reader->value_count > CASES_VALUES_MAX) {
        reader_fail(reader, parent, "there are too many values in this file: split it");
        return value_null();
    }
    const struct xml_element *nested;
    if ((nested = xml_child(parent, "value"))) return scalar_read(reader, nested);
    if ((nested = xml_child(parent, "list"))) return list_read(reader, nested);
    if (xml_child(parent, "component")) return context_read(reader, parent, "component");
    const char *nil = xml_attribute(parent, "nil");
    if (nil && strcmp(nil, "true") == 0) return value_null();
    return parent->first || parent->text_length ? scalar_read(reader, parent) : value_null();
}

static void results_read(struct reader *reader, const struct xml_element *xml,
                         struct cases_case *item) {
    int count = xml_count(xml, "resultNode"), at = 0;
    struct cases_result *results = reader_take(reader, (size_t)count, sizeof *results);
    if (!results) return;
    for (const struct xml_element *child = xml_child(xml, "resultNode"); child;
         child = xml_next(child)) {
        struct cases_result *result = &results[at++];
        const char *error = xml_attribute(child, "errorResult");
        const struct xml_element *expected = xml_child(child, "expected");
        result->name = xml_attribute(child, "name");
        result->error = error && strcmp(error, "true") == 0;
        result->line = child->line;
        if (!result->name) {
            reader_fail(reader, child, "this resultNode has no name");
            return;
        }
        if (expected) result->expected = value_read(reader, expected);
    }
    item->results = results;
    item->result_count = count;
}

static void case_read(struct reader *reader, const struct xml_element *xml,
                      struct cases_case *item) {
    const struct xml_element *description = xml_child(xml, "description");
    const char *id = xml_attribute(xml, "id"), *type = xml_attribute(xml, "type");
    item->id = id ? id : "";
    item->line = xml->line;
    item->description = description ? description->text : "";
    item->invocable = xml_attribute(xml, "invocableName");
    item->kind = type && strcmp(type, "decisionService") == 0 ? ELEMENT_SERVICE
                 : type && strcmp(type, "bkm") == 0           ? ELEMENT_KNOWLEDGE
                                                              : ELEMENT_DECISION;
    if (item->kind == ELEMENT_DECISION) item->invocable = NULL;
    item->inputs = context_read(reader, xml, "inputNode");
    results_read(reader, xml, item);
}

static void document_read(struct reader *reader, const struct xml_element *root,
                          struct cases *cases) {
    if (strcmp(root->name, "testCases") != 0) {
        reader_fail(reader, root, "the file's first element is not testCases");
        return;
    }
    const struct xml_element *model = xml_child(root, "modelName");
    const char *text = model ? model->text : "";
    size_t length = model ? model->text_length : 0;
    trim(&text, &length);
    int count = xml_count(root, "testCase"), at = 0;
    if (count > CASES_MAX) {
        reader_fail(reader, root, "there are too many cases in this file: split it");
        return;
    }
    cases->model = arena_copy(reader->arena, text, length);
    struct cases_case *items = reader_take(reader, (size_t)count, sizeof *items);
    if (!items || !cases->model) return;
    for (const struct xml_element *child = xml_child(root, "testCase"); child;
         child = xml_next(child))
        case_read(reader, child, &items[at++]);
    cases->items = items;
    cases->count = count;
}

int cases_read(const struct source *source, const struct moment *moment, struct problems *problems,
               struct cases **ret_cases) {
    struct cases *cases = calloc(1, sizeof *cases);
    struct arena *arena = calloc(1, sizeof *arena);
    if (!cases || !arena) {
        free(cases);
        free(arena);
        return QUOTE_NO_MEMORY;
    }
    arena_init(arena, CASES_MEMORY_BYTES);
    cases->arena = arena;
    struct reader reader = {
        .arena = arena, .problems = problems, .file = source->name, .moment = moment};
    const struct xml_element *root;
    const char *namespace;
    reader.status = xml_read(source, arena, problems, &root, &namespace);
    if (reader.status == QUOTE_OK) document_read(&reader, root, cases);
    if (reader.status != QUOTE_OK) {
        cases_free(cases);
        return reader.status;
    }
    *ret_cases = cases;
    return QUOTE_OK;
}

void cases_free(struct cases *cases) {
    if (!cases) return;
    arena_done(cases->arena);
    free(cases->arena);
    free(cases);
}

/* `tolerance` NULL: numbers must be equal. */
static bool values_agree(const struct value *expected, const struct value *actual,
                         const struct moment *moment, const struct decimal *tolerance) {
    if (expected->kind != actual->kind) return false;
    if (expected->kind == VALUE_NULL) return true;
    if (expected->kind == VALUE_NUMBER && tolerance) {
        struct decimal apart;
        return decimal_subtract(expected->number, actual->number, &apart) &&
               decimal_compare(decimal_absolute(apart), *tolerance) <= 0;
    }
    if (expected->kind == VALUE_LIST) {
        if (expected->length != actual->length) return false;
        for (uint32_t i = 0; i < expected->length; i++)
            if (!values_agree(&expected->items[i], &actual->items[i], moment, tolerance))
                return false;
        return true;
    }
    if (expected->kind == VALUE_CONTEXT) {
        if (expected->length != actual->length) return false;
        for (uint32_t i = 0; i < expected->length; i++) {
            const struct value_entry *entry = &expected->entries[i];
            const struct value *other = value_entry_find(actual, entry->name, entry->name_length);
            if (!other || !values_agree(&entry->value, other, moment, tolerance)) return false;
        }
        return true;
    }
    return value_equal(expected, actual, moment) == 1;
}

bool cases_equal(const struct value *expected, const struct value *actual,
                 const struct moment *moment) {
    return values_agree(expected, actual, moment, NULL);
}

bool cases_near(const struct value *expected, const struct value *actual,
                const struct moment *moment) {
    struct decimal tolerance = decimal_from_scaled(1, 8);
    return values_agree(expected, actual, moment, &tolerance);
}

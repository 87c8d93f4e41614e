/* Elements to values. Which element is which field comes from the descriptors; what the values must
 * be is left to field_check, which takes their texts by type. */
#include <string.h>

#include "field_rules.h"
#include "record.h"
#include "xml_field.h"

static bool decode_value(const struct xml_decoding *decoding, const struct field *field,
                         const struct xml_node *node, const char *pointer, struct value *ret_value);

static bool in_namespace(const struct xml_decoding *decoding, const struct xml_node *node) {
    return *node->namespace == '\0' || strcmp(node->namespace, decoding->namespace) == 0;
}

static bool is_nil(const struct xml_node *node) {
    const struct xml_node_attribute *nil = xml_node_attribute(node, XML_INSTANCE, "nil");
    return nil && xml_is_true(nil->value, nil->value_length);
}

static void say(const struct xml_decoding *decoding, const char *pointer, const char *code,
                const char *nl, const char *en) {
    field_fault_add(decoding->faults, pointer, code, "%s",
                    decoding->language == LANGUAGE_EN ? en : nl);
}

static void say_repeated(const struct xml_decoding *decoding, const char *pointer) {
    say(decoding, pointer, "repeated", "Dit element staat er meer dan eens: stuur het één keer.",
        "This element is there more than once: send it once.");
}

static void say_namespace(const struct xml_decoding *decoding, const char *pointer) {
    bool english = decoding->language == LANGUAGE_EN;
    field_fault_add(decoding->faults, pointer, "wrong_namespace",
                    english ? "This element is in another namespace: put it in %s."
                            : "Dit element staat in een andere naamruimte: zet het in %s.",
                    decoding->namespace);
}

/* Text between elements is nobody's. */
static void check_mixed(const struct xml_decoding *decoding, const struct xml_node *node,
                        const char *pointer) {
    if (node->mixed)
        say(decoding, pointer, "unexpected_text",
            "Hier staat tekst tussen de elementen: haal die weg.",
            "There is text between the elements: remove it.");
}

/* ---- records -------------------------------------------------------------------------------- */

static int find_field(const struct field *fields, int count, const struct xml_node *node) {
    for (int at = 0; at < count; at++)
        if (strcmp(fields[at].name, node->name) == 0) return at;
    return -1;
}

static bool seen_before(const struct value_entry *entries, size_t count,
                        const struct xml_node *node) {
    const struct value whole = value_context(entries, count);
    return value_entry_find(&whole, node->name, node->name_length) != NULL;
}

static bool decode_record(const struct xml_decoding *decoding, const struct field *fields,
                          int field_count, const struct xml_node *node, const char *pointer,
                          struct value *ret_value) {
    size_t room = (size_t)field_count + XML_UNKNOWN_MAX, count = 0;
    int unknown = 0;
    struct value_entry *entries = scratch_take(decoding->scratch, room * sizeof *entries);
    if (!entries) return false;
    check_mixed(decoding, node, pointer);
    for (const struct xml_node *child = node->first; child; child = child->next) {
        char place[FIELD_POINTER_MAX];
        int at = find_field(fields, field_count, child);
        field_pointer(pointer, child->name, child->name_length, place);
        if (!in_namespace(decoding, child)) {
            say_namespace(decoding, place);
        } else if (at < 0 && ++unknown > XML_UNKNOWN_MAX) {
            decoding->faults->more = true;
            break;
        } else if (seen_before(entries, count, child)) {
            say_repeated(decoding, place);
        } else {
            struct value_entry *entry = &entries[count];
            *entry = (struct value_entry){.name = child->name, .name_length = child->name_length,
                                          .value = value_text(child->text, child->text_length)};
            if (at >= 0 && !decode_value(decoding, &fields[at], child, place, &entry->value))
                return false;
            count++;
        }
        if (decoding->faults->more) break;
    }
    *ret_value = value_context(entries, count);
    return true;
}

/* ---- lists ---------------------------------------------------------------------------------- */

static bool decode_list(const struct xml_decoding *decoding, const struct field *field,
                        const struct xml_node *node, const char *pointer,
                        struct value *ret_value) {
    struct list items;
    char place[FIELD_POINTER_MAX];
    if (!node->first && !xml_is_blank(node->text, node->text_length)) {
        *ret_value = value_text(node->text, node->text_length); /* one item, without its element */
        return true;
    }
    list_init(&items, decoding->scratch);
    check_mixed(decoding, node, pointer);
    for (const struct xml_node *child = node->first; child; child = child->next) {
        struct value item;
        if (!in_namespace(decoding, child) || strcmp(child->name, field->fields->name) != 0) {
            bool english = decoding->language == LANGUAGE_EN;
            field_pointer(pointer, child->name, child->name_length, place);
            field_fault_add(decoding->faults, place, "unknown",
                            english ? "Only elements <%s> belong here."
                                    : "Hier horen alleen elementen <%s>.", field->fields->name);
            if (decoding->faults->more) break;
            continue;
        }
        field_pointer_index(pointer, items.count, place);
        if (!decode_value(decoding, field->fields, child, place, &item)) return false;
        list_add(&items, item);
    }
    *ret_value = list_value(&items);
    return !items.failed;
}

/* ---- open values ---------------------------------------------------------------------------- */

struct answer_values {
    const char *name;
    uint32_t name_length;
    bool records;
    struct list values;
};

static bool decode_open(const struct xml_decoding *decoding, const struct xml_node *node,
                        const char *pointer, bool within, struct value *ret_value);

/* The place for one of this name; NULL: there are XML_ANSWERS_MAX. Repeats mostly come together. */
static struct answer_values *values_named(struct answer_values *answers, int *count,
                                          const struct xml_node_attribute *name,
                                          struct scratch *scratch) {
    for (int at = *count - 1; at >= 0; at--)
        if (answers[at].name_length == name->value_length &&
            memcmp(answers[at].name, name->value, name->value_length) == 0)
            return &answers[at];
    if (*count == XML_ANSWERS_MAX) return NULL;
    struct answer_values *added = &answers[(*count)++];
    *added = (struct answer_values){.name = name->value, .name_length = name->value_length};
    list_init(&added->values, scratch);
    return added;
}

static void say_open(const struct xml_decoding *decoding, const char *pointer) {
    say(decoding, pointer, "unknown",
        "Hier horen alleen elementen <answer name=\"…\"> en, voor een lijst, <record name=\"…\"> "
        "met elementen <answer>.",
        "Only elements <answer name=\"…\"> belong here and, for a list, <record name=\"…\"> with "
        "elements <answer>.");
}

/* Adds one child; false: scratch is used up. */
static bool add_answer(const struct xml_decoding *decoding, const struct xml_node *child,
                       const char *pointer, bool within, struct answer_values *answers,
                       int *count) {
    const struct xml_node_attribute *name = xml_node_attribute(child, "", "name");
    bool record = !within && strcmp(child->name, "record") == 0;
    bool known = record || strcmp(child->name, "answer") == 0;
    if (!known || !name || !in_namespace(decoding, child) || (!record && child->first)) {
        say_open(decoding, pointer);
        return true;
    }
    struct answer_values *values = values_named(answers, count, name, decoding->scratch);
    if (!values) {
        decoding->faults->more = true;
        say_open(decoding, pointer);
        return true;
    }
    struct value value = value_text(child->text, child->text_length);
    if (is_nil(child)) {
        value = value_null();
    } else if (record) {
        char list[FIELD_POINTER_MAX], place[FIELD_POINTER_MAX];
        field_pointer(pointer, name->value, name->value_length, list);
        field_pointer_index(list, values->values.count, place);
        if (!decode_open(decoding, child, place, true, &value)) return false;
    }
    values->records |= record;
    list_add(&values->values, value);
    return !values->values.failed;
}

/* `within` a record: records hold no records. */
static bool decode_open(const struct xml_decoding *decoding, const struct xml_node *node,
                        const char *pointer, bool within, struct value *ret_value) {
    int count = 0, most = 1;
    for (const struct xml_node *child = node->first; child && most < XML_ANSWERS_MAX;
         child = child->next)
        most++;
    struct answer_values *answers =
        scratch_take(decoding->scratch, (size_t)most * sizeof *answers);
    if (!answers) return false;
    check_mixed(decoding, node, pointer);
    if (!node->first && !xml_is_blank(node->text, node->text_length))
        say_open(decoding, pointer);
    for (const struct xml_node *child = node->first; child && !decoding->faults->more;
         child = child->next)
        if (!add_answer(decoding, child, pointer, within, answers, &count)) return false;
    size_t room = (size_t)(count > 0 ? count : 1);
    struct value_entry *entries = scratch_take(decoding->scratch, room * sizeof *entries);
    if (!entries) return false;
    for (int at = 0; at < count; at++) {
        const struct list *values = &answers[at].values;
        bool one = values->count == 1 &&
                   (!answers[at].records || values->items->kind == VALUE_NULL);
        entries[at] = (struct value_entry){.name = answers[at].name,
                                           .name_length = answers[at].name_length,
                                           .value = one ? values->items[0] : list_value(values)};
    }
    *ret_value = value_context(entries, (size_t)count);
    return true;
}

/* ---- every type ----------------------------------------------------------------------------- */

static bool decode_value(const struct xml_decoding *decoding, const struct field *field,
                         const struct xml_node *node, const char *pointer,
                         struct value *ret_value) {
    if (is_nil(node)) {
        *ret_value = value_null();
        return true;
    }
    switch (field->type) {
    case FIELD_LIST:
        return decode_list(decoding, field, node, pointer, ret_value);
    case FIELD_OPEN:
        return decode_open(decoding, node, pointer, false, ret_value);
    case FIELD_RECORD:
        if (node->first || xml_is_blank(node->text, node->text_length))
            return decode_record(decoding, field->fields, field->field_count, node, pointer,
                                 ret_value);
        break;
    default:
        if (node->first) {
            *ret_value = value_context(NULL, 0); /* for the check to tell of */
            return true;
        }
    }
    *ret_value = value_text(node->text, node->text_length);
    return true;
}

bool field_decode_xml(const struct xml_decoding *decoding, const struct field *fields,
                      int field_count, const struct xml_node *node, struct value *ret_value) {
    return decode_record(decoding, fields, field_count, node, "", ret_value);
}

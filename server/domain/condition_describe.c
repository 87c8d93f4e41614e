/* Reads the conditions that most products have (cover != "liability" and fuel in ("lpg", "cng"))
 * and says them in JSON Schema. It translates FEEL, it does not evaluate it: whatever it is not
 * sure of it leaves alone, and the service checks all conditions itself anyway. */
#include <string.h>

#include "domain/product_describe.h"

enum { TERMS_MAX = 8, CONSTANTS_MAX = 50 };

struct reader {
    const struct product_info *info;
    const char *at;
    struct scratch *scratch;
};

static void skip_blanks(struct reader *reader) {
    reader->at += strspn(reader->at, " \t\r\n");
}

static bool take(struct reader *reader, const char *token) {
    size_t length = strlen(token);
    skip_blanks(reader);
    if (strncmp(reader->at, token, length) != 0) return false;
    reader->at += length;
    return true;
}

static size_t name_length(const char *text) {
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
}

static bool take_word(struct reader *reader, const char *word) {
    skip_blanks(reader);
    size_t length = strlen(word);
    if (name_length(reader->at) != length || strncmp(reader->at, word, length) != 0) return false;
    reader->at += length;
    return true;
}

/* Only a question that everybody must answer: what null compares to is FEEL's business. */
static const struct product_question *take_question(struct reader *reader) {
    skip_blanks(reader);
    size_t length = name_length(reader->at);
    for (int i = 0; length && i < reader->info->question_count; i++) {
        const struct product_question *question = &reader->info->questions[i];
        if (strlen(question->name) != length || strncmp(question->name, reader->at, length) != 0)
            continue;
        bool fits = question->type == QUESTION_CHOICE || question->type == QUESTION_BOOLEAN;
        if (!fits || !question->required || question->shown_when) return NULL;
        reader->at += length;
        return question;
    }
    return NULL;
}

static bool take_constant(struct reader *reader, enum question_type type, struct value *ret_value) {
    skip_blanks(reader);
    if (type == QUESTION_BOOLEAN) {
        if (take_word(reader, "true")) *ret_value = value_boolean(true);
        else if (take_word(reader, "false")) *ret_value = value_boolean(false);
        else return false;
        return true;
    }
    if (*reader->at != '"') return false;
    size_t length = strcspn(reader->at + 1, "\"\\");
    if (reader->at[1 + length] != '"') return false;
    *ret_value = value_text(reader->at + 1, length);
    reader->at += length + 2;
    return true;
}

/* One of several constants: ("a", "b") or ["a", "b"]. */
static bool take_constants(struct reader *reader, enum question_type type, struct list *list) {
    const char *close = take(reader, "(") ? ")" : take(reader, "[") ? "]" : NULL;
    if (!close) return false;
    do {
        struct value constant;
        if (list->count == CONSTANTS_MAX || !take_constant(reader, type, &constant)) return false;
        list_add(list, constant);
    } while (take(reader, ","));
    return take(reader, close);
}

static struct value wrap(struct scratch *scratch, const char *name, struct value value,
                         bool *failed) {
    struct record record;
    record_init(&record, scratch);
    record_set(&record, name, value);
    *failed |= record.failed;
    return record_value(&record);
}

/* question = constant, question != constant, question in (constants) */
static bool take_term(struct reader *reader, struct record *properties, struct list *names) {
    const struct product_question *question = take_question(reader);
    struct value constant, schema;
    bool failed = false;
    if (!question) return false;
    if (take(reader, "!=")) {
        if (!take_constant(reader, question->type, &constant)) return false;
        schema = wrap(reader->scratch, "not", wrap(reader->scratch, "const", constant, &failed),
                      &failed);
    } else if (take(reader, "=")) {
        if (!take_constant(reader, question->type, &constant)) return false;
        schema = wrap(reader->scratch, "const", constant, &failed);
    } else if (take_word(reader, "in")) {
        struct list constants;
        list_init(&constants, reader->scratch);
        if (!take_constants(reader, question->type, &constants) || constants.failed) return false;
        schema = wrap(reader->scratch, "enum", list_value(&constants), &failed);
    } else return false;
    /* A second term on one question would replace the first. */
    for (size_t i = 0; i < names->count; i++)
        if (names->items[i].text == question->name) return false;
    record_set(properties, question->name, schema);
    list_add(names, value_text(question->name, strlen(question->name)));
    return !failed;
}

/* Goes on behind a term that is not understood, to the next "and". Only a plain comparison may be
 * left out like that: "or", "between … and …" and the like would bind what stands beside it. */
static bool skip_comparison(struct reader *reader) {
    static const char symbols[] = " \t\r\n<>=!.-+";
    bool any = false;
    for (;;) {
        skip_blanks(reader);
        size_t length = strspn(reader->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789_");
        if (length == 3 && !strncmp(reader->at, "and", 3)) return any;
        if (!*reader->at) return any;
        static const char *const binding[] = {"or",   "if",    "then", "else",     "for",
                                              "some", "every", "in",   "between", "return",
                                              "satisfies"};
        for (size_t i = 0; i < sizeof binding / sizeof *binding; i++)
            if (strlen(binding[i]) == length && !strncmp(reader->at, binding[i], length))
                return false;
        if (*reader->at == '"') {
            length = strcspn(reader->at + 1, "\"\\") + 1;
            if (reader->at[length++] != '"') return false;
        }
        if (!length) length = strspn(reader->at, symbols);
        if (!length) return false;
        reader->at += length;
        any = true;
    }
}

bool condition_describe(const struct product_info *info, const char *condition,
                        struct scratch *scratch, bool *ret_whole, struct value *ret_schema) {
    struct reader reader = {.info = info, .at = condition, .scratch = scratch};
    struct record properties, schema;
    struct list names;
    record_init(&properties, scratch);
    record_init(&schema, scratch);
    list_init(&names, scratch);
    int terms = 0;
    bool whole = true;
    do {
        const char *start = reader.at;
        size_t named = names.count;
        if (terms++ == TERMS_MAX) return false;
        if (take_term(&reader, &properties, &names)) {
            const char *behind = reader.at;
            skip_blanks(&reader);
            bool ends = !*reader.at || take_word(&reader, "and");
            reader.at = behind;
            if (ends) continue;
            return false;
        }
        if (names.count != named) return false;
        reader.at = start;
        whole = false;
        if (!skip_comparison(&reader)) return false;
    } while (take_word(&reader, "and"));
    skip_blanks(&reader);
    if (*reader.at || !names.count) return false;
    *ret_whole = whole;
    record_set(&schema, "properties", record_value(&properties));
    record_set(&schema, "required", list_value(&names));
    if (properties.failed || names.failed || schema.failed) return false;
    *ret_schema = record_value(&schema);
    return true;
}

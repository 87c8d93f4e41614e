/* The sentences of decisions: what went in, which rows applied or which formula, what came out; in
 * the words that the product gives for names of the model. */
#include <string.h>

#include "explain.h"

enum { TABLES_SAID_MAX = 10 /* uses of tables in one sentence; the data has them all */ };

/* ---- names --------------------------------------------------------------------------------- */

const char *explain_name(const struct explaining *explaining, const char *of) {
    const struct product *product = explaining->product;
    for (int i = 0; i < product->name_count; i++)
        if (strcmp(product->names[i].of, of) == 0)
            return text_in(&product->names[i].text, explaining->language);
    return NULL;
}

const char *explain_column_name(const struct explaining *explaining, const char *element,
                                const char *column, size_t length) {
    const struct product *product = explaining->product;
    size_t before = strlen(element);
    for (int i = 0; i < product->name_count; i++) {
        const char *of = product->names[i].of;
        if (strlen(of) == before + 1 + length && memcmp(of, element, before) == 0 &&
            of[before] == '.' && memcmp(of + before + 1, column, length) == 0)
            return text_in(&product->names[i].text, explaining->language);
    }
    return NULL;
}

const char *explain_own_text(const struct explaining *explaining, const char *text) {
    const char *of_model = explaining->product->model_language;
    const char *asked = explaining->language == LANGUAGE_EN ? "en" : "nl";
    return of_model && strcmp(of_model, asked) != 0 ? NULL : text;
}

const char *explain_column(const struct explaining *explaining, const char *element,
                           const struct element_table_column *column) {
    const char *label =
        explain_column_name(explaining, element, column->text, strlen(column->text));
    if (!label) label = explain_name(explaining, column->text);
    if (!label) label = explain_own_text(explaining, column->label);
    return label ? label : column->text;
}

/* What product.xml says that an element or a row of the model is for. */
static const char *explained(const struct explaining *explaining, const char *of) {
    const struct product *product = explaining->product;
    for (int i = 0; i < product->explain_count; i++)
        if (strcmp(product->explains[i].of, of) == 0)
            return text_in(&product->explains[i].text, explaining->language);
    return NULL;
}

const char *explain_description(const struct explaining *explaining,
                                const struct element *element) {
    const char *text = explained(explaining, element->name);
    return text ? text : explain_own_text(explaining, element->description);
}

const char *explain_note(const struct explaining *explaining, int element, int table, int row) {
    const struct program *program = explaining->product->program;
    const char *id = program_rule_id(program, element, table, row);
    const char *text = id ? explained(explaining, id) : NULL;
    if (!text) text = explain_own_text(explaining, program_rule_note(program, element, table, row));
    return text && *text ? text : NULL;
}

/* ---- sentences ----------------------------------------------------------------------------- */

/* "age is 46 and region is A": for formulas what they need, for tables their inputs. */
static void inputs_say(struct words *words, const struct explaining *explaining,
                       const struct value *inputs, const char *name) {
    for (uint32_t i = 0; i < inputs->length; i++) {
        const struct value *label = value_entry_find(&inputs->items[i], name, strlen(name));
        const struct value *value = value_entry_find(&inputs->items[i], "value", strlen("value"));
        const struct value *expression =
            value_entry_find(&inputs->items[i], "expression", strlen("expression"));
        if (i) words_add(words, i + 1 < inputs->length ? ", "
                                : explaining->language == LANGUAGE_EN ? " and "
                                                                      : " en ");
        if (label->kind == VALUE_TEXT) words_add_part(words, label->text, label->length);
        words_add(words, " is ");
        /* A formula compares codes, so that there they stand as they are. */
        if (expression) words_add_input(words, explaining, expression->text, value);
        else words_add_value(words, explaining, value);
    }
}

/* A row's number and what its cells ask: "4 (voor 1150 of meer en minder dan 1300)". */
static void row_say(struct words *words, const struct explaining *explaining,
                    const struct value *row) {
    const struct value *asks = value_entry_find(row, "asks", strlen("asks"));
    const struct value *note = value_entry_find(row, "note", strlen("note"));
    words_add_number(words, explaining->language,
                     value_entry_find(row, "row", strlen("row"))->number);
    if (asks->kind != VALUE_TEXT && note->kind != VALUE_TEXT) return;
    words_add(words, " (");
    if (asks->kind == VALUE_TEXT) {
        words_add(words, explain_in(explaining, "voor ", "for "));
        words_add_part(words, asks->text, asks->length);
    }
    if (asks->kind == VALUE_TEXT && note->kind == VALUE_TEXT) words_add(words, ": ");
    if (note->kind == VALUE_TEXT) words_add_part(words, note->text, note->length);
    words_add(words, ")");
}

static void rows_say(struct words *words, const struct explaining *explaining,
                     const struct value *rows) {
    bool english = explaining->language == LANGUAGE_EN;
    if (!rows->length)
        words_add(words, english ? "no row of the table applies" : "geen rij van de tabel geldt");
    else if (rows->length == 1)
        words_add(words, english ? "this row of the table applies: "
                                 : "deze rij van de tabel geldt: ");
    else
        words_add(words, english ? "these rows of the table apply: "
                                 : "deze rijen van de tabel gelden: ");
    for (uint32_t i = 0; i < rows->length; i++) {
        if (i) words_add(words, i + 1 < rows->length ? ", " : english ? " and " : " en ");
        row_say(words, explaining, &rows->items[i]);
    }
}

/* The rows of the tables that a formula used, one use after the other, as for each of a list. */
static void tables_say(struct words *words, const struct explaining *explaining,
                       const struct value *tables) {
    bool any = false;
    for (uint32_t i = 0; i < tables->length && i < TABLES_SAID_MAX; i++) {
        const struct value *rows = value_entry_find(&tables->items[i], "rows", strlen("rows"));
        const struct value *name =
            value_entry_find(&tables->items[i], "decision", strlen("decision"));
        for (uint32_t row = 0; row < rows->length; row++) {
            words_add(words, any ? ", " : explain_in(explaining, ". In de tabel golden: ",
                                                     ". In the table these applied: "));
            any = true;
            words_add_part(words, name->text, name->length);
            words_add(words, explain_in(explaining, " rij ", " row "));
            row_say(words, explaining, &rows->items[row]);
        }
    }
    if (any && tables->length > TABLES_SAID_MAX) words_add(words, ", …");
}

/* What an acceptance says: "aangeboden", and a reason's sentence. False when it is neither. */
static bool acceptance_say(struct words *words, const struct explaining *explaining,
                           const struct value_entry *entry) {
    static const struct {
        const char *outcome;
        struct text text;
    } outcomes[] = {{"offered", {"aangeboden", "offered"}},
                    {"referred", {"voorgelegd aan een acceptant", "referred to an underwriter"}},
                    {"declined", {"niet mogelijk", "declined"}}};
    const struct product *product = explaining->product;
    if (entry->name_length == 4 && memcmp(entry->name, "code", 4) == 0) {
        if (entry->value.kind == VALUE_NULL) {
            words_add(words, explaining->language == LANGUAGE_EN ? "none" : "geen");
            return true;
        }
        for (int i = 0; entry->value.kind == VALUE_TEXT && i < product->reason_count; i++) {
            const struct product_reason *reason = &product->reasons[i];
            if (strlen(reason->code) != entry->value.length ||
                memcmp(reason->code, entry->value.text, entry->value.length) != 0)
                continue;
            words_add_line(words, text_in(&reason->text, explaining->language));
            return true;
        }
    }
    if (entry->name_length != 7 || memcmp(entry->name, "outcome", 7) != 0) return false;
    for (size_t i = 0; entry->value.kind == VALUE_TEXT && i < sizeof outcomes / sizeof *outcomes;
         i++) {
        if (strlen(outcomes[i].outcome) != entry->value.length ||
            memcmp(outcomes[i].outcome, entry->value.text, entry->value.length) != 0)
            continue;
        words_add(words, text_in(&outcomes[i].text, explaining->language));
        return true;
    }
    return false;
}

/* A decision's result with its columns by the names that the product gives them. */
static void result_say(struct words *words, const struct explaining *explaining,
                       const char *decision, const struct value *value) {
    bool accepts = strcmp(decision, explaining->product->acceptance_name) == 0;
    bool contexts = value->kind == VALUE_LIST && value->length > 0;
    for (uint32_t i = 0; contexts && i < value->length; i++)
        contexts = value->items[i].kind == VALUE_CONTEXT;
    for (uint32_t i = 0; contexts && i < value->length; i++) {
        if (i) words_add(words, ", ");
        result_say(words, explaining, decision, &value->items[i]);
    }
    if (contexts) return;
    if (value->kind != VALUE_CONTEXT || !value->length) {
        words_add_value(words, explaining, value);
        return;
    }
    words_add(words, "(");
    for (uint32_t i = 0; i < value->length && !words->full; i++) {
        const struct value_entry *entry = &value->entries[i];
        const char *label =
            explain_column_name(explaining, decision, entry->name, entry->name_length);
        if (i) words_add(words, "; ");
        if (label) words_add(words, label);
        else words_add_part(words, entry->name, entry->name_length);
        words_add(words, accepts ? ": " : " ");
        if (accepts && acceptance_say(words, explaining, entry)) continue;
        words_add_value(words, explaining, &entry->value);
    }
    words_add(words, ")");
}

void words_add_decision(struct words *words, const struct explaining *explaining,
                         const struct element *element, const struct value *value,
                         const struct value *requires, const struct value *tables) {
    bool english = explaining->language == LANGUAGE_EN;
    const char *label = explain_name(explaining, element->name);
    words_add(words, label ? label : element->name);
    if (label && strcmp(label, element->name) != 0) { /* formulas say the model's name */
        words_add(words, " (");
        words_add(words, element->name);
        words_add(words, ")");
    }
    words_add(words, ": ");
    const char *description = explain_description(explaining, element);
    if (description) {
        words_add_line(words, description);
        words_add(words, " ");
    }
    if (element->text) {
        words_add(words, description ? (english ? "The formula is " : "De formule is ")
                                     : (english ? "the formula is " : "de formule is "));
        words_add_line(words, element->text);
        if (requires->length) {
            words_add(words, english ? ", where " : ", waarbij ");
            inputs_say(words, explaining, requires, "name");
        }
        tables_say(words, explaining, tables);
    } else if (tables->length) {
        const struct value *table = &tables->items[tables->length - 1];
        const struct value *inputs = value_entry_find(table, "inputs", strlen("inputs"));
        if (description) words_add(words, english ? "In this case: " : "In dit geval: ");
        inputs_say(words, explaining, inputs, "label");
        if (inputs->length) words_add(words, "; ");
        rows_say(words, explaining, value_entry_find(table, "rows", strlen("rows")));
    } else if (requires->length) {
        inputs_say(words, explaining, requires, "name");
    }
    words_add(words, english ? ". The result is " : ". De uitkomst is ");
    result_say(words, explaining, element->name, value);
    words_add(words, ".");
}

void words_add_knowledge(struct words *words, const struct explaining *explaining,
                          const struct element *element) {
    const char *label = explain_name(explaining, element->name);
    words_add(words, element->name);
    words_add(words, ":");
    if (label) {
        words_add(words, " ");
        words_add_line(words, label);
        words_add(words, ".");
    }
    if (element->text) {
        words_add(words, explaining->language == LANGUAGE_EN ? " the formula is "
                                                             : " de formule is ");
        words_add_line(words, element->text);
        words_add(words, ".");
    }
    const char *description = explain_description(explaining, element);
    if (description) {
        words_add(words, " ");
        words_add_line(words, description);
    }
}

/* Why an outcome is what it is: each reason back to the row or decision that gave it, and to the
 * answers that it was tested on. A reason may be given anywhere among the decisions that acceptance
 * rests on; the row whose output is its code is the one that gave it. */
#include <string.h>

#include "dmn.h"
#include "dmn_table.h"
#include "explain.h"

enum { INPUTS_MAX = PLAN_INPUTS_MAX, ACCEPTANCE_DEPTH = 3 };

/* What gave a reason: a row of a table, or (row -1) a decision. */
struct origin {
    int element, table, row;
    size_t event; /* where the trace tells it */
};

static bool text_is(const struct value *value, const char *text) {
    return value->kind == VALUE_TEXT && value->length == strlen(text) &&
           memcmp(value->text, text, value->length) == 0;
}

/* Is it acceptance, or does acceptance rest on it? */
static bool is_of_acceptance(const struct explaining *explaining, int acceptance, int element) {
    return acceptance >= 0 &&
           (element == acceptance ||
            dmn_needs(&explaining->product->program->details[acceptance], element));
}

static bool row_gives(const struct table *table, int row, const char *code) {
    for (int i = 0; i < table->output_count; i++) {
        const struct table_output *output = &table->outputs[i];
        const struct table_cell *cell = &output->cells[output->row_cells[row]];
        if (!cell->code && text_is(&cell->value, code)) return true;
    }
    return false;
}

/* Is the code among the value's texts? Acceptance gives a text, a context, or a list of either. */
static bool value_has(const struct value *value, const char *code, int depth) {
    if (text_is(value, code)) return true;
    if (depth == ACCEPTANCE_DEPTH) return false;
    for (uint32_t i = 0; value->kind == VALUE_LIST && i < value->length; i++)
        if (value_has(&value->items[i], code, depth + 1)) return true;
    for (uint32_t i = 0; value->kind == VALUE_CONTEXT && i < value->length; i++)
        if (value_has(&value->entries[i].value, code, depth + 1)) return true;
    return false;
}

/* A row whose output is the code; else the first decision whose value holds it. */
static bool origin_find(const struct explaining *explaining, const char *code,
                        struct origin *ret_origin) {
    const struct program *program = explaining->product->program;
    const struct trace *trace = explaining->trace;
    int acceptance =
        program_find(program, ELEMENT_DECISION, explaining->product->acceptance_name);
    bool found = false;
    for (size_t at = 0; at < trace->count; at++) {
        const struct trace_event *event = &trace->events[at];
        if (!is_of_acceptance(explaining, acceptance, event->element)) continue;
        if (event->kind == TRACE_ROW &&
            row_gives(program->details[event->element].tables[event->table], event->row, code)) {
            *ret_origin = (struct origin){event->element, event->table, event->row, at};
            return true;
        }
        if (event->kind != TRACE_DECISION_END || found || !value_has(&event->value, code, 0))
            continue;
        *ret_origin = (struct origin){event->element, -1, -1, at};
        found = true;
    }
    return found;
}

/* ---- answers ------------------------------------------------------------------------------- */

struct inputs { /* elements of the model that are inputs */
    int elements[INPUTS_MAX];
    int count;
};

static void input_add(struct inputs *inputs, int element) {
    for (int i = 0; i < inputs->count; i++)
        if (inputs->elements[i] == element) return;
    if (inputs->count < INPUTS_MAX) inputs->elements[inputs->count++] = element;
}

/* An input, or all inputs that a decision rests on. */
static void inputs_add(const struct program *program, int element, struct inputs *inputs) {
    if (program->elements[element].kind == ELEMENT_INPUT) input_add(inputs, element);
    for (int i = 0; i < program->element_count; i++)
        if (program->elements[i].kind == ELEMENT_INPUT &&
            dmn_needs(&program->details[element], i))
            input_add(inputs, i);
}

static bool is_name_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || (unsigned char)byte >= 0x80;
}

bool explain_text_names(const char *text, const char *name) {
    size_t length = strlen(name);
    for (const char *at = strstr(text, name); length && at; at = strstr(at + 1, name))
        if ((at == text || !is_name_byte(at[-1])) && !is_name_byte(at[length])) return true;
    return false;
}

/* What the columns that a row tests rest on; of a decision without a row, all that it needs. */
static void origin_inputs(const struct explaining *explaining, const struct origin *origin,
                          struct inputs *inputs) {
    const struct program *program = explaining->product->program;
    const struct dmn_element *detail = &program->details[origin->element];
    const struct table *table = origin->row < 0 ? NULL : detail->tables[origin->table];
    if (!table) {
        inputs_add(program, origin->element, inputs);
        return;
    }
    for (int i = 0; i < table->input_count; i++) {
        const struct table_input *input = &table->inputs[i];
        if (input->tests[input->row_tests[origin->row]].any) continue;
        for (int other = 0; other < program->element_count; other++)
            if (dmn_needs(detail, other) && program->elements[other].kind <= ELEMENT_DECISION &&
                explain_text_names(input->text, program->details[other].name))
                inputs_add(program, other, inputs);
    }
}

static bool answers_value(const struct explaining *explaining, const struct inputs *inputs,
                          struct words *words, struct value *ret_value) {
    const struct product_info *info = &explaining->product->info;
    struct value *items = explain_values(explaining, (size_t)info->question_count);
    size_t count = 0;
    if (!items) return false;
    for (int i = 0; i < info->question_count; i++) {
        const struct product_question *question = &info->questions[i];
        const struct value *answer = value_entry_find(&explaining->result->answers,
                                                      question->name, strlen(question->name));
        struct building building = {0};
        bool involved = false, hidden = explain_sensitive(explaining, question->name);
        for (int j = 0; j < inputs->count && !involved; j++)
            involved = strcmp(explaining->product->program->elements[inputs->elements[j]].name,
                              question->name) == 0;
        if (!involved || !answer) continue;
        const char *option = explain_option(explaining, question, answer);
        const char *label = text_in(&question->label, explaining->language);
        building_put_text(&building, "question", question->name);
        building_put_text(&building, "label", label);
        building_put(&building, "value", hidden ? value_null() : *answer);
        building_put_text(&building, "value_label", hidden ? NULL : option);
        words_add(words, count ? "; " : "");
        words_add_quoted(words, label);
        words_add(words, ": ");
        if (hidden) words_add(words, explain_in(explaining, "(niet getoond)", "(not shown)"));
        else words_add_answer(words, explaining, question, answer);
        if (!building_done(explaining, &building, &items[count++])) return false;
    }
    *ret_value = value_list(items, count);
    return true;
}

/* ---- sentences ------------------------------------------------------------------------------ */

/* The value that a column of the row's table had: its input stands before the row. */
static const struct value *column_value(const struct explaining *explaining,
                                        const struct origin *origin, int column) {
    for (size_t at = origin->event; at-- > 0;) {
        const struct trace_event *event = &explaining->trace->events[at];
        if (event->kind == TRACE_INPUT && event->element == origin->element &&
            event->table == origin->table && event->column == column)
            return &event->value;
    }
    return NULL;
}

/* "Dit volgt uit rij 1 van acceptatie: leeftijd is 17, en de rij geldt voor minder dan 18." */
static void origin_words(const struct explaining *explaining, const struct origin *origin,
                         struct words *words) {
    const struct element *element =
        program_element(explaining->product->program, origin->element);
    const char *name = explain_name(explaining, element->name);
    words_add(words, explain_in(explaining, "Dit volgt uit ", "This follows from "));
    if (origin->row < 0) {
        words_add(words, name ? name : element->name);
        words_add(words, ".");
        return;
    }
    const struct table *table =
        explaining->product->program->details[origin->element].tables[origin->table];
    bool first = true;
    words_add(words, explain_in(explaining, "rij ", "row "));
    words_add_number(words, explaining->language, decimal_from_int64(origin->row + 1));
    words_add(words, explain_in(explaining, " van ", " of "));
    words_add(words, name ? name : element->name);
    for (int i = 0; i < table->input_count; i++) {
        const struct table_input *input = &table->inputs[i];
        const struct table_test *test = &input->tests[input->row_tests[origin->row]];
        const struct value *value = column_value(explaining, origin, i);
        if (test->any || !value) continue;
        words_add(words, first ? ": " : "; ");
        first = false;
        words_add(words, explain_column(explaining, element->name,
                                        &element->tables[origin->table].inputs[i]));
        if (!explain_sensitive(explaining, input->text)) {
            words_add(words, " is ");
            words_add_input(words, explaining, input->text, value);
        }
        words_add(words, explain_in(explaining, " (de rij geldt bij: ", " (the row applies to: "));
        words_add_test(words, explaining, input, test);
        words_add(words, ")");
    }
    words_add(words, ".");
}

static const char *const outcomes[] = {[OUTCOME_OFFERED] = "offered",
                                       [OUTCOME_REFERRED] = "referred",
                                       [OUTCOME_DECLINED] = "declined"};

static bool origin_value(const struct explaining *explaining, const struct origin *origin,
                         struct building *building, struct words *words) {
    const struct element *element =
        program_element(explaining->product->program, origin->element);
    const char *label = explain_name(explaining, element->name);
    struct inputs inputs = {.count = 0};
    struct words told = {.length = 0};
    struct value answers;
    origin_inputs(explaining, origin, &inputs);
    if (!answers_value(explaining, &inputs, &told, &answers)) return false;
    building_put_text(building, "decision", element->name);
    building_put_text(building, "decision_label", label ? label : element->name);
    building_put(building, "row",
                 origin->row < 0 ? value_null() : value_int64(origin->row + 1));
    building_put_text(building, "rule_id",
                      origin->row < 0 ? NULL
                                      : program_rule_id(explaining->product->program,
                                                        origin->element, origin->table,
                                                        origin->row));
    building_put(building, "answers", answers);
    origin_words(explaining, origin, words);
    if (!told.length) return true;
    words_add(words, explain_in(explaining, " De antwoorden die hierin meetellen: ",
                                " The answers that count in this: "));
    words_add_part(words, told.text, told.length);
    words_add(words, ".");
    return true;
}

static bool reason_value(const struct explaining *explaining, const struct quote_reason *reason,
                         struct value *ret_value) {
    struct building building = {0};
    struct words words = {.length = 0};
    struct origin origin = {0};
    struct value explanation = value_null();
    building_put_text(&building, "code", reason->code);
    building_put_text(&building, "text", text_in(&reason->text, explaining->language));
    building_put_text(&building, "outcome", outcomes[reason->outcome]);
    if (origin_find(explaining, reason->code, &origin)) {
        if (!origin_value(explaining, &origin, &building, &words) ||
            !words_done(&words, explaining->scratch, &explanation))
            return false;
    } else { /* the trace had no room for it */
        building_put(&building, "decision", value_null());
        building_put(&building, "row", value_null());
        building_put(&building, "answers", value_list(NULL, 0));
    }
    building_put(&building, "explanation", explanation);
    return building_done(explaining, &building, ret_value);
}

bool explain_reasons(const struct explaining *explaining, struct value *ret_value) {
    int count = explaining->result->reason_count;
    struct value *items = explain_values(explaining, (size_t)count);
    if (!items) return false;
    for (int i = 0; i < count; i++)
        if (!reason_value(explaining, &explaining->result->reasons[i], &items[i])) return false;
    *ret_value = value_list(items, (size_t)count);
    return true;
}

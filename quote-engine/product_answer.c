/* Answers: reading the examples of product.xml into values, and checking answers (of examples and
 * of worked cases) against their questions. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "calendar.h"
#include "product_inside.h"

enum { PATTERN_MATCHES_MAX = 100000, PATTERN_HEAP_KIBIBYTES = 1024 };

/* ---- patterns ------------------------------------------------------------------------------ */

static pcre2_code *pattern_compile(const char *pattern, pcre2_compile_context *context,
                                   int *ret_error) {
    PCRE2_SIZE offset;
    return pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                         PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED | PCRE2_ENDANCHORED |
                             PCRE2_NEVER_BACKSLASH_C,
                         ret_error, &offset, context);
}

bool product_pattern_valid(const char *pattern, char *ret_why, size_t why_size,
                           bool *ret_starved) {
    int error = 0;
    pcre2_code *code = pattern_compile(pattern, NULL, &error);
    if (code) {
        pcre2_code_free(code);
        return true;
    }
    *ret_starved = error == PCRE2_ERROR_HEAP_FAILED;
    pcre2_get_error_message(error, (PCRE2_UCHAR *)ret_why, why_size);
    return false;
}

static void *scratch_allocate(size_t size, void *scratch) {
    return scratch_take(scratch, size);
}

/* Scratch memory is given back as a whole. */
static void scratch_leave(void *memory, void *scratch) {
    (void)memory, (void)scratch;
}

/* In scratch memory, as all that checks answers: a heap that is exhausted finds no answer wrong. */
static bool pattern_matches(struct scratch *scratch, const char *pattern,
                            const struct value *text) {
    int error = 0, matched = PCRE2_ERROR_NOMATCH;
    char *mark = scratch->at;
    pcre2_general_context *memory =
        pcre2_general_context_create(scratch_allocate, scratch_leave, scratch);
    pcre2_compile_context *rules = memory ? pcre2_compile_context_create(memory) : NULL;
    pcre2_code *code = rules ? pattern_compile(pattern, rules, &error) : NULL;
    pcre2_match_context *limits = code ? pcre2_match_context_create(memory) : NULL;
    pcre2_match_data *data = limits ? pcre2_match_data_create_from_pattern(code, memory) : NULL;
    if (data) {
        pcre2_set_match_limit(limits, PATTERN_MATCHES_MAX);
        pcre2_set_heap_limit(limits, PATTERN_HEAP_KIBIBYTES);
        matched = pcre2_match(code, (PCRE2_SPTR)text->text, text->length, 0, 0, data, limits);
    }
    scratch->at = mark;
    return matched >= 0;
}

/* ---- checking ------------------------------------------------------------------------------ */

struct checking {
    const struct product *product;
    const struct value_date *effective_date;
    const struct moment *moment;
    struct scratch *scratch;
    struct problems *problems;
    const char *file, *place;
    int line, faults;
};

static void fault(struct checking *checking, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void fault(struct checking *checking, const char *format, ...) {
    char text[PROBLEM_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    checking->faults++;
    problems_add(checking->problems, false, checking->file, checking->line, 0, checking->place,
                 "%s", text);
}

static int characters_count(const struct value *text) {
    int count = 0;
    for (uint32_t i = 0; i < text->length; i++)
        count += ((unsigned char)text->text[i] & 0xC0) != 0x80;
    return count;
}

static void length_check(struct checking *checking, const struct product_question *question,
                         int length) {
    if (length < question->length_minimum)
        fault(checking, "%s: at least %d are needed, here are %d", question->name,
              question->length_minimum, length);
    if (question->length_maximum && length > question->length_maximum)
        fault(checking, "%s: at most %d are allowed, here are %d", question->name,
              question->length_maximum, length);
}

static bool is_choice(const struct product_question *question, const struct value *code) {
    if (code->kind != VALUE_TEXT) return false;
    for (int i = 0; i < question->choice_count; i++)
        if (strlen(question->choices[i].code) == code->length &&
            memcmp(question->choices[i].code, code->text, code->length) == 0)
            return true;
    return false;
}

static void number_check(struct checking *checking, const struct product_question *question,
                         struct decimal number) {
    int scale = question->type == QUESTION_INTEGER ? 0
                : question->type == QUESTION_MONEY ? 2
                                                   : question->fraction_digits;
    struct decimal bound, rounded;
    if (!decimal_round(number, scale, DECIMAL_DOWN, &rounded) ||
        decimal_compare(number, rounded) != 0)
        fault(checking, "%s: at most %d digits may stand behind the point", question->name, scale);
    if (question->minimum &&
        decimal_parse(question->minimum, strlen(question->minimum), &bound) &&
        decimal_compare(number, bound) < 0)
        fault(checking, "%s: it is below %s", question->name, question->minimum);
    if (question->maximum &&
        decimal_parse(question->maximum, strlen(question->maximum), &bound) &&
        decimal_compare(number, bound) > 0)
        fault(checking, "%s: it is above %s", question->name, question->maximum);
}

bool product_bound_date(const char *bound, const struct value_date *effective_date,
                        struct value_date *ret_date) {
    if (calendar_read_date(bound, strlen(bound), ret_date)) return true;
    bool negative = *bound == '-';
    const char *at = bound + negative + 1; /* behind the P */
    int count = 0;
    for (; *at >= '0' && *at <= '9'; at++) count = count * 10 + (*at - '0');
    if (negative) count = -count;
    if (*at == 'D')
        return calendar_date_from_days(calendar_days(*effective_date) + count, ret_date);
    int64_t months = ((int64_t)effective_date->year * 12 + effective_date->month - 1) +
                     (int64_t)count * (*at == 'Y' ? 12 : 1);
    int64_t year = months >= 0 ? months / 12 : -((11 - months) / 12);
    int month = (int)(months - year * 12) + 1, last = calendar_days_in_month(year, month);
    ret_date->year = (int32_t)year;
    ret_date->month = (uint8_t)month;
    ret_date->day = (uint8_t)(effective_date->day < last ? effective_date->day : last);
    return true;
}

static void date_check(struct checking *checking, const struct product_question *question,
                       struct value_date date) {
    struct value_date bound;
    if (question->minimum &&
        product_bound_date(question->minimum, checking->effective_date, &bound) &&
        calendar_days(date) < calendar_days(bound))
        fault(checking, "%s: the date is before %s", question->name, question->minimum);
    if (question->maximum &&
        product_bound_date(question->maximum, checking->effective_date, &bound) &&
        calendar_days(date) > calendar_days(bound))
        fault(checking, "%s: the date is after %s", question->name, question->maximum);
}

static enum value_kind question_kind(enum question_type type) {
    static const enum value_kind kinds[] = {
        [QUESTION_TEXT] = VALUE_TEXT,      [QUESTION_INTEGER] = VALUE_NUMBER,
        [QUESTION_DECIMAL] = VALUE_NUMBER, [QUESTION_MONEY] = VALUE_NUMBER,
        [QUESTION_DATE] = VALUE_DATE,      [QUESTION_BOOLEAN] = VALUE_BOOLEAN,
        [QUESTION_CHOICE] = VALUE_TEXT,    [QUESTION_CHOICES] = VALUE_LIST,
        [QUESTION_RECORDS] = VALUE_LIST};
    return kinds[type];
}

static void answers_check(struct checking *checking, const struct product_question *questions,
                          int question_count, const struct value *answers);

static void answer_check(struct checking *checking, const struct product_question *question,
                         const struct value *answer) {
    if (answer->kind != question_kind(question->type)) {
        fault(checking, "%s: this is of another type than the question asks", question->name);
        return;
    }
    switch (question->type) {
    case QUESTION_TEXT:
        length_check(checking, question, characters_count(answer));
        if (question->pattern && !pattern_matches(checking->scratch, question->pattern, answer))
            fault(checking, "%s: it does not match %s", question->name, question->pattern);
        break;
    case QUESTION_INTEGER:
    case QUESTION_DECIMAL:
    case QUESTION_MONEY: number_check(checking, question, answer->number); break;
    case QUESTION_DATE: date_check(checking, question, answer->date); break;
    case QUESTION_BOOLEAN: break;
    case QUESTION_CHOICE:
        if (!is_choice(question, answer))
            fault(checking, "%s: %.*s is none of its options", question->name,
                  (int)(answer->length < 60 ? answer->length : 60), answer->text);
        break;
    case QUESTION_CHOICES:
        length_check(checking, question, (int)answer->length);
        for (uint32_t i = 0; i < answer->length; i++)
            if (!is_choice(question, &answer->items[i]))
                fault(checking, "%s: item %u is none of its options", question->name, i + 1);
        break;
    case QUESTION_RECORDS:
        length_check(checking, question, (int)answer->length);
        for (uint32_t i = 0; i < answer->length; i++)
            answers_check(checking, question->questions, question->question_count,
                          &answer->items[i]);
        break;
    }
}

static void answers_check(struct checking *checking, const struct product_question *questions,
                          int question_count, const struct value *answers) {
    if (answers->kind != VALUE_CONTEXT) {
        fault(checking, "an item of this list is no record of answers");
        return;
    }
    for (uint32_t i = 0; i < answers->length; i++) {
        const struct value_entry *entry = &answers->entries[i];
        if (!product_question_find(questions, question_count, entry->name, entry->name_length))
            fault(checking, "there is no question named %.*s", (int)entry->name_length,
                  entry->name);
    }
    for (int i = 0; i < question_count; i++) {
        const struct product_question *question = &questions[i];
        const struct value *answer =
            value_entry_find(answers, question->name, strlen(question->name));
        bool given = answer && answer->kind != VALUE_NULL;
        bool shown = product_question_shown(checking->product, question, answers,
                                            checking->effective_date, checking->moment,
                                            checking->scratch);
        if (given && !shown)
            fault(checking, "%s is answered, but not asked: %s", question->name,
                  question->shown_when);
        else if (given)
            answer_check(checking, question, answer);
        else if (shown && question->required)
            fault(checking, "%s must be answered", question->name);
    }
}

int product_answers_check(const struct product *product, const struct value *answers,
                          const struct value_date *effective_date, const struct moment *moment,
                          struct scratch *scratch, struct problems *problems, const char *file,
                          int line, const char *place) {
    struct checking checking = {.product = product,
                                .effective_date = effective_date,
                                .moment = moment,
                                .scratch = scratch,
                                .problems = problems,
                                .file = file,
                                .line = line,
                                .place = place};
    answers_check(&checking, product->info.questions, product->info.question_count, answers);
    return checking.faults;
}

/* ---- examples ------------------------------------------------------------------------------ */

static struct value answers_read(struct product_reader *reader, const char *place,
                                 const struct product_question *questions, int question_count,
                                 const struct xml_element *parent);

static bool scalar_read(struct product_reader *reader, const struct product_question *question,
                        const char *text, struct value *ret_value) {
    struct value_date date;
    struct decimal number;
    const char *words = product_words(reader, text);
    size_t length = strlen(words);
    switch (question_kind(question->type)) {
    case VALUE_NUMBER:
        if (!decimal_parse_exact(words, length, &number)) return false;
        *ret_value = value_number(number);
        return true;
    case VALUE_DATE:
        if (!calendar_read_date(words, length, &date)) return false;
        *ret_value = value_date(date.year, date.month, date.day);
        return true;
    case VALUE_BOOLEAN:
        *ret_value = value_boolean(strcmp(words, "true") == 0);
        return strcmp(words, "true") == 0 || strcmp(words, "false") == 0;
    case VALUE_TEXT: *ret_value = value_text(words, length); return true;
    default: return false;
    }
}

static struct value list_read(struct product_reader *reader, const char *place,
                              const struct product_question *question,
                              const struct xml_element *xml) {
    const char *name = question->type == QUESTION_RECORDS ? "record" : "item";
    size_t count = (size_t)xml_count(xml, name), at = 0;
    struct value *items = product_take(reader, count, sizeof *items);
    if (!items) return value_null();
    for (const struct xml_element *item = xml_child(xml, name); item; item = xml_next(item)) {
        if (question->type == QUESTION_RECORDS) {
            items[at++] = answers_read(reader, place, question->questions,
                                       question->question_count, item);
        } else {
            const char *code = product_words(reader, item->text);
            items[at++] = value_text(code, strlen(code));
        }
    }
    return value_list(items, count);
}

static struct value answers_read(struct product_reader *reader, const char *place,
                                 const struct product_question *questions, int question_count,
                                 const struct xml_element *parent) {
    size_t count = (size_t)xml_count(parent, "answer"), at = 0;
    struct value_entry *entries = product_take(reader, count, sizeof *entries);
    if (!entries) return value_null();
    for (const struct xml_element *xml = xml_child(parent, "answer"); xml; xml = xml_next(xml)) {
        const char *name = xml_attribute(xml, "name");
        size_t length = strlen(name);
        const struct product_question *question =
            product_question_find(questions, question_count, name, length);
        struct value so_far = value_context(entries, at);
        if (!question) {
            product_fail(reader, xml->line, place, "there is no question named %s", name);
        } else if (value_entry_find(&so_far, name, length)) {
            product_fail(reader, xml->line, place, "%s is answered twice", name);
        } else {
            entries[at].name = name;
            entries[at].name_length = (uint32_t)length;
            if (question_kind(question->type) == VALUE_LIST)
                entries[at].value = list_read(reader, place, question, xml);
            else if (!scalar_read(reader, question, xml->text, &entries[at].value))
                product_fail(reader, xml->line, place, "%s: \"%.60s\" is not of its type", name,
                             xml->text);
            at++;
        }
    }
    return value_context(entries, at);
}

void product_examples_read(struct product_reader *reader, const struct xml_element *examples) {
    struct product *product = reader->product;
    size_t count = (size_t)xml_count(examples, "example");
    struct value *items = product_take(reader, count, sizeof *items);
    int *lines = product_take(reader, count, sizeof *lines);
    if (!items || !lines) return;
    int at = 0;
    for (const struct xml_element *example = xml_child(examples, "example"); example;
         example = xml_next(example)) {
        char place[PROBLEM_PLACE_MAX];
        snprintf(place, sizeof place, "example %d", at + 1);
        lines[at] = example->line;
        items[at++] = answers_read(reader, place, product->info.questions,
                                   product->info.question_count, example);
    }
    product->info.examples = items;
    product->info.example_count = at;
    product->example_lines = lines;
}

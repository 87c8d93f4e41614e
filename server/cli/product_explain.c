/* `koppel product explain DIR`: what a product folder makes of answers, as text, for whoever makes
 * a tariff, before anything is published. The same sentences stand in the API's explanations. */
#include "cli/product.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/option.h"
#include "cli/command.h"
#include "domain/answers.h"
#include "domain/calendar_day.h"
#include "domain/product_folder.h"
#include "message/json.h"

enum {
    EXPLAIN_SCRATCH_BYTES = 64 * 1024 * 1024,
    EXPLAIN_EVENTS_MAX = 100 * 1000,
    EXPLAIN_CELLS_MAX = 20 * 1000 * 1000
};

struct explaining {
    const char *folder, *answers, *date;
    enum language language;
    struct product *product;
    struct product_version version; /* of the folder: only its product and fields are set */
    struct scratch scratch;
    struct moment moment;
    struct value_date effective_date;
    struct quote_result result;
    struct trace trace;
};

/* ---- printing ------------------------------------------------------------------------------- */
static void heading_print(const struct explaining *explaining, const char *nl, const char *en) {
    printf("\n%s\n", explaining->language == LANGUAGE_EN ? en : nl);
}

static const struct value *entry(const struct value *context, const char *name) {
    return value_entry_find(context, name, strlen(name));
}

static void text_print(const char *before, const struct value *context, const char *name) {
    const struct value *text = entry(context, name);
    if (text && text->kind == VALUE_TEXT && text->length)
        printf("%s%.*s\n", before, (int)text->length, text->text);
}

static void texts_print(const char *before, const struct value *list, const char *name) {
    for (uint32_t i = 0; i < list->length; i++) text_print(before, &list->items[i], name);
}

static void decisions_print(const struct value *decisions) {
    for (uint32_t i = 0; i < decisions->length; i++) {
        const struct value *tables = entry(&decisions->items[i], "tables");
        text_print("  ", &decisions->items[i], "text");
        for (uint32_t j = 0; j < tables->length; j++) {
            texts_print("      ", entry(&tables->items[j], "rows_not_used"), "text");
            texts_print("      ", entry(&tables->items[j], "rows_not_matched"), "text");
        }
    }
}

static void outcome_print(const struct explaining *explaining) {
    static const struct text outcomes[] = {
        [OUTCOME_OFFERED] = {"Aangeboden", "Offered"},
        [OUTCOME_REFERRED] = {"Voorgelegd aan een acceptant", "Referred to an underwriter"},
        [OUTCOME_DECLINED] = {"Niet mogelijk", "Declined"}};
    puts(text_in(&outcomes[explaining->result.outcome], explaining->language));
}

static void explanation_print(const struct explaining *explaining, const struct value *told) {
    const struct value *reasons = entry(told, "reasons");
    outcome_print(explaining);
    for (uint32_t i = 0; i < reasons->length; i++) {
        text_print("  ", &reasons->items[i], "text");
        text_print("      ", &reasons->items[i], "explanation");
    }
    heading_print(explaining, "Beslissingen van het tarief", "Decisions of the tariff");
    decisions_print(entry(told, "decisions"));
    if (entry(told, "knowledge")->length) {
        heading_print(explaining, "Rekenregels die formules noemen", "Rules that formulas name");
        texts_print("  ", entry(told, "knowledge"), "text");
    }
    if (!entry(told, "statement")->length) return;
    heading_print(explaining, "Van beslissingen naar premie", "From decisions to premium");
    texts_print("  ", entry(told, "statement"), "text");
}

/* Does the change stand in the list already, word for word? */
static bool is_told(const struct value *list, const struct value *change) {
    const struct value *text = entry(change, "text");
    for (uint32_t i = 0; i < list->length; i++) {
        const struct value *other = entry(&list->items[i], "text");
        if (other && text && other->length == text->length &&
            memcmp(other->text, text->text, text->length) == 0)
            return true;
    }
    return false;
}

static void what_if_print(const struct explaining *explaining, const struct value *told) {
    const struct value *offered = entry(told, "offered"), *cheaper = entry(told, "cheaper");
    heading_print(explaining, "Wat een ander antwoord zou uitmaken",
                  "What another answer would change");
    text_print("  ", told, "text");
    texts_print("  - ", offered, "text");
    texts_print("  - ", entry(told, "referred"), "text");
    for (uint32_t i = 0; i < cheaper->length; i++)
        if (!is_told(offered, &cheaper->items[i])) text_print("  - ", &cheaper->items[i], "text");
}

/* ---- answers -------------------------------------------------------------------------------- */
static int answers_read(struct explaining *explaining, struct error *error,
                        struct value *ret_answers) {
    char *text = NULL;
    size_t length = 0;
    struct json_fault fault = {0};
    int status = file_read(explaining->answers, ANSWERS_JSON_MAX_BYTES, error, &text, &length);
    if (status) return status;
    status = json_read(text, length, NULL, &explaining->scratch, &fault, ret_answers);
    free(text);
    if (!status) return 0;
    return error_set(error, ERROR_INVALID, "%.300s:%d:%d: %s", explaining->answers, fault.line,
                     fault.column, fault.en[0] ? fault.en : "the JSON is too large");
}

/* Checks them as a partner's would be; each fault is a line on standard error. */
static int answers_take(struct explaining *explaining, struct error *error,
                        struct value *ret_answers) {
    static struct field_faults faults;
    struct value given;
    const struct product_info *info = product_info(explaining->version.product);
    if (!explaining->answers) {
        *ret_answers = info->examples[0];
        return 0;
    }
    int status = answers_read(explaining, error, &given);
    if (status) return status;
    struct answers_check check = {.version = &explaining->version,
                                  .answers = &given,
                                  .effective_date = &explaining->effective_date,
                                  .moment = &explaining->moment,
                                  .language = LANGUAGE_EN,
                                  .scratch = &explaining->scratch,
                                  .faults = &faults};
    if (answers_check(&check, ret_answers)) return 0;
    for (int i = 0; i < faults.count; i++)
        fprintf(stderr, "%s: %s\n", faults.items[i].pointer, faults.items[i].message);
    return error_set(error, ERROR_INVALID, "%.300s does not answer the questions of %s: mend %s",
                     explaining->answers, info->name,
                     faults.count ? "the answers named above" : "it, for it is too large");
}

/* ---- the part ------------------------------------------------------------------------------- */
static int rate(struct explaining *explaining, struct error *error) {
    static struct problems problems;
    struct value answers;
    int status = answers_take(explaining, error, &answers);
    if (status) return status;
    int rated = product_rate(explaining->version.product, &answers, &explaining->effective_date,
                             &explaining->moment, &explaining->scratch, &explaining->trace,
                             &problems, &explaining->result);
    if (rated == QUOTE_TOO_LARGE)
        return error_set(error, ERROR_TOO_LARGE, "rating needs more memory than it may take");
    if (!rated) return 0;
    const struct problem *first = &problems.items[0];
    for (int i = 0; i < problems.count && first->warning; i++) first = &problems.items[i];
    return error_set(error, ERROR_INVALID, "%s: %s: %s", first->file, first->place, first->text);
}

static int explain(struct explaining *explaining, struct error *error) {
    const struct product *product = explaining->version.product;
    const struct what_if_limits limits = {.ratings = WHAT_IF_RATINGS_MAX};
    static struct what_if what_if;
    struct value told, changes;
    int status = rate(explaining, error);
    if (status) return status;
    if (product_explain(product, &explaining->trace, &explaining->result, explaining->language,
                        &explaining->scratch, &told) ||
        product_what_if(product, &explaining->result, &explaining->moment, &limits,
                        &explaining->scratch, &what_if) ||
        product_explain_what_if(product, &explaining->result, &what_if, explaining->language,
                                &explaining->scratch, &changes))
        return error_set(error, ERROR_TOO_LARGE, "the explanation needs more memory than it may "
                         "take");
    explanation_print(explaining, &told);
    what_if_print(explaining, &changes);
    return 0;
}

static int product_load(struct explaining *explaining, const struct product_folder *folder,
                        struct error *error) {
    struct problems *problems = calloc(1, sizeof *problems);
    struct product_proof proof = {0};
    if (!problems) return error_set(error, ERROR_NO_MEMORY, "out of memory");
    (void)product_files_prove(&folder->files, clock_now_us(), problems, error, &proof);
    free(problems);
    explaining->version.product = explaining->product = proof.product;
    if (!proof.product)
        return error_set(error, ERROR_INVALID,
                         "%.300s does not compile: koppel product check tells what to mend",
                         explaining->folder);
    if (question_fields_make(product_info(proof.product), &explaining->version.fields)) return 0;
    return error_set(error, ERROR_NO_MEMORY, "out of memory");
}

static int folder_explain(struct explaining *explaining) {
    struct error error = {0};
    struct product_folder folder;
    void *memory = malloc(EXPLAIN_SCRATCH_BYTES);
    struct trace_event *events = calloc(EXPLAIN_EVENTS_MAX, sizeof *events);
    int status = memory && events ? 0 : error_set(&error, ERROR_NO_MEMORY, "out of memory");
    if (!status) status = product_folder_read(explaining->folder, &error, &folder);
    if (!status) {
        scratch_init(&explaining->scratch, memory, EXPLAIN_SCRATCH_BYTES);
        explaining->trace = (struct trace){.events = events,
                                           .capacity = EXPLAIN_EVENTS_MAX,
                                           .cells_left = EXPLAIN_CELLS_MAX};
        status = product_load(explaining, &folder, &error);
        if (!status) status = explain(explaining, &error);
        question_fields_done(&explaining->version.fields);
        product_free(explaining->product);
        product_folder_done(&folder);
    }
    free(events);
    free(memory);
    return status ? command_fail("product explain", &error) : EXIT_DONE;
}

static int misused(const char *what, const char *advice) {
    struct error error = {0};
    error_set(&error, ERROR_INVALID, "%.60s %s", what, advice);
    return command_misused("product explain", &error);
}

int product_part_explain(int argc, char **argv) {
    struct explaining explaining = {0};
    const char *language = NULL;
    const struct option options[] = {
        {.name = "answers", .kind = OPTION_TEXT, .argument = "FILE",
         .help = "a JSON object with an answer per question; without it the first example",
         .ret_value = &explaining.answers},
        {.name = "date", .kind = OPTION_TEXT, .argument = "DATE",
         .help = "the day that cover starts, as 2026-12-31; without it today",
         .ret_value = &explaining.date},
        {.name = "lang", .kind = OPTION_TEXT, .argument = "nl|en", .default_text = "nl",
         .help = "the language of the explanation", .ret_value = &language}};
    const int count = sizeof options / sizeof *options;
    struct option_operands operands = {0};
    struct error error = {0};
    bool help = false;
    if (options_read(options, count, argc, argv, &error, &operands, &help))
        return command_misused("product explain", &error);
    if (help) {
        puts("usage: koppel product explain DIR [--answers FILE] [--date DATE] [--lang nl|en]\n\n"
             "Tells what a product folder makes of answers: the outcome, which rows applied and\n"
             "which did not, each step of the premium, and what another answer would change.\n");
        options_help(options, count);
        return EXIT_DONE;
    }
    if (operands.count != 1) return misused("explain", "takes one folder: name it");
    explaining.folder = operands.items[0];
    if (strcmp(language, "nl") != 0 && strcmp(language, "en") != 0)
        return misused(language, "is no language of ours: say nl or en");
    explaining.language = strcmp(language, "en") == 0 ? LANGUAGE_EN : LANGUAGE_NL;
    int64_t now_us = clock_now_us();
    moment_at(now_us, &explaining.moment);
    explaining.effective_date = day_at(now_us);
    if (explaining.date && !day_read(explaining.date, &explaining.effective_date))
        return misused(explaining.date, "is no date: write it as 2026-12-31");
    return folder_explain(&explaining);
}

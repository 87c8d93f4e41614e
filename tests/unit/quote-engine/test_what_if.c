/* Why, and what if: rows that did not match and rows that were not used, reasons back to the rows,
 * decisions and answers that gave them, and what another answer would lead to. The product is
 * products/what-if, a small one that has each of the cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quote-engine/quote.h"

#define FOLDER "tests/unit/quote-engine/products/what-if/"
enum {
    SCRATCH_BYTES = 8 * 1024 * 1024,
    FILE_MAX = 1024 * 1024,
    EVENTS_MAX = 4096,
    CELLS_MAX = 100000,
    ANSWERS_MAX = 12
};

static char scratch_memory[SCRATCH_BYTES];
static struct trace_event events[EVENTS_MAX];
static struct product *bike;
static struct scratch scratch;

static const struct moment moment = {
    .now = {.date = {.year = 2026, .month = 11, .day = 23},
            .time = {.nanosecond_of_day = 0, .zone = {.kind = ZONE_OFFSET}}}};
static const struct value_date start = {.year = 2026, .month = 12, .day = 1};

/* ---- a product ------------------------------------------------------------------------------ */

static struct source file_read(const char *path, const char *name) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *text = malloc(FILE_MAX);
    assert_non_null(text);
    size_t length = fread(text, 1, FILE_MAX - 1, file);
    fclose(file);
    return (struct source){.name = name, .text = text, .length = length};
}

static int set_up(void **state) {
    (void)state;
    struct source product = file_read(FOLDER "product.xml", "product.xml");
    struct source model = file_read(FOLDER "tariff.dmn", "tariff.dmn");
    struct source schema = file_read("schema/product.xsd", "product.xsd");
    struct product_sources sources = {
        .product = &product, .models = &model, .model_count = 1, .schema = &schema};
    static struct problems problems;
    int status = product_compile(&sources, &problems, &bike);
    for (int i = 0; i < problems.count; i++) print_message("%s\n", problems.items[i].text);
    free((char *)product.text);
    free((char *)model.text);
    free((char *)schema.text);
    return status;
}

static int tear_down(void **state) {
    (void)state;
    product_free(bike);
    return 0;
}

/* ---- answers ------------------------------------------------------------------------------- */

struct answers {
    struct value_entry entries[ANSWERS_MAX];
    int count;
};

static struct value text(const char *words) {
    return value_text(words, strlen(words));
}

static struct value number(const char *digits) {
    struct decimal decimal;
    assert_true(decimal_parse(digits, strlen(digits), &decimal));
    return value_number(decimal);
}

/* The example's answers, one of them another or (null) left out. */
static void answer(struct answers *answers, const char *name, struct value value) {
    int at = 0;
    while (at < answers->count && strcmp(answers->entries[at].name, name) != 0) at++;
    if (at == answers->count) answers->count++;
    answers->entries[at] = (struct value_entry){
        .name = name, .name_length = (uint32_t)strlen(name), .value = value};
    if (value.kind != VALUE_NULL) return;
    answers->count--;
    memmove(&answers->entries[at], &answers->entries[at + 1],
            (size_t)(answers->count - at) * sizeof *answers->entries);
}

static struct answers example(void) {
    const struct value *given = &product_info(bike)->examples[0];
    struct answers answers = {.count = (int)given->length};
    memcpy(answers.entries, given->entries, given->length * sizeof *given->entries);
    return answers;
}

static struct trace trace;
static struct quote_result result;

static void rate(const struct answers *answers) {
    static struct value_entry kept[ANSWERS_MAX];
    static struct problems problems;
    memcpy(kept, answers->entries, sizeof kept);
    struct value given = value_context(kept, (size_t)answers->count);
    scratch_init(&scratch, scratch_memory, sizeof scratch_memory);
    trace = (struct trace){.events = events, .capacity = EVENTS_MAX, .cells_left = CELLS_MAX};
    memset(&problems, 0, sizeof problems);
    int status =
        product_rate(bike, &given, &start, &moment, &scratch, &trace, &problems, &result);
    if (status != QUOTE_OK) print_message("%s\n", problems.items[0].text);
    assert_int_equal(status, QUOTE_OK);
}

/* ---- looking ------------------------------------------------------------------------------- */

static const struct value *entry(const struct value *context, const char *name) {
    const struct value *found = value_entry_find(context, name, strlen(name));
    if (!found) fail_msg("there is no %s", name);
    return found;
}

static bool is_text(const struct value *value, const char *words) {
    return value->kind == VALUE_TEXT && value->length == strlen(words) &&
           memcmp(value->text, words, value->length) == 0;
}

#define assert_text(given, words)                                                                 \
    do {                                                                                          \
        const struct value *said = (given);                                                       \
        if (!is_text(said, words))                                                                \
            fail_msg("\"%.*s\" is not \"%s\"", said->kind == VALUE_TEXT ? (int)said->length : 0,  \
                     said->kind == VALUE_TEXT ? said->text : "", words);                          \
    } while (0)

static int whole(const struct value *value) {
    int64_t out = -1;
    assert_true(value->kind == VALUE_NUMBER && decimal_to_int64(value->number, &out));
    return (int)out;
}

static struct value explanation(enum language language) {
    struct value explained;
    assert_int_equal(product_explain(bike, &trace, &result, language, &scratch, &explained),
                     QUOTE_OK);
    return explained;
}

/* Use `at` of the tables of a decision. */
static const struct value *table_of(const struct value *explained, const char *decision, int at) {
    const struct value *decisions = entry(explained, "decisions");
    for (uint32_t i = 0; i < decisions->length; i++)
        if (is_text(entry(&decisions->items[i], "name"), decision))
            return &entry(&decisions->items[i], "tables")->items[at];
    fail_msg("decision %s is not explained", decision);
    return NULL;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static void test_rows_that_did_not_match(void **state) {
    (void)state;
    struct answers answers = example();
    answer(&answers, "birth_date", value_date(2011, 12, 2));
    rate(&answers);
    struct value dutch = explanation(LANGUAGE_NL);
    const struct value *table = table_of(&dutch, "Person reasons", 0);
    const struct value *misses = entry(table, "rows_not_matched");
    assert_int_equal(misses->length, 1);
    assert_int_equal(whole(entry(&misses->items[0], "row")), 2);
    assert_text(entry(&misses->items[0], "rule_id"), "person_2");
    assert_text(entry(&misses->items[0], "column"), "claims");
    assert_text(entry(&misses->items[0], "test"), "> 4");
    assert_int_equal(whole(entry(&misses->items[0], "value")), 0);
    assert_int_equal(entry(&misses->items[0], "failed")->length, 1);
    assert_text(entry(&misses->items[0], "text"),
                "Rij 2 geldt niet: claims is 0, gevraagd is meer dan 4.");
    assert_int_equal(whole(entry(table, "rows_not_told")), 0);

    answers = example();
    rate(&answers);
    struct value english = explanation(LANGUAGE_EN);
    misses = entry(table_of(&english, "Lock factor", 0), "rows_not_matched");
    assert_int_equal(misses->length, 1);
    assert_text(entry(&misses->items[0], "text"),
                "Row 1 does not apply: shed is not filled in, asked is yes.");
}

/* Of a knowledge model, in the columns' own names; the nearest row first. */
static void test_nearest_row_first(void **state) {
    (void)state;
    struct answers answers = example();
    struct value_entry rider[] = {{"level", 5, text("wild")}, {"falls", 5, number("2")}};
    struct value riders[] = {value_context(rider, 2)};
    answer(&answers, "riders", value_list(riders, 1));
    rate(&answers);
    struct value explained = explanation(LANGUAGE_NL);
    const struct value *table = table_of(&explained, "Weight", 0);
    assert_int_equal(entry(table, "rows")->length, 1);
    assert_text(entry(&entry(table, "rows")->items[0], "asks"), "minder dan 3");
    const struct value *misses = entry(table, "rows_not_matched");
    assert_int_equal(misses->length, 2);
    assert_text(entry(&misses->items[0], "text"),
                "Rij 1 geldt niet: keren gevallen is 2, gevraagd is niet ingevuld.");
    assert_text(entry(&misses->items[1], "text"),
                "Rij 3 geldt niet: keren gevallen is 2, gevraagd is 3 of meer.");
    const struct value *decisions = entry(&explained, "decisions");
    bool told = false;
    for (uint32_t i = 0; i < decisions->length; i++) {
        const struct value *sentence = entry(&decisions->items[i], "text");
        told |= memmem(sentence->text, sentence->length,
                       "In de tabel golden: Rider weight rij 2 (voor minder dan 3).", 59) != NULL;
    }
    assert_true(told);
}

static void test_rows_that_were_not_used(void **state) {
    (void)state;
    struct answers answers = example();
    answer(&answers, "shed", value_boolean(true));
    answer(&answers, "worth", number("400"));
    rate(&answers);
    struct value explained = explanation(LANGUAGE_NL);
    const struct value *first = table_of(&explained, "Worth rate", 0);
    const struct value *unused = entry(first, "rows_not_used");
    assert_int_equal(entry(first, "rows_not_matched")->length, 0);
    assert_int_equal(unused->length, 2);
    assert_text(entry(&unused->items[0], "text"),
                "Rij 2 past ook, maar telt niet mee: de eerste rij die past geldt, en dat is "
                "rij 1.");
    const struct value *priority = table_of(&explained, "Lock factor", 0);
    unused = entry(priority, "rows_not_used");
    assert_int_equal(unused->length, 2);
    assert_text(entry(&unused->items[0], "rule_id"), "lock_1");
    assert_text(entry(&unused->items[0], "text"),
                "Rij 1 past ook, maar telt niet mee: een belangrijkere uitkomst gaat voor, die van "
                "rij 2.");
    assert_text(entry(&entry(priority, "rows")->items[0], "note"), "met een goed slot");
}

/* What a sensitive answer was stays out of why a row did not match. */
static void test_rows_keep_secrets(void **state) {
    (void)state;
    struct answers answers = example();
    rate(&answers);
    struct value explained = explanation(LANGUAGE_NL);
    const struct value *misses = entry(table_of(&explained, "Pin factor", 0), "rows_not_matched");
    assert_int_equal(misses->length, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(entry(&misses->items[i], "value")->kind, VALUE_NULL);
        assert_int_equal(
            entry(&entry(&misses->items[i], "failed")->items[0], "value")->kind, VALUE_NULL);
    }
    assert_text(entry(&misses->items[1], "text"),
                "Rij 3 geldt niet: pin past niet, gevraagd is 5 of meer.");
}

/* A trace that does not ask is told nothing, and with few cells to test less is told. */
static void test_misses_are_bounded(void **state) {
    (void)state;
    struct answers answers = example();
    rate(&answers);
    size_t all = trace.count;
    struct value given = value_context(answers.entries, (size_t)answers.count);
    size_t before = 0;
    for (int64_t cells = 0; cells < 30; cells++) {
        scratch_init(&scratch, scratch_memory, sizeof scratch_memory);
        trace = (struct trace){.events = events, .capacity = EVENTS_MAX, .cells_left = cells};
        assert_int_equal(product_rate(bike, &given, &start, &moment, &scratch, &trace, NULL,
                                      &result), QUOTE_OK);
        assert_true(trace.count >= before && trace.count <= all);
        before = trace.count;
        struct value explained = explanation(LANGUAGE_NL);
        const struct value *table = table_of(&explained, "Worth rate", 0);
        const struct value *told = value_entry_find(table, "rows_not_matched", 16);
        assert_true((told != NULL) == (cells > 0));
    }
    assert_int_equal(before, all);
}

/* ---- reasons -------------------------------------------------------------------------------- */

static void test_reason_of_a_row(void **state) {
    (void)state;
    struct answers answers = example();
    answer(&answers, "birth_date", value_date(2011, 12, 2));
    rate(&answers);
    assert_int_equal(result.outcome, OUTCOME_DECLINED);
    struct value explained = explanation(LANGUAGE_NL);
    const struct value *reasons = entry(&explained, "reasons");
    assert_int_equal(reasons->length, 1);
    const struct value *reason = &reasons->items[0];
    assert_text(entry(reason, "code"), "too_young");
    assert_text(entry(reason, "outcome"), "declined");
    assert_text(entry(reason, "decision"), "Person reasons");
    assert_text(entry(reason, "rule_id"), "person_1");
    assert_int_equal(whole(entry(reason, "row")), 1);
    const struct value *involved = entry(reason, "answers");
    assert_int_equal(involved->length, 1);
    assert_text(entry(&involved->items[0], "question"), "birth_date");
    assert_text(entry(reason, "explanation"),
                "Dit volgt uit rij 1 van Person reasons: leeftijd is 14 (de rij geldt bij: minder "
                "dan 16). De antwoorden die hierin meetellen: “Wanneer bent u geboren?”: "
                "02-12-2011.");
}

static void test_reason_of_a_formula(void **state) {
    (void)state;
    struct answers answers = example();
    answer(&answers, "lock", text("none"));
    answer(&answers, "worth", number("3000"));
    rate(&answers);
    assert_int_equal(result.outcome, OUTCOME_REFERRED);
    struct value explained = explanation(LANGUAGE_EN);
    const struct value *reason = &entry(&explained, "reasons")->items[0];
    assert_text(entry(reason, "decision"), "Lock reasons");
    assert_int_equal(entry(reason, "row")->kind, VALUE_NULL);
    assert_text(entry(reason, "explanation"),
                "This follows from Lock reasons. The answers that count in this: “What is the "
                "bicycle worth?”: €3,000.00; “Which lock do you have?”: “None”.");
}

/* ---- what if -------------------------------------------------------------------------------- */

static struct what_if what_if;

static void ask(const struct answers *answers, int ratings) {
    struct what_if_limits limits = {.ratings = ratings};
    rate(answers);
    char *at = scratch.at;
    assert_int_equal(product_what_if(bike, &result, &moment, &limits, &scratch, &what_if),
                     QUOTE_OK);
    assert_true(scratch.at > at);
    assert_true(what_if.ratings <= ratings);
}

/* Every change that is told comes out so when its answers are rated by themselves. */
static void changes_hold(const struct what_if_change *changes, int count) {
    static struct quote_result again;
    for (int i = 0; i < count; i++) {
        assert_int_equal(product_rate(bike, &changes[i].answers, &start, &moment, &scratch, NULL,
                                      NULL, &again), QUOTE_OK);
        assert_int_equal(again.outcome, changes[i].outcome);
        assert_int_equal(again.has_premium, changes[i].has_premium);
        if (again.has_premium) assert_int_equal(again.total_cents, changes[i].total_cents);
    }
}

static const struct what_if_change *change_of(const struct what_if_change *changes, int count,
                                              const char *question) {
    for (int i = 0; i < count; i++)
        if (strcmp(changes[i].question->name, question) == 0) return &changes[i];
    fail_msg("nothing is told of %s", question);
    return NULL;
}

/* The day on which the age reaches 16, found behind a formula. */
static void test_a_fact_that_would_be_offered(void **state) {
    (void)state;
    struct answers answers = example();
    answer(&answers, "birth_date", value_date(2011, 12, 2));
    ask(&answers, WHAT_IF_RATINGS_MAX);
    assert_false(what_if.cut);
    assert_int_equal(what_if.offered_count, 1);
    const struct what_if_change *change = &what_if.offered[0];
    assert_string_equal(change->question->name, "birth_date");
    assert_int_equal(change->to.kind, VALUE_DATE);
    assert_int_equal(change->to.date.year, 2010);
    assert_int_equal(change->to.date.month, 12);
    assert_int_equal(change->to.date.day, 1);
    assert_int_equal(change->outcome, OUTCOME_OFFERED);
    assert_int_equal(what_if.cheaper_count, 0); /* there is no premium to lower */
    changes_hold(what_if.offered, what_if.offered_count);
    struct value told;
    assert_int_equal(product_explain_what_if(bike, &result, &what_if, LANGUAGE_NL, &scratch,
                                             &told), QUOTE_OK);
    const struct value *first = &entry(&told, "offered")->items[0];
    assert_false(entry(first, "changeable")->boolean);
    assert_int_equal(entry(first, "premium_change")->kind, VALUE_NULL);
    assert_text(entry(first, "premium"), "177.87");
    assert_text(entry(first, "pointer"), "/birth_date");
    assert_text(entry(first, "text"),
                "Met 01-12-2010 in plaats van 02-12-2011 als antwoord op “Wanneer bent u "
                "geboren?” kunnen wij deze verzekering aanbieden, voor een premie van € 177,87 per "
                "jaar. Dit is een feit dat niet te kiezen is: het staat hier ter informatie.");
}

/* Referred by a formula: the amount that it names, the other lock, and the plan that needs none. */
static void test_changes_that_would_be_offered(void **state) {
    (void)state;
    struct answers answers = example();
    answer(&answers, "lock", text("none"));
    answer(&answers, "worth", number("3000"));
    ask(&answers, WHAT_IF_RATINGS_MAX);
    assert_int_equal(what_if.offered_count, 3);
    const struct what_if_change *worth = change_of(what_if.offered, 3, "worth");
    assert_int_equal(decimal_compare(worth->to.number, number("2500").number), 0);
    assert_int_equal(change_of(what_if.offered, 3, "lock")->steps, 1);
    const struct what_if_change *plan = change_of(what_if.offered, 3, "plan");
    assert_true(is_text(&plan->to, "damage"));
    assert_int_equal(plan->steps, 2);
    assert_ptr_equal(plan, &what_if.offered[2]); /* the farthest comes last */
    assert_null(value_entry_find(&plan->answers, "lock", 4));
    changes_hold(what_if.offered, what_if.offered_count);
    struct value told;
    assert_int_equal(product_explain_what_if(bike, &result, &what_if, LANGUAGE_EN, &scratch,
                                             &told), QUOTE_OK);
    const struct value *last = &entry(&told, "offered")->items[2];
    assert_text(&entry(last, "covers_removed")->items[0], "theft");
    assert_text(entry(last, "premium_change"), "-185.13");
    assert_text(entry(last, "text"),
                "With “Damage” instead of “Everything” as the answer to “Which cover do you "
                "want?”, we can offer this insurance, at a premium of €254.10 a year, which is "
                "€185.13 less. No longer insured is then: Theft. The question “Which lock do you "
                "have?” then no longer applies.");
}

/* The secret digit would be cheaper, too, but sensitive answers are left alone. */
static void test_what_is_cheaper(void **state) {
    (void)state;
    struct answers answers = example();
    ask(&answers, WHAT_IF_RATINGS_MAX);
    assert_int_equal(what_if.offered_count, 0);
    assert_int_equal(what_if.cheaper_count, 2);
    assert_string_equal(what_if.cheaper[0].question->name, "worth");
    assert_int_equal(decimal_compare(what_if.cheaper[0].to.number, number("100").number), 0);
    assert_string_equal(what_if.cheaper[1].question->name, "plan");
    assert_true(is_text(&what_if.cheaper[1].to, "theft"));
    assert_int_equal(what_if.cheaper[1].change_cents, 6171 - 17787);
    changes_hold(what_if.cheaper, what_if.cheaper_count);
}

/* A question that a change shows is completed with its first option; one that cannot be completed
 * keeps the change from being tried. */
static void test_changes_that_show_questions(void **state) {
    (void)state;
    struct answers answers = example();
    answer(&answers, "lock", value_null());
    answer(&answers, "plan", text("damage"));
    answer(&answers, "worth", number("1200"));
    ask(&answers, WHAT_IF_RATINGS_MAX);
    const struct what_if_change *plan =
        change_of(what_if.cheaper, what_if.cheaper_count, "plan");
    assert_true(is_text(&plan->to, "theft"));
    assert_true(is_text(entry(&plan->answers, "lock"), "none"));
    struct value told;
    assert_int_equal(product_explain_what_if(bike, &result, &what_if, LANGUAGE_NL, &scratch,
                                             &told), QUOTE_OK);
    const struct value *cheaper = entry(&told, "cheaper");
    for (uint32_t i = 0; i < cheaper->length; i++)
        if (is_text(entry(&cheaper->items[i], "question"), "plan"))
            assert_non_null(memmem(entry(&cheaper->items[i], "text")->text,
                                   entry(&cheaper->items[i], "text")->length,
                                   "Gerekend is dan met “Geen” als antwoord op “Welk slot hebt "
                                   "u?”.", 60));
    for (int i = 0; i < what_if.cheaper_count; i++) /* calm to wild asks for a number of falls */
        assert_string_not_equal(what_if.cheaper[i].question->name, "level");
}

/* One option fewer of several, and answers inside a record. */
static void test_options_and_records(void **state) {
    (void)state;
    struct answers answers = example();
    struct value extras[] = {text("help"), text("race")};
    struct value_entry calm[] = {{"level", 5, text("calm")}};
    struct value_entry wild[] = {{"level", 5, text("wild")}, {"falls", 5, number("7")}};
    struct value riders[] = {value_context(calm, 1), value_context(wild, 2)};
    answer(&answers, "extras", value_list(extras, 2));
    ask(&answers, WHAT_IF_RATINGS_MAX);
    assert_int_equal(what_if.offered_count, 1);
    const struct what_if_change *extra = &what_if.offered[0];
    assert_string_equal(extra->question->name, "extras");
    assert_int_equal(extra->to.length, 1);
    assert_true(is_text(&extra->to.items[0], "help"));

    answer(&answers, "riders", value_list(riders, 2));
    answer(&answers, "extras", value_null());
    ask(&answers, WHAT_IF_RATINGS_MAX);
    assert_int_equal(what_if.offered_count, 2);
    const struct what_if_change *falls = change_of(what_if.offered, 2, "falls");
    assert_int_equal(falls->item, 1);
    assert_string_equal(falls->records->name, "riders");
    assert_int_equal(decimal_compare(falls->to.number, number("5").number), 0);
    const struct what_if_change *level = change_of(what_if.offered, 2, "level");
    assert_int_equal(entry(&level->answers, "riders")->items[1].length, 1); /* falls went */
    changes_hold(what_if.offered, what_if.offered_count);
    struct value told;
    assert_int_equal(product_explain_what_if(bike, &result, &what_if, LANGUAGE_NL, &scratch,
                                             &told), QUOTE_OK);
    const struct value *offered = entry(&told, "offered");
    assert_text(entry(&offered->items[0], "pointer"), "/riders/1/level");
    assert_text(entry(&offered->items[1], "pointer"), "/riders/1/falls");
}

/* Two reasons to decline: no single change is enough, but one leads to an assessment. */
static void test_a_decline_that_would_be_referred(void **state) {
    (void)state;
    struct answers answers = example();
    answer(&answers, "birth_date", value_date(2011, 12, 2));
    answer(&answers, "claims", number("9"));
    ask(&answers, WHAT_IF_RATINGS_MAX);
    assert_int_equal(what_if.offered_count, 0);
    assert_int_equal(what_if.referred_count, 1);
    assert_string_equal(what_if.referred[0].question->name, "birth_date");
    changes_hold(what_if.referred, what_if.referred_count);
}

/* ---- limits --------------------------------------------------------------------------------- */

static bool is_over(void *context) {
    int *left = context;
    return --*left <= 0;
}

static void test_limits_cut_the_search(void **state) {
    (void)state;
    struct answers answers = example();
    answer(&answers, "lock", text("none"));
    answer(&answers, "worth", number("3000"));
    ask(&answers, WHAT_IF_RATINGS_MAX);
    int all = what_if.ratings;
    assert_false(what_if.cut);
    for (int ratings = 0; ratings <= all; ratings += 3) {
        ask(&answers, ratings);
        assert_true(what_if.cut);
        changes_hold(what_if.offered, what_if.offered_count);
    }
    int left = 3;
    struct what_if_limits limits = {
        .ratings = WHAT_IF_RATINGS_MAX, .expired = is_over, .context = &left};
    rate(&answers);
    assert_int_equal(product_what_if(bike, &result, &moment, &limits, &scratch, &what_if),
                     QUOTE_OK);
    assert_true(what_if.cut);
    assert_true(what_if.ratings < all);
    struct value told;
    assert_int_equal(product_explain_what_if(bike, &result, &what_if, LANGUAGE_NL, &scratch,
                                             &told), QUOTE_OK);
    assert_false(entry(&told, "complete")->boolean);
    /* What was not tried is not denied. */
    what_if = (struct what_if){.cut = true, .outcome = OUTCOME_REFERRED, .has_premium = true};
    assert_int_equal(product_explain_what_if(bike, &result, &what_if, LANGUAGE_EN, &scratch,
                                             &told), QUOTE_OK);
    assert_text(entry(&told, "text"), "Not everything could be tried: more may be possible.");
}

/* However little scratch there is: an error, or an answer. */
static void test_little_scratch(void **state) {
    (void)state;
    struct answers answers = example();
    struct what_if_limits limits = {.ratings = 200};
    int refused = 0, told = 0;
    for (size_t room = 0; room < 400 * 1024; room += 4001) {
        struct value explained;
        rate(&answers);
        scratch.end = scratch.at + room;
        int status = product_what_if(bike, &result, &moment, &limits, &scratch, &what_if);
        if (status == QUOTE_OK)
            status = product_explain_what_if(bike, &result, &what_if, LANGUAGE_NL, &scratch,
                                             &explained);
        if (status != QUOTE_OK) assert_int_equal(status, QUOTE_TOO_LARGE);
        refused += status != QUOTE_OK;
        told += status == QUOTE_OK;
    }
    assert_true(refused > 0);
    assert_true(told > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_that_did_not_match),
        cmocka_unit_test(test_nearest_row_first),
        cmocka_unit_test(test_rows_that_were_not_used),
        cmocka_unit_test(test_rows_keep_secrets),
        cmocka_unit_test(test_misses_are_bounded),
        cmocka_unit_test(test_reason_of_a_row),
        cmocka_unit_test(test_reason_of_a_formula),
        cmocka_unit_test(test_a_fact_that_would_be_offered),
        cmocka_unit_test(test_changes_that_would_be_offered),
        cmocka_unit_test(test_what_is_cheaper),
        cmocka_unit_test(test_changes_that_show_questions),
        cmocka_unit_test(test_options_and_records),
        cmocka_unit_test(test_a_decline_that_would_be_referred),
        cmocka_unit_test(test_limits_cut_the_search),
        cmocka_unit_test(test_little_scratch)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

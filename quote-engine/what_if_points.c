/* Where a tariff turns for an answer that is a number or a date. Its constants are tried first,
 * each just below, on and just above; between two answers for which it decides differently the turn
 * is found by halving, so that what is computed from the answer needs no inverse. */
#include <string.h>

#include "calendar.h"
#include "dmn.h"
#include "dmn_table.h"
#include "explain.h"
#include "what_if.h"

enum {
    GRID_PARTS = 8, /* of the range, so that a band that ends on both sides is seen */
    RANGE_MIN = 1000
};
#define POSITION_LIMIT ((int64_t)1 << 60)

struct seeds { /* answers to try first: the nearest to the present one */
    int64_t at[WHAT_IF_SEEDS_MAX];
    int count;
    int64_t present, low, high;
    int64_t lowest, highest; /* of all constants seen */
};

static int64_t apart(int64_t a, int64_t b) {
    return a > b ? a - b : b - a;
}

static void seed_add(struct seeds *seeds, int64_t at) {
    int farthest = 0;
    if (at < seeds->low || at > seeds->high) return;
    if (seeds->count == WHAT_IF_SEEDS_MAX) {
        for (int i = 1; i < seeds->count; i++)
            if (apart(seeds->at[i], seeds->present) > apart(seeds->at[farthest], seeds->present))
                farthest = i;
        if (apart(at, seeds->present) >= apart(seeds->at[farthest], seeds->present)) return;
    }
    for (int i = 0; i < seeds->count; i++)
        if (seeds->at[i] == at) return;
    if (seeds->count < WHAT_IF_SEEDS_MAX) farthest = seeds->count++;
    seeds->at[farthest] = at;
}

/* A constant that the answer is compared with: it, and its neighbours. */
static void constant_add(struct seeds *seeds, int64_t at) {
    if (at > POSITION_LIMIT || at < -POSITION_LIMIT) return;
    if (at < seeds->lowest) seeds->lowest = at;
    if (at > seeds->highest) seeds->highest = at;
    for (int64_t near = -1; near <= 1; near++) seed_add(seeds, at + near);
}

/* The place of a value among the question's answers: the next lower one where it is none. */
static bool position(const struct product_question *question, const struct value *value,
                     int64_t *ret_at) {
    if (question->type == QUESTION_DATE) {
        if (value->kind != VALUE_DATE) return false;
        *ret_at = calendar_days(value->date);
        return true;
    }
    struct decimal rounded;
    int digits = what_if_digits(question);
    return value->kind == VALUE_NUMBER &&
           decimal_round(value->number, digits, DECIMAL_FLOOR, &rounded) &&
           decimal_to_scaled(rounded, digits, ret_at) && *ret_at <= POSITION_LIMIT &&
           *ret_at >= -POSITION_LIMIT;
}

/* ---- constants of the tariff ---------------------------------------------------------------- */

/* Is the column the question's answer itself: "weight", or "traveller.weight" of a record? */
static bool is_column_of(const struct product_question *question, const char *expression) {
    size_t length = strlen(expression), name = strlen(question->name);
    if (length < name || strcmp(expression + length - name, question->name) != 0) return false;
    return length == name || expression[length - name - 1] == '.';
}

static void tables_look(const struct what_if_search *search, const struct what_if_spot *spot,
                        struct seeds *seeds) {
    const struct program *program = search->product->program;
    for (int i = 0; i < program->element_count; i++) {
        for (int at = 0; at < program->elements[i].table_count; at++) {
            const struct table *table = program->details[i].tables[at];
            for (int column = 0; column < table->input_count; column++) {
                const struct table_input *input = &table->inputs[column];
                int64_t place;
                if (!is_column_of(spot->question, input->text)) continue;
                for (int point = 0; point < input->point_count; point++)
                    if (position(spot->question, &input->points[point], &place))
                        constant_add(seeds, place);
            }
        }
    }
}

/* A quoted date, or a number that is no part of a name. Returns how much of the text it was. */
static size_t literal_look(const struct product_question *question, const char *text,
                           struct seeds *seeds) {
    struct value value = value_null();
    size_t length;
    int64_t place;
    if (*text == '"') {
        length = strcspn(text + 1, "\"");
        struct value_date date;
        if (calendar_read_date(text + 1, length, &date))
            value = value_date(date.year, date.month, date.day);
        length += 1 + (text[1 + length] == '"');
    } else {
        length = strspn(text, "0123456789.");
        struct decimal number;
        if (decimal_parse(text, length, &number)) value = value_number(number);
    }
    if (value.kind != VALUE_NULL && position(question, &value, &place)) {
        constant_add(seeds, place);
        if (question->type != QUESTION_DATE) constant_add(seeds, -place);
    }
    return length;
}

/* The constants in a formula or condition that names the question. */
static void text_look(const struct product_question *question, const char *text,
                      struct seeds *seeds) {
    if (!text || !explain_text_names(text, question->name)) return;
    while (*text) {
        bool digit = *text >= '0' && *text <= '9';
        if (digit || *text == '"') {
            text += literal_look(question, text, seeds);
        } else { /* a name with its digits is passed over whole */
            size_t word = strcspn(text, " \t\r\n()[],=<>+-*/\"");
            text += word ? word : 1;
        }
    }
}

static void texts_look(const struct what_if_search *search, const struct what_if_spot *spot,
                       struct seeds *seeds) {
    const struct product *product = search->product;
    const struct product_info *info = &product->info;
    for (int i = 0; i < product->program->element_count; i++)
        text_look(spot->question, product->program->elements[i].text, seeds);
    for (int i = 0; i < info->cover_count; i++)
        text_look(spot->question, product->cover_rules[i].taken_when_text, seeds);
    for (int i = 0; i < info->question_count; i++)
        text_look(spot->question, info->questions[i].shown_when, seeds);
    for (int i = 0; spot->records && i < spot->records->question_count; i++)
        text_look(spot->question, spot->records->questions[i].shown_when, seeds);
}

/* ---- range ---------------------------------------------------------------------------------- */

/* A bound of the question; a lower one between two answers means the higher of these. */
static bool bound_position(const struct what_if_search *search,
                           const struct product_question *question, const char *bound, bool lower,
                           int64_t *ret_at) {
    struct value value = value_null();
    struct value_date date;
    struct decimal number;
    if (!bound) return false;
    if (question->type == QUESTION_DATE) {
        if (product_bound_date(bound, &search->result->effective_date, &date))
            value = value_date(date.year, date.month, date.day);
    } else if (decimal_parse(bound, strlen(bound), &number)) {
        value = value_number(number);
    }
    if (!position(question, &value, ret_at)) return false;
    if (lower && value.kind == VALUE_NUMBER &&
        decimal_compare(decimal_from_scaled(*ret_at, what_if_digits(question)), number) < 0)
        ++*ret_at;
    return true;
}

/* Where the question has no bound the range reaches just past all that the tariff names. */
static void range_close(const struct product_question *question, bool has_low, bool has_high,
                        struct seeds *seeds) {
    int64_t low = seeds->lowest < seeds->present ? seeds->lowest : seeds->present;
    int64_t high = seeds->highest > seeds->present ? seeds->highest : seeds->present;
    if (!has_low && question->type != QUESTION_DATE && low > 0) low = 1;
    if (!has_low) seeds->low = low - 1;
    if (!has_high) seeds->high = high + (high > RANGE_MIN ? 1 : RANGE_MIN);
}

/* ---- trying --------------------------------------------------------------------------------- */

static int place_of(const struct what_if_try *points, int count, int64_t at) {
    int low = 0;
    while (low < count && points[low].at < at) low++;
    return low;
}

/* False when no more can be tried. */
static bool point_add(struct what_if_search *search, const struct what_if_spot *spot, int64_t at,
                      int *count, int *allowance) {
    struct what_if_try *points = search->points, tried;
    int place = place_of(points, *count, at);
    if (place < *count && points[place].at == at) return true;
    if (*count == WHAT_IF_POINTS_MAX || *allowance == 0) {
        search->found->cut = true;
        return false;
    }
    if (!what_if_rate(search, spot, at, &tried)) return false;
    memmove(&points[place + 1], &points[place], (size_t)(*count - place) * sizeof *points);
    points[place] = tried;
    ++*count;
    --*allowance;
    return true;
}

/* The nearest two neighbours between which the tariff turns, with answers between them; -1. */
static int turn_find(const struct what_if_try *points, int count, int64_t present) {
    int nearest = -1;
    int64_t distance = INT64_MAX;
    for (int i = 0; i + 1 < count; i++) {
        if (points[i].shape == points[i + 1].shape || points[i + 1].at - points[i].at <= 1)
            continue;
        int64_t end = points[i].at >= present ? points[i].at : points[i + 1].at;
        if (apart(end, present) >= distance) continue;
        distance = apart(end, present);
        nearest = i;
    }
    return nearest;
}

int what_if_points(struct what_if_search *search, const struct what_if_spot *spot, int allowance,
                   int *ret_present) {
    struct seeds seeds = {.low = -POSITION_LIMIT, .high = POSITION_LIMIT};
    int count = 0;
    if (!position(spot->question, &spot->from, &seeds.present)) return 0;
    seeds.lowest = seeds.highest = seeds.present;
    const struct product_question *question = spot->question;
    bool has_low = bound_position(search, question, question->minimum, true, &seeds.low);
    bool has_high = bound_position(search, question, question->maximum, false, &seeds.high);
    tables_look(search, spot, &seeds);
    texts_look(search, spot, &seeds);
    range_close(question, has_low, has_high, &seeds);
    bool more = point_add(search, spot, seeds.present, &count, &allowance);
    for (int i = 0; i < seeds.count && more; i++)
        more = point_add(search, spot, seeds.at[i], &count, &allowance);
    int64_t part = (seeds.high - seeds.low) / GRID_PARTS;
    for (int i = 0; i <= GRID_PARTS && more && part >= 0; i++)
        more = point_add(search, spot, i == GRID_PARTS ? seeds.high : seeds.low + i * part, &count,
                         &allowance);
    for (int turn; more && (turn = turn_find(search->points, count, seeds.present)) >= 0;) {
        const struct what_if_try *below = &search->points[turn];
        more = point_add(search, spot, below->at + (below[1].at - below->at) / 2, &count,
                         &allowance);
    }
    *ret_present = place_of(search->points, count, seeds.present);
    return count;
}

/* What another answer to a single question would lead to: every answer that can be changed is tried
 * with the values of which something may come, each is rated, and the best of each question is
 * kept. What to try for numbers and dates is what_if_points.c's. */
#include "what_if.h"

#include <string.h>

/* The best that a question gave of one kind. */
struct best {
    bool any;
    struct what_if_try tried;
    int64_t steps, apart;
};

/* ---- rating one change ---------------------------------------------------------------------- */

static void shape_add(uint64_t *shape, const void *bytes, size_t length) {
    const unsigned char *at = bytes;
    for (size_t i = 0; i < length; i++) *shape = (*shape ^ at[i]) * 1099511628211u;
}

static uint64_t covers_of(const struct what_if_search *search,
                          const struct quote_result *result) {
    uint64_t covers = 0;
    for (int i = 0; i < result->cover_count && result->has_premium; i++)
        covers |= (uint64_t)1 << (result->covers[i].cover - search->product->info.covers);
    return covers;
}

/* How the tariff decided: rows, and decisions that are no number; numbers change with the answer
 * without any turn. */
static uint64_t shape_of(const struct what_if_search *search, const struct quote_result *result) {
    uint64_t shape = 14695981039346656037u, covers = covers_of(search, result);
    for (size_t i = 0; i < search->trace.count; i++) {
        const struct trace_event *event = &search->trace.events[i];
        if (event->kind == TRACE_ROW) {
            int row[] = {event->element, event->table, event->row};
            shape_add(&shape, row, sizeof row);
        }
        if (event->kind != TRACE_DECISION_END) continue;
        shape_add(&shape, &event->value.kind, sizeof event->value.kind);
        if (event->value.kind == VALUE_TEXT)
            shape_add(&shape, event->value.text, event->value.length);
        if (event->value.kind == VALUE_BOOLEAN) shape_add(&shape, &event->value.boolean, 1);
    }
    for (int i = 0; i < result->reason_count; i++)
        shape_add(&shape, result->reasons[i].code, strlen(result->reasons[i].code) + 1);
    shape_add(&shape, &result->outcome, sizeof result->outcome);
    shape_add(&shape, &covers, sizeof covers);
    return shape;
}

static bool is_spent(struct what_if_search *search) {
    const struct what_if_limits *limits = search->limits;
    struct what_if *found = search->found;
    if (!search->spent)
        search->spent = found->ratings >= limits->ratings ||
                        (limits->expired && limits->expired(limits->context));
    found->cut |= search->spent;
    return search->spent;
}

bool what_if_rate(struct what_if_search *search, const struct what_if_spot *spot, int64_t at,
                  struct what_if_try *ret_try) {
    struct what_if_try tried = {.at = at};
    struct quote_result result;
    struct value to, answers;
    if (is_spent(search)) return false;
    char *before = search->scratch->at;
    search->found->ratings++;
    search->trace.count = 0;
    search->trace.overflowed = false;
    int status = what_if_value(search, spot, at, &to) ? QUOTE_OK : QUOTE_TOO_LARGE;
    if (status == QUOTE_OK) status = what_if_answers(search, spot, &to, &answers);
    if (status == QUOTE_OK)
        status = product_rate(search->product, &answers, &search->result->effective_date,
                              search->moment, search->scratch, &search->trace, NULL, &result);
    if (status == QUOTE_OK) {
        tried.rated = true;
        tried.outcome = result.outcome;
        tried.has_premium = result.has_premium;
        tried.total_cents = result.has_premium ? result.total_cents : 0;
        tried.covers = covers_of(search, &result);
        tried.shape = shape_of(search, &result);
    }
    if (status == QUOTE_TOO_LARGE) search->found->cut = true;
    search->scratch->at = before;
    *ret_try = tried;
    return true;
}

/* ---- the best of a question ----------------------------------------------------------------- */

struct bests {
    struct best offered, referred, cheaper;
};

static void nearest_keep(struct best *best, const struct what_if_try *tried, int64_t steps,
                         int64_t apart) {
    if (best->any && (best->steps < steps || (best->steps == steps && best->apart < apart) ||
                      (best->steps == steps && best->apart == apart &&
                       best->tried.total_cents <= tried->total_cents)))
        return;
    *best = (struct best){.any = true, .tried = *tried, .steps = steps, .apart = apart};
}

static void try_weigh(const struct what_if_search *search, const struct what_if_spot *spot,
                      const struct what_if_try *tried, int64_t steps, int64_t apart,
                      struct bests *bests) {
    const struct what_if *found = search->found;
    if (!tried->rated) return;
    if (tried->outcome < found->outcome && tried->outcome == OUTCOME_OFFERED)
        nearest_keep(&bests->offered, tried, steps, apart);
    if (tried->outcome < found->outcome && tried->outcome == OUTCOME_REFERRED)
        nearest_keep(&bests->referred, tried, steps, apart);
    if (!spot->question->changeable || !found->has_premium || !tried->has_premium ||
        tried->outcome > found->outcome || tried->total_cents >= found->total_cents)
        return;
    struct best *cheaper = &bests->cheaper;
    if (cheaper->any && (cheaper->tried.total_cents < tried->total_cents ||
                         (cheaper->tried.total_cents == tried->total_cents &&
                          (cheaper->steps < steps ||
                           (cheaper->steps == steps && cheaper->apart <= apart)))))
        return;
    *cheaper = (struct best){.any = true, .tried = *tried, .steps = steps, .apart = apart};
}

/* ---- keeping ------------------------------------------------------------------------------- */

static bool comes_first(const struct what_if_change *a, const struct what_if_change *b,
                        bool by_saving) {
    if (by_saving) return a->total_cents < b->total_cents;
    if (a->question->changeable != b->question->changeable) return a->question->changeable;
    if (a->steps != b->steps) return a->steps < b->steps;
    return a->total_cents < b->total_cents;
}

static int change_keep(struct what_if_search *search, const struct what_if_spot *spot,
                       const struct best *best, struct what_if_change *changes, int *count,
                       int limit, bool by_saving) {
    if (!best->any) return QUOTE_OK;
    const struct what_if *found = search->found;
    bool both = best->tried.has_premium && found->has_premium;
    struct what_if_change change = {
        .question = spot->question,
        .records = spot->records,
        .item = spot->item,
        .from = spot->from,
        .outcome = best->tried.outcome,
        .has_premium = best->tried.has_premium,
        .total_cents = best->tried.total_cents,
        .change_cents = both ? best->tried.total_cents - found->total_cents : 0,
        .steps = best->steps,
        .covers = best->tried.covers};
    int at = *count;
    while (at > 0 && comes_first(&change, &changes[at - 1], by_saving)) at--;
    if (at == limit) return QUOTE_OK;
    if (!what_if_value(search, spot, best->tried.at, &change.to) ||
        what_if_answers(search, spot, &change.to, &change.answers) != QUOTE_OK)
        return QUOTE_TOO_LARGE;
    if (*count < limit) ++*count;
    memmove(&changes[at + 1], &changes[at], (size_t)(*count - 1 - at) * sizeof change);
    changes[at] = change;
    return QUOTE_OK;
}

static int bests_keep(struct what_if_search *search, const struct what_if_spot *spot,
                      const struct bests *bests) {
    struct what_if *found = search->found;
    int status = change_keep(search, spot, &bests->offered, found->offered, &found->offered_count,
                             WHAT_IF_CHANGES_MAX, false);
    /* Whoever hears which fact would be offered need not hear which would be referred. */
    bool idle = bests->offered.any && !spot->question->changeable;
    if (status == QUOTE_OK && !idle)
        status = change_keep(search, spot, &bests->referred, found->referred,
                             &found->referred_count, WHAT_IF_CHANGES_MAX, false);
    if (status == QUOTE_OK)
        status = change_keep(search, spot, &bests->cheaper, found->cheaper, &found->cheaper_count,
                             WHAT_IF_CHEAPER_MAX, true);
    return status;
}

/* ---- what is tried of a question ------------------------------------------------------------ */

static bool is_discrete(const struct product_question *question) {
    return question->type == QUESTION_BOOLEAN || question->type == QUESTION_CHOICE ||
           question->type == QUESTION_CHOICES;
}

static int64_t present_option(const struct what_if_spot *spot) {
    for (int i = 0; i < spot->question->choice_count && spot->from.kind == VALUE_TEXT; i++)
        if (strlen(spot->question->choices[i].code) == spot->from.length &&
            memcmp(spot->question->choices[i].code, spot->from.text, spot->from.length) == 0)
            return i;
    return -1;
}

/* May one option more, or fewer, be chosen? */
static bool length_allows(const struct what_if_search *search, const struct what_if_spot *spot,
                          int64_t at) {
    struct value to;
    char *before = search->scratch->at;
    bool fits = what_if_value(search, spot, at, &to);
    search->scratch->at = before;
    int count = fits ? (int)to.length : 0, most = spot->question->length_maximum;
    return fits && count >= spot->question->length_minimum && (!most || count <= most);
}

static void options_try(struct what_if_search *search, const struct what_if_spot *spot,
                        struct bests *bests) {
    const struct product_question *question = spot->question;
    bool several = question->type == QUESTION_CHOICES, truth = question->type == QUESTION_BOOLEAN;
    int64_t count = truth ? 2 : question->choice_count;
    int64_t present = !truth                            ? present_option(spot)
                      : spot->from.kind == VALUE_BOOLEAN ? (int64_t)spot->from.boolean
                                                         : -1;
    for (int64_t at = 0; at < count; at++) {
        struct what_if_try tried;
        if ((at == present && !several) || (several && !length_allows(search, spot, at))) continue;
        if (!what_if_rate(search, spot, at, &tried)) return;
        int64_t steps = several || present < 0 ? 1 : at > present ? at - present : present - at;
        try_weigh(search, spot, &tried, steps, steps, bests);
    }
}

static void numbers_try(struct what_if_search *search, const struct what_if_spot *spot,
                        int allowance, struct bests *bests) {
    const struct what_if_try *points = search->points;
    int present = 0, count = what_if_points(search, spot, allowance, &present);
    for (int direction = -1; direction <= 1 && count; direction += 2) {
        int64_t steps = 0;
        for (int i = present + direction; i >= 0 && i < count; i += direction) {
            steps += points[i].shape != points[i - direction].shape;
            int64_t apart = points[i].at - points[present].at;
            try_weigh(search, spot, &points[i], steps ? steps : 1, apart < 0 ? -apart : apart,
                      bests);
        }
    }
}

/* ---- the answers that can be changed --------------------------------------------------------- */

struct spots {
    struct what_if_spot *items;
    int count;
    bool cut;
};

static void spot_add(const struct what_if_search *search, struct spots *spots,
                     const struct product_question *question,
                     const struct product_question *records, int item,
                     const struct value *answers) {
    const struct value *answer = value_entry_find(answers, question->name, strlen(question->name));
    char *before = search->scratch->at;
    if (question->sensitive || question->type == QUESTION_TEXT ||
        question->type == QUESTION_RECORDS)
        return;
    if (!question->changeable && search->found->outcome == OUTCOME_OFFERED) return;
    if (!answer) {
        if (!is_discrete(question)) return;
        bool shown = product_question_shown(search->product, question, answers,
                                            &search->result->effective_date, search->moment,
                                            search->scratch);
        search->scratch->at = before;
        if (!shown) return;
    }
    if (spots->count == WHAT_IF_SPOTS_MAX) {
        spots->cut = true;
        return;
    }
    spots->items[spots->count++] = (struct what_if_spot){.question = question,
                                                         .records = records,
                                                         .item = item,
                                                         .from = answer ? *answer : value_null()};
}

static void spots_find(const struct what_if_search *search, struct spots *spots) {
    const struct product_info *info = &search->product->info;
    const struct value *answers = &search->result->answers;
    for (int i = 0; i < info->question_count; i++) {
        const struct product_question *question = &info->questions[i];
        const struct value *records =
            question->type == QUESTION_RECORDS && !product_question_sensitive(question)
                ? value_entry_find(answers, question->name, strlen(question->name))
                : NULL;
        spot_add(search, spots, question, NULL, 0, answers);
        for (uint32_t item = 0; records && item < records->length; item++)
            for (int j = 0; j < question->question_count; j++)
                spot_add(search, spots, &question->questions[j], question, (int)item,
                         &records->items[item]);
    }
}

/* Options cost a rating each; what they leave is shared alike by the numbers. Changeable answers
 * come first, for where a limit cuts the search it is their changes that people can use. */
static int spots_try(struct what_if_search *search, const struct spots *spots, bool changeable) {
    int numbers = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < spots->count; i++) {
            const struct what_if_spot *spot = &spots->items[i];
            struct bests bests = {0};
            bool discrete = is_discrete(spot->question);
            if (spot->question->changeable != changeable) continue;
            if (pass == 0 && !discrete) numbers++;
            if (discrete != (pass == 0)) continue;
            if (discrete) options_try(search, spot, &bests);
            else numbers_try(search, spot,
                             (search->limits->ratings - search->found->ratings) / numbers--,
                             &bests);
            int status = bests_keep(search, spot, &bests);
            if (status != QUOTE_OK) return status;
        }
    }
    return QUOTE_OK;
}

int product_what_if(const struct product *product, const struct quote_result *result,
                    const struct moment *moment, const struct what_if_limits *limits,
                    struct scratch *scratch, struct what_if *ret_what_if) {
    struct what_if *found = scratch_take(scratch, sizeof *found);
    struct what_if_search search = {
        .product = product,
        .result = result,
        .moment = moment,
        .limits = limits,
        .scratch = scratch,
        .trace = {.events = scratch_take(scratch,
                                         WHAT_IF_TRACE_EVENTS * sizeof(struct trace_event)),
                  .capacity = WHAT_IF_TRACE_EVENTS},
        .points = scratch_take(scratch, WHAT_IF_POINTS_MAX * sizeof(struct what_if_try)),
        .found = found};
    struct spots spots = {
        .items = scratch_take(scratch, WHAT_IF_SPOTS_MAX * sizeof(struct what_if_spot))};
    if (!found || !search.trace.events || !search.points || !spots.items) return QUOTE_TOO_LARGE;
    *found = (struct what_if){.outcome = result->outcome,
                              .has_premium = result->has_premium,
                              .total_cents = result->has_premium ? result->total_cents : 0,
                              .covers = covers_of(&search, result)};
    spots_find(&search, &spots);
    int status = spots_try(&search, &spots, true);
    if (status == QUOTE_OK && found->outcome != OUTCOME_OFFERED)
        status = spots_try(&search, &spots, false);
    if (status != QUOTE_OK) return status;
    found->cut |= spots.cut;
    *ret_what_if = *found;
    return QUOTE_OK;
}

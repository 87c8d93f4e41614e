/* Adding up. Every list has its end; what does not fit is counted where it is left out. */
#include "domain/impact_sums.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS_FIRST = 64 };

/* ---- bands ---------------------------------------------------------------------------------- */
static const struct {
    const char *code, *text;
    int limit_percent; /* below: its upper end; above: its lower end */
} bands[IMPACT_BANDS] = {
    [IMPACT_DOWN_20_OR_MORE] = {"down_20_or_more", "-20% or more", -20},
    [IMPACT_DOWN_10_TO_20] = {"down_10_to_20", "-10% to -20%", -10},
    [IMPACT_DOWN_5_TO_10] = {"down_5_to_10", "-5% to -10%", -5},
    [IMPACT_DOWN_TO_5] = {"down_to_5", "less than -5%", 0},
    [IMPACT_UNCHANGED] = {"unchanged", "0", 0},
    [IMPACT_UP_TO_5] = {"up_to_5", "less than +5%", 0},
    [IMPACT_UP_5_TO_10] = {"up_5_to_10", "+5% to +10%", 5},
    [IMPACT_UP_10_TO_20] = {"up_10_to_20", "+10% to +20%", 10},
    [IMPACT_UP_20_OR_MORE] = {"up_20_or_more", "+20% or more", 20}};

const char *impact_band_code(enum impact_band band) {
    return bands[band].code;
}

const char *impact_band_text(enum impact_band band) {
    return bands[band].text;
}

enum impact_band impact_band_of(int64_t before_cents, int64_t after_cents) {
    __int128 change = ((__int128)after_cents - before_cents) * 100;
    __int128 base = before_cents < 0 ? -(__int128)before_cents : before_cents;
    int band;
    if (change == 0) return IMPACT_UNCHANGED;
    if (change < 0) {
        for (band = IMPACT_DOWN_20_OR_MORE; band < IMPACT_DOWN_TO_5; band++)
            if (change <= base * bands[band].limit_percent) break;
        return band;
    }
    for (band = IMPACT_UP_20_OR_MORE; band > IMPACT_UP_TO_5; band--)
        if (change >= base * bands[band].limit_percent) break;
    return band;
}

/* ---- amounts -------------------------------------------------------------------------------- */
static void cents_add(int64_t *sum, int64_t cents) {
    if (__builtin_add_overflow(*sum, cents, sum)) *sum = cents < 0 ? INT64_MIN : INT64_MAX;
}

void impact_amounts_add(struct impact_amounts *amounts, int64_t before_cents, int64_t after_cents) {
    amounts->quotes++;
    amounts->winners += after_cents < before_cents;
    amounts->losers += after_cents > before_cents;
    cents_add(&amounts->before_cents, before_cents);
    cents_add(&amounts->after_cents, after_cents);
}

void impact_amounts_merge(struct impact_amounts *into, const struct impact_amounts *from) {
    into->quotes += from->quotes;
    into->winners += from->winners;
    into->losers += from->losers;
    cents_add(&into->before_cents, from->before_cents);
    cents_add(&into->after_cents, from->after_cents);
}

/* ---- groups --------------------------------------------------------------------------------- */
static uint64_t key_hash(const char *key) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *key; key++) hash = (hash ^ (unsigned char)*key) * UINT64_C(1099511628211);
    return hash ^ hash >> 29;
}

static int *place_of(const struct impact_groups *groups, const char *key) {
    size_t mask = (size_t)groups->place_count - 1, at = key_hash(key) & mask;
    while (groups->places[at] && strcmp(groups->items[groups->places[at] - 1].key, key) != 0)
        at = (at + 1) & mask;
    return &groups->places[at];
}

static bool groups_grow(struct impact_groups *groups) {
    int capacity = groups->capacity ? groups->capacity * 2 : GROUPS_FIRST;
    struct impact_group *items =
        realloc(groups->items, (size_t)capacity * sizeof *groups->items);
    if (!items) return false;
    groups->items = items;
    int *places = calloc((size_t)capacity * 2, sizeof *places);
    if (!places) return false;
    free(groups->places);
    groups->places = places;
    groups->place_count = capacity * 2;
    groups->capacity = capacity;
    for (int i = 0; i < groups->count; i++) *place_of(groups, groups->items[i].key) = i + 1;
    return true;
}

/* The amounts of a group; without room for one more, those of all others. */
static struct impact_amounts *group_amounts(struct impact_groups *groups, const char *key) {
    char cut[IMPACT_KEY_MAX];
    size_t length = strlen(key);
    if (length >= sizeof cut) { /* not amid a character */
        length = sizeof cut - 1;
        while (length && ((unsigned char)key[length] & 0xc0) == 0x80) length--;
        memcpy(cut, key, length);
        cut[length] = '\0';
        key = cut;
    }
    int *place = groups->place_count ? place_of(groups, key) : NULL;
    if (place && *place) return &groups->items[*place - 1].amounts;
    if (groups->count == IMPACT_GROUPS_MAX) return &groups->other;
    if (groups->count == groups->capacity && !groups_grow(groups)) {
        groups->starved = true;
        return &groups->other;
    }
    place = place_of(groups, key);
    struct impact_group *group = &groups->items[groups->count++];
    *group = (struct impact_group){.label = ""};
    memcpy(group->key, key, length + 1);
    *place = groups->count;
    return &group->amounts;
}

static void groups_merge(struct impact_groups *into, const struct impact_groups *from) {
    for (int i = 0; i < from->count; i++)
        impact_amounts_merge(group_amounts(into, from->items[i].key), &from->items[i].amounts);
    impact_amounts_merge(&into->other, &from->other);
    into->starved |= from->starved;
}

static void groups_done(struct impact_groups *groups) {
    free(groups->items);
    free(groups->places);
}

/* ---- moves ---------------------------------------------------------------------------------- */
static __int128 size_of(const struct impact_move *move) {
    __int128 change = (__int128)move->after_cents - move->before_cents;
    return change < 0 ? -change : change;
}

static bool goes_before(const struct impact_move *a, const struct impact_move *b) {
    __int128 left = size_of(a), right = size_of(b);
    return left != right ? left > right : strcmp(a->id, b->id) < 0;
}

static void moves_add(struct impact_moves *moves, const struct impact_move *move) {
    int at = moves->count;
    if (at == IMPACT_MOVES_MAX && !goes_before(move, &moves->items[at - 1])) return;
    if (at < IMPACT_MOVES_MAX) moves->count++;
    else at--;
    for (; at > 0 && goes_before(move, &moves->items[at - 1]); at--)
        moves->items[at] = moves->items[at - 1];
    moves->items[at] = *move;
}

static void move_note(struct impact_sums *sums, const struct impact_pair *pair) {
    struct impact_move move = {.before_cents = pair->before_cents,
                               .after_cents = pair->after_cents};
    struct impact_moves *moves =
        pair->after_cents > pair->before_cents ? &sums->rises : &sums->falls;
    if (moves->count == IMPACT_MOVES_MAX &&
        size_of(&move) < size_of(&moves->items[IMPACT_MOVES_MAX - 1]))
        return;
    snprintf(move.id, sizeof move.id, "%s", pair->id);
    snprintf(move.partner_id, sizeof move.partner_id, "%s", pair->partner_id);
    snprintf(move.product, sizeof move.product, "%s", pair->product);
    moves_add(moves, &move);
}

/* ---- refusals and failures ------------------------------------------------------------------ */
static void example_set(char example_id[ID_MAX], const char *id) {
    if (!*example_id || strcmp(id, example_id) < 0) snprintf(example_id, ID_MAX, "%s", id);
}

static void refusal_add(struct impact_sums *sums, const struct impact_refusal *refusal) {
    int at = 0;
    while (at < sums->refusal_count &&
           (strcmp(sums->refusals[at].question, refusal->question) != 0 ||
            strcmp(sums->refusals[at].code, refusal->code) != 0 ||
            strcmp(sums->refusals[at].product, refusal->product) != 0))
        at++;
    if (at == IMPACT_REFUSALS_MAX) {
        sums->refusals_left_out += refusal->quotes;
        return;
    }
    struct impact_refusal *kept = &sums->refusals[at];
    if (at == sums->refusal_count) {
        *kept = *refusal;
        sums->refusal_count++;
        return;
    }
    kept->quotes += refusal->quotes;
    example_set(kept->example_id, refusal->example_id);
}

void impact_sums_refuse(struct impact_sums *sums, const char *id, const char *product,
                        const char *question, const char *code) {
    struct impact_refusal refusal = {.quotes = 1};
    snprintf(refusal.product, sizeof refusal.product, "%s", product);
    snprintf(refusal.question, sizeof refusal.question, "%s", question);
    snprintf(refusal.code, sizeof refusal.code, "%s", code);
    snprintf(refusal.example_id, sizeof refusal.example_id, "%s", id);
    refusal_add(sums, &refusal);
}

static void failure_add(struct impact_sums *sums, const struct impact_failure *failure) {
    int at = 0;
    while (at < sums->failure_count && strcmp(sums->failures[at].text, failure->text) != 0) at++;
    if (at == IMPACT_FAILURES_MAX) {
        sums->failures_left_out += failure->quotes;
        return;
    }
    struct impact_failure *kept = &sums->failures[at];
    if (at == sums->failure_count) {
        *kept = *failure;
        sums->failure_count++;
        return;
    }
    kept->quotes += failure->quotes;
    example_set(kept->example_id, failure->example_id);
}

void impact_sums_fail(struct impact_sums *sums, const char *id, const char *text) {
    struct impact_failure failure = {.quotes = 1};
    snprintf(failure.text, sizeof failure.text, "%s", text);
    snprintf(failure.example_id, sizeof failure.example_id, "%s", id);
    failure_add(sums, &failure);
}

/* ---- the whole ------------------------------------------------------------------------------ */
struct impact_sums *impact_sums_new(void) {
    return calloc(1, sizeof(struct impact_sums));
}

void impact_sums_free(struct impact_sums *sums) {
    if (!sums) return;
    groups_done(&sums->partners);
    groups_done(&sums->regions);
    groups_done(&sums->products);
    free(sums);
}

void impact_sums_add(struct impact_sums *sums, const struct impact_pair *pair) {
    int64_t before = pair->before_cents, after = pair->after_cents;
    sums->rated++;
    sums->acceptance[pair->before][pair->after]++;
    if (!pair->has_before || !pair->has_after) return;
    impact_amounts_add(&sums->amounts, before, after);
    impact_amounts_add(&sums->bands[impact_band_of(before, after)], before, after);
    if (*pair->partner_id)
        impact_amounts_add(group_amounts(&sums->partners, pair->partner_id), before, after);
    impact_amounts_add(group_amounts(&sums->products, pair->product), before, after);
    if (pair->region)
        impact_amounts_add(group_amounts(&sums->regions, pair->region), before, after);
    if (before != after) move_note(sums, pair);
}

void impact_sums_merge(struct impact_sums *into, const struct impact_sums *from) {
    into->quotes += from->quotes;
    into->rated += from->rated;
    into->refused += from->refused;
    into->failed += from->failed;
    into->unreadable += from->unreadable;
    into->before_kept += from->before_kept;
    into->before_unratable += from->before_unratable;
    impact_amounts_merge(&into->amounts, &from->amounts);
    for (int i = 0; i < IMPACT_BANDS; i++) impact_amounts_merge(&into->bands[i], &from->bands[i]);
    for (int i = 0; i < IMPACT_OUTCOMES; i++)
        for (int j = 0; j < IMPACT_OUTCOMES; j++)
            into->acceptance[i][j] += from->acceptance[i][j];
    groups_merge(&into->partners, &from->partners);
    groups_merge(&into->regions, &from->regions);
    groups_merge(&into->products, &from->products);
    for (int i = 0; i < from->rises.count; i++) moves_add(&into->rises, &from->rises.items[i]);
    for (int i = 0; i < from->falls.count; i++) moves_add(&into->falls, &from->falls.items[i]);
    for (int i = 0; i < from->refusal_count; i++) refusal_add(into, &from->refusals[i]);
    for (int i = 0; i < from->failure_count; i++) failure_add(into, &from->failures[i]);
    into->refusals_left_out += from->refusals_left_out;
    into->failures_left_out += from->failures_left_out;
}

/* ---- order ---------------------------------------------------------------------------------- */
static int by_key(const void *a, const void *b) {
    return strcmp(((const struct impact_group *)a)->key, ((const struct impact_group *)b)->key);
}

static int by_change(const void *a, const void *b) {
    const struct impact_group *left = a, *right = b;
    __int128 one = (__int128)left->amounts.after_cents - left->amounts.before_cents;
    __int128 two = (__int128)right->amounts.after_cents - right->amounts.before_cents;
    if (one < 0) one = -one;
    if (two < 0) two = -two;
    if (one != two) return one > two ? -1 : 1;
    return strcmp(left->key, right->key);
}

static int by_refusals(const void *a, const void *b) {
    const struct impact_refusal *left = a, *right = b;
    if (left->quotes != right->quotes) return left->quotes > right->quotes ? -1 : 1;
    int order = strcmp(left->product, right->product);
    if (!order) order = strcmp(left->question, right->question);
    return order ? order : strcmp(left->code, right->code);
}

static int by_failures(const void *a, const void *b) {
    const struct impact_failure *left = a, *right = b;
    if (left->quotes != right->quotes) return left->quotes > right->quotes ? -1 : 1;
    return strcmp(left->text, right->text);
}

static void groups_sort(struct impact_groups *groups, int (*order)(const void *, const void *)) {
    if (!groups->count) return;
    qsort(groups->items, (size_t)groups->count, sizeof *groups->items, order);
    memset(groups->places, 0, (size_t)groups->place_count * sizeof *groups->places);
    for (int i = 0; i < groups->count; i++) *place_of(groups, groups->items[i].key) = i + 1;
}

void impact_sums_sort(struct impact_sums *sums) {
    groups_sort(&sums->partners, by_change);
    groups_sort(&sums->regions, by_key);
    groups_sort(&sums->products, by_key);
    qsort(sums->refusals, (size_t)sums->refusal_count, sizeof *sums->refusals, by_refusals);
    qsort(sums->failures, (size_t)sums->failure_count, sizeof *sums->failures, by_failures);
}

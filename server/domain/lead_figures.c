/* Two walks: over leads, counted by the store, and over answers in order of group and length, so
 * that the middle of each group is found as they pass. */
#include "domain/lead_figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct walk {
    struct lead_figures *figures;
    int32_t *minutes; /* of all answers: those of a group lie together, the shortest first */
    int count, capacity, group_from;
    struct lead_figure *group;
};

static struct lead_figure *figure_of(struct lead_figures *figures, const char *key,
                                     const char *name) {
    for (int i = figures->count - 1; i >= 0; i--)
        if (strcmp(figures->items[i].key, key) == 0) return &figures->items[i];
    if (figures->count >= LEAD_FIGURES_MAX) {
        figures->more = true;
        return NULL;
    }
    struct lead_figure *figure = &figures->items[figures->count++];
    *figure = (struct lead_figure){.median_minutes = -1, .p90_minutes = -1};
    snprintf(figure->key, sizeof figure->key, "%s", key);
    snprintf(figure->name, sizeof figure->name, "%s", name ? name : "");
    return figure;
}

/* ---- leads ---------------------------------------------------------------------------------- */
static void lead_count_add(struct lead_figure *figure, const char *status, int64_t count) {
    figure->received += count;
    if (strcmp(status, "won") == 0) figure->won += count;
    else if (strcmp(status, "lost") == 0) figure->lost += count;
    else if (strcmp(status, "spam") == 0) figure->spam += count;
    else figure->open += count;
}

#define LEADS(key, name, join)                                                                    \
    "select coalesce(" key ", ''), " name ", l.status, count(*) from lead l" join                 \
    " where l.test = 0 and l.created_us >= $1 and l.created_us < $2 and l.merged_into_id is null" \
    " and $scope(l/user_id) group by " key ", " name ", l.status order by count(*) desc"

static int leads_read(struct db_tx *tx, enum lead_grouping grouping, int64_t from_us,
                      int64_t until_us, struct error *error, struct lead_figures *figures) {
    struct db_rows *rows = NULL;
    const struct db_value values[] = {db_integer(from_us), db_integer(until_us)};
    const char *sql = grouping == LEAD_BY_OFFICE
                          ? LEADS("l.partner_id", "p.name",
                                  " left join partner p on p.id = l.partner_id")
                      : grouping == LEAD_BY_PRODUCT ? LEADS("l.product", "l.product", "")
                                                    : LEADS("l.source", "l.source", "");
    int status = db_query_values(tx, sql, values, 2, error, &rows);
    while (!status && (status = db_next(rows, error)) > 0) {
        const char *state = db_column_text(rows, 2, NULL);
        char key[64], name[201], status_text[24];
        db_column_copy(rows, 0, key, sizeof key);
        db_column_copy(rows, 1, name, sizeof name);
        snprintf(status_text, sizeof status_text, "%s", state ? state : "");
        struct lead_figure *figure = figure_of(figures, key, name);
        if (figure) lead_count_add(figure, status_text, db_column_integer(rows, 3));
        lead_count_add(&figures->total, status_text, db_column_integer(rows, 3));
        status = 0;
    }
    db_rows_close(rows);
    return status;
}

/* ---- offers --------------------------------------------------------------------------------- */
static int compare_minutes(const void *a, const void *b) {
    int32_t one = *(const int32_t *)a, other = *(const int32_t *)b;
    return one < other ? -1 : one > other;
}

/* The least that so many percent are no longer than; -1 of none. */
static int64_t percentile(const int32_t *minutes, int count, int percent) {
    if (!count) return -1;
    int64_t place = ((int64_t)count * percent + 99) / 100;
    return minutes[place > 0 ? place - 1 : 0];
}

static void group_end(struct walk *walk) {
    const int32_t *minutes = walk->minutes + walk->group_from;
    int count = walk->count - walk->group_from;
    if (walk->group && count) {
        walk->group->median_minutes = percentile(minutes, count, 50);
        walk->group->p90_minutes = percentile(minutes, count, 90);
    }
    walk->group_from = walk->count;
}

static int minutes_add(struct walk *walk, int64_t answer_us, struct error *error) {
    if (walk->count >= LEAD_FIGURES_ANSWERS_MAX)
        return error_set(error, ERROR_TOO_LARGE, "ask for a shorter period: it has over %d answers",
                         LEAD_FIGURES_ANSWERS_MAX);
    if (walk->count == walk->capacity) {
        int wanted = walk->capacity ? 2 * walk->capacity : 1024;
        int32_t *moved = realloc(walk->minutes, (size_t)wanted * sizeof *moved);
        if (!moved) return error_set(error, ERROR_NO_MEMORY, "no memory for answer times");
        walk->minutes = moved;
        walk->capacity = wanted;
    }
    walk->minutes[walk->count++] = (int32_t)(answer_us / 60000000);
    return 0;
}

static int offer_take(struct walk *walk, struct db_rows *rows, struct error *error) {
    struct lead_figure *total = &walk->figures->total;
    struct lead_figure none, *figure = walk->group ? walk->group : &none;
    const char *outcome = db_column_text(rows, 2, NULL);
    if (!walk->group) memset(&none, 0, sizeof none);
    bool accepted = strcmp(outcome, "accepted") == 0, declined = strcmp(outcome, "declined") == 0;
    bool lapsed = strcmp(outcome, "lapsed") == 0;
    figure->offered++, total->offered++;
    figure->accepted += accepted, total->accepted += accepted;
    figure->declined += declined, total->declined += declined;
    figure->lapsed += lapsed, total->lapsed += lapsed;
    return accepted || declined ? minutes_add(walk, db_column_integer(rows, 3), error) : 0;
}

#define OFFERS(key, name, join)                                                                   \
    "select coalesce(" key ", ''), " name ", o.outcome, o.answer_us from lead_offer o" join       \
    " where o.test = 0 and o.offered_us >= $1 and o.offered_us < $2 and $scope(o)"                \
    " order by coalesce(" key ", ''), coalesce(o.answer_us, 0)"

static int offers_read(struct db_tx *tx, enum lead_grouping grouping, int64_t from_us,
                       int64_t until_us, struct error *error, struct walk *walk) {
    struct db_rows *rows = NULL;
    const struct db_value values[] = {db_integer(from_us), db_integer(until_us)};
    const char *sql = grouping == LEAD_BY_PRODUCT
                          ? OFFERS("o.product", "o.product", "")
                          : OFFERS("o.partner_id", "p.name",
                                   " left join partner p on p.id = o.partner_id");
    char last[64] = "\n"; /* no group's key */
    int status = db_query_values(tx, sql, values, 2, error, &rows);
    while (!status && (status = db_next(rows, error)) > 0) {
        char key[64], name[201];
        db_column_copy(rows, 0, key, sizeof key);
        db_column_copy(rows, 1, name, sizeof name);
        if (strcmp(key, last) != 0) {
            group_end(walk);
            walk->group =
                grouping == LEAD_BY_SOURCE ? NULL : figure_of(walk->figures, key, name);
            memcpy(last, key, sizeof last);
        }
        status = offer_take(walk, rows, error);
    }
    db_rows_close(rows);
    if (!status) group_end(walk);
    return status;
}

int lead_figures_read(struct db_tx *tx, enum lead_grouping grouping, int64_t from_us,
                      int64_t until_us, struct error *error, struct lead_figures *ret_figures) {
    struct walk walk = {.figures = ret_figures};
    ret_figures->count = 0;
    ret_figures->more = false;
    ret_figures->total = (struct lead_figure){.median_minutes = -1, .p90_minutes = -1};
    int status = leads_read(tx, grouping, from_us, until_us, error, ret_figures);
    if (!status) status = offers_read(tx, grouping, from_us, until_us, error, &walk);
    if (!status && walk.count) {
        qsort(walk.minutes, (size_t)walk.count, sizeof *walk.minutes, compare_minutes);
        ret_figures->total.median_minutes = percentile(walk.minutes, walk.count, 50);
        ret_figures->total.p90_minutes = percentile(walk.minutes, walk.count, 90);
    }
    free(walk.minutes);
    return status;
}

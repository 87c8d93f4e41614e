/* What is known of all offices, in a few questions to the store; then each lead is a walk over them
 * in memory. */
#include "domain/lead_market.h"

#include <stdlib.h>
#include <string.h>

struct office {
    char id[ID_MAX];
    bool active;
    char grade;
    int open_leads;
};

/* What an agreement lets an office sell. */
struct sale {
    int office;
    char product[64]; /* "": every product */
};

struct lead_market {
    struct office *offices; /* by id */
    struct lead_candidate *candidates;
    struct sale *sales;
    int office_count, office_capacity, sale_count, sale_capacity;
};

void lead_market_free(struct lead_market *market) {
    if (!market) return;
    free(market->offices);
    free(market->candidates);
    free(market->sales);
    free(market);
}

/* ---- reading -------------------------------------------------------------------------------- */
static int starved(struct error *error) {
    return error_set(error, ERROR_NO_MEMORY, "no memory to divide leads");
}

/* Room for one more; NULL when there is none. */
static void *grown(void *items, size_t size, int count, int *capacity) {
    if (count < *capacity) return items;
    int wanted = *capacity ? 2 * *capacity : 64;
    void *moved = realloc(items, (size_t)wanted * size);
    if (moved) *capacity = wanted;
    return moved;
}

/* The office of that id; -1: there is none. */
static int office_find(const struct lead_market *market, const char *id) {
    int low = 0, high = market->office_count - 1;
    while (id && low <= high) {
        int middle = low + (high - low) / 2, order = strcmp(id, market->offices[middle].id);
        if (!order) return middle;
        if (order < 0) high = middle - 1;
        else low = middle + 1;
    }
    return -1;
}

static int office_add(struct lead_market *market, struct db_rows *rows, struct error *error) {
    if (market->office_count >= LEAD_CANDIDATES_MAX)
        return error_set(error, ERROR_TOO_LARGE, "leads are divided among %d offices at most",
                         LEAD_CANDIDATES_MAX);
    struct office *offices = grown(market->offices, sizeof *offices, market->office_count,
                                   &market->office_capacity);
    if (!offices) return starved(error);
    market->offices = offices;
    struct office *office = &offices[market->office_count++];
    *office = (struct office){.active = db_column_integer(rows, 1) != 0};
    db_column_copy(rows, 0, office->id, sizeof office->id);
    return 0;
}

/* A chain itself works on no leads: its offices do. */
static int offices_read(struct db_tx *tx, struct lead_market *market, struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select p.id, case when p.status = 'active' then 1 else 0 end"
                          " from partner p where p.kind <> 'chain' and p.status <> 'ended'"
                          " order by p.id");
    while (!status && (status = db_next(rows, error)) > 0)
        status = office_add(market, rows, error);
    db_rows_close(rows);
    if (status) return status;
    market->candidates =
        calloc((size_t)market->office_count + 1, sizeof *market->candidates);
    return market->candidates ? 0 : starved(error);
}

static int sales_read(struct db_tx *tx, struct lead_market *market, const char *today,
                      struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select a.partner_id, a.product from agreement a where $scope(a)"
                          " and a.from_date <= $1 and (a.to_date is null or a.to_date >= $1)",
                          db_text(today));
    while (!status && (status = db_next(rows, error)) > 0) {
        int office = office_find(market, db_column_text(rows, 0, NULL));
        status = 0;
        if (office < 0) continue;
        struct sale *sales =
            grown(market->sales, sizeof *sales, market->sale_count, &market->sale_capacity);
        if (!sales) {
            status = starved(error);
            break;
        }
        market->sales = sales;
        struct sale *sale = &sales[market->sale_count++];
        sale->office = office;
        db_column_copy(rows, 1, sale->product, sizeof sale->product);
    }
    db_rows_close(rows);
    return status;
}

static int loads_read(struct db_tx *tx, struct lead_market *market, struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select l.partner_id, count(*) from lead l where l.status in"
                          " ('offered', 'accepted', 'contacted', 'quoted') and $scope(l/user_id)"
                          " and l.partner_id is not null group by l.partner_id");
    while (!status && (status = db_next(rows, error)) > 0) {
        int office = office_find(market, db_column_text(rows, 0, NULL));
        if (office >= 0) market->offices[office].open_leads = (int)db_column_integer(rows, 1);
        status = 0;
    }
    db_rows_close(rows);
    return status;
}

int lead_market_read(struct db_tx *tx, const char *today, struct error *error,
                     struct lead_market **ret_market) {
    struct lead_market *market = calloc(1, sizeof *market);
    if (!market) return starved(error);
    int status = offices_read(tx, market, error);
    if (!status) status = sales_read(tx, market, today, error);
    if (!status) status = loads_read(tx, market, error);
    if (status) lead_market_free(market);
    else *ret_market = market;
    return status;
}

int lead_let_go_read(struct db_tx *tx, const struct lead *lead, struct error *error,
                     struct lead_let_go *ret_let_go) {
    struct db_rows *rows = NULL;
    int count = 0;
    int status = db_query(tx, error, &rows,
                          "select distinct o.partner_id from lead_offer o where o.lead_id = $1"
                          " and o.outcome in ('declined', 'lapsed') and $scope(o) limit $2",
                          db_text(lead->id), db_integer(LEAD_LET_GO_MAX - 1));
    while (!status && count < LEAD_LET_GO_MAX - 1 && (status = db_next(rows, error)) > 0) {
        db_column_copy(rows, 0, ret_let_go->partner_ids[count++], ID_MAX);
        status = 0;
    }
    db_rows_close(rows);
    if (status < 0) return status;
    if (lead->partner_id)
        memcpy(ret_let_go->partner_ids[count++], lead->partner_id, strlen(lead->partner_id) + 1);
    ret_let_go->count = count;
    return 0;
}

/* ---- choosing ------------------------------------------------------------------------------- */
static void candidates_set(struct lead_market *market, const struct lead *lead,
                           const struct lead_let_go *let_go) {
    for (int i = 0; i < market->office_count; i++) {
        const struct office *office = &market->offices[i];
        market->candidates[i] = (struct lead_candidate){.partner_id = office->id,
                                                        .grade = office->grade,
                                                        .active = office->active,
                                                        .sells = !lead->product,
                                                        .licensed = true,
                                                        .place = LEAD_PLACE_INSIDE,
                                                        .speaks = true,
                                                        .certified = true,
                                                        .open_leads = office->open_leads};
    }
    for (int i = 0; lead->product && i < market->sale_count; i++) {
        const struct sale *sale = &market->sales[i];
        if (!*sale->product || strcmp(sale->product, lead->product) == 0)
            market->candidates[sale->office].sells = true;
    }
    for (int i = 0; i < let_go->count; i++) {
        int office = office_find(market, let_go->partner_ids[i]);
        if (office >= 0) market->candidates[office].declined = true;
    }
}

const char *lead_market_assign(struct lead_market *market, const struct lead_rule_list *rules,
                               const struct lead *lead, const struct lead_let_go *let_go,
                               uint64_t seed, struct lead_reason *ret_reason) {
    ret_reason->rules_revision = rules->revision;
    candidates_set(market, lead, let_go);
    int chosen = lead_assign(rules->rules, rules->count, market->candidates, market->office_count,
                             seed, ret_reason);
    if (chosen < 0) return NULL;
    market->offices[chosen].open_leads++;
    return market->offices[chosen].id;
}

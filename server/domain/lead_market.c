/* What is known of all offices, in a few questions to the store; then each lead is a walk over them
 * in memory. */
#include "domain/lead_market.h"

#include <stdlib.h>
#include <string.h>

struct office {
    char id[ID_MAX];
    bool active, speaks_english, certified, has_territory;
    char grade;
    int open_leads;
};

/* What an office has, by name: a product it may sell ("": every one), a licence, a diploma. */
struct holding {
    int office;
    char name[PRODUCT_CODE_MAX];
};
struct holdings {
    struct holding *items;
    int count, capacity;
};

struct territory {
    int office, from, to;
};

struct lead_market {
    struct office *offices; /* by id */
    struct lead_candidate *candidates;
    struct territory *territories;
    struct holdings sales, licences, diplomas;
    int office_count, office_capacity, territory_count, territory_capacity;
};

void lead_market_free(struct lead_market *market) {
    if (!market) return;
    free(market->offices);
    free(market->candidates);
    free(market->territories);
    free(market->sales.items);
    free(market->licences.items);
    free(market->diplomas.items);
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
    const char *grade = db_column_text(rows, 2, NULL);
    *office = (struct office){.active = db_column_integer(rows, 1) != 0,
                              .grade = grade ? *grade : '\0'};
    db_column_copy(rows, 0, office->id, sizeof office->id);
    return 0;
}

/* A chain itself works on no leads: its offices do. */
static int offices_read(struct db_tx *tx, struct lead_market *market, struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select p.id, case when p.status = 'active'"
                          " and p.stage in ('ramp_up', 'active') then 1 else 0 end, p.grade"
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

/* Rows of an office and a name. Closes them. */
static int holdings_take(struct lead_market *market, struct db_rows *rows,
                         struct holdings *holdings, struct error *error) {
    int status;
    while ((status = db_next(rows, error)) > 0) {
        int office = office_find(market, db_column_text(rows, 0, NULL));
        if (office < 0) continue;
        struct holding *items =
            grown(holdings->items, sizeof *items, holdings->count, &holdings->capacity);
        if (!items) {
            status = starved(error);
            break;
        }
        holdings->items = items;
        items[holdings->count].office = office;
        db_column_copy(rows, 1, items[holdings->count++].name, sizeof items->name);
    }
    db_rows_close(rows);
    return status;
}

/* What holds on the day. */
#define HOLDS(alias)                                                                              \
    " and " alias ".from_date <= $1 and (" alias ".to_date is null or " alias ".to_date >= $1)"

static int papers_read(struct db_tx *tx, struct lead_market *market, const char *today,
                       struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select a.partner_id, a.product from agreement a where $scope(a)"
                          HOLDS("a"), db_text(today));
    if (!status) status = holdings_take(market, rows, &market->sales, error);
    if (!status)
        status = db_query(tx, error, &rows,
                          "select c.descendant_id, i.kind from partner_licence i"
                          " join partner_closure c on c.ancestor_id = i.partner_id"
                          " where (c.depth = 0 or i.collective = 1) and $scope(i)" HOLDS("i"),
                          db_text(today));
    if (!status) status = holdings_take(market, rows, &market->licences, error);
    if (!status)
        status = db_query(tx, error, &rows,
                          "select d.partner_id, d.kind from partner_diploma d"
                          " join partner_person n on n.id = d.person_id"
                          " where (n.from_date is null or n.from_date <= $1)"
                          " and (n.to_date is null or n.to_date >= $1)"
                          " and $scope(d) and $scope(n)" HOLDS("d"),
                          db_text(today));
    if (!status) status = holdings_take(market, rows, &market->diplomas, error);
    for (int i = 0; !status && i < market->diplomas.count; i++)
        market->offices[market->diplomas.items[i].office].certified = true;
    return status;
}

static int territories_read(struct db_tx *tx, struct lead_market *market, struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select t.partner_id, t.from_postcode, t.to_postcode"
                          " from partner_territory t where $scope(t)");
    while (!status && (status = db_next(rows, error)) > 0) {
        int office = office_find(market, db_column_text(rows, 0, NULL));
        status = 0;
        if (office < 0) continue;
        struct territory *territories =
            grown(market->territories, sizeof *territories, market->territory_count,
                  &market->territory_capacity);
        if (!territories) {
            status = starved(error);
            break;
        }
        market->territories = territories;
        market->offices[office].has_territory = true;
        territories[market->territory_count++] =
            (struct territory){.office = office,
                               .from = (int)db_column_integer(rows, 1),
                               .to = (int)db_column_integer(rows, 2)};
    }
    db_rows_close(rows);
    return status;
}

/* Dutch is spoken everywhere; English where somebody reads the pages in it. */
static int languages_read(struct db_tx *tx, struct lead_market *market, struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select distinct u.partner_id from app_user u where u.language = 'en'"
                          " and u.status = 'active' and u.partner_id is not null and $scope(u)");
    while (!status && (status = db_next(rows, error)) > 0) {
        int office = office_find(market, db_column_text(rows, 0, NULL));
        if (office >= 0) market->offices[office].speaks_english = true;
        status = 0;
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
    if (!status) status = papers_read(tx, market, today, error);
    if (!status) status = territories_read(tx, market, error);
    if (!status) status = languages_read(tx, market, error);
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
/* Does it hold that name? */
static bool holds(const struct holding *holding, const char *name) {
    return !*holding->name || strcmp(holding->name, name) == 0;
}

static void places_set(struct lead_market *market, int area) {
    for (int i = 0; i < market->office_count; i++)
        market->candidates[i].place = !area                              ? LEAD_PLACE_INSIDE
                                      : market->offices[i].has_territory ? LEAD_PLACE_ELSEWHERE
                                                                         : LEAD_PLACE_ANYWHERE;
    for (int i = 0; area && i < market->territory_count; i++) {
        const struct territory *territory = &market->territories[i];
        if (territory->from <= area && area <= territory->to)
            market->candidates[territory->office].place = LEAD_PLACE_INSIDE;
    }
}

static void papers_set(struct lead_market *market, const struct lead *lead,
                       const struct lead_requirement *requirement) {
    struct lead_candidate *candidates = market->candidates;
    for (int i = 0; lead->product && i < market->sales.count; i++)
        candidates[market->sales.items[i].office].sells |=
            holds(&market->sales.items[i], lead->product);
    for (int i = 0; requirement->licence && i < market->licences.count; i++)
        candidates[market->licences.items[i].office].licensed |=
            holds(&market->licences.items[i], requirement->licence);
    if (!requirement->diploma) return;
    for (int i = 0; i < market->diplomas.count; i++)
        candidates[market->diplomas.items[i].office].certified |=
            holds(&market->diplomas.items[i], requirement->diploma);
    /* Without it the gate at the quote would say no. */
    for (int i = 0; i < market->office_count; i++)
        candidates[i].licensed &= candidates[i].certified;
}

static void candidates_set(struct lead_market *market, const struct lead *lead,
                           const struct lead_requirement *requirement,
                           const struct lead_let_go *let_go) {
    bool english = strcmp(lead->language, "en") == 0;
    for (int i = 0; i < market->office_count; i++) {
        const struct office *office = &market->offices[i];
        market->candidates[i] = (struct lead_candidate){
            .partner_id = office->id,
            .grade = office->grade,
            .active = office->active,
            .sells = !lead->product,
            .licensed = !requirement->licence,
            .speaks = !english || office->speaks_english,
            .certified = !requirement->diploma && office->certified,
            .open_leads = office->open_leads};
    }
    places_set(market, lead->postcode_area);
    papers_set(market, lead, requirement);
    for (int i = 0; i < let_go->count; i++) {
        int office = office_find(market, let_go->partner_ids[i]);
        if (office >= 0) market->candidates[office].declined = true;
    }
}

const char *lead_market_assign(struct lead_market *market, const struct lead_rule_list *rules,
                               const struct lead *lead, const struct lead_requirement *requirement,
                               const struct lead_let_go *let_go, uint64_t seed,
                               struct lead_reason *ret_reason) {
    ret_reason->rules_revision = rules->revision;
    candidates_set(market, lead, requirement, let_go);
    int chosen = lead_assign(rules->rules, rules->count, market->candidates, market->office_count,
                             seed, ret_reason);
    if (chosen < 0) return NULL;
    market->offices[chosen].open_leads++;
    return market->offices[chosen].id;
}

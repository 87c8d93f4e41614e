/* Lists of partners: each order is a statement of its own, so that what is sorted by can never
 * come from outside. A page begins behind the row whose id is its cursor, wherever that row
 * stands now. */
#include "domain/partner_inside.h"
#include "domain/search_term.h"

/* no wall: the statements that are made of this name it. */
#define WHERE                                                                                     \
    " where $scope(p.id)"                                                                         \
    " and (cast($1 as text) is null or p.kind = $1)"                                              \
    " and (cast($2 as text) is null or p.stage = $2)"                                             \
    " and (cast($3 as text) is null or p.grade = $3)"                                             \
    " and (cast($4 as text) is null or p.account_manager_id = $4)"                                \
    " and (cast($5 as text) is null or p.id in (select c.descendant_id from partner_closure c"    \
    " where c.ancestor_id = $5))"                                                                 \
    " and (cast($6 as text) is null or exists (select 1 from agreement a"                         \
    " where a.partner_id = p.id and (a.product = $6 or a.product is null) and a.from_date <= $7"  \
    " and (a.to_date is null or a.to_date >= $7) and $scope(a)))"                                 \
    " and (cast($8 as text) is null or p.next_review_date <= $8)" SEARCH_CONDITION(               \
        "p.id", "partner", "$9", "$10") SEARCH_CONDITION("p.id", "partner", "$11", "$12")         \
        SEARCH_CONDITION("p.id", "partner", "$13", "$14")                                         \
            SEARCH_CONDITION("p.id", "partner", "$15", "$16")
#define REVIEW(alias) "coalesce(" alias ".next_review_date, '9999-12-31')"
#define BEHIND(own, other, compared)                                                              \
    " and (cast($17 as text) is null or (" own ", p.id) " compared " (select " other              \
    ", c.id from partner c where c.id = $17 and $scope(c.id)))"
#define BY_NAME BEHIND("p.name", "c.name", ">") " order by p.name, p.id limit $18"
#define BY_NAME_DOWN BEHIND("p.name", "c.name", "<") " order by p.name desc, p.id desc limit $18"
#define NEWEST                                                                                    \
    " and (cast($17 as text) is null or p.id < $17) order by p.id desc limit $18"
#define BY_REVIEW                                                                                 \
    BEHIND(REVIEW("p"), REVIEW("c"), ">") " order by " REVIEW("p") ", p.id limit $18"

enum { FILTER_VALUES = 18 };

static void values_set(const struct partner_filter *filter, const struct search_query *query,
                       struct db_value values[FILTER_VALUES]) {
    values[0] = db_text(filter->kind);
    values[1] = db_text(filter->stage);
    values[2] = db_text(filter->grade);
    values[3] = db_text(filter->account_manager_id);
    values[4] = db_text(filter->chain_id);
    values[5] = db_text(filter->product);
    values[6] = db_text(filter->today);
    values[7] = db_text(filter->review_until);
    for (int i = 0; i < SEARCH_WORDS_MAX; i++) {
        values[8 + 2 * i] = search_low(query, i);
        values[9 + 2 * i] = search_high(query, i);
    }
    values[16] = db_text(filter->cursor);
    values[17] = db_integer(filter->limit);
}
_Static_assert(SEARCH_WORDS_MAX == 4, "the statements have room for four words");

int partner_list(struct db_tx *tx, const struct partner_filter *filter, struct scratch *scratch,
                 struct error *error, struct partner *ret_partners, int *ret_count) {
    static const char *const statements[] = {
        [PARTNER_BY_NAME] = PARTNER_COLUMNS WHERE BY_NAME,
        [PARTNER_BY_NAME_DOWN] = PARTNER_COLUMNS WHERE BY_NAME_DOWN,
        [PARTNER_NEWEST] = PARTNER_COLUMNS WHERE NEWEST,
        [PARTNER_BY_REVIEW] = PARTNER_COLUMNS WHERE BY_REVIEW};
    struct copying copying = {.scratch = scratch};
    struct search_query query;
    struct db_value values[FILTER_VALUES];
    int count = 0;
    int status = search_query_read(filter->search, &query, error);
    if (status) return status;
    values_set(filter, &query, values);
    status = db_query_values(tx, statements[filter->sort], values, FILTER_VALUES, error,
                             &copying.rows);
    if (status) return status;
    while (count < filter->limit && (status = db_next(copying.rows, error)) > 0)
        partner_copy(&copying, &ret_partners[count++]);
    db_rows_close(copying.rows);
    if (copying.failed) return partner_starved(error);
    if (status < 0) return status;
    *ret_count = count;
    return 0;
}

int partner_count(struct db_tx *tx, const struct partner_filter *filter, struct error *error,
                  int64_t *ret_count) {
    struct db_rows *rows = NULL;
    struct search_query query;
    struct db_value values[FILTER_VALUES];
    int status = search_query_read(filter->search, &query, error);
    if (status) return status;
    values_set(filter, &query, values);
    values[16] = db_integer(PARTNER_COUNT_MAX);
    status = db_query_values(tx,
                             "select count(*) from (select p.id from partner p" WHERE
                             " limit $17) counted",
                             values, FILTER_VALUES - 1, error, &rows);
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) *ret_count = db_column_integer(rows, 0);
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

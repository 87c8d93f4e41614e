/* Reading leads, their events and offers. */
#include <string.h>

#include "domain/lead_store.h"
#include "domain/transaction_inside.h"

const struct field_choice lead_sorts[LEAD_SORTS] = {
    [LEAD_SORT_NEWEST] = {"newest", {"de nieuwste eerst", "the newest first"}},
    [LEAD_SORT_OLDEST] = {"oldest", {"de oudste eerst", "the oldest first"}},
    [LEAD_SORT_NEXT] = {"next", {"wat het eerst te doen staat", "what is to be done first"}}};

#define COLUMNS COLUMNS_WITH("l.sealed")
#define COLUMNS_WITH(sealed)                                                                      \
    "select l.id, l.partner_id, l.user_id, l.kind, l.product, l.language, l.source,"              \
    " l.source_detail, " sealed ", l.sealed_key_id, l.email_index, l.telephone_index,"            \
    " l.quote_id, l.application_id, l.consent_text, l.consent_version, l.consent_source,"         \
    " l.next_step, l.next_on, l.reason, l.assignment, l.merged_into_id, l.status, l.test,"        \
    " l.postcode_area, l.attempts, l.revision, l.consent_us, l.due_us, l.offered_us,"             \
    " l.offer_until_us, l.accepted_us, l.contacted_us, l.closed_us, l.erased_us, l.created_us,"   \
    " l.changed_us, p.name, u.name from lead l left join partner p on p.id = l.partner_id"         \
    " left join app_user u on u.id = l.user_id"

static void lead_copy(struct copying *copying, struct lead *lead) {
    struct db_rows *rows = copying->rows;
    *lead = (struct lead){.id = copying_text(copying, 0),
                          .partner_id = copying_text(copying, 1),
                          .user_id = copying_text(copying, 2),
                          .kind = copying_text(copying, 3),
                          .product = copying_text(copying, 4),
                          .language = copying_text(copying, 5),
                          .source = copying_text(copying, 6),
                          .source_detail = copying_text(copying, 7),
                          .sealed = copying_text(copying, 8),
                          .sealed_key_id = copying_text(copying, 9),
                          .email_index = copying_text(copying, 10),
                          .telephone_index = copying_text(copying, 11),
                          .quote_id = copying_text(copying, 12),
                          .application_id = copying_text(copying, 13),
                          .consent_text = copying_text(copying, 14),
                          .consent_version = copying_text(copying, 15),
                          .consent_source = copying_text(copying, 16),
                          .next_step = copying_text(copying, 17),
                          .next_on = copying_text(copying, 18),
                          .reason = copying_text(copying, 19),
                          .assignment = copying_text(copying, 20),
                          .merged_into_id = copying_text(copying, 21),
                          .state = lead_state_read(db_column_text(rows, 22, NULL)),
                          .test = db_column_integer(rows, 23) != 0,
                          .postcode_area = (int)db_column_integer(rows, 24),
                          .attempts = (int)db_column_integer(rows, 25),
                          .revision = db_column_integer(rows, 26),
                          .consent_us = db_column_integer(rows, 27),
                          .due_us = db_column_integer(rows, 28),
                          .offered_us = db_column_integer(rows, 29),
                          .offer_until_us = db_column_integer(rows, 30),
                          .accepted_us = db_column_integer(rows, 31),
                          .contacted_us = db_column_integer(rows, 32),
                          .closed_us = db_column_integer(rows, 33),
                          .erased_us = db_column_integer(rows, 34),
                          .created_us = db_column_integer(rows, 35),
                          .changed_us = db_column_integer(rows, 36),
                          .partner_name = copying_text(copying, 37),
                          .user_name = copying_text(copying, 38)};
}

static int starved(struct error *error) {
    return error_set(error, ERROR_TOO_LARGE, "leads need more scratch memory");
}

/* The rows of a query, at most `limit`. Closes it. */
static int leads_take(struct copying *copying, int limit, struct error *error,
                      struct lead *ret_leads, int *ret_count) {
    int status = 0, count = 0;
    while (count < limit && (status = db_next(copying->rows, error)) > 0)
        lead_copy(copying, &ret_leads[count++]);
    db_rows_close(copying->rows);
    if (copying->failed) return starved(error);
    if (status < 0) return status;
    *ret_count = count;
    return 0;
}

int lead_read(struct db_tx *tx, const char *id, bool test, struct scratch *scratch,
              struct error *error, struct lead *ret_lead) {
    struct copying copying = {.scratch = scratch};
    int count = 0;
    *ret_lead = (struct lead){.id = NULL};
    int status = db_query(tx, error, &copying.rows,
                          COLUMNS " where l.id = $1 and l.test = $2 and $scope(l/user_id)",
                          db_text(id), db_integer(test));
    return status ? status : leads_take(&copying, 1, error, ret_lead, &count);
}

int lead_outline_read(struct db_tx *tx, const char *id, bool test, struct scratch *scratch,
                      struct error *error, struct lead *ret_lead) {
    struct copying copying = {.scratch = scratch};
    int count = 0;
    *ret_lead = (struct lead){.id = NULL};
    int status = db_query(tx, error, &copying.rows,
                          COLUMNS_WITH("''") " where l.id = $1 and l.test = $2"
                                             " and $scope(l/user_id)",
                          db_text(id), db_integer(test));
    return status ? status : leads_take(&copying, 1, error, ret_lead, &count);
}

int lead_due_list(struct db_tx *tx, int64_t now_us, int limit, struct scratch *scratch,
                  struct error *error, struct lead *ret_leads, int *ret_count) {
    struct copying copying = {.scratch = scratch};
    int status = db_query(tx, error, &copying.rows,
                          COLUMNS_WITH("''") " where l.due_us <= $1 and $scope(l/user_id)"
                                             " order by l.due_us, l.id limit $2",
                          db_integer(now_us), db_integer(limit));
    return status ? status : leads_take(&copying, limit, error, ret_leads, ret_count);
}

/* ---- lists ---------------------------------------------------------------------------------- */
/* What every list asks. Beside it stands the one condition that restricts most, written so that an
 * index serves it: engines make one plan for a text, whatever its parameters are. */
#define WHERE                                                                                     \
    " where l.test = $1 and $scope(l/user_id)"                                                    \
    " and (cast($2 as text) is null or l.status = $2)"                                            \
    " and (cast($3 as text) is null or l.product = $3)"                                           \
    " and (cast($4 as text) is null or l.source = $4)"                                            \
    " and (cast($5 as text) is null or l.partner_id = $5)"                                        \
    " and (cast($6 as text) is null or l.user_id = $6)"                                           \
    " and (cast($7 as text) is null or l.next_on <= $7)"                                          \
    " and (cast($8 as text) is null or l.email_index = $8)"                                       \
    " and (cast($9 as text) is null or l.telephone_index = $9)"                                   \
    " and ($10 = 0 or l.status not in ('won', 'lost', 'spam'))"                                   \
    " and ($11 = 0 or l.user_id is null)"                                                         \
    " and ($12 = 0 or l.partner_id is null)"
#define NEWEST(driven)                                                                            \
    COLUMNS WHERE driven " and (cast($13 as text) is null or l.id < $13)"                         \
                         " and (cast($14 as text) is null or 1 = 1)"                              \
                         " order by l.id desc limit $15"
#define OLDEST(driven)                                                                            \
    COLUMNS WHERE driven " and (cast($13 as text) is null or l.id > $13)"                         \
                         " and (cast($14 as text) is null or 1 = 1) order by l.id limit $15"
#define NEXT(driven)                                                                              \
    COLUMNS WHERE driven " and l.next_on is not null and (cast($14 as text) is null"              \
                         " or (l.next_on, l.id) > ($14, $13))"                                    \
                         " order by l.next_on, l.id limit $15"
#define COUNT(driven)                                                                             \
    "select count(*) from (select 1 from lead l" WHERE driven                                     \
    " and (cast($13 as text) is null or 1 = 1) and (cast($14 as text) is null or 1 = 1)"          \
    " limit $15) c"

#define BY_PERSON " and l.user_id = $6"
#define BY_EMAIL " and l.email_index = $8"
#define BY_TELEPHONE " and l.telephone_index = $9"
#define BY_PARTNER " and l.partner_id = $5"
#define BY_POOL " and l.partner_id is null"
#define BY_STATE " and l.status = $2"
#define BY_PRODUCT " and l.product = $3"

enum { PARAMETERS = 15 };

static void parameters_set(const struct lead_filter *filter, int limit,
                           struct db_value ret_values[PARAMETERS]) {
    const struct db_value values[PARAMETERS] = {db_integer(filter->test),
                                                db_text(filter->state),
                                                db_text(filter->product),
                                                db_text(filter->source),
                                                db_text(filter->partner_id),
                                                db_text(filter->user_id),
                                                db_text(filter->due_by),
                                                db_text(filter->email_index),
                                                db_text(filter->telephone_index),
                                                db_integer(filter->open),
                                                db_integer(filter->unassigned),
                                                db_integer(filter->pool),
                                                db_text(filter->after_id),
                                                db_text(filter->after_on),
                                                db_integer(limit)};
    memcpy(ret_values, values, sizeof values);
}

/* The statement that is driven by what restricts most. */
#define CHOOSE(form)                                                                              \
    (filter->email_index       ? form(BY_EMAIL)                                                   \
     : filter->telephone_index ? form(BY_TELEPHONE)                                               \
     : filter->user_id         ? form(BY_PERSON)                                                  \
     : filter->partner_id      ? form(BY_PARTNER)                                                 \
     : filter->pool            ? form(BY_POOL)                                                    \
     : filter->state           ? form(BY_STATE)                                                   \
     : filter->product         ? form(BY_PRODUCT)                                                 \
                               : form(""))

int lead_list(struct db_tx *tx, const struct lead_filter *filter, struct scratch *scratch,
              struct error *error, struct lead *ret_leads, int *ret_count) {
    struct copying copying = {.scratch = scratch};
    struct db_value values[PARAMETERS];
    const char *sql = filter->sort == LEAD_SORT_OLDEST ? CHOOSE(OLDEST)
                      : filter->sort == LEAD_SORT_NEXT ? CHOOSE(NEXT)
                                                       : CHOOSE(NEWEST);
    parameters_set(filter, filter->limit, values);
    int status = db_query_values(tx, sql, values, PARAMETERS, error, &copying.rows);
    return status ? status : leads_take(&copying, filter->limit, error, ret_leads, ret_count);
}

int lead_count(struct db_tx *tx, const struct lead_filter *filter, struct error *error,
               int64_t *ret_count) {
    struct db_rows *rows = NULL;
    struct db_value values[PARAMETERS];
    struct lead_filter whole = *filter;
    whole.after_id = whole.after_on = NULL;
    parameters_set(&whole, LEAD_COUNT_MAX, values);
    int status = db_query_values(tx, CHOOSE(COUNT), values, PARAMETERS, error, &rows);
    if (!status) status = db_next(rows, error);
    if (status > 0) *ret_count = db_column_integer(rows, 0);
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

int lead_duplicates_read(struct db_tx *tx, const struct lead *lead, struct scratch *scratch,
                         struct error *error, struct lead *ret_leads, int *ret_count) {
    struct copying copying = {.scratch = scratch};
    *ret_count = 0;
    if (!lead->email_index && !lead->telephone_index) return 0;
    int status = db_query(tx, error, &copying.rows,
                          COLUMNS " where l.id in (select e.id from lead e where e.email_index = $1"
                                  " and $scope(e/user_id) union select t.id from lead t"
                                  " where t.telephone_index = $2 and $scope(t/user_id))"
                                  " and l.id <> $3 and l.test = $4 and l.merged_into_id is null"
                                  " and $scope(l/user_id) order by l.id desc limit $5",
                          db_text(lead->email_index), db_text(lead->telephone_index),
                          db_text(lead->id), db_integer(lead->test),
                          db_integer(LEAD_DUPLICATES_MAX));
    return status ? status
                  : leads_take(&copying, LEAD_DUPLICATES_MAX, error, ret_leads, ret_count);
}

/* ---- history -------------------------------------------------------------------------------- */
static void events_turn(struct lead_event *events, int count) {
    for (int i = 0; i < count / 2; i++) {
        struct lead_event event = events[i];
        events[i] = events[count - 1 - i];
        events[count - 1 - i] = event;
    }
}

int lead_events_read(struct db_tx *tx, const char *lead_id, struct scratch *scratch,
                     struct error *error, struct lead_event *ret_events, int *ret_count) {
    struct copying copying = {.scratch = scratch};
    int count = 0;
    int status = db_query(tx, error, &copying.rows,
                          "select e.lead_id, e.partner_id, e.step, e.from_status, e.to_status,"
                          " e.actor, e.user_id, e.key_id, e.request_id, e.reason, e.note,"
                          " e.detail, e.revision, e.at_us, p.name, u.name from lead_event e"
                          " left join partner p on p.id = e.partner_id"
                          " left join app_user u on u.id = e.user_id"
                          " where (e.lead_id = $1 or e.lead_id in (select l.id from lead l"
                          " where l.merged_into_id = $1 and $scope(l/user_id))) and $scope(e)"
                          " order by e.at_us desc, e.lead_id desc, e.revision desc limit $2",
                          db_text(lead_id), db_integer(LEAD_EVENTS_MAX));
    if (status) return status;
    while (count < LEAD_EVENTS_MAX && (status = db_next(copying.rows, error)) > 0)
        ret_events[count++] =
            (struct lead_event){.lead_id = copying_text(&copying, 0),
                                .partner_id = copying_text(&copying, 1),
                                .step = copying_text(&copying, 2),
                                .from_state = copying_text(&copying, 3),
                                .to_state = copying_text(&copying, 4),
                                .actor = copying_text(&copying, 5),
                                .user_id = copying_text(&copying, 6),
                                .key_id = copying_text(&copying, 7),
                                .request_id = copying_text(&copying, 8),
                                .reason = copying_text(&copying, 9),
                                .note = copying_text(&copying, 10),
                                .detail = copying_text(&copying, 11),
                                .revision = db_column_integer(copying.rows, 12),
                                .at_us = db_column_integer(copying.rows, 13),
                                .partner_name = copying_text(&copying, 14),
                                .user_name = copying_text(&copying, 15)};
    db_rows_close(copying.rows);
    if (copying.failed) return starved(error);
    if (status < 0) return status;
    events_turn(ret_events, count);
    *ret_count = count;
    return 0;
}

int lead_offers_read(struct db_tx *tx, const char *lead_id, struct scratch *scratch,
                     struct error *error, struct lead_offer *ret_offers, int *ret_count) {
    struct copying copying = {.scratch = scratch};
    struct db_rows *rows;
    int count = 0;
    int status = db_query(tx, error, &copying.rows,
                          "select o.partner_id, o.outcome, o.reason, o.assignment, o.number,"
                          " o.contacted, o.offered_us, o.until_us, o.answered_us, o.answer_us,"
                          " p.name from lead_offer o join partner p on p.id = o.partner_id"
                          " where o.lead_id = $1 and $scope(o)"
                          " order by o.number limit $2",
                          db_text(lead_id), db_integer(LEAD_OFFERS_MAX));
    if (status) return status;
    rows = copying.rows;
    while (count < LEAD_OFFERS_MAX && (status = db_next(rows, error)) > 0)
        ret_offers[count++] = (struct lead_offer){
            .partner_id = copying_text(&copying, 0),
            .outcome = copying_text(&copying, 1),
            .reason = copying_text(&copying, 2),
            .assignment = copying_text(&copying, 3),
            .number = (int)db_column_integer(rows, 4),
            .contacted = db_column_null(rows, 5) ? -1 : (int)db_column_integer(rows, 5),
            .offered_us = db_column_integer(rows, 6),
            .until_us = db_column_integer(rows, 7),
            .answered_us = db_column_integer(rows, 8),
            .answer_us = db_column_integer(rows, 9),
            .partner_name = copying_text(&copying, 10)};
    db_rows_close(rows);
    if (copying.failed) return starved(error);
    if (status < 0) return status;
    *ret_count = count;
    return 0;
}

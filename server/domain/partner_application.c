/* Rows of partner_application. */
#include "domain/partner_application.h"

#include "domain/copying.h"

const struct field_choice partner_application_statuses[PARTNER_APPLICATION_STATUSES] = {
    {"open", {"te beoordelen", "to be decided"}},
    {"approved", {"goedgekeurd", "approved"}},
    {"refused", {"afgewezen", "refused"}}};

const struct field_choice partner_refusal_reasons[PARTNER_REFUSAL_REASONS] = {
    {"no_licence", {"geen vergunning die hierbij past", "no licence that fits"}},
    {"incomplete", {"gegevens niet volledig of niet juist", "details incomplete or wrong"}},
    {"not_suitable", {"past niet bij ons aanbod", "does not fit what we offer"}},
    {"area_full", {"genoeg partners in deze omgeving", "enough partners in this area"}},
    {"other", {"anders", "other"}}};

static int applied_check(struct db_tx *tx, const struct partner_application *application,
                         struct error *error) {
    const int64_t again_us =
        (int64_t)PARTNER_APPLICATION_AGAIN_DAYS * 24 * 3600 * INT64_C(1000000);
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select (select count(*) from partner_application a"
                          " where a.trade_register_number = $1 and (a.status = 'open'"
                          " or a.decided_us > $2)), (select count(*) from partner p"
                          " where p.trade_register_number = $1 and p.stage <> 'ended'),"
                          " (select count(*) from partner_application o where o.status = 'open')",
                          db_text(application->trade_register_number),
                          db_integer(application->created_us - again_us));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0 && db_column_integer(rows, 0) + db_column_integer(rows, 1) > 0)
        status = error_set(error, ERROR_CONFLICT, "%s has applied already",
                           application->trade_register_number);
    else if (status > 0 && db_column_integer(rows, 2) >= PARTNER_APPLICATIONS_OPEN_MAX)
        status = error_set(error, ERROR_BUSY, "there are %d applications to be decided on",
                           PARTNER_APPLICATIONS_OPEN_MAX);
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

int partner_application_insert(struct db_tx *tx, const struct partner_application *application,
                               struct error *error) {
    int status = applied_check(tx, application, error);
    if (status) return status;
    return db_run(
        tx, error, NULL,
        "insert into partner_application (id, status, revision, name, trade_register_number,"
        " licence_number, legal_form, employees, street, postcode, city, website, contact_name,"
        " email, telephone, message, language, created_us) values ($1, 'open', 1, $2, $3, $4, $5,"
        " $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        db_text(application->id), db_text(application->name),
        db_text(application->trade_register_number), db_text(application->licence_number),
        db_text(application->legal_form),
        application->employees ? db_integer(application->employees) : db_null(),
        db_text(application->street), db_text(application->postcode), db_text(application->city),
        db_text(application->website), db_text(application->contact_name),
        db_text(application->email), db_text(application->telephone),
        db_text(application->message), db_text(application->language),
        db_integer(application->created_us));
}

/* ---- reading -------------------------------------------------------------------------------- */
#define COLUMNS                                                                                   \
    "select a.id, a.status, a.name, a.trade_register_number, a.licence_number, a.legal_form,"     \
    " a.street, a.postcode, a.city, a.website, a.contact_name, a.email, a.telephone, a.message,"  \
    " a.language, a.reason, a.note, a.decided_by, a.partner_id, a.employees, a.revision,"         \
    " a.created_us, a.decided_us from partner_application a"

static void application_copy(struct copying *copying, struct partner_application *application) {
    *application = (struct partner_application){
        .id = copying_text(copying, 0),
        .status = copying_text(copying, 1),
        .name = copying_text(copying, 2),
        .trade_register_number = copying_text(copying, 3),
        .licence_number = copying_text(copying, 4),
        .legal_form = copying_text(copying, 5),
        .street = copying_text(copying, 6),
        .postcode = copying_text(copying, 7),
        .city = copying_text(copying, 8),
        .website = copying_text(copying, 9),
        .contact_name = copying_text(copying, 10),
        .email = copying_text(copying, 11),
        .telephone = copying_text(copying, 12),
        .message = copying_text(copying, 13),
        .language = copying_text(copying, 14),
        .reason = copying_text(copying, 15),
        .note = copying_text(copying, 16),
        .decided_by = copying_text(copying, 17),
        .partner_id = copying_text(copying, 18),
        .employees = db_column_integer(copying->rows, 19),
        .revision = db_column_integer(copying->rows, 20),
        .created_us = db_column_integer(copying->rows, 21),
        .decided_us = db_column_integer(copying->rows, 22)};
}

static int starved(struct error *error) {
    return error_set(error, ERROR_TOO_LARGE, "applications need more scratch memory");
}

int partner_application_read(struct db_tx *tx, const char *id, struct scratch *scratch,
                             struct error *error, struct partner_application *ret_application) {
    struct copying copying = {.scratch = scratch};
    int status = db_query(tx, error, &copying.rows, COLUMNS " where a.id = $1", db_text(id));
    if (status) return status;
    status = db_next(copying.rows, error);
    if (status > 0) application_copy(&copying, ret_application);
    db_rows_close(copying.rows);
    if (copying.failed) return starved(error);
    if (status == 0) return error_set(error, ERROR_NOT_FOUND, "there is no %.60s", id);
    return status < 0 ? status : 0;
}

int partner_application_list(struct db_tx *tx, const char *status, const char *below, int limit,
                             struct scratch *scratch, struct error *error,
                             struct partner_application *ret_applications, int *ret_count) {
    struct copying copying = {.scratch = scratch};
    int count = 0;
    int result = db_query(tx, error, &copying.rows,
                          COLUMNS " where (cast($1 as text) is null or a.status = $1)"
                          " and (cast($2 as text) is null or a.id < $2)"
                          " order by a.id desc limit $3",
                          db_text(status), db_text(below), db_integer(limit));
    if (result) return result;
    while (count < limit && (result = db_next(copying.rows, error)) > 0)
        application_copy(&copying, &ret_applications[count++]);
    db_rows_close(copying.rows);
    if (copying.failed) return starved(error);
    if (result < 0) return result;
    *ret_count = count;
    return 0;
}

int partner_application_decide(struct db_tx *tx, const struct partner_application *application,
                               struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "update partner_application set status = $3, reason = $4, note = $5,"
                        " decided_by = $6, partner_id = $7, decided_us = $8, revision = $2"
                        " where id = $1 and revision = $2 - 1 and status = 'open'",
                        db_text(application->id), db_integer(application->revision),
                        db_text(application->status), db_text(application->reason),
                        db_text(application->note), db_text(application->decided_by),
                        db_text(application->partner_id), db_integer(application->decided_us));
    if (!status && !changed)
        return error_set(error, ERROR_CONFLICT, "%s was decided on just now", application->id);
    return status;
}

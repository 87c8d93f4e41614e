/* Rows of licences and of territory, and what all files of partner_file.h share. */
#include "domain/partner_file_inside.h"

int partner_file_starved(struct error *error) {
    return error_set(error, ERROR_TOO_LARGE, "what is kept of partners needs more scratch memory");
}

int partner_file_missing(const char *id, struct error *error) {
    return error_set(error, ERROR_NOT_FOUND, "there is no %.60s", id);
}

int partner_file_room(struct db_rows *rows, int64_t maximum, const char *what,
                      struct error *error) {
    int status = db_next(rows, error);
    int64_t count = status > 0 ? db_column_integer(rows, 0) : 0;
    db_rows_close(rows);
    if (status < 0) return status;
    if (count >= maximum)
        return error_set(error, ERROR_TOO_LARGE, "there are %lld %s already", (long long)count,
                         what);
    return 0;
}

int partner_hold(struct db_tx *tx, const char *id, struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "update partner as p set revision = p.revision where p.id = $1"
                        " and $scope(p.id)",
                        db_text(id));
    return !status && !changed ? partner_file_missing(id, error) : status;
}

/* ---- licences ------------------------------------------------------------------------------- */
int partner_licence_add(struct db_tx *tx, const struct partner_licence *licence, int64_t now_us,
                        struct error *error) {
    struct db_rows *rows = NULL;
    int status = partner_hold(tx, licence->partner_id, error);
    if (!status)
        status = db_query(tx, error, &rows,
                          "select count(*) from partner_licence l where l.partner_id = $1"
                          " and $scope(l)",
                          db_text(licence->partner_id));
    if (!status) status = partner_file_room(rows, PARTNER_LICENCES_MAX, "licences", error);
    if (status) return status;
    return db_run(tx, error, NULL,
                  "insert into partner_licence (id, partner_id, kind, number, collective,"
                  " from_date, to_date, created_us) values ($1, $2, $3, $4, $5, $6, $7, $8)",
                  db_text(licence->id), db_text(licence->partner_id), db_text(licence->kind),
                  db_text(licence->number), db_integer(licence->collective),
                  db_text(licence->from_date), db_text(licence->to_date), db_integer(now_us));
}

int partner_licence_end(struct db_tx *tx, const char *partner_id, const char *id,
                        const char *to_date, struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "update partner_licence as l set to_date = $3 where l.id = $1"
                        " and l.partner_id = $2 and $scope(l)",
                        db_text(id), db_text(partner_id), db_text(to_date));
    return !status && !changed ? partner_file_missing(id, error) : status;
}

int partner_licence_remove(struct db_tx *tx, const char *partner_id, const char *id,
                           struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "delete from partner_licence as l where l.id = $1 and l.partner_id = $2"
                        " and $scope(l)",
                        db_text(id), db_text(partner_id));
    return !status && !changed ? partner_file_missing(id, error) : status;
}

int partner_licence_list(struct db_tx *tx, const char *partner_id, struct scratch *scratch,
                         struct error *error, struct partner_licence *ret_licences,
                         int *ret_count) {
    struct copying copying = {.scratch = scratch};
    int count = 0;
    int status = db_query(tx, error, &copying.rows,
                          "select l.id, l.partner_id, l.kind, l.number, l.from_date, l.to_date,"
                          " l.collective, l.created_us from partner_licence l"
                          " where l.partner_id = $1 and $scope(l) order by l.id desc limit $2",
                          db_text(partner_id), db_integer(PARTNER_LICENCES_MAX));
    if (status) return status;
    while (count < PARTNER_LICENCES_MAX && (status = db_next(copying.rows, error)) > 0)
        ret_licences[count++] =
            (struct partner_licence){.id = copying_text(&copying, 0),
                                     .partner_id = copying_text(&copying, 1),
                                     .kind = copying_text(&copying, 2),
                                     .number = copying_text(&copying, 3),
                                     .from_date = copying_text(&copying, 4),
                                     .to_date = copying_text(&copying, 5),
                                     .collective = db_column_integer(copying.rows, 6) != 0,
                                     .created_us = db_column_integer(copying.rows, 7)};
    db_rows_close(copying.rows);
    if (copying.failed) return partner_file_starved(error);
    if (status < 0) return status;
    *ret_count = count;
    return 0;
}

/* ---- territory ------------------------------------------------------------------------------ */
int partner_territory_write(struct db_tx *tx, const char *partner_id,
                            const struct partner_territory *territories, int count,
                            struct error *error) {
    int64_t changed = 0;
    int status = partner_hold(tx, partner_id, error);
    if (!status)
        status = db_run(tx, error, &changed,
                        "delete from partner_territory as t where t.partner_id = $1"
                        " and $scope(t)",
                        db_text(partner_id));
    for (int i = 0; !status && i < count; i++)
        status = db_run(tx, error, NULL,
                        "insert into partner_territory (partner_id, from_postcode, to_postcode)"
                        " values ($1, $2, $3)",
                        db_text(partner_id), db_integer(territories[i].from_postcode),
                        db_integer(territories[i].to_postcode));
    return status;
}

int partner_territory_list(struct db_tx *tx, const char *partner_id, struct error *error,
                           struct partner_territory *ret_territories, int *ret_count) {
    struct db_rows *rows = NULL;
    int count = 0;
    int status = db_query(tx, error, &rows,
                          "select t.from_postcode, t.to_postcode from partner_territory t"
                          " where t.partner_id = $1 and $scope(t) order by t.from_postcode"
                          " limit $2",
                          db_text(partner_id), db_integer(PARTNER_TERRITORIES_MAX));
    if (status) return status;
    while (count < PARTNER_TERRITORIES_MAX && (status = db_next(rows, error)) > 0)
        ret_territories[count++] =
            (struct partner_territory){.from_postcode = (int)db_column_integer(rows, 0),
                                       .to_postcode = (int)db_column_integer(rows, 1)};
    db_rows_close(rows);
    if (status < 0) return status;
    *ret_count = count;
    return 0;
}

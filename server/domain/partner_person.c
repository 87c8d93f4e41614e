/* Rows of partners' people and of their diplomas. */
#include "domain/partner_file_inside.h"

const struct field_choice partner_person_roles[PARTNER_PERSON_ROLES] = {
    {"director", {"directeur", "director"}},
    {"adviser", {"adviseur", "adviser"}},
    {"assistant", {"medewerker", "assistant"}},
    {"compliance", {"compliance", "compliance"}},
    {"contact", {"contactpersoon", "contact"}},
    {"other", {"anders", "other"}}};

/* ---- people --------------------------------------------------------------------------------- */
int partner_person_add(struct db_tx *tx, const struct partner_person *person, int64_t now_us,
                       struct error *error) {
    struct db_rows *rows = NULL;
    int status = partner_hold(tx, person->partner_id, error);
    if (!status)
        status = db_query(tx, error, &rows,
                          "select count(*) from partner_person n where n.partner_id = $1"
                          " and $scope(n)",
                          db_text(person->partner_id));
    if (!status) status = partner_file_room(rows, PARTNER_PEOPLE_MAX, "people", error);
    if (status) return status;
    return db_run(tx, error, NULL,
                  "insert into partner_person (id, partner_id, name, role, email, telephone,"
                  " user_id, from_date, to_date, revision, created_us, changed_us)"
                  " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $10)",
                  db_text(person->id), db_text(person->partner_id), db_text(person->name),
                  db_text(person->role), db_text(person->email), db_text(person->telephone),
                  db_text(person->user_id), db_text(person->from_date),
                  db_text(person->to_date), db_integer(now_us));
}

int partner_person_update(struct db_tx *tx, const struct partner_person *person, int64_t now_us,
                          struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "update partner_person as n set name = $4, role = $5, email = $6,"
                        " telephone = $7, user_id = $8, from_date = $9, to_date = $10,"
                        " revision = $3, changed_us = $11 where n.id = $1 and n.partner_id = $2"
                        " and n.revision = $3 - 1 and $scope(n)",
                        db_text(person->id), db_text(person->partner_id),
                        db_integer(person->revision), db_text(person->name),
                        db_text(person->role), db_text(person->email),
                        db_text(person->telephone), db_text(person->user_id),
                        db_text(person->from_date), db_text(person->to_date),
                        db_integer(now_us));
    if (!status && !changed)
        return error_set(error, ERROR_CONFLICT, "%s was changed just now", person->id);
    return status;
}

#define PERSON_COLUMNS                                                                            \
    "select n.id, n.partner_id, n.name, n.role, n.email, n.telephone, n.user_id, n.from_date,"    \
    " n.to_date, n.revision, n.created_us, n.changed_us from partner_person n where $scope(n)"

static void person_copy(struct copying *copying, struct partner_person *person) {
    *person = (struct partner_person){.id = copying_text(copying, 0),
                                      .partner_id = copying_text(copying, 1),
                                      .name = copying_text(copying, 2),
                                      .role = copying_text(copying, 3),
                                      .email = copying_text(copying, 4),
                                      .telephone = copying_text(copying, 5),
                                      .user_id = copying_text(copying, 6),
                                      .from_date = copying_text(copying, 7),
                                      .to_date = copying_text(copying, 8),
                                      .revision = db_column_integer(copying->rows, 9),
                                      .created_us = db_column_integer(copying->rows, 10),
                                      .changed_us = db_column_integer(copying->rows, 11)};
}

int partner_person_read(struct db_tx *tx, const char *partner_id, const char *id,
                        struct scratch *scratch, struct error *error,
                        struct partner_person *ret_person) {
    struct copying copying = {.scratch = scratch};
    int status = db_query(tx, error, &copying.rows,
                          PERSON_COLUMNS " and n.id = $1 and n.partner_id = $2", db_text(id),
                          db_text(partner_id));
    if (status) return status;
    status = db_next(copying.rows, error);
    if (status > 0) person_copy(&copying, ret_person);
    db_rows_close(copying.rows);
    if (copying.failed) return partner_file_starved(error);
    if (status == 0) return partner_file_missing(id, error);
    return status < 0 ? status : 0;
}

int partner_person_list(struct db_tx *tx, const char *partner_id, const char *above, int limit,
                        struct scratch *scratch, struct error *error,
                        struct partner_person *ret_people, int *ret_count) {
    struct copying copying = {.scratch = scratch};
    int count = 0;
    int status = db_query(tx, error, &copying.rows,
                          PERSON_COLUMNS " and n.partner_id = $1"
                          " and (cast($2 as text) is null or n.id > $2) order by n.id limit $3",
                          db_text(partner_id), db_text(above), db_integer(limit));
    if (status) return status;
    while (count < limit && (status = db_next(copying.rows, error)) > 0)
        person_copy(&copying, &ret_people[count++]);
    db_rows_close(copying.rows);
    if (copying.failed) return partner_file_starved(error);
    if (status < 0) return status;
    *ret_count = count;
    return 0;
}

/* ---- diplomas ------------------------------------------------------------------------------- */
int partner_diploma_add(struct db_tx *tx, const struct partner_diploma *diploma, int64_t now_us,
                        struct error *error) {
    struct db_rows *rows = NULL;
    int64_t changed = 0;
    int status = partner_hold(tx, diploma->partner_id, error);
    if (!status)
        status = db_query(tx, error, &rows,
                          "select count(*) from partner_diploma d where d.person_id = $1"
                          " and $scope(d)",
                          db_text(diploma->person_id));
    if (!status) status = partner_file_room(rows, PARTNER_DIPLOMAS_MAX, "diplomas", error);
    if (status) return status;
    status = db_run(tx, error, &changed,
                    "insert into partner_diploma (id, partner_id, person_id, kind, number,"
                    " from_date, to_date, created_us) select $1, n.partner_id, n.id, $4, $5, $6,"
                    " $7, $8 from partner_person n where n.id = $3 and n.partner_id = $2"
                    " and $scope(n)",
                    db_text(diploma->id), db_text(diploma->partner_id),
                    db_text(diploma->person_id), db_text(diploma->kind), db_text(diploma->number),
                    db_text(diploma->from_date), db_text(diploma->to_date), db_integer(now_us));
    return !status && !changed ? partner_file_missing(diploma->person_id, error) : status;
}

int partner_diploma_end(struct db_tx *tx, const char *person_id, const char *id,
                        const char *to_date, struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "update partner_diploma as d set to_date = $3 where d.id = $1"
                        " and d.person_id = $2 and $scope(d)",
                        db_text(id), db_text(person_id), db_text(to_date));
    return !status && !changed ? partner_file_missing(id, error) : status;
}

int partner_diploma_remove(struct db_tx *tx, const char *person_id, const char *id,
                           struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "delete from partner_diploma as d where d.id = $1 and d.person_id = $2"
                        " and $scope(d)",
                        db_text(id), db_text(person_id));
    return !status && !changed ? partner_file_missing(id, error) : status;
}

int partner_diploma_list(struct db_tx *tx, const char *person_id, struct scratch *scratch,
                         struct error *error, struct partner_diploma *ret_diplomas,
                         int *ret_count) {
    struct copying copying = {.scratch = scratch};
    int count = 0;
    int status = db_query(tx, error, &copying.rows,
                          "select d.id, d.partner_id, d.person_id, d.kind, d.number,"
                          " d.from_date, d.to_date, d.created_us from partner_diploma d"
                          " where d.person_id = $1 and $scope(d) order by d.id desc limit $2",
                          db_text(person_id), db_integer(PARTNER_DIPLOMAS_MAX));
    if (status) return status;
    while (count < PARTNER_DIPLOMAS_MAX && (status = db_next(copying.rows, error)) > 0)
        ret_diplomas[count++] =
            (struct partner_diploma){.id = copying_text(&copying, 0),
                                     .partner_id = copying_text(&copying, 1),
                                     .person_id = copying_text(&copying, 2),
                                     .kind = copying_text(&copying, 3),
                                     .number = copying_text(&copying, 4),
                                     .from_date = copying_text(&copying, 5),
                                     .to_date = copying_text(&copying, 6),
                                     .created_us = db_column_integer(copying.rows, 7)};
    db_rows_close(copying.rows);
    if (copying.failed) return partner_file_starved(error);
    if (status < 0) return status;
    *ret_count = count;
    return 0;
}

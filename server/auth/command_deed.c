/* Rows in the audit log of what commands do. */
#include "auth/command_deed.h"

#include "base/clock.h"

int command_deed_record(struct db_tx *tx, const struct command_deed *deed, const char *operator,
                        struct error *error) {
    char id[ID_MAX];
    id_make("aud", id);
    return db_run(tx, error, NULL,
                  "insert into audit_log (id, at_us, partner_id, test, operation, subject_id,"
                  " outcome, request_id, actor, operator)"
                  " values ($1, $2, coalesce((select p.id from partner p where p.id = $3),"
                  " (select k.partner_id from api_key k where k.id = $3 and $scope(k)),"
                  " (select c.partner_id from partner_certificate c"
                  " where c.id = $3 and $scope(c)),"
                  " (select u.partner_id from app_user u where u.id = $3 and $scope(u))),"
                  " 0, $4, $3, 'done', '', 'command', $5)",
                  db_text(id), db_integer(clock_now_us()), db_text(deed->subject_id),
                  db_text(deed->name), db_text(operator));
}

struct telling {
    const struct command_deed *deed;
    const char *operator;
};

static int tell_body(struct db_tx *tx, void *context, struct error *error) {
    const struct telling *telling = context;
    return command_deed_record(tx, telling->deed, telling->operator, error);
}

int command_deed_tell(struct db *db, const struct command_deed *deed, const char *operator,
                      struct error *error) {
    struct telling telling = {deed, operator};
    return db_write(db, &db_scope_all, tell_body, &telling, error);
}

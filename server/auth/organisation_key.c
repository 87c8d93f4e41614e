/* The table of the organisation's own keys. It is apart from the partners' keys, whose rows each
 * belong to a partner and stand behind the tenant wall; these reach over all of them. */
#include "auth/organisation_key.h"

int organisation_key_insert(struct db_tx *tx, const struct organisation_key *key,
                            struct error *error) {
    return db_run(tx, error, NULL,
                  "insert into organisation_key (id, name, mode, prefix, hash,"
                  " rate_limit_per_minute, expires_us, created_us, api_version)"
                  " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                  db_text(key->id), db_text(key->name), db_text(key->test ? "test" : "live"),
                  db_text(key->prefix), db_text(key->hash),
                  db_integer(key->rate_limit_per_minute),
                  key->expires_us ? db_integer(key->expires_us) : db_null(),
                  db_integer(key->created_us), db_text(key->version));
}

int organisation_key_revoke(struct db_tx *tx, const char *key_id, int64_t now_us,
                            struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows, "select 1 from organisation_key where id = $1",
                          db_text(key_id));
    if (status) return status;
    status = db_next(rows, error);
    db_rows_close(rows);
    if (status < 0) return status;
    if (!status)
        return error_set(error, ERROR_NOT_FOUND,
                         "there is no key '%.60s': `koppel key list` shows the ids", key_id);
    return db_run(tx, error, NULL,
                  "update organisation_key set revoked_us = $1"
                  " where id = $2 and revoked_us is null",
                  db_integer(now_us), db_text(key_id));
}

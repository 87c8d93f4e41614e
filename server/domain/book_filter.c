/* Whether the filter of a walk names what there is. A walk itself does not ask: nothing found is
 * an answer to it, and an error to a person who mistyped a partner. */
#include "domain/book.h"

#include <stddef.h>

struct check {
    const struct book_filter *filter;
    bool partner, product;
};

static int check_body(struct db_tx *tx, void *context, struct error *error) {
    struct check *check = context;
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select (select count(*) from partner p where p.id = $1),"
                          " (select count(*) from product_version v where v.product = $2)",
                          db_text(check->filter->partner_id), db_text(check->filter->product));
    if (status) return status;
    status = db_next(rows, error);
    check->partner = status > 0 && db_column_integer(rows, 0) > 0;
    check->product = status > 0 && db_column_integer(rows, 1) > 0;
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

int book_filter_check(struct db *db, const struct book_filter *filter, struct error *error) {
    struct check check = {.filter = filter};
    int status = db_read(db, &db_scope_all, check_body, &check, error);
    if (status) return status;
    if (filter->partner_id && !check.partner)
        return error_set(error, ERROR_NOT_FOUND,
                         "there is no partner %.60s: koppel key list shows them",
                         filter->partner_id);
    if (filter->product && !check.product)
        return error_set(error, ERROR_NOT_FOUND,
                         "there is no product %.60s: koppel product list shows them",
                         filter->product);
    return 0;
}

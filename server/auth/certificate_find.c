/* Serial numbers are nearly always enough: of several issuers' certificates with the same one, that
 * whose issuer is written alike is taken, and else the first. One that is renewed with the same key
 * keeps its key identifier, so that only those that hold now are looked at. */
#include "auth/certificate_find.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"

struct search {
    const struct certificate_name *name;
    struct buffer *certificate;
    int64_t now_us;
    size_t before; /* length of the buffer when it was handed in */
    bool found;
};

/* Do two distinguished names have the same characters, but for white space, quotes and case? */
static bool alike(const char *a, const char *b) {
    static const char unimportant[] = " \t\r\n\"\\";
    for (;;) {
        a += strspn(a, unimportant);
        b += strspn(b, unimportant);
        if (!*a || !*b) return *a == *b;
        if (tolower((unsigned char)*a++) != tolower((unsigned char)*b++)) return false;
    }
}

static int find_body(struct db_tx *tx, void *context, struct error *error) {
    struct search *search = context;
    const struct certificate_name *name = search->name;
    struct db_rows *rows = NULL;
    bool best = false;
    search->found = false;
    search->certificate->length = search->before;
    int status = db_query(tx, error, &rows,
                          "select c.certificate, c.issuer from partner_certificate c"
                          " join api_key k on k.id = c.key_id and $scope(k)"
                          " where (c.thumbprint = cast($1 as text)"
                          " or c.key_identifier = cast($2 as text)"
                          " or c.serial = cast($3 as text)) and k.revoked_us is null"
                          " and c.begins_us <= $4 and c.expires_us > $4 and $scope(c)"
                          " order by c.id limit 50",
                          db_text(name->thumbprint), db_text(name->key_identifier),
                          db_text(name->serial), db_integer(search->now_us));
    while (!status && !best && (status = db_next(rows, error)) > 0) {
        size_t length = 0;
        const char *text = db_column_text(rows, 0, &length);
        best = !name->issuer || alike(name->issuer, db_column_text(rows, 1, NULL));
        if (best || !search->found) {
            search->certificate->length = search->before;
            buffer_append(search->certificate, text, length);
        }
        search->found = true;
        status = 0;
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

int certificate_find(struct db *db, const struct certificate_name *name, struct error *error,
                     struct buffer *certificate) {
    struct search search = {.name = name, .certificate = certificate,
                            .now_us = clock_now_us(), .before = certificate->length};
    int status = db_read(db, &db_scope_all, find_body, &search, error);
    if (!status && !search.found)
        status = error_set(error, ERROR_NOT_FOUND, "no certificate is registered by that name");
    if (!status && certificate->failed)
        status = error_set(error, buffer_failure(certificate), "no memory for a certificate");
    return status;
}

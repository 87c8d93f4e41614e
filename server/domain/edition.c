/* Finds versions and drafts by id, number and hash. */
#include "domain/edition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void text_fill(struct db_rows *rows, int column, char *target, size_t size) {
    const char *text = db_column_text(rows, column, NULL);
    snprintf(target, size, "%s", text ? text : "");
}

/* Columns: id, draft id, product, number, interface, hash, effective_from, known_from_us, state. */
static void edition_fill(struct db_rows *rows, struct edition *edition) {
    *edition = (struct edition){.number = (int)db_column_integer(rows, 3),
                                .interface = (int)db_column_integer(rows, 4),
                                .known_from_us = db_column_integer(rows, 7)};
    text_fill(rows, 0, edition->id, sizeof edition->id);
    text_fill(rows, 1, edition->draft_id, sizeof edition->draft_id);
    text_fill(rows, 2, edition->product, sizeof edition->product);
    text_fill(rows, 5, edition->hash, sizeof edition->hash);
    text_fill(rows, 6, edition->effective_from, sizeof edition->effective_from);
    edition->state = draft_state_read(db_column_text(rows, 8, NULL));
}

/* ---- one ------------------------------------------------------------------------------------ */
struct finding {
    const char *text;
    const char *product; /* of NAME@NUMBER; NULL: `text` is an id or a hash */
    int number;
    struct edition edition;
    char other_hash[SHA256_HEX_MAX]; /* of other files whose hash begins so too; "": none */
    bool found;
};

static int rows_take(struct finding *finding, struct db_rows *rows, struct error *error) {
    int status;
    while ((status = db_next(rows, error)) > 0) {
        struct edition edition;
        edition_fill(rows, &edition);
        if (!finding->found) finding->edition = edition;
        else if (strcmp(edition.hash, finding->edition.hash) != 0)
            memcpy(finding->other_hash, edition.hash, sizeof edition.hash);
        finding->found = true;
    }
    return status;
}

static int find_versions(struct db_tx *tx, struct finding *finding, const char *beyond,
                         struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select v.id, d.id, v.product, v.number, v.interface, v.hash,"
                          " v.effective_from, v.known_from_us, 'active' from product_version v"
                          " left join product_draft d on d.version_id = v.id"
                          " where v.id = $1 or (v.hash >= $1 and v.hash < $2)"
                          " or (v.product = $3 and v.number = $4) order by v.id desc",
                          db_text(finding->text), db_text(beyond), db_text(finding->product),
                          db_integer(finding->number));
    if (!status) status = rows_take(finding, rows, error);
    db_rows_close(rows);
    return status;
}

static int find_drafts(struct db_tx *tx, struct finding *finding, const char *beyond,
                       struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select d.id, d.id, d.product, 0, d.interface, d.hash,"
                          " d.effective_from, 0, d.state from product_draft d"
                          " where (d.id = $1 or (d.hash >= $1 and d.hash < $2)) and d.test = 0"
                          " order by d.id desc",
                          db_text(finding->text), db_text(beyond));
    if (!status) status = rows_take(finding, rows, error);
    db_rows_close(rows);
    return status;
}

static int find_body(struct db_tx *tx, void *context, struct error *error) {
    struct finding *finding = context;
    char beyond[SHA256_HEX_MAX + 1]; /* behind all hashes that begin so, and before every id */
    finding->found = false;
    finding->other_hash[0] = '\0';
    snprintf(beyond, sizeof beyond, "%.64sg", finding->text);
    int status = find_versions(tx, finding, beyond, error);
    return status || finding->product ? status : find_drafts(tx, finding, beyond, error);
}

/* "auto@3" */
static bool numbered_read(const char *text, char product[PRODUCT_CODE_MAX], int *ret_number) {
    const char *at = strchr(text, '@');
    if (!at || at == text || at - text >= PRODUCT_CODE_MAX) return false;
    size_t digits = strspn(at + 1, "0123456789");
    if (!digits || digits > 6 || at[1 + digits]) return false;
    snprintf(product, PRODUCT_CODE_MAX, "%.*s", (int)(at - text), text);
    *ret_number = (int)strtol(at + 1, NULL, 10);
    return true;
}

int edition_find(struct db *db, const char *text, struct error *error,
                 struct edition *ret_edition) {
    char product[PRODUCT_CODE_MAX];
    size_t length = strlen(text);
    struct finding finding = {.text = text};
    bool by_hash = length >= DRAFT_HASH_PREFIX_MIN && length < SHA256_HEX_MAX &&
                   strspn(text, "0123456789abcdef") == length;
    if (numbered_read(text, product, &finding.number)) finding.product = product;
    else if (!by_hash && !id_valid("pdr", text, length) && !id_valid("pvr", text, length))
        return error_set(error, ERROR_INVALID,
                         "'%.60s' is no draft or version: say pdr_…, pvr_…, NAME@NUMBER, or the "
                         "first %d digits or more of a hash",
                         text, DRAFT_HASH_PREFIX_MIN);
    int status = db_read(db, &db_scope_all, find_body, &finding, error);
    if (status) return status;
    if (!finding.found)
        return error_set(error, ERROR_NOT_FOUND,
                         "there is no %.80s: koppel product list shows what there is", text);
    if (*finding.other_hash)
        return error_set(error, ERROR_CONFLICT,
                         "%.64s begins the hashes %.20s… and %.20s…: give more digits", text,
                         finding.edition.hash, finding.other_hash);
    *ret_edition = finding.edition;
    return 0;
}

int edition_files_read(struct db *db, const struct edition *edition, struct error *error,
                       struct version_files *ret_files) {
    return edition->number ? version_files_read(db, edition->id, error, ret_files)
                           : draft_files_read(db, edition->id, error, ret_files);
}

/* ---- all ------------------------------------------------------------------------------------ */
int edition_list_read(struct db_tx *tx, const char *product, int capacity, struct error *error,
                      struct edition *ret_editions, int *ret_count) {
    struct db_rows *rows = NULL;
    int count = 0;
    int status = db_query(tx, error, &rows,
                          "select v.id, d.id, v.product, v.number, v.interface, v.hash,"
                          " v.effective_from, v.known_from_us, 'active', 0 as part"
                          " from product_version v"
                          " left join product_draft d on d.version_id = v.id"
                          " where (cast($1 as text) is null or v.product = $1)"
                          " union all"
                          " select d.id, d.id, d.product, 0, d.interface, d.hash,"
                          " d.effective_from, 0, d.state, 1 as part from product_draft d"
                          " where (cast($1 as text) is null or d.product = $1)"
                          " and d.test = 0 and d.state <> 'active'"
                          " order by 3, 10, 4 desc, 1 desc limit $2",
                          db_text(product), db_integer(capacity));
    while (!status && count < capacity && (status = db_next(rows, error)) > 0) {
        edition_fill(rows, &ret_editions[count++]);
        status = 0;
    }
    db_rows_close(rows);
    if (!status) *ret_count = count;
    return status;
}

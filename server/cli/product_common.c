/* What the parts of `koppel product` share: problems in words, who does it, which draft it is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/installation.h"
#include "cli/product.h"

/* "tariff.dmn:12: decision Base premium, row 3: text" */
static void problem_print(const struct problem *problem) {
    printf("%s", problem->file);
    if (problem->line) printf(":%d", problem->line);
    printf(": ");
    if (problem->warning) printf("warning: ");
    if (*problem->place) printf("%s: ", problem->place);
    printf("%s", problem->text);
    if (problem->column) printf(" (column %d of the expression)", problem->column);
    printf("\n");
}

int product_problems_print(const struct problems *problems) {
    int warnings = 0;
    for (int i = 0; i < problems->count; i++) {
        problem_print(&problems->items[i]);
        warnings += problems->items[i].warning;
    }
    if (problems->errors > problems->count - warnings)
        printf("and %d more\n", problems->errors - (problems->count - warnings));
    return problems->errors;
}

void product_proof_print(const char *path, const struct product_proof *proof,
                         const struct problems *problems) {
    int errors = product_problems_print(problems);
    if (proof->product && !errors) {
        const struct product_info *info = product_info(proof->product);
        printf("%s: product %s (interface %d) is sound: %d cases passed, examples offered: %d\n",
               path, info->name, info->interface, proof->passed, info->example_count);
    } else if (proof->product) {
        printf("%s: problems: %d; %d cases passed, %d failed\n", path, errors, proof->passed,
               proof->failed);
    } else {
        printf("%s: problems: %d\n", path, errors);
    }
}

int product_operator(const char *by, struct error *error, char ret_by[DRAFT_BY_MAX]) {
    char own[OPERATOR_MAX];
    command_operator(own);
    return draft_by_make("operator", by ? by : own, error, ret_by);
}

/* ---- which draft ---------------------------------------------------------------------------- */
struct finding {
    const char *id; /* or a hash's beginning */
    bool by_hash;
    const char *state;
    struct draft draft;
    int found;
    char others[3][ID_MAX]; /* of several, the newest */
};

static int hash_find(struct db_tx *tx, struct finding *finding, struct error *error) {
    struct db_rows *rows = NULL;
    char beyond[SHA256_HEX_MAX + 1];
    finding->found = 0;
    snprintf(beyond, sizeof beyond, "%.64s" "g", finding->id); /* behind all that begin so */
    int status = db_query(tx, error, &rows,
                          "select id from product_draft where hash >= $1 and hash < $2"
                          " and state = $3 and test = 0 order by id desc limit 3",
                          db_text(finding->id), db_text(beyond), db_text(finding->state));
    while (!status && (status = db_next(rows, error)) > 0) {
        snprintf(finding->others[finding->found++], ID_MAX, "%s", db_column_text(rows, 0, NULL));
        status = 0;
    }
    db_rows_close(rows);
    return status;
}

static int find_body(struct db_tx *tx, void *context, struct error *error) {
    struct finding *finding = context;
    if (!finding->by_hash) return draft_read(tx, finding->id, false, error, &finding->draft);
    int status = hash_find(tx, finding, error);
    if (status) return status;
    if (!finding->found)
        return error_set(error, ERROR_NOT_FOUND,
                         "there is no draft with hash %.64s that is %s: see koppel product list",
                         finding->id, finding->state);
    if (finding->found > 1)
        return error_set(error, ERROR_CONFLICT,
                         "%.64s is the hash of several that are %s: say %s or %s", finding->id,
                         finding->state, finding->others[0], finding->others[1]);
    return draft_read(tx, finding->others[0], false, error, &finding->draft);
}

int product_draft_find(struct db *db, const char *text, enum draft_state state,
                       struct error *error, struct draft *ret_draft) {
    size_t length = strlen(text);
    bool by_id = id_valid("pdr", text, length);
    bool by_hash = length >= DRAFT_HASH_PREFIX_MIN && length < SHA256_HEX_MAX &&
                   strspn(text, "0123456789abcdef") == length;
    if (!by_id && !by_hash)
        return error_set(error, ERROR_INVALID,
                         "'%.60s' names no draft: give its id (pdr_…), or the first %d digits or "
                         "more of its hash",
                         text, DRAFT_HASH_PREFIX_MIN);
    struct finding *finding = calloc(1, sizeof *finding);
    if (!finding) return error_set(error, ERROR_NO_MEMORY, "no memory to look for a draft");
    finding->id = text;
    finding->by_hash = by_hash;
    finding->state = draft_state_text(state);
    int status = db_read(db, &db_scope_all, find_body, finding, error);
    if (!status) *ret_draft = finding->draft;
    free(finding);
    return status;
}

/* ---- versions ------------------------------------------------------------------------------- */
int product_version_tell(struct db *db, const char *deed, const struct product_version *version,
                         struct error *error) {
    char today[CLOCK_DATE_MAX];
    struct version_place now, then;
    clock_amsterdam_date_text(clock_now_us(), today);
    int status = version_place_read(db, version->name, today, error, &now);
    if (!status)
        status = version_place_read(db, version->name, version->effective_from, error, &then);
    if (status) return status;
    printf("%s %s version %d (%s), in force from %s", deed, version->name, version->number,
           version->id, version->effective_from);
    if (then.next) printf(" until version %d takes over on %s", then.next, then.next_from);
    if (now.holder && now.holder != version->number) printf("; today version %d is", now.holder);
    printf("\n");
    return 0;
}

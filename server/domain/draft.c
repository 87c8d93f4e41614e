/* Drafts: making them and taking them from state to state. What becomes of one that is activated is
 * in draft_activate.c; reading is in draft_read.c. */
#include "domain/draft.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "domain/calendar_day.h"
#include "domain/draft_inside.h"

static const char *const state_texts[] = {"draft", "approved", "active", "withdrawn"};

const char *draft_state_text(enum draft_state state) {
    return state_texts[state];
}

enum draft_state draft_state_read(const char *text) {
    for (int state = DRAFT_OPEN; text && state < DRAFT_WITHDRAWN; state++)
        if (strcmp(text, state_texts[state]) == 0) return (enum draft_state)state;
    return DRAFT_WITHDRAWN;
}

/* ---- who and why ---------------------------------------------------------------------------- */
/* UTF-8 of at most so many characters, without control characters: it is shown on terminals. */
static bool line_sound(const char *text, size_t length, size_t characters_max) {
    if (!utf8_valid(text, length) || utf8_count(text, length) > characters_max) return false;
    for (size_t at = 0; at < length;) {
        uint32_t character = 0;
        at += utf8_read(text + at, length - at, &character);
        if (character < 0x20 || (character >= 0x7F && character < 0xA0)) return false;
    }
    return true;
}

int draft_by_make(const char *kind, const char *name, struct error *error,
                  char ret_by[DRAFT_BY_MAX]) {
    name += strspn(name, " ");
    size_t length = strlen(name);
    while (length && name[length - 1] == ' ') length--;
    char by[DRAFT_BY_MAX];
    int written = snprintf(by, sizeof by, "%s:%.*s", kind, length < DRAFT_BY_MAX ? (int)length : 0,
                           name);
    if (!length || length >= DRAFT_BY_MAX || written >= DRAFT_BY_MAX ||
        !line_sound(name, length, DRAFT_NAME_CHARACTERS_MAX))
        return error_set(error, ERROR_INVALID,
                         "say who by a name of 1 to %d characters, such as anna",
                         DRAFT_NAME_CHARACTERS_MAX);
    memcpy(ret_by, by, (size_t)written + 1);
    return 0;
}

int draft_note_check(const char *note, struct error *error) {
    if (!note || line_sound(note, strlen(note), DRAFT_NOTE_CHARACTERS_MAX)) return 0;
    return error_set(error, ERROR_INVALID,
                     "say why in one line of at most %d characters", DRAFT_NOTE_CHARACTERS_MAX);
}

/* ---- making --------------------------------------------------------------------------------- */
int draft_make(const struct draft_request *request, struct problems *problems,
               struct error *error, struct draft *ret_draft) {
    const struct product_files *files = request->files;
    const struct source *product = NULL;
    struct product_head head;
    struct value_date date;
    for (int i = 0; i < files->count; i++)
        if (strcmp(files->items[i].name, "product.xml") == 0) product = &files->items[i];
    if (request->effective_from && !day_read(request->effective_from, &date))
        return error_set(error, ERROR_INVALID, "'%.40s' is no date: write it as 2026-12-31",
                         request->effective_from);
    int status = product ? product_head_read(product, problems, &head) : QUOTE_INVALID;
    if (status == QUOTE_NO_MEMORY)
        return error_set(error, ERROR_NO_MEMORY, "no memory to read product.xml");
    if (status != QUOTE_OK)
        return error_set(error, ERROR_INVALID,
                         "product.xml does not say which product it is: a draft may be unfinished, "
                         "but that must be known");
    struct draft draft = {.test = request->test,
                          .interface = head.interface,
                          .state = DRAFT_OPEN,
                          .created_us = request->now_us};
    id_make("pdr", draft.id);
    snprintf(draft.product, sizeof draft.product, "%s", head.name);
    snprintf(draft.hash, sizeof draft.hash, "%s", files->hash);
    snprintf(draft.drafted_by, sizeof draft.drafted_by, "%s", request->by);
    if (request->effective_from)
        snprintf(draft.effective_from, sizeof draft.effective_from, "%s",
                 request->effective_from);
    *ret_draft = draft;
    return 0;
}

/* Draft the same twice, as by sending it again, and two people would approve one each. */
static int twin_check(struct db_tx *tx, const struct draft *draft, struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select id, state from product_draft where hash = $1 and product = $2"
                          " and test = $3 and coalesce(effective_from, '') = $4"
                          " and state in ('draft', 'approved') order by id limit 1",
                          db_text(draft->hash), db_text(draft->product), db_integer(draft->test),
                          db_text(draft->effective_from));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0)
        status = error_set(error, ERROR_CONFLICT,
                           "these files of %s for that date are drafted already, as %s (%s): go on "
                           "with that one, or withdraw it first",
                           draft->product, db_column_text(rows, 0, NULL),
                           db_column_text(rows, 1, NULL));
    db_rows_close(rows);
    return status;
}

/* Rows of one draft are written one after another: its state is changed first, which locks it. */
int draft_event_insert(struct db_tx *tx, const char *id, const char *event, bool override,
                       const struct draft_deed *deed, struct error *error) {
    return db_run(tx, error, NULL,
                  "insert into product_draft_event (draft_id, position, event, override, by_whom,"
                  " note, at_us) values ($1, (select count(*) from product_draft_event"
                  " where draft_id = $1), $2, $3, $4, $5, $6)",
                  db_text(id), db_text(event), db_integer(override), db_text(deed->by),
                  deed->note && *deed->note ? db_text(deed->note) : db_null(),
                  db_integer(deed->now_us));
}

int draft_rows_insert(struct db_tx *tx, const struct draft *draft,
                      const struct product_files *files, const char *note, struct error *error) {
    int status = db_run(tx, error, NULL,
                        "insert into product_draft (id, test, product, interface, hash,"
                        " effective_from, state, drafted_by, version_id, created_us)"
                        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                        db_text(draft->id), db_integer(draft->test), db_text(draft->product),
                        db_integer(draft->interface), db_text(draft->hash),
                        *draft->effective_from ? db_text(draft->effective_from) : db_null(),
                        db_text(draft_state_text(draft->state)), db_text(draft->drafted_by),
                        *draft->version_id ? db_text(draft->version_id) : db_null(),
                        db_integer(draft->created_us));
    for (int i = 0; !status && i < files->count; i++)
        status = db_run(tx, error, NULL,
                        "insert into product_draft_file (draft_id, position, name, content)"
                        " values ($1, $2, $3, $4)",
                        db_text(draft->id), db_integer(i), db_text(files->items[i].name),
                        db_text_length(files->items[i].text, files->items[i].length));
    struct draft_deed deed = {
        .by = draft->drafted_by, .note = note, .now_us = draft->created_us};
    return status ? status : draft_event_insert(tx, draft->id, "drafted", false, &deed, error);
}

int draft_insert(struct db_tx *tx, const struct draft *draft, const struct product_files *files,
                 const char *note, struct error *error) {
    int status = twin_check(tx, draft, error);
    return status ? status : draft_rows_insert(tx, draft, files, note, error);
}

/* ---- steps ---------------------------------------------------------------------------------- */
static int state_refused(const struct draft *draft, const char *step, struct error *error) {
    return error_set(error, ERROR_CONFLICT, "%s of %s is %s: it cannot be %s", draft->id,
                     draft->product,
                     draft->state == DRAFT_OPEN ? "not approved yet"
                                                : draft_state_text(draft->state),
                     step);
}

/* Its state was read, and changes only if it is still so. */
static int state_change(struct db_tx *tx, const struct draft *draft, enum draft_state state,
                        struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "update product_draft set state = $1 where id = $2 and state = $3",
                        db_text(draft_state_text(state)), db_text(draft->id),
                        db_text(draft_state_text(draft->state)));
    if (status || changed) return status;
    return error_set(error, ERROR_CONFLICT, "%s was changed just now: look at it again",
                     draft->id);
}

int draft_approve(struct db_tx *tx, const char *id, bool test, bool override,
                  const struct draft_deed *deed, struct error *error, struct draft *ret_draft) {
    struct draft draft;
    int status = draft_read(tx, id, test, error, &draft);
    if (status) return status;
    *ret_draft = draft;
    if (draft.state != DRAFT_OPEN) return state_refused(&draft, "approved", error);
    /* One person in two spellings is one person. */
    if (!override && strcasecmp(draft.drafted_by, deed->by) == 0)
        return error_set(error, ERROR_DENIED,
                         "%s was drafted by %s: a second person approves it, or the operator with "
                         "--override REASON",
                         draft.id, draft.drafted_by);
    status = state_change(tx, &draft, DRAFT_APPROVED, error);
    return status ? status : draft_event_insert(tx, id, "approved", override, deed, error);
}

int draft_withdraw(struct db_tx *tx, const char *id, bool test, const struct draft_deed *deed,
                   struct error *error, struct draft *ret_draft) {
    struct draft draft;
    int status = draft_read(tx, id, test, error, &draft);
    if (status) return status;
    *ret_draft = draft;
    if (draft.state != DRAFT_OPEN && draft.state != DRAFT_APPROVED)
        return state_refused(&draft, "withdrawn", error);
    status = state_change(tx, &draft, DRAFT_WITHDRAWN, error);
    return status ? status : draft_event_insert(tx, id, "withdrawn", false, deed, error);
}

int draft_activated(struct db_tx *tx, const char *id, const struct draft_deed *deed,
                    const char *version_id, struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "update product_draft set state = 'active', version_id = $1"
                        " where id = $2 and state = 'approved' and test = 0",
                        db_text(version_id), db_text(id));
    if (!status && !changed)
        status = error_set(error, ERROR_CONFLICT,
                           "%s is not approved any more: look at it again", id);
    return status ? status : draft_event_insert(tx, id, "activated", false, deed, error);
}

/* Computes kept quotes again, and tells where a result differs. Nearly all are equal, so that the
 * bytes are compared first; only where they differ are both sides read and walked side by side. */
#include "domain/replay.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "domain/money.h"
#include "domain/receipt.h"
#include "message/json.h"
#include "message/record.h"

enum { COMPARE_DEPTH_MAX = 8 };

void replayer_init(struct replayer *replayer, struct catalogue *catalogue,
                   struct encryption *encryption) {
    replayer->encryption = encryption;
    version_hold_init(&replayer->versions, catalogue);
    buffer_init(&replayer->result, RECEIPT_MAX_BYTES);
}

void replayer_done(struct replayer *replayer) {
    version_hold_done(&replayer->versions);
    buffer_done(&replayer->result);
}

/* ---- telling -------------------------------------------------------------------------------- */
static void text_cut(char ret_text[REPLAY_TEXT_MAX], const char *text, size_t length) {
    if (length >= REPLAY_TEXT_MAX) {
        static const char end[] = "…";
        length = REPLAY_TEXT_MAX - sizeof end;
        while (length && ((unsigned char)text[length] & 0xc0) == 0x80) length--;
        memcpy(ret_text + length, end, sizeof end);
    } else {
        ret_text[length] = '\0';
    }
    memcpy(ret_text, text, length);
}

static void tell(struct replay *replay, const char *place, const char *kept, size_t kept_length,
                 const char *computed, size_t computed_length) {
    replay->outcome = REPLAY_DIFFERENT;
    if (replay->difference_count == REPLAY_DIFFERENCES_MAX) {
        replay->more = true;
        return;
    }
    struct replay_difference *told = &replay->differences[replay->difference_count++];
    snprintf(told->place, sizeof told->place, "%s", place);
    text_cut(told->kept, kept, kept_length);
    text_cut(told->computed, computed, computed_length);
}

static void tell_texts(struct replay *replay, const char *place, const char *kept,
                       const char *computed) {
    if (strcmp(kept, computed) == 0) return;
    tell(replay, place, kept, strlen(kept), computed, strlen(computed));
}

/* ---- two results side by side --------------------------------------------------------------- */
struct comparing {
    struct replay *replay;
    struct buffer kept, computed; /* a value as it is told */
};

/* Amounts of a premium are kept in cents, all but the number of instalments. */
static bool is_amount(const char *place) {
    const char *name = strrchr(place, '.');
    return strncmp(place, "premium.", 8) == 0 && name && strcmp(name, ".instalments") != 0;
}

static void value_tell(const struct value *value, const char *place, struct buffer *buffer) {
    int64_t cents;
    buffer_clear(buffer);
    if (!value) return;
    if (value->kind == VALUE_TEXT) {
        buffer_append(buffer, value->text, value->length);
    } else if (value->kind == VALUE_NUMBER && is_amount(place) &&
               decimal_to_scaled(value->number, 0, &cents)) {
        char text[MONEY_TEXT_MAX];
        money_text(cents, text);
        buffer_text(buffer, text);
    } else {
        json_write(value, 0, buffer);
    }
}

static void leaf_compare(struct comparing *comparing, const char *place, const struct value *kept,
                         const struct value *computed) {
    value_tell(kept, place, &comparing->kept);
    value_tell(computed, place, &comparing->computed);
    const char *left = comparing->kept.data ? comparing->kept.data : "";
    const char *right = comparing->computed.data ? comparing->computed.data : "";
    bool same = kept && computed && kept->kind == computed->kind &&
                comparing->kept.length == comparing->computed.length &&
                memcmp(left, right, comparing->kept.length) == 0;
    if (!same)
        tell(comparing->replay, place, left, comparing->kept.length, right,
             comparing->computed.length);
}

static void compare(struct comparing *comparing, const char *place, int depth,
                    const struct value *kept, const struct value *computed);

static void place_below(char ret_place[REPLAY_PLACE_MAX], const char *place, const char *name,
                        size_t length) {
    snprintf(ret_place, REPLAY_PLACE_MAX, "%s%s%.*s", place, *place ? "." : "",
             (int)(length < 64 ? length : 64), name);
}

static void contexts_compare(struct comparing *comparing, const char *place, int depth,
                             const struct value *kept, const struct value *computed) {
    char below[REPLAY_PLACE_MAX];
    for (uint32_t i = 0; i < kept->length; i++) {
        const struct value_entry *entry = &kept->entries[i];
        place_below(below, place, entry->name, entry->name_length);
        compare(comparing, below, depth, &entry->value,
                value_entry_find(computed, entry->name, entry->name_length));
    }
    for (uint32_t i = 0; i < computed->length; i++) {
        const struct value_entry *entry = &computed->entries[i];
        if (value_entry_find(kept, entry->name, entry->name_length)) continue;
        place_below(below, place, entry->name, entry->name_length);
        compare(comparing, below, depth, NULL, &entry->value);
    }
}

/* Covers and terms have a code; rows and reasons are texts. */
static const struct value *code_of(const struct value *item) {
    if (item->kind != VALUE_CONTEXT) return item;
    const struct value *code = record_get(item, "code");
    return code ? code : item;
}

static bool texts_equal(const struct value *a, const struct value *b) {
    return a->kind == VALUE_TEXT && b->kind == VALUE_TEXT && a->length == b->length &&
           memcmp(a->text, b->text, a->length) == 0;
}

static const struct value *item_find(const struct value *list, const struct value *like) {
    for (uint32_t i = 0; i < list->length; i++)
        if (texts_equal(code_of(&list->items[i]), code_of(like))) return &list->items[i];
    return NULL;
}

/* Items are matched by their code, wherever they stand. */
static void lists_compare(struct comparing *comparing, const char *place, int depth,
                          const struct value *kept, const struct value *computed) {
    char below[REPLAY_PLACE_MAX];
    for (uint32_t i = 0; i < kept->length; i++) {
        const struct value *item = &kept->items[i], *code = code_of(item);
        const struct value *other = item_find(computed, item);
        if (item->kind == VALUE_CONTEXT && code->kind == VALUE_TEXT)
            place_below(below, place, code->text, code->length);
        else snprintf(below, sizeof below, "%s", place);
        if (!other || item->kind == VALUE_CONTEXT) compare(comparing, below, depth, item, other);
    }
    for (uint32_t i = 0; i < computed->length; i++) {
        const struct value *item = &computed->items[i], *code = code_of(item);
        if (item_find(kept, item)) continue;
        if (item->kind == VALUE_CONTEXT && code->kind == VALUE_TEXT)
            place_below(below, place, code->text, code->length);
        else snprintf(below, sizeof below, "%s", place);
        compare(comparing, below, depth, NULL, item);
    }
}

static void compare(struct comparing *comparing, const char *place, int depth,
                    const struct value *kept, const struct value *computed) {
    bool deep = depth < COMPARE_DEPTH_MAX && kept && computed && kept->kind == computed->kind;
    if (deep && kept->kind == VALUE_CONTEXT)
        contexts_compare(comparing, place, depth + 1, kept, computed);
    else if (deep && kept->kind == VALUE_LIST)
        lists_compare(comparing, place, depth + 1, kept, computed);
    else leaf_compare(comparing, place, kept, computed);
}

/* What was told so far may be of a value that could not be written. */
static void fail_starved(struct replay *replay) {
    replay->outcome = REPLAY_FAILED;
    replay->difference_count = 0;
    replay->more = false;
    error_set(&replay->failure, ERROR_NO_MEMORY, "no memory to compare its result");
}

static void results_compare(const struct book_row *row, struct scratch *scratch,
                            struct replay *replay) {
    struct comparing comparing = {.replay = replay};
    struct json_fault fault = {0};
    struct value kept;
    int before = replay->difference_count;
    int status = json_read(row->result, row->result_length, NULL, scratch, &fault, &kept);
    if (status == ERROR_NO_MEMORY) {
        fail_starved(replay);
        return;
    }
    if (status) {
        char text[REPLAY_TEXT_MAX];
        snprintf(text, sizeof text, "cannot be read: %.64s, line %d, column %d",
                 status == ERROR_INVALID ? fault.code : "too large", fault.line, fault.column);
        tell(replay, "result", text, strlen(text), "", 0);
        return;
    }
    buffer_init(&comparing.kept, RECEIPT_MAX_BYTES);
    buffer_init(&comparing.computed, RECEIPT_MAX_BYTES);
    compare(&comparing, "", 0, &kept, &replay->quoting.kept);
    bool starved = comparing.kept.starved || comparing.computed.starved;
    buffer_done(&comparing.kept);
    buffer_done(&comparing.computed);
    if (starved) fail_starved(replay);
    else if (replay->difference_count == before && !replay->more)
        tell_texts(replay, "result", "the same, written in other bytes or another order",
                   "as the program writes it");
}

/* ---- what stands beside the result ----------------------------------------------------------- */
static void cents_tell(bool given, int64_t cents, char ret_text[REPLAY_TEXT_MAX]) {
    *ret_text = '\0';
    if (given) money_text(cents, ret_text);
}
_Static_assert((int)REPLAY_TEXT_MAX >= (int)MONEY_TEXT_MAX, "an amount fits");

static void columns_compare(const struct book_row *row, struct replay *replay) {
    const struct quoting *quoting = &replay->quoting;
    const struct quote_result *result = quoting->result;
    char kept[REPLAY_TEXT_MAX], computed[REPLAY_TEXT_MAX];
    tell_texts(replay, "row.status", row->status, outcome_text(result->outcome));
    if (row->has_total != result->has_premium ||
        (row->has_total && row->total_cents != result->total_cents)) {
        cents_tell(row->has_total, row->total_cents, kept);
        cents_tell(result->has_premium, result->total_cents, computed);
        tell_texts(replay, "row.total", kept, computed);
    }
    tell_texts(replay, "row.valid_until", row->valid_until, quoting->valid_until);
    tell_texts(replay, "row.product", row->product, quoting->version->name);
    tell_texts(replay, "row.product_hash", row->product_hash, quoting->version->hash);
    if (row->product_version != quoting->version->number) {
        snprintf(kept, sizeof kept, "%d", row->product_version);
        snprintf(computed, sizeof computed, "%d", quoting->version->number);
        tell_texts(replay, "row.product_version", kept, computed);
    }
}

/* ---- replaying ------------------------------------------------------------------------------ */
void replayer_run(struct replayer *replayer, const struct book_row *row, struct scratch *scratch,
                  struct replay *ret_replay) {
    struct replay *replay = ret_replay;
    const struct product_version *version = NULL;
    replay->outcome = REPLAY_EQUAL;
    replay->failure = (struct error){0};
    replay->difference_count = 0;
    replay->more = false;
    int status = 0;
    if (!row->answers)
        status = error_set(&replay->failure, ERROR_TOO_LARGE, "its row is larger than %d bytes",
                           BOOK_BLOCK_BYTES);
    if (!status)
        status = version_hold_find(&replayer->versions, row->version_id, &replay->failure,
                                   &version);
    const struct quoting_kept kept = {.version_id = row->version_id,
                                      .answers = book_row_answers(row),
                                      .encryption = replayer->encryption,
                                      .effective_date = row->effective_date,
                                      .known_at_us = row->known_at_us};
    if (status || quoting_repeat_under(version, &kept, scratch, &replay->failure,
                                       &replay->quoting) != QUOTING_RATED) {
        replay->outcome = REPLAY_FAILED;
        return;
    }
    buffer_clear(&replayer->result);
    receipt_write(&replay->quoting, &replayer->result);
    if (replayer->result.failed) {
        replay->outcome = REPLAY_FAILED;
        error_set(&replay->failure, buffer_failure(&replayer->result),
                  "its result cannot be written");
        return;
    }
    if (replayer->result.length != row->result_length ||
        memcmp(replayer->result.data, row->result, row->result_length) != 0)
        results_compare(row, scratch, replay);
    if (replay->outcome != REPLAY_FAILED) columns_compare(row, replay);
}

/* ---- reading one ---------------------------------------------------------------------------- */
struct reading {
    const struct replay_wish *wish;
    struct scratch *scratch;
    struct book_row row;
    bool found, failed;
};

static const char *copy(struct reading *reading, struct db_rows *rows, int column,
                        size_t *ret_length) {
    size_t length = 0;
    const char *text = db_column_text(rows, column, &length);
    char *copied = scratch_take(reading->scratch, length + 1);
    if (!copied) {
        reading->failed = true;
        return "";
    }
    if (length) memcpy(copied, text, length);
    copied[length] = '\0';
    if (ret_length) *ret_length = length;
    return copied;
}

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct reading *reading = context;
    const struct replay_wish *wish = reading->wish;
    struct db_rows *rows = NULL;
    reading->found = false;
    int status = db_query(tx, error, &rows,
                          "select q.id, q.partner_id, q.product, q.version_id, q.effective_date,"
                          " q.status, q.known_at_us, q.test, q.total_cents, q.answers,"
                          " q.product_version, q.product_hash, q.valid_until, q.result, q.sealed"
                          " from quote q where q.id = $1 and q.test >= $2 and q.test <= $3"
                          " and $scope(q/user_id)",
                          db_text(wish->id), db_integer(!wish->any_mode && wish->test),
                          db_integer(wish->any_mode || wish->test));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) {
        struct book_row *row = &reading->row;
        reading->found = true;
        *row = (struct book_row){.id = copy(reading, rows, 0, NULL),
                                 .partner_id = copy(reading, rows, 1, NULL),
                                 .product = copy(reading, rows, 2, NULL),
                                 .version_id = copy(reading, rows, 3, NULL),
                                 .effective_date = copy(reading, rows, 4, NULL),
                                 .status = copy(reading, rows, 5, NULL),
                                 .known_at_us = db_column_integer(rows, 6),
                                 .test = db_column_integer(rows, 7) != 0,
                                 .has_total = !db_column_null(rows, 8),
                                 .total_cents = db_column_integer(rows, 8),
                                 .product_version = (int)db_column_integer(rows, 10),
                                 .product_hash = copy(reading, rows, 11, NULL),
                                 .valid_until = copy(reading, rows, 12, NULL)};
        row->answers = copy(reading, rows, 9, &row->answers_length);
        row->result = copy(reading, rows, 13, &row->result_length);
        if (!db_column_null(rows, 14)) row->sealed = copy(reading, rows, 14, NULL);
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

int replay_read(struct db *db, const struct db_scope *scope, const struct replay_wish *wish,
                struct scratch *scratch, struct error *error, struct book_row *ret_row) {
    struct reading reading = {.wish = wish, .scratch = scratch};
    int status = db_read(db, scope, read_body, &reading, error);
    if (status) return status;
    if (!reading.found)
        return error_set(error, ERROR_NOT_FOUND, "there is no quote %.60s", wish->id);
    if (reading.failed)
        return error_set(error, ERROR_TOO_LARGE, "quote %.60s is too large to be replayed",
                         wish->id);
    *ret_row = reading.row;
    return 0;
}

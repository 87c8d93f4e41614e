/* PostgreSQL: writes that share a transaction. A body that only adds needs no answer on its way: it
 * runs without a connection, and what it adds is recorded. One thread takes what was recorded, a
 * group at a time, and sends it all with the commit behind it: one journey to the server and one
 * flush for many writes. What several of them add by the same statement is added by one, of many
 * rows. While one group is under way, the next gathers; a second thread would make
 * groups of half the size, of which each costs as much. A body that asks for
 * something, or that changes what is there, gets a connection at that point, and what it added goes
 * before: rows that several writes change would be held for a whole group, in no common order. For
 * such rows there are late statements, which a group runs behind all else, in a common order.
 *
 * Nobody hears of success before the commit. When the server refuses anything of a group, nothing
 * of it was kept, and each write runs again in a transaction of its own, where its body hears what
 * befell it. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "db/driver_postgresql.h"

/* ---- recording ---- */

/* "insert …", and "delete …" of what has run out before it is added anew. */
bool postgresql_only_adds(const char *sql) {
    return strncasecmp(sql, "insert ", 7) == 0 || strncasecmp(sql, "delete ", 7) == 0;
}

/* False: the values are too large, or there is no memory. */
static bool recorded_make(const char *sql, const struct db_value *values, size_t count,
                          struct postgresql_recorded *ret_recorded) {
    size_t bytes = 0;
    if (count > DB_PARAMETERS_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (values[i].length > POSTGRESQL_RECORD_BYTES_MAX)
            return false;
        bytes += values[i].length;
    }
    struct db_value *copies = bytes <= POSTGRESQL_RECORD_BYTES_MAX
                                  ? malloc((count + 1) * sizeof *copies + bytes)
                                  : NULL;
    if (!copies)
        return false;
    char *at = (char *)(copies + count + 1);
    for (size_t i = 0; i < count; i++) {
        copies[i] = values[i];
        if (!values[i].length)
            continue;
        memcpy(at, values[i].bytes, values[i].length);
        copies[i].bytes = at;
        at += values[i].length;
    }
    *ret_recorded = (struct postgresql_recorded){.sql = sql, .count = count, .values = copies};
    return true;
}

bool postgresql_record_add(struct postgresql_tx *tx, const char *sql,
                           const struct db_value *values, size_t count) {
    struct postgresql_record *record = tx->record;
    if (record->count == POSTGRESQL_RECORD_STATEMENTS_MAX || !postgresql_only_adds(sql) ||
        !recorded_make(sql, values, count, &record->statements[record->count]))
        return false;
    record->statements[record->count++].scope = &record->scope;
    return true;
}

int postgresql_run_late(struct db_tx *base, const char *sql, const struct db_value *values,
                        size_t count, const struct db_late *late, struct error *error) {
    struct postgresql_record *record = ((struct postgresql_tx *)base)->late;
    if (record->late_count == DB_LATE_MAX)
        return error_set(error, ERROR_TOO_LARGE, "a write has %d late statements at most",
                         DB_LATE_MAX);
    if (late->ret_text && !postgresql_merges(sql))
        return error_set(error, ERROR_INTERNAL,
                         "a late statement that returns a text inserts values: %.200s", sql);
    struct postgresql_recorded *recorded = &record->late[record->late_count];
    if (!recorded_make(sql, values, count, recorded))
        return error_set(error, ERROR_NO_MEMORY, "no memory for a late statement");
    recorded->scope = &record->scope;
    recorded->late = *late;
    record->late_count++;
    return 0;
}

/* ---- queueing ---- */

static int queue_record(struct postgresql_tx *tx, const struct postgresql_record *record,
                        struct error *error) {
    int status = 0;
    for (int i = 0; i < record->count && !status; i++) {
        const struct postgresql_recorded *recorded = &record->statements[i];
        status = postgresql_queue_statement(tx, recorded->sql, recorded->values, recorded->count,
                                            POSTGRESQL_EXPECT_CHANGE, error);
    }
    return status;
}

static int queue_each(struct postgresql_tx *tx, struct postgresql_recorded *const *list, int count,
                      struct error *error) {
    int status = 0;
    for (int i = 0; i < count && !status; i++) {
        tx->base.scope = *list[i]->scope;
        status = postgresql_queue_statement(tx, list[i]->sql, list[i]->values, list[i]->count,
                                            POSTGRESQL_EXPECT_CHANGE, error);
    }
    return status;
}

/* By as few as can be; of the numbers of rows that are prepared there are few: any up to half of
 * the most, which is what hardly more writers make, and then by a quarter of it. */
static int queue_same(struct postgresql_tx *tx, struct postgresql_recorded *const *list, int count,
                      enum postgresql_expected_kind kind, struct error *error) {
    int status = 0;
    tx->base.scope = db_scope_none;
    for (int at = 0, rows; at < count && !status; at += rows) {
        for (rows = POSTGRESQL_MERGED_ROWS_MAX;
             rows > 1 && (rows > count - at ||
                          (size_t)rows * list[at]->count > POSTGRESQL_VALUES_MAX);)
            rows -= rows > POSTGRESQL_MERGED_ROWS_MAX / 2 ? POSTGRESQL_MERGED_ROWS_MAX / 4 : 1;
        status = postgresql_queue_merged(tx, list + at, rows, kind, error);
    }
    return status;
}

/* ---- late statements ---- */

static int compare_late(const void *first, const void *second) {
    const struct postgresql_recorded *one = *(struct postgresql_recorded *const *)first;
    const struct postgresql_recorded *other = *(struct postgresql_recorded *const *)second;
    int order = strcmp(one->late.order, other->late.order);
    if (order || one->late.shared != other->late.shared)
        return order ? order : other->late.shared - one->late.shared;
    return one->place - other->place;
}

static int gather_late(struct postgresql_record *record, struct postgresql_recorded **list,
                       int count) {
    for (int i = 0; i < record->late_count; i++) {
        record->late[i].place = count;
        list[count++] = &record->late[i];
    }
    return count;
}

static bool is_beside(const struct postgresql_recorded *one,
                      const struct postgresql_recorded *other) {
    return one->late.shared == other->late.shared &&
           strcmp(one->late.order, other->late.order) == 0;
}

static void number_last(struct postgresql_recorded *recorded, int number) {
    recorded->values[recorded->count - 1].integer = number;
}

/* Those of one order that are shared, or that are not. */
static int queue_beside(struct postgresql_tx *tx, struct postgresql_recorded **list, int count,
                        struct error *error) {
    if (list[0]->late.shared) {
        number_last(list[0], count);
        return queue_each(tx, list, 1, error);
    }
    int status = 0;
    for (int i = 0; i < count; i++)
        number_last(list[i], count - 1 - i);
    for (int at = 0, same; at < count && !status; at += same) {
        for (same = 1; at + same < count && list[at + same]->sql == list[at]->sql;)
            same++;
        bool merges = postgresql_merges(list[at]->sql);
        status = merges ? queue_same(tx, list + at, same, POSTGRESQL_EXPECT_LATE, error)
                        : queue_each(tx, list + at, same, error);
    }
    return status;
}

static int queue_orders(struct postgresql_tx *tx, struct postgresql_recorded **list, int count,
                        struct error *error) {
    int status = 0;
    qsort(list, (size_t)count, sizeof(struct postgresql_recorded *), compare_late);
    for (int at = 0, beside; at < count && !status; at += beside) {
        for (beside = 1; at + beside < count && is_beside(list[at], list[at + beside]);)
            beside++;
        status = queue_beside(tx, list + at, beside, error);
    }
    return status;
}

int postgresql_queue_late(struct postgresql_tx *tx, struct error *error) {
    struct postgresql_recorded *list[DB_LATE_MAX];
    return queue_orders(tx, list, gather_late(tx->late, list, 0), error);
}

/* ---- a group ---- */

/* Where a group has come to in each of its records. */
struct progress {
    struct postgresql_record *records[POSTGRESQL_GROUP_MAX];
    int next[POSTGRESQL_GROUP_MAX], count;
};

/* The statements that come next in the records from `first` on and are the same. */
static int gather_same(struct progress *progress, int first,
                       struct postgresql_recorded **ret_list) {
    const char *sql = progress->records[first]->statements[progress->next[first]].sql;
    int count = 0;
    for (int i = first; i < progress->count; i++) {
        struct postgresql_record *record = progress->records[i];
        while (progress->next[i] < record->count &&
               record->statements[progress->next[i]].sql == sql)
            ret_list[count++] = &record->statements[progress->next[i]++];
    }
    return count;
}

/* Each record in its own order. What several add by the same statement is added by one. */
static int queue_group(struct postgresql_tx *tx, struct db_task *group, struct error *error) {
    struct postgresql_recorded *late[POSTGRESQL_GROUP_MAX * DB_LATE_MAX];
    struct postgresql_recorded *same[POSTGRESQL_GROUP_MAX * POSTGRESQL_RECORD_STATEMENTS_MAX];
    struct progress progress = {.count = 0};
    int status = 0, late_count = 0;
    for (struct db_task *task = group; task; task = task->next) {
        progress.records[progress.count] = (struct postgresql_record *)task;
        late_count = gather_late(progress.records[progress.count++], late, late_count);
    }
    for (int i = 0; i < progress.count && !status; i++) {
        const struct postgresql_record *record = progress.records[i];
        while (progress.next[i] < record->count && !status) {
            int count = gather_same(&progress, i, same);
            bool merges = postgresql_merges(same[0]->sql);
            status = merges ? queue_same(tx, same, count, POSTGRESQL_EXPECT_CHANGE, error)
                            : queue_each(tx, same, count, error);
        }
    }
    return status ? status : queue_orders(tx, late, late_count, error);
}

/* A connection that the server has not ended: what is lost with the commit on its way is neither
 * known to be kept nor known to be not. */
static int take_connection(struct postgresql_db *store, struct error *error,
                           struct postgresql_connection **ret_connection) {
    for (int fresh = 0;; fresh++) {
        struct postgresql_connection *connection;
        int status = postgresql_pool_take(store, &store->writers, error, &connection);
        if (status)
            return status;
        if (fresh == POSTGRESQL_FRESH_MAX || !postgresql_connection_ended(connection)) {
            *ret_connection = connection;
            return 0;
        }
        connection->lost = true;
        postgresql_pool_return(store, &store->writers, connection);
    }
}

int postgresql_record_leave(struct postgresql_tx *tx, struct error *error) {
    struct postgresql_db *store = (struct postgresql_db *)tx->base.db;
    struct postgresql_record *record = tx->record;
    tx->record = NULL;
    int status = postgresql_pool_take(store, &store->writers, error, &tx->connection);
    if (status)
        return status;
    tx->connection->changed = false;
    status = queue_record(tx, record, error);
    tx->unheard = record->count > 0;
    if (status)
        tx->again = POSTGRESQL_AGAIN_ALONE;
    return status;
}

/* One transaction for the group. *ret_refused: nothing of it was kept. */
static int write_group(struct postgresql_db *store, struct db_task *group, struct error *error,
                       bool *ret_refused) {
    struct postgresql_connection *connection;
    int status = take_connection(store, error, &connection);
    *ret_refused = status != 0;
    if (status)
        return status;
    struct postgresql_tx tx = {.base = {.db = &store->base, .writes = true},
                               .connection = connection};
    connection->changed = false;
    status = queue_group(&tx, group, error);
    bool sent = !status;
    if (sent)
        status = postgresql_commit(&tx, error);
    if (status)
        postgresql_end_unheard(&tx, "rollback");
    else if (connection->changed)
        db_write_ended(&store->base, ERROR_NONE, error);
    postgresql_pool_return(store, &store->writers, connection);
    *ret_refused = !sent || tx.refused;
    return status;
}

static void *write_groups(void *context) {
    struct postgresql_db *store = context;
    struct db_task *group;
    while (db_queue_take(&store->groups.queue, &group)) {
        struct error error = {.code = ERROR_NONE};
        bool refused;
        int status = write_group(store, group, &error, &refused);
        for (struct db_task *task = group; task; task = task->next) {
            struct postgresql_record *record = (struct postgresql_record *)task;
            record->refused = refused;
            record->status = status;
            record->error = error;
        }
        db_queue_end(&store->groups.queue, group->round);
    }
    return NULL;
}

/* ---- the writer ---- */

void postgresql_groups_init(struct postgresql_groups *groups) {
    db_queue_init(&groups->queue, POSTGRESQL_GROUP_MAX);
    pthread_mutex_init(&groups->lock, NULL);
}

void postgresql_groups_done(struct postgresql_groups *groups) {
    db_queue_close(&groups->queue);
    if (groups->started)
        pthread_join(groups->writer, NULL);
    pthread_mutex_destroy(&groups->lock);
    db_queue_done(&groups->queue);
}

/* Starts it with the first write. False: there is none. */
static bool have_writer(struct postgresql_db *store) {
    struct postgresql_groups *groups = &store->groups;
    pthread_mutex_lock(&groups->lock);
    if (!groups->started) {
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        groups->started = pthread_create(&groups->writer, NULL, write_groups, store) == 0;
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    bool started = groups->started;
    pthread_mutex_unlock(&groups->lock);
    return started;
}

/* ---- a write ---- */

int postgresql_record_write(struct postgresql_db *store, struct postgresql_record *record,
                            struct error *error) {
    record->refused = !have_writer(store);
    if (record->refused)
        return ERROR_BUSY;
    int status = db_queue_run(&store->groups.queue, &record->task, error);
    if (status || !record->status)
        return status;
    return error_set(error, record->error.code, "%s", record->error.text);
}

void postgresql_record_done(struct postgresql_record *record) {
    for (int i = 0; i < record->count; i++)
        free(record->statements[i].values);
    for (int i = 0; i < record->late_count; i++)
        free(record->late[i].values);
}

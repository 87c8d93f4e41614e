/* SQLite: opening and closing the store, and the pool of readers. Statements are in
 * driver_sqlite_statement.c, the writer in driver_sqlite_write.c, backup and restore in
 * driver_sqlite_copy.c.
 *
 * The file is in write-ahead mode: readers see the last commit and never wait for the writer. Other
 * processes may write to the same file; SQLite's locks keep them apart. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "db/driver_sqlite.h"

static bool accepts(const char *url) {
    return !strstr(url, "://");
}

/* Without its statistics SQLite takes no global lock for every allocation. */
static void configure_once(void) {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_initialize();
}

/* Makes the file so that only its owner may read it; SQLite's other files follow its mode. An
 * existing file is not opened here: closing it again would drop this process's locks on it. */
static int find_or_make(const struct db_options *options, struct error *error) {
    struct stat status;
    if (stat(options->url, &status) == 0)
        return S_ISREG(status.st_mode)
                   ? 0
                   : error_set(error, ERROR_INVALID, "%s is not a regular file", options->url);
    if (errno != ENOENT || !options->create) {
        if (errno == ENOENT || errno == ENOTDIR)
            return error_set(error, ERROR_NOT_FOUND,
                             "the store %s is missing: run koppel init first, or restore a backup",
                             options->url);
        return file_error(error, errno, "find the store", options->url);
    }
    int descriptor = open(options->url, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return file_error(error, errno, "make the store", options->url);
    close(descriptor);
    return file_sync_folder(options->url, error);
}

static void pool_init(struct sqlite_pool *pool, int reader_count) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->returned, &attributes);
    pthread_condattr_destroy(&attributes);
    pool->reader_count = reader_count ? reader_count : DB_READERS_DEFAULT;
}

static void pool_done(struct sqlite_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    while (pool->idle_count < pool->open_count)
        pthread_cond_wait(&pool->returned, &pool->lock);
    for (int i = 0; i < pool->idle_count; i++)
        sqlite_connection_close(pool->idle[i]);
    pthread_mutex_unlock(&pool->lock);
    pthread_cond_destroy(&pool->returned);
    pthread_mutex_destroy(&pool->lock);
}

static int open_store(const struct db_options *options, struct error *error, struct db **ret_db) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure_once);
    /* SQLite gives names such as ":memory:" a meaning of their own. */
    if (options->url[0] == '\0' || options->url[0] == ':')
        return error_set(error, ERROR_INVALID, "'%s' is no path of a store", options->url);
    int status = find_or_make(options, error);
    if (status)
        return status;
    struct sqlite_db *store = calloc(1, sizeof *store);
    char *path = strdup(options->url);
    if (!store || !path) {
        free(store);
        free(path);
        return error_set(error, ERROR_NO_MEMORY, "no memory to open the store");
    }
    store->path = path;
    pool_init(&store->pool, options->reader_count);
    status = sqlite_writer_start(store, error);
    if (status) {
        pool_done(&store->pool);
        free(store->path);
        free(store);
        return status;
    }
    *ret_db = &store->base;
    return 0;
}

static void close_store(struct db *db) {
    struct sqlite_db *store = (struct sqlite_db *)db;
    /* The writer last: SQLite folds the log into the file when its last connection closes. */
    pool_done(&store->pool);
    sqlite_writer_stop(store);
    free(store->path);
    free(store);
}

/* ---- readers ---- */

static struct timespec wait_limit(void) {
    struct timespec limit;
    clock_gettime(CLOCK_MONOTONIC, &limit);
    limit.tv_sec += DB_READER_WAIT_MS / 1000;
    return limit;
}

/* Takes an idle reader, opens one more, or waits for one. */
static int pool_take(struct sqlite_db *store, struct error *error,
                     struct sqlite_connection **ret_connection) {
    struct sqlite_pool *pool = &store->pool;
    struct sqlite_connection *connection = NULL;
    struct timespec limit = wait_limit();
    bool late = false;
    pthread_mutex_lock(&pool->lock);
    while (pool->idle_count == 0 && pool->open_count == pool->reader_count && !late)
        late = pthread_cond_timedwait(&pool->returned, &pool->lock, &limit) == ETIMEDOUT;
    if (pool->idle_count > 0)
        connection = pool->idle[--pool->idle_count];
    bool open = !connection && pool->open_count < pool->reader_count;
    if (open)
        pool->open_count++;
    pthread_mutex_unlock(&pool->lock);
    if (!connection && !open)
        return error_set(error, ERROR_BUSY, "all %d readers of the store are in use: try again",
                         pool->reader_count);
    int status = open ? sqlite_connection_open(store->path, false, error, &connection) : 0;
    if (status) {
        pthread_mutex_lock(&pool->lock);
        pool->open_count--;
        pthread_cond_broadcast(&pool->returned);
        pthread_mutex_unlock(&pool->lock);
        return status;
    }
    *ret_connection = connection;
    return 0;
}

static void pool_return(struct sqlite_pool *pool, struct sqlite_connection *connection) {
    pthread_mutex_lock(&pool->lock);
    pool->idle[pool->idle_count++] = connection;
    pthread_cond_signal(&pool->returned);
    pthread_mutex_unlock(&pool->lock);
}

static int read_store(struct db *db, const struct db_scope *scope, db_body body, void *context,
                      struct error *error) {
    struct sqlite_db *store = (struct sqlite_db *)db;
    struct sqlite_connection *connection = NULL;
    int status = pool_take(store, error, &connection);
    if (status)
        return status;
    struct sqlite_tx tx = {.base = {.db = db, .scope = *scope}, .connection = connection};
    int code = sqlite_step_once(connection->begin);
    if (code == SQLITE_OK)
        status = db_body_run(&tx.base, body, context, error);
    else
        status = sqlite_error(connection->handle, code, "begin a read", error);
    if (!sqlite3_get_autocommit(connection->handle))
        sqlite_step_once(connection->rollback);
    pool_return(&store->pool, connection);
    return status;
}

/* ---- columns ---- */

static sqlite3_stmt *handle_of(struct db_rows *rows) {
    return ((struct sqlite_statement *)rows)->handle;
}

/* The bytes of a column; NULL for NULL. No memory for them spoils the transaction: an answer with
 * a hole must not be taken for one without. */
static const void *column_bytes(struct db_rows *rows, int column, bool text, size_t *ret_length) {
    sqlite3_stmt *handle = handle_of(rows);
    bool null = sqlite3_column_type(handle, column) == SQLITE_NULL;
    const void *bytes = null ? NULL
                      : text ? (const void *)sqlite3_column_text(handle, column)
                             : sqlite3_column_blob(handle, column);
    size_t length = bytes ? (size_t)sqlite3_column_bytes(handle, column) : 0;
    if (!null && !bytes && sqlite3_errcode(sqlite3_db_handle(handle)) == SQLITE_NOMEM)
        db_spoil(rows->tx, ERROR_NO_MEMORY, NULL);
    if (ret_length)
        *ret_length = length;
    return !null && !bytes ? "" : bytes;
}

static const char *column_text(struct db_rows *rows, int column, size_t *ret_length) {
    return column_bytes(rows, column, true, ret_length);
}

static const void *column_blob(struct db_rows *rows, int column, size_t *ret_length) {
    return column_bytes(rows, column, false, ret_length);
}

static int64_t column_integer(struct db_rows *rows, int column) {
    return sqlite3_column_int64(handle_of(rows), column);
}

static bool column_null(struct db_rows *rows, int column) {
    return sqlite3_column_type(handle_of(rows), column) == SQLITE_NULL;
}

/* ---- for migrations ---- */

static int script(struct db_tx *tx, const char *sql, struct error *error) {
    sqlite3 *handle = ((struct sqlite_tx *)tx)->connection->handle;
    int code = sqlite3_exec(handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : sqlite_error(handle, code, "run a script", error);
}

static int table_exists(struct db_tx *tx, const char *name, struct error *error,
                        bool *ret_exists) {
    struct db_rows *rows;
    int status = db_query(tx, error, &rows,
                          "select 1 from sqlite_master where type = 'table' and name = $1",
                          db_text(name));
    if (status)
        return status;
    status = db_next(rows, error);
    db_rows_close(rows);
    if (status < 0)
        return status;
    *ret_exists = status == 1;
    return 0;
}

const struct db_driver db_driver_sqlite = {
    .accepts = accepts,
    .open = open_store,
    .close = close_store,
    .read = read_store,
    .write = sqlite_write,
    .probe = sqlite_probe,
    .changed = sqlite_changed,
    .backup = sqlite_backup,
    .restore = sqlite_restore,
    .run = sqlite_run,
    .query = sqlite_query,
    .next = sqlite_next,
    .rows_close = sqlite_rows_close,
    .rows_close_all = sqlite_rows_close_all,
    .column_text = column_text,
    .column_blob = column_blob,
    .column_integer = column_integer,
    .column_null = column_null,
    .script = script,
    .table_exists = table_exists,
    .skip_locked = "",
};

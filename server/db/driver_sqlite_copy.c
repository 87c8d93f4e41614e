/* SQLite: backup of a store that serves, and restore of one that nobody serves.
 *
 * A backup is one consistent snapshot, made under another name and given its own when it is whole
 * and on the disk. A restore checks the backup, copies it beside the store, makes sure that no
 * program has the store open, and renames the copy over it: at every moment there is one whole
 * store under the name. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "db/copy.h"
#include "db/driver_sqlite.h"

enum { COPY_TRIES = 100, COPY_PAUSE_MS = 50, SHARED_LOCK_START = 0x40000000, LOCK_BYTES = 512 };

static int open_file(const char *path, int flags, struct error *error, sqlite3 **ret_handle) {
    sqlite3 *handle = NULL;
    int code = sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK) {
        int status = sqlite_error(handle, code, "open a copy of the store", error);
        sqlite3_close(handle);
        return status;
    }
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, SQLITE_BUSY_WAIT_MS);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    *ret_handle = handle;
    return 0;
}

/* Runs a statement and copies the text of its first column, "" when there is none. */
static int ask(sqlite3 *handle, const char *sql, size_t size, struct error *error,
               char *ret_answer) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW || code == SQLITE_DONE) {
        const unsigned char *text = code == SQLITE_ROW ? sqlite3_column_text(statement, 0) : NULL;
        snprintf(ret_answer, size, "%s", text ? (const char *)text : "");
    }
    sqlite3_finalize(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE
               ? 0
               : sqlite_error(handle, code, "examine the store", error);
}

/* Copies all pages in one step: one snapshot, whatever is written meanwhile. */
static int copy_pages(sqlite3 *from, sqlite3 *to, struct error *error) {
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup)
        return sqlite_error(to, sqlite3_errcode(to), "copy the store", error);
    int code = SQLITE_BUSY;
    for (int i = 0; i < COPY_TRIES && (code == SQLITE_BUSY || code == SQLITE_LOCKED); i++) {
        code = sqlite3_backup_step(backup, -1) & 0xff;
        if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
            sqlite3_sleep(COPY_PAUSE_MS);
    }
    int finished = sqlite3_backup_finish(backup);
    if (code == SQLITE_DONE && finished == SQLITE_OK)
        return 0;
    return sqlite_error(to, code == SQLITE_DONE ? finished : code, "copy the store", error);
}

/* Copies a store into a file of its own: whole, flushed, without a write-ahead log beside it. */
static int copy_store(const char *from_path, const char *to_path, struct error *error) {
    sqlite3 *from = NULL, *to = NULL;
    char mode[16];
    int status = open_file(from_path, SQLITE_OPEN_READWRITE, error, &from);
    if (!status)
        status = open_file(to_path, SQLITE_OPEN_READWRITE, error, &to);
    if (!status)
        status = copy_pages(from, to, error);
    if (!status)
        status = ask(to, "pragma journal_mode = delete", sizeof mode, error, mode);
    if (!status && strcmp(mode, "delete") != 0)
        status = error_set(error, ERROR_IO, "cannot close the log of the copy %s", to_path);
    sqlite3_close(to);
    sqlite3_close(from);
    return status ? status : copy_flush(to_path, error);
}

/* ---- backup ---- */

int sqlite_backup(struct db *db, const char *path, struct error *error) {
    struct sqlite_db *store = (struct sqlite_db *)db;
    char beside[PATH_MAX];
    int status = copy_vacant(path, error);
    if (!status)
        status = copy_make_beside(path, error, beside);
    if (status)
        return status;
    status = copy_store(store->path, beside, error);
    if (!status)
        return copy_name(beside, path, error);
    unlink(beside);
    return status;
}

/* ---- restore ---- */

/* Is it a whole store that this kind of program made? */
static int check_backup(const char *path, struct error *error) {
    sqlite3 *handle = NULL;
    char answer[256];
    int status = open_file(path, SQLITE_OPEN_READONLY, error, &handle);
    if (!status)
        status = ask(handle, "pragma trusted_schema = off", sizeof answer, error, answer);
    if (!status) {
        status = ask(handle, "pragma integrity_check(1)", sizeof answer, error, answer);
        int code = sqlite3_errcode(handle) & 0xff;
        if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT) {
            error_clear(error);
            status = error_set(error, ERROR_INVALID,
                               "%s is no whole backup of an SQLite store: name another", path);
        }
    }
    if (!status && strcmp(answer, "ok") != 0)
        status = error_set(error, ERROR_INVALID, "the backup %s is damaged: %s", path, answer);
    if (!status)
        status = ask(handle, "select name from sqlite_master where type = 'table' and "
                             "name = 'schema_migration'", sizeof answer, error, answer);
    if (!status && !answer[0])
        status = error_set(error, ERROR_INVALID, "%s is no backup of a store", path);
    if (!status)
        status = ask(handle, "select max(number) from schema_migration", sizeof answer, error,
                     answer);
    if (!status && !answer[0])
        status = error_set(error, ERROR_INVALID, "the backup %s holds no migration", path);
    sqlite3_close(handle);
    return status;
}

/* A store that is too damaged for SQLite to lock: asks the system whether another program holds
 * SQLite's lock on it. */
static int check_damaged_unused(const char *path, struct error *error) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SHARED_LOCK_START,
                         .l_len = LOCK_BYTES};
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0)
        return file_error(error, errno, "open", path);
    int status = 0;
    if (fcntl(descriptor, F_GETLK, &lock) != 0)
        status = file_error(error, errno, "examine the locks of", path);
    else if (lock.l_type != F_UNLCK)
        status = error_set(error, ERROR_BUSY, "%s is in use: stop the program that serves it",
                           path);
    close(descriptor);
    return status;
}

/* Takes the store for this program alone: leaving the write-ahead mode works only when no other
 * connection is open, and a transaction then holds the lock until the handle is closed. */
static int take_store(const char *path, struct error *error, sqlite3 **ret_handle) {
    sqlite3 *handle = NULL;
    char mode[16];
    struct error own = {.code = ERROR_NONE};
    int status = open_file(path, SQLITE_OPEN_READWRITE, error, &handle);
    if (status)
        return status;
    sqlite3_busy_timeout(handle, 0);
    status = ask(handle, "pragma journal_mode = delete", sizeof mode, &own, mode);
    if (!status && strcmp(mode, "delete") != 0)
        status = error_set(&own, ERROR_BUSY, "the log is in use");
    if (!status)
        status = ask(handle, "begin exclusive", sizeof mode, &own, mode);
    if (!status) {
        *ret_handle = handle;
        return 0;
    }
    int code = sqlite3_errcode(handle);
    sqlite3_close(handle);
    if (status == ERROR_BUSY)
        return error_set(error, ERROR_BUSY, "%s is in use: stop the program that serves it", path);
    if (code != SQLITE_NOTADB && code != SQLITE_CORRUPT)
        return error_set(error, own.code, "%s", own.text);
    *ret_handle = NULL;
    return check_damaged_unused(path, error);
}

/* What belongs to the old file must not be applied to the new one. */
static int remove_log(const char *path, struct error *error) {
    static const char *const ends[] = {"-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char name[PATH_MAX];
        int needed = snprintf(name, sizeof name, "%s%s", path, ends[i]);
        if (needed < 0 || needed >= PATH_MAX)
            return error_set(error, ERROR_TOO_LARGE, "the path %.100s… is too long", path);
        if (unlink(name) != 0 && errno != ENOENT)
            return file_error(error, errno, "remove", name);
    }
    return file_sync_folder(path, error);
}

static int replace_store(const char *copy, const char *path, bool exists, struct error *error) {
    sqlite3 *held = NULL;
    int status = exists ? take_store(path, error, &held) : 0;
    if (!status)
        status = remove_log(path, error);
    if (!status && rename(copy, path) != 0)
        status = file_error(error, errno, "replace", path);
    sqlite3_close(held);
    return status ? status : file_sync_folder(path, error);
}

int sqlite_restore(const struct db_options *options, const char *path, struct error *error) {
    struct stat backup, store;
    char beside[PATH_MAX];
    if (stat(path, &backup) != 0)
        return file_error(error, errno, "open the backup", path);
    if (!S_ISREG(backup.st_mode))
        return error_set(error, ERROR_INVALID, "%s is not a regular file", path);
    bool exists = stat(options->url, &store) == 0;
    if (exists && store.st_dev == backup.st_dev && store.st_ino == backup.st_ino)
        return error_set(error, ERROR_INVALID, "%s is the store itself: give a backup", path);
    int status = check_backup(path, error);
    if (!status)
        status = copy_make_beside(options->url, error, beside);
    if (status)
        return status;
    status = copy_store(path, beside, error);
    if (!status)
        status = replace_store(beside, options->url, exists, error);
    if (status)
        unlink(beside);
    return status;
}

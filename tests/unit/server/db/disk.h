/* A disk for tests that fills up, fails and loses power. It stands between SQLite and the real file
 * system: it counts flushes, refuses what a test asks it to, and keeps of every file the bytes that
 * the last flush covered, which is what a power cut would leave. */
#ifndef KOPPEL_TESTS_UNIT_SERVER_DB_DISK_H
#define KOPPEL_TESTS_UNIT_SERVER_DB_DISK_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DISK_FILES_MAX = 8 };

struct disk_flushed {
    char path[256];
    char *bytes;
    sqlite3_int64 length;
};

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    atomic_int write_code;      /* 0, or what writes to the log answer … */
    atomic_int writes_spared;   /* … after so many went well */
    atomic_int flush_code;      /* 0, or what flushes answer */
    atomic_int flushes_begun, flushes_ended;
    atomic_int flush_pause_us;
    atomic_bool keep_flushed;
    pthread_mutex_t lock; /* of `flushed` */
    struct disk_flushed flushed[DISK_FILES_MAX];
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct disk_file {
    sqlite3_file base;
    bool log;
    const char *path;
    sqlite3_file *real; /* behind this struct */
};

static inline sqlite3_file *disk_real(sqlite3_file *file) {
    return ((struct disk_file *)file)->real;
}

static int disk_close(sqlite3_file *file) {
    return disk_real(file)->pMethods->xClose(disk_real(file));
}

static int disk_read(sqlite3_file *file, void *bytes, int length, sqlite3_int64 offset) {
    return disk_real(file)->pMethods->xRead(disk_real(file), bytes, length, offset);
}

static int disk_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 offset) {
    int code = atomic_load(&disk.write_code);
    if (code && ((struct disk_file *)file)->log && atomic_fetch_sub(&disk.writes_spared, 1) <= 0)
        return code;
    return disk_real(file)->pMethods->xWrite(disk_real(file), bytes, length, offset);
}

static int disk_truncate(sqlite3_file *file, sqlite3_int64 length) {
    return disk_real(file)->pMethods->xTruncate(disk_real(file), length);
}

/* Keeps what a flush has covered. */
static void disk_keep(struct disk_file *file) {
    sqlite3_int64 length = 0;
    file->real->pMethods->xFileSize(file->real, &length);
    char *bytes = calloc(1, (size_t)length + 1);
    file->real->pMethods->xRead(file->real, bytes, (int)length, 0);
    pthread_mutex_lock(&disk.lock);
    struct disk_flushed *place = disk.flushed;
    while (place->bytes && strcmp(place->path, file->path) != 0)
        place++;
    snprintf(place->path, sizeof place->path, "%s", file->path);
    free(place->bytes);
    place->bytes = bytes;
    place->length = length;
    pthread_mutex_unlock(&disk.lock);
}

static int disk_sync(sqlite3_file *file, int flags) {
    atomic_fetch_add(&disk.flushes_begun, 1);
    if (atomic_load(&disk.flush_pause_us))
        usleep((useconds_t)atomic_load(&disk.flush_pause_us));
    int code = atomic_load(&disk.flush_code);
    if (!code)
        code = disk_real(file)->pMethods->xSync(disk_real(file), flags);
    if (!code && atomic_load(&disk.keep_flushed))
        disk_keep((struct disk_file *)file);
    atomic_fetch_add(&disk.flushes_ended, 1);
    return code;
}

static int disk_size(sqlite3_file *file, sqlite3_int64 *ret_length) {
    return disk_real(file)->pMethods->xFileSize(disk_real(file), ret_length);
}

static int disk_lock(sqlite3_file *file, int level) {
    return disk_real(file)->pMethods->xLock(disk_real(file), level);
}

static int disk_unlock(sqlite3_file *file, int level) {
    return disk_real(file)->pMethods->xUnlock(disk_real(file), level);
}

static int disk_check_lock(sqlite3_file *file, int *ret_locked) {
    return disk_real(file)->pMethods->xCheckReservedLock(disk_real(file), ret_locked);
}

static int disk_control(sqlite3_file *file, int operation, void *argument) {
    return disk_real(file)->pMethods->xFileControl(disk_real(file), operation, argument);
}

static int disk_sector(sqlite3_file *file) {
    return disk_real(file)->pMethods->xSectorSize(disk_real(file));
}

static int disk_traits(sqlite3_file *file) {
    return disk_real(file)->pMethods->xDeviceCharacteristics(disk_real(file));
}

static int disk_shm_map(sqlite3_file *file, int page, int size, int extend,
                        void volatile **ret_memory) {
    return disk_real(file)->pMethods->xShmMap(disk_real(file), page, size, extend, ret_memory);
}

static int disk_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    return disk_real(file)->pMethods->xShmLock(disk_real(file), offset, count, flags);
}

static void disk_shm_barrier(sqlite3_file *file) {
    disk_real(file)->pMethods->xShmBarrier(disk_real(file));
}

static int disk_shm_unmap(sqlite3_file *file, int delete) {
    return disk_real(file)->pMethods->xShmUnmap(disk_real(file), delete);
}

static const sqlite3_io_methods disk_methods = {
    .iVersion = 2,
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_check_lock,
    .xFileControl = disk_control,
    .xSectorSize = disk_sector,
    .xDeviceCharacteristics = disk_traits,
    .xShmMap = disk_shm_map,
    .xShmLock = disk_shm_lock,
    .xShmBarrier = disk_shm_barrier,
    .xShmUnmap = disk_shm_unmap,
};

static int disk_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags,
                     int *ret_flags) {
    struct disk_file *file = (struct disk_file *)base;
    (void)vfs;
    file->real = (sqlite3_file *)(file + 1);
    file->log = (flags & SQLITE_OPEN_WAL) != 0;
    file->path = path; /* SQLite keeps it until the file is closed */
    int code = disk.real->xOpen(disk.real, path, file->real, flags, ret_flags);
    file->base.pMethods = file->real->pMethods ? &disk_methods : NULL;
    return code;
}

/* A deleted file is gone for good: SQLite flushes the folder when that matters. */
static int disk_delete(sqlite3_vfs *vfs, const char *path, int flush_folder) {
    (void)vfs;
    pthread_mutex_lock(&disk.lock);
    for (struct disk_flushed *at = disk.flushed; at < disk.flushed + DISK_FILES_MAX; at++)
        if (at->bytes && strcmp(at->path, path) == 0)
            at->path[0] = '\0';
    pthread_mutex_unlock(&disk.lock);
    return disk.real->xDelete(disk.real, path, flush_folder);
}

/* From now on SQLite uses this disk. */
static inline void disk_install(void) {
    disk.real = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.real;
    disk.vfs.zName = "disk";
    disk.vfs.szOsFile = (int)sizeof(struct disk_file) + disk.real->szOsFile;
    disk.vfs.xOpen = disk_open;
    disk.vfs.xDelete = disk_delete;
    sqlite3_vfs_register(&disk.vfs, 1);
}

/* From now on writes to the log answer `code` after `spared` more went well; 0 repairs. */
static inline void disk_refuse_writes(int code, int spared) {
    atomic_store(&disk.writes_spared, spared);
    atomic_store(&disk.write_code, code);
}

/* Writes what a power cut would leave, with `from` in the paths replaced by `to`. */
static inline void disk_cut_power(const char *from, const char *to) {
    pthread_mutex_lock(&disk.lock);
    for (struct disk_flushed *at = disk.flushed; at < disk.flushed + DISK_FILES_MAX; at++) {
        char path[512];
        if (!at->bytes || strncmp(at->path, from, strlen(from)) != 0)
            continue;
        snprintf(path, sizeof path, "%s%s", to, at->path + strlen(from));
        FILE *file = fopen(path, "w");
        fwrite(at->bytes, 1, (size_t)at->length, file);
        fclose(file);
    }
    pthread_mutex_unlock(&disk.lock);
}

static inline void disk_forget(void) {
    for (struct disk_flushed *at = disk.flushed; at < disk.flushed + DISK_FILES_MAX; at++) {
        free(at->bytes);
        *at = (struct disk_flushed){.bytes = NULL};
    }
}

#endif

/* A disk that is full or fails, for the files below KOPPEL_FAULT_FOLDER. Preloaded; a test arms it
 * through control.h. Growth beyond the room that is left is written in part and then refused, as a
 * file system does it; overwriting what is there always fits. */
#include <dlfcn.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "tests/faults/control.h"

enum {
    LIMITED,        /* 1: only ROOM more bytes fit */
    ROOM,           /* bytes */
    WRITE_FAILS_AT, /* the nth write from now answers EIO; 0: none */
    SYNC_FAILS_AT,  /* the nth flush from now answers EIO; 0: none */
    LASTING,        /* 1: and so do all after it, until the test says 0 */
    FAILING_WRITES, /* the shim's own: a lasting failure has begun */
    FAILING_SYNCS,
    FIRED           /* how many calls were refused */
};

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);

__attribute__((constructor)) static void set_up(void) {
    real_pwrite = (ssize_t (*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite64");
    real_write = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    control_open();
}

static bool fails(int countdown, int failing) {
    bool due = control_count_down(countdown);
    if (atomic_load(&control[LASTING])) {
        if (due) atomic_store(&control[failing], 1);
        due = atomic_load(&control[failing]) != 0;
    }
    if (due) atomic_fetch_add(&control[FIRED], 1);
    return due;
}

/* How much of a write fits; the room is taken with it. */
static size_t take_room(int descriptor, size_t length, off_t offset) {
    struct stat status;
    if (!atomic_load(&control[LIMITED]) || fstat(descriptor, &status) != 0) return length;
    off_t end = offset + (off_t)length;
    int64_t growth = end > status.st_size ? end - status.st_size : 0;
    if (growth > (int64_t)length) growth = (int64_t)length;
    int64_t room = atomic_load(&control[ROOM]);
    int64_t taken;
    do taken = growth < room ? growth : room;
    while (!atomic_compare_exchange_weak(&control[ROOM], &room, room - taken));
    if (taken < growth) atomic_fetch_add(&control[FIRED], 1);
    return length - (size_t)(growth - taken);
}

static bool armed(int descriptor) {
    return (atomic_load(&control[LIMITED]) || atomic_load(&control[WRITE_FAILS_AT]) ||
            atomic_load(&control[FAILING_WRITES])) &&
           control_below_folder(descriptor);
}

static ssize_t write_at(int descriptor, const void *bytes, size_t length, off_t offset) {
    if (!armed(descriptor)) return real_pwrite(descriptor, bytes, length, offset);
    if (fails(WRITE_FAILS_AT, FAILING_WRITES)) {
        errno = EIO;
        return -1;
    }
    size_t fits = take_room(descriptor, length, offset);
    if (fits == 0 && length > 0) {
        errno = ENOSPC;
        return -1;
    }
    return real_pwrite(descriptor, bytes, fits, offset);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t offset) {
    return write_at(descriptor, bytes, length, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off_t offset) {
    return write_at(descriptor, bytes, length, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t length) {
    if (!armed(descriptor)) return real_write(descriptor, bytes, length);
    off_t offset = lseek(descriptor, 0, SEEK_CUR);
    ssize_t written = write_at(descriptor, bytes, length, offset);
    if (written > 0) lseek(descriptor, written, SEEK_CUR);
    return written;
}

static int flush(int descriptor, int (*real)(int)) {
    bool watched = atomic_load(&control[SYNC_FAILS_AT]) || atomic_load(&control[FAILING_SYNCS]);
    if (watched && control_below_folder(descriptor) && fails(SYNC_FAILS_AT, FAILING_SYNCS)) {
        errno = EIO;
        return -1;
    }
    return real(descriptor);
}

int fsync(int descriptor) { return flush(descriptor, real_fsync); }

int fdatasync(int descriptor) { return flush(descriptor, real_fdatasync); }

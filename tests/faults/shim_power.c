/* A disk that loses power. Preloaded, it keeps beside the folder KOPPEL_FAULT_FOLDER what a power
 * cut would leave of it, in the folder KOPPEL_FAULT_DURABLE: of each file the bytes that its last
 * flush covered, under the file's inode number, and of each folder the names that its last flush
 * covered, under the inode number with ".names", a line "INODE KIND NAME" each. What stood there
 * when the program began counts as flushed. A flush returns when its copy is there; the test puts
 * the folder together again after the cut (power.mjs).
 *
 * A copy goes over the older one in place, so that the program killed amid a flush leaves a
 * mixture of both, as a disk does. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sys/stat.h>

#include "tests/faults/control.h"

enum { COPY_BYTES = 256 * 1024, DEPTH_MAX = 8 };

static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char copied[COPY_BYTES];

static void stop(const char *why) {
    /* A shim that cannot keep its promise must not let a test pass. */
    perror(why);
    abort();
}

static int open_copy(ino_t inode, const char *end) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%llu%s", getenv("KOPPEL_FAULT_DURABLE"),
             (unsigned long long)inode, end);
    int copy = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (copy < 0) stop(path);
    return copy;
}

static void keep_file(int descriptor, const struct stat *status) {
    /* The descriptor may be for writing only. */
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    int source = open(link, O_RDONLY | O_CLOEXEC), copy = open_copy(status->st_ino, "");
    if (source < 0) stop(link);
    off_t offset = 0;
    ssize_t length;
    while ((length = pread(source, copied, sizeof copied, offset)) > 0) {
        if (pwrite(copy, copied, (size_t)length, offset) != length) stop("copy");
        offset += length;
    }
    if (length < 0 || ftruncate(copy, offset) != 0) stop("copy");
    close(source);
    close(copy);
}

static void keep_names(const char *path, const struct stat *status) {
    DIR *folder = opendir(path);
    int copy = open_copy(status->st_ino, ".names");
    if (!folder || ftruncate(copy, 0) != 0) stop(path);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char line[PATH_MAX];
        struct stat one;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (fstatat(dirfd(folder), entry->d_name, &one, AT_SYMLINK_NOFOLLOW) != 0) continue;
        int length = snprintf(line, sizeof line, "%llu %c %s\n", (unsigned long long)one.st_ino,
                              S_ISDIR(one.st_mode) ? 'd' : 'f', entry->d_name);
        if (write(copy, line, (size_t)length) != length) stop("names");
    }
    closedir(folder);
    close(copy);
}

/* All that is there already. */
static void keep_all(const char *path, int depth) {
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0 || fstat(descriptor, &status) != 0) stop(path);
    if (S_ISREG(status.st_mode)) keep_file(descriptor, &status);
    close(descriptor);
    if (!S_ISDIR(status.st_mode) || depth == DEPTH_MAX) return;
    keep_names(path, &status);
    DIR *folder = opendir(path);
    if (!folder) stop(path);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char below[PATH_MAX];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        keep_all(below, depth + 1);
    }
    closedir(folder);
}

__attribute__((constructor)) static void set_up(void) {
    const char *folder = getenv("KOPPEL_FAULT_FOLDER");
    real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    if (folder && getenv("KOPPEL_FAULT_DURABLE")) keep_all(folder, 0);
}

static int flush(int descriptor, int (*real)(int)) {
    struct stat status;
    int result = real(descriptor);
    if (result != 0 || !control_below_folder(descriptor) || fstat(descriptor, &status) != 0)
        return result;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    pthread_mutex_lock(&lock);
    if (S_ISREG(status.st_mode)) keep_file(descriptor, &status);
    if (S_ISDIR(status.st_mode)) keep_names(link, &status);
    pthread_mutex_unlock(&lock);
    return result;
}

int fsync(int descriptor) { return flush(descriptor, real_fsync); }

int fdatasync(int descriptor) { return flush(descriptor, real_fdatasync); }

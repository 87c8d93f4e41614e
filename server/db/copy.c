/* Files that copies of a store are written to. What is in them is the drivers' business. */
#include "db/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

int copy_make_beside(const char *path, struct error *error, char ret_path[PATH_MAX]) {
    char beside[PATH_MAX];
    int needed = snprintf(beside, sizeof beside, "%s.XXXXXX", path);
    if (needed < 0 || needed >= PATH_MAX)
        return error_set(error, ERROR_TOO_LARGE, "the path %.100s… is too long", path);
    int descriptor = mkostemp(beside, O_CLOEXEC);
    if (descriptor < 0)
        return file_error(error, errno, "make a file beside", path);
    close(descriptor);
    snprintf(ret_path, PATH_MAX, "%s", beside);
    return 0;
}

int copy_flush(const char *path, struct error *error) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return file_error(error, errno, "open", path);
    int status = fsync(descriptor) == 0 ? 0 : file_error(error, errno, "flush", path);
    close(descriptor);
    return status;
}

int copy_vacant(const char *path, struct error *error) {
    struct stat existing;
    return lstat(path, &existing) == 0
               ? error_set(error, ERROR_CONFLICT, "%s exists: give the backup a new name", path)
               : 0;
}

static int rename_or_link(const char *beside, const char *path, struct error *error) {
    if (renameat2(AT_FDCWD, beside, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return file_error(error, errno, "write the backup", path);
    /* A file system that cannot rename so can make a link, which refuses an existing name too. */
    if (link(beside, path) != 0)
        return file_error(error, errno, "write the backup", path);
    unlink(beside);
    return 0;
}

int copy_name(const char *beside, const char *path, struct error *error) {
    int status = rename_or_link(beside, path, error);
    if (status) {
        unlink(beside);
        return status;
    }
    return file_sync_folder(path, error);
}

enum { SEAL_BYTES = 32 };

static void seal_write(long length, char ret_seal[SEAL_BYTES + 1]) {
    snprintf(ret_seal, SEAL_BYTES + 1, "\nkoppel backup %016lx\n", (unsigned long)length);
}

int copy_seal(const char *path, struct error *error) {
    char seal[SEAL_BYTES + 1];
    FILE *file = fopen(path, "ab");
    bool written = false;
    if (file && fseek(file, 0, SEEK_END) == 0) {
        seal_write(ftell(file), seal);
        written = fwrite(seal, 1, SEAL_BYTES, file) == SEAL_BYTES && fflush(file) == 0;
    }
    int status = written ? 0 : file_error(error, errno, "write", path);
    if (file) fclose(file);
    return status;
}

int copy_check_seal(const char *path, struct error *error) {
    char seal[SEAL_BYTES + 1], found[SEAL_BYTES];
    FILE *file = fopen(path, "rb");
    if (!file) return file_error(error, errno, "open the backup", path);
    bool sealed = fseek(file, -SEAL_BYTES, SEEK_END) == 0;
    if (sealed) {
        seal_write(ftell(file), seal);
        sealed = fread(found, 1, SEAL_BYTES, file) == SEAL_BYTES &&
                 memcmp(found, seal, SEAL_BYTES) == 0;
    }
    fclose(file);
    return sealed ? 0 : error_set(error, ERROR_INVALID, "%s is no whole backup of a PostgreSQL "
                                  "store, or its end is missing", path);
}

/* Whole files. A write is never seen half: the bytes go to a new file beside the old one, reach the
 * disk, and take its name; the folder is flushed too, or a power cut could undo the name. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_error(struct error *error, int number, const char *deed, const char *path) {
    enum error_code code = ERROR_IO;
    if (number == ENOSPC || number == EDQUOT || number == EROFS)
        code = ERROR_FULL;
    else if (number == ENOENT || number == ENOTDIR)
        code = ERROR_NOT_FOUND;
    else if (number == EACCES || number == EPERM)
        code = ERROR_DENIED;
    else if (number == ENOMEM)
        code = ERROR_NO_MEMORY;
    else if (number == EEXIST)
        code = ERROR_CONFLICT;
    return error_set(error, code, "cannot %s %s: %s", deed, path, strerror(number));
}

/* Reads to the end of the file or to one byte above the limit, whatever comes first. */
static int read_all(int descriptor, const char *path, size_t limit_bytes, size_t expected,
                    struct error *error, char **ret_text, size_t *ret_length) {
    size_t capacity = (expected < limit_bytes ? expected : limit_bytes) + 1, length = 0;
    char *text = malloc(capacity + 1);
    while (text) {
        ssize_t got = read(descriptor, text + length, capacity - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            int number = errno;
            free(text);
            return file_error(error, number, "read", path);
        }
        if (got == 0)
            break;
        length += (size_t)got;
        if (length > limit_bytes) {
            free(text);
            return error_set(error, ERROR_TOO_LARGE, "%s is larger than %zu bytes", path,
                             limit_bytes);
        }
        if (length == capacity) {
            capacity = capacity > limit_bytes / 2 ? limit_bytes + 1 : capacity * 2;
            char *grown = realloc(text, capacity + 1);
            if (!grown)
                free(text);
            text = grown;
        }
    }
    if (!text)
        return error_set(error, ERROR_NO_MEMORY, "no memory to read %s", path);
    text[length] = '\0';
    *ret_text = text;
    *ret_length = length;
    return 0;
}

int file_read(const char *path, size_t limit_bytes, struct error *error, char **ret_text,
              size_t *ret_length) {
    /* Without O_NONBLOCK a named pipe would hold the caller for ever. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;
    if (descriptor < 0)
        return file_error(error, errno, "open", path);
    int result;
    if (fstat(descriptor, &status) != 0)
        result = file_error(error, errno, "examine", path);
    else if (!S_ISREG(status.st_mode))
        result = error_set(error, ERROR_INVALID, "%s is not a regular file", path);
    else if ((uint64_t)status.st_size > limit_bytes)
        result = error_set(error, ERROR_TOO_LARGE, "%s is larger than %zu bytes", path,
                           limit_bytes);
    else
        result = read_all(descriptor, path, limit_bytes, (size_t)status.st_size, error, ret_text,
                          ret_length);
    close(descriptor);
    return result;
}

int file_sync_folder(const char *path, struct error *error) {
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    if (length >= sizeof folder)
        return error_set(error, ERROR_TOO_LARGE, "the path %.100s… is too long", path);
    memcpy(folder, path, length);
    folder[length] = '\0';
    const char *name = length ? folder : slash ? "/" : ".";
    int descriptor = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return file_error(error, errno, "open the folder", name);
    int result = 0;
    /* Some file systems cannot flush a folder and say so with EINVAL: nothing more can be done. */
    if (fsync(descriptor) != 0 && errno != EINVAL)
        result = file_error(error, errno, "flush the folder", name);
    close(descriptor);
    return result;
}

static bool write_all(int descriptor, const void *bytes, size_t length) {
    const char *at = bytes;
    while (length > 0) {
        ssize_t put = write(descriptor, at, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        at += put;
        length -= (size_t)put;
    }
    return true;
}

int file_write(const char *path, const void *bytes, size_t length, unsigned mode,
               struct error *error) {
    char beside[PATH_MAX];
    int needed = snprintf(beside, sizeof beside, "%s.XXXXXX", path);
    if (needed < 0 || (size_t)needed >= sizeof beside)
        return error_set(error, ERROR_TOO_LARGE, "the path %.100s… is too long", path);
    int descriptor = mkostemp(beside, O_CLOEXEC);
    if (descriptor < 0)
        return file_error(error, errno, "write", path);
    bool written = write_all(descriptor, bytes, length) &&
                   fchmod(descriptor, (mode_t)mode) == 0 && fsync(descriptor) == 0;
    int number = errno;
    if (close(descriptor) != 0 && written) {
        written = false;
        number = errno;
    }
    if (written && rename(beside, path) != 0) {
        written = false;
        number = errno;
    }
    if (!written) {
        unlink(beside);
        return file_error(error, number, "write", path);
    }
    return file_sync_folder(path, error);
}

int file_path(const char *folder, const char *name, size_t size, struct error *error,
              char *ret_path) {
    size_t folder_length = strlen(folder), name_length = strlen(name);
    bool slash = folder_length > 0 && folder[folder_length - 1] != '/';
    if (folder_length + slash + name_length >= size)
        return error_set(error, ERROR_TOO_LARGE, "the path %.100s/%.100s is too long", folder,
                         name);
    memmove(ret_path, folder, folder_length);
    if (slash)
        ret_path[folder_length] = '/';
    memcpy(ret_path + folder_length + slash, name, name_length + 1);
    return 0;
}

int file_make_folder(const char *path, struct error *error) {
    char part[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof part)
        return error_set(error, ERROR_TOO_LARGE, "the path %.100s… is too long", path);
    memcpy(part, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        char kept = part[i];
        part[i] = '\0';
        struct stat status;
        int result = 0;
        if (mkdir(part, 0700) == 0) {
            result = file_sync_folder(part, error);
        } else {
            int number = errno;
            if (number != EEXIST || stat(part, &status) != 0 || !S_ISDIR(status.st_mode))
                result = file_error(error, number == EEXIST ? ENOTDIR : number,
                                    "make the folder", part);
        }
        if (result)
            return result;
        part[i] = kept;
    }
    return 0;
}

/* Reads and writes the key file. A file that is not whole and sound is refused by line: a value
 * encrypted under half a key could never be read again. */
#include "base/encryption_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"

enum { FILE_MAX_BYTES = 64 * 1024, KEY_DIGITS = 2 * ENCRYPTION_KEY_BYTES };

static int digit_of(char character) {
    if (character >= '0' && character <= '9') return character - '0';
    if (character >= 'a' && character <= 'f') return character - 'a' + 10;
    return -1;
}

static bool key_read(const char *text, size_t length, uint8_t ret_key[ENCRYPTION_KEY_BYTES]) {
    if (length != KEY_DIGITS) return false;
    for (size_t i = 0; i < ENCRYPTION_KEY_BYTES; i++) {
        int high = digit_of(text[2 * i]), low = digit_of(text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        ret_key[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool id_read(const char *text, size_t length, char ret_id[ENCRYPTION_KEY_ID_MAX]) {
    if (length != ENCRYPTION_KEY_ID_MAX - 1) return false;
    for (size_t i = 0; i < length; i++)
        if (digit_of(text[i]) < 0) return false;
    memcpy(ret_id, text, length);
    ret_id[length] = '\0';
    return true;
}

static bool key_line(const char *rest, size_t length, struct encryption_keys *keys) {
    struct encryption_key *key = &keys->items[keys->count];
    const char *blank = memchr(rest, ' ', length);
    if (!blank || keys->count == ENCRYPTION_KEYS_MAX) return false;
    size_t id_length = (size_t)(blank - rest);
    if (!id_read(rest, id_length, key->id) ||
        !key_read(blank + 1, length - id_length - 1, key->key))
        return false;
    for (int i = 0; i < keys->count; i++)
        if (strcmp(keys->items[i].id, key->id) == 0) return false;
    keys->count++;
    return true;
}

static bool line_read(const char *line, size_t length, struct encryption_keys *keys,
                      bool *indexed) {
    while (length && strchr(" \t\r", line[length - 1])) length--;
    if (!length || *line == '#') return true;
    if (length > 4 && memcmp(line, "key ", 4) == 0) return key_line(line + 4, length - 4, keys);
    if (length <= 6 || memcmp(line, "index ", 6) != 0 || *indexed) return false;
    *indexed = true;
    return key_read(line + 6, length - 6, keys->index_key);
}

static int lines_read(const char *path, const char *text, size_t length, struct error *error,
                      struct encryption_keys *keys) {
    bool indexed = false;
    int number = 1;
    for (size_t at = 0; at < length; number++) {
        const char *newline = memchr(text + at, '\n', length - at);
        size_t line_length = newline ? (size_t)(newline - (text + at)) : length - at;
        if (!line_read(text + at, line_length, keys, &indexed))
            return error_set(error, ERROR_INVALID,
                             "%.300s line %d is not as it was written: put back the whole file "
                             "from your copy",
                             path, number);
        at += line_length + 1;
    }
    if (keys->count && indexed) return 0;
    return error_set(error, ERROR_INVALID,
                     "%.300s does not hold an index and a key: put back the whole file from your "
                     "copy",
                     path);
}

int encryption_file_read(const char *path, struct error *error,
                         struct encryption_keys *ret_keys) {
    struct stat about;
    char *text = NULL;
    size_t length = 0;
    if (stat(path, &about) != 0) {
        if (errno != ENOENT) return file_error(error, errno, "read", path);
        return error_set(error, ERROR_NOT_FOUND,
                         "%.200s, the file of encryption keys, is missing: put it back from your "
                         "copy, or from another node; a store that has nothing encrypted yet gets "
                         "one by koppel encryption-key rotate",
                         path);
    }
    if (about.st_mode & 077)
        return error_set(error, ERROR_DENIED,
                         "%.200s holds keys and others may read it: run chmod 600 %.200s", path,
                         path);
    int status = file_read(path, FILE_MAX_BYTES, error, &text, &length);
    if (status) return status;
    struct encryption_keys keys = {.count = 0};
    status = lines_read(path, text, length, error, &keys);
    explicit_bzero(text, length);
    free(text);
    if (!status) *ret_keys = keys;
    explicit_bzero(&keys, sizeof keys);
    return status;
}

static void key_write(struct buffer *text, const uint8_t key[ENCRYPTION_KEY_BYTES]) {
    char digits[KEY_DIGITS + 1];
    hash_hex(key, ENCRYPTION_KEY_BYTES, digits);
    buffer_text(text, digits);
    buffer_char(text, '\n');
    explicit_bzero(digits, sizeof digits);
}

int encryption_file_write(const char *path, const struct encryption_keys *keys,
                          struct error *error) {
    struct buffer text;
    buffer_init(&text, FILE_MAX_BYTES);
    buffer_text(&text, "# Keys of what the store holds encrypted. Without this file that is lost:\n"
                       "# keep a copy, apart from copies of the store. Mode 0600.\nindex ");
    key_write(&text, keys->index_key);
    for (int i = 0; i < keys->count; i++) {
        buffer_format(&text, "key %s ", keys->items[i].id);
        key_write(&text, keys->items[i].key);
    }
    int status = text.failed ? error_set(error, buffer_failure(&text), "no memory to write %.300s",
                                         path)
                             : file_write(path, text.data, text.length, 0600, error);
    if (text.data) explicit_bzero(text.data, text.length);
    buffer_done(&text);
    return status;
}

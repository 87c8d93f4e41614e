/* The configuration file. Names stand in one table, used to read and to write. Paths below the data
 * folder are written relative to it, so that the folder can be moved as a whole. */
#include "base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/file.h"

enum { PEPPER_DIGITS_MIN = 32 };

static const struct setting {
    const char *name;
    size_t offset;
    bool path;     /* relative to the folder */
    bool required;
    const char *default_text;
} settings[] = {
    {"database", offsetof(struct config, database), true, true, NULL},
    {"listen", offsetof(struct config, listen), false, false, "127.0.0.1:8443"},
    {"public_url", offsetof(struct config, public_url), false, false, "https://localhost:8443"},
    {"certificate", offsetof(struct config, certificate), true, false, ""},
    {"private_key", offsetof(struct config, private_key), true, false, ""},
    {"signing_certificate", offsetof(struct config, signing_certificate), true, false,
     "signing_certificate.pem"},
    {"signing_private_key", offsetof(struct config, signing_private_key), true, false,
     "signing_private_key.pem"},
    {"encryption_keys", offsetof(struct config, encryption_keys), true, false, "encryption_keys"},
    {"smtp_user", offsetof(struct config, smtp_user), false, false, ""},
    {"smtp_password", offsetof(struct config, smtp_password), false, false, ""},
    {"key_pepper", offsetof(struct config, key_pepper), false, true, NULL},
};
enum { SETTINGS = sizeof settings / sizeof settings[0] };

static char *value_of(struct config *config, int index) {
    return (char *)config + settings[index].offset;
}

/* A relative path: not absolute and not a URL. */
static bool is_relative(const char *value) {
    return value[0] && value[0] != '/' && !strstr(value, "://");
}

static void trim(const char **text, size_t *length) {
    while (*length > 0 && (**text == ' ' || **text == '\t')) {
        (*text)++;
        (*length)--;
    }
    while (*length > 0 && strchr(" \t\r", (*text)[*length - 1]))
        (*length)--;
}

/* A comment begins with the line or after a space: a password in a URL may contain "#". */
static size_t before_comment(const char *line, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (line[i] == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t'))
            return i;
    return length;
}

static int read_line(const char *path, int number, const char *line, size_t length,
                     struct error *error, unsigned *seen, struct config *config) {
    length = before_comment(line, length);
    trim(&line, &length);
    if (length == 0)
        return 0;
    const char *equals = memchr(line, '=', length);
    if (!equals || memchr(line, '\0', length))
        return error_set(error, ERROR_INVALID, "%s line %d: write it as name = value", path,
                         number);
    const char *value = equals + 1;
    size_t name_length = (size_t)(equals - line), value_length = length - name_length - 1;
    trim(&line, &name_length);
    trim(&value, &value_length);
    int index = 0;
    while (index < SETTINGS && (strlen(settings[index].name) != name_length ||
                                memcmp(settings[index].name, line, name_length) != 0))
        index++;
    if (index == SETTINGS)
        return error_set(error, ERROR_INVALID, "%s line %d: unknown name '%.*s'", path, number,
                         (int)(name_length < 60 ? name_length : 60), line);
    if (*seen & 1u << index)
        return error_set(error, ERROR_INVALID, "%s line %d: %s stands there twice", path, number,
                         settings[index].name);
    if (value_length >= CONFIG_VALUE_MAX)
        return error_set(error, ERROR_INVALID, "%s line %d: longer than %d bytes", path, number,
                         CONFIG_VALUE_MAX - 1);
    *seen |= 1u << index;
    memcpy(value_of(config, index), value, value_length);
    value_of(config, index)[value_length] = '\0';
    return 0;
}

static int check_pepper(const char *pepper, struct error *error) {
    size_t digits = strspn(pepper, "0123456789abcdefABCDEF");
    if (pepper[digits] || digits % 2 || digits < PEPPER_DIGITS_MIN)
        return error_set(error, ERROR_INVALID,
                         "key_pepper must be at least %d hexadecimal digits, an even number",
                         PEPPER_DIGITS_MIN);
    return 0;
}

/* Fills in what was left out and makes paths absolute. */
static int complete(const char *path, unsigned seen, struct error *error, struct config *config) {
    for (int i = 0; i < SETTINGS; i++) {
        char *value = value_of(config, i);
        if (settings[i].required && !*value)
            return error_set(error, ERROR_INVALID, "%s: %s is missing", path, settings[i].name);
        if (!(seen & 1u << i) && settings[i].default_text)
            memcpy(value, settings[i].default_text, strlen(settings[i].default_text) + 1);
        if (settings[i].path && is_relative(value)) {
            char joined[CONFIG_VALUE_MAX];
            int status = file_path(config->folder, value, sizeof joined, error, joined);
            if (status)
                return status;
            memcpy(value, joined, strlen(joined) + 1);
        }
    }
    return check_pepper(config->key_pepper, error);
}

static int check_mode(const char *folder, const char *path, struct error *error) {
    struct stat status;
    if (stat(path, &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return error_set(error, ERROR_NOT_FOUND,
                             "%s is missing: run koppel init --data %s first", path, folder);
        return file_error(error, errno, "examine", path);
    }
    if (status.st_mode & 077)
        return error_set(error, ERROR_DENIED,
                         "%s holds secrets and others may read it: run chmod 600 %s", path, path);
    return 0;
}

static int absolute_folder(const char *folder, struct error *error, char *ret_folder) {
    char resolved[PATH_MAX];
    if (!realpath(folder, resolved)) {
        if (errno == ENOENT || errno == ENOTDIR)
            return error_set(error, ERROR_NOT_FOUND,
                             "the folder %s is missing: run koppel init --data %s first", folder,
                             folder);
        return file_error(error, errno, "find the folder", folder);
    }
    size_t length = strlen(resolved);
    if (length >= CONFIG_VALUE_MAX)
        return error_set(error, ERROR_TOO_LARGE, "the path of the folder %.100s is too long",
                         folder);
    memcpy(ret_folder, resolved, length + 1);
    return 0;
}

static int read_lines(const char *path, const char *text, size_t length, struct error *error,
                      unsigned *ret_seen, struct config *config) {
    int number = 1;
    for (size_t at = 0; at < length; number++) {
        const char *newline = memchr(text + at, '\n', length - at);
        size_t line_length = newline ? (size_t)(newline - (text + at)) : length - at;
        int status = read_line(path, number, text + at, line_length, error, ret_seen, config);
        if (status)
            return status;
        at += line_length + 1;
    }
    return 0;
}

int config_read(const char *folder, struct error *error, struct config *ret_config) {
    struct config config = {0};
    char path[PATH_MAX];
    char *text = NULL;
    size_t length = 0;
    unsigned seen = 0;
    int status = absolute_folder(folder, error, config.folder);
    if (!status)
        status = file_path(config.folder, "koppel.conf", sizeof path, error, path);
    if (!status)
        status = check_mode(folder, path, error);
    if (!status)
        status = file_read(path, CONFIG_BYTES_MAX, error, &text, &length);
    if (!status)
        status = read_lines(path, text, length, error, &seen, &config);
    free(text);
    if (!status)
        status = complete(path, seen, error, &config);
    if (!status)
        *ret_config = config;
    return status;
}

/* What could not be read back is not written. */
static int check_value(const char *name, const char *value, struct error *error) {
    size_t length = strlen(value);
    const char *bare = value;
    trim(&bare, &length);
    if (length != strlen(value) || before_comment(value, length) != length ||
        value[strcspn(value, "\r\n")])
        return error_set(error, ERROR_INVALID,
                         "%s may not begin or end with a space nor hold a newline or ' #'", name);
    return 0;
}

int config_write(const struct config *config, struct error *error) {
    char path[PATH_MAX];
    struct buffer text;
    struct config copy = *config;
    size_t folder_length = strlen(config->folder);
    int status = file_path(config->folder, "koppel.conf", sizeof path, error, path);
    if (!status)
        status = check_pepper(config->key_pepper, error);
    buffer_init(&text, CONFIG_BYTES_MAX);
    buffer_text(&text, "# Koppel: read by every command. It holds secrets: keep its mode 0600.\n"
                       "# Paths are relative to this folder.\n");
    for (int i = 0; i < SETTINGS && !status; i++) {
        const char *value = value_of(&copy, i);
        status = check_value(settings[i].name, value, error);
        if (settings[i].path && folder_length && !strncmp(value, config->folder, folder_length) &&
            value[folder_length] == '/' && value[folder_length + 1])
            value += folder_length + 1;
        if (*value)
            buffer_format(&text, "%s = %s\n", settings[i].name, value);
    }
    if (!status && text.failed)
        status = error_set(error, ERROR_NO_MEMORY, "no memory to write %s", path);
    if (!status)
        status = file_write(path, text.data, text.length, 0600, error);
    buffer_done(&text);
    return status;
}

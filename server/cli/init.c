/* koppel init: makes an installation. koppel.conf is written last: as long as it is not there,
 * nothing was made, and what an init that failed left behind is taken away again. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/encryption.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/random.h"
#include "cli/certificate.h"
#include "cli/demo.h"
#include "cli/installation.h"
#include "http/server.h"

enum { PEPPER_BYTES = 32, HOST_MAX = 254 };

struct arguments {
    const char *folder, *database, *listen, *public_url, *certificate, *private_key;
    int64_t scale;
    bool demo;
};

static const char usage[] = "init --data DIR [--demo [--scale N]] [--database URL] "
                            "[--certificate FILE --private-key FILE]";

/* ---- what to make --------------------------------------------------------------------------- */
static bool exists(const char *path) {
    return access(path, F_OK) == 0 || errno != ENOENT;
}

static bool is_url(const char *database) {
    return strstr(database, "://") != NULL;
}

/* A password in a URL would stand in the process list and the shell's history. */
static bool has_password(const char *url) {
    const char *authority = strstr(url, "://");
    if (!authority) return false;
    authority += 3;
    const char *end = authority + strcspn(authority, "/?#");
    const char *at = memchr(authority, '@', (size_t)(end - authority));
    const char *colon = memchr(authority, ':', (size_t)(end - authority));
    return (at && colon && colon < at) || strstr(url, "password=");
}

static int arguments_check(const struct arguments *arguments, struct error *error) {
    if (!*arguments->folder)
        return error_set(error, ERROR_INVALID, "--data is empty: name the folder to make");
    if (http_address_check(arguments->listen, error)) return error->code;
    if (!arguments->certificate != !arguments->private_key)
        return error_set(error, ERROR_INVALID, "--certificate and --private-key belong together");
    if (arguments->scale != 1 && !arguments->demo)
        return error_set(error, ERROR_INVALID, "--scale multiplies demo data: give --demo too");
    if (arguments->database && has_password(arguments->database))
        return error_set(error, ERROR_INVALID,
                         "leave the password out of --database, where others can read it: let the "
                         "PostgreSQL client find it (~/.pgpass or PGPASSFILE)");
    if (arguments->database && is_url(arguments->database) &&
        db_url_check(arguments->database, error))
        return error->code;
    if (strncmp(arguments->public_url, "https://", 8) != 0 ||
        arguments->public_url[strlen(arguments->public_url) - 1] == '/')
        return error_set(error, ERROR_INVALID,
                         "--public-url begins with https:// and has no slash at its end");
    return 0;
}

static int value_set(char *target, const char *value, struct error *error) {
    size_t length = strlen(value);
    if (length >= CONFIG_VALUE_MAX)
        return error_set(error, ERROR_INVALID, "'%.60s…' is longer than %d bytes", value,
                         CONFIG_VALUE_MAX - 1);
    memcpy(target, value, length + 1);
    return 0;
}

static int path_set(char *target, const char *path, struct error *error) {
    char resolved[PATH_MAX];
    if (!realpath(path, resolved)) return file_error(error, errno, "read", path);
    return value_set(target, resolved, error);
}

static int folder_set(const char *folder, struct error *error, struct config *config) {
    int status = file_make_folder(folder, error);
    return status ? status : path_set(config->folder, folder, error);
}

/* Refuses to touch what is there. */
static int vacant_check(const struct config *config, bool own_certificate, struct error *error) {
    char path[CONFIG_VALUE_MAX];
    int status = file_path(config->folder, "koppel.conf", sizeof path, error, path);
    if (status) return status;
    if (exists(path))
        return error_set(error, ERROR_CONFLICT,
                         "%.200s holds an installation already: serve it (koppel serve --data "
                         "%.100s), or name another folder",
                         config->folder, config->folder);
    if (!is_url(config->database) && exists(config->database))
        return error_set(error, ERROR_CONFLICT,
                         "%.300s is there already, without a koppel.conf: move it away, or name "
                         "another folder",
                         config->database);
    if (exists(config->encryption_keys))
        return error_set(error, ERROR_CONFLICT,
                         "%.300s is there already, without a koppel.conf: it may be needed to read "
                         "a store: move it away, or name another folder",
                         config->encryption_keys);
    if (exists(config->signing_certificate) || exists(config->signing_private_key))
        return error_set(error, ERROR_CONFLICT,
                         "%.200s holds a signing_certificate.pem or signing_private_key.pem: move "
                         "them away, or name another folder",
                         config->folder);
    if (own_certificate && (exists(config->certificate) || exists(config->private_key)))
        return error_set(error, ERROR_CONFLICT,
                         "%.200s holds a certificate.pem or private_key.pem: move them away, or "
                         "name your own with --certificate and --private-key",
                         config->folder);
    return 0;
}

static int config_fill(const struct arguments *arguments, struct error *error,
                       struct config *config) {
    uint8_t pepper[PEPPER_BYTES];
    int status = folder_set(arguments->folder, error, config);
    bool given = arguments->database != NULL;
    if (!status && given) status = value_set(config->database, arguments->database, error);
    if (!status && !(given && is_url(arguments->database)))
        status = given && arguments->database[0] == '/'
                     ? 0
                     : file_path(config->folder, given ? arguments->database : "koppel.db",
                                 CONFIG_VALUE_MAX, error, config->database);
    if (!status) status = value_set(config->listen, arguments->listen, error);
    if (!status) status = value_set(config->public_url, arguments->public_url, error);
    if (!status && arguments->certificate) {
        status = path_set(config->certificate, arguments->certificate, error);
        if (!status) status = path_set(config->private_key, arguments->private_key, error);
    } else if (!status) {
        status = file_path(config->folder, "certificate.pem", CONFIG_VALUE_MAX, error,
                           config->certificate);
        if (!status)
            status = file_path(config->folder, "private_key.pem", CONFIG_VALUE_MAX, error,
                               config->private_key);
    }
    if (!status)
        status = file_path(config->folder, "signing_certificate.pem", CONFIG_VALUE_MAX, error,
                           config->signing_certificate);
    if (!status)
        status = file_path(config->folder, "signing_private_key.pem", CONFIG_VALUE_MAX, error,
                           config->signing_private_key);
    if (!status)
        status = file_path(config->folder, "encryption_keys", CONFIG_VALUE_MAX, error,
                           config->encryption_keys);
    random_bytes(pepper, sizeof pepper);
    hash_hex(pepper, sizeof pepper, config->key_pepper);
    explicit_bzero(pepper, sizeof pepper);
    return status;
}

/* ---- making it ------------------------------------------------------------------------------ */
static void host_of(const char *url, char ret_host[HOST_MAX]) {
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    bool bracket = *host == '[';
    host += bracket;
    size_t length = strcspn(host, bracket ? "]" : ":/");
    snprintf(ret_host, HOST_MAX, "%.*s", length < HOST_MAX ? (int)length : 0, host);
}

static int store_make(const struct config *config, struct error *error) {
    struct db *db = NULL;
    int applied = 0;
    bool vacant = false;
    int status =
        db_open(&(struct db_options){.url = config->database, .create = true}, error, &db);
    if (!status) status = db_vacant(db, error, &vacant);
    if (!status && !vacant)
        status = error_set(error, ERROR_CONFLICT,
                           "the database holds a store already: name another (or drop this one, if "
                           "an init did not end), or copy the koppel.conf of its installation "
                           "here to serve it from here as well");
    if (!status) status = db_migrate(db, migrations, migration_count, error, &applied);
    if (db) db_close(db);
    return status;
}

static void file_remove(const char *path, const char *end) {
    char name[CONFIG_VALUE_MAX + 8];
    snprintf(name, sizeof name, "%s%s", path, end);
    unlink(name);
}

static void undo(const struct config *config, bool own_certificate) {
    char demo[CONFIG_VALUE_MAX];
    if (!is_url(config->database)) {
        file_remove(config->database, "");
        file_remove(config->database, "-wal");
        file_remove(config->database, "-shm");
    }
    if (own_certificate) {
        file_remove(config->certificate, "");
        file_remove(config->private_key, "");
    }
    file_remove(config->signing_certificate, "");
    file_remove(config->signing_private_key, "");
    file_remove(config->encryption_keys, "");
    if (!file_path(config->folder, "demo.json", sizeof demo, NULL, demo)) unlink(demo);
}

static int make(const struct arguments *arguments, struct error *error, struct config *config,
                int64_t *ret_quotes) {
    char host[HOST_MAX];
    int status = config_fill(arguments, error, config);
    if (!status) status = vacant_check(config, !arguments->certificate, error);
    if (status) return status;
    host_of(config->public_url, host);
    if (!arguments->certificate)
        status = certificate_make(host, config->certificate, config->private_key, error);
    if (!status)
        status = certificate_make_signing(config->signing_certificate,
                                          config->signing_private_key, error);
    if (!status)
        status = encryption_rotate(config->encryption_keys, error,
                                   (char[ENCRYPTION_KEY_ID_MAX]){0});
    if (!status) status = store_make(config, error);
    if (!status && arguments->demo) status = demo_make(config, arguments->scale, error, ret_quotes);
    if (!status) status = config_write(config, error);
    if (status) undo(config, !arguments->certificate);
    return status;
}

static void tell(const struct arguments *arguments, const struct config *config, int64_t quotes) {
    printf("Made an installation in %s.\n", config->folder);
    if (arguments->demo)
        printf("Demo data: %d partners with keys in %s/demo.json, %lld quotes.\n", DEMO_PARTNERS,
               config->folder, (long long)quotes);
    if (!arguments->certificate)
        printf("The certificate is self-signed: certificate and private_key in koppel.conf name "
               "your own.\n");
    printf("Serve it: koppel serve --data %s\n", arguments->folder);
}

static int run(int argc, char **argv) {
    struct arguments arguments = {0};
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "the folder to make the installation in", .ret_value = &arguments.folder},
        {.name = "demo", .kind = OPTION_FLAG,
         .help = "fill in believable invented data; its keys go to DIR/demo.json",
         .ret_value = &arguments.demo},
        {.name = "scale", .kind = OPTION_INTEGER, .argument = "N", .default_text = "1",
         .minimum = 1, .maximum = DEMO_SCALE_MAX, .help = "so many times the demo's quotes",
         .ret_value = &arguments.scale},
        {.name = "database", .kind = OPTION_TEXT, .argument = "URL",
         .help = "the store: a file (without it DIR/koppel.db) or postgresql://…, no password",
         .ret_value = &arguments.database},
        {.name = "listen", .kind = OPTION_TEXT, .argument = "ADDR:PORT",
         .default_text = "127.0.0.1:8443", .help = "where koppel serve listens",
         .ret_value = &arguments.listen},
        {.name = "public-url", .kind = OPTION_TEXT, .argument = "URL",
         .default_text = "https://localhost:8443", .help = "how callers reach it",
         .ret_value = &arguments.public_url},
        {.name = "certificate", .kind = OPTION_TEXT, .argument = "FILE",
         .help = "your own, in PEM with its chain; without it a self-signed one is made",
         .ret_value = &arguments.certificate},
        {.name = "private-key", .kind = OPTION_TEXT, .argument = "FILE",
         .help = "of that certificate, in PEM", .ret_value = &arguments.private_key}};
    const int count = sizeof options / sizeof *options;
    struct option_operands operands;
    struct config config = {0};
    struct error error = {0};
    int64_t quotes = 0;
    int status;
    if (command_options("init", usage, options, count, 0, argc, argv, &operands, &status))
        return status;
    if (arguments_check(&arguments, &error)) return command_misused("init", &error);
    status = make(&arguments, &error, &config, &quotes);
    if (!status) tell(&arguments, &config, quotes);
    explicit_bzero(config.key_pepper, sizeof config.key_pepper);
    return status ? command_fail("init", &error) : EXIT_DONE;
}

extern const struct command command_init;
const struct command command_init = {
    .name = "init", .summary = "make an installation, with --demo one to try out", .run = run};

/* Options, the configuration file and whole files. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/config.h"
#include "base/file.h"
#include "base/option.h"

static char folder[64];

static int make_folder(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/koppel-test-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static const char *path_of(const char *name) {
    static char path[PATH_MAX];
    assert_int_equal(file_path(folder, name, sizeof path, NULL, path), 0);
    return path;
}

/* ---- options ---- */

struct parsed {
    bool demo;
    const char *data;
    int64_t threads;
    struct option_list origins;
    struct option_operands operands;
    bool help;
    struct error error;
};

static int parse(int argc, const char **argv, struct parsed *parsed) {
    *parsed = (struct parsed){.demo = true};
    const struct option options[] = {
        {.name = "demo", .kind = OPTION_FLAG, .help = "demo data", .ret_value = &parsed->demo},
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "folder", .ret_value = &parsed->data},
        {.name = "threads", .kind = OPTION_INTEGER, .argument = "N", .default_text = "16",
         .minimum = 1, .maximum = 4096, .help = "threads", .ret_value = &parsed->threads},
        {.name = "origin", .kind = OPTION_LIST, .argument = "URL", .help = "origins",
         .ret_value = &parsed->origins},
    };
    return options_read(options, 4, argc, (char **)argv, &parsed->error, &parsed->operands,
                        &parsed->help);
}

static void options_are_read(void **state) {
    (void)state;
    struct parsed parsed;
    const char *full[] = {"serve", "--data", "d", "one", "--threads=4", "--origin", "a",
                          "--demo", "--origin=b=c", "-", "--", "--two"};
    assert_int_equal(parse(12, full, &parsed), 0);
    assert_true(parsed.demo);
    assert_string_equal(parsed.data, "d");
    assert_int_equal(parsed.threads, 4);
    assert_int_equal(parsed.origins.count, 2);
    assert_string_equal(parsed.origins.items[1], "b=c");
    assert_int_equal(parsed.operands.count, 3);
    assert_string_equal(parsed.operands.items[2], "--two");
    const char *least[] = {"serve", "--data="};
    assert_int_equal(parse(2, least, &parsed), 0);
    assert_false(parsed.demo);
    assert_int_equal(parsed.threads, 16);
    assert_string_equal(parsed.data, "");
    const char *help[] = {"serve", "--threads", "5", "--help", "--nonsense"};
    assert_int_equal(parse(5, help, &parsed), 0);
    assert_true(parsed.help);
}

static void wrong_options_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *words[3];
        const char *text;
    } wrong[] = {
        {{"x", NULL, NULL}, "--data is required: --data DIR"},
        {{"--data", NULL, NULL}, "--data needs a value: --data DIR"},
        {{"--dat", "d", NULL}, "there is no option '--dat' here"},
        {{"-d", "d", NULL}, "there is no option '-d' here"},
        {{"--demo=yes", NULL, NULL}, "--demo takes no value"},
        {{"--threads=0", NULL, NULL}, "--threads takes a whole number from 1 to 4096, not '0'"},
        {{"--threads=4097", NULL, NULL}, NULL},
        {{"--threads=4x", NULL, NULL}, NULL},
        {{"--threads=", NULL, NULL}, NULL},
        {{"--threads= 4", NULL, NULL}, NULL},
        {{"--threads=99999999999999999999", NULL, NULL}, NULL},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct parsed parsed;
        const char *argv[4] = {"serve"};
        int argc = 1;
        for (int word = 0; word < 3 && wrong[i].words[word]; word++)
            argv[argc++] = wrong[i].words[word];
        assert_int_equal(parse(argc, argv, &parsed), ERROR_INVALID);
        if (wrong[i].text)
            assert_string_equal(parsed.error.text, wrong[i].text);
    }
    const char *many[100] = {"serve", "--data=d"};
    struct parsed parsed;
    for (int i = 2; i < 100; i++)
        many[i] = "operand";
    assert_int_equal(parse(100, many, &parsed), ERROR_INVALID);
    for (int i = 2; i < 100; i++)
        many[i] = "--origin=o";
    assert_int_equal(parse(100, many, &parsed), ERROR_INVALID);
}

/* ---- configuration ---- */

static const char pepper[] = "00112233445566778899aabbccddeeff";

static void write_conf(const char *text, unsigned mode) {
    assert_int_equal(file_write(path_of("koppel.conf"), text, strlen(text), mode, NULL), 0);
}

static void config_goes_round(void **state) {
    (void)state;
    struct config config = {0}, again;
    struct error error = {.code = ERROR_NONE};
    snprintf(config.folder, sizeof config.folder, "%s", folder);
    snprintf(config.database, sizeof config.database, "postgresql://u:p#w@h/d");
    snprintf(config.listen, sizeof config.listen, "0.0.0.0:443");
    snprintf(config.public_url, sizeof config.public_url, "https://example.org");
    snprintf(config.certificate, sizeof config.certificate, "%s/cert.pem", folder);
    snprintf(config.private_key, sizeof config.private_key, "/etc/ssl/key.pem");
    snprintf(config.signing_certificate, sizeof config.signing_certificate, "%s/s.pem", folder);
    snprintf(config.signing_private_key, sizeof config.signing_private_key, "/etc/ssl/s.pem");
    snprintf(config.encryption_keys, sizeof config.encryption_keys, "%s/keys", folder);
    snprintf(config.key_pepper, sizeof config.key_pepper, "%s", pepper);
    assert_int_equal(config_write(&config, &error), 0);
    assert_int_equal(config_read(folder, &error, &again), 0);
    assert_memory_equal(&config, &again, sizeof config);
    struct stat status;
    assert_int_equal(stat(path_of("koppel.conf"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    snprintf(config.listen, sizeof config.listen, "a\nlisten = b");
    assert_int_equal(config_write(&config, &error), ERROR_INVALID);
}

static void config_defaults_and_comments(void **state) {
    (void)state;
    struct config config;
    char expected[128], text[256];
    snprintf(text, sizeof text, "# all\n\n  database=  koppel.db # here\r\nkey_pepper = %s",
             pepper);
    write_conf(text, 0600);
    assert_int_equal(config_read(folder, NULL, &config), 0);
    snprintf(expected, sizeof expected, "%s/koppel.db", folder);
    assert_string_equal(config.database, expected);
    assert_string_equal(config.listen, "127.0.0.1:8443");
    assert_string_equal(config.certificate, "");
}

static void wrong_configs_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *part;
    } wrong[] = {
        {"database koppel.db\n", "line 1: write it as name = value"},
        {"\ndatabaes = x\n", "line 2: unknown name 'databaes'"},
        {"listen = a\nlisten = b\n", "line 2: listen stands there twice"},
        {"listen = a\n", "database is missing"},
        {"database = d\nkey_pepper = abc\n", "key_pepper must be"},
        {"database = d\n", "key_pepper is missing"},
    };
    struct config config;
    struct error error = {.code = ERROR_NONE};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        write_conf(wrong[i].text, 0600);
        error_clear(&error);
        assert_int_equal(config_read(folder, &error, &config), ERROR_INVALID);
        assert_non_null(strstr(error.text, wrong[i].part));
    }
    static char large[CONFIG_BYTES_MAX + 2];
    memset(large, '#', sizeof large - 1);
    write_conf(large, 0600);
    assert_int_equal(config_read(folder, NULL, &config), ERROR_TOO_LARGE);
    write_conf("database = d\n", 0640);
    error_clear(&error);
    assert_int_equal(config_read(folder, &error, &config), ERROR_DENIED);
    assert_non_null(strstr(error.text, "chmod 600"));
    unlink(path_of("koppel.conf"));
    error_clear(&error);
    assert_int_equal(config_read(folder, &error, &config), ERROR_NOT_FOUND);
    assert_non_null(strstr(error.text, "run koppel init"));
    error_clear(&error);
    assert_int_equal(config_read("/no/such/folder", &error, &config), ERROR_NOT_FOUND);
    assert_non_null(strstr(error.text, "run koppel init"));
}

/* ---- files ---- */

static void files_go_round(void **state) {
    (void)state;
    char *text = NULL;
    size_t length = 0;
    assert_int_equal(file_write(path_of("f"), "a\0b", 3, 0644, NULL), 0);
    assert_int_equal(file_read(path_of("f"), 3, NULL, &text, &length), 0);
    assert_int_equal(length, 3);
    assert_memory_equal(text, "a\0b", 4);
    free(text);
    text = NULL;
    assert_int_equal(file_read(path_of("f"), 2, NULL, &text, &length), ERROR_TOO_LARGE);
    assert_null(text);
    assert_int_equal(file_read("/proc/self/status", 1 << 20, NULL, &text, &length), 0);
    assert_true(length > 100 && strlen(text) == length);
    free(text);
    assert_int_equal(file_read("/proc/self/status", 100, NULL, &text, &length), ERROR_TOO_LARGE);
    assert_int_equal(file_read(folder, 100, NULL, &text, &length), ERROR_INVALID);
    assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
    assert_int_equal(file_read(path_of("pipe"), 100, NULL, &text, &length), ERROR_INVALID);
    assert_int_equal(file_read(path_of("none"), 100, NULL, &text, &length), ERROR_NOT_FOUND);
    assert_int_equal(file_write(path_of("no/folder"), "x", 1, 0600, NULL), ERROR_NOT_FOUND);
}

static void failed_write_keeps_the_old_file(void **state) {
    (void)state;
    struct error error = {.code = ERROR_NONE};
    struct rlimit before, small;
    char *text = NULL, command[128];
    size_t length = 0;
    static char large[8192];
    assert_int_equal(file_write(path_of("kept"), "old", 3, 0600, NULL), 0);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 4096;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(file_write(path_of("kept"), large, sizeof large, 0600, &error), ERROR_IO);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(file_read(path_of("kept"), 10, NULL, &text, &length), 0);
    assert_string_equal(text, "old");
    free(text);
    snprintf(command, sizeof command, "ls '%s' | grep -q '^kept[.]'", folder);
    assert_int_not_equal(system(command), 0);
    error_clear(&error);
    assert_int_equal(file_error(&error, ENOSPC, "write", "x"), ERROR_FULL);
    assert_non_null(strstr(error.text, "cannot write x: "));
}

static void folders_and_paths(void **state) {
    (void)state;
    char path[16];
    struct stat status;
    assert_int_equal(file_path("/a/", "b", sizeof path, NULL, path), 0);
    assert_string_equal(path, "/a/b");
    assert_int_equal(file_path("/12345678", "12345", sizeof path, NULL, path), 0);
    assert_string_equal(path, "/12345678/12345");
    assert_int_equal(file_path("/12345678", "123456", sizeof path, NULL, path), ERROR_TOO_LARGE);
    assert_int_equal(file_make_folder(path_of("a/b//c/"), NULL), 0);
    assert_int_equal(file_make_folder(path_of("a/b//c/"), NULL), 0);
    assert_int_equal(stat(path_of("a/b/c"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    assert_int_equal(file_write(path_of("plain"), "", 0, 0600, NULL), 0);
    assert_int_equal(file_make_folder(path_of("plain/x"), NULL), ERROR_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_read),
        cmocka_unit_test(wrong_options_are_refused),
        cmocka_unit_test(config_goes_round),
        cmocka_unit_test(config_defaults_and_comments),
        cmocka_unit_test(wrong_configs_are_refused),
        cmocka_unit_test(files_go_round),
        cmocka_unit_test(failed_write_keeps_the_old_file),
        cmocka_unit_test(folders_and_paths),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

/* Encrypted values: they come back, in their place only, under any key of the file, and not when a
 * bit of them was changed; the key file is read whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/encryption.h"
#include "base/file.h"

struct place {
    char folder[64], path[96];
};

static int set_up(void **state) {
    struct place *place = calloc(1, sizeof *place);
    char key_id[ENCRYPTION_KEY_ID_MAX];
    assert_non_null(place);
    snprintf(place->folder, sizeof place->folder, "/tmp/koppel-unit-XX" "XX" "XX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/keys", place->folder);
    assert_int_equal(encryption_rotate(place->path, NULL, key_id), 0);
    *state = place;
    return 0;
}

static int tear_down(void **state) {
    struct place *place = *state;
    unlink(place->path);
    rmdir(place->folder);
    free(place);
    return 0;
}

static struct encryption *opened(const struct place *place) {
    struct encryption *encryption = NULL;
    struct error error = {0};
    if (encryption_open(place->path, &error, &encryption)) fail_msg("%s", error.text);
    return encryption;
}

static void seal(struct encryption *encryption, const char *text, size_t length,
                 struct buffer *buffer) {
    buffer_init(buffer, 4 * ENCRYPTION_TEXT_MAX_BYTES);
    assert_int_equal(encryption_seal(encryption, "app_1", text, length, NULL, buffer), 0);
}

static int unseal(struct encryption *encryption, const char *place, const char *sealed,
                  const char *expected) {
    struct buffer text;
    struct error error = {0};
    buffer_init(&text, ENCRYPTION_TEXT_MAX_BYTES + 1);
    int status = encryption_unseal(encryption, place, sealed, &error, &text);
    if (!status) {
        assert_int_equal(text.length, strlen(expected));
        assert_memory_equal(text.data ? text.data : "", expected, text.length);
    }
    buffer_done(&text);
    return status;
}

static void test_comes_back(void **state) {
    struct encryption *encryption = opened(*state);
    char text[300];
    for (size_t length = 0; length < sizeof text - 1; length++) {
        struct buffer sealed;
        memset(text, 'a' + (int)(length % 26), length);
        text[length] = '\0';
        seal(encryption, text, length, &sealed);
        assert_int_equal(unseal(encryption, "app_1", sealed.data, text), 0);
        buffer_done(&sealed);
    }
    encryption_free(encryption);
}

static void test_never_twice_alike(void **state) {
    struct encryption *encryption = opened(*state);
    struct buffer one, other;
    seal(encryption, "same", 4, &one);
    seal(encryption, "same", 4, &other);
    assert_string_not_equal(one.data, other.data);
    assert_null(strstr(one.data, "same"));
    buffer_done(&one);
    buffer_done(&other);
    encryption_free(encryption);
}

static void test_changed(void **state) {
    struct encryption *encryption = opened(*state);
    struct buffer sealed;
    seal(encryption, "a secret", 8, &sealed);
    assert_int_equal(unseal(encryption, "app_2", sealed.data, ""), ERROR_INTERNAL);
    for (size_t i = 0; i < sealed.length; i++) {
        char kept = sealed.data[i];
        for (int bit = 0; bit < 7; bit++) {
            sealed.data[i] = (char)(kept ^ (1 << bit));
            if (sealed.data[i]) /* a shorter text is tried below */
                assert_int_equal(unseal(encryption, "app_1", sealed.data, ""), ERROR_INTERNAL);
        }
        sealed.data[i] = kept;
    }
    for (size_t length = sealed.length; length-- > 0;) {
        sealed.data[length] = '\0';
        assert_int_equal(unseal(encryption, "app_1", sealed.data, ""), ERROR_INTERNAL);
    }
    buffer_done(&sealed);
    encryption_free(encryption);
}

static void test_rotation(void **state) {
    const struct place *place = *state;
    struct encryption *before = opened(place);
    struct buffer old, new;
    char key_id[ENCRYPTION_KEY_ID_MAX], of[ENCRYPTION_KEY_ID_MAX];
    seal(before, "old", 3, &old);
    assert_int_equal(encryption_rotate(place->path, NULL, key_id), 0);
    struct encryption *after = opened(place);
    seal(after, "new", 3, &new);
    assert_true(encryption_key_of(new.data, of));
    assert_string_equal(of, key_id);
    assert_true(encryption_key_of(old.data, of));
    assert_string_not_equal(of, key_id);
    assert_int_equal(unseal(after, "app_1", old.data, "old"), 0);
    /* Who had the file open finds the new key when a value names it. */
    assert_int_equal(unseal(before, "app_1", new.data, "new"), 0);
    encryption_newest(before, of);
    assert_string_equal(of, key_id);
    char one[SHA256_HEX_MAX], other[SHA256_HEX_MAX];
    encryption_index(before, "iban", "NL91", one);
    encryption_index(after, "iban", "NL91", other);
    assert_string_equal(one, other);
    encryption_index(after, "email", "NL91", other);
    assert_string_not_equal(one, other);
    buffer_done(&old);
    buffer_done(&new);
    encryption_free(before);
    encryption_free(after);
}

static void test_too_many_keys(void **state) {
    const struct place *place = *state;
    char key_id[ENCRYPTION_KEY_ID_MAX];
    int status = 0, count = 1;
    while (!(status = encryption_rotate(place->path, NULL, key_id))) count++;
    assert_int_equal(status, ERROR_TOO_LARGE);
    assert_int_equal(count, ENCRYPTION_KEYS_MAX);
    encryption_free(opened(place));
}

static void test_file(void **state) {
    const struct place *place = *state;
    static const char *const wrong[] = {
        "", "# nothing\n", "index 00\n", "key 0123456789abcdef 00\n", "hello\n",
        "index 0000000000000000000000000000000000000000000000000000000000000000\n",
        "index 0000000000000000000000000000000000000000000000000000000000000000\n"
        "key 0123456789abcdeX 0000000000000000000000000000000000000000000000000000000000000000\n",
        "index 0000000000000000000000000000000000000000000000000000000000000000\n"
        "key 0123456789abcdef 000000000000000000000000000000000000000000000000000000000000000g\n"};
    struct encryption *encryption = NULL;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(file_write(place->path, wrong[i], strlen(wrong[i]), 0600, NULL), 0);
        assert_int_equal(encryption_open(place->path, NULL, &encryption), ERROR_INVALID);
        char key_id[ENCRYPTION_KEY_ID_MAX];
        assert_int_equal(encryption_rotate(place->path, NULL, key_id), ERROR_INVALID);
    }
    assert_int_equal(chmod(place->path, 0640), 0);
    assert_int_equal(encryption_open(place->path, NULL, &encryption), ERROR_DENIED);
    unlink(place->path);
    assert_int_equal(encryption_open(place->path, NULL, &encryption), ERROR_NOT_FOUND);
    assert_null(encryption);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_never_twice_alike, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rotation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_too_many_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_file, set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

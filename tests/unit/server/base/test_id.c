/* Ids, digests and random bytes. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/random.h"

enum { THREADS = 4, IDS_EACH = 20000 };

static void ids_rise(void **state) {
    (void)state;
    char last[ID_MAX], id[ID_MAX];
    id_make("qte", last);
    for (int i = 0; i < 50000; i++) {
        id_make("qte", id);
        assert_true(strcmp(last, id) < 0);
        assert_true(id_valid("qte", id, strlen(id)));
        memcpy(last, id, sizeof last);
    }
}

static void ids_follow_the_layout(void **state) {
    (void)state;
    static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
    unsigned char uuid[17] = {0};
    char id[ID_MAX];
    int64_t before_ms = clock_now_us() / 1000;
    id_make("lead", id);
    assert_int_equal(strlen(id), 5 + ID_BODY_LENGTH);
    for (int i = 0; i < ID_BODY_LENGTH; i++) {
        int digit = (int)(strchr(alphabet, id[5 + i]) - alphabet);
        for (int bit = 0; bit < 5; bit++)
            if (digit >> (4 - bit) & 1)
                uuid[(i * 5 + bit) / 8] |= (unsigned char)(0x80 >> (i * 5 + bit) % 8);
    }
    assert_int_equal(uuid[6] >> 4, 7);
    assert_int_equal(uuid[8] >> 6, 2);
    int64_t ms = 0;
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | uuid[i];
    assert_true(ms >= before_ms && ms < before_ms + 60000);
    char again[ID_MAX];
    id_from_uuid("lead", uuid, again);
    assert_string_equal(id, again);
}

static void known_uuids(void **state) {
    (void)state;
    char id[ID_MAX];
    unsigned char uuid[16] = {0};
    id_from_uuid("qte", uuid, id);
    assert_string_equal(id, "qte_00000000000000000000000000");
    memset(uuid, 0xff, sizeof uuid);
    id_from_uuid("qte", uuid, id);
    assert_string_equal(id, "qte_zzzzzzzzzzzzzzzzzzzzzzzzzw");
    /* The example of RFC 9562, appendix A.6. */
    static const unsigned char example[16] = {0x01, 0x7f, 0x22, 0xe2, 0x79, 0xb0, 0x7c, 0xc3,
                                              0x98, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f};
    id_from_uuid("toolongaprefix", example, id);
    assert_memory_equal(id, "toolonga_", 9);
    assert_string_equal(id + 9, "05zj5rksp1yc7664vg60r1sshw");
}

static void forms_are_checked(void **state) {
    (void)state;
    static const char *const bad[] = {
        "", "qte", "qte_", "qte_0000000000000000000000000", "qte_000000000000000000000000000",
        "led_00000000000000000000000000", "qte-00000000000000000000000000",
        "qte_0000000000000000000000000A", "qte_000000000000000000000000i0",
        "qte_00000000000000000000000001", "QTE_00000000000000000000000000",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(id_valid("qte", bad[i], strlen(bad[i])));
    assert_true(id_valid("qte", "qte_0000000000000000000000000w", 30));
    assert_false(id_valid("qte", "qte_0000000000000\0" "00000000000w", 30));
}

static void *make_many(void *context) {
    char(*ids)[ID_MAX] = context;
    for (int i = 0; i < IDS_EACH; i++)
        id_make("x", ids[i]);
    return NULL;
}

static int compare(const void *a, const void *b) {
    return strcmp(a, b);
}

static void threads_never_share(void **state) {
    (void)state;
    char(*ids)[ID_MAX] = calloc(THREADS * IDS_EACH, sizeof *ids);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, make_many, ids + i * IDS_EACH);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    qsort(ids, THREADS * IDS_EACH, sizeof *ids, compare);
    for (int i = 1; i < THREADS * IDS_EACH; i++)
        assert_true(strcmp(ids[i - 1], ids[i]) != 0);
    free(ids);
}

static void digests(void **state) {
    (void)state;
    char hex[SHA256_HEX_MAX];
    uint8_t digest[SHA256_BYTES];
    hash_sha256_hex("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash_sha256_hex(NULL, 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    /* RFC 4231, test case 2. */
    hash_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, digest);
    hash_hex(digest, sizeof digest, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    hash_hmac_sha256(NULL, 0, NULL, 0, digest);
    hash_hex(digest, sizeof digest, hex);
    assert_string_equal(hex, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    assert_true(hash_equal("abc", "abd", 2));
    assert_false(hash_equal("abc", "abd", 3));
}

static void random_texts(void **state) {
    (void)state;
    char text[4097];
    int seen[256] = {0};
    random_text(4096, text);
    assert_int_equal(strlen(text), 4096);
    assert_int_equal(strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
                     4096);
    for (int i = 0; i < 4096; i++)
        seen[(unsigned char)text[i]]++;
    /* 66 of each are expected; 20 or 130 would be more than five deviations away. */
    for (const char *c = "09AZaz"; *c; c++)
        assert_true(seen[(unsigned char)*c] > 20 && seen[(unsigned char)*c] < 130);
    random_text(0, text);
    assert_string_equal(text, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_rise),          cmocka_unit_test(ids_follow_the_layout),
        cmocka_unit_test(known_uuids),       cmocka_unit_test(forms_are_checked),
        cmocka_unit_test(threads_never_share), cmocka_unit_test(digests),
        cmocka_unit_test(random_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

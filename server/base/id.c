/* Ids. The UUID follows RFC 9562 version 7 with a dedicated counter (section 6.2, method 1): 48
 * bits of milliseconds, 26 bits of counter that start at random in every millisecond, and 48 bits
 * of randomness. The counter makes ids of one process strictly rising; when it runs out, or the
 * clock stands still or goes back, the millisecond is taken ahead of the clock.
 *
 * The 128 bits are written from the left, five to a character, so that the order of the texts is
 * the order of the bytes; the last character holds three bits. */
#include "base/id.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"

enum {
    UUID_BYTES = 16,
    COUNTER_BITS = 26,
    PREFIX_MAX = 8,
    RANDOM_BYTES = 10, /* of an id: 4 for where the counter begins, 6 in the id */
    RANDOM_POOL_BYTES = 100 * RANDOM_BYTES
};

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

static struct {
    pthread_mutex_t lock;
    int64_t last_ms;
    uint32_t counter;
    unsigned char random[RANDOM_POOL_BYTES]; /* from the kernel, for many ids at a time */
    size_t random_left;
} maker = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Under the lock. No byte is handed out twice. */
static void take_random(unsigned char ret_random[RANDOM_BYTES]) {
    if (maker.random_left < RANDOM_BYTES) {
        random_bytes(maker.random, sizeof maker.random);
        maker.random_left = sizeof maker.random;
    }
    maker.random_left -= RANDOM_BYTES;
    memcpy(ret_random, maker.random + maker.random_left, RANDOM_BYTES);
}

static void next_stamp(unsigned char ret_random[RANDOM_BYTES], int64_t *ret_ms,
                       uint32_t *ret_counter) {
    int64_t now_ms = clock_now_us() / 1000;
    pthread_mutex_lock(&maker.lock);
    take_random(ret_random);
    uint32_t seed = (uint32_t)ret_random[0] << 24 | (uint32_t)ret_random[1] << 16 |
                    (uint32_t)ret_random[2] << 8 | ret_random[3];
    seed >>= 32 - COUNTER_BITS + 1;
    /* The seed leaves the counter's top bit free, so that a millisecond has room for 2^25 ids. */
    if (now_ms > maker.last_ms) {
        maker.last_ms = now_ms;
        maker.counter = seed;
    } else if (++maker.counter >> COUNTER_BITS) {
        maker.last_ms++;
        maker.counter = seed;
    }
    *ret_ms = maker.last_ms;
    *ret_counter = maker.counter;
    pthread_mutex_unlock(&maker.lock);
}

static void make_uuid(unsigned char ret_uuid[UUID_BYTES]) {
    unsigned char random[RANDOM_BYTES];
    int64_t ms;
    uint32_t counter;
    next_stamp(random, &ms, &counter);
    for (int i = 0; i < 6; i++)
        ret_uuid[i] = (unsigned char)(ms >> (40 - 8 * i));
    ret_uuid[6] = (unsigned char)(0x70 | counter >> 22);
    ret_uuid[7] = (unsigned char)(counter >> 14);
    ret_uuid[8] = (unsigned char)(0x80 | (counter >> 8 & 0x3f));
    ret_uuid[9] = (unsigned char)counter;
    memcpy(ret_uuid + 10, random + 4, 6);
}

void id_from_uuid(const char *prefix, const unsigned char uuid[16], char ret_id[ID_MAX]) {
    size_t prefix_length = strnlen(prefix, PREFIX_MAX);
    char *body = ret_id + prefix_length + 1;
    unsigned bits = 0, held = 0;
    size_t byte = 0;
    for (int i = 0; i < ID_BODY_LENGTH; i++) {
        if (held < 5) {
            bits = bits << 8 | (byte < UUID_BYTES ? uuid[byte] : 0u);
            byte++;
            held += 8;
        }
        held -= 5;
        body[i] = alphabet[bits >> held & 31];
        bits &= (1u << held) - 1;
    }
    memcpy(ret_id, prefix, prefix_length);
    ret_id[prefix_length] = '_';
    body[ID_BODY_LENGTH] = '\0';
}

void id_make(const char *prefix, char ret_id[ID_MAX]) {
    unsigned char uuid[UUID_BYTES];
    make_uuid(uuid);
    id_from_uuid(prefix, uuid, ret_id);
}

bool id_valid(const char *prefix, const char *id, size_t length) {
    size_t prefix_length = strlen(prefix);
    if (length != prefix_length + 1 + ID_BODY_LENGTH || memcmp(id, prefix, prefix_length) != 0 ||
        id[prefix_length] != '_')
        return false;
    const char *place = NULL;
    for (size_t i = prefix_length + 1; i < length; i++) {
        place = id[i] ? strchr(alphabet, id[i]) : NULL;
        if (!place)
            return false;
    }
    /* The two bits that the last character has to spare are zero: an id has one spelling. */
    return ((place - alphabet) & 3) == 0;
}

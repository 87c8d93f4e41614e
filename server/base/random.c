/* Random bytes from the kernel. There is no fallback: keys and ids made from anything less would
 * look fine and be worthless. */
#include "base/random.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/log.h"

void random_bytes(void *ret_bytes, size_t length) {
    unsigned char *at = ret_bytes;
    while (length > 0) {
        ssize_t got = getrandom(at, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            log_event(LOG_ERROR, "random_unavailable", "advice",
                      "the kernel gives no random bytes: see getrandom(2)", NULL);
            abort();
        }
        at += got;
        length -= (size_t)got;
    }
}

void random_text(size_t length, char *ret_text) {
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    enum { LETTERS = 62, FAIR_BELOW = 256 - 256 % LETTERS };
    unsigned char pool[64];
    size_t written = 0;
    while (written < length) {
        random_bytes(pool, sizeof pool);
        /* Bytes from FAIR_BELOW on are dropped: taking them would favour the first letters. */
        for (size_t i = 0; i < sizeof pool && written < length; i++)
            if (pool[i] < FAIR_BELOW)
                ret_text[written++] = alphabet[pool[i] % LETTERS];
    }
    ret_text[length] = '\0';
}

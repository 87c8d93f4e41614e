/* AES-256-GCM (OpenSSL): a random nonce of 96 bits per value, the value's place as what is
 * authenticated beside it. A key is changed long before its nonces come near repeating. */
#include "base/encryption.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/encryption_file.h"
#include "base/file.h"
#include "base/random.h"

enum { NONCE_BYTES = 12, TAG_BYTES = 16, PREFIX_LENGTH = 3 };
static const char prefix[] = "e1.";

/* The time alone does not do: its steps are coarse. The file is replaced, never written over. */
struct file_state {
    struct timespec changed;
    ino_t number;
    off_t bytes;
};

struct encryption {
    char path[PATH_MAX];
    pthread_mutex_t lock; /* of all below but the index key, which is set once */
    struct encryption_keys keys;
    int64_t looked_ms;
    struct file_state read; /* the file, as it was when it was read */
};

/* ---- keys ----------------------------------------------------------------------------------- */
static bool file_look(const char *path, struct file_state *ret_state) {
    struct stat about;
    if (stat(path, &about) != 0) return false;
    *ret_state = (struct file_state){
        .changed = about.st_mtim, .number = about.st_ino, .bytes = about.st_size};
    return true;
}

static bool file_same(const struct file_state *a, const struct file_state *b) {
    return a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec &&
           a->number == b->number && a->bytes == b->bytes;
}

int encryption_open(const char *path, struct error *error, struct encryption **ret_encryption) {
    struct encryption *encryption = calloc(1, sizeof *encryption);
    if (!encryption) return error_set(error, ERROR_NO_MEMORY, "no memory for encryption keys");
    snprintf(encryption->path, sizeof encryption->path, "%s", path);
    (void)pthread_mutex_init(&encryption->lock, NULL);
    (void)file_look(path, &encryption->read);
    int status = encryption_file_read(path, error, &encryption->keys);
    if (status) {
        encryption_free(encryption);
        return status;
    }
    encryption->looked_ms = clock_monotonic_ms();
    *ret_encryption = encryption;
    return 0;
}

void encryption_free(struct encryption *encryption) {
    if (!encryption) return;
    (void)pthread_mutex_destroy(&encryption->lock);
    explicit_bzero(encryption, sizeof *encryption);
    free(encryption);
}

/* Another process may have added a key. With the lock held. What cannot be read leaves the keys as
 * they are: they stay valid. The index key stays in any case: what was indexed is found under it,
 * and it is read without the lock. */
static void look_again(struct encryption *encryption, bool now) {
    struct file_state state;
    struct encryption_keys keys = {.count = 0};
    int64_t now_ms = clock_monotonic_ms();
    if (!now && now_ms - encryption->looked_ms < ENCRYPTION_REREAD_MS) return;
    encryption->looked_ms = now_ms;
    if (!file_look(encryption->path, &state) || file_same(&state, &encryption->read) ||
        encryption_file_read(encryption->path, NULL, &keys) != 0)
        return;
    memcpy(encryption->keys.items, keys.items, sizeof keys.items);
    encryption->keys.count = keys.count;
    encryption->read = state;
    explicit_bzero(&keys, sizeof keys);
}

/* The key with that id; NULL: the newest. */
static bool key_find(struct encryption *encryption, const char *id,
                     struct encryption_key *ret_key) {
    bool found = false;
    (void)pthread_mutex_lock(&encryption->lock);
    if (!id) look_again(encryption, false);
    /* A value may be of a key that was added just now. */
    for (int look = 0; look < 2 && !found; look++) {
        if (look) look_again(encryption, true);
        for (int i = encryption->keys.count - 1; i >= 0 && !found; i--) {
            found = !id || strcmp(encryption->keys.items[i].id, id) == 0;
            if (found) *ret_key = encryption->keys.items[i];
        }
    }
    (void)pthread_mutex_unlock(&encryption->lock);
    return found;
}

void encryption_newest(struct encryption *encryption, char ret_key_id[ENCRYPTION_KEY_ID_MAX]) {
    struct encryption_key key = {.id = ""};
    (void)key_find(encryption, NULL, &key);
    memcpy(ret_key_id, key.id, sizeof key.id);
    explicit_bzero(&key, sizeof key);
}

static int key_add(const char *path, struct error *error, char ret_key_id[ENCRYPTION_KEY_ID_MAX]) {
    struct encryption_keys keys = {.count = 0};
    uint8_t id[(ENCRYPTION_KEY_ID_MAX - 1) / 2];
    int status = 0;
    if (access(path, F_OK) == 0) status = encryption_file_read(path, error, &keys);
    else random_bytes(keys.index_key, sizeof keys.index_key);
    if (!status && keys.count == ENCRYPTION_KEYS_MAX)
        status = error_set(error, ERROR_TOO_LARGE,
                           "%.300s holds %d keys, as many as it may: take away those that no value "
                           "has any more",
                           path, ENCRYPTION_KEYS_MAX);
    if (!status) {
        struct encryption_key *key = &keys.items[keys.count++];
        random_bytes(id, sizeof id);
        hash_hex(id, sizeof id, key->id);
        random_bytes(key->key, sizeof key->key);
        status = encryption_file_write(path, &keys, error);
        if (!status) memcpy(ret_key_id, key->id, sizeof key->id);
    }
    explicit_bzero(&keys, sizeof keys);
    return status;
}

/* The file is replaced, so that the lock is its folder's. */
int encryption_rotate(const char *path, struct error *error,
                      char ret_key_id[ENCRYPTION_KEY_ID_MAX]) {
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1,
             slash ? path : ".");
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return file_error(error, errno, "open", folder);
    int status = flock(descriptor, LOCK_EX) == 0 ? key_add(path, error, ret_key_id)
                                                 : file_error(error, errno, "lock", folder);
    close(descriptor);
    return status;
}

void encryption_index(const struct encryption *encryption, const char *kind, const char *text,
                      char ret_index[SHA256_HEX_MAX]) {
    uint8_t kind_key[SHA256_BYTES], digest[SHA256_BYTES];
    hash_hmac_sha256(encryption->keys.index_key, ENCRYPTION_KEY_BYTES, kind, strlen(kind),
                     kind_key);
    hash_hmac_sha256(kind_key, sizeof kind_key, text, strlen(text), digest);
    hash_hex(digest, sizeof digest, ret_index);
    explicit_bzero(kind_key, sizeof kind_key);
}

/* ---- sealing -------------------------------------------------------------------------------- */
/* Whatever OpenSSL left to say would be taken for a failure of the thread's next TLS call. */
static void context_done(EVP_CIPHER_CTX *context) {
    EVP_CIPHER_CTX_free(context);
    ERR_clear_error();
}

/* `message` is nonce, text, tag. It fails for want of memory alone. */
static bool encrypt(const struct encryption_key *key, const char *place, const char *text,
                    size_t length, uint8_t *message) {
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int written = 0;
    random_bytes(message, NONCE_BYTES);
    bool done = context &&
                EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key->key, message) == 1 &&
                EVP_EncryptUpdate(context, NULL, &written, (const uint8_t *)place,
                                  (int)strlen(place)) == 1 &&
                EVP_EncryptUpdate(context, message + NONCE_BYTES, &written, (const uint8_t *)text,
                                  (int)length) == 1 &&
                EVP_EncryptFinal_ex(context, message + NONCE_BYTES + length, &written) == 1 &&
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_BYTES,
                                    message + NONCE_BYTES + length) == 1;
    context_done(context);
    return done;
}

/* 0, ERROR_NO_MEMORY, or ERROR_INTERNAL: the tag does not fit. */
static int decrypt(const struct encryption_key *key, const char *place, uint8_t *message,
                    size_t length, uint8_t *ret_text) {
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int written = 0;
    bool done = context &&
                EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key->key, message) == 1 &&
                EVP_DecryptUpdate(context, NULL, &written, (const uint8_t *)place,
                                  (int)strlen(place)) == 1 &&
                EVP_DecryptUpdate(context, ret_text, &written, message + NONCE_BYTES,
                                  (int)length) == 1 &&
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_BYTES,
                                    message + NONCE_BYTES + length) == 1;
    bool fits = done && EVP_DecryptFinal_ex(context, ret_text + length, &written) == 1;
    context_done(context);
    return !done ? ERROR_NO_MEMORY : fits ? 0 : ERROR_INTERNAL;
}

int encryption_seal(struct encryption *encryption, const char *place, const char *text,
                    size_t length, struct error *error, struct buffer *buffer) {
    struct encryption_key key;
    if (length > ENCRYPTION_TEXT_MAX_BYTES)
        return error_set(error, ERROR_TOO_LARGE, "too long to be encrypted");
    if (!key_find(encryption, NULL, &key))
        return error_set(error, ERROR_INTERNAL, "there is no encryption key");
    size_t size = NONCE_BYTES + length + TAG_BYTES, coded = (size + 2) / 3 * 4;
    uint8_t *message = malloc(size), *text_form = malloc(coded + 1);
    int status = 0;
    if (!message || !text_form || !encrypt(&key, place, text, length, message))
        status = error_set(error, ERROR_NO_MEMORY, "no memory to encrypt");
    if (!status) {
        EVP_EncodeBlock(text_form, message, (int)size);
        buffer_format(buffer, "%s%s.", prefix, key.id);
        buffer_append(buffer, text_form, coded);
        if (buffer->failed)
            status = error_set(error, buffer_failure(buffer), "no memory to encrypt");
    }
    free(message);
    free(text_form);
    explicit_bzero(&key, sizeof key);
    return status;
}

bool encryption_key_of(const char *sealed, char ret_key_id[ENCRYPTION_KEY_ID_MAX]) {
    enum { ID_LENGTH = ENCRYPTION_KEY_ID_MAX - 1 };
    if (!sealed || strncmp(sealed, prefix, PREFIX_LENGTH) != 0) return false;
    const char *id = sealed + PREFIX_LENGTH;
    if (strspn(id, "0123456789abcdef") != ID_LENGTH || id[ID_LENGTH] != '.') return false;
    memcpy(ret_key_id, id, ID_LENGTH);
    ret_key_id[ID_LENGTH] = '\0';
    return true;
}

/* Nonce, text and tag from base 64, of which the last quartet may be padded. Errors as decrypt. */
static int message_read(const char *coded, uint8_t **ret_message, size_t *ret_length) {
    size_t length = strlen(coded);
    if (length % 4 || length / 4 * 3 < NONCE_BYTES + TAG_BYTES + 2 ||
        length / 4 * 3 > ENCRYPTION_TEXT_MAX_BYTES + NONCE_BYTES + TAG_BYTES + 2)
        return ERROR_INTERNAL;
    size_t size = length / 4 * 3 - (coded[length - 1] == '=') - (coded[length - 2] == '=');
    uint8_t *message = malloc(length / 4 * 3);
    if (!message) return ERROR_NO_MEMORY;
    if (size < NONCE_BYTES + TAG_BYTES ||
        EVP_DecodeBlock(message, (const uint8_t *)coded, (int)length) < 0) {
        free(message);
        return ERROR_INTERNAL;
    }
    *ret_message = message;
    *ret_length = size - NONCE_BYTES - TAG_BYTES;
    return 0;
}

int encryption_unseal(struct encryption *encryption, const char *place, const char *sealed,
                      struct error *error, struct buffer *buffer) {
    char id[ENCRYPTION_KEY_ID_MAX];
    struct encryption_key key;
    uint8_t *message = NULL, *text = NULL;
    size_t length = 0;
    if (!encryption_key_of(sealed, id))
        return error_set(error, ERROR_INTERNAL, "%.60s holds no encrypted value", place);
    if (!key_find(encryption, id, &key))
        return error_set(error, ERROR_INTERNAL,
                         "the encryption key %s of %.60s is not in the key file: put it back from "
                         "your copy",
                         id, place);
    int status = message_read(sealed + PREFIX_LENGTH + strlen(id) + 1, &message, &length);
    if (!status && !(text = malloc(length + 1))) status = ERROR_NO_MEMORY;
    if (!status) status = decrypt(&key, place, message, length, text);
    if (status == ERROR_NO_MEMORY) error_set(error, status, "no memory to decrypt");
    else if (status)
        error_set(error, status, "the encrypted value of %.60s was changed", place);
    if (!status) buffer_append(buffer, text, length);
    if (!status && buffer->failed)
        status = error_set(error, buffer_failure(buffer), "no memory to decrypt");
    if (text) explicit_bzero(text, length);
    free(text);
    free(message);
    explicit_bzero(&key, sizeof key);
    return status;
}

/* A key and its certificate are read together and used together: one of the other would sign
 * answers that nobody can verify. */
#include "auth/signing.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"

enum { PATH_BYTES_MAX = 1024, FILE_MAX_BYTES = 64 * 1024 };

struct pair {
    EVP_PKEY *key;
    char *certificate; /* DER in base 64; heap */
};

struct signing {
    char certificate[PATH_BYTES_MAX], private_key[PATH_BYTES_MAX];
    pthread_mutex_t lock; /* of the pair */
    struct pair pair;
};

static void pair_done(struct pair *pair) {
    EVP_PKEY_free(pair->key);
    free(pair->certificate);
}

static int no_passphrase(char *text, int size, int writing, void *context) {
    (void)text, (void)size, (void)writing, (void)context;
    return -1;
}

static int refuse(struct error *error, const char *path, const char *what) {
    ERR_clear_error();
    return error_set(error, ERROR_INVALID, "%.300s holds no %s: make a new pair with koppel "
                     "signing-key renew, or put your own there", path, what);
}

static int key_read(const char *path, struct error *error, EVP_PKEY **ret_key) {
    struct stat about;
    char *text = NULL;
    size_t length = 0;
    int status = file_read(path, FILE_MAX_BYTES, error, &text, &length);
    if (status) return status;
    if (stat(path, &about) == 0 && about.st_mode & 077) {
        explicit_bzero(text, length);
        free(text);
        return error_set(error, ERROR_DENIED,
                         "%.200s holds a key and others may read it: run chmod 600 %.200s", path,
                         path);
    }
    BIO *pem = BIO_new_mem_buf(text, (int)length);
    EVP_PKEY *key = pem ? PEM_read_bio_PrivateKey(pem, NULL, no_passphrase, NULL) : NULL;
    BIO_free(pem);
    explicit_bzero(text, length);
    free(text);
    if (!key) return refuse(error, path, "private key in PEM without a passphrase");
    *ret_key = key;
    return 0;
}

static char *coded(X509 *certificate) {
    unsigned char *bytes = NULL;
    int length = i2d_X509(certificate, &bytes);
    char *text = length > 0 && length < SIGNING_CERTIFICATE_MAX_BYTES / 4 * 3
                     ? malloc((size_t)(length + 2) / 3 * 4 + 1) : NULL;
    if (text) EVP_EncodeBlock((unsigned char *)text, bytes, length);
    OPENSSL_free(bytes);
    return text;
}

static int pair_read(const struct signing *signing, struct error *error, struct pair *ret_pair) {
    struct pair pair = {0};
    char *text = NULL;
    size_t length = 0;
    int status = file_read(signing->certificate, FILE_MAX_BYTES, error, &text, &length);
    if (status) return status;
    BIO *pem = BIO_new_mem_buf(text, (int)length);
    X509 *certificate = pem ? PEM_read_bio_X509(pem, NULL, no_passphrase, NULL) : NULL;
    BIO_free(pem);
    free(text);
    if (!certificate) return refuse(error, signing->certificate, "certificate in PEM");
    status = key_read(signing->private_key, error, &pair.key);
    if (!status && X509_check_private_key(certificate, pair.key) != 1)
        status = refuse(error, signing->private_key, "key of the certificate beside it");
    if (!status && !(pair.certificate = coded(certificate)))
        status = error_set(error, ERROR_NO_MEMORY, "no memory for %.300s", signing->certificate);
    if (!status && X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
        log_event(LOG_WARNING, "certificate_expired", "file", signing->certificate, NULL);
    X509_free(certificate);
    if (status) pair_done(&pair);
    else *ret_pair = pair;
    return status;
}

int signing_open(const char *certificate, const char *private_key, struct error *error,
                 struct signing **ret_signing) {
    struct signing *signing = calloc(1, sizeof *signing);
    if (!signing) return error_set(error, ERROR_NO_MEMORY, "no memory for the signing key");
    snprintf(signing->certificate, PATH_BYTES_MAX, "%s", certificate);
    snprintf(signing->private_key, PATH_BYTES_MAX, "%s", private_key);
    pthread_mutex_init(&signing->lock, NULL);
    int status = pair_read(signing, error, &signing->pair);
    if (status) {
        signing_free(signing);
        return status;
    }
    *ret_signing = signing;
    return 0;
}

void signing_free(struct signing *signing) {
    if (!signing) return;
    pair_done(&signing->pair);
    pthread_mutex_destroy(&signing->lock);
    free(signing);
}

int signing_reload(struct signing *signing, struct error *error) {
    struct pair fresh, before;
    int status = pair_read(signing, error, &fresh);
    if (status) return status;
    pthread_mutex_lock(&signing->lock);
    before = signing->pair;
    signing->pair = fresh;
    pthread_mutex_unlock(&signing->lock);
    pair_done(&before);
    return 0;
}

EVP_PKEY *signing_hold(struct signing *signing, struct buffer *certificate) {
    pthread_mutex_lock(&signing->lock);
    EVP_PKEY *key = EVP_PKEY_up_ref(signing->pair.key) == 1 ? signing->pair.key : NULL;
    if (key) buffer_text(certificate, signing->pair.certificate);
    pthread_mutex_unlock(&signing->lock);
    return key;
}

/* The certificate lives in a context of its own, which is read whole before it takes the place of
 * the one before; a callback gives it to each handshake. */
#include "tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { TLS_PATH_MAX = 1024 };

struct tls {
    SSL_CTX *context;
    pthread_rwlock_t lock; /* guards `pair` */
    SSL_CTX *pair;         /* holds certificate, chain and key */
    char certificate[TLS_PATH_MAX], private_key[TLS_PATH_MAX];
};

/* `what` is the option that names the file. OpenSSL's own reasons speak of its insides: they come
 * last, for whoever knows them. */
static int fail(struct error *error, const char *what, const char *path, bool alone) {
    char reason[160] = "";
    unsigned long code = ERR_peek_last_error();
    const char *known = code ? ERR_reason_error_string(code) : NULL;
    if (known) snprintf(reason, sizeof reason, " (%s)", known);
    ERR_clear_error();
    FILE *file = fopen(path, "r");
    if (!file)
        return error_set(error, ERROR_INVALID,
                         "the %s %s cannot be read: %s. Correct its path or its rights, or name "
                         "another file with --%s or in koppel.conf",
                         what, path, strerror(errno), what);
    fclose(file);
    return error_set(error, ERROR_INVALID,
                     alone ? "the %s %s is not usable%s: give a PEM file, without a passphrase"
                           : "the %s %s does not belong to the certificate%s: give the two that "
                             "were made together",
                     what, path, reason);
}

/* Never asks at the terminal. */
static int no_passphrase(char *buffer, int size, int writing, void *context) {
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

static void warn_when_expired(X509 *certificate, const char *path) {
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
        log_event(LOG_WARNING, "certificate_expired", "file", path, NULL);
}

static int read_pair(const struct tls *tls, struct error *error, SSL_CTX **ret_pair) {
    SSL_CTX *pair = SSL_CTX_new(TLS_server_method());
    if (!pair) return error_set(error, ERROR_NO_MEMORY, "no memory for TLS");
    SSL_CTX_set_default_passwd_cb(pair, no_passphrase);
    int result = 0;
    if (SSL_CTX_use_certificate_chain_file(pair, tls->certificate) != 1)
        result = fail(error, "certificate", tls->certificate, true);
    else if (SSL_CTX_use_PrivateKey_file(pair, tls->private_key, SSL_FILETYPE_PEM) != 1)
        result = fail(error, "private-key", tls->private_key, true);
    else if (SSL_CTX_check_private_key(pair) != 1)
        result = fail(error, "private-key", tls->private_key, false);
    if (result != 0) {
        SSL_CTX_free(pair);
        return result;
    }
    warn_when_expired(SSL_CTX_get0_certificate(pair), tls->certificate);
    *ret_pair = pair;
    return 0;
}

static int give_certificate(SSL *ssl, void *context) {
    struct tls *tls = context;
    STACK_OF(X509) *chain = NULL;
    pthread_rwlock_rdlock(&tls->lock);
    SSL_CTX_get0_chain_certs(tls->pair, &chain);
    int result = SSL_use_cert_and_key(ssl, SSL_CTX_get0_certificate(tls->pair),
                                      SSL_CTX_get0_privatekey(tls->pair), chain, 1);
    pthread_rwlock_unlock(&tls->lock);
    return result;
}

/* Only HTTP/1.1 is spoken: a client that offers a list without it is told so in the handshake. */
static int choose_protocol(SSL *ssl, const unsigned char **ret_chosen, unsigned char *ret_length,
                           const unsigned char *offered, unsigned int offered_length,
                           void *context) {
    static const unsigned char spoken[] = "\x08http/1.1\x08http/1.0";
    unsigned char *chosen;
    (void)ssl, (void)context;
    if (SSL_select_next_proto(&chosen, ret_length, spoken, sizeof spoken - 1, offered,
                              offered_length) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *ret_chosen = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* In place of a chain's verification. A key that is costly to verify with ends the handshake. */
static int take_certificate(X509_STORE_CTX *store, void *context) {
    X509 *certificate = X509_STORE_CTX_get0_cert(store);
    EVP_PKEY *key = certificate ? X509_get0_pubkey(certificate) : NULL;
    (void)context;
    bool good = key && EVP_PKEY_get_bits(key) <= TLS_CLIENT_KEY_BITS_MAX;
    X509_STORE_CTX_set_error(store, good ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
    return good;
}

static bool set_up(struct tls *tls) {
    static const unsigned char session_context[] = "koppel";
    SSL_CTX *context = tls->context;
    /* An end without a goodbye is an end: requests carry their own length. */
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    /* Buffers are kept between records: 34 KB a connection, against two large allocations for each
     * request. */
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    /* One read takes what has come, not two: a record's length and then the rest. Who waits for the
     * socket looks first whether something was read ahead (gate.c). */
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_cert_cb(context, give_certificate, tls);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    SSL_CTX_set_cert_verify_callback(context, take_certificate, NULL);
    SSL_CTX_set_max_cert_list(context, TLS_CLIENT_CHAIN_MAX_BYTES);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
           SSL_CTX_set_session_id_context(context, session_context,
                                          sizeof session_context - 1) == 1;
}

int tls_new(const char *certificate, const char *private_key, struct error *error,
            struct tls **ret_tls) {
    if (strlen(certificate) >= TLS_PATH_MAX || strlen(private_key) >= TLS_PATH_MAX)
        return error_set(error, ERROR_TOO_LARGE, "the path of the certificate or key is too long");
    struct tls *tls = calloc(1, sizeof *tls);
    if (!tls) return error_set(error, ERROR_NO_MEMORY, "no memory for TLS");
    pthread_rwlock_init(&tls->lock, NULL);
    memcpy(tls->certificate, certificate, strlen(certificate) + 1);
    memcpy(tls->private_key, private_key, strlen(private_key) + 1);
    int result = read_pair(tls, error, &tls->pair);
    if (result == 0) {
        tls->context = SSL_CTX_new(TLS_server_method());
        if (!tls->context || !set_up(tls))
            result = error_set(error, ERROR_INTERNAL, "TLS cannot be set up: check OpenSSL");
    }
    if (result != 0) {
        tls_free(tls);
        return result;
    }
    *ret_tls = tls;
    return 0;
}

void tls_free(struct tls *tls) {
    if (!tls) return;
    SSL_CTX_free(tls->context);
    SSL_CTX_free(tls->pair);
    pthread_rwlock_destroy(&tls->lock);
    free(tls);
}

int tls_reload(struct tls *tls, struct error *error) {
    SSL_CTX *pair = NULL;
    int result = read_pair(tls, error, &pair);
    if (result != 0) return result;
    pthread_rwlock_wrlock(&tls->lock);
    SSL_CTX *before = tls->pair;
    tls->pair = pair;
    pthread_rwlock_unlock(&tls->lock);
    SSL_CTX_free(before);
    return 0;
}

SSL_CTX *tls_context(struct tls *tls) { return tls->context; }

/* Sessions of connections that are asked do not resume those that were not, nor the reverse. */
bool tls_ask_certificate(SSL *ssl) {
    static const unsigned char session_context[] = "koppel certificate";
    SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    return SSL_set_session_id_context(ssl, session_context, sizeof session_context - 1) == 1;
}

bool tls_client_certificate(const SSL *ssl, uint8_t ret_digest[SHA256_BYTES]) {
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    unsigned length = 0;
    return certificate && X509_digest(certificate, EVP_sha256(), ret_digest, &length) == 1;
}

/* The security header of a message, over the real operations and a real store with a user name and
 * a certificate registered. The first byte chooses the version of SOAP, the language, and what
 * stands behind the header; the rest is the header's content, in which marks stand for what an
 * input cannot know: %n now, %l later, %c the certificate, %u the user name, %k its password.
 * Nobody is let in who does not have the password: no input holds a signature of the certificate's
 * key. */
#include <openssl/x509.h>

#include "auth/certificate.h"
#include "base/encryption.h"
#include "message/xml_tree.h"
#include "soap/security.h"
#include "soap/soap.h"
#include "store.h"

enum { INPUT_MAX = 32 * 1024, BODY_MAX_BYTES = 512 * 1024, WRITTEN_MAX_BYTES = 1024 * 1024 };

static char memory[OPERATION_SCRATCH_BYTES], again_memory[OPERATION_SCRATCH_BYTES];
static char user[ID_MAX], password[KEY_TEXT_MAX], key_path[CONFIG_VALUE_MAX];
static struct certificate certificate;

static void keys_remove(void) { unlink(key_path); }

static void register_certificate(const char *partner_id) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *made = X509_new();
    unsigned char *bytes = NULL;
    struct error error = {0};
    char id[ID_MAX];
    X509_NAME *name = X509_get_subject_name(made);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"x", -1, -1, 0);
    X509_set_issuer_name(made, name);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 7);
    X509_gmtime_adj(X509_getm_notBefore(made), -60);
    X509_gmtime_adj(X509_getm_notAfter(made), 86400);
    X509_set_pubkey(made, key);
    X509_sign(made, key, EVP_sha256());
    int length = i2d_X509(made, &bytes);
    const struct certificate_options options = {.partner_id = partner_id, .name = "fuzz"};
    FUZZ_CHECK(!certificate_read((const char *)bytes, (size_t)length, &error, &certificate) &&
                   !certificate_add(store.service->keys, &certificate, &options, &error, id),
               "%s", error.text);
    OPENSSL_free(bytes);
    X509_free(made);
    EVP_PKEY_free(key);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    struct error error = {0};
    struct caller caller;
    char key_id[ENCRYPTION_KEY_ID_MAX];
    snprintf(key_path, sizeof key_path, "/tmp/koppel-fuzz-%ld.keys", (long)getpid());
    snprintf(store.config.encryption_keys, CONFIG_VALUE_MAX, "%s", key_path);
    FUZZ_CHECK(!encryption_rotate(key_path, &error, key_id), "%s", error.text);
    atexit(keys_remove);
    store_make();
    FUZZ_CHECK(!keys_caller(store.service->keys, store.secret, strlen(store.secret), NULL, &error,
                            &caller),
               "%s", error.text);
    const struct key_options options = {.partner_id = caller.partner_id, .secret = true,
                                        .kept_under = store.service->encryption};
    FUZZ_CHECK(!keys_create(store.service->keys, &options, &error, user, password), "%s",
               error.text);
    register_certificate(caller.partner_id);
    return 0;
}

/* Appends the content with its marks filled in; is the password among them? */
static bool fill_in(const uint8_t *bytes, size_t length, struct buffer *text) {
    char now[CLOCK_INSTANT_MAX], later[CLOCK_INSTANT_MAX];
    bool knows = false;
    clock_write_instant(clock_now_us(), now);
    clock_write_instant(clock_now_us() + 60000000, later);
    for (size_t at = 0; at < length; at++) {
        char mark = bytes[at] == '%' && at + 1 < length ? (char)bytes[at + 1] : '\0';
        const char *filled = mark == 'n' ? now : mark == 'l' ? later
                             : mark == 'c' ? certificate.base64 : mark == 'u' ? user
                             : mark == 'k' ? password : NULL;
        knows |= mark == 'k';
        if (filled) buffer_text(text, filled);
        else buffer_char(text, (char)bytes[at]);
        at += filled != NULL;
    }
    return knows;
}

static bool write_message(unsigned how, const uint8_t *bytes, size_t length, struct buffer *text) {
    static const char *const ends[] = {
        "", "<s:Own wsu:Id=\"own\"/>", "<s:Wrap><s:Body wsu:Id=\"body\"/></s:Wrap>",
        "<x Id=\"body\"/>"};
    buffer_format(text, "<s:Envelope xmlns:s=\"%s\" xmlns:wsu=\"" WSU_NAMESPACE "\" xmlns:wsse=\""
                  WSSE_NAMESPACE "\" xmlns:ds=\"" DS_NAMESPACE "\"><s:Header><wsse:Security>",
                  how & 1 ? SOAP_1_2_NAMESPACE : SOAP_1_1_NAMESPACE);
    bool knows = fill_in(bytes, length, text);
    buffer_format(text, "</wsse:Security>%s</s:Header><s:Body wsu:Id=\"body\"><ListProducts "
                  "xmlns=\"urn:koppel:quote:v1\"/></s:Body></s:Envelope>", ends[how >> 2 & 3]);
    return knows;
}

static void check_reply(const struct message_reply *reply, const struct buffer *text, bool knows) {
    struct scratch scratch;
    struct xml_fault fault = {.code = ""};
    const struct xml_node *root = NULL;
    scratch_init(&scratch, again_memory, sizeof again_memory);
    int status = xml_tree_read(text->data, text->length, "utf-8", &scratch, &fault, &root);
    FUZZ_CHECK(status == 0 && !strcmp(root->name, "Envelope"), "%s: %s", fault.code, text->data);
    FUZZ_CHECK(reply->status == 500 || knows, "let in: %s", text->data);
    FUZZ_CHECK(!strstr(text->data, "<code>internal<") && !strstr(text->data, "<code>unavailable<"),
               "our fault: %s", text->data);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static struct answer answer;
    struct scratch scratch;
    struct buffer body, text;
    struct message_reply reply;
    if (length < 1 || length > INPUT_MAX) return 0;
    buffer_init(&body, BODY_MAX_BYTES);
    buffer_init(&text, WRITTEN_MAX_BYTES);
    scratch_init(&scratch, memory, sizeof memory);
    bool knows = write_message(bytes[0], bytes + 1, length - 1, &body);
    const struct message message = {.dispatcher = store.dispatcher, .service = store.service,
                                    .public_url = store.config.public_url,
                                    .path = "/soap/v1/quote", .content_type = "text/xml",
                                    .request_id = "req_1",
                                    .language = bytes[0] & 2 ? LANGUAGE_EN : LANGUAGE_NL,
                                    .body = body.data, .body_length = body.length,
                                    .scratch = &scratch, .answer = &answer, .text = &text};
    if (!body.failed) {
        soap_entrance.answer(&message, &reply);
        check_reply(&reply, &text, knows);
    }
    buffer_done(&body);
    buffer_done(&text);
    return 0;
}

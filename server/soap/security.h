/* WS-Security on a message (OASIS WSS 1.1): user names with passwords or digests, X.509 signatures
 * over Body and Timestamp, and signatures on answers. Everything in the header is bounded and held
 * against the form that clients in use write; what cannot be relied on is refused, not left out. */
#ifndef KOPPEL_SOAP_SECURITY_H
#define KOPPEL_SOAP_SECURITY_H

#include "auth/signing.h"
#include "auth/username.h"
#include "envelope.h"

#define DS_NAMESPACE "http://www.w3.org/2000/09/xmldsig#"
#define EXCLUSIVE_C14N "http://www.w3.org/2001/10/xml-exc-c14n#"
#define WSS_BASE64                                                                                \
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
#define WSS_X509                                                                                  \
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"

enum {
    SECURITY_REFERENCES_MAX = 8,       /* of a signature */
    SECURITY_ID_MAX_BYTES = 128,       /* of a wsu:Id that a signature names */
    SECURITY_CERTIFICATE_MAX_BYTES = 8 * 1024,
    SECURITY_SIGNATURE_MAX_BYTES = 4 * 1024, /* of its value, in base64 */
    SECURITY_PREFIXES_MAX = 16, /* in a PrefixList */
    /* Each part that is signed is written canonically by walking over the whole message, and each
     * prefix of a list is looked up at every element: the message's elements and attributes, times
     * its references and one, times SECURITY_PREFIX_WEIGHT for a prefix. Some 5 ms of work. */
    SECURITY_WORK_MAX = 25000,
    SECURITY_PREFIX_WEIGHT = 4,
    SECURITY_AGE_MAX_S = 300,          /* how old a message may be by its Timestamp */
    SECURITY_AHEAD_MAX_S = 60          /* how far ahead of this clock its sender's may be */
};

/* How a signature names the certificate that it is to be verified with. */
enum security_name {
    SECURITY_CERTIFICATE,  /* it comes along */
    SECURITY_THUMBPRINT,   /* its SHA-1 */
    SECURITY_KEY_IDENTIFIER,
    SECURITY_ISSUER_SERIAL
};

struct security_username {
    const char *user;
    const char *password; /* NULL: it is a digest */
    struct username_digest digest;
};

struct security_signature {
    enum security_name name;
    const uint8_t *bytes; /* of the certificate, thumbprint or key identifier */
    size_t length;
    const char *issuer, *serial;
    const struct xml_node *node; /* ds:Signature */
    const struct xml_node *signed_nodes[SECURITY_REFERENCES_MAX]; /* as it references them */
    const char *ids[SECURITY_REFERENCES_MAX]; /* of those */
    int signed_count;
};

struct security {
    const struct xml_node *timestamp;
    int64_t created_us, expires_us; /* of the timestamp; without Expires INT64_MAX */
    bool has_username, has_signature;
    struct security_username username;
    struct security_signature signature;
};

/* Who a message proves to come from by its header: CALLER_NOBODY when there is none, or it proves
 * nothing. `ret_signed`: it was signed, so that its answer is to be. ERROR_DENIED: `ret_fault`;
 * others are our own failure. All that the header brings must hold, and be of one partner. */
int security_prove(const struct message *message, const struct xml_node *root,
                   const struct envelope *envelope, struct envelope_fault *ret_fault,
                   struct error *error, struct caller *ret_caller, bool *ret_signed);

/* ---- parts of that ---- */

/* Reads the header of an envelope whose parts were found. What it holds lies in scratch and in the
 * tree. False: `ret_fault`. Nothing is proved yet. */
bool security_read(const struct xml_node *root, const struct envelope *envelope,
                   struct scratch *scratch, struct envelope_fault *ret_fault,
                   struct security *ret_security);
/* Is the message of now, by its timestamp? Without one it is. */
bool security_is_timely(const struct security *security, int64_t now_us,
                        struct envelope_fault *ret_fault);
/* The fault for all that a caller cannot be told apart of: wrong, unknown, expired, replayed. */
void security_fail(struct envelope_fault *ret_fault);

/* Verifies the signature with the certificate (DER). `text` is the message as it came. False: the
 * signature does not fit, or memory ran out (ret_starved). */
bool security_verify(const struct security *security, const struct xml_node *root,
                     const char *text, size_t length, const char *charset,
                     const uint8_t *certificate, size_t certificate_length,
                     struct scratch *scratch, bool *ret_starved);

/* Puts a security header with a signature into an answer that was written whole. False: memory does
 * not suffice, and the text is what it was or failed. */
bool security_sign(struct signing *signing, struct buffer *text);

#endif

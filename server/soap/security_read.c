/* The security header against the forms that are taken. What a signature is said to cover is
 * settled here, by place: an Id names exactly one element, and that element is the envelope's own
 * Body, or a block of its Header or of the security header. Who sent the message is not settled
 * here. */
#include "security.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/clock.h"

#define SECOND_US INT64_C(1000000)
enum { NAME_MAX_BYTES = 1024, SERIAL_MAX = 128 };

static const char enveloped[] = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

static bool refuse(struct envelope_fault *fault, const char *security, const char *code,
                   const char *nl, const char *en) {
    *fault = (struct envelope_fault){.kind = FAULT_SENDER, .code = code, .nl = nl, .en = en,
                                     .security = security};
    return false;
}

static bool refuse_form(struct envelope_fault *fault) {
    return refuse(fault, "InvalidSecurity", "security_invalid",
                  "wsse:Security heeft hoogstens één Timestamp, UsernameToken, BinarySecurityToken "
                  "en Signature, elk met de onderdelen die WS-Security 1.1 noemt, elk één keer.",
                  "wsse:Security has one Timestamp, UsernameToken, BinarySecurityToken and "
                  "Signature at most, each with the parts that WS-Security 1.1 names, each once.");
}

static bool refuse_token(struct envelope_fault *fault) {
    return refuse(fault, "UnsupportedSecurityToken", "security_unsupported",
                  "wsse:Security bevat iets dat deze dienst niet kent: stuur een UsernameToken "
                  "(PasswordText of PasswordDigest) of een handtekening met een X.509-certificaat.",
                  "wsse:Security holds something that this service does not know: send a "
                  "UsernameToken (PasswordText or PasswordDigest) or a signature with an X.509 "
                  "certificate.");
}

static bool refuse_algorithm(struct envelope_fault *fault) {
    return refuse(fault, "UnsupportedAlgorithm", "security_unsupported",
                  "Onderteken met RSA of ECDSA en SHA-256, 384 of 512 (SHA-1 is niet veilig meer), "
                  "en met exclusive C14N als enige bewerking.",
                  "Sign with RSA or ECDSA and SHA-256, 384 or 512 (SHA-1 is not safe any more), "
                  "and with exclusive C14N as the only transform.");
}

static bool refuse_coverage(struct envelope_fault *fault) {
    return refuse(fault, "InvalidSecurity", "security_invalid",
                  "De handtekening hoort de Body van deze envelop en de Timestamp van "
                  "wsse:Security te dekken, elk met een wsu:Id dat één keer voorkomt, en hoogstens "
                  "8 delen van het bericht in al.",
                  "The signature is to cover the Body of this envelope and the Timestamp of "
                  "wsse:Security, each by a wsu:Id that occurs once, and 8 parts of the message at "
                  "most in all.");
}

void security_fail(struct envelope_fault *ret_fault) {
    refuse(ret_fault, "FailedAuthentication", "unauthorized",
           "U bent niet herkend: de gebruikersnaam, het wachtwoord, het certificaat of het "
           "tijdstip (Created) klopt niet, is verlopen of ingetrokken, of de Nonce is al gebruikt.",
           "You were not recognised: the user name, password, certificate or moment (Created) is "
           "wrong, expired or revoked, or the Nonce was used before.");
}

static bool refuse_work(struct envelope_fault *fault) {
    return refuse(fault, "InvalidSecurity", "too_large",
                  "Het bericht is te groot om ondertekend te worden verwerkt: stuur minder in één "
                  "keer, onderteken minder delen, of laat PrefixList weg.",
                  "The message is too large to be processed signed: send less at a time, sign "
                  "fewer parts, or leave out PrefixList.");
}

/* ---- parts ---------------------------------------------------------------------------------- */

/* Takes the node as the one of its kind; false: there was one. */
static bool once(const struct xml_node **part, const struct xml_node *node) {
    bool first = !*part;
    *part = node;
    return first;
}

static bool attribute_is(const struct xml_node *node, const char *name, const char *value) {
    const struct xml_node_attribute *attribute = xml_node_attribute(node, "", name);
    return attribute && strcmp(attribute->value, value) == 0;
}

static const char *algorithm_of(const struct xml_node *node) {
    const struct xml_node_attribute *attribute = xml_node_attribute(node, "", "Algorithm");
    return attribute ? attribute->value : "";
}

static bool is_among(const char *text, const char *const *list) {
    while (*list && strcmp(text, *list) != 0) list++;
    return *list != NULL;
}

/* A text of an element without the white space around it; NULL: it is none, or too long. */
static const char *trimmed(const struct xml_node *node, size_t most, struct scratch *scratch) {
    const char *text = node->text;
    size_t length = node->text_length;
    while (length > 0 && xml_is_blank(text, 1)) text++, length--;
    while (length > 0 && xml_is_blank(text + length - 1, 1)) length--;
    char *copy = node->first || length == 0 || length > most ? NULL
                                                             : scratch_take(scratch, length + 1);
    if (!copy) return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

/* Base 64 with white space in it, of at most `most` bytes decoded. */
static bool decoded(const struct xml_node *node, size_t most, struct scratch *scratch,
                    const uint8_t **ret_bytes, size_t *ret_length) {
    size_t length = 0, padding = 0;
    if (node->first || node->text_length == 0 || node->text_length > 2 * most + 64) return false;
    char *text = scratch_take(scratch, node->text_length + 1);
    uint8_t *bytes = scratch_take(scratch, node->text_length / 4 * 3 + 3);
    if (!text || !bytes) return false;
    for (size_t at = 0; at < node->text_length; at++)
        if (!xml_is_blank(node->text + at, 1)) text[length++] = node->text[at];
    text[length] = '\0';
    while (padding < 2 && padding < length && text[length - 1 - padding] == '=') padding++;
    size_t plain = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    if (length == 0 || length % 4 != 0 || plain != length - padding) return false;
    int written = EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)length);
    if (written < 0 || (size_t)written - padding > most) return false;
    *ret_bytes = bytes;
    *ret_length = (size_t)written - padding;
    return true;
}

/* An xs:dateTime; one without a zone is UTC. */
static bool moment(const struct xml_node *node, struct scratch *scratch, int64_t *ret_us) {
    char text[USERNAME_CREATED_MAX_BYTES + 2];
    const char *given = trimmed(node, USERNAME_CREATED_MAX_BYTES, scratch);
    if (!given) return false;
    size_t length = strlen(given);
    if (clock_read_instant(given, length, ret_us)) return true;
    memcpy(text, given, length);
    text[length] = 'Z';
    return clock_read_instant(text, length + 1, ret_us);
}

/* ---- user names ----------------------------------------------------------------------------- */

static bool read_digest(const struct xml_node *password, const struct xml_node *nonce,
                        const struct xml_node *created, struct scratch *scratch,
                        struct username_digest *digest) {
    const uint8_t *bytes;
    size_t length;
    if (!nonce || !created || xml_is_blank(created->text, 1)) return false;
    if (!decoded(password, USERNAME_DIGEST_BYTES, scratch, &bytes, &length) ||
        length != USERNAME_DIGEST_BYTES)
        return false;
    memcpy(digest->digest, bytes, length);
    if (!decoded(nonce, USERNAME_NONCE_MAX_BYTES, scratch, &bytes, &length)) return false;
    digest->nonce = bytes;
    digest->nonce_length = length;
    digest->created = created->text;
    return moment(created, scratch, &digest->created_us);
}

static bool read_username(const struct xml_node *token, struct scratch *scratch,
                          struct envelope_fault *fault, struct security_username *ret_username) {
    const struct xml_node *user = NULL, *password = NULL, *nonce = NULL, *created = NULL;
    for (const struct xml_node *child = token->first; child; child = child->next) {
        bool first;
        if (xml_node_is(child, WSSE_NAMESPACE, "Username")) first = once(&user, child);
        else if (xml_node_is(child, WSSE_NAMESPACE, "Password")) first = once(&password, child);
        else if (xml_node_is(child, WSSE_NAMESPACE, "Nonce")) first = once(&nonce, child);
        else if (xml_node_is(child, WSU_NAMESPACE, "Created")) first = once(&created, child);
        else return refuse_token(fault);
        if (!first) return refuse_form(fault);
    }
    if (!user || !password) return refuse_form(fault);
    ret_username->user = trimmed(user, USERNAME_MAX_BYTES, scratch);
    const struct xml_node_attribute *type = xml_node_attribute(password, "", "Type");
    const char *mark = type ? strrchr(type->value, '#') : NULL;
    const char *kind = !type ? "PasswordText" : mark ? mark + 1 : type->value;
    bool digest = strcmp(kind, "PasswordDigest") == 0;
    if (!digest && strcmp(kind, "PasswordText") != 0) return refuse_token(fault);
    if (nonce && xml_node_attribute(nonce, "", "EncodingType") &&
        !attribute_is(nonce, "EncodingType", WSS_BASE64))
        return refuse_token(fault);
    bool sound = ret_username->user != NULL;
    if (digest) {
        ret_username->digest.user = ret_username->user;
        sound = sound && read_digest(password, nonce, created, scratch, &ret_username->digest);
    } else {
        ret_username->password = trimmed(password, USERNAME_MAX_BYTES, scratch);
        sound = sound && ret_username->password;
    }
    if (!sound) security_fail(fault);
    return sound;
}

/* ---- timestamps ----------------------------------------------------------------------------- */

static bool read_timestamp(struct security *security, struct scratch *scratch,
                           struct envelope_fault *fault) {
    const struct xml_node *created = NULL, *expires = NULL;
    security->expires_us = INT64_MAX;
    for (const struct xml_node *child = security->timestamp->first; child; child = child->next) {
        bool first = false;
        if (xml_node_is(child, WSU_NAMESPACE, "Created")) first = once(&created, child);
        else if (xml_node_is(child, WSU_NAMESPACE, "Expires")) first = once(&expires, child);
        if (!first) return refuse_form(fault);
    }
    if ((!created || moment(created, scratch, &security->created_us)) &&
        (!expires || moment(expires, scratch, &security->expires_us)) && created)
        return true;
    return refuse_form(fault);
}

bool security_is_timely(const struct security *security, int64_t now_us,
                        struct envelope_fault *ret_fault) {
    const int64_t age_us = SECURITY_AGE_MAX_S * SECOND_US;
    const int64_t ahead_us = SECURITY_AHEAD_MAX_S * SECOND_US;
    if (!security->timestamp) return true;
    if (security->created_us >= now_us - age_us && security->created_us <= now_us + ahead_us &&
        security->expires_us > now_us - ahead_us)
        return true;
    return refuse(ret_fault, "MessageExpired", "message_expired",
                  "De Timestamp van het bericht is niet van nu: het mag hoogstens 5 minuten oud "
                  "zijn, en niet voorbij zijn Expires. Zet de klok van uw systeem gelijk.",
                  "The message's Timestamp is not of now: it may be 5 minutes old at most, and not "
                  "past its Expires. Set your system's clock right.");
}

/* ---- ids ------------------------------------------------------------------------------------ */

static const struct xml_node *next_in_tree(const struct xml_node *node,
                                           const struct xml_node *root) {
    if (node->first) return node->first;
    while (node != root && !node->next) node = node->parent;
    return node == root ? NULL : node->next;
}

static bool is_id(const struct xml_node_attribute *attribute) {
    return strcmp(attribute->name, "Id") == 0 || strcmp(attribute->name, "id") == 0 ||
           strcmp(attribute->name, "ID") == 0;
}

/* Is it an Id by which a signature may name the element? */
static bool is_name(const struct xml_node *node, const char *namespace, const char *id) {
    const struct xml_node_attribute *at = xml_node_attribute(node, namespace, "Id");
    return at && strcmp(at->value, id) == 0;
}

/* The node with that Id; NULL when there is none, or more than one by an Id of any kind. */
static const struct xml_node *find_id(const struct xml_node *root, const char *id) {
    const struct xml_node *found = NULL;
    for (const struct xml_node *node = root; node; node = next_in_tree(node, root)) {
        for (const struct xml_node_attribute *at = node->attributes; at; at = at->next) {
            if (!is_id(at) || strcmp(at->value, id) != 0) continue;
            if (found && found != node) return NULL;
            found = node;
        }
    }
    return found && (is_name(found, WSU_NAMESPACE, id) || is_name(found, "", id)) ? found : NULL;
}

/* "#" and an Id of plain characters; NULL: it is none. */
static const char *fragment(const struct xml_node *node) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789_.-:";
    const struct xml_node_attribute *uri = xml_node_attribute(node, "", "URI");
    if (!uri || uri->value[0] != '#') return NULL;
    size_t length = strspn(uri->value + 1, plain);
    bool whole = length > 0 && length <= SECURITY_ID_MAX_BYTES && !uri->value[1 + length];
    return whole ? uri->value + 1 : NULL;
}

/* ---- signatures ----------------------------------------------------------------------------- */

static int count_words(const char *text) {
    int count = 0;
    for (bool inside = false; *text; text++) {
        bool blank = xml_is_blank(text, 1);
        count += !blank && !inside;
        inside = !blank;
    }
    return count;
}

/* Exclusive C14N, which may be told of prefixes, whose weight is added; no other child. */
static bool is_exclusive(const struct xml_node *node, int *weight) {
    const struct xml_node *child = node->first;
    if (strcmp(algorithm_of(node), EXCLUSIVE_C14N) != 0) return false;
    *weight += 1;
    if (!child) return true;
    const struct xml_node_attribute *list = xml_node_attribute(child, "", "PrefixList");
    int prefixes = list ? count_words(list->value) : 0;
    *weight += prefixes * SECURITY_PREFIX_WEIGHT;
    return xml_node_is(child, EXCLUSIVE_C14N, "InclusiveNamespaces") && !child->next &&
           !child->first && prefixes <= SECURITY_PREFIXES_MAX;
}

static bool is_too_much(const struct xml_node *root, int weight) {
    int64_t nodes = 0;
    for (const struct xml_node *node = root; node; node = next_in_tree(node, root)) {
        nodes++;
        for (const struct xml_node_attribute *at = node->attributes; at; at = at->next) nodes++;
    }
    return nodes * weight > SECURITY_WORK_MAX;
}

/* A signature in the header takes nothing away from what it covers elsewhere, so that "enveloped",
 * which some clients always write, changes nothing. */
static bool are_plain(const struct xml_node *transforms, int *weight) {
    const struct xml_node *last = transforms->first;
    if (!xml_node_is(transforms, DS_NAMESPACE, "Transforms") || !last) return false;
    if (!xml_node_is(last, DS_NAMESPACE, "Transform")) return false;
    if (last->next && strcmp(algorithm_of(last), enveloped) == 0 && !last->first) last = last->next;
    return !last->next && xml_node_is(last, DS_NAMESPACE, "Transform") &&
           is_exclusive(last, weight);
}

static bool read_reference(const struct xml_node *reference, const struct xml_node *root,
                           const struct envelope *envelope, struct security_signature *signature,
                           int *weight, struct envelope_fault *fault) {
    static const char *const digests[] = {"http://www.w3.org/2001/04/xmlenc#sha256",
                                          "http://www.w3.org/2001/04/xmldsig-more#sha384",
                                          "http://www.w3.org/2001/04/xmlenc#sha512", NULL};
    const struct xml_node *transforms = reference->first;
    const struct xml_node *method = transforms ? transforms->next : NULL;
    const struct xml_node *value = method ? method->next : NULL;
    if (!xml_node_is(reference, DS_NAMESPACE, "Reference")) return refuse_form(fault);
    if (signature->signed_count == SECURITY_REFERENCES_MAX) return refuse_coverage(fault);
    if (!value || value->next || !xml_node_is(method, DS_NAMESPACE, "DigestMethod") ||
        !xml_node_is(value, DS_NAMESPACE, "DigestValue") || !are_plain(transforms, weight) ||
        method->first || !is_among(algorithm_of(method), digests))
        return refuse_algorithm(fault);
    const char *id = fragment(reference);
    const struct xml_node *node = id ? find_id(root, id) : NULL;
    bool in_place = node && node != signature->node &&
                    (node == envelope->body || node->parent == envelope->header ||
                     node->parent == envelope->security);
    for (int at = 0; at < signature->signed_count; at++)
        in_place = in_place && signature->signed_nodes[at] != node;
    if (!in_place || node == envelope->security) return refuse_coverage(fault);
    signature->ids[signature->signed_count] = id;
    signature->signed_nodes[signature->signed_count++] = node;
    return true;
}

static bool covers(const struct security_signature *signature, const struct xml_node *node) {
    for (int at = 0; at < signature->signed_count; at++)
        if (signature->signed_nodes[at] == node) return true;
    return false;
}

/* The library that verifies takes attributes by their names alone: one of another namespace could
 * stand for another element, or for more prefixes, than were seen here. */
static bool has_plain_attributes(const struct xml_node *info) {
    for (const struct xml_node *node = info; node; node = next_in_tree(node, info))
        for (const struct xml_node_attribute *at = node->attributes; at; at = at->next)
            if (*at->namespace) return false;
    return true;
}

static bool read_signed_info(const struct xml_node *info, const struct xml_node *root,
                             const struct envelope *envelope, struct security *security,
                             struct envelope_fault *fault) {
    static const char *const methods[] = {
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", NULL};
    const struct xml_node *canonical = info->first;
    const struct xml_node *method = canonical ? canonical->next : NULL;
    int weight = 0;
    if (!method || !has_plain_attributes(info) ||
        !xml_node_is(canonical, DS_NAMESPACE, "CanonicalizationMethod") ||
        !xml_node_is(method, DS_NAMESPACE, "SignatureMethod"))
        return refuse_form(fault);
    if (!is_exclusive(canonical, &weight) || method->first ||
        !is_among(algorithm_of(method), methods))
        return refuse_algorithm(fault);
    for (const struct xml_node *child = method->next; child; child = child->next)
        if (!read_reference(child, root, envelope, &security->signature, &weight, fault))
            return false;
    if (is_too_much(root, weight)) return refuse_work(fault);
    return (security->timestamp && covers(&security->signature, envelope->body) &&
            covers(&security->signature, security->timestamp)) ||
           refuse_coverage(fault);
}

/* ---- the certificate's name ----------------------------------------------------------------- */

static bool read_issuer_serial(const struct xml_node *node, struct scratch *scratch,
                               struct security_signature *signature) {
    const struct xml_node *issuer = node->first, *serial = issuer ? issuer->next : NULL;
    if (!serial || serial->next || !xml_node_is(issuer, DS_NAMESPACE, "X509IssuerName") ||
        !xml_node_is(serial, DS_NAMESPACE, "X509SerialNumber"))
        return false;
    signature->name = SECURITY_ISSUER_SERIAL;
    signature->issuer = trimmed(issuer, NAME_MAX_BYTES, scratch);
    signature->serial = trimmed(serial, SERIAL_MAX, scratch);
    return signature->issuer && signature->serial;
}

static bool read_certificate(const struct xml_node *node, struct scratch *scratch,
                             struct security_signature *signature) {
    signature->name = SECURITY_CERTIFICATE;
    return decoded(node, SECURITY_CERTIFICATE_MAX_BYTES, scratch, &signature->bytes,
                   &signature->length);
}

/* A certificate goes before its issuer and serial, which some clients send with it. */
static bool read_x509_data(const struct xml_node *data, struct scratch *scratch,
                           struct security_signature *signature) {
    const struct xml_node *certificate = NULL, *issuer = NULL;
    for (const struct xml_node *child = data->first; child; child = child->next) {
        bool first = true;
        if (xml_node_is(child, DS_NAMESPACE, "X509Certificate")) first = once(&certificate, child);
        else if (xml_node_is(child, DS_NAMESPACE, "X509IssuerSerial")) first = once(&issuer, child);
        if (!first) return false;
    }
    if (certificate) return read_certificate(certificate, scratch, signature);
    return issuer && read_issuer_serial(issuer, scratch, signature);
}

static bool ends_with(const struct xml_node *node, const char *name, const char *end) {
    const struct xml_node_attribute *attribute = xml_node_attribute(node, "", name);
    const char *mark = attribute ? strrchr(attribute->value, '#') : NULL;
    return mark && strcmp(mark + 1, end) == 0;
}

static bool read_key_info(const struct xml_node *info, const struct xml_node *root,
                          const struct xml_node *token, struct scratch *scratch,
                          struct security_signature *signature) {
    const struct xml_node *node = info->first;
    if (!node || node->next) return false;
    if (xml_node_is(node, WSSE_NAMESPACE, "SecurityTokenReference")) node = node->first;
    if (!node || node->next) return false;
    if (xml_node_is(node, DS_NAMESPACE, "X509Data"))
        return read_x509_data(node, scratch, signature);
    if (xml_node_is(node, WSSE_NAMESPACE, "Reference")) {
        const char *id = fragment(node);
        return token && id && find_id(root, id) == token &&
               attribute_is(token, "ValueType", WSS_X509) &&
               read_certificate(token, scratch, signature);
    }
    if (!xml_node_is(node, WSSE_NAMESPACE, "KeyIdentifier")) return false;
    if (ends_with(node, "ValueType", "X509v3"))
        return read_certificate(node, scratch, signature);
    bool thumbprint = ends_with(node, "ValueType", "ThumbprintSHA1");
    if (!thumbprint && !ends_with(node, "ValueType", "X509SubjectKeyIdentifier")) return false;
    signature->name = thumbprint ? SECURITY_THUMBPRINT : SECURITY_KEY_IDENTIFIER;
    return decoded(node, 64, scratch, &signature->bytes, &signature->length);
}

static bool read_signature(const struct xml_node *root, const struct envelope *envelope,
                           const struct xml_node *token, struct scratch *scratch,
                           struct envelope_fault *fault, struct security *security) {
    struct security_signature *signature = &security->signature;
    const struct xml_node *info = signature->node->first;
    const struct xml_node *value = info ? info->next : NULL, *key = value ? value->next : NULL;
    if (!key || key->next || !xml_node_is(info, DS_NAMESPACE, "SignedInfo") ||
        !xml_node_is(value, DS_NAMESPACE, "SignatureValue") || value->first ||
        value->text_length > SECURITY_SIGNATURE_MAX_BYTES ||
        !xml_node_is(key, DS_NAMESPACE, "KeyInfo"))
        return refuse_form(fault);
    if (!read_signed_info(info, root, envelope, security, fault)) return false;
    if (read_key_info(key, root, token, scratch, signature)) return true;
    return refuse(fault, "InvalidSecurityToken", "security_invalid",
                  "Noem in KeyInfo één X.509-certificaat: als BinarySecurityToken, met zijn "
                  "thumbprint of key identifier, of met uitgever en serienummer.",
                  "Name one X.509 certificate in KeyInfo: as BinarySecurityToken, by its "
                  "thumbprint or key identifier, or by issuer and serial number.");
}

/* ---- the header ----------------------------------------------------------------------------- */

bool security_read(const struct xml_node *root, const struct envelope *envelope,
                   struct scratch *scratch, struct envelope_fault *ret_fault,
                   struct security *ret_security) {
    const struct xml_node *username = NULL, *token = NULL;
    *ret_security = (struct security){.timestamp = NULL};
    if (!envelope->security) return true;
    for (const struct xml_node *child = envelope->security->first; child; child = child->next) {
        bool first;
        if (xml_node_is(child, WSSE_NAMESPACE, "UsernameToken")) first = once(&username, child);
        else if (xml_node_is(child, WSU_NAMESPACE, "Timestamp"))
            first = once(&ret_security->timestamp, child);
        else if (xml_node_is(child, WSSE_NAMESPACE, "BinarySecurityToken"))
            first = once(&token, child);
        else if (xml_node_is(child, DS_NAMESPACE, "Signature"))
            first = once(&ret_security->signature.node, child);
        else return refuse_token(ret_fault);
        if (!first) return refuse_form(ret_fault);
    }
    ret_security->has_username = username != NULL;
    ret_security->has_signature = ret_security->signature.node != NULL;
    if (ret_security->timestamp && !read_timestamp(ret_security, scratch, ret_fault)) return false;
    if (username && !read_username(username, scratch, ret_fault, &ret_security->username))
        return false;
    return !ret_security->has_signature ||
           read_signature(root, envelope, token, scratch, ret_fault, ret_security);
}

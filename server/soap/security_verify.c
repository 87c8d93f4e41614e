/* The message once more as a document, with the elements found in the tree found again by their
 * places in it: what is verified is what is read. */
#include "security.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/error.h"
#include "message/xml_document.h"
#include "xmlsec.h"

static xmlNodePtr element_at(xmlNodePtr parent, int place) {
    for (xmlNodePtr child = xmlFirstElementChild(parent); child;
         child = xmlNextElementSibling(child))
        if (place-- == 0) return child;
    return NULL;
}

/* The counterpart of a node of the tree, at most as deep as the security header's children. */
static xmlNodePtr counterpart(xmlDocPtr document, const struct xml_node *root,
                              const struct xml_node *node) {
    enum { DEPTH_MAX = 4 };
    int places[DEPTH_MAX], depth = 0;
    for (; node != root; node = node->parent) {
        if (depth == DEPTH_MAX) return NULL;
        places[depth] = 0;
        for (const struct xml_node *at = node->parent->first; at != node; at = at->next)
            places[depth]++;
        depth++;
    }
    xmlNodePtr found = xmlDocGetRootElement(document);
    while (found && depth > 0) found = element_at(found, places[--depth]);
    return found;
}

static EVP_PKEY *public_key(const uint8_t *certificate, size_t length) {
    const uint8_t *at = certificate;
    X509 *read = d2i_X509(NULL, &at, (long)length);
    EVP_PKEY *key = read ? X509_get_pubkey(read) : NULL;
    X509_free(read);
    ERR_clear_error();
    return key;
}

/* Others are registered for connections, and fit none of the algorithms that are let through. */
static bool signs_messages(const EVP_PKEY *key) {
    int kind = EVP_PKEY_get_base_id(key);
    return kind == EVP_PKEY_RSA || kind == EVP_PKEY_EC;
}

static enum xmlsec_outcome verify(const struct security_signature *signature,
                                  const struct xml_node *root, xmlDocPtr document, EVP_PKEY *key) {
    struct xmlsec_part parts[SECURITY_REFERENCES_MAX];
    xmlNodePtr node = counterpart(document, root, signature->node);
    for (int at = 0; at < signature->signed_count; at++) {
        parts[at] = (struct xmlsec_part){
            .node = counterpart(document, root, signature->signed_nodes[at]),
            .id = signature->ids[at]};
        if (!parts[at].node) return XMLSEC_WRONG;
    }
    if (!node) return XMLSEC_WRONG;
    return xmlsec_verify(document, node, parts, signature->signed_count, key);
}

bool security_verify(const struct security *security, const struct xml_node *root,
                     const char *text, size_t length, const char *charset,
                     const uint8_t *certificate, size_t certificate_length,
                     struct scratch *scratch, bool *ret_starved) {
    xmlDocPtr document = NULL;
    struct xml_fault fault;
    int status = xml_document_read(text, length, charset, scratch, &fault, &document);
    *ret_starved = status != 0 && status != ERROR_INVALID;
    if (status) return false;
    EVP_PKEY *key = public_key(certificate, certificate_length);
    enum xmlsec_outcome outcome = !key                  ? XMLSEC_FAILED
                                  : signs_messages(key) ? verify(&security->signature, root,
                                                                 document, key)
                                                        : XMLSEC_WRONG;
    *ret_starved = outcome == XMLSEC_FAILED;
    EVP_PKEY_free(key);
    xmlFreeDoc(document);
    return outcome == XMLSEC_DONE;
}

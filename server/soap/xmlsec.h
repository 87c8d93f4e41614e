/* XML signatures by the xmlsec library, held to the few algorithms that security_read.c lets
 * through. Documents are handed in parsed, with the elements that are signed found already: the
 * library looks for nothing by itself. */
#ifndef KOPPEL_SOAP_XMLSEC_H
#define KOPPEL_SOAP_XMLSEC_H

#include <libxml/tree.h>
#include <openssl/evp.h>
#include <stdbool.h>

/* An element of the document that a signature references. */
struct xmlsec_part {
    xmlNodePtr node;
    const char *id; /* value of its attribute wsu:Id or Id */
};

enum xmlsec_outcome { XMLSEC_DONE, XMLSEC_WRONG, XMLSEC_FAILED };

/* Verifies ds:Signature with a public key. XMLSEC_WRONG: it does not fit what is signed, or cannot
 * be read. XMLSEC_FAILED: the library cannot be used here. */
enum xmlsec_outcome xmlsec_verify(xmlDocPtr document, xmlNodePtr signature,
                                  const struct xmlsec_part *parts, int part_count, EVP_PKEY *key);
/* Fills in the digests and the value of a ds:Signature with a private key. */
enum xmlsec_outcome xmlsec_sign(xmlDocPtr document, xmlNodePtr signature,
                                const struct xmlsec_part *parts, int part_count, EVP_PKEY *key);

#endif

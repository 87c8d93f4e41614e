/* The library is set up once, and told nothing of certificates: keys are handed to it. Ids are
 * registered for the parts alone, and looked up in the document's own table without XPath, which
 * some clients' Ids would not survive. What it has to say goes nowhere: callers hear of outcomes
 * only. */
#include "xmlsec.h"

#include <libxml/valid.h>
#include <libxml/xmlerror.h>
#include <openssl/err.h>
#include <pthread.h>
#include <string.h>

#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/keys.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>

static pthread_once_t prepared = PTHREAD_ONCE_INIT;
static bool usable;

static void say_nothing(const char *file, int line, const char *function, const char *object,
                        const char *subject, int reason, const char *message) {
    (void)file, (void)line, (void)function, (void)object, (void)subject, (void)reason;
    (void)message;
}

static void prepare(void) {
    usable = xmlSecInit() >= 0 && xmlSecCheckVersion() == 1 && xmlSecCryptoInit() >= 0;
    xmlSecErrorsSetCallback(say_nothing);
}

/* libxml2's own complaints; its handler's parameter became const in 2.12. */
#if LIBXML_VERSION < 21200
static void ignore(void *context, xmlErrorPtr error) { (void)context, (void)error; }
#else
static void ignore(void *context, const xmlError *error) { (void)context, (void)error; }
#endif

static bool is_id(const xmlAttr *attribute) {
    return strcmp((const char *)attribute->name, "Id") == 0;
}

/* Makes the part what its id stands for in the document; false: something else is. */
static bool name_part(xmlDocPtr document, const struct xmlsec_part *part) {
    const xmlChar *id = (const xmlChar *)part->id;
    for (xmlAttrPtr at = part->node->properties; at; at = at->next) {
        xmlChar *value = is_id(at) ? xmlNodeListGetString(document, at->children, 1) : NULL;
        bool same = value && xmlStrEqual(value, id);
        xmlFree(value);
        if (!same) continue;
        if (!xmlAddID(NULL, document, id, at)) return false;
        return xmlGetID(document, id) == at;
    }
    return false;
}

static bool hold_to_few(xmlSecDSigCtxPtr context) {
    const xmlSecTransformId reference[] = {
        xmlSecTransformExclC14NId, xmlSecTransformEnvelopedId, xmlSecTransformSha256Id,
        xmlSecTransformSha384Id, xmlSecTransformSha512Id};
    const xmlSecTransformId signature[] = {
        xmlSecTransformExclC14NId, xmlSecTransformRsaSha256Id, xmlSecTransformRsaSha384Id,
        xmlSecTransformRsaSha512Id, xmlSecTransformEcdsaSha256Id, xmlSecTransformEcdsaSha384Id,
        xmlSecTransformEcdsaSha512Id};
    bool held = true;
    for (size_t at = 0; at < sizeof reference / sizeof *reference; at++)
        held = held && xmlSecDSigCtxEnableReferenceTransform(context, reference[at]) >= 0;
    for (size_t at = 0; at < sizeof signature / sizeof *signature; at++)
        held = held && xmlSecDSigCtxEnableSignatureTransform(context, signature[at]) >= 0;
    context->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
    context->flags |= XMLSEC_DSIG_FLAGS_USE_VISA3D_HACK;
    return held;
}

/* The key stays the caller's. */
static xmlSecKeyPtr key_of(EVP_PKEY *key) {
    if (EVP_PKEY_up_ref(key) != 1) return NULL;
    xmlSecKeyDataPtr data = xmlSecOpenSSLEvpKeyAdopt(key);
    if (!data) {
        EVP_PKEY_free(key);
        return NULL;
    }
    xmlSecKeyPtr made = xmlSecKeyCreate();
    if (made && xmlSecKeySetValue(made, data) >= 0) return made;
    xmlSecKeyDataDestroy(data);
    if (made) xmlSecKeyDestroy(made);
    return NULL;
}

static xmlSecDSigCtxPtr context_new(xmlDocPtr document, const struct xmlsec_part *parts,
                                    int part_count, EVP_PKEY *key, bool *ret_named) {
    *ret_named = true;
    if (pthread_once(&prepared, prepare) != 0 || !usable) return NULL;
    for (int at = 0; at < part_count; at++)
        *ret_named = *ret_named && name_part(document, &parts[at]);
    xmlSecDSigCtxPtr context = xmlSecDSigCtxCreate(NULL);
    if (!context) return NULL;
    context->signKey = key_of(key);
    if (context->signKey && hold_to_few(context)) return context;
    xmlSecDSigCtxDestroy(context);
    return NULL;
}

/* OpenSSL's last words would be taken for those of the thread's next TLS call. */
static void context_done(xmlSecDSigCtxPtr context) {
    if (context) xmlSecDSigCtxDestroy(context);
    xmlSetStructuredErrorFunc(NULL, NULL);
    ERR_clear_error();
}

enum xmlsec_outcome xmlsec_verify(xmlDocPtr document, xmlNodePtr signature,
                                  const struct xmlsec_part *parts, int part_count,
                                  EVP_PKEY *key) {
    bool named;
    xmlSetStructuredErrorFunc(NULL, ignore);
    xmlSecDSigCtxPtr context = context_new(document, parts, part_count, key, &named);
    enum xmlsec_outcome outcome = !context ? XMLSEC_FAILED : XMLSEC_WRONG;
    if (context && named && xmlSecDSigCtxVerify(context, signature) >= 0 &&
        context->status == xmlSecDSigStatusSucceeded &&
        xmlSecPtrListGetSize(&context->signedInfoReferences) == (xmlSecSize)part_count)
        outcome = XMLSEC_DONE;
    context_done(context);
    return outcome;
}

enum xmlsec_outcome xmlsec_sign(xmlDocPtr document, xmlNodePtr signature,
                                const struct xmlsec_part *parts, int part_count, EVP_PKEY *key) {
    bool named;
    xmlSetStructuredErrorFunc(NULL, ignore);
    xmlSecDSigCtxPtr context = context_new(document, parts, part_count, key, &named);
    bool done = context && named && xmlSecDSigCtxSign(context, signature) >= 0;
    context_done(context);
    return done ? XMLSEC_DONE : XMLSEC_FAILED;
}

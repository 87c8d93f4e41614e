/* An answer that was written gets a security header: a Timestamp, the certificate, and a signature
 * over Timestamp and Body. The answer is put together as text with an empty signature, which
 * xmlsec fills in. */
#include "security.h"

#include <libxml/parser.h>
#include <string.h>

#include "base/clock.h"
#include "xmlsec.h"

#define ANSWER_ID "answer"
#define TIMESTAMP_ID "answer-timestamp"
#define TOKEN_ID "answer-token"
enum { PARTS = 2, HEADER_MAX_BYTES = 32 * 1024 };
static const char body_tag[] = "<soap:Body>";

static void write_reference(const char *id, struct buffer *text) {
    buffer_format(text, "<ds:Reference URI=\"#%s\"><ds:Transforms><ds:Transform Algorithm=\""
                  EXCLUSIVE_C14N "\"/></ds:Transforms><ds:DigestMethod Algorithm=\""
                  "http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue/></ds:Reference>",
                  id);
}

static void write_header(EVP_PKEY *key, const struct buffer *certificate, struct buffer *text) {
    char created[CLOCK_INSTANT_MAX], expires[CLOCK_INSTANT_MAX];
    int64_t now_us = clock_now_us() / 1000000 * 1000000;
    clock_write_instant(now_us, created);
    clock_write_instant(now_us + SECURITY_AGE_MAX_S * INT64_C(1000000), expires);
    buffer_text(text, "<soap:Header><wsse:Security xmlns:wsse=\"" WSSE_NAMESPACE
                      "\" xmlns:wsu=\"" WSU_NAMESPACE "\">");
    buffer_format(text, "<wsu:Timestamp wsu:Id=\"" TIMESTAMP_ID "\"><wsu:Created>%s</wsu:Created>"
                  "<wsu:Expires>%s</wsu:Expires></wsu:Timestamp>", created, expires);
    buffer_text(text, "<wsse:BinarySecurityToken wsu:Id=\"" TOKEN_ID "\" EncodingType=\"" WSS_BASE64
                      "\" ValueType=\"" WSS_X509 "\">");
    buffer_append(text, certificate->data, certificate->length);
    buffer_text(text, "</wsse:BinarySecurityToken><ds:Signature xmlns:ds=\"" DS_NAMESPACE
                      "\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"" EXCLUSIVE_C14N
                      "\"/>");
    buffer_format(text, "<ds:SignatureMethod Algorithm=\""
                  "http://www.w3.org/2001/04/xmldsig-more#%s-sha256\"/>",
                  EVP_PKEY_is_a(key, "EC") ? "ecdsa" : "rsa");
    write_reference(TIMESTAMP_ID, text);
    write_reference(ANSWER_ID, text);
    buffer_text(text, "</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo>"
                      "<wsse:SecurityTokenReference><wsse:Reference URI=\"#" TOKEN_ID
                      "\" ValueType=\"" WSS_X509 "\"/></wsse:SecurityTokenReference></ds:KeyInfo>"
                      "</ds:Signature></wsse:Security></soap:Header>");
}

static xmlNodePtr child_named(xmlNodePtr parent, const char *name) {
    xmlNodePtr child = parent ? xmlFirstElementChild(parent) : NULL;
    while (child && strcmp((const char *)child->name, name) != 0)
        child = xmlNextElementSibling(child);
    return child;
}

static bool sign(xmlDocPtr document, EVP_PKEY *key) {
    xmlNodePtr root = xmlDocGetRootElement(document);
    xmlNodePtr security = child_named(child_named(root, "Header"), "Security");
    xmlNodePtr signature = child_named(security, "Signature");
    const struct xmlsec_part parts[PARTS] = {
        {.node = child_named(security, "Timestamp"), .id = TIMESTAMP_ID},
        {.node = child_named(root, "Body"), .id = ANSWER_ID}};
    return signature && parts[0].node && parts[1].node &&
           xmlsec_sign(document, signature, parts, PARTS, key) == XMLSEC_DONE;
}

static bool sign_text(const struct buffer *unsigned_text, EVP_PKEY *key, struct buffer *text) {
    xmlDocPtr document = xmlReadMemory(unsigned_text->data, (int)unsigned_text->length, NULL, NULL,
                                       XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                           XML_PARSE_HUGE);
    xmlChar *written = NULL;
    int length = 0;
    bool done = document && sign(document, key);
    if (done) xmlDocDumpMemoryEnc(document, &written, &length, "utf-8");
    if (document) xmlFreeDoc(document);
    if (!written) return false;
    buffer_clear(text);
    buffer_append(text, written, (size_t)length);
    xmlFree(written);
    return !text->failed;
}

bool security_sign(struct signing *signing, struct buffer *text) {
    struct buffer certificate, whole;
    char *body = text->failed || !text->length ? NULL : strstr(text->data, body_tag);
    buffer_init(&certificate, SIGNING_CERTIFICATE_MAX_BYTES);
    buffer_init(&whole, text->limit + HEADER_MAX_BYTES);
    EVP_PKEY *key = body ? signing_hold(signing, &certificate) : NULL;
    if (key) {
        buffer_append(&whole, text->data, (size_t)(body - text->data));
        write_header(key, &certificate, &whole);
        buffer_text(&whole, "<soap:Body xmlns:wsu=\"" WSU_NAMESPACE "\" wsu:Id=\"" ANSWER_ID "\">");
        buffer_text(&whole, body + sizeof body_tag - 1);
    }
    bool done = key && !whole.failed && !certificate.failed && sign_text(&whole, key, text);
    EVP_PKEY_free(key);
    buffer_done(&certificate);
    buffer_done(&whole);
    return done;
}

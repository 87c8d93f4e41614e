/* Where the one element stands that says what is asked, and whether a header asks for more than
 * this service does. */
#include "envelope.h"

#include <string.h>
#include <strings.h>

enum soap_version envelope_version_of(const char *content_type) {
    static const char soap_1_2[] = "application/soap+xml";
    return content_type && strncasecmp(content_type, soap_1_2, sizeof soap_1_2 - 1) == 0
               ? SOAP_1_2 : SOAP_1_1;
}

const char *envelope_content_type(enum soap_version version) {
    return version == SOAP_1_2 ? "application/soap+xml; charset=utf-8" : "text/xml; charset=utf-8";
}

static const char *namespace_of(enum soap_version version) {
    return version == SOAP_1_2 ? SOAP_1_2_NAMESPACE : SOAP_1_1_NAMESPACE;
}

static bool refuse(struct envelope_fault *fault, enum soap_fault_kind kind, const char *code,
                   const char *nl, const char *en) {
    *fault = (struct envelope_fault){.kind = kind, .code = code, .nl = nl, .en = en};
    return false;
}

/* ---- headers -------------------------------------------------------------------------------- */

static bool attribute_is(const struct xml_node_attribute *attribute, const char *text) {
    return strcmp(attribute->value, text) == 0;
}

/* Is the block meant for who reads it last? Others are for somebody on the way. */
static bool is_ours(const struct xml_node *block, enum soap_version version) {
    const struct xml_node_attribute *role =
        xml_node_attribute(block, namespace_of(version), version == SOAP_1_2 ? "role" : "actor");
    if (!role || !*role->value) return true;
    if (version == SOAP_1_1)
        return attribute_is(role, "http://schemas.xmlsoap.org/soap/actor/next");
    return attribute_is(role, SOAP_1_2_NAMESPACE "/role/next") ||
           attribute_is(role, SOAP_1_2_NAMESPACE "/role/ultimateReceiver");
}

/* A block of WS-Security is read elsewhere; no other means anything here, so that none may be one
 * that must be understood. */
static bool check_headers(const struct xml_node *header, struct envelope *envelope,
                          struct envelope_fault *fault) {
    enum soap_version version = envelope->version;
    envelope->header = header;
    for (const struct xml_node *block = header->first; block; block = block->next) {
        const struct xml_node_attribute *must =
            xml_node_attribute(block, namespace_of(version), "mustUnderstand");
        if (xml_node_is(block, WSSE_NAMESPACE, "Security") && is_ours(block, version)) {
            if (!envelope->security) {
                envelope->security = block;
                continue;
            }
            refuse(fault, FAULT_SENDER, "security_invalid",
                   "De envelop heeft meer dan één wsse:Security voor deze dienst: stuur er één.",
                   "The envelope has more than one wsse:Security for this service: send one.");
            fault->security = "InvalidSecurity";
            return false;
        }
        if (!must || !xml_is_true(must->value, must->value_length) || !is_ours(block, version))
            continue;
        refuse(fault, FAULT_MUST_UNDERSTAND, "must_understand",
               "Deze dienst kent een header niet die u verplicht stelt (mustUnderstand): laat die "
               "weg. Bekend is alleen wsse:Security, de WS-Security van OASIS (2004).",
               "This service does not know a header that you make mandatory (mustUnderstand): "
               "leave it out. It knows only wsse:Security, the WS-Security of OASIS (2004).");
        fault->header = block;
        return false;
    }
    return true;
}

/* ---- the envelope --------------------------------------------------------------------------- */

static bool read_parts(const struct xml_node *root, struct envelope *envelope,
                       struct envelope_fault *fault) {
    enum soap_version version = envelope->version;
    const struct xml_node *body = NULL;
    for (const struct xml_node *child = root->first; child; child = child->next) {
        if (child == root->first && xml_node_is(child, namespace_of(version), "Header")) {
            if (!check_headers(child, envelope, fault)) return false;
        } else if (!body && xml_node_is(child, namespace_of(version), "Body")) {
            body = child;
        } else {
            return refuse(fault, FAULT_SENDER, "bad_envelope",
                          "Een envelop heeft hoogstens één Header, dan één Body, en verder niets.",
                          "An envelope has one Header at most, then one Body, and nothing else.");
        }
    }
    if (body && body->first && !body->first->next && !body->mixed) {
        envelope->body = body;
        envelope->call = body->first;
        return true;
    }
    return refuse(fault, FAULT_SENDER, "bad_envelope",
                  "De Body van de envelop hoort één element te hebben: de operatie met haar "
                  "velden.",
                  "The envelope's Body is to hold one element: the operation with its fields.");
}

bool envelope_read(const struct xml_node *root, struct envelope *ret_envelope,
                   struct envelope_fault *ret_fault) {
    *ret_envelope = (struct envelope){.version = SOAP_1_1};
    if (strcmp(root->name, "Envelope") != 0)
        return refuse(ret_fault, FAULT_SENDER, "bad_envelope",
                      "Het bericht is geen SOAP-envelop: zie ?wsdl achter dit adres.",
                      "The message is no SOAP envelope: see ?wsdl behind this address.");
    if (strcmp(root->namespace, SOAP_1_2_NAMESPACE) == 0) ret_envelope->version = SOAP_1_2;
    else if (strcmp(root->namespace, SOAP_1_1_NAMESPACE) != 0)
        return refuse(ret_fault, FAULT_VERSION, "version_mismatch",
                      "De naamruimte van de envelop is geen van SOAP 1.1 of 1.2.",
                      "The envelope's namespace is none of SOAP 1.1 or 1.2.");
    return read_parts(root, ret_envelope, ret_fault);
}

void envelope_begin(enum soap_version version, struct buffer *text) {
    buffer_text(text, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<soap:Envelope xmlns:soap=\"");
    buffer_text(text, namespace_of(version));
    buffer_text(text, "\"><soap:Body>");
}

void envelope_end(struct buffer *text) { buffer_text(text, "</soap:Body></soap:Envelope>\n"); }

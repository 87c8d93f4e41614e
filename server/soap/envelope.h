/* Envelopes of SOAP 1.1 and 1.2: reading them, and answering in the version that was spoken. */
#ifndef KOPPEL_SOAP_ENVELOPE_H
#define KOPPEL_SOAP_ENVELOPE_H

#include "message/xml_field.h"
#include "operation/entrance.h"

enum soap_version { SOAP_1_1, SOAP_1_2 };

#define SOAP_1_1_NAMESPACE "http://schemas.xmlsoap.org/soap/envelope/"
#define SOAP_1_2_NAMESPACE "http://www.w3.org/2003/05/soap-envelope"

#define WSSE_NAMESPACE                                                                            \
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
#define WSU_NAMESPACE                                                                             \
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"

enum soap_fault_kind { FAULT_SENDER, FAULT_RECEIVER, FAULT_MUST_UNDERSTAND, FAULT_VERSION };

struct envelope {
    enum soap_version version;
    const struct xml_node *header;   /* NULL: it has none */
    const struct xml_node *security; /* the one wsse:Security block for this service; NULL: none */
    const struct xml_node *body;
    const struct xml_node *call; /* the one child of the body */
};

/* What an envelope is refused for; texts in both languages. */
struct envelope_fault {
    enum soap_fault_kind kind;
    const char *code;
    const char *nl, *en;
    const struct xml_node *header; /* FAULT_MUST_UNDERSTAND: the first not understood */
    const char *security; /* what WS-Security calls it: "FailedAuthentication"; NULL: nothing */
};

/* The version that Content-Type tells of, for faults before there is an envelope; 1.1 when it does
 * not tell. */
enum soap_version envelope_version_of(const char *content_type);
/* Exactly what clients look for: with the charset in lower case. */
const char *envelope_content_type(enum soap_version version);

/* Finds the call in a message. False: `ret_fault`; `ret_envelope->version` is set whatever
 * happens. */
bool envelope_read(const struct xml_node *root, struct envelope *ret_envelope,
                   struct envelope_fault *ret_fault);

/* Appends what stands before and behind the child of a body. */
void envelope_begin(enum soap_version version, struct buffer *text);
void envelope_end(struct buffer *text);

/* A fault as it is told. */
struct soap_fault {
    enum soap_version version;
    enum soap_fault_kind kind;
    const char *namespace; /* of the detail */
    const struct refusal *refusal;
    const struct field_faults *faults; /* NULL: none */
    const char *request_id;
    enum language language;
    const struct xml_node *header; /* see envelope_fault */
    const char *security;          /* likewise */
};
/* Appends a whole envelope. */
void fault_write(const struct soap_fault *fault, struct buffer *text);

/* The element in a fault's detail, for the contract. */
#define SOAP_FAULT_ELEMENT "ServiceFault"
enum { SOAP_FAULT_FIELDS = 5 };
extern const struct field soap_fault_fields[SOAP_FAULT_FIELDS];

#endif

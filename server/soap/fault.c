/* Faults in both versions. What went wrong is told in the typed detail, the same in both; the rest
 * is what the version asks for. A fault about a header has no detail: that is for the body. */
#include <string.h>

#include "envelope.h"

static const struct field wrong_fields[] = {
    {.name = "pointer", .type = FIELD_TEXT, .required = true,
     .label = {"plaats van het veld", "where the field stands"},
     .help = {"Namen met / ervoor, als in JSON Pointer.",
              "Names with a / before each, as a JSON Pointer."}},
    {.name = "code", .type = FIELD_TEXT, .required = true, .label = {"code", "code"}},
    {.name = "message", .type = FIELD_TEXT, .required = true,
     .label = {"wat er mis is en wat wel mag", "what is wrong and what is allowed"}}};
static const struct field wrong_field[] = {
    {.name = "field", .type = FIELD_RECORD, .required = true, .fields = wrong_fields,
     .field_count = sizeof wrong_fields / sizeof *wrong_fields, .schema = "WrongField"}};

const struct field soap_fault_fields[SOAP_FAULT_FIELDS] = {
    {.name = "code", .type = FIELD_TEXT, .required = true,
     .label = {"wat er mis is, voor programma's", "what is wrong, for programs"}},
    {.name = "message", .type = FIELD_TEXT, .required = true,
     .label = {"wat er mis is en wat u kunt doen", "what is wrong and what to do"}},
    {.name = "reason", .type = FIELD_TEXT,
     .label = {"welke van de redenen van de code", "which of the code's reasons"}},
    {.name = "request_id", .type = FIELD_TEXT,
     .label = {"verzoeknummer, om te melden", "request id, to report"}},
    {.name = "fields", .type = FIELD_LIST, .label = {"onjuiste velden", "wrong fields"},
     .fields = wrong_field, .field_count = 1}};

static void write_element(struct buffer *text, const char *name, const char *value) {
    buffer_format(text, "<%s>", name);
    xml_write_text(value, strlen(value), text);
    buffer_format(text, "</%s>", name);
}

static void write_fields(struct buffer *text, const struct field_faults *faults) {
    buffer_text(text, "<fields>");
    for (int at = 0; at < faults->count; at++) {
        buffer_text(text, "<field>");
        write_element(text, "pointer", faults->items[at].pointer);
        write_element(text, "code", faults->items[at].code);
        write_element(text, "message", faults->items[at].message);
        buffer_text(text, "</field>");
    }
    buffer_text(text, "</fields>");
}

static void write_detail(const struct soap_fault *fault, struct buffer *text) {
    const struct refusal *refusal = fault->refusal;
    buffer_format(text, "<" SOAP_FAULT_ELEMENT " xmlns=\"%s\">", fault->namespace);
    write_element(text, "code", refusal->code);
    write_element(text, "message", refusal->detail);
    if (*refusal->reason) write_element(text, "reason", refusal->reason);
    if (fault->request_id) write_element(text, "request_id", fault->request_id);
    if (fault->faults && fault->faults->count > 0) write_fields(text, fault->faults);
    buffer_text(text, "</" SOAP_FAULT_ELEMENT ">");
}

static bool has_detail(const struct soap_fault *fault) {
    return fault->kind == FAULT_SENDER || fault->kind == FAULT_RECEIVER;
}

static const char *language_of(const struct soap_fault *fault) {
    return fault->language == LANGUAGE_EN ? "en" : "nl";
}

/* WS-Security has names of its own, in the namespace of the element that each is about. */
static void write_security_code(const struct soap_fault *fault, struct buffer *text) {
    bool expired = strcmp(fault->security, "MessageExpired") == 0;
    buffer_format(text, " xmlns:w=\"%s\">w:%s", expired ? WSU_NAMESPACE : WSSE_NAMESPACE,
                  fault->security);
}

static void write_1_1(const struct soap_fault *fault, struct buffer *text) {
    static const char *const codes[] = {"Client", "Server", "MustUnderstand", "VersionMismatch"};
    buffer_text(text, "<soap:Fault><faultcode");
    if (fault->security) write_security_code(fault, text);
    else buffer_format(text, ">soap:%s", codes[fault->kind]);
    buffer_format(text, "</faultcode><faultstring xml:lang=\"%s\">", language_of(fault));
    xml_write_text(fault->refusal->detail, strlen(fault->refusal->detail), text);
    buffer_text(text, "</faultstring>");
    if (has_detail(fault)) {
        buffer_text(text, "<detail>");
        write_detail(fault, text);
        buffer_text(text, "</detail>");
    }
    buffer_text(text, "</soap:Fault>");
}

static void write_1_2(const struct soap_fault *fault, struct buffer *text) {
    static const char *const codes[] = {"Sender", "Receiver", "MustUnderstand", "VersionMismatch"};
    buffer_format(text, "<soap:Fault><soap:Code><soap:Value>soap:%s</soap:Value>"
                  "<soap:Subcode><soap:Value", codes[fault->kind]);
    if (fault->security) write_security_code(fault, text);
    else buffer_format(text, " xmlns:k=\"%s\">k:%s", fault->namespace, fault->refusal->code);
    buffer_format(text, "</soap:Value></soap:Subcode></soap:Code><soap:Reason>"
                  "<soap:Text xml:lang=\"%s\">", language_of(fault));
    xml_write_text(fault->refusal->detail, strlen(fault->refusal->detail), text);
    buffer_text(text, "</soap:Text></soap:Reason>");
    if (has_detail(fault)) {
        buffer_text(text, "<soap:Detail>");
        write_detail(fault, text);
        buffer_text(text, "</soap:Detail>");
    }
    buffer_text(text, "</soap:Fault>");
}

/* Says in the header which block was not understood. */
static void write_not_understood(const struct soap_fault *fault, struct buffer *text) {
    const struct xml_node *header = fault->header;
    buffer_text(text, "<soap:Header><soap:NotUnderstood xmlns:h=\"");
    xml_write_text(header->namespace, strlen(header->namespace), text);
    buffer_text(text, "\" qname=\"h:");
    xml_write_text(header->name, header->name_length, text);
    buffer_text(text, "\"/></soap:Header>");
}

static void write_upgrade(struct buffer *text) {
    buffer_text(text, "<soap:Header><soap:Upgrade><soap:SupportedEnvelope qname=\"soap:Envelope\"/>"
                      "<soap:SupportedEnvelope xmlns:old=\"" SOAP_1_1_NAMESPACE
                      "\" qname=\"old:Envelope\"/></soap:Upgrade></soap:Header>");
}

void fault_write(const struct soap_fault *fault, struct buffer *text) {
    bool later = fault->version == SOAP_1_2;
    buffer_text(text, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<soap:Envelope xmlns:soap=\"");
    buffer_text(text, later ? SOAP_1_2_NAMESPACE : SOAP_1_1_NAMESPACE);
    buffer_text(text, "\">");
    if (later && fault->kind == FAULT_MUST_UNDERSTAND && *fault->header->namespace)
        write_not_understood(fault, text);
    if (later && fault->kind == FAULT_VERSION) write_upgrade(text);
    buffer_text(text, "<soap:Body>");
    if (later) write_1_2(fault, text);
    else write_1_1(fault, text);
    envelope_end(text);
}

/* Document/literal wrapped, one port, everything in one document: what every generator of clients
 * takes. A wrapper has its operation's name, and the one part of a message is `parameters`. */
#include "wsdl.h"

#include <string.h>

#include "base/clock.h"

/* Answers by name, as a type of a given name: a product's typed answers are its `Answers`. */
static const char generic_answers[] =
    "<xs:complexType name=\"Answer\"><xs:simpleContent><xs:extension base=\"xs:string\">"
    "<xs:attribute name=\"name\" type=\"xs:string\" use=\"required\"/>"
    "</xs:extension></xs:simpleContent></xs:complexType>"
    "<xs:complexType name=\"AnswerRecord\"><xs:sequence>"
    "<xs:element name=\"answer\" type=\"tns:Answer\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>"
    "</xs:sequence><xs:attribute name=\"name\" type=\"xs:string\" use=\"required\"/>"
    "</xs:complexType>"
    "<xs:complexType name=\"%s\"><xs:sequence>"
    "<xs:element name=\"answer\" type=\"tns:Answer\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>"
    "<xs:element name=\"record\" type=\"tns:AnswerRecord\" minOccurs=\"0\" "
    "maxOccurs=\"unbounded\"/></xs:sequence></xs:complexType>";

static void write_wrapper(struct xml_schema *schema, const char *name, const char *suffix,
                          const struct field *fields, int field_count, bool output) {
    schema->output = output;
    buffer_format(schema->buffer, "<xs:element name=\"%s%s\"><xs:complexType><xs:sequence>", name,
                  suffix);
    field_schema_xml(schema, fields, field_count);
    buffer_text(schema->buffer, "</xs:sequence></xs:complexType></xs:element>\n");
}

/* JAX-WS spreads the fields of both wrappers over one method's parameters, and gives up where a
 * name is in both with two types, as a date asked for and the date that became of it: here it is
 * told to make a class of each wrapper. Other tools pass over it. */
static const char java_style[] =
    "<jaxws:bindings xmlns:jaxws=\"http://java.sun.com/xml/ns/jaxws\">"
    "<jaxws:enableWrapperStyle>false</jaxws:enableWrapperStyle></jaxws:bindings>\n";

/* Not the element's own name: Axis 1 makes a class of each, of which the one would be lost. */
#define FAULT_MESSAGE SOAP_FAULT_ELEMENT "Message"

static void write_types(const struct contract *contract, const struct contract_row *rows,
                        int count, struct xml_schema *schema) {
    buffer_format(schema->buffer,
                  "<wsdl:types><xs:schema targetNamespace=\"%s\" "
                  "elementFormDefault=\"qualified\">\n", contract->namespace);
    for (int at = 0; at < count; at++) {
        const struct contract_row *row = &rows[at];
        write_wrapper(schema, row->operation->name, "", row->input, row->input_count, false);
        write_wrapper(schema, row->operation->name, "Response", row->output, row->output_count,
                      true);
    }
    write_wrapper(schema, SOAP_FAULT_ELEMENT, "", soap_fault_fields, SOAP_FAULT_FIELDS, true);
    field_schema_xml_types(schema);
    if (schema->open_used)
        buffer_format(schema->buffer, generic_answers, schema->open_type);
    buffer_text(schema->buffer, "</xs:schema></wsdl:types>\n");
}

static void write_message(struct buffer *text, const char *name, const char *suffix) {
    buffer_format(text, "<wsdl:message name=\"%s%s\"><wsdl:part name=\"parameters\" "
                  "element=\"tns:%s%s\"/></wsdl:message>\n", name, suffix, name, suffix);
}

/* What goes, behind the words of its documentation: ". Deprecated since …" */
static void write_retirement(const struct retirement *retirement, enum language language,
                             struct buffer *text) {
    char date[CLOCK_DATE_MAX];
    bool english = language == LANGUAGE_EN;
    if (retirement->deprecated_us) {
        clock_amsterdam_date_text(retirement->deprecated_us, date);
        buffer_format(text, english ? ". Deprecated since %s" : ". Verouderd sinds %s", date);
    }
    if (retirement->sunset_us) {
        clock_amsterdam_date_text(retirement->sunset_us, date);
        buffer_format(text, english ? ". Ends on %s" : ". Eindigt op %s", date);
    }
}

static void write_port(const struct contract *contract, const struct contract_row *rows, int count,
                       enum language language, struct buffer *text) {
    buffer_text(text, "<wsdl:portType name=\"QuotePort\">\n");
    if (contract->retirement.deprecated_us) {
        buffer_text(text, language == LANGUAGE_EN
                              ? "<wsdl:documentation>There is a newer edition of the questions"
                              : "<wsdl:documentation>Er is een nieuwere uitgave van de vragen");
        write_retirement(&contract->retirement, language, text);
        buffer_text(text, "</wsdl:documentation>\n");
    }
    for (int at = 0; at < count; at++) {
        const struct operation *operation = rows[at].operation;
        const char *summary = text_in(&operation->summary, language);
        buffer_format(text, "<wsdl:operation name=\"%s\"><wsdl:documentation>", operation->name);
        xml_write_text(summary, strlen(summary), text);
        struct retirement retirement = operation_retirement(operation);
        write_retirement(&retirement, language, text);
        buffer_format(text, "</wsdl:documentation><wsdl:input message=\"tns:%s\"/>"
                      "<wsdl:output message=\"tns:%sResponse\"/>"
                      "<wsdl:fault name=\"" SOAP_FAULT_ELEMENT "\" message=\"tns:"
                      FAULT_MESSAGE "\"/></wsdl:operation>\n",
                      operation->name, operation->name);
    }
    buffer_text(text, "</wsdl:portType>\n");
}

static void write_binding(const struct contract *contract, const struct contract_row *rows,
                          int count, struct buffer *text) {
    buffer_text(text, "<wsdl:binding name=\"QuoteBinding\" type=\"tns:QuotePort\">"
                "<soap:binding style=\"document\" "
                "transport=\"http://schemas.xmlsoap.org/soap/http\"/>\n");
    for (int at = 0; at < count; at++) {
        const char *name = rows[at].operation->name;
        buffer_format(text, "<wsdl:operation name=\"%s\"><soap:operation soapAction=\"%s#%s\" "
                      "style=\"document\"/><wsdl:input><soap:body use=\"literal\"/></wsdl:input>"
                      "<wsdl:output><soap:body use=\"literal\"/></wsdl:output>"
                      "<wsdl:fault name=\"" SOAP_FAULT_ELEMENT "\"><soap:fault name=\""
                      SOAP_FAULT_ELEMENT "\" use=\"literal\"/></wsdl:fault></wsdl:operation>\n",
                      name, contract->namespace, name);
    }
    buffer_text(text, "</wsdl:binding>\n<wsdl:service name=\"QuoteService\">"
                "<wsdl:port name=\"Quote\" binding=\"tns:QuoteBinding\"><soap:address location=\"");
    xml_write_text(contract->address, strlen(contract->address), text);
    buffer_text(text, "\"/></wsdl:port></wsdl:service>\n");
}

bool wsdl_write(const struct contract *contract, enum soap_version version, enum language language,
                struct scratch *scratch, struct buffer *text) {
    struct contract_row *rows = scratch_take(scratch, CONTRACT_ROWS_MAX * sizeof *rows);
    struct xml_schema *schema = scratch_take(scratch, sizeof *schema);
    int count = rows && schema ? contract_rows(contract, scratch, rows) : -1;
    if (count < 0) return false;
    *schema = (struct xml_schema){.buffer = text, .language = language,
                                  .open_type = *contract->product ? "NamedAnswers" : "Answers"};
    buffer_format(text, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                  "<wsdl:definitions xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\" "
                  "xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap%s/\" "
                  "xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:tns=\"%s\" "
                  "targetNamespace=\"%s\" name=\"Quote\">\n",
                  version == SOAP_1_2 ? "12" : "", contract->namespace, contract->namespace);
    buffer_text(text, java_style);
    write_types(contract, rows, count, schema);
    for (int at = 0; at < count; at++) {
        write_message(text, rows[at].operation->name, "");
        write_message(text, rows[at].operation->name, "Response");
    }
    buffer_text(text, "<wsdl:message name=\"" FAULT_MESSAGE "\"><wsdl:part name=\"fault\" "
                "element=\"tns:" SOAP_FAULT_ELEMENT "\"/></wsdl:message>\n");
    write_port(contract, rows, count, language, text);
    write_binding(contract, rows, count, text);
    buffer_text(text, "</wsdl:definitions>\n");
    return true;
}

/* Nothing is substituted, fetched or printed: the text has no document type. */
#include "xml_document.h"

#include <libxml/parser.h>

#include "base/error.h"
#include "xml_scan.h"

int xml_document_read(const char *text, size_t length, const char *charset,
                      struct scratch *scratch, struct xml_fault *ret_fault,
                      xmlDocPtr *ret_document) {
    struct xml_scan scan;
    int status = xml_scan(text, length, charset, scratch, ret_fault, &scan);
    if (status) return status;
    xmlParserCtxtPtr parser = xmlNewParserCtxt();
    if (!parser) return ERROR_NO_MEMORY;
    xmlDocPtr document = xmlCtxtReadMemory(parser, scan.text, (int)scan.length, NULL, NULL,
                                           XML_PARSE_NONET | XML_PARSE_IGNORE_ENC |
                                               XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    bool sound = document && parser->wellFormed && parser->nsWellFormed;
    const xmlError *error = xmlCtxtGetLastError(parser);
    bool starved = error && error->code == XML_ERR_NO_MEMORY;
    xmlFreeParserCtxt(parser);
    if (sound) {
        *ret_document = document;
        return 0;
    }
    if (document) xmlFreeDoc(document);
    if (starved) return ERROR_NO_MEMORY;
    return xml_fault_set(ret_fault, "malformed", "Het bericht is geen welgevormde XML.",
                         "The message is no well-formed XML.");
}

/* Bytes to UTF-8 that a parser can take in linear time. A lexer of a few rules counts tags,
 * attributes and namespaces as the parser would; where the text is no XML at all it may count
 * something else, which is harmless: the parser then refuses it, within the same limits. */
#include "xml_scan.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/utf8.h"

enum encoding { ENCODING_UNSAID, ENCODING_UTF8, ENCODING_UTF16, ENCODING_UTF16_LITTLE,
                ENCODING_UTF16_BIG, ENCODING_LATIN1, ENCODING_UNKNOWN };

enum { ENCODING_NAME_MAX = 32, DECLARATION_MAX_BYTES = 200 };

int xml_fault_set(struct xml_fault *fault, const char *code, const char *nl, const char *en) {
    snprintf(fault->code, sizeof fault->code, "%s", code);
    snprintf(fault->nl, sizeof fault->nl, "%s", nl);
    snprintf(fault->en, sizeof fault->en, "%s", en);
    return ERROR_INVALID;
}

static int too_many(struct xml_fault *fault, const char *code, const char *what_nl,
                    const char *what_en, int most) {
    char nl[XML_REASON_MAX], en[XML_REASON_MAX];
    snprintf(nl, sizeof nl, "Het bericht heeft %s: hoogstens %d.", what_nl, most);
    snprintf(en, sizeof en, "The message has %s: at most %d.", what_en, most);
    return xml_fault_set(fault, code, nl, en);
}

static int unfinished(struct xml_fault *fault) {
    return xml_fault_set(fault, "malformed",
                         "Het bericht is geen volledige XML: het houdt midden in een element op.",
                         "The message is no complete XML: it stops amid an element.");
}

/* ---- encodings ------------------------------------------------------------------------------ */

static enum encoding encoding_named(const char *name, size_t length) {
    static const struct {
        const char *name;
        enum encoding encoding;
    } names[] = {{"utf-8", ENCODING_UTF8},          {"utf8", ENCODING_UTF8},
                 {"us-ascii", ENCODING_UTF8},       {"utf-16", ENCODING_UTF16},
                 {"utf-16le", ENCODING_UTF16_LITTLE}, {"utf-16be", ENCODING_UTF16_BIG},
                 {"iso-8859-1", ENCODING_LATIN1}};
    if (length == 0) return ENCODING_UNSAID;
    for (size_t at = 0; at < sizeof names / sizeof *names; at++)
        if (strlen(names[at].name) == length && strncasecmp(names[at].name, name, length) == 0)
            return names[at].encoding;
    return ENCODING_UNKNOWN;
}

static bool is_utf16(enum encoding encoding) {
    return encoding == ENCODING_UTF16 || encoding == ENCODING_UTF16_LITTLE ||
           encoding == ENCODING_UTF16_BIG;
}

/* What the first bytes give away; `ret_skip` is the length of a byte order mark. */
static enum encoding encoding_seen(const char *text, size_t length, size_t *ret_skip) {
    const unsigned char *bytes = (const unsigned char *)text;
    *ret_skip = 0;
    if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        *ret_skip = 3;
        return ENCODING_UTF8;
    }
    if (length < 2) return ENCODING_UNSAID;
    bool little_mark = bytes[0] == 0xFF && bytes[1] == 0xFE;
    bool big_mark = bytes[0] == 0xFE && bytes[1] == 0xFF;
    if (little_mark || big_mark) *ret_skip = 2;
    if (little_mark || (bytes[0] == '<' && bytes[1] == 0)) return ENCODING_UTF16_LITTLE;
    if (big_mark || (bytes[0] == 0 && bytes[1] == '<')) return ENCODING_UTF16_BIG;
    return ENCODING_UNSAID;
}

/* Bytes of the XML declaration at the start, and the encoding that it names. */
static size_t declaration(const char *text, size_t length, enum encoding *ret_encoding) {
    *ret_encoding = ENCODING_UNSAID;
    if (length < 6 || memcmp(text, "<?xml", 5) != 0 || !strchr(" \t\r\n", text[5])) return 0;
    size_t most = length < DECLARATION_MAX_BYTES ? length : DECLARATION_MAX_BYTES;
    const char *end = memmem(text, most, "?>", 2);
    if (!end) return 0;
    size_t size = (size_t)(end - text) + 2;
    const char *at = memmem(text, size, "encoding", 8);
    if (!at) return size;
    at += 8;
    while (at < end && strchr(" \t\r\n=", *at)) at++;
    if (at == end || (*at != '"' && *at != '\'')) return size;
    const char *close = memchr(at + 1, *at, (size_t)(end - at - 1));
    *ret_encoding = close ? encoding_named(at + 1, (size_t)(close - at - 1)) : ENCODING_UNKNOWN;
    return size;
}

static size_t write_utf8(uint32_t code_point, char *out) {
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xC0 | code_point >> 6);
        out[1] = (char)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xE0 | code_point >> 12);
        out[1] = (char)(0x80 | (code_point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code_point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code_point >> 18);
    out[1] = (char)(0x80 | (code_point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code_point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code_point & 0x3F));
    return 4;
}

/* Lone surrogates come out as what utf8_valid refuses. */
static size_t from_utf16(const unsigned char *bytes, size_t length, bool little, char *out) {
    size_t written = 0;
    for (size_t at = 0; at + 1 < length; at += 2) {
        uint32_t unit = little ? bytes[at] | (uint32_t)bytes[at + 1] << 8
                               : (uint32_t)bytes[at] << 8 | bytes[at + 1];
        if (unit >= 0xD800 && unit < 0xDC00 && at + 3 < length) {
            uint32_t low = little ? bytes[at + 2] | (uint32_t)bytes[at + 3] << 8
                                  : (uint32_t)bytes[at + 2] << 8 | bytes[at + 3];
            if (low >= 0xDC00 && low < 0xE000) {
                unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                at += 2;
            }
        }
        written += write_utf8(unit, out + written);
    }
    return written;
}

static int convert(const char *text, size_t length, enum encoding encoding,
                   struct scratch *scratch, struct xml_fault *fault, struct xml_scan *ret_scan) {
    const unsigned char *bytes = (const unsigned char *)text;
    size_t written = 0;
    if (is_utf16(encoding) && length % 2 != 0)
        return xml_fault_set(fault, "encoding", "UTF-16 heeft een even aantal bytes.",
                             "UTF-16 has an even number of bytes.");
    char *out = scratch_take(scratch, length * 2 + 1); /* no unit takes more than twice its bytes */
    if (!out) return ERROR_TOO_LARGE;
    if (is_utf16(encoding))
        written = from_utf16(bytes, length, encoding == ENCODING_UTF16_LITTLE, out);
    else
        for (size_t at = 0; at < length; at++) written += write_utf8(bytes[at], out + written);
    *ret_scan = (struct xml_scan){.text = out, .length = written};
    return 0;
}

static int refuse_encoding(struct xml_fault *fault) {
    return xml_fault_set(
        fault, "encoding",
        "De codering van het bericht is niet bekend, of niet wat er van gezegd wordt: stuur "
        "UTF-8.",
        "The encoding of the message is not known, or not what is said of it: send UTF-8.");
}

/* To UTF-8, without byte order mark and declaration. The transport's word goes before the
 * declaration's, and what the first bytes show before both, but none may contradict. */
static int decode(const char *text, size_t length, const char *charset, struct scratch *scratch,
                  struct xml_fault *fault, struct xml_scan *ret_scan) {
    size_t skip;
    enum encoding seen = encoding_seen(text, length, &skip), declared;
    enum encoding said = charset ? encoding_named(charset, strlen(charset)) : ENCODING_UNSAID;
    struct xml_scan scan = {.text = text + skip, .length = length - skip};
    if (said == ENCODING_UNKNOWN) return refuse_encoding(fault);
    if (is_utf16(seen)) {
        int status = convert(scan.text, scan.length, seen, scratch, fault, &scan);
        if (status) return status;
    }
    size_t declaration_length = declaration(scan.text, scan.length, &declared);
    if (declared == ENCODING_UNKNOWN && said == ENCODING_UNSAID) return refuse_encoding(fault);
    if (said == ENCODING_UNSAID) said = declared;
    if (said != ENCODING_UNSAID && is_utf16(said) != is_utf16(seen)) return refuse_encoding(fault);
    if (said == ENCODING_LATIN1 && seen == ENCODING_UTF8) return refuse_encoding(fault);
    scan.text += declaration_length;
    scan.length -= declaration_length;
    if (said == ENCODING_LATIN1) {
        int status = convert(scan.text, scan.length, said, scratch, fault, &scan);
        if (status) return status;
    }
    *ret_scan = scan;
    return 0;
}

/* ---- limits --------------------------------------------------------------------------------- */

struct lexer {
    const char *at, *end;
    struct xml_fault *fault;
    int depth, elements, attributes, namespaces;
};

static int too_long(struct xml_fault *fault) {
    return too_many(fault, "too_long", "een te lange tekst (in bytes)",
                    "too long a text (in bytes)", XML_TEXT_MAX_BYTES);
}

/* Goes behind `mark`, which must come within the length of a text. */
static int skip_to(struct lexer *lexer, const char *mark) {
    size_t left = (size_t)(lexer->end - lexer->at), size = strlen(mark);
    const char *found = memmem(lexer->at, left, mark, size);
    if (!found) return unfinished(lexer->fault);
    if (found - lexer->at > XML_TEXT_MAX_BYTES) return too_long(lexer->fault);
    lexer->at = found + size;
    return 0;
}

static int count_attribute(struct lexer *lexer, const char *name, const char *end, int *count) {
    size_t length = (size_t)(end - name);
    if (length >= 5 && memcmp(name, "xmlns", 5) == 0 && ++lexer->namespaces > XML_NAMESPACES_MAX)
        return too_many(lexer->fault, "too_many_namespaces", "te veel naamruimten",
                        "too many namespaces", XML_NAMESPACES_MAX);
    if (length > XML_NAME_MAX_BYTES) return too_long(lexer->fault);
    if (++*count > XML_ATTRIBUTES_MAX || ++lexer->attributes > XML_ATTRIBUTES_TOTAL_MAX)
        return too_many(lexer->fault, "too_many_attributes", "te veel attributen in een element",
                        "too many attributes in an element", XML_ATTRIBUTES_MAX);
    return 0;
}

/* The value at `at`, which is a quote: goes behind the closing one. */
static int attribute_value(struct lexer *lexer) {
    const char *quote = lexer->at++;
    const char *close = memchr(lexer->at, *quote, (size_t)(lexer->end - lexer->at));
    if (!close) return unfinished(lexer->fault);
    if (close - lexer->at > XML_TEXT_MAX_BYTES) return too_long(lexer->fault);
    lexer->at = close + 1;
    return 0;
}

static bool is_blank(char character) {
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

/* Behind "<" and a name's first character: to behind ">". */
static int start_tag(struct lexer *lexer) {
    int count = 0;
    const char *name = lexer->at;
    if (++lexer->elements > XML_ELEMENTS_MAX)
        return too_many(lexer->fault, "too_many_elements", "te veel elementen",
                        "too many elements", XML_ELEMENTS_MAX);
    if (++lexer->depth > XML_DEPTH_MAX)
        return too_many(lexer->fault, "too_deep", "te diep geneste elementen",
                        "elements nested too deep", XML_DEPTH_MAX);
    while (lexer->at < lexer->end) {
        char character = *lexer->at;
        int status = 0;
        if (character == '>') {
            if (lexer->at[-1] == '/') lexer->depth--;
            lexer->at++;
            return 0;
        }
        if (character == '"' || character == '\'') {
            status = attribute_value(lexer);
            name = lexer->at;
        } else if (character == '=') {
            status = count_attribute(lexer, name, lexer->at++, &count);
        } else {
            lexer->at++;
            if (is_blank(character)) name = lexer->at;
            else if (lexer->at - name > XML_NAME_MAX_BYTES) status = too_long(lexer->fault);
        }
        if (status) return status;
    }
    return unfinished(lexer->fault);
}

/* At "<". */
static int markup(struct lexer *lexer) {
    size_t left = (size_t)(lexer->end - lexer->at);
    if (left >= 4 && memcmp(lexer->at, "<!--", 4) == 0) {
        lexer->at += 4;
        return skip_to(lexer, "-->");
    }
    if (left >= 9 && memcmp(lexer->at, "<![CDATA[", 9) == 0) {
        lexer->at += 9;
        return skip_to(lexer, "]]>");
    }
    if (left >= 2 && lexer->at[1] == '!')
        return xml_fault_set(lexer->fault, "document_type",
                             "Een bericht heeft geen documenttype en geen entiteiten: laat "
                             "<!DOCTYPE …> weg.",
                             "A message has no document type and no entities: leave out "
                             "<!DOCTYPE …>.");
    if (left >= 2 && lexer->at[1] == '?')
        return xml_fault_set(lexer->fault, "processing_instruction",
                             "Een bericht heeft geen verwerkingsinstructies: laat <?…?> weg.",
                             "A message has no processing instructions: leave out <?…?>.");
    if (left >= 2 && lexer->at[1] == '/') {
        lexer->depth--;
        return skip_to(lexer, ">");
    }
    lexer->at++;
    return start_tag(lexer);
}

static int count(const struct xml_scan *scan, struct xml_fault *fault) {
    struct lexer lexer = {.at = scan->text, .end = scan->text + scan->length, .fault = fault};
    while (lexer.at < lexer.end) {
        const char *next = memchr(lexer.at, '<', (size_t)(lexer.end - lexer.at));
        if (!next) next = lexer.end;
        if (next - lexer.at > XML_TEXT_MAX_BYTES) return too_long(fault);
        lexer.at = next;
        int status = next < lexer.end ? markup(&lexer) : 0;
        if (status) return status;
    }
    if (lexer.elements > 0) return 0;
    return xml_fault_set(fault, "malformed", "Het bericht is geen XML: stuur een SOAP-envelop.",
                         "The message is no XML: send a SOAP envelope.");
}

int xml_scan(const char *text, size_t length, const char *charset, struct scratch *scratch,
             struct xml_fault *ret_fault, struct xml_scan *ret_scan) {
    struct xml_scan scan;
    int status = decode(text, length, charset, scratch, ret_fault, &scan);
    if (status) return status;
    if (memchr(scan.text, '\0', scan.length))
        return xml_fault_set(ret_fault, "control_character",
                             "Het bericht bevat een NUL-teken: dat kan niet in XML.",
                             "The message holds a NUL character: XML cannot have it.");
    if (!utf8_valid(scan.text, scan.length))
        return xml_fault_set(ret_fault, "not_utf8", "Het bericht is geen geldige UTF-8.",
                             "The message is not valid UTF-8.");
    status = count(&scan, ret_fault);
    if (status) return status;
    *ret_scan = scan;
    return 0;
}

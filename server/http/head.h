/* The head of an HTTP/1.1 request, read strictly (RFC 9112): one framing only. Everything that two
 * servers could read in two ways is refused. Pure: bytes in, a parsed head or a fault out. */
#ifndef KOPPEL_HTTP_HEAD_H
#define KOPPEL_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HEAD_BYTES_MAX = 16 * 1024, /* request line and headers with their line ends */
    HEAD_HEADERS_MAX = 64,
    HEAD_TARGET_MAX = 8 * 1024,
    HEAD_METHOD_MAX = 16
};

struct head_header {
    const char *name, *value; /* NUL-terminated; the name in lower case, the value trimmed */
};

struct head {
    const char *method;
    const char *path;  /* begins with '/', still percent-encoded (well-formed); "*" of OPTIONS */
    const char *query; /* without '?', or NULL */
    const char *host;  /* "" in HTTP/1.0 without one */
    int minor_version;      /* of HTTP/1.x */
    int64_t content_length; /* -1: not said */
    bool chunked;
    bool keep_alive;
    struct head_header headers[HEAD_HEADERS_MAX];
    int header_count;
    bool headers_read; /* all of them: one that is not here was not sent */
};

struct head_fault {
    int status; /* 400, 414, 431, 501, 505 */
    const char *code, *nl, *en;
};

/* Looks for the end of a head in bytes that arrive bit by bit; `scanned` is kept between calls and
 * starts at 0. 1: complete, ret_length bytes with the empty line; 0: more is needed; -1: a fault,
 * which does not wait for the end. An empty line before the request line is the caller's to skip
 * (head_skip). */
int head_scan(const char *bytes, size_t length, size_t *scanned, size_t *ret_length,
              struct head_fault *ret_fault);
/* How many bytes of one empty line (CR LF) stand before a request line: 0 or 2. */
size_t head_skip(const char *bytes, size_t length);

/* Parses a complete head in place: the texts of ret_head point into `bytes`. False with the fault,
 * and the headers that were read before it. */
bool head_parse(char *bytes, size_t length, struct head *ret_head, struct head_fault *ret_fault);

/* The value of a header by its lower-case name, or NULL. Headers that may stand once only are
 * known to stand once. */
const char *head_get(const struct head *head, const char *name);

/* Decodes percent-encoded text; with `plus` a '+' is a space. The result is not longer; may be the
 * same place. False: a bad escape or a NUL. Not NUL-terminated. */
bool head_percent_decode(const char *text, size_t length, bool plus, char *ret_text,
                         size_t *ret_length);

#endif

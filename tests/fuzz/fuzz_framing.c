/* The head of a request and the chunked coding, as bytes. The first byte says in which pieces the
 * rest arrives; in pieces or whole, the outcome must be the same. A head that is let through is
 * read a second time here, naively and strictly, for everything that another server could read in
 * another way. */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "fuzz.h"
#include "http/chunk.h"
#include "http/head.h"

enum { INPUT_MAX = 64 * 1024 };

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    return 0;
}

static int scan_in_pieces(const char *bytes, size_t length, size_t piece, size_t *ret_length,
                          struct head_fault *ret_fault) {
    size_t scanned = 0;
    for (size_t come = piece;; come += piece) {
        if (come > length) come = length;
        int found = head_scan(bytes, come, &scanned, ret_length, ret_fault);
        if (found != 0 || come == length) return found;
    }
}

/* The lines of a head that was let through, with nothing of the parser's own code. */
static void check_lines(const char *bytes, size_t length, const struct head *head) {
    int lines = 0, lengths = 0, codings = 0, hosts = 0;
    size_t start = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        FUZZ_CHECK(c != 0 && c != 127, "NUL or DEL in a head");
        FUZZ_CHECK(c >= 32 || c == '\t' || c == '\r' || c == '\n', "control character %d", c);
        FUZZ_CHECK(c != '\r' || (i + 1 < length && bytes[i + 1] == '\n'), "a bare CR");
        if (c != '\n') continue;
        FUZZ_CHECK(i > start && bytes[i - 1] == '\r', "a bare LF");
        const char *line = bytes + start;
        size_t size = i - 1 - start;
        start = i + 1;
        if (lines++ == 0 || size == 0) continue;
        FUZZ_CHECK(line[0] != ' ' && line[0] != '\t', "a folded line");
        const char *colon = memchr(line, ':', size);
        FUZZ_CHECK(colon && colon > line, "a line without a name");
        size_t name = (size_t)(colon - line);
        for (size_t k = 0; k < name; k++)
            FUZZ_CHECK(line[k] > 32 && line[k] < 127 && !strchr("()<>@,;:\\\"/[]?={}", line[k]),
                       "a name with character %d", line[k]);
        lengths += name == 14 && strncasecmp(line, "content-length", 14) == 0;
        codings += name == 17 && strncasecmp(line, "transfer-encoding", 17) == 0;
        hosts += name == 4 && strncasecmp(line, "host", 4) == 0;
    }
    FUZZ_CHECK(start == length, "a head that does not end in a line end");
    FUZZ_CHECK(lengths + codings <= 1, "two framings");
    FUZZ_CHECK(hosts <= 1, "two hosts");
    FUZZ_CHECK((head->content_length >= 0) == (lengths == 1), "a length that was not seen");
    FUZZ_CHECK(head->chunked == (codings == 1), "a coding that was not seen");
    FUZZ_CHECK(!(head->chunked && head->minor_version == 0), "chunks in HTTP/1.0");
    FUZZ_CHECK(head->header_count == lines - 2, "%d headers in %d lines", head->header_count,
               lines);
}

static void check_head(const struct head *head) {
    FUZZ_CHECK(strlen(head->method) > 0 && strlen(head->method) <= HEAD_METHOD_MAX, "method");
    FUZZ_CHECK(head->path[0] == '/' || strcmp(head->path, "*") == 0, "path %s", head->path);
    FUZZ_CHECK(strlen(head->host) > 0 || head->minor_version == 0, "no host");
    for (int i = 0; i < head->header_count; i++)
        FUZZ_CHECK(head_get(head, head->headers[i].name) != NULL, "a header that is lost");
    char decoded[HEAD_TARGET_MAX];
    size_t length = 0;
    if (head_percent_decode(head->path, strlen(head->path), false, decoded, &length))
        FUZZ_CHECK(length <= strlen(head->path) && !memchr(decoded, 0, length), "decoding");
}

static void try_head(const char *bytes, size_t length, size_t piece) {
    struct head_fault faults[3] = {{0}, {0}, {0}};
    size_t lengths[2] = {0, 0}, scanned = 0;
    size_t empty = head_skip(bytes, length);
    bytes += empty, length -= empty;
    int whole = head_scan(bytes, length, &scanned, &lengths[0], &faults[0]);
    int pieces = scan_in_pieces(bytes, length, piece, &lengths[1], &faults[1]);
    FUZZ_CHECK(whole == pieces, "whole %d, in pieces %d", whole, pieces);
    if (whole < 0)
        FUZZ_CHECK(faults[0].status >= 400 && faults[0].status == faults[1].status,
                   "faults %d and %d", faults[0].status, faults[1].status);
    if (whole <= 0) return;
    FUZZ_CHECK(lengths[0] == lengths[1] && lengths[0] <= length, "lengths differ");
    char *copy = malloc(lengths[0]);
    if (!copy) return;
    memcpy(copy, bytes, lengths[0]);
    struct head head;
    if (head_parse(copy, lengths[0], &head, &faults[2])) {
        check_lines(bytes, lengths[0], &head);
        check_head(&head);
    } else {
        FUZZ_CHECK(faults[2].status >= 400 && faults[2].code && faults[2].nl && faults[2].en,
                   "a refusal without a reason");
    }
    free(copy);
}

/* The status, with what was consumed and written. */
static enum chunk_status decode(const char *bytes, size_t length, size_t piece, size_t room,
                                char *output, size_t *ret_consumed, size_t *ret_written) {
    struct chunk_decoder decoder;
    enum chunk_status status = CHUNK_MORE;
    size_t at = 0, written = 0;
    chunk_init(&decoder);
    while (status == CHUNK_MORE && at < length) {
        size_t some = length - at < piece ? length - at : piece;
        size_t consumed = 0, produced = 0;
        status = chunk_decode(&decoder, bytes + at, some, &consumed, output + written, room,
                              &produced);
        FUZZ_CHECK(consumed <= some && produced <= room, "more than was there");
        FUZZ_CHECK(status != CHUNK_MORE || consumed + produced > 0, "no progress");
        at += consumed;
        written += produced;
    }
    *ret_consumed = at;
    *ret_written = written;
    return status;
}

static void try_chunks(const char *bytes, size_t length, size_t piece) {
    char *outputs[2] = {malloc(2 * length + 1), malloc(2 * length + 1)};
    size_t consumed[2], written[2];
    if (outputs[0] && outputs[1]) {
        enum chunk_status whole = decode(bytes, length, length ? length : 1, length + 1,
                                         outputs[0], &consumed[0], &written[0]);
        enum chunk_status pieces = decode(bytes, length, piece, piece, outputs[1], &consumed[1],
                                          &written[1]);
        FUZZ_CHECK(whole == pieces, "whole %d, in pieces %d", whole, pieces);
        FUZZ_CHECK(written[0] == written[1] && !memcmp(outputs[0], outputs[1], written[0]),
                   "bodies differ");
        if (whole == CHUNK_END) FUZZ_CHECK(consumed[0] == consumed[1], "ends differ");
    }
    free(outputs[0]);
    free(outputs[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    if (length < 1 || length > INPUT_MAX) return 0;
    size_t piece = bytes[0] % 61 + 1u;
    const char *text = (const char *)bytes + 1;
    try_head(text, length - 1, piece);
    try_chunks(text, length - 1, piece);
    return 0;
}

/* Checks what the head says of a body before a byte of it is read, so that a caller with too large
 * a body is told before sending it. The chunked coding is the gate's. */
#include "body.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "problem.h"
#include "reply.h"

enum { PIECE_BYTES = 16 * 1024, RATIO_FREE_BYTES = 64 * 1024, BUSY_RETRY_SECONDS = 1 };

static bool has_body(const struct head *head) { return head->chunked || head->content_length > 0; }

bool body_absent(struct exchange *exchange) {
    if (!has_body(exchange->head)) return true;
    problem_say(exchange, 400, "body_not_expected", "Dit verzoek heeft geen inhoud: laat die weg.",
                "This request takes no body: leave it out.");
    return false;
}

static bool too_large(struct exchange *exchange, int64_t limit_bytes) {
    char nl[120], en[120];
    snprintf(nl, sizeof nl, "De inhoud is te groot: stuur hoogstens %lld bytes.",
             (long long)limit_bytes);
    snprintf(en, sizeof en, "The body is too large: send %lld bytes at most.",
             (long long)limit_bytes);
    problem_say(exchange, 413, "body_too_large", nl, en);
    return false;
}

static bool too_dense(struct exchange *exchange) {
    problem_say(exchange, 413, "body_too_dense",
                "De inhoud is zo sterk gecomprimeerd dat dit geen gewoon verzoek is: stuur die "
                "ongecomprimeerd.",
                "The body is compressed so densely that it is no ordinary request: send it "
                "uncompressed.");
    return false;
}

/* ---- what the head says ---- */

/* Trims, and unquotes, one parameter's value. */
static bool value_is(const char *value, size_t length, const char *wanted) {
    if (length >= 2 && value[0] == '"' && value[length - 1] == '"') {
        value++;
        length -= 2;
    }
    return length == strlen(wanted) && strncasecmp(value, wanted, length) == 0;
}

/* "application/json", with charset=utf-8 if any charset. */
static bool type_is(const char *content_type, const char *media_type, size_t media_type_length) {
    size_t length = strcspn(content_type, "; \t");
    if (length != media_type_length || strncasecmp(content_type, media_type, length) != 0)
        return false;
    const char *at = content_type + length;
    while (*at) {
        at += strspn(at, "; \t");
        size_t parameter = strcspn(at, "; \t");
        if (parameter > 8 && strncasecmp(at, "charset=", 8) == 0 &&
            !value_is(at + 8, parameter - 8, "utf-8"))
            return false;
        at += parameter;
    }
    return true;
}

/* `media_types` holds one or several, with ", " between them. */
static bool check_type(struct exchange *exchange, const char *media_types) {
    const char *given = head_get(exchange->head, "content-type");
    char nl[200], en[200];
    for (const char *at = media_types; given && *at; at += strspn(at, ", ")) {
        size_t length = strcspn(at, ",");
        if (type_is(given, at, length)) return true;
        at += length;
    }
    const char *comma = strchr(media_types, ',');
    int first = comma ? (int)(comma - media_types) : (int)strlen(media_types);
    const char *second = comma ? comma + 2 : "";
    snprintf(nl, sizeof nl, "Stuur de inhoud als Content-Type: %.*s%s%s, in UTF-8.", first,
             media_types, comma ? " of " : "", second);
    snprintf(en, sizeof en, "Send the body as Content-Type: %.*s%s%s, in UTF-8.", first,
             media_types, comma ? " or " : "", second);
    reply_header(exchange, "Accept", "%s", media_types);
    problem_say(exchange, 415, "content_type", nl, en);
    return false;
}

bool body_is(const struct exchange *exchange, const char *media_type) {
    const char *given = head_get(exchange->head, "content-type");
    return given && type_is(given, media_type, strlen(media_type));
}

static bool check_coding(struct exchange *exchange, bool *ret_gzip) {
    const char *coding = head_get(exchange->head, "content-encoding");
    *ret_gzip = coding && (!strcasecmp(coding, "gzip") || !strcasecmp(coding, "x-gzip"));
    if (!coding || *ret_gzip || !strcasecmp(coding, "identity")) return true;
    reply_header(exchange, "Accept-Encoding", "gzip");
    problem_say(exchange, 415, "content_encoding",
                "Stuur de inhoud ongecomprimeerd of met Content-Encoding: gzip.",
                "Send the body uncompressed or with Content-Encoding: gzip.");
    return false;
}

bool body_may_exceed(const struct exchange *exchange, int64_t limit_bytes) {
    return exchange->head->chunked || exchange->head->content_length > limit_bytes ||
           head_get(exchange->head, "content-encoding") != NULL;
}

/* ---- reading ---- */

static bool refuse_read(struct exchange *exchange, int result) {
    if (result == GATE_READ_TIMEOUT)
        problem_say(exchange, 408, "request_timeout",
                    "De inhoud kwam niet op tijd binnen: stuur het verzoek opnieuw.",
                    "The body did not arrive in time: send the request again.");
    else if (result == GATE_READ_BAD)
        problem_say(exchange, 400, "bad_chunk",
                    "De inhoud is niet goed in stukken verdeeld: stuur die volgens "
                    "Transfer-Encoding: chunked, zonder extensies, of met een Content-Length.",
                    "The body is not well-formed chunked coding: send it by Transfer-Encoding: "
                    "chunked, without extensions, or with a Content-Length.");
    else
        exchange->status = 499; /* nobody is left to answer: for the log */
    return false;
}

bool body_refuse_busy(struct exchange *exchange) {
    reply_header(exchange, "Retry-After", "%d", BUSY_RETRY_SECONDS);
    problem_say(exchange, 503, "busy", "De dienst heeft het nu te druk. Probeer het zo opnieuw.",
                "The service is too busy now. Try again shortly.");
    return false;
}

static bool read_plain(struct exchange *exchange, int64_t limit_bytes) {
    struct buffer *body = &exchange->space->body;
    char piece[PIECE_BYTES];
    for (;;) {
        int count = gate_read_body(exchange->gate, piece, sizeof piece);
        if (count < 0) return refuse_read(exchange, count);
        if (count == 0) return true;
        if ((int64_t)body->length + count > limit_bytes) return too_large(exchange, limit_bytes);
        buffer_append(body, piece, (size_t)count);
        if (body->failed) return body_refuse_busy(exchange);
    }
}

struct unpacking {
    z_stream stream;
    int64_t packed_bytes;
    bool ended;
};

static bool bad_gzip(struct exchange *exchange) {
    problem_say(exchange, 400, "bad_gzip",
                "De inhoud is geen geldige gzip: comprimeer die opnieuw, of stuur die zonder "
                "Content-Encoding.",
                "The body is not valid gzip: compress it again, or send it without "
                "Content-Encoding.");
    return false;
}

/* Unpacks one piece that came. */
static bool unpack(struct exchange *exchange, struct unpacking *unpacking, int64_t limit_bytes) {
    struct buffer *body = &exchange->space->body;
    z_stream *stream = &unpacking->stream;
    char piece[PIECE_BYTES];
    do {
        stream->next_out = (unsigned char *)piece;
        stream->avail_out = sizeof piece;
        int status = inflate(stream, Z_NO_FLUSH);
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
            return bad_gzip(exchange);
        size_t count = sizeof piece - stream->avail_out;
        int64_t total = (int64_t)body->length + (int64_t)count;
        int64_t ratio_limit =
            RATIO_FREE_BYTES + unpacking->packed_bytes * exchange->edge->inflate_ratio_max;
        if (total > limit_bytes) return too_large(exchange, limit_bytes);
        if (total > ratio_limit) return too_dense(exchange);
        buffer_append(body, piece, count);
        if (body->failed) return body_refuse_busy(exchange);
        unpacking->ended = status == Z_STREAM_END;
    } while (!unpacking->ended && stream->avail_out == 0);
    return !unpacking->ended || stream->avail_in == 0 || bad_gzip(exchange);
}

static bool read_gzip(struct exchange *exchange, int64_t limit_bytes) {
    struct unpacking unpacking = {.ended = false};
    char piece[PIECE_BYTES];
    if (inflateInit2(&unpacking.stream, 16 + MAX_WBITS) != Z_OK) return body_refuse_busy(exchange);
    bool good = true;
    for (;;) {
        int count = gate_read_body(exchange->gate, piece, sizeof piece);
        if (count < 0) good = refuse_read(exchange, count);
        if (count <= 0) break;
        unpacking.packed_bytes += count;
        unpacking.stream.next_in = (unsigned char *)piece;
        unpacking.stream.avail_in = (unsigned)count;
        if (unpacking.packed_bytes > limit_bytes) good = too_large(exchange, limit_bytes);
        else if (unpacking.ended) good = bad_gzip(exchange);
        else good = unpack(exchange, &unpacking, limit_bytes);
        if (!good) break;
    }
    inflateEnd(&unpacking.stream);
    return good && (unpacking.ended || bad_gzip(exchange));
}

bool body_read(struct exchange *exchange, const char *media_types, int64_t limit_bytes) {
    bool gzip = false;
    buffer_clear(&exchange->space->body);
    if (!has_body(exchange->head)) return true;
    if (media_types && !check_type(exchange, media_types)) return false;
    if (!check_coding(exchange, &gzip)) return false;
    if (exchange->head->content_length > limit_bytes) return too_large(exchange, limit_bytes);
    return gzip ? read_gzip(exchange, limit_bytes) : read_plain(exchange, limit_bytes);
}

/* The one place where an answer's bytes are put together. */
#include "reply.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char api_policy[] = "default-src 'none'; frame-ancestors 'none'";
static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'";

static const struct {
    int status;
    const char *reason;
} reasons[] = {{200, "OK"},
               {201, "Created"},
               {202, "Accepted"},
               {204, "No Content"},
               {304, "Not Modified"},
               {400, "Bad Request"},
               {401, "Unauthorized"},
               {403, "Forbidden"},
               {404, "Not Found"},
               {405, "Method Not Allowed"},
               {408, "Request Timeout"},
               {409, "Conflict"},
               {410, "Gone"},
               {412, "Precondition Failed"},
               {413, "Content Too Large"},
               {414, "URI Too Long"},
               {415, "Unsupported Media Type"},
               {417, "Expectation Failed"},
               {422, "Unprocessable Content"},
               {428, "Precondition Required"},
               {429, "Too Many Requests"},
               {431, "Request Header Fields Too Large"},
               {500, "Internal Server Error"},
               {501, "Not Implemented"},
               {503, "Service Unavailable"},
               {505, "HTTP Version Not Supported"}};

const char *reply_reason(int status) {
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status) return reasons[i].reason;
    return "Unknown";
}

void reply_header(struct exchange *exchange, const char *name, const char *format, ...) {
    char value[4096];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length < sizeof value) reply_header_text(exchange, name, value);
}

void reply_header_text(struct exchange *exchange, const char *name, const char *value) {
    struct buffer *headers = &exchange->space->headers;
    buffer_text(headers, name);
    buffer_text(headers, ": ");
    buffer_text(headers, value);
    buffer_text(headers, "\r\n");
}

void reply_language(struct exchange *exchange, enum language language) {
    reply_header_text(exchange, "Content-Language", language == LANGUAGE_EN ? "en" : "nl");
}

static void write_two_digits(struct buffer *message, int number) {
    buffer_char(message, (char)('0' + number / 10));
    buffer_char(message, (char)('0' + number % 10));
}

/* "Mon, 23 Nov 2026 08:00:00 GMT" */
static void write_instant(struct buffer *message, time_t instant_s) {
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm parts;
    gmtime_r(&instant_s, &parts);
    buffer_append(message, days + 3 * parts.tm_wday, 3);
    buffer_text(message, ", ");
    write_two_digits(message, parts.tm_mday);
    buffer_char(message, ' ');
    buffer_append(message, months + 3 * parts.tm_mon, 3);
    buffer_char(message, ' ');
    buffer_integer(message, parts.tm_year + 1900);
    buffer_char(message, ' ');
    write_two_digits(message, parts.tm_hour);
    buffer_char(message, ':');
    write_two_digits(message, parts.tm_min);
    buffer_char(message, ':');
    write_two_digits(message, parts.tm_sec);
    buffer_text(message, " GMT\r\n");
}

void reply_header_instant(struct exchange *exchange, const char *name, int64_t instant_s) {
    struct buffer *headers = &exchange->space->headers;
    buffer_text(headers, name);
    buffer_text(headers, ": ");
    write_instant(headers, (time_t)instant_s);
}

static void write_length(struct buffer *message, size_t length) {
    buffer_text(message, "Content-Length: ");
    buffer_integer(message, (int64_t)length);
    buffer_text(message, "\r\n");
}

/* `length` STREAMED: not known yet. */
static const size_t STREAMED = SIZE_MAX;

static void write_head(struct exchange *exchange, int status, const char *content_type,
                       size_t length) {
    struct buffer *message = &exchange->space->message;
    const struct buffer *headers = &exchange->space->headers;
    const char *cache = exchange->cache_control ? exchange->cache_control : "no-store";
    buffer_clear(message);
    buffer_text(message, "HTTP/1.1 ");
    buffer_integer(message, status);
    buffer_char(message, ' ');
    buffer_text(message, reply_reason(status));
    buffer_text(message, "\r\n");
    buffer_text(message, "Date: ");
    write_instant(message, time(NULL));
    if (length == STREAMED && exchange->head->minor_version > 0)
        buffer_text(message, "Transfer-Encoding: chunked\r\n");
    else if (length == STREAMED)
        gate_close_after(exchange->gate); /* the end of the connection is the end of the answer */
    else if (status != 204 && status != 304)
        write_length(message, length);
    if (content_type && status != 204 && status != 304) {
        buffer_text(message, "Content-Type: ");
        buffer_text(message, content_type);
        buffer_text(message, "\r\n");
    }
    buffer_text(message, "Request-Id: ");
    buffer_text(message, exchange->request_id);
    buffer_text(message, "\r\nCache-Control: ");
    buffer_text(message, cache);
    buffer_text(message, "\r\nStrict-Transport-Security: max-age=31536000\r\n"
                         "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
                         "Content-Security-Policy: ");
    buffer_text(message, exchange->page ? page_policy : api_policy);
    if (exchange->page)
        buffer_text(message, "\r\nCross-Origin-Opener-Policy: same-origin");
    buffer_text(message, "\r\n");
    if (headers->length > 0) buffer_append(message, headers->data, headers->length);
    if (gate_must_close(exchange->gate)) {
        gate_close_after(exchange->gate);
        buffer_text(message, "Connection: close\r\n");
    } else if (exchange->head->minor_version == 0) {
        buffer_text(message, "Connection: keep-alive\r\n");
    }
    buffer_text(message, "\r\n");
}

void reply_send(struct exchange *exchange, int status, const char *content_type, const void *body,
                size_t length) {
    struct buffer *message = &exchange->space->message;
    exchange->status = status;
    write_head(exchange, status, content_type, length);
    bool bodiless = status == 204 || status == 304 ||
                    (exchange->head->method && !strcmp(exchange->head->method, "HEAD"));
    if (!bodiless && length > 0) buffer_append(message, body, length);
    if (message->failed) {
        gate_close_after(exchange->gate);
        return;
    }
    gate_write(exchange->gate, message->data, message->length);
}

/* ---- in pieces ---- */

bool reply_begin(struct exchange *exchange, int status, const char *content_type) {
    struct buffer *message = &exchange->space->message;
    exchange->status = status;
    write_head(exchange, status, content_type, STREAMED);
    if (!message->failed && gate_write(exchange->gate, message->data, message->length))
        return true;
    gate_close_after(exchange->gate);
    return false;
}

bool reply_piece(struct exchange *exchange, const void *bytes, size_t length) {
    struct buffer *message = &exchange->space->message;
    bool chunked = exchange->head->minor_version > 0;
    if (length == 0) return true;
    buffer_clear(message);
    if (chunked) buffer_format(message, "%zx\r\n", length);
    buffer_append(message, bytes, length);
    if (chunked) buffer_text(message, "\r\n");
    if (!message->failed && gate_write(exchange->gate, message->data, message->length))
        return true;
    gate_close_after(exchange->gate);
    return false;
}

void reply_end(struct exchange *exchange) {
    static const char last[] = "0\r\n\r\n";
    if (exchange->head->minor_version > 0)
        (void)gate_write(exchange->gate, last, sizeof last - 1);
}

bool reply_not_modified(const struct exchange *exchange, const char *tag) {
    const char *at = head_get(exchange->head, "if-none-match");
    size_t length = strlen(tag);
    while (at && *at) {
        at += strspn(at, ", \t");
        if (*at == '*') return true;
        if (at[0] == 'W' && at[1] == '/') at += 2;
        if (*at != '"') return false;
        const char *end = strchr(at + 1, '"');
        if (!end) return false;
        if ((size_t)(end - at - 1) == length && !memcmp(at + 1, tag, length)) return true;
        at = end + 1;
    }
    return false;
}

void reply_send_tagged(struct exchange *exchange, const char *tag, const char *content_type,
                       const void *body, size_t length) {
    reply_header(exchange, "ETag", "\"%s\"", tag);
    if (reply_not_modified(exchange, tag)) reply_send(exchange, 304, NULL, NULL, 0);
    else reply_send(exchange, 200, content_type, body, length);
}

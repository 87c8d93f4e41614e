/* Headers, and bodies as quoted-printable (RFC 2045, 6.7) or base64. */
#include "jobs/mail_compose.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/base64.h"
#include "message/json.h"
#include "message/record.h"

enum { LINE_MAX_CHARACTERS = 76, WORD_BYTES = 42 /* encoded, with its frame, below 76 */ };

/* ---- headers -------------------------------------------------------------------------------- */
static bool is_plain(const char *text) {
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || (unsigned char)*text > '~') return false;
    return true;
}

/* As encoded words (RFC 2047) where it is not ASCII; none of them cuts a character in two. */
static void words_write(struct buffer *wire, const char *text) {
    if (is_plain(text) && strlen(text) < LINE_MAX_CHARACTERS - 12 && !strstr(text, "=?")) {
        buffer_text(wire, text);
        return;
    }
    for (bool first = true; *text; first = false) {
        size_t length = 0;
        while (text[length] && length < WORD_BYTES) length++;
        while (length > 1 && ((unsigned char)text[length] & 0xC0) == 0x80) length--;
        buffer_text(wire, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        base64_write(text, length, wire);
        buffer_text(wire, "?=");
        text += length;
    }
}

static void name_write(struct buffer *wire, const char *name) {
    if (!is_plain(name) || strpbrk(name, "\"\\()<>@,;:.[]")) {
        words_write(wire, name);
        return;
    }
    buffer_text(wire, name);
}

static void date_write(struct buffer *wire, int64_t now_us) {
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(now_us / 1000000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    buffer_format(wire, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[parts.tm_wday],
                  parts.tm_mday, months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour,
                  parts.tm_min, parts.tm_sec);
}

/* ---- bodies --------------------------------------------------------------------------------- */
static void quoted_write(struct buffer *wire, const char *text) {
    size_t column = 0;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '\r') continue;
        if (c == '\n') {
            buffer_text(wire, "\r\n");
            column = 0;
            continue;
        }
        bool last = text[1] == '\0' || text[1] == '\n' || text[1] == '\r';
        bool literal = (c >= '!' && c <= '~' && c != '=') || (c == ' ' && !last);
        /* A line of one full stop would end the message. */
        if (c == '.' && column == 0) literal = false;
        size_t width = literal ? 1 : 3;
        if (column + width > LINE_MAX_CHARACTERS - 1) {
            buffer_text(wire, "=\r\n");
            column = 0;
            if (c == '.') literal = false;
            width = literal ? 1 : 3;
        }
        if (literal) buffer_char(wire, (char)c);
        else buffer_format(wire, "=%02X", c);
        column += width;
    }
    if (column) buffer_text(wire, "\r\n");
}

static void text_part(struct buffer *wire, const char *type, const char *text) {
    buffer_format(wire, "Content-Type: %s; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: quoted-printable\r\n\r\n", type);
    quoted_write(wire, text);
}

static void alternatives(struct buffer *wire, const char *id, const char *text,
                         const char *html) {
    if (!html) {
        text_part(wire, "text/plain", text);
        return;
    }
    buffer_format(wire, "Content-Type: multipart/alternative; boundary=\"a-%s\"\r\n\r\n", id);
    buffer_format(wire, "--a-%s\r\n", id);
    text_part(wire, "text/plain", text);
    buffer_format(wire, "\r\n--a-%s\r\n", id);
    text_part(wire, "text/html", html);
    buffer_format(wire, "\r\n--a-%s--\r\n", id);
}

static void attachment_write(struct buffer *wire, const char *name, const char *media_type,
                             const char *bytes, size_t length) {
    enum { BYTES_A_LINE = LINE_MAX_CHARACTERS / 4 * 3 };
    buffer_format(wire, "Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n"
                        "Content-Disposition: attachment; filename=\"", media_type);
    for (; *name; name++)
        buffer_char(wire, *name >= ' ' && *name <= '~' && !strchr("\"\\/", *name) ? *name : '_');
    buffer_text(wire, "\"\r\n\r\n");
    for (size_t at = 0; at < length; at += BYTES_A_LINE) {
        base64_write(bytes + at, length - at < BYTES_A_LINE ? length - at : BYTES_A_LINE, wire);
        buffer_text(wire, "\r\n");
    }
}

/* ---- the whole ------------------------------------------------------------------------------ */
static void headers_write(struct buffer *wire, const struct mail_due *due,
                          const struct value *said, struct scratch *scratch, const char *from,
                          const char *host, const char *to, int64_t now_us) {
    const char *to_name = record_get_text(said, "to_name", scratch);
    const char *reply_to = record_get_text(said, "reply_to", scratch);
    const char *language = record_get_text(said, "language", scratch);
    date_write(wire, now_us);
    buffer_format(wire, "From: Koppel <%s>\r\nTo: ", from);
    if (to_name) {
        name_write(wire, to_name);
        buffer_char(wire, ' ');
    }
    buffer_format(wire, "<%s>\r\n", to);
    if (reply_to && !strpbrk(reply_to, "\r\n<>"))
        buffer_format(wire, "Reply-To: <%s>\r\n", reply_to);
    buffer_text(wire, "Subject: ");
    words_write(wire, record_get_text(said, "subject", scratch));
    buffer_format(wire, "\r\nMessage-ID: <%s@%s>\r\nMIME-Version: 1.0\r\n"
                        "Auto-Submitted: auto-generated\r\nContent-Language: %s\r\n",
                  due->id, host, language ? language : "nl");
}

int mail_compose(const struct mail_due *due, const char *from, const char *host, int64_t now_us,
                 struct scratch *scratch, struct error *error, struct buffer *wire,
                 char ret_to[MAIL_ADDRESS_MAX]) {
    struct json_fault fault;
    struct value said;
    size_t length = strlen(due->json);
    const char *to = NULL, *text = NULL;
    if (json_read(due->json, length, NULL, scratch, &fault, &said) == 0) {
        to = record_get_text(&said, "to", scratch);
        text = record_get_text(&said, "text", scratch);
    }
    if (!to || !text || !record_get(&said, "subject") || strlen(to) >= MAIL_ADDRESS_MAX)
        return error_set(error, ERROR_INTERNAL, "%s is no message", due->id);
    headers_write(wire, due, &said, scratch, from, host, to, now_us);
    if (due->attachment_count)
        buffer_format(wire, "Content-Type: multipart/mixed; boundary=\"m-%s\"\r\n\r\n--m-%s\r\n",
                      due->id, due->id);
    alternatives(wire, due->id, text, record_get_text(&said, "html", scratch));
    for (int i = 0; i < due->attachment_count; i++) {
        buffer_format(wire, "\r\n--m-%s\r\n", due->id);
        attachment_write(wire, due->attachments[i].name, due->attachments[i].media_type,
                         due->attachments[i].bytes, due->attachments[i].length);
    }
    if (due->attachment_count) buffer_format(wire, "\r\n--m-%s--\r\n", due->id);
    if (wire->failed) return error_set(error, buffer_failure(wire), "no memory for mail");
    memcpy(ret_to, to, strlen(to) + 1);
    return 0;
}

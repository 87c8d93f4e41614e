/* The strict reading of a request's head. Refused with 400: a line end that is not CR LF, folded
 * headers, a space before the colon, names that are no tokens, control characters, two lengths,
 * a length beside chunks, lengths that are not plain digits, codings other than chunked, headers
 * said twice that may be said once, targets with bad escapes or an encoded NUL. What a body holds
 * is chunk.c's and body.c's. */
#include "head.h"

#include <string.h>

static const struct head_fault fault_line_end = {
    400, "bad_line_end", "Regels in de kop van een verzoek eindigen op CR LF.",
    "Lines in the head of a request end in CR LF."};
static const struct head_fault fault_control = {
    400, "bad_character",
    "De kop van het verzoek bevat een teken dat daar niet mag staan: laat het weg.",
    "The head of the request holds a character that may not stand there: leave it out."};
static const struct head_fault fault_request_line = {
    400, "bad_request_line", "De eerste regel moet METHODE PAD HTTP/1.1 zijn, met enkele spaties.",
    "The first line must be METHOD PATH HTTP/1.1, with single spaces."};
static const struct head_fault fault_version = {
    505, "http_version", "Deze dienst spreekt HTTP/1.1 en 1.0: gebruik een daarvan.",
    "This service speaks HTTP/1.1 and 1.0: use one of them."};
static const struct head_fault fault_target = {
    400, "bad_target",
    "Het adres van het verzoek is niet goed gevormd: begin met / en schrijf "
    "bijzondere tekens als %XX.",
    "The target of the request is not well-formed: begin with / and write special characters as "
    "%XX."};
static const struct head_fault fault_target_long = {
    414, "target_too_long", "Het adres van het verzoek is langer dan 8 KiB: maak het korter.",
    "The target of the request is longer than 8 KiB: make it shorter."};
static const struct head_fault fault_authority = {
    400, "wrong_authority",
    "Het adres en de Host-header noemen niet dezelfde server: maak ze gelijk.",
    "The target and the Host header do not name the same server: make them equal."};
static const struct head_fault fault_header = {
    400, "bad_header",
    "Een header is niet goed gevormd: schrijf Naam: waarde op één regel.",
    "A header is not well-formed: write Name: value on one line."};
static const struct head_fault fault_too_large = {
    431, "headers_too_large",
    "De kop van het verzoek is te groot: stuur hoogstens 16 KiB en 64 headers.",
    "The head of the request is too large: send 16 KiB and 64 headers at most."};
static const struct head_fault fault_host = {
    400, "bad_host", "Stuur precies één geldige Host-header.",
    "Send exactly one valid Host header."};
static const struct head_fault fault_length = {
    400, "bad_content_length", "Stuur hoogstens één Content-Length, met alleen cijfers.",
    "Send at most one Content-Length, in digits only."};
static const struct head_fault fault_coding = {
    400, "bad_transfer_encoding",
    "Stuur hoogstens één Transfer-Encoding: chunked, in HTTP/1.1 en zonder Content-Length.",
    "Send at most one Transfer-Encoding: chunked, in HTTP/1.1 and without Content-Length."};
static const struct head_fault fault_repeated = {
    400, "repeated_header",
    "Een header die één keer mag staan, staat er vaker: stuur die één keer.",
    "A header that may stand once stands more often: send it once."};

/* Headers that this service reads and that have one value. */
static const char *const single_headers[] = {
    "authorization", "content-encoding", "content-length",    "content-type",
    "expect",        "host",             "idempotency-key",   "origin",
    "cookie",        "if-match",         "transfer-encoding", "access-control-request-method",
    "soapaction",    "sec-fetch-site"};

static bool refuse(const struct head_fault *fault, struct head_fault *ret_fault) {
    *ret_fault = *fault;
    return false;
}

static bool is_token_character(unsigned char character) {
    if ((character | 0x20) >= 'a' && (character | 0x20) <= 'z') return true;
    if ((character >= '0' && character <= '9') || character == '-') return true;
    return character && strchr("!#$%&'*+-.^_`|~", character);
}

static bool is_digit(char character) { return character >= '0' && character <= '9'; }

static int hex_digit(char character) {
    if (is_digit(character)) return character - '0';
    int lower = character | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static void lower_case(char *text) {
    for (; *text; text++)
        if (*text >= 'A' && *text <= 'Z') *text = (char)(*text | 0x20);
}

static bool equal_ignoring_case(const char *a, size_t length, const char *b) {
    if (strlen(b) != length) return false;
    for (size_t i = 0; i < length; i++) {
        char left = a[i], right = b[i];
        if (left >= 'A' && left <= 'Z') left = (char)(left | 0x20);
        if (right >= 'A' && right <= 'Z') right = (char)(right | 0x20);
        if (left != right) return false;
    }
    return true;
}

size_t head_skip(const char *bytes, size_t length) {
    return length >= 2 && bytes[0] == '\r' && bytes[1] == '\n' ? 2 : 0;
}

/* Neither a control character nor part of a line end. */
static inline bool is_plain(char character) {
    return (unsigned char)character >= ' ' && character != 0x7f;
}

int head_scan(const char *bytes, size_t length, size_t *scanned, size_t *ret_length,
              struct head_fault *ret_fault) {
    size_t at = *scanned;
    size_t last = length < HEAD_BYTES_MAX - 1 ? length : HEAD_BYTES_MAX - 1;
    for (; at < length; at++) {
        bool after_return = at > 0 && bytes[at - 1] == '\r';
        while (!after_return && at < last && is_plain(bytes[at])) at++;
        if (at == length) break;
        unsigned char character = (unsigned char)bytes[at];
        if ((character == '\n') != after_return) {
            refuse(&fault_line_end, ret_fault);
            return -1;
        }
        if (character == '\n' && (at == 1 || (at >= 3 && bytes[at - 2] == '\n'))) {
            *scanned = *ret_length = at + 1;
            return 1;
        }
        bool control = (character < 0x20 && !strchr("\t\r\n", character)) || character == 0x7f ||
                       !character;
        if (control) {
            refuse(&fault_control, ret_fault);
            return -1;
        }
        if (at + 1 >= HEAD_BYTES_MAX) {
            refuse(&fault_too_large, ret_fault);
            return -1;
        }
    }
    *scanned = at;
    return 0;
}

/* ---- the request line ---- */

static bool target_is_well_formed(const char *target) {
    for (const char *at = target; *at; at++) {
        unsigned char character = (unsigned char)*at;
        if (character <= 0x20 || character >= 0x7f || strchr("#\"<>\\^`{|}", character))
            return false;
        if (character != '%') continue;
        int high = hex_digit(at[1]);
        int low = high < 0 ? -1 : hex_digit(at[2]);
        if (low < 0 || (high == 0 && low == 0)) return false;
    }
    return true;
}

/* "https://host:port/path" to its path; its authority is checked against Host later. */
static bool split_absolute(char *target, char **ret_path, char **ret_authority,
                           size_t *ret_authority_length) {
    size_t scheme = 0;
    if (equal_ignoring_case(target, strnlen(target, 8), "https://")) scheme = 8;
    if (equal_ignoring_case(target, strnlen(target, 7), "http://")) scheme = 7;
    if (!scheme) return false;
    size_t length = strcspn(target + scheme, "/?");
    if (!length) return false;
    *ret_authority = target + scheme;
    *ret_authority_length = length;
    *ret_path = target + scheme + length;
    return true;
}

static bool parse_version(const char *version, struct head *head, struct head_fault *ret_fault) {
    if (!strcmp(version, "HTTP/1.1")) {
        head->minor_version = 1;
    } else if (!strcmp(version, "HTTP/1.0")) {
        head->minor_version = 0;
    } else {
        bool other = strlen(version) == 8 && !memcmp(version, "HTTP/", 5) && is_digit(version[5]) &&
                     version[6] == '.' && is_digit(version[7]);
        return refuse(other ? &fault_version : &fault_request_line, ret_fault);
    }
    return true;
}

static bool parse_request_line(char *line, struct head *head, struct head_fault *ret_fault,
                               char **ret_target) {
    char *space = strchr(line, ' ');
    char *last = strrchr(line, ' ');
    if (!space || space == line || last == space) return refuse(&fault_request_line, ret_fault);
    *space = *last = '\0';
    head->method = line;
    char *target = space + 1;
    if (!parse_version(last + 1, head, ret_fault)) return false;
    if (strlen(line) > HEAD_METHOD_MAX) return refuse(&fault_request_line, ret_fault);
    for (const char *at = line; *at; at++)
        if (!is_token_character((unsigned char)*at)) return refuse(&fault_request_line, ret_fault);
    if (!*target || strchr(target, ' ')) return refuse(&fault_request_line, ret_fault);
    if (strlen(target) > HEAD_TARGET_MAX) return refuse(&fault_target_long, ret_fault);
    if (!target_is_well_formed(target)) return refuse(&fault_target, ret_fault);
    *ret_target = target;
    return true;
}

/* ---- headers ---- */

static bool parse_header(char *line, struct head *head, struct head_fault *ret_fault) {
    if (head->header_count == HEAD_HEADERS_MAX) return refuse(&fault_too_large, ret_fault);
    char *colon = line;
    while (is_token_character((unsigned char)*colon)) colon++;
    if (colon == line || *colon != ':') return refuse(&fault_header, ret_fault);
    *colon = '\0';
    lower_case(line);
    char *value = colon + 1 + strspn(colon + 1, " \t");
    size_t length = strlen(value);
    while (length > 0 && (value[length - 1] == ' ' || value[length - 1] == '\t')) length--;
    value[length] = '\0';
    head->headers[head->header_count++] = (struct head_header){line, value};
    return true;
}

const char *head_get(const struct head *head, const char *name) {
    for (int i = 0; i < head->header_count; i++) {
        const char *own = head->headers[i].name;
        if (*own == *name && !strcmp(own, name)) return head->headers[i].value;
    }
    return NULL;
}

static int count_headers(const struct head *head, const char *name) {
    int count = 0;
    for (int i = 0; i < head->header_count; i++) count += !strcmp(head->headers[i].name, name);
    return count;
}

static bool names_repeat(const struct head *head) {
    for (int i = 1; i < head->header_count; i++) {
        const char *name = head->headers[i].name;
        for (int j = 0; j < i; j++) {
            const char *other = head->headers[j].name;
            if (*other == *name && !strcmp(other, name)) return true;
        }
    }
    return false;
}

/* A name, an IPv4 address, or an IPv6 address in brackets; then maybe a port. */
static bool host_is_well_formed(const char *host) {
    static const char name_characters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    const char *at = host;
    if (*at == '[') {
        at += 1 + strspn(at + 1, "0123456789abcdefABCDEF:.");
        if (*at != ']' || at - host < 3) return false;
        at++;
    } else {
        at += strspn(at, name_characters);
    }
    if (at == host || at - host > 255) return false;
    if (!*at) return true;
    size_t digits = strspn(at + 1, "0123456789");
    return *at == ':' && digits <= 5 && !at[1 + digits];
}

static bool check_host(struct head *head, const char *authority, size_t authority_length,
                       struct head_fault *ret_fault) {
    const char *host = head_get(head, "host");
    if (!host && head->minor_version == 1) return refuse(&fault_host, ret_fault);
    if (host && !host_is_well_formed(host)) return refuse(&fault_host, ret_fault);
    if (authority && host && !equal_ignoring_case(authority, authority_length, host))
        return refuse(&fault_authority, ret_fault);
    head->host = host ? host : "";
    return true;
}

/* One framing only: RFC 9112, 6.3, without its leniences. */
static bool check_framing(struct head *head, struct head_fault *ret_fault) {
    int lengths = count_headers(head, "content-length");
    int codings = count_headers(head, "transfer-encoding");
    head->content_length = -1;
    if (codings > 0) {
        const char *coding = head_get(head, "transfer-encoding");
        if (codings > 1 || lengths > 0 || head->minor_version == 0 ||
            !equal_ignoring_case(coding, strlen(coding), "chunked"))
            return refuse(&fault_coding, ret_fault);
        head->chunked = true;
        return true;
    }
    if (lengths == 0) return true;
    const char *digits = head_get(head, "content-length");
    size_t length = strlen(digits);
    if (lengths > 1 || length < 1 || length > 18 || strspn(digits, "0123456789") != length)
        return refuse(&fault_length, ret_fault);
    head->content_length = 0;
    for (; *digits; digits++) head->content_length = head->content_length * 10 + (*digits - '0');
    return true;
}

static bool list_has(const char *list, const char *word) {
    while (*list) {
        list += strspn(list, ", \t");
        size_t length = strcspn(list, ", \t");
        if (length && equal_ignoring_case(list, length, word)) return true;
        list += length;
    }
    return false;
}

static void check_connection(struct head *head) {
    head->keep_alive = head->minor_version == 1;
    for (int i = 0; i < head->header_count; i++) {
        if (strcmp(head->headers[i].name, "connection") != 0) continue;
        if (list_has(head->headers[i].value, "close")) {
            head->keep_alive = false;
            return;
        }
        if (list_has(head->headers[i].value, "keep-alive")) head->keep_alive = true;
    }
}

static bool split_target(struct head *head, char *target, char **ret_authority,
                         size_t *ret_authority_length, struct head_fault *ret_fault) {
    char *path = target;
    if (*path != '/' && strcmp(path, "*") != 0 &&
        !split_absolute(path, &path, ret_authority, ret_authority_length))
        return refuse(&fault_target, ret_fault);
    if (!strcmp(path, "*") && strcmp(head->method, "OPTIONS") != 0)
        return refuse(&fault_target, ret_fault);
    char *query = strchr(path, '?');
    if (query) *query++ = '\0';
    head->query = query;
    head->path = *path ? path : "/";
    return true;
}

static bool parse_lines(char *bytes, size_t length, struct head *head, char **ret_target,
                        struct head_fault *ret_fault) {
    if (length < 4 || memcmp(bytes + length - 4, "\r\n\r\n", 4) != 0)
        return refuse(&fault_line_end, ret_fault);
    char *at = bytes, *end = bytes + length - 2;
    char *target = NULL;
    while (at < end) {
        char *line_end = memchr(at, '\r', (size_t)(end - at));
        if (!line_end || line_end[1] != '\n') return refuse(&fault_line_end, ret_fault);
        *line_end = '\0';
        bool good = target ? parse_header(at, head, ret_fault)
                           : parse_request_line(at, head, ret_fault, &target);
        if (!good) return false;
        at = line_end + 2;
    }
    *ret_target = target;
    return true;
}

static bool check_whole(struct head *head, char *target, struct head_fault *ret_fault) {
    size_t singles = names_repeat(head) ? sizeof single_headers / sizeof *single_headers : 0;
    for (size_t i = 0; i < singles; i++) {
        if (count_headers(head, single_headers[i]) < 2) continue;
        const struct head_fault *fault = &fault_repeated;
        if (!strcmp(single_headers[i], "host")) fault = &fault_host;
        if (!strcmp(single_headers[i], "content-length")) fault = &fault_length;
        if (!strcmp(single_headers[i], "transfer-encoding")) fault = &fault_coding;
        return refuse(fault, ret_fault);
    }
    char *authority = NULL;
    size_t authority_length = 0;
    if (!split_target(head, target, &authority, &authority_length, ret_fault)) return false;
    if (!check_host(head, authority, authority_length, ret_fault)) return false;
    if (!check_framing(head, ret_fault)) return false;
    check_connection(head);
    return true;
}

bool head_parse(char *bytes, size_t length, struct head *ret_head, struct head_fault *ret_fault) {
    char *target = NULL;
    *ret_head = (struct head){.content_length = -1};
    ret_head->headers_read = parse_lines(bytes, length, ret_head, &target, ret_fault);
    return ret_head->headers_read && check_whole(ret_head, target, ret_fault);
}

bool head_percent_decode(const char *text, size_t length, bool plus, char *ret_text,
                         size_t *ret_length) {
    size_t written = 0;
    for (size_t i = 0; i < length; i++) {
        char character = text[i];
        if (character == '+' && plus) {
            character = ' ';
        } else if (character == '%') {
            int high = i + 2 < length ? hex_digit(text[i + 1]) : -1;
            int low = i + 2 < length ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) return false;
            character = (char)(high * 16 + low);
            i += 2;
        }
        if (!character) return false;
        ret_text[written++] = character;
    }
    *ret_length = written;
    return true;
}

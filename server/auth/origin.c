/* Reads a web origin strictly and writes it in the one form that browsers send in their Origin
 * header, so that a comparison of texts suffices afterwards. */
#include "auth/origin.h"

#include <stdio.h>
#include <string.h>

enum { ORIGIN_HOST_MAX = 253, ORIGIN_LABEL_MAX = 63, ORIGIN_PORT_MAX = 65535 };

static char lower(char character) {
    return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

static bool is_digit(char character) {
    return character >= '0' && character <= '9';
}

/* Letters, digits and inner hyphens in labels of 1 to 63. */
static bool host_name(const char *host, size_t length) {
    size_t label = 0;
    for (size_t i = 0; i < length; i++) {
        char character = lower(host[i]);
        if (character == '.') {
            if (!label || host[i - 1] == '-') return false;
            label = 0;
            continue;
        }
        bool letter = (character >= 'a' && character <= 'z') || is_digit(character);
        if (!letter && !(character == '-' && label)) return false;
        if (++label > ORIGIN_LABEL_MAX) return false;
    }
    return label > 0 && host[length - 1] != '-';
}

static bool host_address6(const char *host, size_t length) {
    if (length < 4 || host[0] != '[' || host[length - 1] != ']') return false;
    for (size_t i = 1; i + 1 < length; i++) {
        char character = lower(host[i]);
        bool hexadecimal = is_digit(character) || (character >= 'a' && character <= 'f');
        if (!hexadecimal && character != ':' && character != '.') return false;
    }
    return true;
}

static size_t host_length(const char *text) {
    if (*text == '[') {
        const char *close = strchr(text, ']');
        return close ? (size_t)(close - text) + 1 : 0;
    }
    return strcspn(text, ":/");
}

/* Reads ":port" and a closing "/"; the number, 0 for none, or -1 when something else follows. */
static int port_read(const char *text) {
    int port = 0;
    if (*text == ':') {
        text++;
        if (!is_digit(*text) || *text == '0') return -1;
        for (; is_digit(*text); text++) {
            port = port * 10 + (*text - '0');
            if (port > ORIGIN_PORT_MAX) return -1;
        }
    }
    if (*text == '/') text++;
    return *text ? -1 : port;
}

int origin_normalise(const char *text, struct error *error, char ret_origin[KEY_ORIGIN_MAX]) {
    static const struct {
        const char *text;
        int port;
    } schemes[] = {{"https://", 443}, {"http://", 80}};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t scheme = strlen(schemes[i].text), at = 0;
        while (at < scheme && lower(text[at]) == schemes[i].text[at]) at++;
        if (at < scheme) continue;
        const char *host = text + scheme;
        size_t length = host_length(host);
        if (!length || length > ORIGIN_HOST_MAX) break;
        if (!host_name(host, length) && !host_address6(host, length)) break;
        int port = port_read(host + length);
        if (port < 0) break;
        char written[ORIGIN_HOST_MAX + 1];
        for (size_t j = 0; j < length; j++) written[j] = lower(host[j]);
        written[length] = '\0';
        if (port && port != schemes[i].port)
            snprintf(ret_origin, KEY_ORIGIN_MAX, "%s%s:%d", schemes[i].text, written, port);
        else
            snprintf(ret_origin, KEY_ORIGIN_MAX, "%s%s", schemes[i].text, written);
        return 0;
    }
    return error_set(error, ERROR_INVALID,
                     "'%.80s' is no origin: write scheme, host and any port, such as "
                     "https://www.example.nl or http://localhost:8080",
                     text);
}

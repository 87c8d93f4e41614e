/* Sealing and indexing of people. */
#include "domain/lead_person.h"

#include <string.h>

#include "message/json.h"

enum { EMAIL_MAX = 255 };

void lead_email_index(const struct encryption *encryption, const char *email,
                      char ret_index[SHA256_HEX_MAX]) {
    char lower[EMAIL_MAX];
    size_t length = 0;
    for (; email[length] && length < EMAIL_MAX - 1; length++)
        lower[length] = email[length] >= 'A' && email[length] <= 'Z'
                            ? (char)(email[length] - 'A' + 'a')
                            : email[length];
    lower[length] = '\0';
    encryption_index(encryption, "email", lower, ret_index);
}

bool lead_telephone_index(const struct encryption *encryption, const char *telephone,
                          char ret_index[SHA256_HEX_MAX]) {
    char digits[LEAD_TELEPHONE_MAX], whole[LEAD_TELEPHONE_MAX + 2];
    size_t length = 0;
    bool country = *telephone == '+';
    for (; *telephone && length < LEAD_TELEPHONE_MAX - 1; telephone++)
        if (*telephone >= '0' && *telephone <= '9') digits[length++] = *telephone;
    digits[length] = '\0';
    const char *from = digits;
    if (!country && from[0] == '0' && from[1] == '0') {
        country = true;
        from += 2;
    }
    if (!*from) return false;
    size_t at = 0;
    if (!country) {
        memcpy(whole, "31", 2);
        at = 2;
        from += *from == '0';
    }
    memcpy(whole + at, from, strlen(from) + 1);
    encryption_index(encryption, "telephone", whole, ret_index);
    return true;
}

static int missing(struct error *error) {
    return error_set(error, ERROR_INTERNAL,
                     "koppel.conf names no encryption_keys: leads cannot be kept");
}

int lead_person_seal(struct encryption *encryption, const char *id, const struct value *person,
                     struct error *error, struct buffer *buffer) {
    struct buffer text;
    if (!encryption) return missing(error);
    buffer_init(&text, LEAD_SEALED_MAX_BYTES);
    json_write(person, 0, &text);
    int status = text.failed ? error_set(error, buffer_failure(&text), "no memory for a lead")
                             : encryption_seal(encryption, id, text.data, text.length, error,
                                               buffer);
    if (text.data) explicit_bzero(text.data, text.length);
    buffer_done(&text);
    return status;
}

int lead_person_unseal(struct encryption *encryption, const char *id, const char *sealed,
                       struct scratch *scratch, struct error *error, struct value *ret_person) {
    struct buffer text;
    struct json_fault fault;
    *ret_person = value_context(NULL, 0);
    if (!*sealed) return 0;
    if (!encryption) return missing(error);
    buffer_init(&text, ENCRYPTION_TEXT_MAX_BYTES);
    int status = encryption_unseal(encryption, id, sealed, error, &text);
    if (!status) {
        status = json_read(text.data, text.length, NULL, scratch, &fault, ret_person);
        if (status)
            error_set(error, status == ERROR_INVALID ? ERROR_INTERNAL : status,
                      "what %.60s holds cannot be read", id);
    }
    if (text.data) explicit_bzero(text.data, text.length);
    buffer_done(&text);
    return status;
}

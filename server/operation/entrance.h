/* An entrance that speaks messages of its own over HTTP, as SOAP does: what the edge hands it and
 * what it gets back. The edge does the framing, limits and headers of HTTP and knows nothing of the
 * messages; the entrance knows nothing of connections. */
#ifndef KOPPEL_OPERATION_ENTRANCE_H
#define KOPPEL_OPERATION_ENTRANCE_H

#include "operation.h"

struct message {
    struct dispatcher *dispatcher;
    struct service *service;
    const char *public_url;      /* of this service, without '/' at its end */
    const char *path;            /* still in percent form */
    const char *query;           /* or NULL, as are the headers below */
    const char *content_type, *action, *authorization, *origin, *idempotency_key, *if_match;
    const uint8_t *certificate; /* SHA-256 of the connection's client certificate, or NULL */
    const char *address;        /* that the connection comes from */
    const char *request_id;
    enum language language;
    const char *body;
    size_t body_length;
    struct scratch *scratch;
    struct answer *answer;       /* to be used for dispatch; partner, key and rate are logged */
    struct buffer *text;         /* cleared: the answer's body */
};

struct message_reply {
    int status;
    const char *content_type;
    const struct operation *operation; /* that was called; NULL: none was found */
    int retry_after_s;                 /* 0: none */
    struct retirement retirement;      /* of the service that answers */
};

struct entrance {
    const char *prefix; /* of its paths, with a '/' at both ends */
    int64_t body_max_bytes;
    /* Answers a message. The text is failed when it cannot be written. */
    void (*answer)(const struct message *message, struct message_reply *ret_reply);
    /* The description that GET asks for. False: there is none at this path and query. */
    bool (*describe)(const struct message *message, struct message_reply *ret_reply);
    /* A refusal of the edge's own as a message; the message's body is not read. */
    void (*refuse)(const struct message *message, const struct refusal *refusal,
                   const struct field_faults *faults, struct message_reply *ret_reply);
};

#endif

/* openapi.json as an installation serves it: with its products, made anew when they change. */
#ifndef KOPPEL_HTTP_DESCRIPTION_H
#define KOPPEL_HTTP_DESCRIPTION_H

#include "base/hash.h"
#include "domain/service.h"
#include "quote-engine/text.h"

struct descriptions; /* one per version and language, shared by all threads */

struct description {
    char *text;
    size_t length;
    char tag[SHA256_HEX_MAX]; /* for its ETag */
    /* What it was made of, and who uses it: for description.c. */
    int64_t stamp;
    char date[16];
    int holders;
    bool replaced;
};

struct descriptions *descriptions_new(void); /* NULL: no memory */
void descriptions_free(struct descriptions *descriptions);

/* The document of a version of the API (message/api_version.h), with the products in force as the
 * catalogue knows them now: also another node's publication is in it within a second.
 * Installations of more interfaces than OPENAPI_INTERFACES_MAX, or of more than fit into
 * OPENAPI_MAX_BYTES, get the document without products, and a line in the log. NULL: it cannot be
 * made now. Let go of it by description_release. */
const struct description *description_hold(struct descriptions *descriptions,
                                           struct service *service, const char *public_url,
                                           int version, enum language language);
void description_release(struct descriptions *descriptions,
                         const struct description *description);

#endif

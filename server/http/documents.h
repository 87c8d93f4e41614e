/* The pages of products' documents: /documents/PRODUCT/NUMBER/CODE.nl, public, never changing. */
#ifndef KOPPEL_HTTP_DOCUMENTS_H
#define KOPPEL_HTTP_DOCUMENTS_H

#include "exchange.h"

/* Answers a request that reads; `path` is what follows /documents/. Without .nl or .en at its end
 * the caller's language decides. */
void document_answer(struct exchange *exchange, const char *path);

#endif

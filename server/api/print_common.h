/* What the resources about printed documents share: whose letter it is, and the file that comes of
 * it. */
#ifndef KOPPEL_API_PRINT_COMMON_H
#define KOPPEL_API_PRINT_COMMON_H

#include "domain/quote_answers.h"
#include "domain/sale_print.h"
#include "domain/service.h"
#include "operation/operation.h"

extern const struct field print_output[OUTPUT_FILE_FIELD_COUNT];
extern const char *const print_refusals[];

/* What a sale is, but for its parties: with its version held (sale_close). The texts are JSON of
 * the store's own, of what `id` names; without answers (NULL) they are for the caller to add. */
int sale_open(struct call *call, const char *id, const char *version_id,
              const struct quote_answers *answers, const char *result,
              struct sale *ret_sale);
void sale_close(struct call *call, struct sale *sale);
/* Reads who advises and who insures. */
int sale_read_parties(struct call *call, const char *partner_id, struct sale *sale);
/* Prints it as the call's output, under the name "PREFIX-NUMBER.pdf". */
int print_send(struct call *call, const struct print *print, const char *prefix,
               const char *number);

#endif

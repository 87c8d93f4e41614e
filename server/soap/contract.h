/* The contract of a service: which rows of the table of operations it has, and with which fields.
 * The generic service has them as they stand. A product's own service has those that are about one
 * quote or policy, and in those that take answers the product is known and its questions are typed:
 * what a quote asks, what its acceptance asks, or what a quote asks with each left out that does
 * not change. Other open inputs hold answers by name.
 *
 * A namespace is a promise: what a client was made of stays. urn:koppel:quote:v1 has operations and
 * fields added to it, which generated clients pass over, and nothing else; a product's own has its
 * interface's number instead, which rises when its questions no longer fit. A change that breaks
 * makes urn:koppel:quote:v2 at /soap/v2/quote (and urn:koppel:quote:v2:auto:i1): `contract_path`
 * and `contract_init` tell the two apart by their path, the contract holds the version of the API
 * (message/api_version.h) that each stands for, v1 the newest of before, and the dispatcher takes
 * an input up and an output down through the same steps as for JSON. The WSDL of v1 is then made of
 * the rows as those steps leave them. A key's pin has no say here: the namespace does. Until then
 * every step is of an operation that is in no service. */
#ifndef KOPPEL_SOAP_CONTRACT_H
#define KOPPEL_SOAP_CONTRACT_H

#include "domain/catalogue.h"
#include "operation/operation.h"
#include "soap.h"

enum { CONTRACT_ROWS_MAX = 100, CONTRACT_INTERFACE_MAX = 1000000 };

struct contract_row {
    const struct operation *operation;
    const struct field *input, *output;
    int input_count, output_count;
    bool implied; /* the product is not named in the input, since the service knows it */
};

struct contract {
    char product[PRODUCT_CODE_MAX]; /* "": the generic service */
    int interface;
    char namespace[SOAP_NAMESPACE_MAX];
    char address[SOAP_ADDRESS_MAX];
    struct retirement retirement; /* of the service: there is a higher interface */
    const struct product_version *version; /* whose questions are typed; borrowed */
};

/* The product that a path below SOAP_PREFIX names: "quote" is the generic service, "quote/auto" a
 * product's. False: it is neither. */
bool contract_path(const char *path, char ret_product[PRODUCT_CODE_MAX]);
/* The number at the end of a product's namespace; 0: it is not one of this product. */
int contract_interface_of(const char *product, const char *namespace);

/* Everything but the version. */
void contract_init(struct contract *contract, const char *public_url, const char *product,
                   int interface);

/* The row of that name in this service; false: it has none. */
bool contract_find(const struct contract *contract, const char *name, size_t length,
                   const struct operation **ret_operation);
/* Its fields, in scratch; false: scratch is used up. */
bool contract_row_make(const struct contract *contract, const struct operation *operation,
                       struct scratch *scratch, struct contract_row *ret_row);
/* All rows of the service; -1: scratch is used up. */
int contract_rows(const struct contract *contract, struct scratch *scratch,
                  struct contract_row ret_rows[CONTRACT_ROWS_MAX]);
/* What the answers of an operation are typed by in this service. */
enum contract_answers {
    ANSWERS_BY_NAME, /* nothing, or it takes none */
    ANSWERS_OF_QUOTE,
    ANSWERS_OF_ACCEPTANCE,
    ANSWERS_OF_CHANGE
};
enum contract_answers contract_answers(const struct contract *contract,
                                       const struct operation *operation);

#endif

/* koppel partner create and show: the parts of that command that know a partner's row. */
#ifndef KOPPEL_CLI_PARTNER_RECORD_H
#define KOPPEL_CLI_PARTNER_RECORD_H

#include "base/option.h"

struct partner_arguments {
    const char *name, *kind, *parent, *legal_name, *trade_register, *licence, *iban;
    const char *street, *postcode, *city, *website, *email, *telephone;
};
enum { PARTNER_OPTIONS = 13 };
/* The options that fill it. */
void partner_options(struct partner_arguments *arguments,
                     struct option ret_options[PARTNER_OPTIONS]);

/* Records a partner, prints its id; returns an exit status. */
int partner_record(const char *folder, const struct partner_arguments *arguments);
/* Prints what is known of one, with its agreements and licences; returns an exit status. */
int partner_show(const char *folder, const char *id);

#endif

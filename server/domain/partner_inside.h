/* What the files of partners share. Not used outside them. */
#ifndef KOPPEL_DOMAIN_PARTNER_INSIDE_H
#define KOPPEL_DOMAIN_PARTNER_INSIDE_H

#include "domain/copying.h"
#include "domain/partner.h"

/* no wall: whoever may see a partner may know what it belongs to and who looks after it. */
#define PARTNER_COLUMNS                                                                           \
    "select p.id, p.parent_id, p.kind, p.name, p.legal_name, p.legal_form,"                       \
    " p.trade_register_number, p.trade_register_branch, p.rsin, p.vat_number, p.iban,"            \
    " p.licence_number, p.street, p.postcode, p.city, p.country, p.website, p.email,"             \
    " p.telephone, p.grade, p.stage, p.account_manager_id, p.last_review_date,"                   \
    " p.next_review_date, p.employees, p.status, p.no_advertising, p.revision, p.created_us,"     \
    " p.changed_us, (select h.name from partner h where h.id = p.parent_id),"                     \
    " (select u.name from app_user u where u.id = p.account_manager_id) from partner p"
void partner_copy(struct copying *copying, struct partner *partner);
int partner_starved(struct error *error);

#endif

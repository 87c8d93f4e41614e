/* Renewal: before a policy's main due date the version of its product that is in force on that date
 * rates it again, so that its holder hears the new premium in time; on the date the policy enters
 * its next period with it. What is referred, declined or cannot be rated waits for an underwriter;
 * without a decision, and when the new premium was not announced before, the policy goes on as it
 * is. Each is done once a period, whoever else looks at the same time. */
#ifndef KOPPEL_DOMAIN_RENEWAL_H
#define KOPPEL_DOMAIN_RENEWAL_H

#include "domain/policy_change.h"
#include "domain/service.h"

/* The first main due date after the first day of cover, and the day to look at its renewal; both
 * "" when the product has no periods. */
void renewal_first(const struct product_policy *rules, const struct value_date *first_day,
                   char ret_due_date[CLOCK_DATE_MAX], char ret_renewal_on[CLOCK_DATE_MAX]);

enum renewal_done {
    RENEWAL_NOTHING,  /* there was nothing to do, or another did it */
    RENEWAL_PLANNED,  /* its day is another */
    RENEWAL_PREPARED, /* announced, or handed to an underwriter */
    RENEWAL_RENEWED   /* entered its next period */
};
/* Looks at one policy, and does what is due of it at `now_us`; with one who is far behind it is
 * called again and again. Uses scratch. */
int renewal_look(struct service *service, const char *policy_id, bool test, int64_t now_us,
                 struct scratch *scratch, struct error *error, enum renewal_done *ret_done);

#endif

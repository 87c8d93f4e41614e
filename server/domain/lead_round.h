/* Rounds of dividing leads: those that came in, or that an office declined, are offered to the next
 * by rule; those that lapsed too. Where nobody is left, the organisation has it again, with the
 * reason. What is due stands in the rows, so that nothing is lost when a program ends; each lead is
 * changed only as it was read, and is open before one office at most, so that two programs that do
 * a round at a time never offer one twice. */
#ifndef KOPPEL_DOMAIN_LEAD_ROUND_H
#define KOPPEL_DOMAIN_LEAD_ROUND_H

#include "domain/lead_market.h"
#include "domain/service.h"

enum { LEAD_ROUND_MAX = 128 /* leads of a round */ };

struct lead_round {
    int due; /* that were looked at; LEAD_ROUND_MAX: there may be more */
    int offered, lapsed, pooled;
};

/* Does a round at a moment. The draws follow from the seed and the order of the leads. What
 * products ask of who sells them is the catalogue's to say. */
int lead_round_do(struct service *service, int64_t now_us, uint64_t seed, struct error *error,
                  struct lead_round *ret_round);

#endif

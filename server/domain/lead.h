/* What can happen to leads, as a table: states, steps, who may take which from where. Pure. Rows
 * and writing are domain/lead_store.h's; choosing an office is domain/lead_assign.h's.
 *
 * A lead is with the organisation (new; declined or expired when the last office said no or let it
 * lapse) or with one office. An office that got it by the organisation's rules is offered it, and
 * has it once it accepts; what an office brings in itself is its own from the beginning. */
#ifndef KOPPEL_DOMAIN_LEAD_H
#define KOPPEL_DOMAIN_LEAD_H

#include "message/field.h"
#include "quote-engine/text.h"

enum lead_state {
    LEAD_NEW,       /* with the organisation; by rule on its way to an office, or in its pool */
    LEAD_OFFERED,   /* to an office, until a moment */
    LEAD_ACCEPTED,  /* by the office, which works on it */
    LEAD_CONTACTED, /* the person was reached */
    LEAD_QUOTED,    /* there is a quote for them */
    LEAD_WON,
    LEAD_LOST,
    LEAD_DECLINED, /* with the organisation again: an office said no */
    LEAD_EXPIRED,  /* with the organisation again: an office said nothing in time */
    LEAD_SPAM,
    LEAD_STATES
};
extern const struct field_choice lead_states[LEAD_STATES];

enum lead_step {
    LEAD_CREATE,
    LEAD_OFFER,
    LEAD_ACCEPT,
    LEAD_DECLINE,
    LEAD_LAPSE,     /* the office said nothing in time */
    LEAD_POOL,      /* nobody is left to offer it to */
    LEAD_ASSIGN,    /* to a person of the office */
    LEAD_CHANGE,    /* what is known of it, the next step and its date */
    LEAD_TRY,       /* to reach the person, in vain */
    LEAD_CONTACT,
    LEAD_QUOTE,     /* a quote or application of theirs is linked */
    LEAD_WIN,
    LEAD_LOSE,
    LEAD_MARK_SPAM,
    LEAD_REOPEN,    /* what was won or lost goes on at its office */
    LEAD_RESTORE,   /* what was spam, or lost without an office, is new again */
    LEAD_TAKE_BACK, /* from an office, by the organisation */
    LEAD_MERGE,     /* it was the same as another, and goes on as that */
    LEAD_ABSORB,    /* another was merged into it */
    LEAD_ERASE,     /* who it is of was erased: asked of no table, since that is a right */
    LEAD_STEPS
};

/* Who takes a step: bits. */
enum lead_actor {
    LEAD_BY_PARTNER = 1 << 0,
    LEAD_BY_ORGANISATION = 1 << 1,
    LEAD_BY_SYSTEM = 1 << 2,
    LEAD_BY_WEBSITE = 1 << 3
};

/* As rows and answers name them: "offered"; "take_back"; "partner". */
const char *lead_state_text(enum lead_state state);
const struct text *lead_state_label(enum lead_state state);
/* LEAD_STATES: no state has that name. */
enum lead_state lead_state_read(const char *text);
const char *lead_step_text(enum lead_step step);
const struct text *lead_step_label(enum lead_step step);
const char *lead_actor_text(enum lead_actor actor);

/* Is it still to be worked on? Closed are won, lost and spam. */
bool lead_state_open(enum lead_state state);
/* Does an office work on it? Then it counts as that office's load, and its people see whom it is
 * of. */
bool lead_state_worked(enum lead_state state);

enum lead_answer {
    LEAD_ALLOWED,
    LEAD_WRONG_STATE, /* nobody can, from here */
    LEAD_WRONG_ACTOR  /* others can */
};
/* May this actor take the step from there? `ret_to` (may be NULL) is where it leads. */
enum lead_answer lead_ask(enum lead_step step, enum lead_state from, enum lead_actor actor,
                          enum lead_state *ret_to);

/* Where leads come from. */
enum lead_source {
    LEAD_FROM_WIDGET,
    LEAD_FROM_SERVICE,
    LEAD_FROM_IMPORT,
    LEAD_FROM_ORGANISATION,
    LEAD_FROM_PARTNER,
    LEAD_SOURCES
};
extern const struct field_choice lead_sources[LEAD_SOURCES];

/* Why an office declines, why a lead is lost, and how contact was sought. */
enum { LEAD_DECLINE_REASONS = 8, LEAD_LOSE_REASONS = 8, LEAD_CHANNELS = 5 };
extern const struct field_choice lead_decline_reasons[LEAD_DECLINE_REASONS];
extern const struct field_choice lead_lose_reasons[LEAD_LOSE_REASONS];
extern const struct field_choice lead_channels[LEAD_CHANNELS];
#define LEAD_REASON_SPAM "spam"
#define LEAD_REASON_DUPLICATE "duplicate"
#define LEAD_REASON_ERASED "erased"

#endif

/* What the demo's firms have beside their names: size, grade, licences, people with diplomas, a
 * territory and notes. The people are invented, and so are all numbers: the bank of their accounts
 * does not exist. */
#include "cli/demo.h"

#include <stdio.h>
#include <string.h>

#include "domain/calendar_day.h"
#include "domain/partner.h"
#include "domain/partner_event.h"
#include "domain/partner_file.h"

enum { PEOPLE_MAX = 4, TERRITORIES_MAX = 2 };

struct person {
    const char *name, *role;
    const char *diploma;   /* besides basic; NULL: none at all */
    int64_t valid_days;    /* from today, may be over */
};

static const struct firm {
    const char *legal_form, *rsin, *iban, *grade, *stage, *note;
    int64_t employees, review_days; /* until the next review */
    const char *licence; /* kind; NULL: it has none of its own */
    int64_t licence_days; /* until its end; 0: until further notice */
    struct person people[PEOPLE_MAX];
    struct partner_territory territories[TERRITORIES_MAX];
} firms[DEMO_FIRMS] = {
    {"private_company", "900900106", "NL86VBLD0900900101", "a", "active",
     "De keten onderhandelt voor alle kantoren; aanspreekpunt is de directie in Utrecht.", 12, 45,
     "non_life_private", 0,
     {{"Marijke Veldkamp", "director", "non_life_private", 500},
      {"Ruben Oosterom", "compliance", NULL, 0}},
     {{0, 0}}},
    {"private_company", "900900118", "NL59VBLD0900900102", "a", "active",
     "Wil graag meer leads voor autoverzekeringen in de binnenstad.", 9, 30, NULL, 0,
     {{"Sanne Terpstra", "director", "non_life_private", 500},
      {"Youssef Benali", "adviser", "non_life_private", 500},
      {"Tess Wolthuis", "assistant", NULL, 0}},
     {{3400, 3499}, {3500, 3599}}},
    {"private_company", "900900131", "NL32VBLD0900900103", "b", "active",
     "Nieuwe vestigingsleider sinds dit voorjaar.", 5, 75, NULL, 0,
     {{"Bas Heemskerk", "director", "non_life_private", 500},
      {"Noor Dijkgraaf", "adviser", "non_life_private", 90}},
     {{3700, 3799}, {3800, 3899}}},
    {"general_partnership", "900900143", "NL05VBLD0900900104", "c", "ramp_up",
     "Verkoopt vooralsnog alleen autoverzekeringen.", 3, 14, "non_life_private", 400,
     {{"Hilde Postma", "director", "non_life_private", 500},
      {"Jelle Postma", "adviser", "non_life_private", -20}},
     {{9700, 9799}}},
    {"private_company", "900900155", "NL75VBLD0900900105", "b", "active",
     "Sterk in verzekeringen voor ondernemers aan de haven.", 7, -10, "non_life_private", 0,
     {{"Carla Fortuin", "director", "non_life_private", 500},
      {"Dewi Sastro", "adviser", "non_life_business", 500}},
     {{3000, 3099}, {3100, 3199}}},
    {"sole_trader", NULL, "NL48VBLD0900900106", "d", "dormant",
     "De overeenkomst is op eigen verzoek beëindigd.", 1, 0, "non_life_private", -15,
     {{"Gerrit Brinkhorst", "director", "non_life_private", -15}},
     {{7400, 7499}}}};

void demo_partner_details(int firm, struct partner *partner) {
    partner->legal_form = firms[firm].legal_form;
    partner->rsin = firms[firm].rsin;
    partner->iban = firms[firm].iban;
    partner->grade = firms[firm].grade;
    partner->stage = firms[firm].stage;
    partner->employees = firms[firm].employees;
}

static void date_from(int64_t now_us, int64_t days, char ret_date[CLOCK_DATE_MAX]) {
    struct value_date day = day_at(now_us);
    day = day_add(&day, days);
    day_write(&day, ret_date);
}

static int tell(struct db_tx *tx, const char *partner_id, const char *kind, int64_t now_us,
                struct error *error) {
    const struct partner_event event = {.partner_id = partner_id,
                                        .kind = kind,
                                        .by = {.actor = "organisation", .at_us = now_us}};
    return partner_event_insert(tx, &event, error);
}

static int licence_make(struct db_tx *tx, int firm, const char *id, int64_t now_us,
                        struct error *error) {
    char licence_id[ID_MAX], from[CLOCK_DATE_MAX], to[CLOCK_DATE_MAX], number[32];
    if (!firms[firm].licence) return 0;
    id_make("plc", licence_id);
    date_from(now_us, -4 * 365, from);
    date_from(now_us, firms[firm].licence_days, to);
    snprintf(number, sizeof number, "00900%03d", 201 + firm);
    const struct partner_licence licence = {.id = licence_id,
                                            .partner_id = id,
                                            .kind = firms[firm].licence,
                                            .number = number,
                                            .from_date = from,
                                            .to_date = firms[firm].licence_days ? to : NULL,
                                            .collective = firm == 0};
    int status = partner_licence_add(tx, &licence, now_us, error);
    return status ? status : tell(tx, id, "licence_added", now_us, error);
}

static int diploma_make(struct db_tx *tx, const char *id, const char *person_id, const char *kind,
                        int64_t valid_days, int64_t now_us, struct error *error) {
    char diploma_id[ID_MAX], from[CLOCK_DATE_MAX], to[CLOCK_DATE_MAX];
    id_make("dip", diploma_id);
    date_from(now_us, -2 * 365, from);
    date_from(now_us, valid_days, to);
    const struct partner_diploma diploma = {.id = diploma_id,
                                            .partner_id = id,
                                            .person_id = person_id,
                                            .kind = kind,
                                            .from_date = from,
                                            .to_date = to};
    return partner_diploma_add(tx, &diploma, now_us, error);
}

static int people_make(struct db_tx *tx, int firm, const char *id, int64_t now_us,
                       struct error *error) {
    int status = 0;
    char from[CLOCK_DATE_MAX];
    date_from(now_us, -3 * 365, from);
    for (int i = 0; !status && i < PEOPLE_MAX && firms[firm].people[i].name; i++) {
        const struct person *person = &firms[firm].people[i];
        char person_id[ID_MAX];
        id_make("ppn", person_id);
        const struct partner_person row = {.id = person_id,
                                           .partner_id = id,
                                           .name = person->name,
                                           .role = person->role,
                                           .from_date = from};
        status = partner_person_add(tx, &row, now_us, error);
        if (!status) status = tell(tx, id, "person_added", now_us, error);
        if (!status && person->diploma)
            status = diploma_make(tx, id, person_id, "basic", person->valid_days, now_us, error);
        if (!status && person->diploma)
            status = diploma_make(tx, id, person_id, person->diploma, person->valid_days, now_us,
                                  error);
    }
    return status;
}

static int note_make(struct db_tx *tx, int firm, const char *id, int64_t now_us,
                     struct error *error) {
    char note_id[ID_MAX];
    id_make("ptn", note_id);
    const struct partner_note note = {.id = note_id,
                                      .partner_id = id,
                                      .text = firms[firm].note,
                                      .actor = "organisation",
                                      .created_us = now_us};
    return partner_note_add(tx, &note, error);
}

int demo_partner_fill(struct db_tx *tx, int firm, const char *id, int64_t now_us,
                      struct error *error) {
    const struct partner_territory *territories = firms[firm].territories;
    int count = 0, status = tell(tx, id, "partner_created", now_us, error);
    while (count < TERRITORIES_MAX && territories[count].to_postcode) count++;
    if (!status) status = licence_make(tx, firm, id, now_us, error);
    if (!status) status = people_make(tx, firm, id, now_us, error);
    if (!status && count)
        status = partner_territory_write(tx, id, territories, count, error);
    return status ? status : note_make(tx, firm, id, now_us, error);
}

int64_t demo_partner_review_days(int firm) {
    return firms[firm].review_days;
}

static int managers_body(struct db_tx *tx, void *context, struct error *error) {
    int64_t changed = 0;
    (void)context;
    return db_run(tx, error, &changed,
                  "update partner as p set account_manager_id = (select u.id from app_user u"
                  " where u.partner_id is null and u.role = 'account_manager' and $scope(u)"
                  " order by u.id limit 1) where p.stage <> 'ended' and $scope(p.id)");
}

int demo_account_managers_set(struct db *db, struct error *error) {
    return db_write(db, &db_scope_all, managers_body, NULL, error);
}

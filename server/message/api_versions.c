/* The table of versions. It lies in a file of its own, so that a test can bring another. */
#include "api_version.h"

/* ---- 2026-11-24: what holds an id is called after it ------------------------------------------
 * Everywhere else policy_id, quote_id, application_id; an impact had `draft` and `partner`. */
static const struct api_rename impact_names[] = {{"", "draft", "draft_id"},
                                                 {"", "partner", "partner_id"}};
static const struct api_rename impact_list_names[] = {{"items", "draft", "draft_id"},
                                                      {"items", "partner", "partner_id"}};
static const struct api_step ids_named[] = {
    {.operation = "StartImpact", .input = {.renames = impact_names, .rename_count = 2},
     .output = {.renames = impact_names, .rename_count = 2}},
    {.operation = "GetImpact", .output = {.renames = impact_names, .rename_count = 2}},
    {.operation = "CancelImpact", .output = {.renames = impact_names, .rename_count = 2}},
    {.operation = "ListImpacts", .output = {.renames = impact_list_names, .rename_count = 2}}};

/* --------------------------------------------------------------------------------------------- */
const struct api_version api_versions[] = {
    {.date = "2026-11-23"},
    {.date = "2026-11-24", .steps = ids_named,
     .step_count = sizeof ids_named / sizeof *ids_named}};
const int api_version_count = sizeof api_versions / sizeof *api_versions;

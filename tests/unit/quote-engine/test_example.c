/* The engine in forty lines: text in, program out; values in, values out. quote.h says more. */
#include <stdio.h>
#include <string.h>

#include "quote-engine/quote.h"

static const char model[] =
    "<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' namespace='urn:example'>"
    "<inputData name='age' id='age'><variable name='age' typeRef='number'/></inputData>"
    "<decision name='premium' id='premium'><variable name='premium' typeRef='number'/>"
    "<informationRequirement><requiredInput href='#age'/></informationRequirement>"
    "<literalExpression><text>if age &lt; 25 then 120.50 else 80</text></literalExpression>"
    "</decision></definitions>";

int main(void) {
    static struct problems problems; /* what is wrong, with file, line and place */
    static char memory[64 * 1024];   /* all that an evaluation may use */
    const struct source source = {.name = "tariff.dmn", .text = model, .length = sizeof model - 1};
    const struct moment now = {.now.date = {.year = 2026, .month = 11, .day = 23}};
    struct value inputs[] = {value_int64(19)}, premium;
    struct program *program = NULL;
    struct plan *plan = NULL;
    struct scratch scratch;
    char digits[DECIMAL_TEXT_MAX] = "";
    if (program_compile(&source, NULL, 0, false, &problems, &program) == QUOTE_OK) {
        int decision = program_find(program, ELEMENT_DECISION, "premium");
        (void)plan_make(program, &decision, 1, (const char *const[]){"age"}, 1, &problems, &plan);
    }
    scratch_init(&scratch, memory, sizeof memory);
    if (plan && !plan_evaluate(plan, inputs, &now, &scratch, NULL, &problems, &premium) &&
        premium.kind == VALUE_NUMBER)
        digits[decimal_format(premium.number, false, digits)] = '\0';
    bool right = strcmp(digits, "120.5") == 0;
    if (problems.count) printf("# %s: %s\n", problems.items[0].place, problems.items[0].text);
    printf("1..1\n%s 1 - the premium of somebody of 19 is %s\n", right ? "ok" : "not ok", digits);
    plan_free(plan);
    program_free(program);
    return !right;
}

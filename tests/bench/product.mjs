// Makes the product folder of graph8: the model as it is given, the two decisions that a product
// needs beside it, and a default where its table of months has gaps, which a product may not have.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const decisions = `<decision id="d_cover_premium" name="coverPremium">
<variable name="coverPremium" typeRef="number"/>
<informationRequirement><requiredDecision href="#d_premium"/></informationRequirement>
<literalExpression><text>premium.net + premium.term</text></literalExpression></decision>
<decision id="d_acceptance" name="acceptance"><variable name="acceptance" typeRef="string"/>
<literalExpression><text>"offered"</text></literalExpression></decision>
</definitions>`;

export function makeProduct(source, modelFile, folder) {
  mkdirSync(folder, { recursive: true });
  for (const name of ['product.xml', 'cases.xml']) copyFileSync(join(source, name), join(folder, name));
  const model = readFileSync(modelFile, 'utf8');
  const closed = model.replace(/(name="termCharge">.*?)<output typeRef="number"\/>/s,
    '$1<output typeRef="number"><defaultOutputEntry><text>4</text></defaultOutputEntry></output>');
  if (closed === model) throw new Error(`${modelFile}: no table termCharge with one output`);
  writeFileSync(join(folder, 'tariff.dmn'), closed.replace('</definitions>', decisions));
}

// The estimates of the JSON rows as SOAP messages, one a line: with answers by name for the service
// of all products, and as typed elements for the product's own.
const envelope = (call) =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${call}</s:Body></s:Envelope>\n`;

function named(answers) {
  const each = Object.entries(answers).map(([name, value]) => `<answer name="${name}">${value}</answer>`);
  return envelope('<RequestEstimate xmlns="urn:koppel:quote:v1"><product>auto</product>' +
    `<answers>${each.join('')}</answers></RequestEstimate>`);
}

function typed(answers) {
  const each = Object.entries(answers).map(([name, value]) => `<${name}>${value}</${name}>`);
  return envelope('<RequestEstimate xmlns="urn:koppel:quote:auto:i1">' +
    `<answers>${each.join('')}</answers></RequestEstimate>`);
}

// { named, typed }: the lines of each, of sets of answers without lists.
export const envelopes = (examples) => ({
  named: examples.map(named).join(''), typed: examples.map(typed).join(''),
});

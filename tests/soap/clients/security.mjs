// npm's `soap` with WS-Security, as security.py does it. Called as: security.mjs ADDRESS KIND and,
// for text and digest, USER PASSWORD, or, for signature, KEY_FILE CERTIFICATE_FILE.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.KOPPEL_SOAP_MODULES}/`);
const soap = require('soap');
const [, , address, kind, ...given] = process.argv;

const client = await soap.createClientAsync(`${address}?wsdl`);

// A signer of this client's is good for one message: in its second it gives Body and Timestamp the
// same Id, which no receiver can take.
function secure() {
  if (kind === 'signature') {
    const [key, certificate] = given.map((path) => readFileSync(path, 'utf8'));
    client.setSecurity(new soap.WSSecurityCert(key, certificate, '', {}));
  } else {
    const passwordType = kind === 'digest' ? 'PasswordDigest' : 'PasswordText';
    client.setSecurity(new soap.WSSecurity(...given, { passwordType, mustUnderstand: true }));
  }
}

secure();
const [list] = await client.ListProductsAsync({});
let fault = null;
secure();
try {
  await client.GetProductAsync({ product: 'nothing' });
} catch (error) {
  fault = error.message;
}
console.log(JSON.stringify({ products: list.items.product.map((item) => item.product), fault }));

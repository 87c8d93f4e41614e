<?php
// PHP's SoapClient with a UsernameToken, which it has no class for: the header is put together as
// text. Called as: security.php ADDRESS CA_FILE KIND USER PASSWORD; prints one JSON line.
[, $address, $caFile, $kind, $user, $password] = $argv;

const WSSE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
const WSU = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
const PROFILE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0';

function security(string $kind, string $user, string $password): SoapHeader
{
    $nonce = random_bytes(16);
    $created = gmdate('Y-m-d\TH:i:s\Z');
    $type = $kind === 'digest' ? 'PasswordDigest' : 'PasswordText';
    $told = $kind === 'digest' ? base64_encode(sha1($nonce . $created . $password, true)) : $password;
    $xml = '<w:Security xmlns:w="' . WSSE . '" xmlns:u="' . WSU . '"><w:UsernameToken>'
        . '<w:Username>' . htmlspecialchars($user) . '</w:Username>'
        . '<w:Password Type="' . PROFILE . '#' . $type . '">' . htmlspecialchars($told) . '</w:Password>'
        . '<w:Nonce>' . base64_encode($nonce) . '</w:Nonce><u:Created>' . $created . '</u:Created>'
        . '</w:UsernameToken></w:Security>';
    return new SoapHeader(WSSE, 'Security', new SoapVar($xml, XSD_ANYXML), true);
}

$client = new SoapClient("$address?wsdl", [
    'cache_wsdl' => WSDL_CACHE_NONE,
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    'stream_context' => stream_context_create(['ssl' => ['cafile' => $caFile]]),
]);
$client->__setSoapHeaders(security($kind, $user, $password));
$products = array_map(fn ($item) => $item->product, $client->ListProducts(new stdClass())->items->product);
$client->__setSoapHeaders(security($kind, $user, $password));
$fault = null;
try {
    $client->GetProduct(['product' => 'nothing']);
} catch (SoapFault $error) {
    $fault = $error->getMessage();
}
echo json_encode(['products' => $products, 'fault' => $fault]), "\n";

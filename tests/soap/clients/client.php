<?php
// PHP's SoapClient: a quote over the generic service, one over the product's own, a typed fault.
// Called as: client.php ADDRESS WSDL_QUERY KEY CA_FILE ANSWERS_JSON; prints one JSON line.
[, $address, $query, $key, $ca_file, $json] = $argv;
$answers = json_decode($json, true);
$options = [
    'login' => 'koppel', 'password' => $key, 'exceptions' => true, 'keep_alive' => true,
    'cache_wsdl' => WSDL_CACHE_NONE,
    'soap_version' => str_ends_with($query, '1.2') ? SOAP_1_2 : SOAP_1_1,
    'compression' => SOAP_COMPRESSION_ACCEPT | SOAP_COMPRESSION_GZIP | 5,
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    'stream_context' => stream_context_create(['ssl' => ['cafile' => $ca_file]]),
];
$generic = new SoapClient("$address?$query", $options);
$named = [];
foreach ($answers as $name => $value) {
    $named[] = ['name' => $name, '_' => is_bool($value) ? ($value ? 'true' : 'false') : $value];
}
$incomplete = array_values(array_filter($named, fn($answer) => $answer['name'] !== 'birth_date'));
$quote = $generic->RequestQuote(['product' => 'auto', 'answers' => ['answer' => $named]]);
$again = $generic->GetQuote(['id' => $quote->id]);
$typed = new SoapClient("$address/auto?$query", $options);
$estimate = $typed->RequestEstimate(['answers' => $answers]);
$fault = null;
try {
    $generic->RequestQuote(['product' => 'auto', 'answers' => ['answer' => $incomplete]]);
} catch (SoapFault $error) {
    $detail = $error->detail->ServiceFault;
    $fields = $detail->fields->field;
    $first = is_array($fields) ? $fields[0] : $fields;
    $fault = ['code' => $detail->code, 'pointer' => $first->pointer,
              'text' => $error->getMessage()];
}
echo json_encode([
    'total' => $quote->premium->total, 'again' => $again->premium->total,
    'typed' => $estimate->premium->total, 'covers' => count($estimate->premium->covers->cover),
    'date' => $estimate->effective_date, 'fault' => $fault,
]), "\n";

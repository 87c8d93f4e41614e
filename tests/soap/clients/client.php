<?php
// PHP's SoapClient: over the generic service and over the product's own, a quote, its acceptance,
// and a typed fault. Called as: client.php ADDRESS WSDL_QUERY KEY CA_FILE GIVEN_JSON; prints one
// JSON line.
[, $address, $query, $key, $ca_file, $json] = $argv;
$given = json_decode($json, true);
$options = [
    'login' => 'koppel', 'password' => $key, 'exceptions' => true, 'keep_alive' => true,
    'cache_wsdl' => WSDL_CACHE_NONE,
    'soap_version' => str_ends_with($query, '1.2') ? SOAP_1_2 : SOAP_1_1,
    'compression' => SOAP_COMPRESSION_ACCEPT | SOAP_COMPRESSION_GZIP | 5,
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    'stream_context' => stream_context_create(['ssl' => ['cafile' => $ca_file]]),
];

function by_name(array $answers): array
{
    $named = [];
    foreach ($answers as $name => $value) {
        $named[] = ['name' => $name, '_' => is_bool($value) ? ($value ? 'true' : 'false') : $value];
    }
    return $named;
}

function accept(SoapClient $client, object $quote, array $given, array $answers): object
{
    $asked = $client->GetAcceptance(['id' => $quote->id]);
    return $client->AcceptQuote([
        'id' => $quote->id, 'applicant' => $given['applicant'], 'answers' => $answers,
        'consent' => ['version' => $asked->consent_version, 'given' => true],
        'commission' => $asked->commission,
        'documents_shown' => ['code' => $asked->documents->code],
    ] + $given['payment']);
}

function fault_of(callable $call): ?array
{
    try {
        $call();
    } catch (SoapFault $error) {
        $detail = $error->detail->ServiceFault;
        $fields = $detail->fields->field ?? [];
        $first = is_array($fields) ? $fields[0] ?? null : $fields;
        return ['code' => $detail->code, 'pointer' => $first->pointer ?? '',
                'text' => $error->getMessage()];
    }
    return null;
}

$generic = new SoapClient("$address?$query", $options);
$named = by_name($given['answers']);
$incomplete = array_values(array_filter($named, fn($answer) => $answer['name'] !== 'birth_date'));
$quote = $generic->RequestQuote(['product' => 'auto', 'answers' => ['answer' => $named]]);
$again = $generic->GetQuote(['id' => $quote->id]);
$application = accept($generic, $quote, $given, ['answer' => by_name($given['acceptance'])]);
$fault = fault_of(fn() => $generic->RequestQuote(
    ['product' => 'auto', 'answers' => ['answer' => $incomplete]]));

$own = new SoapClient("$address/auto?$query", $options);
$typed = $own->RequestQuote(['answers' => $given['answers']]);
$typed_application = accept($own, $typed, $given, $given['acceptance']);
$typed_fault = fault_of(fn() => accept($own, $typed, $given, $given['acceptance']));

echo json_encode([
    'total' => $quote->premium->total, 'again' => $again->premium->total,
    'typed' => $typed->premium->total, 'covers' => count($quote->premium->covers->cover),
    'date' => $quote->effective_date, 'application' => $application->id,
    'status' => $application->status, 'typed_application' => $typed_application->id,
    'typed_status' => $typed_application->status, 'fault' => $fault,
    'typed_fault' => $typed_fault,
]), "\n";

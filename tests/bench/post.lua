-- For wrk: posts the bodies of a file, one a line, in turn, and prints one line of JSON at the end.
-- BENCH_BODIES names the file ("": plain GET), BENCH_TYPE their kind; BENCH_KEY is sent as the
-- bearer's key.
local bodies_file = os.getenv("BENCH_BODIES") or ""
local key = os.getenv("BENCH_KEY") or ""
local requests, at = {}, 0

function init(args)
  local headers = {}
  if key ~= "" then headers["Authorization"] = "Bearer " .. key end
  if bodies_file == "" then
    requests[1] = wrk.format("GET", nil, headers)
    return
  end
  headers["Content-Type"] = os.getenv("BENCH_TYPE") or "application/json"
  for line in io.lines(bodies_file) do
    requests[#requests + 1] = wrk.format("POST", nil, headers, line)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency, requests_seen)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write
      + summary.errors.timeout
  io.write(string.format(
    '\n{"requests":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d,"refused":%d,"failed":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    summary.errors.status, failed))
end

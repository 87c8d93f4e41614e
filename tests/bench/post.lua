-- For wrk: posts the bodies of a file, one a line, in turn, and prints one line of JSON at the end.
-- A line that begins with a / has a path of its own and a space before the body. Each thread takes
-- lines of its own, so that what can be sent once is sent once.
-- BENCH_BODIES names the file ("": plain GET), BENCH_TYPE their kind; BENCH_KEY is sent as the
-- bearer's key.
local bodies_file = os.getenv("BENCH_BODIES") or ""
local key = os.getenv("BENCH_KEY") or ""
local THREADS = 2 -- as wrk is started
local requests, at = {}, 0
local threads = 0

function setup(thread)
  thread:set("part", threads)
  threads = threads + 1
end

function init(args)
  local headers = {}
  if key ~= "" then headers["Authorization"] = "Bearer " .. key end
  if bodies_file == "" then
    requests[1] = wrk.format("GET", nil, headers)
    return
  end
  headers["Content-Type"] = os.getenv("BENCH_TYPE") or "application/json"
  local lines = {}
  for line in io.lines(bodies_file) do lines[#lines + 1] = line end
  local stride = #lines > THREADS and THREADS or 1
  for number = 1 + part % stride, #lines, stride do
    local path, body = lines[number]:match("^(/%S*) (.*)$")
    requests[#requests + 1] = wrk.format("POST", path, headers, body or lines[number])
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

-- wrk's script: every request is a new scan; each badge goes in, then out, then in again.
-- Arguments: the device's token, the gate, a file with a badge's text a line.

local thread_count = 0

function setup(thread)
  thread:set("thread_id", thread_count)
  thread_count = thread_count + 1
end

function init(args)
  token, gate = args[1], args[2]
  texts = {}
  for line in io.lines(args[3]) do texts[#texts + 1] = line end
  run_id = tonumber(args[4])
  sent = 0
  wrk.method = "POST"
  wrk.path = "/v1/scans"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Bearer " .. token
end

function request()
  -- Threads share no badges: each has its own part of the list.
  local part = math.floor(#texts / 2)
  local text = texts[thread_id * part + (math.floor(sent / 2) % part) + 1]
  local direction = (math.floor(sent / 2 / part) % 2 == 0) == (sent % 2 == 0) and "in" or "out"
  local scan_id = string.format("%08x-%04x-7000-8000-%012x", run_id, thread_id, sent)
  sent = sent + 1
  local body = '{"scan_id":"' .. scan_id .. '","gate_id":"' .. gate .. '","direction":"' .. direction ..
    '","credential":"' .. text .. '","scanned_at":"2025-10-25T08:00:00Z","source":"turnstile"}'
  return wrk.format(nil, nil, nil, body)
end

function response(status)
  if status ~= 200 then failed = (failed or 0) + 1 end
end

function done(summary, latency)
  local failures = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format('\n{"requests": %d, "seconds": %.3f, "failed": %d, "p50_ms": %.2f, "p95_ms": %.2f, "p99_ms": %.2f}\n',
    summary.requests, summary.duration / 1e6, failures,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3))
end

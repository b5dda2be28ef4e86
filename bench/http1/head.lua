-- A request head of about 660 bytes, as a browser behind a gateway sends it, and one line of results for the bench to read.
wrk.headers["user-agent"] = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
wrk.headers["accept"] = "application/json, text/plain, */*"
wrk.headers["accept-language"] = "en-GB,en;q=0.9,de;q=0.8"
wrk.headers["accept-encoding"] = "gzip, deflate, br"
wrk.headers["cache-control"] = "no-cache"
wrk.headers["referer"] = "https://shop.example.com/orders/2026/11"
wrk.headers["cookie"] = "session=5f2b7c9e1d3a4f60b8c7; theme=dark; region=eu-central-1"
wrk.headers["x-request-id"] = "7f9c0a52-61b4-4f0e-9d2b-3c8e5a17d604"
wrk.headers["x-forwarded-proto"] = "https"
wrk.headers["x-b3-traceid"] = "463ac35c9f6413ad48485a3953bb6124"
wrk.headers["x-b3-spanid"] = "a2fb4a1d1a96d312"
wrk.headers["x-tenant"] = "green"

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    "RESULT requests=%d microseconds=%d failures=%d p50=%d p99=%d\n",
    summary.requests,
    summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50),
    latency:percentile(99)
  ))
end

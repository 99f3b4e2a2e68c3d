-- One operation with variables of chance. BODY: the file of the operation; VARIABLES: a file with one JSON object a line.
local function read(path)
    local file = assert(io.open(path))
    local text = file:read("*a")
    file:close()
    return text
end

local escapes = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n", ["\t"] = "\\t" }
local query = read(os.getenv("BODY")):gsub('[\\"\n\t]', escapes)
local bodies = {}
for variables in io.lines(os.getenv("VARIABLES")) do
    bodies[#bodies + 1] = '{"operationName":"' .. os.getenv("OPERATION") .. '","query":"' .. query .. '","variables":' .. variables .. "}"
end
math.randomseed(tonumber(os.getenv("SEED") or "1"))

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json"
wrk.headers["Authorization"] = os.getenv("TOKEN") and ("Bearer " .. os.getenv("TOKEN")) or nil

function request()
    return wrk.format(nil, "/graphql", nil, bodies[math.random(#bodies)])
end

function done(summary, latency)
    local errors = summary.errors
    local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
    io.write(string.format('RESULT {"requests":%d,"us":%d,"p50_us":%d,"p99_us":%d,"failed":%d,"bytes":%d}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failed, summary.bytes))
end

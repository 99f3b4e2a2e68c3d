-- One operation with variables of chance. BODY: the file of the operation; VARIABLES: a file with one JSON object a line, or for
-- M1 with a grant a line: its id as it stands in JSON, its version and first day.
local function read(path)
    local file = assert(io.open(path))
    local text = file:read("*a")
    file:close()
    return text
end

local escapes = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n", ["\t"] = "\\t" }
local operation = os.getenv("OPERATION")
local query = read(os.getenv("BODY")):gsub('[\\"\n\t]', escapes)
local begin = '{"operationName":"' .. operation .. '","query":"' .. query .. '","variables":'
math.randomseed(tonumber(os.getenv("SEED") or "1"))

wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json"
wrk.headers["Authorization"] = os.getenv("TOKEN") and ("Bearer " .. os.getenv("TOKEN")) or nil

local function of_reads()
    local bodies = {}
    for variables in io.lines(os.getenv("VARIABLES")) do
        bodies[#bodies + 1] = begin .. variables .. "}"
    end
    function request()
        return wrk.format(nil, "/graphql", nil, bodies[math.random(#bodies)])
    end
end

-- A write needs the grant as the one before has left it: the answers are read, and a new grant stands in line behind the others.
local function of_writes()
    local line, first, last, sent = {}, 1, 0, 0
    for id, version, day in read(os.getenv("VARIABLES")):gmatch("(%S+)\t(%S+)\t(%S+)\n") do
        last = last + 1
        line[last] = { id, version, day }
    end
    local amount = os.getenv("AMOUNT")
    function request()
        local grant = line[first]
        assert(grant, "every grant is being changed: more households, or fewer connections")
        line[first], first, sent = nil, first + 1, sent + 1
        local variables = '{"request":"%s-0000-4000-8000-%012x","id":%s,"version":%s,"from":"%s","class":"CLASS_%d","amount":' .. amount .. "}}"
        variables = variables:format(os.getenv("REQUESTS"), sent, grant[1], grant[2], grant[3], math.random(4), math.random(100, 999))
        return wrk.format(nil, "/graphql", nil, begin .. variables)
    end
    refused = 0
    function response(status, _, body)
        local id = status == 200 and body:match('"id"%s*:%s*("?[%w_=-]+"?)')
        if id then
            last = last + 1
            line[last] = { id, "1", body:match('"validFrom"%s*:%s*"([%d-]+)"') }
        else
            refused = refused + 1
        end
    end
end

if operation == "M1" then
    of_writes()
else
    of_reads()
end

local thread
function setup(started)
    thread = started
end

function done(summary, latency)
    local errors = summary.errors
    local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout + (thread:get("refused") or 0)
    io.write(string.format('RESULT {"requests":%d,"us":%d,"p50_us":%d,"p99_us":%d,"failed":%d,"bytes":%d}\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failed, summary.bytes))
end

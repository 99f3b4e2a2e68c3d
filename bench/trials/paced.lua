-- Bodies in turn, one connection a thread, each at its own pace; a line for each answer: when, status, how long, Retry-After.
-- A connection that an answer has held up catches up: as many are sent as was asked for, if the answers leave time for it.
local ffi = require("ffi")
ffi.cdef("typedef struct { long seconds; long micros; } moment; int gettimeofday(moment *now, void *zone);")
local clock = ffi.new("moment")
local function now()
    ffi.C.gettimeofday(clock, nil)
    return tonumber(clock.seconds) * 1e6 + tonumber(clock.micros)
end

local count = 0
function setup(thread)
    count = count + 1
    thread:set("number", count)
end

local bodies, out, sent, due, pause, at = {}, nil, 0, 0, 0, 0
function init(arguments)
    for body in io.lines(os.getenv("BODIES")) do
        bodies[#bodies + 1] = body
    end
    out = assert(io.open(os.getenv("OUT") .. "/" .. number, "w"))
    out:setvbuf("line")
    pause = tonumber(os.getenv("PAUSE_US"))
    math.randomseed(number)
    due = now() + math.random() * pause
    at = math.random(#bodies)
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Accept"] = "application/json"
    wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
end

function delay()
    return math.max(0, math.floor((due - now()) / 1000))
end

function request()
    at = at % #bodies + 1
    sent = now()
    due = pause > 0 and due + pause or sent
    return wrk.format(nil, "/graphql", nil, bodies[at])
end

function response(status, headers, body)
    local ended = now()
    out:write(string.format("%.0f %d %.0f %d\n", ended, status, ended - sent, headers["Retry-After"] and 1 or headers["retry-after"] and 1 or 0))
end

"""What the servers of the bench are asked, and whether they answer and write the same."""

import base64
import json
import random
import sys
import time
import uuid

from machine import COUNTIES, HERE, PREFECTURE

READS = ("Q1", "Q2", "Q3", "Q4", "Q5")
# The write comes last: what it leaves is no part of what the others read.
OPERATIONS = (*READS, "M1")
STATUSES = ("REGISTERED", "EXITED")
CAUSES = ("ILLNESS", "DISABILITY", "SCHOOLING", "LACK_OF_LABOUR", "LACK_OF_FUNDS")
AMOUNTS = {"premium", "premiumSubsidy", "amount", "monthlyAmount", "totalCost", "eligibleCost", "subsidy", "principal"}
KEYS = {"id", "object", "household"}
# Tables, as the graph calls their rows; none where these have no id of their own.
TYPES = {"dibao": "Dibao", "finding": "Finding", "income_benefit_period": None}
# Where PostGraphile has no objects between a household or person and its slices.
ROOMS = {
    "civilAffairs": ("dibao",),
    "health": ("claims", "enrolments"),
    "education": ("rainDewApplications",),
    "housing": ("house", "renovations"),
    "finance": ("loans", "payments"),
}
PAGE_OF_CHANGES = 500
# So many changes a position of Q5 is drawn from, at least.
FEED = 20 * PAGE_OF_CHANGES

# Grants in force with somebody whom they cover.
GRANTS = (
    "SELECT d.id, d.version, d.valid_from FROM dibao d WHERE d.county_code = {county} AND d.valid_to IS NULL AND EXISTS ("
    "SELECT 1 FROM income_benefit_period p WHERE p.dibao_id = d.id AND p.valid_to IS NULL AND p.person_id IS NOT NULL) ORDER BY d.id"
)
# What the write leaves, counted.
COUNTED = {
    "requests": "request_record WHERE operation = 'dibaoAdjust'",
    "requests without an answer": "request_record WHERE answer = ''",
    "grants": "dibao",
    "grants that ended": "dibao WHERE valid_to IS NOT NULL",
    "periods": "income_benefit_period",
    "periods that ended": "income_benefit_period WHERE valid_to IS NOT NULL",
    "audit records": "audit_record",
    "audit records of a new grant": "audit_record WHERE object_type = 'dibao' AND action = 'CREATE'",
    "audit records of an old grant": "audit_record WHERE object_type = 'dibao' AND action = 'UPDATE'",
    "audit records of a new period": "audit_record WHERE object_type = 'income_benefit_period' AND action = 'CREATE'",
    "audit records of an old period": "audit_record WHERE object_type = 'income_benefit_period' AND action = 'UPDATE'",
    "change records": "change_record",
    "records in one of both tables": (
        "(SELECT transaction_id, ordinal, action, object_type, object_id FROM audit_record EXCEPT "
        "SELECT transaction_id, ordinal, action, object_type, object_id FROM change_record) x"
    ),
    "requests without a record": (
        "request_record r WHERE operation = 'dibaoAdjust' AND NOT EXISTS (SELECT 1 FROM audit_record a WHERE a.request_id = r.request_id)"
    ),
}
# What has to be as many more as the requests are, and what as many as something else.
ONE_A_REQUEST = ("grants", "grants that ended", "audit records of a new grant", "audit records of an old grant")
EQUAL = (
    ("periods", "audit records of a new period"),
    ("periods that ended", "audit records of an old period"),
    ("audit records", "change records"),
)
NONE_AT_ALL = ("requests without an answer", "records in one of both tables", "requests without a record")


class Work:
    """The variables of each operation, drawn from the data, the same in every run. `rows` gives the rows of a statement."""

    def __init__(self, rows, folder):
        self.rows, self.folder = rows, folder
        draw = random.Random(7)
        asked = f"FROM household WHERE region_code / 100000000 = {PREFECTURE}"
        cards = [row[0] for row in rows(f"SELECT card_number {asked} AND card_number IS NOT NULL ORDER BY id")]
        # A household whose village is not known lies in its township, whose code ends so.
        asked += " AND region_code % 1000 <> 0"
        villages = rows(f"SELECT region_code {asked} GROUP BY region_code HAVING count(*) >= 10 ORDER BY region_code")
        villages = villages or rows(f"SELECT DISTINCT region_code {asked} ORDER BY region_code")
        counties = [code for code in COUNTIES if rows(f"SELECT 1 FROM household WHERE county_code = {code} LIMIT 1")]
        # A clerk writes in a county of their own.
        most = "SELECT county_code FROM dibao WHERE valid_to IS NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
        self.county = str(rows(most)[0][0])
        self.asked = {
            "Q1": [{"card": card} for card in draw.sample(cards, min(len(cards), 20_000))],
            "Q2": [{"village": str(village[0])} for village in villages],
            "Q3": [{"county": county, "status": status, "cause": cause} for county in counties for status in STATUSES for cause in CAUSES],
            "Q4": [{"county": county} for county in counties],
        }

    def changes_are_many(self):
        """Whether there is a feed to read; its positions are taken then."""
        if "Q5" in self.asked:
            return True
        found = self.rows(
            f"SELECT transaction_id, ordinal FROM change_record WHERE region_code / 1000000 = {self.county} ORDER BY transaction_id, ordinal"
        )
        if len(found) < FEED:
            return False
        positions = random.Random(7).sample(found[: -PAGE_OF_CHANGES - 1], 500)
        self.asked["Q5"] = [{"county": self.county, "after": [int(part) for part in position]} for position in positions]
        return True

    def grants(self):
        """Grants in force, in an order of chance: the id, the version and the first day of each."""
        found = [(int(key), int(version), str(day)) for key, version, day in self.rows(GRANTS.format(county=self.county))]
        random.Random(7).shuffle(found)
        return found

    def file(self, server, operation):
        """The file with variables that the load is drawn from."""
        path = self.folder / f"{operation}.variables"
        if operation == "M1":
            lines = (f"{json.dumps(server.grant_id(key))}\t{version}\t{day}" for key, version, day in self.grants())
        else:
            lines = (json.dumps(server.variables(operation, values)) for values in self.asked[operation])
        path.write_text("".join(line + "\n" for line in lines))
        return path

    def counts(self):
        """What the write has left, once nothing is on its way any more."""
        requests = f"SELECT count(*) FROM {COUNTED['requests']}"
        before = None
        while before != (before := self.rows(requests)):
            time.sleep(0.5)
        return {name: int(self.rows(f"SELECT count(*) FROM {source}")[0][0]) for name, source in COUNTED.items()}


def adjustment(server, grant, place):
    """The variables of a write."""
    key, version, day = grant
    values = {"request": str(uuid.uuid4()), "id": server.grant_id(key), "version": version, "from": day}
    return values | {"class": f"CLASS_{1 + place % 4}", "amount": server.amount(12_300 + 100 * place)}


def plain(value, name=""):
    """An answer as the limits write it: keys as numbers, amounts in fen, moments in milliseconds, region codes as numbers."""
    if isinstance(value, dict):
        if value.get("objectType") in TYPES:
            kind = TYPES[value["objectType"]]
            value = value | {"objectType": kind, "object": value["object"] if kind else None}
        return {key: plain(part, key) for key, part in value.items() if key != "endCursor"}
    if isinstance(value, list):
        return [plain(part, name) for part in value]
    if not isinstance(value, str):
        return value
    if value.isdigit() and name in KEYS | AMOUNTS | {"code", "updatedAt", "region", "at"}:
        return int(value)
    if name in KEYS:
        return int(base64.urlsafe_b64decode(value + "==").decode().split(":")[1])
    if name in AMOUNTS:
        return int(value.replace(".", ""))
    if name in ("updatedAt", "at"):
        moment = time.strptime(value.split(".")[0], "%Y-%m-%dT%H:%M:%S")
        return int(time.mktime(moment) - time.timezone) * 1000 + int(value.split(".")[1][:3])
    return value


def in_rooms(value):
    """An answer without objects between a household and its slices, with them."""
    if isinstance(value, list):
        return [in_rooms(part) for part in value]
    if not isinstance(value, dict):
        return value
    value = {key: in_rooms(part) for key, part in value.items()}
    if "entries" in value:
        value["hasMore"] = value.pop("pageInfo")["hasNextPage"]
    for room, slices in ROOMS.items():
        inside = {key: value.pop(key) for key in slices if key in value}
        if inside:
            value[room] = inside
    return value


def first_difference(one, other):
    one, other = json.dumps(one, ensure_ascii=False, sort_keys=True), json.dumps(other, ensure_ascii=False, sort_keys=True)
    at = next((at for at, pair in enumerate(zip(one, other)) if pair[0] != pair[1]), min(len(one), len(other)))
    return f"...{one[max(0, at - 80) : at + 80]}\n   not ...{other[max(0, at - 80) : at + 80]}"


def verify_reads(server, truth, work):
    """A few answers of each operation must be those of the truth."""
    draw = random.Random(11)
    for operation in READS:
        for values in draw.sample(work.asked[operation], min(len(work.asked[operation]), 6)):
            got, wanted = (one.answer(operation, one.variables(operation, values)) for one in (server, truth))
            if got.get("errors"):
                sys.exit(f"bench: {server.name} refuses {operation} {values}: {got['errors']}")
            got, wanted = plain(server.shaped(got["data"])), plain(wanted["data"])
            if got != wanted:
                sys.exit(f"bench: {server.name} answers {operation} {values} otherwise than {truth.name}:\n   {first_difference(got, wanted)}")


def verify_write(server, work):
    """A write changes what it says, once; sent again it changes nothing, and of another version it is refused."""
    before, grant = work.counts(), work.grants()[0]
    asked = adjustment(server, grant, 1)
    first, again = (server.answer("M1", asked) for _ in range(2))
    stale = server.answer("M1", adjustment(server, grant, 2))
    changed = [plain(one["data"]["dibaoAdjust"]["changed"]) for one in (first, again)]
    key, after = changed[0]["id"], work.counts()
    row = [list(map(str, row)) for row in work.rows(f"SELECT class, monthly_fen, valid_from, version FROM dibao WHERE id = {key} AND valid_to IS NULL")]
    faults = disagreements(before, after, 1, 1)
    if changed[0] != changed[1]:
        faults.append(f"sent again it is answered {changed[1]}, not {changed[0]}")
    if row != [["CLASS_2", "12400", grant[2], "1"]]:
        faults.append(f"the new grant is {row}")
    if not stale.get("errors") and stale["data"]["dibaoAdjust"]["changed"]:
        faults.append(f"a version that is past is answered {stale}")
    if faults:
        sys.exit(f"bench: {server.name} does not write as it should: {'; '.join(faults)}\n   {first}")


def disagreements(before, after, fewest, most):
    """What does not fit together of what so many requests have left: none lost, none twice."""
    more = {name: after[name] - before[name] for name in after}
    requests = more["requests"]
    faults = []
    if not fewest <= requests <= most:
        faults.append(f"{requests} requests are on record, {fewest} were answered, {most} sent")
    faults += [f"{more[name]} {name} of {requests} requests" for name in ONE_A_REQUEST if more[name] != requests]
    faults += [f"{more[one]} {one}, {more[other]} {other}" for one, other in EQUAL if more[one] != more[other]]
    faults += [f"{after[name]} {name}" for name in NONE_AT_ALL if after[name]]
    return faults


def document(folder, operation):
    return (HERE / folder / f"{operation}.graphql").read_text()

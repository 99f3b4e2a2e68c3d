"""What schemathesis must know of Yihu: values of its scalars, and what a good answer is.

A refusal with a code of ours is a good answer, because most of what is drawn at random must be refused. Bad is a status of
500 or more, a fault (INTERNAL), an error without a code, and data that is not as the schema says.
"""

import json
import os
import random
import re
import urllib.request
from pathlib import Path

import schemathesis
from graphql import GraphQLScalarType, NameNode, ObjectFieldNode, build_schema, execute, parse
from hypothesis import strategies as st
from schemathesis.graphql import nodes

SCHEMA = build_schema(Path(__file__).parents[3].joinpath("schema.graphql").read_text())
BUILT_IN = {"Boolean", "Float", "ID", "Int", "String", "_Any"}
LIKELY = {
    "Date": ["2018-03-01", "1900-01-01", "2199-12-31", "2018-02-30", "1066-01-01"],
    "RegionCode": ["15", "1509", "150921", "150922", "150921107200", "999999", "15092"],
}


def known():
    """Ids and card numbers that exist, so that look-ups find something."""
    text = "{ households(first: 50) { nodes { id cardNumber members { id } } } }"
    headers = {"authorization": f"Bearer {os.environ['YIHU_TOKEN']}", "content-type": "application/json"}
    request = urllib.request.Request(f"{os.environ['YIHU_URL']}/graphql", json.dumps({"query": text}).encode(), headers)
    households = json.load(urllib.request.urlopen(request))["data"]["households"]["nodes"]
    for of in households:
        yield "Household", "id", of["id"]
        yield from (("Person", "id", person["id"]) for person in of["members"])
        if of["cardNumber"]:
            yield "Household", "cardNumber", of["cardNumber"]


def representation(of):
    fields = zip(("__typename", of[1]), (of[0], of[2]))
    return nodes.Object(fields=[ObjectFieldNode(name=NameNode(value=name), value=nodes.String(value)) for name, value in fields])


KNOWN = list(known())
KNOWN_IDS = [value for _, field, value in KNOWN if field == "id"]
STRANGE = [("Household", "headName", "x"), ("Query", "id", "x"), ("Region", "code", "150921"), ("Region", "code", "")]
schemathesis.graphql.scalar("_Any", st.sampled_from(KNOWN + STRANGE).map(representation))
for scalar in SCHEMA.type_map.values():
    if isinstance(scalar, GraphQLScalarType) and scalar.name not in BUILT_IN:
        likely = st.sampled_from(LIKELY.get(scalar.name, ["1.00", "-1", "x"]))
        schemathesis.graphql.scalar(scalar.name, (likely | likely | st.text(max_size=20)).map(nodes.String))


@schemathesis.hook
def before_call(context, case, kwargs):
    """Three of four operations ask for what exists: else nearly all are refused for their first argument."""
    # The type of an abstract field is part of its answer, so that it can be checked.
    case.body = case.body.replace("... on ", "__typename ... on ", 1)
    draw = random.Random(case.body)
    if draw.random() < 0.25:
        return

    def one_that_exists(match):
        _, field, value = draw.choice([known for known in KNOWN if known[0].lower() == match[1]])
        return f'{match[1]}({field}: "{value}") {{'

    case.body = re.sub(r"\bid: (null|\"([^\"\\]|\\.)*\")", f'id: "{draw.choice(KNOWN_IDS)}"', case.body)
    case.body = re.sub(r"\b(household|person)\(.*?\) {", one_that_exists, case.body)
    case.body = re.sub(r"\bfirst: (null|-?\d+)", f"first: {draw.randint(1, 100)}", case.body)
    case.body = re.sub(r"\bafter: \"([^\"\\]|\\.)*\"", "after: null", case.body)


@schemathesis.check
def answers_as_the_schema_says(ctx, response, case):
    assert response.status_code == 200, response.status_code
    answer = response.json()
    for error in answer.get("errors", []):
        code = error.get("extensions", {}).get("code")
        assert code and code != "INTERNAL", error
    data = answer.get("data")
    if data is None:
        assert answer.get("errors"), "neither data nor errors"
        return
    # Executed once more over its own answer, every value is completed as its type.
    completed = execute(
        SCHEMA,
        parse(case.body),
        data,
        field_resolver=lambda source, info, **_: source[info.path.key],
        type_resolver=lambda value, *_: value["__typename"],
    )
    assert not completed.errors, completed.errors
    assert completed.data == data

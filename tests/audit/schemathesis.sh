#!/usr/bin/env bash
# Draws operations from the schema and asks a running `yihu serve --demo`: no status of 500 or more, no fault, no answer that
# is not as the schema says. Started by hand; takes some minutes. Arguments go to schemathesis: `--seed 7`, `-n 500`.
set -euo pipefail

VERSION=4.32.5
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
VENV=$ROOT/target/tools/schemathesis
[ -x "$VENV/bin/python" ] || python3 -m venv "$VENV"
"$VENV/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$VERSION"

export YIHU_URL=${YIHU_URL:-http://127.0.0.1:8000}
# The auditor reads everything of the whole country.
export YIHU_TOKEN=${YIHU_TOKEN:-$("${YIHU:-$ROOT/target/debug/yihu}" token --department AUDIT --role AUDITOR)}
# What it keeps of a run stays beside the program.
cd "$VENV"
SCHEMATHESIS_HOOKS="$ROOT/tests/audit/schemathesis/hooks.py" exec bin/schemathesis run "$ROOT/schema.graphql" \
    --url "$YIHU_URL/graphql" --header "Authorization: Bearer $YIHU_TOKEN" \
    --checks answers_as_the_schema_says --phases fuzzing --continue-on-failure --rate-limit auto "$@"

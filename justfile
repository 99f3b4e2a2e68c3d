# The commands of every day. `just` alone lists them.

_default:
    @just --list

# Serve the demonstration on an embedded database
demo *arguments:
    cargo run -- serve --demo {{ arguments }}

# Run a command of the server: `just run doctor --config yihu.toml`
run *arguments:
    cargo run -- {{ arguments }}

# Run the whole suite on both databases, or the tests whose name holds a word
test *filter:
    cargo test --workspace {{ filter }}

# Run the tests of one database only: `just on sqlite`, `just on postgres`
on database *filter:
    cargo test --test it {{ database }} {{ filter }}

# Everything that must pass before a change lands
ci:
    .ci/run

# Format, then lint as strictly as .ci/run does
lint:
    cargo fmt --all
    rustfmt src/departments/*/mod.rs migration/src/m*.rs
    cargo clippy --workspace --all-targets -- --deny warnings

# Write schema.graphql anew
schema:
    cargo run -- schema > schema.graphql

# Write the authorization matrix and the other committed texts anew
matrix:
    YIHU_WRITE_TEXTS=1 cargo test --test it committed_text

# The micro-benchmarks; the load bench against peers is bench/
bench *arguments:
    cargo bench {{ arguments }}

# The load bench: Yihu beside the least that its work costs, at 100,000 households
load *arguments:
    bench/run {{ arguments }}

# How well and how fast lists are matched with a register of a million persons
matching *arguments:
    cargo run --release --package matching-bench -- roster {{ arguments }}

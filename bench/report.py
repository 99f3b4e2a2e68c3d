"""The tables of the bench, and the goals that are held against them."""

# Where most runs are made, and where the goals are set.
MAIN_CONNECTIONS = 16
# CPU of server and database a request as a multiple of a limit's: what must be, what would be better.
CPU_GOALS = {
    "Q1": {"LIMIT-B": (3.0, 2.0)},
    "Q2": {"LIMIT-B": (0.8, 0.6), "LIMIT-C": (1.5, 1.2)},
    "Q3": {"LIMIT-B": (1.2, 0.7)},
    "M1": {"LIMIT-B": (1.6, 1.2)},
}
# Requests a second as a multiple of the best peer's.
RATE_GOALS = {"Q1": 3.0, "Q2": 2.0, "Q3": 1.2, "M1": 2.0}
# The slowest of a hundred as a multiple of LIMIT-B's.
P99_GOALS = {"Q1": 3.0, "M1": 3.0}
P99_GOAL = 2.0
MEMORY_GOAL_MB = 96
# Yihu behind row security, and its CPU a request as a multiple of what it has without.
WALLED, WALLED_GOAL = "Yihu walled", 1.25
# CPU a request of the largest database as a multiple of the smallest one's.
FLAT_GOAL = 1.15


def line(row):
    return (
        f"{row['server']:14} {row['operation']} {row['connections']:3} connections {row['rate']:9.1f}/s  "
        f"p50 {row['p50_us'] / 1000:8.2f} ms  p99 {row['p99_us'] / 1000:8.2f} ms  "
        f"CPU {row['server_us']:8.0f} + {row['database_us']:8.0f} us  memory {row['memory_mb']:5.0f} MB  "
        f"{row['kilobytes']:6.1f} KB  failed {int(row['failed'])}"
    )


def cpu(row):
    return row["server_us"] + row["database_us"]


class Run:
    """The rows of one database, by server, operation and connections."""

    def __init__(self, rows):
        self.rows = rows
        self.by = {(row["server"], row["operation"], row["connections"]): row for row in rows}
        self.peers = sorted({row["server"] for row in rows if row["is_peer"]})

    def of(self, row, server):
        return self.by.get((server, row["operation"], row["connections"]))

    def ratio(self, row, server, measure):
        """A measure of a row as a multiple of what another server had in the same place; none where that was not run."""
        other = self.of(row, server)
        return measure(row) / measure(other) if other and measure(other) else None

    def best_peer(self, row):
        found = [self.of(row, peer) for peer in self.peers]
        return max((one for one in found if one), key=lambda one: one["rate"], default=None)


def number(value):
    return "-" if value is None else f"{value:.2f}"


def table(title, rows):
    """All that was measured. Of the best peer: that with the most requests a second."""
    run = Run(rows)
    lines = [
        f"\n### {title}\n",
        "| operation | connections | server | requests/s | p50 ms | p99 ms | CPU us, server + database | of LIMIT-B | of LIMIT-C "
        "| of the best peer | statements | memory MB |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(rows, key=lambda row: (row["operation"], row["connections"])):
        best = run.best_peer(row)
        lines.append(
            f"| {row['operation']} | {row['connections']} | {row['server']} | {row['rate']:.0f}{failures(row)} | {row['p50_us'] / 1000:.2f} "
            f"| {row['p99_us'] / 1000:.2f} | {row['server_us']:.0f} + {row['database_us']:.0f} | {number(run.ratio(row, 'LIMIT-B', cpu))} "
            f"| {number(run.ratio(row, 'LIMIT-C', cpu))} | {number(run.ratio(row, best and best['server'], cpu))} "
            f"| {number(row['statements']).removesuffix('.00')} | {row['memory_mb']:.0f} |"
        )
    return "\n".join(lines)


def failures(row):
    """What was refused or broke is no throughput: it is said where it happened."""
    return f" (**{row['failed']:.0f} failed**)" if row["failed"] else ""


def at_most(value, must, stretch=None):
    if value is None:
        return "-"
    if value > must:
        return f"**{value:.2f} misses {must}**"
    return f"{value:.2f} stretch" if stretch and value <= stretch else f"{value:.2f} must"


def goals(title, rows):
    """Yihu held against the goals, operation by operation, at the main number of connections."""
    run = Run(rows)
    lines = [f"\n### Goals: {title}, {MAIN_CONNECTIONS} connections\n"]
    mine = [row for row in rows if row["server"] == "Yihu"]
    held = [row for row in mine if row["connections"] == MAIN_CONNECTIONS and run.of(row, "LIMIT-B")]
    if held:
        lines.append("| operation | CPU of LIMIT-B | CPU of LIMIT-C | requests/s of the best peer | p99 of LIMIT-B |")
        lines.append("|---|---|---|---|---|")
    for row in held:
        operation, best = row["operation"], run.best_peer(row)
        of_limits = []
        for limit in ("LIMIT-B", "LIMIT-C"):
            ratio, goal = run.ratio(row, limit, cpu), CPU_GOALS.get(operation, {}).get(limit)
            of_limits.append(at_most(ratio, *goal) if goal else number(ratio))
        rate, least = run.ratio(row, best and best["server"], lambda row: row["rate"]), RATE_GOALS.get(operation)
        faster = number(rate)
        if rate is not None:
            misses = least and rate < least
            faster = f"**{rate:.2f} ({best['server']}) misses {least}**" if misses else f"{rate:.2f} ({best['server']})" + " must" * bool(least)
        slowest = at_most(run.ratio(row, "LIMIT-B", lambda row: row["p99_us"]), P99_GOALS.get(operation, P99_GOAL))
        lines.append(f"| {operation} | {of_limits[0]} | {of_limits[1]} | {faster} | {slowest} |")
    walled = [row for row in rows if row["server"] == WALLED and row["connections"] == MAIN_CONNECTIONS]
    if walled:
        ratios = (f"{row['operation']} {at_most(run.ratio(row, 'Yihu', cpu), WALLED_GOAL)}" for row in walled)
        lines.append(f"\nCPU behind row security, of that without: {', '.join(ratios)}.")
    if mine:
        memory = max(row["memory_mb"] for row in mine)
        verdict = "within" if memory <= MEMORY_GOAL_MB else "**above**"
        lines.append(f"\nMemory, at most after a run: {memory:.0f} MB, {verdict} {MEMORY_GOAL_MB} MB.")
    return "\n".join(lines)


def flat(name, by_size):
    """CPU of one database engine's requests in databases of several sizes, in the order of their sizes."""
    sizes = list(by_size)
    lines = [
        f"\n### {name}: CPU us a request by the number of households, {MAIN_CONNECTIONS} connections\n",
        "| operation | server | " + " | ".join(sizes) + " | last of first |",
        "|---|---|" + "---|" * (len(sizes) + 1),
    ]
    runs = [Run(rows) for rows in by_size.values()]
    for row in (row for row in runs[0].rows if row["connections"] == MAIN_CONNECTIONS):
        same = [run.of(row, row["server"]) for run in runs]
        if all(same):
            ratio = cpu(same[-1]) / cpu(same[0])
            verdict = at_most(ratio, FLAT_GOAL) if row["server"] == "Yihu" else number(ratio)
            lines.append(f"| {row['operation']} | {row['server']} | " + " | ".join(f"{cpu(one):.0f}" for one in same) + f" | {verdict} |")
    return "\n".join(lines)

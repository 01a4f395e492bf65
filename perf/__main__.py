"""`python -m perf NAME [options] [--json]`: measure one of the figures in perf/README.md again."""

import argparse
import json
from collections.abc import Sequence

from perf.benchmark import Benchmark
from perf.dashboard.benchmark import DASHBOARD
from perf.dispatch import DISPATCH
from perf.door.benchmark import DOOR
from perf.emergency.benchmark import EMERGENCY
from perf.forecast.benchmark import FORECAST
from perf.makespan.benchmark import MAKESPAN
from perf.peers.benchmark import PEERS_BENCHMARK
from perf.profile import PROFILE
from perf.recovery.benchmark import RECOVERY
from perf.report import REPORT
from perf.soap.benchmark import SOAP
from perf.store_week.benchmark import STORE
from perf.workload.benchmark import WORKLOAD

NAMES: dict[str, Benchmark] = {
    "dashboard": DASHBOARD,
    "dispatch": DISPATCH,
    "door": DOOR,
    "emergency": EMERGENCY,
    "forecast": FORECAST,
    "makespan": MAKESPAN,
    "peers": PEERS_BENCHMARK,
    "profile": PROFILE,
    "recovery": RECOVERY,
    "report": REPORT,
    "soap": SOAP,
    "store": STORE,
    "workload": WORKLOAD,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    benchmark = NAMES[options.name]
    result = benchmark.measure(options)
    print(json.dumps(result) if options.json else benchmark.table(result))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m perf", description="Measure a figure again. perf/README.md says what each one means."
    )
    names = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    for name, benchmark in NAMES.items():
        options = names.add_parser(name, help=benchmark.summary, description=benchmark.summary)
        options.add_argument("--json", action="store_true", help="print one line of JSON")
        benchmark.add_options(options)
    return parser


if __name__ == "__main__":
    main()

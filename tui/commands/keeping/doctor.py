"""`callchain doctor`: what is wrong with a district, what that means and what to do about it."""

from typing import Annotated

import typer

from engine.doctor.examine import examine, has_problem
from engine.doctor.finding import Finding, Grade, amount
from tui.commands import say
from tui.commands.options import HOME, Home, Json

SIGNS = {Grade.OK: "ok", Grade.NOTE: "note", Grade.WARNING: "WARNING", Grade.PROBLEM: "PROBLEM"}


def doctor(
    home: Home = HOME,
    json: Json = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask neither carrier nor mail server.")] = False,
) -> None:
    """Examine a district: store, engine, carrier, jobs, schedules, roster, e-mail. Ends with 1 when there is a problem.

    It changes nothing and needs no engine.
    """
    findings = examine(home, network=not offline)
    if json:
        say.json(findings)
    else:
        _print(findings)
    if has_problem(findings):
        raise SystemExit(1)


def _print(findings: list[Finding]) -> None:
    """What needs somebody first and the rest after it, then the sum."""
    worst_first = sorted(findings, key=lambda finding: -list(Grade).index(finding.grade))
    for finding in worst_first:
        say.line(f"{SIGNS[finding.grade]:<8} {finding.topic}: {finding.says}")
        if finding.todo:
            say.line(f"{'':<8} → {finding.todo}")
    counts = {grade: sum(finding.grade is grade for finding in findings) for grade in Grade}
    problems, warnings = amount(counts[Grade.PROBLEM], "problem"), amount(counts[Grade.WARNING], "warning")
    say.line(f"{problems}, {warnings}, {len(findings)} findings in all.")

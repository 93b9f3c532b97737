"""`chargeback rules` and `chargeback explain`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chargeback.build import run_build
from chargeback.errors import ChargebackError
from chargeback.gate.numbers import money, plain
from chargeback.ownership.examples import EXAMPLES, Example, read_examples
from chargeback.ownership.explain import Explanation, Record, explain_event
from chargeback.ownership.rules import Rule, given_by_rule, read_rules
from chargeback.project import Project
from chargeback.warehouse import POSTGRES, Warehouse, open_warehouse

TargetOption = Annotated[
    str | None, typer.Option("--target", "-t", help="dbt target; default as in profiles.yml.")
]

rules_app = typer.Typer(
    help="List and test the ownership rules.", no_args_is_help=True, add_completion=False
)
explain_app = typer.Typer(
    help="Explain where a number comes from.", no_args_is_help=True, add_completion=False
)


@explain_app.callback()
def _explain() -> None:
    """Explain where a number comes from."""


@rules_app.command("list")
def list_command(target: TargetOption = None) -> None:
    """Print the ownership rules of the last build, in the order they are tried."""
    with open_warehouse(Project.find(target=target), read_only=True) as warehouse:
        rules = _rules(warehouse)
    table = _table("#", "Rule", "Holds when it has", "Gives")
    for rule in rules:
        table.add_row(str(rule.rank), plain(rule.rule_id), plain(rule.text), plain(rule.assign_to))
    Console(highlight=False).print(table)


@rules_app.command("test")
def test_command(target: TargetOption = None) -> None:
    """Build the rules and the directory, and check the examples of the seed ownership_examples.

    No event is touched. Exit code 1 when an example gets another team or rule than it says.
    """
    console = Console(highlight=False, soft_wrap=True)
    project = Project.find(target=target)
    # The test of the examples is what is printed below.
    result = run_build(project, console, select=f"+{EXAMPLES}", exclude="ownership_examples_hold")
    if result is not None and result.exit_code:
        raise ChargebackError("the rules could not be built: see above, and logs/dbt.log")
    with open_warehouse(project) as warehouse:
        rules, examples = _rules(warehouse), read_examples(warehouse)
        engine = warehouse.engine
    if engine == POSTGRES:
        # It drops the views of a table that is replaced.
        run_build(project, console, select="config.materialized:view")
    wrong = [example for example in examples if not example.is_as_expected]
    for example in examples:
        console.print(_example_line(example, rules))
    console.print(f"{len(examples)} examples: {len(examples) - len(wrong)} ok, {len(wrong)} wrong")
    if wrong:
        raise typer.Exit(1)


@explain_app.command("event")
def event_command(
    event: Annotated[str, typer.Argument(help="event_id, or the id that the source gave it.")],
    target: TargetOption = None,
) -> None:
    """Print whose an event is: the rules tried, what each found, and the one that won."""
    with open_warehouse(Project.find(target=target), read_only=True) as warehouse:
        print_explanation(Console(highlight=False), explain_event(warehouse, event))


def print_explanation(console: Console, found: Explanation) -> None:
    """Print an explanation: the event, and for each of its records what the rules gave."""
    console.print(
        Text(f"Event {found.event_id}", "bold").append(
            f"  {found.event_at:%Y-%m-%d %H:%M:%S} UTC, {plain(found.model_id)}, feature "
            f"{plain(found.feature_id)}, list cost {money(found.list_cost_usd)}",
            "not bold",
        )
    )
    by = f"by the rule {plain(found.rule_id)}" if found.rule_id else "because no rule gave a team"
    console.print(Text(f"Team {plain(found.team_id)} {by}\n"))
    deciding = next(
        (
            record
            for record in found.records
            if (record.rule_id, record.team_id) == (found.rule_id, found.team_id)
        ),
        None,
    )
    for record in found.records:
        _print_record(console, found, record, deciding)


def _print_record(
    console: Console, found: Explanation, record: Record, deciding: Record | None
) -> None:
    title = f"Told by {plain(record.source_name)} as {plain(record.source_event_id)}"
    if len(found.records) > 1:
        is_same = (record.rule_id, record.team_id) == (found.rule_id, found.team_id)
        title += (
            ": this record decides"
            if record is deciding
            else (": says the same" if is_same else ": another record has a stronger rule")
        )
    console.print(Text(title))
    table = _table("#", "Rule", "Looks at", "Finds", "Gives")
    has_won = False
    for rule in found.rules:
        team = record.gives.get(rule.rank)
        if team is None:
            said = Text("-", "dim")
        elif has_won:
            said = Text(f"would give {plain(team)}", "dim")
        else:
            said = Text(plain(team), "bold green")
            has_won = True
        seen = "; ".join(record.seen(name) for name, _ in rule.lines)
        table.add_row(str(rule.rank), plain(rule.rule_id), plain(rule.text), plain(seen), said)
    console.print(table)


def _example_line(example: Example, rules: list[Rule]) -> Text:
    by = f" by {plain(example.rule_id)}" if example.rule_id else ""
    line = Text("ok     " if example.is_as_expected else "wrong  ")
    line.stylize("green" if example.is_as_expected else "bold red")
    line.append(f"{plain(example.name)}: {plain(example.team_id)}{by}", "not bold default")
    if not example.is_as_expected:
        wanted = f" by {plain(example.expected_rule_id)}" if example.expected_rule_id else ""
        line.append(f", expected {plain(example.expected_team_id)}{wanted}", "not bold default")
        gives = given_by_rule(rules, example.trail)
        others = [
            f"{plain(rule.rule_id)} gives {plain(gives[rule.rank])}"
            for rule in rules
            if rule.rank in gives and rule.rule_id != example.rule_id
        ]
        if others:
            line.append(f" (later rules: {', '.join(others)})", "not bold dim")
    return line


def _rules(warehouse: Warehouse) -> list[Rule]:
    rules = read_rules(warehouse)
    if not rules:
        raise ChargebackError("there are no ownership rules: run chargeback build")
    return rules


def _table(*heads: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in heads:
        table.add_column(head, justify="right" if head == "#" else "left", overflow="fold")
    return table

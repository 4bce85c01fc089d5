"""The one command line, `expertpool`. Commands load when they are called, so that `--help` and pure ones are quick."""

import importlib
import sys
from typing import Final

import click

# name -> (module of service.cli, one line of help)
COMMANDS: Final = {
    "serve": ("serve", "Migrate, load the demonstration county when empty, and serve."),
    "demo": ("demo", "The demonstration county: load, clear, sample rosters."),
    "import": ("import_", "Read a roster of experts, or ties (import facts), from a file: dry run, then confirm."),
    "library": ("library", "Make official papers: roster, contact list, letter to a unit, yearly report."),
    "export": ("export", "Write the experts of the library to a spreadsheet."),
    "panel": ("panel", "Compose, check and draw panels, find the fairest lottery from a file; needs no database."),
    "conflicts": ("conflicts", "Check conflicts of interest from a file; needs no database."),
    "matter": ("matter", "Open matters; propose, draw and determine panels."),
    "schema": ("schema", "Print the JSON Schema of a format."),
    "matrix": ("matrix", "Which article is kept by which rule and proved by which test."),
    "edition": ("edition", "Show the edition of the regulation and the local policy."),
    "policy": ("policy", "Versions of the local policy of conflicts: list, draw up, publish."),
    "ledger": ("ledger", "Verify and prove the append-only record."),
    "signatures": ("signatures", "Signed documents: renew their archive time stamps."),
    "user": ("user", "Accounts: add the first, list, close, reset a password."),
    "backup": ("backup", "Make, verify and restore backups."),
    "doctor": ("doctor", "Rebuild projections from the record and compare."),
    "app": ("app", "The framework's own commands: routes, schema, run."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click calls it so
        """Return the names in the order of the table, which is the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click calls it so
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"service.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- same
        """List the commands with their help from the table, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="expertpool")
def expertpool() -> None:
    """The expert library and panel service for a county's major administrative decisions.

    Exit codes: 0 done, 2 bad input, 3 a rule says no, 4 stopped, 70 unforeseen.
    """


def main() -> None:
    """Run the command line; what nobody foresaw ends with 70 and its trace."""
    try:
        # Outside standalone mode click catches Exit itself and returns its code; commands return nothing else.
        if isinstance(code := expertpool(standalone_mode=False), int):
            sys.exit(code)
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(4)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        sys.exit(4)
    except click.ClickException as fault:
        fault.show()
        sys.exit(fault.exit_code)
    except Exception:  # noqa: BLE001 -- the last line of defence prints what happened
        import traceback

        traceback.print_exc()
        sys.exit(70)

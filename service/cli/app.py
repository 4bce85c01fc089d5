"""`expertpool app`: the framework's own commands on this application."""

import os

import click


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Hand over to `litestar` with the application set: `expertpool app routes`, `expertpool app schema openapi`."""
    os.environ["LITESTAR_APP"] = "service.asgi:create"
    from litestar.cli.main import litestar_group

    litestar_group.main(args=list(arguments), prog_name="expertpool app", standalone_mode=True)

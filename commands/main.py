"""`riftwatch`: finds the command, loads only that one, and turns errors into one sentence and an exit code."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from riftwatch import __version__
from riftwatch.errors import Retry, UserError

# Command -> (module, one line of help). Modules are imported when their command runs: --help stays quick.
COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("commands.up", "Run the broker and every role on this machine."),
    "demo": (
        "commands.demo",
        "Replay recorded feeds through the whole system, eighteen months in two minutes.",
    ),
    "process": ("commands.process", "Analyse stories and watch for shifts (the Faust worker)."),
    "rebuild": ("commands.rebuild", "Refill lost or empty topics and state from a store."),
    "verify": ("commands.verify", "Check that every story that was fed is stored or a dead letter."),
    "trace": ("commands.trace", "Follow one story through topics, dead letters and store."),
    "dead-letters": (
        "commands.dead_letters",
        "Look at what could not be processed, send it again, delete it.",
    ),
    "poll": ("commands.poll", "Poll the feeds and send what is new to Kafka."),
    "feeds": ("commands.feeds", "List, check and change the feeds that are polled."),
    "topics": ("commands.topics", "Create or check the topics in Kafka."),
    "watchlist": ("commands.watchlist", "Check the watchlist, and try what counts in a text and why."),
    "analyse": ("commands.analyse", "What the stream would read from stories, a line a story."),
    "judge": ("commands.judge", "Tone toward any target and relation of any pair, a line a sentence."),
    "sink": ("commands.sink", "Run a role that writes: search into the store, mail to people."),
    "backtest": ("commands.backtest", "Play a history through analyse and watch; print its shifts."),
    "desk": ("commands.desk", "Serve the pages."),
    "mail": ("commands.mail", "Look at alert mails, try the SMTP server, stop and resume all mail."),
    "deploy": ("commands.deploy", "Bring Elasticsearch or Kibana to what this version needs, or check it."),
    "testbed": ("commands.testbed.command", "Start, show and end real engines for tests and trials."),
    "config": ("commands.config", "Show the effective settings."),
}


TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h; 2 would tell `up` that only a person can help


class LazyGroup(click.Group):
    """A command group that imports a command's module only when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands from the table, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="riftwatch")
def cli() -> None:
    """Tell a newsroom when two actors fall out, or make up, while it happens.

    Exit codes: 0 done, 1 done but something in the input was bad, 2 could not run,
    75 could not run now, may later.
    """


def main() -> None:
    """Run the command line."""
    try:
        code = cli.main(prog_name="riftwatch", standalone_mode=False)
    except UserError as error:
        click.echo(f"riftwatch: {error}", err=True)
        sys.exit(error.exit_code)
    except Retry as error:
        click.echo(f"riftwatch: {error}; try again in a moment", err=True)
        sys.exit(TRY_AGAIN)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()

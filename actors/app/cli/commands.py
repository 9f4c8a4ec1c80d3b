"""The commands: name, the module whose `run` executes it, and one line for the help."""

import attrs

__all__ = ["COMMANDS", "Command", "help_text"]


@attrs.frozen
class Command:
    """`module` is imported only when the command is called."""

    name: str
    module: str
    summary: str


COMMANDS = (
    Command("init", "actors.app.cli.init", "Make a folder to start in: a card, bars, a profile, the next commands."),
    Command("new", "actors.app.cli.new", "Write a card to start from: CARD --kind trend, breakout, mean_reversion..."),
    Command("tour", "actors.app.cli.tour", "Run the shipped cards on a market the program makes; ends with a report."),
    Command("backtest", "actors.app.cli.backtest", "Run a card over candles: CARD --bars FILE."),
    Command(
        "run", "actors.app.cli.run", "Trade cards on Bybit, its demo account or the local exchange: CARD --profile P."
    ),
    Command(
        "rehearse", "actors.app.cli.rehearse", "Compare a card in the live stack with the simulator: CARD --bars FILE."
    ),
    Command("replay", "actors.app.cli.replay", "Run a journal's run again and compare everything that goes out."),
    Command("validate", "actors.app.cli.validate", "Check cards and tell everything that is wrong with them."),
    Command("explain", "actors.app.cli.explain", "Tell in words what a card does and needs."),
    Command("why", "actors.app.cli.why", "Tell why a card did what it did at a bar: CARD --bars FILE --at TIME."),
    Command("causality", "actors.app.cli.causality", "Prove that no value of a card looks ahead: CARD --bars FILE."),
    Command(
        "features", "actors.app.cli.features", "Write every feature of a card over bars: CARD --bars FILE --out FILE."
    ),
    Command("warmup", "actors.app.cli.warmup", "Tell how much history each feature needs: CARD --bars FILE."),
    Command("migrate", "actors.app.cli.migrate", "Print or write a card in the newest schema."),
    Command("schema", "actors.app.cli.schema", "Print the JSON Schema of a card, for an editor."),
    Command("tree", "actors.app.cli.tree", "Print the supervision tree of a profile."),
    Command("exchange", "actors.app.cli.exchange", "Serve the simulated exchange as Bybit v5 on loopback."),
    Command("journal", "actors.app.cli.journal", "Read a journal: verify, tail or export FILE."),
)


def help_text() -> str:
    """The overview; each command has a --help of its own."""
    width = max(len(command.name) for command in COMMANDS)
    lines = [f"  {command.name:<{width}}  {command.summary}" for command in COMMANDS]
    head = ["Usage: coldframe COMMAND [ARGUMENTS]", "", "Runs trading ideas: one card, one path, any market.", ""]
    tail = ["", "`coldframe COMMAND --help` lists its options; `coldframe --version` prints the version."]
    return "\n".join([*head, "Commands:", *lines, *tail])

"""The command line of `signoff`: every command and flag, with its help (SPEC 11)."""

from __future__ import annotations

import argparse
from pathlib import Path

from core import __version__
from core.arguments_exports import add_compare, add_export
from core.arguments_show import add_show

EXIT_CODES = """exit codes: 0 complete, 2 bad usage or input, 3 blocked on a decision, 4 blocked by a check or
rule, 5 stopped by the supervisor, 6 budget, 7 model or network fault, 1 a bug"""
LEVELS = ("conservative", "moderate", "aggressive")
REVIEWS = ("each", "findings", "never")
_AUTONOMOUS = "conservative, moderate or aggressive"


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="signoff",
        description="Supervise a language model that writes your backend, chunk by reviewed chunk.",
        epilog=EXIT_CODES,
    )
    parser.add_argument("--version", action="version", version=f"signoff {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _home(commands)
    _run(commands)
    _resume(commands)
    _demo(commands)
    _answer(commands)
    _undo(commands)
    _watch(commands)
    _replay(commands)
    _runs(commands)
    _journal(commands)
    _decide(commands)
    add_show(commands)
    add_compare(commands, _where)
    add_export(commands, _where)
    _kb(commands)
    _mcp(commands)
    _trust(commands)
    _doctor(commands)
    return parser


Commands = argparse._SubParsersAction  # the type has no public name


def _home(commands: Commands[argparse.ArgumentParser]) -> None:
    home = commands.add_parser(
        "home",
        help="stories and runs, those that need you first (also: signoff, without a command)",
        description="Shows the runs of a workspace, those that need you first, and its stories by stage.",
    )
    _where(home)


def _run(commands: Commands[argparse.ArgumentParser]) -> None:
    run = commands.add_parser(
        "run",
        help="run a story",
        description="Runs a story: the model works in chunks, you decide and review.",
        epilog=EXIT_CODES,
    )
    run.add_argument("feature_dir", type=Path, metavar="FEATURE_DIR", help="such as plans/features/wishlist")
    run.add_argument("story_id", metavar="STORY_ID", help="such as WISH-001")
    run.add_argument("--stage", help="the story's stage folder (default: in-progress first, then any)")
    run.add_argument("--worker", type=Path, metavar="FILE", help="a profile, backend (default) or frontend")
    _how_to_run(run)
    run.add_argument("--trust", action="store_true", help="trust this workspace from now on")


def _resume(commands: Commands[argparse.ArgumentParser]) -> None:
    resume = commands.add_parser(
        "resume",
        help="go on with a run that was interrupted, stopped or blocked",
        epilog=EXIT_CODES,
    )
    resume.add_argument("run", metavar="RUN", help="a run id, its beginning, or a story id (its newest run)")
    _how_to_run(resume)
    resume.add_argument("--trust", action="store_true", help="trust this workspace from now on")
    _where(resume)


def _demo(commands: Commands[argparse.ArgumentParser]) -> None:
    demo = commands.add_parser(
        "demo",
        help="run a sample story with scripted replies (no key, no model)",
        description=(
            "Copies a sample workspace and runs its story with scripted replies, through the same engine, "
            "tools, checks and files as a real run."
        ),
        epilog=EXIT_CODES,
    )
    demo.add_argument("--sample", default="python", help="python (default) or typescript")
    demo.add_argument("--variant", metavar="NAME", help="another course of the story, such as blocked")
    demo.add_argument("--into", type=Path, metavar="DIR", help="a folder that is empty or does not exist")
    demo.add_argument("--headless", action="store_true", help="no screen; the answers file stands in for you")
    demo.add_argument("--json", action="store_true", help="with --headless: one JSON record a line")
    demo.add_argument("--answers", metavar="FILE|none", help="with --headless: another answers file, or none")
    demo.add_argument("--speed", type=_speed, metavar="N", help="pace of the scripted replies (default 1)")


def _answer(commands: Commands[argparse.ArgumentParser]) -> None:
    answer = commands.add_parser(
        "answer",
        help="answer what a run waits for, without resuming it",
        description="Answers a decision (option or text) or a review (approve, request_changes, revert).",
    )
    answer.add_argument("run", metavar="RUN")
    answer.add_argument("request", metavar="REQUEST", help="the request's id, as `runs list` shows it")
    answer.add_argument("option", metavar="OPTION", help="an option's number or name, a text, or a verdict")
    answer.add_argument("--note", default="", help="why, for the record")
    _where(answer)


def _undo(commands: Commands[argparse.ArgumentParser]) -> None:
    undo = commands.add_parser(
        "undo",
        help="take the last approved chunk of a run back",
        description=(
            "Puts the files of the last approved chunk back as they were before it, byte for byte. For each "
            "file that you edited since, say what becomes of it; until then nothing is touched."
        ),
    )
    undo.add_argument("run", metavar="RUN")
    for choice, what in (
        ("keep", "leave this file as it is now"),
        ("merge", "take the chunk's change out of this file, and keep your edits"),
        ("back", "put this file back as it was before the chunk, without your edits"),
    ):
        undo.add_argument(f"--{choice}", action="append", default=[], metavar="PATH", help=what)
    _where(undo)


def _watch(commands: Commands[argparse.ArgumentParser]) -> None:
    watch = commands.add_parser(
        "watch",
        help="follow a live run from another terminal, read-only",
        description="Shows a run as it goes on, whoever drives it, and what becomes of its process.",
        epilog=EXIT_CODES,
    )
    watch.add_argument("run", metavar="RUN", help="a run id, its beginning, or a story id (its newest run)")
    watch.add_argument("--headless", action="store_true", help="no screen; a line per event until it ends")
    watch.add_argument("--json", action="store_true", help="with --headless: one JSON record a line")
    watch.add_argument("--tail", action="store_true", help="with --headless: only what comes from now on")
    _where(watch)


def _replay(commands: Commands[argparse.ArgumentParser]) -> None:
    replay = commands.add_parser(
        "replay",
        help="a past run on the screen, or a plain BACKEND-LOG.md of any origin",
        description="Opens a past run with a timeline under it. Nothing is changed, and nothing of the "
        "workspace but the run itself is read.",
    )
    replay.add_argument(
        "reference",
        metavar="RUN|LOG|JOURNAL|STORY",
        help="a run id, its beginning, a story id or its folder (its newest run), a journal, a log",
    )
    _where(replay)


def _runs(commands: Commands[argparse.ArgumentParser]) -> None:
    runs = commands.add_parser("runs", help="the runs of a workspace")
    inner = runs.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = inner.add_parser("list", help="all runs, those that need you first")
    listing.add_argument("--json", action="store_true")
    _where(listing)


def _journal(commands: Commands[argparse.ArgumentParser]) -> None:
    journal = commands.add_parser("journal", help="look at a run's journal")
    inner = journal.add_subparsers(dest="action", metavar="ACTION", required=True)
    show = inner.add_parser("show", help="its events, a line each")
    show.add_argument("run", metavar="RUN")
    show.add_argument("--json", action="store_true", help="one record a line")
    _where(show)
    verify = inner.add_parser("verify", help="whether it is whole: exit 0, or 1 and the first bad line")
    verify.add_argument("run", metavar="RUN")
    verify.add_argument("--json", action="store_true")
    _where(verify)
    repair = inner.add_parser(
        "repair",
        help="what can be done for a damaged one; asks on a terminal",
        description="Keeps what stands before the damage. The original is set aside, never deleted.",
    )
    repair.add_argument("run", metavar="RUN")
    repair.add_argument("--yes", action="store_true", help="do it (without a terminal it is only said)")
    repair.add_argument("--json", action="store_true", help="what was done, or would be")
    _where(repair)


def _decide(commands: Commands[argparse.ArgumentParser]) -> None:
    decide = commands.add_parser(
        "decide",
        help="what the policy says of a question, and why; or of a run's, at each autonomy level",
        description="Classifies a question and explains what would become of it. Nothing is asked.",
    )
    about = decide.add_mutually_exclusive_group(required=True)
    about.add_argument("--title", type=_said, metavar="T", help="the question, in a few words")
    about.add_argument("--what-if", metavar="RUN", help="a run's decisions under each autonomy level")
    decide.add_argument("--context", metavar="C", help="what it is about")
    decide.add_argument("--tier", type=int, choices=range(1, 6), help="the worker's view: 1 to 5")
    decide.add_argument("--risk", choices=("low", "medium", "high"))
    decide.add_argument("--architectural", action="store_true", help="the worker calls it architectural")
    decide.add_argument("--confidence", type=_share, metavar="X", help="the worker's, from 0 to 1")
    decide.add_argument("--has-convention", action="store_true", help="the project has a convention for it")
    decide.add_argument("--matches-pattern", action="store_true", help="it matches existing patterns")
    decide.add_argument("--reading", choices=("minimal", "expansive"), help="how the worker reads the scope")
    decide.add_argument("--autonomous", choices=LEVELS, metavar="LEVEL", help=_AUTONOMOUS)
    decide.add_argument("--config", type=Path, metavar="DIR", help="a folder with the three policy files")
    decide.add_argument("--json", action="store_true")
    _where(decide)


def _kb(commands: Commands[argparse.ArgumentParser]) -> None:
    kb = commands.add_parser("kb", help="the knowledge base: what earlier runs taught")
    inner = kb.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = inner.add_parser("add", help="keep a lesson, a decision or a note")
    add.add_argument("text", metavar="TEXT", help="what to keep; - reads it from the input")
    _kb_filters(add, role="dev", kind="note")
    search = inner.add_parser("search", help="the entries with these words, best first")
    search.add_argument("query", metavar="QUERY")
    _kb_filters(search, role="all", kind="")
    search.add_argument("--limit", type=int, choices=range(1, 51), default=10, metavar="N", help="1 to 50")
    search.add_argument("--min-confidence", type=_share, default=0.0, metavar="X", help="least relevance")
    search.add_argument("--json", action="store_true")
    load = inner.add_parser("import", help="what the files of a folder say: .md, .json, .jsonl, decisions")
    load.add_argument("dir", type=Path, metavar="DIR")
    stats = inner.add_parser("stats", help="how many entries there are, of what type")
    stats.add_argument("--json", action="store_true")
    for each in (add, search, load, stats):
        _where(each)


def _mcp(commands: Commands[argparse.ArgumentParser]) -> None:
    mcp = commands.add_parser("mcp", help="the tool servers that .mcp.json names")
    inner = mcp.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = inner.add_parser("list", help="each with its command and whether it is approved")
    listing.add_argument("--json", action="store_true")
    _where(listing)
    approve = inner.add_parser("approve", help="start one, show its tools and let workers use them")
    approve.add_argument("server", metavar="SERVER")
    approve.add_argument("--worker", type=Path, metavar="FILE", help="whose mcp_tools count")
    _where(approve)


def _kb_filters(parser: argparse.ArgumentParser, *, role: str, kind: str) -> None:
    parser.add_argument("--role", choices=("pm", "dev", "qa", "all"), default=role)
    parser.add_argument("--tag", action="append", default=[], metavar="TAG", help="may be given again")
    parser.add_argument("--type", default=kind, metavar="TYPE", help="such as decision, lesson, note")


def _trust(commands: Commands[argparse.ArgumentParser]) -> None:
    trust = commands.add_parser(
        "trust",
        help="trust a workspace: its type checker and tests may run",
        description="Remembers, outside the workspace, that its own programs and settings may be used.",
    )
    trust.add_argument("workspace", type=Path, nargs="?", default=Path("."))


def _doctor(commands: Commands[argparse.ArgumentParser]) -> None:
    doctor = commands.add_parser("doctor", help="what is installed, reachable, sandboxed, trusted")
    doctor.add_argument("--json", action="store_true")
    _where(doctor)


def _how_to_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        metavar="SPEC",
        help="anthropic (default), anthropic:NAME (or bedrock:, vertex:), scripted:FILE, recorded:RUN",
    )
    parser.add_argument("--autonomous", choices=LEVELS, metavar="LEVEL", help=_AUTONOMOUS)
    parser.add_argument(
        "--batch",
        action="store_const",
        const=True,
        help="queue questions of tiers 2 and 5; they come as one list at the chunk's end, or at five",
    )
    parser.add_argument("--review", choices=REVIEWS, help="when chunks are put to you (each|findings|never)")
    parser.add_argument("--headless", action="store_true", help="no screen; a line per event")
    parser.add_argument("--json", action="store_true", help="with --headless: one JSON record a line")
    parser.add_argument("--answers", metavar="FILE", help="with --headless: a file that stands in for you")
    parser.add_argument("--speed", type=_speed, metavar="N", help="pace of a scripted model")
    parser.add_argument("--max-cost", type=_positive, metavar="USD", help="pause and ask at this cost")
    parser.add_argument("--max-tokens", type=int, metavar="N", help="pause and ask at this many tokens")
    parser.add_argument(
        "--max-minutes", type=_positive, metavar="N", help="pause and ask after this much work"
    )
    parser.add_argument("--max-turns", type=int, metavar="N", help="pause and ask at this many model turns")


def _where(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workspace", type=Path, default=Path("."), metavar="DIR", help="the workspace (default: here)"
    )


def _speed(text: str) -> float:
    return _positive(text)


def _said(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("expected a text, not an empty one")
    return text


def _share(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 to 1")
    return number


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return number

"""The keys of home, in words: for its key bar, its help and the command palette."""

from __future__ import annotations

from core.home import HomeRun, HomeStory, Opening
from tui.keys import HELP, HelpEntry, KeyHint

QUIT = KeyHint("q", "quit", "quit")
SEARCH = KeyHint("/", "search", "search")
ENTER_WORDS: dict[Opening, str] = {
    "resume": "answer",
    "ask": "go on",
    "watch": "watch",
    "replay": "replay",
    "damage": "what is wrong",
    "wait": "open",
}
SEARCH_KEYS = (KeyHint("enter", "to the list"), KeyHint("esc", "clear", "back"))


def home_keys(
    row: HomeRun | HomeStory | None, actions: frozenset[str], *, narrowed: bool
) -> tuple[KeyHint, ...]:
    """What works on the row under the cursor, of which `actions` are those that do something now."""
    run = row if isinstance(row, HomeRun) else row.run if row is not None else None
    enter = ENTER_WORDS[run.opens] if run is not None else "start a run"
    if run is not None and run.opens == "resume" and run.asks == "review":
        enter = "review"
    return (
        *((KeyHint("enter", enter, "open"),) if row is not None else ()),
        *(hint for hint in ROW_KEYS if hint.action in actions),
        SEARCH,
        *((KeyHint("esc", "show all", "back"),) if narrowed else ()),
        KeyHint("s", "sort", "sort"),
        *(hint for hint in (KeyHint("t", "stage", "stage"),) if "stage" in actions),
        HELP,
        QUIT,
    )


ROW_KEYS = (
    KeyHint("r", "resume", "resume"),
    KeyHint("p", "replay", "replay"),
    KeyHint("w", "watch", "watch"),
    KeyHint("n", "new run", "new_run"),
    KeyHint("e", "export", "export"),
)

HELP_ENTRIES = (
    HelpEntry("enter", "the right thing: what waits, the live run, the replay, a new run of the story"),
    HelpEntry("r", "resume the run: it goes on where its journal ends"),
    HelpEntry("p", "replay the run, from its journal alone"),
    HelpEntry("w", "watch the run that another process drives; read-only"),
    HelpEntry("n", "a new run of the story; asks for model and autonomy first"),
    HelpEntry("e", "export the run: one HTML file in this folder that can be sent to somebody"),
    HelpEntry("1 2 3 4", "list all, those that need you, live ones, ended ones"),
    HelpEntry("t", "list one stage of stories only, the next one each time"),
    HelpEntry("s", "sort: those that need you first, newest, by story, by cost"),
    HelpEntry("/", "search: every word must be in the row; enter goes to the list, esc clears"),
    HelpEntry("esc", "show everything again"),
    HelpEntry("up down j k", "move; page up, page down, home, end too"),
    HelpEntry("ctrl+p", "every action by name; also the theme"),
    HelpEntry("q, ctrl+q", "quit; runs that other processes drive go on"),
)

PALETTE = (
    ("Open", "What is under the cursor (enter)", "open"),
    ("Resume the run", "It goes on where its journal ends (r)", "resume"),
    ("Replay the run", "From its journal alone (p)", "replay"),
    ("Watch the run", "Read-only, while another process drives it (w)", "watch"),
    ("New run of the story", "Asks for model and autonomy first (n)", "new_run"),
    ("Export the run", "One HTML file in this folder (e)", "export"),
    ("Search", "Every word must be in the row (/)", "search"),
    ("List: all", "Runs and stories (1)", "filter('all')"),
    ("List: those that need you", "2", "filter('needs')"),
    ("List: live runs", "3", "filter('live')"),
    ("List: ended runs", "4", "filter('ended')"),
    ("Next stage", "Of the stories (t)", "stage"),
    ("Sort", "The next order (s)", "sort"),
    ("Keys", "All of them (?)", "help"),
)
